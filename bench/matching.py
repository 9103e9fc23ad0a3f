"""Measure how fast articles are matched against many queries, compared with alternatives.

Run as `.venv/bin/python bench/matching.py [TEXTS]`. In one process, interleaved, in CPU time:

- ours: the whole of Matcher.match, including spans and score;
- bare: reading the text into a stream and one scan, the least that any such matcher needs;
- loop: a list of compiled `re` patterns, one search per term and text, as is often written;
  compared with ours for the same terms, in watchlists of fifty.

Texts are the news corpus if available ($MONITOR_CORPUS or ../shared/corpus), else made up by Zipf's
law. Rules are made up from words of other texts of the same kind: single words, phrases, AND, NEAR,
NOT.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import resource
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from time import process_time

from monitor.model import Article, Watchlist
from monitor.watchlists.matcher import Matcher, compile_watchlists
from monitor.watchlists.tree import Term, terms_of

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("MONITOR_CORPUS") or ROOT / "../shared/corpus")
COUNTS = (100, 1_000, 10_000)
RATIO_FLOORS = {100: 1.5, 1_000: 2.0, 10_000: 2.5}
"""Our time as a multiple of bare, at most."""
LOOP_FLOORS = {100: 30, 1_000: 300, 10_000: 3_000}
"""How many times slower a loop over that many terms is, at least."""
OF_TERMS = 50
"""Terms per watchlist in that comparison."""
P99_MS = 10.0
COMPILE_S, COMPILE_MB = 3.0, 100.0
LOOP_TEXTS = 5
"""Texts that the loop is measured on; few, as it is slow."""


def corpus_texts(count: int) -> list[Article]:
    """Articles of the news corpus, evenly spread; empty without the corpus."""
    path = CORPUS / "news" / "allsides_articles.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    step = max(1, len(lines) // count)
    read = (json.loads(line) for line in lines[::step][:count])
    return [Article(title=one["title"], text=one["body"], language="en") for one in read]


def made_up_texts(count: int, chance: Random) -> list[Article]:
    """Articles of 600 words drawn by Zipf's law."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    words = ["".join(chance.choices(syllables, k=3)) for _ in range(30_000)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    texts = (chance.choices(words, cum_weights=weights, k=600) for _ in range(count))
    return [Article(title=" ".join(text[:8]), text=" ".join(text), language="en") for text in texts]


class Rules:
    """Queries as a newsroom would write them: mostly names and phrases, sometimes conditions."""

    def __init__(self, texts: list[Article], chance: Random) -> None:
        self.chance = chance
        self.texts = [re.findall(r"[A-Za-z]{3,}", text.text) for text in texts]
        self.texts = [words for words in self.texts if len(words) > 20]
        counts = Counter(word.lower() for words in self.texts for word in set(words))
        self.words = sorted(word for word, n in counts.items() if n <= len(self.texts) * 0.03)
        self.common = {word for word, n in counts.items() if n > len(self.texts) * 0.1}
        self.neighbours = sorted(self.common)

    def word(self) -> str:
        """A word of the texts; one in four with letters added so that it occurs in none of them."""
        word = self.chance.choice(self.words)
        return (
            word if self.chance.random() < 0.75 else f"{word}{self.chance.choice('xqzj')}{word[:2]}"
        )

    def phrase(self) -> str:
        """Two or three adjacent words of some text, at least one of them not common."""
        while True:
            words = self.chance.choice(self.texts)
            at = self.chance.randrange(len(words) - 3)
            phrase = words[at : at + self.chance.choice((2, 3))]
            if not self.common.issuperset(word.lower() for word in phrase):
                return '"' + " ".join(phrase) + '"'

    def query(self) -> str:
        """One query; two terms on average."""
        kind = self.chance.random()
        if kind < 0.35:
            return self.phrase()
        if kind < 0.6:
            return self.word()
        if kind < 0.8:
            return f"{self.phrase()} OR {self.word()} OR {self.word()}"
        if kind < 0.9:
            return f"{self.word()} NEAR/10 ({self.chance.choice(self.neighbours)} OR {self.word()})"
        return f"{self.word()} AND {self.chance.choice(self.neighbours)} AND NOT {self.phrase()}"

    def watchlists(self, count: int) -> list[Watchlist]:
        """That many queries, one per watchlist."""
        queries = (self.query() for _ in range(count))
        return [
            Watchlist(name=f"w{number}", queries=(query,)) for number, query in enumerate(queries)
        ]

    def lists_of_terms(self, count: int) -> list[Watchlist]:
        """That many different words and phrases, in plain lists."""
        terms: dict[str, None] = {}
        while len(terms) < count:
            terms[self.phrase() if self.chance.random() < 0.5 else self.word()] = None
        lists = [" OR ".join(some) for some in batched(terms, OF_TERMS)]
        return [Watchlist(name=f"l{n}", queries=(query,)) for n, query in enumerate(lists)]


