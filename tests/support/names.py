"""A name server on loopback that answers for TXT records: dnspython's messages, in the test's loop.

    async with Names({"harbour.example": ["v=spf1 -all"]}) as names:
        ...  # ask names.host, names.port

The ancestors of a name with records exist too, without records. Names in `fails` get SERVFAIL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Self

from dns import flags, message, rcode, rrset


class Names(asyncio.DatagramProtocol):
    """The server; an async context manager."""

    host = "127.0.0.1"

    def __init__(self, texts: Mapping[str, list[str]], fails: Iterable[str] = ()) -> None:
        """`texts`: name -> records in zone file format."""
        self.asked: list[str] = []
        self.port = 0
        self._texts = texts
        self._fails = set(fails)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(self.host, 0)
        )
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        question = message.from_wire(data)
        name = question.question[0].name.to_text(omit_final_dot=True)
        self.asked.append(name)
        answer = message.make_response(question)
        answer.flags |= flags.RA
        if name in self._fails:
            answer.set_rcode(rcode.SERVFAIL)
        elif texts := self._texts.get(name):
            answer.answer.append(rrset.from_text(f"{name}.", 60, "IN", "TXT", *texts))
        elif not any(known.endswith(f".{name}") for known in self._texts):
            answer.set_rcode(rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), addr)
