"""Parsing of dates as feeds write them: RFC 822 and ISO 8601 with their many variants."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from unicodedata import decimal

from dateutil import parser as dateutil_parser

MIN_YEAR: Final = 1990
"""Feeds are younger than this; an older date is a template's zero or a broken clock."""
MAX_YEAR: Final = 2100
_MAX_LENGTH: Final = 100
_FEW: Final = 4
"""Letters behind a date that say nothing of it ("г.", "h")."""

# Zone names with an unambiguous offset; RFC 822 §5.1 gives the American ones. IST may also be
# Ireland's or Israel's, but it is never UTC, and by far the most feeds that write it mean India's.
_ZONE_HOURS: Final = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "WEST": 1, "EET": 2, "EEST": 3,
    "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "AWST": 8, "ACST": 9.5, "ACDT": 10.5,
    "NZST": 12, "NZDT": 13, "HKT": 8, "SGT": 8, "MYT": 8, "ICT": 7, "WIB": 7, "PKT": 5, "IST": 5.5,
    "IDT": 3, "TRT": 3, "EAT": 3, "SAST": 2, "CAT": 2, "WAT": 1, "AKST": -9, "AKDT": -8, "HST": -10,
    "BRT": -3, "ART": -3, "IRST": 3.5, "GST": 4, "NPT": 5.75, "PHT": 8, "WITA": 8, "WIT": 9,
}  # fmt: skip
_ZONES: Final = {name: round(hours * 3600) for name, hours in _ZONE_HOURS.items()}
# A default for the parts a text leaves out; its year is not believable, so it is never returned.
_UNSET: Final = datetime(1, 1, 1, tzinfo=UTC)
_MONTHS: Final = (
    "jan ene gen ian led tammi янв ян січ sty oca ιαν يناير jaan sau sije ינו",
    "feb fév fev úno helmi фев лют lut şub φεβ فبراير شباط veeb vas velj פבר",
    "mar mär már maa bře мар бер μαρ μάρ مارس آذار mrz kov ožu מרץ מרס",
    "apr ápr avr abr dub huhti апр кві kwi nis απρ أبريل ابريل إبريل نيسان bal trav אפר",
    "may mai maj máj mag mei kvě touko мая май тра μαΐ μάι μαϊ مايو أيار ايار geg svib מאי",
    "jun jún juin giu iun červn červen kesä июн юни чер cze haz ιουν ιούν يونيو حزيران juun jūn "
    "bir lipanj lipnj יונ",
    "jul júl juil lug iul července červenec heinä июл юли лип lip tem ιουλ ιούλ يوليو تموز juul "
    "jūl lie srpanj srpnj יול",
    "aug août aout ago srp elo авг сер sie ağu αυγ αύγ أغسطس اغسطس آب agu avg rugp kolov אוג",
    "sep sze set zář syys сен вер wrz eyl σεπ سبتمبر أيلول ايلول rugs ruj ספט",
    "oct okt ott out říj loka окт жов paź eki οκτ أكتوبر اكتوبر spa אוק",
    "nov noi marras ноя ное лис lis kas νοε νοέ نوفمبر lap studen נוב",
    "dec dez déc dic pros joulu дек гру gru ara δεκ ديسمبر des dets דצמ",
)
"""How month names begin in the languages that most feeds are written in."""
_IN_HEBREW: Final = "ב"
"""The word "in", written together with the month."""
_ISO_DAY: Final = re.compile(r"\d{4}-(\d\d)-(\d\d)")
_YEAR_FIRST: Final = re.compile(r"\d{4}-")
# Zone names, which feedparser takes for UTC or drops along with the time of day; AM and PM, which
# it drops; the compact form, whose time of day it drops; and a time of day without a colon, whose
# minutes it takes for hours.
_MISREAD: Final = re.compile(
    r"(?<![A-Za-z])(?:[A-Z]{3,4}|Z)$|^\d{8}T\d|:\d\d [A-Z]{3,4} \d{4}$|\d ?[AaPp]\.?[Mm]\b"
    r"|(?<![+-])\b\d{4} \d{4}\b"
)
_COMMON: Final = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} (?:19|20)\d\d "
    r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)? (?:GMT|UTC|[+-]\d{4})"
)
"""The most common form: feedparser reads it correctly, and needs no other look at it."""
_FILLED_IN: Final = re.compile(r"\d{4}(?![\d-])|\d{4}-?W|[-T]\d|--|\d{1,2}:\d")
"""A date with a part left out: feedparser fills in the current month or day."""
_OFFSET: Final = re.compile(r"\s*\b(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d\d))?$")
"""Dateutil reads "UTC+2" with the opposite sign, feedparser reads it as UTC."""
_EAST_ASIAN: Final = re.compile(
    r"(\d{4})\s*[年년./-]\s*(\d{1,2})\s*[月월./-]\s*(\d{1,2})\s*[日일.]?"
    r"([^\d:]*)(?:(\d{1,2})\s*[:時时点시]\s*(\d{1,2})?[分분]?(.*))?"
)
_WIDE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A letter of Chinese, Japanese or Korean: only among such are hyphens and dots read as above."""
_MORNING: Final = re.compile("上午|午前|凌晨|오전")
_AFTERNOON: Final = re.compile("下午|午後|晚上|오후")
"""Words before a time of day of twelve hours."""
_NUMERIC: Final = re.compile(
    r"(?<![\d/.:-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d\d(?![\d.:/-]))(?!\d)"
)
"""A date in three figures, the year last. With dots the day comes first; with slashes and hyphens
the writer's country decides, and a year in two figures is left to the parsers."""
_TIME_AFTER: Final = re.compile(
    r"([^\d+-]{0,8}?)(\d{1,2})"
    r"(?:\s?[:.h]\s?(\d\d)(?:[:.](\d\d)(?!\d)|(?![.:]?\d))(?:\s*Uhr\b)?(.*)|\s*Uhr)"
)
"""A time of day behind such a date; words such as "klo" or "um" may lead to it. "14.10.2026" is
another date."""
_EPOCH: Final = re.compile(r"(?:/Date\()?(1\d{9})(?:\d{3}(?:[+-]\d{4})?\)/|\d{3})?")
"""Seconds (or thousandths) since 1970, from 2001 to 2033; also in the form of ASP.NET."""
_ZONE_AGAIN: Final = re.compile(
    r"(?<=\d)\s?(Z|(?:GMT|UTC)?[+-](?:0\d|1[0-4]):?\d\d)"
    r"\s?(?:\([^()]*\)|\[[^\[\]]*\]|(?![AP]M$)[A-Z]{2,5})$"
)
"""A zone's name behind its offset (RFC 5322 §3.2.2, RFC 9557 §3), where parsers lose the time."""
_ZONE_IN_BRACKETS: Final = re.compile(r"\(((?:GMT|UTC)[^()]{0,6}|[A-Z]{3,4})\)$")
_MIDNIGHT: Final = re.compile(r"(?<![\d:.+-])24(:?)00(?:\1?00(?:\.0+)?)?(?![\d:])")
"""The end of a day (ISO 8601-1 §5.3.2); parsers refuse it or take it for the beginning."""
_IMPOSSIBLE: Final = re.compile(r"(?<![\d:.+-])(?:(?:2[5-9]|[3-9]\d):\d\d|\d{1,2}:[6-9]\d)(?!\d)")
"""A time of day that does not exist; feedparser counts on into the next day."""
_DOTTED_TIME: Final = re.compile(r"(?<=\d{4} )(?:at )?(\d{1,2})\.(\d\d)(?:\.(\d\d))?(?![\d.])")
"""A time of day written with dots, after a year."""
_MILITARY: Final = re.compile(r"(?<=:\d\d:\d\d) [A-IK-Y]$")
"""Military zones count as UTC, because RFC 822 defined them with the wrong sign (RFC 5322 §4.3)."""
_LEAP_SECOND: Final = re.compile(r"(?<=\d\d:\d\d):60(?!\d)")
"""Parsers refuse the second that is added to some days; it becomes the one before."""
_SHORT_OFFSET: Final = re.compile(r"(?<=:\d\d)([+-])(\d:\d\d)$")
_AFTER_MIDNIGHT: Final = re.compile(r" (?!0?0:00)\d{1,2}:\d\d(?!.*[+-]\d)")
_COMPACT: Final = re.compile(r"((?:19|20)\d{6})(\d{6})")
"""Date and time of day in fourteen digits; feedparser drops the time."""
_ASCII: Final = str.maketrans("−–", "--")
_ORDINAL: Final = re.compile(r"(\d{4})-(\d{3})")
"""Year and day of the year (ISO 8601-1 §5.2.3), read by feedparser as year and month."""
_YEAR_ZERO: Final = re.compile(
    r"(?:^|/|^(?:(?!(?<![+-])\d{4}).)*\s)000[01](?:[-/\s]|$)"
    r"|(?:^|[A-Za-z] )-000[01](?:[-\s]|$)"
)
"""The zero dates of databases, of .NET and of WordPress (30 November of the year -1); parsers of
two-digit years take them for 2000, 2001.

After a year and a space, the four digits are a time of day.
"""
_ENGLISH: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_BEGINNINGS: Final = sorted(
    (
        (beginning, english)
        for english, names in zip(_ENGLISH, _MONTHS, strict=True)
        for beginning in names.split()
    ),
    key=lambda pair: -len(pair[0]),
)
"""Longest first: Finnish "marraskuu" is November, although "mar" begins March in most languages."""
_TIME: Final = (
    r"(?:(?:[^\d+-]| - )*?(\d{1,2})\s?[:.h]\s?(\d\d)(?!\d)(?:[:.](\d\d))?(?:\s*Uhr)?(.*))?"
)
"""A time of day after words or a comma: ", 14:05 Uhr", " à 14h05", " г. в 14:05"."""
_DAY_MONTH_YEAR: Final = re.compile(
    r"(\d{1,2})\.?\s+(?:de\s+)?([^\W\d]{2,12})\.?,?\s+(?:de\s+)?(\d{4}|\d\d(?![\d:.]))" + _TIME
)
_YEAR_MONTH_DAY: Final = re.compile(r"(\d{4})\.?\s+([^\W\d]{3,12})\.?\s+(\d{1,2})\.?" + _TIME)
"""The order of Hungarian."""
_WITHIN: Final = re.compile(
    r"[^\W\d]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}(?!\d)"
    r"|(?<!\d)\d{1,2}[./]\s?\d{1,2}[./]\s?(?:19|20)\d\d(?!\d)"
)
"""A date among other words."""
_DAY_FIRST_ENGLISH: Final = frozenset({"gb", "uk", "au", "nz", "ie", "in", "za", "sg", "pk", "ng"})
"""English-speaking regions that write 2/10 for the second of October."""


