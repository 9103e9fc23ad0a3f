"""Tests of the doors out run in asyncio, with certificates of their own."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

CERTS = Path(__file__).parent / "certs"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def certificate() -> Callable[[str], ssl.SSLContext]:
    """A server's side of TLS, with one of the certificates beside this file."""

    def load(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTS / f"{name}.pem")
        return context

    return load


@pytest.fixture
def authority() -> Path:
    """The authority that signed them."""
    return CERTS / "authority.pem"
