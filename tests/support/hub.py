"""A WebSub hub on loopback: records what it is asked; verifies and pushes when a test says so.

    hub = Hub(server)                       # answers server.url("/hub")
    ...                                     # the program asks it to push
    await hub.verify()                      # (200, b"challenge")
    await hub.push(rss(...))                # 202

Callbacks name the public address; `hub.reach` is where it is actually served.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import httpx
from support import plain
from support.server import Script, Seen, Server, answer

PUBLIC = "http://monitor.test"
CALLBACK = f"{PUBLIC}/websub/"


class Hub:
    """The hub at one path of a recording server."""

    def __init__(self, server: Server, path: str = "/hub") -> None:
        self.url = server.url(path)
        self.forms: list[dict[str, str]] = []
        """The requests as forms, in order."""
        self.status = 202
        self.reach = ""
        """The address at which the public one is actually served."""
        server.on(path, self._asked)

    def _asked(self, seen: Seen) -> Script:
        assert seen.method == "POST"
        assert seen.header("content-type") == b"application/x-www-form-urlencoded"
        self.forms.append(dict(parse_qsl(seen.body.decode(), strict_parsing=True)))
        return answer(status=self.status)

    @property
    def modes(self) -> list[str]:
        """The modes that were asked for, in order."""
        return [form["hub.mode"] for form in self.forms]

    async def verify(
        self, *, lease: float = 864_000, form: Mapping[str, str] | None = None, **changes: str
    ) -> tuple[int, bytes]:
        """Verify the last request (or `form`); `changes`: other values for "topic" and so on."""
        asked = form or self.forms[-1]
        query = {
            "hub.mode": asked["hub.mode"],
            "hub.topic": asked["hub.topic"],
            "hub.challenge": "challenge",
            "hub.lease_seconds": f"{lease:.0f}",
        } | {f"hub.{name}": value for name, value in changes.items()}
        got = await self.call("GET", asked["hub.callback"], params=query)
        return got.status_code, got.content

    async def push(
        self,
        body: bytes,
        *,
        form: Mapping[str, str] | None = None,
        method: str = "sha256",
        signature: str | None = None,
        content_type: str = "application/rss+xml",
    ) -> int:
        """Push a document, signed with the last request's secret; return the answer's status."""
        asked = form or next(one for one in reversed(self.forms) if "hub.secret" in one)
        made = hmac.new(asked["hub.secret"].encode(), body, method).hexdigest()
        stated = f"{method}={made}" if signature is None else signature
        headers = {"Content-Type": content_type} | ({"X-Hub-Signature": stated} if stated else {})
        got = await self.call("POST", asked["hub.callback"], content=body, headers=headers)
        return got.status_code

    async def call(self, method: str, url: str, **more: object) -> httpx.Response:
        """Call the program by its public address."""
        where = self.reach + url.removeprefix(PUBLIC)
        headers = {"Host": urlsplit(PUBLIC).netloc} | dict(more.pop("headers", {}))
        async with plain.client() as client:
            return await client.request(method, where, headers=headers, **more)
