"""Values that only a hostile or broken server sends are stored, and none stops a write."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
from sqlalchemy import Connection, PrimaryKeyConstraint, UniqueConstraint
from support.brought import brought
from support.commits import in_one_commit
from support.databases import fill_up
from support.values import HOUR, NOW, article, entry, feed, match

from monitor import store as stores
from monitor.errors import TryLaterError
from monitor.model import Assignment, Digest, Edition, Fate, Feed, Window
from monitor.store import (
    Store,
    articles,
    editions,
    entries,
    feeds,
    leases,
    retention,
    robots,
    schema,
    stories,
    types,
)

NOISE = "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz0123456789%&=/", k=8_000))
"""Text that no compression makes short enough for an index."""
UNIQUE = (PrimaryKeyConstraint, UniqueConstraint)
DIGEST = Digest(name="desk", watchlists=("nato",))


def due_now(_feed: Feed) -> datetime:
    return NOW


def add_feed(store: Store, **more: object) -> int:
    store.write_now(feeds.sync, [feed(**more)], NOW, due_now)
    return store.read_now(feeds.due, NOW)[0]


# ----------------------------------------------------------------------------- values


def test_a_key_and_a_link_of_any_length_are_kept_and_known_again(store: Store) -> None:
    """One entry with an endless address must not keep a feed's other entries out (F54)."""
    feed_id = add_feed(store)
    long = entry(1, key=f"guid {NOISE}", link=f"http://northwatch.example/{NOISE}")
    some = [(long, "t.x.l"), (entry(2), "hash")]
    added = brought(store, feed_id, some)
    assert added.new == 2
    by_key = store.read_now(entries.known, [(feed_id, [long.key], [])])
    assert by_key == {feed_id: [(long.key, long.link, "t.x.l")]}
    by_link = store.read_now(entries.known, [(feed_id, [], [long.link])])
    ((stored, link, _),) = by_link[feed_id]
    assert link == long.link
    for key in (long.key, stored):
        again = [(replace(long, key=key), "t.y.l")]
        assert brought(store, feed_id, again).new == 0
    revised = [(replace(long, title="Changed"), "t.y.l")]
    changed = brought(store, feed_id, [], revised)
    assert changed.revised == 1


def test_an_article_with_an_address_of_any_length_is_kept_once(store: Store) -> None:
    """The address stays whole, as a digest links it; two that differ at the end stay two."""
    one, two = (f"http://northwatch.example/{NOISE}/{end}" for end in "ab")
    for url in (one, two):
        told = article(url=url)
        assert store.write_now(articles.insert, [articles.New(told, [], False, NOW)])[0] is not None
        assert store.write_now(articles.insert, [articles.New(told, [], False, NOW)])[0] is None
    found = store.read_now(articles.by_url, [two, "http://northwatch.example/"])
    kept = store.read_now(articles.get, found.pop(two))
    assert not found
    assert kept is not None
    assert kept.url == two


def test_characters_that_no_database_keeps_are_left_out(store: Store) -> None:
    """NUL and lone surrogates are removed from texts and from lists; the rest is stored."""
    bad = "a\x00b\ud800c"
    feed_id = add_feed(store)
    writers = (bad, "\N{SATELLITE} Press", r"\u0000 and \ud800", "\N{SATELLITE}\ud800")
    said = entry(1, title=bad, authors=writers, language="x" * 40)
    brought(store, feed_id, [(said, "hash")])
    (job,) = store.write_now(
        entries.claim, store.read_now(entries.due, NOW), NOW, leases.Lease("x", NOW + HOUR)
    )
    assert job.entry.title == "abc"
    assert job.entry.authors == ("abc", *writers[1:3], "\N{SATELLITE}")
    assert job.entry.language == "x" * 40
    rules = {
        "origin": "https://northwatch.example:443",
        "text": bad,
        "closed": "",
        "etag": b"\x00",
        "last_modified": None,
        "fetched": NOW,
    }
    store.write_now(robots.save, rules)
    kept = store.read_now(robots.load, "https://northwatch.example:443")
    assert kept is not None
    assert (kept["text"], kept["etag"]) == ("abc", b"\x00")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ([], "[]"),
        ({}, "{}"),
        (MappingProxyType({"a\x00": ({"b\udfff": 1.5}, None)}), '{"a": [{"b": 1.5}, null]}'),
        (MappingProxyType({"a": MappingProxyType({"b": ()})}), '{"a": {"b": []}}'),
    ],
)
def test_tables_and_lists_become_json_without_what_no_database_keeps(
    value: object, written: str
) -> None:
    assert types.as_json(value) == written


