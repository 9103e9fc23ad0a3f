"""What an edition holds: each story once, under its strongest watchlist, weightiest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from monitor.digests.compose import compose, goes_out, lead
from monitor.digests.render import as_json, text
from monitor.model import (
    Accounting,
    Article,
    Development,
    Digest,
    Edition,
    Match,
    Reported,
    Snippet,
    Span,
    Watchlist,
    Window,
)

END = datetime(2024, 10, 18, 6, tzinfo=UTC)
WINDOW = Window(END - timedelta(days=1), END)
ORDER = Digest(name="morning", watchlists=("nato", "drones", "indo-pacific"))
WATCHLISTS = {
    "nato": Watchlist(name="nato", title="NATO"),
    "drones": Watchlist(name="drones", title="Drones"),
}


def match(watchlist: str, score: float, *found: str, field: str = "body") -> Match:
    spans = tuple(Span(field, 0, len(word), word, word.lower()) for word in found)
    return Match(watchlist, score, spans, 0)


def report(
    number: int,
    story: int,
    *matches: Match,
    source: str = "",
    hours: float = 2,
    text: str = "Some text.",
    duplicate_of: int | None = None,
    before: bool = False,
    owner: str = "",
) -> Reported:
    article = Article(
        id=number,
        url=f"https://outlet.example/{number}",
        title=f"Title {number}",
        text=text,
        source=source or f"Outlet {number}",
        owner=owner,
        published=END - timedelta(hours=hours),
        first_seen=END - timedelta(hours=hours),
    )
    return Reported(
        article=article,
        story_id=story,
        duplicate_of=duplicate_of,
        matches=matches,
        reported_before=before,
    )


def made(*reported: Reported, order: Digest = ORDER, **boosts: float) -> Edition:
    known = {name: replace(one, boost=boosts.get(name, 1.0)) for name, one in WATCHLISTS.items()}
    return compose(order, 3, WINDOW, reported, Accounting(), known)


def shape(edition: Edition) -> list[tuple[str, list[int]]]:
    return [(s.watchlist, [story.id for story in s.stories]) for s in edition.sections]


def test_D39_a_story_stands_once_under_its_strongest_watchlist() -> None:
    """A story's reasons name the words of every watchlist that matched, the strongest first."""
    edition = made(
        report(1, 7, match("nato", 2, "NATO", "alliance"), match("drones", 5, "drone")),
        report(2, 7, match("nato", 1, "Nato")),
        report(3, 8, match("nato", 1, "NATO")),
    )
    assert shape(edition) == [("drones", [7]), ("nato", [8])]
    story = edition.stories[0]
    assert dict(story.reasons) == {"drones": ("drone",), "nato": ("NATO", "alliance")}
    assert list(story.reasons) == ["drones", "nato"]
    assert edition.sections[0].title == "Drones"
    assert made(report(1, 1, match("other", 1, "x"))).sections[0].title == "other"
    assert edition.titles == {"nato": "NATO", "drones": "Drones", "indo-pacific": "indo-pacific"}


def test_a_boost_decides_which_watchlist_is_strongest() -> None:
    """A boost of the watchlist's settings raises its matches."""
    reports = (report(1, 7, match("nato", 2, "NATO"), match("drones", 3, "drone")),)
    assert shape(made(*reports, nato=2.0)) == [("nato", [7])]


def test_of_equal_watchlists_the_one_named_first_in_the_digest_wins() -> None:
    """The order of the digest's watchlists breaks a tie, so that it never depends on chance."""
    edition = made(report(1, 7, match("drones", 2, "drone"), match("nato", 2, "NATO")))
    assert shape(edition) == [("nato", [7])]


def test_short_small_words_tell_nothing() -> None:
    """Short small words, parts of a loosely matched phrase, are neither named nor marked."""
    story = made(report(1, 7, match("nato", 1, "an", "EU", "海軍", "envoy"))).stories[0]
    assert story.reasons["nato"] == ("EU", "海軍", "envoy")


def test_copies_and_outlets_of_one_owner_make_a_story_no_heavier() -> None:
    """Only independent sources add weight, not echoes; all outlets are counted."""
    alone = made(report(1, 7, match("nato", 2, "NATO")))
    echoed = made(
        report(1, 7, match("nato", 2, "NATO"), owner="House"),
        report(2, 7, source="Wire", duplicate_of=1),
        report(3, 7, source="Sister", owner="House"),
    )
    assert echoed.stories[0].score == alone.stories[0].score
    assert echoed.stories[0].outlets == 3


def test_of_two_stories_that_are_else_alike_the_growing_one_stands_first() -> None:
    """The growing story is first although it began later.

    Without growth the earlier one is first.
    """
    reports = [
        report(story * 10 + number, story, match("nato", 2, "NATO"), hours=hours)
        for story, times in ((1, (20, 18, 16, 1)), (2, (4, 3, 2, 1)))
        for number, hours in enumerate(times)
    ]
    joined = {story: [r.article.at for r in reports if r.story_id == story] for story in (1, 2)}
    whole = {story: [at for at in times if at] for story, times in joined.items()}
    told = (ORDER, 3, WINDOW, reports, Accounting(), WATCHLISTS)
    assert shape(compose(*told)) == [("nato", [1, 2])]
    assert shape(compose(*told, joined=whole)) == [("nato", [2, 1])]


def test_the_lead_is_the_fullest_original_then_the_earliest() -> None:
    """A duplicate or an article that matched nothing leads only when there is no other."""
    full = report(1, 7, match("nato", 1, "NATO"), text="long " * 50, hours=1)
    early = report(2, 7, match("nato", 1, "NATO"), text="long " * 50, hours=5)
    copy = report(3, 7, match("nato", 1, "NATO"), text="long " * 90, duplicate_of=1)
    other = report(4, 7, text="long " * 99)
    assert lead([full, early, copy, other]) is early
    assert lead([copy]) is copy


