"""An identity check on a phone, and two operators at two browsers who look at it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fairhand.kit.models import History
from fairhand.people.identity import sameness
from fairhand.people.identity.votes import vote
from fairhand.people.models import Account, IdentityCheck, IdentityVote, Notice, SameCase
from tests.browser.conftest import DESK, Visit
from tests.identity.pictures import drawn, pdf, saved
from tests.identity.scene import NO, YES, in_days, operators, sent
from tests.world import World

TABLET = (1200, 900)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "card.jpg").write_bytes(saved(drawn((1600, 1000))))
    (tmp_path / "back.pdf").write_bytes(pdf())
    (tmp_path / "me.jpg").write_bytes(saved(drawn((900, 1200))))
    (tmp_path / "no.pdf").write_bytes(b"%PDF-1.4 I am none")
    return tmp_path


def show(page: Page, kind: str, path: Path, which: str = "photo") -> None:
    page.locator(f"#{which}-{kind}").set_input_files(path)
    page.locator(f"form[action$='/{kind}'] button").click()


def test_a_worker_proves_who_they_are_with_a_phone(
    visit: Visit, committed_world: World, files: Path
) -> None:
    ada = committed_world.ada
    with visit() as visitor:
        visitor.sign_in(ada.account)
        page = visitor.go("/account")
        page.get_by_role("link", name="Your identity").click()
        visitor.shot("identity-start")
        visitor.check()
        page.get_by_role("link", name="Begin").click()
        page.get_by_label("Name, as the document shows it").fill("Ada Lovelace")
        page.get_by_label("Date of birth").fill("1990-12-10")
        page.get_by_label("Document", exact=True).select_option("id_card")
        page.get_by_label("Issued by").select_option("IT")
        page.get_by_label("Number of the document").fill("CA 12345 AB")
        page.get_by_label("Valid until").fill(in_days(-3).isoformat())
        page.get_by_label("I agree that").check()
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("This document ran out on")).to_be_visible()
        visitor.shot("identity-ran-out")
        visitor.check()
        page.get_by_label("Valid until").fill(in_days(900).isoformat())
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("0 of 3").first).to_be_visible()
        visitor.shot("identity-shows")
        visitor.check()
        show(page, "front", files / "card.jpg")
        expect(page.get_by_text("1 of 3").first).to_be_visible()
        show(page, "back", files / "no.pdf", "file")
        expect(page.get_by_text("no PDF that can be read")).to_be_visible()
    with visit(TABLET) as visitor:  # and goes on at the desk
        visitor.sign_in(ada.account)
        page = visitor.go("/identity")
        show(page, "back", files / "back.pdf", "file")
        expect(page.get_by_text("2 of 3").first).to_be_visible()
        visitor.shot("identity-shows-desk")
        show(page, "selfie", files / "me.jpg")
        expect(page.get_by_text("All is there")).to_be_visible()
        visitor.shot("identity-shown")
        visitor.check()
        page.get_by_role("button", name="Hand it in").click()
        expect(page.get_by_text("It is being looked at")).to_be_visible()
        visitor.shot("identity-waits")
        visitor.check()
    assert IdentityCheck.objects.get().state == "pending"


def test_two_operators_race_for_the_last_word(visit: Visit, committed_world: World) -> None:
    """One has spoken; two others have the page open and both say that it is proven."""
    ops = operators(3)
    check = sent(committed_world.ada)
    assert vote(check, ops[0], YES)
    with visit(DESK) as first, visit() as second:
        pages = []
        for visitor, one in ((first, ops[1]), (second, ops[2])):
            visitor.sign_in(one)
            page = visitor.go("/operator")
            page.get_by_role("link", name="1 identity check waits for you").click()
            page.get_by_role("link", name="Identity card").click()
            expect(page.get_by_text("1 operator has looked at it")).to_be_visible()
            loaded = "els => els.every(el => el.complete && el.naturalWidth > 0)"
            for picture in page.locator("main img").all():
                expect(picture).to_have_js_property("complete", value=True)
            assert page.locator("main img").evaluate_all(loaded)
            pages.append(page)
        first.shot("identity-check")
        second.shot("identity-check-phone")
        first.check()
        second.check()
        for page in pages:
            page.locator("summary", has_text="It is proven").click()
        for page in pages:
            page.get_by_role("button", name="Yes, it is proven").click()
        expect(pages[0].get_by_text("Decided, and told.")).to_be_visible()
        expect(pages[1].get_by_text("Somebody was first")).to_be_visible()
        second.shot("identity-somebody-was-first")
        second.check()
        first.shot("identity-queue-decided")
        first.check()
    check.refresh_from_db()
    assert check.state == "verified"
    assert IdentityVote.objects.count() == 2
    moves = History.objects.filter(kind="identity check", target="verified")
    assert moves.count() == 1
    assert Notice.objects.filter(account=committed_world.ada.account).count() == 1


def test_a_rejection_is_read_and_tried_again(visit: Visit, committed_world: World) -> None:
    ops = operators(2)
    with visit(TABLET) as visitor:
        visitor.sign_in(ops[0])
        visitor.go("/operator/identity")
        visitor.shot("identity-queue-empty")
        visitor.check()
        check = sent(committed_world.ada)
        page = visitor.go(f"/operator/identity/{check.ref}")
        page.locator("summary", has_text="It is not proven").click()
        page.get_by_label("Reason").select_option("unreadable")
        page.get_by_label("What was wrong, and what helps").fill("Take it by a window.")
        visitor.shot("identity-not-proven")
        visitor.check()
        page.get_by_role("button", name="No, it is not proven").click()
        expect(page.get_by_text("Another operator looks at it, too.")).to_be_visible()
        visitor.shot("identity-queue")
        visitor.check()
    vote(check, ops[1], NO)
    with visit() as visitor:
        visitor.sign_in(committed_world.ada.account)
        page = visitor.go("/identity")
        expect(page.get_by_text("could not be read well enough")).to_be_visible()
        visitor.shot("identity-rejected")
        visitor.check()
        page.get_by_role("link", name="Try again").click()
        expect(page.get_by_label("Date of birth")).to_be_visible()


def test_two_accounts_are_compared(visit: Visit, committed_world: World) -> None:
    world, (op,) = committed_world, operators(1)
    for kind, value in (("device", "mark"), ("payout", "DE89")):
        for one in (world.ada, world.ben):
            sameness.observe(one.account, kind, value)
    with visit() as visitor:
        visitor.sign_in(op)
        page = visitor.go("/operator/sames")
        visitor.shot("identity-sames")
        visitor.check()
        page.locator("main").get_by_role("link").first.click()
        expect(page.get_by_text("This changes nothing by itself")).to_be_visible()
        visitor.shot("identity-same")
        visitor.check()
        page.locator("summary", has_text="They are two people").click()
        page.locator("#why-different").fill("Brothers in one flat.")
        page.get_by_role("button", name="They are two people").click()
        expect(page.get_by_text("Nothing else was changed.")).to_be_visible()
        visitor.check()
    assert SameCase.objects.get().state == "different"
    assert Account.objects.filter(is_active=False).count() == 0
