"""When an alarm is made, and what it says."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from support.editions import END

from monitor.channels import discord, slack, teams
from monitor.digests import alarm
from monitor.digests.render import bodies
from monitor.model import Failing, Recipient, Window, Worry

SLACK = Failing(place="slack:desk", since=END - timedelta(hours=2), why="404 no_service")
MAIL = Failing(place="email", since=END - timedelta(hours=1), why="535 <wrong> password")


@pytest.mark.parametrize(
    ("failing", "told", "reached", "said"),
    [
        ([], [], (), None),
        ([SLACK], [], (), ((SLACK,), ())),
        ([SLACK], [SLACK], (), None),
        ([SLACK, MAIL], [SLACK], (), ((SLACK, MAIL), ())),
        ([], [SLACK], (), None),
        ([], [SLACK], ("slack:desk",), ((), ("slack:desk",))),
        ([SLACK], [SLACK], ("slack:desk",), None),
        ([MAIL], [SLACK], (), ((MAIL, SLACK), ())),
        ([MAIL], [SLACK], ("slack:desk",), ((MAIL,), ("slack:desk",))),
    ],
)
def test_F83_an_alarm_speaks_of_what_is_new_alone(
    failing: list[Failing],
    told: list[Failing],
    reached: tuple[str, ...],
    said: tuple[tuple[Failing, ...], tuple[str, ...]] | None,
) -> None:
    """A place is reported once when it fails and once when it gets messages again.

    Giving up its messages does not mend it.
    """
    found = alarm.places(failing, told, reached, {"slack:desk", "email"})
    assert ((found.failing, found.mended) if found.is_news else None) == said


def test_F83_an_alarm_does_not_go_on_about_a_place_that_the_settings_name_no_more() -> None:
    """A place that the settings no longer name is forgotten unless a message waits for it."""
    assert alarm.places([MAIL], [SLACK], (), {"email"}) == alarm.Places((MAIL,), (), True)
    assert alarm.places([SLACK], [SLACK], (), {"email"}) == alarm.Places((SLACK,), (), False)
    assert alarm.places([], [SLACK], (), {"email"}) == alarm.Places()


def test_F83_an_alarm_says_where_since_when_and_why_in_every_form() -> None:
    """The alarm's data has the failing places too; the next alarm is made from it."""
    made = bodies(
        alarm.edition(
            alarm.Places((SLACK, MAIL), ("webhook:x",)),
            alarm.Feeds(),
            3,
            Window(END - timedelta(days=1), END),
        )
    )
    assert made.subject == (
        "Alarm: 2 places get no messages; webhook:x gets messages again, 18 Oct 2024"
    )
    told = "slack:desk has received nothing since Fri 18 Oct, 04:00 UTC: 404 no_service"
    words = " ".join(made.text.split()).replace("\u00a0", " ")
    assert told in words
    assert "Working again: webhook:x" in words
    assert "535 <wrong> password" in words
    assert "535 &lt;wrong&gt; password" in made.html
    assert "Quiet" not in made.text + made.html
    assert alarm.told_by(json.loads(json.dumps(made.data))) == [SLACK, MAIL]


def test_F83_each_failing_place_has_a_line_of_its_own_in_every_form() -> None:
    """However many places fail, each is found at a glance, and no channel leaves one out."""
    places = [
        Failing(place=f"slack:desk-{n}", since=END, why="404 no_service " * 20) for n in range(15)
    ]
    shown = alarm.edition(
        alarm.Places(tuple(places), ()), alarm.Feeds(), 3, Window(END - timedelta(days=1), END)
    )
    made = bodies(shown)
    told = re.findall(r"^!! slack:desk-\d+ has received nothing", made.text, re.MULTILINE)
    assert len(told) == 15
    soup = BeautifulSoup(made.html, "lxml")
    assert len(soup.select("p.blind")) == 15
    assert "What to do" in soup.select_one(".told").get_text()
    assert not soup.select(".foot")
    for channel, settings in (
        (slack, {"webhook": "https://hooks.slack.com/services/T0/B0/made-up"}),
        (teams, {"url": "https://teams.example/hook"}),
        (discord, {"url": "https://discord.example/hook"}),
    ):
        sent = channel.render(
            shown,
            Recipient("x", "ops"),
            channel.Settings.model_validate(settings),
            made,
            END,
        )
        words = "".join(message.body.decode() for message in sent).replace("\\", "")
        assert all(f"slack:desk-{n} has received nothing" in words for n in range(15))
        assert '"text":""' not in words.replace(" ", "")


