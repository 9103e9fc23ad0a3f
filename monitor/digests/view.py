"""An edition as its readers see it: all wording that HTML, text and chat share.

The templates only place these words, so that all forms of an edition say the same (D02).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from unicodedata import bidirectional
from zoneinfo import ZoneInfo

from monitor.digests.alarm import SILENT, WITHHELD
from monitor.digests.links import Link, link
from monitor.digests.standing import Standing, has_sums, standing
from monitor.digests.words import clip, count, isolated, plain, same_length
from monitor.model import Edition, EditionArticle, EditionStory, FeedAnswer, Snippet, Worry

MOST_WORDS = 4
"""Most matched words named per watchlist."""
MOST_OTHERS = 5
"""Other reports named under a story; the rest are counted."""
MOST_TITLE = 300
"""Most code points of a title."""
MOST_SOURCE = 80
MOST_WHY = 160
"""Most code points of the reason why a feed failed."""
MOST_FEEDS = 20
"""Feeds named in a line of the footer; the rest are counted."""
MOST_BURSTS = 3
"""Bursts named in the footer; the rest are counted."""
_TELLING_LETTERS = 1000
"""Characters at the start of a text whose letters decide its direction."""
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherView:
    """Another report of the same story."""

    source: str
    link: Link | None
    note: str
    """Host, time, and "same text" for a duplicate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """One story: what, who, when, why, and who else."""

    id: int
    place: int
    title: str
    link: Link | None
    lang: str
    dir: str
    about: str
    """Kind of development, if any; source, host, time, outlets, first report."""
    update: bool
    pieces: tuple[tuple[str, bool], ...]
    """The snippet in pieces: text, and whether it is marked."""
    reasons: tuple[tuple[str, str], ...]
    """Title of each watchlist, and the words that matched."""
    others: tuple[OtherView, ...]
    more: int
    """Other reports that are not named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A watchlist's stories."""

    title: str
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The whole edition."""

    title: str
    number: int
    date: str
    covers: str
    summary: str
    contents: str
    """The sections and how many stories each has; empty if there is only one."""
    late: str
    blind: str
    sections: tuple[SectionView, ...]
    cut: str
    footer: tuple[tuple[str, str], ...]
    """Label (empty for a line that needs none) and text of each line below the stories."""
    failing: tuple[str, ...] = ()
    """In an alarm: each place that receives nothing, since when and why; `blind` joins them."""
    alarm: bool = False
    """Whether it is an alarm: `footer` then holds what it has to tell."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """The gravest lines: the places that receive nothing, or why an edition is blind."""
        return self.failing or ((self.blind,) if self.blind else ())


def view(edition: Edition) -> View:
    """The words of an edition, with times in the digest's zone."""
    zone = ZoneInfo(edition.zone)
    if edition.is_alarm:
        return _alarm(edition, zone)
    state = standing(edition)
    titles = dict(edition.titles)
    titles |= {section.watchlist: section.title for section in edition.sections}
    sections: list[SectionView] = []
    place = 0
    for section in edition.sections:
        stories = []
        for story in section.stories:
            place += 1
            stories.append(_story(story, place, zone, titles))
        sections.append(
            SectionView(
                title=isolated(clip(plain(section.title), MOST_TITLE)), stories=tuple(stories)
            )
        )
    return View(
        title=clip(plain(edition.title), MOST_TITLE),
        number=edition.number,
        date=day(edition.window.end, zone),
        covers=_covers(edition, zone),
        summary=_summary(edition, state),
        contents=_contents(sections),
        late=_late(edition, zone),
        blind=_banner(state),
        sections=tuple(sections),
        cut=_cut(edition),
        footer=_footer(edition, state, zone),
    )


def _late(edition: Edition, zone: ZoneInfo) -> str:
    """Why an edition is late, or may repeat what was told; empty for any other."""
    if edition.restored:
        at = edition.restored.astimezone(zone)
        return (
            f"Restored: the database comes from a backup of {day(at, zone)}, {at:%H:%M}. "
            "What was reported after that may appear here again."
        )
    return (
        "Late: the monitor was not running when this edition was due."
        if edition.window.late
        else ""
    )


