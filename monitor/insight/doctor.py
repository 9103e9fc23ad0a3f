"""The doctor's verdicts: what was found in the world, and what that means for the operator.

Every function turns what was found into lines (`Check`); none does any input or output.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.errors import FailedError, Mistake, MonitorError, UnavailableError
from monitor.model import Barred, Visited

CLOCK_OFF = timedelta(minutes=1)
"""A clock that differs by more than this makes windows and schedules unreliable."""
TOO_LITTLE = 100_000_000
"""Bytes of disk space that a few hours of news fill."""
LITTLE = 1_000_000_000
_RESERVED = re.compile(
    r"(^|\.)(example\.(com|net|org)|example|test|invalid|localhost|local|localdomain)\.?$"
)
"""Names that nobody can own (RFC 2606, 6761, 6762)."""


class Verdict(StrEnum):
    """The state of a thing that was checked."""

    FINE = "fine"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor: what was checked, its verdict, what was found, what to do."""

    name: str
    verdict: Verdict
    found: str
    todo: str = ""
    unreachable: bool = False
    """It is wrong because a service does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """What was found out about the database."""

    shown: str
    """Its address without the password."""
    known: str
    """The schema version that this program works with."""
    version: str | None = None
    """The schema version of the database; None: it is empty or does not exist yet."""
    trouble: str = ""
    """Why it cannot be opened at all."""
    answers: bool = True
    """False: the trouble is that a server does not answer."""
    unwritable: str = ""
    """Why nothing can be written; empty: writing works."""
    busy: bool = False
    """Another process was writing at that moment, so that writing could not be tried."""
    damage: tuple[str, ...] = ()
    read: bool | None = None
    """Whether all pages were checked; None: this kind of database is not checked page by page."""
    size: int | None = None
    """Bytes of the database file."""
    free: int | None = None
    """Bytes free on the disk that holds it; None: it is on a server, whose disk is not ours."""
    held: datetime | None = None
    """Nothing is sent because it was restored from a backup made then."""
    ahead: timedelta | None = None
    """How far a server's clock is ahead of ours."""


def failure(wrong: Sequence[Check]) -> type[MonitorError]:
    """Return the kind of error that these checks, all of them wrong, amount to."""
    return UnavailableError if any(one.unreachable for one in wrong) else FailedError


def settings(folder: str, warnings: Sequence[Mistake], failed: Sequence[Mistake]) -> Check:
    """Judge the settings themselves. `failed`: mistakes, including examples that a watchlist does
    not treat as they say."""
    if told := [*failed, *warnings]:
        verdict = Verdict.WRONG if failed else Verdict.DOUBTFUL
        more = f", and {len(told) - 1} more" if len(told) > 1 else ""
        found = f"{told[0].where}: {told[0].what}{more}"
        return Check("settings", verdict, found, told[0].hint or "monitor check shows them all")
    return Check("settings", Verdict.FINE, folder)


def database(found: Database) -> list[Check]:
    """Judge the database, the disk under it, and whether sending is on hold."""
    checks = [_database(found)]
    if found.held is not None:
        told = f"held: the database was restored from a backup of {found.held:%Y-%m-%d %H:%M} UTC"
        checks.append(Check("sending", Verdict.DOUBTFUL, told, "monitor deliveries release"))
    if found.free is not None:
        checks.append(_disk(found.free, found.size or 0))
    return checks


def _database(found: Database) -> Check:
    wrong, doubtful = _wrong_with(found), _doubtful_of(found)
    if wrong:
        unreachable = bool(found.trouble) and not found.answers
        return Check("database", Verdict.WRONG, *wrong, unreachable=unreachable)
    if doubtful:
        return Check("database", Verdict.DOUBTFUL, *doubtful)
    sound = ", undamaged" if found.read else ""
    return Check("database", Verdict.FINE, f"{found.shown}, version {found.version}{sound}")


def _wrong_with(found: Database) -> tuple[str, str] | None:
    if found.trouble:
        return found.trouble, _RIGHTS if found.answers else "is it running, is [store] url right?"
    if found.damage:
        todo = "stop monitor, then put a backup in its place: monitor restore FILE"
        return f"damaged: {'; '.join(found.damage)}", todo
    if found.version and found.version > found.known:
        told = f"written by a newer monitor ({found.version}; this one knows {found.known})"
        return told, "upgrade monitor"
    if found.unwritable:
        return f"{found.shown} cannot be written: {found.unwritable}", _RIGHTS
    return None


