"""The recordings agree with themselves: feeds with pages, pages with what is expected of them."""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import feedparser
import lxml.html
import pytest
from protego import Protego
from support import seeds

from monitor.model import Feed

BROKEN = "http://security-roundup.example/rss/"
NO_FEED = "http://old-fort.example/feed/"
KEYS = {"url", "title", "published", "authors", "section", "language", "text", "embeds"} | {
    "must_not_contain",
    "watchlists",
    "story",
}
PAGES = seeds.pages()
ENCODINGS = {"tagesblick.example": "cp1252", "tokai-shimpo.example": "shift_jis"}


def page_text(page: seeds.Page) -> str:
    """All text of a page, whitespace folded, scripts left out."""
    host = page.name.partition("/")[0]
    markup = page.recording.body.decode(ENCODINGS.get(host, "utf-8"))
    root = lxml.html.document_fromstring(markup)
    for element in root.xpath("//script | //style"):
        element.drop_tree()
    return fold(" ".join(root.itertext()))


def fold(text: str) -> str:
    """The text without whitespace, since a tag inside a word must not count as a space."""
    return re.sub(r"\s+", "", text)


def entries() -> Iterator[tuple[str, str, str]]:
    """(feed address, link, title) of every entry that a reader gets out of the feeds."""
    for url in seeds.feed_urls():
        body = seeds.recordings()[url].body
        if url.endswith(".json"):
            for item in json.loads(body)["items"]:
                yield url, item["url"], item["title"]
        elif url != NO_FEED:
            for item in feedparser.parse(io.BytesIO(body), sanitize_html=False).entries:
                title = lxml.html.fromstring(item.title).text_content()
                yield url, urljoin(url, item.get("link", "")), title


def answered(link: str) -> seeds.Recording:
    """The recording behind a link, one redirect followed."""
    recording = seeds.recordings()[link]
    return (
        seeds.recordings()[recording.headers["Location"]] if recording.status == 301 else recording
    )


def test_every_file_is_recorded_and_every_recording_has_its_file() -> None:
    """No file is unused, missing or too large to read."""
    files = {p.relative_to(seeds.ROOT).as_posix() for p in seeds.ROOT.glob("*/**/*") if p.is_file()}
    recorded = {recording.file for recording in seeds.recordings().values()}
    assert recorded == {name for name in files if not name.endswith(".expected.json")}
    assert {p.recording.file.replace(".html", ".expected.json") for p in PAGES.values()} == (
        files - recorded
    )
    sizes = [(seeds.ROOT / name).stat().st_size for name in files]
    assert max(sizes) < 60_000
    assert sum(sizes) < 2_000_000


def test_every_host_is_reserved_for_examples() -> None:
    """No recorded address can exist: .example is reserved (RFC 2606 section 3)."""
    for url in [*seeds.recordings(), *seeds.feed_urls()]:
        parts = urlsplit(url)
        assert parts.scheme == "http"
        assert parts.hostname is not None
        assert parts.hostname.endswith(".example")
    assert len(seeds.recordings()) == len(seeds.settings()["recordings"])


def test_every_feed_is_described_and_recorded() -> None:
    """The feeds stand in the form of config/feeds.toml and each has an answer."""
    rows = seeds.settings()["feeds"]
    for row in rows:
        feed = Feed(**{**row, "tags": tuple(row["tags"])})
        assert feed.source
        assert feed.url in seeds.recordings()
    assert len(rows) >= 8


def test_entries_lead_to_recorded_pages_with_the_same_title() -> None:
    """Whatever a feed links is recorded, and the page has the title that the feed has."""
    by_file = {page.recording.file: page for page in PAGES.values()}
    seen = set()
    for feed, link, title in entries():
        if feed == BROKEN and not urlsplit(link).path.strip("/").count("-"):
            continue  # the entry in which the document was cut
        recording = answered(link)
        if recording.status == 404:
            continue
        page = by_file[recording.file]
        seen.add(page.name)
        assert fold(page.expected["title"]) == fold(title)
    assert seen == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_expected_text_stands_in_the_page_in_order(name: str) -> None:
    """Every paragraph that is expected can be found in the page, after the one before it."""
    text, place = page_text(PAGES[name]), 0
    for paragraph in PAGES[name].paragraphs:
        found = text.find(fold(paragraph), place)
        assert found >= 0, paragraph
        place = found + len(fold(paragraph))


@pytest.mark.parametrize("name", PAGES)
def test_furniture_stands_in_the_page_and_not_in_the_text(name: str) -> None:
    """What must not be in the text is really there to be left out."""
    page = PAGES[name]
    whole, text = page_text(page), fold(page.expected["text"])
    assert page.expected["must_not_contain"]
    for furniture in page.expected["must_not_contain"]:
        assert fold(furniture) in whole, furniture
        assert fold(furniture) not in text, furniture


@pytest.mark.parametrize("name", PAGES)
def test_expectations_are_complete_and_in_their_week(name: str) -> None:
    """Each expected file has all keys; dates lie between 16 October 2024 and the demo's now."""
    expected = PAGES[name].expected
    assert set(expected) - {"duplicate_of", "excerpt_of"} == KEYS
    assert set(expected["watchlists"]) <= {"nato", "indo-pacific", "drones"}
    published = datetime.fromisoformat(expected["published"])
    published = published if published.tzinfo else published.replace(tzinfo=UTC)
    assert datetime(2024, 10, 16, tzinfo=UTC) <= published <= seeds.now()
    if expected["language"] != "ja":
        assert 225 <= len(expected["text"].split()) <= 900


