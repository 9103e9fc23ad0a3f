"""Gate: stories and duplicates on the development sets, by B-cubed and pairwise F1.

`.venv/bin/python bench/gates/stories.py MODULE:NAME` judges with an encoder, as `[stories] encoder`
names one; then the leads have higher floors.
"""

from __future__ import annotations

import gzip
import importlib
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from monitor.stories.grouper import Encode
from monitor.stories.lines import stories_of

Line = dict[str, Any]
Answer = dict[str, str | None]

FLOORS = {
    "allsides_lead": (0.93, 0.84),
    "allsides_full": (0.87, 0.65),
    "basil": (0.97, 0.96),
}
"""B-cubed F1, pairwise F1."""
ENCODED = {**FLOORS, "allsides_lead": (0.95, 0.90)}
"""The same with an encoder."""
DUPLICATES = 0.99


def main(encoder: str = "") -> int:
    """Print each figure with its floor; 1 when one is missed."""
    corpus = corpus_folder()
    if not (corpus / "stories").is_dir():
        print("corpus not found")
        return 0
    encode = _loaded(encoder) if encoder else None
    missed = sum(_grouping(corpus / "stories", name, encode) for name in FLOORS)
    missed += _duplicates(corpus / "stories")
    return 1 if missed else 0


def corpus_folder() -> Path:
    """Where the corpora are, if anywhere."""
    beside = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"
    return Path(os.environ.get("MONITOR_CORPUS") or beside)


def _loaded(named: str) -> Encode:
    module, _, name = named.partition(":")
    encode: Encode = getattr(importlib.import_module(module), name)
    return encode


def _read(path: Path) -> list[Line]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _answers(documents: Iterable[Line], encode: Encode | None = None) -> list[Answer]:
    told = (line | {"published": line.get("date")} for line in documents)
    return list(stories_of(told, encode))


def report(what: str, value: float, floor: float) -> int:
    """Print a figure with its floor; 1 when it is missed."""
    verdict = "" if value >= floor else "   MISSED"
    print(f"{what:38} {value:.3f}   floor {floor:.3f}{verdict}")
    return int(value < floor)


# ------------------------------------------------------------------------- stories


def _grouping(folder: Path, name: str, encode: Encode | None) -> int:
    documents = sorted(_read(folder / f"{name}.jsonl.gz"), key=lambda line: line["date"])
    gold = [line["labels"]["story"] for line in documents]
    found = [str(answer["story"]) for answer in _answers(documents, encode)]
    related = folder / f"{name}.related.json"
    pairs = json.loads(related.read_text(encoding="utf-8")) if related.exists() else []
    either = {frozenset(pair) for pair in pairs}
    b_cubed, pairwise = (ENCODED if encode else FLOORS)[name]
    missed = report(f"{name} B-cubed F1", _b_cubed(gold, found, either), b_cubed)
    return missed + report(f"{name} pairwise F1", _pairwise(gold, found, either), pairwise)


def _b_cubed(gold: Sequence[str], found: Sequence[str], either: set[frozenset[str]]) -> float:
    """Per document: how pure its cluster is, and how much of its story is in it."""
    clusters, stories = _by(found), _by(gold)
    precision = recall = 0.0
    for index, cluster in enumerate(found):
        mates = [gold[other] for other in clusters[cluster]]
        same = mates.count(gold[index])
        judged = sum(frozenset((mate, gold[index])) not in either for mate in mates)
        precision += same / judged
        recall += same / len(stories[gold[index]])
    return _f1(precision / len(gold), recall / len(gold))


def _pairwise(gold: Sequence[str], found: Sequence[str], either: set[frozenset[str]]) -> float:
    """Over pairs of documents put together."""
    together = right = 0
    for members in _by(found).values():
        for place, one in enumerate(members):
            for other in members[:place]:
                same = gold[one] == gold[other]
                right += same
                together += same or frozenset((gold[one], gold[other])) not in either
    wanted = sum(len(members) * (len(members) - 1) // 2 for members in _by(gold).values())
    return _f1(right / max(together, 1), right / wanted)


def _by(labels: Sequence[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        groups[label].append(index)
    return groups


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


# ---------------------------------------------------------------------- duplicates


def _duplicates(folder: Path) -> int:
    documents = _read(folder / "dedup_docs.jsonl.gz")
    documents.sort(key=lambda line: line["date"] or "")
    original = {answer["id"]: answer["duplicate_of"] for answer in _answers(documents)}
    lines = (folder / "dedup_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]

    def same(pair: Line) -> bool:
        a, b = pair["a"], pair["b"]
        return (original[a] or a) == (original[b] or b)

    return report(
        "duplicates F1", _binary([p for p in pairs if p["label"] != "partial"], same), DUPLICATES
    )


def _binary(pairs: Sequence[Line], same: Callable[[Line], bool]) -> float:
    judged = [(str(pair["label"]) == "dup", same(pair)) for pair in pairs]
    right = judged.count((True, True))
    wrong = sum(wanted != found for wanted, found in judged)
    return 2 * right / (2 * right + wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
