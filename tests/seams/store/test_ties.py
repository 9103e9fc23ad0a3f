"""What happened at one moment is listed in the same order on both databases, by number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, update
from support.values import HOUR, NOW, article, feed, match

from monitor.model import DeliveryState, Fate, Recipient
from monitor.store import Store, articles, entries, feeds, outbox, schema, sightings, trace

SHUFFLED = (3, 1, 5, 2, 6, 4)
NEWEST = [6, 5, 4, 3, 2, 1]
EPOCH = NOW - timedelta(days=365)
EARLIER = NOW - HOUR


def tied(connection: Connection, table: Table, **values: Any) -> None:
    """Six rows of one moment, numbered, and kept in no order of their numbers.

    `values`: those of each row; a function makes one of the number.
    """
    for number in SHUFFLED:
        row = {name: one(number) if callable(one) else one for name, one in values.items()}
        connection.execute(insert(table).values(id=number, **row))
    for number in (2, 5):  # PostgreSQL keeps a changed row behind the others
        connection.execute(update(table).where(table.c.id == number).values(id=number))


def a_feed(connection: Connection) -> int:
    return feeds.add(connection, feed(), NOW, NOW)


def some_polls(connection: Connection) -> list[int]:
    number = a_feed(connection)
    tied(connection, schema.polls, feed_id=number, at=NOW, outcome="new", seen=int)
    return [one.seen for one in feeds.polls_of(connection, number, 5)]


def some_unreadable(connection: Connection) -> list[int]:
    tied(
        connection,
        schema.entries,
        feed_id=a_feed(connection),
        key=str,
        guid=str,
        title=str,
        content_hash="",
        first_seen=NOW,
        fate=Fate.UNREADABLE.value,
    )
    return [int(title) for title, _ in entries.unread(connection, NOW - HOUR, NOW, 5)]


def some_matched(connection: Connection) -> list[int]:
    told = [article(number, first_seen=NOW) for number in range(1, 7)]
    articles.insert(connection, [articles.New(one, [match()], False, EARLIER) for one in told])
    for number in SHUFFLED:
        mine = schema.matches.c.article_id == number
        connection.execute(update(schema.matches).where(mine).values(matched=NOW))
    return sightings.latest(connection, "nato", 5)


def an_edition(connection: Connection, number: int) -> str:
    """Store it, and return the name of its digest."""
    digest, times = f"desk {7 - number}", {"window_start": EPOCH, "window_end": NOW}
    made = {"id": number, "digest": digest, "number": 1, "published": NOW, "body": {}}
    connection.execute(insert(schema.editions).values(**made, **times))
    return digest


def deliveries_of(connection: Connection, **values: Any) -> None:
    an_edition(connection, 1)
    tied(
        connection,
        schema.deliveries,
        edition_id=1,
        channel="email",
        address=lambda number: f"{number}@desk.example",
        message_id=str,
        content_type="text/plain",
        body=b"",
        created=NOW,
        **values,
    )


def some_waiting(connection: Connection) -> list[int]:
    deliveries_of(connection, due=NOW)
    return [one.delivery.id for one in outbox.waiting(connection, 5)]


def some_refused(connection: Connection) -> list[int]:
    deliveries_of(connection, state=DeliveryState.REFUSED.value)
    return [one.delivery.id for one in outbox.ended_unsent(connection, NOW - HOUR, 5)]


def some_stuck(connection: Connection) -> list[Recipient]:
    deliveries_of(connection, due=NOW + HOUR, attempts=1)
    return [whom for whom, _, _ in outbox.stuck(connection, NOW, NOW)]


STUCK = [Recipient("email", f"{number}@desk.example") for number in range(1, 7)]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (some_polls, NEWEST[:5]),
        (some_unreadable, NEWEST[:5]),
        (some_matched, NEWEST[:5]),
        (some_waiting, [1, 2, 3, 4, 5]),
        (some_refused, NEWEST[:5]),
        (some_stuck, STUCK),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_happened_at_one_moment_is_told_in_the_order_of_its_numbers(
    store: Store, ask: Callable[[Connection], list[Any]], told: list[Any]
) -> None:
    """Newest first where the newest is first; what waits longest first, by the lowest number."""
    assert store.write_now(ask) == told


def test_counts_are_told_in_the_order_of_what_is_counted(store: Store) -> None:
    states = [state.value for state in DeliveryState]

    def counted(connection: Connection) -> list[str]:
        deliveries_of(connection, state=lambda number: states[-number % len(states)])
        return list(outbox.counts(connection))

    assert store.write_now(counted) == sorted(states)


def test_the_way_of_an_entry_is_told_in_the_order_of_its_steps(store: Store) -> None:
    """Two watchlists that matched at one moment, two editions that told it."""

    def way(connection: Connection) -> tuple[list[str], list[int]]:
        one, found = article(1, first_seen=NOW), [match("ukraine"), match("drones"), match()]
        articles.insert(connection, [articles.New(one, found, False, NOW)])
        for number in SHUFFLED:
            told = {"edition_id": number, "article_id": 1, "story_id": 1, "fate": "carried"}
            told["digest"] = an_edition(connection, number)
            connection.execute(insert(schema.edition_articles).values(**told))
        kept = trace.kept(connection, "article", 1)
        return [row["watchlist"] for row in kept.matches], [
            row["edition_id"] for row in kept.editions
        ]

    assert store.write_now(way) == (["drones", "nato", "ukraine"], [1, 2, 3, 4, 5, 6])
