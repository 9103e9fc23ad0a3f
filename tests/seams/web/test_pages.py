"""The pages as a browser requests them: what they tell, and that nothing in them runs or loads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup
from justhtml import JustHTML
from pydantic import SecretStr
from support.colours import contrast
from support.databases import KINDS
from support.desk import stocked, told
from support.hub import PUBLIC
from support.server import Server, answer
from support.site import WEB, asking
from support.values import HOUR
from support.world import WATCHLISTS, item, rss, world

from monitor.channels import email
from monitor.digests.words import same_length
from monitor.errors import TryLaterError
from monitor.model import Digest, Feed, Recipient, Watchlist, Window
from monitor.pipeline import publish
from monitor.pipeline.parts import Parts
from monitor.runners import inline
from monitor.store import Store, editions
from monitor.testing import FakeClock
from monitor.web import pages, views

pytestmark = pytest.mark.anyio
DIGEST = Digest(
    name="desk",
    title="Morning",
    watchlists=("nato", "drones"),
    schedule="0 7 * * *",
    zone="Europe/Paris",
    recipients=(Recipient("email", "desk@example.org"), Recipient("console")),
)
SENDER = email.Settings.model_validate({"host": "localhost", "from": "monitor@localhost"})
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></textarea><svg onload=alert(1)>",
    "<iframe src=http://evil.test/></iframe>",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "javascript:alert(1)",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "a\u202egpj.exe\u2066b\u2069\x1b]0;x\x07\x85\u2028",
    "<!--><script>alert(1)</script>-->",
    "]]><script>alert(1)</script>",
)
NO_LINKS = (
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:alert(1)",
    "//evil.test/",
    "http://user@evil.test/",
    "\x01javascript:alert(1)",
)
STEERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b\x00\x07\x85\u2028"


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return each of the two databases, since the pages read much."""
    found: str = request.param
    return found


@dataclass
class Site:
    """A desk with news, and a client of its site."""

    parts: Parts
    client: httpx.AsyncClient
    articles: list[int]
    edition: int

    async def soup(self, path: str, status: int = 200) -> BeautifulSoup:
        """Return a page, which must be strictly valid HTML."""
        got = await self.client.get(path)
        assert got.status_code == status, (path, got.text)
        JustHTML(got.text, strict=True)
        return BeautifulSoup(got.text, "lxml")

    @property
    def paths(self) -> list[str]:
        """Return the paths of all pages there are."""
        return [
            *("/", "/?window=7d&watchlist=nato", "/search", "/search?q=NATO", "/feeds"),
            *("/search?q=NATO+OR+drone*&by=query", "/search?q=%28&by=query", "/feeds/1"),
            *("/watchlists", "/watchlists/nato", "/digests", "/digests?digest=desk"),
            *(f"/articles/{number}" for number in self.articles),
            *("/stories/1", "/stories/2", f"/editions/{self.edition}"),
            *("/deliveries/1", "/deliveries/2", "/stories/999", "/watchlists/none"),
        ]


@asynccontextmanager
async def desk(
    store: Store,
    clock: FakeClock,
    hostile: str = "",
    links: Sequence[str] = (),
    watchlists: Sequence[Watchlist] = WATCHLISTS,
) -> AsyncIterator[Site]:
    """Yield a site with a feed, seven reports of four events, and an edition with two messages.

    With `hostile`, everything that others wrote is that text; `links` are addresses of more
    articles.
    """
    lists = [replace(one, title=hostile or one.title) for one in watchlists]
    async with Server(clock=clock.monotonic) as server:
        page = rss(item(1, server.url("/1"), title="NATO drills"), title="Northwatch")
        server.on("/feed", answer(page))
        feed = Feed(url=server.url("/feed"), name=hostile or "Northwatch", articles="off")
        digest = replace(DIGEST, title=hostile or DIGEST.title)
        more = {
            "digests": [digest],
            "channel": lambda one: SENDER if one.channel == "email" else object(),
            "watchlists": lists,
        }
        async with world(store, clock, [feed], **more) as parts:
            await parts.store.write(editions.register, "desk", clock.now() - HOUR)
            await inline.journey(parts)
            numbers = await stocked(parts)
            for number, link in enumerate(links or ([""] if hostile else [])):
                odd = _all(hostile) | {"link": link}
                numbers.append(await told(parts, 90 + number, 1, **odd))
            pointer = await parts.store.read(editions.pointer, "desk")
            assert pointer is not None
            window = Window(pointer.covered_until, clock.now())
            made = await publish.publish(parts, digest, window)
            assert made is not None
            assert made.id is not None
            async with asking(parts) as client:
                yield Site(parts, client, numbers, made.id)


