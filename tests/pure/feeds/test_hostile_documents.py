"""Hostile documents are contained: read within bounds, or refused with a reason (S20-S32).

The suite's time limit is the bound on time; what is asserted is what becomes of the document.
"""

from __future__ import annotations

from typing import Any

import pytest

from monitor.errors import InputError
from monitor.feeds import closings, feedparser_loose, feedparser_sax
from monitor.feeds.limits import (
    FEW_ELEMENTS,
    MAX_ENTRIES,
    MAX_ENTRY_ELEMENTS,
    MAX_FIELD,
    MAX_READ_ELEMENTS,
    MAX_SHORT_FIELD,
)
from monitor.feeds.read import read
from monitor.model import Document

pytestmark = pytest.mark.timeout(30)


def rss(inner: str, prolog: str = "") -> bytes:
    return f'{prolog}<rss version="2.0"><channel><title>x</title>{inner}</channel></rss>'.encode()


def item(description: str) -> str:
    return f"<item><guid>1</guid><title>t</title><description>{description}</description></item>"


def many(count: int) -> str:
    return "".join(f"<item><guid>{n}</guid><title>t{n}</title></item>" for n in range(count))


def parsed(body: bytes) -> Document:
    return read(body, "application/xml", "http://feed.test/rss")


def nested_entities(between: str) -> str:
    levels = "".join(f'{between}<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE rss [<!ENTITY a0 "lol">{levels}{between}]>'


@pytest.mark.parametrize("between", ["", "\n"])
def test_s20_nested_entities_are_not_expanded(between: str) -> None:
    """With billion laughs, on one line or several, the text keeps the reference unexpanded."""
    document = parsed(rss(item("&a9;"), nested_entities(between)))
    assert document.entries[0].summary_html == "&a9;"


def test_s21_one_long_entity_used_often_is_not_expanded() -> None:
    """A quadratic blow-up (a value of 50 KB, 50,000 uses) stays within the field's bound."""
    prolog = f'<!DOCTYPE rss [\n<!ENTITY a "{"x" * 50_000}">\n]>'
    assert len(parsed(rss(item("&a;" * 50_000), prolog)).entries[0].summary_html) <= MAX_FIELD


def test_s21_short_entities_add_a_bounded_text() -> None:
    """An entity of honest length cannot blow up by number either."""
    prolog = f'<!DOCTYPE rss [\n<!ENTITY a "{"x" * 900}">\n]>'
    assert len(parsed(rss(item("&a;" * 100_000), prolog)).entries[0].summary_html) <= MAX_FIELD


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://feed.test/p.dtd"> %p;]>',
        '<!DOCTYPE rss SYSTEM "file:///etc/passwd">',
        '<?xml-stylesheet href="file:///etc/passwd" type="text/xsl"?>',
    ],
)
def test_s22_nothing_outside_is_opened(prolog: str) -> None:
    """External entities and DTDs never reach a parser; the reference stays what it is."""
    assert parsed(rss(item("leak:&x;"), prolog)).entries[0].summary_html.startswith("leak:&")


def test_s23_small_honest_entities_still_work() -> None:
    """Two short entities, declared and used, are expanded."""
    prolog = '<!DOCTYPE rss [<!ENTITY firm "Kvist &#38; Sons"><!ENTITY deg "&#176;">]>'
    document = parsed(rss("<item><guid>1</guid><title>&firm; 5 &deg;</title></item>", prolog))
    assert document.entries[0].title == "Kvist & Sons 5 °"


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("depth", [1_000, 100_000, 1_000_000])
def test_s24_deep_nesting_is_refused(depth: int, closed: bool) -> None:
    """XML that is 1,000 to 1,000,000 deep is refused, whether elements are closed or not."""
    with pytest.raises(InputError, match="nested too deep"):
        parsed(rss("<a>" * depth + "</a>" * depth * closed))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b'{"a":"' + b"x" * 5_000_000,
        b'{"a":"' + b"\\" * 3_000_001,
        b'{"items":[' + b'{"a":' * 1_000_000,
        b'{"a":"' + b'\\"' * 1_000_000,
        b'{"title":"A","items":[' + b"{}," * 600_000 + b"{}]}",
    ],
    ids=["lists", "endless-text", "endless-escapes", "objects", "endless-quotes", "s28-many"],
)
def test_s24_hostile_json_is_refused(body: bytes) -> None:
    """Depth, endless strings and floods in a JSON Feed are refused without a recursion crash."""
    with pytest.raises(InputError):
        parsed(body)


