"""Make relative addresses in an entry's HTML absolute, and leave the rest of it as it is."""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import urljoin

# Tags, and a quoted attribute in one that holds an address. Text outside tags is never matched: a
# tag begins with "<" and a letter, and contains neither "<" nor ">" until it ends.
_TAG: Final = re.compile(r"<[A-Za-z][^<>]*>")
_ADDRESS: Final = re.compile(
    r"""(\s(?:href|src|poster|cite|data)\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE
)
# A quick test comes first: is there an address that neither has a usual scheme nor is a fragment?
_RELATIVE: Final = re.compile(
    r"""\s(?:href|src|poster|cite|data)\s*=\s*["'](?!https?:|mailto:|#)""", re.IGNORECASE
)
_HAS_SCHEME: Final = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:|#|$)")


def absolute_html(markup: str, base: str) -> str:
    """The HTML with its relative `href`, `src`, ... joined to `base` (RFC 3986 §5)."""
    if not base or "=" not in markup or not _RELATIVE.search(markup):
        return markup

    def address(found: re.Match[str]) -> str:
        quote, value = found[2][0], found[2][1:-1]
        if _HAS_SCHEME.match(value):
            return found[0]
        try:
            joined = urljoin(base, html.unescape(value).strip())
        except ValueError:
            return found[0]
        return f"{found[1]}{quote}{html.escape(joined)}{quote}"

    return _TAG.sub(lambda tag: _ADDRESS.sub(address, tag[0]) if "=" in tag[0] else tag[0], markup)
