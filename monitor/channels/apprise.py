"""Everything else, through Apprise: Telegram, Matrix, Mattermost, ntfy and some hundred more.

Plain text, one target a call, and what came of it is an answer like any other: Apprise tells only
whether it went well, so its own log is the reason. An optional extra: `pip install
"monitor[apprise]"`. It speaks HTTP by itself, past our guard and our pace; its time limits are 10
seconds to connect and 30 to read.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from importlib import import_module
from threading import get_ident
from typing import Any

from pydantic import BaseModel, SecretStr, field_validator

from monitor.channels import MENDING, World, identity, words_of
from monitor.channels._chat import check_name, secrets_of
from monitor.digests.render import Bodies
from monitor.model import Answer, Edition, Message, NotSent, Recipient, Sent, Unknown

NAMED = True
CONNECT_S, READ_S = 10.0, 30.0
LONGEST_S = 240.0
"""For a target that takes a long text in many pieces."""
_LOG = logging.getLogger("apprise")


class Settings(BaseModel, extra="forbid", frozen=True):
    """`[channels.apprise.NAME]`: one target."""

    url: SecretStr
    """As Apprise writes it, such as `tgram://TOKEN/CHAT`; holds secrets."""

    @field_validator("url")
    @classmethod
    def _url_is_known(cls, value: SecretStr) -> SecretStr:
        apprise = _library()
        if apprise is None:
            raise ValueError('Apprise is not installed: pip install "monitor[apprise]"')
        if _target(apprise, value.get_secret_value()) is None:
            raise ValueError("url is no address that Apprise knows")
        return value


def check_address(address: str) -> str | None:
    """What is wrong with the name of a target; None when it can name a table of the settings."""
    return check_name("apprise", address)


def render(
    edition: Edition, recipient: Recipient, settings: Settings, bodies: Bodies, now: datetime
) -> list[Message]:
    """The text of the edition; Apprise divides it where its target takes no more at once."""
    return [
        Message(
            recipient=recipient,
            id=identity(edition, recipient),
            subject=bodies.subject,
            content_type="text/plain",
            body=bodies.text.encode(),
        )
    ]


async def send(message: Message, settings: Settings, world: World) -> Answer:
    """Hand it to Apprise in a thread. What it calls a failure is tried again by our outbox."""
    apprise = _library()
    if apprise is None:
        return NotSent("Apprise is not installed", MENDING)
    url = settings.url.get_secret_value()
    notify = asyncio.to_thread(_notify, apprise, url, message)
    try:
        good, said = await asyncio.wait_for(notify, LONGEST_S)
    except TimeoutError:
        return Unknown(f"no end after {LONGEST_S:.0f} s")
    except Exception as error:  # a plugin of Apprise is not ours to vouch for
        return Unknown(words_of(f"Apprise failed: {type(error).__name__}", *_secrets(url)))
    words = words_of(said, *_secrets(url))
    return Sent(words or "taken") if good else NotSent(words or "Apprise gives no reason")


def _notify(apprise: Any, url: str, message: Message) -> tuple[bool, str]:
    target = _target(apprise, url)
    heard = _Heard()
    _LOG.addHandler(heard)
    try:
        good = target is not None and target.notify(
            body=message.body.decode(), title=message.subject, body_format=apprise.NotifyFormat.TEXT
        )
    finally:
        _LOG.removeHandler(heard)
    return bool(good), " ".join(heard.lines)


class _Heard(logging.Handler):
    """What Apprise logs in this thread: other targets are at work in others."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.lines.append(record.getMessage())


def _target(apprise: Any, url: str) -> Any:
    """The one target of an address; None when Apprise does not know it."""
    target = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if target is not None:
        target.overflow_mode = apprise.OverflowMode.SPLIT
        target.socket_connect_timeout, target.socket_read_timeout = CONNECT_S, READ_S
    return target


def _secrets(url: str) -> tuple[str, ...]:
    return (*secrets_of(url), url.partition("://")[2].partition("/")[0])


def _library() -> Any:
    """Apprise, where it is installed; it takes half a second to load, so only when needed.

    Its log names addresses with their secrets, so it is heard here and goes nowhere else.
    """
    try:
        found = import_module("apprise")
    except ImportError:
        return None
    _LOG.setLevel(logging.INFO)
    _LOG.propagate = False
    return found
