"""What is kept about somebody that says who they are, lets them in, and tells them things."""

from typing import Any

from allauth.account.models import EmailConfirmation
from allauth.socialaccount.models import SocialToken
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from fairhand.kit import vault
from fairhand.kit.models import IdempotencyKey
from fairhand.people.models import Account, IdentityState, IdentityVote, Mail, Proof, Worker
from fairhand.people.privacy import periods
from fairhand.people.privacy.held import INNER, OTHERS, SECRET, Fate, Held, Part, Person

KEPT, DELETED, EMPTIED = Fate.KEPT, Fate.DELETED, Fate.EMPTIED
TRACE = _("It says nothing without a key of ours, and would tell others how to look alike.")
PICTURED = _("It is in the archive as a picture.")


def gone_address(person: Person) -> str:
    """An address that nobody has: what stands where somebody's was."""
    return f"{person.account.ref}@deleted.invalid"


def picture_of(proof: Proof) -> tuple[str, bytes]:
    """A picture that was shown, as it was stored: its name in the archive, and its bytes."""
    data = vault.unseal(proof.key, bytes(proof.sealed))
    ending = "png" if data.startswith(b"\x89PNG") else "jpg"
    return f"pictures/{proof.ref}-{proof.kind}-{proof.page}.{ending}", data


def _mails(person: Person) -> QuerySet[Any]:
    return Mail.objects.filter(Q(account=person.account) | Q(to__in=person.emails))


def _confirmations(person: Person) -> QuerySet[Any]:
    found: QuerySet[Any] = EmailConfirmation.objects.filter(email_address__user=person.account)
    return found


def _votes(person: Person) -> QuerySet[Any]:
    """Votes on checks that are decided: till then nobody is told how the first one voted."""
    decided = (IdentityState.VERIFIED, IdentityState.REJECTED, IdentityState.EXPIRED)
    mine = IdentityVote.objects.filter(check_of__worker__account=person.account)
    return mine.filter(check_of__state__in=decided)


def _forget_votes(person: Person) -> int:
    mine = IdentityVote.objects.filter(check_of__worker__account=person.account)
    return int(mine.delete()[0])


def _tokens(person: Person) -> QuerySet[Any]:
    found: QuerySet[Any] = SocialToken.objects.filter(account__user=person.account)
    return found


def _kept_writes(person: Person) -> QuerySet[Any]:
    return IdempotencyKey.objects.filter(owner=person.account.ref)


def _unless_expelled(column: str) -> Any:
    """What is left in a column: nothing, but for whoever people excluded."""
    return lambda person: F(column) if person.expelled else ""


def _standing(person: Person) -> str:
    return Worker.Standing.EXPELLED if person.expelled else Worker.Standing.CLOSED


