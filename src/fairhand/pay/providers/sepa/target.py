"""TARGET: the days on which euro payments are carried out.

Closed on Saturdays, Sundays and the six holidays that the European Central Bank has kept since
2002: New Year's Day, Good Friday, Easter Monday, 1 May, 25 and 26 December.
"""

from datetime import date, timedelta
from functools import cache
from typing import Final

_FIXED: Final = {(1, 1), (5, 1), (12, 25), (12, 26)}
_SATURDAY: Final = 5


def is_banking_day(day: date) -> bool:
    """Say whether TARGET is open on `day`."""
    if day.weekday() >= _SATURDAY or (day.month, day.day) in _FIXED:
        return False
    return (day - easter(day.year)).days not in {-2, 1}


def banking_day_after(day: date, count: int = 1) -> date:
    """Return the `count`-th banking day after `day`, which itself does not count."""
    for _ in range(count):
        day += timedelta(days=1)
        while not is_banking_day(day):
            day += timedelta(days=1)
    return day


@cache
def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the algorithm of Meeus, Jones, Butcher)."""
    century, of_century = divmod(year, 100)
    moon = (8 * century + 13) // 25
    golden = year % 19
    epact = (19 * golden + century - century // 4 - moon + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
