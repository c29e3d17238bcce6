"""What every page and operation says about whom it opens to, and docs/rights.md made from that."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from fairhand.api.urls import api
from fairhand.people.models import Member, PortalStaff
from fairhand.people.portals import RIGHT_MEANING, STAFF_RIGHTS, PortalRight
from fairhand.people.rights import MEANING, OF_SCOPES, RIGHTS, ROLE_MEANING, Permission
from fairhand.web.access import OpensTo
from tests.docs.pages import DOCS

PAGE = DOCS / "rights.md"
API = "api/v1/"


@dataclass(frozen=True)
class Route:
    """One address of a page."""

    name: str
    address: str
    view: Any

    def __str__(self) -> str:
        return self.name or self.address

    @property
    def opens_to(self) -> OpensTo | None:
        found = getattr(self.view, "opens_to", None)
        return found if isinstance(found, OpensTo) else None


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    details: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def permission(self) -> str | None:
        found: str | None = self.details["x-permission"]
        return found


def routes(patterns: Any = None, before: str = "") -> Iterator[Route]:
    """Every page; the API has a document, and the gallery of components shows nobody's data."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        place = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and not place.startswith((API, "gallery/")):
            yield from routes(pattern.url_patterns, place)
        elif isinstance(pattern, URLPattern):
            yield Route(pattern.name or "", place, pattern.callback)


def operations() -> Iterator[Operation]:
    """Every operation of the API."""
    document: Any = api.get_openapi_schema(path_prefix="/")
    for path, methods in document["paths"].items():
        for method, details in methods.items():
            yield Operation(method.upper(), path, details)


def cells(opens_to: OpensTo) -> list[str]:
    """Who opens a page: the columns of the matrix."""
    everybody, anyone = opens_to.who == "everybody", opens_to.who == "signed in"
    roles = RIGHTS[Permission(opens_to.need)] if opens_to.who == "members" else frozenset()
    opened = [everybody, everybody or anyone or opens_to.who == "workers"]
    opened += [everybody or anyone or role in roles for role in Member.Role.values]
    operators = everybody or anyone or opens_to.who == "operators"
    duty = opens_to.need if operators and opens_to.who == "operators" and opens_to.need else "yes"
    opened.append(everybody or anyone or opens_to.who == "portal staff")
    return [*("yes" if each else "-" for each in opened), duty if operators else "-"]


def page() -> str:
    """docs/rights.md, as the code has it now."""
    return "\n".join([HEAD, *_roles(), *_staff(), *_scopes(), *_operations(), *_pages()]) + "\n"


HEAD = """\
# Rights

Made from the code: `tests/rights/test_declared.py` compares it, and writes it anew with
FAIRHAND_WRITE_DOCS=1. The table of roles is `src/fairhand/people/rights.py`; each page and each
operation names what it needs, and one that names nothing fails the build. `tests/rights/test_matrix.py`
asks every page and operation as everybody.

Rights hold for the organisations of which one is a member, and for nothing of any other: what is
another's answers exactly like what never was (404), in words, status and number of queries. Whoever
belongs to an organisation and lacks a right hears which, and whom to ask (403). The guide is
[organisations](guides/organisations.md)."""


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["", *("| " + " | ".join(line) + " |" for line in lines)]


def _roles() -> list[str]:
    head = ["permission", "what it is", *Member.Role.values]
    rows = [
        [
            f"`{each}`",
            str(MEANING[each]),
            *("yes" if role in RIGHTS[each] else "-" for role in Member.Role.values),
        ]
        for each in Permission
    ]
    words = [f"- **{role.value}**: {ROLE_MEANING[role]}" for role in Member.Role]
    return ["", "## Roles", "", *words, *_table(head, rows)]


def _staff() -> list[str]:
    text = "Each at the host name of the portal that they run, for its own people alone."
    head = ["right", "what it is", *PortalStaff.Role.values]
    rows = [
        [
            f"`{each}`",
            str(RIGHT_MEANING[each]),
            *("yes" if role in STAFF_RIGHTS[each] else "-" for role in PortalStaff.Role.values),
        ]
        for each in PortalRight
    ]
    return ["", "## Staff of portals", "", text, *_table(head, rows)]


def _scopes() -> list[str]:
    text = "A key has a scope only while its member's role has one of these permissions."
    rows = [
        [f"`{scope}`", ", ".join(f"`{each}`" for each in Permission if each in needed)]
        for scope, needed in OF_SCOPES.items()
    ]
    return ["", "## Scopes of keys", "", text, *_table(["scope", "permissions"], rows)]


def _operations() -> list[str]:
    head = ["operation", "scope", "permission", *Member.Role.values, "worker's key"]
    rows = []
    for each in operations():
        side, permission = each.details["x-side"], each.permission
        roles = RIGHTS[Permission(permission)] if permission else frozenset(Member.Role.values)
        ours = side != "worker"
        rows.append(
            [
                f"`{each}`",
                f"`{each.details['x-scope']}`" if each.details["x-scope"] else "any key",
                f"`{permission}`" if permission else "-",
                *("yes" if ours and role in roles else "-" for role in Member.Role.values),
                "-" if side == "organisation" else "yes",
            ]
        )
    return ["", "## Operations of the API", *_table(head, rows)]


def _pages() -> list[str]:
    roles = [*Member.Role.values, "portal staff"]
    head = ["page", "opens to", "nobody", "worker", *roles, "operator"]
    rows = []
    for each in routes():
        assert each.opens_to is not None, each
        address = each.address.strip("^$").replace("|", r"\|")
        rows.append([f"`/{address}`", str(each.opens_to), *cells(each.opens_to)])
    return ["", "## Pages", *_table(head, rows)]
