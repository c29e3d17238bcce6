"""The server's entry: the hot path first, everything else through Django."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairhand.settings")
_django = get_wsgi_application()

from fairhand.api import turn  # noqa: E402 - models can be imported only now


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"].startswith(turn.PREFIX):
        return turn.handle(environ, start_response)
    return _django(environ, start_response)
