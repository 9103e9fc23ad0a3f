"""Every format a feed may have: one entry, stated in each, is read as the same entry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.feeds.read import read
from monitor.model import Document, Enclosure, Entry

URL = "https://site.test/feed"
NOON = datetime(2025, 9, 19, 12, tzinfo=UTC)
DAY = "Fri, 19 Sep 2025 12:00:00 GMT"
TOLD = "<title>Fleet &amp;amp; Air</title><link>/one</link><description>Words.</description>"
OLD_RSS = (
    "<rss version='{}'><channel><title>T</title><link>https://site.test/</link>{}</channel></rss>"
)
RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='{}' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>T</title>"
    "<link>https://site.test/</link></channel><item rdf:about='https://site.test/one'>"
    + TOLD
    + "{}</item></rdf:RDF>"
)
ATOM = (
    "<feed xmlns='{}'><title>T</title><link rel='alternate' href='https://site.test/'/><entry>"
    "<title>Fleet &amp;amp; Air</title><link rel='alternate' href='/one'/><summary>Words.</summary>"
    "<id>tag:1</id>{}</entry></feed>"
)
CDF = (
    "<CHANNEL HREF='https://site.test/'><TITLE>T</TITLE><ITEM HREF='/one' LASTMOD='{}'>"
    "<TITLE>Fleet &amp;amp; Air</TITLE><ABSTRACT>Words.</ABSTRACT></ITEM></CHANNEL>"
)
JSON = (
    '{{"version": "https://jsonfeed.org/version/{}", "title": "T", "home_page_url": '
    '"https://site.test/", "items": [{{"id": "1", "url": "/one", "title": "Fleet & Air", '
    '"summary": "Words.", "content_text": "Words.", "date_published": "2025-09-19T12:00:00Z"}}]}}'
)
ITEM = f"<item>{TOLD}<pubDate>{DAY}</pubDate></item>"
DATED = {
    "rss091u": OLD_RSS.format("0.91", ITEM),
    "rss092": OLD_RSS.format("0.92", ITEM),
    "rss093": OLD_RSS.format("0.93", ITEM),
    "rss094": OLD_RSS.format("0.94", ITEM),
    "rss20": OLD_RSS.format("2.0", ITEM),
    "atom03": ATOM.format(
        "http://purl.org/atom/ns#' version='0.3", "<issued>2025-09-19T12:00:00Z</issued>"
    ),
    "atom10": ATOM.format(
        "http://www.w3.org/2005/Atom", "<published>2025-09-19T12:00:00Z</published>"
    ),
    "cdf": CDF.format("2025-09-19T12:00"),
    "jsonfeed1": JSON.format("1"),
    "jsonfeed11": JSON.format("1.1"),
    "rdf": RDF.format("http://purl.org/rss/1.0/", "<dc:date>2025-09-19T12:00:00Z</dc:date>"),
}
UNDATED = {"rdf": RDF.format("http://my.netscape.com/rdf/simple/0.9/", "")}


def only(text: str) -> tuple[Document, Entry]:
    document = read(text.encode(), "", URL)
    (entry,) = document.entries
    return document, entry


@pytest.mark.parametrize(("form", "text"), [*DATED.items(), *UNDATED.items()])
def test_one_entry_in_every_format(form: str, text: str) -> None:
    """Title, link, words and date are the same in every format.

    The formats are RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0, CDF and JSON Feed.
    """
    document, entry = only(text)
    assert (document.format, document.title, document.link) == (form, "T", "https://site.test/")
    assert (entry.title, entry.link) == ("Fleet & Air", "https://site.test/one")
    assert "Words." in entry.summary_html + entry.content_html
    assert entry.published == (NOON if text in DATED.values() else None)
    assert (document.complete, document.problems) == (True, ())


@pytest.mark.parametrize(
    "text", [OLD_RSS.format("2.0", ITEM), CDF.format(""), ATOM.format("x", "")]
)
def test_without_an_id_an_entry_is_known_by_its_link_else_by_its_words(text: str) -> None:
    """The key is the same today and tomorrow, and another for other words."""
    _, entry = only(text)
    assert entry.id in ("https://site.test/one", "tag:1")
    bare = OLD_RSS.format("2.0", "<item><title>{}</title></item>")
    first, again, other = (only(bare.format(title))[1].key for title in ("A", "A", "B"))
    assert first == again != other


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ("<author>x@tagesblick.example (Anna Muster)</author>", ("Anna Muster",)),
        ("<author>Anna Muster (x@tagesblick.example)</author>", ("Anna Muster",)),
        ("<author>Anna Muster &lt;x@sub.tagesblick.online&gt;</author>", ("Anna Muster",)),
        ("<author>jürgen.müller@press.example (Jürgen Müller)</author>", ("Jürgen Müller",)),
        ("<author>desk+a@press.co.uk (Desk, The)</author>", ("Desk, The",)),
        ("<author>mailto:x@press.agency (Bo Ek)</author>", ("Bo Ek",)),
        (
            "<author>a@press.example (Bo Ek) and c@press.example (Al Li)</author>",
            ("Bo Ek and Al Li",),
        ),
        ("<author>desk@press.example</author>", ("desk@press.example",)),
        ("<author>Bo Ek @ Press</author>", ("Bo Ek @ Press",)),
        ("<author>" + "a" * 50_000 + "</author>", ("a" * 500,)),
        ("<author></author>", ()),
    ],
)
def test_names_are_told_from_addresses(stated: str, names: tuple[str, ...]) -> None:
    """Names are found even if the address ends in more than four letters.

    Feedparser does not expect that.
    """
    assert only(OLD_RSS.format("2.0", f"<item><guid>1</guid>{stated}</item>"))[1].authors == names


def test_the_author_of_an_atom_feed_is_that_of_entries_without_one() -> None:
    """RFC 4287 §4.2.1: the entry's, else those of the feed it was copied from, else the feed's."""
    text = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><author><name>Desk</name></author>"
        "<entry><id>1</id></entry>"
        "<entry><id>2</id><author><name>Bo Ek</name></author></entry>"
        "<entry><id>3</id><source><author><name>Wire</name></author></source></entry></feed>"
    )
    document = read(text.encode(), "", URL)
    assert [entry.authors for entry in document.entries] == [("Desk",), ("Bo Ek",), ("Wire",)]


def test_an_author_with_an_address_only_has_not_the_name_of_the_one_before() -> None:
    text = ATOM.format(
        "http://www.w3.org/2005/Atom",
        "<author><name>Bo Ek</name><email>bo@a.test</email></author>"
        "<author><email>li@a.test</email></author>",
    )
    assert only(text)[1].authors == ("Bo Ek", "li@a.test")


def test_a_relation_may_be_written_in_full() -> None:
    """RFC 4287 §4.2.7.2."""
    text = ATOM.format("http://www.w3.org/2005/Atom", "").replace(
        "'alternate'", "'http://www.iana.org/assignments/relation/alternate'"
    )
    document, entry = only(text)
    assert (document.link, entry.link) == ("https://site.test/", "https://site.test/one")


def test_of_several_pages_of_an_entry_the_one_in_its_language_is_linked() -> None:
    """Whatever their order; one for programs is none."""
    links = [
        '<link rel="alternate" type="application/json" href="https://feed.test/a.json"/>',
        '<link rel="alternate" type="text/html" hreflang="en" href="https://feed.test/en/a"/>',
        '<link rel="alternate" type="text/html" hreflang="uk" href="https://feed.test/a"/>',
    ]
    for order in (links, links[::-1]):
        body = (
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="uk-UA"><entry><id>a</id>'
            f"<title>A</title>{''.join(order)}</entry></feed>"
        )
        (entry,) = read(body.encode(), "", "https://feed.test/").entries
        assert entry.link == "https://feed.test/a"


def test_journals_date_their_articles_in_their_own_namespace() -> None:
    """PRISM; Dublin Core's date counts more if there are both."""
    prism = "<prism:publicationDate xmlns:prism='{}'>2025-09-19T12:00:00Z</prism:publicationDate>"
    prism = prism.format("http://prismstandard.org/namespaces/basic/2.0/")
    assert only(RDF.format("http://purl.org/rss/1.0/", prism))[1].published == NOON
    both = f"{prism.replace('2025', '2024')}<dc:date>2025-09-19T12:00:00Z</dc:date>"
    assert only(RDF.format("http://purl.org/rss/1.0/", both))[1].published == NOON


