"""The archive: which of the articles that are kept some watchlists match, decided as news is.

The sieve goes over the plain texts of the time; what it lets through is matched by the same matcher
as news is. Nothing is written. A large archive is shared out among worker processes, block by
block: each reads over a connection of its own, so what is changed meanwhile may count as before or
after. Workers import this module, so it imports little.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

from anyio.from_thread import start_blocking_portal
from sqlalchemy import Connection

from monitor import store, workers
from monitor.model import Article, Match, Watchlist
from monitor.store import articles
from monitor.watchlists.matcher import Matcher, compile_one
from monitor.watchlists.sieve import Sieve

Progress = Callable[[str, int, int], None]
"""Told (step, done, of how many) as the work goes on."""


def silent(_step: str, _done: int, _total: int) -> None:
    """No progress is shown."""


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
    baseline: bool
    """Whether its feed had it when it was first asked."""
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
        Replayed(past.article, past.story_id, past.duplicate_of, past.baseline, tuple(found))
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
