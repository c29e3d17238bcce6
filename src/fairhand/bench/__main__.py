"""`python -m fairhand.bench OPTIONS`: what the command runs beside a platform.

A program of its own, because the server's code reads its settings from the environment once, and
the platform's environment is known only when it runs. OPTIONS is a JSON object; the answer is one
JSON object on standard output, `{"trouble": sentence}` where it could not be measured.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from fairhand.bench import bare, claim, label_studio, load, peers  # noqa: E402 - needs the settings
from fairhand.bench.place import Place  # noqa: E402

INTERRUPTED = 130  # what shells report for Ctrl-C


def main() -> None:
    """Measure what OPTIONS asks for."""
    options = json.loads(sys.argv[1])
    try:
        figures = _measure(options)
    except (bare.BareRunError, load.ServerHangsError, label_studio.PeerError) as error:
        figures = {"trouble": str(error)}
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    print(json.dumps(figures), flush=True)


def _measure(options: dict[str, Any]) -> dict[str, Any]:
    effort = claim.QUICK if options["quick"] else claim.FULL
    bench = claim.Bench(Place.read(options["place"]), effort, _say)
    bench.measure()
    python = options["peers"]
    beside = peers.beside_label_studio(bench, Path(python)) if python else {}
    return bench.figures() | beside


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


main()
