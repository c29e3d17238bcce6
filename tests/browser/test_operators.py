"""Two operators at two browsers: what one asks for, the other one decides."""

from playwright.sync_api import Page, expect

from fairhand.pay.models import PayoutRun
from fairhand.people.accounts import make_operator
from fairhand.people.audit import coming_from, note
from fairhand.people.models import Account, Duty, Worker
from tests.browser.conftest import DESK, Visit
from tests.web.scene import Scene


def paul() -> Account:
    account = Account.objects.create_user("paul@example.org", name="Paul")
    make_operator(account, [Duty.FINANCE, Duty.SUPPORT])
    return account


def press(page: Page, label: str, sure: str = "") -> None:
    """Unfold a question, and answer yes."""
    page.locator("summary", has_text=label).click()
    page.get_by_role("button", name=sure or label, exact=True).click()


def test_a_large_payout_takes_two_operators(
    visit: Visit, committed_scene: Scene, settings: object
) -> None:
    settings.TWO_PEOPLE_ABOVE = 1  # type: ignore[attr-defined]
    second = paul()
    with visit(DESK) as visitor:
        visitor.sign_in(committed_scene.world.olga)
        page = visitor.go("/operator/payouts")
        page.locator("summary", has_text="Ask a second operator").click()
        visitor.shot("operators-payout-asks")
        visitor.check()
        page.get_by_label("Why").fill("The payout of November")
        page.get_by_role("button", name="Ask a second operator").click()
        expect(page.get_by_text("once one of these approves: Paul")).to_be_visible()
        visitor.shot("operators-asked")
        visitor.check()
    with visit() as visitor:
        visitor.sign_in(second)
        page = visitor.go("/operator")
        visitor.shot("operators-waiting")
        page.get_by_role("link", name="Pay 1 worker").click()
        expect(page.get_by_text("The payout of November")).to_be_visible()
        visitor.shot("operators-approval")
        visitor.check()
        press(page, "Approve", "Approve and do it")
        expect(page.get_by_text("Approved, and done.")).to_be_visible()
        visitor.shot("operators-approved")
        visitor.check()
    assert PayoutRun.objects.get(state="prepared").created_by == second


def test_an_exclusion_is_read_and_contested(visit: Visit, committed_scene: Scene) -> None:
    world, second = committed_scene.world, paul()
    with coming_from(ip="192.0.2.1", agent="Firefox on a phone"):
        note("sign_in", actor=world.ada.account, account=world.ada.account)
    with visit(DESK) as visitor:
        visitor.sign_in(world.olga)
        page = visitor.go(f"/operator/accounts/{world.ada.account.ref}")
        page.locator("summary", has_text="Exclude").click()
        visitor.shot("operators-exclude")
        visitor.check()
        page.get_by_label("Why").fill("Two accounts of one person.")
        page.get_by_role("button", name="Ask a second operator").click()
        expect(page.get_by_text("A second operator was asked")).to_be_visible()
    with visit() as visitor:
        visitor.sign_in(second)
        press(visitor.go("/operator/approvals"), "Approve", "Approve and do it")
        expect(visitor.page.get_by_text("Approved, and done.")).to_be_visible()
    assert Worker.objects.get(pk=world.ada.pk).standing == "expelled"
    with visit() as visitor:
        visitor.sign_in(world.ada.account)
        page = visitor.go("/account")
        expect(page.get_by_text("Two accounts of one person.").first).to_be_visible()
        visitor.shot("operators-excluded-reads")
        visitor.check()
        page.get_by_role("link", name="Look at it, or contest it").click()
        page.get_by_role("link", name="Excluded from work").click()
        page.get_by_label("What should be looked at?").fill("It was my sister.")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("You hear the answer here")).to_be_visible()
        visitor.check()
