"""Who may open which page. Whoever is signed out is sent to sign in; others hear a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal
from fairhand.people.access import NOT_A_WORKER, NOT_AN_OPERATOR, is_operator, worker_of
from fairhand.people.models import Account, Member, Operator, Worker

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
NOT_A_REQUESTER = Refusal(
    "not_a_requester", _("This page is for members of an organisation that asks."), status=403
)


@dataclass(frozen=True, slots=True)
class Roles:
    """What an account is here; somebody may be all of it."""

    worker: bool = False
    requester: bool = False
    operator: bool = False


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
    )
    return Roles(*found[0])


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


def operator_page(
    view: Callable[Concatenate[HttpRequest, Account, P], HttpResponseBase],
) -> Page[P]:
    """A page that only operators open; the view gets the account."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        account = signed_in(request)
        if not is_operator(account):
            NOT_AN_OPERATOR.fail()
        return view(request, account, *args, **kwargs)

    return guarded
