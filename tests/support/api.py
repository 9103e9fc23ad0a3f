"""A client of the API that checks each answer against the document that describes it.

async with api(parts) as client:
    told = await client.get("/entries?limit=2")      # the JSON of a good answer
    error = await client.refused(400, "/entries?x=1")
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import SecretStr
from support.site import MAX_BYTES

from monitor.config.sections import WebSection
from monitor.pipeline.parts import Parts
from monitor.shapes.plain import as_json
from monitor.web.api.document import BASE, document
from monitor.web.api.operations import OPERATIONS, Operation
from monitor.web.site import site

TOKEN = "only-for-the-desk-0123456789"
WEB = WebSection(enabled=True, port=0, api_token=SecretStr(TOKEN))
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@cache
def described() -> Mapping[str, Any]:
    """The document as it is sent, except that shapes may have no keys other than those named."""
    told = copy.deepcopy(json.loads(as_json(document())))
    for shape in told["components"]["schemas"].values():
        shape["additionalProperties"] = False
    found: Mapping[str, Any] = told
    return found


def operation_of(path: str) -> Operation:
    """The operation that answers at a path below /api/v1."""
    bare = path.partition("?")[0]
    for one in OPERATIONS:
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", one.path), bare):
            return one
    raise AssertionError(f"nothing answers at {path}")


@cache
def _validator(path: str, status: str) -> Draft202012Validator:
    answer = described()["paths"][path]["get"]["responses"][status]
    schema = answer["content"]["application/json"]["schema"]
    whole = {"components": described()["components"], **schema}
    return Draft202012Validator(whole, format_checker=FormatChecker())


def hold_against(value: Any, path: str, status: int = 200) -> None:
    """Raise when an answer is not as the document describes it."""
    _validator(operation_of(path).path, str(status)).validate(value)


class Client:
    """An API client that sends the token."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def get(self, path: str, **more: Any) -> Any:
        """Return the JSON of an answer, asserting that it is good and as described."""
        got = await self.http.get(BASE + path, **more)
        assert got.status_code == 200, (path, got.text)
        assert got.headers["content-type"] == "application/json"
        hold_against(got.json(), path)
        return got.json()

    async def refused(self, status: int, path: str) -> dict[str, Any]:
        """Return the error of an answer, asserting that it has this status."""
        got = await self.http.get(BASE + path)
        assert got.status_code == status, (path, got.text)
        told = got.json()
        hold_against(told, path, status)
        error: dict[str, Any] = told["error"]
        return error

    async def pages(self, path: str) -> AsyncIterator[list[Any]]:
        """Yield the rows of one page after the other, as long as there are any."""
        noun = path.strip("/").partition("?")[0].replace("search", "articles")
        following: str | None = BASE + path
        while following is not None:
            told = await self.get(following.removeprefix(BASE))
            if not told[noun]:
                return
            yield told[noun]
            following = told["next"]

    async def rows(self, path: str) -> list[Any]:
        """The rows of all pages."""
        return [row async for page in self.pages(path) for row in page]


@asynccontextmanager
async def api(parts: Parts, web: WebSection = WEB) -> AsyncIterator[Client]:
    """Yield a client for the site of these parts; it sends the token."""
    app = httpx.ASGITransport(site(parts, web, MAX_BYTES), raise_app_exceptions=False)
    base = "http://localhost"
    async with httpx.AsyncClient(transport=app, base_url=base, headers=SHOWN) as http:
        yield Client(http)


def texts(value: Any) -> Iterator[str]:
    """Yield every text inside a JSON value, including keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from texts(one)
