"""What a feed has told once is not told again, however its documents change; on both databases.

The feed has twelve reports, one an hour, which have all been told; then its document changes.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection
from support.server import Server, answer
from support.world import rss, world

from monitor.feeds.condition import Condition, Finding
from monitor.insight.balance import Sum
from monitor.insight.trace import steps
from monitor.model import Digest, Fate, Feed, Recipient, Watchlist, Window
from monitor.pipeline import alarm, desk, group, poll, publish
from monitor.pipeline.feeds_judged import judged
from monitor.pipeline.parts import Parts
from monitor.runners import inline
from monitor.runners.inline import Journey
from monitor.store import (
    Store,
    articles,
    audit,
    editions,
    entries,
    export,
    feeds,
    reissues,
    rematches,
    retention,
    search,
    trace,
)
from monitor.store.reissues import SKIP, TELL
from monitor.testing import FakeClock
from monitor.web import metrics

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CONSOLE = Recipient("console", "")
ALERT = Digest(name="desk", title="Desk", watchlists=("nato",), recipients=(CONSOLE,))
ALERT = replace(ALERT, schedule="at once", max_stories=500)
NATO = Watchlist(name="nato", title="NATO", queries=("NATO",), version="1")
SHIPS = ("alder", "birch", "cedar", "damson", "elder", "fir", "gorse", "hazel", "ivy", "juniper")
MANY = 90
"""The number of new entries from which this feed is suspected of a re-issue."""


@dataclass(frozen=True)
class Report:
    """An item of the feed."""

    number: int
    at: datetime
    link: str
    id: str = ""
    words: str = ""

    @property
    def item(self) -> str:
        n = self.number
        title = self.words or f"NATO {SHIPS[n % 10]}{n} sails for port{n} with cargo{n}"
        text = " ".join(f"w{n}x{word}" for word in range(20))
        return (
            f"<item><title>{title}</title><link>{self.link}</link>"
            f"<guid isPermaLink='false'>{self.id or f'id-{self.number}'}</guid>"
            f"<pubDate>{self.at:%d %b %Y %H:%M:%S} GMT</pubDate>"
            f"<description>{title}. {text}</description></item>"
        )


@dataclass
class Room:
    """A feed whose document is what the test says, and the steps of a daemon."""

    parts: Parts
    clock: FakeClock
    server: Server
    feed: Feed
    stated: Sequence[Report] = ()
    printed: list[str] = field(default_factory=list)

    def reports(self, *numbers: int) -> list[Report]:
        """Return reports, each of its own hour before the tests' clock began."""
        start = datetime.fromisoformat("2024-10-18T05:00Z")
        return [
            Report(n, start + (n - 12) * HOUR, self.server.url(f"/reports/{n}")) for n in numbers
        ]

    async def work(self, stated: Sequence[Report] | None = None) -> Journey:
        """Let an hour pass, then poll the feed, read, group, publish and send."""
        self.clock.advance(HOUR)
        self.stated = self.stated if stated is None else stated
        keys = await self.parts.store.read(feeds.askable, self.clock.now())
        return await inline.tell(self.parts, await inline.journey(self.parts, keys))

    def told(self) -> list[int]:
        """Return how many stories each edition told."""
        kept = self.parts.store.read_now(editions.listing, digest="desk")
        return [one.stories for one in reversed(kept)]

    def findings(self) -> dict[Condition, str]:
        """Return what is wrong with the feed."""
        accounts = self.parts.store.read_now(feeds.statuses, self.clock.now())
        found: list[Finding] = [
            one for told in judged(accounts, self.clock.now()) for one in told.findings
        ]
        return dict(found)

    def lines(self) -> list[export.EntryLine]:
        return self.parts.store.read_now(lambda one: list(export.entry_lines(one, None)))

    def audit(self) -> dict[str, Sum]:
        sums = self.parts.store.read_now(audit.account, [ALERT], self.clock.now())
        assert [one.wrong for one in sums if not one.adds_up] == []
        return {one.what: one for one in sums}

    async def release(self, news: str) -> reissues.Released:
        [feed_id] = self.parts.store.read_now(reissues.waiting)
        now = self.clock.now()
        return await self.parts.store.write_durably(reissues.release, feed_id, news, now)


