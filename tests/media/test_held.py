"""A picture is shown to the worker who holds its page, as long as they hold it, and to nobody else."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from fairhand.people.models import Agreement, Portal, PortalMember, Worker
from fairhand.projects.models import Batch, Media
from fairhand.work.access import revoke
from fairhand.work.deadlines import sweep
from fairhand.work.models import Enrolment
from tests.media.cast import (
    PNG,
    address,
    apart,
    ask_to_keep_quiet,
    birds,
    picture,
    pixels,
    sign,
)
from tests.media.conftest import SignIn
from tests.world import World, caller, crowd, let_pass, page_of, turn


def held(world: World, batch: Batch, worker: Worker | None = None) -> dict[str, Any]:
    """Take a page as a worker, Ada unless said otherwise."""
    return page_of(turn(caller(worker or world.ada), batch))


def words(answer: Any) -> str:
    """A page without what differs from answer to answer."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    return text.replace(answer.request["PATH_INFO"], "")


def facts() -> list[tuple[Any, ...]]:
    """What no look may change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select string_agg(e::text, ',') from work_enrolment e),"
            " (select string_agg(a::text, ',') from work_assignment a),"
            " (select string_agg(m::text, ',') from projects_media m)"
        )
        return list(cursor.fetchall())


def test_who_holds_the_page_sees_its_pictures(world: World, signed: SignIn) -> None:
    batch = birds(world)
    page = held(world, batch)
    ada, before = signed(world.ada.account), facts()
    for item in page["items"]:
        answer = ada.get(address(batch, item=item["item"]))
        name = item["data"]["picture"].removeprefix("media:")
        wanted = Media.objects.get(project=batch.project, name=name)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
        assert len(answer.content) == wanted.size
    assert facts() == before


def test_a_picture_is_kept_by_nobody_and_does_nothing_if_opened_by_itself(
    world: World, signed: SignIn
) -> None:
    batch = birds(world)
    held(world, batch)
    answer = signed(world.ada.account).get(address(batch))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_address_is_worth_nothing_to_anybody_else(world: World, signed: SignIn) -> None:
    batch = birds(world)
    held(world, batch)
    assert signed(world.ada.account).get(address(batch)).status_code == 200
    others = signed(world.ben.account).get(address(batch))
    never = signed(world.ben.account).get(address(batch, page=7))
    assert (others.status_code, never.status_code) == (404, 404)
    assert words(others) == words(never)
    for stranger in (world.rita, world.oscar, world.olga):
        assert signed(stranger).get(address(batch)).status_code == 403
    assert Client().get(address(batch)).status_code == 302


def test_each_of_two_workers_sees_their_own_page_alone(world: World, signed: SignIn) -> None:
    batch = birds(world, overlap=1)
    mine, theirs = held(world, batch), held(world, batch, world.ben)
    assert mine["no"] == theirs["no"] == 1
    ada, ben = (signed(worker.account).get(address(batch)) for worker in (world.ada, world.ben))
    assert (ada.status_code, ben.status_code) == (200, 200)
    assert ada.content != ben.content


@pytest.mark.parametrize(
    ("page", "item", "view"),
    [(2, 0, 1), (0, 0, 1), (1, 2, 1), (1, 0, 0), (1, 0, 2), (1, 10**12, 1), (10**30, 0, 1)],
)
def test_what_the_page_does_not_hold_is_not_there(
    world: World, signed: SignIn, page: int, item: int, view: int
) -> None:
    batch = birds(world)
    held(world, batch)
    place = address(batch, page=page, item=item, view=view)
    assert signed(world.ada.account).get(place).status_code == 404


def handed_in(world: World, batch: Batch, page: dict[str, Any]) -> None:
    turn(caller(world.ada), batch, page)


def given_back(world: World, batch: Batch, page: dict[str, Any]) -> None:
    turn(caller(world.ada), batch, page, verb="give_back")


def late(_world: World, batch: Batch, _page: dict[str, Any]) -> None:
    """Its time is over; nothing has swept it yet."""
    let_pass(batch, 3600)


def swept(_world: World, batch: Batch, _page: dict[str, Any]) -> None:
    let_pass(batch, 3600)
    sweep()


def revoked(world: World, _batch: Batch, _page: dict[str, Any]) -> None:
    revoke(world.ada.account)


def halted(world: World, batch: Batch, _page: dict[str, Any]) -> None:
    Enrolment.objects.filter(batch=batch, worker=world.ada).update(halted=True)


@pytest.mark.parametrize("end", [handed_in, given_back, late, swept, revoked, halted])
def test_a_picture_ends_with_the_claim_in_every_tab(world: World, signed: SignIn, end: Any) -> None:
    batch = birds(world)
    page = held(world, batch)
    one, two = signed(world.ada.account), signed(world.ada.account)
    assert [tab.get(address(batch)).status_code for tab in (one, two)] == [200, 200]
    end(world, batch, page)
    wanted = 302 if end is revoked else 404  # whoever was signed out is asked to sign in
    assert [tab.get(address(batch)).status_code for tab in (one, two)] == [wanted, wanted]
    if end is revoked:  # and signing in again does not bring it back
        assert signed(world.ada.account).get(address(batch)).status_code == 404


def test_who_is_suspended_sees_no_picture_while_they_still_hold_the_page(
    world: World, signed: SignIn
) -> None:
    batch = birds(world)
    held(world, batch)
    ada = signed(world.ada.account)
    until = timezone.now() + timedelta(days=1)
    Worker.objects.filter(pk=world.ada.pk).update(standing="suspended", suspended_until=until)
    assert ada.get(address(batch)).status_code in {403, 409}


def test_the_page_ahead_is_shown_too(world: World, signed: SignIn) -> None:
    batch = birds(world)
    ada = caller(world.ada)
    page_of(turn(ada, batch))
    assert page_of(turn(ada, batch, verb="ahead"))["no"] == 2
    assert signed(world.ada.account).get(address(batch, page=2)).status_code == 200


def test_a_gate_that_closes_ends_the_pictures_until_it_is_open_again(
    world: World, signed: SignIn
) -> None:
    batch = birds(world)
    held(world, batch)
    ada = signed(world.ada.account)
    version = ask_to_keep_quiet(batch.project.ref, world.rita)
    before = facts()
    refused = ada.get(address(batch))
    assert refused.status_code != 200
    assert "image" not in refused.headers["Content-Type"]
    sign(world.ada, version)
    assert ada.get(address(batch)).status_code == 200
    assert facts() == before


def test_what_ends_by_the_clock_is_looked_at_when_it_ends(world: World, signed: SignIn) -> None:
    batch = birds(world)
    held(world, batch)
    mine = Enrolment.objects.filter(batch=batch, worker=world.ada)
    mine.update(look_again_at=timezone.now() - timedelta(seconds=1))
    assert signed(world.ada.account).get(address(batch)).status_code == 200
    Batch.objects.filter(pk=batch.pk).update(gates=["phone"])
    assert signed(world.ada.account).get(address(batch)).status_code != 200


def test_a_page_of_a_paused_batch_may_be_finished_with_its_pictures(
    world: World, signed: SignIn
) -> None:
    batch = birds(world)
    held(world, batch)
    Batch.objects.filter(pk=batch.pk).update(state="paused")
    assert signed(world.ada.account).get(address(batch)).status_code == 200


def test_a_page_that_was_taken_through_a_portal_shows_its_pictures_there_alone(
    world: World, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    one = Portal.objects.create(slug="one", name="One", host="one.example.org")
    two = Portal.objects.create(slug="two", name="Two", host="two.example.org")
    for portal in (one, two):
        PortalMember.objects.create(portal=portal, worker=world.ada)
    batch = birds(world)
    page_of(turn(caller(world.ada), batch, portal=one))
    client = Client()
    client.force_login(
        world.ada.account, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    hosts = ("one.example.org", "two.example.org", "testserver")
    found = [client.get(address(batch), headers={"host": host}).status_code for host in hosts]
    assert found == [200, 404, 404]


class TestWatermark:
    """Where somebody promised to keep quiet, their reference lies across the picture."""

    SIZE = (640, 480)

    def seen(self, world: World, batch: Batch, signed: SignIn, worker: Worker) -> bytes:
        answer = signed(worker.account).get(address(batch))
        assert answer.status_code == 200
        return bytes(answer.content)

    def quiet(self, world: World, scope: str) -> None:
        version = ask_to_keep_quiet(scope, world.rita)
        sign(world.ada, version)
        sign(world.ben, version)

    def test_each_worker_gets_a_copy_of_their_own(self, world: World, signed: SignIn) -> None:
        batch = birds(world, tasks=1, page_size=1, size=self.SIZE)
        original = picture(size=self.SIZE, colour="hsl(0, 60%, 40%)")
        held(world, batch)
        assert pixels(self.seen(world, batch, signed, world.ada)) == pixels(original)
        self.quiet(world, batch.project.ref)
        held(world, batch, world.ben)
        hers, his = (self.seen(world, batch, signed, who) for who in (world.ada, world.ben))
        assert hers.startswith(PNG)
        assert apart(hers, his) > 0.5  # whose copy it is can be told
        for copy in (hers, his):
            assert 0.5 < apart(copy, original) < 30  # seen, and what lies below it as well

    def test_it_is_in_every_part_that_somebody_could_cut_out(
        self, world: World, signed: SignIn
    ) -> None:
        batch = birds(world, tasks=1, page_size=1, size=self.SIZE)
        plain = Image.open(io.BytesIO(picture(size=self.SIZE, colour="hsl(0, 60%, 40%)")))
        self.quiet(world, batch.project.ref)
        held(world, batch)
        copy = Image.open(io.BytesIO(self.seen(world, batch, signed, world.ada))).convert("RGB")
        for x in range(0, 640, 160):
            for y in range(0, 480, 120):
                box = (x, y, x + 160, y + 120)
                assert copy.crop(box).tobytes() != plain.crop(box).tobytes(), box

    def test_it_is_asked_for_by_the_portal_too(
        self, world: World, signed: SignIn, settings: Any
    ) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        portal = Portal.objects.create(slug="one", name="One", host="one.example.org")
        PortalMember.objects.create(portal=portal, worker=world.ada)
        batch = birds(world, tasks=1, page_size=1, size=self.SIZE)
        self.quiet(world, portal.ref)
        page_of(turn(caller(world.ada), batch, portal=portal))
        client = signed(world.ada.account)
        answer = client.get(address(batch), headers={"host": "one.example.org"})
        assert answer.status_code == 200
        assert apart(answer.content, picture(size=self.SIZE, colour="hsl(0, 60%, 40%)")) > 0.5

    def test_it_ends_with_the_agreement(self, world: World, signed: SignIn) -> None:
        batch = birds(world, tasks=1, page_size=1, size=self.SIZE)
        self.quiet(world, batch.project.ref)
        held(world, batch)
        Agreement.objects.update(ended_at=timezone.now())
        copy = self.seen(world, batch, signed, world.ada)
        assert pixels(copy) == pixels(picture(size=self.SIZE, colour="hsl(0, 60%, 40%)"))

    def test_an_agreement_of_somebody_elses_project_marks_nothing(
        self, world: World, signed: SignIn
    ) -> None:
        batch = birds(world, tasks=1, page_size=1, size=self.SIZE)
        self.quiet(world, world.project.ref)
        held(world, batch)
        copy = self.seen(world, batch, signed, world.ada)
        assert pixels(copy) == pixels(picture(size=self.SIZE, colour="hsl(0, 60%, 40%)"))


def test_only_what_the_interface_shows_as_a_picture_is_served(world: World, signed: SignIn) -> None:
    """The caption names a picture, too; it is a text."""
    batch = birds(world, tasks=1, page_size=1)
    with connection.cursor() as cursor:
        cursor.execute(
            """update projects_task set data = data || '{"caption": "media:bird 0.png"}'"""
        )
    held(world, batch)
    ada = signed(world.ada.account)
    assert ada.get(address(batch, view=0)).status_code == 404
    assert ada.get(address(batch, view=1)).status_code == 200


def test_a_picture_of_another_project_is_not_reached_by_its_name(
    world: World, signed: SignIn
) -> None:
    batch = birds(world, tasks=1, page_size=1)
    Media.objects.update(project=world.project)
    held(world, batch)
    assert signed(world.ada.account).get(address(batch)).status_code == 404


def test_a_look_takes_as_many_queries_with_a_crowd_as_alone(world: World, signed: SignIn) -> None:
    batch = birds(world, overlap=20)
    held(world, batch)
    ada = signed(world.ada.account)
    with CaptureQueriesContext(connection) as alone:
        assert ada.get(address(batch)).content.startswith(PNG)
    for one in crowd(6):
        page_of(turn(one, batch))
    with CaptureQueriesContext(connection) as together:
        assert ada.get(address(batch)).content.startswith(PNG)
    assert len(together) <= len(alone) < 30
