"""Text from outside is shown as it is, but cannot control anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digests.words import clip, columns, isolated, plain, same_length, wrap

FAMILY = "👨‍👩‍👧‍👦"


def test_S70_control_characters_are_gone() -> None:
    """CR, LF, NUL, VT, U+2028 and escape codes become spaces; direction overrides vanish."""
    assert plain("a\r\nBcc: x\x00\x0b\u2028y\x1b[31m") == "a Bcc: x y [31m"
    assert plain("bank\u202emoc.live") == "bankmoc.live"
    assert plain("\ud800 half") == "half"


def test_a_name_written_from_right_to_left_stands_by_itself() -> None:
    """Isolates keep what stands beside it in place, take no column, and are added to no other."""
    assert isolated("صحيفة") == "\u2068صحيفة\u2069"
    assert columns(isolated("צוללות")) == columns("צוללות")
    assert isolated("Harbour 海軍 Gazette 24") == "Harbour 海軍 Gazette 24"


def test_a_tower_of_marks_is_lowered() -> None:
    """A letter keeps four combining marks, enough for every script."""
    assert len(plain("Z" + "\u0301" * 5_000)) == 5


@given(st.text())
def test_offsets_stay_right(text: str) -> None:
    """Making text harmless in place moves no character."""
    assert len(same_length(text)) == len(text)


@pytest.mark.parametrize("text", [FAMILY * 9, "e\u0301" * 40, "🇬🇧🇫🇷🇩🇪" * 9, "क्षि" * 20, "한" * 50])
@pytest.mark.parametrize("limit", range(1, 24))
def test_D49_a_grapheme_is_never_cut_in_half(text: str, limit: int) -> None:
    """A cut text ends where a whole character ends, and with an ellipsis."""
    cut = clip(text, limit)
    kept = cut.removesuffix("…")
    assert len(cut) <= limit
    assert cut.endswith("…")
    assert text.startswith(kept)
    rest = text[len(kept) :]
    assert not rest.startswith(("\u200d", "\u0301", "\u094d", "\u093f", "\ufe0f"))
    assert not kept.endswith("\u200d")


def test_text_is_cut_before_a_word_where_that_costs_little() -> None:
    """A cut does not leave half a word at the end."""
    assert clip("ministers agree on patrols", 22) == "ministers agree on…"
    assert clip("short", 5) == "short"


@given(st.text(), st.integers(20, 90))
def test_D02_lines_are_no_wider_than_asked(text: str, width: int) -> None:
    """Width is counted in columns; a Chinese character takes two."""
    shown = wrap(plain(text), width, "  ")
    addresses = ("  http://", "  https://")
    assert all(columns(line) <= width or line.startswith(addresses) for line in shown.split("\n"))


@given(st.text())
def test_wrapping_loses_nothing(text: str) -> None:
    """Wrapping changes only spaces."""
    assert "".join(wrap(text, 30).split()) == "".join(text.split())


def test_a_sentence_without_spaces_goes_on_in_its_line() -> None:
    """A Japanese title has a space or two; no line ends half empty for the sake of a "word"."""
    title = (
        "防衛省が契約を締結へ "
        + "令和七年度予算案に約一千億円を計上し南西諸島の防衛力を強化する方針" * 2
    )
    lines = wrap(f"3. {title}", 40, hang="   ").split("\n")
    assert all(35 <= columns(line) <= 40 for line in lines[:-1])
    assert "".join("".join(lines).split()) == "".join(f"3.{title}".split())
    assert wrap(f"A {'x' * 50}", 40).split("\n")[0] == "A"  # as before: an address, or a joke
