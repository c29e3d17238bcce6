"""Each test keeps its pictures in a folder of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from fairhand.people.models import Account
from tests.api.conftest import Program, program_of
from tests.world import World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SignIn = Callable[[Account], Client]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_FOLDER = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def signed() -> SignIn:
    """Sign in as an account, in English."""

    def sign_in(account: Account) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(account, backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def rita(world: World) -> Program:
    return program_of(world.rita, world.organisation)


@pytest.fixture
def oscar(world: World) -> Program:
    return program_of(world.oscar, world.other_organisation)


def stored(store: Path) -> int:
    """How many files are kept."""
    return len([path for path in store.rglob("*") if len(path.name) == 64])
