"""A transcript is told by the passage that tells the event, wherever it stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Article
from monitor.stories.grouper import Grouper
from monitor.stories.manner import passages

AT = datetime(2031, 10, 16, 15, tzinfo=UTC)
QUAKE = """
LENA OKAFOR, PENTAGON PRESS SECRETARY: Good afternoon, everyone. It is my pleasure to introduce the
secretary. He will have a few opening remarks and then take some questions.

SECRETARY OF DEFENSE MARTIN T. HOLLOWAY: Thanks, Lena. Before I begin, a word about the earthquake
in Chile. Our hearts are with the people of Valparaiso, and two of our hospital ships are under way
with doctors, tents and water. I spoke with President Araya last night, and we stand ready to do
more as rescuers look for those who are still under the rubble. The first of the two ships carries a
field hospital with sixty beds, a laboratory and four operating theatres, and the second brings
engineers, bridges and generators for the towns along the coast that have had no power since
Tuesday. The Chilean army has opened three airfields to us, and transport aircraft from four of our
bases have begun to fly in water, blankets and search dogs. I have asked the commander of our forces
in the south to stay in Santiago as long as his Chilean colleagues want him there, and to tell me
every morning what is missing. We know from other earthquakes that the second week is the hardest,
when the cameras have left and the rain comes, and we will not leave with them. Nobody should have
to wait for help for a single hour, and I thank the crews who left their families at once.
"""
WORK = """
Now let me turn to our work here in Brussels. The NATO defence ministers had two good days of talks.
Ukraine needs drones and interceptors, and 23 Allies will buy them together in the project STARWALL.
Secretary General Verhoeven has led this from the first day, and the Ukrainian minister told us what
they mean to his soldiers at the front.
"""
QUESTIONS = """
With that I will take your questions.

Q: Mr. Secretary, on the earthquake, how long will the ships stay?

SECRETARY HOLLOWAY: As long as they are needed.

Q: And on the budget?

SECRETARY HOLLOWAY: I have nothing new on that today.
"""


def transcript(*parts: str) -> str:
    """Paragraphs of one line each."""
    paragraphs = "".join(parts).strip().split("\n\n")
    return "\n".join(paragraph.replace("\n", " ").strip() for paragraph in paragraphs)


def article(number: int, title: str, text: str, hours: float) -> Article:
    at = AT + timedelta(hours=hours)
    return Article(
        id=number, title=title, text=text, language="en", published=at, first_seen=at, source="any"
    )


MEETING = article(
    1,
    "NATO defence ministers open talks in Brussels with a plan for drones",
    "NATO defence ministers opened two days of talks in Brussels on Thursday. Secretary General "
    "Willem Verhoeven said 23 Allies would buy interceptor drones together for 1.8 billion euros "
    "in a project named STARWALL, and that Ukraine would receive every third of them.",
    0,
)
TITLE = "Secretary of Defense Martin T. Holloway holds a press conference"


def test_a_transcript_joins_by_the_passage_that_tells_the_event() -> None:
    state = Grouper()
    state.restore(MEETING, 1, None)
    new = article(2, TITLE, transcript(QUAKE, WORK, QUESTIONS), 20)
    decided = state.assign(new, AT + timedelta(hours=20))
    assert decided.story_id == 1
    assert "by a passage of the transcript" in decided.why
    assert "brussels" in decided.terms


def test_a_transcript_that_does_not_tell_the_event_joins_nothing() -> None:
    state = Grouper()
    state.restore(MEETING, 1, None)
    new = article(2, TITLE, transcript(QUAKE, QUESTIONS), 20)
    assert state.assign(new, AT + timedelta(hours=20)).story_id is None


def test_a_text_without_changes_of_the_speaker_is_read_by_its_head_only() -> None:
    state = Grouper()
    state.restore(MEETING, 1, None)
    speech = transcript(QUAKE, WORK).replace("LENA OKAFOR, PENTAGON PRESS SECRETARY: ", "")
    new = article(2, TITLE, speech, 20)
    assert state.assign(new, AT + timedelta(hours=20)).story_id is None


def test_a_transcript_draws_no_report_of_its_other_subjects_into_the_story() -> None:
    state = Grouper()
    state.restore(MEETING, 1, None)
    state.restore(article(2, TITLE, transcript(QUAKE, WORK, QUESTIONS), 20), 1, None)
    quake = article(
        3,
        "Hospital ships under way to Chile after earthquake, secretary says",
        "Two hospital ships with doctors, tents and water are under way to Valparaiso in Chile "
        "after the earthquake, Secretary of Defense Martin Holloway said. He spoke with the "
        "Chilean president, Araya.",
        21,
    )
    assert state.assign(quake, AT + timedelta(hours=21)).story_id is None


def test_passages_begin_with_paragraphs_and_lose_their_labels() -> None:
    found = passages(transcript(QUAKE, WORK, QUESTIONS))
    assert [one[:24] for one in found] == [
        "Good afternoon, everyone",
        "Now let me turn to our w",
        "With that I will take yo",
    ]
    assert "Q:" not in found[-1]


@pytest.mark.parametrize(
    "text",
    [
        "WATCH: one\nWATCH: two\nWATCH: three\nWATCH: four\nWATCH: five",
        "A report.\nIts second paragraph.\nIts third: with a colon.\nIts fourth.",
        "Q: One question?\nA: One answer.",
    ],
)
def test_headings_and_single_questions_make_no_transcript(text: str) -> None:
    assert passages(text) == []


@pytest.mark.parametrize(
    "said",
    [
        ("وقال وزير الدفاع: نعم", "وأضاف المتحدث: لا"),
        ("Ο υπουργός είπε: ναι", "έκτακτο τώρα: όχι"),
        ("אמר שר הביטחון: כן", "השיב הרמטכ״ל: לא"),
        ("रक्षा मंत्री ने कहा: हाँ", "सेना ने कहा: नहीं"),
    ],
)
def test_paragraphs_with_a_colon_are_no_labels_where_letters_have_no_case(
    said: tuple[str, str],
) -> None:
    """A label is in capitals: in these scripts any report quotes like this."""
    assert passages("\n".join(said * 4)) == []
