"""Reading only what is new gives what reading everything gives."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import seeds
from support.polls import NOW, SETTINGS, polling, response

from monitor.feeds.decide import Known, content_hash, decide, known_pieces
from monitor.feeds.identity import once
from monitor.feeds.read import read
from monitor.feeds.reduce import mark
from monitor.model import Document, Entry, PollDecision, Polling

DATA = Path(__file__).parent / "data"
URL = "https://feed.test/feeds/all"
FEEDS = [
    one for one in seeds.recordings().values() if Path(one.file).parts[0] == "feeds"
    and "page-not-feed" not in one.file
]  # fmt: skip


def without_known(whole: Document, known: frozenset[str]) -> Document:
    """What a reading that leaves out the known pieces must give, by the whole reading."""
    marks = {piece.split(".")[1] for piece in known if "." in piece}
    entries = tuple(entry for entry in whole.entries if mark(entry.id) not in marks)
    return replace(whole, entries=entries, reduced=len(whole.entries) - len(entries))


def subsets(document: Document) -> list[frozenset[str]]:
    """Memories of readings that had all entries, all but the first, all but the last, a few."""
    frame, *items = document.pieces or ("",)
    return [frozenset({frame, *some}) for some in (items, items[1:], items[:-1], items[::3])]


# --------------------------------------------------------------------- documents of files


@pytest.mark.parametrize("recording", FEEDS, ids=lambda one: one.file)
def test_seeds_read_in_part_are_as_read_whole(recording: seeds.Recording) -> None:
    """Title, hints, language, keys and memory are the same too, whatever is left out."""
    whole = read(recording.body, recording.content_type, recording.url)
    for known in subsets(whole):
        part = read(recording.body, recording.content_type, recording.url, known_pieces=known)
        if part.reduced:
            part = replace(part, problems=whole.problems)
            assert part == without_known(whole, known)
        else:
            assert part == whole


@pytest.mark.parametrize("name", ["rss20.xml", "atom10.xml", "rdf.xml"])
def test_a_known_entry_is_left_out(name: str) -> None:
    """If all entries are known, none is given and all are counted."""
    body = (DATA / name).read_bytes()
    whole = read(body, "", URL)
    part = read(body, "", URL, known_pieces=frozenset(whole.pieces))
    assert part.entries == ()
    assert part.reduced == len(whole.entries) == len(whole.pieces) - 1


def test_a_changed_entry_is_given_again() -> None:
    """If one letter of one entry differs, that one alone is parsed."""
    body = (DATA / "rss20.xml").read_bytes()
    known = frozenset(read(body, "", URL).pieces)
    part = read(body.replace(b"Only a guid", b"Only a good"), "", URL, known_pieces=known)
    assert [entry.title for entry in part.entries] == ["Only a good"]


# ------------------------------------------------------------- documents that are not reduced


def document(*items: str, root: str = '<rss version="2.0">', head: str = "") -> bytes:
    """An RSS document."""
    start = f"{root}<channel><title>Fleet</title><link>https://feed.test/</link>{head}"
    return (start + "".join(items) + "</channel></rss>").encode()


def item(name: str, text: str = "Text", more: str = "") -> str:
    """An item with an id of its own."""
    about = f"<guid>{name}</guid><title>{name}</title><description>{text}</description>"
    return f"<item>{about}{more}</item>"


TRAPS = {
    "a tag in CDATA": item("b", "<![CDATA[</item><item>]]>"),
    "a tag in a comment": item("b", "<!-- <item> -->"),
    "an escaped tag": item("b", "&lt;/item&gt;"),
    "an empty item": "<item/>",
    "a prefix of its own": item("b", more='<x:y xmlns:x="urn:x"/>'),
    "markup not escaped": item("b", "<b>bold</b><item2/>"),
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_text_that_looks_like_a_tag_moves_no_cut(trap: str) -> None:
    """The parser (expat) says where an item ends, not the letters."""
    body = document(item("a"), trap, item("c"))
    whole = read(body, "", URL)
    for known in subsets(whole):
        part = read(body, "", URL, known_pieces=known)
        assert part == (without_known(whole, known) if part.reduced else whole)


@pytest.mark.parametrize(
    "body",
    [
        document(item("a"), "<item><title>b</title>" + item("c") + "</item>"),
        document(item("a"), item("b"))[:-20],
        document(item("a"), item("b", more='<p xml:base="https://other.test/"/>')),
        document(item("a"), "</channel><channel><title>second</title>" + item("b")),
    ],
    ids=["an item in an item", "cut", "a base that leaks", "two channels"],
)
def test_what_cannot_be_cut_safely_leaves_no_memory(body: bytes) -> None:
    """Without a memory, the next reading parses everything."""
    assert read(body, "", URL).pieces == ()


@pytest.mark.parametrize(
    "other",
    [
        document(item("a"), item("b"), root='<rss version="2.0" xml:base="https://b.test/">'),
        document(item("a"), item("b"), head="<language>fr</language>"),
        document(item("a"), item("b")).replace(b"https://feed.test/", b"https://moved.test/"),
        document(item("a"), item("b"), root='<rss version="2.0" xmlns:dc="urn:x">'),
    ],
    ids=["base", "language", "link", "namespace"],
)
def test_in_another_frame_the_same_bytes_are_read_again(other: bytes) -> None:
    """Everything is read, since links and languages of entries depend on the frame."""
    known = frozenset(read(document(item("a"), item("b")), "", URL).pieces)
    assert read(document(item("a"), item("b")), "", URL, known_pieces=known).reduced == 2
    assert read(other, "", URL, known_pieces=known) == read(other, "", URL)


def test_an_id_that_stands_twice_is_always_read() -> None:
    """Entries with one id are always read, since which of them counts depends on both."""
    body = document(item("a", "one"), item("a", "two"), item("b"))
    known = frozenset(read(body, "", URL).pieces)
    part = read(body, "", URL, known_pieces=known)
    assert [entry.id for entry in part.entries] == ["a", "a"]


@pytest.mark.parametrize(
    "new",
    [
        item("a", "two"),
        item("c", more="<link>/a</link>"),
        item("c", more="<link>/a#latest</link>"),
    ],
)
def test_a_new_entry_that_shares_id_or_link_with_a_known_one_has_all_read(new: str) -> None:
    """Everything is read, since the new entry's key and identity depend on the known one."""
    old = item("a", more="<link>/a</link>"), item("b")
    known = frozenset(read(document(*old), "", URL).pieces)
    body = document(new, *old)
    assert read(body, "", URL, known_pieces=known) == read(body, "", URL)


