"""What requesters do on their pages."""

import json
from io import BytesIO
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from fairhand.projects.models import Batch, Project
from fairhand.web.requester.charts import STEPS, over_time
from fairhand.web.uploads import MAX_FORM
from tests.web.conftest import SignIn
from tests.web.scene import Scene, launch, moods
from tests.world import World, count, state_of_money

GOOD_FILE = "key,text,gold\nr1,It works.,good\nr2,It does not.,bad\nr3,Hm.,\n"


def form(world: World, file: str = GOOD_FILE, file_name: str = "tasks.csv", **values: Any) -> Any:
    return {
        "organisation": world.organisation.pk,
        "name": "Reviews",
        "question": "How did its writer feel?",
        "options": "good\nbad\n",
        "view": "text",
        "column": "text",
        "instructions": "Read it twice.\n# When in doubt\nChoose bad.\nReally.",
        "price": "0,05",
        "overlap": "3",
        "page_size": "2",
        "gold": "10",
        "bar": "85.5",
        "review_hours": "0",
        "deadline": "15",
        "file": SimpleUploadedFile(file_name, file.encode()),
        **values,
    }


def test_a_form_makes_a_draft_with_its_tasks(world: World, signed: SignIn) -> None:
    response = signed(world.rita).post("/requester/new", form(world), follow=True)
    batch = Batch.objects.get()
    assert response.redirect_chain[-1][0] == f"/requester/batches/{batch.ref}"
    assert (batch.price_micros, batch.overlap, batch.page_size) == (50_000, 3, 2)
    assert (batch.gold_permille, batch.bar_permille, batch.deadline_seconds) == (100, 855, 900)
    assert batch.tasks == 3
    assert batch.instructions == [
        {"heading": "", "text": "Read it twice."},
        {"heading": "When in doubt", "text": "Choose bad.\nReally."},
    ]
    assert [option["value"] for option in batch.interface["fields"][0]["options"]] == [
        "good",
        "bad",
    ]
    assert b"2 with known answers" in response.content
    assert b"is missing" in response.content  # nobody has paid anything in yet


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"options": "good"}, "Offer 2 to 200 answers"),
        ({"options": "good\ngood"}, "Offer 2 to 200 answers"),
        ({"price": "much"}, "is not an amount"),
        ({"price": ""}, "This field is required"),
        ({"price": "0.0000001"}, "too precise"),
        ({"price": "0"}, "This must be between"),
        ({"overlap": "2000"}, "This must be between"),
        ({"file_name": "tasks.xls"}, "ends in .csv or .jsonl"),
        ({"column": "picture"}, "A task needs text here"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_made(
    world: World, signed: SignIn, values: dict[str, Any], said: str
) -> None:
    before = Project.objects.count()
    response = signed(world.rita).post("/requester/new", form(world, **values))
    assert response.status_code == 422
    text = response.content.decode()
    assert said in text
    assert "Read it twice." in text  # what was typed is kept
    assert (Project.objects.count(), count("projects_task")) == (before, 0)


def test_a_broken_file_names_line_and_field(world: World, signed: SignIn) -> None:
    file = 'key,text,gold\nr1,It works.,good\nr2,"unclosed\n'
    text = signed(world.rita).post("/requester/new", form(world, file)).content.decode()
    assert '<td class="num">3</td>' in text
    assert "is not closed" in text
    file = "key,text,gold\nr1,,wonderful\nr1,It works.,good\n"
    text = signed(world.rita).post("/requester/new", form(world, file)).content.decode()
    assert "<td>gold.answer</td>" in text
    assert "<td>text</td>" in text
    assert not Batch.objects.exists()


def test_a_draft_without_the_checks_it_wants_says_so(world: World, signed: SignIn) -> None:
    file = "text\nIt works.\n"
    page = signed(world.rita).post("/requester/new", form(world, file), follow=True).content
    assert b"no task has a known answer" in page


def test_nobody_asks_for_another_organisation(world: World, signed: SignIn) -> None:
    values = form(world, organisation=world.other_organisation.pk)
    assert signed(world.rita).post("/requester/new", values).status_code == 422
    assert not Batch.objects.exists()


def test_a_draft_takes_more_tasks_or_none_of_a_bad_file(scene: Scene, signed: SignIn) -> None:
    client, address = signed(scene.world.rita), f"/requester/batches/{scene.draft.ref}/upload"
    lines = '{"key": "n1", "text": "New."}\n{"key": "k1", "text": "Known."}\n'
    bad = client.post(address, {"file": SimpleUploadedFile("more.jsonl", lines.encode())})
    assert bad.status_code == 422
    assert b"used more than once" in bad.content
    assert client.post(address).status_code == 422
    good = SimpleUploadedFile("more.jsonl", lines.splitlines()[0].encode())
    assert b"1 task added." in client.post(address, {"file": good}, follow=True).content
    scene.draft.refresh_from_db()
    assert scene.draft.tasks == 61
    late = client.post(f"/requester/batches/{scene.open.ref}/upload", {"file": good}, follow=True)
    assert b"what workers were promised cannot change" in late.content


def test_a_file_too_large_for_a_form_is_refused_before_it_is_read(
    scene: Scene, signed: SignIn
) -> None:
    client, before = signed(scene.world.rita), Batch.objects.count()
    for address in ("/requester/new", f"/requester/batches/{scene.draft.ref}/upload"):
        values = {"file": SimpleUploadedFile("more.csv", b"text\n")}
        response = client.post(address, values, headers={"content-length": str(MAX_FORM + 1)})
        assert response.status_code == 413
        assert b"Split the file, or upload it through the API" in response.content
    assert Batch.objects.count() == before


def test_a_batch_opens_only_with_its_money(world: World, signed: SignIn) -> None:
    batch = moods(world, "Reviews", 10)
    client, address = signed(world.rita), f"/requester/batches/{batch.ref}"
    before = state_of_money()
    text = client.post(f"{address}/open", follow=True).content.decode()
    assert "This batch costs 1.62 EUR; 1.62 EUR is missing." in text
    assert state_of_money() == before
    world.fund(2)
    assert b"workers see it now" in client.post(f"{address}/open", follow=True).content
    batch.refresh_from_db()
    assert batch.state == "open"
    assert b"opened before" in client.post(f"{address}/open", follow=True).content


def test_a_batch_is_paused_resumed_and_closed(scene: Scene, signed: SignIn) -> None:
    client, address = signed(scene.world.rita), f"/requester/batches/{scene.open.ref}"
    for action, state in (("pause", "paused"), ("resume", "open"), ("close", "closed")):
        client.post(f"{address}/{action}")
        scene.open.refresh_from_db()
        assert scene.open.state == state
    assert b"Somebody was first" in client.post(f"{address}/pause", follow=True).content


def test_accepting_pages_makes_them_payable(scene: Scene, signed: SignIn) -> None:
    client, address = signed(scene.world.rita), f"/requester/batches/{scene.review.ref}"
    assert b"1 page waits for your review" in client.get(address).content
    assert b"1 page accepted." in client.post(f"{address}/accept", follow=True).content
    assert b"waits for your review" not in client.get(address).content
    assert b"Somebody was first" in client.post(f"{address}/accept", follow=True).content


def test_the_batch_page_accounts_for_all_of_its_money(scene: Scene, signed: SignIn) -> None:
    text = signed(scene.world.rita).get(f"/requester/batches/{scene.done.ref}").content.decode()
    for amount in ("€54.00", "€30.00", "€6.00", "€18.00", "€0.00"):
        assert amount in text  # set aside, earned, fee, came back, left


def test_results_are_computed_shown_and_ordered(scene: Scene, signed: SignIn) -> None:
    client, address = signed(scene.world.rita), f"/requester/batches/{scene.done.ref}/results"
    text = client.get(address).content.decode()
    assert "1 to 50 of 270" in text
    assert "Good" in text
    assert "good 2" in text
    response = client.post(address.replace("results", "compute"), {"method": "majority"})
    assert response["Location"] == address
    assert 'value="majority" selected' in client.get(address).content.decode()
    unsure = client.get(f"{address}?order=unsure&page=6").content.decode()
    assert "251 to 270 of 270" in unsure
    assert "order=unsure&amp;page=5" in unsure


def test_answers_and_results_download_in_every_format(scene: Scene, signed: SignIn) -> None:
    client, address = signed(scene.world.rita), f"/requester/batches/{scene.done.ref}/download"
    for what, rows in (("answers", 600), ("results", 270)):
        for form_ in ("csv", "jsonl", "parquet"):
            body = _download(client, f"{address}/{what}.{form_}", f"{what}.{form_}")
            found = rows_of(form_, body)
            assert found == rows, f"{what}.{form_}"


def rows_of(form_: str, body: bytes) -> int:
    if form_ == "parquet":
        return int(pq.read_table(BytesIO(body)).num_rows)
    if form_ == "csv":
        return body.count(b"\r\n") - 1
    return len([json.loads(line) for line in body.splitlines()])


def _download(client: Client, address: str, name: str) -> bytes:
    response = client.get(address)
    assert response["Content-Disposition"].endswith(f'{name}"')
    return b"".join(response)


def test_the_lists_take_no_more_queries_for_more_batches(
    scene: Scene, signed: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed(scene.world.rita)
    client.get("/requester")
    with CaptureQueriesContext(connection) as before:
        client.get("/requester")
    for i in range(3):
        launch(scene.world, moods(scene.world, f"More {i}", 10))
    with django_assert_num_queries(len(before)):
        assert b"More 2" in client.get("/requester").content


def test_the_curve_has_few_steps_and_all_answers(scene: Scene) -> None:
    first = scene.done.created_at
    minutes = [
        (first + (first - first.replace(year=first.year - 1)) * i / 500, 3) for i in range(500)
    ]
    steps = over_time(minutes)
    assert len(steps) <= STEPS + 1
    assert steps[-1].answers == 1500
    assert [step.answers for step in over_time(minutes[:1])] == [0, 3]
    assert over_time([]) == []
