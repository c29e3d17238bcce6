"""A page is shown only while what was looked at when the worker was let in still holds."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from fairhand.pay import events
from fairhand.pay.models import PortalTerms
from fairhand.people import gates, membership
from fairhand.people.models import (
    Account,
    Agreement,
    AgreementText,
    AgreementVersion,
    Portal,
    PortalMember,
    Signature,
    Worker,
)
from fairhand.projects.models import Batch
from fairhand.work import claims
from fairhand.work.access import look_again
from fairhand.work.claims import Turn
from fairhand.work.models import Assignment, Enrolment
from fairhand.work.review import accept_all
from tests.world import World, balance_of, caller, page_of, turn


def code_of(done: Turn) -> str | None:
    return done.refusal.code if done.refusal is not None else None


def publish(scope: str, by: Account) -> AgreementVersion:
    agreement, _made = Agreement.objects.get_or_create(kind="nda", scope=scope)
    number = agreement.versions.count() + 1
    version = AgreementVersion.objects.create(agreement=agreement, number=number, published_by=by)
    digest = hashlib.sha256(b"Quiet\nSay nothing.").hexdigest()
    AgreementText.objects.create(
        version=version, language="en", title="Quiet", text="Say nothing.", digest=digest
    )
    gates.rules_changed()
    return version


def sign(worker: Worker, version: AgreementVersion) -> None:
    Signature.objects.create(
        account=worker.account, version=version, language="en", digest="", name="Ada"
    )
    gates.changed_for(worker)


def portal(name: str, *members: Worker, share: int = 0) -> Portal:
    made = Portal.objects.create(slug=name, name=name, host=f"{name}.example.org")
    PortalTerms.objects.create(portal=made, share_permille=share)
    for worker in members:
        PortalMember.objects.create(portal=made, worker=worker)
    return made


def test_a_new_version_stops_the_next_page_and_not_what_is_held(world: World) -> None:
    batch, ada = world.batch(), caller(world.ada)
    page = page_of(turn(ada, batch))
    version = publish(world.project.ref, world.rita)
    done = turn(ada, batch, page)
    assert done.submitted is not None
    assert (done.page, code_of(done)) == (None, "gates_open")
    assert code_of(turn(ada, batch)) == "gates_open"
    sign(world.ada, version)
    assert page_of(turn(ada, batch))["no"] == 2
    publish(world.project.ref, world.rita)
    assert code_of(turn(ada, batch)) == "gates_open"


def test_somebody_elses_agreement_asks_nothing_of_us(world: World) -> None:
    batch, ada = world.batch(), caller(world.ada)
    turn(ada, batch)
    publish("prj_another", world.rita)
    assert page_of(turn(ada, batch))


def test_who_becomes_a_member_gets_no_more_pages_of_their_organisation(world: World) -> None:
    batch, ada = world.batch(), caller(world.ada)
    page = page_of(turn(ada, batch))
    token = membership.invite(world.rita, world.organisation, "viewer")[1]
    membership.join(world.ada.account, token)
    done = turn(ada, batch, page)
    assert done.submitted is not None
    assert (done.page, code_of(done)) == (None, "own_batch")


def test_what_ends_by_the_clock_is_looked_at_when_it_ends(world: World) -> None:
    batch, ada = world.batch(), caller(world.ada)
    turn(ada, batch)
    mine = Enrolment.objects.filter(batch=batch, worker=world.ada)
    late = timezone.now() - timedelta(seconds=1)
    mine.update(look_again_at=late)
    assert page_of(turn(ada, batch))
    assert mine.get().look_again_at is None


def test_a_portals_share_is_taken_from_the_price_and_kept_apart(world: World) -> None:
    one = portal("one", world.ada, share=200)
    batch = world.batch(tasks=10, page_size=10, overlap=1, price_micros=50_001)
    turn(caller(world.ada), batch, page_of(turn(caller(world.ada), batch, portal=one)), portal=one)
    page = Assignment.objects.get(batch=batch, no=1)
    assert (page.pay_micros, page.share_micros, page.portal) == (400_008, 100_002, one.pk)
    assert balance_of(events.payable(events.whose(world.ada.ref, one.ref), "EUR")) == 400_008
    assert balance_of(events.portal(one.ref, "EUR")) == 100_002
    assert balance_of(events.payable(world.ada.ref, "EUR")) == 0


def test_a_share_waits_for_the_review_like_the_pay(world: World) -> None:
    one = portal("one", world.ada, share=500)
    batch = world.batch(tasks=10, page_size=10, overlap=1, review_hours=24)
    ada = caller(world.ada)
    turn(ada, batch, page_of(turn(ada, batch, portal=one)), portal=one)
    assert balance_of(events.portal(one.ref, "EUR")) == 0
    assert accept_all(batch, actor=world.rita.ref) == 1
    assert balance_of(events.portal(one.ref, "EUR")) == 250_000
    assert balance_of(events.payable(events.whose(world.ada.ref, one.ref), "EUR")) == 250_000


def test_who_changes_the_portal_hands_in_first_and_never_gets_a_task_twice(world: World) -> None:
    one, two = portal("one", world.ada), portal("two", world.ada)
    batch = world.batch(tasks=20, page_size=10, overlap=1)
    ada = caller(world.ada)
    first = page_of(turn(ada, batch, portal=one))
    assert code_of(turn(ada, batch, portal=two)) == "held_elsewhere"
    turn(ada, batch, first, portal=one, verb="work")
    second = page_of(turn(ada, batch, portal=one))
    turn(ada, batch, second, verb="give_back", portal=one)
    third = page_of(turn(ada, batch, portal=two))
    texts = [item["data"]["text"] for page in (first, third) for item in page["items"]]
    assert len(texts) == len(set(texts)) == 20


@pytest.mark.parametrize("joined", [True, False])
def test_a_portal_is_joined_before_work(world: World, joined: bool) -> None:
    one = portal("one", *([world.ada] if joined else []))
    got = turn(caller(world.ada), world.batch(), portal=one)
    assert (got.page is not None) == joined
    assert joined or code_of(got) == "not_joined"


def test_a_batch_for_one_portal_is_offered_nowhere_else(world: World) -> None:
    one, two = portal("one", world.ada), portal("two", world.ada)
    batch = world.batch()
    Batch.objects.filter(pk=batch.pk).update(portals=[one.ref])
    ada = caller(world.ada)
    assert code_of(turn(ada, batch)) == "other_portal"
    assert code_of(turn(ada, batch, portal=two)) == "other_portal"
    assert page_of(turn(ada, batch, portal=one))


def test_who_is_let_in_at_the_other_portal_meanwhile_is_looked_at_once_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = portal("one", world.ada), portal("two", world.ada)
    batch, ada = world.batch(), caller(world.ada)
    turn(ada, batch, page_of(turn(ada, batch, portal=one)), portal=one)
    turn(ada, batch, page_of(turn(ada, batch, portal=one)), verb="give_back", portal=one)
    left = [1, 2, 3]

    def look_then_the_other(worker: Worker, asked: Batch, through: Portal | None) -> object:
        answer = look_again(worker, asked, through)
        if left:
            left.pop()
            assert look_again(worker, asked, one)
        return answer

    monkeypatch.setattr(claims, "look_again", look_then_the_other)
    assert page_of(turn(ada, batch, portal=two))
    assert left == []
    page = Assignment.objects.get(batch=batch, state="open")
    assert page.portal == two.pk
    turn(ada, batch, page_of(turn(ada, batch, portal=two)), verb="give_back", portal=two)
    turn(ada, batch, page_of(turn(ada, batch, portal=one)), verb="give_back", portal=one)
    left.extend(range(100))
    assert code_of(turn(ada, batch, portal=two)) == "changing"
