"""Telling people what concerns them."""

from typing import Any

from fairhand.people.models import Account, Notice


def tell(account: Account, kind: str, *, link: str = "", **params: Any) -> Notice:
    """Tell somebody something, in the caller's transaction. `params` are plain JSON values."""
    return Notice.objects.create(account=account, kind=kind, link=link, params=params)
