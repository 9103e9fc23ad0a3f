"""The forms of an edition say the same, to people and to programs, and load nothing."""

from __future__ import annotations

import itertools
import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from quopri import encodestring

import pytest
from bs4 import BeautifulSoup
from justhtml import JustHTML
from support.colours import contrast
from support.editions import END, TEXTS, edition, feeds

from monitor.digests.render import as_json, bodies, for_reader, html, subject, text
from monitor.digests.standing import standing
from monitor.digests.view import direction
from monitor.digests.words import columns
from monitor.model import Accounting, Burst, Edition, FeedAnswer, Recipient, Window

DATA = Path(__file__).parent / "data"
SIZES = [0, 1, 30, 500]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "</title></style><!--",
    "x" * 5_000,
    "x",
    "وزراء الدفاع",
    "👩‍✈️" * 100,
]


def page(shown: Edition) -> BeautifulSoup:
    return BeautifulSoup(html(shown), "lxml")


@pytest.mark.parametrize("name", ["edition.txt", "edition.json"])
def test_an_edition_reads_as_it_stands_beside(name: str) -> None:
    """Four stories in four scripts, two cut, one feed failed, give the text and JSON in data/."""
    shown = edition(4, cut=2)
    made = (
        text(shown)
        if name.endswith("txt")
        else json.dumps(as_json(shown), indent=1, ensure_ascii=False)
    )
    assert made.strip() == (DATA / name).read_text(encoding="utf-8").strip()


def test_an_alert_never_tells_of_a_story_out_of_nothing() -> None:
    """An alert does not say "0 entries": its articles may have been read before its window."""
    alert = edition(1, entries=0)
    alert = replace(alert, accounting=replace(alert.accounting, matched=0))
    told = text(alert)
    assert re.search(r"^1 story from \d outlets?$", told, re.MULTILINE)
    assert standing(alert).statement == "1 story shown"
    assert "0 entries" not in told
    assert "none matched" not in told


@pytest.mark.parametrize("stories", SIZES)
def test_D02_text_and_html_carry_the_same(stories: int) -> None:
    """Text and HTML have the same titles in the same order, the same links and counts."""
    both = bodies(edition(stories))
    soup = BeautifulSoup(both.html, "lxml")
    titles = [heading.get_text() for heading in soup.find_all("h3")]
    flat = re.sub(r"\s+", "", both.text)
    places = [flat.find(f"{n}." + "".join(title.split())) for n, title in enumerate(titles, 1)]
    assert -1 not in places
    assert places == sorted(places)
    links = [a["href"] for a in soup.find_all("a")]
    assert sorted(links) == sorted(
        line.strip() for line in both.text.split("\n") if line.strip().startswith("http")
    )
    cut = re.search(r"([\d,]+) more stor(?:y|ies) matched", both.text)
    assert (cut[0] if cut else "") in soup.get_text()
    left = int(cut[1].replace(",", "")) if cut else 0
    assert len(titles) + left == stories


@pytest.mark.parametrize("stories", SIZES)
@pytest.mark.parametrize("title", ["", *HOSTILE[-4:]])
def test_D02_lines_of_the_text(stories: int, title: str) -> None:
    """No line has more than 78 columns, except those with addresses."""
    lines = text(edition(stories, title=title)).split("\n")
    assert all(columns(line) <= 78 for line in lines if "http" not in line)


@pytest.mark.parametrize("stories", SIZES)
@pytest.mark.parametrize("title", ["", "x" * 5_000, "Ж" * 300, "无人机" * 100])
def test_D20_the_page_is_never_clipped(stories: int, title: str) -> None:
    """The page has at most 90 KB as encoded for mail, however long titles are."""
    made = html(edition(stories, title=title)).encode()
    assert min(len(encodestring(made)), len(b64encode(made)) * 78 // 76) <= 90_000


def test_D20_the_usual_edition_is_whole() -> None:
    """A page of 30 stories with other reports leaves none out."""
    assert len(page(edition(30)).find_all("h3")) == 30


@pytest.mark.parametrize("title", HOSTILE)
def test_S74_text_from_outside_stays_text(title: str) -> None:
    """Text from outside becomes no element, attribute or template."""
    soup = page(edition(3, title=title, snippet=title))
    names = {element.name for element in soup.find_all()}
    assert names <= {
        "html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td",
        "div", "p", "h1", "h2", "h3", "a", "b", "span",
    }  # fmt: skip
    assert not [a for e in soup.find_all() for a in e.attrs if a.startswith("on")]
    assert soup.find("h3").get_text().removesuffix("…")[:30] in title


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example/"])
def test_D27_a_link_that_is_none_is_text(url: str) -> None:
    """The title is shown, without a link."""
    shown = edition(1, url=url)
    assert page(shown).find("h3").find("a") is None
    assert url not in text(shown)


def test_D26_nothing_is_loaded_from_outside() -> None:
    """The page has no image, font, frame, script or style sheet; only links name other hosts."""
    soup = page(edition(30))
    assert not soup.find_all(["img", "link", "script", "iframe", "object", "video", "base", "form"])
    assert not soup.find_all(src=True)
    made = html(edition(30))
    assert "url(" not in made
    assert "@import" not in made


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("Ministers agree on drones", "ar", ""),
        ("وزراء الدفاع يتفقون", "ar", "rtl"),
        ("وزراء الدفاع يتفقون", "en", "rtl"),
        ("NATO: وزراء الدفاع يتفقون على دوريات", "ar", "rtl"),
        ("2026", "he", "rtl"),
        ("2026", "en", ""),
    ],
)
def test_the_letters_of_a_text_say_how_it_runs(text: str, language: str, told: str) -> None:
    """The declared language decides only if there are no letters."""
    assert direction(text, language) == told


