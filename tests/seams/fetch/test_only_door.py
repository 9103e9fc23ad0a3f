"""Only the client opens connections: no other module can reach the outside."""

from __future__ import annotations

import ast
from pathlib import Path

import monitor

HOME = Path(monitor.__file__).parent
OPENERS = {
    *("aiohttp", "httpcore", "httpx", "requests", "urllib3", "pycurl", "websockets"),
    *("ftplib", "http.client", "smtplib", "telnetlib", "urllib.request", "xmlrpc.client"),
    *("aiosmtplib", "apprise", "dns", "slack_sdk"),
}
CALLS = {
    *("open_connection", "create_connection", "sock_connect", "create_datagram_endpoint"),
    *("open_unix_connection", "create_unix_connection", "connect_ex", "sock_sendto", "sendto"),
    "socket.socket",
}
LISTENERS = {"aiohttp.web"}
"""Parts of these packages that wait to be asked."""
MAY = {
    "channels/_smtp.py": {"aiosmtplib", "sock_connect"},
    "channels/apprise.py": {"apprise"},
}
"""The doors beside the client: a mail server, and an optional library, of the operator's choice."""


def openers(source: str) -> set[str]:
    """Return the names in a module's source that can open a connection."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute) and node.attr in CALLS:
            found.add(node.attr)
        elif isinstance(node, ast.Call):
            found.add(ast.unparse(node.func))
            if "import" in ast.unparse(node.func):
                found |= {one.value for one in node.args if isinstance(one, ast.Constant)}
    found |= {name.rpartition(".")[2] for name in found if name.startswith(("socket.", "asyncio."))}
    found -= LISTENERS
    known = {opener for name in found for opener in OPENERS if f"{name}.".startswith(f"{opener}.")}
    return known | (found & CALLS)


def test_s08_no_module_outside_fetch_opens_a_connection() -> None:
    strays = {}
    for file in sorted(HOME.rglob("*.py")):
        name = file.relative_to(HOME).as_posix()
        if not name.startswith("fetch/"):
            strays[name] = openers(file.read_text("utf-8")) - MAY.get(name, set())
    assert {name: found for name, found in strays.items() if found} == {}


def test_the_search_finds_what_it_looks_for() -> None:
    assert openers("import httpx") == {"httpx"}
    assert openers("from urllib import request") == {"urllib.request"}
    assert openers("import asyncio\nasyncio.open_connection('h', 1)") == {"open_connection"}
    assert openers("from aiohttp import web") == set()
    assert openers("from aiohttp import ClientSession") == {"aiohttp"}
    assert openers("from socket import create_connection") == {"create_connection"}
    assert openers("import socket\nsocket.socket().connect(('h', 1))") == {"socket.socket"}
    assert openers("from asyncio import open_connection as o") == {"open_connection"}
    assert openers("from importlib import import_module\nimport_module('requests')") == {"requests"}
    assert openers("__import__('http.client')") == {"http.client"}
    assert openers("from urllib.parse import urlsplit\nimport http.server") == set()
