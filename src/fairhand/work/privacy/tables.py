"""The whole table of what is kept about people: those of people's own tables, work's and money's.

`HELD` is closed: a test walks every table and column of the database and fails where one that is
neither here nor in `NOBODYS` came along.
"""

from typing import Any

from django.apps import apps
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from fairhand.kit.models import History
from fairhand.people.privacy import periods
from fairhand.people.privacy.held import INNER, OTHERS, Fate, Held, Part, Person
from fairhand.people.privacy.records import BOUND, TEAM, TRAIL, made
from fairhand.people.privacy.tables import ACCESS, TOLD, YOU

KEPT, DELETED = Fate.KEPT, Fate.DELETED
SHUFFLED = _(
    "Which task of a batch it was is hidden from workers, so that nobody agrees on answers."
)
TESTS = _("It would give away which tasks were tests.")
# A worker's accounts in the ledger: docs/money.md.
THEIRS = ("pending", "payable")


def _accounts(person: Person) -> QuerySet[Any]:
    codes = Q(pk__in=[])
    for kind in THEIRS:
        codes |= Q(code__startswith=f"{kind}:{person.pseudonym}:")
        codes |= Q(code__startswith=f"{kind}:{person.pseudonym}@")
    return apps.get_model("ledger.Account").objects.filter(codes)


def _balances(person: Person) -> QuerySet[Any]:
    return apps.get_model("ledger.Balance").objects.filter(account__in=_accounts(person))


def _transfers(person: Person) -> QuerySet[Any]:
    mine = list(_accounts(person).values_list("pk", flat=True))
    found = Q(debit__in=mine) | Q(credit__in=mine)
    return apps.get_model("ledger.Transfer").objects.filter(found).order_by("pk")


def _history(person: Person) -> QuerySet[Any]:
    account = person.account
    about = Q(subject=account.ref)
    about |= Q(subject__endswith=f"/{person.pseudonym}")
    for held in HELD:
        if held.label in OF_ONE and not held.rest:
            numbers = [str(pk) for pk in held.rows(person).values_list("pk", flat=True)]
            about |= Q(kind=OF_ONE[held.label], subject__in=numbers)
    found = History.objects.filter(about | Q(actor=account.ref)).order_by("pk")
    return found.annotate(about_them=ExpressionWrapper(about, BooleanField()))


def _move(row: Any, person: Person) -> dict[str, Any]:
    """A step as its person reads it; why they took one that concerns others is about those."""
    own = row.actor == person.account.ref
    by = "you" if own else row.actor if row.actor.startswith("system:") else "somebody else"
    return {
        "kind": row.kind,
        "subject": row.subject,
        "from": row.source,
        "to": row.target,
        "by": by,
        "why": row.why if row.about_them else "",
        "at": row.at,
    }