DAY = timedelta(days=1)
QUIET = Worry(feed=1, name="Post", condition="silent", since=END - 9 * DAY, why="no new entry")
OTHER = Worry(feed=2, name="Wire", condition="silent", since=END - 5 * DAY, why="no new entry")
BACK = Worry(feed=1, name="Post", condition="withheld", since=END - DAY, why="500 new entries")
AGAIN = Worry(feed=1, name="Post", condition="withheld", since=END, why="400 new entries")
SPOKE = {1: QUIET.since, 2: OTHER.since}
HEARD = {**SPOKE, 1: END}


@pytest.mark.parametrize(
    ("now", "told", "spoke", "lately", "is_news"),
    [
        ([], [], SPOKE, False, False),
        ([QUIET], [], SPOKE, False, True),
        ([QUIET], [], SPOKE, True, False),  # an alarm went out today: it can wait
        ([QUIET], [QUIET], SPOKE, False, False),
        ([QUIET, OTHER], [QUIET], SPOKE, False, True),
        ([], [QUIET], HEARD, False, True),
        ([], [QUIET], HEARD, True, False),
        ([], [QUIET], SPOKE, False, False),  # it fails meanwhile, and has no new entry
        ([], [QUIET], {}, False, False),  # it is no longer polled
        ([BACK], [], SPOKE, True, True),  # news is withheld: this cannot wait
        ([BACK], [BACK], SPOKE, False, False),
        ([BACK, AGAIN], [BACK], SPOKE, True, True),
        ([], [BACK], SPOKE, False, False),  # the person who released it knows
    ],
)
def test_F58_F53_an_alarm_speaks_once_of_a_feed(
    now: list[Worry],
    told: list[Worry],
    spoke: dict[int, datetime | None],
    lately: bool,
    is_news: bool,
) -> None:
    """Silence and its end wait if an alarm went out lately; what is withheld does not."""
    assert alarm.feeds(now, told, spoke, lately=lately).is_news == is_news


def test_F58_an_alarm_remembers_a_silent_feed_until_it_speaks() -> None:
    """A silent feed is remembered even while it fails, but not once it is no longer polled."""
    assert alarm.feeds([], [QUIET, OTHER], HEARD, lately=False) == alarm.Feeds(
        (OTHER,), ("Post",), True
    )
    assert alarm.feeds([], [QUIET], {}, lately=False).worries == ()


def test_F58_F53_an_alarm_names_feeds_in_every_form() -> None:
    """The alarm's data has the feeds too; the next alarm is made from it."""
    said = alarm.Feeds((BACK, OTHER), ("Gazette",), True)
    made = bodies(alarm.edition(alarm.Places(), said, 4, Window(END - DAY, END)))
    assert made.subject == (
        "Alarm: Post may have re-issued its archive; Wire is silent; Gazette has news again, "
        "18 Oct 2024"
    )
    words = " ".join(made.text.split())
    for told in ("Withheld: Post: 500 new entries", "Silent: Wire: no new entry"):
        assert told in words
        assert told.partition(": ")[2] in " ".join(made.html.split())
    assert "feeds status" in words
    assert "deliveries list" not in words
    assert "Quiet" not in words
    assert alarm.worries_of(json.loads(json.dumps(made.data))) == [BACK, OTHER]
    assert alarm.worries_of({"failing": []}) == []
