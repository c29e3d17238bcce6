"""What a project asks its workers to keep to themselves: writing it, and who signed."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as say
from django.views.decorators.http import require_POST

from fairhand.people.models import Account, Agreement, Signature
from fairhand.people.rights import Permission
from fairhand.projects.batches import project_for
from fairhand.web.access import requester_page
from fairhand.web.agreements.publishing import agreement_of, end_page, publishing_page
from fairhand.web.lists import LENGTH, Place, part

NDA = Agreement.Kind.NDA


@requester_page(Permission.LAUNCH)
def edit(request: HttpRequest, account: Account, ref: str) -> HttpResponseBase:
    """The agreement of a project, with who of its workers signed which version."""
    project = project_for(account, ref, Permission.LAUNCH)
    found = agreement_of(NDA, project.ref)
    place = Place.of(request)
    newest = project.batches.order_by("-pk").first()
    signed = Signature.objects.filter(version__agreement=found, account__worker__isnull=False)
    signed = signed.select_related("version", "account__worker").order_by("-at", "-pk")
    rows = list(signed[place.offset :][:LENGTH]) if found is not None else []
    words = {
        "title": say("Confidentiality"),
        "lede": project.name,
        "back": reverse("batch", args=[newest.ref]) if newest else reverse("requester"),
        "back_label": say("The batch") if newest else say("Batches"),
        "end_address": reverse("project-agreement-end", args=[ref]),
        "project": project,
        "part": part(place, rows, signed.count() if found is not None else 0),
    }
    return publishing_page(request, account, NDA, project.ref, words)


@require_POST
@requester_page(Permission.LAUNCH)
def end(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Ask the project's agreement of nobody any more."""
    project = project_for(account, ref, Permission.LAUNCH)
    return end_page(request, account, NDA, project.ref)
