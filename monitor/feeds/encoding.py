"""Bytes to text: byte order mark, then HTTP charset, then XML declaration, then the bytes.

RFC 7303 §3.2 gives the order. It is followed as far as the bytes agree: servers declare one
encoding for everything they send, and a declaration that the bytes contradict is not believed.
"""

from __future__ import annotations

import codecs
import re
from email.message import Message
from functools import lru_cache
from typing import Final, NamedTuple

from charset_normalizer import from_bytes

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<" and its neighbour: XML 1.0 appendix F tells the widths apart by them without a mark.
_STARTS: Final = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARED: Final = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']"""
)
# Labels that mean a larger set in practice (WHATWG Encoding Standard §4.2).
_WIDER: Final = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}
_MULTIBYTE: Final = frozenset({
    "gb18030", "cp932", "cp949", "big5", "big5hkscs", "euc_jp", "iso2022_jp",
})  # fmt: skip
# UTF-16 and UTF-32 show in the first bytes or are not used; UTF-7 hides markup and is not in use;
# the last ones are Python's own, and one of them is read in quadratic time (punycode).
_UNBELIEVED: Final = (
    "utf-16", "utf-32", "utf_7", "utf-7",
    "punycode", "idna", "unicode-escape", "raw-unicode-escape",
)  # fmt: skip


_LATIN: Final = "cp1252"
_SAMPLE: Final = 100_000
_MANY: Final = 24
"""This many bytes beyond ASCII are no coincidence."""
_LEADING: Final = bytes(range(0xC0, 0x100))
"""Bytes that begin a letter beyond ASCII in UTF-8."""
_RARE: Final = 20
"""This many sound letters for each broken one are text that was damaged."""


class Decoded(NamedTuple):
    """Text, the encoding it was decoded with, and what was wrong with the declaration."""

    text: str
    encoding: str
    problem: str = ""


@lru_cache(maxsize=32)
def charset(content_type: str) -> str:
    """The charset parameter of a Content-Type, or ""."""
    message = Message()
    message["content-type"] = re.sub(r"[\r\n\x00]", " ", content_type)
    value = message.get_param("charset", "")
    return value.strip("'\" ") if isinstance(value, str) else ""


def decode(body: bytes, content_type: str) -> Decoded:
    """The document as text; never fails (the last resort maps every byte to a character)."""
    for mark, name in _MARKS:
        if body.startswith(mark) and not (mark == codecs.BOM_UTF16_LE and body[2:4] == b"\0\0"):
            return _read(body[len(mark) :], name)
    for start, name in _STARTS:
        if body.startswith(start):
            return _read(body, name)
    declared = _DECLARED.match(body[:400])
    labels = [charset(content_type), declared[1].decode("ascii") if declared else ""]
    return _by_labels(body, [label for label in labels if label])


def _known(label: str) -> str:
    """The codec's own name, widened; "" for a label without a text codec."""
    try:
        info = codecs.lookup(label)
        "".encode(info.name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if info.name.startswith(_UNBELIEVED) else _WIDER.get(info.name, info.name)


def _by_labels(body: bytes, labels: list[str]) -> Decoded:
    for label in labels:
        codec = _known(label)
        if not codec or (codec != "utf-8" and _is_utf8(body, codec)):
            continue
        text = _strict(body, codec)
        if text is not None:
            name = codec if codec == "gb18030" else label.lower()
            return Decoded(text, name, _contradiction(labels[0], label))
    detected = _detect(body)
    if labels and not body.isascii():
        return detected._replace(problem=_contradiction(labels[0], detected.encoding))
    return detected


def _contradiction(declared: str, found: str) -> str:
    return "" if declared.lower() == found.lower() else f"declared as {declared}, read as {found}"


def _is_utf8(body: bytes, declared: str) -> bool:
    """Whether the bytes hold letters beyond ASCII, all of them well-formed UTF-8.

    Text in a one-byte encoding practically never happens to be well-formed UTF-8; a short text in
    an encoding of two bytes per letter may.
    """
    if body.isascii():
        return False
    if _strict(body, "utf-8") is None:
        return declared not in _MULTIBYTE and _is_damaged_utf8(body)
    beyond = len(body) - len(body.translate(None, bytes(range(0x80, 0x100))))
    return declared not in _MULTIBYTE or beyond >= _MANY


def _is_damaged_utf8(body: bytes) -> bool:
    """Whether nearly all letters beyond ASCII are well-formed UTF-8, as of texts cut by bytes."""
    sound, broken = _counted(body.decode("utf-8", "replace"), body)
    return sound >= max(_MANY, _RARE * broken)


def _counted(lenient: str, body: bytes) -> tuple[int, int]:
    """How many letters beyond ASCII are well-formed UTF-8, and how many places are not."""
    broken = lenient.count("\ufffd")
    return len(body) - len(body.translate(None, _LEADING)) - broken, broken


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _read(body: bytes, codec: str) -> Decoded:
    text = _strict(body, codec)
    if text is not None:
        return Decoded(text, _name(codec))
    return Decoded(body.decode(codec, "replace"), _name(codec), f"bytes that are no {codec}")


def _detect(body: bytes) -> Decoded:
    """What the bytes look like when no declaration holds."""
    text = _strict(body, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8")
    lenient = body.decode("utf-8", "replace")
    sound, broken = _counted(lenient, body)
    if sound > broken:
        return Decoded(lenient, "utf-8", f"{broken} broken characters")
    codec = _guess(body)
    return Decoded(body.decode(codec, "replace"), _name(codec))


def _guess(body: bytes) -> str:
    """The encoding of words written entirely in high bytes, guessed by letter frequency.

    In Latin scripts high bytes occur singly, too few to tell windows-1252 from its neighbours.
    """
    sample = body[:_SAMPLE]
    runs = sum(map(len, re.findall(rb"[\x80-\xff]{2,}", sample)))
    if runs * 2 < len(sample.translate(None, bytes(range(0x80)))):
        return _LATIN
    best = from_bytes(sample).best()
    return best.encoding if best else _LATIN


def _name(codec: str) -> str:
    """The IANA name of a codec."""
    name = codec.replace("_", "-").replace("iso8859-", "iso-8859-")
    name = re.sub(r"^cp(125\d)$", r"windows-\1", name)
    return re.sub(r"^(utf-(?:16|32))-([bl]e)$", r"\1\2", name)
