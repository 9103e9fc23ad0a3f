"""Matches: which articles, at which places, with what score."""

from __future__ import annotations

from math import log
from multiprocessing import Pipe
from typing import cast

import pytest

from monitor.errors import QueryError
from monitor.model import Article, Embed, Match, Watchlist
from monitor.watchlists.finders import MOST_PAIRS, Finders, _Neighbours
from monitor.watchlists.found import Leaf
from monitor.watchlists.matcher import Matcher, compile_one, compile_watchlists, stream_of
from monitor.watchlists.sieve import Sieve
from monitor.watchlists.terms import MOST_SEARCHES
from monitor.watchlists.version import version


def match(*queries: str, article: Article, **limits: object) -> Match | None:
    """The match of one watchlist of these queries."""
    watchlist = Watchlist(name="w", queries=queries, **limits)
    found = compile_watchlists([watchlist]).match(article)
    return found[0] if found else None


def texts(found: Match | None) -> list[str]:
    """The surface forms of a match."""
    return [span.text for span in found.spans] if found else []


@pytest.mark.parametrize(
    "text",
    [
        "drones of 東京 at the air-base",
        "drones-Ж@x-y",
        "x@drones",
        "they hadn't -- drones",
        "drones ㈜",
    ],
)
def test_a_word_is_found_whatever_stands_beside_it(text: str) -> None:
    """Tokens that are several words or none, and paragraphs read as a whole, hide none."""
    assert texts(match("drone", article=Article(text=text))) == ["drones"]


def test_spans_point_into_the_articles_own_strings() -> None:
    """A span has field, offsets, surface form and term; the surface is the slice, with entities."""
    article = Article(
        title="NATO&rsquo;s plan",
        text="First.\n\nAn Indo&#8209;Pacific drill 🇯🇵 NATO",
        embeds=(Embed("post", "no"), Embed("post", "@SecGenNATO spoke")),
    )
    found = match("NATO OR Indo-Pacific", article=article)
    assert found is not None
    strings = {
        "title": article.title,
        "body": article.text,
        "embeds": "\n\n".join(embed.text for embed in article.embeds),
    }
    for span in found.spans:
        assert strings[span.field][span.start : span.end] == span.text
    assert [(s.field, s.text, s.term) for s in found.spans] == [
        ("title", "NATO", "NATO"),
        ("body", "Indo&#8209;Pacific", "Indo-Pacific"),
        ("body", "NATO", "NATO"),
        ("embeds", "NATO", "NATO"),
    ]


def test_overlapping_spans_are_one_named_by_the_longest_term() -> None:
    """NATO inside a longer phrase is not shown twice."""
    article = Article(text="NATO Secretary General Mark Rutte; NATO")
    found = match('NATO OR "NATO secretary general" OR "general mark rutte"', article=article)
    assert found is not None
    assert [(span.text, span.term) for span in found.spans] == [
        ("NATO Secretary General Mark Rutte", "NATO secretary general"),
        ("NATO", "NATO"),
    ]


def test_a_name_and_its_acronym_in_parentheses_are_one_span() -> None:
    """Name and acronym are one span even if another term found what is in the parentheses."""
    article = Article(text="Remotely Piloted Aircraft Systems (RPAS), then RPAS (a kind)")
    found = match('RPAS OR "remotely piloted aircraft system"', article=article)
    assert texts(found) == ["Remotely Piloted Aircraft Systems (RPAS)", "RPAS"]


def test_as_typed_an_accent_that_is_a_character_of_its_own_makes_another_letter() -> None:
    """Composed or not, é is no e, also at the end of a word (Unicode Annex 15)."""
    for written in ("caf\u00e9", "cafe\u0301", "cafe\u0301s"):
        assert match('="cafe"', article=Article(text=f"The {written} x")) is None
        assert match("cafe", article=Article(text=f"The {written} x")) is not None
    assert match('="cafe"', article=Article(text="\u0301 cafe\u00ad")) is not None
    assert match('="C++"', article=Article(text="C++\u2019s")) is not None


