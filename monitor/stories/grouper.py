"""The state of grouping, rebuilt from stored articles, and the decision on each new article."""

from __future__ import annotations

import heapq
import math
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import mul

from monitor.model import Article, Assignment, Ruling
from monitor.stories.clash import (
    agrees,
    clash,
    clash_abroad,
    elsewhere,
    one_meeting,
    other_amounts,
)
from monitor.stories.copies import Copies, Copy
from monitor.stories.events import BODY_WORDS, Rarity, surface, telling
from monitor.stories.forms import one_form
from monitor.stories.manner import passages
from monitor.stories.mentions import Mentions
from monitor.stories.names import written
from monitor.stories.naming import Names
from monitor.stories.reading import Reading, read
from monitor.stories.tongues import alike
from monitor.stories.words import LONGEST, terms

DAY = timedelta(days=1)
NONE = timedelta(0)
MEMORY = timedelta(days=14)
"""Articles that arrived earlier than this are forgotten."""
MOST = 30_000
"""Most articles remembered, the last to arrive: the bound on memory."""
OPEN = timedelta(days=3)
"""How long a story stays open after its last article."""
NEAR = 0.18
"""Least mean likeness to a story's articles, aged, for an article to join an open story."""
STRONG = 0.35
"""The same for a closed story."""
ENCODED = 0.45
"""Weight of the encoder's likeness in that of two articles, if there is an encoder."""
UNLIKE = 0.20
"""Up to this cosine of an encoder's vectors, two texts have nothing in common."""
NEAR_ENCODED = 0.23
"""The value of `NEAR` with an encoder."""
GATHERED = 0.08
"""The same for a story of the same gathering, within `MEETS` of its first article."""
NEXT = timedelta(hours=12)
"""A report of the next event of a series is not of a story first told so long before."""
FOREVER = timedelta(days=365)
"""So long after a story, neither names nor sides count."""
MEETS = timedelta(days=7)
"""A body's ministers of one office meet only once in this time, counted from the first report that
does not announce the meeting."""
NAMED = 0.07
"""What each name that the article shares with this story's reports only adds to the likeness."""
NAMES = 2.5
"""Fewer shared names than this do not count."""
NAMED_ABROAD = 0.10
"""What each adds if no report of the story is in the article's language: little else can."""
NAMES_ABROAD = 2.0
"""Fewer shared names than this do not count in that case."""
NAMES_ALIKE = 1.5
"""From so many names on, it counts as one more that the article speaks of what a report does."""
MOST_NAMES = 6
"""Shared names beyond this number add nothing."""
SIDES = 3
"""About how many sides a story of one day is told from; likeness to one of them is enough."""
FADING = 3.0
"""Rate at which names and sides fade with the square of the days from the story's reports."""
FADING_ABROAD = 1.0
"""The same for names if no report of the story is in the article's language."""
AGEING = 0.2
"""Rate at which likeness falls with each day since the story's first article."""
WEAK = 0.5
"""The rough view omits the weakest terms, which together could make at most this likeness."""
LOOKED_AT = 32
"""How many articles that share most weight in the rough view are compared exactly."""
SHARERS = 30_000
"""Most mentions of shared terms in the rough view: the bound on the time it takes."""
COMPARED = 24
"""How many of a story's newest articles are compared."""
HEADING = 4
"""Most terms of a title that may be the heading of a column."""
AGAIN = timedelta(hours=12)
"""A short title that its source already used at least so long before heads a column."""
VETOES = 2
"""Fewer of a story's articles than this cannot veto one that agrees with the closest."""
FEW = 3
"""Two articles that share fewer terms than this, and fewer than `PART` of the shorter one's, share
them by chance: what is rare today need not be rare, and two such words make short texts alike."""
PART = 0.25
SHOWN = 5
"""Most shared terms that are shown as the reason."""

