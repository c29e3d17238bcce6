"""What must somebody have done before they work? The closed list of gates, and which are open.

A gate is named by a word, with an argument after a colon where it has one: `identity`, `age:18`.
Portals and batches list the gates that they want; what is to be signed follows from the agreements
in force. Work that goes on is stopped by a stamp: whatever changes what a gate asks calls
`changed_for` (one person) or `rules_changed` (everybody), and the next page is looked at anew.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.people.factors import has_second_factor
from fairhand.people.models import (
    Account,
    Agreement,
    AgreementVersion,
    Consent,
    IdentityCheck,
    IdentityState,
    Portal,
    ProfileFact,
    Rules,
    Signature,
    Worker,
)

ALWAYS = ("email",)  # where nobody chose otherwise
KINDS_IN_ORDER = (Agreement.Kind.TERMS, Agreement.Kind.PRIVACY, Agreement.Kind.NDA)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a gate is behind somebody; `until` where that ends; `waiting` while others decide."""

    met: bool
    until: datetime | None = None
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """One kind of gate: what it is called, why it is there, how long it takes, and its page.

    `label` and `page` may hold %(arg)s.
    """

    label: str | Promise
    why: str | Promise
    minutes: int
    page: str
    ask: Callable[[Worker, str], Answer]


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody comes to work: through which portal, to which project, and what that asks."""

    portal: Portal | None = None
    project_ref: str = ""
    gates: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """Whose agreements count here, in the order in which they are signed."""
        portal = (self.portal.ref,) if self.portal is not None else ()
        return ("", *portal, *((self.project_ref,) if self.project_ref else ()))


@dataclass(frozen=True, slots=True)
class Step:
    """A gate of somebody's way, and how they stand to it."""

    spec: str
    gate: Gate
    answer: Answer

    @property
    def arg(self) -> str:
        return self.spec.partition(":")[2]


def _email(worker: Worker, _arg: str) -> Answer:
    if not settings.SENDS_MAIL:
        return Answer(met=True)  # nothing can be proven without mail
    mine = EmailAddress.objects.filter(user=worker.account_id, verified=True)
    return Answer(mine.exists())


def _phone(worker: Worker, _arg: str) -> Answer:
    account = Account.objects.filter(pk=worker.account_id, phone_verified_at__isnull=False)
    return Answer(account.exists())


def _factor(worker: Worker, _arg: str) -> Answer:
    return Answer(has_second_factor(worker.account))


def _identity(worker: Worker, _arg: str) -> Answer:
    checks = IdentityCheck.objects.filter(worker=worker)
    proven = checks.filter(state=IdentityState.VERIFIED).order_by("valid_until").last()
    now = timezone.now()
    if proven is not None and (proven.valid_until is None or proven.valid_until > now):
        return Answer(met=True, until=proven.valid_until)
    return Answer(met=False, waiting=checks.filter(state=IdentityState.PENDING).exists())


def _agreement(worker: Worker, ref: str) -> Answer:
    newest = AgreementVersion.objects.filter(agreement__ref=ref).order_by("-number").first()
    if newest is None:
        return Answer(met=True)
    mine = Signature.objects.filter(account=worker.account_id, version=newest)
    return Answer(mine.exists())


def _profile(worker: Worker, field: str) -> Answer:
    return Answer(ProfileFact.objects.filter(worker=worker, field=field).exists())


def _age(worker: Worker, years: str) -> Answer:
    born = birth_date_of(worker)
    return Answer(born is not None and _years_since(born) >= int(years))


def _risk(worker: Worker, risk: str) -> Answer:
    mine = ProfileFact.objects.filter(worker=worker, field="risks", value__contains=[risk])
    return Answer(mine.exists())


def _consent(worker: Worker, purpose: str) -> Answer:
    mine = Consent.objects.filter(account=worker.account_id, purpose=purpose, withdrawn_at=None)
    return Answer(mine.exists())


