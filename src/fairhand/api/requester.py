"""Who am I, my projects, my money."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from ninja import Query

from fairhand.api.auth import Request, organisation_of, project_of
from fairhand.api.paging import Cursor, Limit, newest_first
from fairhand.api.routing import operation
from fairhand.api.schemas import (
    Balance,
    KeyView,
    Me,
    Membership,
    Money,
    Person,
    ProjectIn,
    ProjectPage,
    ProjectView,
)
from fairhand.kit.currencies import EXPONENTS
from fairhand.kit.decision import Problem, UnusableInput
from fairhand.pay.funding import deposit_balance
from fairhand.people.access import worker_of
from fairhand.people.models import Member
from fairhand.people.rights import Permission
from fairhand.projects.batches import make_project
from fairhand.projects.models import Project

Currency = Annotated[str, Query(description="a code of ISO 4217", max_length=3)]


@operation("GET", "/me", Me, scope=None, side="either")
def get_me(request: Request) -> Me:
    """Whose key this is and what it may do."""
    key = request.auth
    member = Member.objects.filter(organisation=key.organisation, account=key.account).first()
    worker = worker_of(key.account) if key.organisation is None else None
    return Me.model_construct(
        account=Person.model_construct(ref=key.account.ref, name=key.account.name),
        organisation=key.organisation
        and member
        and Membership.model_construct(
            ref=key.organisation.ref, name=key.organisation.name, role=member.role
        ),
        worker=worker and worker.ref,
        key=KeyView.model_construct(
            name=key.name, tail=key.tail, scopes=key.scopes, expires_at=key.expires_at
        ),
    )


@operation("GET", "/projects", ProjectPage, scope="projects:read", permission=Permission.SEE)
def list_projects(request: Request, limit: Limit = 100, cursor: Cursor = None) -> ProjectPage:
    """The organisation's projects, newest first."""
    projects = Project.objects.filter(organisation=organisation_of(request))
    rows, following = newest_first(projects, cursor, limit)
    return ProjectPage.model_construct(items=[_project(row) for row in rows], next=following)


@operation(
    "POST",
    "/projects",
    ProjectView,
    scope="projects:write",
    permission=Permission.DESIGN,
    status=201,
)
def create_project(request: Request, project: ProjectIn) -> ProjectView:
    """Make a project: what is asked."""
    return _project(
        make_project(
            request.auth.account,
            organisation_of(request),
            name=project.name,
            interface=project.interface,
            instructions=[part.model_dump() for part in project.instructions],
        )
    )


@operation(
    "GET",
    "/projects/{ref}",
    ProjectView,
    scope="projects:read",
    permission=Permission.SEE,
    errors=(404,),
)
def get_project(request: Request, ref: str) -> ProjectView:
    """One project."""
    return _project(project_of(request, ref))


@operation("GET", "/balance", Balance, scope="money:read", permission=Permission.MONEY)
def get_balance(request: Request, currency: Currency = "EUR") -> Balance:
    """What the organisation can still reserve for batches."""
    available = deposit_balance(organisation_of(request), known_currency(currency))
    return Balance.model_construct(available=Money.of(available))


def known_currency(code: str) -> str:
    """The code itself. Raises UnusableInput for one that does not exist."""
    if code not in EXPONENTS:
        raise UnusableInput([Problem(_("Use a currency code such as EUR."), field="currency")])
    return code


def _project(project: Project) -> ProjectView:
    return ProjectView.model_construct(
        ref=project.ref,
        name=project.name,
        interface=project.interface,
        instructions=project.instructions,
        created_at=project.created_at,
    )
