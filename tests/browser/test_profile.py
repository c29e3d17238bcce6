"""On a phone: a worker tells about themselves, is led back, and takes it back again."""

from tests.browser.conftest import DESK, PHONE, Visit
from tests.web.scene import Scene


def test_a_worker_tells_and_withdraws_with_one_thumb(visit: Visit, committed_scene: Scene) -> None:
    ada = committed_scene.world.ada.account
    with visit(PHONE) as visitor:
        visitor.sign_in(ada)
        page = visitor.go("/account")
        page.get_by_role("link", name="Profile").click()
        page.get_by_role("heading", name="Profile", level=1).wait_for()
        visitor.check()
        visitor.shot("profile-empty-phone")
        page.get_by_role("link", name="Languages").click()
        page.get_by_label("A language").select_option(label="German")
        page.get_by_label("How well you know it").select_option("native")
        visitor.check()
        page.get_by_role("button", name="Save, and add another").click()
        page.get_by_label("One more language").select_option(label="Italian")
        page.get_by_label("How well you know it").select_option("C1")
        visitor.check()
        visitor.shot("profile-languages-phone")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("German (own), Italian (C1)").wait_for()
        page.get_by_role("link", name="What helps you to work").first.click()
        page.get_by_label("I use a screen reader").check()
        page.get_by_label("I agree that what I say").check()
        visitor.check()
        visitor.shot("profile-accessibility-phone")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("I use a screen reader").wait_for()
        visitor.check()
        visitor.shot("profile-told-phone")
        row = page.get_by_role("listitem").filter(has_text="German (own)")
        row.get_by_text("Withdraw").click()
        row.get_by_role("button", name="Forget it").click()
        page.get_by_text("Forgotten: nothing of it is kept.").wait_for()
        assert page.get_by_text("German (own)").count() == 0
        visitor.check()


def test_a_consent_is_given_and_taken_back(visit: Visit, committed_scene: Scene) -> None:
    ada = committed_scene.world.ada.account
    with visit(PHONE) as visitor:
        visitor.sign_in(ada)
        page = visitor.go("/profile")
        page.get_by_role("link", name="Photos of you").click()
        visitor.check()
        visitor.shot("profile-consent-phone")
        page.get_by_role("button", name="I agree").click()
        page.get_by_text("You agreed. You can take it back at any time.").wait_for()
        page.get_by_role("link", name="Photos of you").click()
        page.get_by_text("Take it back").first.click()
        visitor.check()
        visitor.shot("profile-consent-given-phone")
        page.get_by_role("button", name="Take it back").click()
        page.get_by_text("Taken back.").wait_for()


def test_a_profile_on_a_desk(visit: Visit, committed_scene: Scene) -> None:
    with visit(DESK) as visitor:
        visitor.sign_in(committed_scene.world.ada.account)
        for name in ("", "/time_zone", "/risks", "/region"):
            visitor.go(f"/profile{name}")
            visitor.check()
            visitor.shot(f"profile{name.replace('/', '-')}-desk")
