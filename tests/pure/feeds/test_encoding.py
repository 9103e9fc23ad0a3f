"""P93: byte order mark, then HTTP charset, then XML declaration, then the bytes themselves."""

from __future__ import annotations

import codecs

import pytest

from monitor.feeds import encoding
from monitor.feeds.read import read

FRENCH = "Défense : l’armée déploie “Griffon”"
RUSSIAN = "Министерство обороны сообщило о новых учениях флота"
UKRAINIAN = "Міністерство оборони повідомило про нові навчання"
JAPANESE = "防衛省は木曜日に新たな演習を発表した"
CHINESE = "国防部星期四宣布新的军事演习"


def title(body: bytes, content_type: str = "") -> str:
    return read(body, content_type, "https://feed.test/").entries[0].title


def feed(text: str, encoding: str, declared: str = "") -> bytes:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    item = f"<item><guid>1</guid><title>{text}</title><description>{text}</description></item>"
    return f"{declaration}<rss version='2.0'><channel>{item}</channel></rss>".encode(encoding)


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "content_type"),
    [
        (FRENCH, "utf-8", "", ""),
        (FRENCH, "utf-8-sig", "iso-8859-1", "text/xml; charset=iso-8859-1"),
        (FRENCH, "utf-16", "utf-16", ""),
        (FRENCH, "utf-16", "utf-8", "application/xml; charset=utf-16"),
        (FRENCH, "utf-16-le", "utf-16", ""),
        (FRENCH, "utf-16-be", "", ""),
        (FRENCH, "utf-32", "utf-8", ""),
        (FRENCH, "cp1252", "iso-8859-1", ""),
        (FRENCH, "cp1252", "utf-8", "text/xml; charset=utf-8"),
        (FRENCH, "cp1252", "", ""),
        (FRENCH, "utf-8", "us-ascii", "text/plain"),
        (FRENCH, "utf-8", "utf-8", "application/rss+xml; charset=iso-8859-1"),
        (FRENCH, "utf-8", "utf-16", ""),
        (FRENCH, "utf-8", "no-such-thing", "text/xml; charset="),
        (RUSSIAN, "koi8-r", "koi8-r", ""),
        (RUSSIAN, "koi8-r", "", "text/xml; charset=koi8-r"),
        (RUSSIAN, "koi8-r", "windows-1251", "text/xml; charset=koi8-r"),
        (RUSSIAN, "cp1251", "windows-1251", ""),
        (RUSSIAN, "cp1251", "", ""),
        (UKRAINIAN, "cp1251", "utf-8", ""),
        (JAPANESE, "shift_jis", "shift_jis", ""),
        (JAPANESE, "euc_jp", "", "application/xml; charset=euc-jp"),
        (JAPANESE, "shift_jis", "", ""),
        (CHINESE, "gb18030", "gb2312", ""),
        (CHINESE, "utf-8", "gb2312", ""),
    ],
)
def test_p93_the_title_is_the_text_that_was_meant(
    text: str, encoding: str, declared: str, content_type: str
) -> None:
    """A declaration that the bytes contradict is not believed, whoever made it."""
    assert title(feed(text, encoding, declared), content_type) == text


def test_p93_a_lie_is_told() -> None:
    """The problems name what was declared and what was read."""
    body = feed(FRENCH, "utf-8", "us-ascii")
    document = read(body, "", "https://feed.test/")
    assert document.problems == ("declared as us-ascii, read as utf-8",)


def test_p93_single_broken_bytes_do_not_spoil_a_document() -> None:
    """One byte that is no UTF-8, in a text that is, becomes a replacement character."""
    body = feed(f"{RUSSIAN} X {RUSSIAN}", "utf-8").replace(b" X ", b" \xff ")
    assert title(body) == f"{RUSSIAN} \ufffd {RUSSIAN}"


def test_p93_a_text_that_was_cut_by_bytes_does_not_make_a_wrong_label_right() -> None:
    """A server that calls all it sends latin-1 is not believed for one broken letter."""
    words = "Le ministère a été informé. " * 20
    body = f"<rss><title>{words}</title></rss>".encode().replace(b"\xc3\xa9. ", b"\xc3. ", 1)
    found = encoding.decode(body, "text/xml; charset=ISO-8859-1")
    assert found.encoding == "utf-8"
    assert found.text.count("informé.") == 19
    latin = encoding.decode("é à ü Ã© ".encode("cp1252") * 20, "text/xml; charset=ISO-8859-1")
    assert latin.text.startswith("é à ü Ã©")


def test_p93_wide_marks_are_told_apart() -> None:
    """The mark of UTF-32 little endian is recognised, although it begins with that of UTF-16."""
    body = codecs.BOM_UTF32_LE + feed(FRENCH, "utf-32-le")
    assert read(body, "", "https://feed.test/").encoding == "utf-32le"
