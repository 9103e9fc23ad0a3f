"""Lines that a source puts on all its pages: learned from stored articles, never from one page.

The store counts, for each host, on how many different texts each line stood; `learn` decides from
these counts which lines are furniture; `clean_page(..., furniture=...)` leaves them out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.articles.fingerprint import line_hash
from monitor.articles.lines import word_count

MIN_PAGES = 3
"""A line on only two pages may be chance, or a correction of the same report."""
MIN_SHARE = 0.05
"""Least share of the host's pages that must have the line."""
LONG = 160
"""A line of at least so many characters is a paragraph."""
MIN_PAGES_SENTENCE = 10
MIN_SHARE_SENTENCE = 0.3
"""The same for paragraphs and whole sentences, which may be background that reports share word for
word ("NATO allies condemned the attack."); a plea or an address is on nearly all pages."""
_SENTENCE = re.compile(r"[.!?…。！？]['\"”’»)\]]*\s*$")
MIN_WORDS = 4
"""Shorter lines are a publisher's usual subheadings: "Background", "What we know"."""
MAX_LINES = 300
"""Most learned lines of one source; the most frequent ones are kept."""
MAX_COUNTED = 60
"""Most lines counted of one page, from its beginning and its end."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of a source, and on how many pages it stood."""

    hash: int
    """`fingerprint.line_hash` of the line."""
    pages: int
    """Number of pages with different texts (`fingerprint.text_hash`): copies count once."""
    text: str
    """The line as it stood on one of them, to measure and to explain."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A line learned as furniture, and why."""

    hash: int
    text: str
    why: str


def lines_of(text: str) -> dict[int, str]:
    """The lines of a cleaned text that are worth counting: hash -> line, each once.

    Lines need four words: shorter ones are a publisher's usual subheadings. Furniture is at the
    beginning and the end, so the middle of a long text is left out.
    """
    lines = text.split("\n\n")
    if len(lines) > MAX_COUNTED:
        lines = lines[: MAX_COUNTED // 2] + lines[-MAX_COUNTED // 2 :]
    return {line_hash(line): line for line in lines if word_count(line) >= MIN_WORDS}


def learn(seen: Iterable[Seen], pages: int) -> tuple[Learned, ...]:
    """The lines that are furniture of a source with `pages` pages, most frequent first; bounded."""
    ranked = sorted(seen, key=lambda line: (-line.pages, line.hash))
    learned = (Learned(line.hash, line.text, _why(line, pages)) for line in ranked)
    return tuple(one for one in learned if one.why)[:MAX_LINES]


def _why(line: Seen, pages: int) -> str:
    """The reason why a line is furniture; empty when it is not."""
    told = len(line.text) >= LONG or _SENTENCE.search(line.text)
    needed, share = (MIN_PAGES_SENTENCE, MIN_SHARE_SENTENCE) if told else (MIN_PAGES, MIN_SHARE)
    if line.pages < max(needed, share * pages):
        return ""
    return f"stands on {line.pages} of {pages} pages"