def test_D21_D24_the_page_is_built_for_mail_clients_and_readers() -> None:
    """The page has a language, a title, headings in order, layout tables only, inline styles."""
    soup = page(edition(9))
    assert soup.html["lang"] == "en"
    assert soup.title.get_text().startswith("Defence morning: 9 stories, 18 Oct 2024 · Alliance")
    levels = [int(heading.name[1]) for heading in soup.find_all(["h1", "h2", "h3"])]
    assert levels[0] == 1
    assert all(two - one <= 1 for one, two in itertools.pairwise(levels))
    assert all(table["role"] == "presentation" for table in soup.find_all("table"))
    assert all(element.get("style") for element in soup.find_all(["h1", "h2", "h3", "p"]))
    assert all(a.get_text().strip() for a in soup.find_all("a"))
    assert soup.find("h3", lang="ar")["dir"] == "rtl"


def test_D25_the_page_is_valid_html() -> None:
    """A parser that follows the standard to the letter finds no error."""
    JustHTML(html(edition(30, cut=3, late=True, failed=9)), strict=True)


def test_D23_both_modes_are_readable() -> None:
    """Every colour of text has a contrast of 4.5:1 with its own background or the card's."""
    template = Path("monitor/digests/templates/edition.html")
    source = (Path(__file__).parents[3] / template).read_text(encoding="utf-8")
    light, dark = source.split("@media (prefers-color-scheme: dark)")
    for rules, card in ((light, "#ffffff"), (dark, "#182029")):
        pairs = re.findall(r"\{([^{}]*?(?<![-\w])color: (#\w{6})[^{}]*)\}", rules)
        assert len(pairs) >= 8
        for block, colour in pairs:
            ground = re.search(r"background: (#\w{6})", block)
            assert contrast(colour, ground[1] if ground else card) >= 4.5, block
    assert '<meta name="color-scheme" content="light dark">' in html(edition(0))
    assert "prefers-color-scheme: dark" in html(edition(0))


def test_D28_each_story_says_what_who_when_and_why() -> None:
    """A story has source, host, time with zone, the words that matched (marked), other outlets."""
    shown = edition(2)
    soup, plain = page(shown), text(shown)
    assert [mark.get_text() for mark in soup.select("b.hit")] == ["drone", "Drohnen"]
    assert "*drone*" in plain
    flat = soup.get_text().replace("\u00a0", " ")
    for said in (
        "Harbour Gazette",
        "gazette.example",
        "Fri 18 Oct, 05:00 BST",
        "alliance",
        "Sea Wire 0",
    ):
        assert said in flat
        assert said in plain


def test_D28_the_words_that_matched_are_quoted() -> None:
    """Quotation marks tell the article's words from the title of the watchlist that found them.

    In the text they are ASCII: with others a mail is soon encoded as base64, which looks like spam.
    """
    assert 'NATO: "NATO", "alliance"\n' in text(edition(1))
    assert "“NATO”, “alliance”" in page(edition(1)).get_text()


