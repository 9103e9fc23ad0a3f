"""Content-Encoding undone piece by piece, never more at a time than there is room for.

A two-megabyte answer can hold two gigabytes (S40, S41): so each decoder is asked for at most
`PIECE` bytes at once, and the sum is counted while it grows.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # ships no types

ACCEPTED = b"gzip, deflate, br"
"""Value of Accept-Encoding: exactly what can be undone here (P70)."""
_NOT_OFFERED = frozenset((b"zstd", b"compress", b"x-compress", b"dcb", b"dcz", b"exi"))
"""Other registered encodings (RFC 9110 §16.6.1): named when they come, for people to know why."""
PIECE = 2**18


class EncodingError(Exception):
    """The body cannot be decoded: unknown, more than one encoding, broken or cut."""


class TooLargeError(Exception):
    """The decoded body goes over the limit."""


class _Decoder(Protocol):
    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What these bytes decode to, in pieces of at most about `PIECE` bytes."""
        ...

    def finish(self) -> None:
        """Raise EncodingError if the stream is not complete."""
        ...


class _Plain:
    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        pass


class _Zlib:
    """gzip (RFC 1952, several members allowed) and deflate (RFC 1950, or raw RFC 1951)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._head = b""
        self._stream: zlib._Decompress | None = None
        self._plain = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None and not self._plain:
            self._head += data
            if len(self._head) < 2:
                return
            data, self._head = self._head, b""
            self._begin(data)
        if self._plain:
            yield data
            return
        while True:
            piece = self._step(data)
            yield piece
            data = self._rest()
            # A full piece may leave output inside zlib although all input is used.
            if not data and len(piece) < PIECE:
                return

    def finish(self) -> None:
        if self._plain or (self._stream is None and not self._head):
            return
        if self._stream is None or not self._stream.eof:
            raise EncodingError("the compressed body is cut short")

    def _begin(self, data: bytes) -> None:
        """Choose the form by the first two bytes."""
        if self._gzip:
            # Some servers name gzip and send plain bytes: those are read as they are (P92).
            self._plain = data[:2] != b"\x1f\x8b"
            self._stream = None if self._plain else zlib.decompressobj(16 + zlib.MAX_WBITS)
            return
        wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    def _step(self, data: bytes) -> bytes:
        assert self._stream is not None  # noqa: S101 - set by _begin before the first step
        try:
            return self._stream.decompress(data, PIECE)
        except zlib.error:
            raise EncodingError("the compressed body is broken") from None

    def _rest(self) -> bytes:
        """Input not yet used; a further gzip member gets a decoder of its own."""
        assert self._stream is not None  # noqa: S101 - set by _begin before the first step
        if not self._stream.eof:
            return self._stream.unconsumed_tail
        rest = self._stream.unused_data
        if self._gzip and rest[:2] == b"\x1f\x8b":
            self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
            return rest
        return b""  # padding after the end is common, and nothing


class _Brotli:
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        piece = self._step(data)
        yield piece
        # A full piece may leave output, or just the end mark, inside the decoder.
        while len(piece) >= PIECE or not self._stream.can_accept_more_data():
            piece = self._step(b"")
            yield piece

    def finish(self) -> None:
        if self._begun and not self._stream.is_finished():
            raise EncodingError("the compressed body is cut short")

    def _step(self, data: bytes) -> bytes:
        if self._stream.is_finished():
            return b""
        try:
            return bytes(self._stream.process(data, output_buffer_limit=PIECE))
        except brotli.error:
            raise EncodingError("the compressed body is broken") from None


def _decoder(encoding: bytes) -> _Decoder:
    names = [name.strip().lower() for name in encoding.split(b",")]
    names = [name for name in names if name not in (b"", b"identity")]
    match names:
        case []:
            return _Plain()
        case [b"gzip" | b"x-gzip"]:
            return _Zlib(gzip=True)
        case [b"deflate"]:
            return _Zlib(gzip=False)
        case [b"br"]:
            return _Brotli()
        case [name]:
            how = f"as {name.decode()}, which" if name in _NOT_OFFERED else "in a way that"
            raise EncodingError(f"the body is encoded {how} was not asked for")
        case _:
            raise EncodingError("the body is encoded more than once")


class Body:
    """A body taking shape: give it what arrives, then take the whole.

    `encoding` is the value of Content-Encoding (several values joined by commas); `limit` counts
    decoded bytes; with `cut` what goes over the limit is left off instead of refused.
    """

    def __init__(self, encoding: bytes, limit: int, *, cut: bool = False) -> None:
        self._decoder = _decoder(encoding)
        self._limit = limit
        self._cut = cut
        self._pieces: list[bytes] = []
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether nothing more is wanted."""
        return self._cut and self._size >= self._limit

    def expect(self, length: str) -> None:
        """Give up before anything is read if the announced length alone is over the limit.

        Raises:
            TooLargeError: it is.
        """
        if not self._cut and length.isdecimal() and int(length[:18]) > self._limit:
            raise self._too_large()

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"the body is longer than {self._limit:,} bytes")

    def feed(self, data: bytes) -> None:
        """Take in what arrived.

        Raises:
            EncodingError: it is broken.
            TooLargeError: the limit is passed.
        """
        for piece in self._decoder.pieces(data):
            self._size += len(piece)
            self._pieces.append(piece)
            if self.full:
                return
            if self._size > self._limit:
                raise self._too_large()

    def whole(self) -> bytes:
        """The complete body.

        Raises:
            EncodingError: the end is missing.
        """
        if not self.full:
            self._decoder.finish()
        whole = b"".join(self._pieces)
        return whole[: self._limit] if self._cut else whole
