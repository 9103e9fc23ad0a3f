"""Ingest: turn an entry into an article with clean text, and match it.

The page is fetched when the feed gives only a summary and the settings ask for pages. If the page
cannot be fetched soon, the article is made from the feed's text at once, so that no match waits for
a slow host or in the queue for a polite one, and the page is tried again later: after a failure
twice more; a page that is refused is left alone (P47, P85).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.articles import clean, fingerprint, furniture, merge, urls, wordpress
from monitor.errors import ComputeFailedError, MonitorError, TryLaterError, UnavailableError
from monitor.failpoints import hit, reach
from monitor.feeds.waits import retry_after
from monitor.feeds.wavering import words
from monitor.fetch.hosts import Hold
from monitor.model import (
    Article,
    Cleaned,
    Entry,
    FailureKind,
    Fate,
    FetchFailed,
    Match,
    Response,
)
from monitor.pipeline.parts import Parts, all_ended
from monitor.store import articles, entries, reissues
from monitor.store import furniture as lines
from monitor.store.entries import Job, Settled
from monitor.stories import copies

log = logging.getLogger("monitor.ingest")

RETRIES = (timedelta(minutes=30), timedelta(hours=2))
"""Waits after a page's first and second failure; after the third it is given up (P47)."""
PATIENCE_S = 120.0
"""Seconds that a batch of entries waits for its pages."""
FINAL = frozenset((400, 401, 402, 403, 404, 405, 406, 410, 451))
"""Statuses of a page that another request will not change."""
PAGE_TYPES = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")


@dataclass(frozen=True, slots=True)
class Ingested:
    """An entry's fate, and the article it became."""

    entry_id: int
    fate: Fate
    article_id: int | None = None
    watchlists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Page:
    """The result of asking for a page: its clean text, or why there is none."""

    cleaned: Cleaned | None = None
    why: str = ""
    again: bool = False
    """Whether to ask again later."""
    tried: bool = True
    """False if its turn did not come, which is no failure of the page."""
    not_before: datetime | None = None
    """Its server wants to be left alone until then."""


_PUT_OFF = _Page(why="page: put off, its host's turn did not come", again=True, tried=False)


async def due(parts: Parts, now: datetime) -> list[int]:
    """The entries that wait to be read."""
    return await parts.store.read(entries.due, now)


async def run(
    parts: Parts, keys: Sequence[int], now: datetime, patience_s: float = PATIENCE_S
) -> list[Ingested]:
    """Read entries and return those that ended with a fate, as `each` does."""
    ended = await each(parts, keys, now, patience_s)
    if waiting := [one for one in ended if isinstance(one, MonitorError)]:
        log.warning("%d entries wait: %s", len(waiting), waiting[0])
    return [one for one in ended if isinstance(one, Ingested)]