def test_names_and_words_from_right_to_left_keep_their_order_in_a_line() -> None:
    """Else a host that begins with digits is shown before its outlet, and a list of words backwards
    with its quotation marks inside out."""
    shown = edition(1)
    story = shown.stories[0]
    words = ("نافال", "(NATO) ناتو")
    story = replace(
        story,
        lead=replace(story.lead, source="صحيفة", url="https://24.example/"),
        reasons={"nato": words},
    )
    section = replace(shown.sections[0], stories=(story,))
    made = replace(shown, sections=(section,))
    for told in (text(made), page(made).get_text()):
        assert "\u2068صحيفة\u2069 · 24.example · " in " ".join(told.split())
    assert "“\u2068نافال\u2069”, “\u2068(NATO) ناتو\u2069”" in page(made).get_text()


def test_titles_from_right_to_left_leave_numbers_behind_them() -> None:
    """Else the count of a section is shown before its title, as if it were another's."""
    shown = edition(2)
    sections = [
        replace(
            shown.sections[0], watchlist=name, title=title, stories=shown.sections[0].stories[:1]
        )
        for name, title in (("nato", "ناتو"), ("sea", "بحر 24"))
    ]
    burst = Burst(
        watchlist="sea", term="ناتو", stories=9, usual=1.0, burst=True, articles=(), why="9 stories"
    )
    made = replace(
        shown,
        sections=tuple(sections),
        titles={"nato": "ناتو", "sea": "بحر 24"},
        bursts=(burst, replace(burst, term="")),
    )
    for told in (text(made), page(made).get_text(" ")):
        told = " ".join(told.split())
        assert "\u2068ناتو\u2069 (1) · \u2068بحر 24\u2069 (1)" in told
        assert (
            "\u2068بحر 24\u2069, “\u2068ناتو\u2069”: 9 stories; \u2068بحر 24\u2069: 9 stories"
            in told
        )
    assert [h2.get_text() for h2 in page(made).find_all("h2")] == [
        "\u2068ناتو\u2069 · 1",
        "\u2068بحر 24\u2069 · 1",
    ]


def test_D31_a_number_and_the_subject_agree() -> None:
    """The subject counts the stories that did not fit; the summary tells both numbers."""
    shown = edition(4, cut=2)
    assert "6 stories" in subject(shown)
    assert "4 of 6 stories, from 4 outlets, out of 412 entries read" in text(shown)
    assert "4 of 6 stories, from 4 outlets" in page(shown).get_text()
    # A command in a sentence is quoted: most readers have never seen one.
    told = (
        "2 more stories matched but did not fit here: “monitor digests show morning 12” lists them"
    )
    assert told in " ".join(text(shown).split())
    nameless = replace(shown.stories[0], lead=replace(shown.stories[0].lead, source=""), others=())
    one = replace(shown, cut=0, sections=(replace(shown.sections[0], stories=(nameless,)),))
    assert "\n1 story, out of 412 entries read\n" in text(one)


def test_a_long_edition_begins_with_what_is_in_it() -> None:
    """With several watchlists, a line near the top says how many stories each has."""
    line = "NATO (2) · Drones (2) · Indo-Pacific (2)"
    assert line in text(edition(6))
    assert line in page(edition(6)).get_text()
    assert "NATO (1)" not in page(edition(1)).get_text()


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (edition(3), "Minister einigen sich auf gemeinsame Drohnenpatrouillen über der Ostsee · "),
        (edition(1), f"{TEXTS[0][1]}. The plan was first aired in March"),
        (edition(1, snippet=" "), "Fri 18 Oct 2024: 1 story from 1 outlet"),
        (edition(0, failed=0), "Fri 18 Oct 2024: Quiet: 412 entries read"),
        (edition(3, failed=9), "Blind: 9 of 13 feeds failed. "),
    ],
)
def test_D11_the_preview_goes_on_where_the_subject_ends(shown: Edition, told: str) -> None:
    """A mailbox shows it beside the subject, so it repeats neither the count nor the top title."""
    preview = page(shown).find("div").get_text().replace("\u00a0", " ")
    assert preview.startswith(told)
    assert len(preview) <= 300


def test_D21_outlook_keeps_the_column() -> None:
    """Outlook on Windows knows no max-width; a table that only it sees has a width instead."""
    made = html(edition(1))
    opened, closed = made.split("<!--[if mso]>")[1:]
    assert opened.startswith('<table role="presentation" align="center" width="640"')
    assert closed.startswith("</td></tr></table><![endif]-->")
    assert "mso-hide:all" in made


def test_what_is_said_at_the_top_of_an_empty_edition_is_not_said_again() -> None:
    """Without a story, one line says what was read; the footer does not repeat it."""
    assert text(edition(0)).count("412 entries read") == 1
    assert text(edition(0, failed=13)).count("412 entries read") == 1


