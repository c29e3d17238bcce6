"""Requesters add pictures: each by itself, drawn anew, under a name that is a text and no path."""

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from fairhand.kit import files
from fairhand.kit.decision import UnusableInput
from fairhand.people.models import Member
from fairhand.projects import media
from fairhand.projects.media import add, remove, sweep
from fairhand.projects.models import Batch, Media
from fairhand.work.results import compute_results
from tests.api.conftest import Program, refused
from tests.kit.test_files import HOSTILE
from tests.media.cast import JPEG, PNG, birds, picture, pixels, showing
from tests.media.conftest import SignIn, stored
from tests.world import World, caller, count, work_through

KIND = "image/png"


def put(program: Program, ref: str, name: str, data: bytes, **more: Any) -> Any:
    path = f"/projects/{ref}/media/{quote(name, safe='')}"
    return program.send("PUT", path, data, kind=KIND, **more)


def names(world: World) -> set[str]:
    return set(Media.objects.filter(project=world.project).values_list("name", flat=True))


def test_a_picture_is_stored_as_we_drew_it(world: World, rita: Program, store: Path) -> None:
    ref = world.project.ref
    answer = put(rita, ref, "robin.png", picture(size=(64, 48)))
    assert answer.status_code == 200
    said = answer.json()
    assert {n: said[n] for n in ("name", "kind", "width", "height", "used")} == {
        "name": "robin.png",
        "kind": "image/png",
        "width": 64,
        "height": 48,
        "used": False,
    }
    found = Media.objects.get()
    assert pixels(files.read(found.digest)) == pixels(picture(size=(64, 48)))
    assert (found.size, stored(store)) == (said["size"], 1)
    assert rita.get(f"/projects/{ref}/media").json() == {"items": [said], "next": None}


@pytest.mark.parametrize(
    ("kind", "becomes", "starts"),
    [("PNG", "image/png", PNG), ("JPEG", "image/jpeg", JPEG), ("WEBP", "image/jpeg", JPEG),
     ("GIF", "image/jpeg", JPEG)],
)  # fmt: skip
def test_what_comes_out_is_one_of_two_types(
    world: World, rita: Program, kind: str, becomes: str, starts: bytes
) -> None:
    assert put(rita, world.project.ref, "x", picture(kind)).json()["kind"] == becomes
    assert files.read(Media.objects.get().digest).startswith(starts)


def test_where_and_when_it_was_taken_is_not_kept(world: World, rita: Program) -> None:
    exif = Image.Exif()
    exif[0x0110], exif[0x9286] = "a camera's name", "somebody's garden"
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(out, "JPEG", exif=exif, comment=b"a comment")
    assert b"somebody's garden" in out.getvalue()
    assert put(rita, world.project.ref, "x", out.getvalue()).status_code == 200
    kept = files.read(Media.objects.get().digest)
    assert all(said not in kept for said in (b"camera", b"garden", b"comment", b"Exif"))


