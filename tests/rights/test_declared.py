"""No page and no operation without saying whom it opens to."""

import os

import pytest

from fairhand.kit.decision import Refusal
from fairhand.people.models import Duty, Member
from fairhand.people.portals import PortalRight
from fairhand.people.rights import (
    LACKING,
    MEANING,
    OF_SCOPES,
    REFUSALS,
    RIGHTS,
    ROLE_MEANING,
    ROLE_NAMES,
    Permission,
    grantable,
    permissions_of,
    scopes_of,
)
from tests.rights.declared import PAGE, Operation, Route, operations, page, routes

WHO = {"everybody", "signed in", "workers", "members", "operators", "portal staff"}


@pytest.mark.parametrize("route", list(routes()), ids=str)
def test_every_page_says_whom_it_opens_to(route: Route) -> None:
    opens_to = route.opens_to
    assert opens_to is not None, "use a decorator of web/access.py"
    assert opens_to.who in WHO
    if opens_to.who == "members":
        assert opens_to.need in list(Permission)
    if opens_to.who == "portal staff":
        assert opens_to.need in list(PortalRight)
    if opens_to.who == "operators":
        assert set(opens_to.need.split(" or ")) <= {"", *Duty.values}


@pytest.mark.parametrize("operation", list(operations()), ids=str)
def test_every_operation_says_which_permission_it_needs(operation: Operation) -> None:
    side, scope = operation.details["x-side"], operation.details["x-scope"]
    if side == "organisation":
        assert operation.permission in OF_SCOPES[scope]
    else:
        assert operation.permission is None
        assert scope in {None, "work"}


def test_a_page_that_says_nothing_is_found() -> None:
    assert Route("new", "new", lambda _request: None).opens_to is None


def test_the_page_of_rights_holds_what_the_code_holds() -> None:
    """To mend it, run this with FAIRHAND_WRITE_DOCS=1."""
    if os.environ.get("FAIRHAND_WRITE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_role_and_permission_has_its_words() -> None:
    assert set(RIGHTS) == set(MEANING) == set(LACKING) == set(REFUSALS) == set(Permission)
    assert set(ROLE_NAMES) == set(ROLE_MEANING) == set(Member.Role)
    assert all(isinstance(refusal, Refusal) for refusal in REFUSALS.values())
    assert all(refusal.status == 403 for refusal in REFUSALS.values())


def test_an_owner_may_do_everything_and_a_viewer_only_look() -> None:
    assert permissions_of("owner") == frozenset(Permission)
    assert permissions_of("viewer") == {Permission.SEE}
    assert permissions_of(None) == permissions_of("emperor") == frozenset()


@pytest.mark.parametrize("role", [*Member.Role.values, None])
def test_nobody_can_give_a_role_that_may_do_more(role: str | None) -> None:
    for given in grantable(role):
        assert permissions_of(given) <= permissions_of(role)
    assert bool(grantable(role)) is (role in RIGHTS[Permission.TEAM])


def test_a_keys_scopes_are_those_that_its_members_role_can_use() -> None:
    assert scopes_of("owner") == list(OF_SCOPES)
    assert scopes_of("billing") == ["projects:read", "money:read"]
    assert scopes_of("viewer") == ["projects:read"]
    assert scopes_of(None) == []
