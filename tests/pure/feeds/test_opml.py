"""Lists of feeds as OPML, read and written."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.errors import InputError
from monitor.feeds import opml
from monitor.model import Feed

LIST = """<?xml version="1.0" encoding="utf-8"?>
<opml version="1.0"><head><title>Mine</title></head><body>
<outline text="Press"><outline text="Navy &amp; Air">
  <outline type="rss" text="Fleet" title="Fleet News" xmlUrl="https://fleet.test/rss"
    category="/sea,ships" language="en"/>
  <outline type="RSS" text="Evil" xmlUrl="javascript:alert(1)"/>
</outline></outline>
<outline text="Plain" xmlURL="https://plain.test/feed"/>
<outline text="Again"><outline text="Fleet" xmlUrl="https://fleet.test/rss"/></outline>
<outline type="link" text="A page" xmlUrl="https://page.test/"/>
</body></opml>"""


def test_folders_and_categories_become_tags() -> None:
    """Each web address is one feed, and a feed in two folders has the tags of both."""
    assert opml.read(LIST.encode()).feeds == [
        Feed(
            url="https://fleet.test/rss",
            name="Fleet News",
            lang="en",
            tags=("Press", "Navy & Air", "sea", "ships", "Again"),
        ),
        Feed(url="https://plain.test/feed", name="Plain"),
    ]


def test_outlines_that_are_no_feed_are_told_with_the_reason() -> None:
    """Each such outline is listed with its reason, lest people learn of it by missing news."""
    outlines = (
        '<outline text="Gopher" type="rss" xmlUrl="gopher://old.test/f"/><outline text="Folder">'
        '<outline type="rss" title="Bare"/></outline><outline xmlUrl="feeds/own.xml"/>'
        '<outline text="Far" xmlUrl="https://far.test:99999/f"/>'
        '<outline text="Others" type="include" url="https://a.test/list.opml"/>'
        '<outline text="https://twice.test/" xmlUrl="https://twice.test/" type="link"/>'
    )
    listed = opml.read(f"<opml><body>{outlines}</body></opml>".encode())
    assert listed.feeds == []
    assert listed.left_out == [
        ("Gopher (gopher://old.test/f)", "it has no web address"),
        ("Bare", "it names no feed"),
        ("feeds/own.xml", "it has no web address"),
        ("Far (https://far.test:99999/f)", "its address has a port that does not exist"),
        ("Others (https://a.test/list.opml)", "it points to another list, and that is not read"),
        ("https://twice.test/", "its type is 'link'"),
    ]
    assert opml.read(LIST.encode()).left_out == [
        ("Evil (javascript:alert(1))", "it has no web address"),
        ("A page (https://page.test/)", "its type is 'link'"),
    ]


def test_an_outline_that_names_a_page_only_is_told_and_a_folder_with_a_page_is_none() -> None:
    """Some programs write the page and not the feed that they follow; this must not be missed."""
    outlines = (
        '<outline text="Navy" htmlUrl="https://navy.test/"/><outline htmlUrl="https://b.test/"/>'
        '<outline text="Fleet" htmlUrl="https://fleet.test/">'
        '<outline text="Ships" xmlUrl="https://fleet.test/rss" htmlUrl="https://fleet.test/s"/>'
        '</outline><outline text="Link" type="link" url="https://u:p@link.test/"/>'
        '<outline text="Bare" type="rss" htmlUrl="https://bare.test/"/><outline text="Empty"/>'
    )
    listed = opml.read(f"<opml><body>{outlines}</body></opml>".encode())
    assert [feed.url for feed in listed.feeds] == ["https://fleet.test/rss"]
    assert listed.left_out == [
        ("Navy (https://navy.test/)", "it names no feed"),
        ("https://b.test/", "it names no feed"),
        ("Link (https://***@link.test/)", "it names no feed"),
        ("Bare (https://bare.test/)", "it names no feed"),
    ]


def test_what_repeats_an_address_is_counted() -> None:
    """Fragments and the case of a host's name, which no server sees, make no other address."""
    spellings = ("https://a.test/F?b=C", "HTTPS://A.test/F?b=C", "https://a.test/F?b=C#latest")
    outlines = "".join(f'<outline xmlUrl="{one}"/>' for one in spellings)
    listed = opml.read(f"<opml><body>{outlines}</body></opml>".encode())
    assert [feed.url for feed in listed.feeds] == ["https://a.test/F?b=C"]
    assert listed.repeated == 2


def test_what_is_written_is_read_again() -> None:
    """Names, addresses, languages, tags and every awkward character are read back."""
    feeds = [
        Feed(url="https://a.test/?x=1&y=%22", name='A <"> & B', lang="de", tags=("x & y", "z")),
        Feed(url="https://b.test/", tags=()),
        Feed(url="https://c.test/", name="C", tags=("x & y",)),
    ]
    again = opml.read(opml.write(feeds, "Mine & yours").encode()).feeds
    assert again == [feeds[0], feeds[2], feeds[1]]  # folder by folder