def test_memories_of_anything_harm_nothing() -> None:
    """A memory that was damaged, or written by another version, is no memory."""
    body = document(item("a"), item("b"))
    for known in ({"x"}, {"a.b.c.d", "", ".", "..", "frame "}, {"frame x", "1.2.3"}):
        assert read(body, "", URL, known_pieces=frozenset(known)) == read(body, "", URL)


# --------------------------------------------------------------------------- two polls

ids, links = st.sampled_from(["1", "2", "3", "https://feed.test/1"]), st.sampled_from("xyz")
words = st.sampled_from(["", "one", "two", "<![CDATA[</item><item>]]>", "&lt;p&gt;", "ö"])
dates = st.sampled_from(["", "<pubDate>Wed, 08 Oct 2025 10:00:00 GMT</pubDate>"])


@st.composite
def items(draw: st.DrawFn, *, linked: bool, own: bool) -> str:
    """An item that says something; `own`: what it says is said by no item with another id."""
    guid = draw(ids) if draw(st.booleans()) else ""
    mark = f"{guid} " if own else ""
    title, text = mark + draw(words.filter(bool)), mark + draw(words)
    stated = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    link = f"<link>/{draw(links)}</link>" if linked else ""
    return (
        f"<item>{stated}{link}<title>{title}</title>"
        f"<description>{text}</description>{draw(dates)}</item>"
    )


def polls(*, own: bool) -> st.SearchStrategy[list[bytes]]:
    """The documents of a few polls, in which all items have links or none has."""

    def of(linked: bool) -> st.SearchStrategy[list[bytes]]:
        documents = st.lists(items(linked=linked, own=own), max_size=5)
        return st.lists(documents.map(lambda some: document(*some)), min_size=2, max_size=4)

    return st.booleans().flatmap(of)


