"""`fairhand test`: every gate of this checkout, in order, each with its seconds."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fairhand.host.home import checkout
from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _
from fairhand.host.scratch import SETTING, scratch_database

FAST = "not slow and not browser and not nightly"
FULL = "not nightly"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# A developer's own installation is not what tests run on.
FOREIGN = ("FAIRHAND_DATABASE_URL", "FAIRHAND_HOME", "FAIRHAND_DEBUG", "FAIRHAND_KIND")


@dataclass
class Run:
    """The steps of one run: what they need, and which of them failed."""

    top: Path
    environment: dict[str, str]
    failed: list[str] = field(default_factory=list)

    def step(self, name: str, *command: str, folder: str = ".", shown: bool = False) -> None:
        """Run one gate and go on whatever comes of it; its output is shown if it fails."""
        begin = time.monotonic()
        done = subprocess.run(  # noqa: S603 - the gates below
            command,
            cwd=self.top / folder,
            env=self.environment,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.STDOUT,
        )
        good = done.returncode == 0
        if not good:
            self.failed.append(name)
            print(done.stdout or "", end="")
        word = _("passed") if good else _("FAILED")
        print(f"{name:<24} {word} {time.monotonic() - begin:7.1f} s", flush=True)


def test(
    *pytest: Annotated[str, Parameter(allow_leading_hyphen=True)],
    full: bool = False,  # noqa: PT028 - a command, not a test
    nightly: bool = False,  # noqa: PT028
) -> None:
    """Run every check of this checkout: style, types, borders, browser code, tests.

    Parameters
    ----------
    pytest
        After `--`: arguments for pytest; then nothing else runs.
    full
        Also the slow tests, the browser tests and the coverage that money and work must have.
    nightly
        Also the long figures of the test catalogue.
    """
    top = checkout()
    if top is None:
        raise HostError(_("The tests live in a checkout, and this is an installed package."))
    begin = time.monotonic()
    with _environment() as environment:
        run = Run(top, environment)
        if not pytest:
            _static(run)
        if full or nightly:
            _browser(run)
        _tests(run, list(pytest), full=full or nightly, marks="" if nightly else FULL)
    seconds = f"{time.monotonic() - begin:.0f} s"
    if run.failed:
        print(_("Failed: {names} ({seconds})").format(names=", ".join(run.failed), seconds=seconds))
        sys.exit(1)
    print(_("All passed ({seconds})").format(seconds=seconds))


@contextmanager
def _environment() -> Iterator[dict[str, str]]:
    """Give the gates a home and a key that are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fairhand-") as folder:
        key = Path(folder) / "secret.key"
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(64), encoding="ascii")
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
        home = f"{folder}/home"
        yield {**kept, "PATH": path, "FAIRHAND_HOME": home, "FAIRHAND_SECRET_FILE": str(key)}


def _static(run: Run) -> None:
    python = (sys.executable, "-m")
    run.step("ruff check", *python, "ruff", "check", "--quiet", ".", "fairhand")
    run.step("ruff format", *python, "ruff", "format", "--check", "--quiet", ".", "fairhand")
    run.step("mypy", *python, "mypy")
    launcher = ("--config-file=", "--cache-dir=.cache/mypy-launcher", "--strict", "fairhand")
    run.step("mypy of the launcher", *python, "mypy", *launcher)
    run.step("import-linter", str(Path(sys.executable).with_name("lint-imports")))
    if (run.top / "workbench" / "package.json").exists():
        run.step("workbench check", "npm", "run", "--silent", "check", folder="workbench")
        run.step("workbench tests", "npm", "test", "--silent", folder="workbench")


def _browser(run: Run) -> None:
    """Find Debian's Chromium, installing it where that is possible."""
    if not _found_browser() and shutil.which("apt-get"):
        if os.geteuid() == 0:
            install = "apt-get update -q && apt-get install -qy --no-install-recommends chromium"
            run.step("installing Chromium", "sh", "-c", install)
        else:
            print(_("The browser tests need Chromium: run `sudo apt-get install chromium`."))
    if found := _found_browser():
        run.environment["FAIRHAND_CHROMIUM"] = found
    else:
        run.failed.append("Chromium")
        print(_("No Chromium is here, so the browser tests cannot pass."))


def _found_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _tests(run: Run, arguments: list[str], *, full: bool, marks: str) -> None:
    """Run pytest on a PostgreSQL of its own, and with `full` hold the coverage to its bar."""
    chosen = arguments or ["-n", "2", "-q"]
    marks = marks if full else FAST
    if marks and "-m" not in arguments:
        chosen += ["-m", marks]
    if full:
        chosen += ["--cov=fairhand", "--cov-branch", "--cov-report="]
    with scratch_database() as url:
        run.environment[SETTING] = url
        run.step("pytest", sys.executable, "-m", "pytest", *chosen, shown=True)
    if full and not arguments:
        run.step("coverage", sys.executable, "-m", "fairhand.cli.gate", shown=True)
