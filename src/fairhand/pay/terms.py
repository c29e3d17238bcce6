"""What does a portal keep of the price, and when and from how much on does it pay?

Paydays follow a calendar. One that falls on a day when banks carry out no euro payments is the next
day on which they do.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.money import Money
from fairhand.pay.models import Payer, PortalTerms
from fairhand.pay.providers.sepa.target import banking_day_after, is_banking_day
from fairhand.people.audit import note
from fairhand.people.duties import has_duty
from fairhand.people.gates import rules_changed
from fairhand.people.models import Account, Duty, Portal
from fairhand.people.notices import tell

Calendar = PortalTerms.Calendar
RAILS: dict[str, str | Promise] = {"sepa": _("Bank transfer in euro (SEPA)")}
CURRENCIES = {"sepa": frozenset({"EUR"})}
MOST_SHARE = 900  # permille; the database holds to it, too
LEAST, MOST = 10_000, 100_000_000  # micro-units: a cent, and what nobody should wait for
WEEK, FORTNIGHT = timedelta(days=7), timedelta(days=14)
LONGEST_WAIT = timedelta(days=7)  # no holidays are longer, weekends before and after included
FURTHEST_FIRST = timedelta(days=31)
LAST_WEEKDAY, LAST_DAY = 7, 28
BAD_SHARE = Refusal(
    "bad_share",
    _("A portal keeps from 0 to %(most)s per cent of the price."),
    {"most": MOST_SHARE // 10},
    422,
)
OWN_SITE = Refusal(
    "own_site_keeps_nothing",
    _("The installation's own site keeps nothing of the price: requesters pay its fee beside it."),
    status=422,
)
BAD_WEEKDAY = Refusal("bad_weekday", _("Choose a day of the week: 1 is Monday, 7 Sunday."), {}, 422)
BAD_DAY = Refusal(
    "bad_day", _("Choose a day that each month has: 1 to %(last)s."), {"last": LAST_DAY}, 422
)
NO_FIRST = Refusal(
    "no_first_payday", _("Say from which payday on the fortnights are counted."), {}, 422
)
FAR_FIRST = Refusal(
    "far_first_payday", _("The first payday is too far: at most a month from now."), {}, 422
)
NO_RAIL = Refusal(
    "no_rail", _("Choose at least one way to pay that this installation has."), {}, 422
)
BAD_CURRENCY = Refusal(
    "bad_currency", _("%(currency)s cannot be paid out by what was chosen."), status=422
)
BAD_MINIMUM = Refusal(
    "bad_minimum", _("The smallest payout is from %(least)s to %(most)s."), status=422
)


def terms_of(portal: Portal | None) -> PortalTerms | None:
    """A portal's terms; None where nobody set any: then the installation's own hold."""
    return PortalTerms.objects.filter(portal=portal).first() if portal is not None else None


@transaction.atomic
def set_terms(
    portal: Portal,
    *,
    share_permille: int,
    calendar: str,
    day: int,
    first: date | None,
    minimum: Money,
    rails: Sequence[str],
    by: Account | str,
) -> Decision:
    """Set what a portal keeps and how it pays, or refuse in a sentence.

    A new share counts for pages that are taken from now on: everybody is looked at before their
    next page, and held pages keep the split they were taken with.
    """
    if isinstance(by, Account) and not (answer := has_duty(by, Duty.FINANCE)):
        return answer
    terms = PortalTerms(
        portal=portal,
        share_permille=share_permille,
        calendar=calendar,
        day=first.isoweekday() if calendar == Calendar.FORTNIGHTLY and first else day,
        first=first if calendar == Calendar.FORTNIGHTLY else None,
        currency=minimum.currency,
        minimum_micros=minimum.micros,
        rails=list(dict.fromkeys(rails)),
    )
    for refusal in _problems(terms):
        return refusal
    Portal.objects.select_for_update(no_key=True).get(pk=portal.pk)  # one change at a time
    known = terms_of(portal)
    before, after = in_words(known), in_words(terms)
    if before == after:
        return ALLOWED
    terms.save(force_insert=known is None, force_update=known is not None)
    note("terms.changed", actor=by, subject=portal.ref, before=before, after=after)
    if known is None or known.share_permille != terms.share_permille:
        rules_changed()
        _tell_members(portal, known.share_permille if known else 0, terms.share_permille)
    return ALLOWED


def _tell_members(portal: Portal, before: int, after: int) -> None:
    """Say what a portal keeps from now on to everybody who belongs to it."""
    if before == after:
        return
    told = {"before": _per_cent(before), "after": _per_cent(after), "portal": portal.name}
    members = portal.members.filter(left_at=None).select_related("worker__account")
    for member in members:
        tell(member.worker.account, "money.share_changed", link="/work", **told)


def _per_cent(permille: int) -> str:
    """Tenths as people write them: 125 is 12.5, and 120 is 12."""
    whole, tenths = divmod(permille, 10)
    return f"{whole}.{tenths}" if tenths else str(whole)


def next_payday(terms: PortalTerms, today: date) -> date:
    """The first payday that is not over: today or later, and a day on which banks pay."""
    nominal = _first_from(terms, today - LONGEST_WAIT)
    while (payday := _banking_day(nominal)) < today:
        nominal = _first_from(terms, nominal + timedelta(days=1))
    return payday


def calendar_sentence(terms: PortalTerms) -> str:
    """When a portal pays, as people say it."""
    if terms.calendar == Calendar.MONTHLY:
        return say("Pays on day %(day)s of each month.") % {"day": terms.day}
    weekday = {"day": WEEKDAYS[terms.day - 1]}
    if terms.calendar == Calendar.FORTNIGHTLY:
        return say("Pays every second week, on %(day)s.") % weekday
    return say("Pays every week, on %(day)s.") % weekday


def pays_by(terms: PortalTerms | None, rail: str) -> bool:
    """Whether a portal pays by this rail; without a choice, by all that there are."""
    return terms is None or not terms.rails or rail in terms.rails


def least_of(terms: PortalTerms | None, payer: Payer | None, currency: str) -> Money | None:
    """The least that is paid out: the portal's, else the installation's; None while it has none."""
    if terms is not None and terms.currency == currency:
        return Money(terms.minimum_micros, currency)
    return Money(payer.minimum_micros, currency) if payer is not None else None


def in_words(terms: PortalTerms | None) -> dict[str, str]:
    """Terms as the trail tells them."""
    if terms is None:
        return {}
    return {
        "share": f"{terms.share_permille} of 1000",
        "calendar": str(terms.calendar),
        "day": str(terms.day),
        **({"first": terms.first.isoformat()} if terms.first else {}),
        "minimum": str(Money(terms.minimum_micros, terms.currency)),
        "rails": ", ".join(terms.rails),
    }


def _problems(terms: PortalTerms) -> Iterable[Refusal]:
    if not 0 <= terms.share_permille <= MOST_SHARE:
        yield BAD_SHARE
    if terms.share_permille and not terms.portal.host:
        yield OWN_SITE
    if terms.calendar == Calendar.WEEKLY and not 1 <= terms.day <= LAST_WEEKDAY:
        yield BAD_WEEKDAY
    if terms.calendar == Calendar.FORTNIGHTLY and terms.first is None:
        yield NO_FIRST
    if terms.first is not None and terms.first > timezone.now().date() + FURTHEST_FIRST:
        yield FAR_FIRST
    if terms.calendar not in Calendar.values or not 1 <= terms.day <= LAST_DAY:
        yield BAD_DAY
    if not terms.rails or not RAILS.keys() >= set(terms.rails):
        yield NO_RAIL
    elif any(terms.currency not in CURRENCIES[rail] for rail in terms.rails):
        words = {"currency": terms.currency}
        yield Refusal(BAD_CURRENCY.code, BAD_CURRENCY.message, words, BAD_CURRENCY.status)
    if not LEAST <= terms.minimum_micros <= MOST:
        ends = {
            "least": str(Money(LEAST, terms.currency)),
            "most": str(Money(MOST, terms.currency)),
        }
        yield Refusal(BAD_MINIMUM.code, BAD_MINIMUM.message, ends, BAD_MINIMUM.status)


def _first_from(terms: PortalTerms, start: date) -> date:
    """The first day of the calendar from `start` on, as it stands there."""
    if terms.calendar == Calendar.MONTHLY:
        following = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        month = start if start.day <= terms.day else following
        return month.replace(day=terms.day)
    if terms.calendar == Calendar.FORTNIGHTLY and terms.first is not None:
        fortnights = max(0, -((terms.first - start).days // FORTNIGHT.days))
        return terms.first + fortnights * FORTNIGHT
    return start + timedelta(days=(terms.day - start.isoweekday()) % WEEK.days)


def _banking_day(day: date) -> date:
    return day if is_banking_day(day) else banking_day_after(day)
