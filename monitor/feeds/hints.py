"""What a feed document says about its own pace.

RSS 2.0 (`ttl`, `skipHours`, `skipDays`) and the syndication module of RSS 1.0
(`updatePeriod`, `updateFrequency`). Meaningless values are ignored.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

_MAX_BLOCK: Final = 5_000
_SKIPPING: Final = re.compile("<skip(?:hours|days)", re.IGNORECASE)
_HOURS: Final = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAYS: Final = re.compile(r"<day>\s*([A-Za-z]{6,9})\s*</day>", re.IGNORECASE)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PERIODS: Final = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_MAX_PERIOD: Final = timedelta(days=3650)


def ttl(text: str) -> timedelta | None:
    """Time for which the document may be kept (stated in minutes); None for zero or no number."""
    text = text.strip()
    if not re.fullmatch(r"\d{1,9}", text) or int(text) == 0:
        return None
    return min(timedelta(minutes=int(text)), _MAX_PERIOD)


def update_period(period: str, frequency: str) -> timedelta | None:
    """Time between two changes: the period divided by the frequency (1 by default).

    None for an unknown period, and for a frequency outside 0.001 to 1,000,000.
    """
    length = _PERIODS.get(period.strip().lower())
    if length is None:
        return None
    try:
        times = float(frequency.strip() or 1)
    except ValueError:
        times = 1.0
    if not 0.001 <= times <= 1e6:
        return None
    return min(length / times, _MAX_PERIOD)


def skipping(text: str) -> str:
    """The text from its first `skipHours` or `skipDays` on; "" when it has neither, as most do."""
    found = _SKIPPING.search(text)
    return text[found.start() :] if found else ""


def skip_hours(text: str) -> tuple[int, ...]:
    """All hours (GMT, 0-23; 24 is read as 0) in which the feed asks not to be polled.

    Taken from the document's text, because feedparser keeps only the last `hour`.
    """
    found = {
        int(hour) % 24 for hour in _HOURS.findall(_block(text, "skiphours")) if int(hour) <= 24
    }
    return tuple(sorted(found))


def skip_days(text: str) -> tuple[str, ...]:
    """English names of the days (GMT) on which the feed asks not to be polled."""
    named = {day.capitalize() for day in _DAYS.findall(_block(text, "skipdays"))}
    return tuple(day for day in WEEKDAYS if day in named)


def _block(text: str, name: str) -> str:
    start = re.search(rf"<{name}\s*>", text, re.IGNORECASE)
    if not start:
        return ""
    block = text[start.end() : start.end() + _MAX_BLOCK]
    end = re.search(rf"</{name}\s*>", block, re.IGNORECASE)
    return block[: end.start()] if end else ""
