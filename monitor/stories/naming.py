"""Which stories contain a name or a sound, and how many such names an article shares with each.

A name counts the more, the fewer stories contain it: one that all reports of the week have says
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter

from monitor.stories.names import NOUNS_ARE_NAMES
from monitor.stories.reading import Reading

TELLING = 3
"""A name in the reports of more stories than this does not count."""
LONGER = 0.5
"""How much more a name counts if two of its words are shared."""
HEARD = -20_000
"""Number of the first name known by its sound, lower than that of any other."""

_Index = dict[str, dict[int, int]]
"""Name -> story -> how many of its originals contain it."""


class Names:
    """The names of the originals in memory, by story."""

    def __init__(self) -> None:
        self._named: dict[bool, _Index] = {False: {}, True: {}}
        """German ones are kept apart."""
        self._spelled: _Index = {}
        self._heard: _Index = {}
        """The same for sounds of names, and of the words of scripts without capitals."""

    def add(self, told: Reading, language: str, story: int) -> None:
        """Count the names of one original more."""
        for index, names in self._indexes(told, language):
            for name in names:
                held = index.setdefault(name, {})
                held[story] = held.get(story, 0) + 1

    def remove(self, told: Reading, language: str, story: int) -> None:
        """Count them no more."""
        for index, names in self._indexes(told, language):
            for name in names:
                held = index[name]
                held[story] -= 1
                if not held[story]:
                    del held[story]
                if not held:
                    del index[name]

    def _indexes(self, told: Reading, language: str) -> list[tuple[_Index, Mapping[str, int]]]:
        """Where its names are counted; those of a transcript may be of another subject."""
        if told.transcript:
            return []
        named = self._named[language in NOUNS_ARE_NAMES]
        return [(named, told.names), (self._spelled, told.spelled), (self._heard, told.heard)]

    def holding(self, name: str, language: str) -> list[int]:
        """The stories that contain a name, if they are few.

        German capitalises every noun: its names count only for articles in other languages, which
        show which of them are names.
        """
        german = language in NOUNS_ARE_NAMES
        indexes = [self._named[False]] if german else list(self._named.values())
        held = [index[name] for index in indexes if name in index]
        if not held or max(map(len, held)) > TELLING:
            return []
        stories = list(dict.fromkeys(story for stories in held for story in stories))
        return stories if len(stories) <= TELLING else []

    def shared(self, told: Reading, language: str) -> dict[int, float]:
        """Story -> how many names it shares with an article that others do not.

        A name in two stories counts a half for each, one in three a third; and a name of which
        more than one word is shared counts `LONGER` more.
        """
        shared: dict[int, dict[int, list[float]]] = {}
        for form, name in told.names.items():
            stories = self.holding(form, language)
            for story in stories:
                shared.setdefault(story, {}).setdefault(name, []).append(1 / len(stories))
        spelled_alike = {story: frozenset(names) for story, names in shared.items()}
        for story, name, part in self._sounds_shared(told):
            if name not in spelled_alike.get(story, ()):
                shared.setdefault(story, {}).setdefault(name, []).append(part)
        return {story: sum(map(_told, names.values())) for story, names in shared.items()}

    def _sounds_shared(self, told: Reading) -> Iterator[tuple[int, int, float]]:
        """Each story that shares a sound, the number of the name, and what the sound counts.

        One of the two writes it in a script with capitals: other words only sound like names. Words
        side by side are one name.
        """
        for sound, name in told.spelled.items():
            for story, part in self._sounding(sound, self._heard):
                yield story, name, part
        last: dict[int, tuple[int, int]] = {}
        for sound, word in sorted(told.heard.items(), key=itemgetter(1, 0)):
            for story, part in self._sounding(sound, self._spelled):
                name, before = last.get(story, (HEARD - word, word))
                name = name if word <= before + 1 else HEARD - word
                last[story] = name, word
                yield story, name, part

    def _sounding(self, sound: str, index: _Index) -> Iterator[tuple[int, float]]:
        """The stories of an index that contain a sound, if few do in any script, and its part."""
        held = index.get(sound)
        if held:
            holding = self._spelled.get(sound, {}).keys() | self._heard.get(sound, {}).keys()
            if len(holding) <= TELLING:
                yield from ((story, 1 / len(holding)) for story in held)


def _told(parts: list[float]) -> float:
    """What a shared name counts, given what its words count."""
    best = sorted(parts, reverse=True)
    return best[0] + LONGER * sum(best[1:2])
