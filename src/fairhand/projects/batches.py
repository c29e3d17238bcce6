"""Projects and batches: making them, and reaching them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from fairhand.kit.currencies import EXPONENTS
from fairhand.kit.decision import Problem, Refusal, Refused, UnusableInput, require
from fairhand.people.access import NOT_FOUND, allows, may, role_column
from fairhand.people.checklist import problems as gate_problems
from fairhand.people.models import Account, Organisation, Portal
from fairhand.people.rights import Permission
from fairhand.projects.interface import parse, storable
from fairhand.projects.models import Batch, Project

MAX_PRICE = 1_000_000_000  # micro-units for one answer: a thousand EUR
# The platform's share on top of the pay, in millionths of the price.
FEE_PPM = 200_000
LISTS = ("gates", "portals")  # the terms that are lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a requester decides about a batch. Prices in micro-units for one answer."""

    name: str
    price_micros: int
    currency: str = "EUR"
    overlap: int = 3
    page_size: int = 10
    gold_permille: int = 0
    bar_permille: int | None = None
    confidence_permille: int | None = None
    review_hours: int = 0
    deadline_seconds: int = 1800
    reserved: bool = False
    expected_seconds: float | None = None
    # What is asked of a worker before their first page, beside what their portal asks: names of
    # fairhand.people.gates. And the portals through which it is offered; none: everywhere.
    gates: Sequence[str] = ()
    portals: Sequence[str] = ()

    def problems(self) -> list[Problem]:
        """Every term that cannot be used, with what it may be."""
        ranges: list[tuple[str, float | None, float, float]] = [
            ("price_micros", self.price_micros, 1, MAX_PRICE),
            ("overlap", self.overlap, 1, 1000),
            ("page_size", self.page_size, 1, 100),
            ("gold_permille", self.gold_permille, 0, 500),
            ("bar_permille", self.bar_permille, 1, 1000),
            ("confidence_permille", self.confidence_permille, 501, 999),
            ("review_hours", self.review_hours, 0, 21 * 24),
            ("deadline_seconds", self.deadline_seconds, 10, 7 * 86_400),
            ("expected_seconds", self.expected_seconds, 0.1, 86_400),
        ]
        found = [
            Problem(
                _("This must be between %(low)s and %(high)s.") % {"low": low, "high": high},
                field=name,
            )
            for name, value, low, high in ranges
            if value is not None and not low <= value <= high
        ]
        if not _is_name(self.name):
            found.append(Problem(_("Give it a name of at most 120 letters."), field="name"))
        if self.currency not in EXPONENTS:
            found.append(Problem(_("Use a currency code such as EUR."), field="currency"))
        return [*found, *gate_problems(self.gates), *_portal_problems(self.portals)]


def fee_for(price_micros: int) -> int:
    """The platform's fee on one answer, rounded half up to a micro-unit."""
    return (price_micros * FEE_PPM + 500_000) // 1_000_000


def make_project(
    account: Account,
    organisation: Organisation,
    *,
    name: str,
    interface: dict[str, Any],
    instructions: list[dict[str, str]],
) -> Project:
    """Make a project. Raises Refused without the right, UnusableInput for a faulty interface."""
    require(may(account, organisation, Permission.DESIGN))
    parse(interface)
    _check_instructions(instructions)
    if not _is_name(name):
        raise UnusableInput([Problem(_("Give it a name of at most 120 letters."), field="name")])
    return Project.objects.create(
        organisation=organisation,
        name=name,
        interface=interface,
        instructions=instructions,
        created_by=account,
    )


def make_batch(account: Account, project: Project, terms: Terms) -> Batch:
    """Make a draft batch. Raises Refused without the right, UnusableInput for faulty terms."""
    require(may(account, project.organisation, Permission.DESIGN))
    if problems := terms.problems():
        raise UnusableInput(problems)
    return Batch.objects.create(
        project=project,
        created_by=account,
        fee_micros=fee_for(terms.price_micros),
        interface=project.interface,
        shown=[view.source for view in parse(project.interface).views],
        instructions=project.instructions,
        **{name: getattr(terms, name) for name in Terms.__dataclass_fields__ if name not in LISTS},
        **{name: list(getattr(terms, name)) for name in LISTS},
    )


def project_for(account: Account, ref: str, permission: Permission) -> Project:
    """The project of this reference, to do this with it. Raises Refused without the right."""
    project = (
        Project.objects.select_related("organisation")
        .annotate(role_now=role_column(account, "organisation"))
        .filter(ref=ref)
        .first()
    )
    if project is None:
        raise Refused(NOT_FOUND)
    require(allows(project.role_now, permission))
    return project


def batch_for(account: Account, ref: str, permission: Permission) -> Batch:
    """The batch of this reference, to do this with it. Raises Refused without the right."""
    batch = (
        Batch.objects.select_related("project__organisation")
        .annotate(role_now=role_column(account, "project__organisation"))
        .filter(ref=ref)
        .first()
    )
    if batch is None:
        raise Refused(NOT_FOUND)
    require(allows(batch.role_now, permission))
    return batch


def draft_only(batch: Batch) -> Refusal | None:
    """Why a batch cannot be changed any more, or None while it is a draft."""
    if batch.state == "draft":
        return None
    return Refusal(
        "batch_is_fixed",
        _(
            "This batch was opened already; what workers were promised cannot change. "
            "Make a new one."
        ),
    )


def _portal_problems(portals: Sequence[str]) -> list[Problem]:
    """Which of these references are not of open portals, or are named twice."""
    if not portals:
        return []
    refs = [ref for ref in portals if storable(ref)]
    known = set(Portal.objects.filter(ref__in=refs, closed_at=None).values_list("ref", flat=True))
    found = []
    for number, ref in enumerate(portals):
        sentence = ""
        if ref not in known:
            sentence = _("There is no open portal “%(ref)s”.") % {"ref": ref[:24]}
        elif ref in portals[:number]:
            sentence = _("“%(ref)s” is named twice.") % {"ref": ref}
        if sentence:
            found.append(Problem(sentence, field=f"portals.{number}"))
    return found


def _is_name(name: str) -> bool:
    return 0 < len(name) <= 120 and storable(name)  # noqa: PLR2004 - the column's width


def _check_instructions(instructions: list[dict[str, str]]) -> None:
    good = (
        isinstance(instructions, list)
        and all(
            isinstance(part, dict)
            and set(part) <= {"heading", "text"}
            and all(isinstance(text, str) for text in part.values())
            for part in instructions
        )
        and storable(instructions)
    )
    if not good:
        raise UnusableInput(
            [
                Problem(
                    _("Instructions are a list of parts with heading and text."),
                    field="instructions",
                )
            ]
        )
