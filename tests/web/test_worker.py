"""What workers do on their pages."""

import csv
import io
import json
import re

from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from fairhand.pay.models import Destination
from fairhand.people.models import Appeal
from fairhand.work.access import standing_restriction
from fairhand.work.models import Enrolment
from fairhand.work.opening import pause_batch
from tests.web.conftest import SignIn
from tests.web.scene import IBAN_BEN, Scene, launch, moods
from tests.world import GOOD, World, caller, count, page_of, state_of_money, turn


def test_the_list_says_what_a_batch_pays(scene: Scene, signed: SignIn) -> None:
    text = signed(scene.world.ada.account).get("/work").content.decode()
    assert "€0.05" in text
    assert "about €90.00 an hour, from 60 answers" in text
    assert "30 answered, €1.50 earned" in text
    assert scene.draft.name not in text


def test_an_estimate_is_called_one(world: World, signed: SignIn) -> None:
    launch(world, moods(world, "New", expected_seconds=9.0))
    launch(world, moods(world, "Newer", expected_seconds=None))
    text = signed(world.ada.account).get("/work").content.decode()
    assert "about €20.00 an hour, the requester" in text
    assert "no hourly rate yet" in text


def test_more_batches_take_no_more_queries(
    world: World, signed: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed(world.ada.account)
    launch(world, moods(world, "One", 10))
    client.get("/work")
    with django_assert_num_queries(14):
        client.get("/work")
    for i in range(3):
        launch(world, moods(world, f"Another {i}", 10))
    with django_assert_num_queries(14):
        assert b"Another 2" in client.get("/work").content


def test_starting_enrols_and_opens_the_task_page(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.ben.account)
    assert not Enrolment.objects.filter(batch=scene.open, worker=scene.world.ben).exists()
    response = client.post(f"/work/{scene.open.ref}/start", follow=True)
    assert Enrolment.objects.filter(batch=scene.open, worker=scene.world.ben).exists()
    found = re.search(
        r'id="workbench-config"[^>]*>(.*?)</script>', response.content.decode(), re.DOTALL
    )
    assert found is not None
    config = json.loads(found[1])
    assert config["endpoint"] == f"/api/v1/work/{scene.open.ref}"
    assert config["interface"] == scene.open.interface
    assert config["price_micros"] == 50_000


def test_a_restricted_worker_is_told_and_enters_nothing(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.cleo.account)
    before = state_of_money()
    response = client.post(f"/work/{scene.open.ref}/start", follow=True)
    assert response.redirect_chain[-1][0] == f"/work/{scene.open.ref}"
    assert b"were right, and it asks for 85 %" in response.content
    assert client.get(f"/work/{scene.open.ref}/task").status_code == 302
    assert state_of_money() == before


def test_a_restricted_worker_contests_once_and_an_operator_answers(
    scene: Scene, signed: SignIn
) -> None:
    client = signed(scene.cleo.account)
    address = f"/appeals/contest/restriction/{scene.restriction.pk}"
    assert address in client.get("/work").content.decode()
    assert address in client.get(f"/work/{scene.open.ref}").content.decode()
    assert b"Say in 1 to" in client.post(address, {"words": "  "}).content
    response = client.post(address, {"words": "The photos\nwere upside down."}, follow=True)
    assert b"Somebody who did not decide before looks at it" in response.content
    assert b"You asked for a person" in client.get("/work").content
    olga = signed(scene.world.olga)
    assert b"The worker contests this" in olga.get("/operator/restrictions").content
    appeal = Appeal.objects.get()
    page = f"/operator/appeals/{appeal.ref}"
    assert b"The photos<br>were upside down." in olga.get(page).content
    olga.post(page, {"verdict": "uphold", "why": "They were."})
    assert standing_restriction(scene.cleo, scene.open) is None
    assert b"They were." in client.get(f"/appeals/{appeal.ref}").content


def test_nobody_contests_for_somebody_else(scene: Scene, signed: SignIn) -> None:
    before = count("kit_history"), count("people_appeal")
    address = f"/appeals/contest/restriction/{scene.restriction.pk}"
    response = signed(scene.world.ada.account).post(address, {"words": "x"})
    assert response.status_code == 404
    assert (count("kit_history"), count("people_appeal")) == before


def test_a_batch_that_is_not_open_is_not_shown_to_those_who_never_worked_on_it(
    scene: Scene, signed: SignIn
) -> None:
    client = signed(scene.cleo.account)
    assert client.get(f"/work/{scene.draft.ref}").status_code == 404
    assert client.get(f"/work/{scene.done.ref}").status_code == 409
    assert client.get("/work/bat_nothing").status_code == 404


def test_a_held_page_can_be_finished_after_a_pause(scene: Scene, signed: SignIn) -> None:
    assert pause_batch(scene.open, scene.world.rita.ref)
    client = signed(scene.world.ada.account)
    assert b"You are in the middle of" in client.get("/work").content
    assert b"Finish the page you hold" in client.get(f"/work/{scene.open.ref}").content
    assert client.get(f"/work/{scene.open.ref}/task").status_code == 200


def test_earnings_are_what_the_ledger_says(scene: Scene, signed: SignIn) -> None:
    ada = caller(scene.world.ada)
    turn(ada, scene.open, page_of(turn(ada, scene.open)), GOOD)
    text = signed(scene.world.ada.account).get("/earnings").content.decode()
    assert "€0.50" in text  # payable since the run took the rest
    assert "€16.50" in text
    assert "On its way" in text
    assert "Reviews, October" in text
    ben = signed(scene.world.ben.account).get("/earnings").content.decode()
    assert "waiting for the requester" in ben


def test_the_statement_is_a_file_too(scene: Scene, signed: SignIn) -> None:
    month = now().strftime("%Y-%m")
    response = signed(scene.world.ada.account).get(f"/earnings/statement.csv?month={month}")
    assert response["Content-Disposition"] == f'attachment; filename="statement-{month}-EUR.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert sorted(float(row["amount"]) for row in rows) == [-16.5, 1.5, 15.0]
    assert {row["batch"] for row in rows} == {"Reviews, October", "Reviews, November", ""}


def test_a_month_that_is_none_is_this_month(scene: Scene, signed: SignIn) -> None:
    client = signed(scene.world.ada.account)
    for asked in ("?month=2026-13", "?month=x&currency=XXX", "?month=2020-01"):
        assert client.get(f"/earnings{asked}").status_code == 200
    assert b"Nothing came in or went out" in client.get("/earnings?month=2020-01").content


def test_a_mistyped_account_is_told_beside_it_and_not_kept(world: World, signed: SignIn) -> None:
    client = signed(world.ben.account)
    response = client.post(
        "/earnings/destination", {"holder": "Ben B.", "address": IBAN_BEN[:-1] + "7"}
    )
    assert response.status_code == 422
    assert b'id="id_address_error"' in response.content
    assert b"Ben B." in response.content
    assert not Destination.objects.filter(worker=world.ben).exists()
    spaced = " ".join(IBAN_BEN[i : i + 4] for i in range(0, len(IBAN_BEN), 4)).lower()
    done = client.post("/earnings/destination", {"holder": "Ben B.", "address": spaced})
    assert done["Location"] == "/earnings"
    assert Destination.objects.get(worker=world.ben).address == IBAN_BEN


def test_a_batch_with_a_second_page_ahead_is_listed_once(world: World, signed: SignIn) -> None:
    batch = world.batch()
    ada = caller(world.ada)
    assert turn(ada, batch).page
    assert turn(ada, batch, verb="ahead").page
    text = signed(world.ada.account).get("/work").content.decode()
    assert text.count(f'href="/work/{batch.ref}/task"') == 1
