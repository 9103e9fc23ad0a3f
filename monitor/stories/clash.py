"""Contradictions that tell two similar reports apart, however many words they share.

A Patriot sale to Poland and one to Romania are two events, and so are a crash of an F-35 and
one of an F-16. Each rule needs a difference on *both* sides, which the other's opening does not
mention either: an article that says less than another does not contradict it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.stories.gatherings import beside, bodies, gatherings
from monitor.stories.manner import announced, aside, next_of_series, round_up
from monitor.stories.names import is_titled
from monitor.stories.places import LIES_IN, places, said_of
from monitor.stories.places import sites as sites_of
from monitor.stories.tongues import head_of, places_in

OPENING = 80
"""Words at the head of the body that may name what the title leaves out."""
TOLD = 1_300
"""Characters of the text in which a gathering may be named: some begin with a guest's view."""
FIRST = 400
"""Characters of a text that hold its first sentences."""
SAID = 12
"""A text of at least so many words would repeat the place that its title names."""
LONGEST = 1_000
"""Characters of a title that are read."""
FIGURES = 3
"""If so many figures for the same things all differ, it is another report, not an update."""

TITLES = 2
"""Fewer titles than this do not establish where a story takes place."""
HEAD = 30
"""Words at the head of the body in which a report relates its event to others."""

_DESIGNATOR = re.compile(r"([A-Z](?<![\w-].)[A-Za-z]{0,4})[-‐‑–](\d{1,4})[A-Z]{0,2}s?(?![\w-])")


def _begun(words: str) -> str:
    """A pattern of words at their beginning that is found fast: each starts with a plain letter."""
    return "|".join(rf"{word[0]}(?<!\w.){word[1:]}" for word in words.split())


_SERIES = re.compile(
    rf"({_begun('type project mark mk block batch tranche flight lot phase class')})"
    r" (\d{1,4}|[ivx]+)(?!\w)"
)
"""In lower case."""
_SHIP = re.compile(
    r"(?<!\w)(?:(?:USS|USNS|HMS|HMAS|HMCS|HMNZS|HNLMS|HDMS|HNoMS|HSwMS|INS|FS|ITS|ESPS|FGS|ORP|TCG"
    r"|BRP|ROKS|KRI)|(?P<kind>[Cc]arrier|[Cc]orvette|[Cc]ruiser|[Dd]estroyer|[Ff]erry|[Ff]rigate"
    r"|[Ii]cebreaker|[Mm]inehunter|[Ss]ubmarine|[Tt]anker|[Ww]arship)) (?P<name>[A-Z][a-z]+)(?!\w)"
)
"""A ship by its prefix or kind, and the first word of its name."""
_YEAR = re.compile(r"(?<![\w.,-])(?:19[5-9]\d|20[0-6]\d)(?![\w,-]|\.\d)")
_ORDINAL = re.compile(r"(\d(?<!\w.)\d{0,2})(?:st|nd|rd|th)(?!\w)")
_NUMBERED = re.compile(rf"(?:{_begun('day no no[.] number part round')}) (\d+)(?!\w)")
"""Both in lower case."""
_FIGURE = re.compile(r"(?<![\w.,-])(\d+(?:,\d{3})*(?:\.\d+)?)\s+([a-z]{3,})")
_AMOUNT = re.compile(
    r"(\d(?<![\w.,-].)\d*(?:,\d{3})*(?:\.\d+)?)\s?"
    r"(?:(m|mn|mln|million|bn|bln|billion)"
    r"|(?:[A-Z][\w/-]* |[a-z]+ ){0,2}(aircraft|boats|bombs|drones|fighters|frigates|guns"
    r"|helicopters|howitzers|jets|launchers|missiles|radars|ships|submarines|systems|tanks))(?!\w)",
    re.DOTALL,
)
"""Sums of money, and numbers of weapons."""
_EXACT = re.compile(r"([$€£¥₩₹])(?:(?<=([A-Z]).))? ?(\d{1,3}(?:,\d{3}){2,})(?![,\d])")
"""Sign of the currency, the letter before it (A$), and the sum."""
_SCALE = {"m": "million", "b": "billion"}
_OFFICE = re.compile(
    r"(?<!\w)(foreign|defen[cs]e|finance|interior|energy|health|trade|agriculture|justice|"
    r"environment|economy|transport|education|labou?r)"
    r"\s+(?:minister|ministers|ministry|ministries|ministerial|secretary|secretaries)(?!\w)",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"(?<!\w)(?:in|at|near|off|outside|around|(?:north|south|east|west) of) (?:the )?"
    r"([^\W\d_a-z][^\W\d_]+(?: [^\W\d_a-z][^\W\d_]+)*)(?!\w|['’])"
)
_NAME = re.compile(r"(?<!\w)[^\W\d_a-z][^\W\d_]+")
_PLAIN = re.compile(r"[^\W_]+")
_BEFORE = re.compile(r"(?:days?|weeks?|months?|nights?|hours) after(?! tomorrow) [^.;!?\n]*")
"""An earlier event: "days after Canada's ships came the same way" is about another one."""
_MEANWHILE = re.compile(
    r",? (?:as|amid|despite|while) (?:[a-z]+ ){0,4}(?:with|from) (?:the )?[A-Z]"
)
"""A dispute or talks with somebody in the background: "troops land as the row with Ruritania
goes on". What happens "as missiles hit Ruritania" is the event itself."""
_CALENDAR = """
January February March April May June July August September October November December
Monday Tuesday Wednesday Thursday Friday Saturday Sunday
"""