YOU = (
    Held(
        "people.Account",
        "account",
        _("Your account: e-mail address, name, phone number, language."),
        _("To know you again, to write to you, and to pay the right person."),
        Part.YOU,
        EMPTIED,
        periods.ACCOUNT,
        find=lambda person: Account.objects.filter(pk=person.account.pk),
        shown=(
            *("ref", "email", "name", "phone", "phone_verified_at", "language"),
            *("is_active", "last_login", "created_at"),
        ),
        hidden={"password": SECRET, "epoch": INNER},
        emptied={
            "email": gone_address,
            "name": "",
            "phone": "",
            "phone_verified_at": None,
            "password": "!",
            "last_login": None,
            "is_active": False,
        },
    ),
    Held(
        "people.Worker",
        "worker",
        _("Your number as a worker, and whether you may work."),
        _("Requesters see this number and never your name."),
        Part.YOU,
        EMPTIED,
        periods.NUMBER_ALONE,
        by=("account",),
        shown=("ref", "standing", "suspended_until", "created_at"),
        hidden={"stamp": INNER},
        emptied={"standing": _standing, "suspended_until": None},
    ),
    Held(
        "people.ProfileFact",
        "profile",
        _("What you told about yourself, such as your languages."),
        _("To show you the work that fits you."),
        Part.YOU,
        DELETED,
        periods.YOURS,
        by=("worker",),
        shown=("field", "value", "given_at"),
    ),
    Held(
        "people.Consent",
        "consents",
        _("What you agreed to be photographed or recorded for."),
        _("To prove that you agreed, and to stop when you no longer do."),
        Part.YOU,
        DELETED,
        periods.CONSENT,
        by=("account",),
        shown=("purpose", "language", "given_at", "withdrawn_at", "digest"),
    ),
    Held(
        "people.Device",
        "devices",
        _("Which kinds of devices you use."),
        _("To show you work that your device can do, and to notice a stranger's."),
        Part.YOU,
        DELETED,
        periods.SEEN,
        by=("account",),
        shown=("kind", "system", "browser", "first_at", "last_at"),
        hidden={"digest": TRACE},
    ),
    Held(
        "people.Proof",
        "pictures",
        _("Pictures that you showed: documents, your face, evidence for an appeal."),
        _("For two people to see that it is you, or to decide your appeal."),
        Part.YOU,
        DELETED,
        periods.PROOFS,
        by=("account",),
        shown=("ref", "kind", "page", "width", "height", "at", "check_of", "appeal"),
        hidden={"sealed": PICTURED, "key": SECRET},
        files=picture_of,
    ),
    Held(
        "people.IdentityVote",
        "identity-checks-seen",
        _("What operators made of what you showed."),
        _("Two people decide, and you can ask for others to look again."),
        Part.YOU,
        DELETED,
        periods.CHECKS,
        find=_votes,
        shown=("verdict", "reason", "words", "at", "check_of"),
        hidden={"operator": OTHERS},
        wipe=_forget_votes,
    ),
    Held(
        "people.IdentityCheck",
        "identity-checks",
        _("Checks of who you are, and what your document said."),
        _("Some requesters must know that a real person, once, did the work."),
        Part.YOU,
        EMPTIED,
        periods.CHECKS,
        by=("worker",),
        shown=(
            *("ref", "provider", "state", "holder", "birth_date", "document_kind"),
            *("document_country", "document_expires", "outside_ref", "reason", "words"),
            *("started_at", "sent_at", "decided_at", "valid_until", "purge_at"),
        ),
        hidden={"document_digest": TRACE},
        emptied={
            **dict.fromkeys(("holder", "document_kind", "document_country", "words"), ""),
            **dict.fromkeys(("birth_date", "document_expires"), None),
            "outside_ref": "",
            "document_digest": _unless_expelled("document_digest"),
        },
    ),
)

