"""A user's own templates: used, kept in their sandbox, and never in the way of an edition."""

from __future__ import annotations

import pytest
from support.editions import edition

from monitor.digests.render import HTML_LIMIT, bodies

SHOWN = edition(3)


def test_D33_a_template_of_the_users_own_is_used() -> None:
    """A user's template can use the view and our filters; the other form stays ours."""
    own = {
        "edition.txt": "{% for section in view.sections %}{% for story in section.stories %}"
        "{{ story.place }} {{ story.title|wrap }}\n{% endfor %}{% endfor %}"
    }
    made = bodies(SHOWN, own)
    assert made.warnings == ()
    assert made.text.splitlines()[0].startswith("1 Alliance ministers agree")
    assert made.html == bodies(SHOWN).html


def test_D33_markup_in_words_is_escaped_in_the_users_page_too() -> None:
    """Autoescape and the inlining of styles work in a user's template as in ours."""
    own = {"edition.html": "<html><style>p { color: red }</style><p>{{ view.title }}</p></html>"}
    made = bodies(edition(1, title="<script>x</script>"), own)
    assert '<p style="color:red">Defence morning</p>' in made.html
    own = {"edition.html": "<html><p>{{ view.sections[0].stories[0].title }}</p></html>"}
    made = bodies(edition(1, title="<script>x</script>"), own)
    assert "&lt;script&gt;" in made.html
    assert made.warnings == ()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("one\n{% for %}", "line 2"),
        ("{{ view.titel }}", "titel"),
        ("{{ 1 / 0 }}", "division"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ view.__init__.__globals__ }}", "unsafe"),
        ("{% include '/etc/hostname' %}", "/etc/hostname"),
        ("{% for _ in range(1000000) %}x{% endfor %}", "large"),
        ("x" * (HTML_LIMIT + 1), "before any story"),
    ],
)
def test_D33_a_broken_template_falls_back_to_ours_with_a_warning(source: str, why: str) -> None:
    """The edition is what it would have been without it; the warning says where and why."""
    made, usual = bodies(SHOWN, {"edition.html": source}), bodies(SHOWN)
    assert (made.html, made.text, made.subject) == (usual.html, usual.text, usual.subject)
    (warning,) = made.warnings
    assert warning.startswith("template edition.html")
    assert why in warning
    assert warning.endswith("the built-in one was used")


def test_D33_a_template_that_nothing_uses_is_a_warning() -> None:
    """A slip in the file's name must not look like a template that changes nothing."""
    (warning,) = bodies(SHOWN, {"edtion.html": "x"}).warnings
    assert "edtion.html" in warning
