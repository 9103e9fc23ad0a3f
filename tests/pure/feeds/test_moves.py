"""Redirects: which are believed, and when (RFC 9110 §15.4)."""

from __future__ import annotations

import pytest
from support.polls import NOW, SETTINGS, URL, after, document, entry, polling, redirected

from monitor.errors import NotAFeed
from monitor.feeds.decide import Known, decide
from monitor.model import Validators

ELSEWHERE = "https://other.test/feed"


@pytest.mark.parametrize("status", [301, 308])
def test_p55_a_permanent_move_is_believed_at_its_second_sighting(status: int) -> None:
    """The first sighting is remembered; the second moves the feed, without its validators (P07)."""
    first = after(polling(), redirected((status, ELSEWHERE)), document(entry("a"))).polling
    assert (first.feed.url, first.moved_to) == (URL, ELSEWHERE)
    second = after(first, redirected((status, ELSEWHERE)), document(entry("a"))).polling
    assert (second.feed.url, second.moved_to) == (ELSEWHERE, "")
    assert second.validators == Validators()


@pytest.mark.parametrize("target", ["https://feed.test/atom", "https://www.feed.test/rss"])
def test_p55_a_move_on_the_same_site_is_believed_at_once(target: str) -> None:
    """A site that tidies up its addresses needs no second sighting."""
    state = after(polling(), redirected((301, target)), document(entry("a"))).polling
    assert state.feed.url == target


def test_p55_a_move_that_is_taken_back_is_forgotten() -> None:
    """Two sightings in a row count, not two in a lifetime."""
    state = polling(moved_to=ELSEWHERE)
    assert after(state, redirected((302, ELSEWHERE)), document(entry("a"))).polling.moved_to == ""


@pytest.mark.parametrize("status", [302, 303, 307])
def test_p56_temporary_redirects_are_not_saved(status: int) -> None:
    """After a temporary redirect the feed keeps its address."""
    state = polling(moved_to=ELSEWHERE)
    for _ in range(3):
        state = after(state, redirected((status, ELSEWHERE)), document(entry("a"))).polling
        assert state.feed.url == URL


def test_p57_only_the_part_before_the_first_temporary_hop_is_saved() -> None:
    """After 301, then 302, then 200, the target of the 301 is saved."""
    hops = ((301, "https://feed.test/new"), (302, ELSEWHERE))
    state = after(polling(), redirected(*hops), document(entry("a"))).polling
    assert state.feed.url == "https://feed.test/new"


def test_p58_a_move_to_a_page_is_not_saved() -> None:
    """A login or a parked domain is reported as an error, and the address stays."""
    state = polling(moved_to=ELSEWHERE)
    decision = after(state, redirected((301, ELSEWHERE)), NotAFeed("not a feed", "a web page"))
    assert decision.polling.feed.url == URL
    assert "web page" in decision.outcome.why


def test_p59_a_step_down_from_https_is_not_saved() -> None:
    """A permanent redirect to http leaves the https address as it is."""
    down = redirected((301, "http://feed.test/rss"))
    assert after(polling(), down, document(entry("a"))).polling.feed.url == URL


def test_p60_a_move_to_a_subscribed_feed_is_reported() -> None:
    """The address stays, and the decision names the duplicate."""
    answer = redirected((301, ELSEWHERE))
    state = polling(moved_to=ELSEWHERE)
    decision = decide(
        state, answer, document(entry("a")), Known(), NOW, SETTINGS, subscribed={ELSEWHERE}
    )
    assert decision.duplicate_of_url == ELSEWHERE
    assert decision.polling.feed.url == URL
