"""`python -m fairhand.sim demo|links|replay OPTIONS`: what the commands run beside the platform.

A program of its own, because the server's code reads its settings from the environment once, and
the platform's environment is known only when it runs. OPTIONS is a JSON object; the answer is one
JSON object on standard output, `{"refusal": sentence}` where something stood in the way.
"""

import json
import os
import sys
from typing import Any

import django
import httpx2

django.setup()

from fairhand.client import Problem  # noqa: E402 - models can be imported only now
from fairhand.kit.decision import Refused, UnusableInput  # noqa: E402
from fairhand.sim import demo, replay  # noqa: E402
from fairhand.sim.recorded import NotUsableError  # noqa: E402
from fairhand.sim.tables import BadTableError  # noqa: E402

REFUSALS = (Problem, httpx2.TransportError, Refused, UnusableInput, NotUsableError, BadTableError)
INTERRUPTED = 130


def main(command: str, options: dict[str, Any]) -> dict[str, Any]:
    """Run one command; returns its report."""
    if command == "replay":
        return replay.replay(replay.Plan(**options))
    if command == "demo":
        return demo.demo(demo.Plan(**options))
    return demo.links(demo.Plan(**options))


if __name__ == "__main__":
    try:
        print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))), flush=True)
    except REFUSALS as refusal:
        print(json.dumps({"refusal": str(refusal)}), flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)  # threads may be waiting for an answer that nobody needs any more
