"""Gate: bodies, titles, dates and authors of pages that nobody wrote for us.

The score is that of the scrapinghub article-extraction benchmark: precision and recall over
runs of four tokens, averaged over the pages; F1 is the harmonic mean of the two means. With
`-v` the pages under 0.8 are listed.

The pages are told in two halves as well: new rules are made reading pages of half B alone, so
that half A shows what they are worth elsewhere.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from monitor.articles import furniture
from monitor.articles.clean import clean_page, clean_text
from monitor.articles.dates import read_stamp
from monitor.model import Cleaned

ROOT: Final = Path(__file__).resolve().parents[2]
FLOORS: Final = {
    "F1": 0.972,
    "page F1": 0.970,
    "exact": 0.32,
    "pages at 0.5 or better": 0.995,
    "titles": 0.92,
    "dates": 0.94,
    "authors": 0.90,
}
PAGES_FLOOR: Final = 0.97
FURNITURE_FLOOR: Final = 0.0
"""What learned furniture may change: sources with few pages gain nothing, none may lose."""
RUN: Final = 4
TOKEN: Final = re.compile(r"\w+")
Json = dict[str, Any]
DefencePage = tuple[str, bytes, str, Json]
"""File, HTML, address, what is right."""


def main() -> int:
    """Print each figure beside its floor; 1 when one is missed."""
    corpus = Path(os.environ.get("MONITOR_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not (corpus / "extraction").is_dir():
        print("corpus not found")
        return 0
    tally, halves = Tally(), {"A": Tally(), "B": Tally()}
    for page, html, gold in extraction_pages(corpus / "extraction"):
        cleaned = clean_page(html, page["url"])
        for one in (tally, halves[half(page["id"])]):
            one.add(page["id"], cleaned, gold)
    figures = tally.figures()
    fine = [show(name, figures[name], floor) for name, floor in FLOORS.items()]
    for name, one in halves.items():
        print(f"articles: half {name}: " + one.told())
    others = Tally()
    defence = list(defence_pages(corpus / "pages"))
    for ident, body, url, gold in defence:
        others.add(ident, clean_page(body, url), gold)
    fine.append(show("defence pages: F1", others.figures()["F1"], PAGES_FLOOR))
    for name, pages in (("defence pages", defence), ("seeds without names", nameless_seeds())):
        gain = furniture_gain(pages)
        fine.append(show(f"learned furniture: F1 gained on {name}", gain, FURNITURE_FLOOR))
    fine.append(show("seed article exact", seed(corpus / "seed"), 1.0))
    if "-v" in sys.argv:
        for f1, ident in sorted([*tally.f1, *others.f1]):
            if f1 < 0.8:
                print(f"  {f1:.3f} {ident}")
    return int(not all(fine))


def show(name: str, figure: float, floor: float) -> bool:
    print(f"articles: {name} {figure:.4f} (floor {floor})")
    return figure >= floor


def half(ident: str) -> str:
    """A or B, the same for a page in every run."""
    return "AB"[hashlib.md5(ident.encode(), usedforsecurity=False).digest()[0] & 1]


def furniture_gain(pages: list[DefencePage]) -> float:
    """F1 of the sources with four pages and more, with what is learned of all their pages, less
    their F1 without."""
    sources: dict[str, list[DefencePage]] = {}
    for page in pages:
        sources.setdefault(urlsplit(page[2]).hostname or "", []).append(page)
    plain, learned = Tally(), Tally()
    for name, own in sources.items():
        if name and len(own) >= 4:
            known = learned_from([clean_page(body, url).text for _, body, url, _ in own])
            for ident, body, url, gold in own:
                plain.add(ident, clean_page(body, url), gold)
                learned.add(ident, clean_page(body, url, furniture=known), gold)
    return learned.figures()["F1"] - plain.figures()["F1"] if plain.f1 else 0.0


def nameless_seeds() -> list[DefencePage]:
    """The recorded pages without classes and ids, where names say nothing."""
    found: list[DefencePage] = []
    for path in sorted((ROOT / "seeds" / "pages").glob("*/*.expected.json")):
        expected = json.loads(path.read_text("utf-8"))
        html = path.with_name(path.name.replace(".expected.json", ".html")).read_bytes()
        bare = re.sub(rb"\s(?:class|id)=(?:\"[^\"]*\"|'[^']*')", b"", html)
        found.append((path.name, bare, expected["url"], {"body": expected["text"]}))
    return found


def learned_from(texts: list[str]) -> frozenset[int]:
    """The furniture of a source with these texts."""
    lines = {key: line for text in texts for key, line in furniture.lines_of(text).items()}
    pages = Counter(key for text in texts for key in furniture.lines_of(text))
    seen = (furniture.Seen(key, count, lines[key]) for key, count in pages.items())
    return frozenset(one.hash for one in furniture.learn(seen, len(texts)))


def extraction_pages(folder: Path) -> Iterator[tuple[Json, str, Json]]:
    index = json.loads((folder / "index.json").read_text("utf-8"))
    for page in index["pages"]:
        html = gzip.decompress((folder / page["html"]).read_bytes()).decode("utf-8", "replace")
        yield page, html, json.loads((folder / page["gold"]).read_text("utf-8"))


def defence_pages(folder: Path) -> Iterator[DefencePage]:
    for row in map(json.loads, (folder / "index.jsonl").read_text("utf-8").splitlines()):
        raw = (folder / row["file"]).read_bytes()
        html = gzip.decompress(raw) if row["file"].endswith(".gz") else raw
        yield (
            row["file"],
            html,
            row.get("url") or "",
            {"body": "\n".join(row["gold"]["paragraphs"])},
        )


def seed(folder: Path) -> float:
    """Share of the checks of the seed article that hold, from the page and from copied text."""
    name = "nato-defense-ministers"
    expected = json.loads((folder / f"{name}.expected.json").read_text("utf-8"))
    page = clean_page((folder / f"{name}.html").read_bytes(), expected["url"])
    copied = clean_text((folder / f"{name}.txt").read_text("utf-8"))
    checks = [
        check
        for cleaned in (page, copied)
        for check in (
            cleaned.text == expected["body"],
            cleaned.title == expected["title"],
            cleaned.section == expected["section"],
            cleaned.language == expected["language"],
            cleaned.authors == (),
            day(cleaned) == expected["published"],
            not any(part in cleaned.text for part in expected["must_not_contain"]),
        )
    ]
    return float(sum(checks)) / len(checks)


def day(cleaned: Cleaned) -> str:
    return cleaned.published.date().isoformat() if cleaned.published else ""


@dataclass
class Tally:
    """What was right on some pages."""

    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    f1: list[tuple[float, str]] = field(default_factory=list)
    exact: int = 0
    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def add(self, ident: str, cleaned: Cleaned, gold: Json) -> None:
        if gold.get("body"):
            self.add_body(ident, TOKEN.findall(cleaned.text), TOKEN.findall(gold["body"]))
        checks = {
            "titles": (gold.get("title"), near(gold.get("title") or "", cleaned.title)),
            "dates": (gold.get("date"), same_day(str(gold.get("date")), cleaned)),
            "authors": (gold.get("authors"), any_author(gold.get("authors") or [], cleaned)),
        }
        for name, (wanted, correct) in checks.items():
            self.asked[name] += bool(wanted)
            self.right[name] += bool(wanted) and correct

    def add_body(self, ident: str, got: list[str], gold: list[str]) -> None:
        have, want = runs(got), runs(gold)
        shared = (have & want).total()
        if have:
            self.precision.append(shared / have.total())
        self.recall.append(shared / want.total())
        self.f1.append((2 * shared / (have.total() + want.total()), ident))
        self.exact += got == gold

    def told(self) -> str:
        """The figures in one line."""
        return ", ".join(f"{name} {figure:.4f}" for name, figure in self.figures().items())

    def figures(self) -> dict[str, float]:
        precision, recall = statistics.fmean(self.precision), statistics.fmean(self.recall)
        scores = [f1 for f1, _ in self.f1]
        return {
            "F1": 2 * precision * recall / (precision + recall),
            "page F1": statistics.fmean(scores),
            "exact": self.exact / len(scores),
            "pages at 0.5 or better": sum(f1 >= 0.5 for f1 in scores) / len(scores),
            **{name: self.right[name] / max(1, count) for name, count in self.asked.items()},
        }


def runs(tokens: list[str]) -> Counter[tuple[str, ...]]:
    last = max(1, len(tokens) - RUN + 1)
    return Counter(tuple(tokens[at : at + RUN]) for at in range(last) if tokens)


def fold(text: str) -> str:
    return " ".join(TOKEN.findall(text.casefold()))


def near(gold: str, got: str) -> bool:
    """Titles are near when nine tenths of their characters agree, case and marks aside."""
    return SequenceMatcher(None, fold(gold), fold(got)).ratio() >= 0.9


def same_day(gold: str, cleaned: Cleaned) -> bool:
    stated = read_stamp(gold[:10])
    return stated is not None and day(cleaned) == stated.at.date().isoformat()


def any_author(gold: list[str], cleaned: Cleaned) -> bool:
    wanted = [fold(name) for name in gold]
    return any(
        (said := fold(name)) and any(said in one or one in said for one in wanted if one)
        for name in cleaned.authors
    )


if __name__ == "__main__":
    sys.exit(main())
