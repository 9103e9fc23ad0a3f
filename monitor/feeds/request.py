"""What to ask of a feed."""

from __future__ import annotations

from typing import Final

from monitor.model import Polling, Request

# Feed types first, everything last: feeds are served under any type (politeness checklist P69).
_ACCEPT: Final = (
    b"application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml,"
    b" application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)


def build(polling: Polling, *, force: bool = False) -> Request:
    """The request of the next poll: conditional wherever the last answer allows (RFC 9110 §13.1).

    Validators go back byte for byte, and only to the address they came from (P01-P07). `force`
    leaves them out: the one way to ask unconditionally, on a person's explicit word (P16).
    """
    headers: list[tuple[str, bytes]] = [("accept", _ACCEPT)]
    kept = polling.validators
    if not force and kept.url == polling.feed.url:
        if kept.etag is not None:
            headers.append(("if-none-match", kept.etag))
        if kept.last_modified is not None:
            headers.append(("if-modified-since", kept.last_modified))
    return Request(url=polling.feed.url, headers=tuple(headers))