def _all(hostile: str) -> dict[str, Any]:
    """Return the fields of an article, each with that text in it."""
    if not hostile:
        return {}
    same = dict.fromkeys(("source", "section"), hostile)
    several = dict.fromkeys(("authors", "tags", "problems"), (hostile,))
    text = f"NATO {hostile}\n\n{hostile} drone"
    return {**same, **several, "title": f"NATO {hostile}", "text": text, "language": hostile[:20]}


# ----------------------------------------------------------------------------- what they tell


async def test_the_desk_shows_stories_under_watchlists_with_why(
    store: Store, clock: FakeClock
) -> None:
    """A title leads to its story; outlets, marked matches and the other reports are shown."""
    async with desk(store, clock) as site:
        soup = await site.soup("/")
        nato = await site.soup("/?watchlist=nato&window=7d")
        cables = next(a["href"] for a in soup.select(".story h3 a") if "cables" in a.get_text())
        headline = (await site.soup(cables)).h1.get_text()
    headings = [one.get_text() for one in soup.select("main h2")]
    assert {one.split(" · ")[0] for one in headings} == {"NATO", "Drones"}
    story = next(one for one in soup.select(".story") if "undersea cables" in one.h3.get_text())
    assert headline == story.h3.get_text()
    assert story.h3.a["href"].startswith("/stories/")
    assert "3 outlets" in story.get_text()
    assert [mark.get_text() for mark in story.select("mark")] == ["NATO"]
    assert "Also:" in story.get_text()
    assert nato.select_one("option[value=nato][selected]")
    assert "Kharkiv" not in nato.get_text()


async def test_the_strip_says_calmly_that_nothing_is_missing_or_what_is(
    store: Store, clock: FakeClock, server: Server
) -> None:
    server.on("/feed", answer(rss(item(1, server.url("/1"), title="NATO drills"))))
    feed = Feed(url=server.url("/feed"), articles="off")
    async with world(store, clock, [feed]) as parts, asking(parts) as client:
        await inline.journey(parts)
        site = Site(parts, client, [], 0)
        calm = await site.soup("/")
        clock.advance(timedelta(days=2))
        later = await site.soup("/")
    [line] = calm.select(".strip > li")
    assert line["class"] == ["good"]
    assert "Nothing is known to be missing: 1 feed is sound" in line.get_text()
    told_later = [line.get_text() for line in later.select(".strip > li.bad")]
    assert any("The feeds are not being polled" in line for line in told_later)
    assert "No story matched" in later.main.get_text()


async def test_a_desk_of_one_watchlist_counts_what_matched_it(
    store: Store, clock: FakeClock
) -> None:
    """ "9 of 9 matched" above two stories would make a reader look for the other seven."""
    async with desk(store, clock) as site:
        every = (await site.soup("/?window=7d")).select_one(".sum").get_text()
        drones = (await site.soup("/?window=7d&watchlist=drones")).select_one(".sum").get_text()
    matched = [int(re.search(r"read and (\d+) of", one)[1]) for one in (every, drones)]
    assert matched[1] < matched[0]


async def test_a_desk_of_a_watchlist_that_is_gone_is_not_the_desk_of_all(
    store: Store, clock: FakeClock
) -> None:
    """A bookmark of a watchlist that was renamed must not look as if all stories matched it."""
    async with desk(store, clock) as site:
        await site.soup("/?watchlist=")
        page = await site.soup("/?watchlist=gone", 404)
    assert "There is no such watchlist." in page.get_text()


@pytest.mark.parametrize("digits", [19, 23, 5000])
async def test_S64_a_number_that_no_row_can_have_is_no_page(
    store: Store, clock: FakeClock, digits: int
) -> None:
    """Python refuses to read thousands of digits, and no page speaks of an article 0."""
    kinds = ("stories", "articles", "feeds", "editions", "deliveries")
    paths = [f"/{kind}/{'9' * digits}" for kind in kinds]
    browser = {"accept": "text/html"}
    async with world(store, clock) as parts, asking(parts) as client:
        for path in (*paths, f"{paths[-1]}/message"):
            seen = await client.get(path, headers=browser)
            assert seen.status_code == 404, path
            # The feeds of watchlists live beside those pages, and answer programs.
            said = "not found" if path.startswith("/feeds/") else "There is no such page."
            assert said in seen.text, path


