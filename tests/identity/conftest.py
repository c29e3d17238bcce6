import pytest

from fairhand.people.models import Account
from tests.identity import scene
from tests.world import World


@pytest.fixture
def ops(world: World) -> list[Account]:
    """Three operators with the duty identity."""
    return scene.operators()
