"""The recorded pages and feeds under seeds/: each as a careful reader reads it."""

from __future__ import annotations

from datetime import datetime

import pytest
from support import seeds

from monitor.articles.clean import clean_entry, clean_page
from monitor.articles.explain import explain_page
from monitor.articles.merge import gives_full_text
from monitor.articles.urls import canonical
from monitor.errors import InputError
from monitor.feeds.read import read
from monitor.model import Cleaned, Entry

PAGES = seeds.pages()


def folded(text: str) -> list[str]:
    """Paragraphs with their spaces folded: pages use no-break spaces and Japanese indents."""
    return [" ".join(part.split()) for part in text.split("\n\n")]


def cleaned(name: str) -> Cleaned:
    page = PAGES[name]
    recording = page.recording
    return clean_page(recording.body, recording.url, content_type=recording.content_type)


@pytest.mark.parametrize("name", PAGES)
def test_recorded_page_is_read_as_its_reader_reads_it(name: str) -> None:
    """Text, title, authors, section and language are exact; no furniture of the page is left."""
    found, wanted = cleaned(name), PAGES[name].expected
    assert folded(found.text) == folded(wanted["text"])
    assert found.title.split() == wanted["title"].split()
    assert list(found.authors) == wanted["authors"]
    assert found.section == wanted["section"]
    assert found.language == wanted["language"]
    assert canonical(found.canonical_url) == canonical(wanted["url"])
    assert not [part for part in wanted["must_not_contain"] if part in found.text]


@pytest.mark.parametrize("name", PAGES)
def test_recorded_page_states_its_date_as_exactly_as_it_does(name: str) -> None:
    """A stated time with its zone is read as that moment, and a day alone as a day."""
    found, wanted = cleaned(name), PAGES[name].expected["published"]
    if not wanted:
        assert found.published is None
    elif len(wanted) == len("2024-10-21"):
        assert found.published is not None
        assert (found.published.date().isoformat(), found.published_precision) == (wanted, "day")
    else:
        assert found.published == datetime.fromisoformat(wanted)


@pytest.mark.parametrize("name", [name for name in PAGES if PAGES[name].expected["embeds"]])
def test_recorded_page_keeps_its_embedded_posts_apart(name: str) -> None:
    """Kind, beginning and address of each post are right, without parameters that count clicks."""
    found, wanted = cleaned(name).embeds, PAGES[name].expected["embeds"]
    assert [(post.kind, post.url) for post in found] == [(p["kind"], p["url"]) for p in wanted]
    for post, told in zip(found, wanted, strict=True):
        assert post.text.startswith(told["text"])


def entries() -> dict[str, tuple[Entry, str]]:
    """Entries of all recorded feeds with the name of the page they link, by feed and number."""
    named = {canonical(page.expected["url"]): name for name, page in PAGES.items()}
    found = {}
    for url in seeds.feed_urls():
        recording = seeds.recordings()[url]
        try:
            document = read(recording.body, recording.content_type, url)
        except InputError:  # one of the recordings is no feed
            continue
        for number, entry in enumerate(document.entries):
            if canonical(entry.link) in named:
                found[f"{url}#{number}"] = (entry, named[canonical(entry.link)])
    return found


ENTRIES = entries()


@pytest.mark.parametrize("key", [key for key in ENTRIES if gives_full_text(ENTRIES[key][0])])
def test_recorded_entry_with_the_full_text_is_the_page_s_text(key: str) -> None:
    """The feed's HTML loses what the page's HTML loses, and WordPress's closing line."""
    entry, name = ENTRIES[key]
    assert folded(clean_entry(entry).text) == folded(PAGES[name].expected["text"])


@pytest.mark.parametrize("key", ENTRIES)
def test_recorded_entry_names_the_page_s_authors_one_by_one(key: str) -> None:
    """Several names in one field are several authors; a feed without names gives none."""
    entry, name = ENTRIES[key]
    assert list(clean_entry(entry).authors) in ([], PAGES[name].expected["authors"])


@pytest.mark.parametrize("key", ENTRIES)
def test_recorded_page_s_title_is_not_repeated_when_the_feed_s_is_known(key: str) -> None:
    """The text is the same with the feed's title as without."""
    entry, name = ENTRIES[key]
    recording = PAGES[name].recording
    found = clean_page(recording.body, entry.link, title=entry.title)
    assert folded(found.text) == folded(PAGES[name].expected["text"])


@pytest.mark.parametrize("name", PAGES)
def test_recorded_page_is_explained_as_it_is_cleaned(name: str) -> None:
    """The blocks that are kept make up the text, and the result is the same as that of cleaning."""
    recording = PAGES[name].recording
    told = explain_page(recording.body, recording.url, content_type=recording.content_type)
    assert [block.text for block in told.blocks if block.kept] == told.cleaned.text.split("\n\n")
    assert told.cleaned == cleaned(name)