def test_D28_a_word_inside_one_already_named_is_not_named_again() -> None:
    """At most four words tell why a story is there."""
    shown = edition(1)
    words = ("NATO summit", "NATO", "envoy", "Rutte", "fleet", "radar")
    story = replace(shown.stories[0], reasons={"nato": words})
    section = replace(shown.sections[0], stories=(story,))
    told = text(replace(shown, sections=(section,)))
    assert 'NATO: "NATO summit", "envoy", "Rutte", "fleet"\n' in told


def test_D31_the_footer_says_why_and_what_was_seen() -> None:
    """The footer has the window in the digest's zone, failed and silent feeds, how to stop."""
    plain = " ".join(text(edition(1)).split())
    for said in (
        "Window: Thu 17 Oct, 07:00 BST to Fri 18 Oct, 07:00 BST (Europe/London)",
        "412 entries read, 3 matched, 1 story shown",
        "12 of 13 feeds answered, 1 failed, 1 silent",
        "Harbour Gazette 0 (timed out after 20 s)",
        "Harbour Gazette 12 (41 days)",
        "recipient of the digest “morning”. To change or stop it",
    ):
        assert said in plain


STOP = "https://news.example/stop/token-of-this-reader?a=1&b=2"


def test_D31_the_last_words_name_the_readers_own_address_for_unsubscribing() -> None:
    """Only the last such words do, even if a title has them; the header has the address too."""
    said = "To change or stop it, write to the people who run this monitor."
    shown = edition(3)
    (first, *rest) = shown.stories
    titled = replace(first, lead=replace(first.lead, title=said))
    shown = replace(shown, sections=(replace(shown.sections[0], stories=(titled, *rest)),))
    plain = bodies(shown)
    made = for_reader(plain, STOP)
    assert made.text == plain.text.rstrip("\n") + f"\nTo stop it at once:\n{STOP}"
    assert made.stop == STOP
    page = BeautifulSoup(made.html, "lxml")
    (link,) = page.find_all("a", href=STOP)
    assert link.parent.get_text().endswith(f"{said} Stop it at once.")
    assert for_reader(plain, "") == plain


def test_D31_other_last_words_of_the_user_stay_as_they_are() -> None:
    """A user's own template without ours says what its author wants; the header has the address."""
    made = bodies(edition(1), {"edition.txt": "Ends.", "edition.html": "<p>Ends.</p>"})
    assert for_reader(made, STOP) == replace(made, stop=STOP)


def test_D31_an_alert_tells_no_sums_of_the_seconds_in_its_window() -> None:
    """An alert's stories were read before its window, so its footer has no sums of entries."""
    shown = edition(2)
    books = replace(shown.accounting, entries=0, articles=0, matched=0)
    window = Window(END - timedelta(seconds=5), END)
    plain = " ".join(text(replace(shown, accounting=books, window=window, zone="UTC")).split())
    assert "2 stories from 2 outlets NATO (1)" in plain
    assert "Window: Fri 18 Oct, 06:00 UTC Feeds:" in plain
    assert "entries read" not in plain


def test_D11_the_subject_of_a_story_without_a_title_ends_with_the_date() -> None:
    assert subject(edition(1, title="\t")).endswith("18 Oct 2024")


def test_quiet_is_not_blind() -> None:
    """ "Quiet" (nothing matched) and "Blind" (we could not see) differ, and Blind has a banner."""
    quiet, blind = edition(0), edition(0, failed=9)
    assert "Quiet: 412 entries read, none matched" in text(quiet)
    assert not page(quiet).select(".blind")
    assert "Blind: 9 of 13 feeds failed" in page(blind).select_one(".blind").get_text()
    assert "!! Blind: 9 of 13 feeds failed." in text(blind)
    assert subject(blind).startswith("Blind: ")
    assert page(edition(3, failed=9)).select(".blind")


def test_what_was_read_is_not_said_to_be_of_feeds_that_there_are_not() -> None:
    """If all feeds failed, the entries are not said to be those of "the others"."""
    assert "Blind: 13 of 13 feeds failed; 412 entries read, none matched" in " ".join(
        text(edition(0, failed=13)).split()
    )


@pytest.mark.parametrize(
    ("failed", "total", "blind"), [(0, 13, False), (6, 13, False), (7, 13, True), (1, 1, True)]
)
def test_blind_means_half_of_the_feeds(failed: int, total: int, blind: bool) -> None:
    """One failing feed of thirteen is a line in the footer, seven are blindness."""
    shown = replace(edition(0), accounting=Accounting(feeds=feeds(failed, total)))
    assert bool(standing(shown).blind) is blind


