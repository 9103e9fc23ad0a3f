"""Feed entries, copied text, and the merging of what feed and page say."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from monitor.articles.clean import clean_entry, clean_text, cleaned_as_json
from monitor.articles.merge import gives_full_text, merge
from monitor.model import Cleaned, Entry

SENTENCE = "The committee heard from the officers about the long road to the northern base. "
FULL = "".join(f"<p>{n}. {SENTENCE}</p>" for n in range(1, 16))


def entry(**changes: object) -> Entry:
    values: dict[str, object] = {
        "key": "1",
        "id": "1",
        "link": "https://paper.example/a?utm_source=rss",
        "title": "Road to the base",
        "published": datetime(2025, 3, 4, 7, tzinfo=UTC),
    }
    return Entry(**{**values, **changes})


def test_entry_is_cleaned_by_the_rules_of_pages() -> None:
    """Furniture inside a feed's HTML is removed too; the fields are the feed's own."""
    cleaned = clean_entry(
        entry(
            content_html="<h2>Road to the base</h2><div class='sharedaddy'>Share this</div>"
            f"<p>{SENTENCE}</p><p>Read also: <a href='/x'>Old roads</a></p>",
            authors=("Ida Bergstrom",),
            categories=("News", "Arctic"),
        )
    )
    assert cleaned.text == SENTENCE.strip()
    assert cleaned.method == "feed"
    assert cleaned.section == "Arctic"
    assert cleaned.authors == ("Ida Bergstrom",)
    assert cleaned.canonical_url == "https://paper.example/a"


def test_entry_without_content_is_its_summary() -> None:
    """A plain summary has its entities decoded; the site's language is used if there is none."""
    cleaned = clean_entry(entry(summary_html="Short &amp; sweet"), site_language="de")
    assert (cleaned.text, cleaned.method) == ("Short & sweet", "summary")
    assert cleaned.language == "de"


@pytest.mark.parametrize(
    "content",
    [
        "<figure><img src='/a.jpg'></figure>",
        "<p><img src='/a.jpg'> Photo: I. Bergstrom</p>",
        "<p></p>",
    ],
)
def test_content_that_says_less_than_the_summary_does_not_hide_it(content: str) -> None:
    """Some feeds have a picture where the full text belongs, and the words in the summary."""
    cleaned = clean_entry(entry(content_html=content, summary_html=f"<p>{SENTENCE}</p>"))
    assert (cleaned.text, cleaned.method) == (SENTENCE.strip(), "summary")


def test_embeds_of_the_content_are_kept_beside_the_summary() -> None:
    """A content that is only a quoted post leaves the words to the summary, but is not lost."""
    quoted = "<blockquote class='twitter-tweet'><p>At sea.</p>&mdash; Navy</blockquote>"
    alone = clean_entry(entry(content_html=quoted))
    assert alone.embeds
    both = clean_entry(entry(content_html=quoted, summary_html=f"<p>{SENTENCE}</p>"))
    assert (both.text, both.embeds) == (SENTENCE.strip(), alone.embeds)


@pytest.mark.parametrize(
    ("content", "full"),
    [
        (FULL, True),
        (
            FULL + "<p>The post <a href='/a'>Road</a> appeared first on <a href='/'>Paper</a>.</p>",
            True,
        ),
        (FULL + "<p>They went on to [&hellip;]</p>", False),
        (FULL + "<p><a href='/a'>Continue reading Road to the base</a></p>", False),
        (f"<p>{SENTENCE}</p>", False),
        ("", False),
    ],
)
def test_full_text_in_the_feed_spares_the_page(content: str, full: bool) -> None:
    """A feed has the full text if there are enough words and no mark of a cut at the end."""
    assert gives_full_text(entry(content_html=content)) is full


def test_a_summary_that_is_longer_than_the_content_is_judged_by_its_own_end() -> None:
    """The mark of a cut counts in the text that is used."""
    picture = "<img src='/a.jpg'>"
    assert gives_full_text(entry(content_html=picture, summary_html=FULL))
    cut = FULL + "<p>They went on to [&hellip;]</p>"
    assert not gives_full_text(entry(content_html=picture, summary_html=cut))


