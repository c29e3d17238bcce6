"""What is kept about what somebody agreed to, belongs to, and did: most of it outlasts them."""

from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairhand.people.agreements import pdf_of
from fairhand.people.models import Event, Invitation, Signature, Welcome
from fairhand.people.privacy import periods
from fairhand.people.privacy.held import MADE, OTHERS, SECRET, Fate, Held, Part, Person

KEPT, DELETED, EMPTIED = Fate.KEPT, Fate.DELETED, Fate.EMPTIED
MAIL_EVENTS = ("member.invited", "invitation.withdrawn")  # those that name an address
# What is taken out of the events about somebody who is gone; what was done, and when, stays.
PERSONAL = ["email", "from_email", "to_email", "address", "holder", "phone", "words"]


def made(label: str, name: str, what: str | Promise, by: tuple[str, ...], *shown: str) -> Held:
    """A line for rows that somebody made or decided for others: they name whose doing it was."""
    why = _("So that it can be told who did what for others.")
    part, period = Part.TRAIL, periods.NUMBER_ALONE
    return Held(label, name, what, why, part, KEPT, period, by=by, shown=shown, rest=MADE)


def _signed(signature: Signature) -> tuple[str, bytes]:
    return f"agreements/{signature.ref}.pdf", pdf_of(signature)


def _to_you(person: Person) -> QuerySet[Any]:
    return Invitation.objects.filter(Q(used_by=person.account) | Q(email__in=person.emails))


def _welcomes(person: Person) -> QuerySet[Any]:
    return Welcome.objects.filter(subject__in=person.subjects)


def _events(person: Person) -> QuerySet[Any]:
    ref, emails = person.account.ref, list(person.emails)
    invited = Q(after__email__in=emails) | Q(before__email__in=emails)
    return Event.objects.filter(
        Q(account=ref) | Q(actor=ref) | (Q(action__in=MAIL_EVENTS) & invited)
    ).order_by("pk")


def _event(event: Event, person: Person) -> dict[str, Any]:
    """An event as its trail shows it: from where somebody else acted is for them alone.

    Of what somebody did to others only the names of what changed are told, not the words.
    """
    own = event.actor == person.account.ref
    stranger = event.actor.startswith("system:sign-in")
    by = "you" if own else event.actor if event.actor.startswith("system:") else "somebody else"
    about_others = own and event.account != person.account.ref
    return {
        "what": event.action,
        "by": by,
        "about": "you" if event.account == person.account.ref else "",
        "organisation": event.organisation,
        "subject": event.subject,
        "before": sorted(event.before) if about_others else event.before,
        "after": sorted(event.after) if about_others else event.after,
        "from": event.origin if own or stranger else {},
        "at": event.at,
    }


def thin_events(person: Person) -> int:
    """Take somebody who is gone out of the trail: addresses, browsers, and what names them."""
    ref, emails = person.account.ref, list(person.emails)
    with connection.cursor() as cursor:
        cursor.execute("set local fairhand.retention = 'on'")
        cursor.execute(
            """
            update people_event e
               set origin = case when e.actor = %(ref)s or e.actor like 'system:%%'
                                 then e.origin - array['ip', 'agent'] else e.origin end,
                   before = case when e.account in (%(ref)s, '')
                                 then e.before - %(personal)s::text[] else e.before end,
                   after = case when e.account in (%(ref)s, '')
                                then e.after - %(personal)s::text[] else e.after end
             where e.account = %(ref)s or e.actor = %(ref)s
                or (e.action = any(%(mail)s)
                    and (e.after->>'email' = any(%(emails)s)
                         or e.before->>'email' = any(%(emails)s)))
            """,
            {"ref": ref, "emails": emails, "personal": PERSONAL, "mail": list(MAIL_EVENTS)},
        )
        changed = int(cursor.rowcount)
        cursor.execute("set local fairhand.retention = 'off'")
    return changed