def day_first(dates: Iterable[str], language: str) -> bool:
    """Whether dates such as 2/10/2026 put the day first, as a document writes them.

    Another of its `dates` may show it (23/10, 10/23). Else its language tells: only in English,
    and not in all regions, the month comes first; so it does where the language is not known.
    """
    for found in filter(None, map(_NUMERIC.search, dates)):
        one, two = int(found[1]), int(found[3])
        if found[2] != "." and (one > 12) != (two > 12):
            return one > 12
    name, *regions = re.split(r"[-_\s]", language.lower().strip())
    english = name.startswith("en") or name == "us"  # "English", "US English", "eng"
    return bool(name) and (not english or not _DAY_FIRST_ENGLISH.isdisjoint(regions))


def has_two_readings(text: str) -> bool:
    """Whether `day_first` decides what a date means."""
    if "/" not in text and "-" not in text[1:3]:  # as in nearly all feeds
        return False
    found = _NUMERIC.search(text[:_MAX_LENGTH])
    return found is not None and found[2] != "."


def within(text: str, *, day_first: bool = False) -> datetime | None:
    """As `parse`, of a text that may hold other words: "Posted: March 9, 2026 | News"."""
    found = parse(text, day_first=day_first)
    if found is None and (part := _WITHIN.search(text[: _MAX_LENGTH * 2])):
        found = parse(part[0], day_first=day_first)
    return found


