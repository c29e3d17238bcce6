"""What whoever sets up an installation does: people, keys, money, destinations, payouts, audit.

This is the only part of a simulation that calls the server's own code; everything that requesters
and workers do goes over HTTP.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from fairhand.kit.decision import Refusal, require
from fairhand.kit.models import Installation
from fairhand.kit.money import Money
from fairhand.pay.books import audit, fold
from fairhand.pay.funding import deposit
from fairhand.pay.models import Destination, PayoutRun
from fairhand.pay.payouts import (
    clearing_balance,
    confirm_run,
    file_problems,
    prepare_run,
    send_run,
    set_destination,
    set_payer,
)
from fairhand.people.accounts import make_operator, make_organisation
from fairhand.people.keys import is_simulation, issue_key
from fairhand.people.links import make_link
from fairhand.people.models import Account, Organisation, Worker

CURRENCY = "EUR"
ONE_CENT = Money(10_000, CURRENCY)
# No bank has this code, so that no transfer of a demonstration could ever arrive anywhere.
BANK_CODE = "99999999"
REQUESTER, OPERATOR, WORKER = "requester", "operator", "worker-{number:04d}"
SCOPES = ("projects:read", "projects:write", "results:read", "money:read")
SIGN_IN = "/enter/{token}"  # fairhand.web's page; a test holds the two together


@dataclass(frozen=True, slots=True)
class Cast:
    """Whoever is not a worker: a requester with an organisation and its key, and an operator."""

    requester: Account
    organisation: Organisation
    key: str
    operator: Account


@dataclass(frozen=True, slots=True)
class Hand:
    """A simulated worker and the key that works for them."""

    worker: Worker
    key: str


@dataclass(frozen=True, slots=True)
class Paid:
    """What a payout run came to. `valid`: the file passed every check and clearing is empty."""

    run: PayoutRun
    total: Money
    valid: bool


def begin(kind: str) -> None:
    """Write down what this installation is. Raises Refused where it is another kind already."""
    row, _new = Installation.objects.get_or_create(pk=1, defaults={"kind": kind})
    if row.kind != kind:
        Refusal(
            "another_kind",
            _("This database holds an installation of the kind “%(kind)s”; nothing was changed."),
            {"kind": row.kind},
        ).fail()


@transaction.atomic
def make_cast(requester: str, organisation: str, operator: str) -> Cast:
    """Make the requester, their organisation and its key, the operator, and the payer's account."""
    account = Account.objects.create_user(address(REQUESTER), name=requester)
    company = make_organisation(organisation, account)
    runner = Account.objects.create_user(address(OPERATOR), name=operator)
    make_operator(runner)
    _key, secret = issue_key(account, name="simulation", scopes=SCOPES, organisation=company)
    set_payer(name="Fairhand Demonstration", address=account_number(0), minimum=ONE_CENT)
    return Cast(account, company, secret, runner)


@transaction.atomic
def make_hands(names: Sequence[str]) -> list[Hand]:
    """Make a worker of each name, with a key and a bank account to be paid to.

    In bulk, since recorded crowds have hundreds. Nobody can sign in with a password. Raises Refused
    in a live installation.
    """
    if not is_simulation():
        Refusal(
            "live_installation",
            _("Simulated workers exist only where a demonstration or a replay was made."),
            status=403,
        ).fail()
    accounts = Account.objects.bulk_create(
        Account(
            email=address(WORKER.format(number=number)), name=name, password=make_password(None)
        )
        for number, name in enumerate(names, start=1)
    )
    workers = Worker.objects.bulk_create(Worker(account=account) for account in accounts)
    _give_destinations(workers)
    return [
        Hand(worker, issue_key(worker.account, name="simulation", scopes=["work"])[1])
        for worker in workers
    ]


def _give_destinations(workers: Sequence[Worker]) -> None:
    """Every worker's bank account; the first goes through the check that people's go through."""
    if workers:
        first = workers[0]
        require(set_destination(first, holder=_holder(first), address=account_number(1)))
    Destination.objects.bulk_create(
        Destination(
            worker=worker, rail="sepa", holder=_holder(worker), address=account_number(number)
        )
        for number, worker in enumerate(workers[1:], start=2)
    )


def fund(organisation: Organisation, micros: int) -> None:
    """Book a deposit, as an operator does when a transfer has arrived."""
    deposit(organisation, Money(micros, CURRENCY), source="simulation/deposit")


def pay_everybody(operator: Account, folder: Path) -> tuple[Paid, Path]:
    """Run a payout to its end: file, bank, confirmation; returns it and where its file lies."""
    run = prepare_run(operator)
    problems = file_problems(run)
    sent = send_run(run, operator) and confirm_run(run, operator)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"sepa-{run.ref.replace('_', '-')}.xml"
    path.write_bytes(bytes(run.file))
    valid = sent and not problems and clearing_balance(run).micros == 0
    return Paid(run, Money(run.total_micros, run.currency), valid), path


def ledger_balances() -> bool:
    """Fold the ledger, recount it from its transfers, and compare."""
    fold()
    return audit().balanced


def sign_in_link(base_url: str, account: Account) -> str:
    """A one-time address that signs this person in. Raises Refused in a live installation."""
    return base_url + SIGN_IN.format(token=quote(make_link(account)))


def account_number(number: int) -> str:
    """A made-up German IBAN with right check digits (ISO 13616: 98 less the remainder mod 97)."""
    lot = random.Random(number)
    inner = f"{BANK_CODE}{lot.randrange(10**6):06d}{number:04d}"
    return f"DE{98 - int(inner + '131400') % 97:02d}{inner}"


def _holder(worker: Worker) -> str:
    return worker.account.name


def address(name: str) -> str:
    """An address in a domain that can never receive mail (RFC 2606)."""
    return f"{name}@demonstration.invalid"
