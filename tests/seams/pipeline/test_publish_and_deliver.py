"""From matched articles to delivered messages, on both databases."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, func, select, text
from support.faults import armed
from support.server import Server, answer
from support.smtp import Sink
from support.values import article
from support.world import world

from monitor import failpoints
from monitor import store as stores
from monitor.channels import console, email, webhook
from monitor.config.sections import WebSection
from monitor.digests.retry import DEATHS, SUSPEND_AFTER, SUSPEND_SPAN
from monitor.errors import Mistake, SettingsError
from monitor.model import (
    Answer,
    Assignment,
    DeliveryState,
    Digest,
    Edition,
    Feed,
    Match,
    Message,
    NotSent,
    Recipient,
    Refused,
    Sent,
    Unknown,
    Window,
    utc_text,
)
from monitor.pipeline import deliver, group, poll, publish
from monitor.pipeline.parts import Callback, Memory, Parts
from monitor.runners import daemon, inline
from monitor.store import (
    Store,
    articles,
    editions,
    export,
    feeds,
    holds,
    leases,
    outbox,
    recipients,
    schema,
    stories,
)
from monitor.store.schema import edition_articles
from monitor.testing import FakeClock
from monitor.web import metrics
from monitor.web.site import site

pytestmark = pytest.mark.anyio

HOURLY = Digest(
    name="desk",
    title="Desk",
    watchlists=("nato", "drones"),
    schedule="0 * * * *",
    recipients=(Recipient("console"),),
)
ALERT = replace(HOURLY, schedule="at once")
HOUR = timedelta(hours=1)


async def report(parts: Parts, number: int, *watchlists: str, story: str = "", **more: Any) -> None:
    """Let a minute pass, then read an article that matches these watchlists (NATO by default).

    `story` is a title shared with other reports, in place of one of its own.
    """
    await parts.clock.sleep(60)
    now = parts.clock.now()
    own = f"Yard {chr(65 + number)} has launched hull {number * 1111} for the NATO fleet."
    values = {
        "title": story or f"Ship number {number * 1111} launched at yard {chr(65 + number)}",
        "text": story * 3 or own,
        "first_seen": now,
        "published": now,
    }
    told = article(number, **values | more)
    found = [Match(name, 2.0, (), 0, "1") for name in watchlists or ("nato",)]
    await parts.store.write(articles.insert, [articles.New(told, found, False, now)])
    await group.run(parts, await group.due(parts, now), now)


async def numbers(store: Store) -> list[tuple[int, list[str]]]:
    """Return (edition, titles it carried), oldest first."""
    kept = await store.read(editions.listing)
    return [
        (
            one.number,
            [story["title"] for section in one.body["sections"] for story in section["stories"]],
        )
        for one in reversed(kept)
    ]


async def test_a_story_that_grows_stands_above_one_that_does_not(
    store: Store, clock: FakeClock
) -> None:
    """Outlets and freshness are equal; the story that most outlets joined lately comes first."""
    steady, growing = "Minehunters clear harbour", "Reactor fire aboard submarine"
    told = [(1, steady), (6, steady), (6, steady), (1, growing), (5, growing), (0, growing)]
    daily = replace(HOURLY, schedule="0 6 * * *")
    async with world(store, clock, digests=[daily]) as parts:
        await inline.tell(parts)
        for number, (hours, title) in enumerate((*told, (0, growing), (0, steady))):
            clock.advance(HOUR * hours)
            own = " ".join(f"w{number}x{place}" for place in range(12))
            text = f"{title}. {own}"
            await report(parts, number, story=title, text=text, source=f"Outlet {number}")
        times = publish.joined(await store.read(stories.members, [1, 2]))
        assert [len(one) for one in times.values()] == [4, 4]
        clock.advance(HOUR * 6)
        await inline.tell(parts)
    assert [titles for _, titles in await numbers(store) if titles] == [[growing, steady]]


async def test_I3_two_editions_join_without_gap_or_overlap(store: Store, clock: FakeClock) -> None:
    """Each window begins where the last one ended, and each story is told once."""
    printed: list[str] = []
    async with world(store, clock, digests=[HOURLY], printed=printed) as parts:
        await inline.tell(parts)  # the digest begins
        for number in range(1, 4):
            clock.advance(timedelta(minutes=10))
            await report(parts, number)
            clock.advance(timedelta(minutes=50))
            await inline.tell(parts)
    kept = list(reversed(store.read_now(editions.listing)))
    assert all(one.window.end == two.window.start for one, two in pairwise(kept))
    told = [titles for _, titles in await numbers(store) if titles]
    assert [len(titles) for titles in told] == [1, 1, 1]
    assert len({title for titles in told for title in titles}) == 3
    assert len(printed) == 3


async def test_D30_an_empty_edition_is_kept_but_not_sent(store: Store, clock: FakeClock) -> None:
    """By default nothing is sent if there is nothing to tell, and the record says so."""
    printed: list[str] = []
    async with world(store, clock, digests=[HOURLY], printed=printed) as parts:
        await inline.tell(parts)
        clock.advance(timedelta(minutes=59))
        await inline.tell(parts)
        clock.advance(HOUR)
        await inline.tell(parts)
    assert printed == []
    assert all(not one.sent for one in store.read_now(editions.listing))


async def test_D30_an_empty_edition_counts_what_matched_its_own_watchlists(
    store: Store, clock: FakeClock
) -> None:
    """What only other digests look for is not "matched, none of it new" to this reader."""
    printed: list[str] = []
    arctic = replace(HOURLY, name="arctic", watchlists=("arctic",), empty="send")
    async with world(store, clock, digests=[HOURLY, arctic], printed=printed) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(HOUR)
        await inline.tell(parts)
    quiet = [one for one in await store.read(editions.listing) if one.digest == "arctic"]
    assert "none matched" in quiet[0].body["accounting"]["statement"]


async def test_F101_down_for_ten_days_one_catch_up_edition(store: Store, clock: FakeClock) -> None:
    """By default one edition, marked late, tells everything missed; nothing is lost."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(timedelta(days=10, minutes=20))
        await inline.tell(parts)
    (kept,) = store.read_now(editions.listing)
    assert kept.window.late
    assert kept.window.end - kept.window.start == timedelta(days=10)
    assert kept.stories == 1


async def test_an_alert_goes_out_once_for_a_story_and_leaves_no_empty_editions(
    store: Store, clock: FakeClock
) -> None:
    """The alert goes out within one tick of the match; a tick without a match writes no edition."""
    printed: list[str] = []
    async with world(store, clock, digests=[ALERT], printed=printed) as parts:
        for number in range(4):
            await inline.tell(parts)
            clock.advance(10)
            if number == 1:
                await report(parts, 1)
    assert len(printed) == 1
    assert len(store.read_now(editions.listing)) == 1


FIRE = "Fire at the harbour of Odesa: the port burned all night and the mayor asked for pumps."


