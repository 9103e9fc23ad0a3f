"""Pushes from a hub on loopback: requested, verified, taken in, renewed and ended."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Update, update
from support.days import gaps, settings
from support.hub import CALLBACK, PUBLIC, Hub
from support.server import Server, answer, redirect
from support.world import PACE, item, rss, world

from monitor import app
from monitor.config import Settings
from monitor.config.sections import WebSection
from monitor.model import Feed, PushState
from monitor.pipeline import poll, push
from monitor.pipeline.parts import Callback, Parts
from monitor.store import Store, export, feeds, holds, pushes, reissues, schema
from monitor.testing import FakeClock
from monitor.web.serve import serving

pytestmark = pytest.mark.anyio
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEB = WebSection(enabled=True, port=0, public_url=PUBLIC)
MAX_BYTES = 100_000


@pytest.fixture
def hub(server: Server) -> Hub:
    return Hub(server)


def linked(hub: Hub, *items: str, path: str = "/feed") -> bytes:
    """Return a feed document that names the hub."""
    own = hub.url.removesuffix("/hub") + path
    names = (
        f"<a:link xmlns:a='http://www.w3.org/2005/Atom' rel='hub' href='{hub.url}'/>"
        f"<a:link xmlns:a='http://www.w3.org/2005/Atom' rel='self' href='{own}'/>"
    )
    return rss(names, *items)


@asynccontextmanager
async def desk(
    store: Store, clock: FakeClock, hub: Hub, *wanted: Feed, reachable: bool = True
) -> AsyncIterator[Parts]:
    """Yield parts over a feed at /feed, served at a public address, with countable random words."""
    async with (
        unserved(store, clock, hub, *wanted, reachable=reachable) as parts,
        serving(parts, WEB, MAX_BYTES) as hub.reach,
    ):
        yield parts


@asynccontextmanager
async def unserved(
    store: Store, clock: FakeClock, hub: Hub, *wanted: Feed, reachable: bool = True
) -> AsyncIterator[Parts]:
    """Yield the same without a site, for no hub will call and a site takes 0.2 s to stop."""
    words = (f"chance{number}" for number in itertools.count(1))
    callback = Callback(CALLBACK, lambda: next(words)) if reachable else None
    some = wanted or (Feed(url=hub.url.removesuffix("/hub") + "/feed", name="Northwatch"),)
    async with world(store, clock, some, articles="off", callback=callback) as parts:
        yield parts


@asynccontextmanager
async def agreed(
    store: Store, clock: FakeClock, hub: Hub, lease: float = 864_000
) -> AsyncIterator[Parts]:
    """Yield the parts of a desk whose hub was asked to push, and has verified that."""
    async with desk(store, clock, hub) as parts:
        await turn(parts)
        await hub.verify(lease=lease)
        yield parts


async def turn(parts: Parts) -> None:
    """Do what the timers do: poll what is due, and ask the hubs."""
    now = parts.clock.now()
    await poll.run(parts, await poll.due(parts, now), now)
    await push.run(parts, await push.due(parts, now), now)


async def live(
    parts: Parts, clock: FakeClock, span: timedelta, step: timedelta = 10 * MINUTE
) -> None:
    """Let time pass, step by step."""
    end = clock.now() + span
    while clock.now() < end:
        await turn(parts)
        clock.advance(step)


def titles(store: Store) -> list[str]:
    lines = store.read_now(lambda connection: list(export.entry_lines(connection, None)))
    return sorted(line["title"] for line in lines)


def states(store: Store) -> dict[str, int]:
    return store.read_now(pushes.counts)


# --------------------------------------------------------------------------- agreements


async def test_p100_a_hub_is_asked_verifies_and_pushes(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """The hub that a feed names is asked with a secret and verifies; its pushes arrive at once."""
    server.on("/feed", answer(linked(hub, item(1, server.url("/1")))))
    async with desk(store, clock, hub) as parts:
        await turn(parts)
        assert hub.forms == [
            {
                "hub.callback": CALLBACK + "chance1",
                "hub.mode": "subscribe",
                "hub.topic": server.url("/feed"),
                "hub.lease_seconds": "864000",
                "hub.secret": "chance2",
            }
        ]
        assert await hub.push(linked(hub, item(2, server.url("/2")))) == 410  # not agreed yet
        assert await hub.verify() == (200, b"challenge")
        assert states(store) == {"live": 1}
        assert await hub.push(linked(hub, item(2, server.url("/2")))) == 202
    assert titles(store) == ["Report 1", "Report 2"]
    (status,) = store.read_now(feeds.statuses, clock.now())
    assert (status.pushed, status.push_ignored, status.polls) == (1, 0, 1)
    assert status.pushed_until == clock.now() + 10 * DAY


async def test_p100_the_hub_of_the_header_goes_before_that_of_the_document(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """The header's hub counts, and the topic is what the header calls the feed's own address."""
    other = Hub(server, "/other")
    links = f'<{other.url}>; rel="hub", </own>; rel="self"'
    server.on("/feed", answer(linked(hub), headers={"Link": links}))
    async with desk(store, clock, hub) as parts:
        await turn(parts)
    assert hub.forms == []
    assert [form["hub.topic"] for form in other.forms] == [server.url("/own")]


async def test_p100_the_wrong_topic_the_wrong_deed_and_the_wrong_token_are_refused(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Each wrong call gets a 404 and changes nothing: the right one is confirmed afterwards."""
    server.on("/feed", answer(linked(hub)))
    async with desk(store, clock, hub) as parts:
        await turn(parts)
        assert (await hub.verify(topic=server.url("/other")))[0] == 404
        assert (await hub.verify(mode="unsubscribe"))[0] == 404
        assert (await hub.verify(challenge=""))[0] == 404
        guess = hub.forms[0] | {"hub.callback": CALLBACK + "chance3"}
        assert (await hub.verify(form=guess))[0] == 404
        assert states(store) == {"asked": 1}
        assert (await hub.verify())[0] == 200


