"""One SMTP dialogue for one message (RFC 5321), and what its outcome means.

The library's own `sendmail` cannot tell a connection lost before the text from one lost after its
final dot. That difference decides whether a message may be sent again, so the last steps are taken
one by one here.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import aiosmtplib
from aiohappyeyeballs import start_connection
from aiosmtplib import SMTPException, SMTPResponseException

from monitor.channels import MENDING, no_fault, words_of
from monitor.model import Answer, Barred, NotSent, Refused, Sent, Unknown, Visited

GREYLISTED = timedelta(minutes=5)
"""Servers that greylist unknown senders accept them after about this time."""
GOODBYE_S = 5.0
MOST_TRIED = 4
"""Most addresses of a server tried for one message."""
NEXT_S = 0.25
"""Seconds without a connection after which the next address is tried too (RFC 8305 §5)."""

_SIZE = re.compile(r"\b5\.(3\.4|2\.3)\b")
_OF_US = re.compile(
    r"\b(?:relay\w*|black\W?list\w*|block\W?list\w*|rbl|dnsbl|spam\w*|sender|policy|polic\w+|"
    r"authenticat\w+|spf|dkim|dmarc|reputation|your (?:host|server|ip|domain))\b",
    re.I,
)
"""Words of a refusal that concerns us or how we send, whatever its code."""
_ENHANCED = re.compile(r"\b5\.(\d)\.\d{1,3}\b")
_FULL = re.compile(r"\b5\.2\.2\b")
_SHUT_NOW = re.compile(r"\b4\.2\.[12]\b")
"""A mailbox closed or full for now (RFC 3463 §3.3); 4.2.0 is what greylisting servers say."""
_UNKNOWN_COMMAND = (500, 501, 502, 504)
_LINE_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)
_BROKEN = (SMTPException, OSError, UnicodeError)
"""Connection lost, silent or unintelligible: aiosmtplib's errors, those of TLS and sockets below
it, and those of host names that cannot be encoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Which server to talk to, and how."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    context: ssl.SSLContext
    user: str
    password: str
    hostname: str | None
    timeout_s: float
    final_timeout_s: float
    """How long the reply to the final dot may take; RFC 5321 §4.5.3.2.6 asks for 10 minutes."""


@dataclass(frozen=True, slots=True)
class _Shut:
    """Why we did not get in."""

    barred: Barred
    why: str
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class TooLarge(Refused):
    """Refused for its size alone: a shorter form may be accepted."""

    most: int = 0
    """Most octets the server accepts; 0: it did not say."""


async def deliver(
    server: Server,
    sender: str,
    recipient: str,
    content: bytes,
    hit: Callable[[str], None] = no_fault,
) -> Answer:
    """Hand one message to a server; `content` with CRLF line ends, dots not yet stuffed."""
    smtp = _client(server)
    try:
        shut = await _enter(smtp, server)
        closed = NotSent(shut.why, shut.wait, channel=bool(shut.wait)) if shut else None
        trouble = closed or await _address(smtp, sender, recipient, content)
        answer = trouble or await _hand_over(smtp, content, server.final_timeout_s, hit)
        if not isinstance(answer, Unknown):  # a server that fell silent will not answer QUIT either
            # The message's fate is settled: a failing QUIT changes nothing.
            with suppress(*_BROKEN):
                await smtp.quit(timeout=GOODBYE_S)
        return answer
    finally:
        smtp.close()


async def visit(server: Server, deadline_s: float) -> Visited:
    """Connect as for a message, then leave: EHLO, STARTTLS, AUTH, NOOP, QUIT."""
    smtp = _client(server)
    try:
        async with asyncio.timeout(deadline_s):
            if shut := await _enter(smtp, server):
                return Visited(shut.why, shut.barred)
            reply = await smtp.noop()
            with suppress(*_BROKEN):
                await smtp.quit(timeout=GOODBYE_S)
        return Visited(words_of(f"{reply.code} {reply.message}", server.password))
    except TimeoutError:
        return Visited(f"not finished in {deadline_s:g} s", Barred.REACH)
    except _BROKEN as error:
        return Visited(_why(error, server), Barred.REACH)
    finally:
        smtp.close()