@pytest.mark.parametrize("quote", ['"', ""])
@pytest.mark.parametrize("count", [40_000, 200_000])
def test_s25_attribute_floods_are_refused(count: int, quote: str) -> None:
    """An element with 40,000 or 200,000 attributes is refused, well-formed or not."""
    attributes = " ".join(f"a{n}={quote}1{quote}" for n in range(count))
    with pytest.raises(InputError):
        parsed(rss(f"<item {attributes}/>"))


@pytest.mark.parametrize(
    "text",
    ["&lt;!--" * 200_000, f"<![CDATA[{'<!--' * 200_000}]]>", "<!--" * 200_000],
    ids=["escaped", "cdata", "raw"],
)
def test_s26_unclosed_comments_are_contained(text: str) -> None:
    """200,000 opened comments inside an item's HTML give at most one entry."""
    assert len(parsed(rss(item(text))).entries) <= 1


def test_s27_a_long_style_is_contained() -> None:
    """A style attribute of 60 KB is only text, and the item is read."""
    text = f'&lt;p style="{"a" * 60_000}"&gt;x&lt;/p&gt;'
    assert "x" in parsed(rss(item(text))).entries[0].summary_html


def test_s28_the_first_items_are_kept_and_it_is_said() -> None:
    """Of 100,000 items the first 5,000 are read."""
    document = parsed(rss(many(100_000)))
    assert len(document.entries) == MAX_ENTRIES
    assert document.entries[-1].title == f"t{MAX_ENTRIES - 1}"
    assert any("100000 entries" in problem for problem in document.problems)


def test_s28_the_first_items_of_a_broken_document_are_kept() -> None:
    """Of 20,000 items in a document that is no XML, the first 5,000 are read."""
    assert len(parsed(rss(many(20_000) + "<b>")).entries) == MAX_ENTRIES


def test_s28_a_long_text_is_cut_and_it_is_said() -> None:
    """A title of 10 MB and a description of 2 MB are cut, and a problem says so."""
    title = "word " * 2_000_000
    document = parsed(
        rss(f"<item><title>{title}</title><description>{'y' * 2_000_000}</description></item>")
    )
    assert len(document.entries[0].title) <= MAX_SHORT_FIELD
    assert len(document.entries[0].summary_html) == MAX_FIELD
    assert any("cut" in problem for problem in document.problems)


@pytest.mark.parametrize(
    "inner",
    [
        "".join(f'<a xmlns:n{n}="u{n}"/>' for n in range(50_000)),
        "".join(f"<category>{n}</category>" for n in range(30_000)),
        f"<keywords>{','.join(map(str, range(100_000)))}</keywords>",
        "<p>a</p>" * 600_000,
    ],
    ids=["namespaces", "categories", "keywords", "elements"],
)
def test_s28_floods_that_make_parsers_quadratic_are_refused(inner: str) -> None:
    """Many namespaces, categories, keywords or elements in one item are refused."""
    with pytest.raises(InputError, match="cannot be read"):
        parsed(rss(f"<item>{inner}</item>"))


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("links_first", [False, True])
def test_s28_an_entry_of_endless_elements_hands_on_few_and_loses_nothing_of_its_own(
    monkeypatch: pytest.MonkeyPatch, links_first: bool, broken: bool
) -> None:
    """feedparser is given few more than MAX_ENTRY_ELEMENTS elements, and no entry is lost."""
    told: list[str] = []
    slow = feedparser_sax.StrictFeedParser.unknown_starttag

    def counted(self: Any, tag: str, attributes: Any) -> None:
        told.append(tag)
        slow(self, tag, attributes)

    monkeypatch.setattr(feedparser_sax.StrictFeedParser, "unknown_starttag", counted)
    monkeypatch.setattr(feedparser_loose, "_slow_start", counted)
    unquoted = "<x y=z></x>" if broken else ""
    links = '<a:link rel="related" href="http://feed.test/a"><x/></a:link>' * 2 * MAX_ENTRY_ELEMENTS
    own = "<title>Storm</title><guid>urn:1</guid>"
    first = f"{links}{own}" if links_first else f"{own}{links}"
    document = parsed(
        '<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>f</title>'
        f"{unquoted}<item>{first}</item><item><title>Calm</title><guid>urn:2</guid></item></channel></rss>".encode()
    )
    assert len(told) < MAX_ENTRY_ELEMENTS + 20
    assert [(one.id, one.title) for one in document.entries] == [
        ("urn:1", "Storm"),
        ("urn:2", "Calm"),
    ]
    assert any(f"over {MAX_ENTRY_ELEMENTS} elements" in one for one in document.problems)
    assert broken == any("broken XML" in one for one in document.problems)


