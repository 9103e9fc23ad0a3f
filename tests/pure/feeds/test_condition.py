"""The condition of a feed: what is wrong with it, the worst first, and reported once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.polls import HOUR, NOW, URL, after, document, entry, polling, redirected, response

from monitor.feeds.condition import Condition, findings, news
from monitor.feeds.decide import Known, decide
from monitor.feeds.pace import PaceSettings
from monitor.feeds.titles import unlike
from monitor.model import Feed, FeedState, Polling

DAY = timedelta(days=1)


def conditions(state: Polling, **more: str) -> list[Condition]:
    return [one.condition for one in findings(state, NOW, **more)]


# ----------------------------------------------------------------------------- silence


def test_200_is_not_alive_a_feed_whose_newest_entry_is_of_2016_is_dead() -> None:
    """A feed whose newest entry is years old is dead, however well its server answers."""
    state = polling(last_success=NOW, newest=datetime(2016, 3, 2, tzinfo=UTC), gap=300 * DAY)
    (found,) = findings(state, NOW)
    assert found.condition is Condition.DEAD
    assert "2016-03-02" in found.why


@pytest.mark.parametrize(
    ("gap", "silence", "stale"),
    [
        (timedelta(minutes=20), 3 * DAY, False),  # a weekend and a holiday
        (timedelta(minutes=20), 4 * DAY, True),
        (DAY, timedelta(days=4, hours=23), False),
        (DAY, 5 * DAY, True),
        (7 * DAY, 34 * DAY, False),
        (7 * DAY, 35 * DAY, True),
        (None, 89 * DAY, False),
        (None, 90 * DAY, True),
    ],
)
def test_F58_a_feed_silent_for_much_longer_than_its_usual_gap_is_stale(
    gap: timedelta | None, silence: timedelta, stale: bool
) -> None:
    """A feed is stale after five gaps, but at least four days; after ninety days without a gap."""
    state = polling(last_success=NOW, newest=NOW - silence, gap=gap)
    assert conditions(state) == [Condition.STALE] * stale


def test_without_dates_the_silence_counts_from_the_poll_that_last_brought_something() -> None:
    """Without dates, the silence begins at the poll that last brought something."""
    state = polling(last_success=NOW, last_news=NOW - 5 * DAY, gap=HOUR)
    (found,) = findings(state, NOW)
    assert found == (Condition.STALE, "no new entry for 5 days, usually one every 1 h")
    assert findings(polling(), NOW) == ()  # never asked: nothing is known against it


def test_silence_of_a_feed_that_fails_is_no_news() -> None:
    """A feed that fails is reported as failing; its silence follows from that."""
    state = polling(newest=NOW - 700 * DAY, failing_since=NOW - 2 * DAY, failures=4)
    assert conditions(state) == [Condition.FAILING]


# ---------------------------------------------------------------------------- failures


def test_p32_a_feed_that_fails_for_a_day_is_failing_before_that_it_falters() -> None:
    """The finding says how many polls failed, since when and why."""
    state = polling(failures=3, failing_since=NOW - DAY)
    (found,) = findings(state, NOW, last_why="404: no such address")
    assert found.condition is Condition.FAILING
    assert found.why == "3 polls failed since 2025-10-07 12:00 UTC: 404: no such address"
    assert conditions(polling(failures=1, failing_since=NOW - HOUR)) == [Condition.FALTERING]


def test_p33_a_feed_that_is_gone_says_so_before_all_else() -> None:
    """A gone feed is reported as gone only, not as failing too."""
    state = polling(state=FeedState.GONE, failures=1, failing_since=NOW - 9 * DAY)
    (found,) = findings(state, NOW)
    assert found.condition is Condition.GONE
    assert "2025-09-29" in found.why


def test_p30_a_wait_that_was_cut_is_marked() -> None:
    """The reason of the due time says that the wait was cut, and this is a condition."""
    state = after(polling(), response(429, retry_after=str(400 * 86400)))
    assert Condition.CUT in conditions(state.polling, due_why=state.due_why)
    assert conditions(polling(), due_why="interval 1 h") == []


# --------------------------------------------------------------------------- strangers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Janes | Latest defence and security news", "Janes 360"),
        ("Defense News", "DefenseNews.com: Land"),
        ("USNI News", "U.S. Naval Institute Blog"),
        ("Міністерство оборони України", "Новини Міністерства оборони"),
        ("防衛省・自衛隊", "防衛省｜お知らせ"),
        ("Armée de Terre - Actualités", "ARMEE DE TERRE"),
        ("News", "Harbour Post"),  # tells nothing, so it is unlike nothing
        ("", "Harbour Post"),
    ],
)
def test_titles_of_one_publisher_are_not_unlike(one: str, other: str) -> None:
    """A common word, five common letters in a row, or initials are enough."""
    assert not unlike(one, other)
    assert not unlike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Northwatch Wire", "Best Online Casino Bonus 2025"),
        ("Harbour Post", "example.com is for sale"),
        ("Defense News", "Crypto News Today"),
        ("The War Zone - Latest News", "The Kitchen Blog: latest news"),
        ("防衛省・自衛隊", "カジノ入門"),
    ],
)
def test_titles_of_strangers_are_unlike(one: str, other: str) -> None:
    """Common words that any feed may have do not make titles alike."""
    assert unlike(one, other)
    assert unlike(other, one)


def titled(state: Polling, title: str) -> Polling:
    """The feed after a poll whose document has that title."""
    return after(state, response(), document(entry("a"), title=title)).polling


def test_a_feed_whose_title_changed_utterly_may_be_another() -> None:
    """The feed stays changed after further polls, until the old title is back."""
    state = titled(titled(polling(), "Harbour Post"), "Casino Bonus")
    (found,) = findings(state, NOW)
    assert found.condition is Condition.CHANGED
    assert "“Harbour Post”" in found.why
    assert "“Casino Bonus”" in found.why
    assert conditions(titled(state, "Casino Bonus: poker")) == [Condition.CHANGED]
    assert conditions(titled(state, "")) == [Condition.CHANGED]
    assert conditions(titled(state, "The Harbour Post")) == []


def test_a_name_in_the_settings_that_fits_the_new_title_acquits_it() -> None:
    """The name is how an operator says that the change is right."""
    state = titled(titled(polling(), "Stars and Stripes"), "Overseas Bulletin")
    assert conditions(state) == [Condition.CHANGED]
    renamed = polling(
        feed=Feed(url=URL, name="Bulletin"), title=state.title, title_was=state.title_was
    )
    assert conditions(renamed) == []


# ---------------------------------------------------------------------------- told once


def test_p32_failing_is_told_once_after_a_day() -> None:
    """A failing feed is reported after a day, neither before nor again with further polls."""
    state, told = polling(), []
    for hours in range(0, 80, 5):
        now = NOW + hours * HOUR
        decision = after(state, response(404), now=now)
        told += [(hours, one.condition) for one in news(state, decision, now)]
        state = decision.polling
    assert told == [(25, Condition.FAILING)]


def test_p33_p60_gone_and_repeating_are_told_once() -> None:
    """A feed that repeats another does so every day, but is reported on the first day only."""
    gone = after(polling(), response(410))
    assert [one.condition for one in news(polling(), gone, NOW)] == [Condition.GONE]
    other = "https://other.test/rss"
    state, told = polling(), []
    for day in range(3):
        now = NOW + day * DAY
        answer, found = redirected((301, other)), document(entry("a"))
        decision = decide(state, answer, found, Known(), now, PaceSettings(), subscribed={other})
        told += [(day, one.condition) for one in news(state, decision, now)]
        state = decision.polling
    assert told == [(0, Condition.REPEATS)]


def test_a_feed_that_has_fallen_silent_is_told_at_the_first_poll_that_finds_it_so() -> None:
    """Time alone makes a feed stale, so the next poll reports it."""
    state = polling(
        last_success=NOW - HOUR,
        last_polled=NOW - HOUR,
        body_hash="h",
        gap=HOUR,
        newest=NOW - 4 * DAY + timedelta(minutes=30),
    )
    decision = after(state, response(), None)
    assert news(state, decision, NOW) == ()
    state, later = decision.polling, NOW + HOUR
    assert [
        one.condition for one in news(state, after(state, response(), None, now=later), later)
    ] == [Condition.STALE]
