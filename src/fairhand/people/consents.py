"""Consents: a yes to one purpose, in the words that were read, as easily taken back as given.

(GDPR, articles 7 and 9.) A row keeps in which language the words were read, and their SHA-256: it
proves what was agreed to, also after it was taken back. Nothing else than these is consented to.
"""

import hashlib
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from fairhand.kit.decision import ALLOWED, Decision, Refusal
from fairhand.people.audit import note
from fairhand.people.gates import changed_for
from fairhand.people.models import Account, Consent, ProfileFact, Worker


@dataclass(frozen=True, slots=True)
class Purpose:
    """What somebody says yes to: its name, the words to read, and what is lost without it.

    `field` of the profile rests on this consent, and goes with it.
    """

    label: str | Promise
    text: str | Promise
    without: str | Promise
    field: str = ""


PURPOSES: dict[str, Purpose] = {
    "photos": Purpose(
        _("Photos of you"),
        _(
            "I agree that photos that show me, and that I make for a task, are kept and given to "
            "whoever asks in that task, for the purpose that its instructions name. They are used "
            "for nothing else, and each task says beforehand that it asks for photos."
        ),
        _("You are shown no tasks that ask for photos of you. Nothing else changes."),
    ),
    "recordings": Purpose(
        _("Recordings of you"),
        _(
            "I agree that recordings of my voice or of me, which I make for a task, are kept and "
            "given to whoever asks in that task, for the purpose that its instructions name. They "
            "are used for nothing else, and each task says beforehand that it asks for recordings."
        ),
        _("You are shown no tasks that ask for recordings of you. Nothing else changes."),
    ),
    "identity": Purpose(
        _("Document and face for proving who you are"),
        _(
            "I agree that pictures of my identity document and of my face are used to find out "
            "whether I am who I say, and whether I did this here before under another name. "
            "People compare them; they are kept encrypted, shown to nobody else, used for nothing "
            "else, and deleted when the time is over that is named where I send them."
        ),
        _("You cannot do work that asks for a proven identity. Nothing else changes."),
    ),
    "health": Purpose(
        _("What helps you to work"),
        _(
            "I agree that what I say about what helps me to work, which may tell something about "
            "my health, is kept to choose the tasks that I am shown and the time that I am given. "
            "It is shown to nobody and used for nothing else."
        ),
        _("What you told is deleted. You are shown all tasks, with the usual time."),
        field="accessibility",
    ),
}
UNKNOWN_PURPOSE = Refusal("not_found", _("Nobody asks for such a consent."), status=404)
OTHER_WORDS = Refusal(
    "other_words",
    _("The text was changed after you opened this page. Read it again, then decide."),
)


def text_of(purpose: str, language: str) -> str:
    """What somebody reads who is asked, in this language."""
    with override(language):
        return str(PURPOSES[purpose].text)


def digest_of(purpose: str, language: str) -> str:
    """The SHA-256 of that text, as hexadecimal digits."""
    return hashlib.sha256(text_of(purpose, language).encode()).hexdigest()


@transaction.atomic
def give(account: Account, purpose: str, *, language: str, digest: str) -> Decision:
    """Say yes to a purpose; `digest` is of the text that was read, in `language`.

    Saying yes twice is saying it once.
    """
    if purpose not in PURPOSES:
        return UNKNOWN_PURPOSE
    if digest != digest_of(purpose, language):
        return OTHER_WORDS
    try:
        with transaction.atomic():
            Consent.objects.create(
                account=account, purpose=purpose, language=language, digest=digest
            )
    except IntegrityError:
        return ALLOWED  # it stands already
    after = {"language": language, "digest": digest}
    note("consent.given", actor=account, account=account, subject=purpose, after=after)
    _look_again(account)
    return ALLOWED


@transaction.atomic
def withdraw(account: Account, purpose: str) -> Decision:
    """Take a yes back, and delete what was told because of it; twice is once."""
    if purpose not in PURPOSES:
        return UNKNOWN_PURPOSE
    standing_one = Consent.objects.filter(account=account, purpose=purpose, withdrawn_at=None)
    if not standing_one.update(withdrawn_at=timezone.now()):
        return ALLOWED
    if field := PURPOSES[purpose].field:
        ProfileFact.objects.filter(worker__account=account, field=field).delete()
    note(
        "consent.withdrawn",
        actor=account,
        account=account,
        subject=purpose,
        before={"agreed": True},
        after={"agreed": False},
    )
    _look_again(account)
    return ALLOWED


def standing(account: Account) -> dict[str, Consent]:
    """The consents that hold now, by purpose."""
    found = Consent.objects.filter(account=account, withdrawn_at=None, purpose__in=PURPOSES)
    return {one.purpose: one for one in found}


def holds(account: Account, purpose: str) -> bool:
    """Whether a consent holds, and goes on holding until the caller's transaction ends."""
    mine = Consent.objects.filter(account=account, purpose=purpose, withdrawn_at=None)
    return mine.select_for_update().first() is not None


def _look_again(account: Account) -> None:
    worker = Worker.objects.filter(account=account).first()
    if worker is not None:
        changed_for(worker)