BOUND = (
    Held(
        "people.Signature",
        "signatures",
        _("What you signed: when, in which words, from where."),
        _("It binds you and others, and proves what was agreed."),
        Part.BOUND,
        KEPT,
        periods.SIGNED,
        by=("account",),
        shown=("ref", "version", "language", "digest", "name", "ip", "agent", "at"),
        files=_signed,
    ),
    Held(
        "people.Appeal",
        "appeals",
        _("Decisions about you that you contested, in your words, and what came of it."),
        _("So that a person decides, and it can be told later what was decided and why."),
        Part.BOUND,
        KEPT,
        periods.DECIDED,
        by=("account",),
        shown=(
            *("ref", "kind", "subject", "facts", "words", "state"),
            *("opened_at", "deadline", "decided_why", "decided_at"),
        ),
        hidden={"made_by": OTHERS, "decided_by": OTHERS},
    ),
    Held(
        "people.Deletion",
        "deletions",
        _("That you asked for your account to be deleted, and when it was."),
        _("From this day run the periods for what is kept."),
        Part.BOUND,
        KEPT,
        periods.BOOKED,
        by=("account",),
        shown=("ref", "state", "closed", "asked_at", "due_at", "told_at", "ended_at"),
    ),
    Held(
        "people.DataExport",
        "exports",
        _("Archives of your data that you asked for."),
        _("So that you can download them, and nobody else."),
        Part.BOUND,
        DELETED,
        periods.WEEK,
        by=("account",),
        shown=("ref", "state", "asked_at", "ready_at", "gone_at", "size"),
        hidden={"key": SECRET, "sealed": _("It is an archive like this one.")},
    ),
)
TEAM = (
    Held(
        "people.Member",
        "organisations",
        _("Organisations that you belong to, and what you may do there."),
        _("So that you can ask for work in their name."),
        Part.TEAM,
        DELETED,
        periods.YOURS,
        by=("account",),
        shown=("organisation", "role", "joined_at"),
    ),
    Held(
        "people.Invitation",
        "invitations-to-you",
        _("Invitations to organisations that were sent to your address or used by you."),
        _("So that a link works once, and for whom it is meant."),
        Part.TEAM,
        DELETED,
        periods.INVITED,
        by=("used_by",),
        find=_to_you,
        shown=(
            *("organisation", "email", "role", "created_at"),
            *("expires_at", "used_at", "withdrawn_at"),
        ),
        hidden={"digest": SECRET, "invited_by": OTHERS},
    ),
    Held(
        "people.Invitation",
        "invitations-by-you",
        _("Invitations to organisations that you sent."),
        _("So that you can withdraw them."),
        Part.TEAM,
        DELETED,
        periods.INVITED,
        by=("invited_by",),
        shown=("organisation", "role", "created_at", "expires_at", "used_at", "withdrawn_at"),
        hidden={"email": OTHERS, "used_by": OTHERS, "digest": SECRET},
    ),
    Held(
        "people.Welcome",
        "first-arrivals",
        _("That you once came here from another site."),
        _("Who was removed from an organisation does not come back by signing in from there."),
        Part.TEAM,
        KEPT,
        periods.COMING_BACK,
        find=_welcomes,
        shown=("issuer", "subject", "organisation_ref"),
    ),
    Held(
        "people.PortalMember",
        "portals",
        _("Portals that you joined."),
        _("So that you are offered their work."),
        Part.TEAM,
        DELETED,
        periods.YOURS,
        by=("worker",),
        shown=("portal", "joined_at", "left_at"),
    ),
    Held(
        "people.PortalStaff",
        "portals-run",
        _("Portals that you run."),
        _("So that you can help the people there."),
        Part.TEAM,
        DELETED,
        periods.YOURS,
        by=("account",),
        shown=("portal", "role", "since"),
    ),
    Held(
        "people.Operator",
        "duties",
        _("Your duties in running this installation."),
        _("So that you can do them."),
        Part.TEAM,
        DELETED,
        periods.YOURS,
        by=("account",),
        shown=("duties",),
    ),
)
TRAIL = (
    Held(
        "people.Event",
        "trail",
        _("What happened to your account and what you did: by whom, when, from where."),
        _("So that nobody does in your name what you did not do, and money can be accounted for."),
        Part.TRAIL,
        EMPTIED,
        periods.TRAIL,
        find=_events,
        show=_event,
        shown=(
            *("action", "actor", "account", "organisation", "subject"),
            *("origin", "before", "after", "at"),
        ),
        wipe=thin_events,
    ),
    made(
        "people.AgreementVersion",
        "agreements-published",
        _("Texts to be signed that you published."),
        ("published_by",),
        *("agreement", "number", "published_at"),
    ),
    made(
        "people.Appeal",
        "appeals-decided",
        _("Appeals of others that you decided."),
        ("decided_by",),
        *("ref", "kind", "state", "decided_at"),
    ),
    made(
        "people.IdentityVote",
        "identity-checks-looked-at",
        _("Identity checks of others that you looked at."),
        ("operator",),
        *("verdict", "at"),
    ),
    made(
        "people.SameCase",
        "likeness-decided",
        _("Pairs of accounts that you looked at."),
        ("decided_by",),
        *("ref", "state", "decided_at"),
    ),
    made(
        "people.Approval",
        "approvals",
        _("Actions that took two operators, where you were one."),
        ("asked_by", "decided_by"),
        *("ref", "kind", "state", "asked_at", "decided_at"),
    ),
    made(
        "people.PortalInvitation",
        "portal-invitations",
        _("Links to portals that you made."),
        ("made_by",),
        *("portal", "made_at", "expires_at", "withdrawn_at"),
    ),
    made(
        "allauth_idp_oidc.Client",
        "sites-added",
        _("Sites that you allowed to know people by their account here."),
        ("owner",),
        *("name", "created_at"),
    ),
)
