"""Index pages of sites without a feed, read with the selectors of the settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.feeds import page
from monitor.feeds.read import document_as_json, read
from monitor.model import Document, Feed

DATA = Path(__file__).parent / "data"
URL = "https://port.test/press/index.html"
BODY = (DATA / "index-page.html").read_bytes()
SELECTORS = {
    "item": "li.release", "title": "h3", "date": "time, .date", "summary": "p.lead",
}  # fmt: skip


def found(body: bytes = BODY, **selectors: str) -> Document:
    """The page as read with these selectors."""
    return read(body, "text/html", URL, "page", selectors=selectors or SELECTORS)


def test_an_index_page_is_read_as_expected() -> None:
    """Links follow the page's base, words are in one line, items without a link are reported."""
    expected = json.loads((DATA / "index-page.expected.json").read_text("utf-8"))
    assert document_as_json(found()) == expected


def test_only_the_item_must_be_described() -> None:
    """An entry's link is the item's first link, and its title that link's words."""
    entries = found(item="li.release").entries
    assert [(one.link, one.title) for one in entries] == [
        ("https://port.test/press/2025/berth-9.html", "Berth 9 closed for dredging"),
        ("https://port.test/press/2025/tug.html", ""),
    ]


def test_a_picture_that_links_too_does_not_take_the_title() -> None:
    """The words are those of the first link to the same address that has any."""
    body = (
        b"<html lang=fr><div class=i><a href=/a><img alt=''></a><a href=/b>Other</a>"
        b"<a href=/a>Fleet sails</a><i>09/03/2026</i></div>"
        b"<div class=i><a href=/c>Fleet returns</a><i>Le 10 mars 2026 | Marine</i></div></html>"
    )
    entries = found(body, item=".i", date="i").entries
    assert [one.title for one in entries] == ["Fleet sails", "Fleet returns"]
    assert [str(one.published)[:10] for one in entries] == ["2026-03-09", "2026-03-10"]


def test_the_items_may_be_the_links_themselves() -> None:
    """A list of links needs only the selector `item`."""
    entries = found(item="ul a.headline").entries
    assert [one.title for one in entries] == ["Berth 9 closed for dredging"]


def test_an_entry_stands_once() -> None:
    """Headlines that a page repeats in boxes and sliders are one entry."""
    doubled = BODY.replace(b"</ul>", BODY[BODY.index(b"<li") : BODY.index(b"</ul>")] + b"</ul>")
    assert found(doubled).entries == found().entries


def test_a_page_on_which_nothing_is_found_is_a_failure() -> None:
    """A page without items was probably rebuilt, which silence would hide."""
    with pytest.raises(InputError, match="no element is what `item` describes"):
        found(item="article")
    with pytest.raises(InputError, match="4 items have no link"):
        found(item="li", link="b")


@pytest.mark.parametrize(
    ("selectors", "mistake"),
    [
        ({}, 'the selector "item" is missing'),
        ({"item": "li", "titel": "h3"}, 'no selector "titel"'),
        ({"item": "li["}, "item: "),
        ({"item": "li", "date": "time:none"}, "date: "),
    ],
)
def test_wrong_selectors_are_named(selectors: dict[str, str], mistake: str) -> None:
    """The settings name wrong selectors before any poll, and a poll does too."""
    assert any(mistake in one for one in page.mistakes(selectors))
    with pytest.raises(InputError, match="the selectors cannot be used"):
        read(BODY, "text/html", URL, "page", selectors=selectors)


def test_right_selectors_have_no_mistakes() -> None:
    assert page.mistakes(SELECTORS) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 50_000 + b"<li class=release><a href=/x>x</a>",
        b"<li class=release><a href=/x>x</a>" * 20_000,
        b"<li class=release><a href=/x>" + b"x" * 3_000_000,
        b"\x00\xff\xfe<li class=release><a href='/\x00x'>\x1b[31mx\xe2\x80\xae</a>",
        b"<li class=release><a href='http://[::bad'>b</a><li class=release><a href=/x>x</a>",
    ],
    ids=["deep", "many", "long", "controls", "no address"],
)
def test_s30_hostile_pages_are_read_within_bounds(body: bytes) -> None:
    """A hostile page gives its one entry, without control characters or endless text."""
    (entry,) = found(body).entries
    assert len(entry.title) <= 2_000
    assert entry.title.isprintable()


def test_a_feed_with_selectors_can_be_told_apart_and_kept_in_sets() -> None:
    """The settings compare feeds, and put them in sets."""
    one, other = Feed(url=URL, selectors=SELECTORS), Feed(url=URL)
    assert one != other
    assert len({one, other}) == 2


def test_an_entry_stated_twice_keeps_its_words() -> None:
    """An entry that is linked by picture, headline and "most read" keeps its headline and date.

    A link that leads nowhere, or to a place on the page itself, is no link of an entry.
    """
    body = (
        "<li><a href='/1'><img src='x'></a></li><li><a href='/1'>First</a><b>2025-09-19</b></li>"
        "<li><a href='/1'>Most read: First</a></li><li><a href='#top'>Up</a></li>"
        "<li><a href='javascript:share()'>Share</a><a href='/2'>Second</a></li>"
    )
    told = page.parse(body.encode(), "", "https://a.test/", selectors={"item": "li", "date": "b"})
    assert [(one.link, one.title) for one in told.entries] == [
        ("https://a.test/1", "First"),
        ("https://a.test/2", "Second"),
    ]
    assert told.entries[0].published is not None


@pytest.mark.parametrize("selector", ["li::before", "li::after a", "a:visited(", ":is("])
def test_a_selector_that_nobody_supports_is_a_mistake(selector: str) -> None:
    """An unsupported selector is reported as a mistake, and does not stop the program."""
    assert page.mistakes({"item": selector})


def test_the_key_is_the_link_as_the_page_spells_it() -> None:
    """Only the link is encoded: a key that changed would tell the entry again."""
    one = found(b"<li><a href='/a b'>t</a></li>", item="li").entries[0]
    assert (one.key, one.link) == ("https://port.test/a b", "https://port.test/a%20b")