async def test_a_story_comes_again_only_when_it_has_developed(
    store: Store, clock: FakeClock
) -> None:
    """A report that adds nothing is counted, keeps its fate, and is not judged again."""
    printed: list[str] = []
    again = "Pumps were asked for by the mayor of Odesa, where the harbour burned."
    texts = (FIRE, again, "Rescuers at the harbour of Odesa have now found 7 people dead.")
    async with world(store, clock, digests=[HOURLY], printed=printed) as parts:
        await inline.tell(parts)
        for number, text in enumerate(texts, start=1):
            await report(parts, number, text=text, title="Fire at the harbour of Odesa")
            clock.advance(HOUR)
            await inline.tell(parts)
    first, second, third = [one.body for one in reversed(store.read_now(editions.listing))]
    assert [one["repeated"] for one in (first, second, third)] == [0, 1, 0]
    assert [len(one["sections"]) for one in (first, second, third)] == [1, 0, 1]
    assert third["sections"][0]["title"] == "Updates"
    (story,) = third["sections"][0]["stories"]
    assert story["development"]["kind"] == "new figure"
    assert story["lead"]["snippet"] == texts[2]
    assert len(printed) == 2
    assert fates(store) == ["carried", "repeated", "carried"]


async def test_an_alert_counts_what_adds_nothing_without_speaking(
    store: Store, clock: FakeClock
) -> None:
    """A report that adds nothing is judged once, and the record tells what became of it."""
    alert = replace(HOURLY, schedule="at once")
    printed: list[str] = []
    async with world(store, clock, digests=[alert], printed=printed) as parts:
        await inline.tell(parts)
        for number in (1, 2):
            await report(parts, number, text=FIRE, title="Fire at the harbour of Odesa")
            for _ in range(2):
                clock.advance(10)
                await inline.tell(parts)
    assert len(printed) == 1
    assert fates(store) == ["carried", "repeated"]
    assert [one.sent for one in store.read_now(editions.listing)] == [False, True]


def fates(store: Store) -> list[str]:
    table = edition_articles
    question = select(table.c.fate).order_by(table.c.article_id)
    return list(store.read_now(lambda connection: connection.scalars(question).all()))


async def alerted(
    store: Store, clock: FakeClock, alert: Digest, minutes: int, *numbers: int, story: str = ""
) -> list[str]:
    """Return what an alert prints over these minutes, in each of which comes a tick or a report."""
    printed: list[str] = []
    async with world(store, clock, digests=[alert], printed=printed) as parts:
        await inline.tell(parts)
        for minute in range(minutes):
            if minute in numbers:
                await report(parts, minute + 1, story=story)
            else:
                clock.advance(60)
            await inline.tell(parts)
    return printed


async def test_one_story_is_one_alert_however_many_tell_it(store: Store, clock: FakeClock) -> None:
    """A further article of a story that the alert has told sends no message."""
    same = "Frigate Aurelia runs aground off Cape Vane"
    printed = await alerted(store, clock, ALERT, 5, 1, 3, story=same)
    assert len({one.story_id for one in store.read_now(_grouped)}) == 1
    assert len(printed) == 1


async def test_D75_an_alert_is_out_within_a_minute_and_the_metric_says_how_soon(
    store: Store, clock: FakeClock
) -> None:
    """The lag runs from first sight of the article to the accepted message, by daemon ticks."""
    printed: list[str] = []
    publishing = next(one for one in daemon.TIMERS if one.step is publish).every_s
    delivering = next(one for one in daemon.TIMERS if one.step is deliver).every_s
    async with world(store, clock, digests=[ALERT], printed=printed) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(publishing)
        await publish.run(parts, await publish.due(parts, clock.now()), clock.now())
        clock.advance(delivering)
        await deliver.run(parts, await deliver.due(parts, clock.now()), clock.now())
        told = metrics.metrics(await store.read(metrics.account, clock.now()), named=False)
    assert len(printed) == 1
    lag = publishing + delivering
    assert lag < 60
    assert f'monitor_edition_lag_seconds{{digest="desk"}} {lag}' in metrics.text(told)


async def test_D76_what_quiet_hours_hold_goes_out_once_at_their_end(
    store: Store, clock: FakeClock
) -> None:
    """06:00 to 06:10 in UTC is 07:00 to 07:10 by London's clocks."""
    quiet = replace(ALERT, quiet="06:30-07:10", zone="Europe/London")
    printed = await alerted(store, clock, quiet, 9, 1, 3)
    assert printed == []
    printed = await alerted(store, clock, quiet, 3)
    assert len(printed) == 1
    assert "2 stories" in printed[0]


async def test_D77_more_than_so_many_alerts_become_one_message_with_the_count(
    store: Store, clock: FakeClock
) -> None:
    """At most two in ten minutes go out: the third to fifth story wait, and come together."""
    few = replace(ALERT, flood_alerts=2)
    printed = await alerted(store, clock, few, 14, 1, 2, 3, 4, 5)
    assert ["3 stories" in one for one in printed] == [False, False, True]


async def test_D77_a_thousand_matches_of_one_tick_are_one_message(
    store: Store, clock: FakeClock
) -> None:
    """The message counts the stories that did not fit."""
    printed: list[str] = []
    async with world(store, clock, digests=[ALERT], printed=printed) as parts:
        await inline.tell(parts)
        clock.advance(60)
        now = clock.now()
        await store.write(_thousand, now)
        await inline.tell(parts)
    assert len(printed) == 1
    assert "970 more stories matched but did not fit here" in printed[0]
    assert "monitor digests show desk 1" in " ".join(printed[0].split())
    (kept,) = store.read_now(editions.listing)
    told = {story["title"] for one in kept.body["sections"] for story in one["stories"]}
    cut = {title for title, _ in store.read_now(editions.cut_stories, kept.id)}
    assert told | cut == {f"Title {number}" for number in range(1, 1001)}
    assert not told & cut


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_F122_of_ten_thousand_matches_an_edition_tells_some_and_counts_the_rest(
    store: Store, clock: FakeClock
) -> None:
    """The edition says where the others are; all are on record as reported, so none comes again."""
    printed: list[str] = []
    async with world(store, clock, digests=[HOURLY], printed=printed) as parts:
        await inline.tell(parts)
        clock.advance(60)
        await store.write(_in_bulk, 10_000, clock.now())
        clock.advance(HOUR)
        await inline.tell(parts)
        assert "9,970 more stories matched but did not fit here" in printed[0]
        assert "monitor digests show desk 1" in " ".join(printed[0].split())
        statement = select(edition_articles.c.fate, func.count()).group_by(edition_articles.c.fate)
        told = store.read_now(lambda connection: dict(tuple(connection.execute(statement))))
        assert told == {"carried": 30, "cut": 9_970}
        clock.advance(HOUR)
        await inline.tell(parts)
    assert [len(titles) for _, titles in await numbers(store)] == [30, 0]


async def test_F118_clean_up_spares_what_no_edition_has_told_yet(
    store: Store, clock: FakeClock
) -> None:
    """Texts may be kept for less time than a digest waits; what it has told may go."""
    weekly = replace(HOURLY, schedule="0 6 * * 1")
    clean_up = daemon.CleanUp(daemon.Keep(articles=timedelta(days=2)))
    async with world(store, clock, digests=[weekly]) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        await report(parts, 2, "submarines")  # of no digest
        clock.advance(timedelta(days=8))  # a daemon cleans up when it starts, before it publishes
        await clean_up.run(parts, await clean_up.due(parts, clock.now()), clock.now())
        assert store.read_now(articles.counts)["articles"] == 1
        await inline.tell(parts)
        assert [len(titles) for _, titles in await numbers(store)] == [1]
        assert store.read_now(outbox.counts) == {"sent": 1}
        await clean_up.run(parts, await clean_up.due(parts, clock.now()), clock.now())
    assert store.read_now(articles.counts)["articles"] == 0


