"""From matched articles to delivered messages, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from support.values import article
from support.world import world

from monitor.channels import console
from monitor.errors import Mistake, SettingsError
from monitor.model import (
    Answer,
    DeliveryState,
    Digest,
    Match,
    Message,
    NotSent,
    Recipient,
    Refused,
    Sent,
    Unknown,
)
from monitor.pipeline import deliver, failpoints, group, publish
from monitor.pipeline.parts import Parts
from monitor.runners import inline
from monitor.store import Store, articles, editions, export, leases, outbox
from monitor.store.schema import edition_articles
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio

HOURLY = Digest(
    name="desk",
    title="Desk",
    watchlists=("nato", "drones"),
    schedule="0 * * * *",
    recipients=(Recipient("console"),),
)
HOUR = timedelta(hours=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def report(parts: Parts, number: int, *watchlists: str, **more: Any) -> None:
    """A minute later, an article is read that matches these watchlists (NATO, by default)."""
    await parts.clock.sleep(60)
    now = parts.clock.now()
    values = {
        "title": f"Ship number {number * 1111} launched at yard {chr(65 + number)}",
        "text": f"Yard {chr(65 + number)} has launched hull {number * 1111} for the NATO fleet.",
        "first_seen": now,
        "published": now,
    }
    told = article(number, **values | more)
    found = [Match(name, 2.0, (), 0, "1") for name in watchlists or ("nato",)]
    await parts.store.write(articles.insert, [articles.New(told, found, False, now)])
    await group.run(parts, await group.due(parts, now), now)


async def numbers(store: Store) -> list[tuple[int, list[str]]]:
    """(edition, titles it carried), oldest first."""
    kept = await store.read(editions.listing)
    return [
        (
            one.number,
            [story["title"] for section in one.body["sections"] for story in section["stories"]],
        )
        for one in reversed(kept)
    ]


async def test_I3_two_editions_join_without_gap_or_overlap(store: Store, clock: FakeClock) -> None:
    """Each window begins where the last ended; each story is told once."""
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
    """By default nothing is said when there is nothing to say; the record says that it was so."""
    printed: list[str] = []
    async with world(store, clock, digests=[HOURLY], printed=printed) as parts:
        await inline.tell(parts)
        clock.advance(timedelta(minutes=59))
        await inline.tell(parts)
        clock.advance(HOUR)
        await inline.tell(parts)
    assert printed == []
    assert all(not one.sent for one in store.read_now(editions.listing))


async def test_F101_down_for_ten_days_one_catch_up_edition(store: Store, clock: FakeClock) -> None:
    """By default one edition tells all that was missed, marked late; nothing is lost."""
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
    """At once: within one tick of the match; a tick without a match writes no edition."""
    alert = replace(HOURLY, schedule="at once")
    printed: list[str] = []
    async with world(store, clock, digests=[alert], printed=printed) as parts:
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
    """What adds nothing is counted, kept with its fate, and not looked at a third time."""
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
    """So that it is judged once, and the record tells what became of it."""
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


async def test_a_preview_is_what_would_be_sent_and_writes_nothing(
    store: Store, clock: FakeClock
) -> None:
    """D32: the same bytes as the edition that follows it."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(HOUR)
        made = await publish.preview(parts, HOURLY, clock.now())
        assert store.read_now(editions.listing) == []
        (sent,) = await publish.run(parts, ["desk"], clock.now())
    assert [one.body for one in made.messages] == [one.body for one in sent.messages]


async def test_F103_of_two_processes_one_publishes(store: Store, clock: FakeClock) -> None:
    """The pointer moves once; the other finds it moved and writes nothing."""
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
    """A channel that gives these answers, one after the other, the last one for good."""

    NAMED = False
    Settings = console.Settings

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.sent: list[Message] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(console, "send", self.send)

    async def send(self, message: Message, _settings: object, _world: object) -> Answer:
        self.sent.append(message)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def published(parts: Parts, clock: FakeClock) -> None:
    await publish.run(parts, await publish.due(parts, clock.now()), clock.now())
    await report(parts, 1)
    clock.advance(HOUR)
    await publish.run(parts, await publish.due(parts, clock.now()), clock.now())


