"""Whose key is it, and may it do this? Asked in one place, before an operation sees its request.

A key belongs to a member of an organisation and can do what both allow: the scopes that it was made
with, and the member's role. A worker's key belongs to nobody's organisation and only works. The
browser's session opens nothing here, so no other site's page can make use of it.
"""

from typing import Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from fairhand.api.limits import hold, hold_stranger
from fairhand.kit.decision import Refusal, require
from fairhand.people import keys
from fairhand.people.access import NOT_A_WORKER, NOT_FOUND, allows, worker_of
from fairhand.people.audit import also_from
from fairhand.people.models import ApiKey, Organisation, Worker
from fairhand.people.rights import Permission
from fairhand.projects.batches import batch_for, project_for
from fairhand.projects.models import Batch, Project

Side = Literal["organisation", "worker", "either"]


class Request(HttpRequest):
    """A request whose key was accepted."""

    auth: ApiKey
    permission: Permission


class BearerKey(HttpBearer):
    """Lets in the keys that have a scope and belong to the right side."""

    openapi_description = "A key of an organisation, or of a demonstration's worker."

    def __init__(self, scope: str | None, side: Side, permission: Permission | None) -> None:
        super().__init__()
        self.scope, self.side, self.permission = scope, side, permission

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        """Return the key; None when it is none. Raises Refused when it may not do this."""
        key = keys.authenticate(token.strip())
        if key is None:
            hold_stranger()
        else:
            also_from(key=key.tail)
            hold(key)
            self._check(key)
        # What is reached below is reached for what this operation declared, and nothing else.
        request.permission = self.permission  # type: ignore[attr-defined]
        return key

    def _check(self, key: ApiKey) -> None:
        require(keys.may_open(key))
        if self.side == "worker" and key.organisation is not None:
            Refusal(
                "organisations_key",
                _("This is for workers' keys; yours belongs to an organisation."),
                status=403,
            ).fail()
        if self.side == "organisation" and key.organisation is None:
            Refusal(
                "workers_key",
                _("This is for organisations' keys; yours is a worker's."),
                status=403,
            ).fail()
        if self.scope is not None and self.scope not in key.scopes:
            Refusal(
                "scope_missing",
                _("This key lacks the scope %(scope)s. Make one that has it."),
                {"scope": self.scope},
                403,
            ).fail()
        if key.organisation is not None and self.permission is not None:
            require(allows(keys.role_behind(key), self.permission))


def organisation_of(request: Request) -> Organisation:
    """The organisation that a key acts for."""
    assert request.auth.organisation is not None
    return request.auth.organisation


def worker_behind(request: Request) -> Worker:
    """The worker whom a key acts as. Raises Refused when the account does not work."""
    worker = worker_of(request.auth.account)
    if worker is None:
        NOT_A_WORKER.fail()
    return worker


def owner_of(request: Request) -> str:
    """In whose name idempotency keys are kept: the organisation's, or the account's."""
    key = request.auth
    return key.account.ref if key.organisation is None else key.organisation.ref


def project_of(request: Request, ref: str) -> Project:
    """The project of this reference; whatever the key's organisation does not have is not there."""
    project = project_for(request.auth.account, ref, request.permission)
    if project.organisation_id != organisation_of(request).pk:
        NOT_FOUND.fail()
    return project


def batch_of(request: Request, ref: str) -> Batch:
    """The batch of this reference, likewise."""
    batch = batch_for(request.auth.account, ref, request.permission)
    if batch.project.organisation_id != organisation_of(request).pk:
        NOT_FOUND.fail()
    return batch