async def test_an_empty_desk_says_what_to_do(store: Store, clock: FakeClock) -> None:
    """Without a feed, an article, a watchlist or a digest, each page says how to begin."""
    async with world(store, clock, watchlists=()) as parts, asking(parts) as client:
        pages = ("/", "/feeds", "/watchlists", "/digests", "/search")
        said = {path: (await client.get(path)).text for path in pages}
    assert "watchlists/frigates.toml" in said["/"]
    assert "monitor feeds add" in said["/"]
    assert "monitor feeds add" in said["/feeds"]
    assert "monitor check" in said["/watchlists"]
    assert "digests.toml" in said["/digests"]


async def test_a_desk_that_read_nothing_says_so_in_words(store: Store, clock: FakeClock) -> None:
    """Not "0 entries read and 0 of 0 new articles matched: 0 stories"."""
    async with world(store, clock) as parts, asking(parts) as client:
        page = BeautifulSoup((await client.get("/?window=6h")).text, "lxml")
    assert page.select_one(".sum").get_text() == "Nothing was read in the last 6 hours."


async def test_a_desk_whose_feeds_were_never_polled_says_how_to_poll_them(
    store: Store, clock: FakeClock
) -> None:
    """A newcomer's first look: a longer window would show nothing either."""
    feed = Feed(url="http://northwatch.example/feed")
    async with world(store, clock, [feed]) as parts, asking(parts) as client:
        page = (await client.get("/")).text
    assert "<code>monitor fetch</code> polls once" in page
    assert "A longer window" not in page


async def test_an_address_that_leads_nowhere_shows_a_page_to_those_who_may_see_one(
    store: Store, clock: FakeClock
) -> None:
    """People get the page with its links; programs and strangers get what they got before."""
    browser = {"Accept": "text/html,application/xhtml+xml"}
    secret = WEB.model_copy(update={"password": SecretStr("a long password")})
    async with world(store, clock) as parts:
        async with asking(parts) as client:
            seen = await client.get("/storys", headers=browser)
            program = await client.get("/storys")
            sent = await client.post("/storys", headers=browser)
        async with asking(parts, secret) as stranger:
            hidden = await stranger.get("/storys", headers=browser)
    JustHTML(seen.text, strict=True)
    assert seen.status_code == 404
    assert "There is no such page." in seen.text
    assert 'href="/search"' in seen.text
    for one in (program, sent, hidden):
        assert (one.status_code, one.text) == (404, "not found")


async def test_S57_under_the_public_name_no_password_can_be_tried(
    store: Store, clock: FakeClock
) -> None:
    """There, an address that leads nowhere is answered alike, whatever password comes with it."""
    secret = WEB.model_copy(update={"password": SecretStr("a long password")})
    asked = {"Accept": "text/html", "Host": urlsplit(PUBLIC).netloc}
    async with world(store, clock) as parts, asking(parts, secret) as client:
        for path in ("/stop/a/b", "/websub/a/b"):
            right = await client.get(path, headers=asked, auth=("", "a long password"))
            wrong = await client.get(path, headers=asked, auth=("", "a wrong password"))
            assert (right.status_code, right.text) == (wrong.status_code, wrong.text)
            assert right.text == "not found"


def test_numbers_of_matches_have_their_thousands_apart(clock: FakeClock) -> None:
    """ "5,088 entries read and 5066 matched" looks like two kinds of numbers."""
    now = clock.now()
    rows = [(WATCHLISTS[0], views.days([now] * 5066, now, 30))]
    listed = pages.TEMPLATES.get_template("watchlists.html")
    page = BeautifulSoup(listed.render(now=now, rows=rows, number=30, tall=views.TALL), "lxml")
    assert [one.get_text() for one in page.select("td.number")][:2] == ["5,066", "5,066"]


async def test_many_stories_stand_on_pages_that_join(store: Store, clock: FakeClock) -> None:
    async with desk(store, clock) as site:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("monitor.web.pages.AT_ONCE", 3)
            first, second = await site.soup("/"), await site.soup("/?page=2")
            beyond = await site.soup("/?page=9")
    assert first.select_one("a[rel=next]")["href"] == "?window=24h&page=2"
    assert second.select_one("a[rel=prev]")["href"] == "?window=24h&page=1"
    links = [a["href"] for page in (first, second) for a in page.select(".story h3 a")]
    assert len(links) == len(set(links)) == 5
    assert "no more stories" in beyond.main.get_text()
    assert not beyond.select("nav.pages")  # the page before it would be as empty
    titles = [page.title.get_text() for page in (first, second)]
    assert titles == ["Desk · monitor", "Desk, page 2 · monitor"]