def alarm_words(edition: Edition) -> str:
    """An alarm in one line: "slack:desk gets no messages; email gets messages again"."""
    silent, back = _by_condition(edition)
    told = (
        _who(
            [one.place for one in edition.failing], "place", "gets no messages", "get no messages"
        ),
        _who(list(edition.mended), "place", "gets messages again", "get messages again"),
        _who([one.name for one in back], "feed", "may have re-issued its archive"),
        _who([one.name for one in silent], "feed", "is silent", "are silent"),
        _who(list(edition.speaking), "feed", "has news again", "have news again"),
    )
    return "; ".join(filter(None, told))


def _who(names: list[str], kind: str, does: str, do: str = "") -> str:
    """ "slack:desk gets no messages", "2 places get no messages"; empty without names."""
    if len(names) > 1:
        return f"{count(len(names), kind)} {do or does}"
    return f"{isolated(plain(names[0]))} {does}" if names else ""


def _by_condition(edition: Edition) -> tuple[list[Worry], list[Worry]]:
    """The feeds of an alarm: the silent ones, and those with something withheld."""
    silent = [one for one in edition.worries if one.condition == SILENT]
    return silent, [one for one in edition.worries if one.condition == WITHHELD]


def _alarm(edition: Edition, zone: ZoneInfo) -> View:
    failing = [
        clip(
            plain(f"{one.place} has received nothing since {moment(one.since, zone)}: {one.why}"),
            MOST_TITLE,
        )
        for one in edition.failing
    ]
    silent, back = _by_condition(edition)
    helps = [_PLACES_HELP] if edition.failing or edition.mended else []
    helps += [_FEEDS_HELP] if edition.worries or edition.speaking else []
    lines = [
        ("Working again", _listed(_named(edition.mended))),
        ("Withheld", _worries(back)),
        ("Silent", _worries(silent)),
        ("News again", _listed(_named(edition.speaking))),
        ("What to do", "; ".join(helps)),
    ]
    return View(
        title=clip(plain(edition.title), MOST_TITLE),
        number=edition.number,
        date=day(edition.window.end, zone),
        covers=_covers(edition, zone),
        summary=alarm_words(edition),
        contents="",
        late="",
        blind=_listed(failing),
        sections=(),
        cut="",
        footer=tuple((label, text) for label, text in lines if text),
        failing=_sorted(failing),
        alarm=True,
    )


_PLACES_HELP = "“monitor doctor” checks each place, “monitor deliveries list” shows what is waiting"
_FEEDS_HELP = "“monitor feeds status” shows each feed"


def _worries(some: list[Worry]) -> str:
    names = _named(one.name for one in some)
    lines = [f"{name}: {plain(one.why)}" for name, one in zip(names, some, strict=True)]
    return _listed([clip(line, MOST_TITLE) for line in lines])


def day(time: datetime, zone: ZoneInfo) -> str:
    """A day, as in "Fri 18 Oct 2024"."""
    local = time.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y}"


def moment(time: datetime, zone: ZoneInfo) -> str:
    """A time with its zone, as in "Fri 18 Oct, 06:12 BST"."""
    local = time.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b, %H:%M}\u00a0{local:%Z}"


def beside(time: datetime, other: datetime | None, zone: ZoneInfo) -> str:
    """A time shown next to another: only the time of day if both are on the same day."""
    local = time.astimezone(zone)
    if other and other.astimezone(zone).date() == local.date():
        return f"{local:%H:%M}"
    return moment(time, zone)


def pieces(snippet: Snippet | None) -> tuple[tuple[str, bool], ...]:
    """A snippet as runs of text, each with whether it is marked."""
    if snippet is None or not snippet.text:
        return ()
    text = same_length(snippet.text)
    runs: list[tuple[str, bool]] = []
    at = 0
    for start, end in snippet.marks:
        runs += [(text[at:start], False), (text[start:end], True)]
        at = end
    runs.append((text[at:], False))
    return tuple(run for run in runs if run[0])


