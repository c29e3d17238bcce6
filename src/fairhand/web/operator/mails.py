"""Which mails did not go out, why, and sending them again. For operators who support people."""

from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fairhand.people.mail import is_slow, try_again
from fairhand.people.models import Account, Duty, Mail, MailState
from fairhand.web.access import operator_page
from fairhand.web.lists import LENGTH, Place, part
from fairhand.web.refusals import tell

VIEWS = (
    (MailState.WAITING, _("Waiting")),
    (MailState.FAILED, _("Not sent")),
    (MailState.SENT, _("Sent")),
)
# What mails say is not shown: it is their reader's.
WORDS = ("text", "html")


@operator_page(Duty.SUPPORT)
def mails(request: HttpRequest, _account: Account) -> HttpResponse:
    """The outbox: what waits, what was given up, what was sent."""
    asked = request.GET.get("state", MailState.WAITING)
    state = asked if asked in MailState.values else MailState.WAITING
    place = Place.of(request)
    emptied = ExpressionWrapper(Q(text=""), output_field=BooleanField())
    found = Mail.objects.filter(state=state).defer(*WORDS).annotate(emptied=emptied)
    rows = found.order_by("next_at" if state == MailState.WAITING else "-created_at", "-pk")
    counts = dict(Mail.objects.values_list("state").annotate(Count("pk")))
    words = {
        "part": part(place, list(rows[place.offset : place.offset + LENGTH]), rows.count()),
        "state": state,
        "views": [
            {
                "label": label,
                "url": f"{reverse('mails')}?state={name}",
                "current": name == state,
                "count": counts.get(name, 0),
            }
            for name, label in VIEWS
        ],
        "slow": is_slow(),
    }
    return render(request, "operator/mails.html", words)


@require_POST
@operator_page(Duty.SUPPORT)
def send_again(request: HttpRequest, _account: Account, number: int) -> HttpResponse:
    """Try a mail again, now."""
    mail = get_object_or_404(Mail.objects.defer(*WORDS), pk=number)
    done = try_again(mail.pk)
    gone = _("It was sent, or held a code that is over: whoever waits for it asks for a new one.")
    tell(request, done, _("It is tried again now."), otherwise=gone)
    return redirect("mails")


MAILS = [
    path("operator/mails", mails, name="mails"),
    path("operator/mails/<int:number>/again", send_again, name="mail-again"),
]
