"""Turn settings files and environment into values, finding all mistakes before reporting any."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from monitor import channels
from monitor.config import checking, documents, entries, places, sections
from monitor.config.documents import Document, Notes
from monitor.config.find import shipped
from monitor.config.unfed import unfed
from monitor.errors import InputError, Mistake, QueryError, SettingsError
from monitor.fetch.settings import FetchSettings, HostSettings
from monitor.model import Access, Digest, Feed, Override, Recipient, Watchlist
from monitor.watchlists import query
from monitor.watchlists.tree import Node, Term
from monitor.watchlists.version import version

MOST_HINT = 200
"""Characters of a hint: a whole vocabulary is no help."""

Channels = Mapping[str, Mapping[str, BaseModel]]
"""Channel -> name ("" for the single table of a channel without names) -> its settings."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that an operator has set, checked."""

    directory: Path
    store: sections.StoreSection
    fetch: sections.FetchSection
    poll: sections.PollSection
    match: sections.MatchSection
    web: sections.WebSection
    retention: sections.RetentionSection
    stories: sections.StoriesSection = field(default_factory=sections.StoriesSection)
    alarms: sections.AlarmsSection = field(default_factory=sections.AlarmsSection)
    channels: Channels = field(default_factory=dict)
    sites: Mapping[str, Override] = field(default_factory=dict)
    """Host -> how its pages are read."""
    hosts: Mapping[str, HostSettings] = field(default_factory=dict)
    """Host -> the settings that apply there."""
    feeds: tuple[Feed, ...] = ()
    access: Mapping[str, Access] = field(default_factory=dict)
    """Address of a feed -> what it takes to ask it, if that is more than usual."""
    usual_access: Access = field(default_factory=Access)
    watchlists: tuple[Watchlist, ...] = ()
    digests: tuple[Digest, ...] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    """Name of one of our templates -> the user's template that replaces it."""
    warnings: tuple[Mistake, ...] = ()
    """Usable but unwise: reported by `monitor check` and once when the daemon starts."""
    mistakes: tuple[Mistake, ...] = ()
    """Mistakes in what was left out, where leaving out is allowed (`load_usable`)."""

    @property
    def client(self) -> FetchSettings:
        """Return everything that the HTTP client is told."""
        return replace(
            self.fetch.client,
            hosts=self.hosts,
            longest_pause_s=self.poll.longest_wait.total_seconds(),
            # As long as the feed that is answered so waits at first (P29).
            usual_pause_s=2 * self.poll.interval.total_seconds(),
        )

    def channel(self, recipient: Recipient) -> BaseModel:
        """Return the settings by which a recipient is reached.

        Raises SettingsError if the channel is not set up (for recipients of earlier settings).
        """
        mistake = _reach(recipient, self.channels)
        if isinstance(mistake, Mistake):
            raise SettingsError([mistake])
        return mistake


def load(
    directory: Path | None,
    *,
    environ: Mapping[str, str],
    overrides: Mapping[str, str] = MappingProxyType({}),
) -> Settings:
    """Load the settings of a folder; None: the shipped ones.

    A file missing from the folder is taken from the shipped settings (monitor.toml: from the
    defaults). `overrides` are options of the command line: {"store.url": "sqlite:///x"}.
    Raises SettingsError with all mistakes at once.
    """
    return _Loading(directory or shipped("config"), environ, overrides).settings()


def load_usable(
    directory: Path, *, environ: Mapping[str, str], overrides: Mapping[str, str]
) -> Settings:
    """Load as `load` does, for commands that look at the record: feeds, watchlists and digests
    with mistakes are left out. Raises SettingsError for mistakes in monitor.toml: a misspelt
    section must not lead to another database.
    """
    return _Loading(directory, environ, overrides).settings(usable=True)


def load_fetch(directory: Path, *, environ: Mapping[str, str]) -> sections.FetchSection:
    """Load only the section [fetch], for commands that need no more. Raises SettingsError.

    Mistakes elsewhere do not matter, as long as monitor.toml can be read at all.
    """
    return _Loading(directory, environ, {}).fetch_section()


