"""Who may open which page. Whoever is signed out is sent to sign in; others hear a sentence.

Each page says so by one of the decorators below, and docs/rights.md is made from what they say: a
page that says nothing fails the build.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Subquery
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal, require
from fairhand.people.access import EXCLUDED, NOT_A_WORKER, excluded, worker_of
from fairhand.people.duties import may_operate
from fairhand.people.factors import needs_second_factor
from fairhand.people.models import Account, Duty, Member, Operator, PortalStaff, Worker
from fairhand.people.portals import PortalRight, staff_for
from fairhand.people.rights import REFUSALS, RIGHTS, Permission
from fairhand.web.host import branded

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
AccountView = Callable[Concatenate[HttpRequest, Account, P], HttpResponseBase]
View = TypeVar("View", bound=Callable[..., HttpResponseBase])
WANTED = "wanted"  # in the session: the page to go on to once a second factor is set up
NOT_A_REQUESTER = Refusal(
    "not_a_requester", _("This page is for members of an organisation that asks."), status=403
)

NO_PORTAL = Refusal(
    "no_portal", _("This page belongs to a portal. Open it at the portal's own address."), {}, 404
)


@dataclass(frozen=True, slots=True)
class Roles:
    """What an account is here; somebody may be all of it."""

    worker: bool = False
    requester: bool = False
    operator: bool = False
    duties: frozenset[Duty] = frozenset()


@dataclass(frozen=True, slots=True)
class OpensTo:
    """Whom a page opens to, and what they need beside: a duty or a permission."""

    who: str
    need: str = ""

    def __str__(self) -> str:
        return f"{self.who}: {self.need}" if self.need else self.who


def declared(view: View, who: str, need: str = "") -> View:
    """Write down whom a page opens to."""
    view.opens_to = OpensTo(who, need)  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """A page that everybody opens, also who is signed out."""
    return declared(view, "everybody")


def signed_in(request: HttpRequest) -> Account:
    """The account of a request that has one."""
    assert isinstance(request.user, Account)
    return request.user


def roles_of(account: Account) -> Roles:
    """All roles of an account, in one query."""
    mine = OuterRef("pk")
    found = Account.objects.filter(pk=account.pk).values_list(
        Exists(Worker.objects.filter(account=mine)),
        Exists(Member.objects.filter(account=mine)),
        Exists(Operator.objects.filter(account=mine)),
        Subquery(Operator.objects.filter(account=mine).values("duties")[:1]),
    )
    worker, requester, operator, duties = found[0]
    return Roles(worker, requester, operator, frozenset(map(Duty, duties or ())))


def worker_page(
    view: Callable[Concatenate[HttpRequest, Worker, P], HttpResponseBase],
) -> Page[P]:
    """A page that only workers open; the view gets the worker."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        worker = worker_of(signed_in(request))
        if worker is None:
            NOT_A_WORKER.fail()
        return view(request, worker, *args, **kwargs)

    return declared(guarded, "workers")


def personal_page(view: AccountView[P]) -> Page[P]:
    """A page for whoever is signed in; the view gets the account."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, signed_in(request), *args, **kwargs)

    return declared(guarded, "signed in")


def requester_page(permission: Permission) -> Callable[[AccountView[P]], Page[P]]:
    """A page for members who may do this in one of their organisations; the view gets the account.

    In which of them is the view's to ask: it reaches objects by batch_for or organisation_for.
    """

    def decorate(view: AccountView[P]) -> Page[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            account = signed_in(request)
            shut = ExpressionWrapper(excluded("account"), BooleanField())
            mine = dict(Member.objects.filter(account=account).values_list("role", shut))
            roles = set(mine)
            if not roles:
                NOT_A_REQUESTER.fail()
            if any(mine.values()):
                EXCLUDED.fail()
            if roles.isdisjoint(RIGHTS[permission]):
                REFUSALS[permission].fail()
            if needs_second_factor(account):
                return _set_up_first(request)
            request.session.pop(WANTED, None)
            return view(request, account, *args, **kwargs)

        return declared(guarded, "members", permission)

    return decorate


def operator_page(*duties: Duty) -> Callable[[AccountView[P]], Page[P]]:
    """A page that operators with one of these duties open, or all of them; the view gets who."""

    def decorate(view: AccountView[P]) -> Page[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            account = signed_in(request)
            require(may_operate(account, *duties))
            if needs_second_factor(account):
                return _set_up_first(request)
            request.session.pop(WANTED, None)
            return view(request, account, *args, **kwargs)

        return declared(guarded, "operators", " or ".join(duties))

    return decorate


def portal_page(
    right: PortalRight,
) -> Callable[[Callable[Concatenate[HttpRequest, PortalStaff, P], HttpResponseBase]], Page[P]]:
    """A page at a portal's host for those of its staff who may do this; the view gets their row."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, PortalStaff, P], HttpResponseBase],
    ) -> Page[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            portal = branded(request)
            if portal is None:
                NO_PORTAL.fail()
            staff = staff_for(signed_in(request), portal, right)
            return view(request, staff, *args, **kwargs)

        return declared(guarded, "portal staff", right)

    return decorate


def _set_up_first(request: HttpRequest) -> HttpResponseBase:
    """Lead to where a second factor is set up whoever must have one and has none.

    Its pages lead back to what was wanted: it waits in the session until such a page opens.
    """
    if request.method == "GET":
        request.session[WANTED] = request.get_full_path()
    messages.warning(request, say("What you do here takes a second factor. Set one up first."))
    return redirect("mfa_index")
