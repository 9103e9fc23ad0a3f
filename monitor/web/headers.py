"""What a request's headers say: the token that it shows, and the answer that its client has."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers


def shows_token(headers: Headers, token: str) -> bool:
    """Whether `Authorization: Bearer` shows this token (RFC 6750 §2.1); an empty one never."""
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(shown.strip(" ").encode("latin-1"), token.encode())
    return same and bool(token) and scheme.lower() == "bearer"


def has_answer(headers: Headers, etag: str) -> bool:
    """Whether `If-None-Match` names this ETag; weak ones count as well (RFC 9110 §13.1.2)."""
    tags = headers.get("if-none-match", "").strip()
    known = (tag.strip().removeprefix("W/") for tag in tags.split(","))
    return tags == "*" or etag.removeprefix("W/") in known