def load_store(
    directory: Path, *, environ: Mapping[str, str], overrides: Mapping[str, str]
) -> sections.StoreSection:
    """Load only the section [store], for commands that only look into the database; `overrides`
    as in `load`. Raises SettingsError for mistakes in monitor.toml: a misspelt section must not
    lead to another database. Feeds, watchlists and digests do not matter.
    """
    return _Loading(directory, environ, overrides).store_section()


def load_sites(directory: Path, *, environ: Mapping[str, str]) -> Mapping[str, Override]:
    """Load only the sites: host -> how its pages are read. Raises SettingsError."""
    loading = _Loading(directory, environ, {})
    found = loading.sites(loading.main())
    loading.done()
    return found


def load_feeds(directory: Path, *, environ: Mapping[str, str]) -> tuple[Feed, ...]:
    """Load only the feeds. Raises SettingsError."""
    loading = _Loading(directory, environ, {})
    found = loading.feeds()
    loading.done()
    return tuple(found)


def load_watchlists(directory: Path, *, environ: Mapping[str, str]) -> tuple[Watchlist, ...]:
    """Load only the watchlists. Raises SettingsError."""
    loading = _Loading(directory, environ, {})
    found = loading.watchlists()
    loading.done()
    return tuple(found.values())


def load_watchlist(path: Path, *, environ: Mapping[str, str]) -> Watchlist:
    """Load one watchlist from a file anywhere. Raises SettingsError."""
    loading = _Loading(path.parent, environ, {})
    found = loading.watchlist(path, str(path))
    loading.done()
    return found


def where(path: Path, name: str, key: places.Path) -> str:
    """Return NAME:LINE of a key in a TOML file; only the name if the file cannot be read."""
    document = documents.read(path, name, {}, Notes())
    return document.where(key) if document else name


@dataclass(frozen=True, slots=True)
class _NamedLists:
    """Lists of terms by name: as written, and as the terms that `@name` stands for."""

    texts: dict[str, str] = field(default_factory=dict)
    parsed: dict[str, Node] = field(default_factory=dict)


FILES: Final = (
    "monitor.toml", "feeds.toml", "feeds.opml", "digests.toml", "watchlists", "lists", "templates",
)  # fmt: skip
"""What a settings folder may contain."""
_NEARLY_TOML = (".yaml", ".yml", ".json", ".tml", ".tom")
"""Endings of files that were meant as watchlists."""


def _stands(path: Path) -> bool:
    """Whether anything has that name, even a folder, or a link that leads nowhere.

    If a file to be mounted is missing, container programs create a folder in its place: the shipped
    settings are then not what was meant.
    """
    return os.path.lexists(path)


def stamp(directory: Path) -> frozenset[tuple[str, int, int]]:
    """Return name, size and time of change of each settings file: they change with the settings.

    Files that values are read from by "file:PATH" are not among them.
    """
    found = set()
    for name in FILES:
        path = directory / name
        with suppress(OSError):  # what cannot be examined counts as missing; `load` says why
            for file in path.iterdir() if path.is_dir() else (path,):
                state = file.stat()
                found.add((str(file), state.st_size, state.st_mtime_ns))
    return frozenset(found)


