"""Publishing and signing: what counts, what is kept, and what is refused with nothing changed."""

import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest
from django.db import connection, connections
from django.db.utils import DatabaseError

from fairhand.kit.decision import Refused, UnusableInput
from fairhand.people import agreements, gates
from fairhand.people.audit import coming_from
from fairhand.people.models import Account, Agreement, AgreementVersion, Portal, Signature
from tests.world import World, count, rows

TEXT = "Say nothing.\n\nTo nobody."
TEXTS = {"en": ("Quiet", TEXT), "de": ("Still", "Sage nichts.")}
TABLES = ("people_agreement", "people_agreementversion", "people_agreementtext")


def state() -> tuple[int, ...]:
    """What no refusal may change."""
    tables = (*TABLES, "people_signature", "people_event", "people_rules")
    return (*map(count, tables), rows("select stamp from people_rules")[0][0])


def published(world: World, text: str = TEXT, scope: str = "") -> Agreement:
    agreements.publish("nda", scope, {**TEXTS, "en": ("Quiet", text)}, world.olga)
    return Agreement.objects.get(kind="nda", scope=scope)


def signed(account: Account, agreement: Agreement, text: str = TEXT, **other: Any) -> Signature:
    version = agreements.newest(agreement)
    assert version is not None
    shown: dict[str, object] = {
        "version": version.number,
        "language": "en",
        "digest": agreements.digest_of("Quiet", text),
        "name": "Ada Lovelace",
        **other,
    }
    return agreements.sign(account, agreement, **shown)  # type: ignore[arg-type]


@pytest.fixture
def refused() -> Callable[[Callable[[], object]], str]:
    """Whether something is refused, and nothing was changed by it."""

    def look(do: Callable[[], object]) -> str:
        before = state()
        with pytest.raises(Refused) as error:
            do()
        assert state() == before
        return error.value.refusal.code

    return look


def test_a_signature_says_who_when_what_and_from_where(world: World) -> None:
    agreement = published(world)
    before = gates.stamp_of(world.ada)
    with coming_from(ip="192.0.2.7", agent="Firefox"):
        made = signed(world.ada.account, agreement, name="  Ada \t Lovelace ")
    kept = Signature.objects.get(ref=made.ref)
    assert (kept.name, kept.ip, kept.agent) == ("Ada Lovelace", "192.0.2.7", "Firefox")
    assert kept.digest == hashlib.sha256(f"Quiet\n{TEXT}".encode()).hexdigest()
    assert abs((datetime.now(UTC) - kept.at).total_seconds()) < 60
    assert gates.stamp_of(world.ada) == before + 1


def test_signing_twice_is_signing_once(world: World) -> None:
    agreement = published(world)
    first = signed(world.ada.account, agreement)
    events = count("people_event")
    assert signed(world.ada.account, agreement, name="Somebody else") == first
    assert Signature.objects.get().name == "Ada Lovelace"
    assert count("people_event") == events


def test_an_old_version_cannot_be_signed(
    world: World, refused: Callable[[Callable[[], object]], str]
) -> None:
    agreement = published(world)
    published(world, "Say even less.")
    assert refused(lambda: signed(world.ada.account, agreement, version=1)) == "new_version"
    assert refused(lambda: signed(world.ada.account, agreement, version=3)) == "new_version"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"digest": "0" * 64}, "other_words"),
        ({"language": "de"}, "other_words"),
        ({"language": "xx"}, "other_words"),
        ({"name": "  "}, "no_name"),
        ({"name": "a" * 121}, "no_name"),
        ({"name": "Ada\0"}, "no_name"),
        ({"name": "Ada\u202eeve"}, "no_name"),
    ],
)
def test_what_was_not_shown_or_is_no_name_signs_nothing(
    world: World,
    refused: Callable[[Callable[[], object]], str],
    other: dict[str, Any],
    code: str,
) -> None:
    agreement = published(world)
    assert refused(lambda: signed(world.ada.account, agreement, **other)) == code


def test_an_ended_agreement_is_asked_of_nobody_and_returns_with_a_new_version(
    world: World, refused: Callable[[Callable[[], object]], str]
) -> None:
    agreement = published(world)
    assert agreements.end(agreement, world.olga)
    assert not agreements.end(agreement, world.olga)
    assert agreements.in_force([""]) == []
    assert refused(lambda: signed(world.ada.account, agreement)) == "agreement_ended"
    published(world)  # the same words: they are not in force any more
    assert agreements.in_force([""]) == [agreement]
    assert [one.number for one in agreement.versions.order_by("number")] == [1, 2]


def test_only_administrators_publish_for_the_site_and_for_portals(
    world: World, refused: Callable[[Callable[[], object]], str]
) -> None:
    portal = Portal.objects.create(slug="one", name="One", host="one.example.org")
    for scope in ("", portal.ref):
        for kind in ("terms", "privacy", "nda"):
            text = {"en": ("Quiet", TEXT)}
            do = lambda: agreements.publish(kind, scope, text, world.rita)  # noqa: B023, E731
            assert refused(do) == "duty_missing"


