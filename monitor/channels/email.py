"""Mail: one message per recipient, text and HTML, over SMTP with verified TLS.

Form: RFC 5322 and 2045-2047; List headers: RFC 2369 and 2919; Auto-Submitted: RFC 3834.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import b64encode
from bisect import bisect_right
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.policy import EmailPolicy
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from quopri import encodestring
from typing import Any, Literal, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from monitor.channels import MENDING, VISIT_S, Http, World, identity
from monitor.channels._smtp import Server, TooLarge, deliver
from monitor.channels._smtp import visit as visit_server
from monitor.digests.render import Bodies
from monitor.digests.words import plain
from monitor.model import (
    MAIL,
    Answer,
    Barred,
    Edition,
    Message,
    NotSent,
    Recipient,
    Refused,
    Sent,
    Visited,
)

NAMED = False

_PORTS = {"starttls": 587, "implicit": 465, "none": 25}
# The plain subset of RFC 5321 §4.1.2: no quoting, no comments, only ASCII, so that nothing can
# hide in an address. Domains in other scripts are written in punycode.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(
    rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*\Z"
)
_NAMED_ADDRESS = re.compile(r'"?([^<>"]*?)"? *<([^<>]+)>')
_CUT = "\n\nThe rest is left out: this mail server accepts no larger mail.\n"
# Never folded on the wire: readers look for <...> in the raw line (D06).
_WHOLE = frozenset({"list-id", "list-unsubscribe", "list-unsubscribe-post", "message-id"})
_UNFOLDED = MAIL_POLICY.clone(max_line_length=998)


def check_address(address: str) -> str | None:
    """What is wrong with a mail address, for people; None if mail can be sent to it."""
    if not address.isascii():
        return "only ASCII is accepted: write a domain in another script as xn--..."
    if not _ADDRESS.match(address):
        return f"{plain(address)!r} is not a mail address like desk@example.org"
    return None


class Settings(BaseModel, extra="forbid", frozen=True, populate_by_name=True):
    """`[channels.email]`: the server that accepts our mail, and how we log in to it."""

    host: str = Field(min_length=1)
    port: int = Field(default=0, ge=0, le=65535)
    """0: the usual one for `tls` (587, 465 or 25)."""
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = Field(alias="from")
    """An address, or a name with one: `Watch desk <digest@example.org>`."""
    reply_to: str = ""
    ca_file: Path | None = None
    """Certificates (PEM) trusted besides the system's."""
    timeout_s: float = Field(default=60.0, gt=0)
    """For each step of the dialogue."""
    final_timeout_s: float = Field(default=600.0, gt=0)
    """For the reply to a whole message."""
    hostname: str = Field(default="", pattern=r"^[A-Za-z0-9.:\[\]-]*$")
    """What we call ourselves in EHLO; empty: the machine's own name."""

    @field_validator("host")
    @classmethod
    def _host_is_a_name(cls, value: str) -> str:
        name, _, port = value.partition(":")
        if port.isdigit():
            raise ValueError(f"the port stands in a key of its own: host = {name!r}, port = {port}")
        if not re.fullmatch(r"[A-Za-z0-9.:_-]+", value):
            raise ValueError(f"{plain(value)!r} is not a host name")
        return value

    @field_validator("sender", "reply_to")
    @classmethod
    def _address_is_sound(cls, value: str) -> str:
        if value:
            _person(value)
        return value

    @model_validator(mode="after")
    def _no_password_in_clear(self) -> Self:
        if self.user and self.tls == "none" and not _is_loopback(self.host):
            raise ValueError("a password is not sent without TLS, except to this machine")
        return self

    @property
    def address(self) -> str:
        """The sender's bare address, also that of the envelope."""
        return _person(self.sender).addr_spec

    @property
    def domain(self) -> str:
        """The sender's domain: ours in Message-ID and List-Id."""
        return self.address.rpartition("@")[2]


