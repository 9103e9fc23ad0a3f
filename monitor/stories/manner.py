"""How a report is told, whatever its subject: as a round-up, the next of a series, an aside.

Set phrases of each language at the head of the report tell it. Missing a phrase does no new harm;
seeing one wrongly only requires more likeness and forbids nothing.
"""

from __future__ import annotations

import re

SEVERAL = 3
"""A title with at least so many parts between semicolons lists events."""
TURNS = 4
"""A text with at least so many changes of the speaker is a transcript, if at least `SPEAKERS`
speak: a page may head its paragraphs "WATCH:"."""
SPEAKERS = 2
PASSAGE = 60
"""Words after which a passage ends with its paragraph."""
MOST_PASSAGES = 24
"""Passages of a transcript that are looked at."""
STAMPED = 3
"""At least so many paragraphs that begin with a time of day make a live page."""

_LISTED = re.compile(r"[;•|](?=\s)")
_STAMP = re.compile(r"^\W{0,3}\d{1,2}[:.h]\d{2}(?!\d)", re.MULTILINE)
_ROUND_UP = re.compile(
    r"(?<!\w)(?:"
    r"live(?= ?[:|–—]| - )|live[ -]?(?:updates?|blog|coverage|ticker)|as it happened"
    r"|round-?up|week in review|key (?:events|developments)|news in brief|top (?:stories|headlines)"
    r"|what we know on day|(?:brief|briefing|^this week|digest|newsletter|wrap)(?=:)"
    r"|(?:morning|evening|daily|weekly|war|news) briefing"
    r"|newsblog|newsticker|wochenrückblick|(?:tag|woche|lage) im überblick"
    r"|en direct|revue de presse|l['’]essentiel de|en directo|en vivo|minuto a minuto"
    r"|resumen de|in diretta|ao vivo|na żywo|podsumowanie (?:dnia|tygodnia)"
    r"|(?:главное|головне) за|дайджест|хроника дня|онлайн(?= ?[:|–—]| - )"
    r")(?!\w)",
    re.IGNORECASE,
)
_COUNTED = "second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
_HAPPENED = (
    "accidents?|assaults?|attacks?|barrages?|bombardments?|bombings?|crash(?:es)?|ditchings?"
    "|incidents?|launch(?:es)?|mishaps?|raids?|salvos?|shellings?|strikes?|tests?|transits?"
)
_HAPPENS = (
    "attack(?:s|ed)?|bomb(?:s|ed)|crash(?:es|ed)?|fire[sd]?|hits?|launch(?:es|ed)?|sails?|strikes?"
    "|struck|targets?|targeted|tests?|tested|under (?:attack|fire)"
)
_NEXT = re.compile(
    r"(?<!\w)(?:"
    rf"(?:{_COUNTED}) (?:(?:such|consecutive|straight|successive)(?!\w)"
    rf"|(?:[a-z-]+ ){{0,2}}(?:{_HAPPENED}|night(?! of)|ship|vessel|tanker)(?!\w))"
    r"|in as many (?:days|nights|weeks|months)"
    rf"|(?:fresh|another|renewed) (?:[\w-]+ ){{0,3}}(?:{_HAPPENED})(?!\w)"
    rf"|(?:{_HAPPENS}) again(?!\w)|again (?:{_HAPPENS})(?!\w)"
    r"|erneut(?:e[rns]?)?(?!\w)|zum wiederholten mal|in folge(?!\w)"
    r"|weitere[rn]? (?:angriff|raketentest|absturz|zwischenfall)"
    r"|(?:de|à) nouveau(?!\w)|nouve(?:au|l) (?:tir|essai|raid|accident|incident)"
    r"|nouvelles? (?:attaque|frappe|vague)|consécutive?(?!\w)"
    r"|nuevos? (?:ataque|bombardeo|ensayo)|de nuevo(?!\w)|consecutiv[oa](?!\w)"
    r"|nuov[oi] (?:attacc|test|raid)|di nuovo(?!\w)"
    r"|kolejn(?:y|a|e) (?:atak|uderzeni|prób)|ponownie(?!\w)"
    r"|(?:снова|вновь|знову)(?!\w)"
    r")"
)
"""All in lower case."""
_NEXT_HINTS = (
    *_COUNTED.split("|"),
    *("fresh", "another", "renewed", "again", "as many", "erneut", "wiederholt", "folge"),
    *("weitere", "nouve", "consecutiv", "consécutiv", "nuev", "nuov", "kolejn", "ponownie"),
    *("снова", "вновь", "знову"),
)
"""Every form contains one of these: a quick check before a slow one."""
_ASIDE = re.compile(
    r"(?<!\w)(?:(?:on|in|at) (?:the )?(?:[\w’'-]+ )?(?:sidelines|margins|fringes)(?!\w)"
    r"|am rande (?:de[rs]|eine[rs])|en marge d|al margen de|a margine d|na marginesie"
    r"|на полях|на маргін)"
)
_ASIDE_HINTS = ("sideline", "margin", "fringe", "rande ", "en marge", "на полях", "на маргін")


