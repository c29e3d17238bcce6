"""What people are told: every kind in every language, as they wish, once."""

import ast
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings as product
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone, translation
from pytest_django import Settings

from fairhand.kit.decision import Refusal
from fairhand.kit.money import Money
from fairhand.kit.sql import PACKAGE
from fairhand.people.audit import coming_from
from fairhand.people.mail import send
from fairhand.people.models import Account, Mail, Notice, Preference
from fairhand.people.notices import mail_to, tell
from fairhand.people.notices.digest import send_digests
from fairhand.people.notices.kinds import DAILY, KINDS, NEVER, PLACEHOLDER, Group, Kind
from fairhand.people.notices.reading import forget_notices, notices_of, read, read_all, unread
from fairhand.people.notices.stopping import read_stop, stop, stop_address
from fairhand.people.notices.wishes import wish_for, wish_of, wishes_of
from fairhand.people.notices.words import said
from tests.fakes.mail import deliver, mail_server, words_of
from tests.races.together import Team
from tests.world import World

pytestmark = pytest.mark.django_db
EUROS = Money(12_340_000, "EUR")
NASTY = '<b>"Ada" & %(x)s\r\nBcc: all@example.org {{ 7 }}</b>'
LANGUAGES = [code for code, _name in product.LANGUAGES]
ACCEPTED: dict[str, Any] = {"amount": EUROS, "batch": "Moods"}


def filled(kind: Kind, value: str = "Something") -> dict[str, Any]:
    """Parameters for all that a kind's words name."""
    known = {"amount": EUROS, "price": EUROS, "role": "manager"}
    return {name: known.get(name, value) for name in kind.needs}


class Tags(HTMLParser):
    """Whether HTML closes what it opens, and what it fetches."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br", "hr", "link", "img"}:
            self.open.append(tag)
        if tag in {"img", "link", "script", "style", "iframe"}:
            self.fetched.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_told_in_every_language_without_a_gap(
    world: World, settings: Settings, name: str, language: str
) -> None:
    kind, ada = KINDS[name], world.ada.account
    ada.language = language
    Preference.objects.create(account=ada, kind=name, mail="at_once", push=True)
    with coming_from(ip="192.0.2.7", agent="Firefox"):
        tell(ada, name, link="/work", **filled(kind))
    mail = Mail.objects.get()
    tags = Tags()
    tags.feed(mail.html)
    assert (tags.open, tags.fetched) == ([], [])
    for text in (mail.subject, mail.text, tags.words):
        assert text.strip()
        assert not PLACEHOLDER.search(text), text
        assert "%" not in text.replace(settings.BASE_URL, ""), text
        assert "{{" not in text
        assert "{%" not in text
    assert f"{settings.BASE_URL}/work" in mail.text
    assert (mail.stop_url == "") == kind.fixed
    assert ("192.0.2.7 · Firefox" in mail.text) == (kind.group == Group.SECURITY)
    with translation.override(language):
        words = said(name, Notice.objects.get().params)
    assert words.title == mail.subject
    assert f'lang="{language}"' in mail.html


def lines_of(world: World, name: str, language: str) -> set[str]:
    """The lines of the plain text of one kind's mail that are long enough to be a sentence."""
    ada = world.ada.account
    ada.language = language
    tell(ada, name, link="/work", **filled(KINDS[name]))
    words = re.sub(r"https?://\S+", "", Mail.objects.latest("pk").text)
    return {line for line in words.splitlines() if len(re.sub(r"[^A-Za-z]", "", line)) > 25}


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("name", KINDS)
def test_no_english_sentence_is_left_in_the_plain_text(
    world: World, name: str, language: str
) -> None:
    Preference.objects.create(account=world.ada.account, kind=name, mail="at_once", push=True)
    assert lines_of(world, name, "en") & lines_of(world, name, language) == set()


def test_what_to_do_fits_what_happened(world: World) -> None:
    told = {
        "second_factor_added": ("remove what you do not know", "/account/second/"),
        "recovery_code_used": ("new recovery codes", "/account/second/"),
        "new_browser": ("sign that browser out", "/account/browsers"),
        "password_changed": ("change your password", "/account"),
    }
    for name, (words, path) in told.items():
        tell(world.ada.account, f"security.{name}", **filled(KINDS[f"security.{name}"]))
        mail = Mail.objects.latest("pk")
        assert words in mail.text
        assert words in mail.html
        assert f"{product.BASE_URL}{path}" in mail.text