def render(
    edition: Edition, recipient: Recipient, settings: Settings, bodies: Bodies, now: datetime
) -> list[Message]:
    """One mail for one recipient: the same bytes for the same arguments.

    `now` is the Date, in the digest's zone. Raises ValueError for an address that
    `check_address` refuses.
    """
    if wrong := check_address(recipient.address):
        raise ValueError(wrong)
    mark = identity(edition, recipient)
    message = EmailMessage(policy=_POLICY)
    for name, value in _headers(edition, recipient, settings, mark, bodies.stop):
        message[name] = value
    message["Subject"] = plain(bodies.subject)
    message["Date"] = now.astimezone(ZoneInfo(edition.zone))
    _fill(message, bodies, mark)
    return [
        Message(
            recipient=recipient,
            id=str(message["Message-ID"]),
            subject=bodies.subject,
            content_type=MAIL,
            body=message.as_bytes(),
        )
    ]


async def send(message: Message, settings: Settings, world: World) -> Answer:
    """Hand the mail to the server. A password travels only inside verified TLS."""
    recipient = message.recipient.address
    if wrong := check_address(recipient):
        return Refused(wrong)
    try:
        server = await _server(settings)
    except OSError as error:  # ssl.SSLError is one
        return NotSent(f"cannot read ca_file: {error.strerror or error}", MENDING, channel=True)
    answer = await deliver(server, settings.address, recipient, message.body, world.hit)
    if not isinstance(answer, TooLarge):
        return answer
    short = shorter(message.body, answer.most)
    again = await deliver(server, settings.address, recipient, short, world.hit)
    if isinstance(again, Sent):
        return Sent(f"{again.receipt} (only the text: {answer.why})")
    return Refused(answer.why) if isinstance(again, Refused) else again


async def visit(settings: Settings, http: Http) -> Visited:
    """Connect, encrypt and log in as `send` does; nothing is sent."""
    try:
        server = await _server(settings)
    except OSError as error:
        return Visited(f"cannot read ca_file: {error.strerror or error}", Barred.TLS)
    hasty = replace(server, timeout_s=min(server.timeout_s, VISIT_S))
    return await visit_server(hasty, 3 * VISIT_S)


async def _server(settings: Settings) -> Server:
    """The server of the settings. Raises OSError if the certificates cannot be read."""
    return Server(
        host=settings.host,
        port=settings.port or _PORTS[settings.tls],
        tls=settings.tls,
        context=await asyncio.to_thread(_trust, settings.ca_file),
        user=settings.user,
        password=settings.password.get_secret_value(),
        hostname=settings.hostname or None,
        timeout_s=settings.timeout_s,
        final_timeout_s=settings.final_timeout_s,
    )


def shorter(content: bytes, most: int = 0) -> bytes:
    """The same mail with its text alone, cut between stories to `most` octets (0: not cut)."""
    mail = message_from_bytes(content, policy=MAIL_POLICY)
    part = mail.get_body(("plain",))
    text = part.get_content().replace("\r\n", "\n").rstrip() if part else ""
    pieces = re.split(r"\n(?=\n)", text)
    whole = _with_text(mail, f"{text}\n")
    if not most or len(whole) <= most or len(pieces) == 1:
        return whole

    def cut(kept: int) -> bytes:
        return _with_text(mail, "\n".join(pieces[:kept]) + _CUT)

    fitting = bisect_right(range(1, len(pieces)), most, key=lambda kept: len(cut(kept)))
    return cut(max(fitting, 1))


def _with_text(mail: EmailMessage, text: str) -> bytes:
    """A mail with the headers of another and this text."""
    short = EmailMessage(policy=_POLICY)
    for name, value in mail.items():
        if name.lower() not in ("content-type", "mime-version"):
            short[name] = value
    short.set_content(text, charset="utf-8", cte=_shorter(text))
    return short.as_bytes()


