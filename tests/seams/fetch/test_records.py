"""TXT records are looked up at a real name server."""

from __future__ import annotations

import pytest
from support.names import Names

from monitor.fetch.records import TxtResolver
from monitor.model import Records

pytestmark = pytest.mark.anyio
TEXTS = {
    "harbour.example": ['"v=spf1 a:mail.harbour" ".example -all"', '"other"'],
    "s1._domainkey.harbour.example": ['"v=DKIM1; p=made-up"'],
}


async def test_D13_records_are_read_whole_and_what_is_not_there_is_told_apart() -> None:
    """Pieces are joined; a name that only has names below it exists (RFC 8020)."""
    async with Names(TEXTS, fails=["broken.example"]) as names:
        ask = TxtResolver(5, [names.host], names.port)
        found = await ask("harbour.example")
        assert found.texts == ("other", "v=spf1 a:mail.harbour.example -all")
        assert await ask("_domainkey.harbour.example") == Records()
        assert await ask("_dmarc.harbour.example") == Records(exists=False)
        broken = await ask("broken.example")
        assert broken == Records(trouble="the name servers fail to answer")


@pytest.mark.parametrize("name", ["a..example", "a" * 64 + ".example", "x." * 130])
async def test_D13_a_name_that_cannot_be_asked_for_is_an_answer_too(name: str) -> None:
    assert (await TxtResolver(5, ["127.0.0.1"])(name)).trouble


async def test_D13_a_silent_name_server_ends_in_time() -> None:
    class Silent(Names):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            """Leave the question unanswered."""

    async with Silent({}) as names:
        found = await TxtResolver(0.05, [names.host], names.port)("harbour.example")
    assert found == Records(trouble="no name server answers")
