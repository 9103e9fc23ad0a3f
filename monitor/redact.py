"""What of an address may be shown: in logs, reasons, lists and files for others.

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
"""Names of a query that hold nothing but secrets; `_SECRET_NAME` guesses wider."""
_WEBHOOK = re.compile(r"(^|[./])(hooks?|webhooks?|services|outlook|workflows?)([./]|$)", re.I)
_QUERY_PAIR = re.compile(r"([?&;])([^=&;?]*)=([^&;]*)")
_END = re.compile(r"[/?]")
_PLACE = re.compile(r"(?:.*@)?(?:\[[^\[\]]*\]|[^:@]*)(?::\d*)?", re.DOTALL)
"""Host and port, perhaps behind a user: what an authority is (RFC 3986 §3.2)."""
HIDDEN = "***"


def redact(url: str) -> str:
    """A URL fit for logs and reports: no credentials, no tokens, no path of a webhook, no fragment.

    Never raises: what cannot be read as a URL is hidden altogether.
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
    """The address of a feed for lists, exports and files for others: no credentials, no tokens.

    Hides only what its name calls a secret: many a public feed has a long number in its address,
    and a list in which such feeds cannot be told apart, nor be asked, would serve nobody.
    """
    scheme, found, rest = url.partition("://")
    authority, mark, target = _split(rest)
    userinfo, at, host = authority.rpartition("@")
    target = _QUERY_PAIR.sub(_hide_token, mark + target)
    return f"{scheme}{found}{HIDDEN + at if userinfo else ''}{host}{target}"


def redact_path(url: str) -> str:
    """As `redact`, for an address that is a secret altogether (a webhook): the host stays."""
    start = "/".join(redact(url).partition("?")[0].split("/", 3)[:3])
    return f"{start}/{HIDDEN}" if start != HIDDEN else HIDDEN


def _split(rest: str) -> tuple[str, str, str]:
    """Authority, the sign that ends it, and what follows.

    A password with a "/" or a "?" in it, which should have been encoded, is of the authority too.
    """
    found = _END.search(rest)
    if found and "@" in rest and not _PLACE.fullmatch(rest, 0, found.start()):
        found = _END.search(rest, rest.rindex("@"))
    if not found:
        return rest, "", ""
    return rest[: found.start()], found.group(), rest[found.end() :]


def _hide_segments(target: str) -> str:
    """Long random words in a path are tokens as well (private feed addresses look like this)."""
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
