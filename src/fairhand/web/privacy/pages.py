"""What is kept about people, for everybody to read; and each one's own: an archive, an end."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as say
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fairhand.kit.decision import Refusal
from fairhand.people.models import Account
from fairhand.people.privacy.held import Fate, Held, Part
from fairhand.people.privacy.periods import ARCHIVE, SECOND_THOUGHTS
from fairhand.web.access import personal_page, public
from fairhand.web.signin.reauth import freshly_proven
from fairhand.work.privacy import archive, deletion
from fairhand.work.privacy.hindrances import hindrances
from fairhand.work.privacy.tables import HELD

BADGES = {Fate.DELETED: "", Fate.EMPTIED: "", Fate.KEPT: "warn"}


@public
def kept(request: HttpRequest) -> HttpResponse:
    """Everything that is kept about anybody: what, why, for how long, and what deletion does."""
    return render(request, "privacy/kept.html", {"parts": _parts(HELD)})


@personal_page
def own(request: HttpRequest, account: Account) -> HttpResponse:
    """Somebody's own data: the archive, and the account's end."""
    export = archive.newest(account)
    return render(
        request,
        "privacy/own.html",
        {
            "export": export,
            "days": ARCHIVE.days,
            "deletion": deletion.waiting(account),
            "worker": hasattr(account, "worker"),
        },
    )


@require_POST
@personal_page
@freshly_proven
def ask(request: HttpRequest, account: Account) -> HttpResponse:
    """Have the archive made."""
    answer = archive.ask(account)
    if isinstance(answer, Refusal):
        messages.error(request, str(answer))
    else:
        messages.success(request, say("Your archive is being made. You are told when it is ready."))
    return redirect("privacy-own")


@never_cache
@personal_page
@freshly_proven
def download(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Somebody's archive, for them alone."""
    del request
    file = HttpResponse(archive.fetch(account, ref), content_type="application/zip")
    file["Content-Disposition"] = f'attachment; filename="{ref}.zip"'
    return file


@personal_page
@freshly_proven
def delete(request: HttpRequest, account: Account) -> HttpResponse:
    """Read what deletion does and what hinders it; then ask for it."""
    if deletion.waiting(account) is not None:
        return redirect("privacy-own")
    error = ""
    if request.method == "POST":
        if request.POST.get("sure") != "yes":
            error = say("Tick that you have read what is deleted.")
        elif answer := deletion.ask(account):
            return _signed_out(request)
        else:
            messages.error(request, str(answer))
    words = {"hindrances": hindrances(account), "error": error, **_fates()}
    status = 422 if error else 200
    return render(request, "privacy/delete.html", words, status=status)


@require_POST
@personal_page
def keep(request: HttpRequest, account: Account) -> HttpResponse:
    """Change one's mind."""
    answer = deletion.cancel(account)
    if isinstance(answer, Refusal):
        messages.error(request, str(answer))
    else:
        messages.success(
            request, say("Your account stays. Keys for programs have to be made anew.")
        )
    return redirect("privacy-own")


def _signed_out(request: HttpRequest) -> HttpResponse:
    """The session is over, so that what follows is said at once and not on the next page."""
    request.session.flush()
    request.user = AnonymousUser()
    return render(request, "privacy/asked.html", {"days": SECOND_THOUGHTS.days})


def _parts(rows: tuple[Held, ...]) -> list[dict[str, Any]]:
    """The table by what it is about; what people merely made for others stands in one sentence."""
    return [
        {
            "label": part.label,
            "rows": [
                {
                    "held": held,
                    "fate": Fate(held.fate).label,
                    "badge": BADGES[held.fate],
                }
                for held in rows
                if held.part == part and not held.rest
            ],
        }
        for part in Part
    ]


def _fates() -> dict[str, Any]:
    """What is deleted, made anonymous and kept, for the page that asks whether one is sure."""
    return {fate.name.lower(): [h for h in HELD if h.fate == fate and not h.rest] for fate in Fate}
