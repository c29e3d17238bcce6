"""What the server refused, as an exception."""

from http import HTTPStatus
from typing import Any

import httpx2

from fairhand.client.models import Place


class Problem(Exception):  # noqa: N818 - the standard's word for it
    """A refusal. `code` is stable and for programs, `detail` is for people.

    `problems` are the places where input was wrong, each with its line and field.
    """

    def __init__(
        self, status: int, code: str, detail: str, problems: list[Place] | None = None
    ) -> None:
        super().__init__(f"{detail} ({status} {code})")
        self.status, self.code, self.detail = status, code, detail
        self.problems = problems or []

    @classmethod
    def of(cls, response: httpx2.Response) -> "Problem":
        """The problem that a response is; one made up from its status where it is none of ours."""
        body: Any = None
        if response.headers.get("Content-Type", "").startswith("application/problem+json"):
            body = response.json()
        if not isinstance(body, dict):
            status = response.status_code
            return cls(status, f"http_{status}", _phrase(status))
        places = [Place.model_validate(place) for place in body.get("problems", ())]
        return cls(response.status_code, str(body["code"]), str(body["detail"]), places)


class CutOffError(Exception):
    """A download ended before all of it was there."""


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "unknown status"
