"""Questions asked every few seconds cost what is due, not what is kept."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from support import old
from support.values import HOUR, NOW, feed

from monitor import store as stores
from monitor.model import Digest, Window
from monitor.store import (
    editions,
    entries,
    feeds,
    outbox,
    pages,
    pushes,
    reissues,
    rulings,
    search,
    sightings,
    stories,
)

DIGEST = Digest(name="desk", watchlists=("nato", "drones"))
WINDOW = Window(NOW - HOUR, NOW)
ARTICLE = """INSERT INTO articles (id, url, url_key, link, title, text, authors, source, owner,
    language, tags, embeds, method, problems, text_hash, baseline, first_seen)
    VALUES (1, '', '', '', '', '', '[]', '', '', '', '[]', '[]', '', '[]', '', 0, '2024-10-18')"""
MATCH = """INSERT INTO matches
    (watchlist, article_id, score, spans, query, version, matched, rematched)
    VALUES ('nato', 1, 1, '[]', 0, '', '2024-10-18', 0)"""
GROWING = (
    "articles",
    "deliveries",
    "earlier",
    "edition_articles",
    "entries",
    "matches",
    "polls",
    "pushes",
    "rulings",
)
OPEN_ONLY = "SCAN deliveries USING INDEX ix_deliveries_open"
"""A partial index, which holds the open deliveries: of them the outbox goes through all."""


def steps(connection: Connection, ask: Callable[..., Any], args: tuple[Any, ...]) -> list[str]:
    """Return the steps of SQLite's plans for all statements of a question."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, _x: Any, _many: bool) -> None:
        seen.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    ask(connection, *args)
    event.remove(connection, "before_cursor_execute", note)
    return [
        str(row[3])
        for statement, values in seen
        if statement.startswith(("SELECT", "UPDATE"))
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    ]