def _in_bulk(connection: Connection, count: int, now: datetime) -> None:
    """Store that many matching articles, each in a story of its own."""
    fresh = [article(number, first_seen=now, published=now) for number in range(1, count + 1)]
    match = Match("nato", 2.0, (), 0, "1")
    added = articles.insert(connection, [articles.New(one, [match], False, now) for one in fresh])
    opened = [{"id": number, "opened": now, "first_at": now, "last_at": now} for number in added]
    connection.execute(schema.stories.insert(), opened)
    own = {"story_id": schema.articles.c.id, "assigned": now, "group_due": None}
    connection.execute(schema.articles.update().values(own))


def _thousand(connection: Connection, now: datetime) -> None:
    for number in range(1, 1001):
        told = article(number, first_seen=now, published=now)
        match = Match("nato", 2.0, (), 0, "1")
        (added,) = articles.insert(connection, [articles.New(told, [match], False, now)])
        assert added is not None
        assignment = Assignment(article_id=added, story_id=None)
        stories.assign(connection, replace(told, id=added), assignment, now)


def _grouped(connection: Connection) -> list[Any]:
    return list(connection.execute(select(schema.articles.c.story_id)))


async def test_a_preview_is_what_would_be_sent_and_writes_nothing(
    store: Store, clock: FakeClock
) -> None:
    """D32: the preview has the same bytes as the edition that follows it."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(HOUR)
        made = await publish.preview(parts, HOURLY, clock.now())
        assert store.read_now(editions.listing) == []
        (sent,) = await publish.run(parts, ["desk"], clock.now())
    assert [one.body for one in made.messages] == [one.body for one in sent.messages]


async def test_D32_a_preview_has_no_message_for_a_reader_who_has_stopped_the_digest(
    store: Store, clock: FakeClock
) -> None:
    """It would not be sent either."""
    desk, ann = Recipient("console"), Recipient("email", "ann@example.org")
    digest = replace(HOURLY, recipients=(desk, ann))
    async with world(store, clock, digests=[digest]) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(HOUR)
        tokens = await store.write(recipients.tokens, digest.name, [ann], lambda: "secret")
        await store.write(recipients.stop, tokens[ann], clock.now())
        made = await publish.preview(parts, digest, clock.now())
        (sent,) = await publish.run(parts, [digest.name], clock.now())
    assert [one.recipient for one in made.messages] == [desk]
    assert [one.body for one in made.messages] == [one.body for one in sent.messages]


async def test_D33_a_broken_template_is_a_warning_in_the_log_and_the_edition_goes_out(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Our own form is used in place of the broken template."""
    printed: list[str] = []
    own = {"edition.txt": "{{ view.titel }}"}
    async with world(store, clock, digests=[HOURLY], printed=printed, templates=own) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(HOUR)
        await inline.tell(parts)
    assert "digest desk: template edition.txt" in caplog.text
    assert "1 story" in printed[0]


@pytest.mark.parametrize("digest", [HOURLY, ALERT], ids=["hourly", "alert"])
@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=365)], ids=str)
async def test_F35_after_a_clock_that_ran_ahead_a_digest_goes_on_and_tells_each_story_once(
    store: Store, clock: FakeClock, digest: Digest, ahead: timedelta
) -> None:
    """The digest is not silent until that time, and what came meanwhile is told as well."""
    async with world(store, clock, digests=[digest], printed=[]) as parts:
        for number, step in enumerate((timedelta(), ahead, timedelta(), -ahead, timedelta())):
            clock.advance(step)
            await inline.tell(parts)
            await report(parts, number)
        clock.advance(HOUR)
        await inline.tell(parts)
    told = [title for _, titles in await numbers(store) for title in titles]
    titles = [f"Ship number {n * 1111} launched at yard {'ABCDE'[n]}" for n in range(5)]
    assert sorted(told) == titles


async def test_F35_a_clock_that_fell_before_the_beginning_moves_no_pointer(
    store: Store, clock: FakeClock
) -> None:
    """A clock that lost years is itself wrong: they would make one window full of archives."""
    right = clock.now()
    async with world(store, clock, digests=[ALERT]) as parts:
        await inline.tell(parts)
        clock.advance(timedelta(days=-19_000))
        await inline.tell(parts)
    kept = await store.read(editions.pointer, "desk")
    assert kept is not None
    assert kept.covered_until == right


