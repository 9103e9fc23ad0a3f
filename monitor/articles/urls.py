"""The canonical URL, an article's identity: an address without trackers, detours and variants."""

from __future__ import annotations

import re
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote,
    unquote,
    urlencode,
    urljoin,
    urlsplit,
    urlunsplit,
)

from monitor.articles.tables import words

_TRACKERS = frozenset(
    words(
        """
    fbclid gclid dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mc_cid mc_eid
    mkt_tok _hsenc _hsmi vero_id oly_enc_id oly_anon_id wickedid s_cid sc_cid cmpid cmp ito
    ncid ocid icid int_cid intcid smid sref ref_src ref_url referrer rss feed_id spm xtor
    at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 at_link_type partner
    output amp outputtype share smtyp taid guccounter guce_referrer guce_referrer_sig
    __twitter_impression _ga _gl phpsessid jsessionid cfid cftoken
    """
    )
)
_TRACKER_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_", "wt_", "wt.", "__hs", "at_", "ns_")
# Some parameters tell where a click came from only with these values; with others they may name
# content.
_SOURCES = frozenset(
    words("rss feed twitter facebook linkedin email newsletter homepage hp social share whatsapp")
)
_VARIANT_HOSTS = ("amp.", "m.", "mobile.")
_AMP_PATH = re.compile(r"(?:/amp/?|\.amp)$", re.I)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.I)
_SESSION = re.compile(r";jsessionid=[^/;]*", re.I)
"""The number of a visit, which Java servers write into the links of visitors without cookies."""
_UNRESERVED = re.compile(r"%([0-9A-Fa-f]{2})")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical(url: str, declared: str = "") -> str:
    """The address that identifies an article: normalised by RFC 3986 §6, and further reduced.

    `declared` is the absolute address that the page itself calls canonical; it is believed if it is
    on the same site and, unless `url` is a front page, is not one either. Text that is no http(s)
    address is returned stripped. `http` becomes `https`: both give the same article.
    """
    own = _split(url)
    if own is None:
        return url.strip()
    named = _split(declared) if declared else None
    chosen = named if named is not None and _believable(named, own) else own
    return _normal(chosen)


def host(url: str) -> str:
    """The host of an address in lower case; empty if there is none."""
    parts = _split(url)
    return (parts.hostname or "") if parts else ""


def absolute(base: str, link: str) -> str:
    """A page's link as an absolute address; empty if it is none ("http://[x")."""
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def readable(url: str) -> str:
    """The address as the publisher wrote it, without the parameters that track its readers."""
    head, mark, rest = url.partition("?")
    query, hash_mark, fragment = rest.partition("#")
    pairs = ((pair, *pair.partition("=")[::2]) for pair in query.split("&"))
    kept = "&".join(pair for pair, name, value in pairs if not _tracks(unquote(name), value))
    return head + (mark if kept else "") + kept + hash_mark + fragment


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(re.sub(r"[\x00-\x20\x7f]+", "", url))
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme.lower() in _DEFAULT_PORTS and parts.hostname else None


def _believable(named: SplitResult, own: SplitResult) -> bool:
    """Whether a declared address may replace our own: same site, and no front page for another."""
    same_site = _site(named) == _site(own)
    front_page = named.path in {"", "/"} and not named.query
    own_is_front = own.path in {"", "/"} and not own.query
    return same_site and (own_is_front or not front_page)


def _site(parts: SplitResult) -> str:
    """Host without the labels that only name a variant of the same site."""
    host = _host(parts)
    return host.removeprefix("www.")


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").lower()
    for prefix in _VARIANT_HOSTS:
        if host.startswith(prefix) and host.count(".") >= 2:
            host = host.removeprefix(prefix)
            break
    try:
        encoded = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
    return encoded if re.fullmatch(r"[a-z0-9._-]+", encoded) else host


def _normal(parts: SplitResult) -> str:
    host = _host(parts)
    if ":" in host:
        host = f"[{host}]"
    if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme.lower()]:
        # Another port is another server, mostly one for tests: it keeps its scheme.
        return urlunsplit((parts.scheme.lower(), f"{host}:{parts.port}", *_rest(parts)))
    return urlunsplit(("https", host, *_rest(parts)))


def _rest(parts: SplitResult) -> tuple[str, str, str]:
    path = _SESSION.sub("", parts.path) or "/"
    path = _UNRESERVED.sub(_decode_unreserved, quote(path, safe="/%:@!$&'()*+,;=~"))
    path = _AMP_PATH.sub("", path) or "/"
    path = _INDEX.sub("/", path)
    return path, _query(parts.query), ""


def _decode_unreserved(escape: re.Match[str]) -> str:
    """Decode the escape of an unreserved character; put others in upper case (RFC 3986 §6.2.2)."""
    character = unquote(escape.group())
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else escape.group().upper()


def _query(query: str) -> str:
    """The parameters that name the article, in a fixed order."""
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=None)[:100]
    return urlencode(sorted(pair for pair in pairs if not _tracks(*pair)))


def _tracks(name: str, value: str) -> bool:
    name = name.lower()
    if name in _TRACKERS or name.startswith(_TRACKER_PREFIXES):
        return True
    return name in {"ref", "source", "src", "from", "via", "cid"} and value.lower() in _SOURCES
