"""The state of grouping: rebuilt the same from the store, and not changed by asking."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from monitor.model import Article, Assignment, Ruling
from monitor.stories.events import Rarity
from monitor.stories.grouper import Grouper

DATA = Path(__file__).parent / "data"
START = datetime(2024, 10, 17, 8, tzinfo=UTC)
DAY = timedelta(days=1)
PAIRS = {
    name: json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("apart", "together")
}


def article(number: int, title: str, text: str = "", *, after: timedelta = DAY * 0) -> Article:
    at = START + after
    return Article(
        id=number, url=f"https://news{number}.example/a", title=title, text=text, published=at,
        first_seen=at, language="en", source=f"Outlet {number}",
    )  # fmt: skip


def run(articles: Sequence[Article], restart: int | None = None) -> list[tuple[int, Assignment]]:
    """The story and decision of each article; rebuilt from the store after `restart` articles."""
    grouper, told, opened = Grouper(), [], 0
    for count, one in enumerate(articles):
        now = one.first_seen or START
        if count == restart:
            grouper = Grouper()
            for old, (story, decided) in zip(articles, told, strict=False):
                if (old.first_seen or START) >= now - 14 * DAY:
                    grouper.restore(old, story, decided.duplicate_of)
        decided = grouper.assign(one, now)
        opened += decided.story_id is None
        told.append((decided.story_id or opened, decided))
        grouper.restore(one, told[-1][0], decided.duplicate_of)
    return told


def newswire() -> list[Article]:
    """Forty days of all our examples, each told three times, with copies among them."""
    pieces = [piece for pairs in PAIRS.values() for pair in pairs for piece in pair]
    rounds = [piece for _ in range(3) for piece in pieces]
    return [
        article(
            number, piece["title"], f"{piece['body']} {piece['title']}.", after=number * DAY / 3
        )
        for number, piece in enumerate(rounds, start=1)
    ]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("pair", PAIRS["apart"], ids=lambda pair: pair[0]["title"])
def test_look_alikes_that_differ_in_a_fact_are_two_stories(
    pair: list[dict[str, str]], turned: bool
) -> None:
    one, other = reversed(pair) if turned else pair
    (first, _), (second, decided) = run(
        [
            article(1, one["title"], one["body"]),
            article(2, other["title"], other["body"], after=timedelta(hours=9)),
        ]
    )
    assert first != second
    assert decided.duplicate_of is None


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("pair", PAIRS["together"], ids=lambda pair: pair[0]["title"])
def test_one_event_in_two_outlets_words_is_one_story(
    pair: list[dict[str, str]], turned: bool
) -> None:
    one, other = reversed(pair) if turned else pair
    (first, _), (second, decided) = run(
        [
            article(1, one["title"], one["body"]),
            article(2, other["title"], other["body"], after=timedelta(hours=9)),
        ]
    )
    assert first == second
    assert decided.duplicate_of is None
    assert decided.terms
    assert "9 hours from article 1" in decided.why


@pytest.mark.parametrize("restart", [1, 20, 41, 80, 119])
def test_a_restart_anywhere_gives_the_same_decisions(restart: int) -> None:
    assert run(newswire(), restart) == run(newswire())


def test_asking_changes_nothing() -> None:
    articles = newswire()[:30]
    grouper = Grouper()
    for number, one in enumerate(articles):
        grouper.assign(articles[-1], START)
        first = grouper.assign(one, START)
        assert grouper.assign(one, START) == first
        grouper.restore(one, first.story_id or 1000 + number, first.duplicate_of)


def test_restoring_an_article_again_replaces_it() -> None:
    """An article that is corrected by a person or read anew leaves no second copy behind."""
    one = article(1, PAIRS["together"][0][0]["title"], PAIRS["together"][0][0]["body"])
    other = article(2, PAIRS["together"][0][1]["title"], PAIRS["together"][0][1]["body"])
    grouper = Grouper()
    grouper.restore(one, 5, None)
    grouper.restore(one, 7, None)
    assert grouper.assign(other, START).story_id == 7


def test_nothing_is_remembered_after_fourteen_days() -> None:
    piece = PAIRS["together"][0][0]
    text = f"{piece['body']} {piece['title']} twice told."
    grouper = Grouper()
    grouper.restore(article(1, piece["title"], text), 5, None)
    late = article(2, piece["title"], text, after=14 * DAY)
    assert grouper.assign(late, START + 14 * DAY).duplicate_of == 1
    later = START + 14 * DAY + timedelta(seconds=1)
    assert grouper.assign(late, later).story_id is None
    assert not any([grouper._known, grouper._arrivals, grouper._members, len(grouper._mentions)])
    assert not grouper._gathered
    assert not any([grouper._copies._holders, grouper._copies._prints])
    assert vars(grouper._rarity) == vars(Rarity())


@pytest.mark.parametrize(("days", "joins"), [(2.9, True), (3.1, False)])
def test_a_story_closes_three_days_after_its_last_article(days: float, joins: bool) -> None:
    """A report that would join on the last open day opens a story of its own afterwards."""
    one, other = PAIRS["together"][5]
    grouper = Grouper()
    grouper.restore(article(1, one["title"], one["body"]), 5, None)
    late = article(2, other["title"], other["body"], after=days * DAY)
    assert (grouper.assign(late, START + days * DAY).story_id == 5) is joins


def test_a_closed_story_is_opened_again_by_a_strong_match() -> None:
    piece = PAIRS["together"][4][0]
    grouper = Grouper()
    grouper.restore(article(1, piece["title"], piece["body"]), 5, None)
    late = article(2, piece["title"], f"Once more: {piece['title']}.", after=3.5 * DAY)
    decided = grouper.assign(late, START + 3.5 * DAY)
    assert decided.story_id == 5
    assert decided.score >= 0.35


def test_the_reason_for_staying_apart_names_the_difference() -> None:
    one, other = PAIRS["apart"][1]
    grouper = Grouper()
    grouper.restore(article(1, one["title"], one["body"]), 5, None)
    decided = grouper.assign(article(2, other["title"], other["body"]), START)
    assert "story 5" in decided.why
    assert "romania against poland" in decided.why


WIRE = (
    "Allied ministers meeting in Brussels agreed on Thursday to buy forty more counter-drone "
    "radars for the eastern flank, the alliance said, after a month in which stray aircraft "
    "crossed the border eleven times. Deliveries begin in spring and the bill will be shared by "
    "nine members, an official told reporters on condition of anonymity. Two firms had bid for "
    "the work; the loser may still appeal within ten days. Crews will train at a range in the "
    "north, where the first set has stood since summer and has tracked some nine hundred flights."
)


def test_copies_of_one_text_are_copies_in_any_order_of_arrival() -> None:
    texts = (WIRE, WIRE.upper(), f"BRUSSELS (Wire) - {WIRE} Read more on our site.", WIRE[:420])
    for order in permutations(range(4)):
        told = run([article(n + 1, f"Title {n}", texts[n]) for n in order])
        originals = {decided.duplicate_of for _, decided in told}
        assert originals == {None, order[0] + 1}
        assert {story for story, _ in told} == {1}


def test_the_direction_of_a_copy_is_told() -> None:
    grouper = Grouper()
    grouper.restore(article(1, "Radars", WIRE[:420]), 5, None)
    fuller = grouper.assign(article(2, "Radars", WIRE), START)
    assert (fuller.duplicate_of, fuller.why[:11]) == (1, "fuller text")
    grouper = Grouper()
    grouper.restore(article(1, "Radars", WIRE), 5, None)
    shorter = grouper.assign(article(2, "Radars", WIRE[:420]), START)
    assert (shorter.duplicate_of, shorter.why[:7]) == (1, "excerpt")


def test_many_copies_of_one_text_do_not_make_it_boilerplate() -> None:
    told = run([article(n, f"Title {n}", f"{WIRE} Outlet {n} adds this.") for n in range(1, 21)])
    assert {decided.duplicate_of for _, decided in told[1:]} == {1}


def test_texts_that_only_end_alike_are_no_copies() -> None:
    """An outlet's long boilerplate under short articles does not make them copies."""
    told = run(
        [
            article(n, f"Title {n}", " ".join([f"word{n}x{i}" for i in range(60)] + 3 * [WIRE]))
            for n in range(1, 21)
        ]
    )
    assert all(decided.duplicate_of is None for _, decided in told)


