"""When a feed is asked again: not before any wait that was asked for, and why, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.polls import HOUR, NOW, SETTINGS, URL, after, document, entry, polling, response

from monitor.feeds.pace import PaceSettings, first_poll
from monitor.model import (
    Document,
    FailureKind,
    Feed,
    FeedState,
    FetchFailed,
    Hints,
    Polling,
    Response,
    Validators,
)

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SLACK = 1.06
"""The feed's own share of jitter adds at most 5 %."""


def wait(
    answer: Response | FetchFailed,
    found: Document | None = None,
    state: Polling | None = None,
    settings: PaceSettings = SETTINGS,
) -> timedelta:
    decision = after(state or polling(), answer, found, settings=settings)
    assert decision.due
    assert decision.due_why
    return decision.due - NOW


def close(span: timedelta, expected: timedelta) -> bool:
    return expected <= span <= expected * SLACK + timedelta(seconds=1)


# ------------------------------------------------------------------------ the interval


@pytest.mark.parametrize("number", range(20))
def test_p20_never_early(number: int) -> None:
    """Jitter only lengthens the wait, for any feed."""
    state = Polling(feed=Feed(url=f"https://feed.test/{number}"))
    assert close(wait(response(), document(entry("a")), state), HOUR)


def test_p40_each_feed_has_a_stable_offset_and_starts_are_spread() -> None:
    """200 feeds added at once are spread over ten minutes, the same way every time."""
    urls = [f"https://feed{number}.test/rss" for number in range(200)]
    starts = [first_poll(url, NOW) for url in urls]
    assert starts == [first_poll(url, NOW) for url in urls]
    assert min(starts) >= NOW
    assert 9 * MINUTE < max(starts) - min(starts) <= 10 * MINUTE
    per_minute = [
        sum(int((one - NOW) / MINUTE) == minute for one in starts) for minute in range(10)
    ]
    assert max(per_minute) < 40


def test_a_feeds_own_interval_counts_and_the_floor_holds() -> None:
    """A feed's `interval` may be above or below the usual one, but not below the floor."""
    for interval, expected in ((2 * HOUR, 2 * HOUR), (MINUTE, 15 * MINUTE)):
        state = Polling(feed=Feed(url=URL, interval=interval))
        assert close(wait(response(), document(entry("a")), state), expected)


def test_p17_p39_an_unchanging_feed_is_polled_less_up_to_the_ceiling() -> None:
    """News brings the feed back to the interval at once."""
    state = after(polling(), response(), document(entry("a"))).polling
    spans = []
    for _ in range(20):
        decision = after(state, response(), None)
        assert decision.due
        spans.append(decision.due - NOW)
        state = decision.polling
    assert spans == sorted(spans)
    assert close(spans[-1], SETTINGS.ceiling)
    assert close(wait(response(), document(entry("b")), state), HOUR)


def test_p39_a_feed_that_spoke_lately_is_not_left_alone_for_long() -> None:
    """However calm the last polls, the wait is at most half the time since the newest entry."""
    state = polling(body_hash="h", calm=12, newest=NOW - 6 * HOUR)
    assert close(wait(response(), None, state), 3 * HOUR)


def test_p39_a_document_that_turns_over_is_polled_faster_down_to_the_floor() -> None:
    """If nearly all was new, some entries may be lost: half a document should be known."""
    before = polling(last_success=NOW - HOUR)
    found = document(*(entry(f"n{number}") for number in range(20)))
    assert close(wait(response(), found, before), 30 * MINUTE)
    held = Polling(feed=Feed(url=URL, interval=HOUR), last_success=NOW - HOUR)
    assert close(wait(response(), found, held), HOUR)


# --------------------------------------------------------------------- cache directives


@pytest.mark.parametrize("status", [200, 304, 404, 429])
def test_p23_max_age_delays_less_age(status: int) -> None:
    """The wait is at least max-age less Age, on 200, 304, 404 and 429."""
    answer = response(status, cache_control="public, max-age=14400", age="3600")
    state = polling(validators=Validators(URL, b"x"))
    found = document(entry("a")) if status == 200 else None
    assert wait(answer, found, state) >= 3 * HOUR


