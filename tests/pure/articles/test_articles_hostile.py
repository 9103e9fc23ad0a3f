"""Hostile and broken pages give a `Cleaned` with its problems, never an exception."""

from __future__ import annotations

import tracemalloc

import pytest

from monitor.articles.clean import clean_entry, clean_page, clean_text
from monitor.articles.explain import explain_page
from monitor.articles.lines import fold
from monitor.articles.page import MAX_MARKUP, decode
from monitor.model import Entry, Override

URL = "https://paper.example/story"
TEXT = "<p>The minister said on Monday that the alliance would send more help to the coast.</p>"
SENT = "The minister said on Monday"

HOSTILE = {
    "nested div": "<body>" + "<div>" * 20_000 + TEXT + "</div>" * 20_000,
    "nested inline": f"<body>{TEXT}" + "<b>" * 20_000 + "x" + "</b>" * 20_000,
    "attributes": "<body><div " + " ".join(f'a{n}="x"' for n in range(50_000)) + f">{TEXT}</div>",
    "attributes behind a quoted bracket": '<body><div a=">" '
    + " ".join(f"a{n}<" for n in range(50_000))
    + f">{TEXT}</div>",
    "long style": f'<body><p style="{"a" * 60_000}">x</p>{TEXT}',
    "open comments": f"<body>{TEXT}" + "<!--" * 200_000,
    "class tokens": '<body><div class="' + "share-x " * 20_000 + f'">{TEXT * 3}</div>',
    "json-ld of brackets": '<script type="application/ld+json">'
    + "[" * 50_000
    + f"</script>{TEXT}",
    "state of brackets": f"<script>window.s = {'[' * 50_000}</script>{TEXT}",
    "state of tags": f"<script>window.s = [{'<' * 50_000!r}, 'x']</script>{TEXT}",
    "state of rows": '<script>self.__next_f.push([1, "0:{\\n' * 9_000 + f"</script>{TEXT}",
    "json-ld of a long type": '<script type="application/ld+json">{"@type":"'
    + "a" * 500_000
    + f'"}}</script><body>{TEXT}',
    "nested div and a name without end": f"<body>{TEXT}" + "<div>" * 300 + "<" + "a" * 500_000,
    "surrogates and controls": f"<body><p>\ud800 \x00\x1b x</p>{TEXT}",
    "self-closed drawing": f"<body><svg class='x'/>{TEXT}",
    "section of a number": '<script type="application/ld+json">{"@type":"NewsArticle",'
    f'"articleSection":5}}</script><body>{TEXT}',
    "post on a host in open brackets": "<link rel=alternate type=application/json "
    f"href='http://[x/wp-json/wp/v2/posts/1'><body>{TEXT}",
    "byline of small words": f"<body><p class=author>{'created at ' * 40_000}x</p>{TEXT}",
    "quotations that tell": f"<body><h1>x</h1>{TEXT}<i>" + 'said "a b' * 40_000,
    "date of a zone beyond the day": f"<meta name=date content='2024-10-21 14:05 +9999'>{TEXT}",
}


MANY = 9_000
COSTLY = {
    "offers": "<div><a>subscribe</a>" * 100 + "<a>subscribe now</a> x" * MANY,
    "hover cards": f"<p>{TEXT[3:-4]}" + "<a>x</a><span>x<a>y</a>" * MANY,
    "headings between chunks": "<div class='article-body'>" + TEXT + "</div>"
    + "<h3>x</h3>" * MANY + "<div class='article-body'>" + TEXT + "</div>",
    "standfirst of spans": "<h1>Help for the coast</h1><div class='lead'>" + "<span>" * 200
    + "<b>x</b> " * MANY + "</span>" * 200 + "</div>" + TEXT,
}  # fmt: skip


@pytest.mark.parametrize("name", COSTLY)
def test_s26_rules_stay_linear_on_markup_made_for_them(name: str) -> None:
    """A page with thousands of what a rule looks for is read within the suite's time limit."""
    override = Override(body="div.none", drop=("i",))
    assert clean_page(f"<body>{COSTLY[name]}", URL, override=override).problems
    assert explain_page(f"<body>{COSTLY[name]}", URL).blocks


@pytest.mark.parametrize("second", ["1" * 500_000, "no comments" + " 1" * 200_000])
def test_s26_a_line_of_any_length_behind_a_title_is_text(second: str) -> None:
    """A line that is too long for a date and a section is not looked at for them."""
    assert clean_text(f"Frigates sail north\n{second}").text == second


@pytest.mark.parametrize("name", HOSTILE)
def test_s26_s30_hostile_markup_is_explained_too(name: str) -> None:
    """The same tricks, explained block by block with an override, raise no exception."""
    override = Override(body="body", drop=("nav",), title="h1")
    assert explain_page(HOSTILE[name], URL, override=override).cleaned.text


