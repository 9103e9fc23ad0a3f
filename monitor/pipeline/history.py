"""History: what watchlists find among the articles that are kept, decided as when they came.

The sieve goes over the plain texts of the time; what it lets through is matched by the same matcher
as news is. Nothing is written. A large archive is shared out among worker processes, block by
block: each reads over a connection of its own, so what is changed meanwhile may count as before or
after.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial

from anyio.from_thread import start_blocking_portal
from sqlalchemy import Connection

from monitor import store, workers
from monitor.model import Article, Match, Watchlist
from monitor.store import articles
from monitor.stories.grouper import Grouper
from monitor.watchlists import backtest
from monitor.watchlists.backtest import Backtest, Case
from monitor.watchlists.coverage import Account, Speech, Suggestion, known_words, suggestions
from monitor.watchlists.matcher import Matcher, compile_one
from monitor.watchlists.sieve import Sieve

Progress = Callable[[str, int, int], None]
"""Told (step, done, of how many) as the work goes on."""


def silent(_step: str, _done: int, _total: int) -> None:
    """No progress is shown."""


LONG_AGO = datetime.min.replace(tzinfo=UTC)

_BEFORE = "\x00before"
"""Name of what a watchlist is compared with: no watchlist of the settings can have it."""
GROUPED = 200
"""Matches without a story that are grouped to learn how many stories they make."""
BLOCK = 2_000
"""Articles that are decided together: a fifth of a second's work, and a few MB."""
WORTH_SHARING = 20_000
"""Articles from which on it pays to start workers, which takes each about a second."""
AHEAD = 8
"""Blocks that may be decided or wait before the next in order is taken: twice the workers."""
LONGEST_S = 600.0
"""A block that takes longer is given up: its texts were cleaned before, only the load can be to
blame."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """An article of the past and what it matches."""

    article: Article
    story_id: int | None
    duplicate_of: int | None
    matches: tuple[Match, ...]


def replay(
    connection: Connection,
    watchlists: Sequence[Watchlist],
    start: datetime,
    end: datetime,
    *,
    also: Collection[int] = (),
    tell: Progress = silent,
) -> Iterator[Replayed]:
    """The articles first seen after `start` and up to `end` that match, by their numbers.

    `also`: numbers of articles of that time that are given whether they match or not. Many articles
    are shared out among worker processes; what is found is the same. Raises QueryError, and what
    `Workers` raises.
    """
    _ready(tuple(watchlists))  # a mistake in a query is told here, not by a worker
    numbers = sorted(articles.numbers_between(connection, start, end))
    wanted = sorted(also)
    blocks = [
        _Block(tuple(watchlists), start, end, (ids[0], ids[-1]), _within(wanted, ids[0], ids[-1]))
        for ids in (numbers[at : at + BLOCK] for at in range(0, len(numbers), BLOCK))
    ]
    shared = len(numbers) >= WORTH_SHARING and workers.cores() > 1
    found = _shared(connection, blocks) if shared else (decide(connection, one) for one in blocks)
    for done, some in enumerate(found, 1):
        tell("read", min(done * BLOCK, len(numbers)), len(numbers))
        yield from some


@dataclass(frozen=True, slots=True)
class _Block:
    """What is asked of some neighbouring articles; small, as it goes to a worker."""

    watchlists: tuple[Watchlist, ...]
    start: datetime
    end: datetime
    numbers: tuple[int, int]
    """The first and the last."""
    also: frozenset[int]


def _within(numbers: Sequence[int], first: int, last: int) -> frozenset[int]:
    return frozenset(numbers[bisect_left(numbers, first) : bisect_right(numbers, last)])


@lru_cache(maxsize=1)
def _ready(watchlists: tuple[Watchlist, ...]) -> tuple[Sieve, Matcher]:
    """Made once for all blocks that a process decides."""
    compiled = [compile_one(one) for one in watchlists]
    return Sieve(compiled), Matcher(compiled)


def decide(connection: Connection, block: _Block) -> list[Replayed]:
    """What matches of a block of articles, by their numbers."""
    sieve, matcher = _ready(block.watchlists)
    texts_of = articles.texts_between(
        connection, block.start, block.end, sieve.fields, numbers=block.numbers
    )
    likely = block.also.union(number for number, texts in texts_of if sieve.passes(texts))
    matched = (
        Replayed(past.article, past.story_id, past.duplicate_of, tuple(found))
        for past in articles.past(connection, sorted(likely))
        if (found := matcher.match(past.article)) or past.article.id in block.also
    )
    return list(matched)


def _shared(connection: Connection, blocks: Sequence[_Block]) -> Iterator[list[Replayed]]:
    """What `decide` gives for each block, in their order, decided by worker processes.

    However it ends, also by Ctrl-C, the workers end with it.
    """
    url = connection.engine.url.render_as_string(hide_password=False)
    compute = workers.Workers(limit_s=LONGEST_S)
    waiting: deque[Future[list[Replayed]]] = deque()
    with start_blocking_portal() as portal:
        for block in blocks:
            asked = partial(compute, store.read_beside, url, decide, block)
            waiting.append(portal.start_task_soon(asked))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


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

    `against`: another watchlist, or the name of one whose stored matches count.
    """
    stored: set[int] = set()
    both = [watchlist]
    if isinstance(against, Watchlist):
        both.append(replace(against, name=_BEFORE))
    elif against is not None:
        stored = articles.matched_between(connection, against, start, end)
    replayed = replay(connection, both, start, end, also=stored, tell=tell)
    cases = [_case(one, stored) for one in replayed]
    return backtest.account(
        cases,
        start=start,
        end=end,
        articles=articles.count_between(connection, start, end),
        stories=_stories(connection, [case for case in cases if case.match]),
        compared=against is not None,
    )


def _case(one: Replayed, stored: Collection[int]) -> Case:
    """Without the text: there may be a million of them."""
    match = next((match for match in one.matches if match.watchlist != _BEFORE), None)
    before = one.article.id in stored or any(m.watchlist == _BEFORE for m in one.matches)
    return Case(replace(one.article, text="", embeds=()), match, before, one.story_id)


def _stories(connection: Connection, found: Sequence[Case]) -> float:
    """About how many stories these articles tell.

    Those without a story are grouped as news is; of many, the newest, and the rest by their share.
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
    """Sources that brought SPEAKS articles or more and no match, with how many."""


SPEAKS = 20
"""Articles from which on a source's silence means something."""


def covered(
    connection: Connection,
    watchlists: Sequence[Watchlist],
    start: datetime,
    end: datetime,
    *,
    tell: Progress = silent,
) -> Coverage:
    """What the watchlists matched in that time, term by term and source by source."""
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
    """How many articles match, and terms that go with them and are not in the watchlist.

    Looked at are the newest COMPARED matches, and as many others spread over the time.
    """
    matched = [one.article.id for one in replay(connection, [watchlist], start, end, tell=tell)]
    others = articles.spread(connection, start, end, COMPARED, apart_from=set(matched))
    ours, rest = Speech(), Speech()
    for speech, ids in ((ours, matched[-COMPARED:]), (rest, others)):
        for past in articles.past(connection, ids):
            speech.add(past.article)
    return len(matched), suggestions(ours, rest, known_words(watchlist))


COMPARED = 2_000
"""Articles of each side whose words are counted."""


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
