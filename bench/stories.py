"""Measure quality and speed of grouping stories.

Run as `.venv/bin/python bench/stories.py [ARTICLES]`: first B-cubed and pairwise F1 on the
development sets, as the gate judges them, if they are available; then duplicate checks and
assignments per second with that many stories open (10,000). Returns 1 when a floor or a goal is
missed.

The articles of the second part are made up: 400 words, nearly half of them function words, the
others drawn by Zipf's law with the top cut off, so that terms are as common and as rare as in news.
One in four of the others is capitalised, as names are. Figures are of CPU time on one core: other
programs on the machine have no influence, except by emptying its caches.
"""

from __future__ import annotations

import resource
import sys
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from time import process_time

from bench.gates import stories as gate
from monitor.model import Article
from monitor.stories.common_words import EMPTY_WORDS
from monitor.stories.copies import Copies, print_of
from monitor.stories.grouper import Grouper
from monitor.stories.reading import read
from monitor.stories.words import words

VOCABULARY = 30_000
WORDS = 400
EMPTY = 0.45
"""Share of function words."""
NAMES = 0.25
"""Share of names among the other words."""
START = datetime(2024, 10, 15, tzinfo=UTC)
SPAN = timedelta(days=2)
SAMPLE = 600
CHECKS = 800
"""Goal: duplicate checks per second, on one core."""
ASSIGNMENTS = 300


def made_up(count: int, chance: Random) -> list[Article]:
    """Articles of words by Zipf's law, evenly over two days, so that each story stays open."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    vocabulary = ["".join(chance.choices(syllables, k=3)) for _ in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 25) for rank in range(VOCABULARY)))
    empty = sorted(EMPTY_WORDS)
    articles = []
    for number in range(1, count + 1):
        drawn = chance.choices(vocabulary, cum_weights=weights, k=WORDS)
        named = [word.capitalize() if chance.random() < NAMES else word for word in drawn]
        drawn = [chance.choice(empty) if chance.random() < EMPTY else word for word in named]
        at = START + SPAN * (number / count)
        title, text = " ".join(drawn[:9]), " ".join(drawn[9:])
        articles.append(
            Article(id=number, title=title, text=text, published=at, first_seen=at, language="en")
        )
    return articles


def assignments(known: list[Article], new: list[Article]) -> float:
    """Assignments per second, including reading, after each known article opened a story."""
    grouper = Grouper()
    for article in known:
        grouper.restore(article, article.id, None)
    read.cache_clear()
    start = process_time()
    for article in new:
        grouper.assign(article, START + SPAN)
    return len(new) / (process_time() - start)


def checks(known: list[Article], new: list[Article]) -> float:
    """Duplicate checks per second, including reading; half of them of copies."""
    copies = Copies()
    for article in known:
        copies.add(article.id, print_of("", words(article.text)), None)
    asked = new[: len(new) // 2] + known[: len(new) // 2]
    start = process_time()
    for article in asked:
        copies.find(print_of("", words(article.text)))
    return len(asked) / (process_time() - start)


def main() -> int:
    """Print the figures; return 1 when one is missed."""
    missed = gate.main()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    articles = made_up(count + SAMPLE, Random(1))  # noqa: S311 - made-up words, no secret
    known, new = articles[:count], articles[count:]
    figures = {
        "duplicate checks": (checks(known, new), CHECKS, f"{count} articles in memory"),
        "assignments": (assignments(known, new), ASSIGNMENTS, f"{count} stories open"),
    }
    for what, (found, goal, where) in figures.items():
        verdict = "" if found >= goal else "   MISSED"
        print(f"{what:16} {found:8.0f} a second ({where})   goal {goal}{verdict}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory            {peak:8.0f} MB at the most, articles and both states together")
    return int(missed or any(found < goal for found, goal, _ in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
