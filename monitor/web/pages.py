"""The pages: what is new, why, and what we could not see, for people with a browser.

Everything is read and nothing is written: no request changes anything (S55). The templates place
the words of `views`; what other people wrote is escaped, and its control characters are blanked in
the one function that every value passes through (`_harmless`). The pages need no script and load
nothing but their own style sheet.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from sqlalchemy import Connection
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from monitor.digests import view as digest_view
from monitor.digests.schedule import next_scheduled
from monitor.digests.words import count, same_length
from monitor.errors import QueryError
from monitor.feeds.condition import Condition
from monitor.insight import trace as ways
from monitor.model import Article, Digest, Span, Watchlist, Window
from monitor.pipeline import desk, feeds_judged
from monitor.pipeline.parts import Parts
from monitor.redact import shareable
from monitor.store import (
    articles,
    editions,
    entries,
    feeds,
    outbox,
    recipients,
    rulings,
    search,
    sightings,
    stories,
)
from monitor.store import trace as stored
from monitor.store.types import kept
from monitor.watchlists import query
from monitor.watchlists.coverage import Account
from monitor.watchlists.matcher import Matcher, compile_one
from monitor.web import views
from monitor.web.access import Access

SPANS: Final = {
    "1h": ("hour", timedelta(hours=1)),
    "6h": ("6 hours", timedelta(hours=6)),
    "24h": ("24 hours", timedelta(days=1)),
    "3d": ("3 days", timedelta(days=3)),
    "7d": ("7 days", timedelta(days=7)),
}
"""Windows that the desk shows: what follows "the last" in their names, and their lengths."""
SINCE: Final = {
    "": ("at any time", None),
    "24h": ("in the last 24 hours", timedelta(days=1)),
    "7d": ("in the last 7 days", timedelta(days=7)),
    "30d": ("in the last 30 days", timedelta(days=30)),
}
"""How far back a search looks: what that is called, and its length (None: no limit)."""
AT_ONCE: Final = 30
"""Stories on one page of the desk."""
DEEPEST: Final = 100
"""The most pages of the desk."""
FOUND: Final = (50, search.MAX_RESULTS)
"""Articles that a search shows at first, and on request."""
TRIED: Final = 5_000
"""The most articles, newest first, on which a query is tried..."""
TRIED_S: Final = 2.0
"""...and for how many seconds; the page says how many articles were tried."""
TRIED_AT_ONCE: Final = 100
FEEDS: Final = 200
"""Feeds on one page of their list."""
LISTED: Final = 50
"""Editions, polls or entries in one list."""
DAYS: Final = 30
"""Days in a watchlist's chart."""
TERMS_OF: Final = 100
"""A term that occurs in none of this many latest matches is silent."""
LONGEST: Final = (500, 2_000)
"""Characters of a search by words, and of a query that is tried."""

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "same-origin",
}
"""Styles, forms and frames only of our own, for sheet, search and messages; nothing else."""
FRAMED: Final = {
    "content-security-policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    ),
    "cross-origin-resource-policy": "same-origin",
}
"""A message that was sent: its own styles; no script, no form, nothing loaded, no way out."""

