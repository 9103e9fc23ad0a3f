"""Watchlists tried on stored articles, as people and programs see the results."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.cli import Ended, monitor
from support.values import article

from monitor import store as stores
from monitor.cli.history import sparkline
from monitor.store import articles

Run = Callable[..., Ended]
COUNT = 210


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings with one watchlist, and articles of three weeks, every seventh about ships."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "watchlists").mkdir()
    (folder / "watchlists" / "ships.toml").write_text('query = ["frigate", "galleon"]\n')
    (folder / "monitor.toml").write_text("")
    now = datetime.now(UTC)
    with stores.open(f"sqlite:///{folder / 'monitor.sqlite3'}") as store:
        for number in range(COUNT):
            one = article(
                number,
                title=f"\x1b[31mA frigate {number}" if number % 7 == 0 else f"Number {number}",
                text="Calm sea.",
                source=f"Paper {number % 3}",
                first_seen=now - timedelta(hours=2 * number, minutes=1),
            )
            store.write_now(articles.insert, [articles.New(one, (), False, now)])
    return folder


@pytest.fixture
def run(folder: Path) -> Run:
    """Run `monitor watchlists ...` on these settings and this database."""

    def call(*words: object) -> Ended:
        return monitor("watchlists", *words, *_places(folder))

    return call


def _places(folder: Path) -> tuple[object, ...]:
    return "--config", folder, "--db", f"sqlite:///{folder / 'monitor.sqlite3'}"


def test_a_backtest_in_json(run: Run, folder: Path) -> None:
    """The JSON has everything that people see, and all gained and lost matches."""
    tried = folder / "ships.toml"
    tried.write_text('query = "number"\nlanguages = ["en"]\n')
    told = run("backtest", tried, "--since", "30d", "--against", "live", "--json").json
    assert (told["articles"], told["matches"]) == (COUNT, 180)
    assert sum(day["matches"] for day in told["days"]) == 180
    assert told["terms"] == [{"term": "number", "matches": 180}]
    assert len(told["sources"]) == 3
    assert (len(told["gained"]), len(told["lost"])) == (180, 30)
    assert told["lost"][0]["title"].endswith("A frigate 203")
    # The archive begins 418 hours ago.
    assert told["stories_a_day"] <= told["matches_a_day"] == round(180 / (418 / 24), 2)
    assert told["baseline"] == 0
    assert told["samples"][0].keys() >= {"id", "title", "source", "url", "first_seen", "words"}


def test_a_backtest_for_people(run: Run) -> None:
    """A backtest prints a headline, bars and tables, and no escape sequence from a title."""
    ended = run("backtest", "ships", "--since", "30d", "--against", "stored")
    assert ended.code == 0
    assert ended.out.startswith(f"ships: 30 matches in {COUNT} articles, ")
    assert "gained over the stored matches: 30" in ended.out
    assert "lost against the stored matches: 0" in ended.out
    assert "and 20 more (--json has all)" in ended.out
    assert re.search(r"^20\d\d-\d\d-\d\d  ", ended.out, re.MULTILINE)  # years go by in a backtest
    assert "█" in ended.out
    assert "\x1b" not in ended.out
    assert max(map(len, ended.out.splitlines())) <= 120


def test_a_time_that_lies_ahead_is_refused(run: Run) -> None:
    """A `--since` in the future ends with 2 and a line that says what to write."""
    ended = run("backtest", "ships", "--since", "2999-01-01")
    assert ended.code == 2
    assert 'write "90d"' in ended.err


def test_a_pipe_gets_the_silent_terms_in_one_line_without_padding(run: Run, tmp_path: Path) -> None:
    """What a program reads, or a person copies, is neither broken to some width nor filled up."""
    terms = [f"armament number {number}" for number in range(25)]
    listed = " OR ".join(f'"{term}"' for term in ["frigate", *terms])
    path = tmp_path / "much.toml"
    path.write_text(f"query = '{listed}'\n")
    lines = run("coverage", path, "--since", "30d").out.splitlines()
    assert f"  silent terms (25): {', '.join(terms)}" in lines
    assert [line for line in lines if line != line.rstrip()] == []


def test_coverage_and_suggest(run: Run) -> None:
    """`coverage` and `suggest` answer people and programs."""
    told = run("coverage", "--since", "30d", "--json").json
    assert told["watchlists"][0]["silent_terms"] == ["galleon"]
    assert told["watchlists"][0]["noisy_terms"] == [{"term": "frigate", "alone": 30}]
    assert "silent terms (1): galleon" in run("coverage", "--since", "30d").out
    suggested = run("suggest", "ships", "--since", "30d", "--json").json
    assert suggested == {"watchlist": "ships", "matches": 30, "suggestions": []}
    assert "no word is more frequent in them" in run("suggest", "ships", "--since", "30d").out


def test_coverage_of_a_watchlist_without_matches_names_no_sources(run: Run, tmp_path: Path) -> None:
    """None of them has a match: a list of all feeds would say nothing more."""
    path = tmp_path / "none.toml"
    path.write_text('query = "zeppelin"\n')
    assert run("coverage", path, "--since", "30d").out.endswith("none: 0 matches\n")


def test_lint_with_history(run: Run) -> None:
    """With history, `lint` names a query that matched nothing and one that matched too much."""
    told = run("lint", "--since", "30d").out
    assert "query 1: floods: it matched 30 of 210 articles" in told
    assert "query 2: silent: it matched none of 210 articles" in told


def test_explain_tells_places_and_failed_clauses(run: Run, folder: Path) -> None:
    """`explain` takes a stored article, by its number, or a file with a text."""
    number = json.loads(monitor("search", "frigate", "--json", *_places(folder)).out)[0]["id"]
    [told] = run("explain", number, "--json").json
    assert (told["matched"], told["query"], told["text"]) == (True, 0, "frigate")
    assert told["spans"][0]["field"] == "title"
    assert "frigate" in run("explain", number).out
    text = folder / "text.txt"
    text.write_text("A corvette.")
    [missed] = run("explain", text, "--json").json
    assert (missed["matched"], missed["score"]) == (False, None)
    assert missed["why"] and missed["clause"]
    assert missed["reason"] == missed["why"]
    assert missed["why"] in run("explain", text).out
    for number in ("999999", "9" * 30):
        refused = run("explain", number)
        assert (refused.code, f"there is no article {number}" in refused.err) == (65, True)


def test_an_imported_query_is_a_watchlist(folder: Path) -> None:
    """The output can be saved as a watchlist; an empty line separates two queries."""
    file = folder / "nexis.txt"
    file.write_text('drone! w/5 strike\n\nhlead(nato) and not "o\'brien"\n')
    printed = monitor("watchlists", "import", file, "--dialect", "nexis").out
    assert tomllib.loads(printed)["query"] == [
        "drone* NEAR/5 strike",
        '(title:(nato) OR lead:(nato)) AND NOT "o\'brien"',
    ]
    told = monitor("watchlists", "import", file, "--dialect", "nexis", "--json").json
    assert "one word further" in told[0]["warnings"][0]
    file.write_text('"air\r\nbase"\r\n\r\nnato\x07\x7f and "a\tb"')
    printed = monitor("watchlists", "import", file, "--dialect", "nexis").out
    assert tomllib.loads(printed)["query"] == ['"air base"', 'nato\x07\x7f AND "a b"']
    file.write_text("drone\n\nnato and (")
    refused = monitor("watchlists", "import", file, "--dialect", "nexis")
    assert (refused.code, refused.out) == (65, "")
    assert f"{file}, query 2, line 1" in refused.err
    file.write_bytes("“air base”".encode("cp1252"))
    refused = monitor("watchlists", "import", file, "--dialect", "nexis")
    assert (refused.code, refused.out) == (65, "")
    assert "is not UTF-8" in refused.err


def test_bars_add_up_neighbours_and_show_every_match() -> None:
    """A single match in a year still shows, and a day without one is a space."""
    line = sparkline([0, 1, 0, 80])
    assert line == " ▁ █"
    assert len(sparkline([1] * 1000)) <= 90