@pytest.mark.parametrize(
    ("query", "text", "matches"),
    [
        ("A-10", "prices saw a 10 percent rise", False),
        ("A-10", "A 10 percent rise", False),
        ("A-10", "an A-10C, or two A10s", True),
        ("A400M", "who ran a 400 m race", False),
        ("A400M", "the A-400M Atlas", True),
        ("E-3", "la base e 3 soldati", False),
        ("A-35", "à 35 kilomètres", False),
        ("S-300", "s 300 vojáky", False),
        ("S-300", "an S 300 battery", True),
        ("С-300", "с 300 ракетами", False),
        ("F-35A", "an F-35 a day later", False),
        ("F-35A", "the first F-35A a day later", True),
        ('"F-35A jet"', "an F-35 a jet", False),
        ("F-35", "the f 35", True),
        ("F-35A", "two F-35As", True),
        ("MQ-9B", "MQ-9Bs and MQ9Bs", True),
        ("T-90A", "the T-90 as delivered", False),
        ("Su-30", "celebra su 30 aniversario", False),
        ("Su-30", "a Su 30, two SU30MKIs", True),
        ("Il-76", "il 76 per cento", False),
        ("Il-76", "Il 76 per cento", False),
        ("Il-76", "an IL 76 and an Il-76", True),
        ("AT-4", "at 4 am", False),
        ("AT-4", "At 4 am", False),
        ("AT-4", "an AT 4", True),
        ("F-35A", "the F-35, a jet of five nations", False),
        ("F-35A", "the F-35 \u2013 a jet", False),
        ("F-35A", "They sold the F-35. A buyer", False),
        ("F-35A", "the F-\n35A", True),
        ("F-35A", "the F-\u200e35\u00adA", True),
        ("A-10", "hepatitis A: 10 cases", False),
        ("A-10", "the A\u201310", True),
        ("S-300", "zprava, s. 300", False),
        ("Talon-A", "the Talon. A hawk", False),
        ("AT-4", "an AT4", True),
        ("Ka-52", "ka 52 inimest", False),
        ("An-26", "an 26 Orten", False),
        ("An-26", "the An‑26 landed", True),
        ("东风-5C", "the 1990s", False),
        ("A-bomb", "the blast of a bomb", False),
        ("A-bomb", "A bomb went off.", False),
        ("A-bomb", "survivors of the A-bomb", True),
        ("Talon-A", "the talon a hawk lost", False),
        ("Talon-A", "the Talon A flew", True),
        ("e-mail", "an e mail", True),
        ('"A-bomb in a city"', "an A-bomb in a city", True),
    ],
)
def test_a_letter_and_a_number_are_a_name_unless_they_read_as_words(
    query: str, text: str, matches: bool
) -> None:
    """A designator may be split by a space, but a word before an amount is none."""
    assert bool(match(query, article=Article(text=text))) is matches


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        # Capitals in a line of capitals prove nothing.
        ("AT-4", "BLAST AT 4 AM", []),
        ("AT-4", "AN AT-4 FIRED", ["AT-4"]),
        ("AT-4", "BLAST\nAn AT 4 was used", ["AT 4"]),
        # Tags that were left in the text, and a joiner that nobody sees.
        ("NATO", "<b>NA</b>TO and NA<wbr>TO", ["NA</b>TO", "NA<wbr>TO"]),
        ("NATO", "&lt;b&gt;NA&lt;/b&gt;TO", ["NA&lt;/b&gt;TO"]),
        ('"air base"', "an air<br>base", ["air<br>base"]),
        ("NATO", "NATO<sup>2</sup>", ["NATO"]),
        ('"b and"', "if a <b and c> d", ["b and"]),
        ('="NATO"', "the NA\u034fTO plan", ["NA\u034fTO"]),
    ],
)
def test_what_surrounds_a_name_or_is_left_in_it_is_read_as_people_do(
    query: str, text: str, words: list[str]
) -> None:
    """Spans are the text as it stands; the quick look at an archive passes it, too."""
    found = match(query, article=Article(text=text))
    spans = found.spans if found else ()
    assert [span.text for span in spans] == words
    assert [text[span.start : span.end] for span in spans] == words
    if words:
        compiled = compile_one(Watchlist(name="w", queries=(query,)))
        assert Sieve([compiled]).passes(["", text])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("serviceman", "servicemen"),
        ("policewoman", "policewomen"),
        ("torpedo", "torpedoes"),
        ("torpedo", "torpedos"),
        ("embargo", "embargoes"),
        ("gas", "gases"),
        ("lens", "lenses"),
        ("manoeuvre", "maneuver"),
        ("manoeuvres", "maneuvers"),
        ("manoeuvred", "maneuvered"),
        ("manoeuvring", "maneuvering"),
        ("manoeuvrable", "maneuverable"),
        ("catalogue", "catalogs"),
    ],
)
def test_regular_spellings_of_one_word(one: str, other: str) -> None:
    """Number, and British or American spelling, make no difference in either direction."""
    assert match(one, article=Article(text=f"the {other} here"))
    assert match(other, article=Article(text=f"the {one} here"))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Hamas", "the city of Hama"),
        ("Hama", "fighters of Hamas"),
        ("news", "a new car"),
        ("new", "the news"),
        ("arms", "the export arm of a bank"),
        ("German", "los gérmenes, el germen"),
        ("Rahman", "im Rahmen"),
    ],
)
def test_words_that_only_look_like_number_of_one_another(query: str, text: str) -> None:
    """A final s is not always a plural, nor is -men."""
    assert match(query, article=Article(text=text)) is None


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ('="NATO"', "the NA&shy;TO plan", "NA&shy;TO"),
        ('="NATO"', "the NA\u200bTO plan", "NA\u200bTO"),
        ('="NATO"', "the NA\u200eTO plan", "NA\u200eTO"),
        ('="Iron Dome"', "the Iron&nbsp;Dome of", "Iron&nbsp;Dome"),
        ('="Iron Dome"', "the Iron\nDome, or", "Iron\nDome"),
        ('="S-400"', "two S-4&shy;00s", ""),
        ('="NATO"', "na&shy;to", ""),
        ('="Iron Dome"', "the Iron-Dome", ""),
        ('="Iron Dome"', "the Iron\n\nDome", ""),
        ('="C++"', "in C++&shy;, not C", "C"),
    ],
)
def test_as_typed_is_as_seen(query: str, text: str, found: str) -> None:
    """A soft hyphen and the kind of a space are not seen, so they are not part of what is typed."""
    assert "".join(texts(match(query, article=Article(text=text)))) == found


