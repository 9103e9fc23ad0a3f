"""When a message is tried again: soon, then hourly, not for ever, and in doubt only once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from monitor.digests.retry import DEATHS, MOST, SUSPEND_AFTER, SUSPEND_SPAN, retry_at, suspends
from monitor.model import Answer, Died, NotSent, Refused, Sent, Unknown

NOW = datetime(2024, 10, 18, 7, tzinfo=UTC)
BUSY = NotSent("421 busy")


def test_F65_waits_grow_and_then_stay_hourly() -> None:
    """Waits are 1, 5, 15 and 60 minutes, then hourly, each at most a tenth longer."""
    for attempts, minutes in enumerate((1, 5, 15, 60, 60, 60), start=1):
        due = retry_at(attempts, BUSY, NOW, key="7")
        assert due is not None
        assert timedelta(minutes=minutes) <= due - NOW <= timedelta(minutes=minutes * 1.1)


def test_F65_F120_tries_end_after_about_five_days() -> None:
    """A message is given up, so that it shows as such, after four to six days."""
    now, attempts = NOW, 0
    while True:
        attempts += 1
        due = retry_at(attempts, BUSY, now, key="7")
        if due is None:
            break
        now = due
    assert timedelta(days=4) < now - NOW < timedelta(days=6)
    assert attempts == MOST


def test_F65_nothing_is_tried_more_than_five_days_after_it_was_made() -> None:
    """A message's age limits its tries, also if a server asks for long waits."""
    late = NOW + timedelta(days=4, hours=23, minutes=30)
    assert retry_at(9, BUSY, late, created=NOW) is None
    assert retry_at(1, BUSY, late, created=NOW) is not None


def test_F80_what_the_far_side_asks_is_the_least_wait() -> None:
    """Retry-After is never undercut; a shorter one than our own wait changes nothing."""
    asked = retry_at(1, NotSent("429", timedelta(hours=2)), NOW, key="7")
    short = retry_at(3, NotSent("429", timedelta(seconds=1)), NOW, key="7")
    assert asked is not None
    assert short is not None
    assert asked >= NOW + timedelta(hours=2)
    assert short >= NOW + timedelta(minutes=15)


def test_F71_an_unknown_outcome_is_tried_once_more() -> None:
    """An unknown outcome is tried once more, after ten minutes: one repeat at most (I2)."""
    due = retry_at(1, Unknown("lost"), NOW, doubted=False)
    assert due is not None
    assert due - NOW >= timedelta(minutes=10)
    assert retry_at(2, Unknown("lost"), NOW, doubted=True) is None
    assert retry_at(3, Unknown("lost"), NOW, doubted=False) is not None
    assert retry_at(2, Unknown("lost"), NOW) is None  # `doubted` unknown: be careful


def test_F07_F11_two_senders_that_died_do_not_lose_a_message() -> None:
    """Each death of a sender allows one repeat; after a dozen the message is given up."""
    died = Died("no record")
    for deaths in range(DEATHS - 1):
        due = retry_at(deaths + 1, died, NOW, doubted=True, deaths=deaths)
        assert due is not None
        assert due - NOW >= timedelta(minutes=10)
        assert due - NOW <= timedelta(minutes=66)
    assert retry_at(DEATHS, died, NOW, deaths=DEATHS - 1) is None
    assert retry_at(3, Unknown("lost"), NOW, doubted=False, deaths=2) is not None


@pytest.mark.parametrize("answer", [Sent("250 ok"), Refused("550 no such user")])
def test_a_settled_message_is_never_tried_again(answer: Answer) -> None:
    """A message that was sent or refused for good is settled."""
    assert retry_at(1, answer, NOW) is None


def test_tries_of_many_messages_are_spread_and_the_same_each_time() -> None:
    """The spread comes from the delivery's id: different for each, equal on each call."""
    dues = {retry_at(4, BUSY, NOW, key=str(number)) for number in range(50)}
    assert len(dues) == 50
    assert dues == {retry_at(4, BUSY, NOW, key=str(number)) for number in range(50)}
    assert all(one != two for one, two in pairwise(sorted(due for due in dues if due)))


@pytest.mark.parametrize(
    ("refusals", "span", "suspended"),
    [
        (SUSPEND_AFTER, SUSPEND_SPAN, True),
        (SUSPEND_AFTER - 1, timedelta(days=9), False),
        (500, SUSPEND_SPAN - timedelta(seconds=1), False),
    ],
)
def test_F75_a_recipient_is_suspended_for_refusals_that_last(
    refusals: int, span: timedelta, suspended: bool
) -> None:
    """Three refusals in a row, a day from the first to the last, suspend a recipient."""
    assert suspends(refusals, NOW, NOW + span) is suspended