# ----------------------------------------------------------------------------- feeds


def test_a_feed_asked_once_is_polled_for_good_when_it_is_added(store: Store) -> None:
    """A poll by command leaves no due time; adding the feed sets one."""
    store.write_now(feeds.add_once, feed(), NOW)
    assert store.read_now(feeds.due, NOW) == []
    store.write_now(feeds.add, feed(), NOW, NOW)
    assert len(store.read_now(feeds.due, NOW)) == 1


def test_settings_that_name_the_new_address_of_a_moved_feed_keep_it_polled(store: Store) -> None:
    """P55: correcting the settings after a move must not switch the feed off."""
    feed_id = add_feed(store)
    new = "http://northwatch.example/new/"
    moved = schema.feeds.update().where(schema.feeds.c.id == feed_id).values(url=new)
    store.write_now(lambda connection: connection.execute(moved).rowcount)
    store.write_now(feeds.sync, [feed(new)], NOW, due_now)
    (status,) = store.read_now(feeds.statuses)
    assert status.polling.feed.enabled
    assert store.read_now(feeds.due, NOW) == [feed_id]


# --------------------------------------------------------------------------- entries


def claimed(store: Store) -> entries.Job:
    ids = store.read_now(entries.due, NOW)
    (job,) = store.write_now(entries.claim, ids, NOW, leases.Lease("x", NOW + HOUR))
    return job


def test_a_revision_that_comes_while_an_entry_is_read_is_read_after_it(store: Store) -> None:
    """F49: what was read is settled; what the feed has said since then stays due."""
    feed_id = add_feed(store)
    brought(store, feed_id, [(entry(1), "old")])
    job = claimed(store)
    revised = [(entry(1, title="Changed"), "new")]
    brought(store, feed_id, [], revised)
    store.write_now(
        entries.settle,
        [entries.Settled(job.id, Fate.UNREADABLE, why="empty", said=job.content_hash)],
    )
    again = claimed(store)
    assert again.entry.title == "Changed"
    store.write_now(
        entries.settle,
        [entries.Settled(again.id, Fate.UNREADABLE, why="empty", said=again.content_hash)],
    )
    assert store.read_now(entries.due, NOW + HOUR) == []


# -------------------------------------------------------------------------- editions


def told(store: Store, number: int, *, at: timedelta = timedelta(), **more: object) -> int:
    """Store a matched article in a story of its own, matched at NOW + `at`; return its number."""
    baseline = bool(more.pop("baseline", False))
    moment = NOW + at
    some = article(number, **{"first_seen": moment, "published": moment} | more)
    number = (
        store.write_now(articles.insert, [articles.New(some, [match()], baseline, moment)])[0] or 0
    )
    assignment = Assignment(article_id=number, story_id=None)
    store.write_now(stories.assign, replace(some, id=number), assignment, moment)
    return number


def reported(store: Store, start: timedelta, end: timedelta) -> list[int]:
    window = Window(NOW + start, NOW + end)
    return [one.article.id for one in store.read_now(editions.reported, DIGEST, window)]


def test_F35_matches_made_while_the_clock_was_put_back_are_told(store: Store) -> None:
    """A wrong clock put the pointer ahead; what matches before that time is still news."""
    days = timedelta(days=1)
    store.write_now(editions.register, "desk", NOW - HOUR)
    ahead = Window(NOW - HOUR, NOW + 10 * days)
    store.write_now(editions.move_on, "desk", ahead)
    lost = told(store, 1, at=HOUR)
    assert reported(store, 10 * days, 11 * days) == [lost]
    store.write_now(editions.move_on, "desk", Window(NOW + 10 * days, NOW + 11 * days))
    assert reported(store, 11 * days, 12 * days) == []


def test_old_matches_of_a_watchlist_that_joins_a_digest_are_no_news(store: Store) -> None:
    """What matched long before the window, and before the pointer moved, stays untold."""
    days = timedelta(days=1)
    store.write_now(editions.register, "desk", NOW - HOUR)
    told(store, 1)
    store.write_now(editions.move_on, "desk", Window(NOW - HOUR, NOW + 10 * days))
    assert reported(store, 10 * days, 11 * days) == []


