"""Gate: every document of the feed corpus is read, in time, completely, and rightly.

Figures and floors: no crash; no document over 2 s; no document with fewer entries than
feedparser alone finds; at least 98 % of the fields that the documents' own projects assert; every
document the same whether it is read whole or only as far as it is new, and at least 90 % of the
complete ones with entries fit to be read so.
Differences that are right stand in docs/design/feeds.md.
"""

from __future__ import annotations

import codecs
import dataclasses
import html
import json
import os
import re
import select
import subprocess
import sys
import time
from calendar import timegm
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from monitor.errors import InputError
from monitor.feeds.read import document_as_json, read
from monitor.feeds.reduce import ids, mark
from monitor.model import Document

ROOT: Final = Path(__file__).resolve().parents[2]
MAX_SECONDS: Final = 2.0
PATIENCE_S: Final = 20.0
"""A reader silent for so long hangs; it is ended, and the next document gets a new one."""
GOLD_FLOOR: Final = 0.98
REMEMBERED_FLOOR: Final = 0.90
FEWER_ENTRIES: Final = frozenset({"fp__illformed-rss_incomplete_cdata.xml"})
"""Documents with fewer entries than feedparser finds, each justified in docs/design/feeds.md."""

SUITE: Final = "fp__"
"""How the documents of feedparser's own suite are called."""
SUITE_DIFFERENCES: Final = 6
"""Of its assertions that we do otherwise, each with its reason in docs/design/feeds.md."""

Json = dict[str, Any]


def main() -> int:
    """Read the corpus and print the figures; 1 when a floor is missed."""
    corpus = Path(os.environ.get("MONITOR_CORPUS", ROOT.parent / "shared" / "corpus")) / "feeddocs"
    if not corpus.is_dir():
        print("corpus not found")
        return 0
    cases = [json.loads(line) for line in (corpus / "index.jsonl").read_text().splitlines()]
    faults: list[str] = []
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    slowest = 0.0
    memories: Counter[bool] = Counter()
    suite: Counter[str] = Counter()
    for case, answer in answers(corpus, cases):
        slowest = max(slowest, answer.get("seconds", 0.0))
        memories.update([answer["remembered"]] if "remembered" in answer else [])
        faults += faults_of(case, answer)
        compared = list(fields(case, answer.get("document") or {}))
        for field, expected, got in compared:
            asked[field] += 1
            right[field] += same(field, expected, got)
            if not same(field, expected, got) and "-v" in sys.argv:
                print(f"  {case['file']} {field}: {expected!r:.110} | {got!r:.110}")
        if Path(case["file"]).name.startswith(SUITE):
            suite["documents"] += 1
            suite["stated"] += len((case.get("gold") or {}).get("asserts", ()))
            suite["ours"] += len(compared)
            suite["right"] += sum(same(*one) for one in compared)
    print(f"feeds: {len(cases)} documents, slowest {slowest:.2f} s (at most {MAX_SECONDS} s)")
    print(
        "  feedparser's own suite: {documents} documents, {stated} assertions; {ours} are of what "
        "we have too, {right} of them hold".format_map(suite)
    )
    if suite["ours"] - suite["right"] > SUITE_DIFFERENCES:
        faults.append("feedparser's own suite: more differences than are justified")
    kept = memories[True] / max(memories.total(), 1)
    if kept < REMEMBERED_FLOOR:
        faults.append("too few documents can be read as far as they are new")
    print(f"  fit to be read as far as new {kept:.1%} (floor {REMEMBERED_FLOOR:.0%})")
    return report(faults, right, asked)


def report(faults: list[str], right: Counter[str], asked: Counter[str]) -> int:
    """Print the gold fields and the faults; 1 when a floor is missed."""
    share = right.total() / max(asked.total(), 1)
    for field in sorted(asked):
        print(f"  {field:<12} {right[field]:>4} of {asked[field]:>4}")
    print(f"  gold fields right {share:.2%} (floor {GOLD_FLOOR:.0%})")
    for fault in faults:
        print(f"  FAULT {fault}")
    return int(bool(faults) or share < GOLD_FLOOR)


def faults_of(case: Json, answer: Json) -> list[str]:
    """Crash, hang, slowness, missing entries, other entries when read in part."""
    name, found = Path(case["file"]).name, []
    if "differs" in answer:
        found.append(f"{name}: read in part it differs: {answer['differs']}")
    if "crash" in answer:
        found.append(f"{name}: {answer['crash']}")
    if answer.get("seconds", 0) > MAX_SECONDS:
        found.append(f"{name}: {answer['seconds']:.1f} s")
    entries = len((answer.get("document") or {}).get("entries", ()))
    reference = case.get("reference", {}).get("entry_count", 0)
    if entries < reference and name not in FEWER_ENTRIES:
        found.append(f"{name}: {entries} entries, feedparser finds {reference}")
    return found


