"""For workers' programs: what there is to do, the work itself, and what it earned."""

from django.http import HttpRequest, HttpResponse

from fairhand.api import turn
from fairhand.api.auth import Request, worker_behind
from fairhand.api.requester import Currency, known_currency
from fairhand.api.routing import ALWAYS, PERMISSION, SCOPE, json_body, operation, router
from fairhand.api.schemas import (
    EarningsView,
    Money,
    Offers,
    OfferView,
    Problem,
    PurseView,
    RestrictionView,
    TurnIn,
    TurnOut,
)
from fairhand.pay.earnings import Purse, earnings_of, purses_of
from fairhand.people.portals import door_at
from fairhand.work.access import restriction_numbers
from fairhand.work.progress import Offer, offers_for
from fairhand.work.refusals import refusal


@operation("GET", "/offers", Offers, scope="work", side="worker")
def list_offers(request: Request) -> Offers:
    """The open batches that the worker may see, those they work on first."""
    offers = offers_for(worker_behind(request), door_at(request.headers.get("Host", "")))
    return Offers.model_construct(items=[_offer(offer) for offer in offers])


@operation("GET", "/earnings", EarningsView, scope="work", side="worker")
def get_earnings(request: Request, currency: Currency = "EUR") -> EarningsView:
    """What the worker has pending and payable: all of it, and by the portals it was earned at."""
    worker, known = worker_behind(request), known_currency(currency)
    earnings = earnings_of(worker, known)
    return EarningsView.model_construct(
        pending=Money.of(earnings.pending),
        payable=Money.of(earnings.payable),
        purses=[_purse(purse) for purse in purses_of(worker, known)],
    )


@router.post(
    "/work/{batch}",
    auth=None,
    tags=["worker"],
    operation_id="take_turn",
    summary="Take turn",
    response={
        200: TurnOut,
        **dict.fromkeys(sorted({*ALWAYS, 400, 404, 409, 410, 411, 413}), Problem),
    },
    openapi_extra={
        SCOPE: "work",
        PERMISSION: None,
        "x-side": "worker",
        "security": [{"BearerKey": []}],
        "requestBody": json_body(TurnIn),
    },
)
def take_turn(request: HttpRequest, batch: str) -> HttpResponse:
    """Hand in a page and take the next, in one request.

    Repeating a request is harmless without an idempotency key: a page is stored once, and until it
    is handed in the same page is given again. The server usually answers this address before the
    rest of the site, which is why it also takes a signed-in browser's session from our own pages.
    """
    del batch  # it is read from the address
    status, headers, body = turn.respond(request.META)
    return HttpResponse(body, status=status, headers=dict(headers))


def _purse(purse: Purse) -> PurseView:
    return PurseView.model_construct(
        portal=purse.portal.ref if purse.portal is not None else None,
        pending=Money.of(purse.pending),
        payable=Money.of(purse.payable),
        minimum=Money.of(purse.minimum) if purse.minimum is not None else None,
        next_payday=purse.payday,
    )


def _offer(offer: Offer) -> OfferView:
    batch, rate, kept_out = offer.batch, offer.rate, offer.restriction
    said = None
    if kept_out is not None:
        why = refusal("restricted", restriction_numbers(kept_out))
        said = RestrictionView.model_construct(code=why.code, message=str(why))
    return OfferView.model_construct(
        batch=batch.ref,
        name=batch.name,
        project=batch.project.name,
        organisation=batch.project.organisation.name,
        price=Money.of(offer.price.answer.pay),
        requester_pays=Money.of(offer.price.answer.price),
        portal_keeps=Money.of(offer.price.answer.kept),
        page_size=batch.page_size,
        deadline_seconds=batch.deadline_seconds,
        hourly=rate and Money.of(rate.hourly),
        hourly_sample=rate.sample if rate else 0,
        answers=offer.answers,
        earned=Money.of(offer.earned),
        restriction=said,
    )