@pytest.mark.parametrize("signature", ["", "sha256=" + "0" * 64, "md5=x"])
async def test_p100_what_the_hub_did_not_sign_is_acknowledged_ignored_and_counted(
    store: Store, clock: FakeClock, server: Server, hub: Hub, signature: str
) -> None:
    """The answer does not show a forger how close the attempt was."""
    server.on("/feed", answer(linked(hub)))
    async with agreed(store, clock, hub):
        news = linked(hub, item(1, server.url("/1")))
        assert await hub.push(news, signature=signature) == 202
    assert titles(store) == []
    (status,) = store.read_now(feeds.statuses, clock.now())
    assert (status.pushed, status.push_ignored) == (0, 1)


@pytest.mark.parametrize("method", ["sha1", "sha512"])
async def test_p100_each_method_of_signing_is_known(
    store: Store, clock: FakeClock, server: Server, hub: Hub, method: str
) -> None:
    server.on("/feed", answer(linked(hub)))
    async with agreed(store, clock, hub):
        assert await hub.push(linked(hub, item(1, server.url("/1"))), method=method) == 202
    assert titles(store) == ["Report 1"]


async def test_p100_a_push_that_is_no_feed_changes_nothing(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """A signed but unreadable push is acknowledged and counted, and polling goes on as before."""
    server.on("/feed", answer(linked(hub, item(1, server.url("/1")))))
    async with agreed(store, clock, hub):
        (before,) = store.read_now(feeds.statuses)
        for body in (b"", b"<html>no feed</html>", b"\x00\xff", b"{"):
            assert await hub.push(body) == 202
    (after,) = store.read_now(feeds.statuses)
    assert (after.pushed, after.push_ignored) == (0, 4)
    assert (after.polling, after.due) == (before.polling, before.due)


async def test_p100_a_push_is_renewed_before_its_end_with_the_same_callback(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """An agreement of one day is renewed hours before its end, and over five days never lapses."""
    server.on("/feed", answer(linked(hub)))
    async with desk(store, clock, hub) as parts:
        await turn(parts)
        seen = 1
        await hub.verify(lease=86_400)
        for _ in range(5 * 24 * 6):
            clock.advance(10 * MINUTE)
            await turn(parts)
            if len(hub.forms) > seen:
                seen = len(hub.forms)
                assert (await hub.verify(lease=86_400))[0] == 200
            assert states(store) == {"live": 1}
    asked = gaps(server.asked("/hub"))
    assert 6 <= len(hub.forms) <= 8
    assert all(14 * HOUR < gap < 20 * HOUR for gap in asked)
    assert len({form["hub.callback"] for form in hub.forms}) == 1


async def test_F116_p100_a_restored_copy_asks_no_hub_before_a_person_says_so(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """The database it was copied from may still be at work, with the same agreements."""
    server.on("/feed", answer(linked(hub)))
    async with agreed(store, clock, hub, lease=86_400) as parts:
        await store.write(holds.begin, clock.now())
        await store.write(holds.enter, clock.now())
        await live(parts, clock, 48 * HOUR)
        assert len(hub.forms) == 1
        hold = store.read_now(holds.current)
        assert hold is not None
        end = partial(holds.end, news="skip", messages="drop", now=clock.now())
        await store.write(lambda connection: end(connection, hold))
        await turn(parts)
    assert len(hub.forms) == 2


async def test_p100_a_hub_that_does_not_renew_is_waited_for_and_then_polled_around(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """The hub is asked ever less; after the agreement the feed is polled at its own pace."""
    server.on("/feed", answer(linked(hub, item(1, server.url("/1")))))
    async with agreed(store, clock, hub, lease=86_400) as parts:
        hub.status = 500
        await live(parts, clock, DAY)
        assert 3 <= len(hub.forms) <= 8
        asked, polled = len(hub.forms), len(server.asked("/feed"))
        await turn(parts)
        assert states(store) == {"asked": 1}  # its time is over, though the hub is asked again
        assert len(hub.forms) == asked
        await live(parts, clock, 4 * HOUR)
        (status,) = store.read_now(feeds.statuses)
    assert states(store) == {"asked": 1}
    assert status.pushed_until is None
    assert len(server.asked("/feed")) > polled
    assert "its hub pushes it;" not in status.due_why
    waits = gaps(server.asked("/hub"))[1:]
    assert waits == sorted(waits)


async def test_p100_a_hub_that_denies_is_not_asked_again(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Even a hub that had agreed may deny; the feed is then due at its own pace at once."""
    server.on("/feed", answer(linked(hub, item(1, server.url("/1")))))
    async with agreed(store, clock, hub) as parts:
        clock.advance(HOUR)
        await turn(parts)
        (pushed,) = store.read_now(feeds.statuses)
        assert (await hub.verify(mode="denied"))[0] == 200
        (status,) = store.read_now(feeds.statuses)
        assert status.due is not None
        assert pushed.due is not None
        assert status.due < pushed.due
        assert status.due >= clock.now() + 30 * MINUTE
        assert await hub.push(linked(hub)) == 410
        await live(parts, clock, 20 * DAY, 2 * HOUR)
    assert hub.modes == ["subscribe"]


async def test_p100_a_hub_may_send_us_on_to_another(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """A 307 repeats the request there, through the same client; a circle ends."""
    other = Hub(server, "/other")
    other.reach = ""
    server.on("/hub", redirect("/other", 307))
    server.on("/feed", answer(linked(hub)))
    async with desk(store, clock, hub) as parts:
        await turn(parts)
        other.reach = hub.reach
        assert (await other.verify())[0] == 200
        server.on("/other", redirect("/hub", 307))
        clock.advance(8 * DAY)
        await turn(parts)
    assert len(server.asked("/hub")) + len(server.asked("/other")) == 2 + 3


async def test_p100_a_hub_inside_our_walls_is_not_asked(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """S07, S08: an address that a feed names must pass the guard like any other."""
    for number, address in enumerate(("http://10.0.0.1/", "http://169.254.1.1/x", "file:///x")):
        links = f'<{address}>; rel="hub"'
        server.on(f"/{number}", answer(rss(), headers={"Link": links}))
    some = [Feed(url=server.url(f"/{number}")) for number in range(3)]
    async with desk(store, clock, hub, *some) as parts:
        await poll.run(parts, await poll.due(parts, clock.now()), clock.now())
        done = await push.run(parts, await push.due(parts, clock.now()), clock.now())
    assert [one.answer.kind.value for one in done] == ["refused"] * 2


# -------------------------------------------------------------------------------- polls


async def test_p100_polling_goes_on_at_the_ceiling_while_a_push_is_live(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """The poll is a safety net: conditional, at the ceiling, and the status says why."""
    tagged = {"ETag": '"a"'}
    body = linked(hub, item(1, server.url("/1")))
    server.on("/feed", answer(body, headers=tagged), answer(status=304))
    async with agreed(store, clock, hub) as parts:
        await live(parts, clock, 3 * DAY)
        (status,) = store.read_now(feeds.statuses)
    found = gaps(server.asked("/feed"))[1:]
    assert len(found) >= 10
    assert all(PACE.ceiling <= gap <= PACE.ceiling + 20 * MINUTE for gap in found)
    assert all(seen.header("if-none-match") == b'"a"' for seen in server.asked("/feed")[1:])
    assert status.due_why == "its hub pushes it; asked all the same: 6 h"


async def test_p100_a_push_adds_no_duplicates_before_or_after_a_poll(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """No order of push and poll, repeated push, or shared or changed id doubles an entry."""
    one, two = item(1, server.url("/1")), item(2, server.url("/2"))
    three = item(3, server.url("/3"), guid="shared")
    four = item(4, server.url("/4"), guid="shared")
    server.on(
        "/feed",
        answer(linked(hub, one), headers={"ETag": '"a"'}),
        answer(linked(hub, one, two, three, four)),
    )
    async with agreed(store, clock, hub) as parts:
        for some in ((one, two), (two, one), (three,), (four,), (one, two)):
            assert await hub.push(linked(hub, *some)) == 202
        assert titles(store) == ["Report 1", "Report 2", "Report 3", "Report 4"]
        await live(parts, clock, 7 * HOUR)
        assert len(server.asked("/feed")) >= 2
        assert await hub.push(linked(hub, one, two, three, four)) == 202
    assert titles(store) == ["Report 1", "Report 2", "Report 3", "Report 4"]
    assert server.asked("/feed")[1].header("if-none-match") == b'"a"'  # no push took the validator


async def test_F53_an_archive_that_is_pushed_is_withheld_like_one_that_is_polled(
    store: Store, clock: FakeClock, server: Server, hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    """A hub pushes whatever its publisher gave it; what comes after it is news."""
    server.on("/feed", answer(linked(hub, item(1, server.url("/1")))))
    async with agreed(store, clock, hub):
        many = [item(n, f"https://new.example/{n}") for n in range(2, 72)]
        assert await hub.push(linked(hub, *many)) == 202
        assert await hub.push(linked(hub, item(99, server.url("/99")))) == 202
    [[withheld]] = store.read_now(reissues.waiting).values()
    assert (withheld.entries, "70 new entries at once" in caplog.text) == (70, True)
    lines = store.read_now(lambda connection: list(export.entry_lines(connection, None)))
    assert [bool(line["withheld"]) for line in lines] == [False, *[True] * 70, False]


async def test_p100_a_push_does_not_make_the_next_poll_unconditional(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """P08, P09: validators, body hash and memory are those of the last answer to a poll."""
    server.on("/feed", answer(linked(hub, item(1, server.url("/1"))), headers={"ETag": '"a"'}))
    async with agreed(store, clock, hub):
        (before,) = store.read_now(feeds.statuses)
        clock.advance(HOUR)
        assert await hub.push(linked(hub, item(2, server.url("/2")))) == 202
        (after,) = store.read_now(feeds.statuses)
    changed = {"newest": after.polling.newest, "calm": 0}
    assert after.polling == replace(before.polling, **changed)
    assert after.due == before.due


async def test_p100_a_change_that_is_pushed_is_read_in_the_feed_soon(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """An old push that comes late undoes nothing; a true change is polled at the usual pace."""
    first = item(1, server.url("/1"), title="Ships sail")
    later = item(1, server.url("/1"), title="Ships sail late")
    server.on("/feed", answer(linked(hub, first)), answer(linked(hub, later)))
    async with agreed(store, clock, hub) as parts:
        clock.advance(HOUR)
        await turn(parts)
        (status,) = store.read_now(feeds.statuses)
        assert "its hub pushes it;" in status.due_why
        assert titles(store) == ["Ships sail late"]
        assert await hub.push(linked(hub, first)) == 202
        assert titles(store) == ["Ships sail late"]
        (status,) = store.read_now(feeds.statuses)
        assert status.due_why == push.DIFFERS
        await live(parts, clock, HOUR)
    assert len(server.asked("/feed")) == 3
    assert min(gaps(server.asked("/feed"))) >= 30 * MINUTE


async def test_p100_p22_a_process_that_starts_trusts_polls_until_it_hears_again(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Nobody knows what was pushed meanwhile, yet no feed is polled before its time."""
    server.on("/feed", answer(linked(hub, item(1, server.url("/1")))))
    async with agreed(store, clock, hub) as parts:
        clock.advance(HOUR)
        await turn(parts)
    for _ in range(20):
        clock.advance(MINUTE / 2)
        async with unserved(store, clock, hub) as parts:
            await push.begin(parts, clock.now())
            await turn(parts)
    assert len(server.asked("/feed")) == 2
    async with desk(store, clock, hub) as parts:
        await live(parts, clock, HOUR)
    assert len(server.asked("/feed")) == 3
    assert hub.modes == ["subscribe"]


async def test_p100_F35_a_clock_put_back_makes_no_push_last_for_ever(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Ten days back, the hub is asked again as it would have been, and trusted no longer."""
    server.on("/feed", answer(linked(hub)))
    clock.jump(clock.now() + 10 * DAY)
    async with agreed(store, clock, hub, lease=86_400) as parts:
        clock.jump(clock.now() - 10 * DAY)
        await turn(parts)
        (status,) = store.read_now(feeds.statuses)
        assert status.pushed_until == clock.now() + DAY
        await live(parts, clock, 20 * HOUR)
    assert hub.modes == ["subscribe"] * len(hub.modes)
    assert len(hub.modes) >= 2


async def test_p100_a_feed_that_names_a_new_hub_each_time_fills_nothing(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Each hub is asked once; the records of all but the last two are forgotten."""
    others = [Hub(server, f"/hub{number}") for number in range(20)]
    one = item(1, server.url("/1"))
    server.on("/feed", *(answer(linked(other, one)) for other in others))
    async with desk(store, clock, hub) as parts:
        for _ in others:
            await parts.store.write(lambda c: c.execute(update_due(clock)).rowcount)
            await turn(parts)
            clock.advance(HOUR)
    assert [len(other.forms) for other in others] == [1] * 20
    assert sum(states(store).values()) <= 2


def update_due(clock: FakeClock) -> Update:
    """Return an update that makes the feed due, whatever its pace."""
    return update(schema.feeds).values(due=clock.now())


# ------------------------------------------------------------------- not configured, gone


async def test_p101_without_a_public_address_no_hub_is_asked(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Days of polling send the hub no request; it is asked once we can be reached."""
    server.on("/feed", answer(linked(hub), headers={"ETag": '"a"'}), answer(status=304))
    async with desk(store, clock, hub, reachable=False) as parts:
        await push.begin(parts, clock.now())
        await live(parts, clock, 48 * HOUR)
        assert len(server.asked("/feed")) >= 8
        assert server.asked("/hub") == []
    async with desk(store, clock, hub) as parts:
        await turn(parts)
    assert hub.modes == ["subscribe"]


async def test_p101_who_can_be_reached_no_more_says_nothing_and_polls(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Without a public address there is not even an unsubscribe; the callback is forgotten."""
    server.on("/feed", answer(linked(hub, item(1, server.url("/1")))))
    async with agreed(store, clock, hub) as parts:
        clock.advance(HOUR)
        await turn(parts)
    async with desk(store, clock, hub, reachable=False) as parts:
        await push.begin(parts, clock.now())
        (status,) = store.read_now(feeds.statuses)
        assert status.due is not None
        assert status.due <= clock.now() + 50 * MINUTE
        assert status.due_why == push.NOT_HEARD
        await live(parts, clock, 48 * HOUR)
        assert (await hub.verify())[0] == 404
        assert await hub.push(linked(hub)) == 404
    assert hub.modes == ["subscribe"]
    assert states(store) == {"named": 1}


async def test_p101_a_command_that_cannot_be_reached_polls_as_without_a_hub(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Another process's agreement with a hub does not slow its polls."""
    server.on("/feed", answer(linked(hub, item(1, server.url("/1")))))
    async with agreed(store, clock, hub):
        pass
    async with desk(store, clock, hub, reachable=False) as parts:
        clock.advance(HOUR)
        await turn(parts)
        (status,) = store.read_now(feeds.statuses)
    assert "its hub pushes it" not in status.due_why


async def test_p101_a_feed_that_was_asked_once_by_its_address_is_not_pushed(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """`monitor fetch URL` polls once; pushes are not wanted until the feed is added."""
    server.on("/once", answer(linked(hub, path="/once")))
    server.on("/feed", answer(rss()))
    async with desk(store, clock, hub) as parts:
        wanted = Feed(url=server.url("/once"))
        number = await parts.store.write(feeds.add_once, wanted, clock.now())
        await poll.run(parts, [number], clock.now())
        await turn(parts)
        assert hub.forms == []
        await parts.store.write(feeds.add, wanted, clock.now(), clock.now() + HOUR)
        await turn(parts)
    assert hub.modes == ["subscribe"]


async def test_p100_at_another_public_address_the_hub_is_asked_anew(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """When the settings name another address, the hub is told at once, with another token."""
    server.on("/feed", answer(linked(hub)))
    async with agreed(store, clock, hub) as parts:
        moved = Callback("http://monitor.test/desk/websub/", lambda: "elsewhere")
        await turn(replace(parts, callback=moved))
    assert [form["hub.callback"] for form in hub.forms] == [
        CALLBACK + "chance1",
        "http://monitor.test/desk/websub/elsewhere",
    ]
    assert hub.modes == ["subscribe"] * 2


@pytest.mark.parametrize(
    ("enabled", "public_url"), [(False, PUBLIC), (True, ""), (False, ""), (True, PUBLIC)]
)
async def test_p101_only_a_served_public_address_makes_a_callback(
    store: Store, enabled: bool, public_url: str
) -> None:
    """Without both `[web] enabled` and `public_url`, no hub is asked."""
    chosen: Settings = replace(
        settings(store), web=WebSection(enabled=enabled, public_url=public_url)
    )
    async with app.open_parts(chosen, store=store) as parts:
        assert (parts.callback is not None) == (enabled and bool(public_url))
        if parts.callback:
            assert parts.callback.address == CALLBACK
            made = {parts.callback.random() for _ in range(100)}
            assert len(made) == 100
            assert all(len(one) >= 40 for one in made)


async def test_p102_a_feed_that_is_removed_is_unsubscribed_once(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """A removed feed is unsubscribed, which the hub verifies; its last pushes are refused."""
    server.on("/feed", answer(linked(hub)))
    async with agreed(store, clock, hub) as parts:
        asked = hub.forms[0]
        await parts.store.write(feeds.remove, server.url("/feed"))
        assert await hub.push(linked(hub, item(1, server.url("/1")))) == 410
        await turn(parts)
        assert hub.forms[1:] == [
            {name: asked[name] for name in ("hub.callback", "hub.topic")}
            | {"hub.mode": "unsubscribe"}
        ]
        assert (await hub.verify(form=asked))[0] == 404  # not wanted any more
        assert (await hub.verify())[0] == 200
        await live(parts, clock, 20 * DAY, 2 * HOUR)
    assert hub.modes == ["subscribe", "unsubscribe"]
    assert states(store) == {"ended": 1}
    assert titles(store) == []


@pytest.mark.parametrize("gone", ["not named", "disabled", "410"])
async def test_p102_a_feed_that_is_polled_no_more_is_unsubscribed_by_the_next_process(
    store: Store, clock: FakeClock, server: Server, hub: Hub, gone: str
) -> None:
    """A feed ends if the settings drop or disable it, or its server says that it is gone."""
    server.on("/feed", answer(linked(hub)), answer(status=410))
    async with agreed(store, clock, hub):
        pass
    wanted = Feed(url=server.url("/feed"))
    some = {"not named": Feed(url=server.url("/other")), "disabled": replace(wanted, enabled=False)}
    server.on("/other", answer(rss()))
    for _ in range(3):
        async with desk(store, clock, hub, some.get(gone, wanted)) as parts:
            await push.begin(parts, clock.now())
            await live(parts, clock, 8 * HOUR)
            if len(hub.forms) == 2 and states(store) != {"ended": 1}:
                await hub.verify()
    assert hub.modes == ["subscribe", "unsubscribe"]
    assert states(store) == {"ended": 1}


async def test_p102_a_farewell_that_is_not_heard_is_said_three_times_in_all(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Unsubscribing is tried over restarts, with pauses; then the agreement runs out by itself."""
    server.on("/feed", answer(linked(hub)))
    async with agreed(store, clock, hub) as parts:
        await parts.store.write(feeds.remove, server.url("/feed"))
    hub.status = 503
    for _ in range(5):
        async with desk(store, clock, hub, Feed(url=server.url("/feed"), enabled=False)) as parts:
            await live(parts, clock, HOUR)
    assert hub.modes == ["subscribe", *["unsubscribe"] * 3]
    assert min(gaps(server.asked("/hub"))[1:]) >= 10 * MINUTE
    assert states(store) == {"ended": 1}


async def test_p102_a_hub_that_the_feed_names_no_more_is_left_for_the_new_one(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """The old hub is unsubscribed, the new one asked, once each; polling bridges the gap."""
    other = Hub(server, "/other")
    one = item(1, server.url("/1"))
    server.on("/feed", answer(linked(hub, one)), answer(linked(other, one)))
    async with desk(store, clock, hub) as parts:
        other.reach = hub.reach
        await turn(parts)
        await hub.verify()
        clock.advance(HOUR)
        await turn(parts)
        (status,) = store.read_now(feeds.statuses)
        assert status.due is not None
        assert status.due <= clock.now() + HOUR
        assert (await other.verify())[0] == 200
        await live(parts, clock, DAY)
    assert (hub.modes, other.modes) == (["subscribe", "unsubscribe"], ["subscribe"])
    assert states(store) == {"live": 1, "ended": 1}


async def test_p102_a_hub_that_the_feed_names_no_more_slows_no_poll(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """Polls are at the feed's own pace from the next one on, even before the hub is told."""
    server.on("/feed", answer(linked(hub)), answer(rss()), answer(rss(item(1, "http://a.test/"))))
    async with agreed(store, clock, hub) as parts:
        for _ in range(2):
            await parts.store.write(lambda c: c.execute(update_due(clock)).rowcount)
            await poll.run(parts, await poll.due(parts, clock.now()), clock.now())
        (status,) = store.read_now(feeds.statuses)
    assert states(store) == {"live": 1}
    assert "its hub pushes it" not in status.due_why


async def test_p102_a_feed_that_comes_back_is_pushed_again_under_another_token(
    store: Store, clock: FakeClock, server: Server, hub: Hub
) -> None:
    """After removal and return there is a new agreement; the old token stays invalid."""
    server.on("/feed", answer(linked(hub)))
    async with agreed(store, clock, hub) as parts:
        await parts.store.write(feeds.remove, server.url("/feed"))
        await turn(parts)
        await hub.verify()
        await parts.store.write(feeds.add, Feed(url=server.url("/feed")), clock.now(), clock.now())
        await turn(parts)
        assert hub.modes == ["subscribe", "unsubscribe", "subscribe"]
        assert hub.forms[2]["hub.callback"] != hub.forms[0]["hub.callback"]
        assert (await hub.verify())[0] == 200
        assert await hub.push(linked(hub), form=hub.forms[0]) == 404
    assert store.read_now(pushes.get, 1).state is PushState.LIVE
