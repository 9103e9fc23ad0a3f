"""What an answer says about its validators, for the address that we request."""

from __future__ import annotations

from monitor.model import Response, Validators


def stated(answer: Response, url: str) -> Validators:
    """Those of a document that was read (a redirect is followed again)."""
    etag, last_modified = answer.header("etag"), answer.header("last-modified")
    return Validators(url, etag or None, last_modified or None)


def refreshed(kept: Validators, answer: Response, url: str) -> Validators:
    """Those kept, after a 304: it may refresh them, never erase them (RFC 9110 §15.4.5, P10)."""
    sent = stated(answer, url)
    return Validators(
        kept.url or sent.url,
        sent.etag if sent.etag is not None else kept.etag,
        sent.last_modified if sent.last_modified is not None else kept.last_modified,
    )
