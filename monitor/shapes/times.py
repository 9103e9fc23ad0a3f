"""Times as people write them, on a command line or in an address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.errors import UsageError


def moment(text: str, now: datetime) -> datetime:
    """Read "24h" or "7d" (before now), or a date or time in ISO 8601 (UTC if it names no zone).

    Raises UsageError for anything else.
    """
    return _before(text, now) or _at(text)


def _before(text: str, now: datetime) -> datetime | None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    count, unit = text[:-1], text[-1:]
    if unit not in units or not count.isdecimal():
        return None
    try:
        return now - timedelta(seconds=int(count) * units[unit])
    except (OverflowError, ValueError):  # Python reads no number of more than 4,300 digits
        raise UsageError(f"{text[:40]!r} is too long ago") from None


def _at(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        hint = 'write "24h", "7d", "2024-10-18" or "2024-10-18T06:00Z"'
        raise UsageError(f"{text[:40]!r} is no time", hint=hint) from None
    if not 1970 <= at.year < 9999:  # arithmetic with days must stay within the calendar
        raise UsageError(f"{text[:40]!r} is no time of any news")
    return at if at.tzinfo else at.replace(tzinfo=UTC)
