"""What was signed, by whom, in which words? Publishing agreements, and signing them.

What was published and what was signed only grows. A new version counts from the moment at which it
is published: whoever signed an older one is asked again before their next page.
"""

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import ALLOWED, Problem, Refusal, UnusableInput, require
from fairhand.people.agreement_pdf import Copy, drawn
from fairhand.people.audit import note, origin
from fairhand.people.duties import has_duty
from fairhand.people.gates import changed_for, in_force, rules_changed
from fairhand.people.models import (
    Account,
    Agreement,
    AgreementText,
    AgreementVersion,
    Duty,
    Signature,
    Worker,
)

__all__ = [
    "changes",
    "counts_of",
    "digest_of",
    "end",
    "in_force",
    "newest",
    "pdf_of",
    "publish",
    "sign",
    "signed_before",
    "signed_by",
    "text_for",
    "text_signed",
    "titles_of",
]
Kind = Agreement.Kind
LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME = 120, 200_000, 120
PROJECT = "prj_"  # how the reference of a project begins
# What a database's text cannot hold: the character of number zero, and halves of others.
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
# Nor do controls, or what turns the direction of others around, belong into a name.
_NOT_A_NAME = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NAMES = {
    Kind.TERMS: _("Terms"),
    Kind.PRIVACY: _("Privacy"),
    Kind.NDA: _("Confidentiality"),
}
NEW_VERSION = Refusal(
    "new_version",
    _(
        "A new version was published meanwhile, so nothing was signed. Read the new one below, "
        "then sign it."
    ),
)
OTHER_WORDS = Refusal(
    "other_words",
    _("This is not the text that was shown to you, so nothing was signed. Read it again."),
)
ENDED = Refusal("agreement_ended", _("This agreement is asked of nobody any more."))
NO_NAME = Refusal(
    "no_name",
    _("Type your name in 1 to %(most)s letters: that is how you sign."),
    {"most": LONGEST_NAME},
    422,
)
NO_FULL_NAME = Refusal(
    "no_full_name", _("Type your first and last name: that is your signature."), status=422
)
SAME_WORDS = Refusal(
    "same_words",
    _("This is what is in force already, word by word, so nothing was published."),
)
ONLY_NDA = Refusal(
    "only_nda",
    _("A project can ask to keep things confidential. Terms and privacy are the site's to ask."),
    status=422,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One paragraph of a new text: `kind` is same, added or removed."""

    kind: str
    text: str


@transaction.atomic
def publish(
    kind: str, scope: str, texts: Mapping[str, tuple[str, str]], by: Account
) -> AgreementVersion:
    """Publish a version: `texts` has title and text for each language, for at least one.

    Everybody whom it concerns is asked to sign before their next page. Installation and portals
    take the duty ADMIN; a project's is published by whoever reached it with the right to launch
    (projects are not known here). Raises Refused, and UnusableInput with what is wrong with a text.
    """
    if scope.startswith(PROJECT):
        require(ONLY_NDA if kind != Kind.NDA else ALLOWED)
    else:
        require(has_duty(by, Duty.ADMIN))
    clean = _cleaned(texts)
    Agreement.objects.get_or_create(kind=Kind(kind), scope=scope)
    agreement = Agreement.objects.select_for_update().get(kind=kind, scope=scope)
    before = newest(agreement)
    if before is not None and agreement.ended_at is None and _words_of(before) == clean:
        SAME_WORDS.fail()
    number = before.number + 1 if before is not None else 1
    version = AgreementVersion.objects.create(agreement=agreement, number=number, published_by=by)
    AgreementText.objects.bulk_create(
        AgreementText(
            version=version,
            language=language,
            title=title,
            text=text,
            digest=digest_of(title, text),
        )
        for language, (title, text) in clean.items()
    )
    Agreement.objects.filter(pk=agreement.pk).update(ended_at=None)
    rules_changed()
    note(
        "agreement.published",
        actor=by,
        subject=agreement.ref,
        before={"version": number - 1},
        after={"kind": kind, "scope": scope, "version": number, "languages": sorted(clean)},
    )
    return version


@transaction.atomic
def end(agreement: Agreement, by: Account) -> bool:
    """Ask an agreement of nobody any more; what was signed stays. False if it was ended before.

    Who may do this is as in `publish`.
    """
    if not agreement.scope.startswith(PROJECT):
        require(has_duty(by, Duty.ADMIN))
    mine = Agreement.objects.filter(pk=agreement.pk, ended_at=None)
    if mine.update(ended_at=timezone.now()) != 1:
        return False
    rules_changed()
    before = {"kind": agreement.kind, "scope": agreement.scope}
    note("agreement.ended", actor=by, subject=agreement.ref, before=before)
    return True


@transaction.atomic
def sign(
    account: Account,
    agreement: Agreement,
    *,
    version: int,
    language: str,
    digest: str,
    name: str,
) -> Signature:
    """Sign the newest version in the words whose digest was shown; once, however often it is sent.

    Raises Refused where another version or other words are in force, and without a
    first and last name (or the account's own name, where that is one word).
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or _NOT_A_NAME.search(name):
        NO_NAME.fail()
    # Whoever has one name alone signs with it: it is the account's.
    if " " not in name and name.casefold() != account.name.strip().casefold():
        NO_FULL_NAME.fail()
    # Held until the end: nobody publishes between this look and the signature.
    held = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    if held.ended_at is not None:
        ENDED.fail()
    current = newest(held)
    if current is None or current.number != version:
        NEW_VERSION.fail()
    if not current.texts.filter(language=language, digest=digest).exists():
        OTHER_WORDS.fail()
    found = Signature.objects.filter(account=account, version=current).first()
    if found is not None:
        return found
    came = origin()
    signature = Signature.objects.create(
        account=account,
        version=current,
        language=language,
        digest=digest,
        name=name,
        ip=came.get("ip") or None,
        agent=came.get("agent", ""),
    )
    signature.refresh_from_db()  # the database wrote the time
    worker = Worker.objects.filter(account=account).first()
    if worker is not None:
        changed_for(worker)
    note(
        "agreement.signed",
        actor=account,
        account=account,
        subject=agreement.ref,
        after={"version": version, "language": language, "digest": digest},
    )
    return signature


def newest(agreement: Agreement) -> AgreementVersion | None:
    """The version that counts; None while nothing was published."""
    return AgreementVersion.objects.filter(agreement=agreement).order_by("-number").first()


def text_for(version: AgreementVersion, language: str) -> AgreementText:
    """A version's words for a reader: in their language, else in English, else in the first."""
    texts = {text.language: text for text in version.texts.order_by("pk")}
    return texts.get(language) or texts.get("en") or next(iter(texts.values()))


def titles_of(refs: Iterable[str], language: str) -> dict[str, str]:
    """What the newest versions of these agreements are called, by reference, in two queries."""
    versions = (
        AgreementVersion.objects.filter(agreement__ref__in=list(refs))
        .order_by("agreement_id", "-number")
        .distinct("agreement_id")
        .select_related("agreement")
        .prefetch_related("texts")
    )
    found = {}
    for version in versions:
        texts = {text.language: text.title for text in version.texts.all()}
        title = texts.get(language) or texts.get("en") or next(iter(texts.values()))
        found[version.agreement.ref] = title
    return found


def signed_by(account: Account) -> list[Signature]:
    """What somebody signed, the latest first, with its version and agreement."""
    mine = Signature.objects.filter(account=account).select_related("version__agreement")
    return list(mine.order_by("-at", "-pk"))


def signed_before(account: Account, agreement: Agreement) -> Signature | None:
    """The latest signature under any version of an agreement."""
    mine = Signature.objects.filter(account=account, version__agreement=agreement)
    return mine.select_related("version").order_by("-version__number").first()


def text_signed(signature: Signature) -> AgreementText:
    """The very words that were signed."""
    return AgreementText.objects.get(version=signature.version_id, language=signature.language)


def counts_of(agreement: Agreement) -> dict[int, int]:
    """How many people signed each version, by its number."""
    versions = agreement.versions.annotate(people=Count("signatures"))
    return dict(versions.order_by("-number").values_list("number", "people"))


def changes(before: str, after: str) -> list[Change]:
    """What is new and what is gone, paragraph by paragraph, in the order of the new text."""
    old, new = paragraphs(before), paragraphs(after)
    found: list[Change] = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            found += [Change("same", text) for text in new[new_from:new_to]]
        else:
            found += [Change("removed", text) for text in old[old_from:old_to]]
            found += [Change("added", text) for text in new[new_from:new_to]]
    return found


def paragraphs(text: str) -> list[str]:
    """A text's paragraphs: empty lines part them."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def pdf_of(signature: Signature) -> bytes:
    """A copy of what was signed, with its signature; the same bytes each time."""
    version = signature.version
    text = text_signed(signature)
    return drawn(
        Copy(
            language=text.language,
            title=text.title,
            paragraphs=tuple(paragraphs(text.text)),
            agreement=version.agreement.ref,
            version=version.number,
            signature=signature.ref,
            account=signature.account.ref,
            name=signature.name,
            digest=signature.digest,
            at=signature.at,
        )
    )


def digest_of(title: str, text: str) -> str:
    """The SHA-256 of a text as it was shown: title, newline, text."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


def _words_of(version: AgreementVersion) -> dict[str, tuple[str, str]]:
    return {text.language: (text.title, text.text) for text in version.texts.all()}


def _cleaned(texts: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """The texts as they are kept, without those that are empty. Raises UnusableInput."""
    found: dict[str, tuple[str, str]] = {}
    problems = []
    for language, (given_title, given_text) in texts.items():
        title = " ".join(given_title.split())
        text = re.sub(r"[ \t]+\n", "\n", given_text.replace("\r\n", "\n").replace("\r", "\n"))
        text = text.strip()
        if not title and not text:
            continue
        found[language] = (title, text)
        problems += _problems(language, title, text)
    if not found and not problems:
        sentence = _("Write title and text in at least one language.")
        problems.append(Problem(sentence, field="texts"))
    if problems:
        raise UnusableInput(problems)
    return found


def _problems(language: str, title: str, text: str) -> list[Problem]:
    found = []
    if language not in dict(settings.LANGUAGES):
        sentence = _("There is no such language here: %(language)s.") % {"language": language}
        found.append(Problem(sentence, field=f"texts.{language}"))
    if not 0 < len(title) <= LONGEST_TITLE or _NOT_TEXT.search(title):
        sentence = _("Give it a title of 1 to %(most)s letters.") % {"most": LONGEST_TITLE}
        found.append(Problem(sentence, field=f"title.{language}"))
    if not 0 < len(text) <= LONGEST_TEXT or _NOT_TEXT.search(text):
        sentence = _("Write a text of 1 to %(most)s letters.") % {"most": LONGEST_TEXT}
        found.append(Problem(sentence, field=f"text.{language}"))
    return found