async def test_a_story_tells_who_copied_whom_and_why(store: Store, clock: FakeClock) -> None:
    async with desk(store, clock) as site:
        text = (await _article_text(site, site.articles[2]))[:4000]
        copy = await told(site.parts, 50, 2, text=text, title="NATO ministers agree on patrol")
        held = (await site.soup(f"/articles/{copy}")).select_one('a[href^="/stories/"]')
        soup = await site.soup(held["href"])
    entries = soup.select(".reports > li")
    assert [one["id"] for one in entries][-1] == f"article-{copy}"
    assert "copy" in entries[-1].get_text()
    assert f"article-{site.articles[2]}" in entries[-1].decode()
    assert all("Why here" in one.get_text() for one in entries)
    assert f"Article {copy} · " in entries[-1].get_text()  # the reasons name others by number
    assert sum("lead" in one.select_one(".by").get_text() for one in entries) == 1


async def _article_text(site: Site, number: int) -> str:
    soup = await site.soup(f"/articles/{number}")
    return "\n\n".join(one.get_text() for one in soup.select(".text p"))


async def test_an_article_is_whole_marked_and_traced(store: Store, clock: FakeClock) -> None:
    """The article has its text, marks of one watchlist or all, facts, steps and its source."""
    async with desk(store, clock) as site:
        number = await told(site.parts, 60, "NATO drones over the Baltic", text="A drone of NATO.")
        soup = await site.soup(f"/articles/{number}")
        only = await site.soup(f"/articles/{number}?watchlist=drones")
        sent = await site.soup(f"/articles/{site.articles[0]}")
    assert [one.get_text() for one in soup.select(".text mark")] == ["drone", "NATO"]
    assert [one["title"] for one in soup.select("h1 mark")] == ["nato", "drones"]
    assert [one.get_text() for one in only.select(".text mark")] == ["drone"]
    assert soup.select_one("a[rel~=external]")["href"] == "http://northwatch.example/60"
    steps = [one.get_text() for one in sent.select(".steps b")]
    assert steps[0] == "article"
    assert {"match", "story", "edition", "delivery"} <= set(steps)


