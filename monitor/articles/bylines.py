"""Find who wrote an article, from what its page states and from bylines of all kinds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from monitor.articles import dates
from monitor.articles.facts import COMMENTS, Facts, element_text, plain, spaced_text
from monitor.articles.lines import fold
from monitor.articles.tables import words

_AUTHOR_METAS = words(
    """
    author article:author parsely-author sailthru.author dc.creator dcterms.creator byl
    article.author og:article:author citation_author cxenseparse:author authors
    articleauthor article_author dable:author news_author
    """
)
_LIBRARY_METAS = frozenset(["citation_author", "dc.creator", "dcterms.creator"])
"""Those that libraries read, which put the surname first."""
_BYLINE_START = re.compile(
    r"^(?:(?:written|posted|published|submitted|reported|story|words|text|article|analysis|opinion|"
    r"photos?|edited|compiled|escrito|écrit|scritto|geschrieben|publicado|publié|pubblicato)\s+)?(?:by|von|par|por|di|da|door|af|av)\b:?\s+|^(?:author|autor(?:in|zy|ka)?|auteur|"
    r"redaktion|автор(?:ы|и)?|текст|συντάκτης|yazar|yazan|作者|记者|記者|文|بقلم|كتب|نویسنده|מאת)s?\s*"
    r"[.:：]\s*|^(?:words|te(?:x|ks)t[eoi]?|testo|pewarta|penulis|reporter|interview(?:er)?|"
    r"entrevista|intervista|entretien) ?: *"
    r"|^(?:eine? )?\w*(?:beitrag|kommentar|bericht|analyse|interview|reportage|essay|"
    r"kolumne) von\s+(?!de[rnm]\b)|^(?:بقلم|מאת|γράφ(?:ει|ουν) (?:ο|η|οι)|piše:?|пише:?)\s+",
    re.I,
)
_CONVERSATION = (
    r"(?:das (?:gespräch|interview) führte|propos recueillis par|entretien (?:réalisé|mené) par|"
    r"interview(?:ed)? by|this (?:interview|conversation) was conducted by|intervista di|"
    r"entrevista (?:de|realizada por)|беседовал[аи]?|розмовля(?:в|ла)|rozmawiała?|"
    r"interview door)\b"
)
"""What comes before the name of who has asked the questions."""
_NAME_DIVIDER = re.compile(
    r"\s*(?:[,;]\s+(?:and|und|et|og|och)\s|,|;|\||/|•|·|\n|&|"
    r"\s(?:and|und|et|y|e|en|og|och|\(?(?:with|mit|avec))\s)\s*",
    re.I,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|\.(?:com|net|org|mil|gov)$|@|[<>{}\[\]=]|\d{2}|"
    r"\b(?:staff writer|correspondent|editor|reporter|published|"
    r"spokes(?:person|man|woman)|clicking|submitting|subscribing|signing up|"
    r"updated|ago|minutes?|read|comments?|follow|twitter|facebook|email|share|view|posts?|more|"
    r"senior(?! (?:airman|chief|master|enlisted)\b)|coordinator|marketing|manager|contributor|"
    r"author|profile|biography|admin(?:istrator)?|super user|webmaster|guest|redaktion|about|full|"
    r"bio|sat|sun|mon|tue|wed|thu|fri|by|quelle|source|nachrichten|team|update)\b|"
    r"(?:^|(?-i:\b[a-zäöü]+) |\w*(?:beitrag|kommentar|bericht|analyse|interview|artikel|text|essay|"
    r"kolumne|foto|bild|video|reportage|meldung|mitteilung|gespräch|protokoll|rezension|porträt)"
    r"(?:e?[ns])? )von\b",
    re.I,
)
"""What names do not contain. "Von" stands in names ("Ann von Ek") as well as before them."""
# "April Fulton" and "Plácido Domingo" are names; "April", "August 3" and "domingo" are not.
_MONTH = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:sun|mon|tues|wednes|thurs|fri|satur)day|montag|dienstag|mittwoch|donnerstag|freitag|"
    r"samstag|sonntag|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|lunes|martes|miércoles|jueves|"
    r"viernes|sábado|domingo|(?:lune|marte|mercole|giove|vener)dì|sabato|domenica)"
    r"(?:\W*\d.*)?$",
    re.I,
)
_COLLECTIVE = re.compile(
    r"[^\W\d_][\w.&' -]{0,40}(?:redaktion|editorial (?:team|staff|board)|staff|team|newsroom|desk|"
    r"editors?|contributors?|writers?|rédaction|redacción|redazione|redactie|redaksjonen)$",
    re.I,
)
"""A publisher's own name for its authors; counts only if no person is named."""


