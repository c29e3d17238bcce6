"""The documentation says what the code does."""

import os
import re
from pathlib import Path

import pytest

from fairhand.pay import events
from tests.docs.pages import ACCOUNTS, DOCS, TOP, lifecycles, written

PAGES = sorted(DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", ["states.md", "money.md"])
def test_a_page_holds_what_the_code_holds(page: str) -> None:
    """To mend it, run this with FAIRHAND_WRITE_DOCS=1."""
    if os.environ.get("FAIRHAND_WRITE_DOCS"):
        (DOCS / page).write_text(written(page), encoding="utf-8")
    assert (DOCS / page).read_text(encoding="utf-8") == written(page)


def test_the_pages_have_places_for_what_the_code_holds() -> None:
    states, money = written("states.md"), written("money.md")
    assert all(move.why in states for lifecycle in lifecycles() for move in lifecycle.moves)
    assert all(event.when in money for event in events.EVENTS)
    assert all(code in money for code, _ in ACCOUNTS.values())


def test_every_kind_of_account_is_explained_and_spelled_as_in_the_code() -> None:
    kinds = {
        kind
        for event in events.EVENTS
        for side in (event.debit, event.credit)
        for kind in side.split(" or ")
    }
    assert kinds == set(ACCOUNTS)
    made = {
        "bank": events.bank("<rail>", "<currency>"),
        "deposit": events.deposit("<organisation>", "<currency>"),
        "escrow": events.escrow("<batch>", "<currency>"),
        "portal": events.portal("<portal>", "<currency>"),
        "fee": events.fee("<currency>"),
        "pending": events.pending("<worker>[@<portal>]", "<currency>"),
        "payable": events.payable("<worker>[@<portal>]", "<currency>"),
        "clearing": events.clearing("<payout run>", "<currency>"),
    }
    assert {kind: code for kind, (code, _) in ACCOUNTS.items()} == made


def test_an_event_has_one_line() -> None:
    reasons = [event.reason for event in events.EVENTS]
    assert len(reasons) == len(set(reasons))


def test_every_arrow_is_one_sentence_and_leads_between_states_there_are() -> None:
    for lifecycle in lifecycles():
        arrows = [(move.source, move.target) for move in lifecycle.moves]
        assert len(arrows) == len(set(arrows))
        assert {state for arrow in arrows for state in arrow} == set(lifecycle.states.values)
        assert all(re.fullmatch(r"[A-Z].*\.", move.why) for move in lifecycle.moves)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    ours = [link for link in links if "://" not in link and not link.startswith(("/", "mailto:"))]
    assert [link for link in ours if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:src|tests|docs|workbench)/[\w./-]+\.\w+)", text))
    roots = (TOP, TOP / "workbench")
    lost = [name for name in named if not any((root / name).exists() for root in roots)]
    assert sorted(lost) == []
