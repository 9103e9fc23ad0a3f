"""Decoding of Content-Encoding, piece by piece, within bounded memory.

A two-megabyte answer can decode to two gigabytes (S40, S41), so each decoder is asked for at most
`PIECE` bytes at a time and the total is checked as it grows.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # ships no types

ACCEPTED = b"gzip, deflate, br"
"""Value of Accept-Encoding: exactly what can be decoded here (P70)."""
_NOT_OFFERED = frozenset((b"zstd", b"compress", b"x-compress", b"dcb", b"dcz", b"exi"))
"""Other registered encodings (RFC 9110 §16.6.1), named in the error if a server sends one."""
_NO_ENCODING = re.compile(
    rb"|identity|none|binary|[78]bit|us-ascii|utf-?(?:8|16)|(?:iso-?8859|windows|cp)-?\d{1,4}"
)
"""What names no encoding of a body: servers state a character set here by mistake (P92)."""
PIECE = 2**18
_BITE = 2**14
_MEMBER = b"\x1f\x8b"
"""The first bytes of every gzip member."""


class EncodingError(Exception):
    """The body cannot be decoded: unknown or multiple encodings, corrupt or truncated data."""


class TooLargeError(Exception):
    """The decoded body exceeds the limit."""


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
        """What has arrived so far of the two bytes that tell the format."""
        self._stream: zlib._Decompress | None = None
        self._plain = False
        self._ended = False
        """Whether a member has come to its end."""
        self._over = False
        """Whether all further input is ignored."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        # zlib copies the input left over by a member, so it is given little at a time (S40).
        for start in range(0, len(data), _BITE):
            yield from self._undone(data[start : start + _BITE])

    def _undone(self, data: bytes) -> Iterator[bytes]:
        while not self._over:
            if self._plain:
                yield data
                return
            if self._stream is None:
                data = self._begin(self._head + data)
                if not data:
                    return
                continue
            piece = self._step(self._stream, data)
            yield piece
            if self._stream.eof:
                data, self._stream, self._ended = self._stream.unused_data, None, True
                continue
            data = self._stream.unconsumed_tail
            # After a full piece, zlib may hold more output although all input is consumed.
            if not data and len(piece) < PIECE:
                return

    def finish(self) -> None:
        if self._stream is not None or (self._head and not self._ended):
            raise EncodingError("the compressed body is cut short")

    def _begin(self, data: bytes) -> bytes:
        """Choose the format by the first two bytes; empty: too few yet, or nothing to decode."""
        self._head = b""
        if self._ended and not (self._gzip and _MEMBER.startswith(data[:2])):
            self._over = True  # padding after the end is common and carries nothing
            return b""
        if len(data) < len(_MEMBER):
            self._head = data
            return b""
        if self._gzip:
            # Some servers declare gzip but send plain bytes, which are taken as they are (P92).
            self._plain = not data.startswith(_MEMBER)
            self._stream = None if self._plain else zlib.decompressobj(16 + zlib.MAX_WBITS)
            return data
        wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        return data

    @staticmethod
    def _step(stream: zlib._Decompress, data: bytes) -> bytes:
        try:
            return stream.decompress(data, PIECE)
        except zlib.error:
            raise EncodingError("the compressed body is broken") from None


class _Brotli:
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._begun = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        piece = self._step(data)
        yield piece
        # After a full piece the decoder may hold more output, or just the end mark.
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
    names = [name for name in names if not _NO_ENCODING.fullmatch(name)]
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
    """A body being received: feed it what arrives, then take the whole.

    `encoding` is the value of Content-Encoding (several values joined by commas); `limit` counts
    decoded bytes; with `cut` a body over the limit is cut instead of refused. Encoded bytes are
    limited too, to what any encoding needs for that many: an endless stream can decode to nothing.
    """

    def __init__(self, encoding: bytes, limit: int, *, cut: bool = False) -> None:
        self._decoder = _decoder(encoding)
        self._limit = limit
        self._cut = cut
        self._pieces: list[bytes] = []
        self._size = 0
        self._arrived = 0

    @property
    def full(self) -> bool:
        """Whether nothing more is wanted."""
        return self._cut and (self._size >= self._limit or self._endless)

    @property
    def _endless(self) -> bool:
        return self._arrived > self._limit + PIECE

    def expect(self, length: str) -> None:
        """Check the announced length before anything is read.

        Raises:
            TooLargeError: that length alone exceeds the limit.
        """
        if not self._cut and length.isdecimal() and int(length[:18]) > self._limit:
            raise self._too_large()

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"the body is longer than {self._limit:,} bytes")

    def feed(self, data: bytes) -> None:
        """Take in what arrived.

        Raises:
            EncodingError: the data is corrupt.
            TooLargeError: the limit is exceeded.
        """
        for piece in self._decoder.pieces(data):
            self._size += len(piece)
            self._pieces.append(piece)
            if self.full:
                return
            if self._size > self._limit:
                raise self._too_large()
        self._arrived += len(data)
        if self._endless and not self._cut:
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