Encode = Callable[[str], Iterable[float]]
"""An encoder: the title and opening of an article to a vector, always of the same length."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An article in memory."""

    number: int
    story: int
    at: datetime
    arrived: datetime
    copy: bool
    language: str
    reading: Reading
    opening: str
    """The text to encode, until it has been encoded; empty without an encoder."""
    heading: tuple[str, ...]
    """Its source and the terms of its title if they may head a column; else empty."""


@dataclass(frozen=True, slots=True)
class _New:
    """An article to decide on, with the current weights of its terms."""

    article: Article
    """With the text of the passage only, if it is one."""
    at: datetime
    language: str
    reading: Reading
    weights: dict[str, float]
    rarity: dict[str, float]
    length: float
    vector: array[float] | None
    """Of length 1; None without an encoder."""
    passage: bool = False
    """Whether it is a passage of a transcript: others may speak of something else."""


@dataclass(frozen=True, slots=True)
class _Near:
    """A story that an article may join."""

    score: float
    story: int
    closest: _Known
    likeness: float
    """Likeness to the closest article."""
    hours: float
    gathering: str
    """The gathering that both are about, if any."""
    names: float
    """How many names the article shares with this story only; 0 for too few."""
    compared: tuple[_Known, ...]
    new: _New
    """The article, or that part of it which is so near."""

    @property
    def order(self) -> tuple[bool, float, int]:
        """Stories of the gathering that the title names come first, then those that are nearer."""
        return self.gathering not in self.new.reading.facts.headed, -self.rank, self.story

    @property
    def rank(self) -> float:
        """The score; a gathering adds as much as it lowers the threshold."""
        return self.score + (NEAR - GATHERED if self.gathering else 0.0)


