"""A user's own templates in the settings folder shape an edition."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from support.editions import edition

from monitor.config import load
from monitor.digests.render import bodies
from monitor.digests.view import OtherView, SectionView, StoryView, View

DOCS = Path(__file__).parents[3] / "docs" / "settings.md"
CHAPTER = DOCS.read_text("utf-8").partition("## templates/")[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    return tmp_path


def test_D33_the_template_of_the_docs_is_used_as_it_stands(folder: Path) -> None:
    """The template in the docs gives no warning, and its form replaces ours."""
    found = re.search(r"```jinja\n(.*?)```", CHAPTER, re.DOTALL)
    assert found
    (folder / "templates" / "edition.txt").write_text(found[1])
    settings = load(folder, environ={})
    assert settings.warnings == ()
    made = bodies(edition(2), settings.templates)
    assert made.warnings == ()
    assert made.text.startswith("Defence morning\n2 stories from")
    assert "1. Alliance ministers agree" in made.text
    assert made.text != bodies(edition(2)).text


def test_D33_all_words_of_a_template_are_told() -> None:
    """A word that is added or removed must change docs/settings.md."""
    for model in (View, SectionView, StoryView, OtherView):
        for one in fields(model):
            assert f"{one.name}`" in CHAPTER, one.name


def test_D33_check_warns_of_what_fails_in_any_kind_of_edition(folder: Path) -> None:
    """Each failing template is reported once, with its place; the settings stay valid."""
    (folder / "templates" / "edition.html").write_text(
        "{% if view.blind %}{{ nothing }}{% endif %}"
    )
    (folder / "templates" / "edition.txt").write_bytes(b"\xff")
    (folder / "templates" / "edtion.txt").write_text("x")
    warnings = "\n".join(str(one) for one in load(folder, environ={}).warnings)
    assert warnings.count("templates") == 3
    assert "template edition.html: 'nothing' is undefined" in warnings
    assert "edition.txt: cannot be read: it is not UTF-8" in warnings
    assert "edtion.txt" in warnings
