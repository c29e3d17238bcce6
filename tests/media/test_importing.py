"""UP-2: what other servers send is drawn anew or refused. AZ-5: a job has its submitter's rights."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from fairhand.jobs import tasks
from fairhand.kit.egress import Policy
from fairhand.people.models import ApiKey, Member
from fairhand.projects import importing
from fairhand.projects.models import Media, MediaImport
from fairhand.work.access import revoke
from tests.api.conftest import Program, program_of, refused
from tests.fakes.pictures import PictureServer, Reply, picture_server
from tests.media.cast import picture, pixels
from tests.media.conftest import SignIn, stored
from tests.media.hostile import HTML, POLYGLOTS, SVG, archive, payload_in, pdf
from tests.world import World, history_of


def moved(to: str) -> Reply:
    return Reply(status=302, headers={"Location": to})


def gigantic() -> bytes:
    out = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(out, "PNG")
    return out.getvalue()


# What a server sends, and what is said to whoever asked for it; nothing: it is stored.
CASES: dict[str, tuple[Reply, str]] = {
    "a page": (Reply(HTML, "text/html"), "not a picture"),
    "a page called a picture": (Reply(HTML, "image/png"), "not a picture"),
    "a drawing with a script": (Reply(SVG, "image/svg+xml"), "not a picture"),
    "a drawing called a picture": (Reply(SVG, "image/png"), "not a picture"),
    "a script": (Reply(b"alert(1)", "text/javascript"), "not a picture"),
    "a document": (Reply(pdf(), "application/pdf"), "not a picture"),
    "an archive": (Reply(archive(), "image/jpeg"), "not a picture"),
    "nothing": (Reply(b""), "not a picture"),
    "a picture in a packet": (
        Reply(gzip.compress(picture()), headers={"Content-Encoding": "gzip"}),
        "not a picture",
    ),
    "a picture called a page": (Reply(picture(), "text/html"), ""),
    "a picture called a script": (Reply(picture("JPEG"), "text/javascript"), ""),
    "a picture to be downloaded": (
        Reply(picture(), headers={"Content-Disposition": 'attachment; filename="../../x.html"'}),
        "",
    ),
    "both a picture and a page": (Reply(POLYGLOTS["gif-and-html.html"](), "text/html"), ""),
    "both a picture and a script": (Reply(POLYGLOTS["gif-and-script.js"](), "image/gif"), ""),
    "a picture with a page behind": (Reply(POLYGLOTS["png-with-html-behind.png"]()), ""),
    "too much": (Reply(picture() + b"x" * 10_000_001), "more than 10 MB"),
    "too large a picture": (Reply(gigantic()), "200 megapixels"),
    "less than was promised": (Reply(picture(), cut=True), "did not answer in time"),
    "a byte now and then": (Reply(picture(), drips=True), "did not answer in time"),
    "not found": (Reply(picture(), status=404), "answered 404"),
    "broken": (Reply(picture(), status=500), "answered 500"),
    "a picture elsewhere": (moved("/good.png"), ""),
    "the next machine": (moved("http://10.0.0.1/x.png"), "public server"),
    "the cloud's own data": (moved("http://169.254.169.254/latest/meta-data/"), "public server"),
    "a name that leads inside": (moved("http://inside.example/x.png"), "public server"),
    "a file of ours": (moved("file:///etc/passwd"), "no web address"),
    "a picture within the address": (moved("data:image/png;base64,AAAA"), "no web address"),
    "round and round": (moved("/case"), "leads on and on"),
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PictureServer]:
    with picture_server() as here:
        here.replies["/good.png"] = Reply(picture())
        monkeypatch.setattr(importing, "policy", here.policy)
        yield here


def wanted(server: PictureServer, *paths: str) -> dict[str, Any]:
    return {"urls": [{"name": f"{n}.png", "url": server.url(p)} for n, p in enumerate(paths)]}


def asked(program: Program, world: World, server: PictureServer, *paths: str) -> dict[str, Any]:
    answer = program.post(f"/projects/{world.project.ref}/media", wanted(server, *paths))
    assert answer.status_code == 202, answer.content
    said: dict[str, Any] = answer.json()
    return said


def done(program: Program, world: World, said: dict[str, Any]) -> dict[str, Any]:
    """Let the job run, and ask how it went."""
    tasks.import_media(MediaImport.objects.get(ref=said["ref"]).pk)
    answer = program.get(f"/projects/{world.project.ref}/imports/{said['ref']}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def outcomes(found: dict[str, Any]) -> list[str]:
    return [item["outcome"] for item in found["items"]]


def test_there_are_as_many_cases_as_there_have_to_be() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize("case", CASES)
def test_what_a_server_sends_is_drawn_anew_or_refused(
    world: World, rita: Program, server: PictureServer, store: Path, signed: SignIn, case: str
) -> None:
    server.replies["/case"], why = CASES[case]
    found = done(rita, world, asked(rita, world, server, "/case"))
    assert found["state"] == "done"
    (item,) = found["items"]
    assert item["outcome"] == ("refused" if why else "stored")
    assert why in item["why"]
    assert (Media.objects.count(), stored(store)) == ((0, 0) if why else (1, 1))
    if not why:
        place = f"/requester/projects/{world.project.ref}/media/picture?name=0.png"
        answer = signed(world.rita).get(place)
        assert answer.headers["Content-Type"] in {"image/png", "image/jpeg"}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not payload_in(answer.content)


def test_each_is_fetched_by_itself_and_the_bad_are_named(
    world: World, rita: Program, server: PictureServer
) -> None:
    server.replies["/page"] = Reply(HTML)
    said = asked(rita, world, server, "/good.png", "/page", "/good.png")
    assert (said["state"], outcomes(said), server.asked) == ("waiting", ["waiting"] * 3, [])
    found = done(rita, world, said)
    assert outcomes(found) == ["stored", "refused", "stored"]
    assert set(Media.objects.values_list("name", flat=True)) == {"0.png", "2.png"}
    assert history_of("media import", str(MediaImport.objects.get().pk)) == [("waiting", "done")]


def test_a_job_that_runs_twice_fetches_once(
    world: World, rita: Program, server: PictureServer
) -> None:
    said = asked(rita, world, server, "/good.png")
    assert done(rita, world, said) == done(rita, world, said)
    assert server.asked == ["/good.png"]


def test_addresses_are_forgotten_when_they_were_tried(
    world: World, rita: Program, server: PictureServer
) -> None:
    """They may hold a secret, and nobody needs them any more."""
    said = asked(rita, world, server, "/good.png", "/lost?key=secret")
    assert "url" not in said["items"][0]
    done(rita, world, said)
    assert "secret" not in str(MediaImport.objects.get().items)


@pytest.mark.parametrize(
    ("name", "url", "field"),
    [
        ("a.png", "http://example.com/x.png", "url"),
        ("a.png", "https://127.0.0.1/x.png", "url"),
        ("a.png", "https://[::1]/x.png", "url"),
        ("a.png", "https://user@example.com/x.png", "url"),
        ("a.png", "javascript:alert(1)", "url"),
        ("a\nb", "https://example.com/x.png", "name"),
        ("", "https://example.com/x.png", "name"),
    ],
)
def test_what_cannot_be_fetched_is_refused_when_it_is_asked_for(
    world: World, rita: Program, name: str, url: str, field: str
) -> None:
    good = {"name": "good.png", "url": "https://example.com/good.png"}
    body = {"urls": [good, {"name": name, "url": url}]}
    problem = refused(rita.post(f"/projects/{world.project.ref}/media", body), 422,
                      "unusable_input")  # fmt: skip
    assert [(p["line"], p["field"]) for p in problem["problems"]] == [(2, field)]
    assert MediaImport.objects.count() == 0


def test_there_are_limits(world: World, rita: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    ref, one = world.project.ref, {"name": "a", "url": "https://example.com/a"}
    many = [{"name": f"{n}", "url": "https://example.com/a"} for n in range(101)]
    for urls in ([], many, [one, one]):
        refused(rita.post(f"/projects/{ref}/media", {"urls": urls}), 422, "unusable_input")
    monkeypatch.setattr(importing, "MOST_WAITING", 1)
    assert rita.post(f"/projects/{ref}/media", {"urls": [one]}).status_code == 202
    refused(rita.post(f"/projects/{ref}/media", {"urls": [one]}), 409, "too_many_imports")
    assert MediaImport.objects.count() == 1


class TestWhoseRights:
    """AZ-5."""

    def removed(self, world: World) -> None:
        Member.objects.filter(account=world.rita).delete()

    def demoted(self, world: World) -> None:
        Member.objects.filter(account=world.rita).update(role="viewer")

    def without_their_key(self, _world: World) -> None:
        ApiKey.objects.exclude(name="viewer").delete()

    def with_a_key_that_ended(self, _world: World) -> None:
        ApiKey.objects.update(expires_at=timezone.now())

    def with_a_key_of_less(self, _world: World) -> None:
        ApiKey.objects.update(scopes=["projects:read"])

    def shut_out(self, world: World) -> None:
        world.rita.is_active = False
        world.rita.save()
        revoke(world.rita)

    @pytest.mark.parametrize(
        "become",
        ["removed", "demoted", "without_their_key", "with_a_key_that_ended", "with_a_key_of_less",
         "shut_out"],
    )  # fmt: skip
    def test_who_may_not_any_more_has_nothing_fetched(
        self, world: World, rita: Program, server: PictureServer, store: Path, become: str
    ) -> None:
        said = asked(rita, world, server, "/good.png", "/good.png")
        getattr(self, become)(world)
        tasks.import_media(MediaImport.objects.get(ref=said["ref"]).pk)
        assert (server.asked, Media.objects.count(), stored(store)) == ([], 0, 0)
        found = MediaImport.objects.get()
        assert (found.state, found.ended_at is not None) == ("dropped", True)
        assert [item["outcome"] for item in found.items] == ["skipped"] * 2
        assert "may not add pictures to this project any more" in found.items[0]["why"]

    def test_who_loses_it_half_way_has_no_more_fetched(
        self, world: World, rita: Program, server: PictureServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While the second picture is on its way: it is not kept, and the third is not asked for."""
        said = asked(rita, world, server, "/good.png", "/good.png", "/good.png")

        def leaving(_host: str, _port: int) -> list[str]:
            if server.asked:
                self.removed(world)
            return ["127.0.0.1"]

        def policy() -> Policy:
            return server.policy(resolve=leaving)

        monkeypatch.setattr(importing, "policy", policy)
        tasks.import_media(MediaImport.objects.get(ref=said["ref"]).pk)
        found = MediaImport.objects.get()
        assert [item["outcome"] for item in found.items] == ["stored", "skipped", "skipped"]
        assert (found.state, len(server.asked)) == ("dropped", 2)
        assert list(Media.objects.values_list("name", flat=True)) == ["0.png"]

    def test_others_find_no_trace_of_it(
        self, world: World, rita: Program, oscar: Program, server: PictureServer
    ) -> None:
        said = asked(rita, world, server, "/good.png")
        ours, ref = world.project.ref, said["ref"]
        theirs = oscar.post("/projects", {"name": "x", "interface": world.project.interface})
        for project, program in ((ours, oscar), (theirs.json()["ref"], oscar)):
            found = program.get(f"/projects/{project}/imports/{ref}")
            never = program.get(f"/projects/{project}/imports/imp_never")
            refused(found, 404, "not_found")
            assert found.content == never.content
        page = rita.get(f"/projects/{ours}/imports/{ref}").json()
        assert outcomes(page) == ["waiting"]

    def test_members_see_how_it_went_on_the_page(
        self, world: World, rita: Program, server: PictureServer, signed: SignIn
    ) -> None:
        server.replies["/page"] = Reply(HTML)
        done(rita, world, asked(rita, world, server, "/good.png", "/page"))
        Member.objects.create(organisation=world.organisation, account=world.oscar, role="viewer")
        here = f"/requester/projects/{world.project.ref}/media"
        text = signed(world.oscar).get(here).content.decode()
        assert "1 stored, 1 refused, 0 waiting, 0 not tried" in text
        assert "1.png: This is not a picture" in text

    def test_a_viewers_key_asks_for_nothing(self, world: World, server: PictureServer) -> None:
        scopes = ["projects:read", "projects:write"]
        program = program_of(world.rita, world.organisation, scopes)
        self.demoted(world)
        answer = program.post(f"/projects/{world.project.ref}/media", wanted(server, "/good.png"))
        refused(answer, 403, "role_lacks_right")
        assert MediaImport.objects.count() == 0


def test_what_was_fetched_is_what_was_there(
    world: World, rita: Program, server: PictureServer, signed: SignIn
) -> None:
    done(rita, world, asked(rita, world, server, "/good.png"))
    place = f"/requester/projects/{world.project.ref}/media/picture?name=0.png"
    assert pixels(signed(world.rita).get(place).content) == pixels(picture())
