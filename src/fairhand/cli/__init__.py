"""The one command: `fairhand COMMAND`, a module a command, loaded only when it is called for."""

import sys

from cyclopts import App

from fairhand.host.refusal import HostError

INTERRUPTED = 130  # what shells report for Ctrl-C

app = App(
    name="fairhand",
    help="The self-hosted server for paid human data work.",
    help_format="plaintext",
    version_flags=[],
)
app.command("fairhand.cli.up:up", name="up", help="Run the platform until Ctrl-C.")
app.command("fairhand.cli.people:account", name="account", help="Make an account.")
app.command("fairhand.cli.people:key", name="key", help="Make a key for programs.")
app.command("fairhand.cli.demo:demo", name="demo", help="Show the whole loop on a small batch.")
app.command("fairhand.cli.replay:replay", name="replay", help="Run the loop with a recorded crowd.")
app.command("fairhand.cli.aggregate:aggregate", name="aggregate", help="Find labels in a CSV file.")
app.command("fairhand.cli.bench:app", name="bench", help="Measure what the server can do.")
app.command("fairhand.cli.test:test", name="test", help="Run every check of this checkout.")
app.command("fairhand.cli.manage:manage", name="manage", help="Run a command of Django's.")


def main() -> None:
    """Run the command line; a refusal is one sentence on standard error."""
    try:
        app()
    except HostError as error:
        print(f"fairhand: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