@pytest.mark.parametrize("name", HOSTILE)
def test_s26_s27_s30_markup_made_to_cost_is_contained(name: str) -> None:
    """The article behind the trick is still read."""
    cleaned = clean_page(HOSTILE[name], URL)
    assert SENT in cleaned.text
    cleaned.text.encode("utf-8")


@pytest.mark.parametrize(
    "markup",
    [
        "<body>" + "<table><tr><td>" * 20_000 + TEXT,
        "<body>" + "<p>word " * 50_000,
        "<body>" + "<div class='article-body'>" + TEXT + "</div>" * 20_000,
        "<a '" * 100_000,
        '<a ="' * 100_000,
        "<" * 500_000,
        "<script>" * 50_000,
        "<html><body><div id=root></div><script>var a = '<p>text</p>'</script></body></html>",
        "",
        "   ",
        "<h1>Only a title</h1>",
    ],
)
def test_s30_pages_without_an_article_say_so_or_are_read(markup: str) -> None:
    """A page that cannot be read is no error: it has no text, and a problem that says so."""
    cleaned = clean_page(markup, URL)
    assert cleaned.text or cleaned.problems


@pytest.mark.timeout(20)
def test_s30_a_line_of_dots_as_long_as_all_authors_together_is_read() -> None:
    """It may be their byline with the hour behind, and is looked through for that once."""
    authors = tuple(f"Ann {'x' * 1_900} {number}" for number in range(100))
    entry = Entry(key="1", id="1", content_html=f"{TEXT}<p>{'.' * 180_000} x</p>", authors=authors)
    assert SENT in clean_entry(entry).text


def test_what_is_remembered_of_pages_is_bounded() -> None:
    """Words are kept for titles, which come again; a page of one endless line leaves nothing."""
    tracemalloc.start()
    for number in range(20):
        fold(f"{number} " + "x" * 1_000_000)
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 1_000_000


def test_page_of_twenty_megabytes_is_cut_and_says_so() -> None:
    """The page's beginning is read, and the cut is a problem."""
    cleaned = clean_page("<body>" + TEXT + "<p>y</p>" + "z" * 20_000_000, URL)
    assert any("cut after" in problem for problem in cleaned.problems)
    assert len(cleaned.text) <= MAX_MARKUP


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"\x89PNG\r\n", "PNG image"),
        (bytes(range(256)) * 20, "binary data"),
        (b"\x00" * 500, "binary data"),
    ],
)
def test_s33_binary_called_html_is_not_parsed(body: bytes, kind: str) -> None:
    """The kind of file is recorded as a problem, and nothing is read as text."""
    cleaned = clean_page(body, URL, content_type="text/html")
    assert cleaned.text == ""
    assert f"not a page: {kind}" in cleaned.problems


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("é – ü".encode(), "text/html; charset=iso-8859-1"),
        ("é – ü".encode("cp1252"), ""),
        ("é – ü".encode("cp1252"), "text/html; charset=ISO-8859-1"),
        (b"<meta charset=windows-1252>" + "é – ü".encode("cp1252"), ""),
        ("é – ü".encode("utf-16"), "text/html; charset=utf-8"),
        (b"\xef\xbb\xbf" + "é – ü".encode(), "text/html; charset=latin-1"),
        ("é – ü".encode(), "text/html; charset=utf-7"),
        ("é – ü".encode(), "text/html; charset=no-such-thing"),
        *(
            ("é – ü".encode("cp1252"), f"text/html; charset={name}")
            for name in ("base64", "rot13", "punycode", "idna", "undefined", "unicode_escape")
        ),
    ],
)
def test_s29_encodings_are_read_as_browsers_read_them(body: bytes, content_type: str) -> None:
    """A BOM decides first, then flawless UTF-8 whatever the label says, then the label."""
    assert decode(body, content_type, []).endswith("é – ü")


def test_s26_a_name_of_a_host_spelled_at_length_is_no_page() -> None:
    """Punycode, which Python reads in quadratic time, is the encoding of no document."""
    assert decode(b"\xe9-" + b"aaa9" * 1_000_000, "text/html; charset=punycode", [])


@pytest.mark.parametrize(
    "trick",
    [
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<svg><p><style><g title='</style><img src onerror=alert(1)>'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<template><script>alert(1)</script></template>",
        "<p>a &lt;script&gt;alert(1)&lt;/script&gt; b</p>",
    ],
)
def test_s52_output_is_text_and_stable_when_cleaned_twice(trick: str) -> None:
    """The body is plain text that does not change when escaped for HTML and cleaned again."""
    import html

    first = clean_page(f"<body><h1>T</h1>{TEXT * 2}{trick}{TEXT}</body>", URL).text
    again = "".join(f"<p>{html.escape(line)}</p>" for line in first.split("\n\n"))
    assert clean_page(f"<body><h1>T</h1>{again}</body>", URL).text == first
