"""LG-1: whatever people do in whatever order, the money is what a plain dictionary says it is.

Hypothesis draws the order of the real verbs, on the real database with real commits; beside it runs
a model that knows nothing but addition. After every step the two agree.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fairhand.kit.decision import Refused
from fairhand.kit.money import Money
from fairhand.ledger.audit import audit
from fairhand.ledger.posting import fold
from fairhand.pay import events
from fairhand.pay.funding import deposit
from fairhand.pay.models import Destination, ItemState
from fairhand.pay.payouts import (
    bounce_item,
    cancel_run,
    confirm_run,
    prepare_run,
    send_run,
    set_destination,
    set_payer,
)
from fairhand.people.models import Worker
from fairhand.projects.models import Batch
from fairhand.work.deadlines import expire_pages
from fairhand.work.models import Assignment
from fairhand.work.opening import close_batch, open_batch, pause_batch, resume_batch, settle_batch
from fairhand.work.review import accept_all, accept_overdue
from tests.world import World, caller, let_pass, make_world, page_of, rows, turn

CENT = 10_000
IBANS = ("ES9121000418450200051332", "PL61109010140000071219812874")


class Model:
    """What each account of this story should hold, by its code; and the pages that are out."""

    def __init__(self) -> None:
        self.held: defaultdict[str, int] = defaultdict(int)
        self.waiting: dict[tuple[int, int, int], tuple[str, int, int]] = {}

    def move(self, debit: str, credit: str, amount: int) -> None:
        self.held[debit] -= amount
        self.held[credit] += amount


class Story(RuleBasedStateMachine):
    """Rita funds and opens batches, Ada and Ben work, Olga pays; the clock runs."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World = make_world()
        self.model = Model()
        self.workers = [(self.world.ada, caller(self.world.ada))]
        self.workers += [(self.world.ben, caller(self.world.ben))]
        self.pages: dict[tuple[int, int], dict[str, Any]] = {}
        self.batches: list[Batch] = []
        self.deposit = events.deposit(self.world.organisation.ref, "EUR")
        self.sources = 0
        # Nobody of another story is due.
        Destination.objects.all().delete()
        for (worker, _), iban in zip(self.workers, IBANS, strict=True):
            assert set_destination(worker, holder=worker.account.name, address=iban)

    # --- the requester ------------------------------------------------------------------------
    @rule(micros=st.integers(1, 3_000_000), again=st.booleans())
    def fund(self, micros: int, again: bool) -> None:
        self.sources += 1
        source = f"{self.world.organisation.ref}/{self.sources}"
        for n in range(1 + again):
            new = deposit(self.world.organisation, Money(micros, "EUR"), source=source)
            assert new is (n == 0)
        self.model.move("outside", self.deposit, micros)

    @precondition(lambda self: len(self.batches) < 4)
    @rule(
        tasks=st.integers(1, 6),
        overlap=st.integers(1, 2),
        price=st.integers(1, 100_000),
        hours=st.sampled_from((0, 0, 5)),
    )
    def open(self, tasks: int, overlap: int, price: int, hours: int) -> None:
        batch = self.world.batch(
            tasks,
            opened=False,
            overlap=overlap,
            price_micros=price,
            review_hours=hours,
            page_size=2,
        )
        cost = tasks * overlap * (price + batch.fee_micros)
        opened = bool(open_batch(batch, self.world.rita.ref))
        assert opened is (self.model.held[self.deposit] >= cost)
        if opened:
            self.batches.append(batch)
            self.model.move(self.deposit, events.escrow(batch.ref, "EUR"), cost)

    @precondition(lambda self: self.batches)
    @rule(data=st.data(), verb=st.sampled_from((pause_batch, resume_batch)))
    def hold_or_go_on(self, data: st.DataObject, verb: Callable[[Batch, str], bool]) -> None:
        verb(self.some_batch(data), self.world.rita.ref)

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        batch = self.some_batch(data)
        close_batch(batch, self.world.rita.ref, "enough")
        self.settled(batch)

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        batch = self.some_batch(data)
        settle_batch(batch)
        self.settled(batch)

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        batch = self.some_batch(data)
        accept_all(batch, actor=self.world.rita.ref)
        self.accepted(batch)

    # --- the workers --------------------------------------------------------------------------
    @precondition(lambda self: self.batches)
    @rule(data=st.data(), who=st.integers(0, 1), verb=st.sampled_from(("work", "ahead")))
    def claim(self, data: st.DataObject, who: int, verb: str) -> None:
        batch = self.some_batch(data)
        done = turn(self.workers[who][1], batch, verb=verb)
        if done.page is not None:
            self.pages[batch.pk, who] = page_of(done)

    @precondition(lambda self: self.pages)
    @rule(data=st.data(), again=st.booleans())
    def submit(self, data: st.DataObject, again: bool) -> None:
        (pk, who), page = data.draw(st.sampled_from(list(self.pages.items())), label="page")
        batch = Batch.objects.get(pk=pk)
        for n in range(1 + again):
            done = turn(self.workers[who][1], batch, page)
            if done.submitted is not None and n == 0 and '"repeated":false' in done.submitted:
                self.earned(batch, self.workers[who][0], page)

    @precondition(lambda self: self.pages)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        (pk, who), page = data.draw(st.sampled_from(list(self.pages.items())), label="page")
        turn(self.workers[who][1], Batch.objects.get(pk=pk), page, verb="give_back")

    # --- the clock ----------------------------------------------------------------------------
    @precondition(lambda self: self.batches)
    @rule(data=st.data(), hours=st.sampled_from((1, 6)))
    def time_passes(self, data: st.DataObject, hours: int) -> None:
        batch = self.some_batch(data)
        let_pass(batch, hours * 3600)
        expire_pages()
        accept_overdue()
        self.accepted(batch)

    @rule()
    def fold(self) -> None:
        fold()

    # --- the operator -------------------------------------------------------------------------
    @rule(send=st.booleans(), returned=st.booleans())
    def pay_out(self, send: bool, returned: bool) -> None:
        payables = {w.pk: events.payable(w.ref, "EUR") for w, _ in self.workers}
        due = {pk: self.model.held[code] // CENT * CENT for pk, code in payables.items()}
        try:
            run = prepare_run(self.world.olga)
        except Refused as refused:
            assert refused.refusal.code == "nobody_due"  # noqa: PT017
            assert not any(due.values())
            return
        items = list(run.items.select_related("worker"))
        assert {item.worker_id: item.amount_micros for item in items} == {
            pk: amount for pk, amount in due.items() if amount
        }
        if not send:
            assert cancel_run(run, self.world.olga)
            return
        assert send_run(run, self.world.olga)
        if len(items) > 1:
            assert bounce_item(items[0], self.world.olga, "closed")
        assert confirm_run(run, self.world.olga)
        for item in run.items.filter(state=ItemState.PAID):
            self.model.move(payables[item.worker_id], "outside", item.amount_micros)
            if returned:
                assert bounce_item(item, self.world.olga, "closed since")
                self.model.move("outside", payables[item.worker_id], item.amount_micros)

    # --- what must hold -----------------------------------------------------------------------
    @invariant()
    def the_model_agrees(self) -> None:
        codes = {code for code in self.model.held if code not in {"outside", "fees"}}
        found = dict(
            rows(
                "select code, ledger_balance(id) from ledger_account where code = any(%s)",
                list(codes),
            )
        )
        assert {code: self.model.held[code] for code in found} == found
        assert all(self.model.held[code] == 0 for code in codes - found.keys())
        assert min([0, *found.values()]) == 0
        assert sum(self.model.held.values()) == 0

    def teardown(self) -> None:
        found = audit()
        assert found.faults == []
        assert set(found.totals.values()) <= {0}
        for batch in self.batches:
            close_batch(Batch.objects.get(pk=batch.pk), "test", "the story is over")

    # --- the model's own steps ----------------------------------------------------------------
    def some_batch(self, data: st.DataObject) -> Batch:
        chosen = data.draw(st.integers(0, len(self.batches) - 1), label="batch")
        return Batch.objects.get(pk=self.batches[chosen].pk)

    def earned(self, batch: Batch, worker: Worker, page: dict[str, Any]) -> None:
        held = Assignment.objects.get(batch=batch, worker=worker, no=page["no"])
        count = len(page["items"])
        pay, fee = count * batch.price_micros, count * batch.fee_micros
        escrow = events.escrow(batch.ref, "EUR")
        if batch.review_hours:
            self.model.move(escrow, events.pending(worker.ref, "EUR"), pay)
            self.model.waiting[batch.pk, worker.pk, held.no] = (worker.ref, pay, fee)
        else:
            self.model.move(escrow, events.payable(worker.ref, "EUR"), pay)
            self.model.move(escrow, "fees", fee)

    def accepted(self, batch: Batch) -> None:
        """Move what the database says was accepted; how much that is the model knows itself."""
        for key, (ref, pay, fee) in list(self.model.waiting.items()):
            place = dict(zip(("batch_id", "worker_id", "no"), key, strict=True))
            if Assignment.objects.filter(**place, state="accepted").exists():
                escrow = events.escrow(Batch.objects.get(pk=key[0]).ref, "EUR")
                self.model.move(events.pending(ref, "EUR"), events.payable(ref, "EUR"), pay)
                self.model.move(escrow, "fees", fee)
                del self.model.waiting[key]

    def settled(self, batch: Batch) -> None:
        """What a settled batch did not spend is its requester's again, to the last micro-unit."""
        if Batch.objects.get(pk=batch.pk).state == "settled":
            escrow = events.escrow(batch.ref, "EUR")
            assert not any(key[0] == batch.pk for key in self.model.waiting)
            self.model.move(escrow, self.deposit, self.model.held[escrow])


def tell(examples: int, steps: int) -> None:
    """Tell so many stories of so many steps."""
    set_payer(name="Fairhand", address="DE89370400440532013000", minimum=Money(1, "EUR"))
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_a_few_stories_of_money_add_up() -> None:
    tell(examples=3, steps=20)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_steps_of_money_add_up() -> None:
    tell(examples=200, steps=50)


@pytest.mark.nightly
@pytest.mark.timeout(20_000)
@pytest.mark.django_db(transaction=True)
def test_two_hundred_thousand_steps_of_money_add_up() -> None:
    tell(examples=2000, steps=100)
