"""LG-1: whatever people do in whatever order, the money is what a plain dictionary says it is.

Hypothesis draws the order of the real verbs, on the real database with real commits; beside it runs
a model that knows nothing but addition. After every step the two agree.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
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
from fairhand.kit.ids import new_ref
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
from fairhand.pay.terms import set_terms
from fairhand.people.models import Portal, PortalMember, Worker
from fairhand.projects.models import Batch
from fairhand.work.claims import Turn
from fairhand.work.deadlines import expire_pages
from fairhand.work.models import Assignment
from fairhand.work.opening import close_batch, open_batch, pause_batch, resume_batch, settle_batch
from fairhand.work.review import accept_all, accept_overdue
from tests.world import World, caller, let_pass, make_world, page_of, rows, turn

CENT = 10_000
IBANS = ("ES9121000418450200051332", "PL61109010140000071219812874")


@dataclass
class Waits:
    """A page under review: whose money it is, and who gets which part of what it costs."""

    earner: str
    pay: int
    share: int
    fee: int
    keeper: str


class Model:
    """What each account of this story should hold, by its code; and the pages that are out."""

    def __init__(self) -> None:
        self.held: defaultdict[str, int] = defaultdict(int)
        self.waiting: dict[tuple[int, int, int], Waits] = {}

    def move(self, debit: str, credit: str, amount: int) -> None:
        self.held[debit] -= amount
        self.held[credit] += amount


def earner(worker: Worker, portal: Portal | None) -> str:
    return events.whose(worker.ref, portal.ref if portal is not None else "")


class Story(RuleBasedStateMachine):
    """Rita funds and opens batches, Ada and Ben work, Olga pays; the clock runs.

    They work on the own site and through two portals, whose shares change.
    """

    def __init__(self) -> None:
        super().__init__()
        self.world: World = make_world()
        self.model = Model()
        self.workers = [(self.world.ada, caller(self.world.ada))]
        self.workers += [(self.world.ben, caller(self.world.ben))]
        self.pages: dict[tuple[int, int], dict[str, Any]] = {}
        self.doors: list[Portal | None] = [None, self.portal(), self.portal()]
        self.shares = {door.pk: 0 for door in self.doors if door is not None}
        # What a page's portal kept when it was taken: by batch, worker and number.
        self.taken: dict[tuple[int, int, int], tuple[Portal | None, int]] = {}
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
    @rule(
        data=st.data(),
        who=st.integers(0, 1),
        verb=st.sampled_from(("work", "ahead")),
        door=st.integers(0, 2),
    )
    def claim(self, data: st.DataObject, who: int, verb: str, door: int) -> None:
        batch, through = self.some_batch(data), self.doors[door]
        self.given(batch, who, turn(self.workers[who][1], batch, verb=verb, portal=through), door)

    @precondition(lambda self: self.pages)
    @rule(data=st.data(), again=st.booleans(), door=st.integers(0, 2))
    def submit(self, data: st.DataObject, again: bool, door: int) -> None:
        (pk, who), page = data.draw(st.sampled_from(list(self.pages.items())), label="page")
        batch = Batch.objects.get(pk=pk)
        for n in range(1 + again):
            done = turn(self.workers[who][1], batch, page, portal=self.doors[door])
            if done.submitted is not None and n == 0 and '"repeated":false' in done.submitted:
                self.earned(batch, self.workers[who][0], page)
            self.given(batch, who, done, door)

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
    @rule(door=st.integers(1, 2), share=st.integers(0, 900))
    def change_share(self, door: int, share: int) -> None:
        portal = self.doors[door]
        assert portal is not None
        self.terms(portal, share)
        self.shares[portal.pk] = share

    @rule(send=st.booleans(), returned=st.booleans(), door=st.integers(0, 2))
    def pay_out(self, send: bool, returned: bool, door: int) -> None:
        portal = self.doors[door]
        payables = {w.pk: events.payable(earner(w, portal), "EUR") for w, _ in self.workers}
        due = {pk: self.model.held[code] // CENT * CENT for pk, code in payables.items()}
        try:
            run = prepare_run(self.world.olga, portal=portal)
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

    # --- the portals ---------------------------------------------------------------------------
    def portal(self) -> Portal:
        name = new_ref("door").replace("_", "-")
        made = Portal.objects.create(slug=name, name=name, host=f"{name}.example.org")
        for worker, _ in self.workers:
            PortalMember.objects.create(portal=made, worker=worker)
        self.terms(made, 0)
        return made

    def terms(self, portal: Portal, share: int) -> None:
        assert set_terms(
            portal,
            share_permille=share,
            calendar="weekly",
            day=5,
            first=None,
            minimum=Money(CENT, "EUR"),
            rails=["sepa"],
            by=self.world.olga,
        )

    # --- the model's own steps ----------------------------------------------------------------
    def some_batch(self, data: st.DataObject) -> Batch:
        chosen = data.draw(st.integers(0, len(self.batches) - 1), label="batch")
        return Batch.objects.get(pk=self.batches[chosen].pk)

    def given(self, batch: Batch, who: int, done: Turn, door: int) -> None:
        """Note a page that somebody was given, and what its portal keeps of it from then on."""
        if done.page is None:
            return
        page, through = page_of(done), self.doors[door]
        self.pages[batch.pk, who] = page
        share = self.shares[through.pk] if through is not None else 0
        self.taken.setdefault((batch.pk, who, page["no"]), (through, share))

    def earned(self, batch: Batch, worker: Worker, page: dict[str, Any]) -> None:
        who = [one.pk for one, _ in self.workers].index(worker.pk)
        through, permille = self.taken[batch.pk, who, page["no"]]
        price = len(page["items"]) * batch.price_micros
        share = price * permille // 1000
        keeper = events.portal(through.ref, "EUR") if through is not None else ""
        mine = Waits(
            earner(worker, through),
            price - share,
            share,
            len(page["items"]) * batch.fee_micros,
            keeper,
        )
        escrow = events.escrow(batch.ref, "EUR")
        if batch.review_hours:
            self.model.move(escrow, events.pending(mine.earner, "EUR"), mine.pay)
            self.model.waiting[batch.pk, worker.pk, page["no"]] = mine
        else:
            self.model.move(escrow, events.payable(mine.earner, "EUR"), mine.pay)
            self.charged(escrow, mine)

    def charged(self, escrow: str, page: Waits) -> None:
        """What leaves the escrow beside the pay once a page is accepted."""
        self.model.move(escrow, "fees", page.fee)
        if page.share:
            self.model.move(escrow, page.keeper, page.share)

    def accepted(self, batch: Batch) -> None:
        """Move what the database says was accepted; how much that is the model knows itself."""
        for key, page in list(self.model.waiting.items()):
            place = dict(zip(("batch_id", "worker_id", "no"), key, strict=True))
            if Assignment.objects.filter(**place, state="accepted").exists():
                escrow = events.escrow(Batch.objects.get(pk=key[0]).ref, "EUR")
                pending, payable = (
                    code(page.earner, "EUR") for code in (events.pending, events.payable)
                )
                self.model.move(pending, payable, page.pay)
                self.charged(escrow, page)
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
