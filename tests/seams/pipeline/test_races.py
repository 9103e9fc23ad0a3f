"""What happens at the same time, or fails halfway, loses nothing that was read before."""

from __future__ import annotations

import asyncio
import errno
import os
import select
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio.to_process
import pytest
from support.server import HANG, Server, answer
from support.values import article, match
from support.world import SENTENCE, item, page, rss, world

from monitor import workers
from monitor.articles import page as read_page
from monitor.cli import feeds_found
from monitor.errors import ComputeFailedError, InputError, TryLaterError, UnavailableError
from monitor.fetch.settings import FetchSettings
from monitor.model import Assignment, Digest, Fate, Feed, Recipient, Window
from monitor.pipeline import deliver, group, ingest, poll, publish
from monitor.pipeline.parts import Parts
from monitor.store import Store, articles, editions, entries, feeds, outbox, retention
from monitor.stories.grouper import Grouper
from monitor.testing import FakeClock

HTML = {"Content-Type": "text/html; charset=utf-8"}
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.anyio


def feed(server: Server, path: str = "/feed") -> Feed:
    return Feed(url=server.url(path), name="Northwatch", source="Northwatch")


async def round_of(parts: Parts) -> list[ingest.Ingested]:
    """Poll all feeds, then read what is due, one by one, since the order matters here."""
    now = parts.clock.now()
    for key in await parts.store.read(feeds.askable, now):
        await poll.run(parts, [key], now)
    keys = await ingest.due(parts, now)
    return [one for key in keys for one in await ingest.run(parts, [key], now)]


async def held(store: Store, number: int = 1) -> Any:
    return await store.read(articles.get, number)


# ------------------------------------------------------------------------------ texts


