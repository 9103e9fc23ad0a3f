"""Sources and languages that watchlists ask for and that no feed of the settings brings."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from monitor.errors import Mistake
from monitor.model import Feed, Watchlist
from monitor.watchlists.matcher import language_of
from monitor.watchlists.normalise import fold

MOST_NAMED = 8
"""How many known names a hint lists if none is similar."""


def unfed(watchlists: Sequence[Watchlist], feeds: Sequence[Feed]) -> list[Mistake]:
    """Return doubts about `sources` and `languages`: a misspelt name shuts everything out.

    They are only doubts: a feed without a source in the settings takes its name or its own title as
    its source, and a feed that was added by command is not in the settings. Nothing is said of
    languages unless all feeds state theirs: otherwise articles are read for their language.
    """
    sources = {fold(name): name for feed in feeds if (name := feed.source or feed.name)}
    languages = {language_of(feed.lang): language_of(feed.lang) for feed in feeds}
    found: list[Mistake] = []
    for one in watchlists:
        asked = [("source", fold(name), name, sources) for name in one.sources]
        if "" not in languages:
            asked += [("language", language_of(tag), tag, languages) for tag in one.languages]
        where = f"watchlists/{one.name}.toml"
        found += _missing(where, asked)
    return found


def _missing(
    where: str, asked: Sequence[tuple[str, str, str, dict[str, str]]]
) -> Iterator[Mistake]:
    for kind, key, name, known in asked:
        if known and key not in known:
            near = difflib.get_close_matches(key, known, 1, cutoff=0.6)
            named = ", ".join(sorted(known.values())[:MOST_NAMED])
            more = ", …" if len(known) > MOST_NAMED else ""
            hint = f"did you mean {known[near[0]]!r}?" if near else f"known: {named}{more}"
            yield Mistake(where, f"no feed of the settings has the {kind} {name!r}", hint)
