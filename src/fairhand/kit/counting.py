"""How often somebody asks: counted by one statement, so that no two processes miss each other."""

from django.db import connection

COUNT = """
insert into kit_count as c (key, span, n, until)
values (%(key)s, extract(epoch from now())::bigint / %(seconds)s, 1,
        now() + make_interval(secs => %(seconds)s * 2))
on conflict (key, span) do update set n = c.n + 1
returning n
"""
TAKE_BACK = """
update kit_count set n = n - 1
 where key = %(key)s and n > 0 and span = extract(epoch from now())::bigint / %(seconds)s
"""


def count(key: str, seconds: int) -> int:
    """Count one more under this key; returns how many there are in this span of seconds.

    Spans lie side by side: whoever asks at the end of one and the beginning of the next may ask
    twice as much within a short while.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key[:120], "seconds": seconds})
        return int(cursor.fetchall()[0][0])


def take_back(key: str, seconds: int) -> None:
    """Count one less under this key, if the span in which it was counted still lasts."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, {"key": key[:120], "seconds": seconds})
