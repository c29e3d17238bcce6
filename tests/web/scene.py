"""A lived-in installation: batches in every state, people who earned, a payout run."""

from dataclasses import dataclass

from fairhand.kit.money import Money
from fairhand.pay.models import PayoutRun
from fairhand.pay.payouts import prepare_run, send_run, set_destination, set_payer
from fairhand.people.accounts import make_worker
from fairhand.people.models import Worker
from fairhand.projects.batches import Terms, make_batch
from fairhand.projects.models import Batch
from fairhand.projects.reading import TaskRow
from fairhand.work.access import standing_restriction
from fairhand.work.models import Restriction
from fairhand.work.opening import close_batch, open_batch
from fairhand.work.results import compute_results
from fairhand.work.uploading import upload_tasks
from tests.world import BAD, GOOD, World, caller, page_of, turn, work_through

IBAN_ADA, IBAN_BEN, IBAN_PAYER = (
    "DE89370400440532013000",
    "IT60X0542811101000000123456",
    "ES9121000418450200051332",
)
TEXTS = (
    "The parcel came a day early, and the driver waited until my mother had found her glasses.",
    "Second kettle in a year. This one whistles even when it is off.",
    "It does what it says. No more, no less.",
    "I wanted to like these headphones, and for an hour I did.",
    "My son has worn the jacket through two winters, and now his sister does.",
    "The manual is in four languages, none of which is the one it was translated from.",
)
INSTRUCTIONS = [
    {"heading": "What to do", "text": "Read the review and say how its writer felt."},
    {"heading": "When in doubt", "text": "Choose what the last sentence says."},
]


@dataclass
class Scene:
    """Who and what there is, beside the cast."""

    world: World
    open: Batch
    review: Batch
    done: Batch
    draft: Batch
    cleo: Worker  # restricted in `open`
    restriction: Restriction
    run: PayoutRun


def moods(world: World, name: str, tasks: int = 60, **terms: object) -> Batch:
    """A draft of reviews, every tenth of them gold with the answer good."""
    terms = {"price_micros": 50_000, "overlap": 3, "expected_seconds": 9.0, **terms}
    world.project.instructions = INSTRUCTIONS
    batch = make_batch(world.rita, world.project, Terms(name=name, **terms))  # type: ignore[arg-type]
    rows = [
        TaskRow(i + 2, {"text": TEXTS[i % len(TEXTS)]}, f"k{i}", GOOD if i % 10 == 0 else None)
        for i in range(tasks)
    ]
    upload_tasks(batch, rows)
    batch.refresh_from_db()
    return batch


def launch(world: World, batch: Batch) -> Batch:
    world.fund(500)
    assert open_batch(batch, world.rita.ref)
    batch.refresh_from_db()
    return batch


def make_scene(world: World) -> Scene:
    """Set the scene through the verbs that the product uses."""
    cleo = make_worker(f"cleo-{world.ada.ref}@example.org", name="Cleo", password="cleo's password")
    done = launch(world, moods(world, "Reviews, October", 300, gold_permille=100))
    for worker in (world.ada, world.ben):
        work_through(caller(worker), done)
    close_batch(done, world.rita.ref, "enough")
    compute_results(done)
    running = launch(
        world, moods(world, "Reviews, November", 400, gold_permille=200, bar_permille=850)
    )
    ada = caller(world.ada)
    page = page_of(turn(ada, running))
    for _ in range(3):
        page = page_of(turn(ada, running, page))
    work_through(caller(cleo), running, BAD)
    review = launch(world, moods(world, "Reviews of shops", review_hours=48))
    ben = caller(world.ben)
    turn(ben, review, page_of(turn(ben, review)))
    draft = moods(world, "Reviews, December", gold_permille=100, bar_permille=850)
    set_payer(name="Fairhand Test GmbH", address=IBAN_PAYER, minimum=Money(5_000_000, "EUR"))
    set_destination(world.ada, holder="Ada Lovelace", address=IBAN_ADA)
    run = prepare_run(world.olga)
    send_run(run, world.olga)
    set_destination(world.ben, holder="Ben Bitdiddle", address=IBAN_BEN)
    restriction = standing_restriction(cleo, running)
    assert restriction is not None
    return Scene(world, running, review, done, draft, cleo, restriction, run)
