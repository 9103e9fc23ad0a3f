"""The sections of monitor.toml: each key with its type, its default and what it does.

A test compares docs/settings.md with this file; the comments under the keys are for readers of the
code.
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from monitor.feeds.pace import PaceSettings
from monitor.fetch.settings import LONGEST_SPACING_S, FetchSettings, HostSettings
from monitor.model import Override

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>[smhdw]?)")
_HOST_NAME = re.compile(
    r"(?i)(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?"
)
_DATABASE = re.compile(r"sqlite(?:\+\w+)?:///.+|postgresql(?:\+\w+)?://.+")


def duration(value: object) -> object:
    """Convert "90s", "30m", "6h", "14d", "2w", or a number of seconds, to a timedelta.

    Raises ValueError for any other text.
    """
    if not isinstance(value, int | float | str):
        return value
    found = _DURATION.fullmatch(str(value).strip())
    if not found:
        raise ValueError(f'{value!r} is not a length of time; write "90s", "30m", "6h" or "14d"')
    try:
        return timedelta(seconds=float(found["count"]) * _UNITS[found["unit"] or "s"])
    except OverflowError:
        raise ValueError(f"{value!r} is too long a time") from None


def listed(value: object) -> object:
    """Split a list that comes as text (from the environment) at its commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _network_or_name(value: str) -> str:
    """Check an entry of `allow_private`: a network, an address, or the name of a host."""
    if re.search(r"[/:\[]|^[\d.]+$", value):
        try:
            ip_network(value.strip("[]"), strict=False)
        except ValueError:
            raise ValueError(
                f"{value!r} is not a network, address or host name (no scheme, no port)"
            ) from None
    elif not _HOST_NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a network, address or host name")
    return value


def _network(value: str) -> str:
    """Check a network or an address; raise ValueError for anything else."""
    try:
        ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is not a network or address") from None
    return value


def host_name(value: str) -> str:
    """Check the name of a host; raise ValueError for anything else."""
    if not _HOST_NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a host name (no scheme, no port)")
    return value


def _listened(host: str) -> str:
    """Check where to listen: an address or the name of a host, without scheme and port."""
    try:
        ip_address(host)
    except ValueError:
        return host_name(host)
    return host


def _length(span: timedelta) -> str:
    """Write a length of time as the settings do: "90s", "30m", "6h", "14d"."""
    seconds = span.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:g}s"


def _database(url: str) -> str:
    if url.startswith("sqlite://") and not _DATABASE.fullmatch(url):
        named = url.removeprefix("sqlite://").strip("/") or "PATH"
        raise ValueError(f"{url!r} names no file; write sqlite:///{named}")
    if not _DATABASE.fullmatch(url):
        scheme = url.split(":", 1)[0]
        raise ValueError(
            f"{scheme!r} is not a database that we know; "
            "write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
        )
    return url


def _public(url: str) -> str:
    """Check an address at which others reach us; return it without a trailing slash."""
    parts = urlsplit(url)
    plain = not (parts.query or parts.fragment or parts.username or parts.port == 0)
    if url and not (parts.scheme in ("http", "https") and parts.hostname and plain):
        raise ValueError(f'{url!r} is not a public address; write "https://monitor.example.org"')
    return url.rstrip("/")


LEAST_PASSWORD = 12
"""Characters: guessing that is slowed down takes ages for this many."""


def _long_enough(password: SecretStr) -> SecretStr:
    if 0 < len(password.get_secret_value()) < LEAST_PASSWORD:
        raise ValueError(f"a password has at least {LEAST_PASSWORD} characters")
    return password


def is_loopback(name: str) -> bool:
    """Whether a host name or an address is loopback."""
    bare = name.lower().strip("[]").rstrip(".")
    try:
        return bare == "localhost" or ip_address(bare).is_loopback
    except ValueError:
        return False


def _readable(path: str) -> str:
    if path and not Path(path).is_file():
        raise ValueError(f"there is no file {path!r}")
    return path


LEAST_TOKEN = 20
"""Characters of a token that gives access to everything kept."""


def _hard_to_guess(token: SecretStr) -> SecretStr:
    """Check that a token cannot be found by trying; an empty one gives no access."""
    text = token.get_secret_value()
    if text and not (len(text) >= LEAST_TOKEN and text.isascii() and text.isprintable()):
        raise ValueError(
            f"too easy to guess: {LEAST_TOKEN} letters and digits at least, such as "
            "`openssl rand -hex 32` makes"
        )
    return token


Duration = Annotated[timedelta, BeforeValidator(duration)]
Names = Annotated[tuple[str, ...], BeforeValidator(listed)]
Ports = Annotated[tuple[Annotated[int, Field(ge=1, le=65535)], ...], BeforeValidator(listed)]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_network_or_name)], ...], BeforeValidator(listed)
]
Addresses = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(listed)]
Hosts = Annotated[tuple[Annotated[str, AfterValidator(host_name)], ...], BeforeValidator(listed)]
Pages = Literal["all", "matched", "off"]


