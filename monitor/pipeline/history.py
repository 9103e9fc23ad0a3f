"""History: what watchlists find among the kept articles, and what can be concluded from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from monitor.model import Watchlist
from monitor.pipeline.archive import Progress, Replayed, replay, silent
from monitor.store import articles, sightings
from monitor.stories.grouper import Grouper
from monitor.watchlists import backtest
from monitor.watchlists.backtest import Backtest, Case
from monitor.watchlists.coverage import Account, Speech, Suggestion, known_words, suggestions

LONG_AGO = datetime.min.replace(tzinfo=UTC)

_BEFORE = "\x00before"
"""Name of the watchlist compared with; no watchlist in the settings can have it."""
GROUPED = 200
"""How many matches without a story are grouped to estimate how many stories they make."""


def backtested(
    connection: Connection,
    watchlist: Watchlist,
    start: datetime,
    end: datetime,
    *,
    against: Watchlist | str | None = None,
    tell: Progress = silent,
) -> Backtest:
    """What a watchlist would have found, and what it gains and loses.

    `against`: another watchlist, or the name of one whose stored matches are compared.
    """
    stored: set[int] = set()
    both = [watchlist]
    if isinstance(against, Watchlist):
        both.append(replace(against, name=_BEFORE))
    elif against is not None:
        stored = articles.matched_between(connection, against, start, end)
    replayed = replay(connection, both, start, end, also=stored, tell=tell)
    cases = [_case(one, stored) for one in replayed]
    begun = sightings.oldest(connection)
    return backtest.account(
        cases,
        start=max(start, begun) if begun else start,
        end=end,
        articles=articles.count_between(connection, start, end),
        stories=_stories(connection, [one for one in cases if one.match and not one.baseline]),
        compared=against is not None,
    )


def _case(one: Replayed, stored: Collection[int]) -> Case:
    """Make a case, without the text: there may be a million of them."""
    match = next((match for match in one.matches if match.watchlist != _BEFORE), None)
    before = one.article.id in stored or any(m.watchlist == _BEFORE for m in one.matches)
    bare = replace(one.article, text="", embeds=())
    return Case(bare, match, before, story_id=one.story_id, baseline=one.baseline)


def _stories(connection: Connection, found: Sequence[Case]) -> float:
    """Estimate how many stories these articles tell.

    Articles without a story are grouped as news would be; if there are many, only the newest, and
    the rest is extrapolated.
    """
    known = {case.story_id for case in found if case.story_id is not None}
    apart = [case.article.id for case in found if case.story_id is None]
    if not apart:
        return len(known)
    tried = [past.article for past in articles.past(connection, apart[-GROUPED:])]
    grouper, opened = Grouper(), 0
    for article in sorted(tried, key=lambda one: one.first_seen or LONG_AGO):
        assignment = grouper.assign(article, article.first_seen or LONG_AGO)
        opened += assignment.story_id is None
        story = assignment.story_id if assignment.story_id is not None else article.id
        grouper.restore(article, story, assignment.duplicate_of)
    return len(known) + opened * len(apart) / len(tried)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How well some watchlists cover what is kept."""

    articles: int
    accounts: tuple[Account, ...]
    sources: tuple[tuple[str, int], ...]
    """(source, articles) of sources that brought SPEAKS articles or more and no match."""


SPEAKS = 20
"""From this many articles on, a source without matches is significant."""


def covered(
    connection: Connection,
    watchlists: Sequence[Watchlist],
    start: datetime,
    end: datetime,
    *,
    tell: Progress = silent,
) -> Coverage:
    """What the watchlists matched in that time, by term and by source."""
    accounts = {one.name: Account(one) for one in watchlists}
    heard: set[str] = set()
    for one in replay(connection, watchlists, start, end, tell=tell):
        heard.add(one.article.source)
        for match in one.matches:
            accounts[match.watchlist].add(one.article)
    brought = articles.sources_between(connection, start, end)
    silence = [(name, n) for name, n in brought if n >= SPEAKS and name not in heard]
    total = sum(number for _, number in brought)
    return Coverage(total, tuple(accounts.values()), tuple(silence))


def suggested(
    connection: Connection,
    watchlist: Watchlist,
    start: datetime,
    end: datetime,
    *,
    tell: Progress = silent,
) -> tuple[int, list[Suggestion]]:
    """How many articles match, and terms that occur with them but are not in the watchlist.

    The newest COMPARED matches are examined, and as many others spread over the time.
    """
    matched = [one.article.id for one in replay(connection, [watchlist], start, end, tell=tell)]
    others = articles.spread(connection, start, end, COMPARED, apart_from=set(matched))
    ours, rest = Speech(), Speech()
    for speech, ids in ((ours, matched[-COMPARED:]), (rest, others)):
        for past in articles.past(connection, ids):
            speech.add(past.article)
    return len(matched), suggestions(ours, rest, known_words(watchlist))


COMPARED = 2_000
"""How many articles of each side are examined."""


def evidence(
    connection: Connection,
    watchlists: Sequence[Watchlist],
    start: datetime,
    end: datetime,
    *,
    tell: Progress = silent,
) -> tuple[int, Counter[tuple[str, int]]]:
    """How many articles there were, and how many each query (watchlist, index) matched."""
    queries = [
        replace(one, name=f"{number} {index}", queries=(text,))
        for number, one in enumerate(watchlists)
        for index, text in enumerate(one.queries)
    ]
    counted: Counter[tuple[str, int]] = Counter()
    for one in replay(connection, queries, start, end, tell=tell):
        for match in one.matches:
            number, index = map(int, match.watchlist.split())
            counted[watchlists[number].name, index] += 1
    return articles.count_between(connection, start, end), counted
