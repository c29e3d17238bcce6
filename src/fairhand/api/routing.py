"""One way to declare an operation: its scope, what it answers, and how it can go wrong.

The document at openapi.json is made from these declarations, so that an operation without a scope,
or one whose errors nobody wrote down, cannot exist.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI, Router
from ninja.parser import Parser
from pydantic import BaseModel

from fairhand.api import problems
from fairhand.api.auth import BearerKey, Side
from fairhand.api.idempotent import HEADER, REPLAYED, answered, digest
from fairhand.api.schemas import Problem
from fairhand.kit.idempotency import MAX_KEY
from fairhand.people.rights import Permission
from fairhand.projects.reading import strict_json

View = TypeVar("View", bound=Callable[..., Any])
# One for all: two routers with the same path would hide each other's methods.
router = Router()
_schemas: dict[str, Any] = {}  # those that the framework does not see
ALWAYS = (401, 403, 422, 429, 500, 503)
SCOPE = "x-scope"
PERMISSION = "x-permission"
IDEMPOTENCY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
    "description": "Send a new random text with each new write and the same when you repeat it: it "
    f"takes effect once, and repeats get the first answer with `{REPLAYED}: true`.",
}


class StrictParser(Parser):
    """Bodies are JSON as the standard has it, with nothing that the database cannot hold."""

    def parse_body(self, request: HttpRequest) -> Any:
        return strict_json(request.body.decode())


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """A request body for the document, of an operation that reads its body by itself."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    _schemas.update(schema.pop("$defs", {}), **{model.__name__: schema})
    return {
        "required": False,
        "content": {
            "application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
        },
    }


class Api(NinjaAPI):
    """NinjaAPI whose document shows errors as problem details, and scopes."""

    def get_openapi_schema(self, *args: Any, **options: Any) -> Any:
        # A copy, since the framework's shares parts with the declarations.
        document = json.loads(json.dumps(super().get_openapi_schema(*args, **options)))
        document["components"]["schemas"].update(_schemas)
        for operations in document["paths"].values():
            for operation in operations.values():
                _finish(operation)
        return document


def _finish(operation: dict[str, Any]) -> None:
    """Say of one operation what the framework leaves out."""
    scope = operation.get(SCOPE)
    for needed in operation.get("security", ()):
        for scopes in needed.values():
            scopes.extend([scope] if scope else [])
    for status, answer in operation["responses"].items():
        if int(status) >= 400 and "application/json" in answer.get("content", {}):  # noqa: PLR2004
            answer["content"] = {problems.CONTENT_TYPE: answer["content"]["application/json"]}


def operation(
    method: str,
    path: str,
    answer: type[BaseModel],
    *,
    scope: str | None,
    permission: Permission | None = None,
    side: Side = "organisation",
    status: int = 200,
    errors: tuple[int, ...] = (),
    extra: dict[str, Any] | None = None,
    responds: bool = False,
) -> Callable[[View], View]:
    """Declare the function below as an operation.

    It returns what `answer` names, or a response. `errors` are its problems beside those that every
    operation has; `scope` None asks only for a valid key of this `side`; `permission` is what the
    role of an organisation's member must allow. A POST honours an idempotency key; one that
    `responds` by itself sees to that, and to its body.
    """

    def declare(verb: View) -> View:
        view = verb if responds else _rendering(verb, method, status)
        details = {SCOPE: scope, PERMISSION: permission, "x-side": side, **(extra or {})}
        if method == "POST":
            details["parameters"] = [*details.get("parameters", ()), IDEMPOTENCY_PARAMETER]
        codes = sorted({*ALWAYS, *errors, *((400, 413) if method == "POST" else ())})
        router.api_operation(
            [method],
            path,
            auth=BearerKey(scope, side, permission),
            response={status: answer, **dict.fromkeys(codes, Problem)},
            tags=["worker" if side == "worker" else "requester"],
            operation_id=verb.__name__,
            summary=verb.__name__.replace("_", " ").capitalize(),
            openapi_extra=details,
        )(view)
        return verb

    return declare


def _rendering(verb: Callable[..., Any], method: str, status: int) -> Callable[..., Any]:
    """The verb as a view: its value as JSON, once for each idempotency key where it writes.

    The framework would check the value against its schema once more, at several times the cost.
    """

    @wraps(verb)
    def view(request: Any, **values: Any) -> HttpResponseBase:
        if method == "POST":
            body = digest(request.body)
            return answered(request, status, lambda: verb(request, **values), body)
        value = verb(request, **values)
        if isinstance(value, HttpResponseBase):
            return value
        sent = HttpResponse(value.model_dump_json().encode(), content_type="application/json")
        sent.headers["Cache-Control"] = "no-store"
        return sent

    return view
