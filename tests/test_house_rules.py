"""The house rules, as far as a program can see them: sizes, borders, words, and what may not be."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from fairhand.kit.sql import PACKAGE
from fairhand.pay.events import EVENTS

TOP = Path(__file__).resolve().parents[1]
SOURCE = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((TOP / "tests").rglob("*.py"))
CODE = [path for path in [*SOURCE, *TESTS] if "migrations" not in path.parts]
# The packages that a request runs through; beside them stand the client, the benches and the host.
SERVER = ("kit", "ledger", "people", "pay", "projects", "quality", "work", "api", "web", "jobs")
MONEY = ("ledger", "pay")
LONGEST_FUNCTION, LONGEST_FILE, LONGEST_TEST_FILE, WIDEST_LINE = 50, 400, 600, 100
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "services", "misc"}
HTTP = {"http.client", "urllib.request", "urllib3", "requests", "httpx", "httpx2", "aiohttp"}
HTTP |= {"httpcore", "httpcore2", "h11", "h2", "socket", "ssl", "websockets"}
# In parts, or this file would be its own first find.
MARKS = ("TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:", "Not" + "ImplementedError")
EXCUSES = ("pragma: " + "no cover", "pragma: " + "no branch")
PATHS = re.compile(
    "/(?:"
    + "|".join(("wo" + r"rk/(?:main|shared|\.)", "ro" + "ot/", "ho" + r"me/\w", "Us" + "ers/"))
    + ")"
)
# Words of other platforms for things that have one name here; see docs/glossary.md.
FOREIGN = (
    *("annotator", "turker", "freelancer", "honeypot", "wallet", "crowdworker", "crowdsourcer"),
    *("requestor", "withdrawal", "labeler", "labeller", "commission"),
)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def at(path: Path, line: int) -> str:
    return f"{path.relative_to(TOP)}:{line}"


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, with its line; `from a import b` gives a and a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def committed() -> list[Path]:
    told = subprocess.run(
        ["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=False
    )
    if told.returncode:
        pytest.skip("this is no git checkout")
    return [path for name in told.stdout.split("\0") if (path := TOP / name).is_file()]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which for a command is its whole manual."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None and len(function.body) > 1:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def test_functions_stop_at_fifty_lines() -> None:
    long = [
        f"{at(path, function.lineno)} {function.name}"
        for path in CODE
        for function in functions(path)
        if length(function) > LONGEST_FUNCTION
    ]
    assert long == []


def test_files_stop_at_four_hundred_lines_and_tests_at_six_hundred() -> None:
    long = [
        f"{path.relative_to(TOP)}: {count}"
        for path in CODE
        for count in [len(path.read_text(encoding="utf-8").splitlines())]
        if count > (LONGEST_FILE if path in SOURCE else LONGEST_TEST_FILE)
    ]
    assert long == []


def test_lines_stop_at_a_hundred_columns() -> None:
    files = [path for path in CODE if path in SOURCE] + sorted(PACKAGE.rglob("*.sql"))
    wide = [
        at(path, number)
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(re.sub(r"  # (?:noqa|type):.*", "", line)) > WIDEST_LINE
    ]
    assert wide == []


def test_every_return_is_annotated() -> None:
    bare = [
        f"{at(path, function.lineno)} {function.name}"
        for path in CODE
        for function in functions(path)
        if function.returns is None
    ]
    assert bare == []


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = [
        at(path, node.lineno)
        for path in CODE
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_there_are_no_signals() -> None:
    signals = ("django.dispatch", "django.db.models.signals", "django.core.signals")
    found = [
        at(path, line)
        for path in SOURCE
        for module, line in imports(path)
        if module.startswith(signals)
    ]
    assert found == []


def test_saving_has_no_side_effects() -> None:
    """No model of ours writes its own `save` or `delete`."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("fairhand.")]
    assert ours
    assert [model for model in ours if {"save", "delete"} & vars(model).keys()] == []


def test_no_module_is_named_after_nothing() -> None:
    assert [path for path in CODE if NO_NAMES & {path.stem, *path.parent.parts[-3:]}] == []