class Grouper:
    """Which articles of the last 14 days tell the same event or repeat the same text.

    The state is a function of the articles restored and not yet forgotten, in their order, and of
    the rulings: a long-lived grouper and one rebuilt from the store decide alike.
    """

    def __init__(self, rulings: Iterable[Ruling] = (), encode: Encode | None = None) -> None:
        """`rulings` are obeyed: see `_parts` and `_divided`.

        `encode` is asked for the article that is decided on and for those it is compared with,
        once each.
        """
        self._encode = encode
        self._near = NEAR if encode is None else NEAR_ENCODED
        self._vectors: dict[int, array[float]] = {}
        rulings = list(rulings)
        self._joined = {r.article_id: r.story_was for r in rulings if r.same}
        self._apart = [(r.article_id, r.other_id) for r in rulings if not r.same]
        self._known: dict[int, _Known] = {}
        self._arrivals: list[tuple[datetime, int]] = []
        self._members: dict[int, list[int]] = {}
        self._copies = Copies()
        self._rarity = Rarity()
        self._mentions = Mentions()
        self._gathered: dict[str, dict[int, None]] = {}
        self._names = Names()
        self._headings: dict[tuple[str, ...], dict[int, None]] = {}

    def restore(self, article: Article, story_id: int, duplicate_of: int | None) -> None:
        """Remember a stored article with the decision made on it; call it oldest first.

        Called for each article that arrived in the last 14 days when the program starts, and
        after each decision once the store has kept it. An article without any time counts as
        having arrived with the latest one known.
        """
        arrived = article.first_seen or article.published or self._latest()
        known = _Known(
            number=article.id,
            story=story_id,
            at=article.at or arrived,
            arrived=arrived,
            copy=duplicate_of is not None,
            language=_language(article),
            reading=read(article),
            opening=_opening(article) if self._encode else "",
            heading=_heading(article),
        )
        self._drop(article.id)
        self._known[known.number] = known
        heapq.heappush(self._arrivals, (arrived, known.number))
        self._members.setdefault(story_id, []).append(known.number)
        self._copies.add(known.number, known.reading.print, duplicate_of)
        if not known.copy:
            self._learn(known)

    def assign(self, article: Article, now: datetime) -> Assignment:
        """Decide which story an article joins: that of the text it repeats, or the nearest one.

        `story_id` is None when it opens a story. The article is not remembered until it is
        restored; only what no decision at or after `now` may use is forgotten.
        """
        self._forget(now - MEMORY)
        reading = read(article)
        forms: dict[int, str] = {}
        for copy in self._copies.find(reading.print):
            known = self._known[copy.number]
            if not copy.surely and one_form(reading, known.reading):
                forms[known.story] = _form_of(known)
            elif copy.surely or not clash(reading.facts, known.reading.facts):
                return self._repeats(article, copy)
        refused: list[tuple[_Near, str]] = []
        for candidate in self._divided(self._near_any_part(article, now)):
            veto = forms.get(candidate.story) or self._veto(candidate.new, candidate)
            if not veto and one_form(reading, candidate.closest.reading):
                veto = _form_of(candidate.closest)
            if not veto:
                return self._joins(candidate, refused)
            refused.append((candidate, veto))
        return self._opens(article, refused)

    # ---------------------------------------------------------------- what is remembered

    def _latest(self) -> datetime:
        return max((at for at, _ in self._arrivals), default=datetime(1970, 1, 1, tzinfo=UTC))

    def _learn(self, known: _Known) -> None:
        """Count the terms of an original; copies would make their own words look common."""
        self._rarity.add(known.reading.telling)
        counts = known.reading.telling.counts
        for gathering in sorted(known.reading.facts.gatherings):
            self._gathered.setdefault(gathering, {})[known.number] = None
        if known.heading:
            self._headings.setdefault(known.heading, {})[known.number] = None
        self._names.add(known.reading, known.language, known.story)
        length = math.hypot(*counts.values())
        for term, count in counts.items():
            self._mentions.add(term, known.number, count / length)

    def _forget(self, limit: datetime) -> None:
        while self._arrivals and (self._arrivals[0][0] < limit or len(self._known) > MOST):
            arrived, number = heapq.heappop(self._arrivals)
            if number in self._known and self._known[number].arrived == arrived:
                self._drop(number)

    def _drop(self, number: int) -> None:
        known = self._known.pop(number, None)
        if known is None:
            return
        self._members[known.story].remove(number)
        if not self._members[known.story]:
            del self._members[known.story]
        self._copies.forget(number)
        self._vectors.pop(number, None)
        if not known.copy:
            self._unlearn(known)

    def _unlearn(self, known: _Known) -> None:
        self._rarity.remove(known.reading.telling)
        for term in known.reading.telling.counts:
            self._mentions.remove(term, known.number)
        if known.heading:
            del self._headings[known.heading][known.number]
            if not self._headings[known.heading]:
                del self._headings[known.heading]
        self._names.remove(known.reading, known.language, known.story)
        for gathering in known.reading.facts.gatherings:
            del self._gathered[gathering][known.number]
            if not self._gathered[gathering]:
                del self._gathered[gathering]

    # ---------------------------------------------------------------- how near it is

    def _weigh(self, article: Article, now: datetime) -> _New:
        told = read(article).telling
        if self._recurs(article, now):
            told = telling("", article.text, article.language)
        rarity = self._rarity.weights(told)
        weights = {term: count * rarity[term] for term, count in told.counts.items()}
        return _New(
            article=article,
            at=article.at or now,
            language=_language(article),
            reading=read(article),
            weights=weights,
            rarity=rarity,
            length=math.hypot(*weights.values()),
            vector=_vector(self._encode, _opening(article)) if self._encode else None,
        )

    def _recurs(self, article: Article, now: datetime) -> bool:
        """Whether the title is a column's ("Daily briefing") and says nothing about the event."""
        heading = _heading(article)
        held = self._headings.get(heading, ()) if heading else ()
        at = article.at or now
        return any(abs(at - self._known[number].at) >= AGAIN for number in held)

    def _near_any_part(self, article: Article, now: datetime) -> list[_Near]:
        """Stories near enough to the article, or to a passage of a transcript, best first."""
        whole = self._weigh(article, now)
        found = {one.story: one for one in self._nearest(whole)}
        for passage in passages(article.text) if whole.reading.transcript else ():
            part = replace(self._weigh(replace(article, text=passage), now), passage=True)
            for one in self._nearest(part):
                if one.story not in found or one.order < found[one.story].order:
                    found[one.story] = one
        return sorted(found.values(), key=lambda one: one.order)

    def _nearest(self, new: _New) -> list[_Near]:
        """Stories near enough to join, best first: stories of the gathering that the title names,
        then the others, each by likeness."""
        stories: dict[int, None] = {}
        for known in self._promising(new):
            if known.story not in stories and self._likeness(new, known, self._near):
                stories[known.story] = None
        for gathering in sorted(new.reading.facts.gatherings):
            for number in self._gathered.get(gathering, ()):
                stories.setdefault(self._known[number].story)
        named = self._names_shared(new)
        for story in named:
            stories.setdefault(story)
        near = [found for story in stories if (found := self._compare(new, story, named))]
        return sorted(near, key=lambda one: one.order)

    def _divided(self, near: list[_Near]) -> list[_Near]:
        """Let the single closest article decide between stories that a person has separated.

        On average they are alike, or they would not have been one story.
        """
        if len(near) < 2 or not self._apart:
            return near
        known = self._known
        apart = {
            frozenset((known[one].story, known[other].story))
            for one, other in self._apart
            if one in known and other in known
        }
        rivals = [one for one in near if frozenset((one.story, near[0].story)) in apart]
        first = max((near[0], *rivals), key=lambda one: one.likeness)
        return [first, *(one for one in near if one is not first)]

    def _promising(self, new: _New) -> list[_Known]:
        """The articles that share most weight with the new one, to be compared exactly.

        Terms are taken by falling weight until the rest could not make a likeness above `WEAK` by
        themselves (Cauchy-Schwarz): the rest are the many common words that decide nothing.
        """
        shared: dict[int, float] = {}
        left = new.length**2
        looked_at = 0
        for term in sorted(new.weights, key=lambda term: (-new.weights[term], term)):
            looked_at += self._mentions.count(term)
            if left <= (WEAK * new.length) ** 2 or looked_at > SHARERS:
                break
            weight = new.weights[term]
            left -= weight**2
            factor = weight * new.rarity[term]
            for number, part in self._mentions.of(term):
                shared[number] = shared.get(number, 0.0) + factor * part
        least = sorted(shared.values())[-LOOKED_AT:][:1]  # few reach it, so few are made pairs
        nearest = [(total, number) for number, total in shared.items() if total >= least[0]]
        nearest.sort(reverse=True)
        return [self._known[number] for _, number in nearest[:LOOKED_AT]]

    def _names_shared(self, new: _New) -> dict[int, float]:
        """Story -> how many names it shares with the article that others do not, if enough."""
        if new.reading.facts.several:
            return {}
        found = {}
        for story, count in self._names.shared(new.reading, new.language).items():
            abroad = count >= 1 and self._abroad(story, new.language)
            if abroad or count >= NAMES_ALIKE:
                count += self._told_alike(new, story)
            if count >= (NAMES_ABROAD if abroad else NAMES):
                found[story] = min(count, MOST_NAMES)
        return found

    def _told_alike(self, new: _New, story: int) -> float:
        """How many names it is worth that the article speaks of what a report of the story does."""
        known = [self._known[number] for number in self._members[story]]
        originals = [one.reading.told for one in known if not one.copy][-COMPARED:]
        return max((alike(new.reading.told, told) for told in originals), default=0.0)

    def _abroad(self, story: int, language: str) -> bool:
        """Whether no report of the story is in this language."""
        known = (self._known[number] for number in self._members[story])
        return all(one.copy or one.language != language for one in known)

    def _compare(self, new: _New, story: int, named: Mapping[int, float]) -> _Near | None:
        """How near a story is: as near as its nearest part."""
        shared = named.get(story, 0.0)
        parts = self._parts(story)
        near = [found for part in parts if (found := self._compare_part(new, part, shared))]
        return max(near, key=lambda one: one.score, default=None)

    def _parts(self, story: int) -> list[list[_Known]]:
        """Its articles in parts; what a person joined stays its own part, to attract its like."""
        parts: dict[int | None, list[_Known]] = {}
        for number in self._members[story]:
            parts.setdefault(self._joined.get(number), []).append(self._known[number])
        return list(parts.values())

    def _compare_part(self, new: _New, members: list[_Known], names: float) -> _Near | None:
        """How near the articles are, by the newest originals: see `_score`.

        Originals in the article's own language are compared if there are any; copies whose
        originals are forgotten are not compared, and transcripts only if nothing else is there:
        they may begin with another subject than the story's.
        """
        originals = [known for known in members if not known.copy]
        originals = [one for one in originals if not one.reading.transcript] or originals
        own = [known for known in originals if known.language == new.language]
        compared = (own or originals)[-COMPARED:]
        if not compared:
            return None
        likeness = [self._likeness(new, known) for known in compared]
        first, last = min(known.at for known in members), max(known.at for known in members)
        if own and names < NAMES:
            names = 0.0
        told = names * (NAMED if own else NAMED_ABROAD)
        since = max(new.at - last, first - new.at, NONE)
        next_one = new.reading.facts.again and abs(new.at - first) >= NEXT
        begun = min([one.at for one in members if not one.reading.facts.announced], default=first)
        near_days = abs(new.at - begun) <= MEETS
        if not near_days:
            gathering = ""
        elif own:
            gathering = _gathering(new, originals)
        else:
            gathering = _gathering_abroad(new, originals, names >= NAMES_ABROAD, since <= DAY)
        age = new.at - (begun if gathering else first)
        fading = FADING if own else FADING_ABROAD
        score = _score(likeness, told, age, FOREVER if next_one else since, fading)
        best = max(likeness)
        closest = compared[likeness.index(best)]
        doubtful = new.passage or next_one or _told_otherwise(new, closest, compared)
        if new.vector is None and not names:
            theirs = closest.reading.telling.counts
            doubtful = doubtful or _by_chance(new.weights, theirs, PART if own else 1.0)
            if not gathering and _only_figures(new.weights, theirs):
                return None
        least = STRONG if doubtful or new.at - last > OPEN else self._near
        if gathering:
            least = GATHERED if own else 0.0
        if score < least:
            return None
        hours = abs(new.at - closest.at) / timedelta(hours=1)
        found = tuple(compared)
        return _Near(score, closest.story, closest, best, hours, gathering, names, found, new)

    def _likeness(self, new: _New, known: _Known, least: float = 0.0) -> float:
        """The likeness of two articles; 0 when it is below `least`."""
        if self._encode is None or new.vector is None:
            return self._shared_terms(new, known, least)
        if known.number not in self._vectors:
            self._vectors[known.number] = _vector(self._encode, known.opening)
        cosine = sum(map(mul, new.vector, self._vectors[known.number]))
        meant = max(0.0, cosine - UNLIKE) / (1 - UNLIKE)
        likeness = ENCODED * meant + (1 - ENCODED) * self._shared_terms(new, known)
        return likeness if likeness >= least else 0.0

    def _shared_terms(self, new: _New, known: _Known, least: float = 0.0) -> float:
        """Cosine of the weighted terms of two articles; 0 when it is below `least`."""
        theirs = known.reading.telling.counts
        mine, rarity = new.weights, new.rarity
        both = filter(theirs.__contains__, mine)  # few terms are: this skips the others quickly
        shared = sum([mine[term] * theirs[term] * rarity[term] for term in both])
        if not shared:
            return 0.0
        limit = shared / (new.length * least) if least else math.inf
        likeness = shared / (new.length * self._rarity.length(known.reading.telling, limit))
        return likeness if likeness >= least else 0.0

    def _veto(self, new: _New, near: _Near) -> str:
        """Why the article does not belong to this story; empty when nothing speaks against it.

        All compared articles count: one report that names another place is outweighed by those
        that name this one, as a story is told from many sides, unless amounts differ too. On a
        tie the closest decides.
        """
        facts = new.reading.facts
        abroad = near.closest.language != new.language  # then all that were compared are
        differ = clash_abroad if abroad else clash
        asked = [one.reading.facts for one in near.compared]
        vetoes = [differ(facts, one) for one in asked]
        against = [veto for veto in vetoes if veto]
        unopposed = [one for one, veto in zip(asked, vetoes, strict=True) if not veto]
        closest = near.closest.reading.facts
        if first := differ(facts, closest):
            agreed = sum(agrees(facts, one, closest) for one in unopposed)
            return first if len(against) >= agreed or other_amounts(facts, closest) else ""
        if len(against) >= VETOES and len(against) > sum(agrees(facts, o) for o in unopposed):
            return against[-1]
        return "" if near.gathering or abroad else elsewhere(facts, asked)

    # ---------------------------------------------------------------- what is answered

    def _repeats(self, article: Article, copy: Copy) -> Assignment:
        return Assignment(
            article_id=article.id,
            story_id=self._known[copy.number].story,
            duplicate_of=copy.original,
            score=round(copy.share, 3),
            why=copy.why,
            nearest=copy.number,
        )

    def _joins(self, near: _Near, refused: list[tuple[_Near, str]]) -> Assignment:
        new, article = near.new, near.new.article
        shared = _shared(article, new, near.closest)
        reasons = [f"score {near.score:.2f}"]
        if new.passage:
            reasons.append("by a passage of the transcript")
        if near.gathering:
            reasons.append(f"same gathering ({near.gathering})")
        if shared:
            reasons.append(f"shares {_quoted(shared)}")
        if near.names:
            reasons.append(f"names {_quoted(self._told_names(article, new, near.story))}")
        return Assignment(
            article_id=article.id,
            story_id=near.story,
            score=round(near.score, 3),
            terms=shared,
            why=f"{', '.join(reasons)}; {_hours(near.hours)} from article {near.closest.number}",
            nearest=near.closest.number,
            hours=round(near.hours, 1),
            veto=_vetoed(*refused[0]) if refused else "",
        )

    def _told_names(self, article: Article, new: _New, story: int) -> list[str]:
        """Names shared with this story and few others, as the new article writes them."""
        words = written(article.title, article.text)
        found = {
            number: words.get(name, name)
            for name, number in new.reading.names.items()
            if story in self._names.holding(name, new.language)
        }
        return sorted(found.values())[:SHOWN]

    def _opens(self, article: Article, refused: list[tuple[_Near, str]]) -> Assignment:
        if not refused:
            return Assignment(
                article_id=article.id, story_id=None, why="nothing like it in recent days"
            )
        near, veto = refused[0]
        return Assignment(
            article_id=article.id,
            story_id=None,
            score=round(near.score, 3),
            why=f"like story {near.story} (score {near.score:.2f}), but {veto}",
            nearest=near.closest.number,
            hours=round(near.hours, 1),
            veto=_vetoed(near, veto),
        )


