"""The recordings under seeds/ as values, for tests of every room."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2] / "seeds"
WIRE = "northwatch.example/nato-ministers-open-doors-to-indo-pacific"
MAIN_STORY = "nato-defence-ministers-october-2024"


@dataclass(frozen=True, slots=True)
class Recording:
    """What a made-up server answers at one address."""

    url: str
    file: str
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The bytes as the server sends them."""
        return (ROOT / self.file).read_bytes()


@dataclass(frozen=True, slots=True)
class Page:
    """A recorded article page, with what a careful reader makes of it."""

    name: str
    """HOST/NAME, as `duplicate_of` and `excerpt_of` refer to it."""
    recording: Recording
    expected: dict[str, Any]

    @property
    def paragraphs(self) -> list[str]:
        """The paragraphs of the expected text."""
        text: str = self.expected["text"]
        return text.split("\n\n")


@cache
def settings() -> dict[str, Any]:
    """seeds.toml, parsed."""
    with (ROOT / "seeds.toml").open("rb") as stream:
        return tomllib.load(stream)


def now() -> datetime:
    """The time at which the demo takes place."""
    moment: datetime = settings()["now"]
    return moment


@cache
def recordings() -> dict[str, Recording]:
    """Address -> recording."""
    return {row["url"]: Recording(**row) for row in settings()["recordings"]}


def feed_urls() -> list[str]:
    """The addresses of the feeds, in the order of seeds.toml."""
    return [row["url"] for row in settings()["feeds"]]


@cache
def pages() -> dict[str, Page]:
    """HOST/NAME -> page, for every page with an expected file."""
    found = {}
    for path in sorted(ROOT.glob("pages/*/*.expected.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        name = f"{path.parent.name}/{path.name.removesuffix('.expected.json')}"
        found[name] = Page(name, recordings()[expected["url"]], expected)
    return found
