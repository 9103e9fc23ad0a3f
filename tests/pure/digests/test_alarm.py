"""When an alarm speaks, and what it says."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from support.editions import END

from monitor.digests import alarm
from monitor.digests.render import bodies
from monitor.model import Failing, Window

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
    """Once when a place fails, once when it gets messages; given up messages are no success."""
    assert alarm.news(failing, told, reached, {"slack:desk", "email"}) == said


def test_F83_an_alarm_does_not_go_on_about_a_place_that_the_settings_name_no_more() -> None:
    """It has no message left to wait for; one for which a message waits still fails."""
    assert alarm.news([MAIL], [SLACK], (), {"email"}) == ((MAIL,), ())
    assert alarm.news([SLACK], [SLACK], (), {"email"}) is None
    assert alarm.news([], [SLACK], (), {"email"}) is None


def test_F83_an_alarm_says_where_since_when_and_why_in_every_form() -> None:
    """And that of which it is read again when the next one is made."""
    made = bodies(
        alarm.edition((SLACK, MAIL), ("webhook:x",), 3, Window(END - timedelta(days=1), END))
    )
    assert made.subject == (
        "Alarm: 2 places get no messages; webhook:x gets messages again, 18 Oct 2024"
    )
    told = "slack:desk has got nothing since Fri 18 Oct, 04:00 UTC: 404 no_service"
    words = " ".join(made.text.split()).replace("\u00a0", " ")
    assert told in words
    assert "Mended: webhook:x" in words
    assert "535 <wrong> password" in words
    assert "535 &lt;wrong&gt; password" in made.html
    assert "Quiet" not in made.text + made.html
    assert alarm.told_by(json.loads(json.dumps(made.data))) == [SLACK, MAIL]