async def each(
    parts: Parts, keys: Sequence[int], now: datetime, patience_s: float = PATIENCE_S
) -> list[Ingested | MonitorError]:
    """Read entries and return those that ended with a fate; an error for each that must wait.

    An entry stays due as before if the store could not write, or if its claim ended meanwhile.
    """
    jobs = await parts.store.write(entries.claim, keys, now, parts.lease(now))
    until = parts.clock.monotonic() + patience_s
    try:
        known = await parts.store.read(known_of, jobs)
    except (TryLaterError, UnavailableError) as error:
        # The store is unavailable but the entries are sound: they are due again when the claim
        # ends.
        return [error] * len(jobs)
    together = _by_address(jobs, known)
    ended = await all_ended(_ingest_each(parts, some, known, until) for some in together)
    return [one for some in ended for one in some]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows about the entries of a batch before they are read."""

    asked: Mapping[int, str]
    """Entry -> the canonical URL of its link, the identity of its article."""
    held: Mapping[str, int]
    """Canonical URL -> the article that has it."""
    furniture: Mapping[str, frozenset[int]]
    """Host -> hashes of the lines learned to be its furniture."""

    def furniture_of(self, job: Job) -> frozenset[int]:
        return self.furniture.get(urls.host(job.entry.link), frozenset())


def known_of(connection: Connection, jobs: Sequence[Job]) -> _Known:
    """Read from the store what is known about the entries of a batch."""
    hosts = {host for job in jobs if (host := urls.host(job.entry.link))}
    counted = lines.counted(connection, sorted(hosts))
    learned = {
        host: frozenset(line.hash for line in furniture.learn(some.lines, some.pages))
        for host, some in counted.items()
    }
    asked = {job.id: _identity(job) for job in jobs}
    return _Known(asked, articles.by_url(connection, list(asked.values())), learned)


def _by_address(jobs: Sequence[Job], known: _Known) -> Sequence[Sequence[Job]]:
    """Group the entries by address, putting news before entries of a feed's first poll.

    Several feeds of a publisher may tell the same story at the same time. What is news in one of
    them must not be taken for the archive of another; what is withheld in one is also in others.
    """
    same: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        same[known.asked[job.id]].append(job)
    return [sorted(some, key=_news_first) for some in same.values()]


def _news_first(job: Job) -> tuple[bool, bool, int]:
    return job.baseline, job.reissue_id is None, job.id


async def _ingest_each(
    parts: Parts, jobs: Sequence[Job], known: _Known, until: float
) -> list[Ingested | MonitorError]:
    """Ingest entries with one address one after another, so its page is fetched once (P47).

    For an entry that waits for the store, the error is returned in its place.
    """
    done: list[Ingested | MonitorError] = []
    for job in jobs:
        if ingested := await _ingest(parts, job, known, until):
            done.append(ingested)
            if isinstance(ingested, Ingested) and ingested.article_id is not None:
                held = {known.asked[job.id]: ingested.article_id, **known.held}
                known = replace(known, held=held)
    return done


async def _ingest(
    parts: Parts, job: Job, known: _Known, until: float
) -> Ingested | MonitorError | None:
    try:
        ingested = await _journey(parts, job, known, until)
        if ingested is None:
            log.info("entry %d: its claim has expired; what was read is discarded", job.id)
        return ingested
    except (TryLaterError, UnavailableError) as error:
        log.debug("entry %d waits: %s", job.id, error)
        return error
    except Exception as error:
        log.exception("entry %d failed inside monitor", job.id)
        why = f"internal error: {type(error).__name__}: {error}"
        return await _settle(parts, job, Fate.UNREADABLE, why, job.article_id)


async def _settle(
    parts: Parts,
    job: Job,
    fate: Fate,
    why: str = "",
    article_id: int | None = None,
    attempts: int = 0,
    due: datetime | None = None,
) -> Ingested | None:
    """End an entry without changing any article; `due`: when it is looked at again."""
    settled = Settled(job.id, fate, why, article_id, attempts, due, job.content_hash)
    end = _End(job, settled, parts.clock.now())
    ours = await parts.store.write_to(_settle_each, end)
    return Ingested(job.id, fate, article_id) if ours else None


@dataclass(frozen=True, slots=True)
class _End:
    """How an entry ended, and when."""

    job: Job
    settled: Settled
    at: datetime

    @property
    def news(self) -> articles.Brought | None:
        """What this entry brings as news, if it is a duplicate and in no archive of its feed."""
        job, number = self.job, self.settled.article_id
        archived = job.baseline or job.reissue_id is not None
        again = job.fate is not Fate.NEW or self.settled.fate is not Fate.DUPLICATE
        if archived or again or number is None:
            return None
        return articles.Brought(number, job.id, job.feed.id, self.at)


def _settle_each(connection: Connection, ends: Sequence[_End]) -> list[bool]:
    """Write the ends of entries; return whether each was still ours to settle."""
    ours = entries.held(connection, [end.job for end in ends])
    _settle_ours(connection, [end for end in ends if end.job.id in ours])
    return [end.job.id in ours for end in ends]


def _settle_ours(connection: Connection, ends: Sequence[_End]) -> None:
    """Write the ends of entries. What one feed had in its archive is news if another brings it."""
    entries.settle(connection, [end.settled for end in ends])
    articles.are_news(connection, [news for end in ends if (news := end.news)])


async def _journey(parts: Parts, job: Job, known: _Known, until: float) -> Ingested | None:
    if job.fate is Fate.DUPLICATE and job.article_id is not None:
        return await _duplicate(parts, job, job.article_id)
    if job.fate in (Fate.ARTICLE, Fate.DUPLICATE) and job.article_id is None:
        return await _settle(parts, job, job.fate, "its article was forgotten: old news")
    held = known.held.get(known.asked[job.id])
    apart = await _is_apart(parts, job, held)
    if job.article_id is None and held is not None and not apart:
        return await _duplicate(parts, job, held)
    from_feed = await _from_feed(parts, job)
    # A page that several entries share says nothing of one: it is read for the first of them only.
    page = _Page() if apart else await _page(parts, job, from_feed, until, known.furniture_of(job))
    cleaned = merge.merge(job.entry, from_feed, page.cleaned)
    if page.why:
        cleaned = await _read_before(parts, job, cleaned)
        cleaned = replace(cleaned, problems=(*cleaned.problems, page.why))
    now = parts.clock.now()
    retry = _retry(job, page, now)
    attempts = job.attempts + (retry is not None and page.tried)
    if not (cleaned.title or cleaned.text):
        why = page.why or "neither the feed nor the page gave any text"
        return await _settle(parts, job, Fate.UNREADABLE, why, job.article_id, attempts, retry)
    article, found = _match(parts, job, cleaned, from_feed)
    asked = known.asked[job.id]
    if apart:
        asked = _own_identity(job)
        article = replace(article, url=asked)
    made = _Made(job, asked, article, found, attempts, retry, now, cleaned.furniture)
    if job.entry.shares_page and not apart:
        made = replace(made, alone=_alone(parts, job, from_feed, now))
    ingested = await parts.store.write_to(_keep, made)
    await reach("match.after_commit")
    return ingested


def _match(
    parts: Parts, job: Job, cleaned: Cleaned, from_feed: Cleaned
) -> tuple[Article, list[Match]]:
    """The article and its matches; no match in the feed's own text is lost to the page's text.

    If the page says less than its summary promised, the summary is put before the text.
    """
    article = _article(job, cleaned)
    found = parts.matcher().match(article)
    if cleaned.text == from_feed.text or not from_feed.text:
        return article, found
    seen = {match.watchlist for match in found}
    promised = parts.matcher().match(_article(job, from_feed))
    if all(match.watchlist in seen for match in promised):
        return article, found
    article = replace(article, text=f"{from_feed.text}\n\n{article.text}")
    return article, parts.matcher().match(article)


async def _is_apart(parts: Parts, job: Job, held: int | None) -> bool:
    """Whether an entry needs an article of its own: that of another has the page they share."""
    if not job.entry.shares_page or held is None or held == job.article_id:
        return False
    return job.article_id is not None or not await parts.store.read(
        _told_by_another_feed, job, held
    )


def _alone(parts: Parts, job: Job, from_feed: Cleaned, now: datetime) -> _Made | None:
    """What an entry is made into if another entry turns out to have the page that they share."""
    cleaned = merge.merge(job.entry, from_feed, None)
    if not (cleaned.title or cleaned.text):
        return None
    article, found = _match(parts, job, cleaned, from_feed)
    asked = _own_identity(job)
    return _Made(job, asked, replace(article, url=asked), found, job.attempts, None, now, ())


def _told_by_another_feed(connection: Connection, job: Job, held: int) -> bool:
    """Whether another feed's entry became this article and is the same report by its words.

    The words of the feeds are compared, as a page that many entries share contains them all.
    Entries of one feed are never compared: its document has stated them as different.
    """
    holder = entries.of_article(connection, held)
    if holder is None or holder[0] == job.feed.id:
        return False
    return copies.same_words(_stated(job.entry), _stated(holder[1]))


def _stated(entry: Entry) -> str:
    return " ".join((entry.title, *words(entry)))


async def _duplicate(parts: Parts, job: Job, held: int) -> Ingested | None:
    why = f"article {held} has the same address"
    return await _settle(parts, job, Fate.DUPLICATE, why, held)


async def _read_before(parts: Parts, job: Job, cleaned: Cleaned) -> Cleaned:
    """Reuse the text of an earlier reading of the page if it could not be fetched this time.

    Otherwise a server's temporary failure would remove a full text and the matches found in it.
    """
    if job.article_id is None:
        return cleaned
    held = await parts.store.read(articles.get, job.article_id)
    if held is None or not _is_of_page(held):
        return cleaned
    return replace(cleaned, text=held.text, embeds=held.embeds, method=held.method)


def _is_of_page(article: Article) -> bool:
    """Whether an article's text is that of its page, not the feed's."""
    return article.method.startswith("page")


def _identity(job: Job) -> str:
    """The identity of an entry's article: its canonical link, or one made of its key."""
    return urls.canonical(job.entry.link) if job.entry.link else _own_identity(job)