def test_a_footnote_is_no_part_of_a_word() -> None:
    """Raised digits end a word; with their letters they are a word as well."""
    assert texts(match("NATO", article=Article(text="as NATO\u00b9\u00b2 said"))) == ["NATO"]
    assert texts(match("F-16", article=Article(text="F-16\u00b3"))) == ["F-16"]
    assert texts(match("CO2 OR km2", article=Article(text="CO\u2082, 5 km\u00b2"))) == [
        "CO\u2082",
        "km\u00b2",
    ]


def test_an_acronym_of_hebrew_is_written_as_it_is_typed() -> None:
    """A quotation mark inside a Hebrew word, in a query as in a text, stands for gershayim."""
    article = Article(text='דובר צה"ל מסר', title="בצה\u05f4ל")
    assert texts(match('צה"ל', article=article)) == ["בצה\u05f4ל", 'צה"ל']
    assert texts(match('"דובר צה"ל"', article=article)) == ['דובר צה"ל']
    assert texts(match('="צה"ל"', article=article)) == ['צה"ל']
    assert texts(match('# armies\nצה"ל\nנאט"ו', article=article)) == ["בצה\u05f4ל", 'צה"ל']


def test_spans_come_from_every_query_that_holds() -> None:
    """All queries that hold give spans; `query` is the first of them."""
    found = match("missile", "drone", "NATO", article=Article(text="NATO sent a drone"))
    assert found is not None and found.query == 1
    assert texts(found) == ["NATO", "drone"]


def test_only_true_parts_are_shown() -> None:
    """A NEAR shows the pairs that are near, NOT NEAR the places that are clear."""
    article = Article(text="a drone strike; much later on, far from it all, another drone")
    assert texts(match("drone NEAR/1 strike", article=article)) == ["drone", "strike"]
    assert texts(match("drone NOT NEAR/1 strike", article=article)) == ["drone"]


def test_conditions_are_neither_counted_nor_shown() -> None:
    """A part of weight 0 is a condition that must hold, and nothing more."""
    found = match("Quad NEAR/5 (India OR Japan)^0", article=Article(text="India hosts the Quad"))
    assert found is not None
    assert texts(found) == ["Quad"] and found.score == 1.5


def test_score() -> None:
    """Weight x (1 + ln occurrences, five at most) x field, summed over terms, a hundred at most."""
    words = " ".join(["word"] * 80)
    assert match("drone", article=Article(text=f"{words} drone")).score == 1
    assert match("drone", article=Article(text=f"drone {words}")).score == 1.5
    assert match("drone^2", article=Article(title="drone")).score == 6
    many = match("drone", article=Article(title="drone " * 9))
    assert many is not None and many.score == pytest.approx(3 * (1 + log(5)), abs=1e-4)
    assert match("drone^90", article=Article(title="drone")).score == 100
    two = match("drone OR NATO", "drone", article=Article(title="drone NATO"))
    assert two is not None and two.score == 6