def _quoted(words: Iterable[str]) -> str:
    """Words of an article, told from ours: a shared "3" is no number of things shared."""
    return ", ".join(f"“{word}”" for word in words)


def _told_otherwise(new: _New, closest: _Known, compared: list[_Known]) -> bool:
    """Whether one tells several events, or one tells an aside and the other does not, or their
    titles name different gatherings."""
    facts, theirs = new.reading.facts, closest.reading.facts
    several = facts.several or all(one.reading.facts.several for one in compared)
    two_meetings = bool(facts.headed and theirs.headed) and not one_meeting(facts, theirs)
    return several or two_meetings or facts.aside != theirs.aside


def _by_chance(mine: Mapping[str, float], theirs: Mapping[str, int], part: float) -> bool:
    """Whether two articles share so few terms that their likeness says little."""
    shared = sum(term in theirs for term in mine)
    return shared < min(FEW, part * min(len(mine), len(theirs)))


def _only_figures(mine: Mapping[str, float], theirs: Mapping[str, int]) -> bool:
    """Whether two articles share nothing but numbers: "F-35", "road 35"."""
    return all(term.isdigit() for term in mine if term in theirs)


def _score(
    likeness: list[float], names: float, age: timedelta, apart: timedelta, fading: float
) -> float:
    """How near a story is: the mean likeness to its articles, reduced by the days since its first.

    Near its reports in time (`apart` from them), it is enough to be like one of the sides from
    which the story is told, and names that no other story shares count in addition.
    """
    mean = sum(likeness) / len(likeness)
    side = sorted(likeness, reverse=True)[: math.ceil(len(likeness) / SIDES)]
    gain = sum(side) / len(side) - mean + names
    fresh = math.exp(-fading * (apart / DAY) ** 2)
    return mean * math.exp(-AGEING * abs(age / DAY)) + gain * fresh