def test_the_same_address_is_the_same_article_but_a_front_page_is_no_address() -> None:
    for url, original in (("https://a.example/radars", 1), ("https://a.example/", None)):
        grouper = Grouper()
        first = Article(id=1, url=url, title="Radars bought", text="One text.", first_seen=START)
        grouper.restore(first, 5, None)
        second = Article(id=2, url=url, title="Frigate home", text="Other.", first_seen=START)
        assert grouper.assign(second, START).duplicate_of == original


@pytest.mark.parametrize(
    ("title", "text"), [("", ""), ("…", "—"), ("Kurz", ""), ("无人机", "无人机袭击了港口。")]
)
def test_an_article_of_hardly_any_words_opens_a_story(title: str, text: str) -> None:
    grouper = Grouper()
    assert grouper.assign(article(1, title, text), START).story_id is None
    grouper.restore(article(1, title, text), 5, None)
    assert grouper.assign(article(2, "Frigate home", "It came."), START).story_id is None


def test_chinese_text_is_compared_by_pairs_of_characters() -> None:
    grouper = Grouper()
    grouper.restore(article(1, "无人机袭击敖德萨港口", "昨夜无人机袭击了敖德萨港口。"), 5, None)
    decided = grouper.assign(article(2, "敖德萨港口遭无人机袭击", "港口起火。"), START)
    assert decided.story_id == 5