def test_one_failure_among_the_few_asked_for_an_alert_is_not_blindness() -> None:
    """Most feeds are not asked in a window of a minute, and this is not reported either."""
    asked = (FeedAnswer(name="A", polls=1, failed=1), *(FeedAnswer(name=f"B{n}") for n in range(9)))
    shown = replace(
        edition(1),
        accounting=Accounting(feeds=asked),
        window=Window(edition(1).window.end - timedelta(minutes=1), edition(1).window.end),
    )
    assert standing(shown).blind == ""
    assert "Not polled" not in text(shown)


def test_feeds_not_asked_for_a_day_are_named() -> None:
    """The edition names the feeds whose news it cannot have seen."""
    shown = replace(edition(1), accounting=Accounting(feeds=(*feeds(0), FeedAnswer(name="Z"))))
    assert "Not polled: Z" in text(shown)
    gone = FeedAnswer(name="Z", why="410: gone for good")
    shown = replace(edition(1), accounting=Accounting(feeds=(*feeds(0), gone)))
    assert "Not polled: Z (410: gone for good)" in text(shown)


def test_blind_when_no_feed_was_asked_in_a_long_window() -> None:
    """In a long window it means that nothing ran; in a window of a minute it means nothing."""
    shown = replace(edition(0), accounting=Accounting(feeds=(FeedAnswer(name="A"),)))
    assert standing(shown).blind == "none of 1 feed was asked"
    short = Window(shown.window.end - timedelta(minutes=1), shown.window.end)
    assert standing(replace(shown, window=short)).blind == ""


def test_F100_a_late_edition_says_so() -> None:
    """A late edition says so in text and HTML."""
    assert "Late: the monitor was not running" in text(edition(1, late=True))
    assert "Late" in page(edition(1, late=True)).get_text()


@pytest.mark.parametrize("title", ["", *HOSTILE, "a\r\nBcc: x"])
def test_D11_the_subject(title: str) -> None:
    """The subject has at most 120 characters, no controls, and the count in the first 50."""
    shown = replace(edition(12, title=title), title=title or "Defence morning")
    line = subject(shown)
    assert len(line) <= 120
    assert line.isprintable() or "\u200d" in line
    assert "12 stories" in line[:50]


@pytest.mark.parametrize(("stories", "cut"), [(4, 2), (500, 0), (500, 70), (30, 0)])
def test_D11_D02_the_subject_and_the_head_count_the_same_stories(stories: int, cut: int) -> None:
    """The subject counts all stories, and where some are cut the head says how many are shown."""
    shown = edition(stories, cut=cut)
    made = bodies(shown)
    soup = BeautifulSoup(made.html, "lxml")
    titles = len(soup.find_all("h3"))
    of = f"{titles:,} of {stories + cut:,} stories," if titles < stories + cut else "30 stories"
    assert f"{stories + cut:,} stories" in made.subject
    for head in (soup.select_one(".sum").get_text(), " ".join(made.text.split())):
        assert f"{of} from" in head


def test_D11_an_edition_of_which_nothing_fits_is_not_said_to_be_empty() -> None:
    assert "3 stories" in subject(edition(0, cut=3))


def test_stories_of_which_most_are_cut_are_not_told_out_of_fewer_entries() -> None:
    """40 matches in a short window are no sum of 90 stories, even if only 30 are shown."""
    alert = edition(30, cut=60, entries=40)
    alert = replace(alert, accounting=replace(alert.accounting, matched=40))
    assert "40 entries" not in text(alert)


@pytest.mark.parametrize("text", ["&" * 5_000, "😀" * 5_000])
def test_what_servers_say_of_themselves_leaves_room_for_stories(text: str) -> None:
    """No name of a feed and no reason of a failure is so long that an edition cannot go out."""
    shown = edition(2)
    answers = [
        replace(one, name=f"{number}{text}", withheld=number % 2)
        for number, one in enumerate(feeds(30, 60, why=text))
    ]
    silent = [replace(one, silent_days=50) for one in answers[30:]]
    books = replace(shown.accounting, feeds=(*answers[:30], *silent))
    made = bodies(replace(shown, accounting=books))
    assert made.html.count("https://gazette.example/world/2024/10/18/story-") >= 2
    assert "(50 days)" in made.text


def test_json_is_plain_and_whole() -> None:
    """The JSON has all stories, also those for which a mail has no room, and no recipient."""
    data = json.loads(json.dumps(as_json(edition(500))))
    assert sum(len(section["stories"]) for section in data["sections"]) == 500
    assert data["accounting"]["blind"] is False
    assert str(Recipient("email", "a@b.example")) not in json.dumps(data)
