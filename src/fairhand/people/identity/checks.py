"""An identity check from the worker's side: begin, show, send, take back, and how it stands."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.kit.lifecycle import move, record
from fairhand.people import consents
from fairhand.people.audit import note
from fairhand.people.gates import changed_for
from fairhand.people.identity.proofs import (
    CONSENT,
    NO_CONSENT,
    asked_of,
    end_unsent,
    shown_for,
)
from fairhand.people.identity.providers import provider
from fairhand.people.identity.said import Said, plain_number, wrong_with
from fairhand.people.identity.sameness import observe_digest, trace
from fairhand.people.models import (
    IDENTITY,
    Account,
    IdentityCheck,
    IdentityState,
    Notice,
    Worker,
)
from fairhand.people.notices import tell
from fairhand.people.standing import may_work

RUNNING = (IdentityState.STARTED, IdentityState.PENDING)
SOON = timedelta(days=30)  # before a proof ends: told then, and renewed from then on
TRIES, BEGUN, WITHIN = 5, 10, timedelta(days=30)
ENOUGH = 5  # decisions, to say how long one takes
USUALLY = timedelta(days=2)
GOES_ON = Refusal("check_goes_on", _("You have begun already. Go on with that, or stop it first."))
VERIFIED = Refusal(
    "verified_already", _("Your identity is proven. It can be renewed in its last 30 days.")
)
NOT_ACTIVE = Refusal(
    "not_active", _("You cannot work here just now, so nothing of you is asked."), status=403
)
NOTHING = Refusal("no_check", _("There is nothing to send. Begin first."), status=404)
SENT = Refusal("sent_before", _("This was sent before: people look at it."))
MISSING = Refusal(
    "pictures_missing", _("Something is missing still: show all that is asked for."), status=422
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands: their running check, their proof, and the last one that ended."""

    running: IdentityCheck | None
    proof: IdentityCheck | None
    last: IdentityCheck | None

    @property
    def may_begin(self) -> bool:
        """Whether a check can be begun now, as far as checks are concerned."""
        return self.running is None and (self.proof is None or self.ends_soon)

    @property
    def ends_soon(self) -> bool:
        until = self.proof.valid_until if self.proof is not None else None
        return until is not None and until <= timezone.now() + SOON


def standing_of(worker: Worker) -> Standing:
    """How a worker stands; a proof whose time is over counts no more, also before the job ran."""
    mine = list(IdentityCheck.objects.filter(worker=worker).order_by("-pk")[:50])
    now = timezone.now()
    running = next((one for one in mine if one.state in RUNNING), None)
    proofs = (one for one in mine if one.state == IdentityState.VERIFIED)
    proof = next((one for one in proofs if one.valid_until is None or one.valid_until > now), None)
    ended = (one for one in mine if one.state not in {*RUNNING, IdentityState.WITHDRAWN})
    return Standing(running, proof, next(ended, None))


def may_begin(worker: Worker) -> Decision:
    """Whether a worker can begin a check now. One condition a line."""
    found = standing_of(worker)
    if not may_work(worker):
        return NOT_ACTIVE
    if found.running is not None:
        return GOES_ON
    if not found.may_begin:
        return VERIFIED
    return _not_too_often(worker)


@transaction.atomic
def begin(worker: Worker, said: Said) -> IdentityCheck:
    """Begin a check with what the worker tells; of the number only a keyed digest is kept.

    Raises Refused without consent, with a document that ran out and the like, and while one goes
    on; then nothing is kept.
    """
    may = may_begin(worker)
    if isinstance(may, Refusal):
        may.fail()
    if (wrong := wrong_with(said)) is not None:
        wrong[1].fail()
    if not consents.holds(worker.account, CONSENT):
        NO_CONSENT.fail()
    number = f"{said.document_country}:{said.document_kind}:{plain_number(said.number)}"
    try:
        with transaction.atomic():
            check = IdentityCheck.objects.create(
                worker=worker,
                provider=provider().name,
                holder=said.holder.strip(),
                birth_date=said.birth_date,
                document_kind=said.document_kind,
                document_country=said.document_country,
                document_expires=said.expires,
                document_digest=trace("document", number),
            )
    except IntegrityError:
        GOES_ON.fail()
    actor = worker.account.ref
    record(IDENTITY.name, str(check.pk), "none", "started", actor=actor, why="began")
    return check