class Section(BaseModel):
    """A table of the settings: unknown keys are refused, and values cannot change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _user_database() -> str:
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('monitor', appauthor=False) / 'monitor.sqlite3'}"


class StoreSection(Section):
    """`[store]`: where the database is."""

    url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=_user_database, repr=False
    )
    """Hidden: it may hold a password. A relative SQLite path starts at the current folder."""


class FetchSection(Section):
    """`[fetch]`: how we ask, and whom we may ask."""

    contact: str = ""
    user_agent_url: str = ""
    allow_private: Networks = ()
    allow_ports: Ports = FetchSettings().allow_ports
    per_host: int = Field(default=FetchSettings().per_host, ge=1, le=8)
    spacing_s: float = Field(default=FetchSettings().spacing_s, ge=0, le=LONGEST_SPACING_S)
    shared_hosts: Hosts = ()
    timeout_s: float = Field(default=FetchSettings().timeout_s, gt=0, le=3600)
    connect_timeout_s: float = Field(default=FetchSettings().connect_timeout_s, gt=0, le=3600)
    max_bytes: int = Field(default=FetchSettings().max_bytes, ge=1024, le=2**30)
    max_redirects: int = Field(default=FetchSettings().max_redirects, ge=0, le=20)
    concurrency: int = Field(default=FetchSettings().concurrency, ge=1, le=1000)
    http2: bool = FetchSettings().http2
    articles: Pages = "all"
    robots_for_feeds: bool = False
    ca_file: Annotated[str, AfterValidator(_readable)] = ""

    @property
    def client(self) -> FetchSettings:
        """Return the section as the HTTP client expects it."""
        return FetchSettings(**self.model_dump(exclude={"articles", "robots_for_feeds"}))


class PollSection(Section):
    """`[poll]`: how often feeds are asked."""

    interval: Duration = PaceSettings().interval
    floor: Duration = PaceSettings().floor
    ceiling: Duration = PaceSettings().ceiling
    longest_wait: Duration = PaceSettings().longest_wait
    spread: Duration = timedelta(minutes=10)

    @model_validator(mode="after")
    def _in_order(self) -> PollSection:
        if not timedelta(0) <= self.floor <= self.interval <= self.ceiling:
            told = ", ".join(
                f"{name} ({_length(getattr(self, name))})"
                for name in ("floor", "interval", "ceiling")
            )
            raise ValueError(f"these must rise: {told}")
        if not timedelta(0) <= self.spread <= self.ceiling:
            raise ValueError("spread must not be longer than ceiling")
        if self.longest_wait < self.interval:
            raise ValueError("longest_wait must not be shorter than interval")
        return self

    @property
    def pace(self) -> PaceSettings:
        """Return the limits of the polling interval."""
        return PaceSettings(**self.model_dump(exclude={"spread"}))


class MatchSection(Section):
    """`[match]`: what becomes of a changed watchlist."""

    again: Duration = timedelta(days=7)

    @model_validator(mode="after")
    def _bounded(self) -> MatchSection:
        if not timedelta(0) <= self.again <= timedelta(days=90):
            raise ValueError('again is from "0d" to "90d"')
        return self


class HostTable(Section):
    """`[hosts."NAME"]`: what applies at one host instead of `[fetch]`."""

    spacing_s: float | None = Field(default=None, ge=0, le=LONGEST_SPACING_S)
    per_host: int | None = Field(default=None, ge=1, le=64)
    pause_on_503: bool = HostSettings().pause_on_503


class SiteTable(Section):
    """`[sites."HOST"]`: how the pages of one site are read, where the general rules fail."""

    body: str = ""
    drop: Names = ()
    title: str = ""

    @model_validator(mode="after")
    def _readable_selectors(self) -> SiteTable:
        from monitor.articles.override import mistakes  # parsers that most settings do not need

        wrong = mistakes(self.override)
        if wrong:
            raise ValueError(
                "; ".join(
                    f"{bad.field}: {bad.selector!r}, column {bad.column}: {bad.why}"
                    for bad in wrong
                )
            )
        return self

    @property
    def override(self) -> Override:
        """Return the selectors as cleaning expects them."""
        return Override(self.body, self.drop, self.title)


class WebSection(Section):
    """`[web]`: what we answer over HTTP."""

    enabled: bool = False
    host: Annotated[str, AfterValidator(_listened)] = "127.0.0.1"
    port: int = Field(default=8400, ge=0, le=65535)
    hosts: Hosts = ()
    public_url: Annotated[str, AfterValidator(_public)] = ""
    proxies: Addresses = ()
    """Networks whose word on who is asking we believe."""
    password: Annotated[SecretStr, AfterValidator(_long_enough)] = SecretStr("")
    """For the pages; without it they are shown only on this machine."""
    metrics_token: SecretStr = SecretStr("")
    api_token: Annotated[SecretStr, AfterValidator(_hard_to_guess)] = SecretStr("")

    @property
    def inward(self) -> bool:
        """Whether it listens on this machine only, and has no name by which others could ask."""
        return is_loopback(self.host) and all(map(is_loopback, self.hosts))


class StoriesSection(Section):
    """`[stories]`: how articles are grouped."""

    encoder: Annotated[str, Field(pattern=r"^(?:[\w.]+:\w+)?$")] = ""


class AlarmsSection(Section):
    """`[alarms]`: who is told when messages do not get through."""

    to: Names = ()


class RetentionSection(Section):
    """`[retention]`: how long things are kept, in days; 0: for ever."""

    articles_days: int = Field(default=0, ge=0)
    polls_days: int = Field(default=90, ge=0)


SECTIONS: dict[str, type[Section]] = {
    "store": StoreSection,
    "fetch": FetchSection,
    "poll": PollSection,
    "match": MatchSection,
    "web": WebSection,
    "stories": StoriesSection,
    "alarms": AlarmsSection,
    "retention": RetentionSection,
}
"""The tables of monitor.toml defined here; those of `[channels.*]` are with the channels."""