@pytest.mark.parametrize("name", KINDS)
def test_what_people_wrote_stays_text_in_every_kind(world: World, name: str) -> None:
    kind = KINDS[name]
    Preference.objects.create(account=world.oscar, kind=name, mail="at_once", push=True)
    Account.objects.filter(pk=world.oscar.pk).update(name=NASTY)
    world.oscar.refresh_from_db()
    tell(world.oscar, name, **filled(kind, NASTY))
    mail = Mail.objects.get()
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject + mail.text
    assert "<b>" not in mail.html
    assert "\nBcc:" not in mail.text


def test_a_name_with_a_line_break_makes_no_header(world: World, settings: Settings) -> None:
    with mail_server(settings) as server:
        tell(world.rita, "team.transferred", person=NASTY, organisation=NASTY)
        assert deliver() == 1
    (message,) = server.taken
    assert message["Bcc"] is None
    assert message["To"] == world.rita.email


def test_security_says_when_and_from_where_and_what_to_do(world: World) -> None:
    with coming_from(ip="192.0.2.7", agent="Firefox on Linux"):
        tell(world.ada.account, "security.password_changed")
    mail = Mail.objects.get()
    assert "From where: 192.0.2.7 · Firefox, Linux" in mail.text
    assert f"When: {timezone.now():%B}" in mail.text
    assert "Was this you?" in mail.text
    assert "No longer send me" not in mail.text + mail.html


def test_amounts_and_roles_are_said_in_the_readers_language(world: World) -> None:
    world.rita.language = "de"
    tell(world.rita, "money.deposited", amount=EUROS, organisation="Rita's Birds")
    assert "12,34\N{NO-BREAK SPACE}€" in Mail.objects.get().subject


def test_a_notice_of_a_transaction_that_fails_was_never_told(world: World) -> None:
    with transaction.atomic():
        tell(world.ada.account, "security.password_changed")
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
    assert not Mail.objects.exists()


def test_a_kind_a_parameter_or_a_link_that_cannot_be_is_a_fault(world: World) -> None:
    ada = world.ada.account
    with pytest.raises(ValueError, match="no kind"):
        tell(ada, "work.nonsense")
    with pytest.raises(ValueError, match="needs amount, batch"):
        tell(ada, "work.accepted")
    for link in ("https://evil.example", "//evil.example", "/\\evil.example", "work"):
        with pytest.raises(ValueError, match="no path"):
            tell(ada, "security.password_changed", link=link)
    assert not Notice.objects.exists()


def test_every_kind_that_the_code_tells_is_in_the_table_with_its_parameters() -> None:
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"tell", "mail_to"}:
                kind = node.args[1] if len(node.args) > 1 else None
                if isinstance(kind, ast.Constant) and "." in str(kind.value):
                    found.append((str(kind.value), {word.arg for word in node.keywords}))
    assert len(found) > 5
    for name, given in found:
        assert None in given or KINDS[name].needs <= given, name


def test_by_default_small_news_waits_for_the_daily_mail(world: World, settings: Settings) -> None:
    ada = world.ada.account
    with mail_server(settings) as server:
        for batch in ("Moods", "Birds"):
            tell(ada, "work.accepted", link="/earnings", amount=EUROS, batch=batch)
        assert not Mail.objects.exists()
        assert send_digests() == 1
        assert send_digests() == 0
        deliver()
    (message,) = server.taken
    assert message["Subject"] == "What happened since yesterday"
    assert words_of(message).count("Your work was accepted") == 2
    assert "“Birds”" in words_of(message)
    assert message["List-Unsubscribe"]


def test_who_was_told_nothing_or_has_read_it_gets_no_daily_mail(world: World) -> None:
    assert send_digests() == 0
    notice = tell(world.ada.account, "work.accepted", **ACCEPTED)
    read(world.ada.account, notice.pk)
    assert send_digests() == 0
    assert not Mail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_write_the_daily_mail_at_once_one_does(committed_world: World) -> None:
    for worker in (committed_world.ada, committed_world.ben):
        tell(worker.account, "work.accepted", **ACCEPTED)
    with Team(8) as team:
        assert sum(team.race(*[send_digests] * 8)) == 2
    assert Mail.objects.count() == 2