_LISTED_SEAS = """
Adriatic Aegean Arabian Arctic Atlantic Azov Baltic Barents Black Caribbean Caspian Channel China
East Gulf Indian Ionian Mediterranean North Ocean Pacific Red Sea South Strait Tasman Yellow
"""
_SEAS = frozenset(_LISTED_SEAS.split())
"""Words of the names of seas."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one article states that another may contradict."""

    title: Mapping[str, frozenset[str]]
    """What the title itself names, by kind."""
    near: Mapping[str, frozenset[str]]
    """What title and opening together name, by kind."""
    figures: Mapping[str, frozenset[str]]
    """Numbers in title and opening, by the thing they count."""
    amounts: Mapping[str, frozenset[str]]
    """Those of the figures that are sums of money or weapons, in a uniform notation."""
    exact: Mapping[str, frozenset[str]]
    """Sums of a million or more that are written in full ("$112,400,000"), by currency."""
    said_of: Mapping[str, frozenset[str]]
    """Places that the title names only as an attribute or an owner, with the words they qualify."""
    words: frozenset[str]
    """The words of the title, in lower case."""
    gatherings: frozenset[str]
    """Named in title or text, up to `TOLD`."""
    headed: frozenset[str]
    """Gatherings named in the title."""
    opened: frozenset[str]
    """Gatherings named in title or first sentences, if the title names the body."""
    beside: frozenset[str]
    """Gatherings that the title names only to say when or where something else happened."""
    several: bool
    """Whether it tells several events, as a day's round-up or a live page does."""
    again: bool
    """Whether it is told as the next event of a series."""
    aside: bool
    """Whether it is told as something on the sidelines of a greater event."""
    announced: bool
    """Whether its title tells of a meeting that is still to come."""


