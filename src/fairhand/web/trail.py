"""What happened to my account? The audit trail for whom it concerns, for owners, for operators.

Everybody sees when, what, and what was before and after. From where is shown to whoever did it, and
to operators: an operator's address is not for the person whom they helped.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fairhand.people import standing
from fairhand.people.access import NOT_FOUND
from fairhand.people.audit import ACTIONS, TOPICS
from fairhand.people.duties import NAMES
from fairhand.people.models import Account, Duty, Event, Member, Organisation
from fairhand.people.rights import ROLE_NAMES, Permission
from fairhand.projects.writing import Column, csv_table, jsonl
from fairhand.web.access import operator_page, personal_page, requester_page
from fairhand.web.lists import LENGTH, Part, Place, part
from fairhand.web.refusals import tell

COLUMNS = (
    Column("at", "time"),
    Column("action"),
    Column("actor"),
    Column("account"),
    Column("organisation"),
    Column("subject"),
    Column("origin", "json"),
    Column("before", "json"),
    Column("after", "json"),
)
FIELDS: dict[str, str | Promise] = {
    "address": _("Account number"),
    "amount": _("Amount"),
    "bic": _("BIC"),
    "country": _("Country"),
    "domains": _("Domains"),
    "invitations": _("Invitations withdrawn"),
    "issuer": _("Site"),
    "duties": _("Duties"),
    "email": _("E-mail address"),
    "expires": _("Until"),
    "expires_at": _("Until"),
    "factor": _("Way to sign in"),
    "from_email": _("Old address"),
    "holder": _("Account holder"),
    "keys": _("Keys ended"),
    "kind": _("Kind"),
    "minimum": _("Smallest payout"),
    "name": _("Name"),
    "owner": _("Owner"),
    "payments": _("Payments"),
    "phone": _("Phone number"),
    "reserved": _("Reserved"),
    "restricted": _("Restricted"),
    "role": _("Role"),
    "scopes": _("Scopes"),
    "second_factor": _("Second factor"),
    "sessions": _("Browsers signed out"),
    "standing": _("Standing"),
    "state": _("State"),
    "tail": _("Key ends in"),
    "to_email": _("New address"),
    "total": _("Total"),
    "town": _("Town"),
    "why": _("Why"),
    "words": _("Words"),
}
WORDS: dict[str, str | Promise] = {
    **{str(duty): name for duty, name in NAMES.items()},
    **{str(role): name for role, name in ROLE_NAMES.items()},
    "True": _("yes"),
    "False": _("no"),
    "None": "\N{EN DASH}",
    "": "\N{EN DASH}",
}
FORMS = {"csv": "text/csv", "jsonl": "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class View:
    """Who looks, and at whose trail."""

    events: "QuerySet[Event]"
    reader: Account
    everything: bool = False  # an operator sees every address and every name
    names: bool = False  # the owner of an organisation sees its members' names


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an event changed or set."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One event in words."""

    event: Event
    sentence: str
    who: str
    about: str
    where: str
    changes: list[Change]


def of_person(account: Account) -> View:
    """What concerns one person, and what they did themselves."""
    mine = Q(account=account.ref) | Q(actor=account.ref)
    return View(Event.objects.filter(mine), account)


def of_organisation(organisation: Organisation, reader: Account) -> View:
    """What happened in an organisation, for its owners."""
    return View(Event.objects.filter(organisation=organisation.ref), reader, names=True)


def lines(view: View, events: Sequence[Event]) -> list[Line]:
    """Events as whoever looks may read them."""
    refs = {event.actor for event in events} | {event.account for event in events}
    people = {account.ref: account for account in Account.objects.filter(ref__in=refs)}
    members = _members(view.reader)
    return [
        Line(
            event,
            str(ACTIONS.get(event.action, event.action)),
            _who(view, event, people, members),
            _about(view, event, people),
            _where(_origin(view, event)),
            _changes(event),
        )
        for event in events
    ]