def test_a_project_asks_for_confidentiality_only(
    world: World, refused: Callable[[Callable[[], object]], str]
) -> None:
    def publish(kind: str) -> AgreementVersion:
        return agreements.publish(kind, world.project.ref, TEXTS, world.rita)

    assert refused(lambda: publish("terms")) == "only_nda"
    assert publish("nda").number == 1


def test_the_same_words_are_not_published_twice(
    world: World, refused: Callable[[Callable[[], object]], str]
) -> None:
    published(world)
    assert refused(lambda: published(world, "Say nothing.  \r\n\r\nTo nobody.\n")) == "same_words"


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"en": ("", " ")},
        {"en": ("Quiet", "")},
        {"en": ("", "Say nothing.")},
        {"en": ("Q" * 121, "Say nothing.")},
        {"en": ("Quiet", "Say\0nothing.")},
        {"xx": ("Quiet", "Say nothing.")},
    ],
)
def test_texts_that_cannot_be_used_publish_nothing(
    world: World, texts: dict[str, tuple[str, str]]
) -> None:
    before = state()
    with pytest.raises(UnusableInput):
        agreements.publish("nda", "", texts, world.olga)
    assert state() == before


@pytest.mark.parametrize(
    "change",
    [
        "update people_signature set name = 'Eve'",
        "delete from people_signature",
        "truncate people_signature cascade",
        "update people_agreementtext set text = 'Say all.'",
        "delete from people_agreementtext",
        "update people_agreementversion set number = 7",
        "delete from people_agreementversion",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_the_database_itself_keeps_what_was_published_and_signed(world: World, change: str) -> None:
    signed(world.ada.account, published(world))
    before = rows("select * from people_signature, people_agreementtext order by 1, 2, 3")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(change)
    assert rows("select * from people_signature, people_agreementtext order by 1, 2, 3") == before


def test_a_reader_gets_their_language_or_english_or_the_first(world: World) -> None:
    agreement = published(world)
    version = agreements.newest(agreement)
    assert version is not None
    assert agreements.text_for(version, "de").title == "Still"
    assert agreements.text_for(version, "es").title == "Quiet"
    assert agreements.titles_of([agreement.ref, "agr_none"], "de") == {agreement.ref: "Still"}
    agreements.publish("terms", "", {"it": ("Regole", "Uno.")}, world.olga)
    version = agreements.newest(Agreement.objects.get(kind="terms"))
    assert version is not None
    assert agreements.text_for(version, "es").title == "Regole"


def test_a_copy_on_paper_has_the_words_and_the_record_and_never_changes(world: World) -> None:
    text = "Say #nothing *to* $nobody$ \\ <b>ever</b>.\nNot even [this].\n\n= No heading"
    agreement = published(world, text)
    made = signed(world.ada.account, agreement, text, name="Ada #panic()")
    first = agreements.pdf_of(made)
    assert agreements.pdf_of(Signature.objects.get(pk=made.pk)) == first
    page = pypdfium2.PdfDocument(first)[0].get_textpage().get_text_range()
    for words in ("Say #nothing *to* $nobody$ \\ <b>ever</b>.", "Not even [this].", "= No heading"):
        assert words in page
    for fact in (
        "Ada #panic()",
        made.ref,
        world.ada.account.ref,
        made.digest[:20],
        f"{made.at:%H:%M:%S}",
    ):
        assert fact in page


def test_changes_are_shown_by_paragraph() -> None:
    found = agreements.changes("One.\n\nTwo.\n\nThree.", "One.\n\nTwo and a half.\n\nThree.")
    assert [(one.kind, one.text) for one in found] == [
        ("same", "One."),
        ("removed", "Two."),
        ("added", "Two and a half."),
        ("same", "Three."),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_make_two_versions(world: World) -> None:
    errors: list[Exception] = []

    def one(text: str) -> None:
        try:
            agreements.publish("nda", "", {"en": ("Quiet", text)}, world.olga)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(f"Say {n}.",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert list(AgreementVersion.objects.order_by("number").values_list("number", flat=True)) == [
        1,
        2,
        3,
        4,
    ]


@pytest.mark.parametrize("name", ["x", "Grace", "Ada-Lovelace"])
def test_half_a_name_is_no_signature(
    world: World, refused: Callable[[Callable[[], object]], str], name: str
) -> None:
    agreement = published(world)
    assert refused(lambda: signed(world.ada.account, agreement, name=name)) == "no_full_name"


def test_whoever_has_one_name_signs_with_it(world: World) -> None:
    agreement = published(world)
    assert " " not in world.ada.account.name
    name = world.ada.account.name.upper()
    assert signed(world.ada.account, agreement, name=name).name == name
