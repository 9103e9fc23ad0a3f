"""Known entries under other addresses are recognised by what they say, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from support.polls import NOW, after, document, entry, known, polling, response

from monitor.feeds.decide import Known
from monitor.feeds.readdressed import FEWEST, Readdressed, doubtful, recognised
from monitor.feeds.reduce import mark
from monitor.model import Document, Entry, OutcomeKind

HOUR = timedelta(hours=1)
LINK = "https://feed.test/a/b/{0}?id={0}&x=1"


def told(count: int = 10, link: str = LINK, **changes: object) -> list[Entry]:
    """Return entries an hour and a second apart, whose ids are their links."""
    made = []
    for n in range(count):
        at = NOW - (n + 1) * (HOUR + timedelta(seconds=1))
        named = link.format(n)
        one = entry(f"e{n}", key=named, id=named, link=named, published=at, updated=at)
        made.append(replace(one, **changes))
    return made


def found(stated: Document, stored: Sequence[Entry], held: Known | None = None) -> Readdressed:
    """Return what is recognised in a document of a feed that has these entries."""
    newest = max(one.published for one in stored if one.published)
    held = held or Known()
    some = doubtful(stated, held.by_key, held.by_link, newest)
    return recognised(stated, some, stored, newest)


@pytest.mark.parametrize(
    ("before", "link", "places"),
    [
        (LINK, LINK + "&zq=7f{0}", 'the parameter "zq"'),
        (LINK + "&zq=1", LINK + "&zq=2", 'the parameter "zq"'),
        (LINK + "&zq=1{0}&t=1", LINK + "&t=2&zq=2{0}", 'the parameter "t" and the parameter "zq"'),
        ("https://feed.test/s1/{0}", "https://feed.test/s{0}x2/{0}", "part 1 of the path"),
        ("https://feed.test/{0};s=1", "https://feed.test/{0};s=2", "part 1 of the path"),
        (LINK, LINK + "#s{0}", "what follows the #"),
        (LINK.replace("https", "http"), LINK, '"https" or "www"'),
        (LINK, LINK.replace("://", "://www."), '"https" or "www"'),
    ],
)
def test_F53_a_token_in_every_link_is_seen_through(before: str, link: str, places: str) -> None:
    """Whether it is added or changes, is one for all or each entry's own; the place is told."""
    stated = document(*told(link=link))
    seen = found(stated, told(link=before))
    assert seen.keys == {one.key for one in stated.entries}
    assert seen.why == f"10 entries are known under addresses that differ in {places}"


def test_F53_the_words_count_and_not_the_markup_in_which_the_link_stands_again() -> None:
    def text(session: int) -> str:
        return f'Words of it. <a href="https://feed.test/go?zq={session}">More</a>'

    seen = found(
        document(*told(link=LINK + "&zq=2", summary_html=text(2))),
        told(link=LINK + "&zq=1", summary_html=text(1)),
    )
    assert len(seen.keys) == 10


def test_F53_F55_an_entry_whose_text_was_forgotten_is_known_by_its_title_and_second() -> None:
    """Retention keeps no text of an old entry. If two state this title and time, neither counts."""
    again = told(link=LINK + "&zq=2")
    stored = [*told(4), *told(summary_html="")[4:]]
    assert len(found(document(*again), stored).keys) == 10
    twin = replace(again[9], key="twin", summary_html="Other words")
    assert found(document(*again, twin), stored).keys == {one.key for one in again[:9]}


def test_F53_news_among_them_stay_news() -> None:
    """News do not count towards the half of the document that must be recognised."""
    news = [
        entry(f"n{n}", link=f"https://feed.test/n{n}?zq=2", published=NOW + n * HOUR)
        for n in range(20)
    ]
    old = told(FEWEST, link=LINK + "&zq=2")
    assert found(document(*news, *old), told()).keys == {one.key for one in old}


def _later(one: Entry) -> Entry:
    return replace(one, published=(one.published or NOW) - timedelta(seconds=1))