async def test_a_revised_duplicate_leaves_the_article_as_its_own_feed_told_it(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """I1: another feed's short words must not replace a text and the matches found in it."""
    link = server.url("/1")
    server.on("/feed", answer(rss(item(1, link, text="NATO sends ships."))))
    server.on(
        "/b",
        answer(rss(item(1, link, text="Ships."))),
        answer(rss(item(1, link, text="Ships, three."))),
    )
    async with world(store, clock, [feed(server), feed(server, "/b")], articles="off") as parts:
        await round_of(parts)
        clock.advance(HOUR)
        (again,) = await round_of(parts)
    assert again.fate is Fate.DUPLICATE
    assert "NATO" in (await held(store)).text
    assert set(store.read_now(articles.matches_of, [1])) == {1}


async def test_a_page_that_fails_when_read_again_takes_nothing_away(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """I1: the earlier, fuller text stays with its matches, and the new title counts too."""
    link = server.url("/1")
    server.on(
        "/feed",
        answer(rss(item(1, link, text="Ships."))),
        answer(rss(item(1, link, title="A drone", text="Ships, three."))),
    )
    full = answer(page("Report 1", "NATO sent ships. " + SENTENCE), headers=HTML)
    server.on("/1", full, answer(b"", status=404))
    async with world(store, clock, [feed(server)]) as parts:
        await round_of(parts)
        clock.advance(HOUR)
        (again,) = await round_of(parts)
    assert "NATO" in (await held(store)).text
    assert set(again.watchlists) == {"nato", "drones"}


async def test_F55_a_revision_of_a_forgotten_article_is_not_told_as_new(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """An article's identity is kept longer than its text."""
    link = server.url("/1")
    server.on(
        "/feed",
        answer(rss(item(1, link, text="NATO sends ships."))),
        answer(rss(item(1, link, text="NATO sends ships. 5 comments"))),
    )
    async with world(store, clock, [feed(server)], articles="off") as parts:
        await round_of(parts)
        await group.run(parts, await group.due(parts, clock.now()), clock.now())
        clock.advance(timedelta(days=100))
        assert (
            await store.write(
                retention.forget_texts, clock.now() - timedelta(days=90), now=clock.now()
            )
            == 1
        )
        (again,) = await round_of(parts)
    assert (again.fate, again.article_id) == (Fate.ARTICLE, None)
    assert store.read_now(articles.counts)["articles"] == 0
    assert store.read_now(entries.due, clock.now() + HOUR) == []


async def test_an_entry_that_is_a_bare_link_waits_for_its_page(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """I1: if the feed gives no word, a page that fails is tried again."""
    link = server.url("/1")
    server.on("/feed", answer(rss(f"<item><guid>1</guid><link>{link}</link></item>")))
    full = answer(page("Report 1", "NATO sent ships. " + SENTENCE), headers=HTML)
    server.on("/1", answer(b"", status=503), full)
    async with world(store, clock, [feed(server)]) as parts:
        (first,) = await round_of(parts)
        clock.advance(HOUR)
        (second,) = await round_of(parts)
    assert (first.fate, second.fate) == (Fate.UNREADABLE, Fate.ARTICLE)
    assert second.watchlists == ("nato",)


# ------------------------------------------------------------------------------- store


class Away:
    """A store whose database does not answer when one of the named functions is called."""

    def __init__(self, store: Store, *away: Callable[..., Any]) -> None:
        self._store = store
        self._away = away

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def read(self, fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
        if fn in self._away:
            raise UnavailableError("the database does not answer")
        return await self._store.read(fn, *args, **more)

    async def write(self, fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
        if fn in self._away:
            raise UnavailableError("the database does not answer")
        return await self._store.write(fn, *args, **more)

    async def write_to(self, fn: Callable[..., Any], value: Any) -> Any:
        if fn in self._away:
            raise UnavailableError("the database does not answer")
        return await self._store.write_to(fn, value)


async def test_F28_an_entry_is_read_later_when_the_database_is_away(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """A restart of the server makes no entry unreadable."""
    server.on("/feed", answer(rss(item(1, server.url("/1"), text="NATO sends ships."))))
    async with world(store, clock, [feed(server)], articles="off") as parts:
        away: Any = Away(store, ingest.known_of)
        assert await round_of(replace(parts, store=away)) == []
        clock.advance(HOUR)
        (one,) = await round_of(parts)
    assert one.watchlists == ("nato",)


async def test_F28_a_feed_is_not_blamed_when_the_database_is_away(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Nothing is recorded against the feed; it is polled again when its claim has run out."""
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    async with world(store, clock, [feed(server)], articles="off") as parts:
        await round_of(parts)
        clock.advance(HOUR)
        server.on("/feed", answer(rss(item(1, server.url("/1")), item(2, server.url("/2")))))
        away: Any = Away(store, poll._record)
        await round_of(replace(parts, store=away))
        (status,) = await store.read(feeds.statuses)
        assert (status.polling.failures, status.polls) == (0, 1)
        clock.advance(HOUR)
        assert len(await round_of(parts)) == 1


# ---------------------------------------------------------------------------- ends


async def test_F12_polls_end_with_the_tick_that_is_stopped(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """No poll goes on after its store is closed."""
    server.on("/feed", (HANG,))
    async with world(store, clock, [feed(server)]) as parts:
        before = asyncio.all_tasks()
        keys = await poll.due(parts, clock.now())
        tick = asyncio.create_task(poll.run(parts, keys, clock.now()))
        await server.came.wait()
        tick.cancel()
        await asyncio.wait([tick])
        left = [task for task in asyncio.all_tasks() - before if "poll" in str(task.get_coro())]
    assert left == []


async def test_I5_one_delivery_that_fails_inside_lets_the_others_end_first(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tick ends only when all its messages have their answer."""
    ended: list[int] = []

    async def some(_parts: Parts, key: int) -> None:
        if key == 1:
            raise RuntimeError("a bug")
        for _ in range(3):
            await asyncio.sleep(0)
        ended.append(key)

    monkeypatch.setattr(deliver, "_deliver", some)
    async with world(store, clock) as parts:
        with pytest.raises(RuntimeError):
            await deliver.run(parts, [1, 2, 3], clock.now())
    assert ended == [2, 3]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_F12_a_signal_to_the_whole_group_does_not_kill_what_is_being_read(
    number: signal.Signals,
) -> None:
    """Ctrl-C in a terminal, or a stop by systemd, reaches the workers too; the daemon ends them."""
    compute = workers.Workers(1)
    assert await compute(_own_signal, int(number)) == "read to the end"


async def test_F93_a_worker_that_cannot_be_started_is_no_fault_of_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without free descriptors the document is read later, and is not blamed."""

    async def none_left(*_args: object, **_more: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(anyio.to_process, "open_process", none_left)
    with pytest.raises(TryLaterError, match="Too many open files"):
        await workers.Workers(1)(_own_signal, 0)


async def test_S31_work_without_end_is_ended_and_the_next_has_a_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "BY_THE_CLOCK", 1000)
    compute = workers.Workers(1, limit_s=0.3)
    with pytest.raises(ComputeFailedError, match="took a core for longer"):
        await compute(_endless)
    assert await compute(str.upper, "next") == "NEXT"


async def test_S31_a_worker_that_hangs_is_ended_and_the_next_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "BY_THE_CLOCK", 1)
    with pytest.raises(ComputeFailedError, match="it took longer than"):
        await workers.Workers(1, limit_s=0.3)(_own_signal, int(signal.SIGSTOP))
    assert await workers.Workers(1)(str.upper, "next") == "NEXT"


async def test_F14_a_document_that_needs_too_much_memory_fails_alone() -> None:
    """Whether its limit or the system stops the document, the next one has a worker."""
    compute = workers.Workers(1, limit_bytes=GREED)
    with pytest.raises(ComputeFailedError, match="needs more memory than 300 MB"):
        await compute(_in_circles, GREED // 4 * 3)
    assert await compute(_takes, GREED // 2) == GREED // 2  # what one gives back is there again
    with pytest.raises(ComputeFailedError, match="needs more memory than 300 MB"):
        await compute(_odd)
    with pytest.raises(ComputeFailedError, match="killed the process"):
        await compute(_own_signal, int(signal.SIGKILL))
    assert await compute(str.upper, "next") == "NEXT"


async def test_F14_a_tree_for_which_memory_ran_out_is_no_empty_page() -> None:
    """A page whose tree does not fit into memory is not taken for an empty one."""
    with pytest.raises(ComputeFailedError, match="needs more memory than 100 MB"):
        await workers.Workers(1, limit_bytes=100 * 2**20)(_tree_of_a_page, 1_200_000)


def _tree_of_a_page(elements: int) -> bool:
    tree, _ = read_page._parse("<p>x</p>" * elements)
    return tree is None


def _sitemap(pages: int) -> bytes:
    urls = "".join(f"<url><loc>http://x.test/{n}</loc></url>" for n in range(pages))
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


def _bulky(what: str) -> bytes:
    if what == "tree":
        return _sitemap(200_000)  # libxml2 says of this that its XML is broken
    return rss(item(1, "http://x.test/1", text="\N{GRINNING FACE}" + "word " * 2_800_000))


@pytest.mark.parametrize("bulky", ["text", "tree"])
async def test_F14_a_feed_that_needs_too_much_memory_fails_with_that_reason(
    store: Store, clock: FakeClock, bulky: str
) -> None:
    """The other feeds are read meanwhile; so is this one once it has become smaller."""
    wide = FetchSettings(allow_private=("127.0.0.0/8",), spacing_s=0, timeout_s=60)
    async with Server() as server:
        small = _sitemap(2) if bulky == "tree" else rss(item(1, server.url("/1")))
        server.on("/feed", answer(_bulky(bulky), headers={"ETag": '"bulky"'}), answer(small))
        server.on("/other", answer(rss(item(2, server.url("/2")))))
        wanted = [feed(server), feed(server, "/other")]
        async with world(store, clock, wanted, fetch=wide) as parts:
            parts = replace(parts, compute=workers.Workers(1, limit_bytes=100 * 2**20))
            keys = await parts.store.read(feeds.askable, clock.now())
            await poll.run(parts, keys, clock.now())
            bad, other = store.read_now(feeds.statuses)
            clock.advance(timedelta(days=1))
            await poll.run(parts, keys, clock.now())
    assert "it needs more memory than 100 MB" in bad.last_why
    assert (bad.entries, other.entries) == (0, 1)
    assert server.asked("/feed")[1].header("if-none-match") is None
    assert store.read_now(feeds.statuses)[0].entries == (2 if bulky == "tree" else 1)


async def test_F14_a_page_that_needs_too_much_memory_gives_way_to_the_feeds_text(
    store: Store, clock: FakeClock, server: Server
) -> None:
    wide = FetchSettings(allow_private=("127.0.0.0/8",), spacing_s=0, timeout_s=60)
    tight, usual = workers.Workers(1, limit_bytes=60 * 2**20), workers.Workers(1)

    async def compute(fn: Any, *args: Any, **more: Any) -> Any:
        # The model of languages takes more memory than any page.
        return await (tight if args[0] == huge else usual)(fn, *args, **more)

    huge = b"<body><article>\xf0\x9f\x98\x80" + b"<p>Some words of it.</p>" * 500_000
    links = [server.url(f"/{number}") for number in (1, 2)]
    server.on("/feed", answer(rss(*(item(n, link) for n, link in enumerate(links, 1)))))
    server.on("/1", answer(huge, headers=HTML))
    server.on("/2", answer(page("Report 2", SENTENCE * 20), headers=HTML))
    async with world(store, clock, [feed(server)], fetch=wide) as parts:
        parts = replace(parts, compute=compute)
        done = await round_of(parts)
    assert [one.fate for one in done] == [Fate.ARTICLE, Fate.ARTICLE]
    first, second = await held(store, 1), await held(store, 2)
    assert "page: it needs more memory than 60 MB" in first.problems
    assert second.problems == ()
    assert SENTENCE in second.text


async def test_F14_a_site_whose_pages_need_too_much_memory_is_searched_to_an_end(
    store: Store, clock: FakeClock
) -> None:
    """A page named by a person is an error with its reason; a place that was tried has its own."""
    huge = b"<html><body>\xf0\x9f\x98\x80" + b"<p>Some words.</p>" * 600_000
    wide = FetchSettings(allow_private=("127.0.0.0/8",), spacing_s=0, timeout_s=60)
    async with Server() as server, world(store, clock, fetch=wide) as parts:
        parts = replace(parts, compute=workers.Workers(1, limit_bytes=60 * 2**20))
        server.on("/huge", answer(huge, headers=HTML))
        server.on("/small", answer(page("Small", "No feed."), headers=HTML))
        with pytest.raises(InputError, match="cannot be read: it needs more memory than 60 MB"):
            await feeds_found.look(parts, server.url("/huge"))
        server.on("*", answer(huge, headers=HTML))
        server.on("/robots.txt", answer(b""))
        found, at = await feeds_found.look(parts, server.url("/small"))
    assert found == []
    assert "it cannot be read: it needs more memory than 60 MB" in at[1]


async def test_work_on_a_busy_machine_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time on the core is what counts: others that use the cores make no document fail."""
    monkeypatch.setattr(workers, "BY_THE_CLOCK", 1000)
    compute = workers.Workers(1, limit_s=0.1)
    assert await compute(_waits_for_a_core, 0.2) == "read to the end"


async def test_many_pieces_of_one_kind_of_work_keep_no_other_kind_waiting() -> None:
    """A feed is read next, although a thousand entries are waiting to be cleaned."""
    compute, ended = workers.Workers(1), []

    async def work(fn: Any, value: str) -> None:
        ended.append(await compute(fn, value))

    many = [work(_cleaned, f"entry {number}") for number in range(10)]
    await asyncio.gather(*many, work(str.upper, "feed"))
    assert ended[:2] == ["entry 0", "FEED"]
    assert len(ended) == 11


def _cleaned(text: str) -> str:
    return text


def _endless() -> None:
    while True:
        pass


GREED = 300 * 2**20


def _takes(size: int) -> int:
    return len(bytearray(size))


def _in_circles(size: int) -> None:
    """Take memory in a circle, which is not given back at once, and then too much."""
    circle: list[Any] = [bytearray(size)]
    circle.append(circle)
    bytearray(GREED)


def _odd() -> None:
    """Raise as numpy does: an error of its own, here one that our process could not unpickle."""

    class OwnError(MemoryError):
        pass

    raise OwnError


def _waits_for_a_core(seconds: float) -> str:
    select.select([], [], [], seconds)
    return "read to the end"


def _own_signal(number: int) -> str:
    os.kill(os.getpid(), number)
    return "read to the end"


# ------------------------------------------------------------------------------- group


async def test_F95_an_article_that_grouping_cannot_judge_opens_a_story_of_its_own(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One poisoned text must not keep all later articles out of the digests."""
    judge = Grouper.assign

    def poisoned(self: Grouper, told: Any, now: Any) -> Assignment:
        if told.title == "Title 1":
            raise ValueError("poison")
        return judge(self, told, now)

    monkeypatch.setattr(Grouper, "assign", poisoned)
    async with world(store, clock) as parts:
        for number in (1, 2):
            told = article(number, first_seen=clock.now())
            await store.write(articles.insert, [articles.New(told, [match()], False, clock.now())])
        done = await group.run(parts, await group.due(parts, clock.now()), clock.now())
        assert await group.due(parts, clock.now()) == []
    assert "ValueError" in done[0].assignment.why


# ----------------------------------------------------------------------------- publish


async def test_F35_a_window_that_would_end_before_it_begins_is_not_published(
    store: Store, clock: FakeClock
) -> None:
    """A command that runs while the clock is behind must not move the pointer back."""
    digest = Digest(name="desk", watchlists=("nato",), recipients=(Recipient("console"),))
    async with world(store, clock, digests=[digest]) as parts:
        later = clock.now() + HOUR
        await store.write(editions.register, "desk", later)
        assert await publish.publish(parts, digest, Window(later, clock.now())) is None
        kept = await store.read(editions.pointer, "desk")
    assert kept is not None
    assert kept.covered_until == later
    assert store.read_now(outbox.counts) == {}