def authors(facts: Facts) -> tuple[str, ...]:
    """At most ten authors, by the first source that names persons.

    These are JSON-LD; metas; `rel=author`, `itemprop`; a byline by its class, its link or its
    words. If none names a person, it is the desk or publisher that the page itself calls the
    author.
    """
    house = [name for text in _data_names(facts, houses=True) for name in split_names(text)]
    accounts: list[str] = []
    ours = facts.site or _site_in_title(facts)
    for source in _AUTHOR_SOURCES:
        texts = list(source(facts))
        names = list(dict.fromkeys(name for text in texts for name in split_names(text)))
        persons = [name for name in names if not _is_publisher(name, ours)]
        if _is_address(names, persons):
            persons = []
        if persons and all(map(_ACCOUNT.fullmatch, persons)):
            accounts = accounts or persons
        elif persons:
            return tuple(persons[:10])
        desks = [text.strip() for text in texts if _COLLECTIVE.fullmatch(text.strip())]
        house = house or desks or (names if source in _STATED else [])
    return tuple(accounts[:10] or house[:1])


_ACCOUNT = re.compile(r"[a-z]+(?:[._][a-z0-9]+)+")
"""The name of an account with a system ("ann.lee"); counts only if no source says more."""


def _site_in_title(facts: Facts) -> str | None:
    """The last part of `<title>`, if the part before it is the title shown."""
    title, _, last = facts.head_title.rpartition(" | ")
    return last if title and any(fold(title) in fold(h) for h in facts.h1) else None


def _is_address(names: list[str], persons: list[str]) -> bool:
    """Whether the names are a publisher and its address: "The Courier, Paris, France"."""
    return len(names) > 2 and names[1:] == persons and not any(" " in name for name in persons)


def _is_publisher(name: str, site: str | None) -> bool:
    said, ours = fold(name), fold(site or "")
    return bool(re.search(r"\w\.\w{2,4}$", name)) or (
        bool(ours) and (said in ours or ours in said or said.replace(" ", "") in ours)
    )


def feed_authors(stated: Iterable[str]) -> tuple[str, ...]:
    """The names in a feed's author fields, one per item.

    RSS requires "address (Name)" (RSS 2.0.11, `<author>`); WordPress puts all names into one field.
    A field that does not split into full names is kept as stated: "Ek, Bo" is one person, and so
    may be "De Luca, Marco".
    """
    found: list[str] = []
    for one in stated:
        inside = re.search(r"\(([^()]{3,80})\)?\s*$", one)
        text = inside.group(1) if inside else one
        names = split_names(text)
        whole = not names or ("," in text and any(" " not in name for name in names))
        found += [text.strip()] if whole or _perhaps_one(text.strip()) else names
    return tuple(dict.fromkeys(name for name in found if name))


def _perhaps_one(text: str) -> bool:
    """Whether a field may be one name, surname first; "By Ann Lee, admiral" is none.

    "Von der Lind, Ursula" may: many surnames begin with a word that bylines begin with.
    """
    told = _PERHAPS_ONE.fullmatch(text)
    begins = _BYLINE_START.match(text) and not _IN_SURNAMES.match(text)
    return told is not None and not begins and not told[1].islower()


_PERHAPS_ONE = re.compile(r"[^,]+, ?([^\s,]+)")
_IN_SURNAMES = re.compile(r"(?:von|d[ai]|a[fv])\s", re.I)