def poll(state: Polling, body: bytes, stored: dict[str, Entry], *, whole: bool) -> PollDecision:
    """Decide on one poll, and put what it brings into `stored`, as the store does."""
    known = frozenset() if whole else known_pieces(state, NOW)
    found = read(body, "", URL, known_pieces=known)
    keys = {entry.key for entry in found.entries} | {entry.link for entry in found.entries}
    rows = [
        (key, entry.link, content_hash(entry))
        for key, entry in stored.items()
        if key in keys or entry.link in keys
    ]
    decision = decide(state, response(body=body), found, Known.of(rows), NOW, SETTINGS)
    stored.update({entry.key: entry for entry in (*decision.new, *decision.revised)})
    return decision


@settings(max_examples=150)
@given(polls(own=True))
def test_polls_that_read_only_what_is_new_store_what_others_store(bodies: list[bytes]) -> None:
    """Poll after poll, new and revised entries, number seen and memory are the same."""
    one, other = polling(), polling()
    kept: dict[str, Entry] = {}
    expected: dict[str, Entry] = {}
    for body in bodies:
        part = poll(one, body, kept, whole=False)
        full = poll(other, body, expected, whole=True)
        assert (part.new, part.revised) == (full.new, full.revised)
        assert part.outcome == full.outcome
        one, other = part.polling, full.polling
        assert one.pieces == other.pieces
    assert kept == expected


@settings(max_examples=150)
@given(polls(own=False))
def test_nothing_is_lost_where_entries_can_be_taken_for_each_other(bodies: list[bytes]) -> None:
    """With shared links, new ids and equal words, whatever is stated is stored all the same."""
    state, stored, told = polling(), dict[str, Entry](), set[tuple[str, str]]()
    for body in bodies:
        decision = poll(state, body, stored, whole=False)
        state = decision.polling
        told |= {(one.title, one.summary_html) for one in (*decision.new, *decision.revised)}
        # Of entries that share a key, the newest speaks for all.
        said = {(one.title, one.summary_html) for one in once(read(body, "", URL).entries)}
        assert said <= told


def test_a_new_entry_at_the_old_address_of_a_known_one_is_new() -> None:
    """On a "live" page the earlier entry has moved on, and is still in the document."""
    live, archived = "<link>/live</link>", "<link>/archive/1</link>"
    bodies = [
        document(item("a", more=live)),
        document(item("a", more=archived)),
        document(item("b", more=live).replace("<title>b", "<title>a"), item("a", more=archived)),
    ]
    state = polling()
    stored: dict[str, Entry] = {}
    for body in bodies:
        decision = poll(state, body, stored, whole=False)
        state = decision.polling
    assert (decision.outcome.seen, [entry.key for entry in decision.new]) == (2, ["b"])


def test_only_the_new_entry_of_a_second_poll_is_parsed() -> None:
    """The outcome counts what the document held, as the pace needs it."""
    old = [item(name) for name in "abc"]
    first = poll(polling(), document(*old), {}, whole=False)
    known = known_pieces(first.polling, NOW)
    found = read(document(item("d"), *old), "", URL, known_pieces=known)
    assert ([entry.id for entry in found.entries], found.reduced) == (["d"], 3)
    second = decide(first.polling, response(), found, Known(), NOW, SETTINGS)
    assert (second.outcome.seen, second.outcome.new) == (4, 1)


def test_once_a_day_everything_is_read() -> None:
    """A daily reading of everything would find what was wrongly left out."""
    first = poll(polling(), document(item("a")), {}, whole=False).polling
    assert first.read_whole == NOW
    assert known_pieces(first, NOW + timedelta(hours=23)) == frozenset(first.pieces) != frozenset()
    assert known_pieces(first, NOW + timedelta(hours=24)) == frozenset()
    part = read(document(item("a"), item("b")), "", URL, known_pieces=frozenset(first.pieces))
    later = NOW + timedelta(hours=1)
    assert decide(first, response(), part, Known(), later, SETTINGS).polling.read_whole == NOW


def test_p08_a_document_that_breaks_off_is_forgotten() -> None:
    """Such a document leaves no memory: what it revised must be seen when it is changed back."""
    first = poll(polling(), document(item("a")), {}, whole=False).polling
    cut = read(document(item("a", "other"), item("b"))[:-30], "", URL)
    assert decide(first, response(), cut, Known(), NOW, SETTINGS).polling.pieces == ()


def test_memories_travel_as_json() -> None:
    """The store keeps them as a list of texts."""
    pieces = read(document(item("a")), "", URL).pieces
    assert tuple(json.loads(json.dumps(pieces))) == pieces