def chosen(request: HttpRequest, view: View) -> View:
    """The part of a trail that the address bar asks for: a topic, and what operators search."""
    events = view.events
    topic = request.GET.get("topic", "")
    for one in TOPICS:
        if one.name == topic:
            events = events.filter(action__in=one.actions)
    asked = request.GET.get("q", "").replace("\0", "").strip()
    if asked and view.everything:
        refs = Account.objects.filter(Q(email__iexact=asked) | Q(ref=asked)).values_list("ref")
        people = Q(account__in=refs) | Q(actor__in=refs) | Q(actor=asked)
        events = events.filter(people | Q(action=asked) | Q(subject=asked) | Q(organisation=asked))
    return View(events, view.reader, view.everything, view.names)


def shown(request: HttpRequest, view: View, page: str, **words: Any) -> HttpResponse:
    """A trail as a page; `page` is the name of its route, whose files end in -csv and -jsonl."""
    view = chosen(request, view)
    place = Place.of(request)
    found = view.events.order_by("-pk")[place.offset : place.offset + LENGTH]
    rows: Part[Line] = part(place, lines(view, list(found)), view.events.count())
    query = request.GET.copy()
    query.pop("page", None)
    words |= {
        "part": rows,
        "topics": [("all", say("All")), *((topic.name, topic.label) for topic in TOPICS)],
        "topic": request.GET.get("topic", "all"),
        "asked": request.GET.get("q", ""),
        "searchable": view.everything,
        "files": [
            (
                form.upper(),
                f"{reverse(f'{page}-{form}', args=words.get('args'))}?{query.urlencode()}",
            )
            for form in FORMS
        ],
    }
    return render(request, "trail/trail.html", words)


