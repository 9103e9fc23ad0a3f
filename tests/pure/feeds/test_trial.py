"""The documents of the trial in docs/design/feeds.md, with what is read rightly in them.

Beside each document stands what its author expected; expectations that are not met, each named in
that note, are left out. A body that is not UTF-8 is written in base64.
"""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import InputError
from monitor.feeds.read import document_as_json, read

Json = dict[str, Any]
LINES = (Path(__file__).parent / "data" / "trial.jsonl").read_text("utf-8").splitlines()
CASES: list[Json] = [json.loads(line) for line in LINES]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_document_of_the_trial_is_read_as_expected(case: Json) -> None:
    """Titles, links, ids, dates, people, texts, files, languages of its entries; or a refusal."""
    body = base64.b64decode(case["base64"]) if "base64" in case else case["body"].encode()
    kind, selectors = ("page", case["selectors"]) if "selectors" in case else ("", None)
    if case.get("refused"):
        with pytest.raises(InputError):
            read(body, case["type"], case["url"])
        return
    document = read(body, case["type"], case["url"], kind, selectors=selectors)
    got = document_as_json(document)
    assert got["title"] == case.get("title", got["title"])
    assert got["language"] == case.get("language", got["language"])
    assert len(got["entries"]) == len(case["entries"])
    for entry, expected in zip(got["entries"], case["entries"], strict=True):
        assert _compared(entry, got["language"], expected) == expected


def _compared(entry: Json, language: str, expected: Json) -> Json:
    """The entry in the form of what is expected of it."""
    markup = f"{entry['summary_html']} {entry['content_html']}"
    text = " ".join(html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", markup)).split())
    whole = entry | {
        "language": entry["language"] or language,
        "published": _second(entry["published"]),
        "updated": _second(entry["updated"]),
        "enclosures": [[one["url"], one["type"]] for one in entry["enclosures"]],
        "words": [words for words in expected.get("words", ()) if " ".join(words.split()) in text],
        "html": [part for part in expected.get("html", ()) if part in markup],
    }
    return {name: whole[name] for name in expected}


def _second(moment: str | None) -> str | None:
    return moment and moment[:19] + "Z"
