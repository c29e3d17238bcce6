"""Who may open which page. Whoever is signed out is sent to sign in; others hear a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal, require
from fairhand.people.access import NOT_A_WORKER, worker_of
from fairhand.people.duties import may_operate
from fairhand.people.models import Account, Duty, Member, Operator, Worker

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
OperatorView = Callable[Concatenate[HttpRequest, Account, P], HttpResponseBase]
NOT_A_REQUESTER = Refusal(
    "not_a_requester", _("This page is for members of an organisation that asks."), status=403
)


@dataclass(frozen=True, slots=True)
class Roles:
    """What an account is here; somebody may be all of it."""

    worker: bool = False
    requester: bool = False
    operator: bool = False
    duties: frozenset[Duty] = frozenset()


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

    return guarded


def requester_page(
    view: Callable[Concatenate[HttpRequest, Account, P], HttpResponseBase],
) -> Page[P]:
    """A page that only members of an organisation open; the view gets the account."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        account = signed_in(request)
        if not Member.objects.filter(account=account).exists():
            NOT_A_REQUESTER.fail()
        return view(request, account, *args, **kwargs)

    return guarded


def operator_page(duty: Duty | None = None) -> Callable[[OperatorView[P]], Page[P]]:
    """A page that only operators with this duty open, or all of them; the view gets the account."""

    def decorate(view: OperatorView[P]) -> Page[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            account = signed_in(request)
            require(may_operate(account, duty))
            return view(request, account, *args, **kwargs)

        return guarded

    return decorate
