"""A service that people come from, on loopback."""

from collections.abc import Iterator

import pytest

from fairhand.people.models import SignInService
from tests.fakes import issuer as fake
from tests.fakes.issuer import Issuer
from tests.oidc.coming import add
from tests.world import World


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with fake.running() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: Issuer) -> Issuer:
    """The same server for all tests, each with a fresh person."""
    fresh = Issuer()
    running.person, running.token, running.statuses = fresh.person, {}, {}
    running.described = {}
    return running


@pytest.fixture
def service(world: World, issuer: Issuer) -> SignInService:
    return add(world, issuer, domains=["birds.example"])
