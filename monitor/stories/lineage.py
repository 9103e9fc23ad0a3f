"""Who copied whom: of seven outlets with a story, how many report it from their own knowledge.

Each article of a story is classified by what its text repeats: another outlet's (a wire copy), an
official source's (a press-release copy), parts of several others (a compilation), or none. The
measure is the same as for copies: sampled shingles (Broder, "On the resemblance and containment of
documents", 1997).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from monitor.model import Article
from monitor.stories.copies import ENOUGH, LEAST_SAMPLES
from monitor.stories.shingles import samples
from monitor.stories.words import words

PART = 0.15
"""Least share of a compilation that each of its original texts contributes."""

_LAST = datetime.max.replace(tzinfo=UTC)


class Origin(StrEnum):
    """Where an article's text comes from."""

    OWN = "own"
    OFFICIAL = "official"
    """The statement of an official source, published by that source itself."""
    WIRE = "wire copy"
    RELEASE = "press-release copy"
    COMPILATION = "compilation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """One article's origin, and the articles whose text it contains."""

    article_id: int
    origin: Origin
    taken_from: tuple[int, ...] = ()
    """Ids of earlier articles, largest share first."""
    share: float = 0.0
    """Share of its text that they contain, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """How a story spread."""

    descents: tuple[Descent, ...]
    """In the order of publication."""
    outlets: int
    """Number of different sources, not counting official ones."""
    independent: int
    """Number of publisher families (owner, else source) with a text of their own."""
    first_reported: datetime | None
    joined: tuple[datetime, ...]
    """When each independent family first told the story in its own words, in order."""

    def __str__(self) -> str:
        """As a digest says it: "7 outlets, 2 independent"."""
        noun = "outlet" if self.outlets == 1 else "outlets"
        return f"{self.outlets} {noun}, {self.independent} independent"


def lineage(articles: Sequence[Article], official: Collection[str] = ()) -> Lineage:
    """Where the text of each article of one story comes from.

    `official` names the sources that issue statements (ministries, alliances, makers). An article
    repeats only earlier ones (by `Article.at`, then by id). The order of `articles` does not
    matter.
    """
    told = sorted(articles, key=lambda article: (article.at or _LAST, article.id))
    texts = [frozenset(samples(words(article.text))) for article in told]
    standing: defaultdict[int, list[int]] = defaultdict(list)
    """Sample -> the texts, by their index in `texts`, that contained it so far."""
    found = []
    for at, article in enumerate(told):
        found.append(_descent(article, texts[at], told, texts, standing, official))
        for sample in texts[at]:
            standing[sample].append(at)
    origin = {descent.article_id: descent.origin for descent in found}
    outlets = [article for article in told if article.source not in official]
    own = [article for article in outlets if origin[article.id] is Origin.OWN]
    return Lineage(
        descents=tuple(found),
        outlets=len({article.source for article in outlets}),
        independent=len({article.owner or article.source for article in own}),
        first_reported=min((article.at for article in told if article.at), default=None),
        joined=_joined(own),
    )


def _joined(own: Iterable[Article]) -> tuple[datetime, ...]:
    """The first time of each family; `own` must be in order of publication."""
    first: dict[str, datetime] = {}
    for article in own:
        if article.at is not None:
            first.setdefault(article.owner or article.source, article.at)
    return tuple(first.values())


def _descent(
    article: Article,
    text: frozenset[int],
    told: Sequence[Article],
    texts: Sequence[frozenset[int]],
    standing: Mapping[int, Sequence[int]],
    official: Collection[str],
) -> Descent:
    """Take off the parts in turn, largest first, until none is large enough."""
    if article.source in official:
        return Descent(article_id=article.id, origin=Origin.OFFICIAL)
    least = max(LEAST_SAMPLES, PART * len(text))
    shared = Counter(at for sample in text for at in standing.get(sample, ()))
    givers = {at for at, count in shared.items() if count >= least}
    left, sources = text, []
    while givers:
        best = max(givers, key=lambda at: (len(left & texts[at]), -at))
        if len(left & texts[best]) < least:
            break
        givers.remove(best)
        sources.append(best)
        left -= texts[best]
    share = 1 - len(left) / len(text) if sources else 0.0
    origin = _origin([told[at].source in official for at in sources], share)
    return Descent(
        article_id=article.id,
        origin=origin,
        taken_from=tuple(told[at].id for at in sources),
        share=round(share, 3),
    )


def _origin(are_official: Sequence[bool], share: float) -> Origin:
    """The origin by number and kind of the texts contained; less than `ENOUGH` is only quoting."""
    if share < ENOUGH:
        return Origin.OWN
    if len(are_official) > 1:
        return Origin.COMPILATION
    return Origin.RELEASE if are_official[0] else Origin.WIRE