async def test_F35_what_a_clock_that_ran_ahead_put_off_is_tried_now(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The message gets one try at once, and then the pace of every other message."""
    year = timedelta(days=365)
    server.on("/hook", *[answer(status=503)] * 2)
    async with world(store, clock, channel=with_hook(server)) as parts:
        clock.advance(year)
        queue(store, clock.now(), 1, Recipient("webhook", "far"))
        assert len((await inline.tell(parts)).delivered) == 1
        clock.advance(-year)
        assert len((await inline.tell(parts)).delivered) == 1
        assert (await inline.tell(parts)).delivered == []
        clock.advance(HOUR)
        assert len((await inline.tell(parts)).delivered) == 1


async def test_D78_what_waits_for_an_earlier_message_says_so(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """A due message that waits for its turn names the message before it."""
    far, near = Recipient("webhook", "far"), Recipient("console")
    queue(store, clock.now(), 2, far, near)
    server.on("/hook", *[answer(status=503)])
    async with world(store, clock, channel=with_hook(server)) as parts:
        for key in await deliver.due(parts, clock.now()):
            await deliver.run(parts, [key], clock.now())
        whys = [one.why for one in reversed(await store.read(outbox.listing))]
    assert whys == ["503", "", "waits for 1, which is for the same recipient", ""]


async def test_D78_what_a_sender_has_says_when_it_is_free_again(
    store: Store, clock: FakeClock
) -> None:
    """If the sender has died, nobody must wonder why nothing happens."""
    queue(store, clock.now(), 1, Recipient("console"))
    async with world(store, clock) as parts:
        lease = parts.lease(clock.now())
        await store.write(outbox.claim, 1, clock.now(), lease)
    (kept,) = store.read_now(outbox.listing)
    assert f"looked at again after {lease.until:%Y-%m-%d %H:%M} UTC" in kept.why


async def test_F103_of_two_processes_one_publishes(store: Store, clock: FakeClock) -> None:
    """The pointer moves once; the other process finds it moved and writes nothing."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(HOUR)
        (window,) = await publish.windows(parts, HOURLY, clock.now())
        assert await publish.publish(parts, HOURLY, window) is not None
        assert await publish.publish(parts, HOURLY, window) is None
    assert store.read_now(outbox.counts) == {"pending": 1}


# ------------------------------------------------------------------------- deliveries


class Scripted:
    """A channel that gives these answers in turn, and repeats the last one."""

    NAMED = False
    Settings = console.Settings

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.sent: list[Message] = []

    async def send(self, message: Message, _settings: object, _world: object) -> Answer:
        self.sent.append(message)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


Script = Callable[[Sequence[Answer]], Scripted]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Script:
    """Return a function that lets the console give these answers."""

    def install(answers: Sequence[Answer]) -> Scripted:
        channel = Scripted(answers)
        monkeypatch.setattr(console, "send", channel.send)
        return channel

    return install


async def published(parts: Parts, clock: FakeClock) -> None:
    await publish.run(parts, await publish.due(parts, clock.now()), clock.now())
    await report(parts, 1)
    clock.advance(HOUR)
    await publish.run(parts, await publish.due(parts, clock.now()), clock.now())


async def ticks(parts: Parts, clock: FakeClock, length: timedelta) -> None:
    """Let time pass, sending every minute what is due."""
    end = clock.now() + length
    while clock.now() < end:
        await deliver.run(parts, await deliver.due(parts, clock.now()), clock.now())
        clock.advance(60)


@pytest.mark.parametrize(
    ("answers", "tries", "state"),
    [
        ([Sent("250 ok")], 1, "sent"),
        ([NotSent("421"), NotSent("421"), Sent("250 ok")], 3, "sent"),
        ([Unknown("no reply"), Sent("250 ok")], 2, "sent"),
        ([Unknown("no reply"), Unknown("no reply")], 2, "refused"),
        ([Refused("550 no such user")], 1, "refused"),
    ],
    ids=["F10-sent", "F65-retried", "F71-unknown-then-sent", "F71-unknown-twice", "F67-refused"],
)
async def test_each_answer_has_its_consequence(
    store: Store,
    clock: FakeClock,
    scripted: Script,
    answers: list[Answer],
    tries: int,
    state: str,
) -> None:
    """I1, I2: a message is sent, retried with the same bytes, or visibly refused, never dropped."""
    channel = scripted(answers)
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        await ticks(parts, clock, timedelta(hours=3))
    assert len(channel.sent) == tries
    assert len(set(channel.sent)) == 1
    (kept,) = store.read_now(outbox.listing)
    assert kept.delivery.state == state
    assert kept.receipt or kept.delivery.why


async def test_F120_tries_end_after_five_days_visibly_and_can_be_taken_up_again(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """A dead letter is listed, and `retry` sends the same bytes."""
    channel = scripted([NotSent("421 not now")])
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        for _ in range(140):
            await deliver.run(parts, await deliver.due(parts, clock.now()), clock.now())
            clock.advance(HOUR * 1.2)
        (kept,) = store.read_now(outbox.listing)
        assert kept.delivery.state is DeliveryState.EXPIRED
        channel.answers = [Sent("ok")]
        mine = [kept.delivery.id]
        assert await store.write(outbox.retry, mine, clock.now()) == (mine, {})
        await ticks(parts, clock, timedelta(minutes=5))
    (kept,) = store.read_now(outbox.listing)
    assert kept.delivery.state is DeliveryState.SENT


async def test_F09_a_sender_that_died_after_acceptance_repeats_the_same_message_once(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """I2: at most one repeat, with the same id and bytes, once a late answer had time to come."""
    channel = scripted([Sent("ok")])
    async with world(store, clock, digests=[HOURLY], owner="daemon") as parts:
        await published(parts, clock)
        with armed("send.accepted=raise"), pytest.raises(failpoints.FailpointError):
            await ticks(parts, clock, timedelta(minutes=1))
        await store.write(leases.drop, "daemon", clock.now())  # as a new daemon does
        await ticks(parts, clock, timedelta(minutes=5))
        assert len(channel.sent) == 1
        await ticks(parts, clock, timedelta(hours=1))
    assert len(channel.sent) == 2
    assert channel.sent[0] == channel.sent[1]
    (kept,) = store.read_now(outbox.listing)
    assert kept.delivery.state is DeliveryState.SENT


async def test_F07_F11_a_message_with_which_every_sender_dies_is_given_up_and_shown(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """Each death allows one more try, up to a limit: such a message may be what kills them."""
    channel = scripted([Sent("ok")])
    queue(store, clock.now(), 1, Recipient("console"))
    async with world(store, clock, owner="daemon") as parts:
        for _ in range(DEATHS):
            assert outbox_states(store) == {"pending": 1}
            (due,) = store.read_now(outbox.waiting, 1)
            clock.advance(max((due.delivery.due or clock.now()) - clock.now(), timedelta()))
            assert store.write_now(outbox.claim, 1, clock.now(), parts.lease(clock.now()))
            await store.write(leases.drop, "daemon", clock.now())  # as a new daemon does
            await deliver.run(parts, await deliver.due(parts, clock.now()), clock.now())
    assert channel.sent == []
    assert store.read_now(_answers) == ["died"] * DEATHS
    (kept,) = store.read_now(outbox.listing)
    assert (kept.delivery.state, kept.why) == ("refused", "the sender died before it could record")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_F13_what_the_outbox_says_is_on_the_disk_before_it_counts(
    store: Store, clock: FakeClock, scripted: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edition, a claim and an answer are synced: a power cut between them repeats nothing."""
    synced: dict[str, list[int]] = {}

    def watched(module: Any, name: str) -> None:
        real = getattr(module, name)

        def work(connection: Connection, *args: Any, **more: Any) -> Any:
            mode = connection.scalar(text("PRAGMA synchronous"))
            synced.setdefault(name, []).append(mode or 0)
            return real(connection, *args, **more)

        monkeypatch.setattr(module, name, work)

    watched(editions, "publish")
    watched(outbox, "claim")
    watched(outbox, "record")
    scripted([Sent("ok")])
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        await ticks(parts, clock, timedelta(minutes=1))
    assert outbox_states(store) == {"sent": 1}
    full = 2
    assert {name: set(modes) for name, modes in synced.items()} == {
        "publish": {full},
        "claim": {full},
        "record": {full},
    }


async def test_F21_nothing_more_is_sent_until_what_was_sent_can_be_recorded(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """The disk fills between acceptance and record; with space again, each is sent once."""
    channel = scripted([Sent("ok")])
    queue(store, clock.now(), 3, Recipient("console"), Recipient("console", "two"))
    async with world(store, clock, owner="daemon") as parts:
        with armed("send.accepted=enospc"):
            await ticks(parts, clock, HOUR)
            assert len(channel.sent) == 2  # one of each recipient was in flight
            assert outbox_states(store) == {"sending": 2, "pending": 4}
        await ticks(parts, clock, timedelta(minutes=5))
    assert len(channel.sent) == len({one.id for one in channel.sent}) == 6
    assert outbox_states(store) == {"sent": 6}
    assert [one.delivery.attempts for one in store.read_now(outbox.listing)] == [1] * 6


async def test_F21_when_it_dies_before_the_record_can_be_written_each_comes_once_more_at_most(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """I2: what was in flight has an unknown fate; the next daemon repeats that and no more."""
    channel = scripted([Sent("ok")])
    queue(store, clock.now(), 2, Recipient("console"))
    async with world(store, clock, owner="daemon") as parts:
        with armed("send.accepted=enospc"):
            await ticks(parts, clock, timedelta(minutes=2))
        await store.write(leases.drop, "daemon", clock.now())  # as a new daemon does
        await ticks(replace(parts, memory=Memory()), clock, HOUR)
    assert Counter(one.id for one in channel.sent).most_common() == [
        ("desk-1-console:", 2),
        ("desk-2-console:", 1),
    ]
    assert outbox_states(store) == {"sent": 2}


def outbox_states(store: Store) -> dict[str, int]:
    return dict(store.read_now(outbox.counts))


async def test_F112_a_channel_that_left_the_settings_ends_its_messages_visibly(
    store: Store, clock: FakeClock
) -> None:
    """Messages of a missing channel are refused with the reason, neither sent nor dropped."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)

        def gone(_recipient: Recipient) -> object:
            raise SettingsError([Mistake("monitor.toml", "no such channel")])

        await ticks(replace(parts, channel=gone), clock, timedelta(minutes=2))
    (kept,) = store.read_now(outbox.listing)
    assert kept.delivery.state is DeliveryState.REFUSED
    assert "no such channel" in kept.delivery.why


async def test_F112_who_has_left_a_digest_gets_nothing_more_of_it(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """What waits for such a reader is refused; messages of a digest that is gone still go out."""
    ann, ben = Recipient("webhook", "ann"), Recipient("webhook", "ben")
    queue(store, clock.now(), 1, ann, ben)
    queue(store, clock.now(), 1, ann, name="renamed")
    server.on("/hook", *[answer()] * 3)
    digests = [replace(HOURLY, recipients=(ben,))]
    async with world(store, clock, channel=with_hook(server), digests=digests) as parts:
        await inline.tell(parts)
    kept = [(str(one.delivery.message.recipient), one.digest, one.why) for one in listed(store)]
    assert kept == [
        ("webhook:ann", "desk", "the digest desk no longer names webhook:ann"),
        ("webhook:ben", "desk", ""),
        ("webhook:ann", "renamed", ""),
    ]
    assert outbox_states(store) == {"refused": 1, "sent": 2}


async def test_F121_I5_a_channel_that_cannot_render_keeps_no_other_waiting(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    """The others get the edition in time; its own message ends visibly, with the reason."""

    def render(*_: object) -> list[Message]:
        raise TypeError("a fault of the module")

    monkeypatch.setattr(webhook, "render", render)
    printed: list[str] = []
    whom = (Recipient("webhook", "far"), Recipient("console"))
    more: dict[str, Any] = {"digests": [replace(HOURLY, recipients=whom)], "printed": printed}
    async with world(store, clock, channel=with_hook(server), **more) as parts:
        await published(parts, clock)
        await ticks(parts, clock, timedelta(minutes=2))
    assert len(printed) == 1
    far, near = listed(store)
    assert (far.delivery.state, near.delivery.state) == ("refused", "sent")
    assert far.why == "it could not be rendered: TypeError (the log says where)"
    assert server.requests == []


def listed(store: Store) -> list[outbox.Listed]:
    return list(reversed(store.read_now(outbox.listing)))


@pytest.mark.parametrize("point", ["digest.claimed"])
async def test_F05_a_fault_before_the_edition_is_frozen_leaves_nothing_behind(
    store: Store, clock: FakeClock, point: str
) -> None:
    """The next tick makes the whole edition."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(HOUR)
        with armed(f"{point}=raise"):
            await publish.run(parts, ["desk"], clock.now())
        assert store.read_now(editions.listing) == []
        await publish.run(parts, ["desk"], clock.now())
    assert [len(titles) for _, titles in await numbers(store)] == [1]


@pytest.mark.parametrize(
    "order",
    ["send.befor=kill", "send.before", "send.before=kil", "send.before=sleep", "poll.got=sleep:x"],
)
def test_failpoints_are_named_or_refused(order: str) -> None:
    """A misspelt order must not look like a passed test."""
    with pytest.raises(SettingsError, match="NAME"), armed(order):
        pass


async def test_deliveries_are_exported_with_all_that_is_known(
    store: Store, clock: FakeClock
) -> None:
    """D78: a line says who, what, when, the answer and the tries."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        await ticks(parts, clock, timedelta(minutes=2))
    (line,) = store.read_now(lambda connection: list(export.delivery_lines(connection, None)))
    assert (line["digest"], line["number"], line["recipient"]) == ("desk", 1, "console:")
    assert (line["state"], line["attempts"], line["receipt"]) == ("sent", 1, "printed")


# ------------------------------------------------------------------------- recipients


def queue(store: Store, now: datetime, count: int, *whom: Recipient, name: str = "desk") -> None:
    """Publish `count` editions of a digest, a minute apart, with a message for each recipient."""
    store.write_now(editions.register, name, now - timedelta(days=1))
    for number in range(1, count + 1):
        pointer = store.read_now(editions.pointer, name)
        assert pointer is not None
        window = Window(pointer.covered_until, pointer.covered_until + timedelta(minutes=1))
        edition = Edition(digest=name, title=name, number=number, window=window, zone="UTC")
        messages = [
            Message(
                recipient=one,
                id=f"{name}-{number}-{one}",
                subject=name,
                content_type="text/plain",
                body=f"{name} {number}".encode(),
            )
            for one in whom
        ]
        store.write_now(editions.publish, edition, {}, messages, subject=name, fates={}, now=now)


async def test_F75_a_recipient_refused_three_times_is_suspended_and_shown(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """Later messages are neither sent nor dropped: they are refused with the reason."""
    channel = scripted([Refused("550 5.1.1 no such user", recipient=True)])
    gone = Recipient("console")
    queue(store, clock.now(), 5, gone)
    async with world(store, clock) as parts:
        await ticks(parts, clock, timedelta(minutes=2))
        clock.advance(SUSPEND_SPAN)
        await ticks(parts, clock, timedelta(minutes=4))
        assert len(channel.sent) == SUSPEND_AFTER
        (held,) = store.read_now(recipients.suspended)
        assert (held.recipient, held.why) == (gone, "550 5.1.1 no such user")
        kept = store.read_now(outbox.listing)
        assert {one.delivery.state for one in kept} == {DeliveryState.REFUSED}
        assert f"has been suspended since {clock.now():%Y-%m-%d}: 550 5.1.1" in kept[0].delivery.why

        channel.answers = [Sent("ok")]
        assert store.write_now(recipients.resume, gone)
        await parts.store.write(outbox.retry, [one.delivery.id for one in kept], clock.now())
        await ticks(parts, clock, timedelta(minutes=6))
    assert store.read_now(outbox.counts) == {"sent": 5}
    assert [one.body for one in channel.sent[3:]] == [f"desk {n}".encode() for n in range(1, 6)]
    assert store.read_now(recipients.suspended) == []


async def test_F75_a_server_with_a_bad_hour_suspends_nobody(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """However many messages are refused within one hour, their recipient is not suspended."""
    channel = scripted([Refused("550 5.1.1 no such user", recipient=True)])
    queue(store, clock.now(), 8, Recipient("console"))
    async with world(store, clock) as parts:
        await ticks(parts, clock, timedelta(minutes=9))
    assert len(channel.sent) == 8
    assert store.read_now(recipients.suspended) == []


async def test_F75_refusals_of_messages_or_with_a_success_between_suspend_nobody(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """Only the recipient's own refusals count, and only in a row."""
    bad = Refused("550 5.1.1 no such user", recipient=True)
    spam = Refused("554 5.7.1 spam")
    scripted([bad, bad, Sent("ok"), spam, spam, spam, bad, bad])
    queue(store, clock.now(), 8, Recipient("console"))
    async with world(store, clock) as parts:
        await ticks(parts, clock, timedelta(minutes=9))
    assert store.read_now(recipients.suspended) == []
    assert store.read_now(outbox.counts) == {"refused": 7, "sent": 1}


def with_hook(server: Server) -> Callable[[Recipient], object]:
    """Return channel settings: a webhook to this server; all other channels print."""
    hook = webhook.Settings.model_validate({"url": server.url("/hook")})
    return lambda recipient: hook if recipient.channel == "webhook" else console.Settings()


async def test_F83_a_place_that_fails_for_an_hour_is_told_of_elsewhere_and_so_is_its_end(
    store: Store, clock: FakeClock
) -> None:
    """Failure and recovery are each told once, through the outbox; giving up is no recovery."""
    far, desk = Recipient("webhook", "far"), Recipient("console")
    printed: list[str] = []
    async with (
        Server() as server,
        world(
            store, clock, printed=printed, channel=with_hook(server), alarms=(desk, far)
        ) as parts,
    ):
        server.on("/hook", answer(status=404))
        queue(store, clock.now(), 1, far)
        await inline.tell(parts)
        clock.advance(timedelta(minutes=30))
        await inline.tell(parts)
        assert printed == []
        for _ in range(6 * 24):  # the five days after which it is given up, and one more
            clock.advance(HOUR)
            await inline.tell(parts)
        assert store.read_now(outbox.counts) == {"expired": 1, "sent": 1}
        (told,) = printed
        assert "webhook:far gets no messages" in told
        assert "404" in told

        server.on("/hook", answer(status=200))
        await parts.store.write(outbox.retry, [1], clock.now())
        for _ in range(3):
            clock.advance(HOUR)
            await inline.tell(parts)
    assert len(printed) == 2
    assert "webhook:far gets messages again" in printed[1]
    assert store.read_now(outbox.counts) == {"sent": 4}


async def test_F83_a_full_mailbox_does_not_hide_that_its_server_fails(
    store: Store, clock: FakeClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message from before the last success proves nothing; one made after it does."""
    full, fine = Recipient("console", "full"), Recipient("console", "fine")
    away = False

    async def send(message: Message, _settings: object, _world: object) -> Answer:
        if message.recipient == full:
            return NotSent("452 4.2.2 mailbox full")
        return NotSent("421 4.3.2 going down") if away else Sent("250 ok")

    monkeypatch.setattr(console, "send", send)
    server.on("/hook", answer())
    ops = Recipient("webhook", "ops")
    async with world(store, clock, channel=with_hook(server), alarms=(ops,)) as parts:
        queue(store, clock.now(), 1, full)
        await inline.tell(parts)
        clock.advance(HOUR)
        queue(store, clock.now(), 1, fine, name="second")
        for _ in range(3):
            await inline.tell(parts)
            clock.advance(HOUR)
        assert store.read_now(editions.get, "_alarms") is None

        away = True
        failed = clock.now()
        queue(store, failed, 1, fine, name="third")
        for _ in range(3):
            await inline.tell(parts)
            clock.advance(HOUR)
    told = store.read_now(editions.get, "_alarms")
    assert told is not None
    (place,) = told.body["failing"]
    assert (place["place"], place["since"]) == ("console", utc_text(failed))
    assert place["why"] == "421 4.3.2 going down"


async def test_F83_a_full_mailbox_alone_raises_no_alarm(
    store: Store, clock: FakeClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else got anything either, as there was nothing to send: the way there is sound.

    What the server says about itself, when given the same message, is another matter.
    """
    answers = iter([NotSent("452 4.2.2 full", recipient=True)] * 4)

    async def send(_message: Message, _settings: object, _world: object) -> Answer:
        return next(answers, NotSent("421 4.3.2 going down"))

    monkeypatch.setattr(console, "send", send)
    server.on("/hook", answer())
    ops = Recipient("webhook", "ops")
    async with world(store, clock, channel=with_hook(server), alarms=(ops,)) as parts:
        queue(store, clock.now(), 1, Recipient("console", "full"))
        told = []
        for _ in range(6):
            await inline.tell(parts)
            told.append(store.read_now(editions.get, "_alarms") is not None)
            clock.advance(2 * HOUR)
    assert told == [False] * 4 + [True] * 2


async def test_F83_a_channel_that_is_gone_holds_up_no_alarm(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """An alarm goes out although a message waits for a user's module that is not installed."""
    scripted([Sent("ok")])
    gone = Recipient("their.channel", "far")
    queue(store, clock.now(), 1, gone)
    lease = leases.Lease("x", clock.now() + HOUR)
    assert store.write_now(outbox.claim, 1, clock.now(), lease) is not None
    later = clock.now() + 2 * HOUR
    store.write_now(
        outbox.record, 1, NotSent("away"), state=DeliveryState.PENDING, due=later, now=clock.now()
    )
    clock.advance(HOUR)
    async with world(store, clock, alarms=(Recipient("console"),)) as parts:
        await inline.tell(parts)
    told = store.read_now(editions.get, "_alarms")
    assert told is not None
    assert [one["place"] for one in told.body["failing"]] == ["their.channel:far"]


async def test_F83_what_is_sent_again_by_hand_waits_from_then_on(
    store: Store, clock: FakeClock, server: Server, scripted: Script
) -> None:
    """Failure counts from the resending, not from the edition of days ago."""
    scripted([Sent("ok"), NotSent("421 busy")])
    server.on("/hook", answer())
    ops = Recipient("webhook", "ops")
    async with world(store, clock, channel=with_hook(server), alarms=(ops,)) as parts:
        queue(store, clock.now(), 1, Recipient("console"))
        await inline.tell(parts)
        clock.advance(timedelta(days=3))
        again = clock.now()
        edition = store.read_now(editions.get, "desk")
        assert edition is not None
        store.write_now(outbox.resend, edition.id, again)
        await inline.tell(parts)
        assert store.read_now(editions.get, "_alarms") is None
        for _ in range(3):
            clock.advance(HOUR / 2)
            await inline.tell(parts)
    told = store.read_now(editions.get, "_alarms")
    assert told is not None
    assert [one["since"] for one in told.body["failing"]] == [utc_text(again)]


async def test_F74_after_three_days_away_everything_comes_in_order_and_is_no_storm(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of 20 recipients gets 12 editions in order, while only few are sent at once."""
    most = at_once = 0
    got: dict[Recipient, list[bytes]] = {}

    async def send(message: Message, _settings: object, _world: object) -> Answer:
        nonlocal most, at_once
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        got.setdefault(message.recipient, []).append(message.body)
        return Sent("ok")

    monkeypatch.setattr(console, "send", send)
    whom = [Recipient("console", f"desk{number}") for number in range(20)]
    queue(store, clock.now(), 12, *whom)
    async with world(store, clock) as parts:
        clock.advance(timedelta(days=3))
        while keys := await deliver.due(parts, clock.now()):
            await deliver.run(parts, keys, clock.now())
    assert 1 < most <= outbox.AT_A_TIME
    assert len(got) == 20
    assert all(bodies == [f"desk {n}".encode() for n in range(1, 13)] for bodies in got.values())


async def test_F84_F80_D46_parts_wait_for_each_other_and_for_what_the_far_side_asks(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """Part 3 of 5 is put off for ten minutes: 1 and 2 are not repeated; 3 to 5 follow in order.

    The next edition for that recipient waits as well.
    """
    wait = NotSent("429", timedelta(minutes=10))
    channel = scripted([Sent("1"), Sent("2"), wait, Sent("3")])
    store.write_now(editions.register, "desk", clock.now() - HOUR)
    window = Window(clock.now() - HOUR, clock.now())
    desk = Recipient("console")
    parts_ = [
        Message(
            recipient=desk,
            id=f"m{part}",
            subject="s",
            content_type="text/plain",
            body=str(part).encode(),
            part=part,
            parts=5,
        )
        for part in range(1, 6)
    ]
    edition = Edition(digest="desk", title="Desk", number=1, window=window, zone="UTC")
    store.write_now(editions.publish, edition, {}, parts_, subject="s", fates={}, now=clock.now())
    queue(store, clock.now(), 1, desk, name="next")
    async with world(store, clock) as parts:
        await ticks(parts, clock, timedelta(minutes=9))
        assert [one.body for one in channel.sent] == [b"1", b"2", b"3"]
        await ticks(parts, clock, timedelta(minutes=12))
    assert [one.body for one in channel.sent] == [b"1", b"2", b"3", b"3", b"4", b"5", b"next 1"]


async def test_F73_I5_a_slow_channel_keeps_no_other_waiting(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a channel sends as many messages as it may, those of others still go out."""
    slow = [Recipient("monitor.channels.console", f"desk{number}") for number in range(9)]
    queue(store, clock.now(), 1, *slow, Recipient("console"))
    async with world(store, clock) as parts:
        first = await deliver.due(parts, clock.now())
        assert len(first) == outbox.AT_A_TIME + 1
        for key in first[: outbox.AT_A_TIME]:
            await store.write(outbox.claim, key, clock.now(), parts.lease(clock.now()))
        assert await deliver.due(parts, clock.now()) == first[outbox.AT_A_TIME :]
        hour_later = clock.now() + HOUR  # the process that sent them has died
        assert len(await deliver.due(parts, hour_later)) == outbox.AT_A_TIME + 1


async def test_D79_one_command_tries_each_message_once_however_long_it_takes(
    store: Store, clock: FakeClock, scripted: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that failed at first are due again before the last of many has had its turn."""
    channel = scripted([NotSent("421")])

    async def slowly(message: Message, settings: object, sending: object) -> Answer:
        clock.advance(600)
        return await channel.send(message, settings, sending)

    monkeypatch.setattr(console, "send", slowly)
    readers = [Recipient("console", f"desk{number}") for number in range(4 * outbox.AT_A_TIME)]
    queue(store, clock.now(), 2, *readers)
    async with world(store, clock) as parts:
        done = await inline.send(parts)
    assert sorted(one.delivery.id for one in done) == [*range(1, len(readers) + 1)]
    assert len(channel.sent) == len(readers)


async def test_D79_what_is_sent_again_by_hand_is_marked_and_its_tries_begin_anew(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """A resent message has all its tries, even ten days later and after an unknown answer."""
    channel = scripted([Unknown("no reply"), Sent("ok"), NotSent("421"), Unknown("?"), Sent("ok")])
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        await ticks(parts, clock, timedelta(minutes=30))
        clock.advance(timedelta(days=10))
        (kept,) = store.read_now(editions.listing, limit=1)
        again, left_out = await store.write(outbox.resend, kept.id, clock.now())
        assert (len(again), left_out) == (1, 0)
        await ticks(parts, clock, timedelta(hours=1))
    assert store.read_now(_answers) == [
        *("unknown", "sent", outbox.BY_HAND, "not-sent", "unknown", "sent"),
    ]
    assert len({one.body for one in channel.sent}) == 1


async def test_D79_D04_what_is_being_sent_keeps_its_message_when_the_edition_is_sent_anew(
    store: Store, clock: FakeClock
) -> None:
    """The fate of a claimed message is unknown: it is repeated as it was, under its own id."""
    desk = [Recipient("console"), Recipient("email", "desk@example.org")]
    queue(store, clock.now(), 1, *desk)
    first, second = store.read_now(lambda one: outbox.of_edition(one, 1))
    async with world(store, clock) as parts:
        lease = parts.lease(clock.now())
        assert await store.write(outbox.claim, first.delivery.id, clock.now(), lease)

    def anew(message: Message) -> Message:
        return replace(message, id=f"anew-{message.id}", body=b"anew")

    again = await store.write(outbox.resend, 1, clock.now(), anew)
    kept, changed = store.read_now(lambda one: outbox.of_edition(one, 1))
    assert again == ([second.delivery.id], 1)
    assert kept.delivery.message == first.delivery.message
    assert (changed.delivery.message.id[:5], changed.delivery.message.body) == ("anew-", b"anew")


def _answers(connection: Connection) -> list[str]:
    return list(connection.scalars(select(schema.attempts.c.answer).order_by("id")))


async def test_F69_a_wrong_password_is_given_once_an_hour_however_many_readers_wait(
    store: Store, clock: FakeClock
) -> None:
    """An account is not locked by a login for each message; each says why it waits, none is lost.

    A message that has used up its days ends, and does not have the next one tried at once.
    """
    readers = [Recipient("email", f"reader{number}@desk.example") for number in range(20)]
    digests = [replace(HOURLY, recipients=tuple(readers))]
    table = {"tls": "none", "from": "d@desk.example", "user": "desk", "hostname": "us.test"}
    async with Sink(login=("desk", "hunter2")) as sink:
        table |= {"host": sink.host, "port": sink.port}
        wrong = email.Settings.model_validate(table | {"password": "swordfish"})
        right = email.Settings.model_validate(table | {"password": "hunter2"})
        async with world(store, clock, channel=lambda _: wrong, digests=digests) as parts:
            await published(parts, clock)
            await ticks(parts, clock, timedelta(minutes=30))
            assert len(sink.logins) == outbox.AT_A_TIME  # those that were tried together
            await report(parts, 2)
            clock.advance(timedelta(minutes=29))
            await publish.run(parts, ["desk"], clock.now())
            assert len(store.read_now(outbox.listing)) == 40
            await ticks(parts, clock, 3 * HOUR)
            assert len(sink.logins) == outbox.AT_A_TIME + 3
            kept = listed(store)
            assert {one.why for one in kept[:20]} == {"login refused: 535 5.7.8 bad credentials"}
            behind = "waits for {}, which is for the same recipient"
            assert [one.why for one in kept[20:]] == [behind.format(n) for n in range(1, 21)]
            clock.advance(timedelta(days=5))
            before = len(sink.logins)
            await ticks(parts, clock, 2 * HOUR)
            assert len(sink.logins) == before + 2
        async with world(store, clock, channel=lambda _: right, digests=digests) as parts:
            await ticks(parts, clock, HOUR)
    assert outbox_states(store) == {"sent": 38, "expired": 2}
    assert len(sink.mails) == 38


async def test_F35_F69_a_channel_shut_by_a_clock_that_ran_ahead_is_asked_again(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """Not after the years by which the clock was put back, for all readers of the channel."""
    shut = NotSent("login refused", HOUR, channel=True)
    channel = scripted([shut, Sent("ok")])
    right = clock.now()
    clock.jump(right + timedelta(days=900))
    queue(store, clock.now(), 1, *(Recipient("console", f"desk{number}") for number in range(2)))
    async with world(store, clock) as parts:
        await deliver.run(parts, (await deliver.due(parts, clock.now()))[:1], clock.now())
        assert await deliver.due(parts, clock.now()) == []
        clock.jump(right)
        await ticks(parts, clock, timedelta(minutes=2))
    assert outbox_states(store) == {"sent": 2}
    assert len(channel.sent) == 3


async def test_F102_a_slow_send_holds_up_no_window(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next edition is published while the last is being sent, and begins at its end."""
    hanging = asyncio.Event()

    async def send(message: Message, _settings: object, _world: object) -> Answer:
        await hanging.wait()
        return Sent("ok")

    monkeypatch.setattr(console, "send", send)
    async with world(store, clock, digests=[HOURLY], patience=2 * HOUR) as parts:
        await published(parts, clock)
        keys = await deliver.due(parts, clock.now())
        sending = asyncio.create_task(deliver.run(parts, keys, clock.now()))
        await report(parts, 2)
        clock.advance(HOUR)
        await publish.run(parts, await publish.due(parts, clock.now()), clock.now())
        first, second = reversed(store.read_now(editions.listing))
        assert first.window.end == second.window.start
        assert await deliver.due(parts, clock.now()) == []  # the first is still being sent
        hanging.set()
        await sending
        await ticks(parts, clock, timedelta(minutes=2))
    assert store.read_now(outbox.counts) == {"sent": 2}


async def test_F104_a_command_beside_the_daemon_is_heeded_in_the_next_tick(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """Another process requests a message again, then suspends a recipient."""
    channel = scripted([Sent("ok")])
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        await ticks(parts, clock, timedelta(minutes=1))
        with stores.open(store.url) as command:
            command.write_now(outbox.resend, 1, clock.now())
        await ticks(parts, clock, timedelta(minutes=1))
        assert len(channel.sent) == 2
        with stores.open(store.url) as command:
            command.write_now(recipients.suspend, Recipient("console"), "by hand", clock.now())
            command.write_now(outbox.resend, 1, clock.now())
        await ticks(parts, clock, timedelta(minutes=1))
    assert len(channel.sent) == 2
    assert store.read_now(outbox.counts) == {"refused": 1}


async def test_F104_feeds_and_a_hold_of_another_process_are_heeded_in_the_next_tick(
    store: Store, clock: FakeClock, scripted: Script
) -> None:
    """A feed is added and removed, and sending held, beside the daemon."""
    channel = scripted([Sent("ok")])
    url = "http://northwatch.example/feed"
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        with stores.open(store.url) as command:
            number = command.write_now(feeds.add, Feed(url=url), clock.now(), clock.now())
            assert await poll.due(parts, clock.now()) == [number]
            command.write_now(feeds.remove, url)
            assert await poll.due(parts, clock.now()) == []
            command.write_now(holds.begin, clock.now())
            await ticks(parts, clock, timedelta(minutes=2))
            assert (channel.sent, await publish.due(parts, clock.now() + HOUR)) == ([], [])
    assert store.read_now(outbox.counts) == {"pending": 1}


async def test_D07_one_click_ends_a_digest_for_its_reader_alone(
    store: Store, clock: FakeClock
) -> None:
    """A look changes nothing; a click also ends what waits; other readers go on."""
    settings = email.Settings.model_validate({"host": "localhost", "from": "d@desk.example"})
    ann, ben = (Recipient("email", f"{name}@desk.example") for name in ("ann", "ben"))
    mails = replace(HOURLY, recipients=(ann, ben))
    words = (f"token{number}" for number in range(99))
    callback = Callback(
        "https://news.example/websub/", lambda: next(words), "https://news.example/stop/"
    )
    own = {"channel": lambda _: settings, "callback": callback}
    async with world(store, clock, digests=[mails], **own) as parts:
        await published(parts, clock)
        assert store.read_now(outbox.counts) == {"pending": 2}
        (first, second) = reversed(store.read_now(outbox.listing))
        assert b"<https://news.example/stop/token0>" in first.delivery.message.body
        assert b"<https://news.example/stop/token1>" in second.delivery.message.body
        assert b"To stop it at once:\r\nhttps://news.example/stop/token1" in (
            second.delivery.message.body.replace(b"=\r\n", b"")
        )

        web = WebSection.model_validate({"enabled": True, "public_url": "https://news.example"})
        transport = httpx.ASGITransport(site(parts, web, 1_000))
        async with httpx.AsyncClient(transport=transport, base_url="https://news.example") as by:
            looked = await by.get("/stop/token0")
            assert (looked.status_code, "<form" in looked.text) == (200, True)
            assert "“<bdi>Desk</bdi>”" in looked.text  # as the mail calls it, not the settings
            assert store.read_now(recipients.stopped, "desk") == set()
            clicked = await by.post("/stop/token0", content=b"List-Unsubscribe=One-Click")
            assert (clicked.status_code, "is stopped" in clicked.text) == (200, True)
            assert (await by.post("/stop/token0")).status_code == 200  # a second click is no fault
            assert (await by.post("/stop/guess")).status_code == 404
        assert store.read_now(recipients.stopped, "desk") == {ann}
        assert store.read_now(outbox.counts) == {"pending": 1, "refused": 1}

        # Sending again by hand does not overrule the reader; nothing listens on this port.
        mine = [first.delivery.id]
        assert store.write_now(outbox.retry, mine, clock.now()) == (mine, {})
        (held,) = await deliver.run(parts, [first.delivery.id], clock.now())
        assert isinstance(held.answer, Refused)
        assert "stopped by its reader" in held.answer.why

        await report(parts, 2)
        clock.advance(HOUR)
        (made,) = await publish.run(parts, ["desk"], clock.now())
        assert [one.recipient for one in made.messages] == [ben]
        assert store.write_now(recipients.resume, ann)
        await report(parts, 3)
        clock.advance(HOUR)
        (made,) = await publish.run(parts, ["desk"], clock.now())
        assert [one.recipient for one in made.messages] == [ann, ben]
        assert b"<https://news.example/stop/token0>" in made.messages[0].body


async def test_an_edition_besides_tells_any_window_again_and_moves_nothing(
    store: Store, clock: FakeClock
) -> None:
    """An extra edition repeats what was told; the regular windows join as if it were not there."""
    digest = replace(HOURLY, recipients=(Recipient("console"), Recipient("feed", "desk")))
    async with world(store, clock, digests=(digest,)) as parts:
        start = clock.now()
        await publish.windows(parts, digest, start)
        await report(parts, 1)
        await clock.sleep(3600)
        await publish.run(parts, ["desk"], clock.now())
        pointer = await store.read(editions.pointer, "desk")
        window = Window(start, clock.now())
        again = await publish.publish_besides(parts, digest, window)
        assert again is not None
        assert [len(again.edition.stories), len(again.messages)] == [1, 1]
        assert again.messages[0].recipient == Recipient("console")
        assert await publish.publish_besides(parts, digest, window) is None
        assert await store.read(editions.pointer, "desk") == pointer
        await report(parts, 2)
        await clock.sleep(3600)
        await publish.run(parts, ["desk"], clock.now())
    told = [titles for _, titles in await numbers(store)]
    assert [len(titles) for titles in told] == [1, 1, 1]
    assert told[0] == told[1] != told[2]


async def test_who_has_stopped_a_digest_gets_none_of_its_editions_besides(
    store: Store, clock: FakeClock
) -> None:
    """The reader's wish concerns the digest, whatever the window."""
    reader = Recipient("console", "one")
    digest = replace(HOURLY, recipients=(reader, Recipient("console")))
    async with world(store, clock, digests=(digest,)) as parts:
        start = clock.now()
        await report(parts, 1)
        token = (await store.write(recipients.tokens, "desk", [reader], lambda: "secret"))[reader]
        await store.write(recipients.stop, token, clock.now())
        made = await publish.publish_besides(parts, digest, Window(start, clock.now()))
        assert made is not None
        assert [one.recipient for one in made.messages] == [Recipient("console")]
