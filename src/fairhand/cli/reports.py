"""What `demo` and `replay` tell at their end, for people."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from fairhand.host.refusal import gettext as _

MICROS = 1_000_000
CENT_DECIMALS = 2


def show_demo(console: Console, report: Mapping[str, Any]) -> None:
    """Print a demonstration's report."""
    console.print()
    _facts(
        console,
        [
            (_("tasks"), f"{report['tasks']:,}"),
            (_("answers"), f"{report['answers']:,}"),
            (_("accuracy against the truth"), _share(report["accuracy"])),
            (_("the same by plain majority"), _share(report["accuracy_majority"])),
            (_("cost"), _euros(report["cost_micros"])),
            (_("of which the platform's fee"), _euros(report["fees_micros"])),
            (_("paid out"), _euros(report["paid_micros"])),
            *_books(report),
            (_("seconds"), f"{report['seconds']:.1f}"),
        ],
    )
    console.print(Padding(_kinds(report), (1, 0)))
    _files(console, (_("Payout file"), "payout_file"), (_("Results"), "results_file"), told=report)


def show_replay(console: Console, report: Mapping[str, Any]) -> None:
    """Print a replay's report."""
    console.print()
    accuracy = [
        (_("accuracy against the truth"), _share(report["accuracy"])),
        (_("the same by plain majority"), _share(report["accuracy_majority"])),
    ]
    if report["accuracy"] is None:
        accuracy = [(_("accuracy"), _("the truth was made from these same answers"))]
    unanswered = [(_("scored tasks without answer"), f"{report['unanswered']:,}")]
    _facts(
        console,
        [
            (_("data set"), report["dataset"]),
            (_("tasks"), f"{report['tasks']:,}"),
            (_("workers"), f"{report['workers']:,}"),
            (_("answers"), f"{report['answers']:,}"),
            (_("answers per task"), f"{report['answers_per_task']:.2f}"),
            *accuracy,
            *(unanswered if report["unanswered"] else []),
            (_("restricted workers"), f"{report['restricted_workers']:,}"),
            (_("cost"), _euros(report["cost_micros"])),
            (_("paid out"), _euros(report["paid_micros"])),
            *_books(report),
            (_("seconds"), f"{report['seconds']:.1f}"),
        ],
    )
    _files(console, (_("Payout file"), "payout_file"), told=report)


def show_links(console: Console, links: Mapping[str, Mapping[str, str]]) -> None:
    """Print who can sign in, and how. Never wrapped, so that they can be clicked and copied."""
    roles = {"worker": _("worker"), "requester": _("requester"), "operator": _("operator")}
    console.print()
    console.print(_("Sign in as (each link works once, on this machine):"))
    for role, link in links.items():
        console.print(Text(f"  {roles[role]:<10} {link['name']:<14} {link['url']}"), soft_wrap=True)
    console.print()


def _kinds(report: Mapping[str, Any]) -> Table:
    """A line for each kind of worker."""
    names = {"honest": _("honest"), "sloppy": _("sloppy"), "cheating": _("cheating")}
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(_("kind of worker"))
    for heading in (_("workers"), _("answers"), _("gold right"), _("restricted"), _("earned")):
        table.add_column(heading, justify="right")
    for kind, earned in report["earnings_by_kind"].items():
        row = report["kinds"][kind]
        table.add_row(
            names[kind],
            str(row["workers"]),
            f"{row['answers']:,}",
            f"{row['gold_right']} / {row['gold_seen']}",
            str(row["restricted"]),
            _euros(earned),
        )
    return table


def _books(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("ledger"), _("balances") if report["ledger_balanced"] else _("DOES NOT BALANCE")),
        (_("payout file"), _("valid") if report["payout_valid"] else _("NOT VALID")),
    ]


def _facts(console: Console, facts: list[tuple[str, str]]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for name, value in facts:
        table.add_row(name, Text(value))
    console.print(table)


def _files(console: Console, *names: tuple[str, str], told: Mapping[str, Any]) -> None:
    for name, key in names:
        console.print(Text(f"{name}: {told[key]}"), soft_wrap=True)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _euros(micros: int) -> str:
    """Whole cents where the amount has no less, more digits where it has."""
    whole, rest = divmod(micros, MICROS)
    digits = f"{rest:06d}".rstrip("0").ljust(CENT_DECIMALS, "0")
    return f"{whole:,}.{digits} EUR"
