"""AZ-8: a word of its own in every field of one tenant, portal and worker; nobody else ever reads it.

Everything is asked as the owner of another organisation, as another worker, as the staff of another
portal, as nobody, and as those who belong to a part of it: in pages, the API, archives, notices, mails,
logs and what is remembered.
"""

import base64
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from fairhand.people import membership
from fairhand.people.agreements import publish
from fairhand.people.keys import issue_key
from fairhand.people.models import (
    Account,
    AgreementText,
    Appeal,
    DataExport,
    IdentityCheck,
    Mail,
    Member,
    Notice,
    Portal,
    PortalInvitation,
    PortalMember,
    PortalStaff,
    Proof,
    Signature,
)
from fairhand.projects.batches import Terms, make_batch, make_project
from fairhand.projects.models import Batch, Project
from fairhand.web import limits
from fairhand.work.opening import open_batch
from fairhand.work.privacy.archive import packed
from fairhand.work.uploading import TaskRow, upload_tasks
from tests.privacy.planting import Planted, plant
from tests.rights.declared import operations
from tests.test_every_route import ROUTES, filled
from tests.web.conftest import BACKEND
from tests.world import GOOD, INTERFACE, World, caller, page_of, turn

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
HREF = re.compile(r'href="(/[^"#]*)"')
_count = itertools.count(10_000)
MOST = 200  # addresses that one visitor asks for
# By a part of the address: how the names begin that it takes.
KINDS: dict[str, tuple[str, ...]] = {
    "batches/": ("bat_",),
    "work/": ("bat_",),
    "media/<": ("bat_",),
    "projects/": ("prj_",),
    "team/": ("org_",),
    "requester/trail": ("org_",),
    "operator/portals": ("por_",),
    "account/portals": ("por_",),
    "accounts/<str:ref>": ("acc_", "wrk_"),
    "standing/": ("acc_", "wrk_"),
    "operator/agreements": ("prj_",),
    "agreements/": ("agr_", "sig_"),
    "appeals/": ("apl_",),
    "identity/": ("idc_", "prf_"),
    "privacy/": ("exp_",),
}
# What makes an address do something when it is only asked for, or ends the session.
LEAVES = ("logout", "language")


@dataclass
class Canaries:
    """The words by whose they are, and all names of what they stand in."""

    tenant: set[str] = field(default_factory=set)  # the organisation and its people alone
    work: set[str] = field(default_factory=set)  # whoever works on the batch reads these, too
    portal: set[str] = field(default_factory=set)  # its staff alone
    worker: set[str] = field(default_factory=set)
    refs: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def word(self, whose: set[str], letter: str) -> str:
        word = f"Canary{letter}{next(_count)}"
        whose.add(word)
        return word

    @property
    def all(self) -> set[str]:
        return self.tenant | self.work | self.portal | self.worker


@dataclass
class Aviary:
    """Who is there: A's own, and those who must never read it."""

    world: World
    canaries: Canaries
    ada: Planted
    wide: Portal  # portal A
    other: Portal
    sam: Account  # runs portal A
    petra: Account  # runs the other portal


@pytest.fixture(autouse=True)
def _without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "limit_of", lambda *_which, **_who: "")


@pytest.fixture
def aviary(world: World) -> Aviary:
    canaries = Canaries()
    ada = plant(world, world.ada, world.olga, "CanZ", operator=False)
    canaries.worker |= {word for word in ada.markers.values() if word.lower().startswith("canz")}
    wide, sam = _portal(canaries, "wide", canaries.portal)
    other, petra = _portal(canaries, "other", set())
    for worker in (world.ada,):
        PortalMember.objects.get_or_create(portal=wide, worker=worker)
    _tenant(canaries, world, wide)
    canaries.refs += [ada.account.ref, world.ada.ref]
    for model in (IdentityCheck, Proof, Appeal, Signature, DataExport):
        row = model._default_manager.order_by("pk").first()
        assert row is not None
        canaries.refs.append(row.ref)
    return Aviary(world, canaries, ada, wide, other, sam, petra)


