"""From a suspension to its answer, in a browser: on a phone for the person, a desk for operators."""

from pathlib import Path

from playwright.sync_api import expect

from fairhand.people.models import Account, Appeal, Worker
from tests.browser.conftest import DESK, Visit
from tests.people.standing_actions import another_operator, picture
from tests.web.scene import Scene
from tests.world import World


def suspends(visit: Visit, world: World) -> None:
    with visit(DESK) as visitor:
        visitor.sign_in(world.olga)
        page = visitor.go(f"/operator/accounts/{world.ada.account.ref}")
        page.get_by_role("link", name="Suspend, or see what was decided").click()
        visitor.shot("standing-suspend-desk")
        visitor.check()
        page.get_by_label("Days").fill("7")
        page.get_by_label("Why").fill("Two accounts with one face?")
        page.get_by_role("button", name="Suspend").click()
        expect(page.get_by_text("The person is told why")).to_be_visible()
        visitor.shot("standing-suspended-desk")
        visitor.check()


def contests(visit: Visit, world: World, photo: Path) -> None:
    with visit() as visitor:
        visitor.sign_in(world.ada.account)
        page = visitor.go("/account")
        expect(page.get_by_text("Two accounts with one face?")).to_be_visible()
        visitor.shot("standing-account-phone")
        visitor.check()
        page.get_by_role("link", name="Look at it, or contest it").click()
        visitor.shot("appeals-mine-phone")
        visitor.check()
        page.get_by_role("link", name="Suspended from work for a time").click()
        visitor.shot("appeals-contest-phone")
        visitor.check()
        page.get_by_label("What should be looked at?").fill("That was my sister.")
        page.get_by_label("What shows it").set_input_files(photo)
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("You hear the answer here")).to_be_visible()
        visitor.shot("appeals-waits-phone")
        visitor.check()


def answers(visit: Visit, by: Account) -> None:
    with visit(DESK) as visitor:
        visitor.sign_in(by)
        page = visitor.go("/operator/appeals")
        visitor.shot("appeals-queue-desk")
        visitor.check()
        page.get_by_role("link", name="Suspended from work for a time").click()
        expect(page.get_by_text("That was my sister.")).to_be_visible()
        visitor.shot("appeals-answer-desk")
        visitor.check()
        proof = page.get_by_role("link", name="Picture 1").get_attribute("href")
        assert proof is not None
        assert page.request.get(visitor.site + proof).headers["content-type"] == "image/jpeg"
        page.get_by_label("Your reasons").fill("Two sisters, indeed.")
        page.get_by_role("button", name="Undo the decision").click()
        expect(page.get_by_text("The decision is undone, and they are told")).to_be_visible()
        visitor.check()


def test_a_suspension_is_contested_with_a_picture_and_undone(
    visit: Visit, committed_scene: Scene, tmp_path: Path
) -> None:
    world = committed_scene.world
    petra, photo = another_operator(world), tmp_path / "sister.png"
    photo.write_bytes(picture())
    suspends(visit, world)
    contests(visit, world, photo)
    answers(visit, petra)
    assert Worker.objects.get(pk=world.ada.pk).standing == "active"
    with visit() as visitor:
        visitor.sign_in(world.ada.account)
        page = visitor.go(f"/appeals/{Appeal.objects.get().ref}")
        expect(page.get_by_text("Two sisters, indeed.")).to_be_visible()
        visitor.shot("appeals-answered-phone")
        visitor.check()


def test_how_decisions_are_made_is_read_by_anybody(visit: Visit) -> None:
    with visit() as visitor:
        page = visitor.go("/")
        page.get_by_role("link", name="How decisions are made here").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        visitor.shot("how-decisions-phone")
        visitor.check()
    with visit((1200, 900), dark=True) as visitor:
        visitor.go("/how-decisions-are-made")
        visitor.shot("how-decisions-desk")
        visitor.check()
