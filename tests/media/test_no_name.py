"""A task whose picture is not one of its project's shows none."""

from django.db import connection

from tests.media.cast import address, birds
from tests.media.conftest import SignIn
from tests.world import World, caller, page_of, turn


def test_what_names_no_picture_of_ours_shows_none(world: World, signed: SignIn) -> None:
    batch = birds(world, tasks=1, page_size=1)
    with connection.cursor() as cursor:
        cursor.execute("""update projects_task set data = data || '{"picture": "a bird"}'""")
    page_of(turn(caller(world.ada), batch))
    assert signed(world.ada.account).get(address(batch)).status_code == 404
