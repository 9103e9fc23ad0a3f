"""Compare the speed of reading feed documents with plain feedparser, as ratios of CPU time.

One process reads every document both ways alternately, so that whatever slows the machine slows
both. First reading: nothing is known. Second reading: one entry of the document is new. Plain
feedparser parses everything each time; ours checks the document as a whole and parses what is new.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any, Final

import feedparser

from monitor.errors import InputError
from monitor.feeds.read import read

ROOT: Final = Path(__file__).resolve().parents[1]
ROUNDS: Final = 3
FEW: Final = 5
"""A feed with fewer entries is a test case rather than a publisher's feed."""
MANY: Final = 20
"""The least number of entries of a usual news feed."""
URL: Final = "https://feed.test/feed"


@dataclass(frozen=True, slots=True)
class Sample:
    """A document, and the memory of a reading that had all its entries but the first."""

    body: bytes
    content_type: str
    entries: int
    known_pieces: frozenset[str]


@dataclass(frozen=True, slots=True)
class Times:
    """CPU seconds for one document: feedparser, our first and our second reading."""

    plain: float
    first: float
    second: float


def main() -> int:
    """Measure, and print the ratios."""
    corpus = Path(os.environ.get("MONITOR_CORPUS", ROOT.parent / "shared" / "corpus")) / "feeddocs"
    if not corpus.is_dir():
        print("corpus not found")
        return 0
    found = list(samples(corpus))
    rounds = [[measured(one) for one in found] for _ in range(ROUNDS)]
    size = sum(len(one.body) for one in found) / len(found) / 1000
    print(f"reading: {len(found)} documents of {FEW} entries or more, {size:.0f} KB on average")
    report("all documents", rounds)
    usual = [place for place, one in enumerate(found) if one.entries >= MANY]
    report(f"{MANY} entries or more", [[each[place] for place in usual] for each in rounds])
    return 0


def samples(corpus: Path) -> Iterator[Sample]:
    """The documents that both can read and that leave a memory."""
    for line in (corpus / "index.jsonl").read_text().splitlines():
        case: dict[str, Any] = json.loads(line)
        body = (corpus / case["file"]).read_bytes()
        headers = {key.lower(): value for key, value in case.get("http_headers", {}).items()}
        content_type = headers.get("content-type", "application/xml")
        try:
            document = read(body, content_type, URL)
        except InputError:
            continue
        if len(document.pieces) > FEW:
            frame, _, *others = document.pieces
            known = frozenset({frame, *others})
            yield Sample(body, content_type, len(document.entries), known)


def measured(sample: Sample) -> Times:
    """Read one document once each way."""
    headers = {"content-type": sample.content_type, "content-location": URL}
    return Times(
        seconds(lambda: feedparser.parse(BytesIO(sample.body), response_headers=headers)),
        seconds(lambda: read(sample.body, sample.content_type, URL)),
        seconds(
            lambda: read(sample.body, sample.content_type, URL, known_pieces=sample.known_pieces)
        ),
    )


def seconds(work: Callable[[], object]) -> float:
    """CPU time of this process for `work`."""
    began = time.process_time()
    work()
    return time.process_time() - began


def report(name: str, rounds: list[list[Times]]) -> None:
    """Print each round's sums as ratios to feedparser's, and the median over documents."""
    for number, one in enumerate(rounds, 1):
        plain = sum(times.plain for times in one)
        first, second = sum(t.first for t in one), sum(t.second for t in one)
        each = plain / len(one) * 1000
        print(
            f"  {name}, round {number}: feedparser {each:.1f} ms a document;"
            f" first reading {first / plain:.2f} of it,"
            f" one new entry {second / plain:.2f} (1/{plain / second:.1f})"
        )
    middle = median(times.second / times.plain for one in rounds for times in one)
    print(f"  {name}, median of documents: one new entry {middle:.2f} (1/{1 / middle:.1f})")


if __name__ == "__main__":
    sys.exit(main())
