"""How long a server's headers ask us to wait, as they say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.polls import HOUR, NOW, response

from monitor.feeds.waits import fresh_for, retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7200", 7200),
        (" 7200 ", 7200),
        ("Wed, 08 Oct 2025 14:00:00 GMT", 7201),
        ("Wednesday, 08-Oct-25 14:00:00 GMT", 7201),
        ("Wed Oct  8 14:00:00 2025", 7201),
        (str(90 * 3600), 90 * 3600),
        (str(400 * 86400), 400 * 86400),
        ("Wed, 08 Oct 2025 11:59:59 GMT", None),
        ("-5", None),
        ("0", None),
        ("9" * 20, None),
        ("7200.5", None),
        ("soon", None),
        ("\xe9", None),
        ("Wed, 99 Oct 99999 14:00:00 GMT", None),
        ("x" * 5000, None),
        ("", None),
    ],
)
def test_p26_p27_p30_how_long_retry_after_asks_us_to_wait(value: str, seconds: int | None) -> None:
    """Retry-After is seconds or one of HTTP's three forms of a date; anything else gives None."""
    wanted = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(response(429, retry_after=value), NOW) == wanted


def test_p26_no_retry_after_asks_for_nothing() -> None:
    assert retry_after(response(429), NOW) is None


@pytest.mark.parametrize("wrong", [-2 * HOUR, timedelta(), 2 * HOUR])
def test_p25_p27_dates_count_by_the_servers_own_clock(wrong: timedelta) -> None:
    """Our clock may be two hours wrong in either direction."""
    said = response(
        429,
        date="Wed, 08 Oct 2025 12:00:00 GMT",
        expires="Wed, 08 Oct 2025 17:00:00 GMT",
        retry_after="Wed, 08 Oct 2025 13:00:00 GMT",
    )
    heard = replace(said, at=NOW + wrong)
    assert retry_after(heard, NOW + wrong) == HOUR + timedelta(seconds=1)
    assert fresh_for(heard) == 5 * HOUR


def test_p23_p24_directives_may_stand_in_several_lines() -> None:
    """They are one list (RFC 9110 §5.3)."""
    lines = ((b"cache-control", b"public"), (b"cache-control", b"max-age=7200"))
    assert fresh_for(replace(response(), headers=lines)) == 2 * HOUR
    forbidding = (*lines, (b"cache-control", b"no-cache"))
    assert fresh_for(replace(response(), headers=forbidding)) is None
