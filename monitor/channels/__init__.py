"""The ways out: one file per channel, each with `Settings`, `check_address`, `render` and `send`.

A recipient's channel is the name of a file here ("email:desk@example.org" -> `email.py`), or a
dotted path for third-party channels. There is no registry: a new channel is a new file.
"""

from __future__ import annotations

import json
import logging
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

log = logging.getLogger("monitor.channels")
_FACES = ("Settings", "NAMED", "check_address", "render", "send")
MENDING = timedelta(hours=1)
"""The wait if a person must fix something first: a password, a certificate, an address."""
VISIT_S = 5.0
"""How long a visit waits for each answer."""


class Post(Protocol):
    """Sends through the polite, guarded HTTP client (`fetch.client.Client.post`)."""

    async def __call__(
        self,
        url: str,
        content: bytes,
        headers: Sequence[tuple[str, bytes]] = (),
        *,
        secret_headers: Sequence[tuple[str, bytes]] = (),
        spacing_s: float = 0.0,
    ) -> Response | FetchFailed: ...


class Http(Protocol):
    """The part of the HTTP client that a visit needs."""

    @property
    def post(self) -> Post:
        """Sends, for services that can be asked whose credentials these are."""
        ...

    async def reach(self, url: str) -> FetchFailed | None:
        """Connects without sending a request (`fetch.client.Client.reach`)."""
        ...


Visit = Callable[[Any, Http], Awaitable[Visited]]


def print_out(text: str) -> None:
    """Write to the standard output current at the time of the call."""
    sys.stdout.write(text)
    sys.stdout.flush()


def no_fault(place: str) -> None:
    """Do nothing: no fault is injected."""


@dataclass(frozen=True, slots=True)
class World:
    """What a channel may touch: the HTTP client, the clock, the terminal."""

    post: Post
    now: Callable[[], datetime]
    write: Callable[[str], object] = print_out
    hit: Callable[[str], None] = no_fault
    """Called at places where a fault can be injected (`failpoints`)."""
    doubted_since: datetime | None = None
    """The earliest time at which this message may have been accepted without our learning of it;
    None: it certainly was not."""
    first_receipt: str = ""
    """The receipt of part 1 of the same edition; empty for part 1 itself."""


class Channel(Protocol):
    """What each file in this folder offers."""

    Settings: type[BaseModel]
    """The table `[channels.NAME]`; with `NAMED`, each table `[channels.NAME.ADDRESS]`."""
    NAMED: bool
    """Whether a recipient's address names a table of the settings."""

    def check_address(self, address: str) -> str | None:
        """What is wrong with a recipient's address, for people; None if it can be used."""
        ...

    def render(
        self, edition: Edition, recipient: Recipient, settings: Any, bodies: Bodies, now: datetime
    ) -> list[Message]:
        """The edition as messages for one recipient, in the order to send. Pure."""
        ...

    async def send(self, message: Message, settings: Any, world: World) -> Answer:
        """Try once to send exactly these bytes. External faults are answers, never exceptions."""
        ...


def known() -> list[str]:
    """Names of the channels that we ship."""
    return sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_"))


def load(name: str) -> Channel:
    """The channel of that name: a file of this folder, or a dotted path.

    Raises SettingsError if there is none.
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
    """The channel's `visit(settings, http)`, which tries it without sending; None if missing."""
    found: Visit | None = getattr(channel, "visit", None)
    return found


def _unknown(what: str) -> SettingsError:
    hint = f"one of {', '.join(known())}, or the dotted path of a module"
    return SettingsError([Mistake("channels", what, hint)])


def identity(edition: Edition, recipient: Recipient, part: int = 1) -> str:
    """A value that is always the same for one part of an edition and one recipient.

    It reveals nothing of the recipient's address. It includes the window's end, which tells apart
    editions with the same number after the store was created anew.
    """
    parts = (edition.digest, edition.number, edition.window.end.isoformat(), recipient, part)
    return sha256("\0".join(map(str, parts)).encode()).hexdigest()[:24]


def messages(
    edition: Edition, recipient: Recipient, subject: str, content_type: str, made: Sequence[bytes]
) -> list[Message]:
    """The messages of an edition for one recipient, one for each of these bodies, in order."""
    return [
        Message(
            recipient=recipient,
            id=identity(edition, recipient, part),
            subject=subject,
            content_type=content_type,
            body=body,
            part=part,
            parts=len(made),
        )
        for part, body in enumerate(made, start=1)
    ]


UNRENDERED = "text/x-unrendered"
"""The content type of a message that stands for one its channel could not make; it is not sent."""


def rendered(
    edition: Edition, recipient: Recipient, settings: Any, bodies: Bodies, now: datetime
) -> list[Message]:
    """The edition's messages for one recipient, whatever its channel does.

    If the channel raises, a message with the reason stands for them, so that the other recipients
    do not wait for a person to mend a module (I5), and the outbox shows what became of this one.
    """
    try:
        return load(recipient.channel).render(edition, recipient, settings, bodies, now)
    except Exception as error:
        log.exception("%s: the edition could not be rendered", recipient)
        why = f"it could not be rendered: {type(error).__name__} (the log says where)"
        return messages(edition, recipient, bodies.subject, UNRENDERED, [why.encode()])


def as_json(value: object) -> bytes:
    """JSON in UTF-8, without optional spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def words_of(answer: bytes | str, *secrets: str) -> str:
    """The far side's own words made fit for logs and pages: one short line without secrets."""
    text = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
    text = plain(text)
    for secret in filter(None, secrets):
        text = text.replace(secret, "[secret]")
    return clip(text, 300)
