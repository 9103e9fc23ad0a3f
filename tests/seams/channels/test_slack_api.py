"""Slack with a bot's token, through the outbox, against a Web API that keeps what it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.editions import END, edition
from support.server import Server
from support.slack import Slack
from support.world import world

from monitor import store as stores
from monitor.channels import slack
from monitor.digests.render import bodies
from monitor.fetch.client import FetchSettings
from monitor.model import DeliveryState, Message, Recipient
from monitor.pipeline import deliver
from monitor.store import Store, editions, outbox
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
DESK = Recipient("slack", "desk")
QUICK = FetchSettings(allow_private=("127.0.0.0/8",), timeout_s=0.3, spacing_s=0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an SQLite store; other tests show what the outbox does on both databases."""
    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as opened:
        yield opened


@pytest.fixture
def api(server: Server) -> Slack:
    return Slack(server)


def settings(server: Server, **more: Any) -> slack.Settings:
    table = {"token": "xoxb-made-up", "channel": "C0123", "api_base": server.url("/"), **more}
    return slack.Settings.model_validate(table)


def messages(chosen: slack.Settings, stories: int) -> list[Message]:
    shown = edition(stories)
    return slack.render(shown, DESK, chosen, bodies(shown), END)


async def sent(store: Store, chosen: slack.Settings, stories: int, minutes: int = 40) -> None:
    """Publish an edition and let the outbox work for some minutes, minute by minute."""
    clock = FakeClock(END)
    shown = edition(stories)
    store.write_now(editions.register, shown.digest, shown.window.start)
    values: dict[str, Any] = {"subject": "s", "fates": {}, "now": END}
    first = replace(shown, number=1)
    store.write_now(editions.publish, first, {}, messages(chosen, stories), **values)
    async with world(store, clock, fetch=QUICK, channel=lambda _: chosen) as parts:
        for _ in range(minutes):
            while keys := await deliver.due(parts, clock.now()):
                await deliver.run(parts, keys, clock.now())
            clock.advance(timedelta(minutes=1))


async def test_D50_a_webhook_stays_flat_and_so_does_what_fits_into_one_message(
    server: Server,
) -> None:
    """A thread for a single message would hide a story that could be read at once."""
    hook = slack.Settings.model_validate({"webhook": "https://hooks.slack.com/services/T0/B0/x"})
    token = settings(server)
    assert len(messages(token, 2)) == 1
    assert len(messages(token, 60)) == len(messages(hook, 60)) + 1
    assert len(messages(settings(server, thread=False), 60)) == len(messages(hook, 60))
    assert b"metadata" not in messages(hook, 2)[0].body


async def test_D50_the_summary_stands_in_the_channel_and_the_rest_is_its_thread(
    server: Server, api: Slack, store: Store
) -> None:
    """All later parts carry the time stamp of the first."""
    await sent(store, settings(server), 60)
    first, *rest = api.messages
    assert "thread_ts" not in first
    assert "All of it is in the thread." in json.dumps(first["blocks"])
    assert len(rest) > 1
    assert {one["thread_ts"] for one in rest} == {first["ts"]}
    told = json.dumps([one["blocks"] for one in rest])
    assert all(f"/story-{number}|" in told for number in range(60))


async def test_D52_a_message_carries_the_id_of_its_delivery(
    server: Server, api: Slack, store: Store
) -> None:
    """The delivery's id makes the message findable in the channel."""
    await sent(store, settings(server), 2)
    (message,) = api.messages
    (listed,) = store.read_now(outbox.listing)
    assert message["metadata"]["event_payload"] == {"id": listed.delivery.message.id}


async def test_D52_F81_an_answer_that_was_lost_leads_to_no_repeat(
    server: Server, api: Slack, store: Store
) -> None:
    """Before the retry the channel is searched, page by page, and the message is found there."""
    api.lost = 1
    for number in range(5):  # others have spoken meanwhile
        api.messages.append({"ts": f"1729231300.00000{number}", "text": "hello"})
    await sent(store, settings(server), 2)
    assert len([one for one in api.messages if "metadata" in one]) == 1
    assert len(api.asked) == 3
    assert float(api.asked[0]["oldest"]) == (END - slack.APART).timestamp()
    (listed,) = store.read_now(outbox.listing)
    assert listed.delivery.state is DeliveryState.SENT
    assert listed.receipt.endswith("(found in the channel)")


async def test_D52_a_clock_that_is_ahead_of_slacks_hides_no_message(
    server: Server, api: Slack, store: Store
) -> None:
    """Slack stamps messages by its own clock, so the search begins somewhat earlier."""
    api.now = END.timestamp() - 60
    api.lost = 1
    await sent(store, settings(server), 2)
    assert len(api.messages) == 1


async def test_D52_a_channel_that_cannot_be_asked_just_now_is_asked_later(
    server: Server, api: Slack, store: Store
) -> None:
    """To send in the meantime would be a repeat."""
    api.lost, api.busy = 1, 2
    await sent(store, settings(server), 2, minutes=90)
    assert len(api.messages) == 1
    assert len(api.asked) == 3
    assert store.read_now(outbox.counts) == {"sent": 1}


async def test_D52_a_reply_that_was_lost_is_looked_for_in_its_thread(
    server: Server, api: Slack, store: Store
) -> None:
    """Parts after the lost reply still join its thread."""
    chosen = settings(server)
    whole = len(messages(chosen, 60))
    api.lost = 1
    await sent(store, chosen, 60)
    assert len(api.messages) == whole
    assert {one.get("thread_ts") for one in api.messages[1:]} == {api.messages[0]["ts"]}


@pytest.mark.parametrize("by", ["scope", "name"])
async def test_D52_who_may_not_ask_the_channel_sends_once_more(
    server: Server, api: Slack, store: Store, by: str
) -> None:
    """Without the scope, or with the channel given by name, the same bytes are sent once more."""
    if by == "scope":
        api.scopes.remove("channels:history")
    api.lost = 1
    await sent(store, settings(server, channel="C0123" if by == "scope" else "#desk"), 2)
    first, second = api.messages
    assert first | {"ts": ""} == second | {"ts": ""}
    assert store.read_now(outbox.counts) == {"sent": 1}
    assert bool(api.asked) == (by == "scope")


async def test_S45_the_token_is_in_no_record(server: Server, api: Slack, store: Store) -> None:
    """The token travels only in its header."""
    api.scopes.clear()
    api.lost = 1
    await sent(store, settings(server), 2)
    assert all(
        request.header("authorization") == b"Bearer xoxb-made-up" for request in server.requests
    )
    assert all(b"xoxb" not in request.body for request in server.requests)
    (listed,) = store.read_now(outbox.listing)
    assert "xoxb" not in listed.receipt + listed.delivery.why
