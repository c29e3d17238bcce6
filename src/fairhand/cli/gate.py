"""The coverage gate: money and work are covered to the last branch, with no excuse marks.

`python -m fairhand.cli.gate` reads what pytest recorded in `.cache/coverage`. A `pragma: no cover`
counts for nothing here; only what cannot run at all (imports for the type checker, the bodies of
protocols) is left out.
"""

import json
import sys
import tempfile
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import CoverageException

COVERED = ("ledger", "pay", "work")
CANNOT_RUN = [r"^\s*if TYPE_CHECKING:", r"^\s*\.\.\.\s*$", r":\s*\.\.\.\s*$"]
NEVER = r"(?!)"


def measured(include: str) -> dict[str, dict[str, list[object]]]:
    """Give each measured file's missing lines and branches."""
    coverage = Coverage(config_file="pyproject.toml")
    coverage.load()
    coverage.set_option("report:exclude_lines", CANNOT_RUN)
    coverage.set_option("report:exclude_also", [])
    coverage.set_option("report:partial_branches", [NEVER])
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        coverage.json_report(include=[include], outfile=file.name)
        files = json.loads(Path(file.name).read_text(encoding="utf-8"))["files"]
    return {
        name: {"lines": facts["missing_lines"], "branches": facts["missing_branches"]}
        for name, facts in files.items()
    }


def gaps(package: str) -> list[str]:
    """List what no test has run in `package`, a line a file; a package without files is one gap."""
    found = measured(f"src/fairhand/{package}/*")
    if not found:
        return [f"src/fairhand/{package}: nothing was measured"]
    told = []
    for name, missing in sorted(found.items()):
        parts = [f"{what} {missing[what]}" for what in ("lines", "branches") if missing[what]]
        if parts:
            told.append(f"{name}: {', '.join(parts)}")
    return told


def main() -> int:
    """Print the gaps and the total; 1 if there are any."""
    try:
        told = [line for package in COVERED for line in gaps(package)]
        total = Coverage(config_file="pyproject.toml")
        total.load()
        with tempfile.TemporaryFile("w") as nowhere:
            share = total.report(file=nowhere)
    except CoverageException as error:
        print(f"There is no coverage to judge: {error}")
        return 1
    for line in told:
        print(f"not covered: {line}")
    print(f"branch coverage of everything: {share:.1f} %; of {', '.join(COVERED)}: 100 % wanted")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
