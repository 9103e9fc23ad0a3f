"""News stated as new though it is old: suspected by number and time alone (F53)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.polls import HOUR, NOW, after, document, entry, polling, response

from monitor.feeds.decide import Known, content_hash, of_push
from monitor.feeds.reissue import MOST, suspected
from monitor.model import Entry, Polling

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def told(*moments: datetime | None) -> list[Entry]:
    """New entries with these dates."""
    return [entry(f"new{n}", published=at) for n, at in enumerate(moments)]


def stamped(number: int, at: datetime | None = NOW - HOUR) -> list[Entry]:
    """This many new entries, all with one date."""
    return told(*[at] * number)


def spread(number: int, start: datetime, step: timedelta) -> list[Entry]:
    """This many new entries, at equal distances after `start`."""
    return told(*(start + step * (n + 1) for n in range(number)))


def hourly(**changes: object) -> Polling:
    """A feed with an entry an hour, asked half an hour ago."""
    asked = NOW - 30 * MINUTE
    usual = polling(gap=HOUR, newest=asked, last_news=asked, last_success=asked)
    return replace(usual, **changes)


def test_F53_an_archive_under_other_names_is_suspected_and_says_why() -> None:
    """An archive is suspected whether dated today, with its own old dates, or not at all."""
    why = "500 new entries at once, where 0 were to be expected"
    for new in (stamped(500), spread(500, NOW - 900 * DAY, DAY), stamped(500, None)):
        assert suspected(new, hourly(), NOW) == why
    unknown = hourly(gap=None)
    assert suspected(stamped(60), unknown, NOW).endswith("how many are usual is not known")


@pytest.mark.parametrize(
    ("feed", "new", "why"),
    [
        (polling(), stamped(1000), "F56: the first document is the archive of a new feed"),
        (hourly(), stamped(MOST), "no more than an edition bears"),
        (hourly(gap=2 * MINUTE), stamped(200, NOW - 10 * MINUTE), "much is usual"),
        (
            hourly(newest=NOW - 10 * DAY, last_news=NOW - 10 * DAY, last_success=NOW - 10 * DAY),
            spread(240, NOW - 10 * DAY, HOUR),
            "F101: ten days in which nobody asked, or it did not answer",
        ),
        (
            hourly(newest=NOW - 10 * DAY, last_news=NOW - 10 * DAY, last_success=NOW - 10 * DAY),
            stamped(240, None),
            "F101: the same without dates",
        ),
        (
            hourly(newest=NOW - 10 * DAY, last_news=NOW - 10 * DAY),
            spread(240, NOW - 10 * DAY, HOUR),
            "its server gave us an old copy for ten days",
        ),
        (
            hourly(gap=7 * DAY / 200, newest=NOW - 7 * DAY),
            stamped(200),
            "a week's reports at once, as every week",
        ),
    ],
    ids=["first", "few", "quick", "downtime", "undated", "frozen", "weekly"],
)
def test_F53_what_may_well_have_come_is_not_suspected(
    feed: Polling, new: Sequence[Entry], why: str
) -> None:
    """A quick feed, a first poll, a time without answers or a weekly publisher is not suspected."""
    assert suspected(new, feed, NOW) == "", why


@pytest.mark.parametrize(
    ("feed", "new"),
    [
        (hourly(gap=timedelta(minutes=4)), stamped(500)),
        (hourly(newest=NOW - 10 * DAY), stamped(500)),
        (hourly(), [*stamped(500), *spread(3, NOW - 30 * MINUTE, MINUTE)]),
    ],
    ids=["of a quick feed", "after a silence", "with news among it"],
)
def test_F53_an_archive_is_suspected_all_the_same(feed: Polling, new: Sequence[Entry]) -> None:
    """An archive is suspected even where much is usual or due, or something new comes with it."""
    assert suspected(new, feed, NOW)


def test_F50_F53_entries_whose_links_are_known_are_not_suspected() -> None:
    """Entries with known links become duplicates of existing articles, so none is withheld."""
    old = [entry(f"old{n}") for n in range(200)]
    held = Known.of((one.key, one.link, content_hash(one)) for one in old)
    again = [
        entry(f"id{n}", link=one.link, title=f"Other {n}", summary_html=f"Words {n}")
        for n, one in enumerate(old)
    ]
    decision = after(hourly(), response(), document(*again), held)
    assert (len(decision.new), decision.withheld) == (200, "")


def test_F53_a_suspected_document_teaches_nothing_of_the_feeds_pace() -> None:
    """The feed's usual gap and last news stay; a pushed document is judged the same way."""
    before, found = hourly(), document(*stamped(500))
    decision = after(before, response(), found)
    state = decision.polling
    assert decision.withheld
    assert decision.outcome.why == f"withheld: {decision.withheld}"
    assert (state.gap, state.last_news) == (before.gap, before.last_news)
    assert of_push(before, found, Known(), NOW).withheld == decision.withheld


def test_F53_F52_what_was_withheld_is_not_taken_for_re_dated_when_it_is_known() -> None:
    """Withheld entries, once known, are neither re-dated nor suspected again."""
    feed = hourly(newest=NOW - 3 * HOUR)
    state = after(feed, response(), document(*stamped(500))).polling
    held = Known.of((one.key, one.link, content_hash(one)) for one in stamped(500))
    fresh = entry("fresh", published=NOW)
    decision = after(state, response(), document(*stamped(500), fresh), held, NOW + HOUR)
    assert (len(decision.new), decision.withheld, decision.polling.redated) == (1, "", None)


gaps = st.integers(60, 30 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
spans = st.integers(60, 60 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


@given(gap=gaps, silent=spans, asked=spans)
def test_F53_a_feed_at_its_usual_pace_is_never_suspected(
    gap: timedelta, silent: timedelta, asked: timedelta
) -> None:
    """However long nobody asked, or its server gave an old copy, what was due may come."""
    begun = NOW - silent
    feed = hourly(gap=gap, newest=begun, last_success=max(NOW - asked, begun))
    number = min(int(silent / gap), 500)
    assert suspected(spread(number, begun, silent / max(number, 1)), feed, NOW) == ""


@given(number=st.integers(MOST + 1, 300), age=spans, gap=gaps, silent=spans)
def test_F53_many_entries_of_before_the_newest_are_always_suspected(
    number: int, age: timedelta, gap: timedelta, silent: timedelta
) -> None:
    """No feed publishes its past as news, however quick it is."""
    begun = NOW - silent
    feed = hourly(gap=gap, newest=begun, last_success=NOW - MINUTE)
    assert suspected(stamped(number, begun - age), feed, NOW)


@given(
    number=st.integers(0, 300),
    gap=gaps,
    longer=spans,
    dates=st.lists(st.one_of(st.none(), spans), min_size=1, max_size=20),
)
def test_F53_a_longer_time_without_answers_never_makes_suspect(
    number: int, gap: timedelta, longer: timedelta, dates: list[timedelta | None]
) -> None:
    """The longer nobody could ask, the more may have come."""
    moments = [dates[n % len(dates)] for n in range(number)]
    new = told(*(NOW - age if age else None for age in moments))
    short = hourly(gap=gap, newest=NOW - 60 * DAY)
    long = replace(short, last_success=NOW - 30 * MINUTE - longer)
    assert suspected(new, short, NOW) or not suspected(new, long, NOW)
