"""The doors out: one file per channel, each with `Settings`, `check_address`, `render` and `send`.

The channel of a recipient is the name of a file here ("email:desk@example.org" -> `email.py`), or
a dotted path for channels of third parties. There is no registry: a new channel is a new file.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from pydantic import BaseModel

from monitor.digests.render import Bodies
from monitor.digests.words import clip, plain
from monitor.errors import Mistake, SettingsError
from monitor.model import (
    Answer,
    Edition,
    FetchFailed,
    Message,
    Recipient,
    Response,
    Visited,
)

_FACES = ("Settings", "NAMED", "check_address", "render", "send")
MENDING = timedelta(hours=1)
"""The wait when a person must mend something first: a password, a certificate, an address."""
VISIT_S = 5.0
"""How long a visit waits for each answer."""


class Post(Protocol):
    """The polite, guarded HTTP client's way to send (`fetch.client.Client.post`)."""

    async def __call__(
        self,
        url: str,
        content: bytes,
        headers: Sequence[tuple[str, bytes]] = (),
        *,
        secret_headers: Sequence[tuple[str, bytes]] = (),
    ) -> Response | FetchFailed: ...


class Http(Protocol):
    """As much of the HTTP client as a visit needs."""

    @property
    def post(self) -> Post:
        """Sends, for services that can be asked who we are to them."""
        ...

    async def reach(self, url: str) -> FetchFailed | None:
        """Connects and asks nothing (`fetch.client.Client.reach`)."""
        ...


Visit = Callable[[Any, Http], Awaitable[Visited]]


def print_out(text: str) -> None:
    """Write to whatever standard output is at that moment."""
    sys.stdout.write(text)
    sys.stdout.flush()


def no_fault(place: str) -> None:
    """Nothing happens at this place."""


@dataclass(frozen=True, slots=True)
class World:
    """What a channel may touch: the HTTP client, the clock, the terminal."""

    post: Post
    now: Callable[[], datetime]
    write: Callable[[str], object] = print_out
    hit: Callable[[str], None] = no_fault
    """Called at places where a fault can be ordered (`failpoints`)."""
    doubted_since: datetime | None = None
    """Not before then this message may have been taken, unheard; None: it surely was not."""
    first_receipt: str = ""
    """What was answered to part 1 of the same edition; empty for part 1 itself."""


class Channel(Protocol):
    """What each file in this folder offers."""

    Settings: type[BaseModel]
    """The table `[channels.NAME]`; with `NAMED`, one table `[channels.NAME.ADDRESS]` for each."""
    NAMED: bool
    """Whether a recipient's address names a table of the settings."""

    def check_address(self, address: str) -> str | None:
        """What is wrong with a recipient's address, for people; None when it can be used."""
        ...

    def render(
        self, edition: Edition, recipient: Recipient, settings: Any, bodies: Bodies, now: datetime
    ) -> list[Message]:
        """The edition as messages for one recipient, in the order to send. Pure."""
        ...

    async def send(self, message: Message, settings: Any, world: World) -> Answer:
        """Try once to send these very bytes. The world's faults are answers, never exceptions."""
        ...


def known() -> list[str]:
    """Names of the channels that we ship."""
    return sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_"))


def load(name: str) -> Channel:
    """The channel of that name: a file of this folder, or a dotted path.

    Raises SettingsError when there is none.
    """
    try:
        if "." not in name and name not in known():
            raise ModuleNotFoundError(name)
        found = import_module(name if "." in name else f"{__name__}.{name}")
    except (ImportError, TypeError, ValueError) as error:  # the last two: dots without a name
        raise _unknown(f"unknown channel {name!r}") from error
    missing = [face for face in _FACES if not hasattr(found, face)]
    if missing:
        raise _unknown(f"{name} is no channel: it has no {', '.join(missing)}")
    return cast(Channel, found)


def visit_of(channel: Channel) -> Visit | None:
    """How a channel is tried without sending: its `visit(settings, http)`; None: it has none."""
    found: Visit | None = getattr(channel, "visit", None)
    return found


def _unknown(what: str) -> SettingsError:
    hint = f"one of {', '.join(known())}, or the dotted path of a module"
    return SettingsError([Mistake("channels", what, hint)])


def identity(edition: Edition, recipient: Recipient, part: int = 1) -> str:
    """The same value for the same part of an edition for one recipient, however often it is made.

    It tells nothing of the recipient's address. The window's end keeps apart editions of one
    number from a store that was begun anew.
    """
    parts = (edition.digest, edition.number, edition.window.end.isoformat(), recipient, part)
    return sha256("\0".join(map(str, parts)).encode()).hexdigest()[:24]


def words_of(answer: bytes | str, *secrets: str) -> str:
    """The far side's own words, made fit for logs and pages: one line, short, without secrets."""
    text = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
    text = plain(text)
    for secret in filter(None, secrets):
        text = text.replace(secret, "[secret]")
    return clip(text, 300)
