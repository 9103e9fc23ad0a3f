"""The archive: which kept articles some watchlists match, decided in the same way as for news.

The sieve goes over the plain texts of the time; what passes it is matched by the same matcher as
news. Nothing is written. A large archive is divided among worker processes, block by block: each
reads over its own connection, so concurrent changes may or may not be seen. Workers import this
module, so it imports little.
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
"""Called with (step, done, total) as the work proceeds."""


def silent(_step: str, _done: int, _total: int) -> None:
    """Show no progress."""


BLOCK = 2_000
"""Articles decided together: a fifth of a second's work, and a few MB."""
WORTH_SHARING = 20_000
"""From this many articles on, workers pay off; each takes about a second to start."""
AHEAD = 8
"""Blocks that may be in progress or waiting before the next in order is taken: twice the workers.
"""
LONGEST_S = 600.0
"""Seconds after which a block is given up: its texts have been cleaned already, so only load can be
to blame.
"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A stored article and what it matches."""

    article: Article
    story_id: int | None
    duplicate_of: int | None
    baseline: bool
    """Whether the feed already had it when it was first polled."""
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
    """Yield the matching articles first seen after `start` and up to `end`, by number.

    `also`: numbers of articles from that time that are included whether they match or not. Many
    articles are divided among worker processes, with the same result. Raises QueryError, and what
    `Workers` raises.
    """
    _ready(tuple(watchlists))  # report a mistake in a query here, not from a worker
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
    """What is asked about a run of articles; kept small, as it is sent to a worker."""

    watchlists: tuple[Watchlist, ...]
    start: datetime
    end: datetime
    numbers: tuple[int, int]
    """The first and the last number."""
    also: frozenset[int]


def _within(numbers: Sequence[int], first: int, last: int) -> frozenset[int]:
    return frozenset(numbers[bisect_left(numbers, first) : bisect_right(numbers, last)])


@lru_cache(maxsize=1)
def _ready(watchlists: tuple[Watchlist, ...]) -> tuple[Sieve, Matcher]:
    """Build sieve and matcher once for all blocks that a process decides."""
    compiled = [compile_one(one) for one in watchlists]
    return Sieve(compiled), Matcher(compiled)


def decide(connection: Connection, block: _Block) -> list[Replayed]:
    """The matching articles of a block, by number."""
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
    """Yield the result of `decide` for each block, in order, computed by worker processes.

    The workers end with it, however it ends, even by Ctrl-C.
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
