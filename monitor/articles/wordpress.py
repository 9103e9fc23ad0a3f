"""Read a post from WordPress's REST API, if its page names it and gave hardly any text.

https://developer.wordpress.org/rest-api/reference/posts/: `title.rendered`, `content.rendered`.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from monitor.articles import language, urls
from monitor.articles.lines import Known, word_count
from monitor.articles.page import read_page
from monitor.articles.reading import body_markup, read_markup
from monitor.model import Cleaned

NO_TEXT = "no article text found"
"""The problem of a page without an article."""
WALL = "{} instead of an article"
"""The problem of a page that is a wall."""

DOUBTED_WORDS = 80
"""A page's text with fewer words than this is doubted, and the post itself is requested."""
_POST = re.compile(r"/wp-json/wp/v2/[a-z0-9_-]{1,40}/\d{1,12}/?$|[?&]rest_route=/wp/v2/[^&]+/\d+$")


def address(tree: Any, url: str) -> str:
    """The address of the post behind a page, as the page states it; empty if it states none.

    Only an address on the page's own host is believed.
    """
    for link in tree.xpath("//link[@rel='alternate'][@type='application/json'][@href]")[:5]:
        found = urls.absolute(url, link.get("href").strip())
        if _POST.search(found) and urls.host(found) == urls.host(url):
            return found
    return ""


def doubted(cleaned: Cleaned) -> bool:
    """Whether a page gave so little text that its post is worth a request.

    Never behind a wall: what a publisher locks is not fetched in another way.
    """
    walled = any(problem.endswith(WALL.format("")) for problem in cleaned.problems)
    return bool(cleaned.post) and not walled and word_count(cleaned.text) < DOUBTED_WORDS


def read_post(body: bytes, page: Cleaned, *, furniture: frozenset[int] = frozenset()) -> Cleaned:
    """The page with the text of its post; unchanged if that is locked, unreadable or not longer."""
    try:
        post = json.loads(body)
        markup, locked = post["content"]["rendered"], post["content"].get("protected")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return page
    if locked or not isinstance(markup, str):
        return page
    known = Known((page.title,), page.authors, furniture)
    reading = read_markup(body_markup(read_page(markup)), known, "page:wordpress")
    if word_count(reading.text) <= word_count(page.text):
        return page
    return replace(
        page,
        text=reading.text,
        language=language.detect(reading.text) or page.language,
        embeds=reading.embeds or page.embeds,
        method=reading.method,
        problems=tuple(one for one in page.problems if one != NO_TEXT),
        furniture=reading.furniture,
    )
