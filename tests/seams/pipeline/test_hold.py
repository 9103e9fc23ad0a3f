"""After a restore nothing is sent until a person decides about the gap; on both databases.

The copy is made on the second morning. What follows is told by editions that the copy does not
know, and on the fourth morning the copy is put back.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from support.server import Server, answer
from support.smtp import Sink
from support.world import rss, world

from monitor.channels import email
from monitor.model import DeliveryState, Digest, Feed, Recipient
from monitor.pipeline import alarm, deliver, hold, ingest, poll, publish
from monitor.pipeline.parts import Parts
from monitor.runners import inline
from monitor.store import Store, editions, feeds, holds, outbox
from monitor.testing import FakeClock
from monitor.web import metrics

pytestmark = pytest.mark.anyio

DESK = Recipient("email", "desk@example.org")
DAILY = Digest(
    name="desk",
    title="Desk",
    watchlists=("nato",),
    schedule="0 6 * * *",
    recipients=(DESK,),
    catch_up="each",
)
ALERT = replace(DAILY, schedule="at once")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
REPORTS = {
    "Alder": "NATO frigate Alder rescues fishermen off Iceland after a night of storm",
    "Birch": "Auditors doubt the price of sonar gear that NATO wants for hull Birch",
    "Cedar": "Band plays as NATO tender Cedar retires to a museum in Perth",
    "Damson": "Submarine Damson surfaces beside a ferry, and NATO apologises to its passengers",
    "Elder": "Fire drill aboard Elder ends in a real blaze, three NATO cooks unhurt",
}


@dataclass
class Room:
    """A feed that gets longer, a mail server, and the steps between them."""

    parts: Parts
    clock: FakeClock
    sink: Sink
    server: Server
    items: list[str] = field(default_factory=list)

    def report(self, name: str, *, dated: bool = True) -> None:
        """Add a report to the feed, dated now if `dated`."""
        at = f"<pubDate>{self.clock.now():%d %b %Y %H:%M:%S} GMT</pubDate>" if dated else ""
        text = " ".join(f"{name.lower()}{number}" for number in range(40))
        self.items.append(
            f"<item><title>{REPORTS[name]}</title><guid isPermaLink='false'>{name}</guid>"
            f"<link>{self.server.url(f'/{name}')}</link>{at}"
            f"<description>{REPORTS[name]}. {text}</description></item>"
        )

    async def work(self) -> None:
        """Do what a daemon does: poll the feed, read, group, publish and send."""
        keys = await self.parts.store.read(feeds.askable, self.clock.now())
        await inline.tell(self.parts, await inline.journey(self.parts, keys))

    async def morning(self) -> None:
        """Work shortly before the next six o'clock, and again shortly after it."""
        now = self.clock.now()
        six = now.replace(hour=6, minute=0, second=0)
        six = six if six > now else six + DAY
        for at in (six - timedelta(minutes=10), six + timedelta(seconds=30)):
            self.clock.jump(at)
            await self.work()

    async def release(self, *, tell: bool, send: bool = False) -> list[publish.Published]:
        found = await self.parts.store.read(holds.current)
        assert found is not None
        now = self.clock.now()
        return await hold.release(self.parts, found, tell=tell, send=send, now=now)

    def inbox(self) -> list[set[str]]:
        """Return the reports that each mail tells, oldest first."""
        return [set(re.findall("|".join(REPORTS), text)) for text in self.texts()]

    def texts(self) -> list[str]:
        """Return the plain text of each mail."""
        mails = [message_from_bytes(one.content, policy=policy.default) for one in self.sink.mails]
        return [mail.get_body(("plain",)).get_content() for mail in mails]

    def ids(self) -> list[str]:
        """Return the Message-ID of each mail."""
        return [message_from_bytes(one.content)["Message-ID"] for one in self.sink.mails]

    def deliveries(self) -> list[tuple[str, str]]:
        """Return (state, why) of each delivery, oldest first."""
        kept = self.parts.store.read_now(outbox.listing)
        return [(one.delivery.state.value, one.delivery.why) for one in reversed(kept)]