def file(request: HttpRequest, view: View, form: str) -> HttpResponseBase:
    """A trail as a file: all that the filters leave, oldest first."""
    view = chosen(request, view)
    names = [column.name for column in COLUMNS]
    rows = _rows(view)
    if form == "csv":
        pieces = csv_table(COLUMNS, ([row[name] for name in names] for row in rows))
    else:
        pieces = jsonl(rows)
    response = StreamingHttpResponse(pieces, content_type=FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="trail.{form}"'
    return response


@personal_page
def mine(request: HttpRequest, account: Account) -> HttpResponse:
    """What happened to my account, and to the organisations that I own."""
    owned = Organisation.objects.filter(
        members__account=account, members__role=Member.Role.OWNER
    ).order_by("name")
    words = {
        "title": _("What happened to your account"),
        "lede": _("Every sign-in, every change to who can get in, everything about your money."),
        "owned": owned,
        "closed": standing.reason_for(account),
        "contested": standing.words_about(account),
    }
    return shown(request, of_person(account), "trail", **words)


@personal_page
def mine_file(request: HttpRequest, account: Account, form: str) -> HttpResponseBase:
    """The same as a file."""
    return file(request, of_person(account), form)


@require_POST
@personal_page
def contest(request: HttpRequest, account: Account) -> HttpResponse:
    """Ask for a person to look at one's exclusion."""
    answer = standing.contest_closing(account, request.POST.get("words", ""))
    tell(request, answer, _("Sent. An operator will look at it."))
    return redirect("trail")


@requester_page(Permission.OWN)
def organisations(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """What happened in an organisation."""
    organisation = _owned(account, ref)
    words = {
        "title": format_lazy("{}: {}", organisation.name, _("what happened")),
        "lede": _("Members, keys and money of this organisation."),
        "back": reverse("trail"),
        "args": [ref],
    }
    return shown(request, of_organisation(organisation, account), "organisation-trail", **words)


@requester_page(Permission.OWN)
def organisations_file(
    request: HttpRequest, account: Account, ref: str, form: str
) -> HttpResponseBase:
    """The same as a file."""
    return file(request, of_organisation(_owned(account, ref), account), form)


@operator_page(Duty.ADMIN)
def everything(request: HttpRequest, account: Account) -> HttpResponse:
    """The whole trail, searched by person, action or subject."""
    words = {
        "title": _("Trail"),
        "lede": _("Every action on security or money, by whom and from where. Nothing is removed."),
    }
    return shown(request, View(Event.objects.all(), account, everything=True), "audit", **words)


@operator_page(Duty.ADMIN)
def everything_file(request: HttpRequest, account: Account, form: str) -> HttpResponseBase:
    """The same as a file."""
    return file(request, View(Event.objects.all(), account, everything=True), form)


def _owned(account: Account, ref: str) -> Organisation:
    """The organisation of this reference, if the account owns it."""
    found = Organisation.objects.filter(
        ref=ref, members__account=account, members__role=Member.Role.OWNER
    ).first()
    if found is None:
        NOT_FOUND.fail()
    return found


def _rows(view: View) -> Iterator[dict[str, Any]]:
    members = _members(view.reader)
    for event in view.events.order_by("pk").iterator(chunk_size=1000):
        yield {
            "at": event.at,
            "action": event.action,
            "actor": _actor(view, event, members),
            "account": event.account,
            "organisation": event.organisation,
            "subject": event.subject,
            "origin": _origin(view, event),
            "before": event.before,
            "after": event.after,
        }


def _members(reader: Account) -> set[tuple[str, str]]:
    """The members of the reader's organisations, as (organisation, account) references."""
    found = Member.objects.filter(organisation__members__account=reader)
    return set(found.values_list("organisation__ref", "account__ref"))


def _actor(view: View, event: Event, members: set[tuple[str, str]]) -> str:
    """Who did it, as a file names them: an operator's reference is for operators alone."""
    known = event.actor == view.reader.ref or event.actor.startswith("system:")
    if view.everything or known or (event.organisation, event.actor) in members:
        return event.actor
    return "operator"


def _who(
    view: View, event: Event, people: dict[str, Account], members: set[tuple[str, str]]
) -> str:
    if event.actor == view.reader.ref:
        return say("You")
    if event.actor.startswith("system:"):
        return say("The installation itself")
    person = people.get(event.actor)
    if view.everything:
        return event.actor if person is None else f"{person.name} · {person.email}".strip(" ·")
    if person is not None and (event.organisation, event.actor) in members:
        return person.name or person.email
    if event.organisation:
        return say("An operator, or somebody who is no member any more")
    return say("An operator")


def _about(view: View, event: Event, people: dict[str, Account]) -> str:
    """Whom an event concerns, where that is not who reads or who did it."""
    if event.account in {"", event.actor, view.reader.ref} or not (view.everything or view.names):
        return ""
    person = people.get(event.account)
    return event.account if person is None else person.email


def _origin(view: View, event: Event) -> dict[str, str]:
    origin: dict[str, str] = event.origin
    own = event.actor == view.reader.ref
    # Who failed to sign in is not known: the address is all that there is to know.
    if view.everything or own or (not view.names and event.actor.startswith("system:sign-in")):
        return origin
    return {"key": origin["key"]} if view.names and "key" in origin else {}


def _where(origin: dict[str, str]) -> str:
    key = origin.get("key", "")
    tail = say("key …%(tail)s") % {"tail": key} if key else ""
    return " · ".join(filter(None, (origin.get("ip", ""), tail, origin.get("agent", "")[:80])))


def _changes(event: Event) -> list[Change]:
    names = [*event.after, *(name for name in event.before if name not in event.after)]
    return [
        Change(
            str(FIELDS.get(name, name)),
            _spoken(event.before[name]) if name in event.before else "",
            _spoken(event.after[name]) if name in event.after else "",
        )
        for name in names
        if event.before.get(name) != event.after.get(name)
    ]


def _spoken(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_spoken(one) for one in value) or _spoken("")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(WORDS.get(str(value), value))


TRAIL = [
    # Before the pages: a reference takes whatever stands behind the last slash.
    *(
        path(f"{place}.{form}", view, {"form": form}, name=f"{name}-{form}")
        for place, view, name in (
            ("account/trail", mine_file, "trail"),
            ("requester/trail/<str:ref>", organisations_file, "organisation-trail"),
            ("operator/trail", everything_file, "audit"),
        )
        for form in FORMS
    ),
    path("account/trail", mine, name="trail"),
    path("account/trail/contest", contest, name="contest"),
    path("requester/trail/<str:ref>", organisations, name="organisation-trail"),
    path("operator/trail", everything, name="audit"),
]
