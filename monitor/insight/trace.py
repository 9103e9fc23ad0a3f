"""The whole way of an entry in order of time, built from the rows kept of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = dict[str, Any]
"""A row of a table, column -> value, without the texts of articles and messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of one article with its entries, or of one entry that became no article."""

    entries: Sequence[Row] = ()
    """With `feed`: the name of the feed, or its address."""
    reissues: Sequence[Row] = ()
    """The suspected re-issues that the entries came in."""
    polls: Sequence[Row] = ()
    revisions: Sequence[Row] = ()
    articles: Sequence[Row] = ()
    copies: Sequence[int] = ()
    """Numbers of the articles that tell the same text."""
    matches: Sequence[Row] = ()
    rulings: Sequence[Row] = ()
    editions: Sequence[Row] = ()
    """Rows of `edition_articles` with number, time and subject of the edition."""
    deliveries: Sequence[Row] = ()
    attempts: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened on the way."""

    at: datetime | None
    step: str
    """poll, entry, release, revision, article, match, story, ruling, edition, delivery, attempt."""
    what: str
    why: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs."""


def steps(kept: Kept) -> list[Step]:
    """Return everything that happened, oldest first; at equal times, in the journey's order."""
    reissues = {row["id"]: row for row in kept.reissues}
    found = [
        *map(_poll, kept.polls),
        *(_entry(row, reissues) for row in kept.entries),
        *(_release(row) for row in kept.reissues if row["released"]),
        *map(_revision, kept.revisions),
        *(_article(row, kept.copies) for row in kept.articles),
        *map(_match, kept.matches),
        *(_story(row) for row in kept.articles if row["story_id"]),
        *map(_ruling, kept.rulings),
        *map(_edition, kept.editions),
        *_deliveries(kept),
    ]
    # Every step should have a time; one whose time a clock lost goes to the end.
    return sorted(found, key=lambda one: (one.at is None, one.at.timestamp() if one.at else 0))


def title(kept: Kept) -> str:
    """Return what it is called: the article's title, else the feed's."""
    return next((str(row["title"]) for row in (*kept.articles, *kept.entries) if row["title"]), "")


def _poll(row: Row) -> Step:
    what = f"{row['feed']}: {row['new']} new of {row['seen']}"
    facts = _facts(row, "feed", "outcome", "status", "seen", "new")
    return Step(row["at"], "poll", what, row["why"], facts)


def _facts(row: Row, *names: str, **more: Any) -> dict[str, Any]:
    """What a step tells programs: the row's values of these names, and more."""
    return {name: row[name] for name in names} | more


def _entry(row: Row, reissues: Mapping[int, Row]) -> Step:
    what = f"entry {row['id']} of {row['feed']}: {row['fate']}"
    if row["article_id"]:
        what += f", {_number(row)}"
    if row["due"]:
        what += f", to be read at {row['due']:%Y-%m-%d %H:%M} UTC"
    why = [row["fate_why"]] + (
        ["already there when the feed was first polled"] if row["baseline"] else []
    )
    if withheld := reissues.get(row["reissue_id"]):
        why.append(f"withheld as a suspected re-issue: {withheld['why']}")
    names = ("id", "feed", "guid", "link", "title", "published", "fate", "article_id", "baseline")
    facts = _facts(row, *names, "attempts", "due", "reissue_id")
    return Step(row["first_seen"], "entry", what, "; ".join(filter(None, why)), facts)


def _number(row: Row) -> str:
    return f"article {row['article_id']}"


def _release(row: Row) -> Step:
    said = "report it as news" if row["news"] == "tell" else "it was reported before"
    facts = _facts(row, "id", "at", "entries", "news")
    return Step(row["released"], "release", f"a person said: {said}", row["why"], facts)


def _revision(row: Row) -> Step:
    what = f"entry {row['entry_id']} was changed by its feed"
    facts = {"entry": row["entry_id"], "title_was": row["title"], "link_was": row["link"]}
    return Step(row["at"], "revision", what, f"its title was “{row['title']}”", facts)


def _article(row: Row, copies: Sequence[int]) -> Step:
    what = f"article {row['id']}, read by {row['method'] or 'nothing'}: {row['url']}"
    why = list(row["problems"])
    if row["duplicate_of"]:
        why.append(f"has the same text as article {row['duplicate_of']}")
    if copies:
        why.append(f"the same text is in articles {', '.join(map(str, copies))}")
    if row["group_due"]:
        why.append("waiting to be put into a story")
    names = ("id", "url", "title", "source", "language", "published", "method", "problems")
    facts = _facts(row, *names, "duplicate_of", "baseline", copies=[*copies])
    return Step(row["first_seen"], "article", what, "; ".join(why), facts)


def _match(row: Row) -> Step:
    terms = list(dict.fromkeys(str(span[3]) for span in row["spans"]))
    what = f"watchlist {row['watchlist']}, score {row['score']:.2f}: {', '.join(terms)}"
    why = "found only by matching again: no digest reports it" if row["rematched"] else ""
    facts = _facts(row, "watchlist", "score", "query", "version", "rematched", terms=terms)
    return Step(row["matched"], "match", what, why, facts)


def _story(row: Row) -> Step:
    decided = row["assignment"] or {}
    facts = {"story": row["story_id"]} | decided
    return Step(row["assigned"], "story", f"story {row['story_id']}", decided.get("why", ""), facts)


def _ruling(row: Row) -> Step:
    as_one = "same story as" if row["same"] else "not the same story as"
    what = f"a person said: {as_one} article {row['other_id']}"
    facts = _facts(row, "same", "other_id", "story_was")
    return Step(row["at"], "ruling", what, f"it was in story {row['story_was']}", facts)


_FATES = {
    "cut": "left out: the edition was full",
    "repeated": "counted as repeated: it adds nothing new",
}


def _edition(row: Row) -> Step:
    what = f"{row['fate']}: edition {row['number']} of {row['digest']}"
    why = _FATES.get(row["fate"], "")
    if not row["sent"]:
        why = "; ".join(
            filter(None, (why, "the edition was not sent, because of the digest's `empty`"))
        )
    facts = _facts(row, "digest", "number", "fate", "story_id", "sent", "subject")
    return Step(row["published"], "edition", what, why, facts)


def _deliveries(kept: Kept) -> Iterator[Step]:
    named = {row["edition_id"]: f"{row['digest']} {row['number']}" for row in kept.editions}
    for row in kept.deliveries:
        recipient = f"{row['channel']}:{row['address']}"
        part = f" part {row['part']} of {row['parts']}" if row["parts"] > 1 else ""
        told = named[row["edition_id"]]
        what = f"{row['state']}: delivery {row['id']} of {told} to {recipient}{part}"
        if row["due"]:
            what += f", due {row['due']:%Y-%m-%d %H:%M} UTC"
        names = ("id", "state", "part", "parts", "attempts", "message_id", "due", "ended")
        facts = _facts(row, *names, "why", "receipt", recipient=recipient)
        yield Step(row["created"], "delivery", what, row["why"], facts)
    for row in kept.attempts:
        what = f"{row['answer']}: delivery {row['delivery_id']}"
        facts = {"delivery": row["delivery_id"], "answer": row["answer"]}
        yield Step(row["at"], "attempt", what, row["why"], facts)