def facts(title: str, text: str, language: str = "en") -> Facts:
    """The facts that a title states, and those that title and opening state together.

    Places are found in any language; most other facts only in English, or where all write alike.
    """
    title = title[:LONGEST]
    words = text.split(None, OPENING)[:OPENING]
    opening = " ".join(words)
    head = f"{title}\n{' '.join(words[:HEAD])}"
    near = f"{title}\n{opening}"
    if " after " in near:
        near = _BEFORE.sub(" ", near)
    sites = frozenset(w for w in _sites(title) if len(words) < SAID or w in opening)
    title_places, near_places = _places_of(title), places(near)
    if language[:2].lower() not in ("", "en"):
        title_places |= places_in(title, language)
        near_places |= places_in(f"{title}\n{head_of(text, language)}", language)
    named = gatherings(f"{title}\n{text[:TOLD]}")
    return Facts(
        title=_stated(title) | {"places": title_places, "sites": sites},
        near=_stated(near) | {"places": near_places, "sites": _names(near)},
        figures=_figures(near),
        amounts=_amounts(near),
        exact=_exact(near),
        said_of=said_of(title),
        words=frozenset(_PLAIN.findall(title.lower())),
        gatherings=named,
        headed=gatherings(title),
        opened=_opened(title, text) if named else frozenset(),
        beside=beside(title),
        several=round_up(title, text),
        again=next_of_series(head),
        aside=aside(head),
        announced=announced(title),
    )


def _opened(title: str, text: str) -> frozenset[str]:
    called = bodies(title)
    named = gatherings(f"{title}\n{text[:FIRST]}") if called else frozenset()
    return frozenset(name for name in named if any(name.startswith(body) for body in called))


def _stated(text: str) -> dict[str, frozenset[str]]:
    return {kind: find(text) for kind, find in _KINDS.items()}


def _places_of(title: str) -> frozenset[str]:
    """The places of a title; those of a background that it adds count if it names no others."""
    told = _MEANWHILE.split(title)[0]
    return sites_of(told) or (sites_of(title) if told != title else frozenset())


def one_meeting(one: Facts, other: Facts) -> bool:
    """Whether both name a gathering, at least one of them in its title."""
    return bool(one.headed & other.gatherings or one.gatherings & other.headed)


def clash(one: Facts, other: Facts) -> str:
    """Why two reports cannot tell one event, in words; empty when nothing speaks against it."""
    if meetings := one.beside & other.gatherings:
        return f"an event beside {min(meetings)} against {min(meetings)}"
    if meetings := one.gatherings & other.beside:
        return f"{min(meetings)} against an event beside {min(meetings)}"
    meeting = one_meeting(one, other)
    for kind, mine in one.title.items():
        theirs = other.title[kind]
        if meeting and kind == "places":
            continue  # many countries come to one meeting; its venue is compared as a site
        if kind in _ANY_DIFFERS:
            mine = _claimed(_unknown(mine, kind, other), one, other)
            theirs = _claimed(_unknown(theirs, kind, one), other, one)
            if kind == "places" and not (mine and theirs) and other_amounts(one, other):
                mine, theirs = _whole(mine, theirs, one, other)
        elif mine & other.near[kind] or theirs & one.near[kind]:
            continue
        if kind == "sites" and (mine <= _SEAS) != (theirs <= _SEAS):
            continue  # the island may lie in that sea
        if mine and theirs:
            return f"{', '.join(sorted(mine))} against {', '.join(sorted(theirs))}"
    return _figures_differ(one.figures, other.figures)


def clash_abroad(one: Facts, other: Facts) -> str:
    """Why reports in two languages cannot tell one event; empty when nothing speaks against it.

    Only what is written alike everywhere is compared, and places. A quality counts as a place does:
    what it qualifies cannot be looked for in the other language. So a town in both titles outweighs
    the countries: "Pyongyang's troops in Kursk", "Ukraine takes prisoners in Kursk".
    """
    for kind in filter(one.title.__contains__, _ABROAD):
        mine, theirs = one.title[kind], other.title[kind]
        if kind in _ANY_DIFFERS:
            if one_meeting(one, other) or mine & theirs & LIES_IN.keys():
                continue
            mine, theirs = _unknown(mine, kind, other), _unknown(theirs, kind, one)
        elif mine & other.near[kind] or theirs & one.near[kind]:
            continue
        if mine and theirs:
            return f"{', '.join(sorted(mine))} against {', '.join(sorted(theirs))}"
    return ""