def split_names(text: str) -> list[str]:
    """The names in a byline: "By Ann Lee and Bo Ek, Berlin correspondent" -> Ann Lee, Bo Ek."""
    if "://" in text or "@" in text:
        return []
    text = _KOREAN_OFFICE.sub("", text)
    text = _BYLINE_START.sub("", " ".join(text.split()).strip(" .,:|-–—"))
    text = _SENT.sub("", _ASKED.sub("", text))
    names: list[str] = []
    start = 0
    beside = False
    for divider in [*_NAME_DIVIDER.finditer(text), None]:
        name = text[start : divider.start() if divider else len(text)].strip(" .,:|-–—*()")
        if _is_name(name) and not (beside and _is_office(name, names)):
            names.append(name)
        if divider:
            start, beside = divider.end(), not _JOINS.search(divider[0])
    return names


_JOINS = re.compile(r"\w|&")


def _is_office(part: str, names: list[str]) -> bool:
    """Whether one word beside a full name, with no "and" before it, is a place or a publisher.

    So are several in capitals beside a name that is not: "Ann Lee, HARBOUR TODAY".
    """
    if part.isupper() and not "".join(names).isupper() and not part.istitle() and names:
        return " " in names[0]
    if " " in part or _IDEOGRAPHS.fullmatch(part):  # a full name in Chinese and Korean
        return False
    return bool(names) and " " in names[0]


_ASKED = re.compile(rf"{_CONVERSATION}:? +", re.I)


_SENT = re.compile(r" (?:envoyée?s? spécia(?:le|les|l|ux)|special correspondents?)\b.*", re.I)
"""What stands behind the names of those whom a newspaper has sent somewhere, with the place."""


def _is_name(text: str) -> bool:
    parts = text.split()
    if _IDEOGRAPHS.fullmatch(text):
        return True
    return (
        1 <= len(parts) <= (7 if _RANK.match(text) else 5)
        and 3 <= len(text) <= 60
        and not _NOT_A_NAME.search(text)
        and not _MONTH.match(text)
        and text[0].isalpha()
        and not (text.islower() and len(parts) > 1)
    )


_IDEOGRAPHS = re.compile(r"[\u4e00-\u9fff]{2,4}|[\uac00-\ud7af]{2,4}")
_KOREAN_OFFICE = re.compile(r"(?<=[\uac00-\ud7af]) ?(?:선임)?(?:기자|특파원|논설위원)\b.*")
_RANK = re.compile(
    r"(?:petty officer|chief|mass communication specialist|master|senior|staff|tech(?:nical)?|"
    r"first|1st|2nd|lance|gunnery|sgt|lt|capt|maj|cmdr)\b",
    re.I,
)
"""Military ranks, which make names longer: "Mass Communication Specialist 2nd Class Ann Lee"."""


def _data_authors(facts: Facts) -> Iterator[str]:
    return _data_names(facts, houses=False)


def _data_names(facts: Facts, *, houses: bool) -> Iterator[str]:
    """The authors in JSON-LD: those that it calls organizations, or all others."""
    value = facts.article.get("author") or facts.article.get("creator")
    for one in value if isinstance(value, list) else [value]:
        if houses != (isinstance(one, dict) and "Organization" in str(one.get("@type"))):
            continue
        if isinstance(one, dict):
            one = one.get("name") or _by_id(facts, one.get("@id"))
        for name in one if isinstance(one, list) else [one]:
            if isinstance(name, str):
                yield plain(name)


def _by_id(facts: Facts, ident: Any) -> Any:
    """The name that an `@id` refers to in the same JSON-LD graph."""
    if not ident:
        return None
    return next(
        (t.get("name") for t in facts.data if t.get("@id") == ident and t.get("name")), None
    )


def _meta_authors(facts: Facts) -> Iterator[str]:
    for name in _AUTHOR_METAS:
        values = facts.repeated(name)
        if any(split_names(value) or _COLLECTIVE.fullmatch(value) for value in values):
            yield from map(_given_name_first, values) if name in _LIBRARY_METAS else values
            return
    # Plugins for search engines put the author into Twitter's cards, as a label and its value.
    if _WRITTEN_BY.search(facts.meta("twitter:label1")):
        yield facts.meta("twitter:data1")