def anew(message: Message, settings: Settings, now: datetime) -> Message:
    """The same mail under another Message-ID, marked as sent again (RFC 5322 §3.6.6)."""
    left, _, domain = message.id.strip("<>").rpartition("@")
    mark = f"<{left.partition('.again-')[0]}.again-{now:%Y%m%d%H%M%S}@{domain}>"
    date = format_datetime(now)
    head = (
        f"Resent-From: {settings.address}\r\nResent-Date: {date}\r\nResent-Message-ID: {mark}\r\n"
    )
    body = message.body.replace(
        f"Message-ID: {message.id}\r\n".encode(), f"Message-ID: {mark}\r\n".encode(), 1
    )
    return replace(message, id=mark, body=head.encode() + body)


class _Policy(EmailPolicy):
    """The library's SMTP policy, with the headers of `_WHOLE` never folded or encoded."""

    def fold(self, name: str, value: Any) -> str:
        return str((_UNFOLDED if name.lower() in _WHOLE else MAIL_POLICY).fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        return (_UNFOLDED if name.lower() in _WHOLE else MAIL_POLICY).fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n")


def _headers(
    edition: Edition, recipient: Recipient, settings: Settings, mark: str, page: str
) -> list[tuple[str, str | Address]]:
    name = _slug(edition.regular)
    answers_to = _person(settings.reply_to or settings.sender).addr_spec
    stop = f"mailto:{quote(answers_to, safe='@')}?subject={quote(f'unsubscribe {name}')}"
    headers: list[tuple[str, str | Address]] = [
        ("From", _person(settings.sender)),
        ("To", recipient.address),
        ("Message-ID", f"<{_slug(edition.digest)}.{edition.number}.{mark}@{settings.domain}>"),
        ("List-Id", f"{_phrase(edition)}<{name}.digests.{settings.domain}>"),
        ("List-Unsubscribe", f"<{page}>, <{stop}>" if page else f"<{stop}>"),
        *([("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] if page else []),
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "bulk"),
        ("X-Auto-Response-Suppress", "All"),
    ]
    if settings.reply_to:
        headers.insert(2, ("Reply-To", _person(settings.reply_to)))
    return headers


def _person(text: str) -> Address:
    """An address alone, or a name with one in angle brackets; ValueError for anything else."""
    found = _NAMED_ADDRESS.fullmatch(text)
    name, address = (found[1], found[2]) if found else ("", text)
    if name != plain(name) or check_address(address):
        raise ValueError(check_address(address) or "a name must not contain control characters")
    return Address(display_name=name, addr_spec=address)


def _slug(text: str) -> str:
    """A name fit for the left side of an identifier (dot-atom, RFC 5322 §3.2.3)."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "digest"


def _phrase(edition: Edition) -> str:
    """The digest's title for List-Id; empty if it needs encoding, which would hide the id."""
    title = re.sub(r"[^A-Za-z0-9 -]", "", edition.title).strip()[:60]
    return f"{title} " if title and edition.title.isascii() else ""


def _fill(message: EmailMessage, bodies: Bodies, mark: str) -> None:
    """Add text, then HTML: readers show the last form they understand (RFC 2046 §5.1.4)."""
    message["MIME-Version"] = "1.0"
    message.make_alternative(boundary=f"=_{mark}")  # no encoded body has "=_"
    for subtype, body in (("plain", bodies.text), ("html", bodies.html)):
        part = EmailMessage(policy=MAIL_POLICY)
        part.set_content(body, subtype=subtype, charset="utf-8", cte=_shorter(body))
        del part["MIME-Version"]  # the whole mail has it
        message.attach(part)


def _shorter(body: str) -> Literal["quoted-printable", "base64"]:
    """The shorter of the two encodings that keep lines short and need no 8BITMIME (RFC 2045)."""
    raw = body.encode()
    return "quoted-printable" if len(encodestring(raw)) <= len(b64encode(raw)) else "base64"


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """A context that checks certificate and host name, by the system's roots and `ca_file`."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
