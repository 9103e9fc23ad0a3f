"""Posts in the frames that themes put around them."""

from __future__ import annotations

import pytest

from monitor.articles.clean import clean_page

SENTENCE = "The ministers met for two days in the old hall, and the talks went on until midnight. "
POST = (
    '<blockquote class="twitter-tweet"><p>Four guests at the table today, for the first time.</p>'
    '— A Minister (@minister) <a href="https://twitter.com/minister/status/1">17 October</a>'
    "</blockquote>"
)


@pytest.mark.parametrize(
    "frame",
    [
        '<figure class="wp-block-embed is-type-rich is-provider-twitter">'
        '<div class="wp-block-embed__wrapper">{}</div></figure>',
        '<div class="social-embed">{}</div>',
        '<div class="embed twitter-embed"><span>Post</span>{}</div>',
        "{}",
    ],
)
def test_a_post_is_kept_apart_whatever_its_frame_is_called(frame: str) -> None:
    """Watchlists match embedded posts as a field of their own, so no frame may lose one."""
    text = f"<p>{SENTENCE * 3}</p>{frame.format(POST)}<p>{SENTENCE * 3}</p>"
    page = f"<html><body><article><h1>Talks</h1>{text}</article></body></html>"
    cleaned = clean_page(page, "https://a.example/talks")
    assert [embed.kind for embed in cleaned.embeds] == ["tweet"]
    assert "Four guests" in cleaned.embeds[0].text
    assert "Four guests" not in cleaned.text
