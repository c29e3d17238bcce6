"""Ada's documents, and operators who look at them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from fairhand.kit.pictures import Picture
from fairhand.people import consents
from fairhand.people.accounts import make_operator
from fairhand.people.identity import checks, proofs
from fairhand.people.identity.said import Said
from fairhand.people.identity.votes import Vote, vote
from fairhand.people.models import Account, Duty, IdentityCheck, Worker
from tests.identity.pictures import saved

YES = Vote("verified")
NO = Vote("rejected", "unreadable", "Too dark: take it by a window.")


def said(**other: Any) -> Said:
    """What Ada's identity card says."""
    card = Said("Ada Lovelace", date(1990, 12, 10), "id_card", "IT", "CA 12345 AB", in_days(1500))
    return replace(card, **other)


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def agree(worker: Worker) -> None:
    digest = consents.digest_of(proofs.CONSENT, "en")
    assert consents.give(worker.account, proofs.CONSENT, language="en", digest=digest)


def begun(worker: Worker, **other: Any) -> IdentityCheck:
    """A check that a worker began, with nothing shown yet."""
    agree(worker)
    return checks.begin(worker, said(**other))


def sent(worker: Worker, **other: Any) -> IdentityCheck:
    """A check that waits for operators."""
    check = begun(worker, **other)
    picture = Picture(saved(), "image/jpeg", 900, 600)
    with transaction.atomic():
        for kind in proofs.asked_of(check):
            proofs.keep(worker.account, kind, [picture], check_of=check)
    assert checks.send(worker)
    check.refresh_from_db()
    return check


def verified(worker: Worker, operators: list[Account], **other: Any) -> IdentityCheck:
    check = sent(worker, **other)
    for one in operators[:2]:
        assert vote(check, one, YES)
    assert check.state == "verified"
    return check


def operators(count: int = 3) -> list[Account]:
    """So many operators who may look at identities."""
    made = [Account.objects.create_user(f"op{n}@example.org", name=f"Op{n}") for n in range(count)]
    for one in made:
        make_operator(one, [Duty.IDENTITY])
    return made