def _own_identity(job: Job) -> str:
    """The identity of an article that has no page to itself.

    Where several entries share a page it is made of what all feeds of a publisher state alike.
    """
    entry = job.entry
    if not entry.shares_page:
        return f"urn:monitor:feed-{job.feed.id}:{_digest(entry.key)}"
    return f"urn:monitor:shared:{_digest(urls.canonical(entry.link), entry.key, entry.title)}"


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\x1f".join(texts).encode(), digest_size=12).hexdigest()


async def _from_feed(parts: Parts, job: Job) -> Cleaned:
    """Clean the feed's text, in full: learned furniture is only removed from pages."""
    try:
        return await parts.compute(clean.clean_entry, job.entry, site_language=job.feed.lang)
    except ComputeFailedError as error:
        return Cleaned(title=job.entry.title, problems=(f"the feed's text: {error}",))


async def _page(
    parts: Parts, job: Job, from_feed: Cleaned, until: float, learned: frozenset[int]
) -> _Page:
    """Fetch and clean the page behind the entry, if it is wanted."""
    if not _wanted(parts, job, from_feed):
        return _Page()
    with Hold() as hold:
        got = await _had(parts, job.entry.link, until, hold)
        page = got if isinstance(got, _Page) else await _read(parts, job, got, learned)
    if page.cleaned and wordpress.doubted(page.cleaned):
        return await _with_post(parts, page.cleaned, until, learned)
    return page


