"""LG-2: many at once move money between few accounts, and not a micro-unit appears or vanishes.

After Jepsen's bank test: mixed transfers, a fifth of them repeated, a tenth beyond what is there.
"""

import random
from collections import Counter
from functools import partial

import pytest
from django.db import OperationalError

from fairhand.ledger.audit import audit
from fairhand.ledger.posting import Entry, NotEnough, balances, fold, post
from tests.ledger.ledger_cast import purse
from tests.races.together import Team
from tests.world import count, rows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]
WORKERS = 8
OPERATIONS = 20_000
ACCOUNTS = 12
STAKE = 1000
Told = tuple[Counter[str], set[str]]  # how postings ended, and the events that are posted


def plan(seed: int, accounts: list[int]) -> list[list[Entry]]:
    """What one worker posts: postings of one to three movements."""
    draw = random.Random(seed)
    postings: list[list[Entry]] = []
    for n in range(OPERATIONS // WORKERS):
        if postings and draw.random() < 0.2:
            postings.append(draw.choice(postings))
            continue
        entries = []
        for part in range(draw.choice((1, 1, 1, 2, 3))):
            debit, credit = draw.sample(accounts, 2)
            amount = STAKE * ACCOUNTS if draw.random() < 0.1 else draw.randint(1, 60)
            # Every fourth event is known to all workers: they post the very same thing.
            source = f"{seed}/{n}/{part}" if n % 4 else f"shared/{n}/{part}"
            shared = random.Random(f"{n}/{part}")
            if not n % 4:
                debit, credit = shared.sample(accounts, 2)
                amount = shared.randint(1, 60)
            entries.append(Entry(debit, credit, amount, "EUR", "move", source))
        postings.append(entries)
    return postings


def look(accounts: list[int]) -> None:
    """Seen in one moment nothing is torn: Jepsen's four errors of a bank, by their names."""
    held = balances(accounts)
    assert held.keys() == set(accounts), "unexpected key"
    assert None not in held.values(), "nil balance"
    assert min(held.values()) >= 0, "negative value"
    assert sum(held.values()) == STAKE * ACCOUNTS, "wrong total"


def test_money_is_conserved_among_many_who_move_it_at_once() -> None:
    accounts = [purse(holding=STAKE) for _ in range(ACCOUNTS)]
    before = count("ledger_transfer")

    def work(seed: int) -> Told:
        outcomes: Counter[str] = Counter()
        posted: set[str] = set()
        for n, entries in enumerate(plan(seed, accounts)):
            try:
                new = post(entries)
                outcomes["new" if new else "repeated"] += 1
                outcomes["rows"] += new
                posted |= {entry.source for entry in entries}
            except NotEnough:
                outcomes["refused"] += 1
            except OperationalError:  # a deadlock, as PostgreSQL reports it
                outcomes["deadlock"] += 1
            if n % 100 == 0:
                look(accounts)
            if n % 50 == seed:
                fold()
        return outcomes, posted

    with Team(WORKERS) as team:
        told = team.race(*[partial(work, seed) for seed in range(WORKERS)])
    outcomes = sum((mine for mine, _ in told), Counter[str]())
    stored = outcomes.pop("rows")
    assert outcomes["deadlock"] == 0
    assert sum(outcomes.values()) == OPERATIONS
    assert all(outcomes[kind] > OPERATIONS // 50 for kind in ("new", "repeated", "refused"))
    found = audit()
    assert found.faults == []
    # Each event that was posted by anybody, however often, is one row, and nothing else is.
    posted = set[str]().union(*[mine for _, mine in told])
    assert stored == len(posted) == count("ledger_transfer") - before
    assert {source for (source,) in rows("select source from ledger_transfer")} >= posted
    look(accounts)
