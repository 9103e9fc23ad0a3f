"""/metrics gives the command's and the server's own account, in a form Prometheus reads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from support.cli import monitor
from support.days import live
from support.server import Server, answer
from support.site import asking
from support.world import item, rss, world

from monitor.config.sections import WebSection
from monitor.model import Feed
from monitor.pipeline.parts import Parts
from monitor.store import Store, feeds
from monitor.testing import FakeClock
from monitor.web import metrics

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
TOKEN = "only-for-the-desk"
WEB = WebSection(port=0, metrics_token=SecretStr(TOKEN))


def samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield each line that has a value, as Prometheus's own reader sees it."""
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


def of_feed(text: str, number: int) -> dict[str, float]:
    """Return the values of one feed by metric."""
    return {
        name.removeprefix("monitor_feed_"): value
        for name, labels, value in samples(text)
        if labels == {"feed": str(number)}
    }


async def test_p105_p17_command_and_metrics_tell_the_servers_account(
    store: Store, tmp_path: Path
) -> None:
    """Requests, 304s, bytes in all and in a day, last status and next poll agree in both."""
    clock = FakeClock(datetime.now(UTC) - 36 * HOUR)  # the command's clock is the real one
    async with Server(clock=clock.monotonic) as server:
        body = rss(item(1, server.url("/1")))
        server.on("/feed", answer(body, headers={"ETag": '"a"'}), answer(status=304))
        feed = Feed(url=server.url("/feed"), name="Northwatch")
        async with world(store, clock, [feed], articles="off") as parts:
            await live(parts, clock, timedelta(minutes=1))
            first_bytes = (await account(parts)).feeds[0].bytes
            clock.advance(20 * HOUR)
            await live(parts, clock, 15 * HOUR)
            async with asking(parts, WEB) as client:
                told = of_feed((await client.get("/metrics")).text, 1)
        (tmp_path / "feeds.toml").write_text(
            f'[[feeds]]\nurl = "{feed.url}"\nname = "Northwatch"\n'
        )
        words = ("feeds", "status", "--json", "--config", tmp_path, "--db", store.url)
        (row,) = (await asyncio.to_thread(monitor, *words)).json
    asked = server.asked("/feed")
    assert len(asked) > 5
    assert (told["polls"], row["polls"]) == (len(asked), len(asked))
    conditional = sum(seen.header("if-none-match") is not None for seen in asked)
    assert (told["polls_not_modified"], row["not_modified"]) == (conditional, conditional)
    assert (told["last_status"], row["http_status"]) == (304, 304)
    assert told["bytes"] == row["bytes"] > len(body)
    assert told["bytes_day"] == row["bytes_day"] == row["bytes"] - first_bytes
    due = datetime.fromisoformat(row["due"])
    assert told["due_timestamp_seconds"] == pytest.approx(due.timestamp(), abs=1e-3)
    assert row["due_why"]


async def account(parts: Parts) -> metrics.Account:
    return await parts.store.read(metrics.account, parts.clock.now())


async def test_s63_without_the_token_there_are_numbers_only(store: Store, clock: FakeClock) -> None:
    """Names and reasons need the token, and addresses are never shown."""
    name = 'Secret "desk"\\ \n feed'
    feed = Feed(url="http://u:pw@inner.test/?key=abc", name=name)
    async with world(store, clock, [feed]) as parts, asking(parts, WEB) as client:
        bare = await client.get("/metrics")
        wrong = [
            await client.get("/metrics", headers={"Authorization": shown})
            for shown in ("Bearer", "Bearer x", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x")
        ]
        shown = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        alike = await client.get("/metrics", headers={"Authorization": f"bearer  {TOKEN}"})
    assert alike.text == shown.text  # the scheme has no case (RFC 9110 §11.1)
    assert bare.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert {got.text for got in wrong} == {bare.text}
    assert "Secret" not in bare.text
    assert "never polled" not in bare.text
    assert of_feed(bare.text, 1)["polls"] == 0
    info = {name: labels for name, labels, _ in samples(shown.text) if name.endswith("_info")}
    assert info == {
        "monitor_feed_info": {"feed": "1", "name": name},
        "monitor_feed_due_info": {"feed": "1", "why": "never polled"},
    }
    assert "inner.test" not in shown.text


async def test_s63_no_token_in_the_settings_opens_nothing(store: Store, clock: FakeClock) -> None:
    """An empty token is no token."""
    wanted = [Feed(url="http://a.test/", name="Secret")]
    async with (
        world(store, clock, wanted) as parts,
        asking(parts, WebSection(port=0)) as client,
    ):
        for shown in ("", "Bearer", "Bearer x"):
            got = await client.get("/metrics", headers={"Authorization": shown})
            assert "Secret" not in got.text


async def test_many_who_ask_cost_one_look(store: Store, clock: FakeClock) -> None:
    """The account is read again after ten seconds, not for each request."""
    async with world(store, clock, [Feed(url="http://a.test/")]) as parts, asking(parts) as client:

        async def polls() -> int:
            return len(of_feed((await client.get("/metrics")).text, 2))

        await polls()
        await parts.store.write(feeds.add, Feed(url="http://b.test/"), clock.now(), clock.now())
        assert await asyncio.gather(*(polls() for _ in range(20))) == [0] * 20
        clock.advance(10)
        assert await polls() > 0


def test_what_has_no_value_has_no_line() -> None:
    """A feed that is never due again has no line, while the number zero has one."""
    found = metrics.Metric("monitor_x", "About.", (({"feed": "1"}, None), ({"feed": "2"}, 0)))
    assert list(samples(metrics.text([found]))) == [("monitor_x", {"feed": "2"}, 0.0)]
