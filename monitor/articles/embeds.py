"""Find, read and remove posts embedded in an article, so that they are not part of its text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bs4 import Tag

from monitor.articles import tables, urls
from monitor.model import Embed

_PICTURE_LINK = re.compile(r"\s*(?:https?://\S*)?pic\.twitter\.com/\w+", re.I)
_SIGNATURE = re.compile(r"^[—–-]{1,2} ?.{1,80}\(@\w{1,20}\)", re.M)
_MARKED = re.compile(r"[#@]\w{2,}|[\U0001F1E6-\U0001F1FF]{2}")


def take_out(
    tags: Iterable[Tag], dropped: list[tuple[str, str]] | None = None
) -> tuple[Embed, ...]:
    """Remove the embedded posts among these tags, and return their contents in order.

    `dropped`, when given, receives each post's markup and the rule.
    """
    found: list[Embed] = []
    for tag in tags:
        if tag.name not in {"blockquote", "div"} or not tag.get("class"):
            continue
        kind = _kind(tag)
        if kind and not tag.decomposed:
            found.append(Embed(kind, _text(tag), _url(tag)))
            if dropped is not None:
                dropped.append((str(tag), "an embedded post, kept apart"))
            tag.decompose()
    return tuple(embed for embed in found if embed.text or embed.url)


def _kind(tag: Tag) -> str:
    names = str(tag.get("class") or "").lower().split()
    return next((tables.EMBED_CLASSES[name] for name in names if name in tables.EMBED_CLASSES), "")


def _text(tag: Tag) -> str:
    lines = (" ".join(line.split()) for line in tag.get_text("\n").splitlines())
    # Links and mentions have elements of their own: one line per paragraph is enough.
    return " ".join(line for line in lines if line)


def _url(tag: Tag) -> str:
    """The post's own address: the last link of the embed code, on its date; without the parameters
    that the platform adds to count clicks."""
    links = [str(link.get("href")) for link in tag.find_all("a", href=True)]
    own = ("data-instgrm-permalink", "data-href", "cite")
    links += [str(tag.get(name)) for name in own if tag.get(name)]
    web = [link for link in links if link.lower().startswith(("http://", "https://"))]
    return urls.canonical(web[-1]) if web else ""


def split_copied(lines: list[str]) -> tuple[list[str], tuple[Embed, ...]]:
    """Separate posts from lines copied from a page.

    A post ends with a `pic.twitter.com` link or its signature "— Name (@handle) date", and begins
    with the first of the preceding lines that have hashtags, mentions or flags. The signature may
    be in the middle: the text of a post can contain line breaks.
    """
    kept: list[str] = []
    found: list[Embed] = []
    at = 0
    while at < len(lines):
        end = _post_end(lines, at)
        if end == at:
            kept.append(lines[at])
            at += 1
        else:
            found.append(Embed("tweet", "\n".join(lines[at:end])))
            at = end
    return kept, tuple(found)


def _post_end(lines: list[str], at: int) -> int:
    """Where the post that begins at a line ends (exclusive); `at` when none begins there."""
    if not (_MARKED.search(lines[at]) or _SIGNATURE.match(lines[at])):
        return at
    end = at
    for number in range(at, min(at + 6, len(lines))):
        if _PICTURE_LINK.search(lines[number]) or _SIGNATURE.match(lines[number]):
            end = number + 1
        elif number > at and end == at and not _MARKED.search(lines[number]):
            break
    return end
