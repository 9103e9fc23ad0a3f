"""Channel tests run in asyncio and use certificates of their own."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

CERTS = Path(__file__).parent / "certs"


@pytest.fixture
def certificate() -> Callable[[str], ssl.SSLContext]:
    """Return a function that makes a server's TLS context from one of the certificates here."""

    def load(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTS / f"{name}.pem")
        return context

    return load


@pytest.fixture
def authority() -> Path:
    """Return the certificate of the authority that signed them."""
    return CERTS / "authority.pem"
