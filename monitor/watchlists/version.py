"""The version of a watchlist: a hash of all that decides a match, which a match can name."""

from __future__ import annotations

import hashlib
import json

from monitor.model import Watchlist

LENGTH = 16
"""Hexadecimal digits of a version."""


def version(watchlist: Watchlist) -> str:
    """Hash of queries, exclusions, lists, sources, languages and lowest score; not the title."""
    decides: list[object] = [
        watchlist.queries,
        watchlist.exclude,
        watchlist.sources,
        watchlist.languages,
        watchlist.min_score,
    ]
    if watchlist.lists:
        decides.append(sorted(watchlist.lists))
    text = json.dumps(decides, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]