def parse(
    text: str, parsed: Sequence[int] | None = None, *, day_first: bool = False
) -> datetime | None:
    """A moment in UTC, to the second, or None if the text holds no believable one.

    `parsed` is feedparser's own reading (a time tuple in UTC), preferred because its handlers
    know the most dialects. What it cannot read is tried with dateutil, then with the month names
    of other languages. A date without a zone counts as UTC. `day_first`: what 2/10/2026 means.
    """
    text = " ".join(text[: _MAX_LENGTH * 2].split())
    if parsed and _COMMON.fullmatch(text):
        return _believable(_from_tuple(parsed))
    if not text.isascii():
        written = text
        text = "".join(str(decimal(one, one)) for one in text).translate(_ASCII)
        parsed = parsed if text == written else None
    if len(text) > _MAX_LENGTH or _YEAR_ZERO.search(text) or _IMPOSSIBLE.search(text):
        return None
    if impossible := _ISO_DAY.match(text):
        month, day = int(impossible[1]), int(impossible[2])
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
    if ordinal := _ORDINAL.fullmatch(text):
        return _believable(_day_of_year(int(ordinal[1]), int(ordinal[2])))
    if plain := _rewritten(text, day_first=day_first):
        text, parsed = plain, None
    text, is_end = _MIDNIGHT.subn(r"00\g<1>00\g<1>00", text, count=1)
    if is_end or _FILLED_IN.match(text) or _lost_time(text, parsed):
        parsed = None
    misread = _MISREAD.search(text)
    # feedparser reads only the hours of an offset without a colon ("+0530").
    sure = _from_words(text) if misread else _from_iso(text)
    found = sure or _from_tuple(parsed) or _from_words(text) or _from_words(_in_english(text))
    if is_end and found:
        found = _believable(found) and found + timedelta(days=1)
    return _believable(found)