@pytest.mark.parametrize(
    ("limits", "matches"),
    [
        ({"exclude": ("bee",)}, True),
        ({"exclude": ("hangar",)}, False),
        ({"sources": ("Example News",)}, True),
        ({"sources": ("EXAMPLE NEWS",)}, True),
        ({"sources": ("Other",)}, False),
        ({"languages": ("en",)}, True),
        ({"languages": ("fr",)}, False),
        ({"min_score": 1.5}, True),
        ({"min_score": 1.6}, False),
    ],
)
def test_limits(limits: dict[str, object], matches: bool) -> None:
    """A watchlist may be limited by exclusions, sources, languages and a lowest score."""
    article = Article(text="a drone in a hangar", source="Example News", language="en-GB")
    assert (match("drone", article=article, **limits) is not None) == matches


def test_an_unknown_language_passes() -> None:
    """Nothing is lost because a language could not be told."""
    assert match("drone", article=Article(text="drone"), languages=("fr",))


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ('source:"example news"', True),
        ("source:drone", False),
        ("author:Doe", True),
        ("lang:en", True),
        ("lang:fr", False),
        ("lang:en-GB", True),
        ("lang:gb", False),
        ("tag:navy", True),
        ('url:"example.org/world"', True),
        ("title:drone", False),
        ("lead:drone", True),
        ("body:drone", True),
        ("Doe", False),
        ("embedded", True),
        ("body:embedded", False),
    ],
)
def test_fields(query: str, matches: bool) -> None:
    """A term without a field looks at title, body and embeds only."""
    article = Article(
        title="Title",
        text="a drone",
        source="Example News",
        authors=("Jane Doe",),
        language="en-GB",
        tags=("navy",),
        url="https://example.org/world/1",
        embeds=(Embed("post", "embedded"),),
    )
    assert (match(query, article=article) is not None) == matches


@pytest.mark.parametrize(("words", "matches"), [(59, True), (60, False)])
@pytest.mark.parametrize("between", [" ", "\n\n"])
def test_the_lead_is_sixty_words_however_short_its_paragraphs(
    words: int, matches: bool, between: str
) -> None:
    """The end of a paragraph is not one of the sixty, nor for the score."""
    article = Article(title="t", text=between.join([*["word"] * words, "drone"]))
    assert (match("lead:drone", article=article) is not None) == matches
    found = match("drone", article=article)
    assert found is not None and found.score == (1.5 if matches else 1.0)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("One sea drone.", False),
        ("One sea drone, one drone.", True),
        ("A sea drone strike.", True),  # neither phrase is inside the other
    ],
)
def test_a_word_inside_a_phrase_is_no_second_mention(text: str, matches: bool) -> None:
    """ATLEAST counts mentions, not the terms that describe one."""
    query = 'ATLEAST/2(drone OR "sea drone" OR "drone strike")'
    assert (match(query, article=Article(text=text)) is not None) == matches


@pytest.mark.parametrize(("times", "matches"), [(2, False), (3, True)])
def test_pairs_near_each_other_are_mentions_like_any_other(times: int, matches: bool) -> None:
    """The pair from the first word of all to the last does not stand for those between."""
    said = ("A drone strike hit Odesa.", "Another drone strike hit Kyiv.", "A third drone strike.")
    article = Article(text=" ".join(said[:times]))
    assert (match("ATLEAST/4(drone NEAR/20 strike)", article=article) is not None) == matches
    assert match("ATLEAST/2(drone NEAR/0 strike)", article=article) is not None


def test_a_chain_of_near_does_not_grow_without_end() -> None:
    """Sixty terms, each in forty places, have more pairs than could ever be counted."""
    words = [f"term{number}" for number in range(60)]
    article = Article(text=" ".join(["alpha beta gamma delta", *words] * 40))
    chain = " NEAR/99 ".join(["alpha", "beta", "gamma", "delta", *words[:56]])
    assert match(chain, article=article) is not None
    matcher = compile_watchlists([Watchlist(name="w", queries=("alpha NEAR/255 beta",))])
    many = Article(text="alpha beta " * 200)
    found = matcher.evaluation(matcher.read(many)).find(matcher.watchlists[0].queries[0])
    assert found is not None and len(found) == MOST_PAIRS


