"""The closed list of business events that move money, and the transfers each one makes.

docs/money.md prints this table; a test keeps the two equal. Account codes are made here and nowhere
else: `<kind>:<whose>:<currency>`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One reason code of the ledger: from which kind of account to which, and when."""

    reason: str
    debit: str
    credit: str
    when: str


EVENTS = (
    Event("deposit", "bank", "deposit", "A requester's money arrived."),
    Event("reserve", "deposit", "escrow", "A batch opens: pay and fee for every slot."),
    Event(
        "earn",
        "escrow",
        "pending or payable",
        "A page is handed in; payable when accepted at once.",
    ),
    Event("share", "escrow", "portal", "A page is accepted that was taken through a portal."),
    Event("fee", "escrow", "fee", "A page is accepted."),
    Event("accept", "pending", "payable", "A page is accepted after review."),
    Event("release", "escrow", "deposit", "A batch settles: what was not spent goes back."),
    Event("payout", "payable", "clearing", "A payout run takes the whole cents."),
    Event("settle", "clearing", "bank", "The bank confirmed the payment."),
    Event("bounce", "clearing", "payable", "The payment came back, or its run was stopped."),
    Event("return", "bank", "payable", "The payment came back after the bank had confirmed it."),
)


def bank(rail: str, currency: str) -> str:
    """The world outside: below zero by what the house holds."""
    return f"bank:{rail}:{currency}"


def deposit(organisation_ref: str, currency: str) -> str:
    return f"deposit:{organisation_ref}:{currency}"


def escrow(source: str, currency: str) -> str:
    return f"escrow:{source}:{currency}"


def fee(currency: str) -> str:
    return f"fee:platform:{currency}"


def portal(portal_ref: str, currency: str) -> str:
    """What a portal kept of the prices of what was done through it."""
    return f"portal:{portal_ref}:{currency}"


def whose(worker_ref: str, portal_ref: str = "") -> str:
    """Whose earnings: a worker's, apart for each portal that they work through."""
    return f"{worker_ref}@{portal_ref}" if portal_ref else worker_ref


def pending(earner: str, currency: str) -> str:
    return f"pending:{earner}:{currency}"


def payable(earner: str, currency: str) -> str:
    return f"payable:{earner}:{currency}"


def clearing(run_ref: str, currency: str) -> str:
    return f"clearing:{run_ref}:{currency}"
