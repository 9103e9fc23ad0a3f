"""What we replace in feedparser answers as before, compared with an untouched feedparser."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from monitor.feeds import feedparser_fit

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted(
    file
    for folder in (ROOT / "seeds" / "feeds", Path(__file__).parent / "data")
    for file in folder.iterdir()
    if file.suffix in (".xml", ".rdf")
)
HOSTILE = (
    "<rss version='2.0'><channel><title>A\x93B\u2019\x85</title><item><guid>1</guid>"
    "<category>x</category><description>caf\u00e9 &amp;amp; \u0410\u0411</description>"
    "<source url='http://a.example/'>s</source></item></channel></rss>"
).encode()

PLAIN = """
import io, json, sys
import feedparser
for reader in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    reader.can_be_relative_uri = reader.can_be_relative_uri - {"id"}
found = feedparser.parse(
    io.BytesIO(sys.stdin.buffer.read()),
    response_headers={"content-type": "application/xml; charset=utf-8"},
    sanitize_html=False,
    resolve_relative_uris=False,
)
found.pop("bozo_exception", None)
json.dump(found, sys.stdout, default=str)
"""


def as_plain(found: Any) -> Any:
    """A result as JSON keeps it."""
    found.pop("bozo_exception", None)
    return json.loads(json.dumps(found, default=str))


def without_people(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without its authors: there we mean to differ (a mail address is not cut in two)."""
    return {name: value for name, value in entry.items() if not name.startswith("author")}


@pytest.mark.parametrize(
    "body", [*(file.read_bytes() for file in DOCUMENTS), HOSTILE], ids=range(len(DOCUMENTS) + 1)
)
def test_a_document_is_read_as_by_feedparser_itself(body: bytes) -> None:
    """Our reading has the same values under the same keys as feedparser's own."""
    untouched = subprocess.run([sys.executable, "-c", PLAIN], input=body, capture_output=True)
    ours, theirs = as_plain(feedparser_fit.parse(body)), json.loads(untouched.stdout)
    assert [*map(without_people, ours["entries"])] == [*map(without_people, theirs["entries"])]
    assert ours["feed"] == theirs["feed"]
    assert ours["version"] == theirs["version"]


def test_keys_are_renamed_as_they_were() -> None:
    """A dictionary of feedparser's answers to the old names of its keys."""
    held = feedparser_fit.feedparser.FeedParserDict(
        summary="s", published="p", tags=[{"term": "t"}], links=[{"rel": "enclosure", "href": "h"}]
    )
    assert (held["description"], held.get("description"), held["category"]) == ("s", "s", "t")
    assert "description" in held
    assert "updated" not in held
    assert held.get("nothing", "none") == "none"
    held["guid"] = "g"
    assert dict.get(held, "id") == "g"
