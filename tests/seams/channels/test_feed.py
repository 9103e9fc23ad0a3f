"""A digest as a feed: valid files, which are the same however often a message is written."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from pydantic import ValidationError
from support.editions import END, edition

from monitor.channels import World, feed
from monitor.digests.render import bodies
from monitor.feeds.read import read
from monitor.model import Edition, FetchFailed, Message, NotSent, Recipient, Refused, Response, Sent

pytestmark = pytest.mark.anyio
ATOM = "{http://www.w3.org/2005/Atom}"


async def no_post(*_: object, **__: object) -> Response | FetchFailed:
    raise AssertionError("a feed is written to files")


WORLD = World(no_post, lambda: END)


@pytest.fixture
def settings(tmp_path: Path) -> feed.Settings:
    return feed.Settings(path=tmp_path / "feeds", link="https://desk.example/feeds/", max_entries=8)


def message(shown: Edition, settings: feed.Settings, hours: int = 0) -> Message:
    recipient = Recipient("feed", "desk")
    now = END + timedelta(hours=hours)
    (made,) = feed.render(shown, recipient, settings, bodies(shown), now)
    return made


def numbered(number: int, stories: int, url: str = "") -> Edition:
    """Return an edition with the given number."""
    return replace(edition(stories, url=url), number=number)


async def written(shown: Edition, settings: feed.Settings, hours: int = 0) -> tuple[bytes, bytes]:
    """Send the edition and return the Atom and JSON files."""
    answer = await feed.send(message(shown, settings, hours), settings, WORLD)
    assert isinstance(answer, Sent), answer
    return (settings.path / "desk.atom").read_bytes(), (settings.path / "desk.json").read_bytes()


async def test_D61_Atom_has_what_RFC_4287_asks_for(settings: feed.Settings) -> None:
    """Feed and entries each have one id, title and updated, the feed one self link (§4.1)."""
    atom, _ = await written(edition(6), settings)
    root = ElementTree.fromstring(atom)
    assert root.tag == f"{ATOM}feed"
    assert [one.get("rel") for one in root.findall(f"{ATOM}link")] == ["self"]
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 6
    for element in (root, *entries):
        for name in ("id", "title", "updated"):
            found = element.findall(f"{ATOM}{name}")
            assert len(found) == 1
            assert found[0].text
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == 6
    assert all(str(one).startswith("urn:uuid:") for one in ids)
    newest = max(str(entry.findtext(f"{ATOM}updated")) for entry in entries)
    assert str(root.findtext(f"{ATOM}updated")) >= newest


async def test_D61_readers_that_sort_by_time_keep_the_order(settings: feed.Settings) -> None:
    """No two entries have the same time: the notice comes first, then the heaviest story."""
    atom, _ = await written(edition(6, cut=2), settings)
    entries = ElementTree.fromstring(atom).findall(f"{ATOM}entry")
    times = [str(entry.findtext(f"{ATOM}updated")) for entry in entries]
    assert times == sorted(set(times), reverse=True)
    assert str(entries[0].findtext(f"{ATOM}title")).startswith("2 more stories")
    links = [link.get("href") for entry in entries for link in entry.findall(f"{ATOM}link")]
    assert links == [story.lead.url for story in edition(6).stories]


async def test_D61_two_readers_take_the_Atom_feed_without_complaint(
    settings: feed.Settings,
) -> None:
    """feedparser and our own reader see the same titles, links and ids."""
    atom, _ = await written(edition(6), settings)
    other = feedparser.parse(atom)
    assert not other.bozo
    assert other.version == "atom10"
    ours = read(atom, "application/atom+xml", "https://desk.example/feeds/desk.atom")
    assert ours.problems == ()
    assert [one.title for one in other.entries] == [one.title for one in ours.entries]
    assert [one.link for one in other.entries] == [one.link for one in ours.entries]
    assert [one.id for one in other.entries] == [one.id for one in ours.entries]
    assert all(urlsplit(one.link).scheme == "https" for one in ours.entries)


async def test_D63_JSON_Feed_is_read_as_such(settings: feed.Settings) -> None:
    """The feed is version 1.1, with its address, and each item has an id and content."""
    _, content = await written(edition(6), settings)
    document = json.loads(content)
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"] == "https://desk.example/feeds/desk.json"
    assert all(item["id"] and item["content_html"] for item in document["items"])
    ours = read(content, "application/feed+json", document["feed_url"])
    assert ours.format == "jsonfeed11"
    assert ours.problems == ()
    assert len(ours.entries) == 6


async def test_D61_a_message_that_is_written_twice_leaves_the_same_files(
    settings: feed.Settings,
) -> None:
    """A repeat is harmless: ids and times come from the message, not from the moment of writing."""
    first = await written(edition(6), settings)
    assert await written(edition(6), settings) == first
    await written(numbered(13, 1, url="https://gazette.example/new"), settings, hours=1)
    later = await written(edition(6), settings)  # sent again by hand
    assert json.loads(later[1])["items"][0]["url"] == "https://gazette.example/new"


async def test_D61_the_newest_stand_first_and_the_oldest_go(settings: feed.Settings) -> None:
    """At most `max_entries` are kept; ids of those that stay, and of the feed, never change."""
    _, before = await written(edition(6), settings)
    _, after = await written(numbered(13, 4), settings, hours=24)
    old, new = json.loads(before), json.loads(after)
    assert len(new["items"]) == settings.max_entries
    assert [one["id"] for one in new["items"][4:]] == [one["id"] for one in old["items"][:4]]
    assert new["_monitor"]["id"] == old["_monitor"]["id"]
    assert new["_monitor"]["updated"] > old["_monitor"]["updated"]


async def test_D61_items_are_sorted_by_time_and_not_by_how_it_is_written(
    settings: feed.Settings,
) -> None:
    """An older version wrote +00:00 for Z, and a time may have fractions of a second."""
    _, before = await written(edition(2), settings)
    assert before.count(b"Z") >= 5
    assert b"+00:00" not in before
    old = json.loads(before)
    for item, seconds in zip(old["items"], ("31", "30.5"), strict=True):
        item["date_modified"] = f"{END:%Y-%m-%dT%H:%M}:{seconds}+00:00"
    (settings.path / "desk.json").write_text(json.dumps(old))
    _, after = await written(numbered(13, 1, url="https://gazette.example/new"), settings)
    times = [item["date_modified"] for item in json.loads(after)["items"]]
    assert times == sorted(times, key=datetime.fromisoformat, reverse=True)
    assert sum(time.endswith("Z") for time in times) == 1


async def test_S70_hostile_words_stay_words(settings: feed.Settings) -> None:
    """Markup in titles and texts is shown, not obeyed; what XML cannot hold is left out."""
    hostile = "<script>alert(1)</script> ]]> &amp; \x00\x1b\ufffe\ud800 end"
    atom, content = await written(edition(1, title=hostile, snippet=hostile), settings)
    (entry,) = ElementTree.fromstring(atom).findall(f"{ATOM}entry")
    assert "<script>" in str(entry.findtext(f"{ATOM}title"))
    assert "<script>" not in str(entry.findtext(f"{ATOM}content"))
    assert "<script>" not in json.loads(content)["items"][0]["content_html"]


async def test_a_blind_or_empty_edition_says_so_in_an_entry(settings: feed.Settings) -> None:
    """The notice is needed because silence would be taken for calm."""
    for shown, words in (
        (edition(2, failed=13), "Blind: 13 of 13 feeds failed"),
        (edition(0), "Quiet: 412 entries read"),
        (edition(2, cut=5), "5 more stories"),
    ):
        notice = json.loads(message(shown, settings).body)["items"][0]
        assert words in notice["title"]
    assert len(json.loads(message(edition(2), settings).body)["items"]) == 2


async def test_a_damaged_file_is_kept_and_the_feed_goes_on(settings: feed.Settings) -> None:
    """A file that somebody damaged by hand stops no later message; the receipt mentions it."""
    settings.path.mkdir()
    for broken in (
        b"{",
        b"[]",
        b'{"items": [], "_monitor": 1}',
        b'{"items": [{"date_modified": ""}]}',
        b'{"title": "Desk", "items": [], "_monitor": {"id": "urn:x", "updated": "today"}}',
    ):
        (settings.path / "desk.json").write_bytes(broken)
        answer = await feed.send(message(edition(2), settings), settings, WORLD)
        assert isinstance(answer, Sent)
        assert "desk.damaged" in answer.receipt
        assert (settings.path / "desk.damaged").read_bytes() == broken


async def test_a_time_that_lost_its_zone_stops_no_message_either(settings: feed.Settings) -> None:
    _, before = await written(edition(2), settings)
    (settings.path / "desk.json").write_bytes(before.replace(b'Z"', b'"'))
    _, after = await written(numbered(13, 1, url="https://gazette.example/new"), settings)
    assert len(json.loads(after)["items"]) == 3


async def test_an_address_that_leaves_the_folder_is_refused(settings: feed.Settings) -> None:
    """An address is checked again when a message from a time of laxer settings is sent."""
    made = replace(message(edition(1), settings), recipient=Recipient("feed", "../desk"))
    assert isinstance(await feed.send(made, settings, WORLD), Refused)
    assert not settings.path.exists()


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    """The answer names the folder that cannot be written."""
    (tmp_path / "file").write_text("in the way")
    settings = feed.Settings(path=tmp_path / "file" / "feeds")
    answer = await feed.send(message(edition(1), settings), settings, WORLD)
    assert isinstance(answer, NotSent)
    assert "file/feeds" in answer.why


@pytest.mark.parametrize("link", ["ftp://desk.example", "desk.example", "javascript:alert(1)"])
def test_a_link_that_no_reader_could_follow_is_refused(link: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="http"):
        feed.Settings(path=tmp_path, link=link)


@pytest.mark.parametrize("address", ["", "a/b", "..", "a b", "x" * 65])
def test_an_address_that_is_no_file_name_is_refused(address: str) -> None:
    assert feed.check_address(address)


async def test_D63_RSS_is_written_where_it_is_wanted(settings: feed.Settings) -> None:
    """feedparser and our own reader take the RSS 2.0 without complaint, with the same entries."""
    await written(edition(6), settings)
    assert not (settings.path / "desk.rss").exists()
    chosen = settings.model_copy(update={"rss": True})
    atom, _ = await written(edition(6), chosen)
    content = (settings.path / "desk.rss").read_bytes()
    told, same = feedparser.parse(content), feedparser.parse(atom)
    assert (told.bozo, told.version) == (False, "rss20")
    assert [one.id for one in told.entries] == [one.id for one in same.entries]
    assert [one.title for one in told.entries] == [one.title for one in same.entries]
    assert all(one.published_parsed for one in told.entries)
    ours = read(content, "application/rss+xml", "https://desk.example/feeds/desk.rss")
    assert [one.id for one in ours.entries] == [one.id for one in told.entries]