def test_decisions_do_not_depend_on_the_seed_of_hashes() -> None:
    """Two processes with different hash seeds print the same decisions."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_grouper as t;"
        "print(t.run(t.newswire()))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


# ------------------------------------------------------------------------------ a person's word


def ruling(one: int, other: int, *, same: bool, story_was: int = 5) -> Ruling:
    return Ruling(article_id=one, other_id=other, same=same, at=START, story_was=story_was)


LAUNCH = "Navy launches frigate Haldor at the northern yard before a crowd of thousands"


def test_between_stories_taken_apart_the_closest_article_decides() -> None:
    """The mean of the story that was left may be nearer, but a person said that it misleads."""
    known = [
        article(1, "Alder birch cedar elm oak pine rowan willow"),
        article(2, "Alder birch cedar elm oak pine rowan willow", "Once more."),
        article(3, "Alder birch cedar elm fir hazel yew"),
        article(4, "Alder harbour crane bakers bread ballet"),
    ]
    new = article(9, "Alder birch cedar elm fir hazel larch maple", after=2 * DAY)
    decided = []
    for rulings in ([], [ruling(3, 1, same=False)]):
        grouper = Grouper(rulings)
        for one in known:
            grouper.restore(one, 5 if one.id < 3 else 6, None)
        decided.append(grouper.assign(new, START + 2 * DAY))
    assert [(one.story_id, one.nearest) for one in decided] == [(5, 1), (6, 3)]


def test_a_report_like_one_part_of_a_joined_story_joins_it() -> None:
    """By the mean of both parts, or the age of the older one, the new report would not join."""
    old = [article(n, f"{LAUNCH} {n}", after=n * timedelta(hours=1)) for n in range(1, 19)]
    later = article(19, "Minister resigns over bribes for harbour cranes", after=9 * DAY)
    new = article(20, "Bribes for harbour cranes: minister resigns", after=9.2 * DAY)
    decided = {}
    for rulings in ([], [ruling(19, 1, same=True, story_was=6)]):
        grouper = Grouper(rulings)
        for one in (*old, later):
            grouper.restore(one, 5, None)
        decided[len(rulings)] = grouper.assign(new, START + 9.2 * DAY)
    assert decided[0].story_id is None
    assert (decided[1].story_id, decided[1].nearest) == (5, 19)


def test_a_decision_tells_all_that_explains_it() -> None:
    (one, other), (first, second) = PAIRS["apart"][1], PAIRS["together"][0]
    grouper = Grouper()
    grouper.restore(article(1, one["title"], one["body"]), 5, None)
    apart = grouper.assign(article(2, other["title"], other["body"], after=DAY / 4), START)
    assert (apart.nearest, apart.hours) == (1, 6.0)
    assert apart.veto == "not of story 5: romania against poland"
    grouper.restore(article(3, first["title"], first["body"]), 6, None)
    joined = grouper.assign(article(4, second["title"], second["body"], after=DAY / 4), START)
    assert (joined.story_id, joined.nearest, joined.hours, joined.veto) == (6, 3, 6.0, "")
    assert joined.terms
    assert f"shares “{joined.terms[0]}”" in joined.why


def test_memory_is_bounded_by_the_last_to_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the last to arrive are remembered; a grouper rebuilt from the store has the same."""
    monkeypatch.setattr("monitor.stories.grouper.MOST", 50)
    articles = newswire()[:40] + [
        article(n, f"Title {n}", f"Words{n} of text.", after=timedelta(minutes=n))
        for n in range(1000, 1100)
    ]
    told = run(articles)
    assert run(articles, restart=90) == told
    grouper = Grouper()
    for one, (story, decided) in zip(articles, told, strict=True):
        grouper.restore(one, story, decided.duplicate_of)
    grouper.assign(articles[-1], START)
    assert len(grouper._known) == 50
    assert set(grouper._known) == {one.id for one in sorted(articles, key=_arrival)[-50:]}