def _story(story: EditionStory, place: int, zone: ZoneInfo, titles: Mapping[str, str]) -> StoryView:
    lead = story.lead
    return StoryView(
        id=story.id,
        place=place,
        title=clip(plain(lead.title), MOST_TITLE) or "(no title)",
        link=link(lead.url),
        lang=lead.language,
        dir=direction(f"{lead.title} {lead.snippet.text if lead.snippet else ''}", lead.language),
        about=_about(story, zone),
        update=story.update,
        pieces=pieces(lead.snippet),
        reasons=tuple(
            (isolated(plain(titles.get(name, name))), _quoted(_telling(words)))
            for name, words in story.reasons.items()
        ),
        others=tuple(_other(article, lead.at, zone) for article in story.others[:MOST_OTHERS]),
        more=max(len(story.others) - MOST_OTHERS, 0),
    )


def direction(text: str, language: str) -> str:
    """The value of `dir` for a text: the direction of most of its first letters (UAX 9).

    The declared language decides only for a text without letters, or with as many of each kind.
    """
    letters = Counter(map(bidirectional, text[:_TELLING_LETTERS]))
    right, left = letters["R"] + letters["AL"], letters["L"]
    if right == left:
        return "rtl" if language in _RIGHT_TO_LEFT else ""
    return "rtl" if right > left else ""


def _telling(words: Sequence[str]) -> list[str]:
    """The words to name: those not contained in one already named ("NATO" in "NATO summit")."""
    named: list[str] = []
    for word in words:
        if not any(word.casefold() in other.casefold() for other in named):
            named.append(word)
    return named[:MOST_WORDS]


def _quoted(words: Sequence[str]) -> str:
    """The words in quotation marks, which show that they are the article's own."""
    most = MOST_TITLE // max(len(words), 1) - 6  # what stands around each
    return ", ".join(f"“{isolated(clip(plain(word), most))}”" for word in words)


def _about(story: EditionStory, zone: ZoneInfo) -> str:
    lead = story.lead
    parts = [
        story.development.kind if story.development else "",
        _name(lead.source),
        _host(lead),
        moment(lead.at, zone) if lead.at else "no date",
        also_in(lead.also),
    ]
    if story.outlets > 1:
        fewer = 0 < story.independent < story.outlets
        own = f", {story.independent} independent" if fewer else ""
        parts.append(count(story.outlets, "outlet") + own)
    if story.first_reported and lead.at and story.first_reported < lead.at:
        parts.append(f"first reported {beside(story.first_reported, lead.at, zone)}")
    return " · ".join(part for part in parts if part)


def _other(article: EditionArticle, lead_at: datetime | None, zone: ZoneInfo) -> OtherView:
    parts = [
        _host(article),
        beside(article.at, lead_at, zone) if article.at else "",
        "same text" if article.duplicate else "",
        also_in(article.also),
    ]
    return OtherView(
        source=_name(article.source or article.title),
        link=link(article.url),
        note=" · ".join(part for part in parts if part),
    )


MOST_ALSO = 5
"""Other sources named whose feeds have the same page; the rest are counted."""


def also_in(sources: Sequence[str]) -> str:
    """Whose feeds have the page too: "also in feeds of Harbour Post, Northwatch"; may be empty."""
    names = ", ".join(map(_name, sources[:MOST_ALSO]))
    more = len(sources) - MOST_ALSO
    return names and f"also in feeds of {names}" + (f" and {more} more" if more > 0 else "")


def _host(article: EditionArticle) -> str:
    """The host that an article's link leads to; empty if its source has the same name."""
    found = link(article.url)
    return found.host if found and found.host != article.source.lower() else ""


def _covers(edition: Edition, zone: ZoneInfo) -> str:
    """The window, for people; one shorter than a minute, as most alerts have, is one time."""
    window = edition.window
    start, end = moment(window.start, zone), moment(window.end, zone)
    times = end if window.end - window.start < timedelta(minutes=1) else f"{start} to {end}"
    return times if end.endswith(f"\u00a0{edition.zone}") else f"{times} ({edition.zone})"


def _summary(edition: Edition, state: Standing) -> str:
    stories = edition.stories
    if not stories:
        return state.statement
    # The subject counts the stories that did not fit, too: here both numbers stand together.
    told = count(len(stories) + edition.cut, "story", "stories")
    if edition.cut:
        told = f"{len(stories):,} of {told},"
    outlets = {article.source for story in stories for article in (story.lead, *story.others)}
    if named := len(outlets - {""}):
        told += f" from {count(named, 'outlet')}"
    read = count(edition.accounting.entries, "entry", "entries")
    return f"{told}, out of {read} read" if has_sums(edition) else told