def full_texts() -> Iterator[tuple[str, str]]:
    """(link, folded text) of every entry in the two feeds that give whole articles."""
    rss = seeds.recordings()["http://northwatch.example/feed/"].body
    for item in feedparser.parse(io.BytesIO(rss), sanitize_html=False).entries:
        yield item.link, item.content[0].value
    ledger = seeds.recordings()["http://dnipro-ledger.example/feed.json"].body
    for item in json.loads(ledger)["items"]:
        yield item["url"], item["content_html"]


def test_feeds_with_full_text_carry_every_paragraph() -> None:
    """Two feeds give whole articles, so that their pages need not be fetched."""
    by_url = {page.expected["url"]: page for page in PAGES.values()}
    given = list(full_texts())
    for link, markup in given:
        text = fold(" ".join(lxml.html.fragment_fromstring(markup, "div").itertext()))
        assert all(fold(paragraph) in text for paragraph in by_url[link].paragraphs)
    assert len(given) == 9


def test_main_story_is_told_by_many_and_copied_by_some() -> None:
    """The wire's text is found whole in both reprints, and its opening in the excerpt."""
    wire = PAGES[seeds.WIRE]
    assert wire.expected["watchlists"] == ["nato", "indo-pacific", "drones"]
    tellers = [p for p in PAGES.values() if p.expected["story"] == seeds.MAIN_STORY]
    assert len({page.name.partition("/")[0] for page in tellers}) >= 8
    repeats = [p for p in tellers if p.expected.get("duplicate_of") == seeds.WIRE]
    copies = [page for page in repeats if "excerpt_of" not in page.expected]
    assert sorted(len(set(p.paragraphs) - set(wire.paragraphs)) for p in copies) == [0, 2]
    assert all(set(wire.paragraphs) <= set(page.paragraphs) for page in copies)
    (excerpt,) = (p for p in repeats if p.expected.get("excerpt_of") == seeds.WIRE)
    assert set(excerpt.paragraphs) < set(wire.paragraphs)


def test_look_alikes_are_other_stories() -> None:
    """Nearly equal headlines about different events have names of their own."""
    stories = defaultdict(list)
    for page in PAGES.values():
        stories[page.expected["story"]].append(page.name)
    alone = ["nato-june-2024-ministerial-review", "finance-ministers-ukraine-loan"]
    alone += ["cinema-owners-convention", "nato-watch-strap-fashion", "beekeeper-autumn"]
    alone += ["patriot-sale-poland", "patriot-sale-romania", "kharkiv-drone-strike-17-october"]
    assert [len(stories[name]) for name in alone] == [1] * len(alone)
    shared = {name for name, told in stories.items() if len(told) > 1}
    assert shared == {seeds.MAIN_STORY, "odesa-drone-strike-18-october"} | {
        "taiwan-strait-transit-october-2024",
        "counter-drone-gun-order",
    }


def test_words_with_another_sense_expect_no_watchlist() -> None:
    """Theatre owners, watch straps, bees and a rowing quad are of no interest to any desk."""
    rest = [page for name, page in PAGES.items() if name.startswith("ellery-post.example")]
    assert all(page.expected["watchlists"] == [] for page in rest)
    text = " ".join(page.expected["text"] for page in rest)
    assert all(word in text for word in ("NATO", "drones", "quad", "navy"))


def test_one_article_stands_on_a_path_that_robots_forbids() -> None:
    """Exactly one recorded article must not be fetched; its feed summary has to do."""
    forbidden = []
    for page in PAGES.values():
        host = page.name.partition("/")[0]
        robots = seeds.recordings().get(f"http://{host}/robots.txt")
        rules = Protego.parse(robots.body.decode() if robots else "")
        if not rules.can_fetch(page.expected["url"], "monitor"):
            forbidden.append(page.name)
    assert forbidden == ["security-roundup.example/baltic-cables-patrol-print"]


def test_broken_feeds_are_broken_as_described() -> None:
    """One document is cut in the middle of an entry, one is a page that names feeds."""
    cut = feedparser.parse(io.BytesIO(seeds.recordings()[BROKEN].body))
    assert cut.bozo
    page = lxml.html.document_fromstring(seeds.recordings()[NO_FEED].body)
    assert len(page.xpath("//link[@rel='alternate']/@href")) == 2


def test_declared_encodings_are_the_encodings_met_in_the_wild() -> None:
    """German pages say ISO-8859-1 and are windows-1252; Japanese pages are Shift_JIS."""
    german = PAGES["tagesblick.example/drohnenabwehr-flughafen-probe"].recording
    assert "iso-8859-1" in german.content_type
    assert "„" in german.body.decode("cp1252")
    feed = seeds.recordings()["http://tagesblick.example/rss/sicherheit.xml"].body
    assert b'encoding="ISO-8859-1"' in feed
    assert "Bündnisse" in feed.decode("iso-8859-1")
    for name, page in PAGES.items():
        if name.startswith("tokai-shimpo.example"):
            assert "防衛" in page.recording.body.decode("shift_jis")
