"""What concerns me? Notices, how to be told of them, devices; and the installed app's files."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import path
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from fairhand.kit.decision import Refusal
from fairhand.people.browsers import name_of
from fairhand.people.models import Account, Notice, Preference, PushDevice
from fairhand.people.notices.kinds import KINDS, Group, Kind, Whom
from fairhand.people.notices.reading import notices_of, read, read_all
from fairhand.people.notices.stopping import DIGEST, read_stop, stop
from fairhand.people.notices.wishes import Wish, wish_for, wishes_of
from fairhand.people.notices.words import Said, said
from fairhand.people.push import add_device, forget_devices, public_key
from fairhand.settings import PACKAGE
from fairhand.web.access import personal_page, public, roles_of
from fairhand.web.host import branded
from fairhand.web.lists import LENGTH, Place, part
from fairhand.web.origin import agent_of
from fairhand.web.portal.brand import manifest_of
from fairhand.web.refusals import refused, tell

BUILT = PACKAGE / "web" / "static" / "build"
HOWS = (
    (Preference.Mail.AT_ONCE, _("by mail at once")),
    (Preference.Mail.DAILY, _("in one mail a day")),
    (Preference.Mail.NEVER, _("not by mail")),
)
NOT_OURS = Refusal(
    "not_found", _("This link was not made here, or what it would end has ended."), status=404
)
UNKNOWN_WISH = Refusal("unknown_wish", _("Choose one of the ways that are offered."), status=422)


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as its reader sees it."""

    notice: Notice
    words: Said


@personal_page
def notices(request: HttpRequest, account: Account) -> HttpResponse:
    """All that somebody was told, the newest first."""
    place = Place.of(request)
    mine = notices_of(account).filter(kind__in=KINDS)
    found = list(mine[place.offset : place.offset + LENGTH])
    lines = [Line(one, said(one.kind, one.params)) for one in found]
    words = {
        "part": part(place, lines, mine.count()),
        "newest": found[0].pk if found else 0,
        "unread": any(one.read_at is None for one in found),
    }
    return render(request, "notices.html", words)


@require_POST
@personal_page
def read_notices(request: HttpRequest, account: Account) -> HttpResponse:
    """Note that all were seen that were on the screen, and none that came since."""
    text = request.POST.get("up_to", "")
    up_to = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0  # noqa: PLR2004 - what a bigint holds
    read_all(account, up_to=up_to)
    return redirect("notices")


@require_POST
@personal_page
def open_notice(_request: HttpRequest, account: Account, number: int) -> HttpResponse:
    """Note that a notice was read, and go where it leads: to a page of this site."""
    notice = read(account, number)
    if notice is None:
        raise Http404
    return redirect(notice.link or "notices")


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of notice, and how its reader wishes to be told."""

    kind: Kind
    wish: Wish


@personal_page
def wishes(request: HttpRequest, account: Account) -> HttpResponse:
    """What I am told of, how, and on which devices."""
    if request.method == "POST":
        decision = _keep(request, account)
        if isinstance(decision, Refusal):
            return refused(request, decision)
        tell(request, True, _("Saved."))
        return redirect("notice-wishes")
    held = wishes_of(account)
    free = [Choice(kind, held[kind.name]) for kind in _free(account)]
    groups = [
        (group.label, [choice for choice in free if choice.kind.group == group])
        for group in Group
        if any(choice.kind.group == group for choice in free)
    ]
    devices = PushDevice.objects.filter(account=account).order_by("-created_at")
    words = {
        "groups": groups,
        "fixed": [kind for kind in _concerning(account) if kind.fixed],
        "hows": HOWS,
        "devices": [(one, name_of(one.agent), _digest(one.endpoint)) for one in devices],
        "key": public_key(),
        "sends_mail": settings.SENDS_MAIL,
    }
    return render(request, "notice_wishes.html", words)


def _free(account: Account) -> list[Kind]:
    """The kinds that can concern somebody, and that are theirs to turn off."""
    return [kind for kind in _concerning(account) if not kind.fixed]


def _concerning(account: Account) -> list[Kind]:
    """The kinds that can concern somebody."""
    roles = roles_of(account)
    concerns = {
        Whom.EVERYBODY: True,
        Whom.WORKERS: roles.worker,
        Whom.REQUESTERS: roles.requester,
        Whom.OPERATORS: roles.operator,
    }
    return [kind for kind in KINDS.values() if concerns[kind.whom]]


def _keep(request: HttpRequest, account: Account) -> Refusal | None:
    """Keep every wish of the form, or none if one of them is no way to be told."""
    free = [kind.name for kind in _free(account)]
    held = wishes_of(account)
    asked = {name: request.POST.get(f"mail-{name}", held[name].mail) for name in free}
    if not set(asked.values()) <= set(Preference.Mail.values):
        return UNKNOWN_WISH
    for name, mail in asked.items():
        new = Wish(Preference.Mail(mail), f"push-{name}" in request.POST)
        if new != held[name]:
            wish_for(account, name, mail=new.mail, push=new.push)
    return None


def _digest(endpoint: str) -> str:
    """By which a browser knows itself in the list; its address is a secret."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


@require_POST
@personal_page
def device(request: HttpRequest, account: Account) -> HttpResponse:
    """Keep the browser that asks to be told."""
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    agent = agent_of(request)
    done = _("This device is told from now on.")
    tell(request, add_device(account, **given, agent=agent), done)
    return redirect("notice-wishes")


@require_POST
@personal_page
def remove_device(request: HttpRequest, account: Account, number: int) -> HttpResponse:
    """Tell a device nothing more."""
    tell(request, bool(forget_devices(account, number)), _("Removed: it is told nothing more."))
    return redirect("notice-wishes")


@public
@csrf_exempt
def stop_mails(request: HttpRequest, token: str) -> HttpResponse:
    """End a kind of mail by its link: at once for mail programs (RFC 8058), by a button for people.

    No form token: a mail program has none, and the signed link can do nothing else.
    """
    found = read_stop(token)
    if found is None:
        return refused(request, NOT_OURS)
    account, kind = found
    about = say("the daily mail") if kind == DIGEST else KINDS[kind].about
    if request.method == "POST":
        stop(account, kind)
    words = {"about": about, "done": request.method == "POST", "address": request.path}
    return render(request, "notices_stop.html", words)


@public
@require_GET
def service_worker(_request: HttpRequest) -> HttpResponse:
    """The program that shows messages while no page is open; from here it may serve the site."""
    response = HttpResponse((BUILT / "sw.js").read_bytes(), content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


@public
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes the site an app that can be installed: a portal's has its own name and logo."""
    icons = [
        {"src": static(f"build/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    icons.append({"src": static("build/icon.svg"), "sizes": "any", "type": "image/svg+xml"})
    words: dict[str, object] = {
        "id": "/",
        "name": "Fairhand",
        "short_name": "Fairhand",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": icons,
    }
    words |= manifest_of(branded(request))
    return JsonResponse(words, content_type="application/manifest+json")


NOTICES = [
    path("notices", notices, name="notices"),
    path("notices/read", read_notices, name="notices-read"),
    path("notices/wishes", wishes, name="notice-wishes"),
    path("notices/devices", device, name="device"),
    path("notices/devices/<int:number>/remove", remove_device, name="device-remove"),
    path("notices/stop/<str:token>", stop_mails, name="notices-stop"),
    path("notices/<int:number>/open", open_notice, name="notice-open"),
    path("sw.js", service_worker, name="service-worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
]
