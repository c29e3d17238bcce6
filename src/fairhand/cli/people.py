import os
from typing import Annotated

from cyclopts import Parameter
from django.core.management import execute_from_command_line

from fairhand.cli.terminal import say
from fairhand.host.server import prepared_database

Words = Annotated[str, Parameter(allow_leading_hyphen=True)]


def account(*words: Words) -> None:
    """Make an account that operates, asks or works: `fairhand account EMAIL --operator`.

    Asks for a password at the terminal, or reads it from standard input.

    Parameters
    ----------
    words
        EMAIL, then any of --operator, --duty DUTY (again for more), --worker, --organisation NAME,
        --name NAME; --new-password for somebody who forgot theirs.
    """
    _run("account", words)


def key(*words: Words) -> None:
    """Make a key for programs of an organisation; it is shown once: `fairhand key EMAIL`.

    Parameters
    ----------
    words
        EMAIL of a member, then any of --organisation REF, --scope SCOPE (again for more), --name.
    """
    _run("key", words)


def _run(command: str, words: tuple[str, ...]) -> None:
    with prepared_database(say=say) as (environment, _cluster):
        os.environ.update(environment)
        execute_from_command_line(["fairhand", command, *words])
