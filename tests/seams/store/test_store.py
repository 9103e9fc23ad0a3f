"""The store's promises, on a real SQLite and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import (
    Connection,
    inspect,
    select,
    text,
)
from support.brought import brought
from support.commits import in_one_commit
from support.old import bring, old_row
from support.values import HOUR, NOW, article, entry, feed, match

from monitor import store as stores
from monitor.errors import InputError, SettingsError, TryLaterError, UnavailableError
from monitor.model import (
    Accounting,
    Assignment,
    DeliveryState,
    Digest,
    Edition,
    Fate,
    FeedState,
    Hints,
    Message,
    Outcome,
    OutcomeKind,
    PollDecision,
    Polling,
    Recipient,
    Sent,
    Unknown,
    Validators,
    Window,
)
from monitor.store import (
    Store,
    articles,
    editions,
    engine,
    entries,
    export,
    feeds,
    leases,
    lock,
    migrate,
    outbox,
    rematches,
    retention,
    schema,
    search,
    stories,
)
from monitor.store.lock import Lock

LEASE = leases.Lease("daemon", NOW + HOUR)


def add_feed(store: Store, **more: object) -> int:
    wanted = feed(**more)
    store.write_now(feeds.sync, [wanted], NOW, lambda _feed: NOW)
    return store.read_now(feeds.due, NOW)[0]


def add_entry(store: Store, number: int = 1) -> int:
    feed_id = add_feed(store)
    some = [(entry(number), "hash")]
    brought(store, feed_id, some)
    return store.read_now(entries.due, NOW)[0]


def add_story(store: Store, number: int = 1, **more: object) -> int:
    """Store a matched article in a story of its own, and return its number."""
    added = store.write_now(
        articles.insert, [articles.New(article(number, **more), [match()], False, NOW)]
    )[0]
    assert added is not None
    kept = replace(article(number, **more), id=added)
    store.write_now(stories.assign, kept, Assignment(article_id=added, story_id=None), NOW)
    return added


# ------------------------------------------------------------------------------ schema


def test_the_migrations_make_the_schema_that_the_code_speaks_of(store: Store) -> None:
    """After `open` each table of schema.py exists, with exactly the columns named there."""

    def names(connection: Connection) -> dict[str, set[str]]:
        found = inspect(connection)
        return {
            table: {column["name"] for column in found.get_columns(table)}
            for table in found.get_table_names()
        }

    found = store.read_now(names)
    for one in schema.metadata.sorted_tables:
        extra = {"search"} if one.name == "articles" else set()
        assert found[one.name] - extra == {column.name for column in one.columns}


def test_head_is_the_newest_migration() -> None:
    """The constant that saves loading Alembic names the same version as the folder."""
    folder = Path(migrate.__file__).parent / "migrations" / "versions"
    assert max(path.name[:4] for path in folder.glob("[0-9]*.py")) == migrate.HEAD


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////data/monitor.sqlite3", "sqlite:////data/monitor.sqlite3"),
        ("postgresql://me@db.test:5433/news", "postgresql://me@db.test:5433/news"),
        ("postgresql://me:secret@db.test/news", "postgresql://me:***@db.test/news"),
        ("postgres://me:secret@db.test/news", "postgresql://me:***@db.test/news"),
        ("postgresql:///news?host=db&password=secret", "postgresql:///news?host=db"),
        ("postgresql://me@db/news?sslPassword=secret", "postgresql://me@db/news"),
    ],
)
def test_a_database_is_shown_as_the_settings_name_it(url: str, shown: str) -> None:
    """Neither the password nor the name of our driver is shown."""
    assert engine.shown(url) == shown


@pytest.mark.parametrize("url", ["postgresql://me:pa@ss:secret@db/news", "postgresql://db:secret"])
def test_s45_an_address_that_cannot_be_read_is_not_repeated(url: str) -> None:
    """What looks like a port may be the end of a password."""
    with pytest.raises(SettingsError) as caught:
        engine.parse(url)
    assert "secret" not in str(caught.value)


def test_sums_of_feeds_begin_with_what_is_on_record(store_url: str) -> None:
    """In a database older than the sums, the migration counts polls and entries once."""
    writing, _ = engine.engines(engine.parse(store_url))
    with writing.begin() as connection:
        bring(connection, "0001")
        for number in (1, 2):
            old_row(connection, "feeds", id=number, url=f"http://{number}.test/", state="active")
        for outcome in ("new", "not-modified", "not-modified"):
            old_row(connection, "polls", feed_id=1, outcome=outcome, bytes=500)
        old_row(connection, "entries", feed_id=1)
    writing.dispose()
    with stores.open(store_url) as store:
        some, none = store.read_now(feeds.statuses)
    assert (some.polls, some.not_modified, some.bytes, some.entries) == (3, 2, 1500, 1)
    assert (none.polls, none.not_modified, none.bytes, none.entries) == (0, 0, 0, 0)


def test_an_older_database_is_not_matched_again_for_nothing(store_url: str) -> None:
    """The version of each watchlist's newest match counts as done; its matches are not marked."""
    writing, _ = engine.engines(engine.parse(store_url))
    with writing.begin() as connection:
        bring(connection, "0004")
        for number, version in ((1, "newer"), (2, "older"), (3, "newer")):
            old_row(connection, "articles", id=number, url_key=str(number))
            at = NOW - HOUR if version == "older" else NOW
            values = {"article_id": number, "version": version, "matched": at, "score": 1.0}
            old_row(connection, "matches", watchlist="nato", **values)
        drones = {"watchlist": "drones", "article_id": 1, "version": "v1", "score": 1.0}
        old_row(connection, "matches", **drones)
    writing.dispose()
    with stores.open(store_url) as store:
        assert store.read_now(rematches.versions) == {"nato": "newer", "drones": "v1"}
        lines = store.read_now(lambda connection: list(export.match_lines(connection, None)))
    assert [bool(line["rematched"]) for line in lines] == [False] * 4


