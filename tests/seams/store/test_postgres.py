"""PostgreSQL as others set it up: encoding, locale, environment, and what it refuses."""

from __future__ import annotations

import re

import psycopg
import pytest
from support.databases import fresh_database, name_of
from support.values import NOW, article, match

from monitor import store as stores
from monitor.errors import SettingsError, TryLaterError, UnavailableError
from monitor.store import Store, articles, search

pytestmark = pytest.mark.postgres
TITLE = "НАТО und Übung 日本"


def made(postgres_url: str, how: str) -> str:
    """The URL of a new database of the server, created so."""
    url = fresh_database(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name_of(url)}".encode())
        connection.execute(f"CREATE DATABASE {name_of(url)} TEMPLATE template0 {how}".encode())
    return url


def keep_and_find(store: Store) -> None:
    """Store an article, and find it by words in small letters."""
    told = article(1, title=TITLE, first_seen=NOW)
    store.write_now(articles.insert, [articles.New(told, [match()], False, NOW)])
    kept = store.read_now(articles.get, 1)
    assert kept is not None
    assert (kept.title, kept.first_seen) == (TITLE, NOW)
    assert [one.id for one in store.read_now(search.search, "нато übung")] == [1]


@pytest.mark.parametrize(
    "how",
    [
        "ENCODING 'LATIN1' LOCALE 'C'",
        "ENCODING 'SQL_ASCII' LOCALE 'C'",
        "ENCODING 'UTF8' LOCALE 'C'",
    ],
)
def test_a_database_that_cannot_hold_or_find_all_words_is_refused_with_the_way_to_make_one(
    postgres_url: str, how: str
) -> None:
    """A server of an English system makes such by default; the statement given makes another."""
    url = made(postgres_url, how)
    with pytest.raises(SettingsError) as refused, stores.open(url):
        pass
    (mistake,) = refused.value.mistakes
    assert mistake.where == "[store] url"
    statement = mistake.hint.partition(": ")[2]
    assert statement.startswith("CREATE DATABASE ")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(statement.encode())
    with stores.open(url.replace(name_of(url), f"{name_of(url)}_utf8")) as store:
        keep_and_find(store)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PGCLIENTENCODING", "LATIN1"), ("PGDATESTYLE", "German"), ("PGTZ", "Asia/Tokyo")],
)
def test_the_environment_of_libpq_changes_no_answer(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Words and times are kept and found as ever."""
    monkeypatch.setenv(name, value)
    with stores.open(fresh_database(postgres_url)) as store:
        keep_and_find(store)


def test_a_server_that_takes_no_writes_is_a_service_that_fails(
    shared_url: str, postgres_url: str
) -> None:
    """A standby, for instance: reading goes on, and readiness asks `refusing`."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = name_of(shared_url)
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    with stores.open(shared_url) as store:
        told = [articles.New(article(1, title=TITLE), [match()], False, NOW)]
        with pytest.raises(UnavailableError, match="takes no writes"):
            store.write_now(articles.insert, told)
        assert store.read_now(articles.get, 1) is None


def test_F20_a_full_disk_of_the_server_is_told_in_any_language(shared_url: str) -> None:
    """By its SQLSTATE: the words depend on lc_messages."""
    full = "DO $$ BEGIN RAISE EXCEPTION 'kein Platz' USING ERRCODE = '53100'; END $$"
    with stores.open(shared_url) as store, pytest.raises(TryLaterError, match="the disk is full"):
        store.write_now(lambda connection: connection.exec_driver_sql(full))


@pytest.mark.parametrize(("asked", "idle"), [("", "30"), ("&keepalives_idle=7", "7")])
def test_a_silent_server_is_asked_and_given_up(shared_url: str, asked: str, idle: str) -> None:
    """By default the kernel asks after two hours of silence; what the URL says is kept."""
    joint = "&" if "?" in shared_url else "?"
    with stores.open(shared_url + asked.replace("&", joint)) as store:
        used = store.read_now(lambda one: one.connection.driver_connection.info.get_parameters())
    names = ("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")
    assert [used[name] for name in names] == [idle, "10", "3", "60000"]


@pytest.mark.parametrize(
    ("place", "hint"),
    [
        ("nobody@/{name}", "create the role"),
        ("postgres@/nosuch", "CREATE DATABASE"),
        ("postgres:swordfish@127.0.0.1:1/{name}", "is it running?"),
        ("postgres:swordfish@nosuch.invalid/{name}", "the name of the host"),
    ],
)
def test_who_lets_nobody_in_is_told_with_what_to_do(
    postgres_url: str, place: str, hint: str
) -> None:
    """Each with its own advice, and never with the password."""
    socket = re.search(r"\?host=\S+", postgres_url)
    url = f"postgresql://{place.format(name=name_of(postgres_url))}"
    url += socket[0] if socket and "@/" in url else ""
    with pytest.raises(UnavailableError) as refused, stores.open(url):
        pass
    assert hint in refused.value.hint
    assert "swordfish" not in str(refused.value)
