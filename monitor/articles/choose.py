"""Choose the part of a page that is the article, from the lxml tree, without changing it.

Running text outside links is weighed and added up to the ancestors; furniture and teaser lists
weigh nothing. Then a known body class decides, else a descent to where the text spreads out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice, takewhile
from typing import Any

from lxml import etree

from monitor.articles import tables
from monitor.articles.bylines import split_names
from monitor.articles.lines import FOLDS, LONG, fold, is_byline, length
from monitor.articles.tables import words

SHARE_GUARD = 0.25
"""An element named as furniture that holds a larger share of the text is not furniture."""
MAIN_SHARE = 0.4
"""With this share of the text, `<main>` or `<article>` around the title holds all of it."""
OWN_ARTICLE = 0.2
"""With this share of the text, the `<article>` around the title is taken to be the article."""
OWN_CHARS = 100
"""An `<article>` with the title and so much text is one, however small its share of the page."""
SURE_GUARD = 0.85
"""The same as `SHARE_GUARD` for unambiguous names, if the title is elsewhere."""
DESCEND = 0.8
"""The search descends into a child with this share of the text."""
BODY_SHARE = 0.5
"""A known body class must hold this share of the text."""
MIN_NODE_CHARS = 25
FRAMES = 4
"""Most elements around a standfirst that may be mere frames of it."""
STANDFIRST_CHARS = (40, 900)
"""Length of a standfirst: shorter is a label, longer is the body."""
NAMED_STANDFIRST = 25
"""Least length of one whose class names it."""
TEASER_CHARS = 500
"""Most text per linked heading in a list of teasers."""

BARE = 200
"""Most bare paragraphs before an article's first part that count together."""
BESIDE_CHARS = 200
"""Least running text, in paragraphs, of what is taken beside the chosen part: captions, bylines,
disclaimers and offers have less."""

