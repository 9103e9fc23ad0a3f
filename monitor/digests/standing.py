"""Standing: what an edition could and could not see, which tells a quiet one from a blind one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from monitor.digests.words import count
from monitor.model import Edition, FeedAnswer

ASKED_WITHIN = timedelta(hours=1)
"""In a window at least this long, one feed or more is asked, provided that the monitor runs."""
EACH_WITHIN = timedelta(days=1)
"""In a window at least this long, every feed should have been asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the feeds stood during a window."""

    answered: tuple[FeedAnswer, ...]
    failed: tuple[FeedAnswer, ...]
    """Asked, but failed every time."""
    unasked: tuple[FeedAnswer, ...]
    """Not asked although the window lasted a day or longer."""
    silent: tuple[FeedAnswer, ...]
    """They answer, but have brought nothing new for unusually long."""
    withheld: tuple[FeedAnswer, ...]
    """Some of their entries are withheld until a person releases them."""
    blind: str
    """Why "no news" cannot be trusted; empty when it can."""
    statement: str
    """One line that sums up what was read and what came of it."""


def standing(edition: Edition) -> Standing:
    """Sort the feeds of a window, and say in one line what the edition is based on.

    It is blind if at least half of all feeds failed every time they were asked, or if none was
    asked although the window is long enough that one should have been. (Half of *all* feeds: in
    the short window of an alert only a few are asked, and one failure among them means little.)
    """
    feeds = edition.accounting.feeds
    asked = [feed for feed in feeds if feed.polls]
    failed = tuple(feed for feed in asked if feed.failed >= feed.polls)
    blind = _blind(edition, len(feeds), len(asked), len(failed))
    length = edition.window.end - edition.window.start
    return Standing(
        answered=tuple(feed for feed in asked if feed.failed < feed.polls),
        failed=failed,
        unasked=tuple(f for f in feeds if not f.polls) if length >= EACH_WITHIN else (),
        silent=tuple(feed for feed in feeds if feed.silent_days is not None),
        withheld=tuple(feed for feed in feeds if feed.withheld),
        blind=blind,
        statement=_statement(edition, blind),
    )


def has_sums(edition: Edition) -> bool:
    """Whether the window's sums include the stories told, cut or not, and are thus worth showing.

    An alert mostly tells what was read before its window, which lasts seconds: "out of 0 entries
    read" would be misleading.
    """
    return edition.accounting.matched >= len(edition.stories) + edition.cut


def _blind(edition: Edition, feeds: int, asked: int, failed: int) -> str:
    window = edition.window
    if feeds and not asked and window.end - window.start >= ASKED_WITHIN:
        return f"none of {count(feeds, 'feed')} was asked"
    if failed and failed * 2 >= feeds:
        return f"{failed} of {count(feeds, 'feed')} failed"
    return ""


def _statement(edition: Edition, blind: str) -> str:
    books = edition.accounting
    read = count(books.entries, "entry", "entries") + " read"
    matched = f"{books.matched:,} matched" if books.matched else "none matched"
    if edition.stories or edition.cut:
        shown = count(len(edition.stories), "story", "stories")
        cut = f", {edition.cut:,} cut" if edition.cut else ""
        sums = f"{read}, {matched}, " if has_sums(edition) else ""
        return f"{sums}{shown} shown{cut}"
    if blind:
        return f"Blind: {blind}; {read}, {matched}"
    none_new = ", none of it new" if books.matched else ""
    return f"Quiet: {read}, {matched}{none_new}"
