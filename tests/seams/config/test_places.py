"""The line of every key is known, in whatever form of TOML it is written."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config.places import Place, places

HERE = Path(__file__).parent
EVERYTHING = (HERE / "places" / "everything.toml").read_text("utf-8")


def _marked() -> list[tuple[tuple[str | int, ...], int]]:
    """Return (path, line) for each key marked in the file's comments."""
    return [
        (tuple(int(part) if part.isdigit() else part for part in name.split("/")), number)
        for number, line in enumerate(EVERYTHING.splitlines(), 1)
        for name in line.partition("#>")[2].split()
    ]


def test_every_marked_key_stands_on_its_line() -> None:
    """Tables, arrays of tables, dotted and quoted keys, inline tables and array items are found."""
    found = places(EVERYTHING)
    assert {path: found[path].line for path, _ in _marked()} == dict(_marked())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('q = "x"', Place(1, 1)),
        ('q = """\nx"""', Place(1, 2)),
        ("q = '''\nx'''", Place(1, 2)),
        ('q = """x\ny"""', Place(1, 1)),
        ('\n\nq = "x"', Place(3, 3)),
        ('q = """\r\nx"""', Place(1, 2)),
    ],
)
def test_the_text_of_a_long_string_begins_behind_its_first_line_break(
    text: str, place: Place
) -> None:
    """A mistake inside a query is reported with the line on which it stands."""
    assert places(text)[("q",)] == place


def test_a_table_that_is_only_named_in_the_header_of_another_stands_there() -> None:
    """A mistake in `slak` is in the line of `[channels.slak.desk]`, unless it has its own."""
    found = places("x = 1\n[channels.slak.desk]\ny = 1\n[channels.slak.ops]\n[channels]\nz = 1\n")
    assert found[("channels", "slak")] == Place(2, 2)
    assert found[("channels",)] == Place(5, 5)


_KEYS = st.text("abc-_ .é\"'[]#=", min_size=1, max_size=6)
_VALUES = st.one_of(st.integers(), st.booleans(), st.text(max_size=20), st.lists(st.integers()))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_KEYS, st.one_of(_VALUES, st.dictionaries(_KEYS, _VALUES)), max_size=4))
def test_every_key_that_tomllib_finds_has_a_place(document: dict[str, object]) -> None:
    """No key is overlooked in a document that another library wrote, whatever it holds."""
    import tomlkit

    text = tomlkit.dumps(document)
    assert tomllib.loads(text) == document
    found = places(text)
    for key, value in document.items():
        assert (key,) in found
        if isinstance(value, dict):
            assert all((key, inner) in found for inner in value)
