"""How much of an address may be shown in logs, reasons, lists and files for others.

Addresses hold secrets: `user:password@`, tokens in the query, whole paths of webhooks and of
private feeds. Nothing here raises.
"""

from __future__ import annotations

import re

_SECRET_NAME = re.compile(
    r"(key|token|secret|password|passwd|pass|pwd|signature|sig|auth|hash|session|sid|credential"
    r"|credentials|code|jwt|user|username)$|^(key|token|secret|auth|sig)[_.-]",
    re.I,
)
_SECRET_VALUE = re.compile(
    r"(?=[^&=]*\d)(?=[^&=]*[A-Za-z])[A-Za-z0-9_.~%+/-]{20,}|[0-9a-fA-F-]{32,}"
)
_TOKEN_NAME = re.compile(
    r"(apikey|accesskey|token|secret|password|passwd|pwd|signature|credentials?|jwt)$"
    r"|(^|[_.-])(key|pass|sig|auth|session|sid)$",
    re.I,
)
"""Query parameter names that hold nothing but secrets; `_SECRET_NAME` matches more broadly."""
_WEBHOOK = re.compile(r"(^|[./])(hooks?|webhooks?|services|outlook|workflows?)([./]|$)", re.I)
_QUERY_PAIR = re.compile(r"([?&;])([^=&;?]*)=([^&;]*)")
_END = re.compile(r"[/?]")
_PLACE = re.compile(r"(?:.*@)?(?:\[[^\[\]]*\]|[^:@]*)(?::\d*)?", re.DOTALL)
"""Host and port, optionally preceded by user information: an authority (RFC 3986 §3.2)."""
HIDDEN = "***"


def redact(url: str) -> str:
    """Return a URL safe to log: no credentials, tokens, webhook path or fragment.

    Never raises: what cannot be parsed as a URL is hidden entirely.
    """
    head = url.partition("#")[0].replace("\r", "").replace("\n", "")
    scheme, found, rest = head.partition("://")
    if not found:
        return HIDDEN
    authority, mark, target = _split(rest)
    userinfo, at, host = authority.rpartition("@")
    shown = f"{scheme}://{HIDDEN + at if userinfo else ''}{host}"
    if _WEBHOOK.search(host) or _WEBHOOK.search(mark + target.partition("?")[0]):
        return f"{shown}/{HIDDEN}"
    return shown + _QUERY_PAIR.sub(_hide_value, _hide_segments(mark + target))


def shareable(url: str) -> str:
    """Return a feed's address for lists, exports and files for others: no credentials, no tokens.

    Hides only parameters whose name marks them as secret: many public feeds have a long number in
    their address, and a list whose feeds can be neither told apart nor asked would be useless.
    """
    scheme, found, rest = url.partition("://")
    authority, mark, target = _split(rest)
    userinfo, at, host = authority.rpartition("@")
    target = _QUERY_PAIR.sub(_hide_token, mark + target)
    return f"{scheme}{found}{HIDDEN + at if userinfo else ''}{host}{target}"


def redact_path(url: str) -> str:
    """Like `redact`, for an address that is entirely secret (a webhook): only the host stays."""
    start = "/".join(redact(url).partition("?")[0].split("/", 3)[:3])
    return f"{start}/{HIDDEN}" if start != HIDDEN else HIDDEN


def _split(rest: str) -> tuple[str, str, str]:
    """Return the authority, the character that ends it, and what follows.

    A "/" or "?" in a password should have been encoded; if it was not, the authority includes it.
    """
    found = _END.search(rest)
    if found and "@" in rest and not _PLACE.fullmatch(rest, 0, found.start()):
        found = _END.search(rest, rest.rindex("@"))
    if not found:
        return rest, "", ""
    return rest[: found.start()], found.group(), rest[found.end() :]


def _hide_segments(target: str) -> str:
    """Hide long random words in a path: they are tokens too, as in private feed addresses."""
    path, mark, query = target.partition("?")
    hidden = (
        HIDDEN if _SECRET_VALUE.fullmatch(word) and not _worded(word) else word
        for word in path.split("/")
    )
    return "/".join(hidden) + mark + query


def _worded(segment: str) -> bool:
    """Whether a path segment reads as words: `us-navy-orders-2-frigates-2024`."""
    words = re.split(r"[-_.]", segment)
    return len(words) > 2 and all(word.isalpha() or len(word) < 9 for word in words)


def _hide_value(found: re.Match[str]) -> str:
    sign, name, value = found.groups()
    secret = bool(_SECRET_NAME.search(name)) or bool(_SECRET_VALUE.fullmatch(value))
    return f"{sign}{name}={HIDDEN if secret and value else value}"


def _hide_token(found: re.Match[str]) -> str:
    sign, name, value = found.groups()
    return f"{sign}{name}={HIDDEN if _TOKEN_NAME.search(name) and value else value}"