def filled_anew(one: Facts, other: Facts) -> bool:
    """Whether two nearly equal texts are one template, filled in for two events.

    All sums and numbers of weapons differ, and each title has a name that the other report lacks.
    An updated text keeps some of both.
    """
    return other_amounts(one, other) and all(
        any(name.lower() in mine.words for name in mine.near["sites"] - theirs.near["sites"])
        for mine, theirs in ((one, other), (other, one))
    )


def agrees(one: Facts, other: Facts, against: Facts | None = None) -> bool:
    """Whether a place that one title names is also in the other report's title or opening.

    When the answer is held against a third report, places that it names too are ignored: all
    reports of ships in the strait agree on the strait.
    """
    mine, theirs = one.title["places"], other.title["places"]
    shared = (mine & other.near["places"]) | (theirs & one.near["places"])
    return bool(shared - against.near["places"] if against else shared)


def elsewhere(one: Facts, others: Sequence[Facts]) -> str:
    """Why a report does not belong to a story about other places; empty when it may.

    Its title names a place that no title of the story names, and all titles of the story that name
    places, at least `TITLES`, name some that the report does not mention at all. It then means
    little that they mention its place: "Peru signs for 24 fighters" may add that Portugal has.
    """
    mine = _plain(one)
    theirs = [named for other in others if (named := _plain(other))]
    if not mine or len(theirs) < TITLES or any(mine & named for named in theirs):
        return ""
    known = one.near["places"] | {LIES_IN.get(name, "") for name in one.near["places"]}
    if any(named & known for named in theirs):
        return ""
    named = frozenset().union(*theirs)
    return f"{', '.join(sorted(mine))} against {', '.join(sorted(named))}"


def _plain(one: Facts) -> frozenset[str]:
    """Places of the title that are not attributes of something else, with the towns' countries."""
    named = one.title["places"] - one.said_of.keys()
    return named | {LIES_IN[name] for name in named if name in LIES_IN}


def _unknown(names: frozenset[str], kind: str, other: Facts) -> frozenset[str]:
    """Those that the other report does not name; naming a town's country is enough.

    If the other's title names a town as well, the towns themselves are compared.
    """
    left = names - other.near[kind]
    if kind != "places" or not left or other.title[kind] & LIES_IN.keys():
        return left
    return frozenset(name for name in left if LIES_IN.get(name) not in other.near[kind])


def _claimed(names: frozenset[str], one: Facts, other: Facts) -> frozenset[str]:
    """Those that locate the event: not attributes of something that the other does not mention.

    "Polish Patriot deal" and "Romanian Patriot deal" differ; "Japan's seat" and "North Korean
    troops" do not, as the two places qualify different things.
    """
    if not names:
        return names
    words = _singular(other.words)
    return frozenset(
        name for name in names if name not in one.said_of or _singular(one.said_of[name]) & words
    )


def _singular(words: frozenset[str]) -> frozenset[str]:
    """The words in a common form, so that "ships" equals "ship", and "sails" equals "sail"."""
    return frozenset(word.removesuffix("s") for word in words)


def _whole(
    mine: frozenset[str], theirs: frozenset[str], one: Facts, other: Facts
) -> tuple[frozenset[str], frozenset[str]]:
    """Include places of a title that the other report mentions only in passing.

    "Peru signs for 24 fighters" may add that Portugal has signed for 27: a title with another
    country, another sum and another number shows that this is not its event.
    """
    named, other_named = one.title["places"], other.title["places"]
    if (mine or theirs) and not named & other_named:
        return _claimed(named, one, other), _claimed(other_named, other, one)
    return mine, theirs


def other_amounts(one: Facts, other: Facts) -> bool:
    """Whether there are amounts of the same thing, and all of them differ."""
    both = [thing for thing in one.amounts if thing in other.amounts]
    return bool(both) and not any(one.amounts[thing] & other.amounts[thing] for thing in both)


