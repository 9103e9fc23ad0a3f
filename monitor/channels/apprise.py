"""Everything else, through Apprise: Telegram, Matrix, Mattermost, ntfy and some hundred more.

Plain text, one target per call. The result is an answer like any other: Apprise reports only
success or failure, so the reason is taken from its log. An optional extra: `pip install
"monitor[apprise]"`. It does its own HTTP, bypassing our guard and our pace; its time limits are 10
seconds to connect and 30 to read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from threading import Thread, get_ident
from typing import Any, TypeVar, cast

from pydantic import BaseModel, SecretStr, field_validator

from monitor.channels import MENDING, World, messages, words_of
from monitor.channels._chat import check_name
from monitor.channels._http import secrets_of
from monitor.digests.render import Bodies
from monitor.model import Answer, Edition, Message, NotSent, Recipient, Sent, Unknown

NAMED = True
CONNECT_S, READ_S = 10.0, 30.0
_MENTION = re.compile(r"(?<!\w)@(?=\w)|<(?=[!@#])")
T = TypeVar("T")
_ANSWERED = re.compile(r"\berror=[45]\d\d\b")
"""What Apprise logs if the far side answered and did not accept the message."""
LONGEST_S = 240.0
"""Time limit in seconds; generous for a target that takes a long text in many pieces."""
_LOG = logging.getLogger("apprise")


class Settings(BaseModel, extra="forbid", frozen=True):
    """`[channels.apprise.NAME]`: one target."""

    url: SecretStr
    """In Apprise's form, such as `tgram://TOKEN/CHAT`; contains secrets."""

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
    """What is wrong with the name of a target; None if it can name a table of the settings."""
    return check_name("apprise", address)


def render(
    edition: Edition, recipient: Recipient, settings: Settings, bodies: Bodies, now: datetime
) -> list[Message]:
    """The text of the edition; Apprise divides it if the target's limit requires that."""
    subject, body = _calling_nobody(bodies.subject), _calling_nobody(bodies.text).encode()
    return messages(edition, recipient, subject, "text/plain", [body])


def _calling_nobody(text: str) -> str:
    """Text that mentions nobody in any chat: `@all` and `<!here>` are broken by a zero-width
    space. Not every chat can disable mentions, and Apprise passes plain text on as it is (S84).
    """
    return _MENTION.sub("\\g<0>\u200b", text)


async def send(message: Message, settings: Settings, world: World) -> Answer:
    """Hand the message to Apprise in a thread. Our outbox retries after a failure.

    Apprise reports only that it failed: a divided message may have arrived in part, and one without
    an answer may have arrived. Such a message is sent at most once more.
    """
    apprise = _library()
    if apprise is None:
        return NotSent("Apprise is not installed", MENDING)
    url = settings.url.get_secret_value()
    try:
        async with asyncio.timeout(LONGEST_S):
            good, said, whole = await _beside(lambda: _notify(apprise, url, message))
    except TimeoutError:
        return Unknown(f"no end after {LONGEST_S:.0f} s")
    except Exception as error:  # Apprise's plugins may raise anything
        return Unknown(words_of(f"Apprise failed: {type(error).__name__}", *_secrets(url)))
    words = words_of(said, *_secrets(url))
    if good:
        return Sent(words or "taken")
    surely = whole and _ANSWERED.search(said)
    return NotSent(words) if surely else Unknown(words or "Apprise gives no reason")


async def _beside(work: Callable[[], T]) -> T:
    """Run in a separate thread, which may hang without delaying other work or our exit."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def end(made: T | None, error: Exception | None) -> None:
        if future.done():
            return  # nobody is waiting any more
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(cast(T, made))

    def run() -> None:
        made, error = None, None
        try:
            made = work()
        except Exception as failed:
            error = failed
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(end, made, error)

    Thread(target=run, name="apprise", daemon=True).start()
    return await future


def _notify(apprise: Any, url: str, message: Message) -> tuple[bool, str, bool]:
    """Whether it succeeded, what Apprise logged, and whether it went as one message."""
    target = _target(apprise, url)
    heard = _Heard()
    _LOG.addHandler(heard)
    try:
        good = target is not None and target.notify(
            body=message.body.decode(), title=message.subject, body_format=apprise.NotifyFormat.TEXT
        )
    finally:
        _LOG.removeHandler(heard)
    whole = len(message.body) <= getattr(target, "body_maxlen", 0)
    return bool(good), " ".join(heard.lines), whole


class _Heard(logging.Handler):
    """Collects what Apprise logs in this thread only: other threads serve other targets."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.lines.append(record.getMessage())


def _target(apprise: Any, url: str) -> Any:
    """The one target of an address; None if Apprise does not know it."""
    target = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if target is not None:
        target.overflow_mode = apprise.OverflowMode.SPLIT
        target.socket_connect_timeout, target.socket_read_timeout = CONNECT_S, READ_S
    return target


def _secrets(url: str) -> tuple[str, ...]:
    return (*secrets_of(url), url.partition("://")[2].partition("/")[0])


def _library() -> Any:
    """Apprise, if installed; it takes half a second to load, so it is loaded only when needed.

    Its log shows addresses with their secrets, so it is captured here and goes nowhere else.
    """
    try:
        found = import_module("apprise")
    except ImportError:
        return None
    _LOG.setLevel(logging.INFO)
    _LOG.propagate = False
    return found