def test_opening_twice_changes_nothing(store: Store) -> None:
    """A second program finds the schema as it should be."""
    add_feed(store)
    with stores.open(store.url) as again:
        assert len(again.read_now(feeds.statuses)) == 1


def test_F115_a_newer_database_is_refused_unchanged(store: Store) -> None:
    """An older program does not touch what a newer one wrote."""
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    store.write_now(lambda connection: connection.execute(newer).rowcount)
    with pytest.raises(InputError, match="newer monitor"):
        stores.open(store.url)


def test_S103_a_new_database_is_for_its_owner_only(tmp_path: Path) -> None:
    """The file shows what people watch, so nobody else may read it."""
    path = tmp_path / "deep" / "monitor.sqlite3"
    stores.open(f"sqlite:///{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_may_name_a_database_that_is_yet_to_be_made(tmp_path: Path) -> None:
    """The database is made where it leads; a fault is told as any other."""
    link, target = tmp_path / "link.sqlite3", tmp_path / "disk" / "m.sqlite3"
    link.symlink_to(target)
    with pytest.raises(UnavailableError, match="cannot be created"):
        stores.open(f"sqlite:///{link}")
    target.parent.mkdir()
    stores.open(f"sqlite:///{link}").close()
    assert target.stat().st_size
    link.unlink()
    link.symlink_to(link)
    with pytest.raises(UnavailableError, match="cannot be created"):
        stores.open(f"sqlite:///{link}")


def test_F27_a_damaged_file_is_refused_with_advice(tmp_path: Path) -> None:
    """A file that is not a database is never overwritten."""
    path = tmp_path / "broken.sqlite3"
    path.write_bytes(b"this is no database at all" * 400)
    with pytest.raises(InputError, match=r"damaged.*backup"):
        stores.open(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"this is no database")


@pytest.mark.parametrize("kept", [0, 4_096, 50_000])
def test_F27_a_file_that_was_cut_off_is_no_new_database(tmp_path: Path, kept: int) -> None:
    """Nothing left of it is the worst case: SQLite would begin a new one in its place."""
    path = tmp_path / "cut.sqlite3"
    stores.open(f"sqlite:///{path}").close()
    os.truncate(path, kept)
    with (
        pytest.raises(InputError, match=r"damaged.*restore"),
        stores.open(f"sqlite:///{path}") as s,
    ):
        s.read_now(feeds.statuses)
    assert path.stat().st_size == kept


def test_F11_a_database_whose_maker_was_killed_is_begun_anew(tmp_path: Path) -> None:
    """However early it was killed, no empty file is left that would look like a lost database."""
    path = tmp_path / "new.sqlite3"
    maker = """
import os, signal, sqlite3, sys
from pathlib import Path
from monitor.store import migrate

def killed(event, of):
    if event == "sqlite3.connect":
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(killed)
migrate.prepare_file(Path(sys.argv[1]))
"""
    died = subprocess.run([sys.executable, "-c", maker, str(path)], check=False)
    assert died.returncode == -signal.SIGKILL
    with stores.open(f"sqlite:///{path}") as store:
        assert store.read_now(feeds.statuses) == []
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def begun(script: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Begin a database in a process of its own, after a script."""
    program = f"""
import os, resource, signal, sys
from pathlib import Path
from monitor.store import migrate

path = Path(sys.argv[1])
{script}
migrate.prepare_file(path)
"""
    command = [sys.executable, "-c", program, str(path)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_F116_a_backup_that_is_put_in_place_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """`restore`, or a person, may be faster than one who found no database there."""
    path = tmp_path / "new.sqlite3"
    put = """
def restored(event, of):
    if event in ("os.link", "os.rename") and not path.exists():
        path.write_bytes(b"a backup")

sys.addaudithook(restored)
"""
    assert begun(put, path).returncode == 0
    assert path.read_bytes() == b"a backup"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_file_system_without_links_can_hold_a_database_too(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    no_links = """
def refused(event, of):
    if event == "os.link":
        raise PermissionError(1, "Operation not permitted")

sys.addaudithook(refused)
"""
    assert begun(no_links, path).returncode == 0
    stores.open(f"sqlite:///{path}").close()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_S104_files_of_others_beside_a_new_database_are_left_alone(tmp_path: Path) -> None:
    """What is meant to become the database soon is often called so."""
    path = tmp_path / "m.sqlite3"
    other = tmp_path / "m.sqlite3.new"
    other.write_bytes(b"a backup")
    stores.open(f"sqlite:///{path}").close()
    assert other.read_bytes() == b"a backup"


def test_F20_F24_no_empty_file_is_left_where_nothing_can_be_written(tmp_path: Path) -> None:
    """SQLite does not tell that it could not change its journal: the file stays empty."""
    path = tmp_path / "new.sqlite3"
    full = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600, resource.RLIM_INFINITY))
"""
    died = begun(full, path)
    assert "UnavailableError: the database cannot be created" in died.stderr
    assert not path.exists()
    stores.open(f"sqlite:///{path}").close()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


class Full(sqlite3.Connection):
    """A database on a disk without room."""

    def execute(self, *_args: object) -> sqlite3.Cursor:
        super().execute("PRAGMA max_page_count = 1")
        return super().execute("CREATE TABLE too_much (x)")


def test_F20_on_a_full_disk_a_database_is_begun_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.sqlite3"
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Full))
        with pytest.raises(TryLaterError, match=f"the disk is full: {path}"):
            stores.open(f"sqlite:///{path}")
    assert not path.exists()
    stores.open(f"sqlite:///{path}").close()