TEMPLATES = Environment(
    loader=PackageLoader("monitor.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=lambda value: _harmless(value),
)
"""Those of all pages."""


def _harmless(value: Any) -> Any:
    """Filter any value that a template places: control characters in a text become spaces (S50)."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return same_length(value)
    return value


def _apart(text: str) -> Markup:
    """Filter a line in which `words.isolated` has set names apart: each becomes a <bdi>."""
    parts = re.split("\u2068([^\u2068\u2069]*)\u2069", text)
    told = [escape(_harmless(part)) for part in parts]
    told[1::2] = [Markup("<bdi>{}</bdi>").format(part) for part in told[1::2]]
    return Markup("").join(told)


TEMPLATES.filters["apart"] = _apart
TEMPLATES.filters["moment"] = views.moment
TEMPLATES.filters["exactly"] = views.exactly
TEMPLATES.filters["cleandoc"] = cleandoc
TEMPLATES.filters["grouped"] = "{:,}".format
TEMPLATES.globals["count"] = count

Page = Callable[[Request], Awaitable[Response]]


class _Row(IntegerConvertor):
    """A number of a row. Longer ones fit no database and, at some length, not even `int`: an
    address with one is that of no page."""

    regex = "[0-9]{1,18}"


register_url_convertor("row", _Row())


def routes(parts: Parts, access: Access) -> list[Route]:
    """Return the routes of the pages; whomever `access` refuses sees none of them."""
    pages = _Pages(parts)

    def guarded(page: Page) -> Page:
        async def answer(request: Request) -> Response:
            return access.refusal(request) or await page(request)

        return answer

    found = {
        "/": pages.desk,
        "/stories/{number:row}": pages.story,
        "/articles/{number:row}": pages.article,
        "/search": pages.search,
        "/feeds": pages.feeds,
        "/feeds/{number:row}": pages.feed,
        "/watchlists": pages.watchlists,
        "/watchlists/{name}": pages.watchlist,
        "/digests": pages.digests,
        "/editions/{number:row}": pages.edition,
        "/deliveries/{number:row}": pages.delivery,
        "/deliveries/{number:row}/message": pages.message,
        "/page.css": pages.sheet,
    }
    return [Route(path, guarded(page)) for path, page in found.items()]


class _Pages:
    """One method per page: read, build a view, place it in a template."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._read = parts.store.read
        self._trying = asyncio.Lock()
        """Only one query is tried at a time: each keeps a core busy."""
        self._sheet = (Path(__file__).parent / "templates" / "page.css").read_bytes()

    def _shown(self, template: str, status: int = 200, **values: Any) -> Response:
        now = self._parts.clock.now()
        page = TEMPLATES.get_template(template).render(now=now, **values)
        return HTMLResponse(page, status, headers=HEADERS)

    def _none(self, what: str, todo: str) -> Response:
        """404: say that there is no such thing, and what to do."""
        return self._shown("none.html", 404, what=what, todo=todo)

    # ------------------------------------------------------------------------- stories

    async def desk(self, request: Request) -> Response:
        """What is new now, and what could not be seen."""
        known = self._parts.watchlists
        asked = request.query_params
        only = known.get(asked.get("watchlist", ""))
        if asked.get("watchlist") and only is None:
            return self._none("There is no such watchlist.", "The page Watchlists lists them all.")
        span = asked.get("window", "") if asked.get("window") in SPANS else "24h"
        page = _bounded(asked.get("page", ""), DEEPEST)
        now = self._parts.clock.now()
        window = Window(now - SPANS[span][1], now)
        wanted = [only] if only else list(known.values())
        before = (page - 1) * AT_ONCE
        seen = await self._read(desk.look, wanted, window, before=before, most=AT_ONCE)
        unreadable = seen.edition.accounting.unreadable
        unseen = await self._read(desk.unseen, window, now, unreadable)
        return self._shown(
            "desk.html",
            view=digest_view.view(seen.edition),
            strip=views.strip(unseen),
            books=seen.edition.accounting,
            whole=seen.whole,
            ranked=desk.RANKED,
            before=seen.before,
            more=seen.edition.cut,
            page=page,
            deepest=DEEPEST,
            span=span,
            spans=_worded(SPANS),
            only=only,
            watchlists=_titled(known),
            polled=unseen.asked is not None,
        )

    async def story(self, request: Request) -> Response:
        """All articles of a story, who copied whom, and why each is in it."""
        number = _number(request)
        members, later = await self._read(stories.first_members, number, views.REPORTS)
        if not members:
            return self._none(f"There is no story {number}.", "Its articles may have been joined "
                              "with those of another, or are no longer kept.")  # fmt: skip
        ids = [one.article.id for one in members]
        matches = await self._read(articles.matches_of, ids)
        said = await self._read(rulings.of_articles, ids)
        now = self._parts.clock.now()
        ruled = [_ruling(one) for one in said]
        also = await self._read(articles.also_in, ids)
        view = await asyncio.to_thread(
            views.story, number, members, matches, ruled, now, also, later
        )
        return self._shown("story.html", view=view, titles=_titled(self._parts.watchlists))

    async def article(self, request: Request) -> Response:
        """The clean text with what matched, and everything that became of it."""
        number = _number(request)
        one = await self._read(articles.get, number)
        if one is None:
            return self._none(f"There is no article {number}.", "It may no longer be kept.")
        found = (await self._read(articles.matches_of, [number])).get(number, ())
        held = await self._read(stored.kept, "article", number)
        only = request.query_params.get("watchlist", "")
        only = only if only in {match.watchlist for match in found} else ""
        return self._shown(
            "article.html",
            view=views.article(one, found, only),
            only=only,
            steps=ways.steps(held),
            story=next((row["story_id"] for row in held.articles), None),
            titles=_titled(self._parts.watchlists),
        )

    # -------------------------------------------------------------------------- search

    async def search(self, request: Request) -> Response:
        """Search the archive by words, or its newest articles by a query of the query language."""
        asked = request.query_params
        text = asked.get("q", "").strip()
        since = asked.get("since", "") if asked.get("since") in SINCE else ""
        by_query = asked.get("by") == "query"
        most = FOUND[asked.get("all") == "1"]
        error: QueryError | None = None
        found: list[tuple[Article, Sequence[Span]]] = []
        tried = 0
        try:
            if text:
                found, tried = await self._found(text, since, most, by_query=by_query)
        except QueryError as wrong:
            error = wrong
        return self._shown(
            "search.html",
            status=400 if error else 200,
            text=text[: LONGEST[by_query]],
            since=since,
            sinces=_worded(SINCE),
            by_query=by_query,
            error=error,
            found=await asyncio.to_thread(_in_short, found),
            full=len(found) >= most,
            most=most,
            largest=FOUND[1],
            tried=tried,
            most_tried=TRIED,
            operator="" if by_query else search.operator_in(text),
            spaceless=not by_query and search.is_spaceless(text),
        )

    async def _found(
        self, text: str, since: str, most: int, *, by_query: bool
    ) -> tuple[list[tuple[Article, Sequence[Span]]], int]:
        """What a search finds, and on how many articles a query was tried. Raises QueryError."""
        if len(text) > LONGEST[by_query]:
            raise QueryError(f"the search is longer than {LONGEST[by_query]:,} characters")
        if by_query:
            lists = {n: t for one in self._parts.watchlists.values() for n, t in one.lists}
            tick = self._parts.clock.monotonic
            async with self._trying:
                return await self._read(_try_query, text, lists, self._from(since), most, tick)
        if not search.terms(text):
            hint = 'write words, "a phrase", or a beginning*'
            raise QueryError("there is no word in it", hint=hint, place=text)
        told = await self._read(search.search, text, since=self._from(since), limit=most)
        return await asyncio.to_thread(_with_spans, told, text), 0

    def _from(self, since: str) -> datetime | None:
        span = SINCE[since][1]
        return self._parts.clock.now() - span if span else None

    # --------------------------------------------------------------------------- feeds

    async def feeds(self, request: Request) -> Response:
        """The condition of each feed, the most worrying first."""
        now = self._parts.clock.now()
        told = feeds_judged.judged(await self._read(feeds.statuses, now), now)
        orders: dict[str, Callable[[feeds_judged.Told], Any]] = {
            "name": lambda one: one.name.casefold(),
            "next": lambda one: (one.account.due is None, one.account.due or now),
            "entries": lambda one: -one.account.entries,
        }
        by = request.query_params.get("by", "")
        by = by if by in orders else "trouble"
        if by in orders:
            told = sorted(told, key=orders[by])
        page = _bounded(request.query_params.get("page", ""), len(told) // FEEDS + 1)
        shown = told[(page - 1) * FEEDS : page * FEEDS]
        counts = Counter(one.condition.value for one in told)
        return self._shown(
            "feeds.html",
            told=[_feed_row(one, now) for one in shown],
            number=len(told),
            counts=[(one.value, counts[one.value]) for one in Condition if counts[one.value]],
            page=page,
            more=len(told) > page * FEEDS,
            by=by,
            orders=("trouble", *orders),
        )

    async def feed(self, request: Request) -> Response:
        """One feed: how it was asked, what it answered, what it brought."""
        number, now = _number(request), self._parts.clock.now()
        account = await self._read(feeds.numbered, number, now)
        if account is None:
            return self._none(f"There is no feed {number}.", "The page Feeds lists them all.")
        addresses = await self._read(feeds.addresses, but=number)
        one = feeds_judged.told(account, addresses, now)
        return self._shown(
            "feed.html",
            row=_feed_row(one, now),
            account=one.account,
            address=shareable(one.account.polling.feed.url),
            size=_size(one.account.bytes),
            polls=await self._read(feeds.polls_of, number, LISTED),
            entries=await self._read(entries.of_feed, number, LISTED),
        )

    # ---------------------------------------------------------------------- watchlists

    async def watchlists(self, _request: Request) -> Response:
        """What is watched for."""
        now = self._parts.clock.now()
        start = now - timedelta(days=DAYS)
        rows = [
            (one, views.days(await self._read(sightings.moments, name, start, now), now, DAYS))
            for name, one in self._parts.watchlists.items()
        ]
        return self._shown("watchlists.html", rows=rows, number=DAYS, tall=views.TALL)

    async def watchlist(self, request: Request) -> Response:
        """One watchlist: its words, its matches day by day, and its newest stories."""
        name = request.path_params["name"]
        one = self._parts.watchlists.get(name)
        if one is None:
            return self._none("There is no such watchlist.", "The page Watchlists lists them all.")
        now = self._parts.clock.now()
        start = now - timedelta(days=DAYS)
        moments = await self._read(sightings.moments, name, start, now)
        looked, silent = await self._read(_silent, one)
        window = Window(now - SPANS["7d"][1], now)
        latest = await self._read(desk.look, [one], window, most=10)
        return self._shown(
            "watchlist.html",
            one=one,
            days=views.days(moments, now, DAYS),
            tall=views.TALL,
            number=DAYS,
            looked=looked,
            silent=silent,
            view=digest_view.view(latest.edition),
        )

    # ------------------------------------------------------------------------- digests

    async def digests(self, request: Request) -> Response:
        """What is told to whom, and what became of it."""
        only = kept(request.query_params.get("digest", ""))
        now = self._parts.clock.now()
        told = await self._read(editions.recent, only or None, LISTED)
        sent = await self._read(outbox.latest, LISTED)
        unsent = await self._read(outbox.waiting, LISTED)
        unsent += await self._read(outbox.ended_unsent, now - timedelta(days=DAYS), LISTED)
        suspended = await self._read(recipients.suspended)
        return self._shown(
            "digests.html",
            digests=[(one, _next_edition(one, now)) for one in self._parts.digests],
            titles=_titled(self._parts.watchlists),
            only=only,
            editions=told,
            listed=LISTED,
            deliveries=[views.delivery(one) for one in sent],
            days=DAYS,
            unsent=[views.delivery(one) for one in unsent],
            suspended=suspended,
        )

    async def edition(self, request: Request) -> Response:
        """One edition: who received it, and what it said."""
        number = _number(request)
        one = await self._read(editions.numbered, number)
        if one is None:
            return self._none(f"There is no edition {number}.", "The page Digests lists them.")
        sent = await self._read(outbox.to_whom, number, search.MAX_RESULTS)
        mail = next((d for d in sent if d.delivery.message.is_mail), None)
        return self._shown(
            "edition.html",
            one=one,
            body=one.body,
            deliveries=[views.delivery(d) for d in sent],
            framed=mail.delivery.id if mail else None,
            cut=await self._read(editions.cut_stories, number),
            repeats=await self._read(editions.repeats, number),
        )

    async def delivery(self, request: Request) -> Response:
        """One message, as it was or will be sent."""
        number = _number(request)
        one = await self._read(outbox.get, number)
        if one is None:
            return self._none(f"There is no delivery {number}.", "The page Digests lists them.")
        body = await asyncio.to_thread(views.body, one.delivery.message)
        return self._shown(
            "delivery.html",
            row=views.delivery(one),
            message=one.delivery.message,
            framed=bool(body.html),
            lines=views.lines(body.text),
        )

    async def message(self, request: Request) -> Response:
        """The HTML of a mail, for the frame: nothing in it runs, loads or leads away."""
        one = await self._read(outbox.get, _number(request))
        body = await asyncio.to_thread(views.body, one.delivery.message) if one else None
        if body is None or not body.html:
            return self._none("There is no such mail.", "The page Digests lists all messages.")
        return HTMLResponse(body.html.encode("utf-8", "replace"), headers=FRAMED)

    async def sheet(self, _request: Request) -> Response:
        """The style sheet."""
        headers = HEADERS | {"cache-control": "private, max-age=300"}
        return Response(self._sheet, media_type="text/css", headers=headers)


def _worded(choices: Mapping[str, tuple[str, Any]]) -> dict[str, str]:
    """Return what each choice is called."""
    return {choice: words for choice, (words, _) in choices.items()}


def _number(request: Request) -> int:
    """Return the number in the address."""
    return int(request.path_params["number"])


def _bounded(text: str, most: int) -> int:
    """Return a page's number, from 1 on; 1 for anything else."""
    return min(max(int(text), 1), most) if re.fullmatch(r"[0-9]{1,6}", text) else 1


def _next_edition(digest: Digest, now: datetime) -> str:
    """Return when the next edition is due, in the zone in which its schedule is written."""
    due = next_scheduled(digest, now)
    return digest_view.moment(due, ZoneInfo(digest.zone)) if due else "-"


def nowhere(now: datetime) -> Response:
    """Return the page for an address that leads to none."""
    said = {"what": "There is no such page.", "todo": "The links above lead to all there are."}
    page = TEMPLATES.get_template("none.html").render(now=now, **said)
    return HTMLResponse(page, 404, headers=HEADERS)


def _titled(watchlists: Mapping[str, Watchlist]) -> dict[str, str]:
    return {name: one.title or name for name, one in watchlists.items()}


def _ruling(one: Any) -> str:
    as_one = "belongs to the same story as" if one.same else "does not belong to the story of"
    return (
        f"A person said on {views.moment(one.at)}: article {one.article_id} {as_one} "
        f"article {one.other_id} (it was in story {one.story_was})."
    )


def _feed_row(one: feeds_judged.Told, now: datetime) -> dict[str, Any]:
    """Return a feed as the list and its own page show it."""
    account = one.account
    return {
        "id": account.polling.feed.id,
        "name": one.name,
        "condition": one.condition.value,
        "level": views.level(one.condition),
        "answer": feeds_judged.answer(account, now),
        "next": feeds_judged.next_poll(account, now),
        "due_why": account.due_why if account.due else "",
        "same": feeds_judged.share([account]),
        "entries": account.entries,
        "newest": account.polling.newest,
        "findings": [finding.why for finding in one.findings],
    }


def _size(octets: int) -> str:
    return f"{octets / 1000:,.0f} kB"


def _silent(connection: Connection, watchlist: Watchlist) -> tuple[int, list[str]]:
    """Count a watchlist's latest matches, and return its terms that occur in none of them.

    Like `watchlists coverage`, over everything kept.
    """
    account = Account(watchlist)
    for one in articles.past(connection, sightings.latest(connection, watchlist.name, TERMS_OF)):
        account.add(one.article)
    return account.matches, account.silent()


# --------------------------------------------------------------------------------- searching


def _try_query(
    connection: Connection,
    text: str,
    lists: Mapping[str, str],
    since: datetime | None,
    most: int,
    tick: Callable[[], float],
) -> tuple[list[tuple[Article, Sequence[Span]]], int]:
    """Return those of the newest articles that a query matches, and how many were tried.

    Stops after `most` articles or `TRIED_S`, in the monotonic seconds of `tick`. Raises
    QueryError.
    """
    # Parsed on its own so that an error names the place in the query, not in a watchlist.
    query.parse(text, {name: query.parse_list(words) for name, words in lists.items()})
    tried = Watchlist(name="search", queries=(text,), lists=tuple(lists.items()), version=text)
    matcher = Matcher([compile_one(tried)])
    newest, end = search.newest(connection, TRIED, since), tick() + TRIED_S
    found: list[tuple[Article, Sequence[Span]]] = []
    looked = 0
    for at in range(0, len(newest), TRIED_AT_ONCE):
        some = newest[at : at + TRIED_AT_ONCE]
        place = {number: place for place, number in enumerate(some)}
        past = sorted(articles.past(connection, some), key=lambda one: place[one.article.id])
        for one in past:
            spans = [span for match in matcher.match(one.article) for span in match.spans]
            if spans:
                found.append((one.article, spans))
        looked += len(some)
        if len(found) >= most or tick() >= end:
            break
    return found[:most], looked


def _in_short(found: Iterable[tuple[Article, Sequence[Span]]]) -> list[views.FoundView]:
    """What a search found, as it is shown: up to MAX_RESULTS whole texts are gone through."""
    return [views.found(*one) for one in found]


def _with_spans(told: Iterable[Article], text: str) -> list[tuple[Article, Sequence[Span]]]:
    return [(one, _spans_of(one, text)) for one in told]


def _spans_of(one: Article, text: str) -> list[Span]:
    """Return where the words of a search occur in an article's text, for its snippet."""
    spans = []
    for term in search.terms(text):
        words = r"\W+".join(map(re.escape, term.words))
        pattern = rf"\b{words}\w*" if term.prefix else rf"\b{words}\b"
        for place, match in enumerate(re.finditer(pattern, one.text, re.IGNORECASE)):
            spans.append(Span("body", *match.span(), match[0], words))
            if place == 20:
                break
    return spans
