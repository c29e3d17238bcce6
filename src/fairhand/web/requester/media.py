"""The pictures of a project: many added at once, each by itself; looked at; taken out."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from fairhand.kit.decision import Problem, Refused, UnusableInput
from fairhand.people.access import permissions_in
from fairhand.people.models import Account
from fairhand.people.rights import Permission
from fairhand.projects.batches import project_for
from fairhand.projects.media import (
    add,
    latest_imports,
    picture_named,
    read,
    remove,
    too_heavy,
)
from fairhand.projects.models import Media, Project
from fairhand.web.access import requester_page
from fairhand.web.lists import LENGTH, Place, part
from fairhand.web.media import held_picture, sent
from fairhand.web.refusals import tell

NO_NAME = Problem(_("Say which picture is meant."), field="name")


@requester_page(Permission.SEE)
def pictures(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """What a project has to show, newest first, and what is on its way from other servers."""
    project = project_for(account, ref, Permission.SEE)
    place = Place.of(request)
    found = Media.objects.filter(project=project).order_by("-pk")
    rows = list(found[place.offset : place.offset + LENGTH])
    words: dict[str, Any] = {
        "project": project,
        "part": part(place, rows, found.count()),
        "rights": permissions_in(account, project.organisation),
        "imports": [(each, _outcomes(each.items)) for each in latest_imports(project)],
        "latest": project.batches.order_by("-pk").first(),
    }
    return render(request, "requester/media.html", words)


@require_POST
@requester_page(Permission.DESIGN)
def add_pictures(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Keep each of the files that is a picture, and name each that is not.

    A browser with scripts sends one after the other, `quiet`, and looks at the page at the end.
    """
    project = project_for(account, ref, Permission.DESIGN)
    given = request.FILES.getlist("pictures")
    added = sum(_added(request, project, account, file) for file in given)
    if not given:
        messages.error(request, say("Choose a file first."))
    elif added and "quiet" not in request.POST:
        words = ngettext("%(count)s picture added.", "%(count)s pictures added.", added)
        messages.success(request, words % {"count": added})
    return redirect("project-media", ref)


@require_POST
@requester_page(Permission.DESIGN)
def remove_picture(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """Take out a picture that no task shows."""
    project = project_for(account, ref, Permission.DESIGN)
    try:
        answer = remove(picture_named(project, request.POST.get("name", "")))
    except Refused as error:
        answer = error.refusal
    tell(request, answer, _("Removed."))
    return redirect("project-media", ref)


@require_safe
@requester_page(Permission.SEE)
def picture(request: HttpRequest, account: Account, ref: str) -> HttpResponse:
    """One picture, for members of its organisation: `?name=`, and with `&small=1` for a list."""
    project = project_for(account, ref, Permission.SEE)
    name = request.GET.get("name", "")
    if not name:
        raise UnusableInput([NO_NAME])
    return sent(read(picture_named(project, name), small="small" in request.GET))


def _added(
    request: HttpRequest,
    project: Project,
    account: Account,
    file: UploadedFile,  # type: ignore[type-arg]
) -> bool:
    """Keep one file; where that cannot be, the next page says its name and why."""
    name = file.name or ""
    why = too_heavy(file.size or 0)
    try:
        if why is not None:
            why.fail()
        add(project, name, file.read(), account)
    except (Refused, UnusableInput) as error:
        sentence = error.refusal if isinstance(error, Refused) else error.problems[0].message
        messages.error(request, f"{name}: {sentence}")
        return False
    return True


def _outcomes(items: list[dict[str, str]]) -> dict[str, int]:
    outcomes = [item["outcome"] for item in items]
    return {name: outcomes.count(name) for name in ("waiting", "stored", "refused", "skipped")}


_HERE = "requester/projects/<str:ref>/media"
MEDIA = [
    path("media/<str:ref>/<int:page>/<int:item>/<int:view>", held_picture, name="held-picture"),
    path(_HERE, pictures, name="project-media"),
    path(f"{_HERE}/add", add_pictures, name="project-media-add"),
    path(f"{_HERE}/remove", remove_picture, name="project-media-remove"),
    path(f"{_HERE}/picture", picture, name="project-picture"),
]