def _given_name_first(value: str) -> str:
    """Turn "Lee, Ann" round, as tags for libraries state each author."""
    told = _SURNAME_FIRST.fullmatch(value)
    return f"{told[2]} {told[1]}" if told else value


_SURNAME_FIRST = re.compile(r"([^\s,]+(?: [^\s,]+)?), ([^\s,]+(?: [^\s,]\.?)?)")


_WRITTEN_BY = re.compile(
    r"\b(?:by|von|par|por|da|door|av|af|przez)$|^(?:author|autor|auteur|verfasst|écrit)", re.I
)


def _marked_authors(facts: Facts) -> Iterator[str]:
    query = (
        "(//body//@rel[contains(.,'author')]/parent::* | //body//@itemprop[.='author']/parent::* | "
        "//body//@typeof/parent::* | //body//@class[contains(.,'card')]/parent::*)[not(self::body)]"
        f"[not(ancestor::{COMMENTS})][not(ancestor::blockquote)][not(ancestor::{_OTHER_WORK})]"
    )
    marked = (tag for tag in facts.tree.xpath(query) if _is_person(tag))
    for tag in (*islice(marked, 6), *facts.tree.xpath("//head//meta[@itemprop='author']")[:2]):
        name = next(iter(tag.xpath(".//*[@itemprop='name']")), tag)
        yield name.get("content") or element_text(name)[:120]


_OTHER_WORK = (
    "*[contains(@itemtype,'Image') or contains(@itemtype,'Video') or contains(@itemtype,'Comment')]"
)
"""Elements about a picture, a video or a comment, which have authors of their own (microdata)."""


def _is_person(tag: Any) -> bool:
    """Whether it is marked as author or person: vCard or h-card as class, RDFa in `typeof`."""
    names = tag.get("class") or ""
    return (
        "author" in (tag.get("rel") or "").split()
        or tag.get("itemprop") == "author"
        or "vcard" in names
        or "h-card" in names.split()
        or "Person" in (tag.get("typeof") or "")
    )


def _byline_authors(facts: Facts) -> Iterator[str]:
    query = (
        "//body//@class["
        + " or ".join(f"contains(.,'{part}')" for part in _BYLINE_PARTS)
        + f"]/parent::*[not(ancestor::{COMMENTS})][not(ancestor::blockquote)]"
    )
    marked = [tag for tag in facts.tree.xpath(query) if _BYLINE_CLASS.search(tag.get("class"))]
    marked = marked or facts.tree.xpath(_PART_OF_SCRIPT)
    for tag in islice(marked, 12):
        text = element_text(tag)
        links = [element_text(link) for link in tag.iter("a")][:5]
        named = [link for link in links if split_names(link)]
        if not named and not split_names(text):
            text = _undated(text)
        if not named and not split_names(text):  # the name stands beside an office
            leaves = islice((part for part in tag.iter("*") if not len(part)), 8)
            names = (name for name in map(element_text, leaves) if _FULL_NAME.fullmatch(name))
            named = [name for name in islice(names, 1) if split_names(name)]
        named = named or _named_inside(tag, marked, text)
        told = named or split_names(text) or _COLLECTIVE.fullmatch(text)
        if 3 <= len(text) <= 120 and told:
            yield from named or [text]
            return


def _named_inside(tag: Any, marked: list[Any], text: str) -> list[str]:
    """The full names that an element begins with, or in bylines inside it, where its whole text
    reads as other names: the place stuck to the name may have a byline's class too."""
    read = set(split_names(text))
    inside = (element_text(one) for one in marked if tag in one.iterancestors())
    for said in ((tag.text or "",), islice(inside, 5)):
        names = [name for one in said for name in split_names(one) if _is_full(name)]
        if names:
            return [] if read.issuperset(names) else names
    return []


def _is_full(name: str) -> bool:
    return bool(_FULL_NAME.fullmatch(name) or _IDEOGRAPHS.fullmatch(name))