def test_files_are_found_from_the_base_that_an_item_states() -> None:
    """Like its link: `xml:base` counts more than the link of the channel."""
    file = "<enclosure url='m.mp3' type='audio/mpeg'/>"
    text = OLD_RSS.format("2.0' xml:base='https://base.test/x/", f"<item>{TOLD}{file}</item>")
    assert [one.url for one in only(text)[1].enclosures] == ["https://base.test/x/m.mp3"]


def test_the_full_text_for_yandex_is_the_content() -> None:
    """Most Russian publishers have it, beside a short description."""
    full = "<yandex:full-text xmlns:yandex='http://news.yandex.ru'>All words.</yandex:full-text>"
    entry = only(OLD_RSS.format("2.0", f"<item>{TOLD}{full}</item>"))[1]
    assert (entry.summary_html, entry.content_html) == ("Words.", "All words.")


@pytest.mark.parametrize(
    ("stated", "known"),
    [("1234567890123456789", "1234567890123456789"), ("1e3", "1000"), ("2.5", "2.5")],
)
def test_numbers_as_ids_are_ids_in_full(stated: str, known: str) -> None:
    """JSON Feed 1.1, "id"; those of social networks have nineteen digits."""
    assert only(JSON.format("1.1").replace('"id": "1"', f'"id": {stated}'))[1].id == known


