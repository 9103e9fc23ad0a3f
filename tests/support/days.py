"""Days of polling in an instant: the clock leaps from one due time to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from support.server import Seen

from monitor.config import Settings, sections
from monitor.model import Feed
from monitor.pipeline import poll
from monitor.pipeline.parts import Parts
from monitor.store import Store, feeds
from monitor.testing import FakeClock


async def live(parts: Parts, clock: FakeClock, span: timedelta) -> None:
    """Poll whatever is due until the span is over, as the daemon does."""
    end = clock.now() + span
    while clock.now() <= end:
        if keys := await poll.due(parts, clock.now()):
            await poll.run(parts, keys, clock.now())
        due = await parts.store.read(feeds.next_due)
        moment = clock.now() + timedelta(seconds=1)
        clock.advance(max(due or end, moment) - clock.now())
    clock.advance(end - clock.now())


async def poll_once(parts: Parts, clock: FakeClock) -> poll.Polled:
    """Poll the one feed, long after its last poll."""
    clock.advance(timedelta(days=2))
    (polled,) = await poll.run(parts, await poll.due(parts, clock.now()), clock.now())
    return polled


def conditional(seen: Seen) -> tuple[bytes | None, bytes | None]:
    """The validators that a request sent: those of ETag and of Last-Modified."""
    return seen.header("if-none-match"), seen.header("if-modified-since")


def gaps(seen: Sequence[Seen]) -> list[timedelta]:
    """The times between requests, in order of arrival."""
    return [timedelta(seconds=later.at - one.at) for one, later in pairwise(seen)]


def moment(seen: Seen, clock: FakeClock) -> datetime:
    """The wall-clock time of a request whose arrival a server noted by the monotonic clock."""
    return clock.now() - timedelta(seconds=clock.monotonic() - seen.at)


def settings(
    store: Store, *wanted: Feed, fetch: Mapping[str, Any] = MappingProxyType({}), **more: Any
) -> Settings:
    """The settings of a desk that polls these feeds from loopback, for `app.open_parts`."""
    chosen = {"allow_private": ("127.0.0.0/8",), "spacing_s": 0, **fetch}
    values = {
        "directory": Path(),
        "store": sections.StoreSection(url=store.url),
        "fetch": sections.FetchSection(**chosen),
        "poll": sections.PollSection(spread=timedelta()),
        "match": sections.MatchSection(),
        "web": sections.WebSection(),
        "retention": sections.RetentionSection(),
        "feeds": wanted,
    }
    return Settings(**values | more)