def test_full_text_is_measured_in_languages_without_spaces() -> None:
    """A Japanese article has hardly any spaces, and still counts as full text."""
    assert gives_full_text(entry(content_html=f"<p>{'防衛省は新しい計画を発表した。' * 100}</p>"))


def test_merge_takes_the_feed_first_and_fills_gaps_from_the_page() -> None:
    """Title and date are the feed's; section, site, authors and the longer body are the page's."""
    page = Cleaned(
        url="https://paper.example/a",
        canonical_url="https://paper.example/real",
        title="Another title",
        authors=("Bo Ek",),
        published=datetime(2025, 3, 1, tzinfo=UTC),
        section="Arctic",
        site="The Paper",
        language="en",
        text=SENTENCE * 20,
        method="page:body-class",
    )
    feed_entry = entry(summary_html=SENTENCE)
    merged = merge(feed_entry, clean_entry(feed_entry), page)
    assert merged.title == "Road to the base"
    assert merged.published == feed_entry.published
    assert merged.authors == ("Bo Ek",)
    assert (merged.section, merged.site) == ("Arctic", "The Paper")
    assert merged.canonical_url == "https://paper.example/real"
    assert (merged.text, merged.method) == (page.text, "page:body-class")


@pytest.mark.parametrize("page", [None, Cleaned(problems=("paywall instead of an article",))])
def test_merge_keeps_the_feed_where_the_page_has_nothing(page: Cleaned | None) -> None:
    """A wall does not replace a summary; its problem is reported."""
    feed_entry = entry(summary_html=SENTENCE)
    merged = merge(feed_entry, None, page)
    assert (merged.text, merged.method) == (SENTENCE.strip(), "summary")
    assert merged.problems == (page.problems if page else ())


COPIED = """Navies rehearse mine clearing in the strait
Sea, News March 4, 2025 No Comments on Navies rehearse mine clearing in the strait3 minute read
Five navies began a week of mine clearing on Monday, in water that is barely above freezing.
What is new
Cold start, #Norway \U0001f1f3\U0001f1f4 & #Denmark joined us today.
— Fleet Press (@fleetpress) March 3, 2025
A good start to the week, and warm soup for all. pic.twitter.com/abc123
On March 2 the first ships had come in, “[the drones] first”, an officer said.
Leave a comment"""


def test_copied_text_loses_what_stuck_to_it() -> None:
    """Title and meta line are read, a torn post becomes one embed, headings and brackets stay."""
    cleaned = clean_text(COPIED)
    assert cleaned.title == "Navies rehearse mine clearing in the strait"
    assert cleaned.section == "Sea"
    assert cleaned.published == datetime(2025, 3, 4, tzinfo=UTC)
    assert cleaned.published_precision == "day"
    assert cleaned.authors == ()
    assert cleaned.text.split("\n\n") == [COPIED.splitlines()[n] for n in (2, 3, 7)]
    (embed,) = cleaned.embeds
    assert embed.text.splitlines() == COPIED.splitlines()[4:7]


def test_copied_paragraphs_alone_have_no_head() -> None:
    """Text that begins with a sentence has no title, and no line of it is taken for meta."""
    text = f"{SENTENCE.strip()}\n\nOn March 2, 2025 the first ships had come in, an officer said."
    cleaned = clean_text(text)
    assert (cleaned.title, cleaned.published) == ("", None)
    assert cleaned.text == text


def test_json_line_has_the_promised_shape() -> None:
    """A line has the keys that other programs rely on, JSON values, and times with their zone."""
    line = cleaned_as_json(clean_text(COPIED), "7")
    promised = (
        "id url title authors published modified section site language text embeds method words "
        "problems"
    )
    assert set(promised.split()) <= set(line)
    assert line["id"] == "7"
    assert line["published"] == "2025-03-04T00:00:00Z"
    assert line["modified"] is None
    assert json.loads(json.dumps(line)) == line