@pytest.mark.parametrize("asked", ["q=NATO", "by=query&q=NATO"])
async def test_a_search_keeps_nobody_else_waiting(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """The texts found are searched in another thread, not on the loop that runs the polling."""
    here: list[bool] = []

    def watched(work: Any) -> Any:
        def worked(*values: Any) -> Any:
            here.append(current_thread() is main_thread())
            return work(*values)

        return worked

    monkeypatch.setattr(pages.views, "found", watched(pages.views.found))
    monkeypatch.setattr(pages, "_spans_of", watched(pages._spans_of))
    async with desk(store, clock) as site:
        await site.soup(f"/search?{asked}")
    assert here
    assert not any(here)


async def test_search_finds_words_as_the_command_does(store: Store, clock: FakeClock) -> None:
    async with desk(store, clock) as site:
        soup = await site.soup('/search?q="undersea+cables"+minist*')
        none = await site.soup("/search?q=submarine")
        hint = await site.soup("/search?q=NATO+AND+drone")
        left_out = await site.soup("/search?q=NATO+-drone")
        phrase = await site.soup("/search?q=%22Type+26+(City+class)%22")
        spaceless = await site.soup(f"/search?q={quote('드론 無人機')}")
    assert len(soup.select("h2.found")) == 3
    assert {one.get_text() for one in soup.select("mark")} == {"undersea cables", "ministers"}
    assert "Nothing was found" in none.main.get_text()
    assert "“AND” is no operator here" in hint.main.get_text()
    assert "“-” is no operator here" in left_out.main.get_text()
    assert "is no operator here" not in phrase.main.get_text()
    assert "found here only where it stands alone" in spaceless.main.get_text()


async def test_a_query_is_tried_and_a_bad_one_shown_with_its_place(
    store: Store, clock: FakeClock
) -> None:
    async with desk(store, clock) as site:
        good = await site.soup("/search?by=query&q=NATO+NEAR/9+cables")
        bad = await site.soup("/search?by=query&q=NATO+AND+(drone", 400)
        empty = await site.soup("/search?q=!!!", 400)
        long = await site.soup(f"/search?q={'x' * 3000}", 400)
    assert len(good.select("h2.found")) == 3
    error = bad.select_one("#error").get_text()
    assert "line 1, column" in error
    assert "^" in error
    assert "write: NATO AND (drone)" in error
    assert bad.select_one("input[aria-describedby=error]")["value"] == "NATO AND (drone"
    assert "no word in it" in empty.select_one("#error").get_text()
    assert "longer than 500" in long.select_one("#error").get_text()


async def test_a_query_that_takes_long_says_on_how_much_it_was_tried(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The query ends when its time is over, and the page says how many articles were tried."""
    monkeypatch.setattr(pages, "TRIED_S", 0.0)
    monkeypatch.setattr(pages, "TRIED_AT_ONCE", 2)
    async with desk(store, clock) as site:
        soup = await site.soup("/search?by=query&q=submarine")
    assert "Nothing was found in the newest 2 articles: no others were tried" in soup.get_text()


async def test_feeds_are_told_as_the_command_tells_them(store: Store, clock: FakeClock) -> None:
    async with desk(store, clock) as site:
        soup = await site.soup("/feeds")
        for order in ("name", "next", "entries", "nonsense"):
            await site.soup(f"/feeds?by={order}")
        feed = await site.soup("/feeds/1")
        await site.soup("/feeds/2", 404)
    (row,) = soup.select("tbody tr")
    assert "Northwatch" in row.get_text()
    assert "200, " in row.get_text()
    assert "NATO drills" in feed.get_text()
    assert feed.select_one('a[href^="/articles/"]')
    assert "1 of 1" in feed.get_text()


async def test_a_watchlist_shows_its_days_and_its_silent_terms(
    store: Store, clock: FakeClock
) -> None:
    wanted = ("NATO", "(frigate* OR corvette) AND NOT museum")
    lists = [replace(WATCHLISTS[0], queries=wanted)]
    async with desk(store, clock, watchlists=lists) as site:
        soup = await site.soup("/watchlists/nato")
        listed = await site.soup("/watchlists")
    assert len(soup.select("svg rect")) == 30
    assert "corvette" in soup.get_text()
    folded = soup.find("h2", string="Silent terms").find_next("details")  # hundreds, in some
    assert folded.summary.get_text().startswith("1 term in none of its latest")
    silent = folded.find("p", class_="by").get_text()
    assert silent.split(" · ") == ["corvette"]  # there is a frigate, and no museum is missed
    assert len(listed.select("tbody tr")) == 1


async def test_what_was_sent_to_whom_can_be_read_again(store: Store, clock: FakeClock) -> None:
    """The edition, its deliveries, the mail in a frame and the console's text are shown."""
    async with desk(store, clock) as site:
        soup = await site.soup(f"/editions/{site.edition}")
        listed = await site.soup("/digests")
        mail = await site.client.get("/deliveries/1/message")
        plain = await site.soup("/deliveries/2")
        none = await site.client.get("/deliveries/2/message")
    due = listed.select_one('td[data-of="next"]').get_text()
    assert due.endswith(", 07:00 CEST")  # as its schedule says
    frame = soup.select_one("iframe")
    assert (frame["sandbox"], frame["src"]) == ([], "/deliveries/1/message")  # nothing is allowed
    assert "email:desk@example.org" in soup.get_text()
    assert "update" not in soup.select_one("main ul").get_text()
    assert len(listed.select('a[href="/editions/1"]')) >= 1
    told = listed.select_one('th:has(a[href="/deliveries/1"])').get_text()
    assert told == "message 1 to email:desk@example.org"
    assert not plain.select('main a[href="/deliveries/2"]')  # it would lead to itself
    assert listed.select_one('td[data-of="watchlists"]').get_text() == "all"
    assert "Morning" in mail.text
    assert none.status_code == 404
    assert "Morning" in plain.select_one("pre").get_text()


# --------------------------------------------------------------------------------- safe and sound


@pytest.mark.parametrize("hostile", [" ".join(HOSTILE[at::3]) for at in range(3)])
async def test_S50_what_others_wrote_runs_nowhere(
    store: Store, clock: FakeClock, hostile: str
) -> None:
    """Titles, texts, sources, authors, names and languages are text on every page, nothing else."""
    async with desk(store, clock, hostile) as site:
        searched = [f"/search?q={quote(hostile)}"]
        for path in [*site.paths, *searched, *(f"{one}&by=query" for one in searched)]:
            got = await site.client.get(path)
            assert got.status_code in (200, 400, 404)
            _harmless(got.text)
        shown = (await site.soup(f"/articles/{site.articles[-1]}")).h1.get_text()
    assert shown.split() == ["NATO", *same_length(hostile).split()]


def _harmless(page: str) -> None:
    soup = BeautifulSoup(page, "lxml")
    assert not set(page) & set(STEERING)
    frames = {one["src"] for one in soup.select("iframe")}
    assert all(one.startswith("/deliveries/") for one in frames)
    links = {(*one["rel"], one["href"]) for one in soup.select("link")}
    sheet, own = ("stylesheet", "/page.css"), ("alternate", "/feeds/nato.atom")
    assert sheet in links
    assert links <= {sheet, own}  # an alternate is not loaded
    for tag in soup.find_all(True):
        assert tag.name not in ("script", "img", "object", "embed", "style", "math", "base")
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            assert _ours_or_outside(str(tag.get(name, "/"))), tag


def _ours_or_outside(address: str) -> bool:
    return (address[:1] in "/?#" and address[:2] != "//") or urlsplit(address).scheme in (
        "http",
        "https",
    )


async def test_S51_a_link_that_is_none_is_not_one(store: Store, clock: FakeClock) -> None:
    async with desk(store, clock, links=NO_LINKS) as site:
        for path in site.paths:
            got = await site.client.get(path)
            _harmless(got.text)
            assert "evil.test" not in got.text
            assert "alert(1)" not in got.text
        linked = [
            bool((await site.soup(f"/articles/{number}")).select("a[rel~=external]"))
            for number in site.articles
        ]
    assert linked == [True] * 7 + [False] * len(NO_LINKS)


async def test_S53_S54_each_page_may_load_its_own_sheet_and_nothing_else(
    store: Store, clock: FakeClock
) -> None:
    """The mail in its frame may load nothing, run nothing, and lead nowhere."""
    async with desk(store, clock) as site:
        for path in (*site.paths, "/page.css"):
            got = await site.client.get(path)
            rules = got.headers["content-security-policy"]
            assert rules.startswith("default-src 'none'; style-src 'self'; ")
            assert "frame-ancestors 'none'" in rules
            assert "unsafe" not in rules
            assert "script" not in rules
            assert got.headers["x-content-type-options"] == "nosniff"
            assert got.headers["referrer-policy"] == "no-referrer"
            private = "no-store" if path != "/page.css" else "private, max-age=300"
            assert got.headers["cache-control"] == private
            assert "set-cookie" not in got.headers
        framed = (await site.client.get("/deliveries/1/message")).headers
    rules = framed["content-security-policy"].split("; ")
    assert rules[:3] == ["sandbox", "default-src 'none'", "style-src 'unsafe-inline'"]
    assert rules[-1] == "frame-ancestors 'self'"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_each_colour_of_words_can_be_read_on_its_ground(mode: str) -> None:
    """WCAG 1.4.3: a contrast of 4.5:1 in both modes, also of the hint in an empty field."""
    sheet = (Path(pages.__file__).parent / "templates" / "page.css").read_text()
    light, dark = re.findall(r":root \{([^}]*--ground[^}]*)\}", sheet.partition("@media print")[0])
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", light if mode == "light" else dark))
    grounds = {"ground": ("ink", "faint"), "card": ("ink", "soft", "faint", "link", "bar")}
    grounds |= {one: (f"on-{one}",) for one in ("hit", "tag", "good", "warn", "bad")}
    grounds["bar"] = ("card",)  # a button
    for ground, words in grounds.items():
        for one in words:
            assert contrast(colours[one], colours[ground]) >= 4.5, (ground, one)
    hint = re.search(r"input::placeholder \{([^}]*)\}", sheet)
    assert hint
    assert "color: var(--faint)" in hint[1]
    assert "opacity: 1" in hint[1]


async def test_S55_no_page_takes_anything(store: Store, clock: FakeClock) -> None:
    """Only GET and HEAD are allowed; the database is the same before and after all requests."""
    async with desk(store, clock) as site:
        before = await site.parts.store.read(_state)
        for path in site.paths:
            for method in ("POST", "PUT", "DELETE", "PATCH"):
                assert (await site.client.request(method, path)).status_code == 405
            assert (await site.client.head(path)).status_code in (200, 400, 404)
            await site.client.get(path)
        assert await site.parts.store.read(_state) == before


def _state(connection: object) -> list[tuple[object, ...]]:
    from sqlalchemy import Connection, select

    from monitor.store.schema import metadata

    assert isinstance(connection, Connection)
    return [
        tuple(row)
        for table in metadata.sorted_tables
        for row in connection.execute(select(table).order_by(*table.primary_key))
    ]


async def test_S62_S64_S95_nothing_that_is_asked_makes_a_page_fail(
    store: Store, clock: FakeClock
) -> None:
    """Odd numbers, names and queries cause no 5xx, and no word of the database's own appears.

    Each kind of address is tried with each odd end, and each parameter of a page with each value.
    """
    odd = ["", "0", "-1", "1", "9" * 30, "nato", "é", "a/b", "1e3"]
    quoted = ["%00", "%2e%2e", "%F0%9F%9A%A2", "%ED%A0%80", "%FF"]
    ways = ["stories", "articles", "feeds", "watchlists", "editions", "deliveries", "search"]
    values = [
        *(*odd, "\0", "..", "船" * 480, "query", "24h", "'--", '"', "x' OR 1=1"),
        *("NEAR(", "title:x", "*", "(" * 200, "a OR " * 300),
    ]
    asked = {
        "/": ("watchlist", "window", "page"),
        "/search": ("q", "since", "all"),
        "/search?by=query": ("q", "since", "all"),
        "/search?q=NATO": ("by", "since", "all"),
        "/feeds": ("by", "page"),
        "/digests": ("digest",),
        "/articles/1": ("watchlist",),
    }
    paths = [f"/{way}/{end}" for way in ways for end in (*odd, *quoted)]
    paths += [f"/deliveries/{end}/message" for end in (*odd, *quoted)]
    for path, names in asked.items():
        for at in range(len(values)):
            turned = zip(names, values[at:] + values[:at], strict=False)
            paths.append(str(httpx.URL(path).copy_merge_params(dict(turned))))
    statuses = Counter[int]()
    async with desk(store, clock) as site:
        for path in paths:
            got = await site.client.get(path)
            assert got.status_code < 500, path
            assert not re.search("SELECT|sqlite3|psycopg|fts5|tsquery", got.text), path
            statuses[got.status_code] += 1
    assert min(statuses[200], statuses[400], statuses[404]) >= 10


async def test_a_database_that_cannot_be_used_is_told_without_its_name(
    store: Store, clock: FakeClock
) -> None:
    class Busy:
        async def read(self, *_: object, **__: object) -> object:
            raise TryLaterError("the database is locked", "/secret/path")

    async with world(store, clock) as parts:
        busy = replace(parts, store=Busy())
        async with asking(busy) as client:
            got = await client.get("/")
    assert (got.status_code, got.text) == (503, "try again later")


async def test_S57_the_public_name_shows_no_page(store: Store, clock: FakeClock) -> None:
    async with desk(store, clock) as site:
        for path in site.paths:
            got = await site.client.get(path, headers={"Host": "monitor.test"})
            assert (got.status_code, got.text) == (404, "not found")
    assert WEB.public_url.endswith("monitor.test")


async def test_names_in_addresses_are_quoted(store: Store, clock: FakeClock) -> None:
    """A watchlist may have any name that a file may have."""
    odd = Watchlist(name="a b&c#d", queries=("x",), version="1")
    async with world(store, clock, watchlists=[odd]) as parts, asking(parts) as client:
        listed = await client.get("/watchlists")
        got = await client.get("/watchlists/a%20b%26c%23d")
    assert 'href="/watchlists/a%20b%26c%23d"' in listed.text
    assert got.status_code == 200


async def test_a_watchlist_that_never_matched_names_no_command_that_needs_matches(
    store: Store, clock: FakeClock
) -> None:
    """`coverage` and `suggest` have nothing to go by then; the page says that it never matched."""
    never = Watchlist(name="never", queries=("zeppelin",), version="1")
    async with world(store, clock, watchlists=[never]) as parts, asking(parts) as client:
        page = (await client.get("/watchlists/never")).text
    assert "It has matched nothing yet" in page
    assert "watchlists suggest" not in page
