"""What must somebody have done before they work? The closed list of gates, and which are open.

A gate is named by a word, with an argument after a colon where it has one: `identity`, `age:18`.
Portals and batches list the gates that they want; what is to be signed follows from the agreements
in force. Work that goes on is stopped by a stamp: whatever changes what a gate asks calls
`changed_for` (one person) or `rules_changed` (everybody), and the next page is looked at anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    """Whether a gate is behind somebody; `until` where that ends; `waiting` while others decide.

    `barred`: what they said keeps them out, such as an age, or a no to difficult content.
    """

    met: bool
    until: datetime | None = None
    waiting: bool = False
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """One kind of gate: what it is called, why it is there, how long it takes, and its page.

    `label` may hold %(what)s, which is what the argument is called, and `page` %(arg)s.
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
    return Answer(ref not in _unsigned(worker, [ref]))


def _unsigned(worker: Worker, refs: Iterable[str]) -> set[str]:
    """The agreements among these whose newest version this worker did not sign, in two queries."""
    newest = (
        AgreementVersion.objects.filter(agreement__ref__in=list(refs))
        .order_by("agreement_id", "-number")
        .distinct("agreement_id")
    )
    versions = dict(newest.values_list("pk", "agreement__ref"))
    mine = Signature.objects.filter(account=worker.account_id, version__in=versions)
    for number in mine.values_list("version_id", flat=True):
        del versions[number]
    return set(versions.values())


def _profile(worker: Worker, field: str) -> Answer:
    return Answer(ProfileFact.objects.filter(worker=worker, field=field).exists())


def _age(worker: Worker, years: str) -> Answer:
    born = birth_date_of(worker)
    if born is None:
        # A document that is being looked at says it: nothing is asked twice.
        checks = IdentityCheck.objects.filter(worker=worker, state=IdentityState.PENDING)
        return Answer(met=False, waiting=checks.exclude(birth_date=None).exists())
    old_enough = _years_since(born) >= int(years)
    return Answer(met=old_enough, barred=not old_enough)


def _risk(worker: Worker, risk: str) -> Answer:
    said = ProfileFact.objects.filter(worker=worker, field="risks").first()
    chosen = said is not None and risk in said.value
    return Answer(chosen, barred=said is not None and not chosen)


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
        _("Read and sign: %(what)s"),
        _("It says what you and others may and must do. You get a copy."),
        5,
        "/agreements/%(arg)s",
        _agreement,
    ),
    "profile": Gate(
        _("Tell about yourself: %(what)s"),
        _("So that you are shown the work that fits you."),
        1,
        "/profile/%(arg)s",
        _profile,
    ),
    "age": Gate(
        _("Be %(what)s or older"),
        _("This work is not for younger people. Only whether you are old enough is used."),
        1,
        "/profile/birth_date",
        _age,
    ),
    "risk": Gate(
        _("Say whether you want to see this at work: %(what)s"),
        _("Nobody sees such content who did not choose to."),
        1,
        "/profile/risks",
        _risk,
    ),
    "consent": Gate(
        _("Say whether you agree: %(what)s"),
        _("Photos and recordings of you are yours: you decide what they are used for."),
        2,
        "/consents/%(arg)s",
        _consent,
    ),
}


def steps(worker: Worker, way: Way) -> list[Step]:
    """All gates of somebody's way in their order, each with how they stand to it."""
    return steps_for(worker, [way])[way]


def steps_for(worker: Worker, ways: Iterable[Way]) -> dict[Way, list[Step]]:
    """The same for many ways at once: each gate is asked once, however many ways go through it."""
    listed = specs_of(ways)
    every = list(dict.fromkeys(spec for found in listed.values() for spec in found))
    answers = _answers(worker, every)
    return {
        way: [Step(spec, GATES[spec.partition(":")[0]], answers[spec]) for spec in found]
        for way, found in listed.items()
    }


