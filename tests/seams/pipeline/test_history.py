"""Watchlists tried on stored articles, on both databases, give what the matcher gives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection
from support.values import HOUR, NOW, article

from monitor import workers
from monitor.model import Article, Watchlist
from monitor.pipeline import archive, history
from monitor.store import Store, articles
from monitor.watchlists.backtest import by_day, by_source, by_term
from monitor.watchlists.matcher import compile_watchlists

DAY = timedelta(days=1)
SHIPS = Watchlist(name="ships", queries=("frigate OR corvette",))
TEXTS = (
    "A frigate left the port of Bremerhaven.",
    "Two fri\u00adgates and the F.R.I.G.A.T.E. of N.A.T.O. met.",
    "Frigatebirds are birds.",
    "Nothing floats here.",
    "A corvette, and frigates, at Bremerhaven.",
    "A corvette and a submarine.",
    "新型フリゲート艦 corvette",
)


def kept(connection: Connection, texts: tuple[str, ...] = TEXTS) -> list[Article]:
    """Store one article a day, the first three with the matches of `SHIPS`."""
    matcher = compile_watchlists([SHIPS])
    written = []
    for number, text in enumerate(texts, 1):
        one = article(
            number,
            title=f"Number {number}",
            text=text,
            first_seen=NOW + DAY * number,
            source="Gazette" if number % 2 else "Herald",
        )
        found = matcher.match(one) if number <= 3 else []
        articles.insert(connection, [articles.New(one, found, False, NOW)])
        written.append(one)
    return written


def test_a_backtest_gives_what_the_matcher_gives(store: Store) -> None:
    """Days, terms, sources, gained and lost are counted for what was first seen in the window."""
    written = store.write_now(kept)
    new = Watchlist(name="ships", queries=("corvette OR (frigate AND Bremerhaven)",))
    start, end = NOW + DAY, NOW + DAY * 7  # the start is outside, so the first is too
    matcher = compile_watchlists([new])
    found = store.read_now(history.backtested, new, start, end, against=SHIPS)
    expected = [one.title for one in written[1:] if matcher.match(one)]
    assert [case.article.title for case in found.matched] == expected
    assert expected == ["Number 5", "Number 6", "Number 7"]
    assert found.articles == 6
    assert [case.article.title for case in found.lost] == ["Number 2"]
    assert found.gained == ()
    assert [n for _, n in by_day(found)] == [0, 0, 0, 0, 1, 1, 1]
    assert dict(by_term(found.matched))["corvette"] == 3
    assert dict(by_source(found.matched)) == {"Gazette": 2, "Herald": 1}
    assert found.stories == 3


def test_the_days_of_a_backtest_are_those_on_record_and_of_news(store: Store) -> None:
    """A young archive is not spread over 90 days, and a new feed's archive is not a flood."""

    def fill(connection: Connection) -> None:
        for number in range(1, 9):
            seen = NOW - DAY * 2 + HOUR * number
            one = article(number, text=f"Frigate {number} left.", first_seen=seen)
            articles.insert(connection, [articles.New(one, (), number > 4, NOW)])

    store.write_now(fill)
    found = store.read_now(history.backtested, SHIPS, NOW - DAY * 90, NOW)
    assert found.start == NOW - DAY * 2 + HOUR
    assert (len(found.matched), len(found.news)) == (8, 4)
    assert found.a_day == pytest.approx(4 / (47 / 24))
    assert [number for _, number in by_day(found)] == [4, 0, 0]
    assert found.stories <= 4


def test_a_backtest_against_what_is_stored(store: Store) -> None:
    """Stored matches count as they are, whatever the watchlist says today."""
    store.write_now(kept)
    new = Watchlist(name="ships", queries=("corvette",))
    found = store.read_now(history.backtested, new, NOW, NOW + DAY * 9, against="ships")
    assert [case.article.title for case in found.lost] == ["Number 1", "Number 2"]
    assert [case.article.title for case in found.gained] == ["Number 5", "Number 6", "Number 7"]


def test_workers_find_what_one_process_finds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small blocks, shared out, yield the same articles in the same order."""
    store.write_now(kept)
    alone = store.read_now(replayed)
    assert [one.article.id for one in alone] == [1, 2, 3, 4, 5, 6, 7]
    assert [bool(one.matches) for one in alone] == [True, True, False, False, True, True, True]
    monkeypatch.setattr(archive, "BLOCK", 2)
    assert store.read_now(replayed) == alone
    monkeypatch.setattr(archive, "WORTH_SHARING", 0)
    monkeypatch.setattr(archive, "AHEAD", 2)
    monkeypatch.setattr(workers, "cores", lambda: 2)
    assert store.read_now(replayed) == alone


def replayed(connection: Connection) -> list[archive.Replayed]:
    """Replay `SHIPS`: what it matches, and two articles that it does not."""
    return list(archive.replay(connection, [SHIPS], NOW, NOW + DAY * 7, also=[4, 3]))


def test_coverage_tells_silence_and_noise(store: Store) -> None:
    """Coverage names silent and noisy terms, and a watchlist that depends on one source."""
    quiet = tuple("Nothing floats here." for _ in range(40))
    many = tuple("A frigate." if n % 2 else "Calm sea." for n in range(1, 15))

    def fill(connection: Connection) -> None:
        kept(connection, many + quiet)

    store.write_now(fill)
    one = Watchlist(name="ships", queries=("frigate OR (destroyer AND NOT film)",))
    found = store.read_now(history.covered, [one], NOW, NOW + DAY * 99)
    account = found.accounts[0]
    assert (found.articles, account.matches) == (54, 7)
    assert account.silent() == ["destroyer"]
    assert account.noisy() == [("frigate", 7)]
    assert account.one_source() == ("Gazette", 7)
    assert found.sources == (("Herald", 27),)


def test_suggestions_go_with_the_matches(store: Store) -> None:
    """A word of the matches alone is suggested; one found everywhere, or known, is not."""
    ours = "Frigates of the Bundesmarine sailed off Bremerhaven, on a calm lagoon."
    other = "The mayor opened a lagoon."

    def fill(connection: Connection) -> None:
        kept(connection, tuple(ours if n % 2 else other for n in range(40)))

    store.write_now(fill)
    count, found = store.read_now(history.suggested, SHIPS, NOW, NOW + DAY * 99)
    terms = [one.term for one in found]
    assert count == 20
    assert any("Bundesmarine" in term for term in terms)
    assert not any(term == "lagoon" or "rigate" in term for term in terms)


def test_history_knows_the_silent_query_and_the_flood(store: Store) -> None:
    """Each query is counted by itself."""
    store.write_now(kept)
    both = Watchlist(name="ships", queries=("corvette", "galleon"))
    total, counted = store.read_now(history.evidence, [both], NOW, NOW + DAY * 9 + HOUR)
    assert total == 7
    assert counted == {("ships", 0): 3}
