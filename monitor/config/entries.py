"""What stands in feeds.toml, watchlists/*.toml and digests.toml, as pydantic models."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from monitor.config.sections import Duration, Names, Pages, Section
from monitor.digests import schedule
from monitor.feeds import page
from monitor.model import Digest, Example, Feed, Recipient, Watchlist

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""Names stand in addresses, file names and mail headers: letters, digits, "-" and "_"."""


def web_address(url: str) -> str:
    """The address of a feed; raises ValueError when it is none that can be asked."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f\x7f]", url):
        shown = re.sub(r"//[^/]*@", "//…@", url.partition("?")[0])  # the rest may be a secret
        raise ValueError(f"{shown!r} is no web address (http://… or https://…)")
    return url


def _feed_kind(kind: str) -> str:
    """A feed kind is a file in `feeds/`, or a module elsewhere, with a `parse` of its own."""
    if not kind:
        return kind
    try:
        module = import_module(kind if "." in kind else f"monitor.feeds.{kind}")
    except (ImportError, ValueError):
        module = None
    if hasattr(module, "parse"):
        return kind
    raise ValueError(f"{kind!r} is no feed kind; leave it out, and the kind is recognised")


def _named(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f'{name!r} is no name: letters, digits, "-" and "_", at most 64')
    return name


def _scheduled(text: str) -> str:
    if wrong := schedule.check_schedule(text):
        raise ValueError(f"{text!r}: {wrong}")
    return text


def _zoned(name: str) -> str:
    if wrong := schedule.check_zone(name):
        raise ValueError(wrong)
    return name


def _several(value: object) -> object:
    """One text stands for a list of one; it is not divided: queries have commas of their own."""
    return [value] if isinstance(value, str) else value


class FeedTable(Section):
    """`[[feeds]]` of feeds.toml."""

    url: Annotated[str, AfterValidator(web_address)]
    name: str = ""
    source: str = ""
    owner: str = ""
    kind: Annotated[str, AfterValidator(_feed_kind)] = ""
    lang: str = ""
    region: str = ""
    tags: Names = ()
    interval: Duration | None = None
    articles: Pages | None = None
    enabled: bool = True
    selectors: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _selectors_fit(self) -> FeedTable:
        wrong = page.mistakes(self.selectors) if self.kind == "page" else ()
        if self.selectors and self.kind != "page":
            wrong = ('selectors are for feeds of kind = "page"',)
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def feed(self) -> Feed:
        """As the rest of the program knows it."""
        values = self.model_dump() | {"articles": self.articles or ""}
        return Feed(**values)


class ExampleTable(Section):
    """One of `tests`: a text that must, or must not, match."""

    text: str
    match: bool
    title: str = ""
    lang: str = ""


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
    languages: Names = ()
    min_score: float = Field(default=0.0, ge=0)
    boost: float = Field(default=1.0, gt=0)
    tests: tuple[ExampleTable, ...] = ()

    def watchlist(self, name: str) -> Watchlist:
        """As the rest of the program knows it (without its version)."""
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
    """None: all there are."""
    schedule: Annotated[str, AfterValidator(_scheduled)] = Digest(name="").schedule
    zone: Annotated[str, AfterValidator(_zoned)] = Digest(name="").zone
    recipients: Names = ()
    empty: Literal["skip", "send", "weekly"] = "skip"
    max_stories: int = Field(default=Digest(name="").max_stories, ge=1, le=1000)
    catch_up: Literal["one", "each"] = "one"

    def digest(self, all_watchlists: tuple[str, ...]) -> Digest:
        """As the rest of the program knows it."""
        values = self.model_dump() | {
            "title": self.title or self.name,
            "watchlists": all_watchlists if self.watchlists is None else self.watchlists,
            "recipients": tuple(map(recipient, self.recipients)),
        }
        return Digest(**values)


def recipient(text: str) -> Recipient:
    """ "email:desk@example.org" as channel and address."""
    channel, _, address = text.partition(":")
    return Recipient(channel, address)