async def _with_post(parts: Parts, page: Cleaned, until: float, learned: frozenset[int]) -> _Page:
    """A page that gave hardly any text, with the text of its post if WordPress provides it.

    If the post could not be fetched soon, both are requested again, as after a page's failure.
    """
    with Hold() as hold:
        got = await _had(parts, page.post, until, hold)
        if isinstance(got, _Page):
            return replace(got, cleaned=page) if got.again else _Page(page)
        if urls.host(got.url) != urls.host(page.post):
            return _Page(page)
        try:
            read = wordpress.read_post
            return _Page(await parts.compute(read, got.body, page, furniture=learned))
        except ComputeFailedError:
            return _Page(page)


async def _had(parts: Parts, url: str, until: float, hold: Hold) -> Response | _Page:
    """Ask for a page until its turn may come no more (monotonic seconds).

    Returns the response; or why there is none, whether to ask again, and when at the earliest.
    """
    try:
        async with asyncio.timeout(max(0.0, until - parts.clock.monotonic())):
            answer = await parts.fetch.article(url, hold)
    except TimeoutError:
        return _PUT_OFF
    if isinstance(answer, FetchFailed):
        final = answer.forbidden or answer.kind in (FailureKind.REFUSED, FailureKind.TOO_LARGE)
        return _Page(
            why=f"page: {answer.why}",
            again=not final,
            tried=answer.kind is not FailureKind.PAUSED,
            not_before=answer.retry_at,
        )
    if not answer.whole:
        now = parts.clock.now()
        asked = min(retry_after(answer, now) or timedelta(), parts.pace.longest_wait)
        again = answer.status not in FINAL
        return _Page(why=f"page: HTTP {answer.status}", again=again, not_before=now + asked)
    return answer


