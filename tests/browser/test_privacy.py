"""On a phone and a desk: what is kept, one's own data, and the end of an account."""

import re

import pytest
from playwright.sync_api import expect

from fairhand.people.models import DataExport, Deletion
from fairhand.work.privacy import archive
from tests.browser.conftest import PHONE, Visit
from tests.world import World

SHAPES = {"phone": PHONE, "desk": (1200, 900)}


@pytest.mark.parametrize("shape", ["phone", "desk"])
def test_somebody_reads_takes_home_deletes_and_changes_their_mind(
    committed_world: World, visit: Visit, shape: str
) -> None:
    ada = committed_world.ada.account
    with visit(SHAPES[shape]) as visitor:
        visitor.sign_in(ada)
        page = visitor.go("/account")
        page.get_by_role("link", name="Get, read or delete what is kept about me").click()
        page.get_by_role("button", name="Get all data about me").click()
        expect(page.get_by_text("It is being made.").last).to_be_visible()
        visitor.check()
        assert archive.make(DataExport.objects.get().pk)
        visitor.go("/account/privacy")
        visitor.check()
        if shape == "phone":
            visitor.shot("privacy-own-phone")
        with page.expect_download() as loading:
            page.get_by_role("link", name="Download").click()
        assert re.fullmatch(r"exp_\w+\.zip", loading.value.suggested_filename)
        page.get_by_role("link", name="Delete my account").click()
        visitor.check()
        if shape == "phone":
            visitor.shot("privacy-delete-phone")
        page.get_by_label("I have read what is deleted and what is kept.").check()
        page.get_by_role("button", name="Delete my account").click()
        expect(page.get_by_text("Your account is deleted in 14 days.")).to_be_visible()
        visitor.check()
        visitor.sign_in(ada)
        visitor.go("/account/privacy")
        visitor.check()
        page.get_by_role("button", name="Keep my account").click()
        expect(page.get_by_text("Your account stays.")).to_be_visible()
        assert Deletion.objects.get().state == "cancelled"
        page.get_by_role("link", name="What is kept about you").click()
        visitor.check()
        if shape == "phone":
            visitor.shot("privacy-kept-phone")