_BYLINE_PARTS = words("yline uthor utor uteur firma writer reporter journalist createdby")
_BYLINE_CLASS = re.compile(
    r"[bB]yline|[aA](?:uthor|utor|uteur)|(?:^|[ _])"
    r"(?:firma|writer|reporter|journalist|createdby)(?:$|[ _-])"
)
"""Class names of bylines; asking the attributes for the parts is what a query does fastest."""
_PART_OF_SCRIPT = " | ".join(
    f"//body//@{name}[contains(.,'yline')]/parent::*[not(ancestor::{COMMENTS})]"
    for name in ("data-component", "data-testid")
)
"""The names that scripts give to parts of a page, where all its classes are hashes."""


def _linked_authors(facts: Facts) -> Iterator[str]:
    """Links to an author's page, after the title."""
    for tag in facts.behind_title:
        href = tag.get("href") if tag.tag == "a" else None
        text = element_text(tag) if href and _AUTHOR_PAGE.search(href) else ""
        if split_names(text) or _COLLECTIVE.fullmatch(text):
            yield text


def _spoken_authors(facts: Facts) -> Iterator[str]:
    """A short text after the title that begins like a byline."""
    of = _OF_NAME.get(facts.language)
    for tag in facts.behind_title:
        text = element_text(tag)
        if len(text) > 90:
            continue
        if _is_name_of_its_own(tag):
            yield element_text(tag[0])
            return
        for part in _BESIDE.split(text[dates.leading_end(text) :]):
            said = _LEADING_HOUR.sub("", part.strip(" ,"))
            if of and of.fullmatch(said):
                yield said
                return
            if (_SPOKEN.match(said) or _ASKED_ALONE.match(said)) and split_names(_undated(said)):
                yield _undated(said)
                return
            begun = _SPOKEN.match(said)
            if begun and (linked := _linked_names(tag, said[begun.end() - 1 :])):
                yield from linked
                return


def _linked_names(tag: Any, said: str) -> list[str]:
    """The names in a byline's links, if it begins with one: an office may be stuck to its end."""
    links = (element_text(link) for link in islice(tag.iter("a"), 5))
    named = [text for text in links if _FULL_NAME.fullmatch(text) and split_names(text)]
    return named if named and said.startswith(named[0]) else []


def _is_name_of_its_own(tag: Any) -> bool:
    """Whether an element is "di", "door", "av" or "af" and one element with a full name.

    These words begin places as well ("Av Oslo Konserthus"); that the name is set apart tells.
    """
    return (
        len(tag) == 1
        and bool(_OF.fullmatch((tag.text or "").strip()))
        and not (tag[0].tail or "").strip()
        and bool(_FULL_NAME.fullmatch(element_text(tag[0])))
    )


_UPPER = "[A-ZÀ-ÞŁŠŽĆČА-ЯЁІЇЄҐ]"
_FULL_NAME = re.compile(
    r"(?!(?:New|Los|San|Hong|Tel|Abu|Buenos|Kuala|Cape|Addis|The|Den|Press|News|Media|Breaking|Live)"
    rf"\b){_UPPER}[\w'’-]*\.?"
    rf"(?: (?:v[ao]n|de|der|den|da|di|dos|al|bin|le|la)| {_UPPER}[\w'’-]*\.?){{0,3}}"
    rf" {_UPPER}[\w'’-]+"
)
"""A name of two words and more; not the beginning of a city's name, nor a kind of text."""


def _undated(byline: str) -> str:
    """A byline cut before the date after the names, or before anything else that follows them."""
    date_at, _ = dates.written_span(byline) or (len(byline), 0)
    return _LEFT_OVER.sub("", _SPOKEN_END.split(byline[:date_at])[0])


def _labelled_authors(facts: Facts) -> Iterator[str]:
    """A name after a label ("Autor:", "作者："), or before the Korean word for a reporter."""
    for tag in facts.behind_title:
        text = spaced_text(tag)
        if len(text) <= 120 and (told := _LABELLED.search(text)):
            yield next(filter(None, told.groups()))
            return