def _portal(canaries: Canaries, name: str, words: set[str]) -> tuple[Portal, Account]:
    """A portal with somebody who runs it; its name and colours are for everybody."""
    portal = Portal.objects.create(slug=name, name=name.title(), host=f"{name}.test", open=True)
    word = canaries.word(words, "P").lower()
    staff = Account.objects.create_user(f"{word}@example.org", name=canaries.word(words, "P"))
    words.add(word)
    PortalStaff.objects.create(portal=portal, account=staff, role="manager")
    invitation = PortalInvitation.objects.create(
        portal=portal,
        digest=canaries.word(words, "P"),
        label=canaries.word(words, "P"),
        made_by=staff,
        expires_at="2100-01-01T00:00:00Z",
    )
    if name == "wide":
        canaries.refs += [portal.ref, staff.ref, portal.slug]
        canaries.numbers.append(invitation.pk)
    return portal, staff


def _tenant(canaries: Canaries, world: World, portal: Portal) -> None:
    """Rita's organisation: members, keys, a project with an agreement, a batch with tasks."""
    own, work = canaries.tenant, canaries.work
    organisation = world.organisation
    organisation.name = canaries.word(work, "W")  # workers read who asks
    organisation.save()
    world.rita.name = canaries.word(own, "T")
    world.rita.save()
    mail = f"{canaries.word(own, 'T')}@example.org".lower()
    own.add(mail)
    mara = Account.objects.create_user(mail, name=canaries.word(own, "T"))
    Member.objects.create(organisation=organisation, account=mara, role="viewer")
    invitation, token = membership.invite(
        world.rita, organisation, "viewer", mail.replace("@", "2@")
    )
    own.add(token)
    key, secret = issue_key(
        world.rita,
        name=canaries.word(own, "T"),
        scopes=["results:read"],
        organisation=organisation,
    )
    own |= {secret, key.digest}
    project = _project(canaries, world)
    batch = _batch(canaries, world, project, portal)
    text = {"en": (canaries.word(work, "W"), canaries.word(work, "W"))}
    version = publish("nda", project.ref, text, world.olga)
    canaries.refs += [organisation.ref, world.rita.ref, mara.ref, project.ref, batch.ref]
    canaries.refs += [version.agreement.ref, token]
    canaries.numbers += [invitation.pk, key.pk]
    assert AgreementText.objects.filter(version=version).exists()


def _project(canaries: Canaries, world: World) -> Project:
    own, work = canaries.tenant, canaries.work
    field_ = {**INTERFACE["fields"][0], "label": canaries.word(work, "W")}
    shown = {"heading": canaries.word(work, "W"), "text": canaries.word(work, "W")}
    return make_project(
        world.rita,
        world.organisation,
        name=canaries.word(own, "T"),
        interface={**INTERFACE, "fields": [field_]},
        instructions=[shown],
    )


def _batch(canaries: Canaries, world: World, project: Project, portal: Portal) -> Batch:
    """Offered through one portal alone; a column that is not shown stays the requester's."""
    own, work = canaries.tenant, canaries.work
    terms = Terms(name=canaries.word(work, "W"), price_micros=50_000, overlap=2)
    batch = make_batch(world.rita, project, terms)
    upload_tasks(
        batch,
        [
            TaskRow(
                n + 2,
                {"text": canaries.word(work, "W"), "note": canaries.word(own, "T")},
                canaries.word(own, "T"),
                GOOD if n < 2 else None,
            )
            for n in range(6)
        ],
    )
    Batch.objects.update(portals=[portal.ref])  # that of the planted rows as well
    batch.refresh_from_db()
    world.fund()
    assert open_batch(batch, world.rita.ref)
    batch.refresh_from_db()
    return batch