def test_D29_others_are_folded_and_copies_marked() -> None:
    """Originals by time, then copies, stand under the lead; the first report's time is kept."""
    edition = made(
        report(1, 7, match("nato", 1, "NATO"), text="long " * 50, hours=2),
        report(2, 7, source="Wire", hours=1, duplicate_of=1),
        report(3, 7, source="Post", hours=6),
        report(4, 7, source="Gazette", hours=3),
    )
    story = edition.stories[0]
    assert [(other.id, other.duplicate) for other in story.others] == [
        (3, False),
        (4, False),
        (2, True),
    ]
    assert story.first_reported == END - timedelta(hours=6)
    assert story.outlets == 4


def test_D39_the_order_does_not_depend_on_the_order_of_the_offer() -> None:
    """The same articles in any order give the same edition."""
    reports = [
        report(n, n // 2, match(("nato", "drones")[n % 2], 1 + n % 3, "NATO"), hours=n % 5)
        for n in range(20)
    ]
    wanted = made(*reports)
    for seed in range(5):
        Random(seed).shuffle(reports)
        assert made(*reports) == wanted


def test_what_does_not_fit_is_counted() -> None:
    """The heaviest stories stay; `cut` says how many were left out."""
    order = Digest(name="m", watchlists=("nato",), max_stories=2)
    reports = [report(n, n, match("nato", n, "NATO")) for n in range(1, 6)]
    edition = made(*reports, order=order)
    assert [story.id for story in edition.stories] == [5, 4]
    assert edition.cut == 3


def test_a_story_told_before_comes_again_only_with_what_is_new_in_it() -> None:
    """A story told before stands under "Updates", after all new ones, led by the new report."""
    reports = (
        report(1, 1, match("nato", 9, "NATO"), before=True, text="A long report. " * 9),
        report(2, 1, match("nato", 1, "NATO"), before=True, text="It rose to 9. Or 12."),
        report(3, 2, match("nato", 1, "NATO")),
        report(4, 3, match("drones", 8, "drone"), before=True),
    )
    new = Development(
        article_id=2, kind="new figure", sentence="It rose to 9. Or 12.", new=("9", "12")
    )
    edition = compose(ORDER, 3, WINDOW, reports, Accounting(), WATCHLISTS, {}, {1: new})
    assert shape(edition) == [("nato", [2]), ("", [1])]
    assert [section.title for section in edition.sections] == ["NATO", "Updates"]
    told = edition.stories[1]
    assert (told.update, told.lead.id, [other.id for other in told.others]) == (True, 2, [1])
    assert told.lead.snippet == Snippet("It rose to 9. Or 12.", ((11, 12), (17, 19)))
    assert (edition.repeated, edition.cut) == (1, 0)
    assert "new figure · Outlet 2" in text(edition)
    assert "Repeated: 1 report of stories reported before adds nothing new" in text(edition)
    assert as_json(edition)["sections"][1]["stories"][0]["development"] == {
        "kind": "new figure",
        "article": 2,
        "sentence": "It rose to 9. Or 12.",
        "new": ["9", "12"],
    }


def test_F40_a_date_in_the_future_is_shown_as_the_time_it_was_seen() -> None:
    """A future date gives way to the time of first sight; without a date there is none."""
    seen = END - timedelta(hours=1)
    future = Article(id=1, title="t", published=END + timedelta(days=3), first_seen=seen)
    undated = Article(id=2, title="t")
    edition = made(
        Reported(article=future, story_id=1, matches=(match("nato", 2, "NATO"),)),
        Reported(article=undated, story_id=2, matches=(match("nato", 1, "NATO"),)),
    )
    assert [story.first_reported for story in edition.stories] == [seen, None]


def test_titles_from_outside_are_made_harmless_and_bounded() -> None:
    """5,000 characters and control codes do not reach the templates."""
    article = Article(id=1, title="A\r\nB\u202e" + "x" * 5_000, source="S\x00")
    edition = made(Reported(article=article, story_id=1, matches=(match("nato", 1, "N"),)))
    first = edition.stories[0].lead
    assert first.title.startswith("A Bx")
    assert len(first.title) == 300
    assert first.source == "S"


def test_words_of_titles_are_named_first_then_the_most_frequent() -> None:
    """One word in several spellings is named once, as it first stands."""
    edition = made(
        report(
            1,
            7,
            match("nato", 1, "alliance", "Brussels", "brussels", "envoy"),
            match("nato", 1, "summit", field="title"),
        )
    )
    assert edition.stories[0].reasons["nato"] == ("summit", "Brussels", "alliance", "envoy")


@pytest.mark.parametrize(
    ("empty", "last", "blind", "goes"),
    [
        ("skip", None, False, False),
        ("skip", None, True, True),
        ("send", END - timedelta(hours=1), False, True),
        ("weekly", None, False, True),
        ("weekly", END - timedelta(days=6), False, False),
        ("weekly", END - timedelta(days=7), False, True),
    ],
)
def test_D30_an_empty_edition_goes_out_by_the_digests_rule(
    empty: str, last: datetime | None, blind: bool, goes: bool
) -> None:
    """By the rule an empty edition is skipped, sent, or sent weekly; a blind one is always sent."""
    assert goes_out(Digest(name="m", empty=empty), made(), last, blind=blind) is goes


def test_D30_an_alert_never_speaks_without_a_story() -> None:
    """An alert without a story is not sent even when blind: it would be sent every minute."""
    order = Digest(name="m", schedule="at once", empty="send")
    assert not goes_out(order, made(), None, blind=True)
    assert goes_out(order, made(report(1, 1, match("nato", 1, "N"))), None, blind=False)