_INLINE = frozenset(
    words(
        """
    a abbr b bdi bdo cite code del dfn em font i ins kbd mark q s samp small span strong sub
    sup time tt u var br wbr nobr strike big acronym
    """
    )
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_NEVER = frozenset(words("figcaption button select option textarea noscript label title head"))
_SIDE = frozenset(
    ["nav", "footer", "aside", *(tag for tag in tables.FURNITURE_TAGS if tag.startswith("amp-"))]
)
_BODY = re.compile(rf"(?:{tables.BODY_TOKENS})", re.I | re.X)
_WRAPPER = re.compile(tables.WRAPPER_TOKENS, re.I | re.X)
_STANDFIRST = re.compile(tables.STANDFIRST_CLASS, re.I | re.X)
_SHIELD = re.compile(rf"(?:{tables.SHIELD_TOKENS})", re.I | re.X)
_CAPTION = re.compile(tables.CAPTION_NAME, re.I | re.X)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SENTENCE = re.compile(r"[.,;:!?。、،؛।]")
_CLASSES = "//body//blockquote/@class | //body//div/@class"
_TEXT = f"//body//text()[string-length(.) > {MIN_NODE_CHARS}]"


@dataclass(frozen=True)
class Choice:
    """The chosen parts of a page, in document order, and how they were found."""

    elements: tuple[Any, ...]
    foreign: tuple[tuple[Any, str], ...]
    """Elements, perhaps inside the chosen ones, that are not the article, each with its rule."""
    method: str
    share: float
    """Share of the page's running text that they hold."""
    opening: tuple[str, ...] = ()
    """The lines of the standfirst, if the page has one; the chosen parts may contain it too."""
    closing: tuple[str, ...] = ()
    """The corrections below the chosen parts."""


@lru_cache(maxsize=20_000)
def furniture_token(token: str) -> bool:
    """Whether a class or id token names furniture: whole, or by one of its words."""
    low = token.lower()
    if low in tables.FURNITURE_TOKENS or low in tables.FURNITURE_WORDS:
        return True
    if _SHIELD.fullmatch(token) or len(token) > 80:
        return False
    parts = _TOKEN_PARTS.split(token)
    words = {word.lower() for part in parts for word in (part, *_WORDS.findall(part))}
    return not words.isdisjoint(tables.FURNITURE_WORDS) or bool(_CAPTION.fullmatch(token))


@lru_cache(maxsize=20_000)
def _body_token(token: str) -> bool:
    """Whether a class or id token is one under which themes put a body."""
    return bool(_BODY.fullmatch(token))


@lru_cache(maxsize=20_000)
def _surely_furniture_token(token: str) -> bool:
    words = _TOKEN_PARTS.split(token)
    return not tables.SURE_WORDS.isdisjoint(words) and furniture_token(token)


_TOKEN_PARTS = re.compile("[_-]+")


def names_furniture(attributes: Iterable[str | None]) -> bool:
    """Whether any token of these class and id values names furniture."""
    return any(furniture_token(token) for value in attributes if value for token in value.split())


FRAME_TEXT = 60
"""Most text of its own in a frame around an embedded post (a caption, a label)."""


class _Scales:
    """Weights of the elements of one page."""

    def __init__(self, tree: Any) -> None:
        self.weight: dict[Any, float] = {}
        self.foreign: list[tuple[Any, str]] = []
        self._tree = tree
        self._paths: dict[Any, list[Any]] = {}
        for node in tree.xpath(_TEXT):
            self._add(node)

    def _add(self, node: Any) -> None:
        element = node.getparent()
        if node.is_tail:
            element = element.getparent()
        if element is None:
            return
        path = self._paths.get(element)
        if path is None:
            path = self._paths[element] = _counted(element)
        value = _value(str(node)) if path else 0.0
        for above in path:
            self.weight[above] = self.weight.get(above, 0.0) + value

    @cached_property
    def bodies(self) -> list[tuple[Any, list[str]]]:
        """The elements with text under names of bodies, each with these names."""
        named = ((element, list(_body_names(element))) for element in self.weight)
        return [(element, names) for element, names in named if names]

    @cached_property
    def has_embeds(self) -> bool:
        """Whether the page has any embedded post."""
        return any("-" in names and _names_embed(names) for names in self._tree.xpath(_CLASSES))

    def of(self, element: Any) -> float:
        return self.weight.get(element, 0.0)

    def remove(self, element: Any, rule: str) -> None:
        """Subtract an element's weight from itself and all its ancestors."""
        value = self.weight.get(element, 0.0)
        if not value:
            return
        if not (
            self.has_embeds and _frames_embed(element)
        ):  # its post is kept separately, not lost
            self.foreign.append((element, rule))
        for below in element.iter():
            if below in self.weight:
                self.weight[below] = 0.0
        above = element.getparent()
        while above is not None:
            if above in self.weight:
                self.weight[above] -= value
            above = above.getparent()


def _counted(element: Any) -> list[Any]:
    """The blocks around text in an element, to which it is added up; none for links, headings."""
    block = element
    while block is not None and block.tag in _INLINE:
        if block.tag == "a":
            return []
        block = block.getparent()
    path = []
    while block is not None:
        if block.tag in _NEVER or block.tag in _HEADINGS or block.tag == "a":
            return []
        path.append(block)
        block = block.getparent()
    return path


def _frames_embed(element: Any) -> bool:
    """Whether an element is only the frame around an embedded post."""
    posts = [one for one in element.iter() if _is_embed(one)]
    if not posts:
        return False
    rest = len("".join(element.itertext())) - len("".join(posts[0].itertext()))
    return rest <= FRAME_TEXT


def _is_embed(element: Any) -> bool:
    return isinstance(element.tag, str) and _names_embed(element.get("class") or "")


def _names_embed(names: str) -> bool:
    return any(name in tables.EMBED_CLASSES for name in names.lower().split())


def _value(text: str) -> float:
    """Length of running text; text without sentence punctuation counts half."""
    size = length(" ".join(text.split()))
    if size < MIN_NODE_CHARS:
        return 0.0
    return size if _SENTENCE.search(text) else size / 2


def choose(tree: Any, title: str = "", host: str = "", description: str = "") -> Choice:
    """The part of the page that is the article. An empty page gives no elements.

    `host` is the page's own: headings that link to it are teasers, those that link elsewhere
    may be the entries of a list article.
    """
    scales = _Scales(tree)
    body = tree.find("body")
    if body is None or not scales.of(body):
        return Choice((), (), "page:empty", 0.0)
    anchor = title_heading(tree, title)
    _drop_furniture(scales, scales.of(body), anchor)
    _drop_other_articles(scales, scales.of(body), anchor)
    _drop_stories_below(scales, anchor)
    _drop_teasers(tree, scales, body, anchor, host)
    _drop_blurbs(scales, body, anchor, host)
    _drop_before_title(anchor, scales, body)
    root = _main(scales, body, anchor)
    total = scales.of(root)
    if total <= 0:
        return Choice((), (), "page:empty", 0.0)
    known = _known_body(scales, root, total)
    nodes = _in_order(tree, known) if known else [_descend(scales, root)]
    nodes = _with_parts_beside(nodes, scales, anchor, host)
    nodes = _with_parts_between(nodes, {element for element, _ in scales.foreign})
    method = "page:body-class" if known else "page:densest"
    share = sum(map(scales.of, nodes)) / total
    opening = standfirst(anchor, nodes, description)
    closing = corrections_below(nodes[-1])
    return Choice(tuple(nodes), tuple(scales.foreign), method, share, opening, closing)


def _with_parts_between(chunks: list[Any], foreign: set[Any]) -> list[Any]:
    """The chunks with the subheadings and quotations that are between them, not inside."""
    if len(chunks) < 2:
        return chunks
    members, left = set(chunks), len(chunks)
    apart = members | foreign
    found: list[Any] = []
    for element in _common(chunks).iter(*_BETWEEN, *{chunk.tag for chunk in chunks}):
        if element in members:
            found.append(element)
            left -= 1
        elif element.tag in _BETWEEN and 0 < left < len(chunks):
            inside = list(islice(element.iter(), BETWEEN_ELEMENTS + 1))
            around = {*element.iterancestors(), *inside}
            if (
                len(inside) <= BETWEEN_ELEMENTS
                and around.isdisjoint(apart)
                and not any(one.tag == "a" for one in around)
            ):
                found.append(element)
                apart.add(element)
    return chunks if left else found


_BETWEEN = frozenset(["h2", "h3", "h4", "blockquote"])
BETWEEN_ELEMENTS = 50
"""Most elements of a subheading or quotation between chunks."""


def _with_parts_beside(nodes: list[Any], scales: _Scales, anchor: Any, host: str) -> list[Any]:
    """The chosen parts with the paragraphs beside them that belong to the article too.

    Where one part holds nearly all of the text, the search goes down into it. What opens the
    article between its title and that part is taken whatever its name; what follows only where it
    is of the same kind, since many things follow an article.
    """
    if anchor is None:
        return nodes
    around = {anchor, *anchor.iterancestors()}
    opening = list(_opening_beside(nodes[0], around, scales, host))
    above = chain([nodes[-1]], nodes[-1].iterancestors())
    later = [
        after
        for element in takewhile(lambda one: one not in around, above)
        for after in element.itersiblings(element.tag)
        if _is_of_kind(after, element.get("class") or "") and _has_paragraphs(after, scales, host)
    ]
    return [*opening[::-1], *nodes, *later]


def _opening_beside(first: Any, around: set[Any], scales: _Scales, host: str) -> list[Any]:
    """The elements of paragraphs between the title and an article's first part, the last first.

    Bare paragraphs count together: between long ones there are short ones. `around` has the title
    and the elements around it.
    """
    found: list[Any] = []
    for element in chain([first], first.iterancestors()):
        if element in around:
            break  # the title is inside, or not before
        beside = list(element.itersiblings(preceding=True))
        nearer = list(takewhile(lambda one: one not in around, beside))
        bare = {one for one in nearer if one.tag == "p" and scales.of(one)}
        few = len(found) + len(bare) <= BARE
        long = few and sum(map(scales.of, bare)) >= BESIDE_CHARS
        found += [
            one for one in nearer if (long and one in bare) or _has_paragraphs(one, scales, host)
        ]
        if len(nearer) < len(beside):
            return found
    return []


def _is_of_kind(element: Any, kind: str) -> bool:
    """Whether an element has a class that says what it is, not only where it stands."""
    return element.get("class") == kind and not all(map(_LAYOUT.fullmatch, kind.split()))


_LAYOUT = re.compile(
    r"(?:wp-block-|elementor-)?(?:row|col(?:umn)?|container|section|block|wrap(?:per)?|inner|grid|group)"
    r"(?:[-_]?(?:\d{1,2}|xs|sm|md|lg|xl|fluid)){0,3}",
    re.IGNORECASE,
)


def _has_paragraphs(element: Any, scales: _Scales, host: str) -> bool:
    """Whether an element has paragraphs of running text that are more than a notice or teaser."""
    return (
        scales.of(element) >= BESIDE_CHARS
        and sum(map(scales.of, element.iter("p"))) >= BESIDE_CHARS
        and not _is_teaser(element, host)
    )


def _is_teaser(element: Any, host: str) -> bool:
    """Whether an element has one heading, and that leads to another page of the house."""
    headings = list(islice(element.iter(*_HEADINGS), 2))
    linked = headings[0].xpath("ancestor::a/@href | .//a/@href") if len(headings) == 1 else ()
    return any(_own_link(link, host) for link in linked)


def _drop_furniture(scales: _Scales, total: float, anchor: Any) -> None:
    """Remove the weight of elements named as furniture, if their share makes that plausible."""
    home = _home(scales, anchor)
    for element, weight in list(scales.weight.items()):
        if element.tag in {"html", "body"} or not scales.of(element):
            continue
        names = (element.get("class"), element.get("id"))
        sure = home and element not in home and surely_furniture(names)
        if weight < (SURE_GUARD if sure else SHARE_GUARD) * total and (
            sure
            or element.tag in _SIDE
            or element.get("role") in tables.FURNITURE_ROLES
            or names_furniture(names)
        ):
            scales.remove(element, "furniture by its name")


def _home(scales: _Scales, anchor: Any) -> set[Any]:
    """Elements that hold the title or a named body: never furniture, whatever their names."""
    if anchor is None:
        return set()
    home = set(anchor.iterancestors())
    for element, names in scales.bodies:
        if not all(map(_WRAPPER.fullmatch, names)):
            home.add(element)
            home.update(element.iterancestors())
    return home


def surely_furniture(names: Iterable[str | None]) -> bool:
    """Whether any of these class and id values names what is never a part of an article."""
    tokens = (token for value in names if value for token in value.lower().split())
    return any(map(_surely_furniture_token, tokens))


def _drop_other_articles(scales: _Scales, total: float, anchor: Any) -> None:
    """Remove the weight of every `<article>` beside that with the title: it is another one."""
    own = next(anchor.iterancestors("article"), None) if anchor is not None else None
    if own is None or scales.of(own) < OWN_ARTICLE * total:
        return
    ours = {*own.iter("article"), *own.iterancestors("article")}
    for element in list(scales.weight):
        if element.tag == "article" and element not in ours and scales.of(element):
            scales.remove(element, "another article")


def _drop_stories_below(scales: _Scales, anchor: Any) -> None:
    """Remove the weight of stories loaded below the article, in frames of the same kind.

    Each has a heading, and a byline or an address of its own; a part of the article has neither.
    """
    for own in anchor.iterancestors() if anchor is not None else ():
        if not own.get("class") or scales.of(own) < OWN_CHARS:
            continue
        kind = own.get("class").split()[:1]
        for later in own.itersiblings(own.tag):
            if (later.get("class") or "").split()[:1] == kind and _begins_a_story(later):
                scales.remove(later, "another article")


def _begins_a_story(frame: Any) -> bool:
    headed = False
    for element in islice(frame.iter(), STORY_HEAD):
        if element.tag in {"h1", "h2"}:
            headed = True
        elif headed and not len(element):
            text = " ".join(
                "".join(
                    (element.getparent() if element.tag in _INLINE else element).itertext()
                ).split()
            )
            if len(text) >= LONG:
                break
            if is_byline(text) and not _MARK.search(text) and split_names(text):
                return True
    return headed and any(
        _ADDRESS_KEY.fullmatch(name) and "/" in value and "#" not in value
        for name, value in frame.items()
    )


_MARK = re.compile(r"[.!?…:]\s*$")
_ADDRESS_KEY = re.compile(r"data-(?:(?:article|story|post|page|next)-)?(?:url|href|permalink)")
"""Attributes under which a frame keeps its story's address, unlike its picture's (`data-src`)."""
STORY_HEAD = 15
"""Most elements of a frame among which its heading and byline are searched."""


def _drop_teasers(tree: Any, scales: _Scales, body: Any, anchor: Any, host: str) -> None:
    """Remove lists of three or more headings that link within the site, with little text each."""
    counts: dict[Any, int] = {}
    for link in tree.xpath(_LINKED_HEADINGS):
        if not _own_link(link.get("href") or "", host):
            continue
        above = link.getparent()
        while above is not None and above is not body:
            counts[above] = counts.get(above, 0) + 1
            above = above.getparent()
    home = set(anchor.iterancestors()) if anchor is not None else set()
    home |= _around_one_body(scales)
    most = (SURE_GUARD if home else SHARE_GUARD) * scales.of(body)
    own = next(anchor.iterancestors("article"), None) if anchor is not None else None
    if own is not None and scales.of(own) >= OWN_CHARS:
        most = scales.of(body)  # a short report before many others
    for element in sorted(counts, key=scales.of):
        weight, count = scales.of(element), counts[element]
        if count >= 3 and 0 < weight < min(TEASER_CHARS * count, most) and element not in home:
            scales.remove(element, "a list of linked headings")
            for above in element.iterancestors():
                if above in counts:
                    counts[above] -= count


def _around_one_body(scales: _Scales) -> set[Any]:
    """Elements half of which is one element named as a body: these are not lists of teasers."""
    around: set[Any] = set()
    for element, names in scales.bodies:
        if not all(map(_WRAPPER.fullmatch, names)):
            around.update(
                above
                for above in element.iterancestors()
                if scales.of(element) >= BODY_SHARE * scales.of(above)
            )
    return around


def _drop_blurbs(scales: _Scales, body: Any, anchor: Any, host: str) -> None:
    """Remove elements of one kind beside each other that each have a link as title and little text.

    Newsrooms list their other reports so, without headings, beside a short one. A list among the
    paragraphs of a text, or inside of a body, belongs to it: a week's reports, told one by one. So
    does one without which there is no text.
    """
    if anchor is None:
        return
    named = {one for one, names in scales.bodies if not all(map(_WRAPPER.fullmatch, names))}
    home = set(anchor.iterancestors()) | _around_one_body(scales)
    alike: dict[tuple[Any, str, str], list[Any]] = {}
    for element, weight in scales.weight.items():
        if 0 < weight < TEASER_CHARS and element.tag in _BLURB_TAGS and element not in home:
            key = (element.getparent(), element.tag, element.get("class") or "")
            alike.setdefault(key, []).append(element)
    for group in alike.values():
        if len(group) >= MIN_BLURBS:
            linked = [(one, _linked_title(one, host)) for one in group]
            blurbs = [(one, link) for one, link in linked if link]
            apart = len({link for _, link in blurbs}) == len(blurbs)  # speakers come twice
            many = len(blurbs) >= max(MIN_BLURBS, BLURB_SHARE * len(group))
            left = scales.of(body) - sum(scales.of(one) for one, _ in blurbs)
            if apart and many and left >= LONG and not _in_text(group[0], scales, named):
                for one, _ in blurbs:
                    scales.remove(one, "a list of linked blurbs")


def _in_text(item: Any, scales: _Scales, named: set[Any]) -> bool:
    """Whether a list's item is inside of a body (`named`), or its list has paragraphs beside it."""
    if not named.isdisjoint(item.iterancestors()):
        return True
    beside = chain.from_iterable(
        above.iterchildren("p") for above in islice(item.iterancestors(), 2)
    )
    return any(scales.of(one) >= LONG for one in beside)


def _linked_title(element: Any, host: str) -> str:
    """Where the link leads with which an element begins, if it is in the house and a line of its
    own, but for its date; else nothing."""
    link = next(element.iter("a"), None)
    address = link.get("href") or "" if link is not None else ""
    if not address or not _own_link(address, host):
        return ""
    top: Any = link
    while top is not element and top.getparent().tag in _INLINE:
        top = top.getparent()
    before = _words_of(element).split(title)[0] if (title := _words_of(link)) else ""
    stands_alone = (
        BLURB_TITLE <= len(title) <= MOST_TITLE
        and not all(word[:1].isupper() or word[:1] == "(" for word in title.split())  # a speaker
        and len(before) <= DATE_BESIDE
        and top is not element
        and _said_behind(top) <= DATE_BESIDE
    )
    return address if stands_alone else ""


def _said_behind(inline: Any) -> int:
    """Characters behind an element on its line: up to the next block or break."""
    parts = [inline.tail or ""]
    for beside in inline.itersiblings():
        if beside.tag not in _INLINE or beside.tag == "br":
            break
        parts += (*beside.itertext(), beside.tail or "")
    return len(" ".join("".join(parts).split()))


_BLURB_TAGS = frozenset(["div", "li", "article", "section", "td"])
MIN_BLURBS = 3
BLURB_SHARE = 0.7
"""Least share of the elements of one kind that are blurbs for them to be a list of blurbs."""
BLURB_TITLE = 12
MOST_TITLE = 200
"""Least and most length of a blurb's title, in characters."""
DATE_BESIDE = 24
"""Most characters of a date or topic beside a blurb's title."""
_LINKED_HEADINGS = "|".join(f"//body//h{n}//a|//body//a[h{n}]" for n in (2, 3, 4, 5))


def _own_link(href: str, host: str) -> bool:
    there = re.match(r"(?:https?:)?//([^/?#]*)", href, re.I)
    if not there or not host:
        return not there
    return there.group(1).lower().removeprefix("www.") == host.lower().removeprefix("www.")


def _drop_before_title(anchor: Any, scales: _Scales, body: Any) -> None:
    """Remove the weight of text before the article's heading, if most text is after it."""
    if anchor is None:
        return
    before: list[Any] = []
    node = anchor
    while node is not None and node is not body:
        before += [sibling for sibling in node.itersiblings(preceding=True) if scales.of(sibling)]
        node = node.getparent()
    for element in filter(_asks_consent, before):
        scales.remove(element, "a cookie notice")
    if sum(map(scales.of, before)) <= 0.4 * scales.of(body):
        for element in before:
            scales.remove(element, "before the title")


def _asks_consent(element: Any) -> bool:
    """Whether an element is a notice on cookies: it names them twice and has a button."""
    if element.find(".//button") is None:
        return False
    return len(_COOKIE.findall("".join(element.itertext()))) >= 2


_COOKIE = re.compile("cookie|файл\\w+ куки", re.I)


def corrections_below(last: Any) -> tuple[str, ...]:
    """The corrections and editor's notes in the elements after an article's last part."""
    texts = (_words_of(element) for element in _below(last))
    shortest, longest = STANDFIRST_CHARS
    told = (
        text
        for text in texts
        if shortest <= len(text) <= longest and tables.correction().match(text.translate(FOLDS))
    )
    return tuple(dict.fromkeys(told))


def _below(last: Any) -> Iterator[Any]:
    """The first elements after an article's last part that are no frames of many, up to its end."""
    left = CORRECTION_ELEMENTS
    for part in (last, *last.iterancestors()):
        if part.tag in {"article", "main", "body"}:
            return
        for below in part.itersiblings():
            for element in below.iter("p", "div", "li", "section"):
                if left == 0:
                    return
                left -= 1
                if len(element) <= FRAMES:
                    yield element


def _words_of(element: Any) -> str:
    """The text of an element on one line; of a long one, the beginning."""
    return " ".join("".join(islice(element.itertext(), 40)).split())


CORRECTION_ELEMENTS = 15
"""Most elements after an article that are searched for corrections."""


def standfirst(anchor: Any, chosen: Sequence[Any], description: str) -> tuple[str, ...]:
    """The lines under the title that open the article; none when there is no standfirst.

    A standfirst follows the title, and repeats the page's own description, has a class that names
    it, or is the heading right under the title.
    """
    if anchor is None:
        return ()
    wanted = set(fold(description).split())
    for element, lines in _candidates(anchor, chosen):
        if _STANDFIRST.search(_names_around(element)):
            return lines
        if sum(map(len, lines)) >= STANDFIRST_CHARS[0] and (
            _says_the_same(lines, wanted)
            or (element.tag in _HEADINGS and element.getprevious() is anchor)
        ):
            return lines
    return ()


def _names_around(element: Any) -> str:
    """The classes and ids of an element, and of the frames that hold only it."""
    names: list[str] = []
    for _ in range(FRAMES):
        names += (element.get("class") or "", element.get("id") or "")
        frame = element.getparent()
        if len(frame) > 1 or (frame.text or "").strip() or (element.tail or "").strip():
            break
        element = frame
    return " ".join(names)


_STANDFIRST_TAGS = frozenset(["p", "h1", "h2", "h3", "h4", "div", "span", "section", "ul"])
SAME_WORDS = 0.7
"""Least share of the description's words that a standfirst repeats."""


def _candidates(anchor: Any, chosen: Sequence[Any]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    shortest, longest = NAMED_STANDFIRST, STANDFIRST_CHARS[1]
    stop = set(chosen)
    inside = {above for element in stop for above in element.iterancestors()}
    for element in _following(anchor, stop, inside):
        if element.tag not in _STANDFIRST_TAGS or _is_side(element):
            continue
        lines = _lines_of(element)
        size = sum(map(len, lines))
        names = (element.get("class"), element.get("id"))
        if shortest <= size <= longest and not (
            size < STANDFIRST_CHARS[0] and names_furniture(names)  # "ad spot" is none
        ):
            yield element, lines


def _lines_of(element: Any) -> tuple[str, ...]:
    """The lines of an element that holds one run of text, or items of one list; else none."""
    inner = {below.tag for below in element.iterdescendants()}
    if not inner.isdisjoint(_DIVIDING):
        return ()
    parts = list(element.iter("li")) or [element]
    texts = (" ".join("".join(part.itertext()).split()) for part in parts)
    return tuple(text for text in texts if text)


_DIVIDING = frozenset(words("p div h1 h2 h3 h4 h5 section article figure time form table"))


def _is_side(element: Any) -> bool:
    return any(
        above.tag in _SIDE or above.tag in {"figure", "figcaption", "form", "button", "a"}
        for above in (element, *element.iterancestors())
    )


def _says_the_same(lines: Sequence[str], wanted: set[str]) -> bool:
    said = set(fold(" ".join(lines)).split())
    return len(wanted) >= 6 and len(said & wanted) >= SAME_WORDS * len(wanted)


def _following(anchor: Any, stop: set[Any], inside: set[Any]) -> Iterator[Any]:
    """Elements after an anchor in document order, up to the first of `stop`; bounded."""
    walk = etree.iterwalk(anchor.getroottree().getroot(), events=("start",))
    begun = False
    left = 200
    for _, element in walk:
        if element in stop or left == 0:
            return
        if begun and element not in inside:
            left -= 1
            yield element
        begun = begun or element is anchor


_H2 = "//body//h2"
_TITLED_H3 = "//body//h3[contains(@class,'title') or @itemprop='headline']"


def title_heading(tree: Any, title: str) -> Any:
    """The `h1` that shows the title, else `h2`, else an `h3` marked as one; else the only `h1`."""
    wanted = fold(title)
    headings = tree.xpath("//body//h1")
    others = (tree.xpath(query) for query in (_H2, _TITLED_H3))
    if len(headings) == 1 and _is_form_of(wanted, headings[0]):
        return headings[0]
    for heading in chain(headings, chain.from_iterable(others)) if wanted else ():
        shown = fold("".join(heading.itertext()))
        if shown and (
            shown == wanted or (len(shown) > 15 and (shown in wanted or wanted in shown))
        ):
            return heading
    shown_elsewhere = titled_element(tree, wanted)
    if shown_elsewhere is not None:
        return shown_elsewhere
    return headings[0] if len(headings) == 1 else None


def titled_element(tree: Any, wanted: str) -> Any:
    """The element, no heading, that is named a title and shows just that; None if there is none.

    It stands before any `h1`: bars that follow the reader show the title too, below the text.
    """
    if len(wanted) <= 15:
        return None
    first = tree.xpath("(//body//h1)[1]")
    named = first[0].xpath(_NAMED_BEFORE) if first else tree.xpath(f"//body//{_NAMED_TITLE}")
    return next((one for one in named[:20] if fold(_words_of(one)) == wanted), None)


_NAMED_TITLE = (
    "*[self::div or self::p or self::span][contains(@class,'title') or "
    "contains(@class,'headline')][not(ancestor::a)][count(*) < 3]"
)
_NAMED_BEFORE = f"preceding::{_NAMED_TITLE}"


def _is_form_of(title: str, heading: Any) -> bool:
    """Whether a heading has most words of a title, which a subheading may contain too."""
    said, shown = set(title.split()), set(fold("".join(heading.itertext())).split())
    return len(said & shown) > SAME_TITLE * max(len(said), len(shown))


SAME_TITLE = 0.5
"""More than this share of the words makes the only `h1` the title, worded in another way."""


def _known_body(scales: _Scales, root: Any, total: float) -> list[Any]:
    """The smallest known body container, or family of similar ones, with half of the text."""
    families: dict[str, list[Any]] = {}
    above_root = {root, *root.iterancestors()}
    for element, names in scales.bodies:
        if scales.of(element) <= 0 or element.tag == "p" or element in above_root:
            continue
        for name in names:
            families.setdefault(name, []).append(element)
    found = [
        _of_family(scales, members, total, alone=bool(_WRAPPER.fullmatch(name)))
        for name, members in families.items()
    ]
    weighed = [(sum(map(scales.of, one)), one) for one in found if one]
    if not weighed:
        return []
    ample = [pair for pair in weighed if pair[0] >= DESCEND * total]
    best = (min if ample else max)(ample or weighed, key=lambda pair: pair[0])[1]
    return [_descend(scales, best[0])] if len(best) == 1 else best


def _main(scales: _Scales, body: Any, anchor: Any) -> Any:
    """The `<main>` or `<article>` around the title, if it holds a fair share of the text."""
    for element in anchor.iterancestors() if anchor is not None else ():
        is_main = element.tag in {"main", "article"} or element.get("role") == "main"
        if is_main and scales.of(element) >= MAIN_SHARE * scales.of(body):
            return element
    return body


def _body_names(element: Any) -> Iterator[str]:
    if element.get("itemprop") in {"articleBody", "reviewBody"}:
        yield "itemprop"
    for value in (element.get("class"), element.get("id")):
        for token in value.split()[:20] if value else ():
            if _body_token(token):
                yield token


def _of_family(scales: _Scales, members: list[Any], total: float, *, alone: bool) -> list[Any]:
    """One member, if one holds enough; else all that are side by side in one article."""
    ample = [member for member in members if scales.of(member) >= DESCEND * total]
    if ample:
        return [min(ample, key=scales.of)]
    outer = _outermost(members)
    strongest = max(outer, key=scales.of)
    home = next(strongest.iterancestors("article"), None)
    family = [one for one in outer if next(one.iterancestors("article"), None) is home]
    chosen = [strongest] if alone else family
    share = sum(map(scales.of, chosen)) / total
    if share < BODY_SHARE:
        return []
    return chosen if share >= DESCEND or len(chosen) == 1 else [_common(chosen)]


def _common(elements: list[Any]) -> Any:
    """The nearest common ancestor: what is between the chunks belongs to the article."""
    paths = [list(element.iterancestors())[::-1] for element in elements]
    return [level[0] for level in zip(*paths, strict=False) if len(set(level)) == 1][-1]


def _outermost(members: list[Any]) -> list[Any]:
    inside = set(members)
    return [m for m in members if not any(above in inside for above in m.iterancestors())]


def _in_order(tree: Any, elements: list[Any]) -> list[Any]:
    if len(elements) == 1:
        return elements
    wanted = set(elements)
    return [element for element in tree.iter() if element in wanted]


def _descend(scales: _Scales, node: Any) -> Any:
    while True:
        weight = scales.of(node)
        heavy = [child for child in node if scales.of(child) >= DESCEND * weight]
        if not heavy or heavy[0].tag in {"p", "blockquote"}:
            return node
        node = heavy[0]
