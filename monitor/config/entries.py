"""The contents of feeds.toml, watchlists/*.toml and digests.toml, as pydantic models."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from monitor.config.sections import Duration, Names, Pages, Section
from monitor.digests import schedule
from monitor.errors import InputError
from monitor.feeds.text import one_spelling
from monitor.fetch.address import AddressError, parse
from monitor.model import Access, Digest, Example, Feed, Recipient, Watchlist

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e\xa0-\xff]([\t\x20-\x7e\xa0-\xff]*[\x21-\x7e\xa0-\xff])?")
_OUR_HEADERS = frozenset(
    (
        *("host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "expect"),
        *("user-agent", "accept", "accept-encoding", "referer", "from", "range"),
    )
)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""Names appear in addresses, file names and mail headers: letters, digits, "-" and "_"."""


_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
"""RFC 5646, as far as we tell languages apart: no article would ever be in "english"."""


def web_address(url: str) -> str:
    """Return a feed's address in the one spelling that we keep; raise ValueError if it cannot be
    asked.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f\x7f]", url):
        # A password may hold any character, and what follows the "?" may be secret too.
        shown = re.sub(r"//.*@", "//…@", url, flags=re.DOTALL).partition("?")[0]
        raise ValueError(f"{shown!r} is not a web address (http://… or https://…)")
    return one_spelling(url)


def without_credentials(url: str) -> tuple[str, bytes | None]:
    """Return an address without its `user:password@`, and these as an Authorization header."""
    try:
        address = parse(url)
    except AddressError:  # asking it will fail, and say why
        return url, None
    return url.replace(f"//{address.userinfo}@", "//", 1), address.basic_auth


def _secret_header(name: str) -> str:
    """Check the name of a header a feed may set; raise ValueError for headers that we set."""
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a header")
    if name.lower() in _OUR_HEADERS or name.lower().startswith("if-"):
        raise ValueError(f"{name} cannot be set: it says who we are or what we want")
    return name


def _secret_value(value: SecretStr) -> SecretStr:
    if not _HEADER_VALUE.fullmatch(value.get_secret_value()):
        raise ValueError("must be one line of Latin letters, digits and signs, and not empty")
    return value


def _feed_kind(kind: str) -> str:
    """A feed kind is a module in `feeds/`, or one elsewhere that has a `parse` function."""
    if not kind:
        return kind
    from monitor.feeds.read import parser  # few settings name a kind, and it loads slowly

    try:
        parser(kind)
    except InputError:
        why = "leave it out, and the kind is detected"
        raise ValueError(f"{kind!r} is not a feed kind; {why}") from None
    return kind


def _language(tag: str) -> str:
    if tag and not _LANGUAGE.fullmatch(tag):
        raise ValueError(f'{tag!r} is not a language; write its code, such as "en" or "pt-BR"')
    return tag


def _in_codes(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_language(tag) for tag in tags)


def _named(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f'{name!r} is not a name: letters, digits, "-" and "_", at most 64')
    return name


def _scheduled(text: str) -> str:
    if wrong := schedule.check_schedule(text):
        raise ValueError(f"{text!r}: {wrong}")
    return text


def _zoned(name: str) -> str:
    if wrong := schedule.check_zone(name):
        raise ValueError(wrong)
    return name


def _quiet(text: str) -> str:
    if wrong := text and schedule.check_quiet(text):
        raise ValueError(wrong)
    return text


def _several(value: object) -> object:
    """Take one text as a list of one; it is not split at commas, which queries contain."""
    return [value] if isinstance(value, str) else value


class FeedTable(Section):
    """`[[feeds]]` of feeds.toml."""

    url: Annotated[str, AfterValidator(web_address)]
    name: str = ""
    source: str = ""
    owner: str = ""
    kind: Annotated[str, AfterValidator(_feed_kind)] = ""
    lang: Annotated[str, AfterValidator(_language)] = ""
    region: str = ""
    tags: Names = ()
    interval: Duration | None = None
    articles: Pages | None = None
    enabled: bool = True
    headers: dict[
        Annotated[str, AfterValidator(_secret_header)],
        Annotated[SecretStr, AfterValidator(_secret_value)],
    ] = Field(default_factory=dict)
    tls: Literal["verified", "unverified"] = "verified"
    robots: bool | None = None
    selectors: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _selectors_fit(self) -> FeedTable:
        wrong: tuple[str, ...] = ()
        if self.kind == "page":
            from monitor.feeds import page  # parsers that most settings do not need

            wrong = page.mistakes(self.selectors)
        elif self.selectors:
            wrong = ('selectors are for feeds of kind = "page"',)
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @model_validator(mode="after")
    def _reached_one_way(self) -> FeedTable:
        names = [name.lower() for name in self.headers]
        if without_credentials(self.url)[1]:
            names.append("authorization")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{twice[0]} is given twice, in headers or in the address")
        if self.tls == "unverified" and not self.url.lower().startswith("https:"):
            raise ValueError('tls = "unverified" is for addresses that begin with https')
        return self

    def feed(self) -> Feed:
        """Return the feed as the rest of the program knows it: without its secrets."""
        values = self.model_dump(exclude={"headers", "tls", "robots"})
        values |= {"articles": self.articles or "", "url": without_credentials(self.url)[0]}
        return Feed(**values)

    def access(self, usual: Access) -> Access:
        """Return what it takes to ask the feed."""
        _, basic = without_credentials(self.url)
        own = {name: secret.get_secret_value() for name, secret in self.headers.items()}
        return Access(
            headers=(
                *((name, value.encode("latin-1")) for name, value in own.items()),
                *([("Authorization", basic)] if basic else []),
            ),
            unverified=self.tls == "unverified",
            robots=usual.robots if self.robots is None else self.robots,
        )


class ExampleTable(Section):
    """One of `tests`: a text that must, or must not, match."""

    text: str
    match: bool
    title: str = ""
    lang: Annotated[str, AfterValidator(_language)] = ""


class WatchlistTable(Section):
    """watchlists/NAME.toml."""

    title: str = ""
    query: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        BeforeValidator(_several),
        Field(min_length=1),
    ]
    exclude: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    sources: Names = ()
    languages: Annotated[Names, AfterValidator(_in_codes)] = ()
    min_score: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    boost: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    tests: tuple[ExampleTable, ...] = ()

    def watchlist(self, name: str) -> Watchlist:
        """Return the watchlist as the rest of the program knows it (without its version)."""
        return Watchlist(
            name=name,
            title=self.title or name,
            queries=self.query,
            exclude=self.exclude,
            sources=self.sources,
            languages=self.languages,
            min_score=self.min_score,
            boost=self.boost,
            tests=tuple(Example(**example.model_dump()) for example in self.tests),
        )


class DigestTable(Section):
    """`[[digests]]` of digests.toml."""

    name: Annotated[str, AfterValidator(_named)]
    title: str = ""
    watchlists: Names | None = None
    """None: all watchlists."""
    schedule: Annotated[str, AfterValidator(_scheduled)] = Digest(name="").schedule
    zone: Annotated[str, AfterValidator(_zoned)] = Digest(name="").zone
    recipients: Names = ()
    empty: Literal["skip", "send", "weekly"] = "skip"
    max_stories: int = Field(default=Digest(name="").max_stories, ge=1, le=1000)
    catch_up: Literal["one", "each"] = "one"
    quiet: Annotated[str, AfterValidator(_quiet)] = ""
    flood_alerts: int = Field(default=Digest(name="").flood_alerts, ge=1, le=1000)
    flood_within: Duration = Digest(name="").flood_within

    @model_validator(mode="after")
    def _only_alerts_are_held(self) -> DigestTable:
        if self.quiet and self.schedule != schedule.AT_ONCE:
            raise ValueError(f"quiet hours are for schedule = {schedule.AT_ONCE!r}")
        return self

    def digest(self, all_watchlists: tuple[str, ...]) -> Digest:
        """Return the digest as the rest of the program knows it."""
        values = self.model_dump() | {
            "title": self.title or self.name,
            "watchlists": all_watchlists if self.watchlists is None else self.watchlists,
            "recipients": recipients(self.recipients),
        }
        return Digest(**values)


def recipient(text: str) -> Recipient:
    """Parse "email:desk@example.org" into channel and address."""
    channel, _, address = text.partition(":")
    return Recipient(channel.strip(), address.strip())


def recipients(texts: Iterable[str]) -> tuple[Recipient, ...]:
    """Return each recipient once, however often named: the outbox keeps one message for each.

    Desk@ and desk@ are one mailbox: servers may tell them apart (RFC 5321 §2.4), but none does.
    """
    named: dict[tuple[str, str], Recipient] = {}
    for one in map(recipient, texts):
        address = one.address.casefold() if one.channel == "email" else one.address
        named.setdefault((one.channel, address), one)
    return tuple(named.values())
