"""Reading an agreement, signing it, and the copies of what was signed."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from fairhand.kit.decision import Refusal, Refused
from fairhand.people import agreements
from fairhand.people.access import NOT_FOUND, worker_of
from fairhand.people.models import Account, Agreement, AgreementText, AgreementVersion, Signature
from fairhand.web.access import personal_page
from fairhand.web.agreements.reading import may_read, to_sign
from fairhand.web.host import portal_of
from fairhand.web.profile.leading import wanted
from fairhand.web.refusals import tell

NOT_TICKED = Refusal(
    "not_ticked",
    _("Tick the box to say that you agree; without it nothing is signed."),
    status=422,
)
SIGNED = _("Signed. Your copy is under “What you signed”.")


@personal_page
def overview(request: HttpRequest, account: Account) -> HttpResponse:
    """What is to be signed, and what was: each with its copy."""
    language = get_language() or "en"
    signed = agreements.signed_by(account)
    titles = {one.pk: agreements.text_signed(one).title for one in signed}
    newest = {one.version.agreement_id: agreements.newest(one.version.agreement) for one in signed}
    waiting = to_sign(account, portal_of(request))
    words = agreements.titles_of([one.ref for one in waiting], language)
    rows = [(one, titles[one.pk], _counts(one, newest)) for one in signed]
    return render(
        request,
        "agreements/overview.html",
        {
            "worker": worker_of(account),
            "signed": rows,
            "waiting": [(one, words.get(one.ref, "")) for one in waiting],
        },
    )


@personal_page
def agreement(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """The whole text, what changed since it was signed before, and the place to sign."""
    found = Agreement.objects.filter(ref=ref).first()
    version = agreements.newest(found) if found is not None else None
    if found is None or version is None or not may_read(account, found, portal_of(request)):
        raise Refused(NOT_FOUND)
    refusal = None
    if request.method == "POST":
        refusal = _sign(request, account, found)
        if refusal is None:
            tell(request, True, SIGNED)
            return redirect(wanted(request) or "agreements")
        version = agreements.newest(found) or version
    words = _words(request, account, found, version)
    status = refusal.status if refusal is not None else 200
    words |= {"refusal": refusal, "name": request.POST.get("name", "")}
    return render(request, "agreements/agreement.html", words, status=status)


@personal_page
def copy(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """The copy on paper of one's own signature; nobody else's is there."""
    del request
    mine = Signature.objects.select_related("version__agreement", "account")
    signature = mine.filter(account=account, ref=ref).first()
    if signature is None:
        raise Refused(NOT_FOUND)
    response = HttpResponse(agreements.pdf_of(signature), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{signature.ref}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _sign(request: HttpRequest, account: Account, found: Agreement) -> Refusal | None:
    given = request.POST
    number = given.get("version", "")
    if not given.get("agree"):
        return NOT_TICKED
    try:
        agreements.sign(
            account,
            found,
            version=int(number) if number.isascii() and number.isdecimal() else 0,
            language=given.get("language", ""),
            digest=given.get("digest", ""),
            name=given.get("name", ""),
        )
    except Refused as error:
        return error.refusal
    return None


def _words(
    request: HttpRequest, account: Account, found: Agreement, version: AgreementVersion
) -> dict[str, Any]:
    """What the page of an agreement shows."""
    wished = request.POST.get("language") or request.GET.get("language") or get_language() or "en"
    text = agreements.text_for(version, wished)
    before = agreements.signed_before(account, found)
    signed = before if before is not None and before.version_id == version.pk else None
    return {
        "agreement": found,
        "version": version,
        "text": text,
        "paragraphs": agreements.paragraphs(text.text),
        "languages": _languages(version, text),
        "spoken": dict(settings.LANGUAGES).get(text.language, text.language),
        "other_language": text.language != (get_language() or "en"),
        "before": before,
        "signed": signed,
        "changes": _changes(before, text) if before is not None and signed is None else [],
        "next": wanted(request),
        "kind": agreements.NAMES[Agreement.Kind(found.kind)],
    }


def _languages(version: AgreementVersion, text: AgreementText) -> list[dict[str, Any]]:
    """Links to the same version in each language that it has; none where it has one."""
    names = dict(settings.LANGUAGES)
    others = list(version.texts.order_by("pk").values_list("language", flat=True))
    here = reverse("agreement", args=[version.agreement.ref])
    found = [
        {
            "label": names.get(language, language),
            "url": f"{here}?language={language}",
            "current": language == text.language,
        }
        for language in others
    ]
    return found if len(found) > 1 else []


def _changes(before: Signature, text: AgreementText) -> list[agreements.Change]:
    """What is new and gone since somebody signed, in the language of the text they read now."""
    old = before.version.texts.filter(language=text.language).first()
    words = (old or agreements.text_signed(before)).text
    return [one for one in agreements.changes(words, text.text) if one.kind != "same"]


def _counts(signature: Signature, newest: dict[int, AgreementVersion | None]) -> str:
    """Whether a signature still counts, in a word."""
    found = signature.version.agreement
    if found.ended_at is not None:
        return say("no longer asked for")
    current = newest[found.pk]
    if current is not None and current.pk != signature.version_id:
        return say("there is a newer version")
    return ""
