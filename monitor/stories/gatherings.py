"""Gatherings: which meetings a text names, in any of our languages.

A meeting of ministers is reported from so many sides (the guest, the speech, the paper signed) that
the reports share few words, and none across languages. They do share its name: the body, and the
office of those who meet. Within days, a body's ministers of one office meet only once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

APART = 30
"""Most characters between the names of the body and the office."""
LONGEST = 60
"""Most characters of the name of an office."""
OFTEN = 3
"""A body named so often in a text, though not in its first line, is what it is about."""
BESIDE = 80
"""Characters before both in which a phrase may say that the event only took place near them."""

_BODIES = {
    "NATO": r"NATO|Nato|nato|OTAN|НАТО|北大西洋条約機構|北约|北約|나토|ناتو|حلف شمال الأطلسي|नाटो",
    "EU": r"EU|UE|European Union|Europäischen? Union|ЕС|ЄС|欧州連合|欧盟|歐盟|유럽연합"
    r"|الاتحاد الأوروبي",
    "G7": r"G7|G-7|Group of Seven|Groupe des Sept|Gruppe der Sieben|主要7カ国",
    "G20": r"G20|G-20|Group of (?:20|Twenty)",
    "ASEAN": r"ASEAN|Asean|АСЕАН|东盟|東盟|아세안|آسيان|อาเซียน",
    "OSCE": r"OSCE|OSZE|ОБСЕ|ОБСЄ",
    "BRICS": r"BRICS|Brics|БРИКС",
    "African Union": r"African Union|Afrikanischen? Union|Union africaine",
    "Arab League": r"Arab League|Arabischen? Liga|Ligue arabe|جامعة الدول العربية|الجامعة العربية",
}
_OFFICES = {
    "defence": (
        r"defen[cs]e (?:ministers|ministerial|chiefs|talks)|ministers of (?:national )?defen[cs]e"
        r"|verteidigungs(?:minister(?!i)\w*|chefs)"
        r"|ministres (?:\w+ )?de la défense|ministros (?:\w+ )?d[ae] def(?:ensa|esa)"
        r"|ministri (?:\w+ )?della difesa|defensieministers|försvarsministrar\w*"
        r"|forsvarsminist(?:re|rene|erne)|puolustusministeri(?:en|t)"
        r"|ministr(?:owie|ów|ami|om) obrony|minist(?:ři|rů) obrany|министр(?:ы|ов|ами) обороны"
        r"|міністр(?:и|ів|ами) оборони|savunma bakanları|国防相会合|防衛相会合|国防部长会议|防长"
        r"|(?:các|hội nghị|cuộc họp) (?:cấp )?bộ trưởng (?:bộ )?quốc phòng"
        r"|para menteri pertahanan|menhan|pertemuan menteri pertahanan"
        r"|وزراء (?:ال)?دفاع|وزرای دفاع|국방장관(?:회의|들)"
        r"|रक्षा मंत्रियों"
        r"|miniștri(?:i|lor) apărării|minist(?:ri|ara) (?:obrane|odbrane)|министрите на отбраната"
        r"|gynybos ministr(?:ai|ų)|aizsardzības ministr(?:i|u)|kaitseministri(?:d|te)"
        r"|védelmi miniszterek|υπουργ(?:οί|ών|ούς) άμυνας"
    ),
    "foreign": (
        r"foreign (?:ministers|ministerial)|ministers of foreign affairs|top diplomats"
        r"|außenminister(?!i)\w*|chefdiplomaten"
        r"|chefs de la diplomatie|jefes de la diplomacia"
        r"|ministres (?:\w+ )?des affaires étrangères"
        r"|ministros (?:\w+ )?d[eo]s? (?:asuntos |negócios )?(?:exteriores|estrangeiros)"
        r"|ministri (?:\w+ )?degli esteri|utrikesministrar\w*|utenriksministre\w*"
        r"|ministr(?:owie|ów|ami|om) spraw zagranicznych|министр(?:ы|ов|ами) иностранных дел"
        r"|міністр(?:и|ів|ами) закордонних справ|dışişleri bakanları|外相会合|外长"
        r"|(?:các|hội nghị|cuộc họp) (?:cấp )?(?:bộ trưởng (?:bộ )?)?ngoại (?:giao|trưởng)"
        r"|para menteri luar negeri"
        r"|وزراء (?:ال)?خارجية|وزرای (?:امور )?خارجه|외교장관(?:회의|들)|विदेश मंत्रियों"
        r"|υπουργ(?:οί|ών|ούς) εξωτερικών"
    ),
    "finance": (
        r"finance (?:ministers|ministerial|chiefs)|finanzminister(?!i)\w*"
        r"|ministres (?:\w+ )?des finances|ministri (?:\w+ )?delle finanze|財務相会合|财长"
        r"|(?:các|hội nghị|cuộc họp) (?:cấp )?bộ trưởng (?:bộ )?tài chính"
        r"|para menteri keuangan|وزراء (?:ال)?مالية"
        r"|재무장관(?:회의|들)"
    ),
}
_BY_INITIALS = {
    "admm": "ASEAN defence ministers",
    "foreign affairs council": "EU foreign ministers",
    "foreign affairs council (defence": "EU defence ministers",
    "ecofin": "EU finance ministers",
    "eurogroup": "EU finance ministers",
}
"""Meetings with a name of their own."""
_CALLED = (
    "ADMM",
    "Foreign Affairs Council (Defence",
    "Foreign Affairs Council",
    "ECOFIN",
    "Ecofin",
    "Eurogroup",
)
_INITIALS = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, _CALLED))})(?![A-Za-z])")
_BODY = {
    name: re.compile(rf"(?<![A-Za-z])(?:{forms})s?(?![A-Za-z])") for name, forms in _BODIES.items()
}
_STEMS = {
    name: [re.split(r".\?|\(", form)[0].lower() for form in forms.split("|")]
    for name, forms in _BODIES.items()
}
"""A part of every form of a body, in lower case: a quick check before a slow one."""
_OFFICE = {name: re.compile(forms, re.IGNORECASE) for name, forms in _OFFICES.items()}
_BREAK = re.compile(r"[.。!?\n]")
_BESIDE = re.compile(
    r"(?:ahead of|prior to|on the eve of|in the run-up to"
    r"|(?:on|in|at) the (?:sidelines?|margins?|fringes?) of|am rande|im vorfeld|en marge|al margen"
    r"|a margine|на полях)(?: [^\W\d_]+(?:['’]s?)?){0,4} ?$",
    re.IGNORECASE,
)
"""Phrases for an event other than the meeting; some words ("the meeting of") may follow."""


_NOUN = (
    r"(?:meetings?|sessions?|gathering|conference|talks|council|réunion|treffens?|tagung|sitzung"
    r"|beratungen|reunión|riunione|reunião|spotkani\w+|posiedzeni\w+|zasedání|setkání|встреч\w+"
    r"|заседани\w+|совещани\w+|зустріч\w*|засіданн\w+|møte\w*|möte\w*|bijeenkomst|vergadering"
    r"|toplantı\w*|اجتماع\w*)"
)
_SMALL = r"[^\W\dA-ZА-ЯІЇЄ][\w'’-]*"
"""A word that is no name."""
_MEETING_OF = re.compile(rf"(?i:{_NOUN})(?: {_SMALL}){{0,4}} $")
_MEETING = re.compile(rf"(?:['’]s?)?(?: [a-z\d][\w-]*){{0,2}} {_NOUN}(?!\w)")
_MET = re.compile(r" (?:(?:have|had|are|were) )?(?:met|meet|meeting|gather(?:ed)?)(?!\w)")
_UNNAMED = re.compile(rf"(?:^|[^\w\s'’-]|(?<![\w'’-]){_SMALL})\s*$")
"""Before an office: no name of an owner, as in "Nordic defence ministers"."""
_FEW = re.compile(
    r"(?<!\w)(?:between|bilateral|trilateral|quadrilateral|two-way)(?!\w)", re.IGNORECASE
)
"""Before an office: a meeting of some countries only."""
_OWNED = re.compile(r"['’]?s? (?:of|from|der|des|du|de|del|della|dei|van|z|из|з)(?!\w)")
"""After an office: the ministers of somebody."""

_HINTS = (
    "minist",
    "chefs",
    "diplom",
    "chiefs",
    "министр",
    "міністр",
    "bakan",
    "defen",
    "相会合",
    "防长",
    "部长",
    "外长",
    "财长",
    "bộ trưởng",
    "ngoại trưởng",
    "menteri",
    "menhan",
    "وزراء",
    "وزرای",
    "장관",
    "मंत्रियों",
    "apărării",
    "gynybos",
    "υπουργ",
)
"""Every form of an office contains one of these, in lower case: a quick check before a slow one."""


def gatherings(text: str) -> frozenset[str]:
    """The gatherings that a text is about, such as "NATO defence ministers"."""
    return frozenset(name for name, told in _named(text) if told)


def beside(text: str) -> frozenset[str]:
    """Gatherings that a text names only to say when or where something else happened: "ahead of",
    "on the sidelines of"."""
    named = _named(text)
    return frozenset(name for name, _ in named) - {name for name, told in named if told}


def bodies(text: str) -> frozenset[str]:
    """The bodies that a text names, whoever of them meets: "NATO", "EU"."""
    lower = text.lower()
    return frozenset(
        name
        for name, form in _BODY.items()
        if any(stem in lower for stem in _STEMS[name]) and form.search(text)
    )


def _named(text: str) -> list[tuple[str, bool]]:
    """The gatherings named, each with whether the text is about it."""
    initials = [
        (_BY_INITIALS[match[0].lower()], not _BESIDE.search(text, max(0, start - BESIDE), start))
        for match in (_INITIALS.finditer(text) if any(hint in text for hint in _CALLED) else ())
        for start in (match.start(),)
    ]
    return initials + _described(text)


def _described(text: str) -> list[tuple[str, bool]]:
    """The same for gatherings that are named by body and office."""
    lower = text.lower()
    if not any(hint in lower for hint in _HINTS):
        return []
    bodies = {
        name: form for name, form in _BODY.items() if any(stem in lower for stem in _STEMS[name])
    }
    near = [
        (body, office, head)
        for begin, end in _about(text, bodies)
        for office, form in _OFFICE.items()
        for match in form.finditer(text, begin, end)
        for body, head in _around(text, match, bodies)
    ]
    return [
        (f"{body} {office} ministers", not _BESIDE.search(text, max(0, head - BESIDE), head))
        for body, office, head in near or _understood(text, bodies)
    ]


def _understood(text: str, bodies: Mapping[str, re.Pattern[str]]) -> Iterator[tuple[str, str, int]]:
    """Meetings of which the text need not say whose they are, as it names one body only, in its
    first line or often: "signed at the defence ministers' meeting", in a report on NATO."""
    named = [body for body, form in bodies.items() if form.search(text)]
    if len(named) != 1:
        return
    body = named[0]
    called = bodies[body]
    if not called.search(text.partition("\n")[0]) and len(called.findall(text)) < OFTEN:
        return
    for office, form in _OFFICE.items():
        for match in form.finditer(text):
            before = _BREAK.split(text[max(0, match.start() - BESIDE) : match.start()])[-1]
            after = _BREAK.split(text[match.end() : match.end() + BESIDE])[0]
            if _OWNED.match(after) or _FEW.search(before) or not _UNNAMED.search(before):
                continue
            itself = match[0].lower().endswith("ministerial")
            met = _MET.match(after) and called.search(before + after)
            if itself or met or _MEETING_OF.search(before) or _MEETING.match(after):
                yield body, office, match.start()


def _about(text: str, bodies: Mapping[str, re.Pattern[str]]) -> list[tuple[int, int]]:
    """The parts of a text that are near enough to a body for an office there to belong to it."""
    found: list[tuple[int, int]] = []
    for start, stop in sorted(m.span() for form in bodies.values() for m in form.finditer(text)):
        begin, end = max(0, start - APART - LONGEST), stop + APART + LONGEST
        if found and begin <= found[-1][1]:
            begin = found.pop()[0]
        found.append((begin, end))
    return found


def _around(
    text: str, office: re.Match[str], bodies: Mapping[str, re.Pattern[str]]
) -> Iterator[tuple[str, int]]:
    """The bodies named near an office, each with the position of the first word of the pair. Only
    the nearer side counts: "G7 defence ministers back Kyiv's way into NATO" is no NATO meeting."""
    begin = max(0, office.start() - APART)
    before = _BREAK.split(text[begin : office.start()])[-1]
    after = _BREAK.split(text[office.end() : office.end() + APART])[0]
    ahead = [(len(before) - m.end(), body, m) for body, m in _found(before, bodies)]
    behind = [(m.start(), body, m) for body, m in _found(after, bodies)]
    nearer = min([gap for gap, *_ in ahead], default=APART)
    theirs = behind and _OWNED.match(after)
    if not theirs and nearer < min([gap for gap, *_ in behind], default=APART):
        start = office.start() - len(before)
        yield from ((body, start + match.start()) for _, body, match in ahead)
    else:
        yield from ((body, office.start()) for _, body, _ in behind)


def _found(text: str, bodies: Mapping[str, re.Pattern[str]]) -> Iterator[tuple[str, re.Match[str]]]:
    """The bodies that a text names."""
    return ((body, match) for body, form in bodies.items() for match in form.finditer(text))