def test_pairs_are_taken_from_the_beginning_of_the_text_on() -> None:
    """One side of an OR that recurs does not take the place of another that comes first."""
    article = Article(text=f"gamma omega beta {'alpha beta ' * 200}")
    found = match("((alpha OR omega) NEAR/255 beta) NEAR/0 gamma", article=article)
    assert texts(found)[:3] == ["gamma", "omega", "beta"]


class Looked:
    """A place of one word that counts how often it is looked at."""

    looks = 0

    def __init__(self, at: int) -> None:
        self.at = self.last = at

    @property
    def first(self) -> int:
        Looked.looks += 1
        return self.at


@pytest.mark.parametrize(
    ("text", "later", "neighbours"),
    [("alpha\n\nbeta\n\n" * 3000, False, 0), ("beta " * 3000 + "alpha " * 3000, True, 0)],
)
def test_s26_neighbours_elsewhere_are_not_looked_at_again_for_each_place(
    text: str, later: bool, neighbours: int
) -> None:
    """Those in other paragraphs, or before a place that wants later ones: within 255 words stand
    hundreds of them."""
    matcher = compile_watchlists([Watchlist(name="w", queries=("alpha OR beta",))])
    stream = matcher.read(Article(text=text))
    found = matcher.evaluation(stream).find(matcher.watchlists[0].queries[0]) or ()
    leaves = [one for one in found if isinstance(one, Leaf)]
    ones = [one for one in leaves if one.term.text == "alpha"]
    others = [Looked(one.first) for one in leaves if one.term.text == "beta"]
    Looked.looks = 0
    near = _Neighbours(stream, cast("list[Leaf]", others), 255)
    assert sum(len(list(near.of(one, later=later))) for one in ones) == neighbours
    assert Looked.looks < 20 * len(ones)


def test_places_of_many_names_are_in_the_same_order_in_each_process() -> None:
    """The order of a set differs, and what is shown or cut off must not depend on it."""
    names = [f"name{letter}" for letter in "abcdefghijklmnopqrst"]
    matcher = compile_watchlists([Watchlist(name="w", queries=(" OR ".join(names),))])
    article = Article(text=" ".join(reversed(names)))
    found = matcher.evaluation(matcher.read(article)).find(matcher.watchlists[0].queries[0])
    assert [one.term.text for one in found or () if isinstance(one, Leaf)] == names


def test_every_place_of_more_names_than_are_searched_one_by_one_is_found() -> None:
    """Also of prefixes; and each place once, in reading order."""
    names = [f"name{one}{two}" for one in "abcdefghijklmnopqrstuvwxyz" for two in "abcdefghijklmno"]
    names += [f"other{name}" for name in names]
    assert len(names) > MOST_SEARCHES
    written = " ".join([*names, "and", *reversed(names)])
    found = match(" OR ".join([*names, "nam*"]), article=Article(text=written))
    assert texts(found) == [*names, *reversed(names)]


def test_a_score_is_never_a_whole_number() -> None:
    """JSON writes 0 and 0.0 differently: a match by conditions alone has the latter."""
    found = match("alpha^0", article=Article(text="alpha"))
    assert found is not None and repr(found.score) == "0.0"


def test_nothing_reaches_over_a_paragraph() -> None:
    """Neither phrases nor NEAR reach over the end of a paragraph or field."""
    article = Article(title="air", text="base one\n\nair\n\nbase")
    assert not match('"air base"', "air NEAR/9 base", article=article)


def test_matcher_can_be_pickled_and_matches_the_same() -> None:
    """Workers get the machine by pickle."""
    lists = [Watchlist(name="a", queries=("drone*",)), Watchlist(name="b", queries=("NATO",))]
    matcher = compile_watchlists(lists)
    article = Article(text="NATO drones")
    ours, theirs = Pipe()
    for one in (matcher, matcher.match(article)):
        ours.send(one)
    again, told = theirs.recv(), theirs.recv()
    assert again.match(article) == matcher.match(article)
    assert [found.watchlist for found in again.match(article)] == ["a", "b"]
    assert told == matcher.match(article)


def test_exclusions_are_compiled_with_the_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long exclusion that was walked over for each article took most of the time."""
    matcher = compile_watchlists(
        [Watchlist(name="w", queries=("drone",), exclude=("(bee OR hive) AND NOT army",))]
    )

    def walked_over_anew(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Finders, "of", walked_over_anew)
    texts = ("a drone", "a drone in a hive", "an army drone in a hive")
    assert [len(matcher.match(Article(text=text))) for text in texts] == [1, 0, 1]


def test_a_part_asked_about_in_many_articles_is_compiled_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Coverage and explanations of a miss ask about every term; compiling tripled their time."""
    compiled = compile_one(Watchlist(name="w", queries=("drone NEAR/2 (bee OR hive)",)))
    matcher, node = Matcher([compiled]), compiled.queries[0]

    def held(text: str) -> bool:
        return bool(matcher.evaluation(stream_of(Article(text=text))).find(node))

    assert held("a drone in a hive")

    def walked_over_anew(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Finders, "of", walked_over_anew)
    assert [held("the drone and the bee"), held("a drone")] == [True, False]


