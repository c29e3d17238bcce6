"""Pictures to work with, made here, and a batch whose tasks show them."""

import hashlib
import io
from typing import Any

from PIL import Image, ImageDraw

from fairhand.people import gates
from fairhand.people.models import (
    Account,
    Agreement,
    AgreementText,
    AgreementVersion,
    Signature,
    Worker,
)
from fairhand.projects.batches import Terms, make_batch, make_project
from fairhand.projects.media import add
from fairhand.projects.models import Batch, Project
from fairhand.work.opening import open_batch
from fairhand.work.uploading import TaskRow, upload_tasks
from tests.world import INTERFACE, World

SHOWING: dict[str, Any] = {
    "views": [{"kind": "text", "from": "caption"}, {"kind": "image", "from": "picture"}],
    "fields": INTERFACE["fields"],
}
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), colour: str = "teal") -> bytes:
    """A picture of one colour with a stroke across it."""
    drawn = Image.new("RGB", size, colour)
    ImageDraw.Draw(drawn).line([(0, 0), size], fill="gold", width=3)
    out = io.BytesIO()
    drawn.save(out, kind)
    return out.getvalue()


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as found:
        return found.convert("RGB").tobytes()


def apart(one: bytes, other: bytes) -> float:
    """How far two pictures of one size are from each other: mean difference of a byte."""
    pairs = zip(pixels(one), pixels(other), strict=True)
    differences = [abs(a - b) for a, b in pairs]
    return sum(differences) / len(differences)


def showing(world: World, name: str = "Birds") -> Project:
    return make_project(
        world.rita, world.organisation, name=name, interface=SHOWING, instructions=[]
    )


def rows(*names: str) -> list[TaskRow]:
    return [
        TaskRow(n, {"caption": f"bird {n}", "picture": f"media:{name}"}, f"k{n}", None)
        for n, name in enumerate(names, 2)
    ]


def birds(world: World, tasks: int = 4, size: tuple[int, int] = (64, 48), **terms: Any) -> Batch:
    """An open batch of pictures, two tasks a page, each with a picture of its own name."""
    project = showing(world)
    names = [f"bird {n}.png" for n in range(tasks)]
    for n, name in enumerate(names):
        add(project, name, picture(size=size, colour=f"hsl({n * 40}, 60%, 40%)"), world.rita)
    wanted = Terms(name="Birds", **{"price_micros": 50_000, "overlap": 2, "page_size": 2} | terms)
    batch = make_batch(world.rita, project, wanted)
    upload_tasks(batch, rows(*names))
    world.fund()
    batch.refresh_from_db()
    assert open_batch(batch, world.rita.ref)
    batch.refresh_from_db()
    return batch


def address(batch: Batch, page: int = 1, item: int = 0, view: int = 1) -> str:
    return f"/media/{batch.ref}/{page}/{item}/{view}"


def ask_to_keep_quiet(scope: str, by: Account) -> AgreementVersion:
    """An agreement of secrecy in force for a portal or a project."""
    agreement, _made = Agreement.objects.get_or_create(kind="nda", scope=scope)
    number = agreement.versions.count() + 1
    version = AgreementVersion.objects.create(agreement=agreement, number=number, published_by=by)
    digest = hashlib.sha256(b"Quiet\nSay nothing.").hexdigest()
    AgreementText.objects.create(
        version=version, language="en", title="Quiet", text="Say nothing.", digest=digest
    )
    gates.rules_changed()
    return version


def sign(worker: Worker, version: AgreementVersion) -> None:
    Signature.objects.create(
        account=worker.account, version=version, language="en", digest="", name=worker.account.name
    )
    gates.changed_for(worker)
