"""Pictures out of other servers, fetched by a job in the name of whoever asked for them.

Every address goes through kit.egress, and whatever comes back is drawn anew like an upload: what a
server calls it does not count, and nothing is kept as it came. The job has the rights that its
submitter has when it runs, asked before each picture: who lost them meanwhile fetches nothing more.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from fairhand.kit import egress
from fairhand.kit.decision import Decision, Problem, Refusal, Refused, UnusableInput
from fairhand.kit.defer import defer
from fairhand.kit.lifecycle import move
from fairhand.kit.pictures import MOST_BYTES, Picture
from fairhand.people.access import NOT_FOUND, may
from fairhand.people.models import Account, ApiKey
from fairhand.people.rights import Permission
from fairhand.projects.media import check_name, draw, keep
from fairhand.projects.models import IMPORT, ImportState, MediaImport, Project

MOST_AT_ONCE = 100  # pictures of one import
MOST_WAITING = 20  # imports of one project that are not done yet
SCOPE = "projects:write"
SECONDS, REDIRECTS = 20.0, 3
FOUND = 200

TOO_MANY_WAITING = Refusal(
    "too_many_imports",
    _("%(most)s imports of this project still wait. Ask again when they are done."),
    {"most": MOST_WAITING},
)
KEY_ENDED = Refusal("key_ended", _("The key that this was asked for with has ended."), status=403)


def policy() -> egress.Policy:
    """Which addresses may be asked, and how much patience there is."""
    return egress.Policy(seconds=SECONDS, longest=MOST_BYTES, redirects=REDIRECTS)


@transaction.atomic
def ask(
    project: Project, wanted: Sequence[tuple[str, str]], by: Account, key: ApiKey | None = None
) -> MediaImport:
    """Have pictures fetched: each a name and an address. They come by and by, by a job.

    Raises UnusableInput, which names every place that is wrong, and Refused while too many wait.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    waiting = MediaImport.objects.filter(project=project, state=ImportState.WAITING)
    if waiting.count() >= MOST_WAITING:
        TOO_MANY_WAITING.fail()
    if problems := _problems(wanted):
        raise UnusableInput(problems)
    made = MediaImport.objects.create(
        project=project,
        items=[{"name": n, "url": url, "outcome": "waiting", "why": ""} for n, url in wanted],
        made_by=by,
        by_key=key is not None,
        key=key,
    )
    defer("import_media", number=made.pk)
    made.refresh_from_db()  # the database wrote the time
    return made


def import_of(project: Project, ref: str) -> MediaImport:
    """The import of this reference. Raises Refused where this project has none."""
    found = MediaImport.objects.filter(project=project, ref=ref).first()
    if found is None:
        NOT_FOUND.fail()
    return found


def run(number: int) -> None:
    """Fetch what an import still lacks; done twice, it is done once."""
    found = MediaImport.objects.select_related("project__organisation", "made_by").get(pk=number)
    with override(found.made_by.language):
        for place, item in enumerate(found.items):
            if found.state != ImportState.WAITING:
                return
            if item["outcome"] == "waiting":
                _one(found, place, item["name"], item["url"])
        if found.state == ImportState.WAITING:
            _end(found, ImportState.DONE, "all of it was tried")


def may_still(found: MediaImport) -> Decision:
    """Whether whoever asked may add pictures now: as a member, and by the key that they used."""
    if found.by_key and not _opens(found.key_id):
        return KEY_ENDED
    return may(found.made_by, found.project.organisation, Permission.DESIGN)


def _one(found: MediaImport, place: int, name: str, url: str) -> None:
    """Fetch one picture and note what came of it. Nothing is asked for who may not do this."""
    if not may_still(found):
        _drop(found)
        return
    drawn, why = None, ""
    try:
        drawn = draw(_fetched(url))
    except Refused as error:
        why = str(error.refusal)
    with transaction.atomic():
        locked = MediaImport.objects.select_for_update().get(pk=found.pk)
        found.state, found.items = locked.state, locked.items
        if found.state != ImportState.WAITING or found.items[place]["outcome"] != "waiting":
            return  # another run was first
        if not may_still(found):
            _drop(found)
            return
        if drawn is not None:
            why = _kept(found, name, drawn)
        found.items[place] = _item(name, "refused" if why else "stored", why)
        MediaImport.objects.filter(pk=found.pk).update(items=found.items)


def _fetched(url: str) -> bytes:
    """What an address holds. Raises Refused with a sentence about what was in the way."""
    try:
        answer = egress.send("GET", url, headers={"Accept": "image/*"}, policy=policy())
    except egress.Unreachable:
        Refusal(
            "not_fetched",
            _("Its server did not answer in time, or sent more than %(most)s MB."),
            {"most": MOST_BYTES // 1_000_000},
        ).fail()
    if answer.status != FOUND:
        Refusal(
            "not_fetched", _("Its server answered %(status)s."), {"status": answer.status}
        ).fail()
    return answer.body


def _kept(found: MediaImport, name: str, drawn: Picture) -> str:
    """Keep a picture; returns why not, or nothing."""
    try:
        with transaction.atomic():
            keep(found.project, name, drawn, found.made_by)
    except Refused as error:
        return str(error.refusal)
    return ""


def _drop(found: MediaImport) -> None:
    why = say("Whoever asked for it may not add pictures to this project any more.")
    found.items = [
        _item(item["name"], "skipped", why) if item["outcome"] == "waiting" else item
        for item in found.items
    ]
    _end(found, ImportState.DROPPED, "its submitter lost the right to it")


def _end(found: MediaImport, state: ImportState, why: str) -> None:
    move(
        IMPORT,
        found,
        state,
        actor="system:import",
        why=why,
        changes={"items": found.items, "ended_at": timezone.now()},
    )


def _item(name: str, outcome: str, why: str) -> dict[str, str]:
    """What is kept of a picture that was tried: its address may have held a secret."""
    return {"name": name, "outcome": outcome, "why": why}


def _opens(key: int | None) -> bool:
    held = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    found = ApiKey.objects.filter(held, scopes__contains=[SCOPE])
    return key is not None and found.filter(pk=key).exists()


def _problems(wanted: Sequence[tuple[str, str]]) -> list[Problem]:
    """Every place that is wrong, counted from 1."""
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        return [Problem(_("Name 1 to 100 pictures at once."), field="urls")]
    found: list[Problem] = []
    names: set[str] = set()
    for place, (name, url) in enumerate(wanted, 1):
        decision: Any = egress.check(url, policy())
        if not decision:
            found.append(Problem(str(decision), line=place, field="url"))
        try:
            check_name(name)
        except UnusableInput as error:
            found.append(Problem(error.problems[0].message, line=place, field="name"))
        if name in names:
            found.append(Problem(_("This name stands there twice."), line=place, field="name"))
        names.add(name)
    return found
