"""For how long something is kept, and which law says so.

The laws are Germany's and the Union's; whoever operates elsewhere looks up their own.
AO: § 147 (1, 3, 4) Abgabenordnung as of 1 January 2025 (Viertes Bürokratieentlastungsgesetz): books
ten years, vouchers eight, from the end of the year. BGB: §§ 195, 199: claims end three years after
the end of the year in which they arose. GDPR: Regulation (EU) 2016/679.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VOUCHER_YEARS, BOOK_YEARS, CLAIM_YEARS = 8, 10, 3
ARCHIVE = timedelta(days=7)
SECOND_THOUGHTS = timedelta(days=14)
ORIGINS = timedelta(days=400)
DEVICES = timedelta(days=400)
ENDED_INVITATIONS = timedelta(days=90)
APPEAL_PROOFS = timedelta(days=90)
JOBS = timedelta(days=30)

BOOKS = "§ 147 (1) no. 1, (3), (4) AO"
VOUCHERS = "§ 147 (1) no. 4, (3), (4) AO"
CLAIMS = "§§ 195, 199 BGB; Art. 17 (3) e GDPR"
CONSENTS = "Art. 7 (1) GDPR; §§ 195, 199 BGB"
SAFETY = "Art. 32, Art. 6 (1) f GDPR"
OTHERS_WORK = "Art. 11, Art. 6 (1) b, f GDPR"
NO_LONGER = "Art. 5 (1) e GDPR"


@dataclass(frozen=True, slots=True)
class Period:
    """Until when something is kept, in words; `law` where one says so."""

    words: str | Promise
    law: str = ""


ACCOUNT = Period(_("Until you delete your account."))
YOURS = Period(_("Until you take it back, or delete your account."))
SIGNED_IN = Period(_("Until you sign out, or it ends by itself."))
OVER = Period(_("Until it is over; then for an hour at most."))
NOTICES = Period(_("400 days, or until you delete your account."), NO_LONGER)
MAILS = Period(
    _("Its words until it was sent; that it was sent for 90 days."),
    NO_LONGER,
)
INVITED = Period(_("90 days after it was used, withdrawn or over."), NO_LONGER)
SEEN = Period(_("400 days after it was last seen, or until you delete your account."), NO_LONGER)
WEEK = Period(_("A week after it was made."), NO_LONGER)
THREE_DAYS = Period(_("Three days."), NO_LONGER)
CONSENT = Period(
    _("Until the end of the third year after you withdrew it, or until you delete your account."),
    CONSENTS,
)
PROOFS = Period(
    _("Until some time after it was decided, which is said where you show it; never longer."),
    NO_LONGER,
)
CHECKS = Period(
    _("Until the end of the third year after it ended, or until you delete your account."), CLAIMS
)
SIGNED = Period(_("Until the end of the third year after your account was deleted."), CLAIMS)
DECIDED = Period(_("Until the end of the third year after it was decided."), CLAIMS)
TRACES = Period(
    _(
        "Until you delete your account; of who was excluded from work, until the end of the third"
        " year after that."
    ),
    SAFETY,
)
PAID = Period(
    _("Name and account number until the end of the eighth year after the payout."), VOUCHERS
)
BOOKED = Period(
    _("At least until the end of the tenth year; it names you by your number alone."), BOOKS
)
TRAIL = Period(
    _(
        "Until the end of the tenth year; from which address and browser, for 400 days or until"
        " you delete your account."
    ),
    BOOKS,
)
HISTORY = Period(_("Until the end of the tenth year; it names you by your number alone."), BOOKS)
NUMBER_ALONE = Period(
    _("As long as the work that it is part of; it names you by your number alone."), OTHERS_WORK
)
COMING_BACK = Period(
    _("As long as the organisation is here, so that who was removed does not come back so."),
    SAFETY,
)


def before_years(years: int, now: datetime) -> datetime:
    """What is older than this has ended so many full calendar years ago, and more."""
    return datetime(now.year - years, 1, 1, tzinfo=UTC)