_LABELLED = re.compile(
    r"(?:^|[\s|/·])(?:autor(?:in|zy|ka)?|автор|пише|piše|pewarta|penulis|συντάκτης|yazar|作者|记者|記者|"
    r"نویسنده)\s?[.:：]\s?"
    r"([^\W\d_][^|/:：·\d]{1,40}?)(?=\s*(?:$|[|/·\d]|\s[-–—]\s)|\s[^\W\d_]+ ?[:：])"
    r"|([\uac00-\ud7af]{2,4}) ?(?:선임)?(?:기자|특파원)(?=$|\s)"
    rf"|(?:^|[|/·] ?)(?:text|teksti?|texto?|texte|words)\s?: ?((?-i:{_FULL_NAME.pattern}))"
    r"(?=\s*(?:$|[|/·]))"
    r"|^(?:story|reportage|interv(?:iew|ju|ista)|entrevista)\s?: "
    rf"?((?-i:{_FULL_NAME.pattern}))(?=\s*[|/·])",
    re.I,
)
"""A line that is only "Interview: Ann Lee" may name whom it is with; a date behind it tells."""


def _paragraph_authors(facts: Facts) -> Iterator[str]:
    """A paragraph that is only a byline, as at the end of guest articles."""
    for tag in facts.tree.xpath(f"//body//p[not(ancestor::{COMMENTS})]"):
        text = element_text(tag) if len(tag) <= 3 else ""
        if 6 <= len(text) <= 60 and _SPOKEN.match(text):
            names = split_names(text)
            if names and all(len(name.split()) >= 2 and name.istitle() for name in names):
                yield text
                return
        if reported := _REPORTED.match(text):
            named = (_IN_PLACE.sub("", name) for name in split_names(reported["names"]))
            yield from filter(_FULL_NAME.fullmatch, named)
            return


_BESIDE = re.compile(r"\s*[|•·]\s*|\s+[–—-]\s+")
"""What divides a byline from the date and the like beside it."""
_LEADING_HOUR = re.compile(r"^\d{1,2}[:.]\d\d(?: uhr)?[, ]+", re.I)
_REPORTED = re.compile(r"\(?Reporting by (?P<names>[^;.()]{4,120})")
_IN_PLACE = re.compile(r" in [A-Z].*")
"""How news agencies sign: "(Reporting by Ann Lee in Oslo; editing by Bo Ek)"."""
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|[ei])?|auteurs?|by|staff|people|contributors?|profiles?|newsteam|"
    r"reporters?|journalist(?:e?s|en)?|writers?|staff-contributors|bios?|periodistas?|firmas?|"
    r"redacteurs?|redakteur(?:e|in)?|skribenter?|yazar(?:lar)?|kirjoittajat?|avtor[yi]?)/\w"
)
_SPOKEN = re.compile(
    r"(?:(?:written|words|story|text|posted|published|submitted) )?"
    r"(?:by|von|par|por|بقلم|מאת)\b:? +[^\W\d_]",
    re.I,
)
_ASKED_ALONE = re.compile(rf"(?i:{_CONVERSATION}):? +{_FULL_NAME.pattern}\W*$")
"""Who has asked, with nothing behind the name: not "Interview by phone with Ann Lee"."""
_OF = re.compile(r"di|door|a[vf]", re.I)
_OF_NAME = {
    code: re.compile(rf"(?i:{word}) {_FULL_NAME.pattern}")
    for code, word in {"da": "af", "no": "av", "nb": "av", "sv": "av", "it": "di"}.items()
}
"""The same in one text, where it is the page's language and the name is all there is."""
_SPOKEN_END = re.compile(
    r"\s+[|•·–—-]\s+|\s\(|\s+(?:on|am|le|el)\s+\w+,? \d|\d(?!(?:st|nd|rd) class\b)", re.I
)
_LEFT_OVER = re.compile(
    r"\s+(?:at|on|am|um|le|el|à|il|op|created|published|posted|submitted|updated)\W*$", re.I
)
"""What remains of "Posted by Ann at 6:11 pm" before the hour or day."""
_STATED = (_data_authors, _meta_authors, _marked_authors, _spoken_authors)
"""Sources in which a page itself names its author; the others are our interpretation."""
_AUTHOR_SOURCES = (
    _data_authors,
    _meta_authors,
    _marked_authors,
    _linked_authors,
    _byline_authors,
    _spoken_authors,
    _labelled_authors,
    _paragraph_authors,
)
