"""Whether a feed's documents go back and forth, and whether its dates can be believed.

A feed may be served by several machines that are out of step, and a generator may date all entries
with the time of the request. Nothing is told again because of it, but a person should know. Why
these numbers: docs/design/feeds.md, "What comes again".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from monitor.feeds.identity import digest
from monitor.model import Document, Entry, Polling

_MARKUP: Final = re.compile(r"<[a-zA-Z/!?][^<>]*>")
RETURNS: Final = 3
"""So many returns in a row make a feed wavering: adding, removing and restoring an entry is two."""
CALM: Final = timedelta(days=2)
"""After so long without a return, a feed is no longer wavering."""
REMEMBERED: Final = 8
"""How many of a feed's last states are kept to recognise a return."""
REDATED: Final = 10
"""Fewest known entries that must have new dates; they must be over half of the document, too."""
DISTRUST: Final = timedelta(days=7)
"""How long a feed counts as re-dated after that."""
_SLACK: Final = timedelta(hours=1)
"""How far a server's clock may be ahead of ours."""


def looked(polling: Polling, document: Document, hashed: str, now: datetime) -> Polling:
    """The polling state, with what a document adds to what is known of the feed's returns.

    `hashed`: the hash of its body. A document that is incomplete or without entries adds nothing.
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
    """Whether the feed's documents have returned to earlier states often, and recently."""
    last = polling.returned
    return polling.returns >= RETURNS and last is not None and now - last < CALM


def redated(document: Document, new: Iterable[Entry], polling: Polling, now: datetime) -> bool:
    """Whether a document dates many known entries later than any entry was dated before.

    `new`: those of its entries that are not known; `polling`: the feed's state before it. Dates in
    the future do not count, as they are announcements.
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


def same_words(one: Entry, other: Entry) -> bool:
    """Whether two states of an entry differ in their markup alone, as by a picture's address."""
    return one.title == other.title and words(one) == words(other)


def words(entry: Entry) -> list[str]:
    """The words of an entry's summary and text, without their markup."""
    # By a simple expression: a long feed may be compared whole while the store waits.
    return _MARKUP.sub(" ", f"{entry.summary_html} <p> {entry.content_html}").split()


def is_redated(polling: Polling, now: datetime) -> bool:
    """Whether the feed has re-dated its entries within the last `DISTRUST`."""
    return polling.redated is not None and now - polling.redated < DISTRUST
