"""Editions of any size to render and send: made-up outlets, many scripts, some failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.digests import alarm
from monitor.model import (
    Accounting,
    Burst,
    Development,
    Edition,
    EditionArticle,
    EditionStory,
    Failing,
    FeedAnswer,
    Section,
    Snippet,
    Window,
    Worry,
)

END = datetime(2024, 10, 18, 6, 0, tzinfo=UTC)
WATCHLISTS = (("nato", "NATO"), ("drones", "Drones"), ("indo-pacific", "Indo-Pacific"))
TEXTS = (
    ("en", "Alliance ministers agree on joint drone patrols over the northern sea lanes", "drone"),
    ("de", "Minister einigen sich auf gemeinsame Drohnenpatrouillen über der Ostsee", "Drohnen"),
    ("ar", "وزراء الدفاع يتفقون على دوريات مشتركة بالطائرات المسيرة في الشمال", "المسيرة"),
    ("ru", "Министры договорились о совместном патрулировании беспилотниками", "беспилотниками"),
    ("zh", "国防部长同意在北方航道开展联合无人机巡逻", "无人机"),
    ("en", "Naval drone 🚢 trials 👩‍✈️ end with a close call near the strait 🇬🇧", "drone"),
)


def edition(
    stories: int,
    *,
    title: str = "",
    cut: int = 0,
    failed: int = 1,
    late: bool = False,
    entries: int = 412,
    snippet: str = "",
    url: str = "",
) -> Edition:
    """An edition with that many stories; `title`, `snippet` and `url` replace those of each."""
    made = [story(number, title=title, snippet=snippet, url=url) for number in range(stories)]
    per = -(-stories // len(WATCHLISTS))
    sections = [
        Section(watchlist=name, title=shown, stories=tuple(made[at * per : (at + 1) * per]))
        for at, (name, shown) in enumerate(WATCHLISTS)
    ]
    return Edition(
        digest="morning",
        title="Defence morning",
        number=12,
        window=Window(END - timedelta(days=1), END, late=late),
        zone="Europe/London",
        sections=tuple(section for section in sections if section.stories),
        cut=cut,
        titles=dict(WATCHLISTS),
        accounting=Accounting(
            feeds=feeds(failed), entries=entries, articles=entries - 20, matched=stories * 3
        ),
    )


def many_fail(why: str, places: int = 25) -> Edition:
    """An alarm of many places that fail, each for a reason of a few hundred characters."""
    failing = tuple(
        Failing(place=f"webhook:place{n}", since=END, why=why * 30) for n in range(places)
    )
    return alarm.edition(alarm.Places(failing), alarm.Feeds(), 1, Window(END, END))


def feeds(
    failed: int, total: int = 13, why: str = "timed out after 20 s"
) -> tuple[FeedAnswer, ...]:
    """Feeds of made-up outlets, of which the first `failed` never answered."""
    return tuple(
        FeedAnswer(
            name=f"Harbour Gazette {number}",
            polls=48,
            failed=48 if number < failed else 0,
            why=why if number < failed else "",
            silent_days=41 if number == total - 1 else None,
        )
        for number in range(total)
    )


def story(number: int, *, title: str = "", snippet: str = "", url: str = "") -> EditionStory:
    """A story in one of several scripts, with other reports under it."""
    lang, words, mark = TEXTS[number % len(TEXTS)]
    body = snippet or f"{words}. The plan was first aired in March, officials said on Thursday."
    start = body.find(mark)
    told = END - timedelta(hours=2, minutes=number % 600)
    lead = EditionArticle(
        id=number * 10 + 1,
        url=url or f"https://gazette.example/world/2024/10/18/story-{number}",
        title=title or words,
        source="Harbour Gazette",
        at=told,
        snippet=Snippet(body, ((start, start + len(mark)),) if start >= 0 else ()),
        language=lang,
    )
    others = tuple(
        EditionArticle(
            id=number * 10 + 2 + at,
            url=f"https://wire{at}.example/{number}?a=1&b=2",
            title=words,
            source=f"Sea Wire {at}",
            at=told - timedelta(minutes=20 * at),
            duplicate=at == 1,
            language=lang,
        )
        for at in range(number % 4)
    )
    return EditionStory(
        id=number + 1,
        lead=lead,
        others=others,
        score=10.0 - number / 100,
        reasons={"nato": ("NATO", "alliance"), "drones": (mark,)},
        first_reported=min(article.at for article in (lead, *others) if article.at),
        outlets=1 + len(others),
        update=number % 7 == 6,
    )


def poisoned(words: str) -> list[Edition]:
    """Editions of every part there is (a digest, an alarm), in which all words that others choose
    are these: titles, sources, reasons, developments, bursts, names of feeds, causes.
    """
    shown = edition(8, failed=2, late=True, cut=3)
    told = shown.sections[0].stories[0]
    new = Development(article_id=told.lead.id, kind="new figure", sentence="x", new=("x",))
    burst = Burst(
        watchlist="nato", term="x", stories=9, usual=1.0, burst=True, articles=(1,), why="x"
    )
    lead = replace(told.lead, also=("x", "x"))
    grown = replace(told, lead=lead, update=True, development=new)
    first = replace(shown.sections[0], stories=(grown, *shown.sections[0].stories[1:]))
    whole = replace(shown, sections=(first, *shown.sections[1:]), bursts=(burst,))
    alarm = replace(
        edition(0),
        failing=(Failing(place="slack:x", since=END, why="x"),),
        mended=("x",),
        worries=tuple(
            Worry(feed=n, name="x", condition=condition, since=END, why="x")
            for n, condition in enumerate(("silent", "withheld"))
        ),
        speaking=("x",),
    )
    return [_poisoned(one, words) for one in (whole, alarm)]


_OURS = {"url", "language", "digest", "zone", "watchlist", "kind", "condition"}
"""Fields whose words we choose ourselves, or that are not words."""


def _poisoned(value: Any, words: str) -> Any:
    if isinstance(value, str):
        return words
    if isinstance(value, tuple):
        return tuple(_poisoned(one, words) for one in value)
    if isinstance(value, Mapping):
        return {name: _poisoned(one, words) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            one.name: _poisoned(getattr(value, one.name), words)
            for one in fields(value)
            if one.name not in _OURS
        }
        return replace(value, **changed)
    return value