def _arrival(one: Article) -> tuple[datetime, int]:
    return one.first_seen or START, one.id


# ---------------------------------------------------------------------------------- an encoder


def shout(text: str) -> list[float]:
    """A made-up encoder that knows one meaning and the length of a title."""
    return [3.0, 0.0] if "mast" in text.lower() else [0.0, len(text) + 1.0]


def test_an_encoder_joins_what_means_the_same_in_other_words() -> None:
    """Articles that share a word are compared by meaning too; a known one is encoded once."""
    asked: list[str] = []

    def encode(text: str) -> list[float]:
        asked.append(text)
        return shout(text)

    known = article(1, "Haldor limps home with its mast cracked", "Waves broke over her bows.")
    other = article(2, "Bakers win a prize for bread", "Children broke the loaves at the fair.")
    words = "Welders wait for parts until Monday; dock and crane are booked until spring."
    new = article(3, "Mast repair takes longer than its owners hoped", words)
    decided = {}
    for given in (None, encode):
        grouper = Grouper(encode=given)
        grouper.restore(known, 5, None)
        grouper.restore(other, 6, None)
        decided[given] = grouper.assign(new, START).story_id
        assert grouper.assign(new, START).story_id == decided[given]
    assert decided == {None: None, encode: 5}
    openings = [f"{one.title}. {one.text}" for one in (new, known, new)]
    assert asked == openings


def test_a_restart_with_an_encoder_gives_the_same_decisions() -> None:
    """Vectors are computed anew after a restart, and forgotten with their articles."""
    grouper = Grouper(encode=shout)
    told = []
    for number, one in enumerate(newswire()[:60]):
        if number == 30:
            again = Grouper(encode=shout)
            for old, (story, decided) in zip(newswire(), told, strict=False):
                again.restore(old, story, decided.duplicate_of)
            assert again.assign(one, one.first_seen or START) == grouper.assign(
                one, one.first_seen or START
            )
        decided = grouper.assign(one, one.first_seen or START)
        told.append((decided.story_id or 1000 + number, decided))
        grouper.restore(one, told[-1][0], decided.duplicate_of)
    grouper.assign(newswire()[59], START + 90 * DAY)
    assert not grouper._vectors
