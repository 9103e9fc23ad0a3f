"""Forms filled in anew: two texts in the same words that tell of two things.

Who reports often has a form for each kind of event: a sale, an award, an appointment, a warning to
ships. Such reports share whole sentences, which two outlets' reports of one event never do. What
they do not share is what the form was filled in with, and the titles say what that is.
"""

from __future__ import annotations

from monitor.stories.clash import filled_anew
from monitor.stories.reading import Reading

SAME_WORDS = 0.15
"""From this share of the shorter opening on, two openings are in the same words."""
LEAST = 6
"""Fewer shared shingles may be a dateline and a set phrase."""


def one_form(one: Reading, other: Reading) -> bool:
    """Whether two reports in one language are one form, filled in for two events.

    Their openings are in the same words, and either each title has a name that is nowhere in the
    other report, or both state sums to the last digit in one currency and none is the same, or all
    amounts differ (`clash.filled_anew`). An update keeps the names that its first version had in
    the title.
    """
    rivals = _rivals(one, other) and _rivals(other, one)
    if not (rivals or _other_sums(one, other) or filled_anew(one.facts, other.facts)):
        return False
    mine, theirs = one.print.wording, other.print.wording
    shared = len(set(mine).intersection(theirs))
    shorter = min(len(mine), len(theirs))
    return shared >= max(LEAST, SAME_WORDS * shorter)


def _rivals(one: Reading, other: Reading) -> bool:
    """Whether the title of one names something or some place that the other report does not."""
    if one.facts.title["places"] - other.facts.near["places"]:
        return True
    known, terms = other.names, other.telling.counts
    return any(name not in known and term not in terms for name, term in one.headed.items())


def _other_sums(one: Reading, other: Reading) -> bool:
    """Whether both state sums in one currency, and none is the same."""
    mine, theirs = one.facts.exact, other.facts.exact
    both = mine.keys() & theirs.keys()
    return bool(both) and all(mine[each].isdisjoint(theirs[each]) for each in both)
