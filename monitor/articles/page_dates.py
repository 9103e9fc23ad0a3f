"""Find when an article was published and last changed, as its page states or shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import Any

from monitor.articles import dates
from monitor.articles.dates import Moment
from monitor.articles.facts import COMMENTS, Facts, element_text, spaced_text
from monitor.articles.lines import LONG
from monitor.articles.tables import words

_PUBLISHED_METAS = words(
    """
    article:published_time article:published og:published_time og:article:published_time
    datepublished date_published published_time parsely-pub-date sailthru.date
    cxenseparse:recs:publishtime cxenseparse:publishtime publishdate publish-date
    publish_date publication_date publication-date published-date published pubdate
    originalpublicationdate article.published article_date_original dc.date.issued
    dcterms.issued dc.date dc.date.created dcterms.created dcterms.date dc.created
    citation_publication_date citation_date published_on date created last-modified-date
    firstpublished
    """
)
_MODIFIED_METAS = words(
    """
    article:modified_time og:article:modified_time og:updated_time article:modified
    og:modified_time datemodified
    modified_time dcterms.modified dc.date.modified lastmod last-modified revision_date
    """
)


_MONTH_FIRST = words("us ca ph pr gu vi as mp um fm mh pw")
"""Regions that write 2/10 in English for the tenth of February."""


def _day_first(facts: Facts) -> bool:
    """Whether the page's language writes the day before the month; False if unsure."""
    region = facts.declared.partition("-")[2]
    if facts.language == "en":
        return len(region) == 2 and region not in _MONTH_FIRST
    return bool(facts.language) and region != "us"  # "English" is no language code