# --------------------------------------------------------------------------- reading


def answers(corpus: Path, cases: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each case with its answer, read in a process of its own that may be ended."""
    reader = _start()
    for case in cases:
        assert reader.stdin and reader.stdout
        request = [str(corpus / case["file"]), *_served(case)]
        reader.stdin.write(json.dumps(request) + "\n")
        reader.stdin.flush()
        ready, _, _ = select.select([reader.stdout], [], [], PATIENCE_S)
        line = reader.stdout.readline() if ready else ""
        if line:
            yield case, json.loads(line)
            continue
        reader.kill()
        yield case, {"crash": "hangs" if not ready else "the reader died"}
        reader = _start()
    reader.kill()


def _served(case: Json) -> tuple[str, str]:
    headers = {key.lower(): value for key, value in case.get("http_headers", {}).items()}
    url = headers.get("content-location") or case.get("url", "")
    if not url and f"{SUITE}wellformed-base-http_" in case["file"]:
        url = f"http://127.0.0.1:8097/{case['source_path']}"  # where that suite is served
    return headers.get("content-type", ""), url


def _start() -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).resolve()), "--reader"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def reader_loop() -> None:
    """Answer one document after another, until the pipe ends."""
    for line in sys.stdin:
        path, content_type, url = json.loads(line)
        body = Path(path).read_bytes()
        began = time.process_time()
        document = None
        try:
            document = read(body, content_type, url)
            shown = document_as_json(document) | {"complete": document.complete}
            answer: Json = {"document": shown}
        except InputError as error:
            answer = {"refused": str(error)}
        except Exception as error:  # the gate is there to see any crash, whatever it is
            answer = {"crash": f"{type(error).__name__}: {error}"}
        answer["seconds"] = time.process_time() - began  # others may be at work beside us
        if document and document.kind == "rss" and document.complete and document.entries:
            answer |= read_in_part(document, body, content_type, url)
        print(json.dumps(answer), flush=True)


def read_in_part(whole: Document, body: bytes, content_type: str, url: str) -> Json:
    """Read with memories of all entries, of all but the first or last, of one, of every other."""
    frame, *items = whole.pieces or ("",)
    for some in (items, items[1:], items[:-1], items[:1], items[::2]):
        known = frozenset({frame, *some})
        part = read(body, content_type, url, known_pieces=known)
        expected = left_out(whole, known) if part.reduced else whole
        for field in dataclasses.fields(Document):
            same = getattr(part, field.name) == getattr(expected, field.name)
            if not same and field.name != "problems":
                return {"remembered": True, "differs": field.name}
    return {"remembered": bool(whole.pieces)}


def left_out(whole: Document, known: frozenset[str]) -> Document:
    """The document without the entries whose ids the memory marks."""
    marks = ids(known)
    entries = tuple(entry for entry in whole.entries if mark(entry.id) not in marks)
    return dataclasses.replace(whole, entries=entries, reduced=len(whole.entries) - len(entries))


# ------------------------------------------------------------------------------ gold


def fields(case: Json, document: Json) -> Iterator[tuple[str, Any, Any]]:
    """The fields that the case's own project asserts and that we have: name, expected, got."""
    gold = case.get("gold") or {}
    entries = document.get("entries", [])
    first = entries[0] if entries else {}
    places = {
        "entry_count": ("entries", len(entries)),
        "feed_title": ("title", document.get("title")),
        "feed_link": ("link", document.get("link")),
        "language": ("language", document.get("language")),
        "first_title": ("title", first.get("title")),
        "first_link": ("link", first.get("link")),
        "first_id": ("id", first.get("id")),
        "first_published_iso": ("date", first.get("published")),
        "first_published_utc": ("date", first.get("published")),
        "first_updated_iso": ("date", first.get("updated")),
        "first_author": ("author", (first.get("authors") or [None])[0]),
    }
    for name, (field, got) in places.items():
        if name in gold:
            yield field, gold[name], got
    for path, expected in gold.get("asserts", []):
        if path == "bozo" and not expected:  # what it calls broken, we may be able to mend
            yield "sound", True, document.get("complete")
        place = _asserted(path, document) if isinstance(path, list) else None
        if place and not _superseded(case, place[0], expected):
            yield place[0], expected, place[1]


def _superseded(case: Json, field: str, expected: Any) -> bool:
    """RFC 3023 read text/xml without a charset as us-ascii; RFC 7303 has withdrawn that."""
    content_type, _ = _served(case)
    return (
        field == "encoding"
        and expected == "us-ascii"
        and "charset=" not in content_type.replace(" ", "")
    )


_ENTRY_FIELDS: Final = {
    ("title",): ("title", "title"),
    ("link",): ("link", "link"),
    ("id",): ("id", "id"),
    ("guid",): ("id", "id"),
    ("summary",): ("text", "summary_html"),
    ("content", 0, "value"): ("text", "content_html"),
    ("title_detail", "value"): ("title", "title"),
    ("summary_detail", "value"): ("text", "summary_html"),
    ("created_parsed",): ("date", "published"),
    ("published_parsed",): ("date", "published"),
    ("updated_parsed",): ("date", "updated"),
}


def _asserted(path: list[Any], document: Json) -> tuple[str, Any] | None:
    """Our value for a path of feedparser's, where we have the same field."""
    match path:
        case ["feed", ("title" | "link" | "language") as name]:
            return name, document.get(name)
        case ["encoding"]:
            return "encoding", document.get("encoding")
        case ["version"]:
            return "format", document.get("format")
        case ["feed", "ttl"]:
            return "ttl", document.get("hints", {}).get("ttl_s")
        case ["entries", "#len"]:
            return "entries", len(document.get("entries", []))
        case ["entries", int() as number, *rest]:
            entries = document.get("entries", [])
            entry = entries[number] if number < len(entries) else {}
            # An entry states its language where it differs from the feed's.
            language = entry.get("language") or document.get("language")
            return _of_entry(rest, entry | {"language": language})
    return None


def _of_entry(rest: list[Any], entry: Json) -> tuple[str, Any] | None:
    if tuple(rest) in _ENTRY_FIELDS:
        field, key = _ENTRY_FIELDS[tuple(rest)]
        return field, entry.get(key)
    match rest:
        case ["description"]:
            return "text", entry.get("summary_html") or entry.get("content_html")
        case ["tags", int() as number, "term"]:
            names = entry.get("categories", [])
            return "category", names[number] if number < len(names) else None
        case ["tags", "#len"]:
            return "entries", len(entry.get("categories", []))
        case ["category"]:
            return "category", next(iter(entry.get("categories", [])), None)
        case ["author"] | ["author_detail", "name"]:
            return "author", next(iter(entry.get("authors", [])), None)
        case [*_, "language"] if rest[0] in ("content", "summary_detail", "title_detail"):
            return "language", entry.get("language")
        case ["authors", int() as number, "name"]:
            names = entry.get("authors", [])
            return "author", names[number] if number < len(names) else None
        case ["enclosures", int() as number, ("href" | "url" | "type" | "length") as key]:
            files = entry.get("enclosures", [])
            name = "url" if key == "href" else key
            return "enclosure", files[number].get(name) if number < len(files) else None
    return None


def same(field: str, expected: Any, got: Any) -> bool:
    """Equal in what the field means; escaping, white space and the form of a date aside."""
    if field == "date":
        return _moment(expected) == _moment(got)
    if field == "author":  # feedparser adds the address to the name
        return _flat(re.sub(r" \([^()]*@[^()]*\)$", "", str(expected or ""))) == _flat(got)
    if field in ("title", "text", "category"):
        return _flat(expected) == _flat(got)
    if field == "format":
        return bool({"rss10": "rdf", "rss090": "rdf"}.get(expected, expected) == got)
    if field == "ttl":  # minutes
        return bool(int(expected) * 60 == got)
    if field == "encoding":
        return codecs.lookup(str(expected)) == codecs.lookup(str(got))
    if field == "language":
        return str(expected or "").lower() == str(got or "").lower()
    if field == "link":
        # Where a project leaves a link relative, ours is the same link made absolute.
        relative = "://" not in str(expected or "://")
        return (
            _address(got).endswith(_address(expected))
            if relative
            else _address(expected) == _address(got)
        )
    return str(expected).strip() == str(got)


def _flat(value: Any) -> str:
    text = html.unescape(html.unescape(str(value or "")))
    return "".join(re.sub(r"</?[A-Za-z][^<>]*>", "", text).split())


def _address(value: Any) -> str:
    scheme, mark, rest = str(value or "").strip().rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.lower()}{slash}{path}"


def _moment(value: Any) -> datetime | None:
    if not value:
        return None
    if isinstance(value, list):
        return datetime.fromtimestamp(timegm(tuple(value)), UTC)
    moment = datetime.fromisoformat(str(value)).replace(microsecond=0)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    if "--reader" in sys.argv:
        reader_loop()
    else:
        sys.exit(main())
