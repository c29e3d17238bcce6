"""What is remembered for a short while lies in a table; here is how it is forgotten."""

from django.db import connection


def forget_what_passed() -> int:
    """Delete what is past its time; returns how much. Django only does so when a table is full."""
    with connection.cursor() as cursor:
        cursor.execute("delete from kit_cache where expires < now()")
        deleted = int(cursor.rowcount)
        cursor.execute("delete from kit_count where until < now()")
        return deleted + int(cursor.rowcount)