_ANNOUNCED = re.compile(
    r"(?<!\w)(?:to (?:address|advance|attend|convene|debate|discuss|focus|gather|host|meet|review"
    r"|visit|weigh)|will (?:attend|discuss|gather|host|meet)|ahead of|next week|upcoming|preview)"
    r"(?!\w)",
    re.IGNORECASE,
)


_EARLIER = re.compile(
    r"c(?<!\w.)((?<=, .)|(?<=, which .))?(?:ame|omes?|oming) (?:[a-z]+ ){0,3}"
    r"(?:hours?|days?|nights?|weeks?|months?) after(?! tomorrow)(?!\w)(?(1)[^,.;!?\n]*|[^.;!?\n]*)"
)
"""An aside ends at its comma: "the strike, which came a day after talks, hit Sumy"."""
HEAD = 1_300
"""Characters of a text in which what it says of earlier events is looked for."""


_TURN = re.compile(
    r"^(?:[QA]\.(?= )"
    r"|(?:[QA]|[^\W\d_a-zа-яё](?:[^\W\d_a-zа-яё]|[.,'’ -]){3,80}(?: \([^()\n]{1,80}\))?"
    r"|(?P<asked>Question|Answer|Frage|Antwort|Réponse|Pregunta|Respuesta|Domanda|Risposta|Pytanie"
    r"|Odpowiedź|Вопрос|Ответ|Запитання|Питання|Відповідь))(?:: | : |:$))",
    re.MULTILINE,
)
"""The label of whoever speaks: a name in capitals, "Q:", "Question:"."""


def passages(text: str) -> list[str]:
    """The parts of a transcript, each from the beginning of a paragraph; none of any other text.

    Who speaks to the press begins with whatever is in the news, or with thanks; what he came for
    follows.
    """
    turns = _TURN.finditer(text) if text.count("\n") >= TURNS - 1 else ()
    labels = [turn[0] for turn in turns if turn["asked"] or turn[0].partition(" (")[0].isupper()]
    if len(labels) < TURNS or len(set(labels)) < SPEAKERS:
        return []
    parts: list[list[str]] = []
    length = PASSAGE
    for paragraph in filter(str.strip, text.split("\n")):
        if length >= PASSAGE:
            if len(parts) == MOST_PASSAGES:
                break
            parts.append([])
            length = 0
        parts[-1].append(_TURN.sub("", paragraph).strip())
        length += len(parts[-1][-1].split())
    return ["\n".join(part) for part in parts]


def of_itself(text: str) -> str:
    """The text without what its head says of an earlier event: "It came a day after drones hit
    Ruritania" names the other event, of which this one is not."""
    head = text[:HEAD]
    return _EARLIER.sub(" ", head) + text[HEAD:] if " after " in head else text


def announced(title: str) -> bool:
    """Whether a title tells of a meeting that is still to come."""
    return bool(_ANNOUNCED.search(title))


def round_up(title: str, text: str) -> bool:
    """Whether a report tells several events, as a day's round-up or a live page does."""
    listed = len(_LISTED.findall(title)) >= SEVERAL - 1
    if listed or _ROUND_UP.search(title):
        return True
    return text.count("\n") >= STAMPED - 1 and len(_STAMP.findall(text)) >= STAMPED


def next_of_series(head: str) -> bool:
    """Whether an event is told as the next of its kind: "for a second night", "a fresh attack"."""
    lower = head.lower()
    return any(hint in lower for hint in _NEXT_HINTS) and bool(_NEXT.search(lower))


def aside(head: str) -> bool:
    """Whether an event happened on the sidelines of a greater one."""
    lower = head.lower()
    return any(hint in lower for hint in _ASIDE_HINTS) and bool(_ASIDE.search(lower))