@asynccontextmanager
async def room(
    store: Store, clock: FakeClock, digests: Sequence[Digest] = (DAILY,), **says: str
) -> AsyncIterator[Room]:
    async with Server() as server, Sink(says=says) as sink:
        settings = email.Settings.model_validate(
            {"host": sink.host, "port": sink.port, "tls": "none", "from": "monitor@example.org"}
        )
        feed = Feed(url=server.url("/feed"), name="Northwatch", articles="off")
        async with world(
            store, clock, [feed], digests=digests, channel=lambda _: settings
        ) as parts:
            made = Room(parts, clock, sink, server)
            server.on("/feed", lambda _seen: answer(rss(*made.items)))
            yield made


async def copied(made: Room) -> datetime:
    """Work for two mornings, add two reports after the copy, and return the copy's time."""
    await made.work()
    made.report("Alder")
    await made.morning()
    assert made.inbox() in ([{"Alder"}], [{"Alder"}] * 2)  # one for each digest
    taken = made.clock.now()
    for name in ("Birch", "Cedar"):
        made.clock.advance(HOUR)
        made.report(name)
    return taken


async def restored(made: Room, taken: datetime) -> None:
    """Put the copy back three days later, and go on with the steps."""
    made.clock.advance(3 * DAY)
    await put_back(made, taken)
    await made.work()


async def put_back(made: Room, taken: datetime) -> None:
    """Put the copy back, and do nothing else."""
    await made.parts.store.write(holds.begin, taken)
    await made.parts.store.write(holds.enter, made.clock.now())


async def test_F116_F117_nothing_is_sent_after_a_restore_but_all_else_goes_on(
    store: Store, clock: FakeClock
) -> None:
    """For days news is read, matched and grouped, but no edition is made and no message sent."""
    async with room(store, clock, [DAILY, replace(ALERT, name="alert")]) as made:
        await restored(made, await copied(made))
        before = made.inbox()
        for _ in range(3):
            await made.morning()
        made.report("Damson")
        await made.work()
        now = clock.now()
        assert await publish.due(made.parts, now) == []
        assert await deliver.due(made.parts, now) == []
        assert await alarm.due(replace(made.parts, alarms=(DESK,)), now) == []
        assert made.inbox() == before
        waiting = await hold.waiting(made.parts, now)
        assert waiting is not None
        assert waiting.stories == [("desk", 3), ("alert", 3)]
        assert (waiting.messages, waiting.unasked) == (0, 0)
        told = metrics.text(metrics.metrics(store.read_now(metrics.account, now), named=False))
        assert "\nmonitor_sending_held 1\n" in told


async def test_F117_a_gap_that_is_skipped_is_never_told_and_what_came_since_is(
    store: Store, clock: FakeClock
) -> None:
    """Undated news of the hold is told too; the edition of the gap can be looked at."""
    async with room(store, clock) as made:
        taken = await copied(made)
        clock.advance(3 * DAY)
        await put_back(made, taken)
        began = clock.now()
        clock.advance(HOUR)
        made.report("Damson")
        clock.advance(HOUR)
        await made.work()
        made.report("Elder", dated=False)
        clock.advance(HOUR)
        await made.work()
        clock.advance(HOUR)
        [kept] = await made.release(tell=False)
        assert kept.edition.window.end == began
        assert {story.lead.title for story in kept.edition.stories} == {
            REPORTS["Birch"],
            REPORTS["Cedar"],
        }
        await made.work()
        assert made.inbox() == [{"Alder"}]
        for _ in range(3):
            await made.morning()
        assert made.inbox() == [{"Alder"}, {"Damson", "Elder"}]
        row = await store.read(editions.get, "desk", kept.edition.number)
        assert row is not None
        assert not row.sent


async def test_F117_skipped_at_once_before_any_feed_was_asked(
    store: Store, clock: FakeClock
) -> None:
    """What the feeds held all along is judged by its own date, however late they answer."""
    async with room(store, clock, [ALERT]) as made:
        await made.work()
        made.report("Alder")
        clock.advance(HOUR)
        await made.work()
        taken = clock.now()
        clock.advance(HOUR)
        made.report("Birch")
        made.report("Cedar", dated=False)
        clock.advance(3 * DAY)
        await put_back(made, taken)
        await made.release(tell=False)
        clock.advance(HOUR)
        made.report("Damson")
        for _ in range(3):
            clock.advance(HOUR)
            await made.work()
        assert made.inbox() == [{"Alder"}, {"Damson"}]
        made.report("Elder", dated=False)
        clock.advance(HOUR)
        await made.work()
        assert made.inbox()[2:] == [{"Elder"}]


