"""A team's life in a real browser: inviting, joining, what a role lets one do, handing over, going."""

from playwright.sync_api import Page, expect

from fairhand.people.models import Account, ApiKey, Member
from fairhand.people.orphans import orphans
from fairhand.projects.models import Batch
from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.web.scene import moods
from tests.world import World


def role_of(world: World, account: Account) -> str | None:
    found = Member.objects.filter(organisation=world.organisation, account=account)
    return found.values_list("role", flat=True).first()


def person(name: str) -> Account:
    return Account.objects.create_user(
        f"{name.lower()}@example.net", f"{name}'s long password", name=name
    )


def invite(page: Page, role: str, email: str = "") -> str:
    """Invite from the team's page; returns the link, which is shown this once."""
    page.get_by_label("E-mail address").fill(email)
    page.locator("#id_role").select_option(role)
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("Pass this link on")).to_be_visible()
    return page.locator("[data-invitation]").inner_text()


def join(visitor: Visitor, account: Account, link: str, role: str) -> Page:
    """Open the link signed out, then signed in, and join by the button."""
    page = visitor.page
    page.goto(link)
    expect(page.get_by_role("heading", name="Sign in to see the invitation")).to_be_visible()
    visitor.shot("team-join-signed-out")
    visitor.check()
    visitor.sign_in(account)
    page.goto(link)
    expect(page.get_by_role("heading", name="Join Rita's Birds")).to_be_visible()
    expect(page.get_by_text(role, exact=True)).to_be_visible()
    visitor.shot("team-join")
    visitor.check()
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("You are a member of Rita's Birds now.")).to_be_visible()
    return page


def confirmed(page: Page, label: str, sure: str) -> None:
    page.locator("summary", has_text=label).last.click()
    page.get_by_role("button", name=sure, exact=True).click()


def refuse_the_reviewer(reviewer: Visitor, batch: Batch) -> None:
    """A reviewer sees the draft and cannot open it, nor make another by its address."""
    page = reviewer.go(f"/requester/batches/{batch.ref}")
    expect(page.get_by_role("heading", name="Reviews of today")).to_be_visible()
    expect(page.get_by_text("Open the batch")).to_have_count(0)
    reviewer.shot("team-reviewer-draft")
    reviewer.go("/requester/new")
    expect(page.get_by_text("Your role does not let you change what is asked")).to_be_visible()
    reviewer.shot("team-reviewer-refused")


def hand_over(owner: Visitor) -> None:
    """The owner hands over to Mona, and is a manager from then on."""
    page = owner.go("/requester/team")
    page.locator("summary", has_text="Change Mona").click()
    owner.shot("team-change-member")
    owner.check()
    page.locator("details[open] details summary", has_text="Make owner").click()
    page.get_by_role("button", name="Hand the organisation over").click()
    expect(page.get_by_text("You are a manager now.")).to_be_visible()


def lose_a_page(manager: Visitor, reviewer: Visitor, batch: Batch) -> None:
    """Rolf has a page open; the new owner removes him, and his next click finds no right."""
    his = reviewer.go(f"/requester/batches/{batch.ref}")
    hers = manager.go("/requester/team")
    hers.locator("summary", has_text="Change Rolf").click()
    manager.shot("team-as-owner-phone")
    manager.check()
    hers.locator("details[open] details summary", has_text="Remove").click()
    hers.get_by_role("button", name="Remove Rolf").click()
    expect(hers.get_by_text("Their rights and keys ended at once")).to_be_visible()
    his.get_by_role("link", name="Results").click()
    expect(his.get_by_text("This page is for members of an organisation")).to_be_visible()
    reviewer.shot("team-lost-a-page")
    reviewer.check()


def test_a_team_invites_works_hands_over_and_parts(visit: Visit, committed_world: World) -> None:
    world = committed_world
    mona, rolf = person("Mona"), person("Rolf")
    batch = moods(world, "Reviews of today", 20)
    world.fund(500)
    with visit(DESK) as owner, visit(PHONE) as manager, visit(PHONE) as reviewer:
        owner.sign_in(world.rita)
        page = owner.go("/requester")
        page.get_by_role("link", name="Team").click()
        owner.shot("team-alone")
        owner.check()
        to_mona = invite(page, "manager", "mona@example.net")
        owner.shot("team-invited")
        owner.check()
        to_rolf = invite(page, "reviewer")
        expect(page.get_by_text("Whoever has the link", exact=True)).to_be_visible()
        hers = join(manager, mona, to_mona, "Manager")
        his = join(reviewer, rolf, to_rolf, "Reviewer")
        reviewer.shot("team-as-reviewer")
        reviewer.check()
        expect(his.get_by_text("Invite somebody")).to_have_count(0)

        refuse_the_reviewer(reviewer, batch)
        hers.goto(f"{manager.site}/requester/batches/{batch.ref}")
        confirmed(hers, "Open the batch", "Open the batch")
        expect(hers.get_by_text("workers see it now")).to_be_visible()

        # The link that was used tells the next one so.
        hers.goto(to_rolf)
        expect(hers.get_by_text("already", exact=False).first).to_be_visible()

        hand_over(owner)
        lose_a_page(manager, reviewer, batch)
    assert (role_of(world, world.rita), role_of(world, mona)) == ("manager", "owner")
    assert role_of(world, rolf) is None
    assert orphans() == []


def test_a_key_is_made_shown_once_replaced_and_revoked(
    visit: Visit, committed_world: World
) -> None:
    world = committed_world
    with visit(PHONE) as visitor:
        visitor.sign_in(world.rita)
        page = visitor.go("/requester/team")
        page.get_by_role("link", name="Keys for programs").click()
        expect(page.get_by_role("heading", name="No keys yet")).to_be_visible()
        visitor.shot("keys-none")
        visitor.check()
        page.get_by_role("link", name="New key").click()
        page.get_by_label("Name").fill("nightly import")
        page.get_by_label("see projects, batches and progress").check()
        page.get_by_label("How long it works").select_option("90")
        visitor.shot("keys-new")
        visitor.check()
        page.get_by_role("button", name="Make the key").click()
        first = page.locator("[data-secret]").inner_text()
        assert first.startswith("fh_")
        visitor.shot("keys-shown-once")
        visitor.check()
        page.get_by_role("link", name="I have copied it").click()
        expect(page.get_by_text("nightly import")).to_be_visible()
        assert first not in page.content()
        confirmed(page, "Replace", "Replace")
        second = page.locator("[data-secret]").inner_text()
        assert second != first
        page.get_by_role("link", name="I have copied it").click()
        expect(page.get_by_text("Replaced", exact=True)).to_be_visible()
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        visitor.shot("keys-replaced")
        visitor.check()
        confirmed(page, "Revoke", "Revoke it")
        expect(page.get_by_text("the key opens nothing any more")).to_be_visible()
    assert ApiKey.objects.filter(organisation=world.organisation).count() == 1
