"""Documents of every kind, read as the contract of `monitor parse` says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.errors import InputError, NotAFeed
from monitor.feeds import jsonfeed
from monitor.feeds.read import document_as_json, read

DATA = Path(__file__).parent / "data"
URL = "https://feed.test/feeds/all"


@pytest.mark.parametrize("name", ["rss20.xml", "atom10.xml", "rdf.xml", "feed.json", "broken.xml"])
def test_a_document_is_read_as_expected(name: str) -> None:
    """Each document in data/ gives the JSON of the expected file beside it."""
    expected = json.loads((DATA / name).with_suffix(".expected.json").read_text("utf-8"))
    assert document_as_json(read((DATA / name).read_bytes(), "", URL)) == expected


@pytest.mark.parametrize("name", ["rss20.xml", "atom10.xml", "rdf.xml", "feed.json"])
def test_the_password_of_a_feed_is_in_no_link(name: str) -> None:
    """Neither where a link is relative to the feed's address, nor where the feed states one."""
    body = (DATA / name).read_bytes().replace(b"https://", b"https://bob:pw@")
    document = read(body, "", "https://ann:secret@feed.test/feeds/all")
    links = [document.link, *(entry.link for entry in document.entries)]
    assert [link for link in links if "@" in link.partition("/@")[0]] == []
    plain = read((DATA / name).read_bytes(), "", URL)
    assert links == [plain.link, *(entry.link for entry in plain.entries)]


def test_mended_documents_are_complete() -> None:
    """Bare ampersands and a host's messages lose nothing: the feed may be asked conditionally."""
    assert read((DATA / "broken.xml").read_bytes(), "", URL).complete


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_p08_a_cut_document_gives_what_was_whole(share: float) -> None:
    """Only entries that ended are given, and `complete` says that something is missing."""
    whole = (DATA / "rss20.xml").read_bytes()
    document = read(whole[: int(len(whole) * share)], "", URL)
    assert not document.complete
    assert any("broken XML" in problem for problem in document.problems)
    ids = {entry.id for entry in read(whole, "", URL).entries}
    assert {entry.id for entry in document.entries} <= ids


@pytest.mark.parametrize("share", [0.8, 0.9, 0.95])
def test_p08_a_cut_json_feed_gives_what_was_whole(share: float) -> None:
    """As with XML: the items that ended, and `complete` says that something is missing."""
    whole = (DATA / "feed.json").read_bytes()
    entries = read(whole, "", URL).entries
    document = read(whole[: int(len(whole) * share)], "", URL)
    assert not document.complete
    assert any("broken JSON" in problem for problem in document.problems)
    assert document.entries == entries[:1]


def test_a_comma_after_the_last_member_loses_nothing() -> None:
    """Commas inside texts stay."""
    text = (
        '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "a,]", "title": ",}",},],}'
    )
    document = read(text.encode(), "", URL)
    assert [(entry.id, entry.title) for entry in document.entries] == [("a,]", ",}")]
    assert document.complete


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("<title>1 < 2, 3<4 <3</title>", "1 < 2, 3<4 <3"),
        ("<!-- 1 < 2 & 3 --><title>T</title>", "T"),
        ("<title><![CDATA[1 < 2 & 3]]></title>", "1 < 2 & 3"),
        ("<!-- from -- the cache --><title>T</title>", "T"),
        ("<title>T</title><enclosure url='https://a.test/1' url='https://a.test/2'/>", "T"),
    ],
)
def test_marks_that_begin_no_tag_and_repeated_attributes_are_mended(
    stated: str, meant: str
) -> None:
    """They lose nothing; of attributes with one name the first counts."""
    prefix = " xmlns:media='http://search.yahoo.com/mrss/'"
    item = f"<item>{stated}<guid>1</guid></item>"
    body = f"<rss version='2.0'{prefix}{prefix}><channel>{item}</channel></rss>"
    document = read(body.encode(), "", URL)
    (entry,) = document.entries
    assert (document.complete, entry.title) == (True, meant)
    assert [one.url for one in entry.enclosures] in ([], ["https://a.test/1"])


SECOND = "<item><title>B</title><guid>2</guid></item>"


@pytest.mark.parametrize(
    "first",
    [
        "<title>A<link>https://a.test/</link><guid>1</guid>",
        "<guid>1</guid><link>https://a.test/</link><title>A",
        "<title>A</title><guid>1</guid><description><![CDATA[never closed</description>",
        "<title><![CDATA[A</title><guid>1</guid><description><![CDATA[]]></description>",
        "<title><![CDATA[A]]></title><guid>1</guid><link><![CDATA[<![CDATA[y]]></link>",
    ],
)
def test_a_field_without_an_end_ends_where_the_next_one_begins(first: str) -> None:
    """A title never contains a link; what is never closed ends with its element."""
    body = f"<rss version='2.0'><channel><item>{first}</item>{SECOND}</channel></rss>"
    document = read(body.encode(), "", URL)
    assert document.complete
    assert [(one.id, one.title) for one in document.entries] == [("1", "A"), ("2", "B")]


def test_an_unclosed_tag_loses_no_entry() -> None:
    """All entries are read, also the one with an unclosed tag in its title."""
    body = (DATA / "rss20.xml").read_bytes().replace(b"Only a guid", b"<b>Only a guid")
    document = read(body, "", URL)
    assert [entry.id for entry in document.entries] == [
        "hf-1001", "https://harbour.test/news/2025/orca",
        "https://harbour.test/news/2025/link-by-guid",
    ]  # fmt: skip
    assert document.entries[2].title == "Only a guid"


