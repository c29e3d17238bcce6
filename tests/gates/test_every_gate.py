"""Each gate, by each way to prove who one is, before each thing that it protects (AU-6)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from fairhand.people import agreements, consents, gates, profile
from fairhand.people.gates import changed_for
from fairhand.people.models import Agreement, IdentityCheck, IdentityState, Portal
from fairhand.people.phone import forget_phone, keep_phone
from fairhand.projects.models import Batch
from tests.api.test_turn import OURS, Answer, with_key, with_session
from tests.media.cast import address, birds
from tests.portals.scene import browser, portal
from tests.world import World, rows

Scope = Callable[[World, Portal], str]


@pytest.fixture(autouse=True)
def _numbers_can_be_proven(settings: Any) -> None:
    settings.PHONE_URL = "console:"


@dataclass(frozen=True)
class Way:
    """How Ada comes: by a session or a key, and to which host."""

    by: str
    second: bool

    def host(self, door: Portal) -> str:
        return door.host if self.second else "testserver"

    def turn(self, world: World, door: Portal, batch: Batch, body: Any = None) -> Answer:
        who = with_key(world) if self.by == "key" else with_session(world.ada.account)
        origin = {**OURS, "HTTP_ORIGIN": f"http://{self.host(door)}"}
        return Answer(batch, body, **who, **origin, HTTP_HOST=self.host(door))

    def browser(self, world: World, door: Portal) -> Client:
        return browser(door if self.second else None, world.ada.account)


WAYS = {
    "session": Way("session", second=False),
    "key": Way("key", second=False),
    "session of a portal": Way("session", second=True),
    "key at a portal": Way("key", second=True),
}


@dataclass(frozen=True)
class Gate:
    """How a gate is asked for, how Ada opens it, and how it closes behind her."""

    gates: tuple[str, ...]
    open_it: Callable[[World, Portal], None]
    close_it: Callable[[World, Portal], None]
    only_portal: bool = False


def email(world: World, verified: bool) -> None:
    address = {"user": world.ada.account, "email": world.ada.account.email}
    EmailAddress.objects.update_or_create(
        **address, defaults={"verified": verified, "primary": True}
    )
    changed_for(world.ada)


def factor(world: World, wanted: bool) -> None:
    mine = Authenticator.objects.filter(user=world.ada.account)
    mine.delete()
    if wanted:
        Authenticator.objects.create(user=world.ada.account, type="totp", data={})
    changed_for(world.ada)


def identity(world: World, verified: bool) -> None:
    """Verified; or so no more, because what was shown has expired."""
    IdentityCheck.objects.filter(worker=world.ada).delete()
    if verified:
        until = timezone.now() + timedelta(days=30)
        state = IdentityState.VERIFIED
        IdentityCheck.objects.create(worker=world.ada, state=state, valid_until=until)
    changed_for(world.ada)


def tell(field: str, value: Any) -> Callable[[World, Portal], None]:
    def do(world: World, _door: Portal) -> None:
        assert profile.tell(world.ada, field, value)

    return do


def withdraw(field: str) -> Callable[[World, Portal], None]:
    def do(world: World, _door: Portal) -> None:
        profile.withdraw(world.ada, field)

    return do


def consent(world: World, given: bool) -> None:
    account = world.ada.account
    if given:
        digest = consents.digest_of("photos", "en")
        assert consents.give(account, "photos", language="en", digest=digest)
    else:
        assert consents.withdraw(account, "photos")


def publish(scope: Scope, kind: str = "nda") -> Callable[[World, Portal], None]:
    """A new version is what closes the gate of an agreement."""

    def do(world: World, door: Portal) -> None:
        found = Agreement.objects.filter(kind=kind, scope=scope(world, door)).first()
        number = found.versions.count() if found is not None else 0
        words = {"en": ("Quiet", f"Say nothing. {number}")}
        by = world.rita if kind == "nda" else world.olga
        agreements.publish(kind, scope(world, door), words, by)

    return do


def sign(scope: Scope, kind: str = "nda") -> Callable[[World, Portal], None]:
    def do(world: World, door: Portal) -> None:
        agreement = Agreement.objects.get(kind=kind, scope=scope(world, door))
        version = agreements.newest(agreement)
        assert version is not None
        text = agreements.text_for(version, "en")
        shown = {"version": version.number, "language": "en", "digest": text.digest}
        agreements.sign(world.ada.account, agreement, **shown, name="Ada")  # type: ignore[arg-type]

    return do


def of_site(_world: World, _door: Portal) -> str:
    return ""


def of_portal(_world: World, door: Portal) -> str:
    return door.ref


def of_project(_world: World, _door: Portal) -> str:
    return Batch.objects.get().project.ref


GATES = {
    "email": Gate(("email",), lambda w, _d: email(w, True), lambda w, _d: email(w, False)),
    "phone": Gate(
        ("phone",),
        lambda w, _d: keep_phone(w.ada.account, "+390412345678"),
        lambda w, _d: _done(forget_phone(w.ada.account)),
    ),
    "factor": Gate(("factor",), lambda w, _d: factor(w, True), lambda w, _d: factor(w, False)),
    "identity": Gate(
        ("identity",), lambda w, _d: identity(w, True), lambda w, _d: identity(w, False)
    ),
    "site's terms": Gate((), sign(of_site, "terms"), publish(of_site, "terms")),
    "portal's terms": Gate(
        (), sign(of_portal, "terms"), publish(of_portal, "terms"), only_portal=True
    ),
    "project's nda": Gate((), sign(of_project), publish(of_project)),
    "profile": Gate(
        ("profile:languages",), tell("languages", {"it": "native"}), withdraw("languages")
    ),
    "age": Gate(("age:18",), tell("birth_date", "1990-05-17"), withdraw("birth_date")),
    "risk": Gate(("risk:violence",), tell("risks", ["violence"]), withdraw("risks")),
    "consent": Gate(
        ("consent:photos",), lambda w, _d: consent(w, True), lambda w, _d: consent(w, False)
    ),
}
each_gate = pytest.mark.parametrize("gate", GATES.values(), ids=GATES.keys())
# A portal asks nothing of whoever does not come through it.
each_gate_and_way = pytest.mark.parametrize(
    ("gate", "way"),
    [
        pytest.param(gate, way, id=f"{gate_name}, {way_name}")
        for gate_name, gate in GATES.items()
        for way_name, way in WAYS.items()
        if way.second or not gate.only_portal
    ],
)


def _done(_answer: object) -> None:
    """What a verb answers where only that it was done matters."""


@pytest.fixture(autouse=True)
def _pictures(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_FOLDER = tmp_path / "media"


def scene(world: World, gate: Gate, way: Way, *, pictures: bool = False) -> tuple[Portal, Batch]:
    """A batch behind this gate, which is closed, and a portal that Ada joined."""
    email(world, verified=True)
    door = portal(world, "one", world.ada)
    if pictures:  # each is drawn by a process of its own, so there is one
        batch = birds(world, tasks=1, gates=gate.gates)
    else:
        batch = world.batch(tasks=8, page_size=2, gates=gate.gates)
    gate.close_it(world, door)
    return door, batch


def facts() -> list[tuple[Any, ...]]:
    """What no refused look and no refused turn may change."""
    return rows(
        "select (select string_agg(e::text, ',') from work_enrolment e),"
        " (select string_agg(a::text, ',') from work_assignment a),"
        " (select count(*) from work_answer), (select count(*) from ledger_transfer)"
    )


@each_gate_and_way
def test_nobody_begins_before_the_gate_is_open(world: World, gate: Gate, way: Way) -> None:
    door, batch = scene(world, gate, way)
    before = facts()
    for body in ({}, {"ahead": True}):
        way.turn(world, door, batch, body).is_refused(403, "gates_open")
    if way.by == "session":
        answer = way.browser(world, door).post(f"/work/{batch.ref}/start")
        assert answer["Location"] == f"/start?batch={batch.ref}"
        assert way.browser(world, door).get(f"/work/{batch.ref}/task").status_code == 302
    assert facts() == before
    gate.open_it(world, door)
    if way.by == "session":
        answer = way.browser(world, door).post(f"/work/{batch.ref}/start")
        assert answer["Location"] == f"/work/{batch.ref}/task"
    assert way.turn(world, door, batch).body["page"]["no"] == 1


@each_gate_and_way
def test_a_gate_that_closes_stops_the_next_page_and_pays_the_one_that_is_held(
    world: World, gate: Gate, way: Way
) -> None:
    door, batch = scene(world, gate, way)
    gate.open_it(world, door)
    page = way.turn(world, door, batch).body["page"]
    gate.close_it(world, door)
    before = facts()
    for body in ({}, {"ahead": True}):
        said = way.turn(world, door, batch, body).body
        assert (said["page"], said["ahead"], said["refusal"]["code"]) == (None, None, "gates_open")
    assert facts() == before
    answers = [{"item": item["item"], "value": {"mood": "good"}} for item in page["items"]]
    said = way.turn(world, door, batch, {"page": page["no"], "answers": answers}).body
    assert said["submitted"]["earned_micros"] == 100_000
    assert (said["page"], said["refusal"]["code"]) == (None, "gates_open")
    gate.open_it(world, door)
    assert way.turn(world, door, batch).body["page"]["no"] == 2
    assert way.turn(world, door, batch, {"ahead": True}).body["ahead"]["no"] == 3


@each_gate_and_way
def test_a_gate_that_closes_takes_the_pictures_of_the_held_page_away(
    world: World, gate: Gate, way: Way
) -> None:
    """Pictures are shown to browsers alone; the page may have been taken by a program."""
    door, batch = scene(world, gate, way, pictures=True)
    gate.open_it(world, door)
    page = way.turn(world, door, batch).body["page"]
    there = address(batch, page=page["no"], item=page["items"][0]["item"])
    assert way.browser(world, door).get(there).status_code == 200
    gate.close_it(world, door)
    before = facts()
    answer = way.browser(world, door).get(there)
    assert answer.status_code == 403
    assert "Something is to be done before you go on here" in answer.content.decode()
    assert facts() == before
    gate.open_it(world, door)
    assert way.browser(world, door).get(there).status_code == 200


@each_gate
def test_the_batchs_page_shows_whoever_is_stopped_the_step_that_is_missing(
    world: World, gate: Gate
) -> None:
    way = Way("session", gate.only_portal)
    door, batch = scene(world, gate, way)
    ada = way.browser(world, door)
    shown = ada.get(f"/work/{batch.ref}").content.decode()
    assert "Continue" in shown
    assert "1 step left" in ada.get("/work").content.decode()
    gate.open_it(world, door)
    way.turn(world, door, batch)
    gate.close_it(world, door)
    shown = ada.get(f"/work/{batch.ref}").content.decode()
    assert "Continue" in shown
    assert "stays yours until its time is over" in shown


def test_what_expires_by_the_clock_stops_the_next_page_by_itself(world: World) -> None:
    way = WAYS["session"]
    door, batch = scene(world, GATES["identity"], way)
    identity(world, verified=True)
    assert way.turn(world, door, batch).body["page"]["no"] == 1
    late = timezone.now() - timedelta(seconds=1)
    IdentityCheck.objects.filter(worker=world.ada).update(valid_until=late)
    rows("update work_enrolment set look_again_at = %s returning 1", late)
    assert way.turn(world, door, batch).body["refusal"]["code"] == "gates_open"


def test_whoever_is_too_young_is_told_so_and_led_nowhere(world: World) -> None:
    way = WAYS["session"]
    door, batch = scene(world, GATES["age"], way)
    young = timezone.localdate() - timedelta(days=17 * 365)
    assert profile.tell(world.ada, "birth_date", young.isoformat())
    shown = way.browser(world, door).get(f"/start?batch={batch.ref}").content.decode()
    assert "This work is not open to you" in shown
    assert "Continue" not in shown
    way.turn(world, door, batch).is_refused(403, "gates_open")


def test_every_gate_of_the_closed_list_is_here() -> None:
    asked = {name.partition(":")[0] for gate in GATES.values() for name in gate.gates}
    assert asked | {"agreement"} == set(gates.GATES)
