"""Years and days of the calendars besides our own by which pages date articles."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from monitor.articles.tables import words

ERAS: Final = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911}
"""What to add to a year of a Japanese era, or of the Republic of China."""
SOLAR_MONTHS: Final = words("فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند")
"""The months of the Iranian solar calendar, in order."""
_BUDDHIST = 543
_BUDDHIST_FROM = 2400
"""Thai years count from 543 years before ours; no other year of an article is so large."""
_NEW_YEAR = date(2021, 3, 21)
_NEW_YEAR_OF = 1400
"""The day on which a solar year began."""
_LEAP = frozenset([1, 5, 9, 13, 17, 22, 26, 30])
"""The leap years of a cycle of 33, which holds from 1343 to 1472 (1964 to 2093)."""


def common_year(year: int, era: str = "") -> int:
    """Our year of a year in an era (令和8 -> 2026), of a Buddhist one (2569), or of our own."""
    if era:
        return year + ERAS[era]
    return year - _BUDDHIST if year > _BUDDHIST_FROM else year


def from_solar(year: int, month: int, day: int) -> date:
    """Our day of a day in the Iranian solar calendar: 1405, 8, 12 -> 3 November 2026.

    ValueError for a month or day that the calendar does not have, OverflowError for a year beyond
    the last of ours.
    """
    in_month = 31 if month < 7 else 30 if month < 12 or year % 33 in _LEAP else 29
    if not (1 <= month <= 12 and 1 <= day <= in_month):
        raise ValueError(f"no day of the solar calendar: {year}/{month}/{day}")
    first, last = sorted((year, _NEW_YEAR_OF))
    leaps = sum(one % 33 in _LEAP for one in range(first, last))
    days = 365 * (year - _NEW_YEAR_OF) + (leaps if year > _NEW_YEAR_OF else -leaps)
    before = 31 * (month - 1) - max(0, month - 7)
    return _NEW_YEAR + timedelta(days=days + before + day - 1)
