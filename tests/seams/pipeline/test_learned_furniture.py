"""Lines that a host puts on all its pages are learned, and left out of later ones."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from support.server import Server, answer
from support.world import item, read_next, rss, world

from monitor.articles import furniture as rules
from monitor.model import Feed
from monitor.store import Store, furniture
from monitor.store.schema import host_lines
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
PLEA = "Harbour office: questions on weekdays from nine to noon, except in August"
NAMES = ("Ida", "Bo", "Una", "Ole", "Eva", "Jens")


def report(name: str) -> bytes:
    """Return a page with text of its own, followed by the harbour office's notice."""
    said = (
        f"The {name} left port with {len(name) * 7} people on board, the harbour office said.",
        f"The last voyage of the {name} had ended in a storm that nobody of the crew forgets.",
        f"Captain {name}sen expects calm weather and a late return to the islands in the north.",
    )
    body = "".join(f"<p>{one}</p>" for one in (*said, PLEA))
    return f"<body><h1>The {name} leaves</h1><div class='u7'>{body}</div></body>".encode()


async def test_a_line_of_three_pages_is_left_out_of_the_next_and_stays_learned(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The line is left out from the fourth page on, and still counted, so that it stays learned."""
    items = [item(n, server.url(f"/{n}")) for n, _ in enumerate(NAMES)]
    kept = []
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        for number, name in enumerate(NAMES):
            server.on("/feed", answer(rss(*items[: number + 1])))
            server.on(f"/{number}", answer(report(name), headers={"Content-Type": "text/html"}))
            kept.append(await read_next(parts))
            clock.advance(parts.pace.ceiling)
    assert [PLEA in one.text for one in kept] == [True, True, True, False, False, False]
    assert all("storm that nobody" in one.text for one in kept)
    (counted,) = store.read_now(furniture.counted, ["127.0.0.1"]).values()
    learned = rules.learn(counted.lines, counted.pages)
    assert [(one.text, one.why) for one in learned] == [(PLEA, "stands on 6 of 6 pages")]


async def test_what_only_the_feed_gave_is_no_page_of_its_host(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Lines are left out of pages only; texts of feeds would make their share smaller."""
    async with world(store, clock, [Feed(url=server.url("/feed"), articles="off")]) as parts:
        for number in range(4):
            notice = f"&lt;p>The Ida number {number} has left port.&lt;/p>&lt;p>{PLEA}&lt;/p>"
            server.on("/feed", answer(rss(item(number, server.url(f"/{number}"), text=notice))))
            assert PLEA in (await read_next(parts)).text
            clock.advance(parts.pace.ceiling)
    assert store.read_now(lambda c: c.scalar(select(func.count()).select_from(host_lines))) == 0


def text(*lines: str) -> furniture.Text:
    return furniture.Text("harbour.example", rules.lines_of("\n\n".join(lines)))


def test_copies_and_new_versions_teach_nothing(store: Store) -> None:
    """One text at three addresses is one page, and so is a report that grows by a line a day."""
    story = [f"On day {n} of the search a boat was seen by the crew" for n in range(9)]
    store.write_now(furniture.count, [text(PLEA)] * 2)
    store.write_now(furniture.count, [text(PLEA)])
    store.write_now(furniture.count, [text(*story[: 2 + n]) for n in range(7)])
    assert store.read_now(furniture.counted, ["harbour.example"]) == {}


def test_of_a_host_are_kept_what_recurs_and_the_lines_of_its_last_pages(store: Store) -> None:
    """The count stays bounded however long a host is read; unused lines are forgotten."""
    pages = [text(f"Ship number {n} has left the port.", PLEA) for n in range(300)]
    later = [text(f"Ship number {n} has left the port.") for n in range(300, 720)]
    counted = []
    for some in (pages, later):
        for start in range(0, len(some), 50):
            store.write_now(furniture.count, some[start : start + 50])
        count = store.read_now(lambda c: c.scalar(select(func.count()).select_from(host_lines)))
        assert count <= furniture.RARE_FOR + 50 + 1  # fifty pages are counted at a time here
        counted.append(store.read_now(furniture.counted, ["harbour.example"]))
    ((before,), after) = counted[0].values(), counted[1]
    assert [line.pages for line in before.lines] == [300]
    assert after == {}