def test_F103_who_waited_while_another_failed_to_begin_a_database_has_the_only_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who begin it at once would take each other's half-made file away."""
    path = tmp_path / "new.sqlite3"
    waiting = os.open(tmp_path / "new.sqlite3.new.lock", os.O_RDWR | os.O_CREAT)
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Full))
        with pytest.raises(TryLaterError):
            stores.open(f"sqlite:///{path}")
    fcntl.flock(waiting, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert lock.of_file(path, "new") is None
    os.close(waiting)


def test_F103_two_that_begin_one_database_at_once_share_it(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    with ThreadPoolExecutor(8) as many:
        opened = list(many.map(lambda _: stores.open(f"sqlite:///{path}"), range(8)))
    opened[0].write_now(feeds.sync, [feed()], NOW, lambda _: NOW)
    assert [len(store.read_now(feeds.statuses)) for store in opened] == [1] * 8
    for store in opened:
        store.close()


def test_F27_a_database_found_to_be_damaged_is_written_no_more(tmp_path: Path) -> None:
    """A page may be bad that was not needed to begin: what can still be read is not made worse."""
    path = tmp_path / "bad.sqlite3"
    with stores.open(f"sqlite:///{path}") as store:
        for number in range(1, 100):
            store.write_now(lambda c, n=number: articles.insert(c, [long_article(n)]))
        root = store.read_now(lambda c: c.scalar(text(OF_ARTICLES)))
    with path.open("r+b") as file:
        file.seek((root - 1) * 4_096)
        file.write(b"\xaa" * 4_096)
    with stores.open(f"sqlite:///{path}") as store:
        store.write_now(feeds.add, feed(), NOW, NOW)
        with pytest.raises(InputError, match=r"damaged.*restore"):
            store.read_now(articles.get, 1)
        for write in (store.write, store.write_durably):
            with pytest.raises(InputError, match=r"damaged.*restore"):
                asyncio.run(write(feeds.add, feed("http://other.example/"), NOW, NOW))
        with pytest.raises(InputError, match="damaged"):
            store.write_now(feeds.add, feed("http://other.example/"), NOW, NOW)
        with pytest.raises(InputError, match="damaged"):
            asyncio.run(store.write_to(lambda _, values: values, 1))
        assert isinstance(asyncio.run(store.refuses()), InputError)
        assert len(store.read_now(feeds.statuses)) == 1


OF_ARTICLES = "SELECT rootpage FROM sqlite_master WHERE name = 'articles'"


def long_article(number: int) -> articles.New:
    return articles.New(article(number, text="Words of a frigate. " * 200), [], False, NOW)


def test_an_unknown_kind_of_database_is_a_mistake_in_the_settings() -> None:
    """The message names what can be written instead."""
    with pytest.raises(SettingsError, match="sqlite:///PATH"):
        stores.open("mongodb://localhost/x")


# ------------------------------------------------------------------------------ writing


def test_writes_share_a_commit_and_a_failed_one_takes_no_other_with_it(store: Store) -> None:
    """Each write has a savepoint of its own."""

    def fail(connection: Connection) -> None:
        connection.execute(text("INSERT INTO stories (opened) VALUES (NULL)"))

    async def many() -> list[object]:
        jobs = [store.write(feeds.add, feed(f"http://{n}.example/"), NOW, NOW) for n in range(20)]
        return await asyncio.gather(*jobs, store.write(fail), return_exceptions=True)

    results = asyncio.run(many())
    assert isinstance(results[-1], Exception)
    assert len(set(results[:-1])) == 20
    assert len(store.read_now(feeds.statuses)) == 20


def test_a_write_that_ends_in_stop_iteration_leaves_nobody_waiting(store: Store) -> None:
    """asyncio carries no StopIteration in a future; later writes still get their answers."""

    def fail(_connection: Connection) -> None:
        next(iter(()))

    async def both() -> list[object]:
        jobs = [store.write(fail), store.write(feeds.add, feed(), NOW, NOW)]
        async with asyncio.timeout(5):
            return await asyncio.gather(*jobs, return_exceptions=True)

    failed, added = asyncio.run(both())
    assert isinstance(failed, RuntimeError)
    assert added


def test_values_for_one_function_share_a_call_and_a_bad_one_fails_alone(store: Store) -> None:
    """Values that wait together are written by one call; when it fails, each is tried alone."""
    calls: list[list[int]] = []

    def write(_connection: object, values: Sequence[int]) -> list[int]:
        calls.append(list(values))
        if 3 in values:
            raise ValueError("three")
        return [10 * value for value in values]

    assert in_one_commit(store, write, (1, 2)) == [10, 20]
    two, three, four = in_one_commit(store, write, (2, 3, 4))
    assert (two, type(three), four) == (20, ValueError, 40)
    assert calls == [[1, 2], [2, 3, 4], [2], [3], [4]]


def test_of_a_write_that_fails_nothing_stays_whether_it_is_alone_or_not(store: Store) -> None:
    """Alone it has no savepoint to go back to: its transaction is rolled back."""

    def half(connection: Connection) -> None:
        feeds.add(connection, feed(), NOW, NOW)
        raise ValueError("half way")

    async def writes(*some: Callable[[Connection], object]) -> list[object]:
        return await asyncio.gather(*(store.write(one) for one in some), return_exceptions=True)

    other = feed("http://northwatch.example/other")
    (alone,) = asyncio.run(writes(half))
    first, second = asyncio.run(writes(half, lambda c: feeds.add(c, other, NOW, NOW)))
    assert [type(one) for one in (alone, first, second)] == [ValueError, ValueError, int]
    assert [one.polling.feed.url for one in store.read_now(feeds.statuses)] == [other.url]


def test_F25_a_lock_held_by_another_process_is_try_later(tmp_path: Path) -> None:
    """The caller learns that waiting helps."""
    import sqlite3

    url = f"sqlite:///{tmp_path / 'busy.sqlite3'}"
    with stores.open(url) as store:
        other = sqlite3.connect(tmp_path / "busy.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        raw = store._writing.raw_connection()  # the one connection that writes
        raw.driver_connection.execute("PRAGMA busy_timeout = 50")
        raw.close()
        with pytest.raises(TryLaterError, match="locked"):
            store.write_now(feeds.add, feed(), NOW, NOW)
        other.execute("ROLLBACK")
        store.write_now(feeds.add, feed(), NOW, NOW)


def test_a_lock_has_one_holder_and_is_free_after_it(store: Store) -> None:
    """Two daemons cannot work on one database (F103)."""
    held = store.lock("daemon")
    assert held is not None
    with stores.open(store.url) as other:
        assert other.lock("daemon") is None
        held.release()
        again = other.lock("daemon")
        assert again is not None
        again.release()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_who_is_present_stays_so_when_told_that_others_are(store: Store) -> None:
    """flock(2) gives up the shared lock when its exchange is refused; here it is taken again."""
    one, other = store.present("asking"), store.present("asking")
    assert one is not None
    assert other is not None
    assert not one.last()
    assert not other.last()
    one.end()
    assert other.last()
    other.end()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_while_the_last_one_leaves_nobody_waits_in_a_system_call(store: Store) -> None:
    """The event loop goes on; presence is had as soon as the other one is gone."""
    leaving = store.present("asking")
    assert leaving is not None
    assert leaving.last()
    assert store.present("asking") is None
    leaving.end()
    come = store.present("asking")
    assert come is not None
    come.end()


@pytest.mark.parametrize("take", [Store.present, Store.lock])
def test_a_place_for_locks_that_cannot_be_used_is_named(
    tmp_path: Path, take: Callable[[Store, str], object]
) -> None:
    """An operating system's refusal is an error of the store, which callers expect."""
    (tmp_path / "m.sqlite3.asking.lock").mkdir()
    with (
        stores.open(f"sqlite:///{tmp_path / 'm.sqlite3'}") as store,
        pytest.raises(UnavailableError, match=r"m\.sqlite3\.asking\.lock cannot be locked"),
    ):
        take(store, "asking")


def test_a_server_that_gives_no_lock_is_unavailable() -> None:
    url = "postgresql://desk@127.0.0.1:1/news"
    with (
        Store(url, *engine.engines(engine.parse(url))) as store,
        pytest.raises(UnavailableError, match="does not answer"),
    ):
        store.lock("daemon")


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    """Nobody knows what a naive time means."""
    with pytest.raises(Exception, match="without a zone"):
        store.write_now(feeds.add, feed(), NOW.replace(tzinfo=None), NOW)


# -------------------------------------------------------------------------------- feeds


def test_a_feed_comes_back_as_it_was_given(store: Store) -> None:
    """All that the settings say about a feed survives the store."""
    wanted = feed(owner="N", kind="rss", lang="en", interval=HOUR, articles="off", region="eu")
    store.write_now(feeds.sync, [wanted], NOW, lambda _feed: NOW)
    (polling,) = store.write_now(feeds.claim, [1], NOW, LEASE)
    kept = replace(wanted, id=polling.feed.id, settings_url=wanted.url)
    assert polling == Polling(feed=kept)


def test_feeds_that_the_settings_drop_are_kept_but_not_polled(store: Store) -> None:
    """An edit of the settings loses nothing that is stored; a feed that returns goes on."""
    add_feed(store)
    store.write_now(feeds.sync, [], NOW, lambda _feed: NOW)
    assert store.read_now(feeds.due, NOW) == []
    assert len(store.read_now(feeds.statuses)) == 1
    store.write_now(feeds.sync, [feed()], NOW, lambda _feed: NOW)
    assert len(store.read_now(feeds.due, NOW)) == 1


def test_a_claimed_feed_is_not_due_until_its_lease_ends(store: Store) -> None:
    """F105: what a dead claimant left is taken over."""
    feed_id = add_feed(store)
    assert store.write_now(feeds.claim, [feed_id], NOW, LEASE)
    assert store.write_now(feeds.claim, [feed_id], NOW, LEASE) == []
    assert store.read_now(feeds.due, NOW) == []
    assert store.read_now(feeds.due, NOW + 2 * HOUR) == [feed_id]


def test_the_claims_of_a_dead_owner_end_at_once(store: Store) -> None:
    """A daemon that is alone knows that its predecessor is dead."""
    feed_id = add_feed(store)
    store.write_now(feeds.claim, [feed_id], NOW, LEASE)
    assert store.write_now(leases.drop, "command", NOW) == 0
    assert store.write_now(leases.drop, "daemon", NOW) == 1
    assert store.read_now(feeds.due, NOW) == [feed_id]


def decision(polling: Polling, **more: object) -> PollDecision:
    values = {
        "outcome": Outcome(kind=OutcomeKind.NEW, status=200, seen=1, bytes=10),
        "polling": polling,
        "due": NOW + HOUR,
        "due_why": "interval 1 h",
    }
    return PollDecision(**values | more)


def test_p33_a_feed_that_is_never_due_again_can_be_written(store: Store) -> None:
    """After 410 Gone a feed has no due time at all, on either database."""
    feed_id = add_feed(store)
    (polling,) = store.write_now(feeds.claim, [feed_id], NOW, LEASE)
    made = decision(replace(polling, state=FeedState.GONE), due=None, due_why="410 Gone")
    store.write_now(feeds.record, [feeds.Ended(polling, made, [], [], NOW)])
    (status,) = store.read_now(feeds.statuses)
    assert (status.due, status.polling.state) == (None, FeedState.GONE)


def test_a_poll_is_written_whole(store: Store) -> None:
    """P08, P13: entries, validators, next poll and reason are one transaction, and survive."""
    feed_id = add_feed(store)
    (polling,) = store.write_now(feeds.claim, [feed_id], NOW, LEASE)
    after = replace(
        polling,
        validators=Validators(polling.feed.url, b'W/"\xe9"', b"yesterday"),
        hints=Hints(ttl=HOUR, skip_hours=(1, 2), skip_days=("Sunday",)),
        failures=3,
        failing_since=NOW,
        last_polled=NOW,
        gap=timedelta(minutes=7),
        calm=2,
        body_hash="b",
    )
    made = decision(after, not_before=NOW + HOUR)
    ended = feeds.Ended(polling, made, [(entry(), "h")], [], NOW)
    (recorded,) = store.write_now(feeds.record, [ended])
    assert (recorded.new, recorded.revised) == (1, 0)
    (status,) = store.read_now(feeds.statuses)
    assert status.polling == after
    assert (status.due, status.due_why, status.polls) == (NOW + HOUR, "interval 1 h", 1)
    assert store.read_now(feeds.askable, NOW) == []
    assert store.read_now(feeds.askable, NOW + 2 * HOUR) == [feed_id]
    (job,) = store.write_now(entries.claim, [1], NOW, LEASE)
    assert (job.entry, job.baseline, job.feed.id) == (entry(), True, feed_id)


def test_P55_a_moved_feed_keeps_its_history_and_its_entries(store: Store) -> None:
    """The new address is stored, and the settings, which name the old one, still fit the feed."""
    feed_id = add_feed(store)
    (polling,) = store.write_now(feeds.claim, [feed_id], NOW, LEASE)
    moved = replace(polling, feed=replace(polling.feed, url="http://new.example/feed"))
    store.write_now(feeds.record, [feeds.Ended(polling, decision(moved), [], [], NOW)])
    store.write_now(feeds.sync, [feed()], NOW, lambda _feed: NOW)
    (status,) = store.read_now(feeds.statuses)
    assert status.polling.feed.url == "http://new.example/feed"


def test_P26_P40_the_due_time_of_a_feed_that_was_tried_first_is_not_that_of_one_without_a_hub(
    store: Store,
) -> None:
    """Else it would be asked at once, with all others, and though its server asked for a wait."""
    feed_id = store.write_now(feeds.add_once, feed(), NOW)
    (polling,) = store.write_now(feeds.claim, [feed_id], NOW, LEASE)
    after = replace(polling, last_polled=NOW, last_success=NOW)
    store.write_now(feeds.record, [feeds.Ended(polling, decision(after), [], [], NOW)])
    busy = NOW + 20 * HOUR
    store.write_now(feeds.told_to_wait, feed(), 429, busy, NOW + 5 * HOUR)
    store.write_now(feeds.sync, [feed()], NOW + 6 * HOUR, lambda _feed: NOW + 6 * HOUR)
    store.write_now(feeds.rely_on_polls, "its hub is silent")
    (status,) = store.read_now(feeds.statuses)
    assert status.due == busy


def test_P20_P21_a_feed_that_was_tried_first_is_due_after_the_interval_it_was_added_with(
    store: Store,
) -> None:
    feed_id = store.write_now(feeds.add_once, feed(), NOW)
    (polling,) = store.write_now(feeds.claim, [feed_id], NOW, LEASE)
    after = replace(polling, last_polled=NOW)
    store.write_now(feeds.record, [feeds.Ended(polling, decision(after), [], [], NOW)])
    added = replace(feed(), interval=6 * HOUR)
    store.write_now(feeds.sync, [added], NOW + HOUR, lambda _feed: NOW + HOUR)
    (status,) = store.read_now(feeds.statuses)
    assert status.due == NOW + 6 * HOUR


def test_P60_a_redirect_to_a_known_feed_changes_neither(store: Store) -> None:
    """Two feeds cannot get one address."""
    wanted = [feed(), feed("http://other.example/feed")]
    store.write_now(feeds.sync, wanted, NOW, lambda _feed: NOW)
    first, _ = store.write_now(feeds.claim, [1, 2], NOW, LEASE)
    moved = replace(first, feed=replace(first.feed, url="http://other.example/feed"))
    store.write_now(feeds.record, [feeds.Ended(first, decision(moved), [], [], NOW)])
    urls = [status.polling.feed.url for status in store.read_now(feeds.statuses)]
    assert urls == ["http://northwatch.example/feed/", "http://other.example/feed"]


# ------------------------------------------------------------------------------ entries


def test_an_entry_is_stored_once_however_often_it_comes(store: Store) -> None:
    """The identity inside a feed is unique in the database."""
    feed_id = add_feed(store)
    some = [(entry(1), "a"), (entry(2), "b")]
    for expected in (2, 0):
        got = brought(store, feed_id, some)
        assert got.new == expected
    assert store.read_now(entries.fates) == {"new": 2}


def test_what_many_feeds_bring_is_added_together_and_counted_for_each(store: Store) -> None:
    """Entries that another process has stored meanwhile are not counted as new."""
    wanted = [feed(f"http://{name}.example/feed") for name in "abc"]
    store.write_now(feeds.sync, wanted, NOW, lambda _feed: NOW)

    def arrived(feed_id: int, *numbers: int) -> entries.Arrived:
        some = [(entry(n, link=f"http://{feed_id}.example/{n}"), "h") for n in numbers]
        return entries.Arrived(feed_id, some, (), baseline=False, at=NOW)

    first = [arrived(1, 1, 2), arrived(2), arrived(3, 1)]
    got = store.write_now(entries.record, first)
    assert [one.new for one in got] == [2, 0, 1]
    got = store.write_now(entries.record, [arrived(1, 2, 3), arrived(2, 1), arrived(3, 1)])
    assert [one.new for one in got] == [1, 1, 0]
    assert store.read_now(entries.fates) == {"new": 5}


def test_F49_a_revision_keeps_what_was_said_before(store: Store) -> None:
    """An edited entry is read again, and its earlier words are kept."""
    feed_id = add_feed(store)
    brought(store, feed_id, [(entry(), "a")])
    edited = replace(entry(), title="Other title")
    for expected in (1, 0):
        got = brought(store, feed_id, [], [(edited, "b")])
        assert got.revised == expected
    kept = store.read_now(lambda c: c.execute(select(schema.revisions.c.title)).scalars().all())
    assert kept == ["Title 1"]


def test_entries_are_known_by_key_and_by_link(store: Store) -> None:
    """Polling needs both to recognise an entry whose id has changed."""
    feed_id = add_feed(store)
    some = [(entry(n), f"h{n}") for n in range(5)]
    brought(store, feed_id, some)
    asked = (feed_id, ["key-1", "none"], ["http://northwatch.example/3"])
    found = store.read_now(entries.known, [asked, (feed_id + 1, ["key-2"], [])])
    assert found.keys() == {feed_id}
    assert sorted(found[feed_id]) == [
        ("key-1", "http://northwatch.example/1", "h1"),
        ("key-3", "http://northwatch.example/3", "h3"),
    ]


def test_few_entries_of_each_feed_are_taken_at_a_time(store: Store) -> None:
    """Pages of one feed are on one host: others must not wait behind them."""
    wanted = [feed(), feed("http://other.example/feed")]
    store.write_now(feeds.sync, wanted, NOW, lambda _feed: NOW)
    for feed_id in (1, 2):
        some = [(entry(n, link=f"http://x.example/{feed_id}/{n}"), "h") for n in range(30)]
        brought(store, feed_id, some)
    taken = store.read_now(entries.due, NOW, of_feed=10)
    assert len(taken) == 20
    assert sum(number <= 30 for number in taken) == 10


def test_every_entry_has_exactly_one_fate(store: Store) -> None:
    """Sums balance at any moment; an article's fate is matched or unmatched."""
    feed_id = add_feed(store)
    some = [(entry(n), "h") for n in range(5)]
    brought(store, feed_id, some)
    ids = store.read_now(entries.due, NOW)
    matched = store.write_now(articles.insert, [articles.New(article(1), [match()], False, NOW)])[0]
    other = store.write_now(articles.insert, [articles.New(article(2), [], False, NOW)])[0]
    store.write_now(entries.settle, [entries.Settled(ids[0], Fate.ARTICLE, article_id=matched)])
    store.write_now(entries.settle, [entries.Settled(ids[1], Fate.ARTICLE, article_id=other)])
    store.write_now(
        entries.settle, [entries.Settled(ids[2], Fate.DUPLICATE, why="same", article_id=matched)]
    )
    store.write_now(entries.settle, [entries.Settled(ids[3], Fate.UNREADABLE, why="empty")])
    fates = store.read_now(entries.fates)
    assert fates == dict.fromkeys(entries.FATES, 1)
    lines = store.read_now(lambda c: list(export.entry_lines(c, None)))
    told = [line["fate"] for line in lines]
    assert told == ["matched", "unmatched", "duplicate", "unreadable", "new"]


# ----------------------------------------------------------------------------- articles


def test_one_canonical_url_is_one_article(store: Store) -> None:
    """The second insertion learns that the article is already there."""
    first = store.write_now(articles.insert, [articles.New(article(), [match()], False, NOW)])[0]
    again = store.write_now(articles.insert, [articles.New(article(), [match()], False, NOW)])[0]
    assert first is not None
    assert again is None
    kept = store.read_now(articles.get, first)
    assert kept == replace(article(), id=first)


def test_a_fuller_text_is_matched_anew_and_old_matches_keep_their_time(store: Store) -> None:
    """A digest must not take an article for news that only got more words."""
    added = store.write_now(
        articles.insert, [articles.New(article(), [match("nato")], False, NOW)]
    )[0]
    assert added is not None
    fuller = replace(article(), text="More words")
    found = [match("nato", 5.0), match("drones")]
    store.write_now(articles.update_texts, [articles.Changed(added, fuller, found, NOW + HOUR)])
    lines = store.read_now(lambda c: list(export.match_lines(c, None)))
    assert [(line["watchlist"], line["score"], line["matched"]) for line in lines] == [
        ("nato", 5.0, NOW),
        ("drones", 2.0, NOW + HOUR),
    ]
    store.write_now(articles.update_texts, [articles.Changed(added, fuller, [], NOW + HOUR)])
    assert store.read_now(articles.matches_of, [added]) == {}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("frigates", [2, 1]),
        ("frigat*", [2, 1]),
        ('"article 2"', [2]),
        ("frigates submarines", []),
        ("", []),
        ("-- ;", []),
    ],
)
def test_search_finds_words_phrases_and_prefixes(
    store: Store, query: str, found: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All terms must occur; the newest come first, even if there are too many to sort."""
    for number in (1, 2):
        newer = article(number, first_seen=NOW + number * HOUR)
        store.write_now(articles.insert, [articles.New(newer, [], False, NOW)])
    assert [one.id for one in store.read_now(search.search, query)] == found
    monkeypatch.setattr(search, "MANY", 1)
    assert [one.id for one in store.read_now(search.search, query)] == found


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """A mistyped path must not fill another program's file with our tables."""
    file = tmp_path / "places.sqlite"
    with sqlite3.connect(file) as theirs:
        theirs.execute("CREATE TABLE bookmarks (url TEXT)")
        with pytest.raises(InputError, match="another program"):
            stores.open(f"sqlite:///{file}")
        tables = theirs.execute("SELECT name FROM sqlite_master").fetchall()
    theirs.close()
    assert tables == [("bookmarks",)]


def test_a_database_that_cannot_be_made_is_told_with_its_place(tmp_path: Path) -> None:
    """A file is where the folder should be, or a folder where the file should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match=r"cannot be created: .*file"):
        stores.open(f"sqlite:///{tmp_path / 'file' / 'm.sqlite3'}")
    with pytest.raises(UnavailableError, match="read and write"):
        stores.open(f"sqlite:///{tmp_path}")


def test_search_puts_what_one_poll_brought_in_the_order_of_its_dates(store: Store) -> None:
    """A feed lists its newest entry first; what has no date comes last."""
    dates = (NOW - HOUR, None, NOW - 2 * HOUR, NOW - 3 * HOUR)
    for number, at in enumerate(dates, 1):
        one = article(number, first_seen=NOW, published=at)
        store.write_now(articles.insert, [articles.New(one, [], False, NOW)])
    assert [one.id for one in store.read_now(search.search, "article")] == [1, 3, 4, 2]


SPOKEN = {
    1: ("Harbour", "The F-35 came near; not a title was seen, and a squadron of S-400 neither."),
    2: ("Title: x", "Ships of both navies (a squadron of F 16 at gate 35) fired at_will."),
    3: ("Weather", "Calm."),
    4: ("U.S. Navy", "Tank/artillery, S-400s and 1,200 men: see www.navy.example/calm.html?x=1."),
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        *((one, []) for one in ('"', "*", "-", "(" * 2000, "\x00", "!", "<->", "{}:^")),
        ("AND", [4, 1]),
        ("NEAR(", [1]),
        ("NEAR(came near, 1)", []),
        ("NOT calm", []),
        ("calm OR x", []),
        (" OR ".join("a" * 3000), []),
        ("title:x", [2]),
        ("{title}: calm", []),
        ("-calm", [4, 3]),
        ("+calm ^calm", [4, 3]),
        ("!calm", [4, 3]),
        ("cal:*", [4, 3]),
        ("ca* | harbour", [1]),
        ("ca | harbour", []),
        ("calm & weather", [3]),
        ("weather <-> calm", [3]),
        ("F-35", [1]),
        ("F 35", [2, 1]),
        ('"F 35"', [1]),
        ("S-400", [1]),
        ("s-400*", [4, 1]),
        ("artillery", [4]),
        ("U.S. navy", [4]),
        ("1,200", [4]),
        ("navy.example", [4]),
        ("at_will", [2]),
        ("will", [2]),
        ("'calm'); DROP TABLE articles; --", []),
        ("cal%", []),
        ("c_lm", []),
        ("ca\x00lm", []),
        ("calm\x00weather", [3]),
        ('"calm', [4, 3]),
        ('"" OR "calm"', []),
    ],
)
def test_S93_S94_no_search_text_reaches_the_engine_as_syntax(
    store: Store, query: str, found: list[int]
) -> None:
    """Whatever is typed counts as words that must all occur, in whatever column.

    Operators of either engine, names of columns, wildcards of LIKE and quotes have no power.
    """
    for number, (title, words) in SPOKEN.items():
        one = replace(article(number, first_seen=NOW + number * HOUR), title=title, text=words)
        store.write_now(articles.insert, [articles.New(one, [], False, NOW)])
    assert [one.id for one in store.read_now(search.search, query)] == found


# ------------------------------------------------------------- digests and the outbox

DIGEST = Digest(name="desk", watchlists=("nato",), recipients=(Recipient("console"),))


def edition(number: int, window: Window) -> Edition:
    return Edition(
        digest="desk",
        title="Desk",
        number=number,
        window=window,
        zone="UTC",
        accounting=Accounting(),
    )


def message(number: int = 1, address: str = "") -> Message:
    return Message(
        recipient=Recipient("console", address),
        id=f"m{number}",
        subject="s",
        content_type="text/plain",
        body=b"bytes \xff",
    )


def publish(store: Store, number: int, window: Window, *messages: Message) -> int | None:
    return store.write_now(
        editions.publish,
        edition(number, window),
        {"stories": []},
        messages,
        subject="s",
        fates={},
        now=window.end,
    )


def test_what_matched_is_offered_once_to_each_digest(store: Store) -> None:
    """I3: a match is told in one edition, never in two."""
    added = add_story(store)
    window = Window(NOW - HOUR, NOW + HOUR)
    store.write_now(editions.register, "desk", NOW - HOUR)
    (offered,) = store.read_now(editions.reported, DIGEST, window)
    assert (offered.article.id, offered.story_id, offered.reported_before) == (added, 1, False)
    store.write_now(
        editions.publish,
        edition(1, window),
        {},
        [],
        subject="s",
        fates={"carried": {added: 1}},
        now=NOW,
    )
    later = Window(NOW + HOUR, NOW + 2 * HOUR)
    assert store.read_now(editions.reported, DIGEST, later) == []


def test_what_was_committed_late_is_in_the_next_edition(store: Store) -> None:
    """A match older than the window that no edition has told is told now."""
    store.write_now(editions.register, "desk", NOW - HOUR)
    publish(store, 1, Window(NOW - HOUR, NOW + HOUR))
    add_story(store)  # matched at NOW, inside the window that is already closed
    later = Window(NOW + HOUR, NOW + 2 * HOUR)
    assert len(store.read_now(editions.reported, DIGEST, later)) == 1


def test_F56_the_archive_of_a_new_feed_is_no_news(store: Store) -> None:
    """What was in a feed at its first poll counts by its date."""
    store.write_now(editions.register, "desk", NOW - HOUR)
    for number, published in ((1, NOW - 300 * HOUR), (2, NOW - HOUR / 2)):
        old = article(number, published=published)
        added = store.write_now(articles.insert, [articles.New(old, [match()], True, NOW)])[0]
        assert added is not None
        assignment = Assignment(article_id=added, story_id=None)
        store.write_now(stories.assign, replace(old, id=added), assignment, NOW)
    offered = store.read_now(editions.reported, DIGEST, Window(NOW - HOUR, NOW + HOUR))
    assert [one.article.title for one in offered] == ["Title 2"]


def test_a_window_is_published_once(store: Store) -> None:
    """F103: one of two processes moves the pointer; the other writes nothing."""
    store.write_now(editions.register, "desk", NOW - HOUR)
    window = Window(NOW - HOUR, NOW)
    assert publish(store, 1, window, message()) is not None
    assert publish(store, 1, window, message()) is None
    assert store.read_now(outbox.counts) == {"pending": 1}
    pointer = store.read_now(editions.pointer, "desk")
    assert pointer is not None
    assert (pointer.covered_until, pointer.number) == (NOW, 1)


def test_messages_of_one_recipient_go_in_order(store: Store) -> None:
    """F65: what was published first is sent first; other recipients do not wait."""
    store.write_now(editions.register, "desk", NOW - HOUR)
    publish(store, 1, Window(NOW - HOUR, NOW), message(1, "a"), message(1, "b"))
    publish(store, 2, Window(NOW, NOW + HOUR), message(2, "a"), message(2, "b"))
    later = NOW + 2 * HOUR
    assert store.read_now(outbox.due, later) == [1, 2]
    store.write_now(outbox.claim, 1, later, LEASE)
    store.write_now(outbox.record, 1, Sent("ok"), state=DeliveryState.SENT, due=None, now=later)
    assert store.read_now(outbox.due, later) == [2, 3]


def test_F105_a_claim_that_nobody_recorded_is_found_as_such(store: Store) -> None:
    """F08, F09, F105: the next sender learns that its predecessor died in between."""
    store.write_now(editions.register, "desk", NOW - HOUR)
    publish(store, 1, Window(NOW - HOUR, NOW), message())
    first = store.write_now(outbox.claim, 1, NOW, leases.Lease("daemon", NOW + HOUR))
    assert first is not None
    assert (first.state, first.attempts, first.doubted) == (DeliveryState.PENDING, 1, False)
    assert first.message == message()
    assert store.write_now(outbox.claim, 1, NOW, LEASE) is None
    store.write_now(leases.drop, "daemon", NOW)
    second = store.write_now(outbox.claim, 1, NOW, LEASE)
    assert second is not None
    assert (second.state, second.attempts) == (DeliveryState.SENDING, 2)
    store.write_now(
        outbox.record, 1, Unknown("lost"), state=DeliveryState.PENDING, due=NOW + HOUR, now=NOW
    )
    third = store.write_now(outbox.claim, 1, NOW + HOUR, LEASE)
    assert third is not None
    assert third.doubted


def test_F118_clean_up_spares_what_a_delivery_still_needs(store: Store) -> None:
    """Old texts go, except in editions that are not yet delivered; identities stay."""
    kept, gone = add_story(store, 1), add_story(store, 2)
    add_entry(store)
    store.write_now(editions.register, "desk", NOW - HOUR)
    window = Window(NOW - HOUR, NOW)
    store.write_now(
        editions.publish,
        edition(1, window),
        {},
        [message()],
        subject="s",
        fates={"carried": {kept: 1}},
        now=NOW,
    )
    store.write_now(retention.forget_texts, NOW + 24 * HOUR, now=NOW + 24 * HOUR)
    assert store.read_now(articles.get, kept) is not None
    assert store.read_now(articles.get, gone) is None
    assert store.read_now(entries.fates) == {"new": 1}


def test_a_lock_that_the_server_has_dropped_is_known_to_be_lost(
    postgres_url: str, tmp_path: Path
) -> None:
    """A daemon must not go on beside the one that takes its place."""
    import psycopg

    with stores.open(postgres_url) as store:
        lock = store.lock("daemon")
        assert lock is not None
        assert lock.held()
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        assert not lock.held()
        lock.release()


@pytest.mark.anyio
async def test_waiting_for_a_lock_keeps_nothing_else_from_running() -> None:
    """The server that is asked for the lock runs on the event loop of the process that asks."""
    asked = []

    async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"postgresql://desk@127.0.0.1:{port}/news?connect_timeout=2&sslmode=disable"
        with (
            Store(url, *engine.engines(engine.parse(url))) as store,
            pytest.raises(UnavailableError),
        ):
            async with store.alone("group"):
                pass
    assert asked


class _SlowToLock(Store):
    """A store whose locks are taken, but not told before they may be."""

    taken = threading.Event()
    may_tell = threading.Event()

    def lock(self, name: str) -> Lock | None:
        held = super().lock(name)
        self.taken.set()
        self.may_tell.wait(30)
        return held


@pytest.mark.anyio
async def test_who_stops_waiting_for_a_lock_does_not_keep_it(tmp_path: Path) -> None:
    """Work may be cancelled in the moment in which it gets the lock."""
    url = f"sqlite:///{tmp_path / 'news.sqlite3'}"
    with stores.open(url) as other, _SlowToLock(url, *engine.engines(engine.parse(url))) as store:

        async def work() -> None:
            async with store.alone("group"):
                pass

        working = asyncio.create_task(work())
        await asyncio.to_thread(store.taken.wait, 30)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        store.may_tell.set()
        await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=30)
        held = other.lock("group")
        assert held
        held.release()


def test_what_is_written_behind_a_closed_store_fails_at_once(store_url: str) -> None:
    """Nobody would ever do such a write, and its caller would wait for ever."""
    store = stores.open(store_url)
    store.close()
    for write in (store.write, store.write_durably):
        with pytest.raises(RuntimeError, match="the store is closed"):
            asyncio.run(asyncio.wait_for(write(migrate.version), 10))
    with pytest.raises(RuntimeError, match="the store is closed"):
        store.write_now(migrate.version)