def test_only_the_way_out_speaks_to_the_world_outside() -> None:
    """SS-8: in the server's packages, only kit.egress may hold an HTTP client.

    web.oidc.asking speaks to allauth in the words of `requests`, and asks through kit.egress.
    """
    allowed = {PACKAGE / "kit" / "egress.py", PACKAGE / "web" / "oidc" / "asking.py"}
    found = [
        f"{at(path, line)} {module}"
        for name in SERVER
        for path in sorted((PACKAGE / name).rglob("*.py"))
        for module, line in imports(path)
        if module in HTTP and path not in allowed
    ]
    assert found == []


def test_money_is_never_a_fraction() -> None:
    """LG-7: where money is moved there is no float, no decimal point and no true division."""
    found = []
    for path in [
        *(p for n in MONEY for p in (PACKAGE / n).rglob("*.py")),
        PACKAGE / "kit/money.py",
    ]:
        for node in ast.walk(tree(path)):
            fraction = (
                (isinstance(node, ast.Name) and node.id == "float")
                or (isinstance(node, ast.Constant) and isinstance(node.value, float))
                or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
            )
            if fraction and not _is_path(node):
                found.append(at(path, node.lineno))  # type: ignore[attr-defined]
    assert found == []


def _is_path(node: ast.AST) -> bool:
    """`folder / "name"` divides nothing."""
    return isinstance(node, ast.BinOp) and any(
        isinstance(side, ast.Constant) and isinstance(side.value, str)
        for side in (node.left, node.right)
    )


def test_every_transfer_has_a_reason_of_the_closed_list() -> None:
    """Whoever posts an entry names one of pay.events; nobody makes up a reason of their own."""
    known = {event.reason for event in EVENTS}
    used = set()
    for path in [p for name in SERVER for p in (PACKAGE / name).rglob("*.py")]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                used |= _reasons(node) if node.func.id == "Entry" else set()
    sql = (PACKAGE / "pay/sql/earn.sql").read_text(encoding="utf-8")
    used |= set(re.findall(r"p_currency, '(\w+)'", sql))
    assert used - {"reason"} <= known
    assert {"earn", "fee", "reserve", "release", "deposit", "accept", "payout"} <= used


def _reasons(call: ast.Call) -> set[str]:
    reason = call.args[4] if len(call.args) > 4 else None
    if isinstance(reason, ast.Constant):
        return {str(reason.value)}
    return {reason.id} if isinstance(reason, ast.Name) else set()


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{at(path, number)} {mark}"
        for path in committed()
        if path.suffix in {".py", ".sql", ".ts", ".svelte", ".css", ".html"}
        and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for mark in (*MARKS, *EXCUSES)
        if re.search(rf"(?<!\w){re.escape(mark)}", line) and not _tells_of(line, mark)
    ]
    assert found == []


def _tells_of(line: str, mark: str) -> bool:
    """A sentence about the mark is not the mark."""
    return f"`{mark}`" in line


def test_no_committed_file_names_a_folder_of_somebodys_machine() -> None:
    found = []
    for path in committed():
        if path.suffix in {".png", ".jpg", ".woff2", ".ico", ".parquet"}:
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        found += [
            at(path, number)
            for number, line in enumerate(text.splitlines(), 1)
            if (hit := PATHS.search(line)) and _begins_a_path(line, hit.start())
        ]
    assert found == []


def _begins_a_path(line: str, start: int) -> bool:
    """`/work/` as the start of a path, not inside an address such as /api/v1/work/."""
    return start == 0 or line[start - 1] in " \"'`=:("


def test_the_words_of_other_platforms_are_not_used_for_ours() -> None:
    sources = [path for name in SERVER for path in (PACKAGE / name).rglob("*") if path.is_file()]
    texts = [path for path in sources if path.suffix in {".py", ".html", ".sql", ".txt"}]
    pattern = re.compile(rf"\b(?:{'|'.join(FOREIGN)})s?\b", re.IGNORECASE)
    found = [
        f"{at(path, number)} {hit[0]}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (hit := pattern.search(line))
    ]
    assert found == []


@pytest.mark.django_db
def test_the_tables_are_as_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.slow
def test_packages_import_only_what_is_below_them() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
