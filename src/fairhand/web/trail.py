"""What happened to my account? The audit trail for whom it concerns, for owners, for operators.

Everybody sees when, what, and what was before and after. From where is shown to whoever did it, and
to operators: an operator's address is not for the person whom they helped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from fairhand.people.access import NOT_FOUND
from fairhand.people.audit import ACTIONS, TOPICS
from fairhand.people.browsers import name_of
from fairhand.people.models import Account, Duty, Event, Member, Organisation
from fairhand.people.rights import Permission
from fairhand.projects.writing import Column, csv_table, jsonl
from fairhand.web.access import operator_page, personal_page, requester_page
from fairhand.web.lists import LENGTH, Part, Place, part
from fairhand.web.spoken import Change, changes_of, references, subject_of

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
FORMS = {"csv": "text/csv", "jsonl": "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class View:
    """Who looks, and at whose trail."""

    events: "QuerySet[Event]"
    reader: Account
    everything: bool = False  # an operator sees every address and every name
    names: bool = False  # the owner of an organisation sees its members' names


@dataclass(frozen=True, slots=True)
class Line:
    """One event in words."""

    event: Event
    sentence: str
    who: str
    about: str
    place: str  # the organisation
    where: str
    subject: str
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
    names = _Names(view, events)
    return [
        Line(
            event,
            str(ACTIONS.get(event.action, event.action)),
            names.person(event, event.actor),
            _about(view, event, names),
            # Where all is about one organisation, the page's title names it.
            "" if view.names else names.organisations.get(event.organisation, event.organisation),
            _where(_origin(view, event)),
            subject_of(event, partial(names.named, event)),
            changes_of(event, partial(names.named, event)),
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
    }
    return shown(request, of_person(account), "trail", **words)


@personal_page
def mine_file(request: HttpRequest, account: Account, form: str) -> HttpResponseBase:
    """The same as a file."""
    return file(request, of_person(account), form)


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


class _Names:
    """What the references inside some events are called, as far as their reader may know it."""

    def __init__(self, view: View, events: Sequence[Event]) -> None:
        refs = {ref for event in events for ref in references(event)}
        self.view = view
        self.people = {one.ref: one for one in Account.objects.filter(ref__in=refs)}
        found = Organisation.objects.filter(ref__in=refs)
        self.organisations: dict[str, str] = dict(found.values_list("ref", "name"))
        self.members = _members(view.reader)

    def named(self, event: Event, ref: str) -> str:
        """An account or an organisation."""
        return self.organisations.get(ref) or self.person(event, ref)

    def person(self, event: Event, ref: str) -> str:
        """An account, or what acts without one."""
        if ref == self.view.reader.ref:
            return say("You")
        if ref.startswith("system:"):
            unknown = ref == "system:sign-in"
            return say("Unknown") if unknown else say("The installation itself")
        person = self.people.get(ref)
        if self.view.everything:
            return ref if person is None else f"{person.name} · {person.email}".strip(" ·")
        if person is not None and (event.organisation, ref) in self.members:
            return person.name or person.email
        gone = say("An operator, or somebody who is no member any more")
        return gone if event.organisation else say("An operator")


def _about(view: View, event: Event, names: _Names) -> str:
    """Whom an event concerns, where that is not who reads or who did it."""
    if event.account in {"", event.actor, view.reader.ref} or not (view.everything or view.names):
        return ""
    person = names.people.get(event.account)
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
    agent = origin.get("agent", "")
    return " · ".join(filter(None, (origin.get("ip", ""), agent and name_of(agent), tail)))


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
    path("requester/trail/<str:ref>", organisations, name="organisation-trail"),
    path("operator/trail", everything, name="audit"),
]
