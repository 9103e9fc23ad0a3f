"""`feeds status` as people see it: the most worrying first, in as many columns as fit."""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from monitor.cli import feeds_status, output
from monitor.feeds.decide import SAME_BYTES
from monitor.model import Feed, FeedState, Polling
from monitor.pipeline.feeds_judged import judged
from monitor.store.feeds import FeedStatus

NOW = datetime(2024, 10, 18, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = "https://outlet.example/section/defence-and-security/regions/europe/feed.xml?format=rss&p=1"


def account(name: str, url: str = "", **changes: object) -> FeedStatus:
    """A sound feed, with changes to its polling or its account."""
    polling = Polling(
        feed=Feed(url=url or f"https://{name.lower().replace(' ', '-')}.example/feed", name=name),
        last_polled=NOW - 5 * HOUR / 60,
        last_success=NOW,
        newest=NOW - HOUR,
        gap=HOUR,
    )
    of_polling = {key: changes.pop(key) for key in list(changes) if hasattr(polling, key)}
    values = {
        "origin": "settings",
        "settings_url": polling.feed.url,
        "due": NOW + HOUR / 2,
        "due_why": "interval 30 min",
        "last_outcome": "not-modified",
        "last_why": "304 Not Modified",
        "last_status": 304,
        "polls": 100,
        "not_modified": 92,
        "bytes": 12_000_000,
        "entries": 98,
        "bytes_day": 340_000,
    }
    return FeedStatus(polling=replace(polling, **of_polling), **values | changes)


WORRYING = [
    account("Northwatch Wire"),
    account(
        "Old Gazette",
        LONG,
        state=FeedState.GONE,
        failures=1,
        failing_since=NOW - 12 * DAY,
        due=None,
        last_status=410,
        last_polled=NOW - 12 * DAY,
    ),
    account(
        "Harbour Post",
        failures=9,
        failing_since=NOW - 2 * DAY,
        last_why="404: no such address",
        last_status=404,
        due=NOW + 21 * HOUR,
        due_why="failed 9 times in a row: 24 h",
    ),
    account("Valley Courier", title="Casino Bonus", title_was="Valley Courier"),
    account("Second Door", moved_to="https://northwatch-wire.example/feed"),
    account("Blog of 2016", newest=datetime(2016, 3, 2, tzinfo=UTC)),
    account("防衛省・自衛隊", "https://mod.example.jp/rss", newest=NOW - 20 * DAY),
    account("Busy Bulletin", due_why="Retry-After: 400 days, cut to 7 days", due=NOW + 7 * DAY),
    account(
        "Timeouts Today",
        failures=1,
        failing_since=NOW - HOUR,
        last_status=0,
        last_why="timeout: no full answer in 60 s",
    ),
    account("Fresh Feed", last_polled=None, newest=None, polls=0, not_modified=0, due=NOW),
]


def shown(accounts: list[FeedStatus], width: int) -> list[str]:
    """The lines that `feeds status` prints for these feeds at this width."""
    out = StringIO()
    with redirect_stdout(out):
        feeds_status.show(judged(accounts, NOW), NOW, width)
    return out.getvalue().splitlines()


def test_no_column_of_reasons_where_all_stand_below_their_feeds() -> None:
    """A heading over an empty column takes room from the names."""
    long = account("Harbour Post", due_why="Retry-After: 400 days, cut to 7 days, as it was before")
    assert "because" not in shown([long], 112)[3]
    assert "because" in shown([long, account("Northwatch Wire")], 112)[3]


def test_the_most_worrying_feeds_stand_first() -> None:
    """Feeds are sorted by condition, then by name; those that are not polled are left out."""
    off = account("Switched Off")
    off = replace(off, polling=replace(off.polling, feed=Feed(url="x", enabled=False)))
    told = judged([*WORRYING, off], NOW)
    assert [(one.name, one.condition.value) for one in told] == [
        ("Old Gazette", "gone"),
        ("Harbour Post", "failing"),
        ("Valley Courier", "changed"),
        ("Second Door", "repeats"),
        ("Blog of 2016", "dead"),
        ("防衛省・自衛隊", "stale"),
        ("Busy Bulletin", "wait cut"),
        ("Timeouts Today", "faltering"),
        ("Fresh Feed", "new"),
        ("Northwatch Wire", "sound"),
    ]


def test_p17_p30_p32_p33_p60_p105_all_of_it_is_told_in_plain_words() -> None:
    """Each feed has its last answer, next poll and why, failures, silence, bytes, share of 304."""
    text = "\n".join(shown(WORRYING, 100))
    for words in (
        "10 feeds at 2024-10-18 06:00 UTC: 1 gone, 1 failing, 1 changed, 1 repeats, 1 dead",
        "900 polls, 92% answered 304; 120 MB in all, 3.4 MB in the last 24 hours",
        "410, 12 days ago  not again",
        "its server said 410 Gone on 2024-10-06: not polled until resumed",
        "9 polls failed since 2024-10-16 06:00 UTC: 404: no such address",
        "next: failed 9 times in a row: 24 h",
        "its title was “Valley Courier” and is now “Casino Bonus”",
        "it has moved to https://northwatch-wire.example/feed",
        "its newest entry is from 2016-03-02",
        "no new entry for 20 days, usually one every 1 h",
        "Retry-After: 400 days, cut to 7 days",
        "none, 5 min ago",
        "never asked",
        "304, 5 min ago    in 30 min  92%  340 kB       98",
    ):
        assert words in text, words


def test_what_was_wrong_with_a_document_is_told_of_a_sound_feed_too() -> None:
    """What was left out of a document, or mended in it, stands below its feed."""
    left_out = "10000 entries: the first 5000 are read"
    for outcome in ("new", "unchanged"):
        lines = shown([account("Flood", last_outcome=outcome, last_why=left_out)], 100)
        assert lines[-1].strip() == f"its document: {left_out}"
    for outcome, why in (("unchanged", SAME_BYTES), ("not-modified", "304 Not Modified")):
        same = shown([account("Flood", last_outcome=outcome, last_why=why)], 100)
        assert "its document" not in "".join(same)


@pytest.mark.parametrize(("minutes", "said"), [(59.5, "1 h"), (59.9, "1 h"), (59.4, "59 min")])
def test_a_little_less_than_an_hour_is_an_hour(minutes: float, said: str) -> None:
    """A time that rounds to an hour is shown as "1 h", not as "0.992 h"."""
    lines = shown([account("Gazette", due=NOW + timedelta(minutes=minutes))], 140)
    assert f"in {said} " in lines[-1]


def test_a_span_that_rounds_to_no_minute_is_now() -> None:
    """No "in 0 min", and no "0 min ago"."""
    seconds = timedelta(seconds=20)
    asked = replace(account("Gazette", due=NOW + seconds).polling, last_polled=NOW - seconds)
    line = shown([replace(account("Gazette", due=NOW + seconds), polling=asked)], 140)[-1]
    assert re.search(r"304, just now +now ", line)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 140, 200])