def batched(items: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    """The items in tuples of `size`."""
    rest = iter(items)
    while some := tuple(islice(rest, size)):
        yield some


def loop_of(matcher: Matcher) -> list[re.Pattern[str]]:
    """The patterns that a loop over terms would compile once."""
    terms = {term for one in matcher.watchlists for node in one.queries for term in terms_of(node)}
    return [_as_regex(term) for term in sorted(terms, key=str)]


def _as_regex(term: Term) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(term.text)}\b", re.IGNORECASE)


def timed(texts: list[Article], matcher: Matcher) -> tuple[list[float], list[float]]:
    """CPU seconds of ours and of bare, text by text; which goes first alternates."""
    ours: list[float] = []
    bare: list[float] = []
    for number, text in enumerate(texts):
        both = [(ours, matcher.match), (bare, lambda one: matcher.scan(matcher.read(one)))]
        for times, call in both if number % 2 else reversed(both):
            start = process_time()
            call(text)
            times.append(process_time() - start)
    return ours, bare


def looped(texts: list[Article], regexes: list[re.Pattern[str]]) -> float:
    """CPU seconds per text of the loop."""
    start = process_time()
    for text in texts:
        whole = f"{text.title}\n{text.text}"
        for regex in regexes:
            regex.search(whole)
    return (process_time() - start) / len(texts)


def measure(count: int, texts: list[Article], rules: Rules) -> bool:
    """Print the figures for that many rules; return whether all floors hold."""
    watchlists = rules.watchlists(count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = process_time()
    matcher = compile_watchlists(watchlists)
    compiled = process_time() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    timed(texts[:50], matcher)
    ours, bare = timed(texts, matcher)
    mean = sum(ours) / len(ours)
    p99 = sorted(ours)[int(len(ours) * 0.99)] * 1000
    ratio = sum(ours) / sum(bare)
    matched = sum(len(matcher.match(text)) for text in texts[:100]) / min(100, len(texts))
    print(
        f"{count:6} rules, compiled in {compiled:.2f} s and {grown:.0f} MB: "
        f"ours {mean * 1000:.2f} ms a text (p99 {p99:.1f}), {matched:.1f} matches; "
        f"{ratio:.2f} x bare (at most {RATIO_FLOORS[count]})"
    )
    small = compiled <= COMPILE_S and grown <= COMPILE_MB
    return ratio <= RATIO_FLOORS[count] and p99 <= P99_MS and small


def measure_loop(count: int, texts: list[Article], rules: Rules) -> bool:
    """Print how much slower a loop over that many terms is; return whether the floor holds."""
    matcher = compile_watchlists(rules.lists_of_terms(count))
    regexes = loop_of(matcher)
    timed(texts[:50], matcher)
    ours, _ = timed(texts, matcher)
    mean = sum(ours) / len(ours)
    loop = looped(texts[:: max(1, len(texts) // LOOP_TEXTS)][:LOOP_TEXTS], regexes)
    print(
        f"{len(regexes):6} terms: ours {mean * 1000:.2f} ms a text; "
        f"loop {loop / mean:.0f} x slower (at least {LOOP_FLOORS[count]})"
    )
    return loop / mean >= LOOP_FLOORS[count]


def main() -> int:
    """Measure all sizes."""
    arguments = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    chance = Random(7)  # noqa: S311 - made-up rules, no secret
    wanted = arguments[0] if arguments else 400
    texts = corpus_texts(2 * wanted)
    print("texts of the corpus" if texts else "corpus not found: made-up texts")
    texts = texts or made_up_texts(2 * wanted, chance)
    rules = Rules(texts[::2], chance)
    texts = texts[1::2]
    missed = [f"{count} rules" for count in COUNTS if not measure(count, texts, rules)]
    missed += [f"{count} terms" for count in COUNTS if not measure_loop(count, texts, rules)]
    print(f"floors missed: {', '.join(missed) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