def _believable(found: datetime | None) -> datetime | None:
    if found is None or not MIN_YEAR <= found.year <= MAX_YEAR:
        return None
    return found.replace(microsecond=0)


def _of_24(hour: int, half: str) -> int:
    """The hour of the day, from one of its half if `half` names that."""
    if hour == 12 and _MORNING.search(half):
        return 0
    return hour + 12 if hour < 12 and _AFTERNOON.search(half) else hour


def _day_of_year(year: int, day: int) -> datetime | None:
    if not MIN_YEAR <= year <= MAX_YEAR:
        return None
    found = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day - 1)
    return found if found.year == year else None


def _lost_time(text: str, parsed: Sequence[int] | None) -> bool:
    """Whether feedparser left out the time of day, as it does beside months that it cuts short."""
    return bool(parsed) and not any((parsed or ())[3:6]) and bool(_AFTER_MIDNIGHT.search(text))


def _as_iso(text: str, numeric: re.Match[str], *, day_first: bool) -> str:
    """The text with its date in an unambiguous form; "" if there is no such day.

    Words before it (the name of the day) are left out, a time of day is not.
    """
    one, mark, two, year = numeric.groups()
    leads = int(two) <= 12 and (day_first or mark == "." or int(one) > 12)
    day, month = (int(one), int(two)) if leads else (int(two), int(one))
    if len(year) == 2 and (mark != "." or numeric.start()):
        return ""
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return ""
    century = "" if len(year) == 4 else "20" if year < "70" else "19"
    before, after = text[: numeric.start()], text[numeric.end() :].strip(" .,-|")
    before = before.strip(" ,-") if re.search(r"\d", before) else ""
    if time := _TIME_AFTER.fullmatch(after):
        half, hour, minute, second, rest = time.groups(default="")
        after = f"{_of_24(int(hour), half):02}:{minute or '00'}:{second or '00'}{rest}"
    elif (len(after) <= _FEW or after.startswith("(")) and not re.search(r"\d", after):
        after = ""
    return " ".join(filter(None, (before, f"{century}{year}-{month:02}-{day:02}", after)))