class _Loading:
    def __init__(
        self, folder: Path, environ: Mapping[str, str], overrides: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.environ = environ
        self.overrides = overrides
        self.notes = Notes()
        self.broken: set[tuple[str, str]] = set()
        """Channels (and names) whose table has a mistake: noted once, not again for each digest."""
        self.unreadable = False
        """Whether monitor.toml cannot be read, so that the channels it sets up are unknown."""
        self.usual_access = Access()
        self.access: dict[str, Access] = {}
        self.lists: dict[Path, _NamedLists] = {}

    def settings(self, *, usable: bool = False) -> Settings:
        """Return all settings; `usable`: even if feeds, watchlists or digests have mistakes."""
        if not self.folder.is_dir():
            self.notes.mistake(
                str(self.folder), "there is no such folder", "monitor init makes one"
            )
            raise SettingsError(self.notes.mistakes)
        self._other_files()
        main = self.main()
        self.unreadable = self._is_unreadable(main)
        parts = self._sections(main)
        reached = self._channels(main)
        if parts["alarms"]:
            told = enumerate(parts["alarms"].to)
            placed = ((main.where(("alarms", "to", index)), text) for index, text in told)
            self._check_recipients(placed, reached)
        sites = self.sites(main)
        hosts = self._hosts(main)
        if fetch := parts["fetch"]:
            self.usual_access = Access(robots=fetch.robots_for_feeds)
        if usable:
            self.done()
        feeds = self.feeds()
        watchlists = self.watchlists()
        digests = self._digests(watchlists, reached)
        templates = self._templates()
        if not usable:
            self.done()
        doubts = unfed(list(watchlists.values()), feeds)
        return Settings(
            directory=self.folder,
            channels=reached,
            sites=sites,
            hosts=hosts,
            feeds=tuple(feeds),
            access=self.access,
            usual_access=self.usual_access,
            watchlists=tuple(filter(self._is_whole, watchlists.values())),
            digests=tuple(digests),
            templates=templates,
            warnings=(*self.notes.warnings, *doubts),
            mistakes=tuple(_in_order(self.notes.mistakes)),
            **parts,
        )

    def _other_files(self) -> None:
        """Warn of files whose names are nearly those that are read."""
        for path in sorted(self.folder.iterdir()):
            if path.name in FILES or not (path.is_dir() or path.suffix in (".toml", ".opml")):
                continue
            if near := difflib.get_close_matches(path.name.lower(), FILES, 1, cutoff=0.8):
                self.notes.warning(path.name, "is not read", f"did you mean {near[0]!r}?")
        for path in sorted((self.folder / "watchlists").glob("[!.]*")):
            if path.suffix in _NEARLY_TOML or path.name.endswith(".toml.txt"):
                hint = f"a watchlist ends in .toml: {path.name.split('.')[0]}.toml"
                self.notes.warning(f"watchlists/{path.name}", "is not read", hint)

    def fetch_section(self) -> sections.FetchSection:
        main = self.main()
        unreadable = self._is_unreadable(main)
        table = main.values.get("fetch", {})
        found = checking.checked(sections.FetchSection, table, main, ("fetch",), self.notes)
        if found is None or unreadable:
            raise SettingsError(_in_order(self.notes.mistakes))
        return found

    def store_section(self) -> sections.StoreSection:
        found: sections.StoreSection = self._sections(self.main())["store"]
        self.done()
        return found

    def done(self) -> None:
        """Raise SettingsError if anything was wrong."""
        if self.notes.mistakes:
            raise SettingsError(_in_order(self.notes.mistakes))

    # ---------------------------------------------------------------- monitor.toml

    def main(self) -> Document:
        """Return monitor.toml, overridden by the environment and the command line."""
        name = "monitor.toml"
        document = self._read(self.folder, name) or Document(name)
        documents.override(document, self.folder, self.environ, self.notes)
        for key, value in self.overrides.items():
            documents.put(document, key.split("."), value, "command line", self.notes)
        email = _table_of(document.values, "channels").get("email")
        for table in (document.values.get("fetch"), email):
            _stand_on(self.folder, table, "ca_file")
        return document

    def _is_unreadable(self, main: Document) -> bool:
        """Whether monitor.toml is not valid TOML; checked before anything in it is used."""
        return bool(self.notes.mistakes) and not main.lines

    def _sections(self, main: Document) -> dict[str, Any]:
        known = {*sections.SECTIONS, "channels", "hosts", "sites"}
        for key in main.values.keys() - known:
            hint = checking.nearest(key, known)
            self.notes.mistake(main.where((key,)), f"unknown section {key!r}", hint)
        found: dict[str, Any] = {
            name: checking.checked(model, main.values.get(name, {}), main, (name,), self.notes)
            for name, model in sections.SECTIONS.items()
        }
        web = found["web"]
        if web and web.public_url and not web.enabled:
            what = "nobody answers at web.public_url, so no hub is asked to push"
            self.notes.warning(main.where(("web", "public_url")), what, "set web.enabled = true")
        if web and web.enabled and not (web.inward or web.password.get_secret_value()):
            key = "hosts" if sections.is_loopback(web.host) else "host"
            what = "the pages are shown to nobody but this machine: others need a password"
            self.notes.warning(main.where(("web", key)), what, "set web.password")
        return found

    def sites(self, main: Document) -> dict[str, Override]:
        """Return host -> how its pages are read, from the tables [sites."HOST"]."""
        tables = self._by_host(main, "sites", sections.SiteTable)
        return {host: table.override for host, table in tables.items()}

    def _hosts(self, main: Document) -> dict[str, HostSettings]:
        """Return host -> the settings that apply there, from the tables [hosts."NAME"]."""
        found: dict[str, HostSettings] = {}
        for host, table in self._by_host(main, "hosts", sections.HostTable).items():
            try:
                found[sections.host_name(host).rstrip(".")] = HostSettings(**table.model_dump())
            except ValueError as error:
                self.notes.mistake(main.where(("hosts", host)), str(error))
        return found

    def _by_host(self, main: Document, name: str, model: type[checking.M]) -> dict[str, checking.M]:
        """Return host, in lower case -> its valid table [NAME."HOST"]."""
        found: dict[str, checking.M] = {}
        for host, table in _table_of(main.values, name).items():
            path = (name, host)
            if not isinstance(table, dict):
                hint = f'each host has a table: [{name}."www.example.org"]'
                self.notes.mistake(main.where(path), f"{host!r} stands outside a table", hint)
            elif one := checking.checked(model, table, main, path, self.notes):
                found[host.lower()] = one
        return found

    def _channels(self, main: Document) -> Channels:
        found: dict[str, dict[str, BaseModel]] = {}
        for name, table in _table_of(main.values, "channels").items():
            where = main.where(("channels", name))
            channel = _channel(name, where, self.notes)
            if channel is None:
                continue
            if not isinstance(table, dict):
                self.notes.mistake(where, f"channels.{name} must be a table")
            elif channel.NAMED:
                found[name] = self._named(channel, name, table, main)
            elif one := self._one(channel, table, main, ("channels", name)):
                found[name] = {"": one}
        return found

    def _named(
        self, channel: channels.Channel, name: str, table: dict[str, Any], main: Document
    ) -> dict[str, BaseModel]:
        found: dict[str, BaseModel] = {}
        for key, values in table.items():
            path = ("channels", name, key)
            if not isinstance(values, dict):
                hint = f"each has a name: [channels.{name}.NAME]"
                self.notes.mistake(main.where(path), f"{key!r} stands outside a table", hint)
            elif one := self._one(channel, values, main, path):
                found[key] = one
        return found

    def _one(
        self, channel: channels.Channel, table: Any, main: Document, path: tuple[str, ...]
    ) -> BaseModel | None:
        found = checking.checked(channel.Settings, table, main, path, self.notes)
        certificates = getattr(found, "ca_file", None)
        # No mail would leave without them.
        if isinstance(certificates, Path) and not _is_readable(certificates):
            why = f"ca_file: there is no file {str(certificates)!r} that can be read"
            self.notes.mistake(main.where((*path, "ca_file")), why)
            found = None
        if found is None:
            self.broken.add((path[1], "".join(path[2:])))
        return found

    # ----------------------------------------------------------------------- feeds

    def feeds(self) -> list[Feed]:
        folder = self._with("feeds.toml", "feeds.opml")
        feeds = self._feeds_of_toml(folder)
        known = {feed.url for feed in feeds}
        for feed in self._feeds_of_opml(folder):
            url, basic = entries.without_credentials(feed.url)
            if url in known:  # what feeds.toml says about it takes precedence
                continue
            known.add(url)
            feeds.append(replace(feed, url=url))
            if basic:
                headers = (("Authorization", basic),)
                self.access[url] = replace(self.usual_access, headers=headers)
        return feeds

    def _feeds_of_toml(self, folder: Path) -> list[Feed]:
        document = self._read(folder, "feeds.toml")
        feeds: list[Feed] = []
        first: dict[str, _Place] = {}
        for place, table in self._tables(document, "feeds", entries.FeedTable):
            feed = table.feed()
            earlier = first.setdefault(feed.url, place)
            if earlier is place:
                feeds.append(feed)
                self._reach(feed, table.access(self.usual_access), place)
            else:
                hint = f"see {earlier.of('url')}"
                self.notes.mistake(place.of("url"), "this address is there already", hint)
        return feeds

    def _reach(self, feed: Feed, access: Access, place: _Place) -> None:
        """Keep what it takes to ask a feed, and warn of what is unwise in it."""
        if access != self.usual_access:
            self.access[feed.url] = access
        if access.unverified:
            what = "the certificate of this feed's server is not verified"
            hint = "anybody on the way can read and change what it says; [fetch] ca_file is safer"
            self.notes.warning(place.of("tls"), what, hint)
        if access.headers and not feed.url.lower().startswith("https:"):
            what = "the secrets of this feed go over the wire in clear text"
            self.notes.warning(place.of("headers"), what, "ask it by https where it can be")

    def _feeds_of_opml(self, folder: Path) -> Sequence[Feed]:
        path = folder / "feeds.opml"
        if not _stands(path):
            return ()
        from monitor.feeds import opml

        try:
            listed = opml.read(path.read_bytes())
        except InputError as error:
            self.notes.mistake(path.name, str(error))
        except OSError as error:
            self.notes.mistake(path.name, f"cannot be read: {error.strerror}")
        else:
            for name, why in listed.left_out:
                self.notes.warning(path.name, f"{name!r} is left out", why)
            return listed.feeds
        return ()

    # ------------------------------------------------------------------ watchlists

    def watchlists(self) -> dict[str, Watchlist]:
        """Return watchlists by name. One with mistakes is included, so that digests may name it."""
        folder = self.folder / "watchlists"
        if not any(folder.glob("*.toml")):
            folder = shipped("config") / "watchlists"
        paths = sorted(folder.glob("*.toml"))
        return {path.stem: self.watchlist(path, f"watchlists/{path.name}") for path in paths}

    def watchlist(self, path: Path, name: str) -> Watchlist:
        if not entries.NAME.fullmatch(path.stem):
            hint = 'letters, digits, "-" and "_", at most 64'
            self.notes.mistake(name, f"{path.stem!r} is not a name for a watchlist", hint)
        nothing = Watchlist(name=path.stem)
        document = documents.read(path, name, self.environ, self.notes)
        if document is None:
            return nothing
        lists = self._lists(path)
        for key in ("query", "exclude"):
            self._queries(document.values.get(key), key, document, lists)
        table = checking.checked(entries.WatchlistTable, document.values, document, (), self.notes)
        if table is None:
            return nothing
        watchlist = table.watchlist(path.stem)
        named = _lists_in(watchlist)
        used = tuple((name, lists.texts[name]) for name in sorted(named & lists.texts.keys()))
        watchlist = replace(watchlist, lists=used)
        return replace(watchlist, version=version(watchlist))

    def _lists(self, path: Path) -> _NamedLists:
        """Return the lists in the folder `lists` beside a watchlist or beside its folder."""
        beside = (path.parent / "lists", path.parent.parent / "lists")
        folder = next((one for one in beside if one.is_dir()), None)
        if folder is None:
            return _NamedLists()
        if folder not in self.lists:
            self.lists[folder] = self._read_lists(folder)
        return self.lists[folder]

    def _read_lists(self, folder: Path) -> _NamedLists:
        found = _NamedLists()
        for path in sorted(folder.glob("*.txt")):
            name = f"lists/{path.name}"
            try:
                text = path.read_text(encoding="utf-8-sig")
                found.parsed[path.stem] = query.parse_list(text)
            except QueryError as error:
                what = f"column {error.column}: {error.what}"
                self.notes.mistake(f"{name}:{error.line}", what, _short(error.hint))
            except UnicodeDecodeError:
                self.notes.mistake(name, "is not UTF-8", "save it as UTF-8")
            except OSError as error:
                self.notes.mistake(name, f"cannot be read: {error.strerror}")
            else:
                found.texts[path.stem] = text
                continue
            # It exists but is wrong: the queries that name it need no mistake of their own.
            found.parsed.setdefault(path.stem, Term(path.stem))
        return found

    def _queries(self, value: Any, key: str, document: Document, lists: _NamedLists) -> None:
        """Note what does not parse; a value that is not a text is noted elsewhere."""
        items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, text in items:
            path = (key,) if index is None else (key, index)
            if not isinstance(text, str) or path in document.unresolved:
                continue
            try:
                query.parse(text, lists.parsed)
            except QueryError as error:
                where = document.where(path, line=error.line)
                which = key if len(items) == 1 else f"{key}[{(index or 0) + 1}]"
                what = f"{which}, column {error.column}: {error.what}"
                self.notes.mistake(where, what, _short(error.hint))

    def _is_whole(self, watchlist: Watchlist) -> bool:
        """Whether neither it nor any list that it names has a mistake."""
        file = f"watchlists/{watchlist.name}.toml"
        if any(one.where.partition(":")[0] == file for one in self.notes.mistakes):
            return False
        return _lists_in(watchlist) <= dict(watchlist.lists).keys()

    # --------------------------------------------------------------------- digests

    def _digests(self, watchlists: Mapping[str, Watchlist], reached: Channels) -> list[Digest]:
        document = self._read(self._with("digests.toml"), "digests.toml")
        digests: dict[str, Digest] = {}
        first: dict[str, str] = {}
        for place, row in self._rows(document, "digests"):
            self._check_watchlists(row, place, watchlists)
            self._check_recipients(place.texts(row, "recipients"), reached)
        for place, table in self._tables(document, "digests", entries.DigestTable):
            if table.name in first:
                what = f"digest {table.name!r} is there already"
                self.notes.mistake(place.of("name"), what, f"see {first[table.name]}")
            first.setdefault(table.name, place.of("name"))
            if table.watchlists == ():
                hint = "leave watchlists out to cover all"
                self.notes.warning(place.of("watchlists"), "covers no watchlist", hint)
            digests[table.name] = table.digest(tuple(watchlists))
        return list(digests.values())

    def _check_watchlists(
        self, row: Any, place: _Place, watchlists: Mapping[str, Watchlist]
    ) -> None:
        for where, name in place.texts(row, "watchlists"):
            if name not in watchlists:
                hint = checking.nearest(name, watchlists)
                self.notes.mistake(where, f"unknown watchlist {name!r}", hint)

    def _check_recipients(self, texts: Iterable[tuple[str, str]], reached: Channels) -> None:
        """Note what is wrong with each of these (where it stands, text)."""
        for where, text in texts:
            recipient = entries.recipient(text)
            channel = _channel(recipient.channel, where, self.notes)
            if channel is None:
                continue
            if wrong := channel.check_address(recipient.address):
                self.notes.mistake(where, f"recipient {text!r}: {wrong}")
                continue
            name = recipient.address if channel.NAMED else ""
            if self.unreadable or (recipient.channel, name) in self.broken:
                continue
            mistake = _reach(recipient, reached)
            if isinstance(mistake, Mistake):
                self.notes.mistake(where, mistake.what, mistake.hint)

    def _templates(self) -> dict[str, str]:
        """Return what is in templates/, tried on a sample: a failure there is a warning (D33)."""
        found: dict[str, str] = {}
        for path in sorted((self.folder / "templates").glob("[!.]*")):
            try:
                found[path.name] = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
                what = f"cannot be read: {reason}; the built-in one is used"
                self.notes.warning(f"templates/{path.name}", what)
        if found:
            from monitor.digests import sample

            for warning in sample.tried(found):
                self.notes.warning("templates", warning)
        return found

    # ------------------------------------------------------------------------ files

    def _with(self, *names: str) -> Path:
        """Return the folder in which to look for these files: the user's, if it has one of them."""
        there = any(_stands(self.folder / name) for name in names)
        return self.folder if there else shipped("config")

    def _read(self, folder: Path, name: str) -> Document | None:
        path = folder / name
        return documents.read(path, name, self.environ, self.notes) if _stands(path) else None

    def _tables(
        self, document: Document | None, key: str, model: type[checking.M]
    ) -> list[tuple[_Place, checking.M]]:
        """Return the valid tables of `[[key]]`, each with its place."""
        found: list[tuple[_Place, checking.M]] = []
        for place, row in self._rows(document, key):
            table = checking.checked(model, row, place.document, place.path, self.notes)
            if table is not None:
                found.append((place, table))
        return found

    def _rows(self, document: Document | None, key: str) -> list[tuple[_Place, Any]]:
        """Return all tables of `[[key]]` as written, each with its place."""
        if document is None:
            return []
        rows = checking.tables(document.values, key, document, self.notes)
        return [(_Place(document, (key, index)), row) for index, row in enumerate(rows)]


@dataclass(frozen=True, slots=True)
class _Place:
    """One table of a document; knows where each of its keys stands."""

    document: Document
    path: tuple[str | int, ...]

    def texts(self, row: Any, key: str) -> list[tuple[str, str]]:
        """Return (where, text) for a list of texts in the table; non-texts are noted elsewhere."""
        values = sections.listed(row.get(key)) if isinstance(row, dict) else ()
        return [
            (self.of(key, index), value)
            for index, value in enumerate(values if isinstance(values, list) else ())
            if isinstance(value, str) and (*self.path, key, index) not in self.document.unresolved
        ]

    def of(self, *keys: str | int) -> str:
        return self.document.where((*self.path, *keys))


def _lists_in(watchlist: Watchlist) -> set[str]:
    """Return the names of the lists that a watchlist's queries name."""
    texts = (*watchlist.queries, *watchlist.exclude)
    return {name for text in texts for name in query.lists_named(text)}


def _table_of(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _is_readable(path: Path) -> bool:
    try:
        return path.is_file() and os.access(path, os.R_OK)
    except (OSError, ValueError):  # a folder that may not be looked into; a null character
        return False


def _stand_on(folder: Path, table: Any, key: str) -> None:
    """Resolve a relative path against the settings folder, whatever the current folder is."""
    if isinstance(table, dict) and isinstance(table.get(key), str) and table[key]:
        with suppress(RuntimeError):  # the home folder of a user who does not exist: "~name" stays
            table[key] = str(folder / Path(table[key]).expanduser())


def _channel(name: str, where: str, notes: Notes) -> channels.Channel | None:
    try:
        return channels.load(name)
    except SettingsError:
        hint = f"write email:{name}" if "@" in name else checking.nearest(name, channels.known())
        notes.mistake(where, f"unknown channel {name!r}", hint)
        return None


def _reach(recipient: Recipient, reached: Channels) -> BaseModel | Mistake:
    """Return the settings by which a recipient is reached, or why there are none."""
    channel = channels.load(recipient.channel)
    name = recipient.address if channel.NAMED else ""
    tables = reached.get(recipient.channel, {})
    if name in tables:
        return tables[name]
    section = ".".join(part for part in ("channels", recipient.channel, name) if part)
    if channel.NAMED or any(
        field.is_required() for field in channel.Settings.model_fields.values()
    ):
        hint = f"add [{section}] to monitor.toml"
        return Mistake("monitor.toml", f"{recipient} cannot be reached: no [{section}]", hint)
    return channel.Settings()


def _short(hint: str) -> str:
    """Put a hint on one line; one too long to help is replaced by where to look."""
    hint = " ".join(hint.split())
    return hint if len(hint) <= MOST_HINT else "docs/query-language.md says how"


def _in_order(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Order mistakes file by file, top to bottom, each once."""
    files: dict[str, int] = {}

    def order(mistake: Mistake) -> tuple[int, int]:
        name, _, line = mistake.where.partition(":")
        return files.setdefault(name, len(files)), int(line) if line.isdigit() else 0

    return sorted(dict.fromkeys(mistakes), key=order)