def test_a_wish_holds_for_what_comes_and_for_what_waits(world: World) -> None:
    ada = world.ada.account
    tell(ada, "work.accepted", **ACCEPTED)
    assert wish_for(ada, "work.accepted", mail=NEVER, push=False)
    tell(ada, "work.accepted", **ACCEPTED)
    assert send_digests() == 0
    assert Notice.objects.filter(account=ada).count() == 2
    assert wish_for(ada, "work.accepted", mail=Preference.Mail.AT_ONCE, push=True)
    tell(ada, "work.accepted", **ACCEPTED)
    assert Mail.objects.count() == 1


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.fixed])
@pytest.mark.parametrize("way", [DAILY, NEVER])
def test_security_and_decisions_cannot_be_turned_off(
    world: World, name: str, way: Preference.Mail
) -> None:
    ada = world.ada.account
    assert isinstance(wish_for(ada, name, mail=way, push=False), Refusal)
    assert not Preference.objects.exists()
    # Not even by a row that got there in some other way, or by a link that was made for it.
    Preference.objects.create(account=ada, kind=name, mail=way, push=False)
    assert read_stop(stop_address(ada, name).rpartition("/")[2]) is None
    tell(ada, name, **filled(KINDS[name]))
    assert Mail.objects.count() == 1


def test_a_link_ends_its_kind_for_its_reader_alone(world: World) -> None:
    ada, ben = world.ada.account, world.ben.account
    token = stop_address(ada, "work.accepted").rpartition("/")[2]
    found = read_stop(token)
    assert found == (ada, "work.accepted")
    stop(*found)
    assert wish_of(ada, KINDS["work.accepted"]).mail == NEVER
    assert wish_of(ben, KINDS["work.accepted"]).mail == DAILY
    for forged in (token[:-1], token + "x", "", "a:b", token.replace(":", "", 1)):
        assert read_stop(forged) is None


def test_the_daily_mails_link_ends_all_that_comes_daily(world: World) -> None:
    stop(world.ada.account, "digest")
    ways = {wish.mail for wish in wishes_of(world.ada.account).values()}
    assert ways == {Preference.Mail.AT_ONCE, NEVER}


def test_somebody_without_an_account_is_written_to_in_a_language(
    world: World, settings: Settings
) -> None:
    invited = {"person": "Rita", "organisation": "Rita's Birds", "role": "manager"}
    assert mail_to("new@example.org", "team.invited", language="de", link="/join/x", **invited)
    mail = Mail.objects.get()
    assert (mail.account, mail.to) == (None, "new@example.org")
    assert f"{settings.BASE_URL}/join/x" in mail.text
    assert 'lang="de"' in mail.html
    for bad in ("", "no address", "a@b", "a@example.org\nBcc: b@example.org"):
        assert isinstance(mail_to(bad, "team.invited", **invited), Refusal)
    settings.SENDS_MAIL = False
    assert isinstance(mail_to("new@example.org", "team.invited", **invited), Refusal)
    assert Mail.objects.count() == 1


def test_where_no_mail_is_sent_people_are_told_here_all_the_same(
    world: World, settings: Settings
) -> None:
    settings.SENDS_MAIL = False
    tell(world.ada.account, "security.password_changed")
    tell(world.ada.account, "work.accepted", **ACCEPTED)
    assert unread(world.ada.account) == 2
    assert not Mail.objects.exists()
    settings.SENDS_MAIL = True
    assert send_digests() == 0


def test_one_reads_ones_own_notices_only(world: World) -> None:
    mine = tell(world.ada.account, "security.signed_out")
    newer = tell(world.ada.account, "security.signed_out")
    assert read(world.ben.account, mine.pk) is None
    assert unread(world.ada.account) == 2
    assert read_all(world.ada.account, up_to=mine.pk) == 1
    assert unread(world.ada.account) == 1
    assert read(world.ada.account, newer.pk) == newer
    assert unread(world.ada.account) == 0
    assert list(notices_of(world.ada.account)) == [newer, mine]
    assert forget_notices() == 0


def test_the_bell_costs_one_query_that_looks_at_few_rows(
    world: World, django_assert_num_queries: object
) -> None:
    Notice.objects.bulk_create(
        [Notice(account=world.ada.account, kind="security.signed_out") for _ in range(300)]
    )
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert unread(world.ada.account) == 100


def test_a_kind_is_named_by_its_group_and_every_group_has_one() -> None:
    assert {kind.group for kind in KINDS.values()} == set(Group)
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", name) and len(name) <= 40 for name in KINDS)


def test_the_mail_of_a_notice_can_be_sent(world: World, settings: Settings) -> None:
    cache.clear()
    with mail_server(settings) as server:
        tell(world.ada.account, "decision.expelled", link="/account", reason="Too many puppets.")
        assert send(Mail.objects.get().pk)
    assert "Too many puppets. What you earned stays yours" in words_of(server.taken[0])