async def test_F117_what_was_read_but_not_told_when_the_copy_was_made_is_in_the_gap(
    store: Store, clock: FakeClock
) -> None:
    async with room(store, clock) as made:
        await made.work()
        made.report("Alder")
        await made.work()
        taken = clock.now()
        await restored(made, taken)
        [kept] = await made.release(tell=False)
        assert [story.lead.title for story in kept.edition.stories] == [REPORTS["Alder"]]
        clock.advance(HOUR)
        made.report("Birch")
        await made.morning()
        await made.morning()
        assert made.inbox() == [{"Birch"}]


async def test_F117_what_was_half_read_when_the_copy_was_made_is_in_the_gap(
    store: Store, clock: FakeClock
) -> None:
    """What was polled but not read, or read but not grouped, may have been told an hour later."""
    async with room(store, clock) as made:
        await made.work()
        made.report("Alder")
        clock.advance(HOUR)
        await poll.run(made.parts, await store.read(feeds.askable, clock.now()), clock.now())
        await ingest.run(made.parts, await ingest.due(made.parts, clock.now()), clock.now())
        made.report("Birch")
        clock.advance(HOUR)
        await poll.run(made.parts, await store.read(feeds.askable, clock.now()), clock.now())
        taken = clock.now()
        clock.advance(HOUR)
        await put_back(made, taken)
        await made.release(tell=False)
        clock.advance(HOUR)
        made.report("Cedar")
        await made.morning()
        await made.morning()
        assert made.inbox() == [{"Cedar"}]


async def test_F117_a_digest_that_the_settings_do_not_name_just_then_begins_anew_too(
    store: Store, clock: FakeClock
) -> None:
    async with room(store, clock) as made:
        await made.work()
        made.report("Alder")
        clock.advance(HOUR)
        await made.work()
        taken = clock.now()
        clock.advance(HOUR)
        await put_back(made, taken)
        named, made.parts = made.parts, replace(made.parts, digests=())
        await made.release(tell=False)
        made.parts = named
        clock.advance(HOUR)
        made.report("Birch")
        await made.morning()
        assert made.inbox() == [{"Birch"}]


async def test_F117_a_gap_that_is_told_comes_in_one_edition_that_says_why(
    store: Store, clock: FakeClock
) -> None:
    """One edition tells the gap, even if each missed time would have made one; its id is new."""
    async with room(store, clock) as made:
        taken = await copied(made)
        await restored(made, taken)
        clock.advance(HOUR)
        [told] = await made.release(tell=True)
        assert len(made.inbox()) == 1
        await made.work()
        assert made.inbox() == [{"Alder"}, {"Birch", "Cedar"}]
        assert "Restored: the database comes from a backup of" in made.texts()[1]
        assert "Restored:" not in made.texts()[0]
        assert told.edition.restored == taken
        assert told.edition.window.end == clock.now()
        for _ in range(3):
            await made.morning()
        assert made.inbox() == [{"Alder"}, {"Birch", "Cedar"}]
        made.report("Damson")
        await made.morning()
        assert made.inbox()[2:] == [{"Damson"}]
        assert "Restored:" not in made.texts()[2]
        assert len(set(made.ids())) == 3


async def test_F117_an_alert_tells_its_gap_once(store: Store, clock: FakeClock) -> None:
    async with room(store, clock, [ALERT]) as made:
        await made.work()
        taken = clock.now()
        for name in ("Alder", "Birch", "Cedar"):
            clock.advance(HOUR)
            made.report(name)
        await restored(made, taken)
        assert await made.release(tell=True) == []
        clock.advance(HOUR)
        await made.work()
        await made.work()
        assert made.inbox() == [{"Alder", "Birch", "Cedar"}]
        assert "Restored:" in made.texts()[0]