def test_p95_a_page_is_named_with_the_feeds_it_links() -> None:
    """A page is an error that carries the addresses of its feeds; none is read in its place."""
    page = b"""<!doctype html><html><head><title>Fleet &amp; News</title>
    <link rel="alternate" type="application/rss+xml" href="/feed"></head></html>"""
    with pytest.raises(NotAFeed) as caught:
        read(page, "application/rss+xml", "https://site.test/start")
    assert caught.value.feeds == ("https://site.test/feed",)
    assert 'a web page: "Fleet & News"' in str(caught.value)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<svg/>", "image"), (b"<opml/>", "OPML"), (b"just words", "text"),
        (b'{"error": "none"}', "no JSON Feed"), (b"[1]", "no JSON Feed"),
    ],
)  # fmt: skip
def test_p95_other_documents_are_named(body: bytes, what: str) -> None:
    """The error says what the document is."""
    with pytest.raises(NotAFeed, match=what):
        read(body, "", URL)


@pytest.mark.parametrize("body", [b"", b"  \r\n\t", b"\x00\x00"])
def test_an_empty_body_is_an_error(body: bytes) -> None:
    """An empty body is an error, and no feed without entries."""
    with pytest.raises(InputError, match="empty"):
        read(body, "", URL)


def test_a_feed_without_entries_is_a_feed() -> None:
    """A document without entries is complete and has no problems."""
    document = read(b"<rss version='2.0'><channel><title>x</title></channel></rss>", "", URL)
    assert (document.entries, document.complete, document.problems) == ((), True, ())


def test_a_kind_is_a_file_or_a_dotted_path() -> None:
    """A kind that is named is not guessed, and an unknown one is an error."""
    body = (DATA / "feed.json").read_bytes()
    assert read(body, "", URL, kind="monitor.feeds.jsonfeed") == jsonfeed.parse(body, "", URL)
    for kind in ("nothing", "decide", "dates", ".", ".rss", "no.such.module"):
        with pytest.raises(InputError, match=f'no feed kind "{kind}"'):
            read(body, "", URL, kind=kind)


def test_an_id_does_not_depend_on_xml_base_or_on_neighbours() -> None:
    """Ids are kept as stated, wherever the feed moves to."""
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom">
    <entry><id>t3_a</id><content type="xhtml" xml:base="/x"><p>1</p></content></entry>
    <entry><id>t3_b</id><title>2</title></entry></feed>"""
    for url in (URL, "https://moved.test/"):
        assert [entry.id for entry in read(body, "", url).entries] == ["t3_a", "t3_b"]


@pytest.mark.parametrize(
    "scheme", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"]
)
def test_links_of_other_schemes_are_dropped(scheme: str) -> None:
    """An entry's link can be followed on the web, or is empty."""
    body = f"<rss version='2.0'><item><title>t</title><link>{scheme}</link></item></rss>".encode()
    assert read(body, "", URL).entries[0].link == ""


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("www.port.test/1", "https://www.port.test/1"),
        ("http://https://port.test/1", "https://port.test/1"),
        ("https:/port.test/1", "https://port.test/1"),
        ("https:/port.test:8443/1", "https://port.test:8443/1"),
        ("https:/news/1", "https://a.test/news/1"),
        ("www.html", "https://a.test/www.html"),
        ("news/www.port.test", "https://a.test/news/www.port.test"),
        (
            "https://a.test/go?to=http://https://b.test",
            "https://a.test/go?to=http://https://b.test",
        ),
    ],
)
def test_a_slip_in_the_scheme_of_a_link_leads_nowhere_else(stated: str, meant: str) -> None:
    """Browsers forgive some; joined to the feed's address, none of these leads to the article."""
    body = f"<rss version='2.0'><item><guid>1</guid><link>{stated}</link></item></rss>"
    assert read(body.encode(), "", "https://a.test/feed").entries[0].link == meant


def test_a_section_that_is_written_within_another_is_no_text() -> None:
    """Its marks stood in titles, and took the beginning of the text with them on cleaning."""
    item = (
        "<item><guid>1</guid><title>&lt;![CDATA[Fleet sails]]&gt;</title>"
        "<description><![CDATA[<![CDATA[<p>At <b>dawn</b>.</p>]]]]><![CDATA[>]]></description>"
        "</item>"
    )
    (entry,) = read(f"<rss version='2.0'>{item}</rss>".encode(), "", URL).entries
    assert (entry.title, entry.summary_html) == ("Fleet sails", "<p>At <b>dawn</b>.</p>")


def test_sections_one_behind_the_other_lose_no_half_of_their_marks() -> None:
    title = "&lt;![CDATA[Fleet]]&gt; and &lt;![CDATA[port]]&gt;"
    body = f"<rss version='2.0'><item><guid>1</guid><title>{title}</title></item></rss>"
    assert read(body.encode(), "", URL).entries[0].title == "<![CDATA[Fleet]]> and <![CDATA[port]]>"


def test_an_unclosed_comment_makes_no_document_complete() -> None:
    item = "<item><guid>{}</guid><title>T</title></item>"
    body = f"<rss version='2.0'><channel>{item.format(1)}<!-- open {item.format(2)}</channel></rss>"
    assert not read(body.encode(), "", URL).complete


def test_a_document_read_twice_is_the_same() -> None:
    """Reading depends on no clock, no chance and no state."""
    body = (DATA / "rss20.xml").read_bytes()
    assert read(body, "", URL) == read(body, "", URL)
