"""When a server's headers say that we may ask again, exactly as stated, however long the wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from monitor.model import Response

_MAX_DIGITS: Final = 12
_DATE_S: Final = timedelta(seconds=1)
"""HTTP dates have whole seconds: the moment that is meant may be up to this much later."""
_MAX_AGE: Final = re.compile(r"(?:^|,)\s*max-age\s*=\s*(\d{1,12})\s*(?=,|$)", re.IGNORECASE)


def fresh_for(response: Response) -> timedelta | None:
    """How long an answer stays fresh: max-age less Age, else Expires less Date (RFC 9111 §4.2).

    None when the headers ask for no wait, as with no-cache, no-store or zero. s-maxage and
    malformed values are ignored.
    """
    directives = _joined(response, "cache-control")
    if re.search(r"\bno-(?:cache|store)\b", directives, re.IGNORECASE):
        return None
    stated = _MAX_AGE.search(directives)
    if stated:
        return _positive(timedelta(seconds=int(stated[1]) - _age(response)))
    return _expires(response)


def retry_after(response: Response, now: datetime | None) -> timedelta | None:
    """The wait asked for by Retry-After: seconds, or a date in any of HTTP's three forms.

    None when the header is missing, in the past, negative or absurdly long (RFC 9110 §10.2.3).
    `now`: for a date from a server that does not tell its own time; None: unknown.
    """
    value = _header(response, "retry-after")
    if re.fullmatch(r"\d+", value):
        return _positive(timedelta(seconds=int(value))) if len(value) <= _MAX_DIGITS else None
    moment = http_date(value)
    # Measured by the server's own clock if it sends a Date: ours may be wrong.
    clock = http_date(_header(response, "date")) or now
    return _positive(moment + _DATE_S - clock) if moment and clock else None


def _expires(response: Response) -> timedelta | None:
    moment = http_date(_header(response, "expires"))
    clock = http_date(_header(response, "date")) or response.at
    return _positive(moment - clock) if moment and clock else None


def _age(response: Response) -> int:
    value = _header(response, "age")
    return int(value) if re.fullmatch(r"\d{1,12}", value) else 0


def _positive(span: timedelta) -> timedelta | None:
    return span if span > timedelta(0) else None


def _header(response: Response, name: str) -> str:
    return response.header_text(name).strip()


def _joined(response: Response, name: str) -> str:
    """A header that is a list, of all lines that state it (RFC 9110 §5.3)."""
    wanted = name.encode()
    return ", ".join(value.decode("latin-1") for key, value in response.headers if key == wanted)


def http_date(value: str) -> datetime | None:
    """The moment in a header: IMF-fixdate, RFC 850 or asctime, all in GMT (RFC 9110 §5.6.7).

    None for anything else.
    """
    if not value or len(value) > 60:
        return None
    try:
        moment = parsedate_to_datetime(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