async def test_F116_a_copy_put_back_within_the_hour_makes_no_edition_out_of_turn(
    store: Store, clock: FakeClock
) -> None:
    async with room(store, clock) as made:
        taken = await copied(made)
        await put_back(made, taken)
        await made.work()
        assert await made.release(tell=True) == []
        await made.work()
        assert len(made.inbox()) == 1
        await made.morning()
        assert made.inbox() == [{"Alder"}, {"Birch", "Cedar"}]


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.SENDING])
async def test_F117_a_message_that_waited_is_not_sent_unless_it_is_asked_for(
    store: Store, clock: FakeClock, state: DeliveryState
) -> None:
    """The message may have been sent after the copy; it expires, is listed, and can be retried."""
    async with room(store, clock, RCPT="450 4.7.1 come back later") as made:
        await made.work()
        made.report("Alder")
        await made.morning()
        if state is DeliveryState.SENDING:
            clock.advance(HOUR)
            now = clock.now()
            [key] = await deliver.due(made.parts, now)
            await store.write(outbox.claim, key, now, made.parts.lease(now))
        assert made.deliveries()[0][0] == state.value
        taken = clock.now()
        made.sink.says.clear()
        await restored(made, taken)
        waiting = await hold.waiting(made.parts, clock.now())
        assert waiting is not None
        assert waiting.messages == 1
        await made.release(tell=False)
        await made.work()
        assert made.deliveries()[0][0] == "expired"
        assert "may have been sent after the backup of 2024-10-19" in made.deliveries()[0][1]
        assert made.inbox() == []
        ids = [one.delivery.id for one in store.read_now(outbox.listing)]
        assert await store.write(outbox.retry, ids, clock.now()) == (ids, {})
        assert (await deliver.due(made.parts, clock.now())) == ids


async def test_F117_a_message_that_waited_is_sent_once_where_that_is_wished(
    store: Store, clock: FakeClock
) -> None:
    """The message's age does not matter: its tries count from the person's decision."""
    async with room(store, clock, RCPT="450 4.7.1 come back later") as made:
        await made.work()
        made.report("Alder")
        await made.morning()
        taken = clock.now()
        made.sink.says.clear()
        clock.advance(7 * DAY)
        await restored(made, taken)
        await made.release(tell=False, send=True)
        for _ in range(3):
            await made.work()
            clock.advance(HOUR)
        assert made.inbox() == [{"Alder"}]
        assert made.deliveries() == [("sent", "")]


async def test_F117_a_release_that_was_cut_off_is_done_again_without_harm(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second digest could not be published; the first one still tells its gap only once."""
    second = replace(DAILY, name="second", recipients=(Recipient("email", "two@example.org"),))
    async with room(store, clock, [DAILY, second]) as made:
        await restored(made, await copied(made))
        before = len(made.inbox())
        publish_one = publish.publish

        async def fail(parts: Parts, digest: Digest, *args: Any, **more: Any) -> Any:
            if digest.name == "second":
                raise OSError("the disk is gone")
            return await publish_one(parts, digest, *args, **more)

        with monkeypatch.context() as patched:
            patched.setattr(publish, "publish", fail)
            with pytest.raises(OSError, match="gone"):
                await made.release(tell=True)
        await made.work()
        assert len(made.inbox()) == before  # it is still held
        clock.advance(HOUR)
        [told] = await made.release(tell=True)
        assert told.edition.digest == "second"
        await made.work()
        assert made.inbox()[before:] == [{"Birch", "Cedar"}] * 2


async def test_F117_a_backup_of_a_held_database_is_held_up_to_its_own_time(
    store: Store, clock: FakeClock
) -> None:
    """The first hold may have ended after the second backup, and what it held may be told."""
    async with room(store, clock) as made:
        await restored(made, await copied(made))
        clock.advance(HOUR)
        made.report("Damson")
        await made.work()
        second = clock.now()
        clock.advance(DAY)
        await store.write(holds.begin, second)
        await store.write(holds.begin, second - DAY)  # the latest sign of an older backup
        await store.write(lambda connection: holds.enter(connection, clock.now(), anew=True))
        found = await store.read(holds.current)
        assert found is not None
        assert (found.taken, found.began) == (second, clock.now())
        await made.release(tell=False)
        clock.advance(HOUR)
        made.report("Elder")
        await made.morning()
        await made.morning()
        assert made.inbox() == [{"Alder"}, {"Elder"}]
