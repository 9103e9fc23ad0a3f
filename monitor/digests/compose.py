"""The contents of an edition: stories under their watchlists, heaviest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from monitor.digests.schedule import AT_ONCE
from monitor.digests.snippets import snippet
from monitor.digests.weight import age, growth, weight
from monitor.digests.words import clip, plain
from monitor.model import (
    Accounting,
    Article,
    Development,
    Digest,
    Edition,
    EditionArticle,
    EditionStory,
    Reported,
    Section,
    Snippet,
    Span,
    Watchlist,
    Window,
)

MOST_WORDS = 6
"""Most matched words kept per watchlist."""
TITLE_LIMIT = 300
SENTENCE_LIMIT = 400
"""Most code points of the sentence that tells a development."""
UPDATES = "Updates"
"""Title of the section for stories that were told before."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """A weighed story, not yet written out: only the stories that are kept need their text."""

    members: Sequence[Reported]
    watchlists: tuple[str, ...]
    """Those that matched, strongest first."""
    weight: float
    first_reported: datetime | None
    independent: int
    update: bool
    development: Development | None


def compose(
    digest: Digest,
    number: int,
    window: Window,
    reported: Sequence[Reported],
    accounting: Accounting,
    watchlists: Mapping[str, Watchlist],
    independent: Mapping[int, int] = MappingProxyType({}),
    developments: Mapping[int, Development] = MappingProxyType({}),
    joined: Mapping[int, Sequence[datetime]] = MappingProxyType({}),
) -> Edition:
    """The edition of a digest over one window, made of the articles that the store offers for it.

    `watchlists` are keyed by name; one that the digest asks for may have left the settings. Keyed
    by story number, `independent` is how many outlets did not copy, where that is known, `joined`
    when each outlet first told the story in its own words, and `developments` what is new in a
    story that was told before.

    The articles of one story make one line. A story appears once, under its strongest watchlist;
    one that was told before appears under "Updates" if something is new in it, and is only counted
    otherwise. Stories that matched no watchlist of the digest are ignored. The order depends on the
    values alone.
    """
    titles = {name: one.title for name, one in watchlists.items()}
    boosts = {name: one.boost for name, one in watchlists.items()}
    stories = _stories(reported)
    told = [members for members in stories if not _repeats(members, developments)]
    weighed = (
        _weigh(members, digest, boosts, window, independent, developments, joined)
        for members in told
    )
    ranked = sorted(weighed, key=_order)
    kept = [_story(one) for one in ranked[: digest.max_stories]]
    return Edition(
        digest=digest.name,
        title=plain(digest.title or digest.name),
        number=number,
        window=window,
        zone=digest.zone,
        sections=_sections(kept, titles),
        cut=len(ranked) - len(kept),
        repeated=sum(map(len, stories)) - sum(map(len, told)),
        accounting=accounting,
        titles={name: plain(titles.get(name) or name) for name in digest.watchlists},
    )


def goes_out(digest: Digest, edition: Edition, last_sent: datetime | None, *, blind: bool) -> bool:
    """Whether an edition is sent at all; for an empty one, the digest's own rule (`empty`) decides.

    An empty edition of a blind window is always sent, since silence would be taken for calm; only a
    digest that is sent at once never goes out without a story.
    """
    if edition.stories or edition.cut:
        return True
    if digest.schedule == AT_ONCE:
        return False
    if blind or digest.empty == "send":
        return True
    weekly = digest.empty == "weekly"
    return weekly and (last_sent is None or edition.window.end - last_sent >= _WEEK)


def lead(members: Sequence[Reported]) -> Reported:
    """The best article of a story: if possible no duplicate, then matched, fullest, earliest."""
    return min(
        members,
        key=lambda member: (
            member.duplicate_of is not None,
            not member.matches,
            -len(member.article.text),
            told_at(member.article),
            member.article.id,
        ),
    )


def _stories(reported: Iterable[Reported]) -> list[list[Reported]]:
    """The articles of each story that at least one watchlist matched."""
    stories = by_story(reported).values()
    return [members for members in stories if any(m.matches for m in members)]


def by_story(reported: Iterable[Reported]) -> dict[int, list[Reported]]:
    """Story -> its articles, both in the order given."""
    stories: dict[int, list[Reported]] = {}
    for one in reported:
        stories.setdefault(one.story_id, []).append(one)
    return stories


def _repeats(members: Sequence[Reported], developments: Mapping[int, Development]) -> bool:
    """Whether a story was told before and nothing in it is new."""
    before = any(member.reported_before for member in members)
    return before and members[0].story_id not in developments


def _scores(
    members: Sequence[Reported], digest: Digest, boosts: Mapping[str, float]
) -> dict[str, float]:
    """Watchlist -> its best boosted score in the story, strongest first."""
    scores: dict[str, float] = {}
    for match in (match for member in members for match in member.matches):
        score = match.score * boosts.get(match.watchlist, 1.0)
        scores[match.watchlist] = max(score, scores.get(match.watchlist, score))
    place = {name: number for number, name in enumerate(digest.watchlists)}
    order = sorted(scores, key=lambda name: (-scores[name], place.get(name, len(place)), name))
    return {name: scores[name] for name in order}


def _weigh(
    members: Sequence[Reported],
    digest: Digest,
    boosts: Mapping[str, float],
    window: Window,
    independent: Mapping[int, int],
    developments: Mapping[int, Development],
    joined: Mapping[int, Sequence[datetime]],
) -> _Weighed:
    scores = _scores(members, digest, boosts)
    told = [member.article.at for member in members if member.article.at]
    owners = {m.article.owner or m.article.source for m in members if m.duplicate_of is None}
    own = independent.get(members[0].story_id, len(owners))
    grown = growth(joined.get(members[0].story_id, ()), window)
    heavy = weight(max(scores.values()), len(scores), own, grown, age(told, window))
    return _Weighed(
        members=members,
        watchlists=tuple(scores),
        weight=round(heavy, 4),
        first_reported=min(told, default=None),
        independent=own,
        update=any(member.reported_before for member in members),
        development=developments.get(members[0].story_id),
    )


def _story(weighed: _Weighed) -> EditionStory:
    new = weighed.development
    first = next(
        (member for member in weighed.members if new and member.article.id == new.article_id),
        lead(weighed.members),
    )
    rest = sorted(
        (member for member in weighed.members if member is not first),
        key=lambda m: (m.duplicate_of is not None, told_at(m.article), m.article.id),
    )
    return EditionStory(
        id=first.story_id,
        lead=replace(
            _article(first),
            snippet=_sentence(new) if new else snippet(first.article, _spans(first)),
        ),
        others=tuple(_article(member) for member in rest),
        score=weighed.weight,
        reasons={name: _words(first, rest, name) for name in weighed.watchlists},
        first_reported=weighed.first_reported,
        outlets=len({member.article.source for member in weighed.members}),
        independent=weighed.independent,
        update=weighed.update,
        development=new,
    )


def _sentence(new: Development) -> Snippet:
    """The new sentence, with what is new in it marked."""
    text = clip(plain(new.sentence), SENTENCE_LIMIT)
    marks: list[tuple[int, int]] = []
    for word in map(plain, new.new):  # they occur in the sentence in this order
        start = text.find(word, marks[-1][1] if marks else 0)
        if start >= 0:
            marks.append((start, start + len(word)))
    return Snippet(text, tuple(marks))


def _article(member: Reported) -> EditionArticle:
    article = member.article
    return EditionArticle(
        id=article.id,
        url=article.address,
        title=clip(plain(article.title), TITLE_LIMIT),
        source=plain(article.source),
        at=article.at,
        duplicate=member.duplicate_of is not None,
        language=article.language,
        also=tuple(plain(name) for name in member.also),
    )


def _spans(member: Reported) -> list[Span]:
    return [s for match in member.matches for s in match.spans if _tells(s.text)]


def _tells(word: str) -> bool:
    """Whether a word is meaningful by itself: "of" is not, "EU", "F-16" and "海軍" are."""
    return len(word) > 2 or not word.islower()


def _words(first: Reported, rest: Sequence[Reported], watchlist: str) -> tuple[str, ...]:
    """The matched words as written: those in titles first, then the most frequent."""
    spans = [
        span
        for member in (first, *rest)
        for match in member.matches
        if match.watchlist == watchlist
        for span in match.spans
        if _tells(span.text)
    ]
    shown: dict[str, str] = {}
    for span in spans:
        shown.setdefault(span.text.casefold(), plain(span.text))
    count = Counter(span.text.casefold() for span in spans)
    titled = {span.text.casefold() for span in spans if span.field == "title"}
    order = sorted(shown, key=lambda word: (word not in titled, -count[word]))
    return tuple(shown[word] for word in order[:MOST_WORDS])


def told_at(article: Article) -> float:
    """Sort key for when an article was told; one without any date comes last."""
    return article.at.timestamp() if article.at else float("inf")


def _order(weighed: _Weighed) -> tuple[bool, float, float, int]:
    """New stories before updates, heavy before light, then the earliest told, then the id."""
    told = weighed.first_reported
    moment = told.timestamp() if told else float("inf")
    return weighed.update, -weighed.weight, moment, weighed.members[0].story_id


def _sections(ranked: Sequence[EditionStory], titles: Mapping[str, str]) -> tuple[Section, ...]:
    """Stories under their strongest watchlists; updates come last, in their own section.

    The watchlist of the heaviest story comes first.
    """
    sections: dict[str, list[EditionStory]] = {}
    for story in ranked:
        strongest = "" if story.update else next(iter(story.reasons))
        sections.setdefault(strongest, []).append(story)
    return tuple(
        Section(
            watchlist=name,
            title=plain(titles.get(name) or name) if name else UPDATES,
            stories=tuple(stories),
        )
        for name, stories in sections.items()
    )
