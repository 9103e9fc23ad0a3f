"""An edition as text, HTML and JSON: the bodies that channels wrap.

Templates run in Jinja2's sandbox, those of HTML with autoescape; they place the words of `view` and
decide nothing. HTML is written for mail clients: tables, inlined styles, nothing loaded from
outside. A user's own template replaces ours; if it fails, the edition goes out with ours.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from quopri import encodestring
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from css_inline import CSSInliner
from jinja2 import PackageLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from monitor.digests.standing import standing
from monitor.digests.view import StoryView, View, alarm_words, view
from monitor.digests.words import clip, count, plain, wrap
from monitor.model import Development, Edition, EditionArticle, EditionStory, utc_text

T = TypeVar("T")

HTML_LIMIT = 90_000
"""Most octets of the HTML as encoded in a mail; Gmail clips messages at about 102,000."""
SUBJECT_LIMIT = 120

_TITLE_LIMIT = 36
_PREHEADER_LIMIT = 300
_NEXT_TITLES = 5
_TO_STOP = "To change or stop it, write to the people who run this monitor."
_GOODBYE = f"You receive this as a recipient of the digest “{{name}}”. {_TO_STOP}"
_TO_STOP_WRAPPED = re.compile(r"\s+".join(map(re.escape, _TO_STOP.split())))

_ALARMED = "You receive this because [alarms] in the settings of this monitor names you."


def _environment(autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("monitor.digests"),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrap"] = wrap
    environment.filters["marked"] = _marked
    return environment


def _marked(pieces: tuple[tuple[str, bool], ...]) -> str:
    """A snippet for plain text, with matched words between asterisks."""
    return "".join(f"*{text}*" if marked else text for text, marked in pieces)


_HTML = _environment(autoescape=True)
_TEXT = _environment(autoescape=False)
_PAGES: Mapping[str, ImmutableSandboxedEnvironment] = MappingProxyType(
    {"edition.html": _HTML, "edition.txt": _TEXT}
)
_NONE: Mapping[str, str] = MappingProxyType({})
_INLINER = CSSInliner(minify_css=True, load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """Everything a channel needs to wrap an edition; only `stop` differs between recipients."""

    subject: str
    text: str
    html: str
    data: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    """What was wrong with the user's own templates; ours were used instead."""
    stop: str = ""
    """The address at which this recipient unsubscribes with one click; empty: none."""


def bodies(edition: Edition, templates: Mapping[str, str] = _NONE) -> Bodies:
    """All forms of an edition. Text and HTML carry the same stories, links and counts (D02).

    `templates` are the user's own, by the names of ours: "edition.html", "edition.txt". They can
    use `view` (`digests.view.View`) and `goodbye`, the HTML also `subject` and `preheader`. Where
    one uses an undefined name or fails otherwise, ours is used, and there is a warning (D33).
    """
    (short, page), of_page = _ours_or_own(
        "edition.html", templates, lambda template: _fitted(edition, template)
    )
    words, of_text = _ours_or_own("edition.txt", templates, lambda template: _text(short, template))
    unknown = [f"template {name}: we have none of that name" for name in templates.keys() - _PAGES]
    return Bodies(
        subject=subject(edition),
        text=words,
        html=page,
        data=as_json(edition),
        warnings=(*sorted(unknown), *of_page, *of_text),
    )


def for_reader(made: Bodies, stop: str) -> Bodies:
    """The bodies for a reader with an address of his own for unsubscribing: the last words name it.

    Unless the user's own template has other last words; then only a mail's header names it.
    """
    if not stop:
        return made
    link = f'<a href="{escape(stop)}" style="color:inherit">Stop it at once</a>'
    return replace(
        made,
        text=_after_last(_TO_STOP_WRAPPED, made.text, f"\nTo stop it at once:\n{stop}"),
        html=_after_last(_TO_STOP_WRAPPED, made.html, f" {link}."),
        stop=stop,
    )


def _after_last(pattern: re.Pattern[str], text: str, more: str) -> str:
    """The text with something more after the last place that the pattern matches."""
    ends = [found.end() for found in pattern.finditer(text)]
    return f"{text[: ends[-1]]}{more}{text[ends[-1] :]}" if ends else text


def text(edition: Edition) -> str:
    """Self-contained plain text in lines of at most 78 columns, except for addresses."""
    return _text(edition, _TEXT.get_template("edition.txt"))


def html(edition: Edition) -> str:
    """A page for mail clients, encoded at most `HTML_LIMIT` octets; it counts stories left out."""
    return _fitted(edition, _HTML.get_template("edition.html"))[1]


def _ours_or_own(
    name: str, templates: Mapping[str, str], use: Callable[[Template], T]
) -> tuple[T, tuple[str, ...]]:
    """What the user's template renders; if it fails, what ours renders, and a warning."""
    ours = _PAGES[name]
    warnings: tuple[str, ...] = ()
    if name in templates:
        strict = ours.overlay(undefined=StrictUndefined)
        try:
            return use(strict.from_string(templates[name])), ()
        except Exception as error:  # whatever a user's template does wrong, the edition goes out
            line = getattr(error, "lineno", None)
            where = f"template {name}, line {line}" if line else f"template {name}"
            what = plain(str(error)) or type(error).__name__
            warnings = (f"{where}: {clip(what, 300)}; the built-in one was used",)
    return use(ours.get_template(name)), warnings


def entry_html(story: StoryView) -> str:
    """One story for a feed reader, in plain elements that every reader keeps."""
    return _HTML.get_template("entry.html").render(story=story)