def addresses(canaries: Canaries) -> list[str]:
    """Every address of the site, filled with the names of what is A's and belongs there."""
    found = set()
    for route in ROUTES:
        if any(word in route for word in LEAVES) or route.startswith("gallery"):
            continue
        for name in _names(route, canaries) if "<" in route else [""]:
            found.add(filled(route, _filler(name, canaries)))
    return sorted(found)


def _names(route: str, canaries: Canaries) -> list[str]:
    """A's names of the kinds that an address may take; all kinds where it says none."""
    kinds = next((kinds for part, kinds in KINDS.items() if part in route), None)
    if kinds is None:
        return [canaries.refs[0], str(canaries.numbers[0])]
    return [name for name in canaries.refs if name.startswith(kinds)]


def _filler(name: str, canaries: Canaries) -> Any:
    known = {"action": "pause", "what": "results", "form": "csv", "kind": "nda", "state": "page"}
    numbers = {
        "number": str(canaries.numbers[-1]),
        "pk": "1",
        "page": "1",
        "item": "1",
        "view": "0",
    }
    return lambda part: {**known, **numbers}.get(part, name)


def reads(client: Client, places: Iterable[str], host: str) -> Iterator[tuple[str, str]]:
    """What each address answers, and each page that is linked there, once."""
    seen: set[str] = set()
    waiting = list(places)
    while waiting:
        place = waiting.pop()
        if place in seen or any(word in place for word in LEAVES) or len(seen) > MOST:
            continue
        seen.add(place)
        answer: Any = client.get(place, headers={"host": host})
        raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = raw.decode("utf-8", "replace") + str(dict(answer.headers))
        # What was asked for may be named in the answer: only what it adds is a leak.
        yield place, text.replace(place, "")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting += [link for link in HREF.findall(text) if not link.startswith("/static/")]


def leaks(text: str, words: set[str]) -> list[str]:
    """Which of the words stand in a text."""
    folded = text.lower()
    return sorted(word for word in words if word.lower() in folded)


def browser(account: Account | None) -> Client:
    client = Client(raise_request_exception=False)
    if account is not None:
        client.force_login(account, backend=BACKEND)
    return client


AT_THE_PORTAL = {"another portal's manager", "this portal's manager", "the worker"}


def strangers(aviary: Aviary) -> dict[str, tuple[Account | None, set[str]]]:
    """Who asks, and which words are none of their business."""
    world, words = aviary.world, aviary.canaries
    return {
        "nobody": (None, words.all),
        "another organisation's owner": (world.oscar, words.all),
        "another worker": (world.ben.account, words.all),
        "another portal's manager": (aviary.petra, words.all),
        "this portal's manager": (aviary.sam, words.tenant | words.worker),
        "the tenant's owner": (world.rita, words.worker | words.portal),
        "the worker": (aviary.ada.account, words.tenant | words.portal),
    }