def test_the_same_again_changes_nothing_and_another_replaces(
    world: World, rita: Program, store: Path
) -> None:
    ref = world.project.ref
    first = put(rita, ref, "x", picture()).json()
    assert put(rita, ref, "x", picture()).json() == first
    assert put(rita, ref, "x", picture(size=(10, 10))).json()["width"] == 10
    assert (Media.objects.count(), stored(store)) == (1, 2)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_a_text_and_never_a_path(
    world: World, rita: Program, store: Path, name: str
) -> None:
    """FS-1..3: written, listed, read, removed and shown by a task, or refused."""
    ref, outside = world.project.ref, store.parent
    before = {path for path in outside.rglob("*") if store not in path.parents} | {store}
    answer = put(rita, ref, name, picture())
    assert answer.status_code in {200, 404, 405, 422}, answer.content
    if answer.status_code == 200:
        assert name in names(world)
        assert rita.get(f"/projects/{ref}/media").json()["items"][0]["name"] == name
        gone = rita.send("DELETE", f"/projects/{ref}/media/{quote(name, safe='')}")
        assert gone.status_code == 200
    assert names(world) == set()
    assert {path for path in outside.rglob("*") if store not in path.parents} <= before
    for path in store.rglob("*"):
        assert path.name in {"lock", "unfinished"} or path.name.isalnum()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_reads_nothing(
    world: World, rita: Program, signed: SignIn, name: str
) -> None:
    ref = world.project.ref
    answer = signed(world.rita).get(f"/requester/projects/{ref}/media/picture", {"name": name})
    assert answer.status_code in {400, 404, 422}
    task = json.dumps({"caption": "x", "picture": f"media:{name}"}).encode()
    body = {"project": showing(world).ref, "name": "x", "price_micros": 1}
    draft = rita.post("/batches", body).json()["ref"]
    sent = rita.post(f"/batches/{draft}/tasks", task, kind="application/x-ndjson")
    assert sent.status_code == 422
    assert count("projects_task") == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "no_picture"),
        (b"x" * 100, 422, "no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "no_picture"),
        (b"%PDF-1.7\n", 422, "no_picture"),
        (picture()[:150], 422, "picture_broken"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 12_000_000, 413, "picture_too_heavy"),
    ],
)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(
    world: World, rita: Program, store: Path, body: bytes, status: int, code: str
) -> None:
    refused(put(rita, world.project.ref, "x", body), status, code)
    assert (Media.objects.count(), stored(store)) == (0, 0)


def test_twelve_megabytes_are_refused_before_they_are_read(world: World, rita: Program) -> None:
    said = put(rita, world.project.ref, "x", b"", Content_Length="12000000")
    assert "12.0 MB; at most 10 MB" in refused(said, 413, "picture_too_heavy")["detail"]


def test_two_hundred_megapixels_are_refused_by_their_size(world: World, rita: Program) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(out, "PNG")
    said = refused(put(rita, world.project.ref, "x", out.getvalue()), 422, "picture_too_large")
    assert "200 megapixels (20000 by 10000); at most 60" in said["detail"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [({"Content_Length": ""}, "length_required"), ({"arrives": b"x"}, "cut_off")],
)
def test_a_body_that_is_not_whole_is_refused(
    world: World, rita: Program, headers: Any, code: str
) -> None:
    answer = put(rita, world.project.ref, "x", picture(), **headers)
    refused(answer, 411 if code == "length_required" else 400, code)
    assert Media.objects.count() == 0


