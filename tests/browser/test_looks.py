"""Every page on a phone and on a desk, in light and dark: open to everybody, and quiet."""

import pytest

from fairhand.people.models import Account
from tests.browser.conftest import DESK, PHONE, Visit
from tests.web.scene import Scene
from tests.web.test_pages import ANYBODY, OPERATOR, REQUESTER, WORKER, address

SIZES = {"phone": PHONE, "desk": DESK}


def name_of(template: str) -> str:
    """The name of a page's screenshot: its address without what stands in braces."""
    plain = "".join(c if c.isalnum() else "-" for c in template)
    return plain.strip("-").replace("--", "-") or "home"


def tour(visit: Visit, account: Account | None, pages: list[str], scene: Scene) -> None:
    with visit() as visitor:
        if account is not None:
            visitor.sign_in(account)
        for template in pages:
            page = visitor.go(address(template, scene))
            page.wait_for_selector("h1")
            if page.query_selector("figure[data-chart]"):
                page.wait_for_selector(".chart-plot svg")
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                for size, (width, height) in SIZES.items():
                    page.set_viewport_size({"width": width, "height": height})
                    visitor.shot(f"{name_of(template)}-{size}-{theme}")
                    visitor.check()
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    assert wide <= width, f"{template} is {wide} wide at {width}"


TOURS = {
    "nobody": [
        *ANYBODY,
        "/enter/some-link",
        "/no-such-page",
        "/gallery/",
    ],
    "ada": [
        *WORKER,
        "/notices",
        "/notices/wishes",
        "/account",
        "/account/trail",
        "/accounts/elsewhere/",
        "/accounts/password/change/",
        "/accounts/logout/",
    ],
    "cleo": ["/work/{open}", "/appeals"],
    "rita": REQUESTER,
    "olga": OPERATOR,
}
HALVES = [(who, half) for who in TOURS for half in (0, 1)]


def screenshots() -> set[str]:
    """The names of all screenshots that are made here."""
    return {
        f"{name_of(template)}-{size}-{theme}"
        for pages in TOURS.values()
        for template in pages
        for size in SIZES
        for theme in ("light", "dark")
    }


@pytest.mark.parametrize(("who", "half"), HALVES)
def test_pages_look_right_and_keep_nobody_out(
    visit: Visit, committed_scene: Scene, who: str, half: int
) -> None:
    world = committed_scene.world
    accounts = {
        "ada": world.ada.account,
        "cleo": committed_scene.cleo.account,
        "rita": world.rita,
        "olga": world.olga,
    }
    tour(visit, accounts.get(who), TOURS[who][half::2], committed_scene)