WORK = (
    Held(
        "work.Enrolment",
        "batches",
        _("Batches that you work or worked in, and what you did and earned there."),
        _("So that you go on where you stopped, and see what you earned."),
        Part.WORK,
        KEPT,
        periods.NUMBER_ALONE,
        by=("worker",),
        shown=(
            *("batch", "halted", "pages", "answers", "gold_seen", "gold_right", "earned_micros"),
            *("portal", "share_permille", "look_again_at", "enrolled_at"),
        ),
        hidden={
            **dict.fromkeys(("cursor", "passes", "exhausted_at", "stamp", "held"), INNER),
            **dict.fromkeys(("gold_cursor", "gold_passes"), TESTS),
            **dict.fromkeys(
                ("escrow_account", "earning_account", "fee_account", "share_account"), INNER
            ),
        },
    ),
    Held(
        "work.Assignment",
        "pages",
        _("Pages that you took: when, until when, what became of them, what they paid."),
        _("So that you are paid for each, once."),
        Part.WORK,
        KEPT,
        periods.NUMBER_ALONE,
        by=("worker",),
        shown=(
            *("batch", "no", "state", "claimed_at", "deadline", "ended_at"),
            *("pay_micros", "share_micros", "fee_micros", "portal"),
        ),
        hidden={"tasks": SHUFFLED, "bundles": SHUFFLED, "digest": INNER},
    ),
    Held(
        "work.Answer",
        "answers",
        _("Your answers: when, and how long each took."),
        _("They are the work that requesters pay for; they belong to them, under your number."),
        Part.WORK,
        KEPT,
        periods.NUMBER_ALONE,
        by=("worker",),
        shown=("batch", "page", "value", "seconds", "at"),
        hidden={"position": SHUFFLED, "right": TESTS},
    ),
    Held(
        "work.Reservation",
        "tasks-kept-for-you",
        _("Tasks that are kept for you."),
        _("So that nobody else takes them."),
        Part.WORK,
        KEPT,
        periods.NUMBER_ALONE,
        by=("worker",),
        shown=("batch",),
        hidden={"turn": INNER, "bundle_no": SHUFFLED},
    ),
    Held(
        "work.Restriction",
        "restrictions",
        _("Decisions that keep or kept you out of a batch, with all that they were made from."),
        _("So that you can read why, and contest it."),
        Part.WORK,
        KEPT,
        periods.NUMBER_ALONE,
        by=("worker",),
        shown=(
            *("batch", "reason", "rule", "rule_version", "inputs"),
            *("made_at", "lifted_at", "lifted_why"),
        ),
        hidden={"lifted_by": OTHERS},
    ),
)
MONEY = (
    Held(
        "pay.Destination",
        "destinations",
        _("Where you want to be paid."),
        _("To pay you, and nobody else."),
        Part.MONEY,
        DELETED,
        periods.YOURS,
        by=("worker",),
        shown=("rail", "holder", "address", "changed_at"),
    ),
    Held(
        "pay.PayoutItem",
        "payouts",
        _("Payouts to you: how much, when, to which account."),
        _("Tax law asks to keep what was paid to whom."),
        Part.MONEY,
        KEPT,
        periods.PAID,
        by=("worker",),
        shown=("run", "end_to_end_id", "amount_micros", "holder", "address", "state"),
    ),
    Held(
        "ledger.Account",
        "money-accounts",
        _("Your accounts in our books, by your number."),
        _("To account for every cent."),
        Part.MONEY,
        KEPT,
        periods.BOOKED,
        find=_accounts,
        shown=("id", "code", "currency", "created_at"),
        hidden={"may_go_below_zero": INNER},
    ),
    Held(
        "ledger.Balance",
        "money-balances",
        _("What these accounts held when they were last added up."),
        _("To account for every cent."),
        Part.MONEY,
        KEPT,
        periods.BOOKED,
        find=_balances,
        shown=("account", "amount"),
    ),
    Held(
        "ledger.Transfer",
        "money-transfers",
        _("Every movement of your money."),
        _("To account for every cent."),
        Part.MONEY,
        KEPT,
        periods.BOOKED,
        find=_transfers,
        shown=("debit", "credit", "amount", "currency", "reason", "source", "at"),
    ),
)
MADE_FOR_OTHERS = (
    Held(
        "kit.History",
        "history",
        _("Each step of what concerns you, such as a check or a payout: when and why."),
        _("So that each decision can be followed and contested."),
        Part.TRAIL,
        KEPT,
        periods.HISTORY,
        find=_history,
        show=_move,
        shown=("kind", "subject", "source", "target", "actor", "why", "at"),
    ),
    made(
        "projects.Project",
        "projects-made",
        _("Projects that you made for an organisation."),
        ("created_by",),
        *("ref", "name", "created_at"),
    ),
    made(
        "projects.Batch",
        "batches-made",
        _("Batches that you made for an organisation."),
        ("created_by",),
        *("ref", "name", "state", "created_at"),
    ),
    made(
        "projects.Media",
        "media-uploaded",
        _("Pictures that you uploaded for an organisation."),
        ("made_by",),
        *("project", "name", "made_at"),
    ),
    made(
        "projects.MediaImport",
        "media-imports-made",
        _("Pictures that you had fetched for an organisation."),
        ("made_by",),
        *("project", "made_at"),
    ),
    made(
        "pay.PayoutRun",
        "payout-runs-made",
        _("Payout runs that you prepared."),
        ("created_by",),
        *("ref", "state", "created_at"),
    ),
    made(
        "work.Restriction",
        "restrictions-lifted",
        _("Restrictions of others that you lifted."),
        ("lifted_by",),
        *("batch", "lifted_at"),
    ),
)
HELD: tuple[Held, ...] = (
    *(*YOU, *ACCESS, *TOLD, *WORK),
    *(*MONEY, *BOUND, *TEAM, *TRAIL, *MADE_FOR_OTHERS),
)
# How history names the rows of these tables, whose moves are found by their numbers.
OF_ONE = {
    "people.Appeal": "appeal",
    "people.Deletion": "deletion of an account",
    "people.DataExport": "data export",
    "people.IdentityCheck": "identity check",
    "people.SameCase": "same person",
    "people.Mail": "mail",
    "pay.PayoutItem": "payout item",
}
_THEIRS = "what an organisation or operator set up; it names nobody"
_UPLOADED = "what a requester uploaded; they answer for what is in it"
_DJANGO = "of the framework; it has no rows about people"
_NUMBERS = "names rows by their numbers, for as long as a job takes; ended ones go after 30 days"
# The tables that are about nobody, and why that is so.
NOBODYS: dict[str, str] = {
    "kit_installation": "one row about the installation",
    "kit_vaultkey": "keys of the installation",
    "kit_cache": "counted attempts and used codes by digest; gone within hours",
    "kit_count": "counted requests by digest; gone within hours",
    "people_agreement": _THEIRS,
    "people_agreementtext": _THEIRS,
    "people_organisation": _THEIRS,
    "people_signinservice": _THEIRS,
    "people_signingkey": "keys of the installation",
    "people_portal": _THEIRS,
    "people_rules": "one row about the installation",
    "pay_portalterms": _THEIRS,
    "pay_payer": "the installation's own bank account",
    "projects_task": _UPLOADED,
    "quality_gold": _UPLOADED,
    "work_bundle": _UPLOADED,
    "work_result": "what many answers came to, without names",
    "procrastinate_workers": "processes of the installation",
    "procrastinate_jobs": _NUMBERS,
    "procrastinate_events": _NUMBERS,
    "procrastinate_periodic_defers": _NUMBERS,
    "socialaccount_socialapp": _THEIRS,
    "auth_permission": _DJANGO,
    "auth_group": _DJANGO,
    "auth_group_permissions": _DJANGO,
    "django_content_type": _DJANGO,
    "django_migrations": _DJANGO,
}