@transaction.atomic
def send(worker: Worker) -> Decision:
    """Hand in what was shown: people look at it now."""
    check = IdentityCheck.objects.select_for_update().filter(worker=worker, state__in=RUNNING)
    found = check.first()
    if found is None:
        return NOTHING
    if found.state == IdentityState.PENDING:
        return SENT
    if not consents.holds(worker.account, CONSENT):
        return NO_CONSENT
    if set(asked_of(found)) - shown_for(found).keys():
        return MISSING
    account = worker.account
    changes = {"sent_at": timezone.now()}
    state = IdentityState.PENDING
    if not move(IDENTITY, found, state, actor=account.ref, why="sent", changes=changes):
        return SENT
    after = {"state": state}
    note("identity.sent", actor=account, account=account, subject=found.ref, after=after)
    observe_digest(account, "document", found.document_digest)  # what is stopped before leaves none
    changed_for(worker)
    return ALLOWED


def take_back(worker: Worker, by: Account) -> Decision:
    """Stop a running check: what was shown and told for it goes at once."""
    running = IdentityCheck.objects.filter(worker=worker, state__in=RUNNING).first()
    if running is None:
        return NOTHING
    return ALLOWED if end_unsent(running, by.ref, "taken back") else NOTHING


def remind() -> int:
    """Tell those whose proof ends within a month, once; returns how many."""
    now = timezone.now()
    ending = IdentityCheck.objects.filter(
        state=IdentityState.VERIFIED, valid_until__gt=now, valid_until__lte=now + SOON
    )
    done = 0
    for check in ending.select_related("worker__account").order_by("valid_until")[:500]:
        assert check.valid_until is not None
        told = Notice.objects.filter(
            account=check.worker.account_id,
            kind="decision.identity_ends",
            created_at__gte=check.valid_until - SOON,
        )
        if not told.exists() and standing_of(check.worker).running is None:
            day = check.valid_until.date().isoformat()
            tell(check.worker.account, "decision.identity_ends", link="/identity", day=day)
            done += 1
    return done


def usual_time() -> timedelta:
    """How long people have taken lately, half of them less; a guess before there are decisions."""
    ended = IdentityCheck.objects.filter(
        sent_at__isnull=False, decided_at__isnull=False, provider="manual"
    )
    seconds = [
        (decided - sent).total_seconds()
        for sent, decided in ended.order_by("-decided_at").values_list("sent_at", "decided_at")[:50]
        if sent is not None and decided is not None
    ]
    return timedelta(seconds=median(seconds)) if len(seconds) >= ENOUGH else USUALLY


def _not_too_often(worker: Worker) -> Decision:
    """Each try takes two people's time; after several in a month there is a pause.

    More can be begun than sent, for who mistyped and began anew; not without end.
    """
    since = timezone.now() - WITHIN
    lately = IdentityCheck.objects.filter(worker=worker)
    sent = lately.filter(sent_at__gt=since).order_by("sent_at")
    begun = lately.filter(started_at__gt=since).order_by("started_at")
    times = [at for at in sent.values_list("sent_at", flat=True) if at is not None]
    most = TRIES
    if len(times) < most:
        times, most = list(begun.values_list("started_at", flat=True)), BEGUN
    if len(times) < most:
        return ALLOWED
    return Refusal(
        "too_many_tries",
        _("You have tried %(tries)s times within 30 days. You can try again from %(day)s on."),
        {"tries": len(times), "day": (times[-most] + WITHIN).date().isoformat()},
        429,
    )