GATES: dict[str, Gate] = {
    "email": Gate(
        _("Confirm your e-mail address"),
        _("So that what concerns your account and your money reaches you."),
        1,
        "/accounts/email/",
        _email,
    ),
    "phone": Gate(
        _("Confirm your phone number"),
        _("One phone, one person: it keeps work from those who open many accounts."),
        2,
        "/accounts/phone/change/",
        _phone,
    ),
    "factor": Gate(
        _("Set up a second way to prove that it is you"),
        _("So that nobody who learns your password works or is paid in your name."),
        3,
        "/accounts/2fa/",
        _factor,
    ),
    "identity": Gate(
        _("Prove who you are"),
        _("Some requesters must know that a real person, once, did the work."),
        5,
        "/identity",
        _identity,
    ),
    "agreement": Gate(
        _("Read and sign"),
        _("It says what you and others may and must do. You get a copy."),
        5,
        "/agreements/%(arg)s",
        _agreement,
    ),
    "profile": Gate(
        _("Tell something about you"),
        _("So that you are shown the work that fits you."),
        1,
        "/profile/%(arg)s",
        _profile,
    ),
    "age": Gate(
        _("Be %(arg)s or older"),
        _("This work is not for younger people."),
        1,
        "/profile/birth_date",
        _age,
    ),
    "risk": Gate(
        _("Say whether you want to see difficult content"),
        _("Nobody sees such content who did not choose to."),
        1,
        "/profile/risks",
        _risk,
    ),
    "consent": Gate(
        _("Say whether you may be recorded"),
        _("Photos and recordings of you are yours: you decide what they are used for."),
        2,
        "/consents/%(arg)s",
        _consent,
    ),
}


def steps(worker: Worker, way: Way) -> list[Step]:
    """All gates of somebody's way in their order, each with how they stand to it."""
    found = []
    for spec in specs(way):
        name, _colon, arg = spec.partition(":")
        gate = GATES[name]
        found.append(Step(spec, gate, gate.ask(worker, arg)))
    return found


def specs(way: Way) -> list[str]:
    """The gates of a way by name: the portal's, the batch's, and where each agreement stands.

    `agreements` in a portal's list is the place of the installation's and the portal's agreements;
    without it they come last. What a project asks to be signed comes after everything else.
    """
    listed = (*(way.portal.gates if way.portal is not None else ALWAYS), *way.gates)
    general = agreements_in(way.scopes[: 1 if way.portal is None else 2])
    special = agreements_in([way.project_ref]) if way.project_ref else []
    ordered: list[str] = []
    for spec in listed if "agreements" in listed else (*listed, "agreements"):
        ordered += general if spec == "agreements" else [spec]
    return list(dict.fromkeys([*ordered, *special]))


def agreements_in(scopes: Iterable[str]) -> list[str]:
    """The gates of the agreements in force in these scopes: terms, privacy, then what is secret."""
    return [f"agreement:{one.ref}" for one in in_force(scopes)]


def in_force(scopes: Iterable[str]) -> list[Agreement]:
    """The agreements that are asked in these scopes, in the order in which they are signed."""
    place = {scope: n for n, scope in enumerate(scopes)}
    found = Agreement.objects.filter(scope__in=list(place), ended_at=None)
    return sorted(found, key=lambda one: (place[one.scope], KINDS_IN_ORDER.index(one.kind)))


def known(spec: str) -> bool:
    """Whether this names a gate that can be asked for."""
    name, colon, arg = spec.partition(":")
    if name == "age":
        return arg.isdecimal() and len(arg) <= 2  # noqa: PLR2004 - nobody is asked to be 100
    if name in {"profile", "risk", "consent"}:
        return bool(arg)
    return not colon and (name == "agreements" or name in GATES.keys() - {"agreement"})


def still_open(found: Sequence[Step]) -> list[Step]:
    """Those that are not behind somebody yet."""
    return [step for step in found if not step.answer.met]


def look_again_at(found: Sequence[Step]) -> datetime | None:
    """When the first of what is met ends by itself."""
    return min((step.answer.until for step in found if step.answer.until), default=None)


def changed_for(worker: Worker) -> None:
    """Something that gates ask about this worker changed: look at it before their next page."""
    Worker.objects.filter(pk=worker.pk).update(stamp=F("stamp") + 1)


def rules_changed() -> None:
    """What is asked of people changed: look at everybody before their next page."""
    if not Rules.objects.filter(pk=1).update(stamp=F("stamp") + 1):
        Rules.objects.create(pk=1, stamp=2)


def stamp_of(worker: Worker) -> int:
    """What an enrolment notes when its worker was looked at; see sql/whoami.sql."""
    rules = Rules.objects.values_list("stamp", flat=True).get(pk=1)
    mine: int = Worker.objects.values_list("stamp", flat=True).get(pk=worker.pk)
    return mine + rules


def birth_date_of(worker: Worker) -> date | None:
    """When somebody was born: as their document says, else as they say."""
    checks = IdentityCheck.objects.filter(worker=worker, state=IdentityState.VERIFIED)
    shown = checks.exclude(birth_date=None).values_list("birth_date", flat=True).last()
    if shown is not None:
        return shown
    said = ProfileFact.objects.filter(worker=worker, field="birth_date").first()
    return date.fromisoformat(said.value) if said is not None else None


def _years_since(born: date) -> int:
    today = timezone.localdate()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