@pytest.mark.parametrize(
    "who",
    [
        *("nobody", "another organisation's owner", "another worker", "another portal's manager"),
        *("this portal's manager", "the tenant's owner", "the worker"),
    ],
)
def test_no_word_of_theirs_is_read_by_whom_it_does_not_concern(
    aviary: Aviary, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    account, forbidden = strangers(aviary)[who]
    client = browser(account)
    places = addresses(aviary.canaries)
    found, count = [], 0
    host = "wide.test" if who in AT_THE_PORTAL else "testserver"
    for place, text in reads(client, places, host):
        count += 1
        found += [(place, word) for word in leaks(text, forbidden)]
    assert found == []
    assert count >= min(len(places), MOST), "everything was asked for"
    # The worker's own rows are of kinds that do not exist: a fault on their page names the kind.
    words = forbidden if who == "the worker" else aviary.canaries.all
    assert leaks(caplog.text, words) == []
    assert leaks(remembered(), words) == []


def test_programs_of_others_read_none_of_it(aviary: Aviary) -> None:
    world, words = aviary.world, aviary.canaries
    scopes = ["results:read", "batches:read", "projects:read"]
    known = [scope for scope in scopes if scope in {o.details["x-scope"] for o in operations()}]
    secrets = {
        "oscar": issue_key(
            world.oscar, name="b", scopes=known, organisation=world.other_organisation
        )[1],
        "ben": issue_key(world.ben.account, name="b", scopes=["work"])[1],
    }
    found = []
    for operation in operations():
        if operation.method != "GET":
            continue
        for name in words.refs:
            path = "/api/v1" + re.sub(r"\{\w+\}", name, operation.path)
            for who, secret in secrets.items():
                answer: Any = Client(raise_request_exception=False).get(
                    path, headers={"authorization": f"Bearer {secret}"}
                )
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                text = body.decode("utf-8", "replace").replace(path, "").replace(name, "")
                found += [(who, path, word) for word in leaks(text, words.all)]
    assert found == []


def test_a_page_of_the_batch_shows_its_worker_no_more_than_is_shown(aviary: Aviary) -> None:
    world, words = aviary.world, aviary.canaries
    batch = Batch.objects.filter(portals=[aviary.wide.ref]).order_by("-pk")[0]
    refused = turn(caller(world.ben), batch)
    assert refused.page is None
    assert leaks(str(refused.refusal), words.all) == []
    Batch.objects.filter(pk=batch.pk).update(portals=[])
    publish_nothing_new(aviary)
    page = str(page_of(turn(caller(world.ben), batch)))
    assert leaks(page, words.work), "the page shows what is to be seen"
    assert leaks(page, words.tenant | words.worker | words.portal) == []


def publish_nothing_new(aviary: Aviary) -> None:
    """The project asks for no signature any more: this test is about what a page shows."""
    project = Project.objects.filter(batches__name__in=aviary.canaries.work).order_by("-pk")[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "update people_agreement set ended_at = now() where scope = %s or scope = ''",
            [project.ref],
        )


def test_archives_notices_and_mails_of_others_hold_none_of_it(aviary: Aviary) -> None:
    world, words = aviary.world, aviary.canaries
    for account in (world.ben.account, world.oscar, aviary.petra):
        with zipfile.ZipFile(io.BytesIO(packed(account))) as archive:
            text = "\n".join(
                archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
            )
        assert leaks(text, words.all) == []
        told = Notice.objects.filter(account=account).values_list("params", "link")
        assert leaks(str(list(told)), words.all) == []
        mails = Mail.objects.filter(account=account).values_list("subject", "text", "html", "to")
        assert leaks(str(list(mails)), words.all) == []


def test_the_canaries_are_alive(aviary: Aviary) -> None:
    """Were no word anywhere, the tests above would see nothing: their owners do read them."""
    words = aviary.canaries
    assert min(len(each) for each in (words.tenant, words.work, words.portal, words.worker)) > 3
    rita = browser(aviary.world.rita)
    text = "".join(text for _place, text in reads(rita, addresses(words), "testserver"))
    assert len(leaks(text, words.tenant)) > 5
    assert len(leaks(text, words.work)) > 3
    ada = browser(aviary.ada.account)
    mine = "".join(text for _place, text in reads(ada, addresses(words), "wide.test"))
    assert len(leaks(mine, words.worker)) > 3
    sam = browser(aviary.sam)
    run = "".join(text for _place, text in reads(sam, ["/portal"], "wide.test"))
    assert leaks(run, words.portal)


def remembered() -> str:
    """What the cache keeps, as it would be read out of the table."""
    cache.get("any")
    with connection.cursor() as cursor:
        cursor.execute("select cache_key, value from kit_cache")
        rows = cursor.fetchall()
    return "".join(key + base64.b64decode(value).decode("utf-8", "replace") for key, value in rows)