def test_a_preview_of_a_new_digest_tells_its_window_only(store: Store) -> None:
    """D32: without a pointer, nothing that matched before the window is news."""
    told(store, 1)
    fresh = told(store, 2, at=2 * HOUR)
    assert reported(store, HOUR, 3 * HOUR) == [fresh]


def test_what_a_new_feed_brought_too_late_for_its_window_is_in_the_next(store: Store) -> None:
    """I3: a baseline entry counts by its date; if read too late, it is in the next window."""
    store.write_now(editions.register, "desk", NOW - HOUR)
    publish_empty(store, Window(NOW - HOUR, NOW))
    fresh = told(
        store,
        1,
        at=timedelta(minutes=5),
        baseline=True,
        first_seen=NOW - timedelta(minutes=5),
        published=NOW - timedelta(minutes=30),
    )
    told(
        store,
        2,
        at=timedelta(minutes=5),
        baseline=True,
        first_seen=NOW - timedelta(minutes=5),
        published=NOW - 5 * HOUR,
    )
    assert reported(store, timedelta(), HOUR) == [fresh]


def publish_empty(store: Store, window: Window) -> None:
    edition = Edition(digest="desk", title="Desk", number=1, window=window, zone="UTC")
    store.write_now(editions.publish, edition, {}, [], subject="", fates={}, now=window.end)


# ------------------------------------------------------------------------- the machine


def test_F35_a_claim_stamped_by_a_clock_that_ran_ahead_ends(store: Store) -> None:
    """No claim is made for longer than minutes, so one that ends in days is not valid."""
    feed_id = add_feed(store)
    ahead = leases.Lease("dead", NOW + timedelta(days=10))
    store.write_now(feeds.claim, [feed_id], NOW, ahead)
    assert store.read_now(feeds.due, NOW) == [feed_id]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_F20_a_full_disk_says_so_to_all_who_shared_the_commit(store: Store) -> None:
    """SQLite gives up the whole transaction, PostgreSQL keeps it; no error names savepoints."""
    together: list[int] = []

    def insert(connection: Connection, some: Sequence[articles.New]) -> list[int | None]:
        together.append(len(some))
        return articles.insert(connection, some)

    news = [articles.New(article(n, text=f"{n} {NOISE * 50}"), [], False, NOW) for n in range(3)]
    store.write_now(fill_up)
    refused = in_one_commit(store, insert, news)
    assert together[0] == len(news)
    assert [type(one) for one in refused] == [TryLaterError] * len(news)
    assert all("disk is full" in str(one) for one in refused)


def test_each_foreign_key_has_an_index_that_begins_with_it() -> None:
    """Without such an index each deleted row would make whole tables be read."""
    bare = []
    for table in schema.metadata.sorted_tables:
        begins = {index.columns[0].name for index in table.indexes}
        keys = [one for one in table.constraints if isinstance(one, UNIQUE)]
        begins |= {one.columns[0].name for one in keys}
        columns = {key.parent.name for key in table.foreign_keys}
        bare += [f"{table.name}.{name}" for name in sorted(columns - begins)]
    assert bare == []


def test_F55_an_entry_is_known_longer_than_its_article(store: Store) -> None:
    """An identity stays when its article is forgotten (F55)."""
    feed_id = add_feed(store)
    brought(store, feed_id, [(entry(1), "old")])
    job = claimed(store)
    number = told(store, 1)
    store.write_now(entries.settle, [entries.Settled(job.id, Fate.ARTICLE, article_id=number)])
    assert store.write_now(retention.forget_texts, NOW + HOUR, now=NOW + HOUR) == 1
    revised = [(entry(1, title="Changed"), "new")]
    brought(store, feed_id, [], revised)
    again = claimed(store)
    assert (again.fate, again.article_id) == (Fate.ARTICLE, None)


def test_a_second_program_opens_while_the_first_one_writes(store: Store) -> None:
    """F104: a command that only reads does not wait for the writer."""

    def look(_connection: Connection) -> int:
        with stores.open(store.url) as other:
            return len(other.read_now(feeds.statuses))

    assert store.write_now(look) == 0
