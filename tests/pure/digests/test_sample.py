"""The sample that channels are tried with shows what a digest can show."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.digests.render import bodies
from monitor.digests.sample import sample

NOW = datetime(2024, 10, 18, 6, tzinfo=UTC)


def test_D68_the_sample_says_that_it_is_one() -> None:
    """The subject, the text and each story's title say so: nobody may take it for news."""
    made = bodies(sample(NOW, "Europe/London"))
    assert made.subject.startswith("Sample digest: 2 stories")
    titles = [story.lead.title for story in sample(NOW).stories]
    assert all(title.startswith("Sample: ") for title in titles)
    assert "07:00 BST" in " ".join(made.text.split())


def test_D68_the_sample_has_all_parts_of_a_digest() -> None:
    """The sample has marked words, reasons, folded reports, an update, a failed feed, escapes."""
    words = " ".join(bodies(sample(NOW)).text.split())
    for part in (
        "*frigate*",
        "Also: Sea Wire",
        "Update ·",
        "Failed: Ledger Weekly",
        "<in brackets>",
    ):
        assert part in words
    assert sample(NOW) == sample(NOW)
