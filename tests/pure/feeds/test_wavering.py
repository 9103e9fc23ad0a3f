"""Documents that go back and forth, and dates that cannot be (F47, F48, F52)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.polls import HOUR, NOW, after, document, entry, known, polling, response

from monitor.feeds.condition import Condition, findings
from monitor.feeds.wavering import CALM, RETURNS, is_wavering, same_words
from monitor.model import Document, Entry, Polling

DAY = timedelta(days=1)


def of(*names: str) -> Document:
    """A document of these entries, with a piece for each."""
    return document(*(entry(name) for name in names), pieces=("frame f", *names))


def polled(state: Polling, *documents: Document, start: datetime = NOW) -> tuple[Polling, datetime]:
    """The state after an hourly poll of each, and the time of the last one."""
    now = start
    for found in documents:
        now += HOUR
        state = after(state, response(), found, now=now).polling
    return state, now


YESTERDAY, TODAY = of("a", "b"), of("b", "c")


def test_F48_versions_that_alternate_are_told_with_their_number_and_since_when() -> None:
    """A document with its items in another order is still the same."""
    turned = replace(YESTERDAY, pieces=("b", "a", "frame f"))
    state, now = polled(polling(), YESTERDAY, TODAY, *[turned, TODAY] * 25)
    (found,) = [one for one in findings(state, now) if one.condition is Condition.WAVERING]
    assert found.why.startswith("it went back to older documents 50 times since 2025-10-08 15:00")
    assert findings(state, now + CALM) == ()
    # Returns before the calm no longer count.
    later, now = polled(state, YESTERDAY, start=now + CALM)
    assert (later.returns, later.returns_since) == (1, now)


def test_F47_an_old_state_that_returns_once_is_no_wavering() -> None:
    """A slip makes two returns, the old state's and the right one's; wavering needs three."""
    state, now = polled(polling(), YESTERDAY, TODAY, YESTERDAY, TODAY)
    assert (state.returns, is_wavering(state, now)) == (RETURNS - 1, False)


def test_F48_versions_waver_also_while_news_come() -> None:
    """A server that lags behind gives what another one gave before, between the news."""
    feed = [of("a"), of("b"), of("a"), of("c"), of("b"), of("d"), of("c"), of("e")]
    state, now = polled(polling(), *feed)
    assert (state.returns, is_wavering(state, now)) == (3, True)


def test_F48_a_feed_that_moves_on_does_not_waver() -> None:
    """A feed that moves on, repeats itself, is empty every night or breaks off does not waver."""
    cut = replace(of("z"), complete=False)
    nights = [of("d"), document(), of("e"), document(), of("f"), cut, of("g"), cut, of("h"), cut]
    state, now = polled(polling(), of("a"), of("b"), of("b"), of("b"), of("c"), *nights)
    assert (state.returns, is_wavering(state, now)) == (0, False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Now < 5 and calm, range > 4 km.", "Now < 5 and drones strike, range > 4 km.", False),
        ("<img src='/a?1'> Calm.<!-- 1 -->", "<img src='/a?2'> Calm.<!-- 2 -->", True),
        ("<p>Calm.</p>", "<div>Calm.<br/></div>", True),
        ("1<5 calm >3", "1<5 drones >3", False),
    ],
)
def test_a_bare_sign_in_a_text_is_no_markup(one: str, other: str, same: bool) -> None:
    """A change of markup alone is no revision, but words between two signs are words."""
    states = (replace(entry("a"), summary_html=text) for text in (one, other))
    assert same_words(*states) is same


def dated(number: int, at: datetime) -> list[Entry]:
    return [entry(f"e{n}", published=at) for n in range(number)]


def test_F52_known_entries_with_new_dates_are_told_and_believed_in_nothing() -> None:
    """The newest entry and the usual gap stay as they were, so that silence is still seen."""
    old, new = dated(500, NOW - 9 * DAY), dated(500, NOW - HOUR)
    before = polling(
        last_success=NOW - HOUR, newest=NOW - 9 * DAY, gap=HOUR, last_news=NOW - 9 * DAY
    )
    decision = after(before, response(), document(*new), known(*old))
    state = decision.polling
    assert (decision.new, decision.revised, state.redated) == ((), (), NOW)
    assert (state.newest, state.gap) == (before.newest, before.gap)
    told = [one.condition for one in findings(state, NOW)]
    assert told == [Condition.STALE, Condition.REDATED]
    assert Condition.REDATED not in [one.condition for one in findings(state, NOW + 7 * DAY)]
    # A new one among them is news, and its date is believed.
    fresh = entry("fresh", published=NOW - timedelta(minutes=5))
    decision = after(before, response(), document(*new, fresh), known(*old))
    assert [one.key for one in decision.new] == ["fresh"]
    assert decision.polling.newest == fresh.published


def test_F52_some_new_dates_are_no_mass() -> None:
    """New dates on nine entries, half of the document, future dates or news are no mass."""
    old = dated(40, NOW - 9 * DAY)
    before = polling(last_success=NOW - HOUR, newest=NOW - 9 * DAY, gap=HOUR)
    held = known(*old)
    few = [*dated(9, NOW), *old[9:12]]
    half = [*dated(20, NOW), *old[20:]]
    coming = dated(40, NOW + 3 * DAY)
    news = [replace(one, key=f"n{n}", id=f"n{n}", link="") for n, one in enumerate(dated(40, NOW))]
    for entries in (few, half, coming, news):
        state = after(before, response(), document(*entries), held).polling
        assert state.redated is None
