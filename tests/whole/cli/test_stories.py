"""`monitor stories`: the list, the reasons, and a person's corrections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection
from support.cli import Ended, monitor
from support.values import article, match

from monitor import store as stores
from monitor.model import Article
from monitor.store import articles, stories
from monitor.stories.grouper import Grouper
from monitor.testing import FakeClock

Run = Callable[..., Ended]
TITLE = "Navy launches frigate Haldor at the northern yard"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`monitor stories …` on a database in which four outlets report one event, a fifth another."""
    url = f"sqlite:///{tmp_path / 'monitor.sqlite3'}"
    now = datetime.now(UTC)
    grouper = Grouper()
    with stores.open(url) as store:
        for number in range(1, 6):
            at = now - timedelta(hours=6 - number)
            title = f"{TITLE} {number}" if number < 5 else "Bakers\x1b[31m open their fair"
            text = f"{title}. Seen from the pier." if number == 4 else f"Text {number}."
            told = article(
                number, title=title, text=text, first_seen=at, published=at, source=f"Desk {number}"
            )
            store.write_now(assigned, told, grouper, at)
    return partial(monitor, "--db", url, "stories")


def assigned(connection: Connection, told: Article, grouper: Grouper, at: datetime) -> None:
    (number,) = articles.insert(connection, [articles.New(told, [match()], False, at)])
    assert number is not None
    [given] = stories.waiting(connection, [number])
    decided = grouper.assign(given, at)
    story = stories.assign(connection, given, decided, at)
    assert story is not None
    grouper.restore(given, story, decided.duplicate_of)


def test_what_is_told_of_now_is_told_by_the_clock_that_is_given(run: Run) -> None:
    """A week later every story is stale and the default list is empty; a split gets that time."""
    clock = FakeClock(datetime.now(UTC) + timedelta(days=7))
    assert run("list", "--json", clock=clock).json == []
    later = run("list", "--since", "30d", "--json", clock=clock).json
    assert {row["state"] for row in later} == {"stale"}
    assert run("why", "1", "--json", clock=clock).json["state"] == "stale"
    apart = run("split", "4", "--json", clock=clock).json["story"]
    (ruled,) = run("why", apart, "--json").json["why"]
    assert ruled["rulings"][0]["at"].startswith(f"{clock.now():%Y-%m-%dT%H:%M:%S}")


def test_stories_are_listed_by_how_they_move(run: Run) -> None:
    told = run("list", "--json").json
    assert [(row["story"], row["state"], row["articles"], row["outlets"]) for row in told] == [
        (1, "growing", 4, 4),
        (2, "new", 1, 1),
    ]
    assert [row["story"] for row in run("list", "--state", "new", "--json").json] == [2]
    shown = run("list").out
    assert TITLE in shown
    assert "\x1b" not in shown
    assert run("list", "--since", "2h", "--state", "stale").out.startswith("no story")


def test_each_assignment_is_explained(run: Run) -> None:
    told = run("why", "1", "--json").json
    first, second = told["why"][:2]
    assert (first["article"], first["nearest"], first["rulings"]) == (1, None, [])
    assert (second["article"], second["nearest"], second["hours"]) == (2, 1, 1.0)
    assert second["score"] > 0.3
    assert "frigate" in second["terms"]
    shown = run("why", "1").out
    assert "1 hour from article 1" in " ".join(shown.split())
    assert "4 articles of 4 outlets" in shown
    ended = run("why", "9")
    assert (ended.code, ended.err) == (2, "monitor: there is no story 9 (monitor stories list)\n")


def test_a_person_divides_and_joins(run: Run) -> None:
    assert run("split", "2", "3").out == "story 3 now has articles 2, 3, which were of story 1\n"
    assert "not the same story as article 1 (it was in story 1)" in run("why", "3").out
    told = run("join", "1", "3", "--json").json
    assert told == {"story": 1, "were_of": [3], "articles": [2, 3]}
    assert ": same story as article 1" in " ".join(run("why", "1").out.split())
    assert run("split", "1", "2", "3", "4").code == 2
    assert run("join", "1").code == 2


def test_without_history_no_burst_is_guessed(run: Run) -> None:
    ended = run("bursts")
    assert ended.code == 0
    assert "2 watchlists and terms seen, 0 in a burst, 2 without enough history" in ended.out
    assert run("bursts", "--json").json == []
    whole, term = run("bursts", "--all", "--watchlist", "nato", "--json").json
    assert (whole["term"], term["term"], whole["stories"], whole["usual"]) == ("", "title", 2, None)
    assert [one["article"] for one in whole["articles"]] == [1, 2, 3, 4, 5]
    assert run("bursts", "--watchlist", "natto").code == 2


def test_a_file_is_grouped_by_the_noun_alone(run: Run, tmp_path: Path) -> None:
    """`monitor stories --jsonl FILE`, as other programs call it, groups a file.

    Together with a command it is refused.
    """
    file = tmp_path / "articles.jsonl"
    file.write_text('{"id": "a", "title": "Frigate"}\n', encoding="utf-8")
    assert run("--jsonl", file).json == {"id": "a", "story": "s1", "duplicate_of": None}
    assert run("--jsonl", file, "list").code == 2
    assert run("--json").code == 2
