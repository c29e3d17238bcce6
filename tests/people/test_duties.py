"""Operators' duties: what opens to whom, and that an administrator always remains."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from fairhand.kit.decision import Refusal
from fairhand.people.accounts import make_operator
from fairhand.people.duties import duties_of, has_duty, may_operate
from fairhand.people.models import Account, Duty, Notice, Operator
from fairhand.people.operators import LAST_ADMIN, set_duties
from tests.people.every_action import BACKEND
from tests.people.test_commands import EVE, GOOD, run, type_in, typed
from tests.world import World

__all__ = ["typed"]
OPENS = {
    "/operator": set(Duty),
    "/operator/approvals": set(Duty),
    "/operator/payouts": {Duty.FINANCE},
    "/operator/payouts/payer": {Duty.FINANCE},
    "/operator/deposits": {Duty.FINANCE},
    "/operator/ledger": {Duty.FINANCE},
    "/operator/restrictions": {Duty.QUALITY},
    "/operator/accounts": {Duty.SUPPORT},
    "/operator/operators": {Duty.ADMIN},
    "/operator/trail": {Duty.ADMIN},
}


@pytest.mark.parametrize("duty", list(Duty))
def test_a_duty_opens_its_pages_and_the_menu_shows_no_others(world: World, duty: Duty) -> None:
    make_operator(world.oscar, [duty])
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.oscar, backend=BACKEND)
    menu = client.get("/operator").content.decode()
    for part in set(re.findall(r'href="(/operator/\w+)"', menu)):  # each has its pages as tabs
        menu += client.get(part).content.decode()
    for page, duties in OPENS.items():
        answer = client.get(page)
        assert answer.status_code == (200 if duty in duties else 403), page
        if page.count("/") == 2:
            assert (f'href="{page}"' in menu) == (duty in duties), page


def operators_pages() -> list[tuple[str, str]]:
    """Every page for operators, with the duty that it says it takes: from the URL patterns."""
    found = []
    for route, view in views():
        opens = getattr(view, "opens_to", None)
        if opens is not None and opens.who == "operators":
            found.append((route, str(opens.need)))
    return found


def views(patterns: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            yield from views(one.url_patterns, before + str(one.pattern))
        else:
            yield before + str(one.pattern), one.callback


def test_every_page_for_operators_takes_its_duty_whatever_is_asked(world: World) -> None:
    found = operators_pages()
    assert len(found) > 25
    assert {need for _route, need in found} >= {"", "admin", "finance", "quality", "support"}
    for duty in Duty:
        make_operator(world.oscar, [duty])
        Operator.objects.filter(account=world.oscar).update(duties=[duty])
        client = Client(raise_request_exception=False)
        client.force_login(world.oscar, backend=BACKEND)
        for route, need in found:
            address = "/" + re.sub(r"<(?:\w+:)?\w+>", "1", route.replace("<step:action>", "send"))
            for ask in (client.get, client.post):
                answer = ask(address)
                refused = answer.status_code == 403
                if answer.status_code != 405:  # what only takes a form
                    assert refused == bool(need and duty not in need.split(" or ")), (
                        duty,
                        route,
                        answer.status_code,
                    )


def test_a_refusal_names_the_duty_that_is_missing(world: World) -> None:
    make_operator(world.oscar, [Duty.SUPPORT])
    answer = has_duty(world.oscar, Duty.FINANCE)
    assert isinstance(answer, Refusal)
    assert "“finance”" in str(answer)


def test_who_is_no_operator_hears_that_and_no_duty(world: World) -> None:
    answer = may_operate(world.rita, Duty.FINANCE)
    assert isinstance(answer, Refusal)
    assert answer.code == "not_an_operator"


def test_duties_are_given_and_taken_and_the_person_is_told(world: World) -> None:
    assert set_duties(world.oscar, [Duty.QUALITY, Duty.FINANCE], world.olga)
    assert duties_of(world.oscar) == {Duty.QUALITY, Duty.FINANCE}
    assert set_duties(world.oscar, [], world.olga)
    assert not Operator.objects.filter(account=world.oscar).exists()
    told = Notice.objects.filter(account=world.oscar, kind="decision.duties_changed")
    assert [notice.params["duties"] for notice in told.order_by("pk")] == [
        "finance, quality",
        "none",
    ]


def test_the_last_administrator_stays(world: World) -> None:
    assert set_duties(world.olga, [Duty.FINANCE], world.olga) is LAST_ADMIN
    assert set_duties(world.olga, [], world.olga) is LAST_ADMIN
    assert Duty.ADMIN in duties_of(world.olga)
    make_operator(world.oscar, [Duty.ADMIN])
    Account.objects.filter(pk=world.oscar.pk).update(is_active=False)
    assert set_duties(world.olga, [], world.olga) is LAST_ADMIN, "the other one cannot sign in"
    Account.objects.filter(pk=world.oscar.pk).update(is_active=True)
    assert set_duties(world.olga, [Duty.FINANCE], world.olga)


def test_the_command_line_gives_single_duties(world: World, typed: object) -> None:
    type_in(typed, GOOD)  # type: ignore[arg-type]
    said = run("account", EVE, "--duty", "finance", "--duty", "support")
    assert said == f"{EVE}: operator for finance, support"
    run("account", EVE, "--duty", "quality")
    eve = Account.objects.get(email=EVE)
    assert duties_of(eve) == {Duty.FINANCE, Duty.SUPPORT, Duty.QUALITY}
