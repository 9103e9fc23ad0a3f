"""Stories: in figures, and why each article is in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from typing_extensions import TypedDict

from monitor.model import Article, Ruling
from monitor.pipeline.publish import lineage_of, official
from monitor.store.stories import Assigned
from monitor.stories import rank
from monitor.stories.lineage import Descent, Lineage
from monitor.stories.state import state_of


class StoryRow(TypedDict):
    """A story in figures."""

    story: int
    """Its number."""
    state: str
    """new, growing or stale."""
    title: str
    """Title of the article that leads it."""
    articles: int
    outlets: int
    independent: int
    """How many outlets report from their own knowledge."""
    first: datetime
    """When it was first told."""
    last: datetime


StoryRuling = TypedDict("StoryRuling", {"same": bool, "as": int, "at": datetime, "story_was": int})
StoryRuling.__doc__ = (
    "A person's word: the article is, or is not (`same`), of the story of another (`as`)."
)


class Reason(TypedDict):
    """Why an article is in its story."""

    article: int
    title: str
    source: str
    at: datetime | None
    url: str
    origin: str
    """Where its text comes from: own, official, wire copy, press-release copy, compilation."""
    duplicate_of: int | None
    """The article whose text this repeats."""
    score: float
    """How similar it is to what the story had told."""
    terms: list[str]
    """The terms that it shares with the story."""
    nearest: int | None
    """The article it was finally compared with."""
    hours: float | None
    """Hours between the two articles."""
    veto: str
    """What kept it out of another story."""
    why: str
    rulings: list[StoryRuling]


class Story(StoryRow):
    """A story, and why each of its articles is in it; `independent` counts among these."""

    why: list[Reason]
    left_out: int
    """How many later articles `why` does not explain: `monitor stories why` covers all."""


def story_row(story_id: int, members: Sequence[Assigned], now: datetime) -> StoryRow:
    """Return a story as `monitor stories list --json` shows it."""
    return _row(story_id, members, lineage_of(members), now)


def story(
    story_id: int,
    members: Sequence[Assigned],
    ruled: Iterable[Ruling],
    now: datetime,
    later: Sequence[Article] = (),
) -> Story:
    """Return a story as `monitor stories why --json` shows it; `later` is only counted."""
    said: dict[int, list[Ruling]] = {one.article.id: [] for one in members}
    for ruling in ruled:
        said[ruling.article_id].append(ruling)
    spread = lineage_of(members)
    origins = {one.article_id: one for one in spread.descents}
    why = [_reason(one, origins[one.article.id], said[one.article.id]) for one in members]
    return Story(**_row(story_id, members, spread, now, later), why=why, left_out=len(later))


def _row(
    story_id: int,
    members: Sequence[Assigned],
    spread: Lineage,
    now: datetime,
    later: Sequence[Article] = (),
) -> StoryRow:
    all_articles = [*(one.article for one in members), *later]
    told = [one.at for one in all_articles if one.at]
    sources = {one.source for one in all_articles}
    return StoryRow(
        story=story_id,
        state=state_of(told, now).value,
        title=_lead(members).title or "(no title)",
        articles=len(all_articles),
        outlets=len(sources - set(official(all_articles))) if later else spread.outlets,
        independent=spread.independent,
        first=min(told),
        last=max(told),
    )


def _lead(members: Iterable[Assigned]) -> Article:
    copies = {one.article.id: one.duplicate_of for one in members if one.duplicate_of is not None}
    return rank.lead([one.article for one in members], copies)


def kept_apart(why: str, veto: str) -> str:
    """Return what kept an article out of another story, unless the reason given already says so."""
    return "" if veto in why or why.startswith("like story") else veto


def _reason(member: Assigned, origin: Descent, said: Sequence[Ruling]) -> Reason:
    article, decided = member.article, member.why
    return Reason(
        article=article.id,
        title=article.title,
        source=article.source,
        at=article.at,
        url=article.address,
        origin=origin.origin.value,
        duplicate_of=member.duplicate_of,
        score=decided.get("score", 0.0),
        terms=decided.get("terms", []),
        nearest=decided.get("nearest"),
        hours=decided.get("hours"),
        veto=decided.get("veto", ""),
        why=decided.get("why", ""),
        rulings=[
            {"same": one.same, "as": one.other_id, "at": one.at, "story_was": one.story_was}
            for one in said
        ],
    )
