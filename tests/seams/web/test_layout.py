"""The pages as a browser lays them out: on a phone, a tablet and a desk; with odd words in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from seams.web.test_pages import desk
from support.browser import CHROMIUM, browsing
from support.world import WATCHLISTS

from monitor.store import Store
from monitor.testing import FakeClock

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
WIDTHS = (320, 360, 768, 1280)
"""In CSS pixels; 320 is also 1280 at 400 %, as WCAG counts."""
QUIET = replace(WATCHLISTS[0], name="quiet", title="Quiet corner", queries=("zeppelin*",))
LONG = "All that floats, flies and dives between the Baltic and the South China Sea, by name"
"""A title as long as a line, as some will write."""
ENDLESS = f"ملف {'https://example.org/' + 'x' * 200} دفاع"
"""A title from right to left, with a word that fits no line."""
WIDER = """[...document.querySelectorAll('html, main, .wide')]
  .filter(one => one.scrollWidth > one.clientWidth)
  .map(one => `${one.className || one.tagName} ${one.scrollWidth} > ${one.clientWidth}`)"""


@pytest.fixture
def kind() -> str:
    """SQLite only: a browser sees no difference."""
    return "sqlite"


@pytest.mark.parametrize("words", [LONG, ENDLESS], ids=["long", "endless"])
async def test_no_page_is_wider_than_its_window(
    store: Store, clock: FakeClock, tmp_path: Path, words: str
) -> None:
    """WCAG 1.4.10: nobody has to move a page to and fro, whatever others wrote into it."""
    async with desk(store, clock, words) as site, browsing(tmp_path) as browser:
        for width in WIDTHS:
            for path in dict.fromkeys([*site.paths, "/deliveries/1/message"]):
                await browser.show(f"{site.client.base_url}{path}", width)
                assert await browser.measure(WIDER) == [], (width, path)


async def test_a_watchlist_without_matches_leaves_no_gap_on_a_phone(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """An empty chart would be as high as one with bars."""
    lists = [replace(WATCHLISTS[0], title="NATO"), QUIET]
    rows = "[...document.querySelectorAll('tbody tr')].map(one => one.offsetHeight)"
    async with desk(store, clock, watchlists=lists) as site, browsing(tmp_path) as browser:
        await browser.show(f"{site.client.base_url}/watchlists", 360)
        told, quiet = await browser.measure(rows)
        await browser.show(f"{site.client.base_url}/watchlists/quiet", 360)
        assert not await browser.measure("document.querySelectorAll('svg').length")
    assert quiet < told


async def test_a_long_title_of_a_watchlist_does_not_break_the_form(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """Window, watchlist and button stand in one line, where there is room for one."""
    lists = [replace(WATCHLISTS[0], title=LONG)]
    feet = (
        "[...document.querySelectorAll('.asks select, .asks button')]"
        ".map(one => Math.round(one.getBoundingClientRect().bottom))"
    )
    async with desk(store, clock, watchlists=lists) as site, browsing(tmp_path) as browser:
        await browser.show(str(site.client.base_url), 768)
        assert len(set(await browser.measure(feet))) == 1