@asynccontextmanager
async def room(store: Store, clock: FakeClock, **more: object) -> AsyncIterator[Room]:
    """Set up a feed with ten reports read as the archive and two told as news."""
    printed: list[str] = []
    async with Server() as server:
        feed = Feed(url=server.url("/feed"), name="Northwatch", articles="off")
        settings = {"watchlists": (NATO,), "digests": (ALERT,), "printed": printed, **more}
        async with world(store, clock, [feed], **settings) as parts:
            made = Room(parts, clock, server, feed, printed=printed)
            server.on("/feed", lambda _seen: answer(rss(*(one.item for one in made.stated))))
            await publish.due(parts, clock.now())
            await made.work(made.reports(*range(10)))
            await made.work(made.reports(*range(2, 12)))
            assert made.told() == [2]
            yield made


async def test_F47_an_older_state_and_then_todays_tell_nothing_again(
    store: Store, clock: FakeClock
) -> None:
    async with room(store, clock) as made:
        await made.work(made.reports(*range(10)))
        await made.work(made.reports(*range(2, 12)))
        assert made.told() == [2]
        assert Condition.WAVERING not in made.findings()
        await made.work(made.reports(*range(3, 13)))
        assert made.told() == [2, 1]
        assert store.read_now(entries.fates) == {"matched": 13}


@pytest.mark.parametrize(("later", "told"), [(timedelta(), [2, 1]), (3 * DAY, [2])])
async def test_what_a_known_feed_brings_is_news_though_a_new_one_had_it_in_its_archive(
    store: Store, clock: FakeClock, later: timedelta, told: list[int]
) -> None:
    """Two feeds of a publisher: the new one is polled first, and has the latest report already.

    Days later it is an old report that the known feed lists again.
    """
    async with room(store, clock) as made:
        for name in ("new", "newer"):
            url = made.server.url(f"/{name}")
            made.server.on(f"/{name}", answer(rss(*(one.item for one in made.reports(11, 12)))))
            feed = Feed(url=url, articles="off")
            key = await store.write(feeds.add, feed, clock.now(), clock.now())
            await inline.tell(made.parts, await inline.journey(made.parts, [key]))
        assert made.told() == [2]
        clock.advance(later)
        await made.work(made.reports(*range(3, 13)))
        assert made.told() == told
        await made.work()
        assert made.told() == told
        made.audit()


