"""Merge what the feed and the page say about an article."""

from __future__ import annotations

import html
import re

from monitor.articles import tables
from monitor.articles.clean import clean_entry
from monitor.articles.lines import FOLDS, word_count
from monitor.model import Cleaned, Entry

FULL_WORDS = 150
"""A text in the feed needs so many words to be the whole article."""
BETTER_PAGE = 1.2
"""The page's body is taken if it has so many times the words of the feed's."""
_CUT = re.compile(
    r"(?:\[?(?:…|\.\.\.)\]?|continue reading\W*.{0,80}|read (?:more|the (?:full|rest)).{0,80}|"
    r"weiterlesen.{0,40}|lire la suite.{0,40}|leer más.{0,40})\W*$",
    re.I | re.S,
)
_CREDIT = re.compile(rf"(?:{tables.pattern([tables.FEED_CREDITS]).pattern})\W*$", re.I)
_TAG = re.compile(r"<[^<>]*>")


def gives_full_text(entry: Entry, cleaned: Cleaned | None = None) -> bool:
    """Whether the feed carries the whole article, so that the page need not be fetched.

    It does when its content (or a summary of that length) has at least 150 words and does not
    end in a cut mark ("…", "Continue reading"), WordPress's credit line aside. `cleaned` is the
    entry's clean text, if available.
    """
    return _is_full(entry, cleaned or clean_entry(entry))


def _is_full(entry: Entry, cleaned: Cleaned) -> bool:
    # The cut mark is looked for in what the feed sent: cleaning drops "Continue reading".
    sent = entry.content_html if cleaned.method == "feed" else entry.summary_html
    sent = sent.strip()[-3_000:]
    end = " ".join(html.unescape(_TAG.sub(" ", sent)).split())
    return word_count(cleaned.text) >= FULL_WORDS and not _CUT.search(_without_credit(end))


def _without_credit(end: str) -> str:
    """The end of an entry without WordPress's credit line, which follows a cut mark."""
    end = end[-900:].translate(FOLDS)
    return _CREDIT.sub("", end)[-400:]


def merge(entry: Entry, from_feed: Cleaned | None, from_page: Cleaned | None) -> Cleaned:
    """The article: each field from the feed, gaps filled from the page.

    The body is the feed's when it is full, unless the page has clearly more; else the page's;
    else the feed's summary. `method` says which: "feed", "page:...", "summary".
    """
    feed = from_feed or clean_entry(entry)
    if from_page is None:
        return feed
    body = from_page if _page_is_better(entry, feed, from_page) else feed
    precise = feed if feed.published else from_page
    return Cleaned(
        url=entry.link or from_page.url,
        canonical_url=from_page.canonical_url or feed.canonical_url,
        title=feed.title or from_page.title,
        authors=feed.authors or from_page.authors,
        published=precise.published,
        published_precision=precise.published_precision,
        modified=feed.modified or from_page.modified,
        section=from_page.section or feed.section,
        site=from_page.site or feed.site,
        language=body.language or from_page.language or feed.language,
        text=body.text,
        embeds=body.embeds or from_page.embeds,
        method=body.method,
        problems=tuple(dict.fromkeys((*feed.problems, *from_page.problems))),
        furniture=body.furniture,
    )


def _page_is_better(entry: Entry, feed: Cleaned, page: Cleaned) -> bool:
    if not page.text:
        return False
    known = word_count(feed.text) * (BETTER_PAGE if _is_full(entry, feed) else 1)
    return word_count(page.text) >= known
