"""The values that pages show lose nothing, and mark nothing that did not match."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from support.values import HOUR, NOW, article

from monitor.digests.words import isolated, plain, same_length
from monitor.feeds.condition import Condition, Finding
from monitor.model import Feed, Message, Polling, Recipient
from monitor.pipeline.desk import Unseen
from monitor.pipeline.feeds_judged import Told
from monitor.store.feeds import FeedStatus
from monitor.store.holds import Hold
from monitor.store.stories import Assigned
from monitor.web import views
from monitor.web.pages import TEMPLATES

TEXTS = st.text(st.sampled_from("ab <>&\"'\n\u202e\x00é船🚢") | st.characters(), max_size=60)
SPANS = st.lists(
    st.tuples(st.integers(-5, 70), st.integers(-5, 70), st.sampled_from(["nato", "drones"])),
    max_size=8,
)


@given(TEXTS, SPANS)
def test_the_runs_are_the_text_and_each_span_is_marked(
    text: str, spans: list[tuple[int, int, str]]
) -> None:
    """Each character appears once, in place; a run has a name exactly where its span lies."""
    runs = views.marked(text, spans)
    assert "".join(run for run, _ in runs) == "\n".join(
        same_length(line) for line in text.split("\n")
    )
    at = 0
    for run, names in runs:
        for place in range(at, at + len(run)):
            inside = {name for start, end, name in spans if max(start, 0) <= place < end}
            assert set(filter(None, names.split(", "))) == inside
        at += len(run)


@given(TEXTS, SPANS)
def test_paragraphs_keep_all_words_and_marks(text: str, spans: list[tuple[int, int, str]]) -> None:
    """Everything that is not blank is in a paragraph, and marked there as it was."""
    shown = views.paragraphs(text, spans)
    flat = [(letter, names) for runs in shown for run, names in runs for letter in run]
    whole = [(letter, names) for run, names in views.marked(text, spans) for letter in run]
    assert [one for one in flat if not one[0].isspace()] == [
        one for one in whole if not one[0].isspace()
    ]


@given(TEXTS)
def test_S50_whatever_is_placed_is_read_back_as_text(text: str) -> None:
    """In elements and attributes the letters stay, and no element, control or override appears."""
    # Of blanks alone the parser keeps one, except in a <pre>.
    page = TEMPLATES.from_string('<pre title="{{ text }}">{{ text }}</pre>').render(text=text)
    soup = BeautifulSoup(page, "html.parser")
    assert [tag.name for tag in soup.find_all(True)] == ["pre"]
    assert soup.pre is not None
    assert soup.pre.get_text() == soup.pre["title"] == same_length(text)
    kinds = {unicodedata.category(letter) for letter in page}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}


@given(TEXTS)
def test_names_set_apart_are_elements_of_their_own(text: str) -> None:
    """What stands in a line with others keeps its direction to itself; no mark of it is left."""
    page = TEMPLATES.from_string("<pre>{{ text|apart }}</pre>").render(
        text=f"by {isolated(plain(text + 'א'))} · 24.example"
    )
    soup = BeautifulSoup(page, "html.parser")
    assert {tag.name for tag in soup.find_all(True)} <= {"pre", "bdi"}
    assert soup.bdi is not None
    assert soup.get_text() == f"by {plain(text + 'א')} · 24.example"


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 40))
def test_each_match_of_the_time_is_in_its_day(ages: list[int], number: int) -> None:
    """The days sum up to all matches shown, today is the last, and no bar leaves the picture."""
    moments = [NOW - timedelta(days=age) for age in ages]
    shown = views.days(moments, NOW, number)
    assert len(shown) == number
    assert shown[-1].day == NOW.date()
    assert sum(one.matches for one in shown) == sum(age < number for age in ages)
    assert all(one.y >= 0 and one.y + one.height <= views.TALL + 0.1 for one in shown)


# ----------------------------------------------------------------------------------- the strip


def feed(name: str, *conditions: Condition, asked: bool = True) -> Told:
    polling = Polling(feed=Feed(url=f"https://{name}.example/", name=name))
    polling = Polling(feed=polling.feed, last_polled=NOW if asked else None)
    values = ("settings", "", NOW + HOUR, "", "new", "", 200, 1, 0, 1, 1)
    return Told(FeedStatus(polling, *values), tuple(Finding(one, "why") for one in conditions))


CALM = Unseen(
    feeds=2,
    worrying=(),
    asked=NOW,
    overdue=None,
    unreadable=0,
    unread=(),
    waiting=0,
    ended=(),
    stuck=(),
    suspended={},
    held=None,
)
"""Nothing is missing."""


def test_when_nothing_is_missing_one_calm_line_says_so() -> None:
    (line,) = views.strip(CALM)
    assert line.level == "good"
    assert line.text == (
        "Nothing is known to be missing: 2 feeds are sound, every entry was read, "
        "every message went out."
    )


@pytest.mark.parametrize(
    ("changes", "level", "text"),
    [
        ({"held": Hold(1, NOW, NOW)}, "bad", "Nothing is sent: the database was restored"),
        ({"feeds": 0}, "bad", "No feed is polled"),
        (
            {"overdue": NOW - HOUR},
            "bad",
            "The feeds are not being polled: the last poll was at Fri 18",
        ),
        (
            {"overdue": NOW, "asked": None},
            "bad",
            "The feeds are not being polled: there was none yet",
        ),
        ({"worrying": (feed("x", Condition.GONE),)}, "bad", "1 of 2 feeds may bring nothing"),
        ({"worrying": (feed("x", Condition.CHANGED),)}, "bad", "1 of 2 feeds may bring nothing"),
        ({"worrying": (feed("x", Condition.STALE),)}, "warn", "1 of 2 feeds answers but has had"),
        ({"worrying": (feed("x", Condition.FALTERING),)}, "warn", "1 of 2 feeds failed recently"),
        (
            {"worrying": (feed("x", asked=False),)},
            "warn",
            "1 of 2 feeds has not been polled yet: x.",
        ),
        ({"unreadable": 1, "unread": (("a", "b"),)}, "warn", "1 entry of this window could not"),
        ({"waiting": 2}, "warn", "2 entries wait to be read."),
        ({"stuck": [("slack:x", NOW, "404")]}, "bad", "1 message waits to be tried again."),
        ({"suspended": {"email:a@b.example": "no"}}, "bad", "1 recipient is sent nothing."),
    ],
)
def test_each_thing_that_is_missing_has_its_line(
    changes: dict[str, object], level: str, text: str
) -> None:
    (line,) = views.strip(replace(CALM, **changes))
    assert line.level == level
    assert line.text.startswith(text)


def test_what_is_worst_stands_first() -> None:
    lines = views.strip(replace(CALM, waiting=3, stuck=[("slack:x", NOW, "404")]))
    assert [line.level for line in lines] == ["bad", "warn"]


# ------------------------------------------------------------------------------------- stories


def assigned(number: int, text: str, hours: int, duplicate_of: int | None = None) -> Assigned:
    told = article(
        number, id=number, text=text, published=NOW + hours * HOUR, source=f"Outlet {number}"
    )
    why = {"why": f"shares words {number}", "score": 1.0}
    return Assigned(told, 1, duplicate_of, why)


def test_a_story_tells_of_each_report_whose_text_it_has_and_what_it_added() -> None:
    """Reports are in order of publication; a copy names its original, a correction its sentence."""
    own = " ".join(f"word{number}" for number in range(200))
    first = f"The frigate left port with 120 sailors on Monday, the navy said. {own}."
    later = "Correction: an earlier report gave a wrong number; 90 sailors are on board. " * 3
    members = [assigned(3, later, 2), assigned(1, first, 0), assigned(2, first, 1, duplicate_of=1)]
    also = {1: ("Harbour Post",)}
    page = views.story(1, members, {}, ["A person said so."], NOW + 3 * HOUR, also)
    assert [one.id for one in page.reports] == [1, 2, 3]
    assert page.reports[1].origin.startswith("wire copy")
    assert page.reports[1].taken_from == ((1, "Outlet 1"),)
    assert [one.also for one in page.reports] == ["also in feeds of Harbour Post", "", ""]
    arabic = views.story(1, members, {}, [], NOW + 3 * HOUR, {1: ("صحيفة", "Harbour Post")})
    shown = TEMPLATES.get_template("story.html").render(view=arabic, titles={}, now=NOW)
    assert "also in feeds of <bdi>صحيفة</bdi>, Harbour Post" in shown
    kind, sentence = page.reports[2].development
    assert kind == "correction"
    assert sentence.startswith("Correction: an earlier report")
    assert [one.why for one in page.reports] == [f"shares words {n}" for n in (1, 2, 3)]
    assert [bool(one.pieces) for one in page.reports] == [True, True, False]  # not the same twice
    assert sum(one.lead for one in page.reports) == 1
    assert "3 reports" in page.summary


def test_of_a_single_report_nothing_is_said_twice() -> None:
    """It is of one outlet, at one time."""
    page = views.story(1, [assigned(1, "A text.", 0)], {}, (), NOW, {})
    assert page.summary.replace("\u00a0", " ") == (
        "new · 1 report · 1 outlet · Fri 18 Oct, 06:00 UTC"
    )


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("feed", "the feed"),
        ("summary", "the feed's summary"),
        ("page:json-ld", "the page (json-ld)"),
        ("copied", "copied"),
        ("", None),
    ],
)
def test_where_a_text_comes_from_is_said_in_words(method: str, told: str | None) -> None:
    assert dict(views.article(article(1, method=method), ()).facts).get("Text from") == told


@pytest.mark.parametrize(
    ("why", "veto", "apart"),
    [
        ("shares words 1", "not of story 4: other places", "not of story 4: other places"),
        ("like story 4 (score 0.48), but other places", "not of story 4: other places", ""),
        ("shares words 1", "", ""),
    ],
)
def test_what_kept_a_report_out_of_another_story_is_said_once(
    why: str, veto: str, apart: str
) -> None:
    one = replace(assigned(1, "A text.", 0), why={"why": why, "veto": veto})
    (report,) = views.story(1, [one], {}, (), NOW, {}).reports
    assert (report.why, report.apart) == (why, apart)


def test_of_a_very_long_story_only_what_is_stored_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "COMPARED", 1)
    members = [assigned(1, "A text. " * 50, 0), assigned(2, "A text. " * 50, 1, duplicate_of=1)]
    page = views.story(1, members, {}, (), NOW, {})
    assert not page.compared
    assert page.reports[1].taken_from == ((1, "Outlet 1"),)
    assert "2 outlets" in page.summary


def test_reports_that_are_left_out_are_counted_with_where_they_stand() -> None:
    members = [assigned(number, "A text. " * 50, number) for number in (1, 2)]
    later = [assigned(number, "", number).article for number in (3, 4, 5)]
    page = views.story(1, members, {}, (), NOW + 6 * HOUR, {}, later)
    assert [one.id for one in page.reports] == [1, 2]
    assert page.left_out == "3 later reports"
    assert "5 reports" in page.summary
    assert "5 outlets" in page.summary
    assert views.story(1, members, {}, (), NOW, {}).left_out == ""


# ------------------------------------------------------------------------------------ messages


def message(content_type: str, body: bytes) -> Message:
    return Message(
        recipient=Recipient("email", "a@b.example"),
        id="x",
        subject="s",
        content_type=content_type,
        body=body,
    )


def test_of_a_mail_the_html_is_shown_else_its_text() -> None:
    mail = EmailMessage()
    mail.set_content("As text: é")
    assert views.body(message("message/rfc822", mail.as_bytes())) == views.Body("", "As text: é\n")
    mail.add_alternative("<p>As HTML: é</p>", subtype="html")
    assert views.body(message("message/rfc822", mail.as_bytes())).html.strip() == (
        "<p>As HTML: é</p>"
    )


@given(st.binary(max_size=300))
def test_no_bytes_of_a_message_make_it_fail(content: bytes) -> None:
    for kind in ("message/rfc822", "application/json", "text/plain"):
        shown = views.body(message(kind, content))
        assert not (shown.html and shown.text)


def test_times_are_told_in_utc() -> None:
    at = datetime(2024, 10, 18, 6, 12, tzinfo=UTC)
    assert views.moment(at) == "Fri 18 Oct, 06:12\u00a0UTC"
    assert views.exactly(at) == "2024-10-18 06:12"
    assert views.moment(None) == views.exactly(None) == "-"
