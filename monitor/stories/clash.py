"""What tells two like-sounding reports apart, however many words they share.

A Patriot sale to Poland and one to Romania are two events, and so are a crash of an F-35 and
one of an F-16. Each rule needs a difference on *both* sides: an article that says less than
another does not contradict it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.stories.places import places

OPENING = 80
"""Words of the body that may still name what the title leaves out."""
FIGURES = 3
"""So many figures for the same things that all differ make another report, not an update."""

_DESIGNATOR = re.compile(
    r"(?<![\w-])([A-Z][A-Za-z]{0,4})[-‐‑–](\d{1,4})([A-Z]{0,2})(?:s)?(?![\w-])"
)
_YEAR = re.compile(r"(?<![\w.,-])(?:19[5-9]\d|20[0-6]\d)(?![\w,-]|\.\d)")
_EDITION = re.compile(r"(?<!\w)(\d{1,3})(?:st|nd|rd|th)(?!\w)", re.IGNORECASE)
_SERIAL = re.compile(
    r"(?<!\w)(?:day|no\.?|number|part|phase|round|lot|block)\s(\d+)", re.IGNORECASE
)
_FIGURE = re.compile(r"(?<![\w.,-])(\d+(?:,\d{3})*(?:\.\d+)?)\s+(?:[a-z]+\s+)?([a-z]{3,})")
_OFFICE = re.compile(
    r"(?<!\w)(foreign|defen[cs]e|finance|interior|energy|health|trade|agriculture|justice|"
    r"environment|economy|transport|education|labou?r)"
    r"\s+(?:minister|ministers|ministry|ministries|ministerial|secretary|secretaries)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What may differ: of the title, and (`near_*`) of title and opening together."""

    designators: frozenset[str]
    years: frozenset[str]
    serials: frozenset[str]
    offices: frozenset[str]
    places: frozenset[str]
    figures: dict[str, frozenset[str]]
    near_designators: frozenset[str]
    near_years: frozenset[str]
    near_offices: frozenset[str]
    near_places: frozenset[str]


def facts(title: str, text: str) -> Facts:
    """What a title states, and what title and opening do."""
    opening = " ".join(text.split(None, OPENING)[:OPENING])
    near = f"{title}\n{opening}"
    return Facts(
        designators=_designators(title),
        years=frozenset(_YEAR.findall(title)),
        serials=frozenset(_EDITION.findall(title) + _SERIAL.findall(title)),
        offices=_offices(title),
        places=places(title),
        figures=_figures(near),
        near_designators=_designators(near),
        near_years=frozenset(_YEAR.findall(near)),
        near_offices=_offices(near),
        near_places=places(near),
    )


def clash(one: Facts, other: Facts) -> str:
    """Why two reports cannot be of one event, in words; empty when nothing speaks against it."""
    pairs = (
        (one.designators, one.near_designators, other.designators, other.near_designators),
        (one.years, one.near_years, other.years, other.near_years),
        (one.serials, one.serials, other.serials, other.serials),
        (one.offices, one.near_offices, other.offices, other.near_offices),
    )
    for mine, my_near, theirs, their_near in pairs:
        if mine and theirs and not mine & their_near and not theirs & my_near:
            return _versus(mine, theirs)
    here, there = one.places - other.near_places, other.places - one.near_places
    if here and there:
        return _versus(here, there)
    return _figures_differ(one.figures, other.figures)


def _versus(mine: frozenset[str], theirs: frozenset[str]) -> str:
    return f"{', '.join(sorted(mine))} against {', '.join(sorted(theirs))}"


def _figures_differ(mine: dict[str, frozenset[str]], theirs: dict[str, frozenset[str]]) -> str:
    """Every figure that both give is another: the same form filled in anew."""
    both = [thing for thing in mine if thing in theirs]
    if len(both) < FIGURES or any(mine[thing] & theirs[thing] for thing in both):
        return ""
    thing = both[0]
    return f"{min(mine[thing])} {thing} against {min(theirs[thing])} {thing}, and so on"


def _designators(text: str) -> frozenset[str]:
    """Types of weapons and the like, without the variant: F-35A is an F-35."""
    return frozenset(f"{m[1].upper()}-{m[2]}" for m in _DESIGNATOR.finditer(text))


def _offices(text: str) -> frozenset[str]:
    return frozenset(m[1].lower().replace("defense", "defence") for m in _OFFICE.finditer(text))


def _figures(text: str) -> dict[str, frozenset[str]]:
    """Numbers by the thing they count, sorted by it."""
    found: dict[str, set[str]] = {}
    for match in _FIGURE.finditer(text):
        found.setdefault(match[2].lower(), set()).add(match[1].replace(",", ""))
    return {thing: frozenset(numbers) for thing, numbers in sorted(found.items())}
