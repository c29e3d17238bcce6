"""How commands speak: reports go to standard output, news of the work to standard error."""

import sys


def say(text: str) -> None:
    """Tell in one calm line what is going on."""
    print(text, file=sys.stderr, flush=True)