def test_a_field_around_a_choice_changes_not_what_it_is_known_by() -> None:
    """Of two equally rare sides, rounding once chose one with the field and the other without."""
    one, other = "dbjjc OR (ncd OR jnlgddlcgb^2)^2", "flp OR (jblfjdndhn OR kjnpp^2)^2"
    article = Article(text="a drone", tags=("kjnpp", "ncd"))
    assert match(f"tag:((({one}) AND ({other})) OR zzzzz OR yyyyy)", article=article)


def test_no_watchlists_and_no_text_match_nothing() -> None:
    """Without watchlists, queries or text there is no match, and no error."""
    assert compile_watchlists([]).match(Article(text="drone")) == []
    lists = [Watchlist(name="a"), Watchlist(name="b", queries=("drone",))]
    assert compile_watchlists(lists).match(Article()) == []


def test_a_query_that_does_not_parse_is_named() -> None:
    """The error names watchlist, query, line and column."""
    lists = [Watchlist(name="navy", queries=("ship", "ship AND"))]
    with pytest.raises(QueryError, match="watchlist navy, query 2, line 1, column 9"):
        compile_watchlists(lists)


def test_version_follows_what_decides_a_match() -> None:
    """Another query is another version; another title or test is not. A match names it."""
    one = Watchlist(name="a", queries=("drone",))
    assert version(one) == version(Watchlist(name="b", title="T", queries=("drone",), boost=2))
    assert version(one) != version(Watchlist(name="a", queries=("drones",)))
    assert version(one) != version(Watchlist(name="a", queries=("drone",), exclude=("x",)))
    found = match("drone", article=Article(text="drone"))
    assert found is not None and found.version == version(one)


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("무인항공기", "북한무인항공기와 무인 항공기", ["무인항공기", "무인 항공기"]),
        ("미사일방어", "새 미사일 방어 체계", ["미사일 방어"]),
        ("핵실험", "핵 실험을 준비했다", ["핵 실험"]),
        ('"북대서양 조약"', "북대서양조약기구", ["북대서양조약"]),
        ("나토", "공청회나 토론회를 열었다", []),
        ("방공", "지방 공항과 방 공사", []),
        ("무인항공기", "나무인 항공기", []),
        ("나토", "주한미군과 나토군", ["나토"]),
        ("휴전선", "휴전 선언과 “휴전 선", []),
        ("핵무기", "“핵 무기”, 탄핵 무기", ["핵 무기"]),
    ],
)
def test_korean_words_do_not_run_into_each_other(query: str, text: str, found: list[str]) -> None:
    """A space inside a match is the writer's choice only if the match begins a word."""
    assert texts(match(query, article=Article(text=text))) == found


def test_a_letter_behind_a_hyphen_is_no_plural() -> None:
    """Anka-S is also AnkaS, but not the duck that Swedish calls anka."""
    article = Article(text="en anka, two Anka-S, an ANKAS")
    assert texts(match("Anka-S", article=article)) == ["Anka-S", "ANKAS"]


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("Houthis", "a Houthi boat", ["Houthi"]),
        ("Houthi", "the Houthis", ["Houthis"]),
        ("Saudis", "a Saudi and two Saudis", ["Saudi", "Saudis"]),
        ("Paris", "all pari", []),
        ("basis", "le basi", []),
    ],
)
def test_the_plural_of_a_people_is_one_and_paris_is_none(
    query: str, text: str, found: list[str]
) -> None:
    """Words in -is are rarely plurals, but those of peoples are the ones in the news."""
    assert texts(match(query, article=Article(text=text))) == found


def test_a_mark_of_direction_behind_a_word_is_not_shown() -> None:
    """Nobody sees it, but it would be carried along into digests and copies."""
    article = Article(text="\u200fالناتو\u200f، NATO\u200b\u2019s plan, a dr\u00adone")
    assert texts(match("ناتو OR NATO OR drone", article=article)) == [
        "الناتو",
        "NATO",
        "dr\u00adone",
    ]
