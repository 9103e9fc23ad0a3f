"""A desk with news: articles that match, grouped into stories, without the feeds they came from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from support.values import HOUR, article

from monitor.model import Article
from monitor.pipeline import group
from monitor.pipeline.parts import Parts
from monitor.store import articles

EVENTS = (
    "Frigate Aurelia of NATO leaves the yard at Ferrol for her first trials in the bay",
    "Drone strike on a depot near Kharkiv sets fuel tanks on fire for two days",
    "NATO ministers in Brussels agree on a patrol of undersea cables from Estonia",
    "Swarm of forty drones flown by one pilot in Lapland before a dozen generals",
)


async def told(parts: Parts, number: int, event: int | str, **more: Any) -> int:
    """Add an article about an event, read now, matched and grouped; return its number."""
    now = parts.clock.now()
    words = EVENTS[event] if isinstance(event, int) else event
    own = " ".join(f"Detail{number}x{place}" for place in range(40))
    values: dict[str, Any] = {
        "title": words,
        "text": f"{words}.\n\n{own}. {words}.",
        "source": f"Outlet {number}",
        "first_seen": now,
        "published": now - timedelta(minutes=5),
    }
    new: Article = article(number, **values | more)
    added = articles.New(new, parts.matcher().match(new), False, now)
    (made,) = await parts.store.write(articles.insert, [added])
    assert made is not None
    await group.run(parts, await group.due(parts, now), now)
    return made


async def stocked(parts: Parts) -> list[int]:
    """Add seven reports of four events within an hour; return their numbers."""
    numbers = []
    for number, event in enumerate((0, 1, 2, 2, 1, 2, 3), 1):
        await parts.clock.sleep(HOUR.total_seconds() / 8)
        numbers.append(await told(parts, number, event))
    return numbers
