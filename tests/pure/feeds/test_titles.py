"""Titles are plain text: decoded, without tags, whatever their feed did to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.text import absolute, plain


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ("Navy &amp; Army", "Navy & Army"),
        ("Navy &amp;amp; Army", "Navy & Army"),
        ("Navy &#038; Army &#8211; &quot;one&quot;", 'Navy & Army – "one"'),
        ("<b>Bold</b> move, <i>fast</i>", "Bold move, fast"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("One<br/>two<p>three</p>", "One two three"),
        ('<span class="x">A</span>', "A"),
        ("5 < 7 and 9 > 3", "5 < 7 and 9 > 3"),
        ("The <video> tag", "The <video> tag"),
        ("The <script> tag", "The <script> tag"),
        ("<script>alert(1)</script>A", "A"),
        ("&lt;style type='x'&gt;b {}&lt;/style&gt;A", "A"),
        ("  many\n\tspaces\u00a0here ", "many spaces here"),
        ("a\u202eb\u0000c", "abc"),
        ("AT&T and R&D", "AT&T and R&D"),
    ],
)
def test_a_title_says_what_was_meant(stated: str, meant: str) -> None:
    """A title is decoded whether it was escaped once, twice or not at all."""
    assert plain(stated) == meant


@given(st.text())
def test_plain_text_is_one_clean_line(text: str) -> None:
    """Any text becomes a line without control characters, line ends and outer spaces."""
    line = plain(text)
    assert line == " ".join(line.split())
    assert not any(ord(character) < 32 for character in line)


@pytest.mark.parametrize(
    ("stated", "link"),
    [
        ("https://a.test/b c?d=e f", "https://a.test/b%20c?d=e%20f"),
        ('/b"c<d>', "https://feed.test/b%22c%3Cd%3E"),
        ("/é?x=%20%C3%A9", "https://feed.test/é?x=%20%C3%A9"),
    ],
)
def test_an_address_has_no_character_that_ends_addresses_in_texts(stated: str, link: str) -> None:
    """RFC 3986 appendix C. Letters of any script stay: people read them."""
    assert absolute(stated, "https://feed.test/") == link


@given(st.text(), st.sampled_from(["", "https://feed.test/a/", "no base"]))
def test_a_link_is_absolute_or_empty(link: str, base: str) -> None:
    """Any link on any base becomes a web address, or is empty."""
    assert absolute(link, base).startswith(("http://", "https://")) or absolute(link, base) == ""