async def ticks(parts: Parts, clock: FakeClock, length: timedelta) -> None:
    """Let a while pass, asking every minute what is due to be sent."""
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
    monkeypatch: pytest.MonkeyPatch,
    answers: list[Answer],
    tries: int,
    state: str,
) -> None:
    """I1, I2: sent, retried with the same bytes, or visibly refused; never dropped."""
    channel = Scripted(answers)
    channel.install(monkeypatch)
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        await ticks(parts, clock, timedelta(hours=3))
    assert len(channel.sent) == tries
    assert len(set(channel.sent)) == 1
    (kept,) = store.read_now(outbox.listing)
    assert kept.delivery.state == state
    assert kept.receipt or kept.delivery.why


async def test_F120_tries_end_after_five_days_visibly_and_can_be_taken_up_again(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dead letter is listed; `retry` sends the same bytes."""
    channel = Scripted([NotSent("421 not now")])
    channel.install(monkeypatch)
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        for _ in range(140):
            await deliver.run(parts, await deliver.due(parts, clock.now()), clock.now())
            clock.advance(HOUR * 1.2)
        (kept,) = store.read_now(outbox.listing)
        assert kept.delivery.state is DeliveryState.EXPIRED
        channel.answers = [Sent("ok")]
        assert await store.write(outbox.retry, [kept.delivery.id], clock.now()) == 1
        await ticks(parts, clock, timedelta(minutes=5))
    (kept,) = store.read_now(outbox.listing)
    assert kept.delivery.state is DeliveryState.SENT


async def test_F09_a_sender_that_died_after_acceptance_repeats_the_same_message_once(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I2: one repeat at most, with the same id and bytes, after the time to hear a late answer."""
    channel = Scripted([Sent("ok")])
    channel.install(monkeypatch)
    async with world(store, clock, digests=[HOURLY], owner="daemon") as parts:
        await published(parts, clock)
        failpoints.arm({"MONITOR_FAILPOINTS": "send.accepted=raise"})
        with pytest.raises(failpoints.FailpointError):
            await ticks(parts, clock, timedelta(minutes=1))
        failpoints.arm({})
        await store.write(leases.drop, "daemon", clock.now())  # as a new daemon does
        await ticks(parts, clock, timedelta(minutes=5))
        assert len(channel.sent) == 1
        await ticks(parts, clock, timedelta(hours=1))
    assert len(channel.sent) == 2
    assert channel.sent[0] == channel.sent[1]
    (kept,) = store.read_now(outbox.listing)
    assert kept.delivery.state is DeliveryState.SENT


async def test_F112_a_channel_that_left_the_settings_ends_its_messages_visibly(
    store: Store, clock: FakeClock
) -> None:
    """They are refused with the reason, not sent and not dropped."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)

        def gone(_recipient: Recipient) -> object:
            raise SettingsError([Mistake("monitor.toml", "no such channel")])

        await ticks(replace(parts, channel=gone), clock, timedelta(minutes=2))
    (kept,) = store.read_now(outbox.listing)
    assert kept.delivery.state is DeliveryState.REFUSED
    assert "no such channel" in kept.delivery.why


@pytest.mark.parametrize("point", ["digest.claimed"])
async def test_F05_a_fault_before_the_edition_is_frozen_leaves_nothing_behind(
    store: Store, clock: FakeClock, point: str
) -> None:
    """The next tick makes the edition whole."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await inline.tell(parts)
        await report(parts, 1)
        clock.advance(HOUR)
        failpoints.arm({"MONITOR_FAILPOINTS": f"{point}=raise"})
        await publish.run(parts, ["desk"], clock.now())
        failpoints.arm({})
        assert store.read_now(editions.listing) == []
        await publish.run(parts, ["desk"], clock.now())
    assert [len(titles) for _, titles in await numbers(store)] == [1]


def test_failpoints_are_named_or_refused() -> None:
    """A misspelt order must not look like a passed test."""
    with pytest.raises(SettingsError, match="NAME"):
        failpoints.arm({"MONITOR_FAILPOINTS": "send.befor=kill"})
    failpoints.arm({})


async def test_deliveries_are_exported_with_all_that_is_known(
    store: Store, clock: FakeClock
) -> None:
    """D78: who, what, when, answer, tries."""
    async with world(store, clock, digests=[HOURLY]) as parts:
        await published(parts, clock)
        await ticks(parts, clock, timedelta(minutes=2))
    (line,) = store.read_now(lambda connection: list(export.delivery_lines(connection, None)))
    assert (line["digest"], line["number"], line["recipient"]) == ("desk", 1, "console:")
    assert (line["state"], line["attempts"], line["receipt"]) == ("sent", 1, "printed")
