"""Gate: the default watchlists on labelled cases, and on one real article.

Run by `make gates`. Without the corpus it says so and passes.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.model import Article, Example, Watchlist
from monitor.watchlists.matcher import Matcher, compile_watchlists
from monitor.watchlists.shapes import article_from_json

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("MONITOR_CORPUS") or ROOT / "../shared/corpus")
NAMES = ("drones", "indo-pacific", "nato")

EXACT_FLOORS = {"core": 1.0, "context": 0.9}
"""Share of cases, per level, whose set of watchlists is exactly right."""
F1_FLOOR = 0.97
WORDS = {
    "nato": (
        "NATO Defense Ministers",
        "NATO Secretary General",
        "NATO-Ukraine Council",
        "High Visibility Projects",
        "Alliance Ground Surveillance (AGS)",
    ),
    "indo-pacific": (
        "Indo-Pacific partners",
        "Indo-Pacific region",
        "Nakatani",
        "Self-Defense Force",
    ),
    "drones": (
        "Remotely Piloted Aircraft Systems (RPAS)",
        "RPAS",
        "Iranian-made drones",
        "Shahid drones",
        "attack drones",
    ),
}
"""Words of the real article that each watchlist must name."""


@dataclass
class Score:
    """What was right and wrong over all (case, watchlist) pairs."""

    pairs: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)

    def add(self, level: str, expected: set[str], got: set[str]) -> None:
        self.pairs["right"] += len(expected & got)
        self.pairs["wrong"] += len(got - expected)
        self.pairs["missed"] += len(expected - got)
        self.cases[level] += 1
        self.exact[level] += expected == got

    @property
    def precision(self) -> float:
        return self.pairs["right"] / max(1, self.pairs["right"] + self.pairs["wrong"])

    @property
    def recall(self) -> float:
        return self.pairs["right"] / max(1, self.pairs["right"] + self.pairs["missed"])

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    def share(self, level: str) -> float:
        return self.exact[level] / max(1, self.cases[level])


def default_watchlists() -> list[Watchlist]:
    return [load(ROOT / "config" / "watchlists" / f"{name}.toml") for name in NAMES]


def load(path: Path) -> Watchlist:
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    return Watchlist(
        name=path.stem,
        title=written["title"],
        queries=tuple(written["query"]),
        exclude=tuple(written.get("exclude", ())),
        tests=tuple(Example(**test) for test in written["tests"]),
    )


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def score_cases(matcher: Matcher) -> Score:
    score = Score()
    for case in lines(CORPUS / "matching" / "cases.jsonl"):
        got = {match.watchlist for match in matcher.match(article_from_json(case))}
        expected = set(case["expect"])
        score.add(case["level"], expected, got)
        if got != expected:
            print(f"  {case['id']} {case['level']}: expected {sorted(expected)}, got {sorted(got)}")
    return score


def missing_words(matcher: Matcher) -> list[str]:
    """Words of the real article that are not among the spans of their watchlist."""
    text = (CORPUS / "seed" / "nato-defense-ministers.expected.json").read_text(encoding="utf-8")
    page = json.loads(text)
    body = page["body"] if isinstance(page["body"], str) else "\n\n".join(page["body"])
    article = Article(title=page["title"], text=body, language="en")
    found = {
        match.watchlist: {span.text for span in match.spans} for match in matcher.match(article)
    }
    return [
        f"{name}: {word}"
        for name, words in WORDS.items()
        for word in words
        if word not in found.get(name, ())
    ]


def main() -> int:
    if not (CORPUS / "matching" / "cases.jsonl").exists():
        print("corpus not found")
        return 0
    matcher = compile_watchlists(default_watchlists())
    score = score_cases(matcher)
    missing = missing_words(matcher)
    print(f"precision {score.precision:.3f} recall {score.recall:.3f}")
    print(f"F1 {score.f1:.3f} (floor {F1_FLOOR})")
    for level, floor in EXACT_FLOORS.items():
        print(f"exact, {level}: {score.share(level):.3f} of {score.cases[level]} (floor {floor})")
    print(f"words of the real article not found: {missing or 'none'}")
    low = [level for level, floor in EXACT_FLOORS.items() if score.share(level) < floor]
    return int(bool(low or missing or score.f1 < F1_FLOOR))


if __name__ == "__main__":
    raise SystemExit(main())