class _Order:
    """In which order a page writes day and month in figures."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.day_first = _day_first(facts)

    def read(self, text: str) -> Moment | None:
        """The first date in a text; with dots, its day is first unless the page shows otherwise."""
        if self.facts.language == "en" and not self.day_first:
            told = dates.dotted(text)
            if told and self._leads_with_month(*told[0]):
                text = dates.with_slashes(text)
        return dates.read_written(text, day_first=self.day_first)

    def _leads_with_month(self, one: int, two: int) -> bool:
        """Whether other dates with dots, or the same day in words, have the month first."""
        said = self._said
        if dates.names_day(said, one, two):
            return True
        others = dates.dotted(said)
        return any(day > 12 for _, day in others) and not any(day > 12 for day, _ in others)

    @cached_property
    def _said(self) -> str:
        body = self.facts.tree.find("body")
        return "".join(body.itertext())[:MOST_SAID] if body is not None else ""


MOST_SAID = 50_000
"""Characters of a page among which other dates are looked for."""


def published(facts: Facts, url: str) -> Moment | None:
    """When the article was published, by the first source that tells.

    These are JSON-LD; metas; microdata; `<time>`; a stamp in an attribute; a date by its class; one
    beside the title; the address. Where the page says beside the title only how long ago it was,
    other dates shown are those of other articles.
    """
    order = _Order(facts)
    day_first = order.day_first
    stated = chain(
        _stamps(facts, "datePublished", "dateCreated"),
        (facts.meta(name) for name in _PUBLISHED_METAS),
        _marked_dates(facts, "datePublished"),
    )
    return (
        _most_exact(_read_all(stated, day_first), _read_all(_shown_stamps(facts), day_first))
        or _shown_date(facts, order)
        or dates.read_url(url)
        or _dateline(facts, day_first)
    )


def _shown_stamps(facts: Facts) -> Iterator[str]:
    ago = _says_how_long_ago(facts)
    yield from () if ago else _time_tags(facts)
    yield from _stamped(facts, times=ago)


def _shown_date(facts: Facts, order: _Order) -> Moment | None:
    if _says_how_long_ago(facts):
        return _first_date(_head_matter(facts), BESIDE_CHARS, order)
    return _visible_date(facts, order) or _date_beside_title(facts, order)


def _head_matter(facts: Facts) -> Iterator[Any]:
    """The elements beside and under the title, down to the first text of some length."""
    for tag in _before_title(facts):
        yield from tag.iter("*")
    for tag in facts.behind_title:
        if tag.tag in {"p", "div"} and len((tag.text or "").strip()) >= LONG:
            return
        yield tag


def _says_how_long_ago(facts: Facts) -> bool:
    """Whether "3 hours ago" or the like stands beside the title."""
    texts = map(element_text, _head_matter(facts))
    return any(len(text) <= AGO_CHARS and _AGO.search(text) for text in texts)


AGO_CHARS = 40
"""Longest text that says how long ago the article appeared, and perhaps when."""
_AGO = re.compile(
    r"\b(?:\d{1,2}|an?|one) ?(?:s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hours?|hrs?|d|days?) ago\b|"
    r"\b(?:\d{1,2}|an?|one) ?(?:w|weeks?) ago\b|"
    r"\bvor (?:\d{1,2}|eine[rm]) (?:minuten?|stunden?|tag(?:en)?)\b|"
    r"\bil y a (?:\d{1,2}|une?) (?:min(?:ute)?s?|h(?:eures?)?|j(?:ours?)?)\b|"
    r"\b(?:hace|há) (?:\d{1,2}|una?|uma?) (?:min(?:uto)?s?|h(?:oras?)?|d(?:[ií]as?)?)\b|"
    r"\b\d{1,2} (?:minut[oi]|or[ae]|giorn[oi]) fa\b|"
    r"\b\d{1,2} (?:min|uur|dag)\w* geleden\b|\b\d{1,2} (?:min|tim|dag)\w* (?:sedan|siden)\b|"
    r"\b\d{1,2} (?:min|godz|dn)\w* temu\b|\b\d{1,2} (?:мин|час|дн)\w* назад\b|"
    r"\b\d{1,2} (?:хв|год|дн)\w* тому\b|\b\d{1,2} (?:dakika|saat|gün) önce\b|"
    r"\d{1,2} ?(?:分钟|分鐘|小时|小時|分|時間|天|日)前|\d{1,2} ?(?:분|시간|일) ?전|"
    r"منذ \d{1,2} (?:دقيق|ساع|يوم|أيام)|πριν (?:από )?\d{1,2} (?:λεπτ|ώρ|μέρ)",
    re.I,
)


def _stamped(facts: Facts, *, times: bool) -> Iterator[str]:
    """Stamps that elements beside the title hold for scripts, which show them in words.

    `times`: those of `<time>` too. A stamp of an update, or of what is to come, is no such stamp.
    """
    own = facts.tree.xpath("(//body//h1)[1]/ancestor::header[1]//time") if times else ()
    for tag in chain(own, _head_matter(facts)):
        if (times or tag.tag != "time") and not _OTHER_MOMENT.search(_class(tag)):
            yield from (value for name in _STAMPS if (value := tag.get(name)))


_STAMPS = words(
    """
    datetime data-datetime data-timestamp data-time data-date data-utime data-published
    data-epoch timestamp time
    """
)
"""Attributes that say when."""
_OTHER_MOMENT = re.compile("updated|modified|countdown|event")


def _read_all(stamps: Iterable[str], day_first: bool) -> Iterator[Moment]:
    return (at for stamp in stamps if (at := dates.read_stamp(stamp, day_first=day_first)))


def _most_exact(stated: Iterator[Moment], shown: Iterator[Moment]) -> Moment | None:
    """The first moment; if it is midnight, which mostly means that no time is given, the next one
    near that day that has a time.

    A time on the day before is a draft's, and does not count. One that is only shown may be another
    article's: it must be on the very day.
    """
    first = next(chain(stated, shown), None)
    if first is None or first.at.time() != time():
        return first
    of_the_day = (one for one in shown if first.at.date() in _days(one, first))
    timed = (one for one in chain(stated, of_the_day) if one.at.time() != time())
    about = (one for one in timed if abs(one.at - first.at) < _ABOUT)
    return next((one for one in about if first.at.date() <= max(_days(one, first))), first)


def _days(one: Moment, other: Moment) -> tuple[date, date]:
    """The day of a moment in its own zone, and in the zone of the other."""
    return one.at.date(), one.at.astimezone(other.at.tzinfo).date()


_ABOUT = timedelta(hours=36)


def modified(facts: Facts) -> Moment | None:
    stamps = chain(
        _stamps(facts, "dateModified"),
        (facts.meta(name) for name in _MODIFIED_METAS),
        _marked_dates(facts, "dateModified"),
        _time_of_update(facts),
    )
    order = _Order(facts)
    return next(_read_all(stamps, order.day_first), None) or _shown_update(facts, order)


def _shown_update(facts: Facts, order: _Order) -> Moment | None:
    """A date right behind words such as "Updated", in a short text under the title or above it.

    The words begin the text or follow a separator, and nothing but an hour follows the date: else
    it is a sentence, which may tell of anything that was changed.
    """
    for tag in (*facts.behind_title[:UPDATE_ELEMENTS], *_before_title(facts)):
        text = spaced_text(tag)
        dated = 12 <= len(text) <= 200 and dates.may_be_dated(text)
        told = _UPDATED.search(text) if dated else None
        end = dates.leading_end(told["date"]) if told else 0
        if told and end and _HOUR.match(told["date"], end):
            return order.read(told["date"])
    return None


UPDATE_ELEMENTS = 24
"""Most elements under the title among which a date of an update is looked for."""
_UPDATED = re.compile(
    r"(?:^|[.,;|•·/()\[（–—-] ?|\d ?)(?:(?:last |zuletzt )?"
    r"(?:updated|modified|aktualisiert|geändert)|last (?:update|edited|revised|changed)|modifiée?|"
    r"mis à jour|actualizado|atualizado|aggiornato|modifica(?:to)?|bijgewerkt|oppdatert|uppdaterad|"
    r"opdateret|aktualizacja|ostatnia modyfikacja|aktualizován[oé]|päivitetty|обновлено|оновлено|"
    r"ενημερώθηκε|güncelleme(?: tarihi)?|آخر تحديث|עודכן|(?:最終)?更新(?:日時?|时间|時間)?|"
    r"(?:최종 ?)?수정)(?:[:：,\s]+|(?<=[新日時间間]))(?:(?:on|am|le|il|el|em|op|den)\b:? )?"
    r"(?:\d{1,2}:\d\d,? )?(?P<date>.{6,60})",
    re.I,
)
_HOUR = re.compile(
    r"(?:[\d\s:.,@+-]|(?:at|um|à|às|alle|ore|kl|klo|om|las|a|в|о|h|uhr|[ap]\.?m|오전|오후|上午|下午|午前|午後|[A-Z]{2,4})(?![^\W\d_]))*"
    r"(?:$|[|•·/()（）\]–—])"
)
"""What may follow the date: an hour, then the end or a separator."""


def _time_of_update(facts: Facts) -> Iterator[str]:
    """A `<time>` marked as an update and nothing else, as in WordPress and hAtom."""
    marked = (
        "[contains(@class,'updated') or contains(@class,'modified')]"
        f"[not(contains(@class,'publish'))][not(ancestor::aside or ancestor::{COMMENTS})]"
    )
    for tag in facts.tree.xpath(f"//body//time{marked}|//body//abbr{marked}")[:1]:
        yield tag.get("datetime") or tag.get("title") or element_text(tag)


def _stamps(facts: Facts, *names: str) -> Iterator[str]:
    for thing in (facts.article, facts.web_page):
        for name in names:
            if isinstance(thing.get(name), str):
                yield thing[name]


def _marked_dates(facts: Facts, name: str) -> Iterator[str]:
    for tag in facts.tree.xpath(f"//*[@itemprop='{name}']")[:3]:
        yield tag.get("content") or tag.get("datetime") or element_text(tag)


def _time_tags(facts: Facts) -> Iterator[str]:
    """The `<time>` elements outside side matter: first those marked as publication, then others.

    Marked ones may be in the footer of an `article` with an `h1`; one without is an item of a list.
    Before HTML 5, `<abbr>` had the date in its title (hAtom).
    """
    placed = (
        "[not(ancestor::aside or ancestor::nav or ancestor::blockquote)]"
        "[not(ancestor::footer[not(ancestor::article[.//h1])])]"
        f"[not(ancestor::{COMMENTS} or ancestor::*[contains(@class,'related')])]"
    )
    query = f"//body//time{placed}|//body//abbr[contains(@class,'publish')]{placed}"
    tags = facts.tree.xpath(query)[:20]
    marked = [tag for tag in tags if re.search("publish|entry-date|posted|pubdate", _class(tag))]
    plain = [
        tag
        for tag in tags
        if not re.search("updated|modified", _class(tag)) and not tag.xpath("ancestor::footer")
    ]
    for tag in (*marked, *plain):
        yield tag.get("datetime") or tag.get("title") or element_text(tag)
        yield element_text(tag)


def _class(tag: Any) -> str:
    return f"{tag.get('class') or ''} {'pubdate' if tag.get('pubdate') is not None else ''}".lower()


def _visible_date(facts: Facts, order: _Order) -> Moment | None:
    """A short text with a date, in an element whose class or id names a date or byline."""
    return _first_date(islice(_named_dates(facts.tree), 60), 150, order)


def _named_dates(tree: Any) -> Iterator[Any]:
    """The elements named so, in order, outside of side matter and comments."""
    body = tree.find("body")
    judged: dict[Any, bool] = {}
    for tag in body.iterdescendants("*") if body is not None else ():
        names = f"{tag.get('class') or ''} {tag.get('id') or ''}"
        dated = _DATE_NAMES.search(names) and not _has_comments(tag)
        if dated and not _in_side_matter(tag.getparent(), judged):
            yield tag


_DATE_NAMES = re.compile(
    "[dD]a[tT]e|[tT]i[mM]e|[pP]ublish|[pP]os[tT]e[dD]|sub[mM]i[tT][tT]e[dD]|[mM]e[tT]a|byline|info"
)
"""Parts of the names of dates, some of which begin a word inside of a name ("postDate")."""


def _has_comments(tag: Any) -> bool:
    """The same as `COMMENTS` in `facts`."""
    return "comment" in (tag.get("class") or "") and tag.tag != "body"


def _in_side_matter(tag: Any, judged: dict[Any, bool]) -> bool:
    """Whether an element is side matter, comments or a quotation, or within; `judged` remembers."""
    path = []
    while tag is not None and tag not in judged:
        path.append(tag)
        tag = tag.getparent()
    side = tag is not None and judged[tag]
    for one in reversed(path):
        side = side or one.tag in _SIDE_MATTER or _has_comments(one)
        judged[one] = side
    return side


_SIDE_MATTER = frozenset(["aside", "nav", "footer", "blockquote"])


def _date_beside_title(facts: Facts, order: _Order) -> Moment | None:
    """A date in a short text behind the title, else in the one right before it."""
    return _first_date((*facts.behind_title, *_before_title(facts)), BESIDE_CHARS, order)


BESIDE_CHARS = 120
"""Longest text beside the title in which its date is looked for."""


def _dateline(facts: Facts, day_first: bool) -> Moment | None:
    """The date in the first words of a press release: "DUBLIN, July 2, 2026 /Wire/ -- The ...".

    It has a place before it and a dash or the sender behind it, and no second date behind the dash:
    that is how long a show or a life lasts.
    """
    for tag in facts.tree.xpath("//body//p")[:DATELINE_PARAGRAPHS]:
        head = element_text(tag)[:DATELINE_CHARS]
        found = _DATELINE.match(head)
        if found and (told := dates.read_written(found["date"], day_first=day_first)):
            return told
    return None


DATELINE_PARAGRAPHS = 12
DATELINE_CHARS = 140
_DATE = (
    r"(?:[^\W\d_]{3,10}\.? \d{1,2},? \d{4}"
    r"|\d{1,2}\.? (?:de )?[^\W\d_]{3,10}\.? (?:de )?\d{4})"
)
_DATELINE = re.compile(
    r"(?P<place>[^\W\d_][^\d:;!?/–—-]{2,50}(?:-[^\W\d_][^\d:;!?/–—-]{1,30})?)[,(] ?"
    rf"(?P<date>{_DATE})\)?,? ?(?:[/(][^/()]{{2,40}}[/)] ?)?(?:--|[–—-]|/)(?! ?{_DATE})"
)


def _before_title(facts: Facts) -> list[Any]:
    """The nearest elements before the first `h1`, beside it."""
    return list(facts.tree.xpath("(//body//h1)[1]/preceding-sibling::*[position() < 4]"))


def _first_date(tags: Iterable[Any], most: int, order: _Order) -> Moment | None:
    """The first date in these elements; that of an update only if there is no other."""
    updated: dict[Any, Moment] = {}
    for tag in tags:
        at = None if tag.getparent() in updated else _date_in(tag, most, order)
        if at and _first_is_update(_behind_update(element_text(tag))):
            updated[tag] = at
        elif at:
            return at
    return next(iter(updated.values()), None)


def _date_in(tag: Any, most: int, order: _Order) -> Moment | None:
    """The date in an element; None if its text is longer than `most` characters."""
    text = element_text(tag)
    if not 6 <= len(text) <= most:
        return None
    told = order.read(text)
    if told and (behind := _behind_update(text)) != text:
        return order.read(behind)
    return told or (order.read(spaced_text(tag)) if len(tag) else None)


def _behind_update(text: str) -> str:
    """A text without the date of an update that comes first, if it goes on with another."""
    told = _first_is_update(text)
    end = told.start("date") + dates.leading_end(told["date"]) if told else 0
    return text[end:] if dates.has_date(text[end:]) else text


def _first_is_update(text: str) -> re.Match[str] | None:
    """The first date in a text, if it is that of an update."""
    told = _UPDATED.search(text)
    return told if told and not dates.has_date(text[: told.start()]) else None
