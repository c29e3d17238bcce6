"""The scene, and browsers without a browser: Django's client, signed in as somebody."""

from collections.abc import Callable

import pytest
from django.test import Client

from fairhand.people.models import Account
from tests.web.catalogues import compile_all
from tests.web.scene import Scene, make_scene
from tests.world import World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SignIn = Callable[[Account], Client]

compile_all()  # before any test makes Django read them


@pytest.fixture
def scene(world: World) -> Scene:
    return make_scene(world)


@pytest.fixture
def signed() -> SignIn:
    """Sign in as an account, in English."""

    def sign_in(account: Account) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(account, backend=BACKEND)
        return client

    return sign_in