DIFFERENT: dict[str, Callable[[Entry], Entry]] = {
    "another second": _later,
    "no date": lambda one: replace(one, published=None, updated=None),
    "another text": lambda one: replace(one, summary_html="Other words"),
    "another title": lambda one: replace(one, title=f"{one.title}, part 2"),
    "another host": lambda one: replace(one, link=one.link.replace("feed.test", "other.test")),
    "another depth": lambda one: replace(one, link=one.link.replace("/a/", "/")),
    "three places": lambda one: replace(one, link=one.link.replace("/a/b/", "/c/d/") + "&n=1"),
    "no address": lambda one: replace(one, link="https://[feed.test/"),
}


@pytest.mark.parametrize("how", DIFFERENT)
def test_F53_what_differs_otherwise_is_another_entry(how: str) -> None:
    """A weekly column keeps its title, and a text may be a formula: each of them is news."""
    again = [DIFFERENT[how](one) for one in told(link=LINK + "&zq=2")]
    assert found(document(*again), told()) == Readdressed()


def test_F53_dates_without_a_time_of_day_prove_nothing() -> None:
    """Warnings that replace those of the morning under the same words bear the same day."""
    midnight = NOW.replace(hour=0, minute=0, second=0)
    for day in (midnight, midnight - 2 * HOUR):  # it is midnight elsewhere
        old = told(published=day, updated=day)
        new = told(link=LINK + "&zq=2", published=day, updated=day)
        assert found(document(*new), old) == Readdressed()


def test_F54_entries_that_say_the_same_in_one_document_are_all_different() -> None:
    same = told(title="Notice", summary_html="See the page.", published=NOW - HOUR)
    again = [replace(one, key=f"{one.key}&n=2", link=f"{one.link}&n=2") for one in same]
    assert found(document(*again), same) == Readdressed()


def test_F53_what_the_document_states_itself_is_not_taken_for_another_entry() -> None:
    """Whether it is read or was left out as known."""
    old, new = told(), told(link=LINK + "&zq=2")
    held = known(*old)
    assert found(document(*old, *new), old, held) == Readdressed()
    pieces = tuple(f"h.{mark(one.id)}.{mark(one.link)}" for one in [*old, *new])
    assert found(document(*new, pieces=pieces, reduced=10), old) == Readdressed()


@pytest.mark.parametrize(("many", "others"), [(FEWEST - 1, 0), (FEWEST, FEWEST + 1)])
def test_F53_a_few_that_are_alike_are_no_document_that_came_again(many: int, others: int) -> None:
    rest = told(20, link="https://feed.test/r/{0}")[10 : 10 + others]
    stated = document(*told(many, link=LINK + "&zq=2"), *rest)
    assert found(stated, told()) == Readdressed()


def test_F53_the_store_is_not_asked_about_news_or_about_what_is_known() -> None:
    new = [entry(f"n{n}", published=NOW + n * HOUR) for n in range(20)]
    assert doubtful(document(*new), (), (), NOW) == ()
    old = told()
    held = known(*old)
    assert doubtful(document(*old), held.by_key, held.by_link, NOW) == ()
    moved = [replace(one, key=f"new {one.key}") for one in old]
    assert doubtful(document(*moved), held.by_key, held.by_link, NOW) == ()


def test_F53_a_document_that_came_again_is_unchanged_and_says_why() -> None:
    """Nothing is new or revised, though its markup holds the token, and the outcome tells it."""
    stated = document(*told(link=LINK + "&zq=2", summary_html='x <a href="?zq=2">y</a>'))
    seen = found(stated, told(link=LINK + "&zq=1", summary_html='x <a href="?zq=1">y</a>'))
    state = polling(last_success=NOW - HOUR, newest=NOW - HOUR)
    decided = after(state, response(), stated, Known(readdressed=seen))
    assert (decided.new, decided.revised) == ((), ())
    assert decided.outcome.kind is OutcomeKind.UNCHANGED
    assert decided.outcome.why == seen.why
    assert (decided.outcome.seen, decided.polling.calm) == (10, 1)