_RIGHTS = "give this user the right to read and write the database and its folder"


def _doubtful_of(found: Database) -> tuple[str, str] | None:
    if found.busy:
        return f"{found.shown}: another process is writing to it", "try again later"
    if found.version is None:
        # Who moves here must restore first: no backup goes into a database that was filled.
        todo = "monitor fetch fills it; to move here, run monitor restore FILE first"
        return f"{found.shown}: nothing in it yet", todo
    if found.version < found.known:
        told = f"version {found.version}; this program needs {found.known}"
        return told, "monitor migrate (any command that uses it does the same)"
    if found.read is False:
        return f"{found.shown}: too large to check here", "run PRAGMA quick_check on it"
    return None


def _disk(free: int, size: int) -> Check:
    told = f"{_bytes(free)} free; the database takes {_bytes(size)}"
    if free < TOO_LITTLE:
        return Check("disk", Verdict.WRONG, told, "make room")
    if free < max(LITTLE, size):
        return Check("disk", Verdict.DOUBTFUL, told, "make room: a backup takes as much again")
    return Check("disk", Verdict.FINE, told)


def _bytes(count: int) -> str:
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def service(name: str, section: str, visited: Visited) -> Check:
    """Judge one place where messages go; `section` names its table in the settings."""
    if visited.barred is None:
        return Check(name, Verdict.FINE, visited.words)
    unreachable = visited.barred in (Barred.NAME, Barred.REACH)
    todo = _MEND[visited.barred].format(section=section)
    return Check(name, Verdict.WRONG, visited.words, todo, unreachable)


_MEND = {
    Barred.NAME: "is the host in {section} spelled right, and does name resolution work here?",
    Barred.REACH: "is it running, is the port in {section} right, is a firewall in between?",
    Barred.TLS: "set tls in {section} to what the server uses, or ca_file to your own certificates",
    Barred.LOGIN: "check user and password, or the token, in {section}",
    Barred.GUARD: "if intended, add its host to [fetch] allow_private, its port to allow_ports",
    Barred.FOLDER: "give this user the right to write there, or change path in {section}",
}


def unvisited(name: str) -> Check:
    """Report a place that cannot be tried without sending."""
    todo = f"monitor digests test sends to {name}" if ":" in name else ""
    return Check(name, Verdict.FINE, "not tried: it answers only to messages", todo)


def sender(domain: str, resolves: bool) -> Check:
    """Judge the domain that our mail comes from."""
    if reserved(domain):
        todo = "set [channels.email] from to your own address, whose SPF and DKIM cover this server"
        return Check("sender", Verdict.DOUBTFUL, f"nobody can own the domain {domain}", todo)
    if not resolves:
        todo = "is it spelled right? many servers refuse mail from a domain they cannot find"
        return Check("sender", Verdict.DOUBTFUL, f"{domain} has no address", todo)
    return Check("sender", Verdict.FINE, f"{domain} has an address")


def reserved(domain: str) -> bool:
    """Whether a name need not be looked up because nobody can own it."""
    return bool(_RESERVED.search(domain.lower())) or "." not in domain


def public_url(url: str, resolves: bool) -> Check:
    """Judge the address at which others reach us."""
    if resolves:
        return Check("public_url", Verdict.FINE, f"{url}: its host has an address")
    todo = "[web] public_url is in mails and given to hubs: its host must resolve everywhere"
    return Check("public_url", Verdict.WRONG, f"{url}: its host has no address", todo)


def clock(ahead: Mapping[str, timedelta]) -> Check:
    """Judge our clock by servers that told the time in answers (name -> how far ahead of ours)."""
    if not ahead:
        return Check("clock", Verdict.FINE, "not compared: no server that answered told the time")
    name, most = max(ahead.items(), key=lambda one: abs(one[1]))
    seconds = abs(most.total_seconds())
    if abs(most) <= CLOCK_OFF:
        return Check("clock", Verdict.FINE, f"within {max(seconds, 1):.0f} s of {name}")
    way = "behind" if most > timedelta() else "ahead of"
    todo = "set it by NTP: digests are sent by it"
    return Check("clock", Verdict.DOUBTFUL, f"{seconds:.0f} s {way} that of {name}", todo)
