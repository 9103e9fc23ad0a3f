"""Sources and languages that watchlists ask for, and no feed of the settings brings."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from monitor.errors import Mistake
from monitor.model import Feed, Watchlist
from monitor.watchlists.matcher import language_of
from monitor.watchlists.normalise import fold

MOST_NAMED = 8
"""Known names that a hint lists, where none is near."""


def unfed(watchlists: Sequence[Watchlist], feeds: Sequence[Feed]) -> list[Mistake]:
    """Doubts about `sources` and `languages`: a name with a slip of the pen shuts out everything.

    They are doubts only: a feed without a source in the settings has its name or its own title for
    one, and one that was added by command stands elsewhere. Of languages nothing is said unless all
    feeds state theirs, since that of the others is read in their articles.
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