ACCESS = (
    Held(
        "people.Session",
        "browsers",
        _("Browsers in which you are signed in: from where, when, which."),
        _("So that you stay signed in, and can see whether all of them are yours."),
        Part.ACCESS,
        DELETED,
        periods.SIGNED_IN,
        by=("account", "pending"),
        shown=("created_at", "seen_at", "ip", "agent", "expire_date"),
        hidden={"session_key": SECRET, "session_data": SECRET},
    ),
    Held(
        "people.SignInLink",
        "sign-in-links",
        _("Links of a demonstration that sign you in once."),
        _("They exist in demonstrations only."),
        Part.ACCESS,
        DELETED,
        periods.OVER,
        by=("account",),
        shown=("expires_at", "used_at"),
        hidden={"digest": SECRET},
    ),
    Held(
        "people.ApiKey",
        "keys",
        _("Your keys for programs: their names and what they may do."),
        _("So that programs can act for you, and you can end them."),
        Part.ACCESS,
        DELETED,
        periods.YOURS,
        by=("account",),
        shown=(
            *("name", "tail", "scopes", "organisation"),
            *("expires_at", "last_used_at", "created_at"),
        ),
        hidden={"digest": SECRET, "replaced_by": INNER},
    ),
    Held(
        "account.EmailConfirmation",
        "address-confirmations",
        _("Links that confirm an address."),
        _("None are made here: addresses are confirmed by a code."),
        Part.ACCESS,
        DELETED,
        periods.OVER,
        find=_confirmations,
        shown=("email_address", "created", "sent"),
        hidden={"key": SECRET},
    ),
    Held(
        "account.EmailAddress",
        "addresses",
        _("Your e-mail addresses, and which of them you confirmed."),
        _("So that what concerns you reaches you and nobody else."),
        Part.ACCESS,
        DELETED,
        periods.YOURS,
        by=("user",),
        shown=("email", "verified", "primary"),
    ),
    Held(
        "mfa.Authenticator",
        "second-factors",
        _("Passkeys, apps for codes, recovery codes."),
        _("So that a stolen password alone lets nobody in."),
        Part.ACCESS,
        DELETED,
        periods.YOURS,
        by=("user",),
        shown=("type", "created_at", "last_used_at"),
        hidden={"data": SECRET},
    ),
    Held(
        "socialaccount.SocialToken",
        "tokens-of-other-sites",
        _("What other sites gave us to ask about you. None is kept here."),
        _("They could be asked who you are."),
        Part.ACCESS,
        DELETED,
        periods.YOURS,
        find=_tokens,
        shown=("expires_at",),
        hidden={"token": SECRET, "token_secret": SECRET, "app": INNER, "account": INNER},
    ),
    Held(
        "socialaccount.SocialAccount",
        "accounts-elsewhere",
        _("Accounts elsewhere with which you sign in here, and what those sites said of you."),
        _("So that you can sign in with them."),
        Part.ACCESS,
        DELETED,
        periods.YOURS,
        by=("user",),
        shown=("provider", "uid", "extra_data", "last_login", "date_joined"),
    ),
    Held(
        "allauth_idp_oidc.Token",
        "sites-you-opened-with-it",
        _("Sites that may know you by your account here."),
        _("Because you said so there."),
        Part.ACCESS,
        DELETED,
        periods.OVER,
        by=("user",),
        shown=("type", "client", "scopes", "created_at", "expires_at"),
        hidden={"hash": SECRET, "data": SECRET},
    ),
    Held(
        "people.Signal",
        "traces",
        _("Traces of documents, bank accounts and devices, unreadable without a key of ours."),
        _("One person, one identity: a person looks when two accounts share them."),
        Part.ACCESS,
        DELETED,
        periods.TRACES,
        by=("account",),
        shown=("kind", "at"),
        hidden={"digest": TRACE},
        spared=True,
    ),
    Held(
        "people.SameCase",
        "likeness",
        _("That another account shares traces with yours, and what a person made of it."),
        _("One person, one identity. Nothing follows from it without a person."),
        Part.ACCESS,
        DELETED,
        periods.TRACES,
        by=("first", "second"),
        shown=("ref", "kinds", "state", "opened_at", "decided_why", "decided_at"),
        hidden={"decided_by": OTHERS},
        spared=True,
    ),
    Held(
        "kit.IdempotencyKey",
        "repeated-writes",
        _("Answers to what your programs wrote, in case they did not hear them."),
        _("So that nothing is done twice."),
        Part.ACCESS,
        DELETED,
        periods.THREE_DAYS,
        find=_kept_writes,
        shown=("owner", "key", "status", "created_at"),
        hidden={"fingerprint": INNER, "content_type": INNER, "body": INNER},
    ),
)
TOLD = (
    Held(
        "people.Notice",
        "notices",
        _("What you were told here."),
        _("So that you can read it again."),
        Part.TOLD,
        DELETED,
        periods.NOTICES,
        by=("account",),
        shown=("kind", "params", "link", "created_at", "read_at", "awaits_digest"),
    ),
    Held(
        "people.Preference",
        "wishes",
        _("How you want to hear of what."),
        _("So that you are told as you wish."),
        Part.TOLD,
        DELETED,
        periods.YOURS,
        by=("account",),
        shown=("kind", "mail", "push"),
    ),
    Held(
        "people.Mail",
        "mails",
        _("Mails to you: when and about what."),
        _("So that none is lost, and operators can help when one does not arrive."),
        Part.TOLD,
        DELETED,
        periods.MAILS,
        by=("account",),
        find=_mails,
        shown=(
            *("kind", "to", "subject", "state", "attempts", "error"),
            *("created_at", "next_at", "give_up_at", "sent_at"),
        ),
        hidden={
            "text": _("While it waits it may hold a code that lets somebody in; then it is gone."),
            "html": _("The same words as the text."),
            "stop_url": SECRET,
        },
    ),
    Held(
        "people.PushDevice",
        "told-devices",
        _("Browsers that show you what you are told."),
        _("Because you asked for it on them."),
        Part.TOLD,
        DELETED,
        periods.YOURS,
        by=("account",),
        shown=("agent", "created_at", "failures"),
        hidden={"endpoint": SECRET, "p256dh": SECRET, "auth": SECRET},
    ),
)