def _answers(worker: Worker, every: Iterable[str]) -> dict[str, Answer]:
    """How somebody stands to each of these gates. What is to be signed is asked all at once."""
    parted = {spec: spec.partition(":")[::2] for spec in every}
    papers = [arg for name, arg in parted.values() if name == "agreement"]
    unsigned = _unsigned(worker, papers) if papers else set()
    return {
        spec: Answer(arg not in unsigned) if name == "agreement" else GATES[name].ask(worker, arg)
        for spec, (name, arg) in parted.items()
    }


def specs(way: Way) -> list[str]:
    """The gates of a way by name: the portal's, the batch's, and where each agreement stands.

    `agreements` in a portal's list is the place of the installation's and the portal's agreements;
    without it they come last. What a project asks to be signed comes after everything else.
    """
    return specs_of([way])[way]


def specs_of(ways: Iterable[Way]) -> dict[Way, list[str]]:
    """The same for many ways, in two queries.

    A portal's gates are read anew, since the portals that requests come by are kept for a while:
    whoever is let in by gates that were just changed would not be looked at again.
    """
    ways = list(dict.fromkeys(ways))
    portals = {way.portal.pk for way in ways if way.portal is not None}
    gates = dict(Portal.objects.filter(pk__in=portals).values_list("pk", "gates"))
    papers: dict[str, list[str]] = {}
    for one in in_force(scope for way in ways for scope in way.scopes):
        papers.setdefault(one.scope, []).append(f"agreement:{one.ref}")
    return {
        way: _specs(way, gates[way.portal.pk] if way.portal is not None else ALWAYS, papers)
        for way in ways
    }


def _specs(way: Way, first: Iterable[str], papers: Mapping[str, list[str]]) -> list[str]:
    # Nothing is proven without mail, so nobody is shown a step that is no step.
    listed = [spec for spec in (*first, *way.gates) if spec != "email" or settings.SENDS_MAIL]
    scopes = way.scopes[:-1] if way.project_ref else way.scopes
    general = [spec for scope in scopes for spec in papers.get(scope, ())]
    ordered: list[str] = []
    for spec in listed if "agreements" in listed else (*listed, "agreements"):
        ordered += general if spec == "agreements" else [spec]
    special = papers.get(way.project_ref, []) if way.project_ref else []
    return list(dict.fromkeys([*ordered, *special]))


def in_force(scopes: Iterable[str]) -> list[Agreement]:
    """The agreements that are asked in these scopes, in the order in which they are signed."""
    place = {scope: n for n, scope in enumerate(scopes)}
    found = Agreement.objects.filter(scope__in=list(place), ended_at=None)
    return sorted(found, key=lambda one: (place[one.scope], KINDS_IN_ORDER.index(one.kind)))


def still_open(found: Sequence[Step]) -> list[Step]:
    """Those that are not behind somebody yet."""
    return [step for step in found if not step.answer.met]


def look_again_at(found: Sequence[Step]) -> datetime | None:
    """When the first of what is met ends by itself."""
    return min((step.answer.until for step in found if step.answer.until), default=None)


def changed_for(worker: Worker) -> None:
    """Something that gates ask about this worker changed: look at it before their next page."""
    changed_for_account(worker.account_id)


def changed_for_account(account: int) -> None:
    """The same for whoever has the account of this number, if they work at all."""
    Worker.objects.filter(account=account).update(stamp=F("stamp") + 1)


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
    seen = (IdentityState.VERIFIED, IdentityState.EXPIRED)  # a birth does not end with a document
    checks = IdentityCheck.objects.filter(worker=worker, state__in=seen)
    shown = checks.exclude(birth_date=None).values_list("birth_date", flat=True).last()
    if shown is not None:
        return shown
    said = ProfileFact.objects.filter(worker=worker, field="birth_date").first()
    return date.fromisoformat(said.value) if said is not None else None


def _years_since(born: date) -> int:
    today = timezone.localdate()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
