"""A mail server on loopback that answers by script: aiosmtpd, in the test's loop.

    async with Sink(says={"RCPT": "450 4.7.1 come back later"}) as sink:
        ...  # send to sink.host, sink.port
        assert sink.mails == []

`says` maps a command (EHLO, MAIL, RCPT, DATA, QUIT) to its answer; DATA is answered after the final
dot, GREETING is what the server says first. `DROP` breaks the connection instead of answering,
`HANG` never answers.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, AnyStr, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

DROP = "drop"
HANG = "hang"
NO_STARTTLS = "no STARTTLS"


@dataclass(frozen=True)
class Mail:
    """A mail as the server accepted it: its envelope, and its text with dot-stuffing removed."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    user: str
    encrypted: bool


class _Scripted(SMTP):
    """Scripts what aiosmtpd's own hooks do not reach: the greeting, and a refusal of EHLO."""

    def __init__(self, sink: Sink, **options: Any) -> None:
        super().__init__(sink, **options)
        self._sink = sink
        self._greeted = False

    async def push(self, status: AnyStr) -> None:
        if not self._greeted:
            self._greeted = True
            if said := self._sink.says.get("GREETING"):
                await super().push(await self._sink.said(said, self))
                return
        await super().push(status)

    async def smtp_EHLO(self, hostname: str) -> None:
        if said := self._sink.says.get("EHLO"):
            self._sink.commands.append("EHLO")
            await self.push(await self._sink.said(said, self))
        else:
            await super().smtp_EHLO(hostname)


class Sink:
    """The server; an async context manager."""

    host = "localhost"

    def __init__(
        self,
        *,
        says: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        login: tuple[str, str] | None = None,
        strip_starttls: bool = False,
        size: int = 33_554_432,
    ) -> None:
        self.mails: list[Mail] = []
        """Mails accepted, or that would have been if the script had allowed the answer."""
        self.commands: list[str] = []
        self.logins: list[tuple[str, str, bool]] = []
        """(user, mechanism, whether TLS was on) of every attempt."""
        self.port = 0
        self.says = dict(says or {})
        """The script, which may be changed at any time."""
        self._login = login
        self._strip = strip_starttls
        self._implicit = tls if implicit else None
        self._options: dict[str, Any] = {
            "hostname": "sink.test",
            "data_size_limit": size,
            "tls_context": None if implicit else tls,
            "auth_require_tls": tls is not None and not implicit,
            "authenticator": self._authenticate if login else None,
        }
        self._protocols: list[SMTP] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def take() -> SMTP:
            protocol = _Scripted(self, loop=loop, **self._options)
            self._protocols.append(protocol)
            return protocol

        self._server = await loop.create_server(take, "127.0.0.1", 0, ssl=self._implicit)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for protocol in self._protocols:
            if protocol.transport:
                protocol.transport.abort()
        await self._server.wait_closed()

    # ---------------------------------------------------------- hooks of aiosmtpd

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        session.host_name = name
        return [line for line in lines if not (self._strip and "STARTTLS" in line)]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._said("MAIL", server)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._said("RCPT", server)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        user = session.login_data.decode() if session.login_data else ""
        self.mails.append(
            Mail(
                envelope.mail_from or "",
                tuple(envelope.rcpt_tos),
                envelope.content,
                user,
                session.ssl is not None or self._implicit is not None,
            )
        )
        return await self._said("DATA", server)

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self._said("QUIT", server, "221 2.0.0 bye")

    async def _said(self, command: str, server: SMTP, usual: str = "250 2.0.0 ok 4711") -> str:
        self.commands.append(command)
        return await self.said(self.says.get(command, usual), server)

    async def said(self, answer: str, server: SMTP) -> str:
        """Return the answer, unless it means that none comes."""
        if answer == DROP:
            server.transport.abort()
        if answer in (DROP, HANG):
            await asyncio.Event().wait()  # until the connection ends
        return answer

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        user, password = data.login.decode(), data.password.decode()
        encrypted = session.ssl is not None or self._implicit is not None
        self.logins.append((user, mechanism, encrypted))
        good = (user, password) == self._login
        message = None if good else "535 5.7.8 bad credentials"
        return AuthResult(success=good, handled=False, message=message, auth_data=data.login)