WORDS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="<>&;"), min_size=1)
TAGS = st.lists(WORDS.filter(lambda word: not set(word) & set(",/")), max_size=4, unique=True)
FEEDS = st.lists(
    st.builds(
        Feed,
        url=st.from_regex(r"https?://[a-z]{1,9}\.test/[a-z0-9/?=&%.-]{0,20}", fullmatch=True),
        name=WORDS | st.just(""),
        lang=st.sampled_from(["", "en", "pt-BR"]),
        tags=TAGS.map(tuple),
    ),
    unique_by=lambda feed: feed.url,
)


@given(FEEDS)
@example([Feed(url="http://a.test/?b=1&lt=2")])
def test_any_list_that_is_written_is_read_again(feeds: list[Feed]) -> None:
    """Every feed comes back with its name, language and tags, in the order of folders."""
    again = opml.read(opml.write(feeds, "Mine").encode()).feeds
    assert sorted(again, key=lambda one: one.url) == sorted(feeds, key=lambda one: one.url)
    assert opml.read(opml.write(again, "Mine").encode()).feeds == again


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_p93_a_list_is_read_in_its_encoding(encoding: str) -> None:
    """Old programs wrote lists in the encodings of their machines."""
    declared = encoding.removesuffix("-sig")
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><opml version="1.1"><body>'
        '<outline text="Défense"><outline text="Armée – l’actualité" xmlUrl="https://a.test/f"/>'
        "</outline></body></opml>"
    )
    (feed,) = opml.read(text.encode(encoding)).feeds
    assert (feed.name, feed.tags) == ("Armée – l’actualité", ("Défense",))


def test_faults_that_lose_nothing_are_mended() -> None:
    """Bare ampersands, names of HTML entities, control characters and junk around are mended."""
    text = (
        "\n<opml><body><outline text='News &nbsp;& views\x07' "
        "xmlUrl='https://a.test/?feed=rss&cat=3&x=1'/></body></opml>\n<!-- made by a program -->"
    )
    (feed,) = opml.read(text.encode()).feeds
    assert feed == Feed(url="https://a.test/?feed=rss&cat=3&x=1", name="News & views")


@pytest.mark.parametrize(
    "address",
    ["feed://a.test/f", "feed:https://a.test/f", "feed://https://a.test/f", " HTTPS://a.test/f\n"],
)
def test_addresses_that_a_click_subscribes_to_are_addresses(address: str) -> None:
    """The scheme "feed", made up by browsers, stands in lists to this day and is read."""
    (feed,) = opml.read(f'<opml><outline text="A" xmlUrl="{address}"/></opml>'.encode()).feeds
    assert feed.url.lower() in ("http://a.test/f", "https://a.test/f")


@pytest.mark.parametrize("kind", ["rss", "RSS2", "atom", "json", "application/rss+xml", "xml", ""])
def test_programs_write_the_type_of_a_feed_in_their_own_words(kind: str) -> None:
    """OPML 2.0 knows only "rss"."""
    text = f'<opml><outline text="A" type="{kind}" xmlUrl="https://a.test/f"/></opml>'
    assert [feed.url for feed in opml.read(text.encode()).feeds] == ["https://a.test/f"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no element"),
        ("<opml", "line 1"),
        ("<opml>\n<outline text='A' xmlUrl='https://a.test/'/>\n<outline text='B' xmlU", "line 3"),
        ("<opml><outline text='A'></body></opml>", "mismatched tag"),
        ("<rss/>", "not <opml>"),
        ("<opml><body>" + "<outline>" * 1_000_000, "nested too deep"),
        ("<opml><body>" + "<outline text='x'/>" * 60_000 + "</body></opml>", "outlines"),
        ('<!DOCTYPE opml [<!ENTITY a "b">]><opml/>', "document type"),
        ("x" * 16_000_000, "bytes"),
    ],
    ids=[
        "empty",
        "cut",
        "cut-later",
        "crossed",
        "other",
        "s24-deep",
        "s104-many",
        "s20-entities",
        "long",
    ],
)
def test_s24_s104_hostile_lists_are_refused(text: str, why: str) -> None:
    """A list with too great depth, number or size, or with entities, is refused with a reason."""
    with pytest.raises(InputError, match=why):
        opml.read(text.encode())


def test_an_address_in_two_spellings_is_one_feed() -> None:
    """Case means nothing in scheme and host, but it does in all else."""
    written = ("HTTPS://User:PW@Navy.Example/Feed?A=B", "https://User:PW@navy.example/Feed?A=B")
    outlines = "".join(f'<outline xmlUrl="{url}"/>' for url in (*written, "https://A.example"))
    found = opml.read(f"<opml><body>{outlines}</body></opml>".encode()).feeds
    assert [feed.url for feed in found] == [written[1], "https://a.example"]