def test_no_line_is_longer_than_the_terminal_is_wide(width: int) -> None:
    """Names and addresses are shortened and words wrapped; columns stay aligned."""
    lines = shown(WORRYING, width)
    assert max(map(cell_len, lines)) <= width
    heading = next(line for line in lines if line.startswith("feed"))
    row = next(line for line in lines if line.startswith("Northwatch"))
    assert heading.index("next") == row.index("in 30 min")
    assert "because" not in heading or width >= 100
    assert "because" in heading or width <= 100
    assert any("outlet.example" in line for line in lines)


@given(st.text(min_size=1), st.text(), st.integers(80, 200))
def test_s101_the_words_of_others_change_neither_lines_nor_terminal(
    name: str, why: str, width: int
) -> None:
    """Whatever a name or a reason holds, the output is neutral and each feed has one line."""
    lines = shown(
        [account("x", feed=Feed(url="https://a.example/", name=name), due_why=why)], width
    )
    text = "\n".join(lines)
    assert output.neutral(text) == text
    assert sum("304, 5 min ago" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (12_345, "12 kB"),
        (999_600, "1.0 MB"),
        (3_440_000, "3.4 MB"),
        (10**13, "10 TB"),
        (10**16, "10000 TB"),
    ],
)
def test_bytes_are_told_as_people_say_them(count: int, words: str) -> None:
    assert output.size(count) == words


@pytest.mark.parametrize("cut", [20, 40, 89, 200])
def test_a_long_address_keeps_its_host_and_its_end(cut: int) -> None:
    short = output.shortened(LONG, cut)
    assert len(short) == min(cut, len(LONG))
    assert LONG.endswith(short.rpartition("…")[2])