@pytest.mark.parametrize(
    ("ask", "args"),
    [
        (feeds.due, (NOW,)),
        (feeds.statuses, (NOW,)),
        (entries.due, (NOW,)),
        (stories.due, (NOW,)),
        (outbox.due, (NOW,)),
        (outbox.stuck, (NOW - HOUR, NOW)),
        (outbox.last_taken, ("slack", "desk", NOW)),
        (pushes.is_live, (1, NOW)),
        (pushes.of_key, ("key",)),
        (editions.reported, (DIGEST, WINDOW)),
        (editions.told, ("desk", [1, 2])),
        (editions.accounting, (WINDOW,)),
        (editions.accounting, (WINDOW, ["nato", "drones"])),
        (editions.last_sent, ("desk",)),
        (entries.known, ([(1, ["key"], ["http://northwatch.example/1"])],)),
        (rulings.of_articles, ([1, 2],)),
        (sightings.seen, (["nato"], NOW - HOUR, NOW)),
        (sightings.anything, (NOW - HOUR, NOW)),
        (stories.told_since, (NOW - timedelta(days=1),)),
        (stories.first_members, (1, 10)),
        (editions.outlined, (DIGEST, WINDOW, 10)),
        (editions.outlined_stories, ([1, 2], ["nato"])),
        (editions.sums, (WINDOW,)),
        (entries.of_feed, (1, 10)),
        (entries.unread, (NOW - HOUR, NOW, 10)),
        (entries.waiting, ()),
        (feeds.polls_of, (1, 10)),
        (sightings.moments, ("nato", NOW - HOUR, NOW)),
        (sightings.latest, ("nato", 10)),
        (outbox.to_whom, (1, 10)),
        (outbox.waiting, (10,)),
        (outbox.ended_unsent, (NOW - HOUR, 10)),
        (reissues.titles, (1, 10)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_F123_no_question_reads_a_whole_table(
    tmp_path: Path, ask: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    """Each growing table is reached through an index that narrows it."""
    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
        plan = store.read_now(steps, ask, args)
    whole = [step for step in plan for table in GROWING if step.startswith(f"SCAN {table}")]
    assert [step for step in whole if step != OPEN_ONLY] == []


def test_F123_what_is_released_is_found_by_its_reissue(tmp_path: Path) -> None:
    """The entries, articles and matches of a re-issue are found without reading whole tables."""

    def released(connection: Connection) -> list[str]:
        number = feeds.add(connection, feed(), NOW, NOW)
        reissues.suspect(connection, number, 3, "its archive", NOW)
        return steps(connection, reissues.release, (number, reissues.TELL, NOW))

    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
        plan = store.write_now(released)
    assert "SEARCH articles USING INDEX ix_articles_reissue_id (reissue_id=?)" in plan
    assert not [step for step in plan for table in GROWING if step.startswith(f"SCAN {table}")]


def test_what_waits_is_found_by_its_due_time_alone(tmp_path: Path) -> None:
    """A message's age is no help: most of what is kept was made long ago, and sent."""
    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
        plan = store.read_now(steps, outbox.stuck, (NOW - HOUR, NOW))
    assert plan == ["SEARCH deliveries USING INDEX ix_deliveries_due (due>?)"]


@pytest.mark.postgres
def test_F123_a_long_queue_to_one_recipient_costs_postgres_its_length_not_its_square(
    shared_url: str,
) -> None:
    """To ask of each message whether one is before it took minutes for a hundred thousand."""

    def fill(connection: Connection) -> None:
        old.old_row(connection, "editions", id=1, number=1)
        open_ones = """INSERT INTO deliveries (edition_id, channel, address, part, parts,
            message_id, subject, content_type, state, attempts, due, why, receipt, created, body)
            SELECT 1, 'email', 'desk@example.org', n, 1, n, '', 'text/plain', 'pending', 0,
            :now, '', '', :now, '' FROM generate_series(1, 40000) AS n"""
        connection.execute(text(open_ones), {"now": NOW})
        connection.execute(text("ANALYZE deliveries"))

    def asked(connection: Connection) -> list[int]:
        connection.execute(text("SET LOCAL statement_timeout = '5s'"))
        return outbox.due(connection, NOW)

    with stores.open(shared_url) as store:
        store.write_now(fill)
        assert len(store.read_now(asked)) == 1


def test_of_many_articles_found_only_the_newest_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Articles are read in order of date; only those seen at one moment are sorted."""
    monkeypatch.setattr(search, "MANY", 0)
    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
        plan = store.read_now(steps, search.search, ("frigate",))
    assert "SCAN articles USING INDEX ix_articles_first_seen" in plan
    assert not [step for step in plan if step.endswith("TEMP B-TREE FOR ORDER BY")]


@pytest.mark.parametrize("oldest", [True, False])
@pytest.mark.parametrize(
    ("ask", "more"),
    [
        (pages.entries_of, {}),
        (pages.articles_of, {"watchlist": "nato", "feed": 1}),
        (pages.stories_of, {"watchlist": "nato"}),
        (pages.editions_of, {"digest": None}),
        (pages.deliveries_of, {}),
        (pages.matches_of, {"now": NOW}),
        (pages.matches_of, {"now": NOW, "watchlist": "nato"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_s95_a_page_is_read_from_its_place_on(
    tmp_path: Path, ask: Callable[..., Any], more: dict[str, Any], oldest: bool
) -> None:
    """However deep the page lies, only what was found at one moment is sorted."""
    after: pages.Place = (NOW, 7, "m") if ask is pages.matches_of else (7,)
    page = pages.Page(limit=5, oldest=oldest, after=after)
    asked = functools.partial(ask, page=page, **more)
    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
        store.write_now(lambda c: c.exec_driver_sql(ARTICLE) and c.exec_driver_sql(MATCH))
        plan = store.read_now(steps, asked, ())
    assert plan
    assert not [step for step in plan for table in GROWING if step.startswith(f"SCAN {table}")]
    assert not [step for step in plan if step.endswith("TEMP B-TREE FOR ORDER BY")]
