"""`fairhand bench`: measure what the server can do, on a platform made for it and removed after."""

import contextlib
import hashlib
import json as json_format
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from fairhand.bench import report
from fairhand.bench.place import Place
from fairhand.cli.terminal import say
from fairhand.host import tied
from fairhand.host.home import Home, checkout
from fairhand.host.place import scratch
from fairhand.host.refusal import HostError
from fairhand.host.refusal import gettext as _
from fairhand.host.server import running_platform

PEERS_LOCK = "requirements-peers.txt"

app = App(name="bench", help="Measure what the server can do.", help_format="plaintext")


@app.command
def claim(
    *,
    quick: Annotated[bool, Parameter(negative="")] = False,
    peers: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Hand pages in and take the next over HTTP, beside the bare SQL of the same transaction.

    Parameters
    ----------
    quick
        End within 45 seconds: shorter runs, 16 workers, and pages of one on 10,000 tasks only.
    peers
        Measure Label Studio in the same run. It is installed from PyPI into an environment of its
        own the first time; making its tables takes minutes.
    json
        Print the figures as one JSON object on the last line.
    """
    python = str(_peers_python()) if peers else None
    with _empty_home() as home, running_platform(kind="demo", home=home, say=say) as platform:
        options = {"place": Place.of(platform).written(), "quick": quick, "peers": python}
        figures = _measure(options, dict(platform.environment))
    print(report.as_text(figures), file=sys.stderr if json else sys.stdout, flush=True)
    if json:
        print(json_format.dumps(figures))


def _measure(options: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    ends_with_us = [sys.executable, "-I", "-S", tied.__file__, str(os.getpid())]
    done = subprocess.run(  # noqa: S603 - our own program
        [*ends_with_us, sys.executable, "-m", "fairhand.bench", json_format.dumps(options)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    try:
        figures = json_format.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise HostError(_("The benchmark broke off; its last words are above.")) from None
    if "trouble" in figures:
        raise HostError(figures["trouble"])
    assert isinstance(figures, dict)
    return figures


@contextlib.contextmanager
def _empty_home() -> Iterator[Home]:
    """Make a home that is removed afterwards; nothing of another installation is used or told."""
    for name in [name for name in os.environ if name.startswith("FAIRHAND_")]:
        if name not in {"FAIRHAND_ENV", "FAIRHAND_POSTGRES_BIN"}:
            del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="fairhand-bench-", dir=scratch(lasting=True)))
    try:
        if os.geteuid() == 0:
            folder.chmod(0o711)  # PostgreSQL's own user passes through
        yield Home.open(folder / "home")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _peers_python() -> Path:
    """Find the Python of the peers' own environment, making it from the lock file if need be."""
    here = checkout()
    uv = shutil.which("uv", path=f"{sys.prefix}/uv/bin{os.pathsep}{os.environ.get('PATH', '')}")
    if here is None or uv is None:
        raise HostError(
            _("Peers are measured from a checkout: run ./fairhand bench claim --peers.")
        )
    lock = here / PEERS_LOCK
    own = Path(sys.prefix)
    folder = own.with_name(f"{own.name}-peers")
    python, stamp = folder / "bin" / "python", folder / "locked"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return python
    say(_("Installing Label Studio into {path} …").format(path=folder))
    _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
    _run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(lock)])
    stamp.write_text(wanted, encoding="ascii")
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - uv
    if done.returncode:
        words = done.stderr.strip().splitlines() or [str(done.returncode)]
        raise HostError(_("The peer cannot be installed: {reason}").format(reason=words[-1]))