@pytest.mark.parametrize(
    "directives",
    ["no-cache", "no-store", "max-age=0", "s-maxage=90000", 'max-age="86400"', "max-age=x", ",,="],
)
def test_p24_other_directives_do_not_mean_wait(directives: str) -> None:
    """Other or malformed directives leave the usual interval, and nothing raises."""
    assert close(wait(response(cache_control=directives), document(entry("a"))), HOUR)


@pytest.mark.parametrize("clock", [-2, 0, 2])
def test_p25_expires_counts_against_the_servers_own_date(clock: int) -> None:
    """Expires is measured from the server's Date, however wrong our clock is."""
    date = NOW + clock * HOUR
    answer = response(date=http(date), expires=http(date + 5 * HOUR))
    assert close(wait(answer, document(entry("a"))), 5 * HOUR)


@pytest.mark.parametrize("text", ["0", "-1", "soon", ""])
def test_p25_an_expires_that_is_no_date_means_nothing(text: str) -> None:
    """Expires of 0 or -1, with which servers say "never keep", asks for no wait."""
    assert close(wait(response(expires=text), document(entry("a"))), HOUR)


# --------------------------------------------------------------------------- Retry-After


def http(moment: datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.mark.parametrize("status", [429, 503, 502, 403])
def test_p26_p28_retry_after_in_seconds(status: int) -> None:
    """Retry-After counts on 429, 503 and other refusals; not even a command asks earlier."""
    decision = after(polling(), response(status, retry_after="7200"))
    assert decision.not_before == NOW + 2 * HOUR
    assert decision.due
    assert decision.due >= decision.not_before


@pytest.mark.parametrize("status", [200, 304, 404])
def test_p28_retry_after_elsewhere_says_nothing(status: int) -> None:
    """Retry-After belongs to refusals (RFC 9110 §10.2.3)."""
    assert after(polling(), response(status, retry_after="7200")).not_before is None


@pytest.mark.parametrize(
    "form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"]
)
def test_p27_retry_after_as_a_date_in_all_three_forms(form: str) -> None:
    """Retry-After as a date may be an IMF-fixdate, or have the form of RFC 850 or asctime."""
    answer = response(429, retry_after=(NOW + 9 * HOUR).strftime(form), date=http(NOW))
    assert close(wait(answer), 9 * HOUR + timedelta(seconds=1))  # to the end of that second


def test_p27_a_past_date_means_nothing() -> None:
    """A Retry-After in the past leaves the usual doubling."""
    assert close(wait(response(429, retry_after=http(NOW - DAY))), 2 * HOUR)


@pytest.mark.parametrize("status", [429, 503])
def test_p29_without_the_header_the_wait_doubles_to_a_day(status: int) -> None:
    """Without Retry-After the wait doubles, from twice the interval to a day."""
    state, spans = polling(), []
    for _ in range(7):
        decision = after(state, response(status))
        assert decision.due
        spans.append(decision.due - NOW)
        state = decision.polling
    expected = [2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY, DAY]
    assert all(close(span, wanted) for span, wanted in zip(spans, expected, strict=True))


def test_p30_long_delays_are_obeyed_and_absurd_ones_cut_in_the_open() -> None:
    """90 h are kept; 400 days are cut to 7, and the reason says so; the rest means nothing."""
    assert close(wait(response(429, retry_after=str(90 * 3600))), 90 * HOUR)
    decision = after(polling(), response(429, retry_after=str(400 * 86400)))
    assert decision.due
    assert close(decision.due - NOW, 7 * DAY)
    assert "cut to 7 days" in decision.due_why
    for absurd in ("-5", "9" * 20, "soon"):
        assert close(wait(response(429, retry_after=absurd)), 2 * HOUR)


# ------------------------------------------------------------------------------ failures


def test_p32_404_doubles_to_a_day_then_weekly_and_never_stops() -> None:
    """The wait doubles up to a day, then a week; one 200 restores the usual interval."""
    state, now, spans = polling(), NOW, []
    for _ in range(50):
        decision = after(state, response(404), now=now)
        assert decision.due
        spans.append(decision.due - now)
        state, now = decision.polling, decision.due
    assert close(spans[0], 2 * HOUR)
    assert close(spans[10], DAY)
    assert close(spans[-1], 7 * DAY)
    restored = after(state, response(), document(entry("a")), now=now)
    assert restored.due
    assert close(restored.due - now, HOUR)