def _client(server: Server) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=server.host,
        use_tls=server.tls == "implicit",
        start_tls=False,
        tls_context=server.context,
        timeout=server.timeout_s,
        local_hostname=server.hostname,
    )


async def _enter(smtp: aiosmtplib.SMTP, server: Server) -> _Shut | None:
    """Connect, encrypt, log in; None on success."""
    try:
        await smtp.connect(sock=await _connected(server), port=None)
        await _greet(smtp)
        if server.tls == "starttls":
            if not smtp.supports_extension("starttls"):
                why = "the server offers no STARTTLS, and clear text is refused"
                return _Shut(Barred.TLS, why, MENDING)
            await smtp.starttls(tls_context=server.context)
            await _greet(smtp)
        return await _log_in(smtp, server) if server.user else None
    except _BROKEN as error:
        barred = _barred(error.__cause__ or error)
        wait = MENDING if barred is Barred.TLS else None
        return _Shut(barred, _no_entry(error, server), wait)


async def _connected(server: Server) -> socket.socket:
    """A connection to one of the server's addresses, trying IPv6 and IPv4 alternately, each soon
    after the one before (RFC 8305): asyncio itself would wait out a dead address (F92).

    Raises OSError.
    """
    loop = asyncio.get_running_loop()
    look_up = loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    try:
        found = await asyncio.wait_for(look_up, server.timeout_s)
    except TimeoutError:
        raise OSError(f"{server.host}: no name server answered in time") from None
    except socket.gaierror as error:
        raise OSError(f"{server.host} does not resolve") from error
    kinds = dict.fromkeys(one[0] for one in found)
    tried = [
        one
        for kind in kinds
        for one in [each for each in found if each[0] == kind][: MOST_TRIED // len(kinds)]
    ]
    try:
        async with asyncio.timeout(server.timeout_s):
            return await start_connection(tried, happy_eyeballs_delay=NEXT_S)
    except OSError as error:
        # asyncio's own text is "Connect call failed ('192.0.2.1', 25)".
        why = os.strerror(error.errno).lower() if error.errno else str(error)
        why = why or "no connection in time"
        what = f"cannot connect to {server.host} on port {server.port}: {why}"
        raise OSError(what) from error


def _barred(error: BaseException) -> Barred:
    if isinstance(error, ssl.SSLError):
        return Barred.TLS
    return Barred.NAME if isinstance(error, socket.gaierror | UnicodeError) else Barred.REACH


async def _greet(smtp: aiosmtplib.SMTP) -> None:
    """Send EHLO; HELO only to a server that does not know EHLO (RFC 5321 §3.2), not to one that
    rejects us: then its answer to EHLO is the reason to report."""
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in _UNKNOWN_COMMAND:
            raise
        await smtp.helo()


async def _log_in(smtp: aiosmtplib.SMTP, server: Server) -> _Shut | None:
    """Try once with one method: a wrong password tried by every method locks accounts (F69)."""
    methods = {"plain": smtp.auth_plain, "login": smtp.auth_login, "cram-md5": smtp.auth_crammd5}
    method = next((use for name, use in methods.items() if name in smtp.server_auth_methods), None)
    if method is None:
        return _Shut(Barred.LOGIN, "the server offers no login method that we support", MENDING)
    try:
        await method(server.user, server.password)
    except aiosmtplib.SMTPAuthenticationError as error:
        why = f"login refused: {_why(error, server)}"
        return _Shut(Barred.LOGIN, why, MENDING if error.code >= 500 else None)
    return None


async def _address(
    smtp: aiosmtplib.SMTP, sender: str, recipient: str, content: bytes
) -> Answer | None:
    """Send the envelope, up to the server's invitation to send the text; None if it was given."""
    sized = smtp.supports_extension("size")
    most = smtp.esmtp_extensions.get("size", "")
    if most.isdigit() and 0 < int(most) < len(content):
        why = f"the message has {len(content):,} bytes, the server takes at most {int(most):,}"
        return TooLarge(why, most=int(most))
    try:
        await smtp.mail(sender, options=[f"SIZE={len(content)}"] if sized else [])
        await smtp.rcpt(recipient)
        invited = await smtp.execute_command(b"DATA")
    except aiosmtplib.SMTPSenderRefused as error:
        # Too large is this message's fault (RFC 1870); otherwise the settings must be fixed.
        if error.code == 552:
            return _refused(error.code, _why(error))
        lasting = error.code >= 500
        wait = MENDING if lasting else None
        return NotSent(f"sender refused: {_why(error)}", wait, channel=lasting)
    except aiosmtplib.SMTPRecipientRefused as error:
        why = _why(error)
        if error.code < 500:
            return NotSent(why, GREYLISTED, recipient=bool(_SHUT_NOW.search(why)))
        return Refused(why, recipient=_names_recipient(error.code, why))
    except _BROKEN as error:
        return NotSent(_why(error))
    if invited.code == 354:
        return None
    why = words_of(f"{invited.code} {invited.message}")
    return _refused(invited.code, why) if invited.code >= 500 else NotSent(why)


async def _hand_over(
    smtp: aiosmtplib.SMTP, content: bytes, timeout_s: float, hit: Callable[[str], None]
) -> Answer:
    """Send the text and final dot; from here on a lost connection leaves the outcome unknown."""
    if smtp.protocol is None:
        return NotSent("connection lost before the text")
    try:
        smtp.protocol.write(_LINE_WITH_DOT.sub(b"..", content) + b".\r\n")
        hit("send.data_sent")
        reply = await smtp.protocol.read_response(timeout=timeout_s)
    except _BROKEN as error:
        return Unknown(f"no answer after the text: {_why(error)}")
    words = words_of(f"{reply.code} {reply.message}")
    match reply.code // 100:
        case 2:
            return Sent(words)
        case 4:
            return NotSent(words, recipient=bool(_SHUT_NOW.search(words)))
        case 5:
            return _refused(reply.code, words)
        case _:
            return Unknown(f"not an answer of SMTP: {words}")


def _names_recipient(code: int, words: str) -> bool:
    """Whether the mailbox is refused, not we or how we send ("relaying denied")."""
    if _OF_US.search(words):
        return False
    found = _ENHANCED.search(words)
    if found:  # Exchange says 5.4.1 for unknown recipients; 5.1.7 and 5.1.8 concern the sender
        return found[0] == "5.4.1" or (found[1] in "12" and found[0] not in ("5.1.7", "5.1.8"))
    return code in (550, 551, 553)


def _refused(code: int, words: str) -> Refused:
    """A final refusal; `TooLarge` by RFC 3463's codes, or by 552 unless a full mailbox is named."""
    if _SIZE.search(words) or (code == 552 and not _FULL.search(words)):
        return TooLarge(words)
    return Refused(words)


def _no_entry(error: Exception, server: Server) -> str:
    """Why we did not get in; the library, which was given a socket, would say "port None"."""
    unmet = (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError)
    if isinstance(error, SMTPResponseException) or not isinstance(error, unmet):
        return _why(error, server)
    match error.__cause__:
        case aiosmtplib.SMTPServerDisconnected():
            how = "closed the connection without a greeting"
        case ssl.SSLError() as cause:
            how = f"and TLS could not be agreed on: {_plainly(cause)}"
        case _:
            how = "did not greet in time"
    return words_of(f"{server.host} on port {server.port} {how}")


def _why(error: Exception, server: Server | None = None) -> str:
    """The server's own words, if there were any."""
    if isinstance(error, SMTPResponseException):
        text = f"{error.code} {error.message}"
    else:
        text = _plainly(error) or type(error).__name__
    return words_of(text, server.password if server else "")


def _plainly(error: BaseException) -> str:
    """What an error says, without OpenSSL's code for it and the place in Python's sources."""
    return _OPENSSL.sub("", str(error))


_OPENSSL = re.compile(r"\[SSL[^\]]*\] | \(_ssl\.c:\d+\)")
