"""Identity: canonical addresses, hashes, language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.fingerprint import line_hash, text_hash
from monitor.articles.language import detect
from monitor.articles.urls import canonical

SAME = "https://paper.example/2025/story"


@pytest.mark.parametrize(
    "url",
    [
        "https://paper.example/2025/story",
        "http://PAPER.example/2025/story#top",
        "https://paper.example:443/2025/story?utm_source=rss&utm_medium=feed",
        "https://paper.example/2025/story?fbclid=abc&ref=twitter",
        "https://m.paper.example/2025/story",
        "https://amp.paper.example/2025/story",
        "https://paper.example/2025/story/amp/",
        "https://paper.example/2025/%73tory",
        "https://paper.example/2025/story;jsessionid=0A1B2C.node1",
        "https://paper.example/2025/story?PHPSESSID=0a1b2c",
        " https://paper.example/2025/story\n",
    ],
)
def test_variants_of_an_address_are_one_article(url: str) -> None:
    """Scheme, case, default port, fragment, trackers, mobile and AMP variants do not matter."""
    assert canonical(url) == SAME


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://paper.example/a?id=1", "https://paper.example/a?id=2"),
        ("https://paper.example/a", "https://www.paper.example/a"),
        ("https://paper.example/A", "https://paper.example/a"),
        ("http://127.0.0.1:8080/a", "http://127.0.0.1:8081/a"),
        ("https://paper.example/search?ref=chapter", "https://paper.example/search"),
    ],
)
def test_what_may_name_another_article_is_kept_apart(url: str, other: str) -> None:
    """Better two addresses for one article than one address for two."""
    assert canonical(url) != canonical(other)


def test_a_mobile_host_in_letters_of_its_own_is_spelled_as_its_site_is() -> None:
    """The part that names the variant goes, and the rest is encoded as any host."""
    assert canonical("https://m.bücher.example/a") == canonical("https://bücher.example/a")


def test_parameters_have_one_order() -> None:
    """The same parameters in another order are the same address."""
    assert canonical("https://p.example/a?b=2&a=1") == canonical("https://p.example/a?a=1&b=2")


@pytest.mark.parametrize(
    ("declared", "believed"),
    [
        ("https://www.paper.example/2025/real", "https://www.paper.example/2025/real"),
        ("https://paper.example/", SAME),
        ("https://other.example/2025/real", SAME),
        ("javascript:alert(1)", SAME),
        ("", SAME),
    ],
)
def test_declared_address_is_believed_on_the_same_site_only(declared: str, believed: str) -> None:
    """A canonical link to the front page, to another site or to no page is a mistake."""
    assert canonical(SAME, declared) == believed


@given(st.text(max_size=60))
def test_any_text_has_a_stable_canonical_form(text: str) -> None:
    """`canonical` never raises, and its result is its own canonical form."""
    for url in (text, f"https://p.example/{text}", f"https://{text}/x"):
        assert canonical(canonical(url)) == canonical(url)


def test_equal_words_have_equal_hashes() -> None:
    """Case, marks and spacing do not change the hash; a text without words has none."""
    assert text_hash("Two ships,\n\nthree crews.") == text_hash("two ships three crews")
    assert text_hash("Two ships") != text_hash("Two ship s")
    assert text_hash(" \n") == ""


def test_line_hashes_are_the_same_in_every_process() -> None:
    """They are fixed numbers of 63 bits, because they are stored and compared across runs."""
    assert line_hash("One two, three four!") == line_hash("one two three four")
    assert line_hash("one two three four") == 918098062006259049
    assert all(0 < line_hash(letter) < 1 << 63 for letter in "abcdefgh")
    assert line_hash("") == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The navy sent two frigates to the strait after the warning on Monday.", "en"),
        ("Die Marine schickte nach der Warnung am Montag zwei Fregatten in die Meerenge.", "de"),
        ("La marine a envoyé deux frégates dans le détroit après l'avertissement de lundi.", "fr"),
        ("Флот направил два фрегата в пролив после предупреждения в понедельник.", "ru"),
        ("NATO 2024", ""),
        ("", ""),
    ],
)
def test_language_is_detected_or_left_open(text: str, code: str) -> None:
    """A text that is long enough to tell gets a language code, any other none."""
    assert detect(text) == code
