"""What somebody shows: drawn anew, sealed, seen by few, and deleted in time."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit import vault
from fairhand.kit.decision import Refusal
from fairhand.kit.lifecycle import move
from fairhand.kit.pictures import Picture, pages_of, redraw
from fairhand.people import consents
from fairhand.people.audit import note
from fairhand.people.duties import has_duty
from fairhand.people.gates import changed_for
from fairhand.people.identity.said import DOCUMENTS
from fairhand.people.models import (
    IDENTITY,
    Account,
    Appeal,
    AppealState,
    Consent,
    Duty,
    IdentityCheck,
    IdentityState,
    Proof,
)

CONSENT = "identity"
SELFIE = "selfie"
SMALLEST = 400  # pixels of the shorter side: less cannot be read
MOST_PAGES = 2  # of a document
LINGERS = timedelta(days=30)
SYSTEM = "system:identity"
NOT_NOW = Refusal("not_now", _("This check takes no pictures now."))
NO_SUCH_KIND = Refusal("no_such_picture", _("Nobody asks for this picture."), status=422)
NO_CONSENT = Refusal(
    "no_consent",
    _("Your pictures are taken only with your consent. Read it and agree, or stop here."),
    status=403,
)
OWN = Refusal("own_proof", _("Nobody looks at their own check."), status=403)
CONSENT_ENDED = Refusal(
    "consent_ended",
    _("The person took their consent back: nobody looks at their pictures any more."),
)


def asked_of(check: IdentityCheck) -> tuple[str, ...]:
    """The pictures that a check needs: the document's sides, and the person."""
    return (*DOCUMENTS[check.document_kind].sides, SELFIE)


def shown_for(check: IdentityCheck) -> dict[str, Proof]:
    """The first page of each picture that was shown, without the sealed bytes."""
    found = Proof.objects.filter(check_of=check, page=1).defer("sealed")
    return {proof.kind: proof for proof in found}


def show(check: IdentityCheck, kind: str, data: bytes) -> None:
    """Take a picture (for the document also a PDF) in place of the one before of its kind.

    Raises Refused, with what was found and what is allowed, and then keeps nothing.
    """
    if kind not in asked_of(check):
        NO_SUCH_KIND.fail()
    if check.state != IdentityState.STARTED:
        NOT_NOW.fail()
    pictures = [redraw(data)] if kind == SELFIE else pages_of(data, most_pages=MOST_PAGES)
    for picture in pictures:
        _large_enough(picture)
    with transaction.atomic():
        held = IdentityCheck.objects.select_for_update().select_related("worker__account")
        now = held.get(pk=check.pk)
        if now.state != IdentityState.STARTED:
            NOT_NOW.fail()
        if not consents.holds(now.worker.account, CONSENT):
            NO_CONSENT.fail()
        Proof.objects.filter(check_of=check, kind=kind).delete()
        keep(now.worker.account, kind, pictures, check_of=now)


def keep(
    account: Account,
    kind: str,
    pictures: Sequence[Picture],
    *,
    check_of: IdentityCheck | None = None,
    appeal: Appeal | None = None,
) -> None:
    """Seal pictures that somebody showed, one row a page, in the caller's transaction."""
    for page, picture in enumerate(pictures, 1):
        key, sealed = vault.seal(picture.data)
        Proof.objects.create(
            account=account,
            check_of=check_of,
            appeal=appeal,
            kind=kind,
            page=page,
            key=key,
            sealed=sealed,
            width=picture.width,
            height=picture.height,
        )


@transaction.atomic
def look(proof: Proof, by: Account) -> bytes:
    """A proof's picture (JPEG), for an operator with the duty; each look is noted.

    Raises Refused without the duty, for one's own, and once the consent was taken back.
    """
    if not (answer := has_duty(by, Duty.IDENTITY)):
        assert isinstance(answer, Refusal)
        answer.fail()
    if proof.account_id == by.pk:
        OWN.fail()
    consents.holds(proof.account, CONSENT)  # from here on it is not taken back before the look
    if proof.check_of is not None and not is_agreed(proof.check_of):
        CONSENT_ENDED.fail()
    after = {"picture": proof.kind, "page": proof.page}
    subject = proof.check_of.ref if proof.check_of is not None else proof.ref
    note("identity.looked", actor=by, account=proof.account, subject=subject, after=after)
    return vault.unseal(proof.key, proof.sealed)


def is_agreed(check: IdentityCheck) -> bool:
    """Whether people may look at what was shown: by consent, or since its person contests it."""
    agreed = CONSENT in consents.standing(check.worker.account)
    return agreed or contested(check.ref).exists()


def contested(subject: str | OuterRef) -> QuerySet[Appeal]:
    """The open appeal against the decision about a check."""
    return Appeal.objects.filter(kind="identity", subject=subject, state=AppealState.OPEN)


def forget(check: IdentityCheck, why: str) -> int:
    """Delete what was shown for a check, in the caller's transaction; returns how many rows."""
    gone, _tables = Proof.objects.filter(check_of=check).delete()
    if gone:
        account = check.worker.account
        note(
            "identity.forgotten",
            actor=SYSTEM,
            account=account,
            subject=check.ref,
            after={"why": why},
        )
    return gone


def purge() -> int:
    """Delete pictures whose time is over or whose person took the consent back.

    A check that goes on ends with the consent, and after a month when nobody goes on with it. For
    an open appeal the pictures stay. Returns for how many checks something was done; may run at any
    time, twice.
    """
    now = timezone.now()
    checks = IdentityCheck.objects.select_related("worker__account").order_by("pk")
    agreed = Consent.objects.filter(
        account=OuterRef("worker"), purpose=CONSENT, withdrawn_at__isnull=True
    )
    shown = Exists(Proof.objects.filter(check_of=OuterRef("pk")))
    going_on = Q(state__in=(IdentityState.STARTED, IdentityState.PENDING))
    left = Q(state=IdentityState.STARTED, started_at__lte=now - LINGERS)
    done = 0
    for check in checks.filter(left | (going_on & ~Exists(agreed)))[:500]:
        done += end_unsent(check, SYSTEM, "nobody goes on with it")
    late = checks.filter(shown, Q(purge_at__lte=now) | ~Exists(agreed)).exclude(going_on)
    for check in late.exclude(Exists(contested(OuterRef("ref"))))[:500]:
        with transaction.atomic():
            done += bool(forget(check, "the time to keep it is over"))
    return done


@transaction.atomic
def end_unsent(check: IdentityCheck, actor: str, why: str) -> bool:
    """A check ends without a decision: what was shown and told for it goes at once."""
    changes = {"holder": "", "birth_date": None, "document_digest": ""}
    if not move(IDENTITY, check, IdentityState.WITHDRAWN, actor=actor, why=why, changes=changes):
        return False
    forget(check, why)
    account = check.worker.account
    note("identity.withdrawn", actor=actor, account=account, subject=check.ref, after={"why": why})
    changed_for(check.worker)
    return True


def change_keys() -> int:
    """Seal all pictures with a new key; returns how many. Noted, since it is about their safety."""
    done = vault.rotate()
    note("vault.rotated", actor="system:vault", after={"files": done})
    return done


def _large_enough(picture: Picture) -> None:
    if min(picture.width, picture.height) < SMALLEST:
        Refusal(
            "picture_too_small",
            _("This picture has %(width)s by %(height)s pixels: too few to be read. Go closer."),
            {"width": picture.width, "height": picture.height},
            422,
        ).fail()
