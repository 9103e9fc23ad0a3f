"""What the doctor says of what was found, and how the command ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.insight import doctor
from monitor.insight.doctor import Database, Verdict
from monitor.model import Barred, Visited

SOUND = Database(
    shown="sqlite:///x",
    known="0009",
    version="0009",
    read=True,
    size=3_000_000_000,
    free=9_000_000_000,
)


def verdicts(found: Database) -> dict[str, Verdict]:
    return {one.name: one.verdict for one in doctor.database(found)}


def test_a_sound_database_is_fine() -> None:
    assert verdicts(SOUND) == {"database": Verdict.FINE, "disk": Verdict.FINE}


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        ({"version": None}, Verdict.DOUBTFUL, "nothing in it yet"),
        ({"version": "0008"}, Verdict.DOUBTFUL, "0008; this program needs 0009"),
        ({"version": "0010"}, Verdict.WRONG, "newer"),
        ({"damage": ("page 3 is never used",)}, Verdict.WRONG, "page 3"),
        ({"unwritable": "attempt to write a readonly database"}, Verdict.WRONG, "readonly"),
        ({"busy": True}, Verdict.DOUBTFUL, "another process"),
        ({"read": False}, Verdict.DOUBTFUL, "too large"),
        ({"trouble": "no answer", "answers": False}, Verdict.WRONG, "no answer"),
    ],
)
def test_what_is_wrong_with_a_database_is_told(
    change: dict[str, object], verdict: Verdict, words: str
) -> None:
    told = doctor.database(replace(SOUND, **change))[0]
    assert told.verdict is verdict
    assert words in told.found
    assert told.todo


def test_of_an_empty_database_the_doctor_says_what_to_do_before_it_is_filled() -> None:
    """Who moves to PostgreSQL and runs `fetch` first can carry nothing over any more."""
    told = doctor.database(replace(SOUND, version=None))[0]
    assert "monitor restore FILE first" in told.todo


@pytest.mark.parametrize(
    ("free", "verdict"),
    [
        (99_000_000, Verdict.WRONG),
        (900_000_000, Verdict.DOUBTFUL),
        (2_900_000_000, Verdict.DOUBTFUL),  # no room for a second copy
        (3_100_000_000, Verdict.FINE),
    ],
)
def test_the_disk_must_hold_some_hours_of_news_and_a_backup(free: int, verdict: Verdict) -> None:
    assert verdicts(replace(SOUND, free=free))["disk"] is verdict


@pytest.mark.parametrize("barred", list(Barred))
def test_every_barrier_has_a_way_over_it(barred: Barred) -> None:
    told = doctor.service("email", "[channels.email]", Visited("its own words", barred))
    assert (told.verdict, told.found) == (Verdict.WRONG, "its own words")
    assert told.todo
    assert "{" not in told.todo


@pytest.mark.parametrize(
    ("barred", "code"),
    [
        ([Barred.LOGIN], 1),
        ([Barred.TLS], 1),
        ([Barred.REACH], 69),
        ([Barred.LOGIN, Barred.NAME], 69),
    ],
)
def test_the_command_ends_by_the_worst(barred: list[Barred], code: int) -> None:
    wrong = [doctor.service("x", "[x]", Visited("", one)) for one in barred]
    assert {one.verdict for one in wrong} == {Verdict.WRONG}
    assert doctor.failure(wrong).exit_code == code


def test_a_database_that_does_not_answer_is_an_unreachable_service() -> None:
    silent = replace(SOUND, trouble="no answer", answers=False)
    assert doctor.failure(doctor.database(silent)).exit_code == 69
    assert doctor.failure(doctor.database(replace(SOUND, trouble="no database"))).exit_code == 1


@pytest.mark.parametrize(
    ("domain", "resolves", "verdict"),
    [
        ("navy.example", True, Verdict.DOUBTFUL),
        ("mail.Example.org", True, Verdict.DOUBTFUL),
        ("localhost", True, Verdict.DOUBTFUL),
        ("desk", True, Verdict.DOUBTFUL),
        ("harbour-news.eu", False, Verdict.DOUBTFUL),
        ("harbour-news.eu", True, Verdict.FINE),
        ("notexample.org", True, Verdict.FINE),
    ],
)
def test_D13_a_sender_nobody_can_own_is_doubtful(
    domain: str, resolves: bool, verdict: Verdict
) -> None:
    assert doctor.sender(domain, resolves).verdict is verdict


@pytest.mark.parametrize(
    ("seconds", "verdict", "words"),
    [
        (60, Verdict.FINE, "within 60 s of slack"),
        (61, Verdict.DOUBTFUL, "61 s behind that of slack"),
        (-300, Verdict.DOUBTFUL, "300 s ahead of that of slack"),
    ],
)
def test_a_clock_off_by_more_than_a_minute_is_doubtful(
    seconds: int, verdict: Verdict, words: str
) -> None:
    told = doctor.clock({"webhook": timedelta(), "slack": timedelta(seconds=seconds)})
    assert (told.verdict, told.found) == (verdict, words)


def test_a_clock_that_could_not_be_compared_says_so() -> None:
    assert "not compared" in doctor.clock({}).found
