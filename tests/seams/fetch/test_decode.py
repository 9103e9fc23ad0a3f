"""Bodies are decoded piece by piece and within their limit, or refused."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.answers import failed, good
from support.server import Server, answer, chunked

from monitor.fetch.decode import ACCEPTED, PIECE, Body, EncodingError, TooLargeError
from monitor.model import FailureKind, Request

MEGA = 2**20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


ENCODERS = {
    b"": bytes,
    b"identity": bytes,
    b"gzip": gzip.compress,
    b"X-GZIP": gzip.compress,
    b"deflate": zlib.compress,
    b" deflate ": raw_deflate,
    b"br": brotli.compress,
}


def decoded(encoding: bytes, data: bytes, *, limit: int = MEGA, step: int = 10**9) -> bytes:
    body = Body(encoding, limit)
    for start in range(0, len(data), step):
        body.feed(data[start : start + step])
    return body.whole()


@pytest.mark.parametrize("encoding", ENCODERS)
@settings(max_examples=25)
@given(data=st.binary(max_size=3000), step=st.integers(1, 999))
def test_p70_what_was_encoded_comes_back(encoding: bytes, data: bytes, step: int) -> None:
    assert decoded(encoding, ENCODERS[encoding](data), step=step) == data


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_bodies_around_the_size_of_a_piece_are_whole(encoding: bytes, size: int) -> None:
    data = b"x" * size
    assert decoded(encoding, ENCODERS[encoding](data)) == data


def test_gzip_of_several_members_and_padding() -> None:
    data = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 8
    assert decoded(b"gzip", data) == b"one two"
    assert decoded(b"gzip", data, step=1) == b"one two"


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br"])
def test_p92_a_cut_body_is_an_error(encoding: bytes) -> None:
    data = ENCODERS[encoding](b"a long text, told once " * 50)
    with pytest.raises(EncodingError):
        decoded(encoding, data[: len(data) // 2])


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br"])
def test_an_empty_body_is_empty_in_any_encoding(encoding: bytes) -> None:
    assert decoded(encoding, b"") == b""


def test_p92_plain_bytes_called_gzip_are_read_plainly() -> None:
    assert decoded(b"gzip", b"<rss/>") == b"<rss/>"
    assert decoded(b"gzip", b"<rss/>", step=1) == b"<rss/>"


@pytest.mark.parametrize("encoding", [b"deflate", b"br"])
def test_p92_plain_bytes_called_something_else_are_an_error(encoding: bytes) -> None:
    with pytest.raises(EncodingError):
        decoded(encoding, b"<rss><channel><title>plain</title></channel></rss>")


@pytest.mark.parametrize("stated", [b"UTF-8", b"utf8", b"iso-8859-1", b"none", b"binary", b"8bit"])
def test_p92_a_character_set_is_no_encoding(stated: bytes) -> None:
    """Browsers read what is stated so; a body that is encoded as well is still undone."""
    data = b"<rss><channel><title>plain</title></channel></rss>"
    assert decoded(stated, data) == data
    assert decoded(b"gzip, " + stated, ENCODERS[b"gzip"](data)) == data


@pytest.mark.parametrize("encoding", [b"zstd", b"compress", b"aes", b"gzip;q=1", b"\xff"])
def test_p70_an_unknown_encoding_is_an_error(encoding: bytes) -> None:
    with pytest.raises(EncodingError, match="not asked for") as caught:
        Body(encoding, MEGA)
    assert (encoding.decode("latin-1") in str(caught.value)) == (encoding in (b"zstd", b"compress"))


def test_p70_what_is_offered_is_what_can_be_undone() -> None:
    offered = {name.strip() for name in ACCEPTED.split(b",")}
    assert offered == {b"gzip", b"deflate", b"br"}
    for name in offered:
        assert decoded(name, ENCODERS[name](b"text")) == b"text"


@pytest.mark.parametrize("encoding", [b"gzip, gzip, gzip", b"gzip,br", b"br,identity,gzip"])
def test_s42_more_than_one_encoding_is_refused(encoding: bytes) -> None:
    with pytest.raises(EncodingError):
        Body(encoding, MEGA)


@pytest.mark.parametrize("encoding", [b"", b"gzip", b"deflate", b"br"])
def test_p90_the_limit_counts_decoded_bytes(encoding: bytes) -> None:
    data = ENCODERS[encoding](b"x" * 1000)
    assert len(decoded(encoding, data, limit=1000)) == 1000
    with pytest.raises(TooLargeError):
        decoded(encoding, data, limit=999)


def test_a_cut_body_keeps_the_first_bytes_only() -> None:
    body = Body(b"gzip", 10, cut=True)
    body.feed(gzip.compress(b"0123456789abcdef"))
    assert body.full
    assert body.whole() == b"0123456789"


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br"])
def test_s40_what_follows_the_end_of_a_body_is_not_kept(encoding: bytes) -> None:
    body = Body(encoding, 15 * MEGA)
    body.feed(ENCODERS[encoding](b"<rss/>"))
    noise = b"x" * PIECE
    tracemalloc.start()
    try:
        for _ in range(40):
            body.feed(noise)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert body.whole() == b"<rss/>"
    assert peak < MEGA


def test_s43_bytes_that_decode_to_nothing_end_at_the_limit() -> None:
    """The limit ends even empty deflate blocks (RFC 1951 §3.2.4), however many come."""
    nothing = b"\0\0\0\xff\xff" * 50_000
    body, start = Body(b"deflate", MEGA), Body(b"deflate", MEGA, cut=True)
    with pytest.raises(TooLargeError):
        for _ in range(8):
            body.feed(nothing)
    fed = 0
    while not start.full:
        start.feed(nothing)
        fed += len(nothing)
    assert start.whole() == b""
    assert fed < 2 * MEGA


def gzip_bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    zeros = bytes(MEGA)
    return b"".join(packer.compress(zeros) for _ in range(size // MEGA)) + packer.flush()


def zstd_bomb(size: int) -> bytes:
    """Return blocks of 128 KiB of one repeated byte, four bytes each (RFC 8878 §3.1.1)."""
    block = (128 * 1024 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x58" + block * (size // (128 * 1024))


def brotli_bomb(size: int) -> bytes:
    packer = brotli.Compressor(quality=5)
    zeros = bytes(MEGA)
    return b"".join(packer.process(zeros) for _ in range(size // MEGA)) + packer.finish()


def stacked_bomb(size: int) -> bytes:
    return gzip.compress(gzip_bomb(size))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("encoding", "bomb_of", "kind"),
    [
        ("gzip", gzip_bomb, FailureKind.TOO_LARGE),
        ("br", brotli_bomb, FailureKind.TOO_LARGE),
        ("gzip, gzip", stacked_bomb, FailureKind.ENCODING),
        ("zstd", zstd_bomb, FailureKind.ENCODING),
    ],
)
async def test_p91_s40_s41_a_bomb_is_stopped_with_little_memory(
    make_client, server: Server, encoding: str, bomb_of: Callable[[int], bytes], kind: FailureKind
) -> None:
    """200 MB in a small answer are cut off at 15 MB decoded, with less than 64 MB in use.

    Decoding what was not offered (zstd, one encoding inside another) is not even begun.
    """
    bomb = bomb_of(200 * MEGA)
    server.on("/bomb", answer(bomb, headers={"Content-Encoding": encoding}))
    client = await make_client(timeout_s=30.0)
    tracemalloc.start()
    try:
        answered = await client.get(Request(url=server.url("/bomb")))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    failed(answered, kind)
    assert peak < 64 * MEGA
    await server.closed()


@pytest.mark.anyio
async def test_p90_an_endless_body_is_ended_at_the_limit(make_client, server: Server) -> None:
    def endless():
        while True:
            yield b"x" * 10_000

    server.on("/endless", lambda _seen: chunked(endless()))
    client = await make_client(timeout_s=10.0, max_bytes=100_000)
    failure = failed(await client.get(Request(url=server.url("/endless"))), FailureKind.TOO_LARGE)
    assert 100_000 < failure.wire_bytes < 2 * MEGA
    await server.closed()


@pytest.mark.anyio
async def test_p90_a_request_may_ask_for_less_but_not_for_more(make_client, server: Server) -> None:
    client = await make_client(max_bytes=1000)
    server.on("/f", answer(b"x" * 1001))
    failed(await client.get(Request(url=server.url("/f"), max_bytes=9999)), FailureKind.TOO_LARGE)
    server.on("/f", answer(b"x" * 1000))
    good(await client.get(Request(url=server.url("/f"), max_bytes=9999)))
    failed(await client.get(Request(url=server.url("/f"), max_bytes=999)), FailureKind.TOO_LARGE)


@pytest.mark.anyio
async def test_p92_s42_on_the_wire(client, server: Server) -> None:
    """Wrong, cut, stacked and unknown encodings fail with a reason; plain bytes are read."""
    packed = gzip.compress(b"<rss/>" * 100)
    cases = {
        "/plain": ([("Content-Encoding", "gzip")], b"<rss/>", None),
        "/cut": ([("Content-Encoding", "gzip")], packed[:20], FailureKind.ENCODING),
        "/twice": ([("Content-Encoding", "gzip")] * 2, packed, FailureKind.ENCODING),
        "/zstd": ([("Content-Encoding", "zstd")], packed, FailureKind.ENCODING),
        "/not-modified": ([("Content-Encoding", "zstd")], b"", None),
    }
    for path, (headers, body, kind) in cases.items():
        status = 304 if path == "/not-modified" else 200
        server.on(path, answer(body, status, headers))
        answered = await client.get(Request(url=server.url(path)))
        assert failed(answered, kind).why if kind else good(answered).body == body, path
