"""How other sites' OpenID Connect is asked: by the one way out (kit/egress), and no other.

allauth asks by a session of `requests`; this is as much of one as it uses. What a site's
description of itself names is as foreign as the site: it may not lead into our own network.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn, Self
from urllib.parse import urlencode, urlsplit

from requests import ConnectionError as NoConnection
from requests import HTTPError
from requests.auth import HTTPBasicAuth

from fairhand.kit.decision import Refused
from fairhand.kit.egress import Answer, Policy, Unreachable, send
from fairhand.people.oidc import HERE

OUTSIDE = Policy(ports=None)
BESIDE = Policy(schemes=frozenset({"https", "http"}), ports=None, loopback=True)
FORM = "application/x-www-form-urlencoded"


class Reply:
    """What a site said."""

    def __init__(self, answer: Answer) -> None:
        self.status_code, self.headers, self.content = answer.status, answer.headers, answer.body

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """Raises ValueError where it is none."""
        return json.loads(self.content)

    def raise_for_status(self) -> None:
        """Raise for whatever is not the answer itself; nothing is followed elsewhere."""
        if self.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            raise HTTPError(str(self.status_code))


class Asking:
    """A session of `requests`, as far as allauth knows one.

    `beside` is said of a service that runs on this machine: then its own addresses may, too. Raises
    what `requests` raises, so that allauth takes it for a site that is away.
    """

    def __init__(self, *, beside: bool) -> None:
        self.policy = BESIDE if beside else OUTSIDE

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_what: object) -> None:
        pass  # each question has a connection of its own

    def get(self, url: str, **more: Any) -> Reply:
        return self.request("GET", url, **more)

    def post(self, url: str, **more: Any) -> Reply:
        return self.request("POST", url, **more)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: HTTPBasicAuth | None = None,
    ) -> Reply:
        """Ask. Raises requests' ConnectionError where nobody answers or nobody may be asked."""
        told = {"Accept": "application/json", **(headers or {})}
        body = b""
        if data is not None:
            told["Content-Type"], body = FORM, urlencode(data).encode()
        if auth is not None:
            told["Authorization"] = f"Basic {_basic(auth)}"
        if params:
            url += ("&" if urlsplit(url).query else "?") + urlencode(params)
        if url.startswith("http:") and urlsplit(url).hostname not in HERE:
            _refuse("without TLS")
        try:
            return Reply(send(method, url, headers=told, body=body, policy=self.policy))
        except Refused as refused:
            _refuse(refused.refusal.code)
        except Unreachable as trouble:
            _refuse(str(trouble))


def _basic(auth: HTTPBasicAuth) -> str:
    parts = (auth.username, auth.password)
    return b64encode(b":".join(p if isinstance(p, bytes) else p.encode() for p in parts)).decode()


def _refuse(why: str) -> NoReturn:
    raise NoConnection(why) from None
