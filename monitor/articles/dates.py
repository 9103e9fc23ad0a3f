"""Read dates as pages write them: ISO 8601, RFC 5322, and words in our feeds' languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time

from dateutil import parser as dateutil_parser

from monitor.articles.calendars import ERAS, SOLAR_MONTHS, common_year, from_solar

EARLIEST, LATEST = 1990, 2100
"""Years outside this range are a zero timestamp or a typing error, not an article's date."""

_MONTH_WORDS = (
    "jan january januar janvier enero gennaio janeiro januari leden ocak stycznia января "
    "січня tammikuuta tammikuu ιανουαρίου γενάρη يناير ינואר בינואר ژانویه ianuarie siječnja "
    "มกราคม januára januarja januara јануара януари jaanuar sausio студзеня जनवरी جانفي "
    "كانون_الثاني január",
    "feb february februar février fevrier febrero febbraio fevereiro februari únor şubat "
    "lutego февраля лютого helmikuuta helmikuu φεβρουαρίου فبراير פברואר בפברואר فوریه "
    "februarie veljače กุมภาพันธ์ februára februarja februara фебруара февруари veebruar "
    "vasario лютага फरवरी فيفري شباط február",
    "mar march märz mars marzo março maart března mart marca марта березня maaliskuuta "
    "maaliskuu μαρτίου مارس מרץ מרס במרץ martie ožujka มีนาคม март märts kovo сакавіка मार्च "
    "maret آذار március",
    "apr april avril abril aprile dubna nisan kwietnia апреля квітня huhtikuuta huhtikuu "
    "απριλίου أبريل إبريل ابريل אפריל באפריל آوریل aprilie travnja เมษายน apríla aprila април "
    "априла aprill balandžio красавіка अप्रैल أفريل نيسان április",
    "may mai mayo maggio maio mei maj května mayıs maja мая травня toukokuuta toukokuu μαΐου "
    "مايو מאי במאי مه svibnja พฤษภาคม mája май маја gegužės траўня मई ماي أيار május",
    "jun june juni juin junio giugno junho června haziran czerwca июня червня kesäkuuta "
    "kesäkuu ιουνίου يونيو يونيه יוני ביוני ژوئن iunie lipnja มิถุนายน júna junija juna юни "
    "јуна juuni birželio чэрвеня जून جوان حزيران június",
    "jul july juli juillet julio luglio julho července temmuz lipca июля липня heinäkuuta "
    "heinäkuu ιουλίου يوليو يوليه יולי ביולי ژوئیه iulie srpnja กรกฎาคม júla julija jula юли "
    "јула juuli liepos ліпеня जुलाई جويلية تموز július",
    "aug august août aout agosto augustus augusti srpna ağustos sierpnia августа серпня "
    "elokuuta elokuu αυγούστου أغسطس اغسطس אוגוסט באוגוסט اوت kolovoza สิงหาคม augusta "
    "avgusta август rugpjūčio жніўня अगस्त agustus أوت آب augusztus",
    "sep sept september septembre septiembre settembre setembro září eylül września сентября "
    "вересня syyskuuta syyskuu σεπτεμβρίου سبتمبر ספטמבר בספטמבר سپتامبر septembrie rujna "
    "กันยายน septembra септември септембра rugsėjo верасня सितंबर सितम्बर أيلول szeptember",
    "oct october oktober octobre octubre ottobre outubro okt října ekim października октября "
    "жовтня lokakuuta lokakuu οκτωβρίου أكتوبر اكتوبر אוקטובר באוקטובר اکتبر octombrie ตุลาคม "
    "októbra oktobra октомври октобра oktoober spalio кастрычніка अक्टूबर تشرين_الأول október",
    "nov november novembre noviembre novembro listopadu kasım listopada ноября листопада "
    "marraskuuta marraskuu νοεμβρίου نوفمبر נובמבר בנובמבר نوامبر noiembrie studenoga "
    "พฤศจิกายน novembra ноември новембра lapkričio лістапада नवंबर नवम्बर تشرين_الثاني",
    "dec december dezember décembre decembre diciembre dicembre dezembro dez prosince aralık "
    "grudnia декабря грудня joulukuuta joulukuu δεκεμβρίου ديسمبر דצמבר בדצמבר دسامبر "
    "decembrie prosinca ธันวาคม decembra desember декември децембра detsember gruodžio снежня "
    "दिसंबर दिसम्बर كانون_الأول",
)
"""Names of the months by which pages write dates; `_` stands for a space."""
_MONTHS = {
    word.replace("_", " "): number
    for number, row in enumerate(_MONTH_WORDS, start=1)
    for word in row.split()
}
_WORD = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WRITTEN = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?(?: of| de)?[ -](?P<month>{_WORD})(?!\w)\.?,?"
    r"(?:/\w{3,12})?(?: de| พ\.ศ\.)?[ -](?P<year>\d{4})"
    r"|(?=[^\W\d_]+\.?[ -]\d)"
    rf"(?P<month2>{_WORD})\.?[ -](?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?[ -](?P<year2>\d{{4}}))"
    r"(?!\d)",
    re.I,
)
_YEAR_FIRST = re.compile(
    rf"\b(?P<year>\d{{4}})\.?(?: m\.)? (?P<month>{_WORD}) (?P<day>\d{{1,2}})(?!\d)", re.I
)
"""A date as written in Hungarian and Lithuanian."""
_ISO_DAY = re.compile(
    r"\b(?P<year>\d{4})(?P<mark>[-/.]|\. )(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)"
)
"""Dots may have spaces behind them, as in Korea."""
_DOTTED = re.compile(r"\b(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})\b")
_SIGNED = re.compile(
    rf"(?<!\d)(?:(?P<era>{'|'.join(ERAS)}) ?(?P<year2>\d{{1,3}}|元)|(?P<year>\d{{4}})) ?[年년] ?"
    r"(?P<month>\d{1,2}) ?[月월] ?(?P<day>\d{1,2}) ?[日일号]"
)
"""A date as written in Chinese, Japanese and Korean, with or without an era."""
_SOLAR = re.compile(
    rf"(?<!\d)(?:(?P<day>\d{{1,2}}) (?P<solar>{'|'.join(SOLAR_MONTHS)})(?: ماه)? (?P<year>\d{{4}})"
    r"|(?P<year2>1[34]\d\d|۱[۳۴]\d\d)/(?P<solar2>\d{1,2})/(?P<day2>\d{1,2}))(?!\d| ?هـ)"
)
"""A date of the Iranian solar calendar; the last letter marks one of the Islamic calendar."""
_SHORT_DOTTED = re.compile(r"(?<![\d./])(?P<day>\d{2})\.(?P<month>\d{2})\.(?P<year>2\d)(?![\d./])")
_SHORT_SLASHED = re.compile(r"(?<![\d./])(?P<one>\d{2})/(?P<two>\d{2})/(?P<year>2\d)(?![\d./])")
"""A date of this century without the century: two digits for each of the three numbers."""
_DOTS = re.compile(r"\b\d{1,2}\.\s?\d{1,2}\.\s?\d")
"""As in 21.10.24: dots are used where the day comes first."""
_SLASHED = re.compile(
    r"\b(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<year>\d{4})\b"
    r"|(?<![\w-])(?P<one2>\d{1,2})-(?P<two2>\d{1,2})-(?P<year2>(?:19|20)\d\d)(?![\w-])"
)
"""A date with slashes, or with hyphens as in Denmark and the Netherlands."""
_CLOCK = re.compile(r"\d{1,2}:\d\d|\dT\d\d|\b\d{1,2} ?[ap]m\b", re.I)
_WRITTEN_FORMS = (
    _WRITTEN, _YEAR_FIRST, _ISO_DAY, _SIGNED, _SOLAR, _DOTTED, _SLASHED, _SHORT_DOTTED,
    _SHORT_SLASHED,
)  # fmt: skip
_THAI = re.compile(r"[\u0e00-\u0e7f]")
_DIGITS = re.compile(r"\d\d|[\d元]年")
_FULL_ISO = re.compile(r"\s*\d{4}-\d\d-\d\d[T ]\d\d:?\d\d")
_COMPACT = re.compile(r"\d{8}(?:T?\d{4,6}Z?)?")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
# The zone names of RFC 5322 §4.3, and unambiguous ones from our feeds; offsets in seconds.
_ZONES = {
    name: hours * 3600
    for name, hours in {
        "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
        "ET": -5, "PT": -8, "UT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
        "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
    }.items()
}  # fmt: skip
_IN_URL = re.compile(
    r"/(?P<year>(?:19|20)\d\d)[/-](?P<month>\d{1,2})[/-](?P<day>\d{1,2})(?=[/_.-])"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time in the zone that was stated, and its precision: "second", or "day" (then
    midnight UTC)."""

    at: datetime
    precision: str


def read_stamp(value: str, *, day_first: bool = False) -> Moment | None:
    """A date from markup (an attribute, JSON-LD): ISO 8601, RFC 5322, Unix seconds, or words.

    A time without a zone is taken as UTC: guessing a zone would be worse.
    `day_first`: as `read_written`.
    """
    value = " ".join(value.split())[:100]
    if _EPOCH.fullmatch(value):
        return _moment(datetime.fromtimestamp(int(value[:10]), UTC), "second")
    try:
        if _FULL_ISO.match(value) or _COMPACT.fullmatch(value):
            read = datetime.fromisoformat(value.replace(" UTC", "Z"))
            return _moment(read, "second" if _CLOCK.search(value) or "T" in value else "day")
    except ValueError:
        pass
    if _CLOCK.search(value):
        # dateutil would take the day before the month in 2020-10-02 too.
        leads = (day_first or bool(_DOTS.search(value))) and not _ISO_DAY.search(value)
        return _by_dateutil(value, leads) or read_written(value, day_first=day_first)
    return read_written(value, day_first=day_first)


_DEFAULTS = tuple(map(datetime.fromisoformat, ("2000-01-01", "2004-02-02")))
"""Without a zone on purpose: dateutil would silently give it to times that name no zone."""


def _by_dateutil(value: str, day_first: bool) -> Moment | None:
    """Parse twice with different defaults: fields that differ were not in the text."""
    try:
        first, second = (
            dateutil_parser.parse(value, default=default, tzinfos=_zone, dayfirst=day_first)
            for default in _DEFAULTS
        )
        return _moment(first, "second") if first == second else None
    except (ValueError, ArithmeticError, TypeError, AttributeError):
        return None


def _zone(name: str | None, seconds: int | None) -> int | None:
    """Seconds east of UTC; None if neither a name that we know nor a number tells."""
    return _ZONES.get(name or "", seconds)


def read_written(text: str, *, day_first: bool = False) -> Moment | None:
    """The first date written in a text, day precision: "October 21, 2024", "21.10.2024", ...

    `day_first`: 2/10/2020 is in October, as outside of the United States; else in February.
    """
    for pattern in _WRITTEN_FORMS if may_be_dated(text) else ():
        for found in pattern.finditer(text):
            moment = _from_groups(found.groupdict(), day_first)
            if moment is not None:
                return moment
    return None


def dotted(text: str) -> list[tuple[int, int]]:
    """The first two numbers of each date with dots in a text: 3.11.2026 -> (3, 11)."""
    return [(int(one["day"]), int(one["month"])) for one in _DOTTED.finditer(text)]


def with_slashes(text: str) -> str:
    """A text with slashes for the dots in its dates: 3.11.2026 -> 3/11/2026."""
    return _DOTTED.sub(r"\g<day>/\g<month>/\g<year>", text)


def names_day(text: str, month: int, day: int) -> bool:
    """Whether a text has a day in English words, the month first: (11, 3) is in "on Nov. 3"."""
    names = "|".join(name for name, number in _MONTHS.items() if number == month)
    return bool(re.search(rf"\b(?:{names})\.? {day}\b", text, re.I))


def may_be_dated(text: str) -> bool:
    """Whether a text has figures as every date has; most texts have none."""
    return bool(_DIGITS.search(text))


def has_date(text: str) -> bool:
    """Whether a text contains a whole date, in words or in figures."""
    return may_be_dated(text) and any(one.search(text) for one in _WRITTEN_FORMS)


def written_span(text: str) -> tuple[int, int] | None:
    """Start and end of the first date in words in a text."""
    found = _WRITTEN.search(text)
    return found.span() if found else None


def leading_end(text: str) -> int:
    """The end of the date with which a text begins; 0 if it begins with none."""
    return max((one.end() for form in _WRITTEN_FORMS if (one := form.match(text))), default=0)


def read_url(url: str) -> Moment | None:
    """The day in an address such as `/2024/10/21/title`."""
    found = _IN_URL.search(url)
    return _from_groups(found.groupdict()) if found else None


def _from_groups(groups: dict[str, str | None], day_first: bool = False) -> Moment | None:
    stated = groups.get("year") or groups.get("year2") or "0"
    name = (groups.get("month") or groups.get("month2") or "").lower()
    year = 1 if stated == "元" else int(stated)
    if not name or name.isdecimal() or _THAI.match(name):  # "on 12 May 2560 soldiers" has no year
        year = common_year(year, groups.get("era") or "")
    year += 2000 if 0 < year < 100 else 0
    day = int(groups.get("day") or groups.get("day2") or 0)
    solar = groups.get("solar") or groups.get("solar2")
    try:
        if solar:
            month = int(solar) if solar.isdecimal() else SOLAR_MONTHS.index(solar) + 1
            return _moment(datetime.combine(from_solar(year, month, day), time(), UTC), "day")
        if "one" in groups:
            one, two = (int(groups[key] or groups.get(f"{key}2") or 0) for key in ("one", "two"))
            day, month = _slashed(one, two, day_first)
        else:
            month = int(name) if name.isdecimal() else _MONTHS.get(name, 0)
        return _moment(datetime(year, month, day, tzinfo=UTC), "day")
    except (ValueError, OverflowError):
        return None


def _slashed(one: int, two: int, day_first: bool) -> tuple[int, int]:
    """(day, month): 21/10 can only be a day first, 10/21 only a month."""
    return (one, two) if one > 12 or (day_first and two <= 12) else (two, one)


def _moment(at: datetime, precision: str) -> Moment | None:
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    try:
        at.astimezone(UTC)
    except (ValueError, OverflowError):  # a zone of a day and more; the end of all years
        return None
    if not EARLIEST <= at.year <= LATEST:
        return None
    return Moment(at, precision)
