"""The HTTP requests by which feeds are asked."""

from __future__ import annotations

from typing import Final

from monitor.model import Access, Feed, Polling, Request, Validators

# Feed types first, everything last: feeds are served under any type (politeness checklist P69).
_ACCEPT: Final = (
    b"application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml,"
    b" application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)


_NOTHING_MORE: Final = Access()


def build(polling: Polling, access: Access = _NOTHING_MORE, *, force: bool = False) -> Request:
    """The request of the next poll: conditional if the last answer allows it (RFC 9110 §13.1).

    Validators go back byte for byte, and only to the address that they came from (P01-P07). `force`
    leaves them out: the only way to ask unconditionally, at a person's explicit command (P16).
    """
    url = polling.feed.url
    return _asked(url, polling.feed, access, _headers(polling.validators, url, force))


def _headers(kept: Validators, url: str, force: bool) -> tuple[tuple[str, bytes], ...]:
    headers: list[tuple[str, bytes]] = [("accept", _ACCEPT)]
    if not force and kept.url == url:
        if kept.etag is not None:
            headers.append(("if-none-match", kept.etag))
        if kept.last_modified is not None:
            headers.append(("if-modified-since", kept.last_modified))
    return tuple(headers)


def follow(kept: Validators, feed: Feed, access: Access, *, force: bool = False) -> Request:
    """The request for a further document of a feed, such as a sitemap that its index names."""
    return _asked(kept.url, feed, access, _headers(kept, kept.url, force))


def _asked(url: str, feed: Feed, access: Access, headers: tuple[tuple[str, bytes], ...]) -> Request:
    return Request(
        url=url,
        headers=headers,
        secret_headers=access.headers,
        # Secrets that were given for one origin do not move with the feed (P61).
        home=feed.settings_url,
        unverified=access.unverified,
        robots=access.robots,
    )
