"""Values as JSON text, and errors as JSON values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict

from monitor.errors import MonitorError, SettingsError

LARGEST = 2**63 - 1
"""The largest number that databases hold, and so that anything of ours has."""
_NOT_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")


def as_json(value: Any) -> str:
    """Return one line of JSON, with terminal control characters escaped and times in ISO 8601."""
    text = json.dumps(value, ensure_ascii=False, default=_plain)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return _NOT_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        from monitor.model import utc_text  # not at the top: --help needs no room

        return utc_text(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Iterable):
        return list(value)
    return str(value)


class Mistake(TypedDict):
    """One mistake in the settings."""

    where: str
    """FILE:LINE."""
    what: str
    hint: str


class Error(TypedDict):
    """What went wrong."""

    code: str
    """One word for the kind of error."""
    message: str
    """What happened, and why."""
    where: str
    """The place in the input; empty if there is none."""
    hint: str
    """What to do about it."""
    mistakes: NotRequired[list[Mistake]]
    """All mistakes, if the settings are wrong."""


def error_as_json(error: MonitorError) -> Error:
    """Return {code, message, where, hint}, plus all `mistakes` of the settings."""
    message = f"{error.what}: {error.why}" if error.why else error.what
    told = Error(code=error.code, message=message, where=error.where, hint=error.hint)
    if isinstance(error, SettingsError):
        told["where"] = error.mistakes[0].where if error.mistakes else ""
        told["mistakes"] = [
            Mistake(where=one.where, what=one.what, hint=one.hint) for one in error.mistakes
        ]
    return told