def test_an_author_may_be_a_mere_name() -> None:
    text = JSON.format("1").replace('"id": "1"', '"id": "1", "author": "Bo Ek"')
    assert only(text)[1].authors == ("Bo Ek",)


@pytest.mark.parametrize(
    ("parts", "link"),
    [
        ("<link></link><guid>https://site.test/p</guid>", "https://site.test/p"),
        ("<guid>https://site.test/p</guid><link/>", "https://site.test/p"),
        ("<link/><guid isPermaLink='false'>https://site.test/p</guid>", ""),
        ("<guid isPermaLink='False'>https://site.test/p</guid>", ""),
        ("<guid isPermaLink='True'>https://site.test/p</guid>", "https://site.test/p"),
        ("<link>/a</link><guid>https://site.test/p</guid>", "https://site.test/a"),
        ("<guid>https://site.test/p</guid><link>/a</link>", "https://site.test/a"),
    ],
)
def test_a_guid_that_is_an_address_stands_for_an_empty_link(parts: str, link: str) -> None:
    """RSS 2.0: a guid is the link, unless it says that it is no permalink."""
    assert only(OLD_RSS.format("2.0", f"<item><title>A</title>{parts}</item>"))[1].link == link


def test_media_and_categories_are_kept() -> None:
    """Enclosures precede Media RSS, each address once; categories are of every vocabulary."""
    item = (
        "<item><guid>1</guid><enclosure url='/a.mp3' length='5' type='audio/mpeg'/>"
        "<media:group><media:content url='https://site.test/v.mp4' type='video/mp4' "
        "fileSize='99'/><media:content url='/a.mp3'/></media:group>"
        "<category domain='x'>Navy</category><category>Air &amp;amp; Space</category>"
        "<dc:subject>Navy</dc:subject><dc:subject>Arms</dc:subject></item>"
    )
    _, entry = only(OLD_RSS.format("2.0", item))  # prefixes are declared for it
    assert entry.enclosures == (
        Enclosure("https://site.test/a.mp3", "audio/mpeg", 5),
        Enclosure("https://site.test/v.mp4", "video/mp4", 99),
    )
    assert entry.categories == ("Navy", "Air & Space", "Arms")


def test_an_entry_is_in_the_language_of_its_text() -> None:
    """The text's language counts, not the title's; the feed's own language is not repeated."""
    text = (
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'>"
        "<entry><id>1</id><title xml:lang='de'>Zeitenwende</title>"
        "<content type='text' xml:lang='fr'>Le mot.</content></entry>"
        "<entry><id>2</id><title xml:lang='de'>Zeitenwende</title>"
        "<content type='text'>The word.</content></entry></feed>"
    )
    document = read(text.encode(), "", URL)
    assert [entry.language for entry in document.entries] == ["fr", None]


NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)
OWN = "<title>Own</title><description>Own words.</description>"


