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
    for size, measures in SIZES.items():
        for dark in (False, True):
            with visit(measures, dark=dark) as visitor:
                if account is not None:
                    visitor.sign_in(account)
                for template in pages:
                    page = visitor.go(address(template, scene))
                    page.wait_for_load_state("networkidle")
                    theme = "dark" if dark else "light"
                    visitor.shot(f"{name_of(template)}-{size}-{theme}")
                    visitor.check()
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    assert wide <= measures[0], f"{template} is {wide} wide"


def test_the_door_looks_right(visit: Visit, committed_scene: Scene) -> None:
    tour(visit, None, [*ANYBODY, "/no-such-page"], committed_scene)


def test_workers_pages_look_right(visit: Visit, committed_scene: Scene) -> None:
    tour(visit, committed_scene.world.ada.account, [*WORKER, "/account"], committed_scene)


def test_a_restricted_workers_pages_look_right(visit: Visit, committed_scene: Scene) -> None:
    pages = ["/work", "/work/{open}", "/work/{open}/ask"]
    tour(visit, committed_scene.cleo.account, pages, committed_scene)


def test_requesters_pages_look_right(visit: Visit, committed_scene: Scene) -> None:
    tour(visit, committed_scene.world.rita, REQUESTER, committed_scene)


@pytest.mark.parametrize("first", [True, False])
def test_operators_pages_look_right(visit: Visit, committed_scene: Scene, first: bool) -> None:
    half = len(OPERATOR) // 2
    pages = OPERATOR[:half] if first else OPERATOR[half:]
    tour(visit, committed_scene.world.olga, pages, committed_scene)