def test_p33_410_ends_polling() -> None:
    """After a 410 the feed is not due until a person resumes it."""
    decision = after(polling(), response(410))
    assert decision.due is None
    assert decision.polling.state is FeedState.GONE
    assert "410" in decision.due_why


@pytest.mark.parametrize("status", [401, 402, 403, 451])
def test_p34_refusals_are_asked_once_a_day_from_the_third_on(status: int) -> None:
    """The third refusal in a row makes the wait at least a day."""
    assert wait(response(status), state=polling(failures=2)) >= DAY


@pytest.mark.parametrize(
    "answer",
    [response(500), *(FetchFailed(kind=kind, why="x") for kind in FailureKind if kind != "paused")],
)
def test_p35_every_failure_doubles_the_wait_to_a_day(answer: Response | FetchFailed) -> None:
    """The wait doubles with each failure, and one success resets it."""
    assert close(wait(answer), 2 * HOUR)
    assert close(wait(answer, state=polling(failures=3)), 16 * HOUR)
    assert close(wait(answer, state=polling(failures=400)), DAY)
    assert after(polling(), answer).due_why.startswith("failed once: 2 h")
    assert after(polling(failures=3), answer).due_why.startswith("failed 4 times in a row: 16 h")
    assert close(wait(response(), document(entry("a")), polling(failures=9)), HOUR)


# --------------------------------------------------------------------------------- hints


def hinted(**hints: object) -> Document:
    return document(entry("a"), hints=Hints(**hints))


def test_p36_ttl_is_a_lower_bound_cut_to_a_day() -> None:
    """A ttl of 3 h is kept; one of years is cut, and the reason says so."""
    assert close(wait(response(), hinted(ttl=3 * HOUR)), 3 * HOUR)
    decision = after(polling(), response(), hinted(ttl=9_999_999 * MINUTE))
    assert decision.due
    assert close(decision.due - NOW, DAY)
    assert "cut to 24 h" in decision.due_why


def test_p37_no_request_in_skipped_hours_and_days() -> None:
    """Hours and days to skip are those of GMT, and the reason names the hint."""
    for hours, days in (((13, 14, 15), ()), ((), ("Wednesday",)), ((13,), ("Thursday",))):
        decision = after(polling(), response(), hinted(skip_hours=hours, skip_days=days))
        assert decision.due
        assert decision.due.astimezone(UTC).hour not in hours
        assert decision.due.strftime("%A") not in days
        assert decision.due >= NOW + HOUR
        assert "skip" in decision.due_why


def test_p37_a_feed_that_excludes_every_hour_says_nothing() -> None:
    """A feed whose skipHours exclude every hour is polled as usual."""
    assert close(wait(response(), hinted(skip_hours=tuple(range(24)))), HOUR)


def test_p38_update_period_is_a_lower_bound() -> None:
    """A period of half an hour changes nothing (P20), ten hours do, a week is cut."""
    assert close(wait(response(), hinted(update_period=30 * MINUTE)), HOUR)
    assert close(wait(response(), hinted(update_period=10 * HOUR)), 10 * HOUR)
    assert close(wait(response(), hinted(update_period=7 * DAY)), DAY)


def test_the_hints_of_the_last_document_hold_after_a_304() -> None:
    """Hints are part of the polling state, so they hold after a 304 too."""
    state = polling(hints=Hints(ttl=5 * HOUR), validators=Validators(URL, b"x"))
    assert close(wait(response(304), state=state), 5 * HOUR)


def test_p31_feeds_of_a_host_that_is_paused_again_and_again_all_come_first_some_day() -> None:
    """If each pause is followed by one answer and the next 429, no order may be for ever."""
    urls = [f"https://feed.test/{number}" for number in range(20)]
    first = set()
    for hour in range(200):
        now = NOW + hour * HOUR
        paused = FetchFailed(kind=FailureKind.PAUSED, why="asked to wait", retry_at=now + HOUR)
        due = {url: after(polling(feed=Feed(url=url)), paused, now=now).due or NOW for url in urls}
        assert all(close(one - now, HOUR) for one in due.values())
        first.add(min(due, key=lambda url: due[url]))
    assert first == {*urls}