@pytest.mark.parametrize(
    "other",
    [
        "<dc:title>Other</dc:title><dc:description>Other words.</dc:description>",
        "<media:title>Other</media:title><media:description>Other words.</media:description>",
        "<itunes:title>Other</itunes:title><itunes:summary>Other words.</itunes:summary>",
    ],
)
@pytest.mark.parametrize("order", ["{own}{other}", "{other}{own}"])
def test_title_and_description_go_before_those_of_other_namespaces(other: str, order: str) -> None:
    """The feed's own elements win in either order; without them, the others' are used."""
    item = f"<item>{order.format(own=OWN, other=other)}<guid>1</guid></item>"
    head = f'<rss version="2.0" {NAMESPACES}><channel><title>T</title>'
    [entry] = read(f"{head}{item}</channel></rss>".encode(), "", URL).entries
    assert (entry.title, entry.summary_html) == ("Own", "Own words.")
    assert entry.content_html in ("", "Other words.")
    alone = f"{head}<item>{other}<guid>1</guid></item></channel></rss>"
    assert read(alone.encode(), "", URL).entries[0].summary_html == "Other words."


@pytest.mark.parametrize("order", ["{own}{other}", "{other}{own}"])
@pytest.mark.parametrize(
    "own",
    [
        "<description>Own words.</description>",
        "<description>Own words.</description><content:encoded>Own text.</content:encoded>",
    ],
)
def test_a_caption_is_not_the_text_of_an_entry(own: str, order: str) -> None:
    """What is said of a picture, however long, does not take the place of what the entry says."""
    caption = (
        "<media:content url='/a.png' medium='image'>"
        "<media:description type='plain'>A ship at a quay, seen from above.</media:description>"
        "</media:content>"
    )
    item = f"<item>{order.format(own=own, other=caption)}<guid>1</guid></item>"
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    head = f'<rss version="2.0" {NAMESPACES} {space}><channel><title>T</title>'
    [entry] = read(f"{head}{item}</channel></rss>".encode(), "", URL).entries
    assert entry.summary_html == "Own words."
    assert entry.content_html == ("Own text." if "content" in own else "")
    assert "seen from above" not in str(entry)


@pytest.mark.parametrize("form", ["<media:content>{}</media:content>", "{}"])
def test_all_captions_are_the_text_of_an_entry_without_another(form: str) -> None:
    """Each is stated once, though several sizes of a picture may have it."""
    said = ("A ship at a quay.", "A ship at a quay.", "", "&lt;b&gt;NATO&lt;/b&gt; sails.", "End.")
    stated = [form.format(f"<media:description>{one}</media:description>") for one in said]
    item = f"<item><title>A</title>{''.join(stated)}<guid>1</guid></item>"
    head = f'<rss version="2.0" {NAMESPACES}><channel><title>T</title>'
    [entry] = read(f"{head}{item}</channel></rss>".encode(), "", URL).entries
    assert entry.summary_html == "A ship at a quay.<br><b>NATO</b> sails.<br>End."
    assert entry.content_html == ""


@pytest.mark.parametrize(
    "stated",
    [
        "&lt;time datetime=&quot;2025-09-19T12:00:00Z&quot; class=&quot;datetime&quot;&gt;"
        "Fri, 09/19/2025 - 14:00&lt;/time&gt;",
        "<![CDATA[\n<time class='x' datetime='2025-09-19T14:00:00+02:00'>19 September</time>\n]]>",
        "&lt;span&gt;Fri, 19 Sep 2025 14:00:00 +0200&lt;/span&gt;",
    ],
)
def test_a_date_in_the_markup_of_a_page_is_read(stated: str) -> None:
    """Drupal writes dates into its feeds as it writes them on pages."""
    item = f"<item><guid>1</guid><title>A</title><pubDate>{stated}</pubDate></item>"
    document, entry = only(OLD_RSS.format("2.0", item))
    assert entry.published == NOON
    assert document.problems == ()


@pytest.mark.parametrize("other", ["dc:title", "media:title"])
@pytest.mark.parametrize(
    "between",
    ["<source url='https://other.test/feed'>Other</source>", "<image><url>/a.png</url></image>"],
)
def test_the_title_of_an_entry_stays_its_own_after_a_source(other: str, between: str) -> None:
    """What comes after the name of the outlet that an entry was taken from is not its title."""
    item = f"<item><title>Own</title>{between}<{other}>Other</{other}><guid>1</guid></item>"
    head = f'<rss version="2.0" {NAMESPACES}><channel><title>T</title>'
    [entry] = read(f"{head}{item}</channel></rss>".encode(), "", URL).entries
    assert entry.title == "Own"