async def test_F48_versions_that_alternate_tell_nothing_again_and_are_flagged_while_they_do(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with room(store, clock) as made:
        versions = made.reports(*range(10)), made.reports(*range(2, 12))
        for number in range(50):
            await made.work(versions[number % 2])
        assert made.told() == [2]
        why = made.findings()[Condition.WAVERING]
        assert "went back to older documents 50 times since 2024-10-18 09:00 UTC" in why
        assert sum("went back" in one for one in caplog.messages) == 1
        clock.advance(2 * DAY)
        assert Condition.WAVERING not in made.findings()


async def test_F48_words_that_alternate_are_read_anew_a_few_times_only(
    store: Store, clock: FakeClock
) -> None:
    """Each change may request the page again; once the feed is at rest, its last words are kept."""
    async with room(store, clock) as made:
        known = made.reports(*range(2, 12))
        other = [replace(known[0], words="NATO ship renamed"), *known[1:]]
        revised = 0
        for number in range(20):
            brought = await made.work((other, known)[number % 2])
            revised += brought.polled[0].outcome.revised
        assert (revised, made.told()) == (3, [2])
        clock.advance(2 * DAY)
        await made.work([replace(known[0], words="NATO ship at rest"), *known[1:]])
        await made.work(other)
        assert "NATO ship renamed" in {one["title"] for one in made.lines()}


async def test_F48_the_words_at_which_a_feed_comes_to_rest_are_read_in_the_end(
    store: Store, clock: FakeClock
) -> None:
    """Its document stays the same from then on, and the trace says why its words came late."""
    async with room(store, clock) as made:
        known = made.reports(*range(2, 12))
        other = [replace(known[0], words="NATO ship renamed"), *known[1:]]
        for number in range(20):  # it ends with the ones that were known at first
            await made.work((other, known)[number % 2])
        [named] = [one for one in made.lines() if one["id"] == "id-2"]
        assert "NATO cedar2 sails" in named["title"]
        assert named["why"] == entries.TOO_OFTEN
        kept = store.read_now(trace.kept, "entry", named["entry"])
        [step] = [one for one in steps(kept) if one.step == "entry"]
        assert ", to be read at 2024-10-20 " in step.what
        assert step.why.startswith(entries.TOO_OFTEN)
        clock.advance(2 * DAY)
        brought = await made.work()
        assert [one.article_id for one in brought.ingested] == [named["article"]]
        assert article_title(store, named["article"]).startswith("NATO cedar2 sails")
        [named] = [one for one in made.lines() if one["id"] == "id-2"]
        assert named["why"] == ""
        clock.advance(2 * DAY)
        assert (await made.work()).ingested == []
        assert made.told() == [2]


def article_title(store: Store, number: int | None) -> str:
    found = store.read_now(articles.get, number or 0)
    return found.title if found else ""


async def test_F50_other_ids_under_the_same_links_are_recognised(
    store: Store, clock: FakeClock
) -> None:
    """Link and words show that the entry is known; if the words differ too, its page does."""
    async with room(store, clock) as made:
        known = made.reports(*range(2, 12))
        brought = await made.work([replace(one, id=f"new-{one.number}") for one in known])
        assert [one.outcome.new for one in brought.polled] == [0]
        rewritten = [
            replace(one, id=f"x{one.number}", words=f"NATO again {one.at}") for one in known
        ]
        await made.work(rewritten)
        assert made.told() == [2]
        assert store.read_now(entries.fates) == {"matched": 12, "duplicate": 10}
        assert made.audit()["entries"].adds_up


@pytest.mark.parametrize("to", ["{}?utm_source=rss", "https://news.example/{}", "{}#top"])
async def test_F51_other_links_under_the_same_ids_are_recognised(
    store: Store, clock: FakeClock, to: str
) -> None:
    """Trackers, another scheme and another host are seen through."""
    async with room(store, clock) as made:
        known = made.reports(*range(2, 12))
        moved = [replace(one, link=to.format(one.link.replace("://", "/"))) for one in known]
        moved = [replace(one, link=one.link.replace("http/", "http://", 1)) for one in moved]
        brought = await made.work(moved)
        assert [(one.outcome.new, one.outcome.revised) for one in brought.polled] == [(0, 0)]
        assert made.told() == [2]
        assert store.read_now(entries.fates) == {"matched": 12}


async def test_F52_an_archive_with_the_date_of_today_tells_nothing_and_is_flagged(
    store: Store, clock: FakeClock
) -> None:
    async with room(store, clock) as made:
        today = [replace(one, at=clock.now()) for one in made.reports(*range(2, 12))]
        brought = await made.work(today)
        assert [(one.outcome.new, one.outcome.revised) for one in brought.polled] == [(0, 0)]
        assert made.told() == [2]
        assert "2024-10-18 09:00 UTC" in made.findings()[Condition.REDATED]
        clock.advance(7 * DAY)
        assert Condition.REDATED not in made.findings()


def archive(made: Room, *, first: int = 100) -> list[Report]:
    """Return many reports under ids, links and dates that nobody knows."""
    at = made.clock.now()
    return [
        Report(n, at, f"https://new.example/{n}", f"new-{n}") for n in range(first, first + MANY)
    ]


async def test_F53_an_archive_under_other_names_waits_for_a_persons_word(
    store: Store, clock: FakeClock
) -> None:
    """Withheld entries are stored, read, matched and found; no edition tells them.

    The feed's status, the audit, the metrics and the digest say that they are withheld.
    """
    async with room(store, clock) as made:
        news = replace(made.reports(12)[0], at=clock.now())
        brought = await made.work([*archive(made), news])
        assert [one.outcome.new for one in brought.polled] == [MANY + 1]
        assert brought.polled[0].outcome.why.startswith("withheld: 91 new entries at once, where 5")
        await made.work()
        assert made.told() == [2]
        assert store.read_now(entries.fates) == {"matched": 12 + MANY + 1}
        assert len(store.read_now(search.search, "nato", limit=500)) == 12 + MANY + 1
        withheld = [one for one in made.lines() if one["withheld"]]
        assert {(one["fate"], one["released"]) for one in withheld} == {("matched", "")}
        assert len(withheld) == MANY + 1
        assert "is withheld: 91 new entries at once" in made.findings()[Condition.WITHHELD]
        sums = made.audit()
        assert sums["articles"].parts["of a suspected re-issue"] == MANY + 1
        assert sums["articles for desk"].parts["withheld until a person says"] == MANY + 1
        text = metrics.text(
            metrics.metrics(store.read_now(metrics.account, clock.now()), named=False)
        )
        assert 'monitor_feed_withheld{feed="1"} 91' in text
        assert 'monitor_feeds{condition="withheld"} 1' in text
        # What comes after it is judged by itself.
        await made.work([*archive(made), news, replace(news, number=13, id="13", link="http://l/")])
        assert made.told() == [2, 1]
        words = " ".join(made.printed[-1].split())
        assert "Withheld, perhaps reported before: Northwatch (91 entries)" in words


@pytest.mark.parametrize("link", ["{0}?zq={1}x{2}", "{0}/s{1}", "{0}#{1}"])
async def test_F53_a_number_of_the_visit_in_every_link_and_id_tells_nothing_again(
    store: Store, clock: FakeClock, link: str
) -> None:
    """The same items are recognised by what they say; news among them is told once."""

    def served(visit: int, *numbers: int) -> list[Report]:
        made = []
        for one in room_of.reports(*numbers):
            named = link.format(one.link, visit, one.number)
            at = one.at - DAY + one.number * timedelta(seconds=61)
            made.append(replace(one, at=at, link=named, id=named))
        return made

    async with room(store, clock) as room_of:
        await room_of.work(served(0, *range(20, 26)))
        assert room_of.told() == [2, 6]
        for visit in range(1, 5):
            brought = await room_of.work(served(visit, *range(20, 26)))
            [outcome] = [one.outcome for one in brought.polled]
            assert (outcome.kind, outcome.new, outcome.revised) == ("unchanged", 0, 0)
            assert outcome.why.startswith("6 entries are known under addresses that differ in")
        brought = await room_of.work(served(5, *range(21, 27)))
        assert [one.outcome.new for one in brought.polled] == [1]
        await room_of.work(served(6, *range(21, 27)))
        assert room_of.told() == [2, 6, 1]
        assert store.read_now(entries.fates) == {"matched": 12 + 7}
        assert room_of.audit()["entries"].adds_up


async def test_F51_F53_a_site_that_changes_to_https_has_its_news_told_and_nothing_withheld(
    store: Store, clock: FakeClock
) -> None:
    """Its ids are its links. A long feed looked like a re-issue, and its news waited with it."""

    def served(scheme: str, *numbers: int) -> list[Report]:
        made = []
        for one in room_of.reports(*numbers):
            link = one.link.replace("http:", scheme)
            at = one.at - 9 * DAY + one.number * timedelta(seconds=61)
            made.append(replace(one, at=at, link=link, id=link))
        return made

    async with room(store, clock) as room_of:
        await room_of.work(served("http:", *range(20, 60)))
        await room_of.work(served("http:", *range(20, 60 + MANY // 2)))
        before = room_of.told()
        brought = await room_of.work(served("https:", *range(20, 61 + MANY // 2)))
        [outcome] = [one.outcome for one in brought.polled]
        known = f"{40 + MANY // 2} entries are known under addresses that differ in"
        assert outcome.why == f'{known} "https" or "www"'
        assert (outcome.new, room_of.told()) == (1, [*before, 1])
        room_of.audit()


async def test_F53_an_archive_whose_posts_all_link_to_one_known_page_waits_too(
    store: Store, clock: FakeClock
) -> None:
    """Entries that share a page become articles, so they count, whether or not it is known."""
    async with room(store, clock) as made:
        known = made.reports(*range(2, 12))
        old = [replace(one, link=known[-1].link) for one in archive(made)]
        brought = await made.work([*known, *old])
        assert brought.polled[0].outcome.why.startswith(f"withheld: {MANY} new entries at once")
        await made.work()
        assert made.told() == [2]
        assert len([one for one in made.lines() if one["withheld"]]) == MANY


async def test_F53_released_as_news_it_is_told_however_long_it_waited(
    store: Store, clock: FakeClock
) -> None:
    """The next edition tells it, once; even what only a changed watchlist matched meanwhile."""
    async with room(store, clock) as made:
        await made.work(archive(made))
        clock.advance(30 * DAY)
        article_id = next(one["article"] for one in made.lines() if one["withheld"])
        assert article_id is not None

        def rematch(connection: Connection) -> None:
            [match] = articles.matches_of(connection, [article_id])[article_id]
            rematches.record(connection, "nato", {article_id: None}, clock.now())
            rematches.record(connection, "nato", {article_id: match}, clock.now())

        await store.write(rematch)
        assert await made.release(TELL) == reissues.Released(MANY, MANY)
        assert store.read_now(reissues.waiting) == {}
        await made.work()
        assert made.told() == [2, MANY]
        assert Condition.WITHHELD not in made.findings()
        assert {one["released"] for one in made.lines() if one["withheld"]} == {TELL}
        assert made.audit()["articles for desk"].parts["told"] == MANY + 2
        await made.work()
        assert made.told() == [2, MANY]


async def test_F53_F118_what_waits_for_a_persons_word_is_not_forgotten(
    store: Store, clock: FakeClock
) -> None:
    """Entries released as news are kept too, until an edition has had time to tell them."""
    async with room(store, clock) as made:

        async def forgotten() -> int:
            return await store.write(
                retention.forget_texts, clock.now() - 30 * DAY, now=clock.now()
            )

        await made.work(archive(made))
        clock.advance(31 * DAY)
        assert await forgotten() == 12  # what was told
        assert await made.release(TELL) == reissues.Released(MANY, MANY)
        await group.run(made.parts, await group.due(made.parts, clock.now()), clock.now())
        assert await forgotten() == 0
        await made.work()
        assert made.told() == [2, MANY]
        clock.advance(31 * DAY)
        assert await forgotten() == MANY


async def test_F53_released_as_told_before_it_is_never_told(store: Store, clock: FakeClock) -> None:
    """Today's dates change nothing; the feed's news and revisions are told as ever."""
    async with room(store, clock) as made:
        old = archive(made)
        await made.work(old)
        assert await made.release(SKIP) == reissues.Released(MANY, MANY)
        news = replace(made.reports(12)[0], at=clock.now())
        await made.work([replace(old[0], words="NATO ship changed"), *old[1:], news])
        assert made.told() == [2, 1]
        sums = made.audit()
        assert sums["articles for desk"].parts["told before, said a person"] == MANY
        assert {one["released"] for one in made.lines() if one["withheld"]} == {SKIP}
        # The same archive under its old names is known.
        await made.work(made.reports(*range(2, 12)))
        await made.work([*old, news])
        assert made.told() == [2, 1]


async def test_F53_what_is_read_after_the_release_is_told_too(
    store: Store, clock: FakeClock
) -> None:
    """Entries that are read only after a person's release are told like the others."""
    async with room(store, clock) as made:
        clock.advance(HOUR)
        made.stated = archive(made)
        keys = await store.read(feeds.askable, clock.now())
        await poll.run(made.parts, keys, clock.now())
        assert await made.release(TELL) == reissues.Released(MANY, 0)
        await made.work()
        assert made.told() == [2, MANY]


async def test_F53_the_same_pages_in_another_feed_wait_with_it(
    store: Store, clock: FakeClock
) -> None:
    """A publisher re-issues all its feeds; a short one alone would not be suspected."""
    async with room(store, clock) as made:
        section = Feed(url=made.server.url("/section"), name="Section", articles="off")
        old = archive(made)
        shown = [made.reports(1), old[:20]]
        made.server.on("/section", lambda _seen: answer(rss(*(one.item for one in shown[0]))))
        await store.write(feeds.sync, [made.feed, section], clock.now(), lambda _: clock.now())
        await made.work()
        shown.pop(0)
        await made.work(old)
        assert made.told() == [2]
        assert store.read_now(entries.fates)[Fate.DUPLICATE] >= 20


async def test_F53_F56_what_a_new_feed_has_is_its_archive_and_not_withheld(
    store: Store, clock: FakeClock
) -> None:
    async with room(store, clock) as made:
        long = Feed(url=made.server.url("/long"), name="Long", articles="off")
        whole = archive(made)
        made.server.on("/long", lambda _seen: answer(rss(*(one.item for one in whole))))
        await store.write(feeds.sync, [made.feed, long], clock.now(), lambda _: clock.now())
        await made.work()
        assert store.read_now(reissues.waiting) == {}


async def test_F53_F101_what_came_in_ten_days_without_us_is_told(
    store: Store, clock: FakeClock
) -> None:
    async with room(store, clock) as made:
        clock.advance(10 * DAY)
        made.stated = made.reports(*range(12, 12 + 2 * MANY))
        keys = await store.read(feeds.askable, clock.now())
        [brought] = await poll.run(made.parts, keys, clock.now())
        assert (brought.outcome.new, brought.outcome.why) == (2 * MANY, "")
        assert store.read_now(reissues.waiting) == {}


async def test_F58_F53_the_alarm_tells_once_of_silence_its_end_and_what_is_withheld(
    store: Store, clock: FakeClock
) -> None:
    """A re-issue is reported at once, without waiting a day; its release needs no alarm."""
    async with room(store, clock, alarms=(CONSOLE,)) as made:
        told: list[str] = []

        async def subjects() -> list[str]:
            before = len(told)
            kept = await store.read(editions.listing, digest="_alarms")
            told[:] = [one.subject for one in reversed(kept)]
            return told[before:]

        for _ in range(6):
            await made.work()
            clock.advance(DAY - HOUR)
        assert await subjects() == ["Alarm: Northwatch is silent, 22 Oct 2024"]
        news = [replace(one, at=clock.now()) for one in made.reports(12, 13)]
        await made.work([*made.stated, *news])
        assert await subjects() == [f"Alarm: Northwatch has news again, {clock.now():%d %b %Y}"]
        old = archive(made)
        await made.work([*made.stated, *old])
        back = f"Alarm: Northwatch may have re-issued its archive, {clock.now():%d %b %Y}"
        assert await subjects() == [back]
        helps = f"monitor feeds release {made.feed.url})"
        assert any(helps in " ".join(one.split()) for one in made.printed)
        await made.work()
        await made.release(SKIP)
        await made.work()
        assert await subjects() == []


async def test_F58_a_frozen_validator_is_silence_but_a_time_without_us_is_none(
    store: Store, clock: FakeClock
) -> None:
    """Endless 304 answers count as much as an unchanging document does."""
    async with room(store, clock, alarms=(CONSOLE,)) as made:
        await made.work()
        clock.advance(5 * DAY)
        assert made.findings() == {}
        assert await alarm.due(made.parts, clock.now()) == []
        made.server.on("/feed", answer(status=304))
        await made.work()
        assert "no new entry for 5" in made.findings()[Condition.STALE]
        assert len(await store.read(editions.listing, digest="_alarms")) == 1


async def test_F54_ids_that_are_shared_or_used_again_overwrite_no_report(
    store: Store, clock: FakeClock
) -> None:
    """Five reports under one id and five without any are ten; so is a new one under an old id."""
    async with room(store, clock) as made:
        shared = [replace(one, id="same") for one in made.reports(20, 21, 22, 23, 24)]
        bare = [Bare(**vars(one)) for one in made.reports(25, 26, 27, 28, 29)]
        await made.work([*shared, *bare])
        assert made.told() == [2, 10]
        again = replace(made.reports(30)[0], id="id-11")  # of a report that was told
        await made.work([again, *shared, *bare])
        assert made.told() == [2, 10, 1]
        titles = {one["title"] for one in made.lines()}
        assert {
            f"NATO {SHIPS[n % 10]}{n} sails for port{n} with cargo{n}" for n in (11, 30)
        } <= titles
        await made.work()
        assert made.told() == [2, 10, 1]


class Bare(Report):
    """An item without an id."""

    @property
    def item(self) -> str:
        return re.sub("<guid.*</guid>", "", super().item)


@pytest.mark.parametrize("pages", [1, 5])
async def test_F57_one_story_in_five_feeds_is_one_with_five_sources(
    store: Store, clock: FakeClock, pages: int
) -> None:
    """At one address with each feed's trackers it is one report; at five addresses, five copies."""
    async with room(store, clock) as made:
        names = ["Alder", "Birch", "Cedar", "Damson", "Elder"]
        news = replace(made.reports(12)[0], at=clock.now())
        wanted = []
        for name in names:
            link = f"{news.link}?utm_source={name}" if pages == 1 else f"{news.link}/{name}"
            bodies = [
                answer(rss(one.item)) for one in (made.reports(0)[0], replace(news, link=link))
            ]
            made.server.on(f"/{name}", *bodies)
            url = made.server.url(f"/{name}")
            wanted.append(Feed(url=url, source=name, articles="off"))
        await store.write(feeds.sync, wanted, clock.now(), lambda _: clock.now())
        await made.work()
        await made.work()
        assert made.told() == [2, 1]
        latest = store.read_now(editions.get, "desk")
        assert latest is not None
        [section] = latest.body["sections"]
        [story] = section["stories"]
        reports = [story["lead"], *story["others"]]
        assert len(reports) == story["outlets"] == pages
        found = {name for one in reports for name in (one["source"], *one["also"])}
        assert found == {*names}
        assert sum(one["duplicate"] for one in reports) == pages - 1
        lines = store.read_now(lambda one: list(export.story_lines(one, None)))
        assert lines[-1]["sources"] == names
        window = Window(clock.now() - HOUR, clock.now())
        [seen] = store.read_now(desk.look, [NATO], window).edition.stories
        shown = {name for one in (seen.lead, *seen.others) for name in (one.source, *one.also)}
        assert shown == {*names}
        about = "also in feeds of Birch, Cedar, Damson, Elder" if pages == 1 else "same text"
        assert about in " ".join(made.printed[-1].split())
