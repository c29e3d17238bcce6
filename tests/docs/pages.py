"""What docs/states.md and docs/money.md take from the code; the tests beside this compare.

Run them with FAIRHAND_WRITE_DOCS=1 to write it into the pages.
"""

import importlib
import pkgutil
import re
from pathlib import Path

import fairhand
from fairhand.kit.lifecycle import Lifecycle
from fairhand.pay import events

TOP = Path(__file__).resolve().parents[2]
DOCS = TOP / "docs"
BLOCK = r"(<!-- {name}: [^\n]* -->\n).*?(<!-- end -->)"
# What each kind of account is for. A kind that is used by an event and missing here fails the test.
ACCOUNTS = {
    "bank": ("bank:<rail>:<currency>", "The world outside: below zero by what the house holds."),
    "deposit": ("deposit:<organisation>:<currency>", "A requester's money that is not reserved."),
    "escrow": ("escrow:<batch>:<currency>", "A batch's money, for its free slots and held pages."),
    "portal": (
        "portal:<portal>:<currency>",
        "What a portal kept of the prices of what was done through it.",
    ),
    "fee": ("fee:platform:<currency>", "What the platform earned."),
    "pending": (
        "pending:<worker>[@<portal>]:<currency>",
        "Earned; the requester may still look at it.",
    ),
    "payable": (
        "payable:<worker>[@<portal>]:<currency>",
        "Earned and accepted; the next payout run takes it.",
    ),
    "clearing": (
        "clearing:<payout run>:<currency>",
        "In a file, and not confirmed by the bank yet.",
    ),
}


def lifecycles() -> list[Lifecycle]:
    """Every lifecycle that a package declares, in the order of the packages' names."""
    found: dict[str, Lifecycle] = {}
    for module in pkgutil.walk_packages(fairhand.__path__, "fairhand."):
        if module.name.endswith(".models"):
            members = vars(importlib.import_module(module.name)).values()
            found |= {member.name: member for member in members if isinstance(member, Lifecycle)}
    order = (
        *("batch", "assignment", "payout run", "payout item", "approval", "mail"),
        *("identity check", "same person", "appeal", "media import"),
        *("data export", "deletion of an account"),
    )
    return sorted(found.values(), key=lambda lifecycle: order.index(lifecycle.name))


def lifecycle_block(lifecycle: Lifecycle) -> str:
    """One lifecycle: its drawing, and a sentence for each arrow."""
    sources = {move.source for move in lifecycle.moves}
    targets = {move.target for move in lifecycle.moves}
    arrows = [f"    [*] --> {state}" for state in lifecycle.states.values if state not in targets]
    arrows += [f"    {move.source} --> {move.target}" for move in lifecycle.moves]
    arrows += [f"    {state} --> [*]" for state in lifecycle.states.values if state not in sources]
    rows = [f"| {move.source} | {move.target} | {move.why} |" for move in lifecycle.moves]
    title = f"## {lifecycle.name.capitalize()}"
    drawing = ["```mermaid", "stateDiagram-v2", *arrows, "```"]
    table = ["| from | to | when |", "| --- | --- | --- |", *rows]
    return "\n".join([title, "", *drawing, "", *table, ""])


def events_block() -> str:
    rows = [f"| `{e.reason}` | {e.debit} | {e.credit} | {e.when} |" for e in events.EVENTS]
    return "\n".join(["| reason | from | to | when |", "| --- | --- | --- | --- |", *rows, ""])


def accounts_block() -> str:
    rows = [f"| {kind} | `{code}` | {what} |" for kind, (code, what) in ACCOUNTS.items()]
    return "\n".join(["| kind | code | what it holds |", "| --- | --- | --- |", *rows, ""])


def written(name: str) -> str:
    """A page with its blocks as the code has them now."""
    text = (DOCS / name).read_text(encoding="utf-8")
    blocks = {
        "lifecycles": "\n" + "\n".join(map(lifecycle_block, lifecycles())),
        "events": "\n" + events_block(),
        "accounts": "\n" + accounts_block(),
    }
    for block, content in blocks.items():
        place = re.search(BLOCK.format(name=block), text, re.DOTALL)
        if place is not None:
            text = text[: place.end(1)] + content + text[place.start(2) :]
    return text