def subject(edition: Edition) -> str:
    """Digest, count, date and the top title: at most 120 code points, no control characters."""
    name = clip(plain(edition.title), _TITLE_LIMIT)
    local = edition.window.end.astimezone(ZoneInfo(edition.zone))
    blind = "Blind: " if standing(edition).blind else ""
    stories = edition.stories
    told = len(stories) + edition.cut
    what = count(told, "story", "stories") if told else "nothing new"
    what = alarm_words(edition) or what
    line = f"{blind}{name}: {what}, {local.day} {local:%b %Y}"
    top = plain(stories[0].lead.title) if stories else ""
    return clip(f"{line} · {top}" if top else line, SUBJECT_LIMIT)


def as_json(edition: Edition) -> dict[str, Any]:
    """The whole edition as plain values; docs/design/delivery.md describes the shape."""
    books, state = edition.accounting, standing(edition)
    return {
        "digest": edition.digest,
        "title": edition.title,
        "number": edition.number,
        "window": {
            "start": utc_text(edition.window.start),
            "end": utc_text(edition.window.end),
            "late": edition.window.late,
        },
        "zone": edition.zone,
        "sections": [
            {
                "watchlist": section.watchlist,
                "title": section.title,
                "stories": [_story(story) for story in section.stories],
            }
            for section in edition.sections
        ],
        "cut": edition.cut,
        "repeated": edition.repeated,
        "bursts": [asdict(burst) | {"articles": list(burst.articles)} for burst in edition.bursts],
        "failing": [asdict(one) | {"since": utc_text(one.since)} for one in edition.failing],
        "mended": list(edition.mended),
        "worries": [asdict(one) | {"since": utc_text(one.since)} for one in edition.worries],
        "speaking": list(edition.speaking),
        "restored": _time(edition.restored),
        "accounting": {
            "statement": state.statement,
            "blind": bool(state.blind),
            "entries": books.entries,
            "articles": books.articles,
            "matched": books.matched,
            "unreadable": books.unreadable,
            "feeds": [asdict(feed) for feed in books.feeds],
        },
    }


def _goodbye(edition: Edition) -> str:
    return _ALARMED if edition.is_alarm else _GOODBYE.format(name=plain(edition.regular))


def _text(edition: Edition, template: Template) -> str:
    return template.render(view=view(edition), goodbye=_goodbye(edition))


def _page(edition: Edition, template: Template) -> str:
    shown = view(edition)
    page = template.render(
        view=shown,
        subject=subject(edition),
        preheader=_preheader(shown),
        goodbye=_goodbye(edition),
    )
    return _INLINER.inline(page)


def _preheader(shown: View) -> str:
    """What a mailbox shows after the subject, which has the count, the date and the top title.

    The reason for an alarm or a warning; else the next titles; for one story, how it begins.
    """
    stories = [story for section in shown.sections for story in section.stories]
    titles = [story.title for story in stories[1:_NEXT_TITLES]]
    snippet = "".join(text for text, _ in stories[0].pieces) if len(stories) == 1 else ""
    said = "; ".join(shown.warnings) or " · ".join(titles) or snippet.strip()
    return clip(said or f"{shown.date}: {shown.summary}", _PREHEADER_LIMIT)


def _fitted(edition: Edition, template: Template) -> tuple[Edition, str]:
    """The edition with as many stories as fit into a mail, and its page.

    The number is found by bisection, since pages grow with their stories. Raises ValueError if a
    template alone is longer than a mail may be.
    """
    page = _page(edition, template)
    if _encoded(page) <= HTML_LIMIT:
        return edition, page
    if _encoded(_page(_first(edition, 0), template)) > HTML_LIMIT:
        raise ValueError(f"the page has more than {HTML_LIMIT:,} octets before any story")
    low, high = 0, len(edition.stories)
    while high - low > 1:
        middle = (low + high) // 2
        if _encoded(_page(_first(edition, middle), template)) <= HTML_LIMIT:
            low = middle
        else:
            high = middle
    short = _first(edition, low)
    return short, _page(short, template)


def _first(edition: Edition, number: int) -> Edition:
    """The edition with its first `number` stories only; the others are counted as cut."""
    left = number
    sections = []
    for section in edition.sections:
        stories = section.stories[:left]
        left -= len(stories)
        if stories:
            sections.append(replace(section, stories=stories))
    return replace(
        edition,
        sections=tuple(sections),
        cut=edition.cut + len(edition.stories) - number,
    )


def _encoded(page: str) -> int:
    """Octets in the shorter of the two transfer encodings (RFC 2045 §6), lines ended by CRLF."""
    raw = page.encode()
    quoted = encodestring(raw)
    return min(len(quoted) + quoted.count(b"\n"), len(b64encode(raw)) * 78 // 76)


def _story(story: EditionStory) -> dict[str, Any]:
    return {
        "id": story.id,
        "title": story.lead.title,
        "score": story.score,
        "update": story.update,
        "development": _development(story.development),
        "outlets": story.outlets,
        "independent": story.independent,
        "first_reported": _time(story.first_reported),
        "reasons": {name: list(words) for name, words in story.reasons.items()},
        "lead": _article(story.lead),
        "others": [_article(article) for article in story.others],
    }


def _development(new: Development | None) -> dict[str, Any] | None:
    if new is None:
        return None
    return {
        "kind": new.kind,
        "article": new.article_id,
        "sentence": new.sentence,
        "new": list(new.new),
    }


def _article(article: EditionArticle) -> dict[str, Any]:
    snippet = article.snippet
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "at": _time(article.at),
        "language": article.language,
        "duplicate": article.duplicate,
        "also": list(article.also),
        "snippet": snippet.text if snippet else "",
        "marks": [list(mark) for mark in snippet.marks] if snippet else [],
    }


def _time(time: datetime | None) -> str | None:
    return utc_text(time) if time else None