def _figures_differ(
    mine: Mapping[str, frozenset[str]], theirs: Mapping[str, frozenset[str]]
) -> str:
    """Whether every figure that both give differs: the same template filled in again."""
    both = [thing for thing in mine if thing in theirs]
    if len(both) < FIGURES or any(mine[thing] & theirs[thing] for thing in both):
        return ""
    thing = both[0]
    return f"{min(mine[thing])} {thing} against {min(theirs[thing])} {thing}, and more"


def _designators(text: str) -> frozenset[str]:
    """Type designations of weapons and the like, without the variant: F-35A gives F-35."""
    types = {f"{m[1].upper()}-{m[2]}" for m in _DESIGNATOR.finditer(text) if m[1] != "COVID"}
    return frozenset(
        types | {f"{m[1].title()} {m[2].upper()}" for m in _SERIES.finditer(text.lower())}
    )


def _ships(text: str) -> frozenset[str]:
    """Ships by name. In a Title With Capitals only a prefix shows that a name follows."""
    title = text.partition("\n")[0]
    titled = len(title) if is_titled(title) else 0
    return frozenset(
        match["name"]
        for match in _SHIP.finditer(text)
        if match.start() >= titled or not match["kind"]
    )


def _years(text: str) -> frozenset[str]:
    return frozenset(_YEAR.findall(text))


def _editions(text: str) -> frozenset[str]:
    """Positions in a series: "the 24th meeting", "day 903"."""
    lower = text.lower()
    return frozenset(_ORDINAL.findall(lower) + _NUMBERED.findall(lower))


def _offices(text: str) -> frozenset[str]:
    lower = text.lower()
    if "minist" not in lower and "secretar" not in lower:
        return frozenset()  # a quick look before a slow one
    return frozenset(m[1].lower().replace("defense", "defence") for m in _OFFICE.finditer(text))


def _sites(text: str) -> frozenset[str]:
    """Words of names that follow "in", "at" or "near": places that need not be in our lists."""
    named = " ".join(m[1] for m in _SITE.finditer(text)).split()
    return frozenset(named).difference(_CALENDAR.split())


def _names(text: str) -> frozenset[str]:
    """All capitalised words: a site counts as unknown only if it is part of no name."""
    return frozenset(_NAME.findall(text))


def _figures(text: str) -> dict[str, frozenset[str]]:
    """Numbers by the thing they count, sorted by thing."""
    found: dict[str, set[str]] = {}
    for match in _FIGURE.finditer(text):
        found.setdefault(match[2].lower(), set()).add(match[1].replace(",", ""))
    return {thing: frozenset(numbers) for thing, numbers in sorted(found.items())}


def _amounts(text: str) -> dict[str, frozenset[str]]:
    """Sums of money and numbers of weapons, sorted by thing."""
    found: dict[str, set[str]] = {}
    for match in _AMOUNT.finditer(text):
        thing = match[3] or _SCALE[match[2][0]]
        found.setdefault(thing, set()).add(match[1].replace(",", ""))
    return {thing: frozenset(numbers) for thing, numbers in sorted(found.items())}


def _exact(text: str) -> dict[str, frozenset[str]]:
    """Sums to the last digit, sorted by currency."""
    found: dict[str, set[str]] = {}
    for sign, letter, number in _EXACT.findall(text):
        found.setdefault(letter + sign, set()).add(number)
    return {currency: frozenset(sums) for currency, sums in sorted(found.items())}


_KINDS = {
    "designators": _designators,
    "ships": _ships,
    "years": _years,
    "editions": _editions,
    "offices": _offices,
}
_ABROAD = ("designators", "years", "places")
"""Kinds that can be compared between languages."""
_ANY_DIFFERS = frozenset({"places", "sites"})
"""Kinds of which a title may name several: one unknown to the other on each side is enough."""
