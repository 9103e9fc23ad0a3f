"""Put entries into a store, as a poll does."""

from __future__ import annotations

from collections.abc import Sequence

from support.values import NOW

from monitor.model import Entry
from monitor.store import Store, entries

Hashed = Sequence[tuple[Entry, str]]


def brought(store: Store, feed_id: int, new: Hashed, revised: Hashed = ()) -> entries.Recorded:
    """Store what one poll brought, each entry with its hash; return what was actually recorded."""
    arrived = entries.Arrived(feed_id, new, revised, baseline=False, at=NOW)
    [recorded] = store.write_now(entries.record, [arrived])
    return recorded