def test_s28_entries_of_many_elements_hand_on_few_and_lose_nothing_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once a document has been long, feedparser gets few elements of each entry that follows."""
    told = 0
    slow = feedparser_sax.StrictFeedParser.unknown_starttag

    def counted(self: Any, tag: str, attributes: Any) -> None:
        nonlocal told
        told += 1
        slow(self, tag, attributes)

    monkeypatch.setattr(feedparser_sax.StrictFeedParser, "unknown_starttag", counted)
    entries, links = 300, 800
    flood = "<link>http://feed.test/a</link><x/>" * (links // 2)
    own = "<title>t{0}</title><guid>{0}</guid><description>d{0}</description>"
    items = "".join(f"<item>{flood}{own.format(n)}</item>" for n in range(entries))
    document = parsed(rss(items))
    assert entries * links > MAX_READ_ELEMENTS + entries * FEW_ELEMENTS * 5
    assert told < MAX_READ_ELEMENTS + entries * (FEW_ELEMENTS + 10)
    said = [(one.id, one.title, one.summary_html, one.link) for one in document.entries]
    assert said == [(f"{n}", f"t{n}", f"d{n}", "http://feed.test/a") for n in range(entries)]
    assert any(f"over {MAX_READ_ELEMENTS} elements" in one for one in document.problems)


def test_s28_many_entries_of_a_usual_kind_are_read_in_full() -> None:
    """5,000 entries with twenty categories each lose none of them."""
    named = "".join(f"<category>c{n}</category>" for n in range(20))
    items = "".join(
        f"<item><guid>{n}</guid><title>t</title>{named}</item>" for n in range(MAX_ENTRIES)
    )
    document = parsed(rss(items))
    assert {len(one.categories) for one in document.entries} == {20}
    assert document.problems == ()


@pytest.mark.parametrize(
    ("inner", "entries"),
    [
        (item("& " * 1_000_000), 1),
        (item("< " * 1_000_000), 1),
        (item("&nbsp;" * 1_000_000), 1),
        (item("<!" * 300_000), 1),
        (item("<?" * 300_000), 1),
        ("<item><title>" + "<![CDATA[" * 300_000, 0),
        ("<item><title>" + "<b>x</b>" * 300_000, 0),
        ("<item>" + "<a xmlns='u" * 100_000, 0),
        ("<item>" + " a:" * 1_000_000 + "<b", 0),
        ("<item><b>" + "".join(f"<category>{n}</category>" for n in range(30_000)), None),
        ("<item>" + "<author>a</author>" * 100_000 + "</item>", 1),
        ("<item>" + '<link rel="alternate" href="http://feed.test/"/>' * 100_000 + "</item>", 1),
        (item("<![CDATA[" + '<a href="' * 300_000 + "]]>"), 1),
        (item("<![CDATA[<a " + " href=" * 600_000 + ">]]>"), 1),
        ("<item><title>" + "&lt;a " * 300_000 + "</title></item>", 1),
        ("<item>" + "".join(f"<a{n}:b>&" for n in range(100)) * 1_000, None),
        ("<item>& " + "".join(f"<a{n}:b/>" for n in range(200_000)) + "</item>", 0),
        ("<skipHours>" * 150 + "<hour>" * 40, 0),
    ],
    ids=[
        "ampersands", "less-than", "entities", "declarations", "instructions", "cdata", "tags",
        "namespace", "prefix", "categories", "authors", "links", "href", "href2", "title",
        "nested-prefixes", "prefixes", "hours",
    ],
)  # fmt: skip
def test_s28_other_floods_are_contained(inner: str, entries: int | None) -> None:
    """A document that repeats one mark endlessly is read or, if `entries` is None, refused."""
    if entries is None:
        with pytest.raises(InputError, match=r"too many categories|nested too deep"):
            parsed(rss(inner))
    else:
        assert len(parsed(rss(inner)).entries) == entries


@pytest.mark.parametrize(
    "prolog",
    ["<!DOCTYPE a [" * 100_000, "<!DOCTYPE a>" * 100_000, "<!--" * 300_000, "<?x" * 300_000],
)
def test_s28_endless_prologs_are_refused(prolog: str) -> None:
    """A document that never begins is no feed."""
    with pytest.raises(InputError):
        parsed(prolog.encode())


@pytest.mark.parametrize("flood", ["&" * 200_000 + "<" * 200_000, "< " * 400_000])
def test_s28_marks_without_end_are_contained(flood: str) -> None:
    """They are mended one by one up to a number; feedparser alone needs seconds."""
    assert [entry.id for entry in parsed(rss(item(flood))).entries] == ["1"]


def test_s29_control_characters_are_gone_from_every_field() -> None:
    """NUL, lone surrogates, escapes and direction overrides are removed once, on entry."""
    bad = "a\x00b\ufffe\x1b[31m&#0;&#xD800;&#x1b;&#x202e;&#x85;z"
    body = rss(
        f"<item><guid>{bad}</guid><title>{bad}</title><author>{bad}</author>"
        f"<category>{bad}</category><description>{bad}</description></item>"
    )
    entry = parsed(body).entries[0]
    texts = [entry.id, entry.title, *entry.authors, *entry.categories, entry.summary_html]
    assert all(text.startswith("ab") and text.endswith("z") for text in texts)
    assert not any(
        character in text for text in texts for character in "\x00\x1b\x85\u202e\ufffe\ud800"
    )


def test_s29_utf_7_is_never_believed() -> None:
    """UTF-7, which can hide markup, is not used although the charset says so."""
    body = rss("<item><guid>1</guid><title>+ADw-script+AD4-</title></item>")
    document = read(body, "application/xml; charset=utf-7", "http://feed.test/")
    assert document.entries[0].title == "+ADw-script+AD4-"


def test_s26_a_name_of_a_host_spelled_at_length_is_no_document() -> None:
    """Punycode, which Python reads in quadratic time, is the encoding of no feed."""
    body = rss("<item><guid>1</guid><title>Boats</title></item><!---" + "aaa9" * 1_000_000 + "-->")
    document = read(body, "application/xml; charset=punycode", "http://feed.test/")
    assert document.entries[0].title == "Boats"


def test_s32_long_and_absurd_values_are_ignored_or_cut() -> None:
    """Values of 100 KB are cut or ignored, and so are dates of the years 0, 9999 and 1e9."""
    long = "9" * 100_000
    body = rss(
        f"<language>{long}</language>"
        f"<item><guid>{long}</guid><link>http://feed.test/{long}</link><pubDate>{long}</pubDate>"
        f'<enclosure url="http://feed.test/{long}" length="{long}" type="{long}"/></item>'
        "<item><guid>2</guid><pubDate>Mon, 01 Jan 0000 00:00:00 GMT</pubDate></item>"
        "<item><guid>3</guid><pubDate>9999-12-31T00:00:00Z</pubDate></item>"
        "<item><guid>4</guid><pubDate>1000000000-01-01T00:00:00Z</pubDate></item>"
    )
    document = parsed(body)
    assert [entry.published for entry in document.entries] == [None] * 4
    first = document.entries[0]
    assert (first.link, first.enclosures, len(first.id)) == ("", (), MAX_SHORT_FIELD)
    assert len(document.language) <= MAX_SHORT_FIELD
    assert sum("unbelievable date" in problem for problem in document.problems) == 4


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x03\x04", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG", "image"),
    ],
)
def test_s33_other_files_are_named(body: bytes, what: str) -> None:
    """An archive or a picture is not parsed; the reason says what it is."""
    with pytest.raises(InputError, match=what):
        parsed(body + b"\x00" * 50)


def _three(spoilt: str) -> Document:
    """A document of three items, of which the second is `spoilt`."""
    first, third = (f"<item><title>{n}</title><link>/{n}</link></item>" for n in (1, 3))
    text = f"<rss><channel><title>T</title>{first}{spoilt}{third}</channel></rss>"
    return read(text.encode(), "", "https://a.test/f")


@pytest.mark.parametrize(
    "spoilt",
    [
        "<item><title>2</titel><link>/2</link><pubDate>d</pubDate></item>",
        "<item><title>2</title><link>/2</lnk></item>",
        "<item><title>2</title><link>/2</link><description>x</desc></item>",
        "<item><title>2</title><link>/2</link><pubDate>d</pubdate></item>",
        "<item><title>2</title><link>/2</link></itm>",
        "<item><title><![CDATA[2]]></Title><!-- </titel> --><link>/2</link></item>",
    ],
)
def test_a_slip_in_a_closing_tag_costs_no_entry(spoilt: str) -> None:
    """A slip costs neither its own entry nor the next, and the document counts as complete."""
    document = _three(spoilt)
    assert [(one.title, one.link) for one in document.entries] == [
        (f"{n}", f"https://a.test/{n}") for n in (1, 2, 3)
    ]
    assert document.complete
    assert document.problems[0].startswith("mended: mismatched tag")


def test_a_section_of_a_script_ends_no_section_of_the_feed() -> None:
    """The text of the entry is whole, whatever scripts it holds; sections in a row stay as are."""
    script = "<script>//<![CDATA[\nlet a;\n//]]></script>"
    text = f"<p>One &amp; two.</p>{script}<p>Three.</p>{script}<p>Four.</p>"
    document = _three(
        f"<item><link>/2</link><description><![CDATA[{text}]]>\n</description></item>"
        "<item><link>/a</link><description><![CDATA[a]]> &nbsp; <![CDATA[b]]></description></item>"
    )
    assert document.complete
    assert [one.summary_html.strip() for one in document.entries[1:3]] == [text, "a \xa0 b"]


def test_markup_between_sections_is_left_as_it_is() -> None:
    """Whatever else has to be mended in the document."""
    document = _three(
        "<item><link>/2</link><description><![CDATA[One]]> <b>two</b> <![CDATA[three]]>"
        "</description></item>"
        "<item><![CDATA[ ]]><title>T</title><link>/a</link><![CDATA[ ]]></item>"
        "<item><title>x</titel></item>"
    )
    told, spaced = document.entries[1:3]
    assert (told.summary_html, spaced.title) == ("One <b>two</b> three", "T")


def test_s26_sections_that_may_end_early_are_looked_at_in_linear_time() -> None:
    """Whether or not their element is closed."""
    assert closings.mended("<a><![CDATA[x]]>" * 100_000)
    assert closings.mended("".join(f"<a{n}><![CDATA[x" for n in range(200_000)))
    assert closings.mended("<a><![CDATA[<![CDATA[x]]><b>]]></a>" * 50_000).count("]]]]>") == 50_000


def test_a_stray_tag_of_a_text_closes_nothing() -> None:
    """A closing tag that resembles no open element is no slip."""
    document = _three("<item><link>/2</link><description>a</p>b</description></item>")
    assert [one.link for one in document.entries][1:] == ["https://a.test/2", "https://a.test/3"]
    assert not document.complete


def test_entries_that_are_swallowed_are_counted() -> None:
    """A section that is never closed swallows entries, and a problem says how many."""
    document = _three("<item><link>/2</link><description>a <![CDATA[x]></description></item>")
    assert len(document.entries) == 2
    assert "1 of 3 entries cannot be told from others" in document.problems


@pytest.mark.parametrize("piece", ["</a>", "<a>", "<a ", "</b><a>", "<![CDATA["])
def test_s26_closing_tags_without_end_are_looked_at_in_linear_time(piece: str) -> None:
    """Text of 300,000 such pieces comes back unchanged."""
    text = piece * 300_000
    assert closings.mended(text) == text


@pytest.mark.parametrize("last", ["", "]]>"])
def test_s26_sections_without_end_are_looked_at_in_linear_time(last: str) -> None:
    """Each is closed with its element; the end of the last one is looked for once."""
    text = "<a><![CDATA[</a>" * 120_000
    assert closings.mended(text + last).count("]]></a>") >= 119_999


def test_s26_spaces_without_an_attribute_are_looked_at_in_linear_time() -> None:
    """The repeated attribute before 100,000 spaces is taken out, and the title is read."""
    spaced = f'<item><guid>1</guid><title a="1" a="1"{" " * 100_000}>t</title></item>'
    assert [one.title for one in parsed(rss(spaced)).entries] == ["t"]