def _plain_zone(text: str) -> str:
    """The date with its zone stated once and without brackets; "" if it is so already."""
    if again := _ZONE_AGAIN.search(text):
        return f"{text[: again.start()]} {again[1]}"
    bracketed = _ZONE_IN_BRACKETS.search(text)
    return f"{text[: bracketed.start()].rstrip()} {bracketed[1]}" if bracketed else ""


def _rewritten(text: str, *, day_first: bool = False) -> str:
    """The date in an unambiguous form if it is in one that parsers misread; else ""."""
    if epoch := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(epoch[1]), UTC).isoformat()
    if (text.endswith((")", "]")) or text[-2:].isalpha()) and (plain := _plain_zone(text)):
        return _rewritten(plain, day_first=day_first) or plain
    if _WIDE.search(text) and (named := _EAST_ASIAN.match(text)):
        year, month, day, half, hour, minute, rest = named.groups(default="")
        time = f"{_of_24(int(hour), half):02}:{int(minute or 0):02}{rest}" if hour else ""
        return f"{year}-{int(month):02}-{int(day):02} {time}".strip()
    numeric = _NUMERIC.search(text) if not _YEAR_FIRST.match(text) else None
    if numeric and (plain := _as_iso(text, numeric, day_first=day_first)):
        return _rewritten(plain) or plain
    if _LEAP_SECOND.search(text):
        return _LEAP_SECOND.sub(":59", text)
    if _MILITARY.search(text):
        return text[:-2]
    if _SHORT_OFFSET.search(text):
        return _SHORT_OFFSET.sub(r"\g<1>0\2", text)
    if compact := _COMPACT.fullmatch(text):
        return "T".join(compact.groups())
    if _DOTTED_TIME.search(text):
        return _DOTTED_TIME.sub(lambda time: ":".join(filter(None, time.groups())), text)
    if offset := _OFFSET.search(text):
        sign, hours, minutes = offset.groups()
        return f"{text[: offset.start()]} {sign}{int(hours):02}{minutes or '00'}"
    return ""


def _from_tuple(parsed: Sequence[int] | None) -> datetime | None:
    if not parsed:
        return None
    try:
        # timegm also accepts second 60 and days beyond the end of the month.
        return datetime.fromtimestamp(timegm(tuple(parsed)), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _from_words(text: str) -> datetime | None:
    if not text:
        return None
    if found := _from_iso(text):
        return found
    try:
        found = dateutil_parser.parse(text, default=_UNSET, tzinfos=_zone)
        return found.astimezone(UTC)
    except (ValueError, ArithmeticError, TypeError, AttributeError):
        return None


def _zone(name: str | None, seconds: int | None) -> int:
    """Seconds east of UTC; an ambiguous zone name counts as UTC, not as the local zone."""
    return _ZONES.get(name or "", seconds or 0)


def _from_iso(text: str) -> datetime | None:
    """Parse ISO 8601, which dateutil can read too but much more slowly."""
    if not _ISO_DAY.match(text):
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _in_english(text: str) -> str:
    """The date with its month in English and without the name of the day."""
    if found := _DAY_MONTH_YEAR.search(text):
        day, word, year = found.groups()[:3]
    elif found := _YEAR_MONTH_DAY.search(text):
        year, word, day = found.groups()[:3]
    else:
        return ""
    hour, minute, second, zone = found.groups(default="")[3:]
    word = word.lower().removeprefix(_IN_HEBREW)
    name = next((name for start, name in _BEGINNINGS if word.startswith(start)), "")
    time = f"{hour}:{minute}:{second or '00'}{zone}" if hour else ""
    return f"{day} {name} {year} {time}" if name else ""
