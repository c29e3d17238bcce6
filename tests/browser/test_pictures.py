"""Pictures in a real browser: many sent at once, one refused; then shown to whoever holds the page."""

from pathlib import Path

from playwright.sync_api import Page, Request, expect

from fairhand.projects.models import Media
from tests.browser.conftest import DESK, PHONE, Visit
from tests.media.cast import ask_to_keep_quiet, birds, picture, sign
from tests.world import World

COLOURS = ("teal", "olive", "navy", "brown", "purple")


def files(folder: Path) -> list[Path]:
    """Five good pictures, and in their midst one that is none."""
    found = []
    for n, colour in enumerate(COLOURS):
        place = folder / f"bird {n}.png"
        place.write_bytes(picture(size=(1200, 900), colour=colour))
        found.append(place)
    bad = folder / "notes.png"
    bad.write_text("not a picture", encoding="utf-8")
    return [*found[:2], bad, *found[2:]]


def seen(page: Page, newest: str) -> None:
    """Wait until all previews are there, also those that are fetched when they come into sight."""
    for image in reversed(page.get_by_role("img", name="Look at").all()):
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("naturalWidth", 240)
    expect(page.get_by_role("img", name=f"Look at {newest}")).to_be_visible()


def test_many_are_sent_one_by_one_and_the_bad_one_is_named(
    visit: Visit, committed_world: World, tmp_path: Path
) -> None:
    world = committed_world
    with visit(PHONE) as phone, visit(DESK) as desk:
        phone.sign_in(world.rita)
        page: Page = phone.go(f"/requester/projects/{world.project.ref}/media")
        expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
        phone.shot("project-pictures-none")
        phone.check()
        sent: list[Request] = []
        page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
        page.get_by_label("Add pictures").set_input_files(files(tmp_path))
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_text("notes.png: This is not a picture")).to_be_visible(timeout=60_000)
        assert len(sent) == len(COLOURS) + 1
        seen(page, "bird 4.png")
        phone.shot("project-pictures-phone")
        phone.check()
        page.locator("summary", has_text="Remove").first.click()
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Removed.")).to_be_visible()
        assert Media.objects.count() == len(COLOURS) - 1
        desk.sign_in(world.rita)
        seen(desk.go(f"/requester/projects/{world.project.ref}/media"), "bird 3.png")
        desk.shot("project-pictures-desk")
        desk.check()


def test_a_worker_sees_each_picture_once_fetched_with_their_mark_across_it(
    visit: Visit, committed_world: World
) -> None:
    world = committed_world
    batch = birds(world, tasks=4, page_size=2, overlap=1, size=(1200, 900))
    version = ask_to_keep_quiet(batch.project.ref, world.rita)
    sign(world.ada, version)
    with visit(PHONE) as phone:
        phone.sign_in(world.ada.account)
        asked: list[str] = []
        phone.page.on(
            "request", lambda one: asked.append(one.url) if "/media/" in one.url else None
        )
        page = phone.go(f"/work/{batch.ref}/task")
        if "task" not in page.url:
            page.get_by_role("button", name="Start").click()
        image = page.get_by_role("img", name="Picture to judge")
        expect(image).to_have_js_property("naturalWidth", 1200)
        phone.shot("pictures-task-phone")
        phone.check()
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Task 2 of 2")).to_be_visible()
        expect(image).to_have_js_property("naturalWidth", 1200)
        assert sorted(set(asked)) == sorted(asked), "fetched early, and not again"
        assert len(asked) >= 2


def test_a_picture_that_is_gone_is_told(visit: Visit, committed_world: World) -> None:
    world = committed_world
    batch = birds(world, tasks=2, page_size=2, overlap=1)
    Media.objects.all().delete()
    with visit(PHONE) as phone:
        phone.sign_in(world.ada.account)
        page = phone.go(f"/work/{batch.ref}")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_text("The picture does not load")).to_be_visible()
        phone.shot("pictures-broken-phone")
