"""The typed client against a running server: the whole loop, as programs see it."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairhand.api.schemas import BatchDetail
from fairhand.api.urls import api
from fairhand.client import Client, Problem, Worker, models
from fairhand.people.keys import issue_key
from tests.api.conftest import ORGANISATIONS
from tests.client.serving import serving
from tests.world import GOOD, INTERFACE, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def address(django_db_setup: None) -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture
def client_(committed_world: World, address: str) -> Iterator[Client]:
    committed_world.fund()
    _, key = issue_key(
        committed_world.rita,
        name="test",
        scopes=ORGANISATIONS,
        organisation=committed_world.organisation,
    )
    with Client(address, key) as client:
        yield client


@pytest.fixture
def worker(committed_world: World, address: str) -> Worker:
    _, key = issue_key(committed_world.ada.account, name="test", scopes=["work"])
    return Worker(address, key)


def test_the_whole_loop_goes_through_the_client(
    client_: Client, worker: Worker, committed_world: World, tmp_path: Path
) -> None:
    project = client_.create_project(name="Moods", interface=INTERFACE, instructions=[])
    batch = client_.create_batch(
        project.ref, name="May", price_micros=50_000, overlap=1, page_size=4, review_hours=24
    )
    rows = ({"key": f"k{i}", "data": {"text": f"text {i}"}} for i in range(10))
    assert client_.upload(batch.ref, rows).tasks == 10
    assert [task.key for task in client_.tasks(batch.ref)] == [f"k{i}" for i in range(10)]
    assert client_.open(batch.ref).escrow == models.Money(micros=600_000, currency="EUR")

    (offer,) = worker.offers()
    assert (offer.batch, offer.price.micros) == (batch.ref, 50_000)
    assert _work(worker, batch.ref) == 10
    assert worker.earnings().pending.micros == 500_000

    assert client_.accept(batch.ref) == 3
    assert worker.earnings().payable.micros == 500_000
    assert client_.compute_results(batch.ref, method="majority").results == 10
    assert [result.value for result in client_.results(batch.ref)] == [GOOD] * 10
    answers = list(client_.answers(batch.ref))
    assert {answer.worker for answer in answers} == {committed_world.ada.ref}
    assert answers[0].at.tzinfo is not None
    path = tmp_path / "answers.csv"
    assert client_.download(batch.ref, "answers", path, "csv") == 10
    assert len(list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))) == 10
    assert client_.close(batch.ref).state in {"closed", "settled"}
    assert [found.ref for found in client_.batches(project.ref)] == [batch.ref]
    assert project.ref in {found.ref for found in client_.projects()}
    assert client_.balance().micros == 1_000_000_000 - 600_000


def _work(worker: Worker, batch: str) -> int:
    given = 0
    turn = worker.turn(batch)
    while turn.page is not None:
        answers = [{"item": i.item, "value": GOOD, "seconds": 1.0} for i in turn.page.items]
        turn = worker.turn(batch, turn.page.no, answers)
        assert turn.submitted is not None
        given += turn.submitted.answers
    assert turn.refusal is not None
    assert turn.refusal.code == "nothing_left"
    return given


def test_a_page_can_be_fetched_ahead_and_given_back(
    client_: Client, worker: Worker, committed_world: World
) -> None:
    batch = committed_world.batch(tasks=30, page_size=5)
    first = worker.turn(batch.ref).page
    ahead = worker.turn(batch.ref, ahead=True).ahead
    assert first is not None
    assert ahead is not None
    assert (first.no, ahead.no) == (1, 2)
    worker.turn(batch.ref, ahead.no, give_back=True)
    assert client_.batch(batch.ref).progress is not None
    again = worker.turn(batch.ref).page
    assert again is not None
    assert again.no == 1


def test_a_malformed_file_raises_its_lines(client_: Client, committed_world: World) -> None:
    batch = committed_world.batch(tasks=1, opened=False)
    with pytest.raises(Problem) as caught:
        client_.upload(batch.ref, [{"text": "ok"}, {"text": 7}, {"words": "x"}])
    assert caught.value.code == "unusable_input"
    assert [(place.line, place.field) for place in caught.value.problems] == [
        (2, "text"),
        (3, "text"),
    ]
    assert client_.batch(batch.ref).tasks == 1


def test_a_batch_is_paused_and_resumed(client_: Client, committed_world: World) -> None:
    batch = committed_world.batch(tasks=1)
    assert client_.pause(batch.ref).state == "paused"
    assert client_.resume(batch.ref).state == "open"
    with pytest.raises(Problem, match="wrong_state"):
        client_.resume(batch.ref)


def test_a_key_says_whose_it_is(client_: Client, committed_world: World) -> None:
    me = client_.me()
    assert me.organisation is not None
    assert me.organisation.ref == committed_world.organisation.ref


SAME = {
    "Answer": "AnswerView",
    "Balance": "Balance",
    "Batch": "BatchDetail",
    "Computed": "Computed",
    "Earnings": "EarningsView",
    "Me": "Me",
    "Offer": "OfferView",
    "Progress": "ProgressView",
    "Project": "ProjectView",
    "Result": "ResultView",
    "Task": "TaskView",
    "Uploaded": "Uploaded",
    "Place": "ProblemPlace",
}


@pytest.mark.parametrize("name", SAME)
def test_the_clients_values_are_the_documents(name: str) -> None:
    schemas = api.get_openapi_schema(path_prefix="/api/v1/")["components"]["schemas"]
    fields = getattr(models, name).model_fields
    assert set(fields) == set(schemas[SAME[name]]["properties"])
    assert set(BatchDetail.model_fields) == set(models.Batch.model_fields)
