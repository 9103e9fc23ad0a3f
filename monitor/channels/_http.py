"""What an HTTP service's answer means for the message it was sent."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.channels import MENDING, Http, words_of
from monitor.feeds import waits
from monitor.model import (
    Answer,
    Barred,
    FailureKind,
    FetchFailed,
    NotSent,
    Refused,
    Response,
    Unknown,
    Visited,
)

LONGEST_WAIT = timedelta(days=1)


def secrets_of(url: str) -> tuple[str, ...]:
    """The parts of an address that may be a token and must not appear in a shown answer."""
    return (url, *(part for part in re.split(r"[/?&=]", url) if len(part) >= 8))


def not_reached(failed: FetchFailed, now: datetime, *secrets: str) -> Answer:
    """The meaning of a request without an answer: it is surely unsent only if nothing left us."""
    why = words_of(f"{failed.kind}: {failed.why}", *secrets)
    match failed.kind:
        case FailureKind.REFUSED | FailureKind.REDIRECTS:
            return NotSent(why, MENDING)
        case FailureKind.DNS | FailureKind.CONNECT | FailureKind.TLS:
            return NotSent(why)
        case FailureKind.PAUSED | FailureKind.ROBOTS:
            return NotSent(why, failed.retry_at - now if failed.retry_at else None)
        case _:  # it was on its way: the far side may have accepted it
            return Unknown(why)


async def visit_host(url: str, http: Http) -> Visited:
    """Whether a service can be reached, with TLS if its address says https; nothing is posted."""
    failed = await http.reach(url)
    if failed:
        host = urlsplit(url).netloc  # shown, unlike the rest of the address: it must be fixed
        return shut(failed, *(part for part in secrets_of(url) if part != host))
    return Visited("TLS, good certificate" if url.startswith("https:") else "reached, without TLS")


def shut(failed: FetchFailed, *secrets: str) -> Visited:
    """Why a visit did not get in."""
    return Visited(words_of(failed.why, *secrets), _BARRED.get(failed.kind, Barred.REACH))


def ahead_of(got: Response) -> timedelta | None:
    """How far the service's clock (Date, RFC 9110 §6.6.1) is ahead of ours."""
    told = waits.http_date(got.header_text("date").strip())
    return told - got.at if told and got.at else None


_BARRED = {
    FailureKind.DNS: Barred.NAME,
    FailureKind.TLS: Barred.TLS,
    FailureKind.REFUSED: Barred.GUARD,
}


def turned_down(got: Response, words: str) -> Answer:
    """The meaning of a status other than success.

    If a person must fix something (rights, addresses, redirects), the message is kept and tried
    again hourly; if the message itself is at fault, it is refused for good.
    """
    match got.status:
        case 429:
            return NotSent(words, retry_after(got))
        case 504:  # a gateway gave up on a service that may have accepted it
            return Unknown(words)
        case 401 | 403 | 404 | 407 | 410:
            return NotSent(words, MENDING)
        case status if 300 <= status < 400:
            return NotSent(f"{status}, a redirect where none belongs", MENDING)
        case status if status >= 500 or status == 408:
            return NotSent(words, retry_after(got))
        case _:
            return Refused(words)


def retry_after(got: Response) -> timedelta | None:
    """How long a service asks us to wait, at most a day; None: our own waits apply."""
    asked = waits.retry_after(got, got.at)
    return min(asked, LONGEST_WAIT) if asked else None
