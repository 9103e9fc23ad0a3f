"""Compare quality and speed of body extraction with other extractors, interleaved page by page.

Run as `.venv/bin/python bench/cleaning.py [PAGES]`. All run in one process, one after another on
the same page and in rotating order, timed by CPU: ratios hold on a busy machine, milliseconds do
not. The others are not dependencies of ours; those not installed are reported as such. Scores are
those of the gate (`bench/gates/articles.py`).
"""

from __future__ import annotations

import gzip
import importlib
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gates.articles import TOKEN, Tally
from monitor.articles.clean import body_text

ROOT: Final = Path(__file__).resolve().parents[1]
Extract = Callable[[str, str], str]


def _ours() -> Extract:
    return body_text


def _trafilatura() -> Extract:
    trafilatura: Any = importlib.import_module("trafilatura")
    return lambda html, url: trafilatura.extract(html, include_comments=False) or ""


def _readability() -> Extract:
    readability: Any = importlib.import_module("readability")
    from bs4 import BeautifulSoup

    def extract(html: str, url: str) -> str:
        summary = readability.Document(html, url=url).summary(html_partial=True)
        return BeautifulSoup(summary, "lxml").get_text("\n")

    return extract


def _resiliparse() -> Extract:
    plain: Any = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda html, url: str(plain(html, main_content=True, alt_texts=False))


CONTENDERS: Final[dict[str, Callable[[], Extract]]] = {
    "monitor": _ours,
    "trafilatura": _trafilatura,
    "readability-lxml": _readability,
    "resiliparse": _resiliparse,
}


@dataclass
class Run:
    """One extractor, with its scores and times in seconds."""

    extract: Extract
    tally: Tally = field(default_factory=Tally)
    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    def read(self, html: str, url: str) -> str:
        """Extract the body, timed; a page on which the extractor fails counts as one without."""
        start = process_time()
        try:
            found = self.extract(html, url)
        except Exception:  # other programs may raise anything
            self.failed += 1
            found = ""
        self.seconds.append(process_time() - start)
        return found

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(0.95 * (len(self.seconds) - 1))]


def contenders() -> dict[str, Run]:
    """The extractors that are installed."""
    found = {}
    for name, build in CONTENDERS.items():
        try:
            found[name] = Run(build())
        except ImportError:
            print(f"cleaning: {name}: not installed")
    return found


def pages(folder: Path, most: int) -> Iterator[tuple[str, str, str, str]]:
    """(id, address, HTML, body) of the pages with a known body."""
    for page in json.loads((folder / "index.json").read_text("utf-8"))["pages"][:most]:
        body = json.loads((folder / page["gold"]).read_text("utf-8")).get("body")
        if body:
            raw = gzip.decompress((folder / page["html"]).read_bytes())
            yield page["id"], page["url"], raw.decode("utf-8", "replace"), body


def main(most: int) -> int:
    """Print one line for each extractor: scores, and speed relative to ours."""
    corpus = Path(os.environ.get("MONITOR_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not (corpus / "extraction").is_dir():
        print("corpus not found")
        return 0
    runs = contenders()
    for number, (ident, url, html, body) in enumerate(pages(corpus / "extraction", most)):
        order = list(runs.values())
        turn = number % len(order)
        for run in (*order[turn:], *order[:turn]):
            if number == 0:
                run.extract(html, url)  # tables and imports, untimed
            run.tally.add_body(ident, TOKEN.findall(run.read(html, url)), TOKEN.findall(body))
    ours = runs["monitor"]
    for name, run in runs.items():
        print(line(name, run, ours))
    return 0


def line(name: str, run: Run, ours: Run) -> str:
    """One extractor's scores, and its time and 95th percentile as ratios to ours."""
    scores = run.tally.figures()
    return (
        f"cleaning: {name:17} F1 {scores['F1']:.4f}  page F1 {scores['page F1']:.4f}  "
        f"exact {scores['exact']:.3f}  CPU {sum(run.seconds) / sum(ours.seconds):.2f}  "
        f"p95 {run.p95 / ours.p95:.2f}  median {1000 * statistics.median(run.seconds):.1f} ms"
        + (f"  failed on {run.failed}" if run.failed else "")
    )


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
