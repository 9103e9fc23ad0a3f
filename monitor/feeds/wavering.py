"""Whether a feed's documents go back and forth, and whether its dates can be believed.

A server may be several that do not know each other's news, and a generator may date all it has
with the hour of the request. Nothing is told again for it; a person should know all the same.
Why these numbers: docs/design/feeds.md, "What comes again".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from monitor.feeds.identity import digest
from monitor.model import Document, Entry, Polling

RETURNS: Final = 3
"""So many returns in a row make a feed wavering: an entry taken out and put back is two."""
CALM: Final = timedelta(days=2)
"""After so long without a return a feed is wavering no more."""
REMEMBERED: Final = 8
"""States of a feed by which a return is known."""
REDATED: Final = 10
"""Known entries, and more than half of the document, that must have new dates."""
DISTRUST: Final = timedelta(days=7)
"""How long after that it is told."""
_SLACK: Final = timedelta(hours=1)
"""By which a server's clock may be ahead of ours."""


def looked(polling: Polling, document: Document, hashed: str, now: datetime) -> Polling:
    """The state of polling with what a document adds to what is known of its returns.

    `hashed`: the hash of its body. A document without entries says nothing.
    """
    held = len(document.entries) + document.reduced
    if not (document.complete and held):
        return polling
    state = digest(*sorted(document.pieces)) if document.pieces else hashed[:24]
    states = polling.states
    if states[:1] == (state,):
        return polling
    others = tuple(one for one in states if one != state)
    known = replace(polling, states=(state, *others)[:REMEMBERED])
    if state not in states:
        return known
    if polling.returned is None or now - polling.returned >= CALM:
        return replace(known, returns=1, returns_since=now, returned=now)
    return replace(known, returns=polling.returns + 1, returned=now)


def is_wavering(polling: Polling, now: datetime) -> bool:
    """Whether documents have come back often, and lately."""
    last = polling.returned
    return polling.returns >= RETURNS and last is not None and now - last < CALM


def redated(document: Document, new: Iterable[Entry], polling: Polling, now: datetime) -> bool:
    """Whether a document dates many known entries later than any entry was dated before.

    `new`: those of its entries that are not known; `polling`: the feed's state before it. Dates of
    the future are announcements.
    """
    newest = polling.newest
    if newest is None or len(document.entries) < REDATED:
        return False
    fresh = {entry.key for entry in new}
    late = sum(
        newest < stated <= now + _SLACK
        for entry in document.entries
        if (stated := entry.published or entry.updated) and entry.key not in fresh
    )
    return late >= REDATED and 2 * late > len(document.entries) + document.reduced


def is_redated(polling: Polling, now: datetime) -> bool:
    """Whether that was lately."""
    return polling.redated is not None and now - polling.redated < DISTRUST