def _contents(sections: Sequence[SectionView]) -> str:
    """What is below, for the reader of a long edition: "NATO (8) · Drones (6)"."""
    if len(sections) < 2:
        return ""
    return " · ".join(f"{one.title} ({len(one.stories)})" for one in sections)


def _banner(state: Standing) -> str:
    if not state.blind:
        return ""
    return f"Blind: {state.blind}. What they published is not in this edition."


def _cut(edition: Edition) -> str:
    if not edition.cut:
        return ""
    more = count(edition.cut, "more story", "more stories")
    return (
        f"{more} matched but did not fit here: "
        f"“monitor digests show {edition.digest} {edition.number}” lists them"
    )


def _footer(edition: Edition, state: Standing, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    books = edition.accounting
    lines = [
        ("Window", _covers(edition, zone)),
        # Without a story, the summary at the top says it already.
        ("", state.statement if edition.stories and has_sums(edition) else ""),
        ("Bursts", _bursts(edition)),
        ("Feeds", _feeds(state)),
        ("Failed", _why(state.failed)),
        ("Silent", _silent(state.silent)),
        ("Withheld, perhaps reported before", _withheld(state.withheld)),
        ("Not polled", _why(state.unasked)),
        ("Repeated", _repeated(edition)),
        ("Unreadable", count(books.unreadable, "entry", "entries") if books.unreadable else ""),
    ]
    return tuple((label, text) for label, text in lines if text)


def _feeds(state: Standing) -> str:
    total = len(state.answered) + len(state.failed)
    if not total:
        return ""
    parts = [f"{len(state.answered)} of {count(total, 'feed')} answered"]
    if state.failed:
        parts.append(f"{len(state.failed)} failed")
    if state.silent:
        parts.append(f"{len(state.silent)} silent")
    return ", ".join(parts)


def _bursts(edition: Edition) -> str:
    """The bursts in one line: "NATO, “summit”: 9 stories against 1.0 on 8 Fridays"."""
    told = []
    for one in edition.bursts[:MOST_BURSTS]:
        term = f", “{_name(one.term)}”" if one.term else ""
        title = isolated(plain(edition.titles.get(one.watchlist, one.watchlist)))
        told.append(f"{title}{term}: {plain(one.why)}")
    more = len(edition.bursts) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more else "")


def _repeated(edition: Edition) -> str:
    if not edition.repeated:
        return ""
    added = "adds" if edition.repeated == 1 else "add"
    return f"{count(edition.repeated, 'report')} of stories reported before {added} nothing new"


def _why(feeds: tuple[FeedAnswer, ...]) -> str:
    return _about_each(feeds, [clip(plain(f.why), MOST_WHY) for f in feeds])


def _withheld(feeds: tuple[FeedAnswer, ...]) -> str:
    return _about_each(feeds, [count(f.withheld, "entry", "entries") for f in feeds])


def _silent(feeds: tuple[FeedAnswer, ...]) -> str:
    return _about_each(feeds, [count(f.silent_days or 0, "day") for f in feeds])


def _about_each(feeds: tuple[FeedAnswer, ...], about: list[str]) -> str:
    names = _named(f.name for f in feeds)
    pairs = zip(names, about, strict=True)
    return _listed([f"{name} ({what})" if what else name for name, what in pairs])


def _named(names: Iterable[str]) -> list[str]:
    """Names of feeds and places. Their servers choose them: of any length, they would leave no
    room for a story."""
    return [_name(name) for name in names]


def _name(text: str) -> str:
    """A name as it stands in a line with others."""
    return isolated(clip(plain(text), MOST_SOURCE))


def _listed(texts: list[str]) -> str:
    """Texts in one line, as `_sorted` has them."""
    return "; ".join(_sorted(texts))


def _sorted(texts: list[str]) -> tuple[str, ...]:
    """Texts in alphabetical order; those beyond `MOST_FEEDS` are counted."""
    shown = sorted(texts, key=str.casefold)[:MOST_FEEDS]
    more = len(texts) - len(shown)
    return (*shown, f"and {more} more") if more else tuple(shown)