def _wanted(parts: Parts, job: Job, from_feed: Cleaned) -> bool:
    policy = job.feed.articles or parts.articles
    if policy == "off" or not job.entry.link.startswith(("http://", "https://")):
        return False
    if merge.gives_full_text(job.entry, from_feed):
        return False
    return policy == "all" or bool(parts.matcher().match(_article(job, from_feed)))


async def _read(parts: Parts, job: Job, answer: Response, learned: frozenset[int]) -> _Page:
    content_type = answer.header_text("content-type")
    if content_type and not content_type.lower().startswith(PAGE_TYPES):
        return _Page(why=f"page: it is {content_type.split(';')[0]}, not a page")
    try:
        cleaned = await parts.compute(
            clean.clean_page,
            answer.body,
            answer.url,
            content_type=content_type,
            title=job.entry.title,
            override=parts.sites.get(urls.host(answer.url)),
            furniture=learned,
        )
    except ComputeFailedError as error:
        return _Page(why=f"page: {error}")
    return _Page(cleaned)


def _retry(job: Job, page: _Page, now: datetime) -> datetime | None:
    """When to ask for the page again: not before its server allows it (P28). None for never."""
    if not page.again or (page.tried and job.attempts >= len(RETRIES)):
        return None
    return max(now + RETRIES[min(job.attempts, len(RETRIES) - 1)], page.not_before or now)


def _article(job: Job, cleaned: Cleaned) -> Article:
    return Article(
        url=cleaned.canonical_url or _identity(job),
        link=urls.readable(job.entry.link),
        title=cleaned.title or job.entry.title,
        text=cleaned.text,
        authors=cleaned.authors,
        published=cleaned.published,
        modified=cleaned.modified,
        first_seen=job.first_seen,
        section=cleaned.section,
        source=_source(job, cleaned),
        owner=job.feed.owner,
        language=cleaned.language or job.entry.language or job.feed.lang,
        tags=tuple(dict.fromkeys((*job.feed.tags, *job.entry.categories))),
        embeds=cleaned.embeds,
        method=cleaned.method,
        problems=cleaned.problems,
        text_hash=fingerprint.text_hash(cleaned.text) if cleaned.text else "",
    )


def _source(job: Job, cleaned: Cleaned) -> str:
    """The publisher: as named in the settings, else by the feed or the page, else the host."""
    named = job.feed.source or job.feed.name or job.feed_title or cleaned.site
    return named or urls.host(job.feed.url) or job.feed.url


@dataclass(frozen=True, slots=True)
class _Made:
    """What was made of an entry."""

    job: Job
    asked: str
    """The canonical URL of its link."""
    article: Article
    found: Sequence[Match]
    attempts: int
    retry: datetime | None
    at: datetime
    furniture: tuple[str, ...]
    """Lines left out of its text."""
    alone: _Made | None = None
    """The same without the page, if its entry shares that with others."""


def _keep(connection: Connection, made: Sequence[_Made]) -> list[Ingested | None]:
    """Write articles, their matches and lines, and the entries' fates in one transaction.

    None: the claim on the entry has ended, and nothing is written for it. Otherwise an entry that
    another process has read meanwhile would be found to be a duplicate of itself.
    """
    ours = entries.held(connection, [one.job for one in made])
    ends = iter(_keep_ours(connection, [one for one in made if one.job.id in ours]))
    return [next(ends) if one.job.id in ours else None for one in made]