def _hours(hours: float) -> str:
    return f"{hours:.0f} {'hour' if round(hours) == 1 else 'hours'}"


def _form_of(known: _Known) -> str:
    return f"the form of article {known.number} filled in anew"


def _vetoed(near: _Near, veto: str) -> str:
    return f"not of story {near.story}: {veto}"


def _opening(article: Article) -> str:
    words = article.text[: BODY_WORDS * LONGEST].split()[:BODY_WORDS]
    return f"{article.title}. {' '.join(words)}"


def _heading(article: Article) -> tuple[str, ...]:
    """The source and the terms of a title that is short enough to head a column; else empty."""
    found = sorted({term for term, _ in terms(article.title, article.language)})
    return (article.source, *found) if article.source and len(found) <= HEADING else ()


def _vector(encode: Encode, text: str) -> array[float]:
    """The encoder's vector of a text, scaled to length 1."""
    found = array("f", map(float, encode(text)))
    length = math.hypot(*found) or 1.0
    return array("f", (part / length for part in found))


def _language(article: Article) -> str:
    """The code of its language; text of unknown language counts as English."""
    return article.language[:2].lower() or "en"


def _gathering(new: _New, originals: list[_Known]) -> str:
    """A gathering that both the article and a report of its language name."""
    named = [known.reading.facts.gatherings for known in originals]
    return min(new.reading.facts.gatherings.intersection(frozenset().union(*named)), default="")


def _gathering_abroad(new: _New, originals: list[_Known], named: bool, soon: bool) -> str:
    """A gathering that both name, if no words can be compared.

    The titles of both must give it; or one title, if they share names (`named`), or if the other
    report comes within a day (`soon`), names the body in its title and the meeting right after it.
    """
    mine = new.reading.facts
    theirs = [known.reading.facts for known in originals]
    headed = frozenset().union(*(one.headed for one in theirs))
    both = mine.headed & headed
    if named:
        told = frozenset().union(*(one.gatherings for one in theirs))
        both |= (mine.gatherings & headed) | (mine.headed & told)
    if soon:
        opened = frozenset().union(*(one.opened for one in theirs))
        both |= (mine.opened & headed) | (mine.headed & opened)
    return min(both, default="")


def _shared(article: Article, new: _New, known: _Known) -> tuple[str, ...]:
    """The shared terms of most weight, as words of the new article."""
    theirs = known.reading.telling.counts
    shared = [term for term in new.weights if term in theirs]
    shared.sort(key=lambda term: (-new.weights[term] * theirs[term] * new.rarity[term], term))
    words = surface(article.title, article.text, article.language)
    return tuple(words[term] for term in shared[:SHOWN])
