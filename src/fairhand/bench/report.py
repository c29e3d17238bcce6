"""The report as a table for people; the figures are those of the JSON object."""

from collections.abc import Mapping
from typing import Any

from fairhand.host.refusal import gettext as _

Figures = Mapping[str, Any]


def as_text(figures: Figures) -> str:
    """Write the script that pgbench ran, a line for each measurement, and what they come to."""
    lines = [_("Bare SQL, run by pgbench (-M prepared) as:"), "", figures["script"].rstrip(), ""]
    rows = [
        [
            _("tasks"), _("page"), _("workers"), _("answers/s"), "p50 ms", "p95 ms",
            _("CPU ms/answer"), _("load, cores"), _("refused"), _("bare SQL/s"), _("ratio"),
        ]
    ]  # fmt: skip
    rows += [_row(cell) for cell in figures["cells"]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines += [
        "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines += ["", *_sums(figures)]
    return "\n".join(lines)


def _row(cell: Figures) -> list[str]:
    bare, ratio = cell["bare_answers_per_second"], cell["ratio"]
    return [
        f"{cell['tasks']:,}",
        str(cell["page"]),
        str(cell["workers"]),
        f"{cell['answers_per_second']:,.0f}",
        f"{cell['p50_ms']:.1f}",
        f"{cell['p95_ms']:.1f}",
        f"{cell['cpu_ms_per_answer']:.3f}",
        f"{cell['load_share']:.2f}",
        str(cell["refused"]),
        "" if bare is None else f"{bare:,.0f}",
        "" if ratio is None else f"{ratio:.2f}",
    ]


def _sums(figures: Figures) -> list[str]:
    told = [
        (_("HTTP to bare SQL, pages of 1"), f"{figures['ratio_page_1']:.2f}"),
        (_("HTTP to bare SQL, pages of 10"), f"{figures['ratio_page_10']:.2f}"),
        (
            _("p95 at a million tasks to that at 10,000"),
            f"{figures['p95_ms_1m'] / figures['p95_ms_10k']:.2f}",
        ),
        (_("refused"), str(figures["refused"])),
        (_("given out beyond what was wanted"), str(figures["surplus"])),
    ]
    if "label_studio" in figures:
        theirs = figures["label_studio"]
        told += [
            (_("Label Studio, answers/s with 4 workers"), _one(theirs, 4)),
            (_("Label Studio, answers/s with 16 workers"), _one(theirs, 16)),
            (_("Label Studio, CPU ms/answer"), f"{theirs['cpu_ms_per_answer']:.0f}"),
            (
                _("Fairhand to Label Studio, pages of 1"),
                f"{figures['times_label_studio_page_1']:,.0f}",
            ),
            (
                _("Fairhand to Label Studio, pages of 10"),
                f"{figures['times_label_studio_page_10']:,.0f}",
            ),
        ]
    width = max(len(name) for name, _value in told)
    return [f"{name:<{width}}  {value}" for name, value in told]


def _one(theirs: Figures, workers: int) -> str:
    return f"{theirs[f'answers_per_second_{workers}_workers']:.1f}"