def _keep_ours(connection: Connection, made: Sequence[_Made]) -> list[Ingested]:
    new = [one for one in made if one.job.article_id is None]
    numbers = _insert(connection, new)
    for moving in (_misnamed, _overtaken):
        moved = {one.job.id: one for one in moving(connection, new, numbers)}
        if moved:
            numbers |= _insert(connection, list(moved.values()))
            made, new = ([moved.get(one.job.id, one) for one in some] for some in (made, new))
    pages = (one for one in new if _is_of_page(one.article) and numbers[one.job.id] is not None)
    texts = map(_text, pages)
    lines.count(connection, [text for text in texts if text.host and text.lines])
    changed = [
        articles.Changed(one.job.article_id, one.article, one.found, one.at)
        for one in made
        if one.job.article_id is not None
    ]
    articles.update_texts(connection, changed)
    numbers |= {one.job.id: one.job.article_id for one in made if one.job.article_id is not None}
    missed = [one.article.url for one in new if numbers[one.job.id] is None]
    held = articles.by_url(connection, missed)
    settled = [_settled(one, numbers[one.job.id], held.get(one.article.url)) for one in made]
    ends = [_End(one.job, end, one.at) for one, end in zip(made, settled, strict=True)]
    _settle_ours(connection, ends)
    articles.remember(connection, _elsewhere(made, settled))
    hit("match.before_commit")
    return [_ingested(one, end) for one, end in zip(made, settled, strict=True)]


def _insert(connection: Connection, new: Sequence[_Made]) -> dict[int, int | None]:
    """Add articles; return their numbers by entry, None where the address is taken."""
    told = reissues.told(connection, {number for one in new if (number := one.job.reissue_id)})
    added = articles.insert(connection, [_new(one, told) for one in new])
    return {one.job.id: number for one, number in zip(new, added, strict=True)}


def _misnamed(
    connection: Connection, new: Sequence[_Made], numbers: Mapping[int, int | None]
) -> list[_Made]:
    """Articles whose pages call the address of a different article their own, at their link's.

    Some sites state one canonical address for all their pages. If it were believed, all but the
    first article would be lost as its duplicates.
    """
    taken = [one for one in new if numbers[one.job.id] is None and one.article.url != one.asked]
    held = articles.by_url(connection, [one.article.url for one in taken])
    apart = []
    for one in taken:
        mine, number = one.article, held.get(one.article.url)
        other = articles.get(connection, number) if number is not None else None
        if other and not copies.same_report(mine.title, mine.text, other.title, other.text):
            apart.append(replace(one, article=replace(mine, url=one.asked)))
    return apart


def _overtaken(
    connection: Connection, new: Sequence[_Made], numbers: Mapping[int, int | None]
) -> list[_Made]:
    """Articles of shared pages that another entry has got meanwhile, in their feeds' own words."""
    taken = [one for one in new if numbers[one.job.id] is None and one.alone]
    held = articles.by_url(connection, [one.article.url for one in taken])
    return [
        one.alone
        for one in taken
        if one.alone
        and (number := held.get(one.article.url)) is not None
        and not _told_by_another_feed(connection, one.job, number)
    ]


def _new(made: _Made, told: Collection[int]) -> articles.New:
    """The article to be added; `told`: the re-issues that are no longer withheld."""
    job = made.job
    reissue_id = None if job.reissue_id in told else job.reissue_id
    return articles.New(made.article, made.found, job.baseline, made.at, reissue_id)


def _elsewhere(made: Sequence[_Made], settled: Sequence[Settled]) -> Iterator[tuple[str, int]]:
    """Yield the addresses of entries whose page is kept under a different address of its own."""
    for one, end in zip(made, settled, strict=True):
        if end.article_id is not None and one.asked != one.article.url:
            yield one.asked, end.article_id


def _text(made: _Made) -> lines.Text:
    """An article's lines; those left out of its text too, which would be unlearned otherwise."""
    article = made.article
    counted = furniture.lines_of("\n\n".join((article.text, *made.furniture)))
    return lines.Text(urls.host(article.link), counted)


def _settled(made: _Made, article_id: int | None, held: int | None) -> Settled:
    """An entry's end: its own article, or an existing one with the same address."""
    job = made.job
    if article_id is None:
        why = f"article {held} has the same address"
        return Settled(job.id, Fate.DUPLICATE, why, held, said=job.content_hash)
    return Settled(
        job.id, Fate.ARTICLE, "", article_id, made.attempts, made.retry, job.content_hash
    )


def _ingested(made: _Made, end: Settled) -> Ingested:
    own = end.fate is Fate.ARTICLE
    names = tuple(match.watchlist for match in made.found) if own else ()
    return Ingested(end.entry_id, end.fate, end.article_id, names)