def test_a_list_is_walked_through(world: World, rita: Program) -> None:
    for n in range(5):
        add(world.project, f"bird {n}.png", picture(), world.rita)
    seen, cursor = [], ""
    while True:
        page = rita.get(f"/projects/{world.project.ref}/media?limit=2{cursor}").json()
        seen += [item["name"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [f"bird {n}.png" for n in range(5)]
    refused(rita.get(f"/projects/{world.project.ref}/media?cursor=x"), 422, "unusable_input")


class TestUse:
    """What tasks show stays as it is."""

    def test_a_task_names_a_picture_that_is_there(self, world: World, rita: Program) -> None:
        project = showing(world)
        add(project, "robin.png", picture(), world.rita)
        body = {"project": project.ref, "name": "x", "price_micros": 1}
        ref = rita.post("/batches", body).json()["ref"]
        csv = (
            b"key,caption,picture\na,A robin,media:robin.png\nb,A wren,media:wren.png\nc,,media:\n"
        )
        problem = refused(
            rita.post(f"/batches/{ref}/tasks", csv, kind="text/csv"), 422, "unusable_input"
        )
        assert [(p["line"], p["field"]) for p in problem["problems"]] == [(4, "caption")]
        csv = csv.replace(b"c,,", b"c,x,")
        problem = refused(
            rita.post(f"/batches/{ref}/tasks", csv, kind="text/csv"), 422, "unusable_input"
        )
        found = [(p["line"], p["field"]) for p in problem["problems"]]
        assert found == [(3, "picture"), (4, "picture")]
        assert "no picture “wren.png”" in problem["problems"][0]["message"]
        assert (count("projects_task"), Media.objects.get().used) == (0, False)
        good = b"key,caption,picture\na,A robin,media:robin.png\n"
        assert rita.post(f"/batches/{ref}/tasks", good, kind="text/csv").status_code == 201
        assert Media.objects.get().used

    def test_another_projects_picture_is_not_there(self, world: World, rita: Program) -> None:
        project = showing(world)
        add(world.project, "robin.png", picture(), world.rita)
        body = {"project": project.ref, "name": "x", "price_micros": 1}
        ref = rita.post("/batches", body).json()["ref"]
        csv = b"caption,picture\nA robin,media:robin.png\n"
        assert rita.post(f"/batches/{ref}/tasks", csv, kind="text/csv").status_code == 422
        assert not Media.objects.get().used

    def test_a_text_that_begins_like_a_name_is_a_text(self, world: World, rita: Program) -> None:
        ref = world.batch(tasks=1, opened=False).ref
        sent = rita.post(f"/batches/{ref}/tasks", b"text\nmedia:no.png\n", kind="text/csv")
        assert sent.status_code == 201

    def test_what_is_shown_is_neither_removed_nor_replaced(
        self, world: World, rita: Program
    ) -> None:
        batch = birds(world, tasks=1, page_size=1)
        ref, found = batch.project.ref, Media.objects.get()
        refused(
            rita.send("DELETE", f"/projects/{ref}/media/{quote(found.name)}"), 409, "picture_in_use"
        )
        refused(put(rita, ref, found.name, picture(size=(9, 9))), 409, "picture_in_use")
        assert Media.objects.get().digest == found.digest

    def test_what_is_not_shown_is_removed_and_its_file_swept(
        self, world: World, rita: Program, store: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(world.project, "a.png", picture(), world.rita)
        add(showing(world), "a.png", picture(), world.rita)
        add(world.project, "b.png", picture(size=(9, 9)), world.rita)
        for name in ("a.png", "b.png"):
            path = f"/projects/{world.project.ref}/media/{name}"
            assert rita.send("DELETE", path).json()["name"] == name
            refused(rita.send("DELETE", path), 404, "not_found")
        assert (sweep(), stored(store)) == (0, 2)  # for a day
        monkeypatch.setattr(files.sweep, "__kwdefaults__", {"kept": -1.0})
        assert (sweep(), stored(store)) == (1, 1)
        assert files.read(Media.objects.get().digest)

    def test_removing_twice_says_so(self, world: World) -> None:
        found = add(world.project, "a.png", picture(), world.rita)
        assert remove(found)
        assert not remove(found)


def test_a_project_holds_only_so_many(
    world: World, monkeypatch: pytest.MonkeyPatch, rita: Program
) -> None:
    monkeypatch.setattr(media, "MOST_PICTURES", 1)
    add(world.project, "a.png", picture(), world.rita)
    refused(put(rita, world.project.ref, "b.png", picture()), 409, "too_many_pictures")
    assert put(rita, world.project.ref, "a.png", picture(size=(9, 9))).status_code == 200


@pytest.mark.parametrize("name", ["", "x" * 201, " x", "x ", "a\nb", "a\x7fb", "\ud800"])
def test_a_name_that_nobody_could_write_into_a_task_is_refused(world: World, name: str) -> None:
    with pytest.raises(UnusableInput):
        add(world.project, name, picture(), world.rita)
    assert Media.objects.count() == 0


def send_form(client: Any, ref: str, *given: tuple[str, bytes]) -> str:
    sent = [SimpleUploadedFile(name, data) for name, data in given]
    address = f"/requester/projects/{ref}/media/add"
    return str(client.post(address, {"pictures": sent}, follow=True).content.decode())


def test_the_good_are_kept_and_the_bad_are_named_one_by_one(world: World, signed: SignIn) -> None:
    text = send_form(
        signed(world.rita),
        world.project.ref,
        ("robin.png", picture()),
        ("page.html", b"<script>alert(1)</script>"),
        ("wren.jpg", picture("JPEG")),
        ("huge.png", b"x" * 10_000_001),
    )
    assert names(world) == {"robin.png", "wren.jpg"}
    assert "2 pictures added." in text
    assert "page.html: This is not a picture" in text
    assert "huge.png: This file has 10.0 MB; at most 10 MB" in text
    assert "media:robin.png" in text


def test_nothing_chosen_is_said(world: World, signed: SignIn) -> None:
    assert "Choose a file first." in send_form(signed(world.rita), world.project.ref)


def test_a_picture_is_taken_out_once(world: World, signed: SignIn) -> None:
    add(world.project, "a.png", picture(), world.rita)
    client, ref = signed(world.rita), world.project.ref
    address = f"/requester/projects/{ref}/media/remove"
    assert b"Removed." in client.post(address, {"name": "a.png"}, follow=True).content
    assert b"no such thing" in client.post(address, {"name": "a.png"}, follow=True).content
    assert names(world) == set()


def test_members_look_at_them_without_a_mark_and_others_not_at_all(
    world: World, signed: SignIn
) -> None:
    batch = birds(world, tasks=1, page_size=1, size=(400, 300))
    address = f"/requester/projects/{batch.project.ref}/media/picture?name=bird 0.png"
    viewer = world.oscar
    assert signed(viewer).get(address).status_code == 404
    assert signed(world.ada.account).get(address).status_code == 403
    Member.objects.create(organisation=world.organisation, account=viewer, role="viewer")
    answer = signed(viewer).get(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert pixels(answer.content) == pixels(picture(size=(400, 300), colour="hsl(0, 60%, 40%)"))
    small = signed(viewer).get(address + "&small=1")
    assert small.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(small.content)).size == (240, 180)


def test_a_viewer_adds_and_removes_nothing(world: World, signed: SignIn) -> None:
    add(world.project, "a.png", picture(), world.rita)
    Member.objects.create(organisation=world.organisation, account=world.oscar, role="viewer")
    client, here = signed(world.oscar), f"/requester/projects/{world.project.ref}/media"
    assert "Add pictures" not in client.get(here).content.decode()
    for verb in ("add", "remove"):
        assert client.post(f"{here}/{verb}", {"name": "a.png"}).status_code == 403
    assert names(world) == {"a.png"}


def test_results_show_what_workers_saw(world: World, signed: SignIn) -> None:
    batch = birds(world, tasks=1, page_size=1, overlap=1)
    work_through(caller(world.ada), batch)
    compute_results(batch)
    views = [{"kind": "image", "from": "picture"}]
    Batch.objects.filter(pk=batch.pk).update(interface=batch.interface | {"views": views})
    text = signed(world.rita).get(f"/requester/batches/{batch.ref}/results").content.decode()
    place = f"/requester/projects/{batch.project.ref}/media/picture"
    assert f'src="{place}?small=1&amp;name=bird%200.png"' in text


def test_a_draft_may_wait_for_its_tasks(world: World, signed: SignIn) -> None:
    """A project is made first, then its pictures are added, then the tasks that show them."""
    values = {
        "organisation": world.organisation.pk, "name": "Birds", "question": "Which?",
        "options": "robin\nwren", "view": "image", "column": "picture", "instructions": "",
        "price": "0.05", "overlap": "1", "page_size": "2", "gold": "0", "bar": "",
        "review_hours": "0", "deadline": "15",
    }  # fmt: skip
    client = signed(world.rita)
    assert client.post("/requester/new", values).status_code == 302
    draft = Batch.objects.get(name="Birds")
    assert draft.tasks == 0
    add(draft.project, "robin.png", picture(), world.rita)
    file = SimpleUploadedFile("tasks.csv", b"picture\nmedia:robin.png\n")
    page = client.post(f"/requester/batches/{draft.ref}/upload", {"file": file}, follow=True)
    assert b"1 task added." in page.content
