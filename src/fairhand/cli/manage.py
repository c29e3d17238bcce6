import os
from typing import Annotated

from cyclopts import Parameter
from django.core.management import execute_from_command_line

from fairhand.cli.terminal import say
from fairhand.host.server import prepared_database


def manage(*words: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> None:
    """Run a command of Django's, such as `manage shell`, on this installation's database.

    Parameters
    ----------
    words
        The command and its arguments, as Django's own `manage.py` takes them.
    """
    with prepared_database(migrate=False, say=say) as (environment, _cluster):
        os.environ.update(environment)
        execute_from_command_line(["fairhand manage", *words])
