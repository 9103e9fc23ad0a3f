"""The docs describe every setting and every command of the program, and nothing else."""

import re
import runpy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel, SecretStr

from monitor.channels import apprise, discord, email, feed, slack, teams, webhook
from monitor.cli.main import app
from monitor.cli.state import PANEL
from monitor.config import entries, sections

DOCS = Path(__file__).parents[3] / "docs"
MODELS: dict[str, type[BaseModel]] = {
    **{f"[{name}]": model for name, model in sections.SECTIONS.items()},
    '[hosts."NAME"]': sections.HostTable,
    '[sites."HOST"]': sections.SiteTable,
    "[channels.email]": email.Settings,
    "[channels.slack.NAME]": slack.Settings,
    "[channels.webhook.NAME]": webhook.Settings,
    "[channels.teams.NAME]": teams.Settings,
    "[channels.discord.NAME]": discord.Settings,
    "[channels.apprise.NAME]": apprise.Settings,
    "[channels.feed.NAME]": feed.Settings,
    "feeds.toml": entries.FeedTable,
    "watchlists/NAME.toml": entries.WatchlistTable,
    "digests.toml": entries.DigestTable,
}


def _chapters(name: str) -> dict[str, str]:
    """Heading -> the text under it, up to the next heading."""
    parts = re.split(r"^#+ (.+)$", (DOCS / name).read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _rows(text: str) -> dict[str, str]:
    """First cell -> second cell of the table in a chapter, without back-ticks."""
    cells = re.findall(r"^\| `([^`]+)`[^|]* \| ([^|]*) \|", text, flags=re.MULTILINE)
    return {key: value.strip("` ") for key, value in cells}


def _spelled(value: timedelta) -> str:
    """A length of time as the settings write it, such as "10m" or "1d"."""
    for unit, seconds in (("d", 86400), ("h", 3600), ("m", 60)):
        if value.total_seconds() % seconds == 0:
            return f"{value.total_seconds() / seconds:.0f}{unit}"
    return f"{value.total_seconds():.0f}s"


def _default(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=field.default_factory is dict)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value in ("", (), {}):
        return "none"
    if isinstance(value, timedelta):
        return _spelled(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("heading", MODELS)
def test_every_setting_is_told_with_its_default(heading: str) -> None:
    """docs/settings.md has exactly the keys that exist, each with its default."""
    model = MODELS[heading]
    written = _rows(_chapters("settings.md")[heading])
    keys = {field.alias or name: name for name, field in model.model_fields.items()}
    assert set(written) == set(keys)
    own_words = {("[store]", "url"), ("digests.toml", "watchlists")}
    for key, name in keys.items():
        if (heading, key) not in own_words:
            assert written[key] == _default(model, name), key


def _commands(command: Any, path: str) -> Iterator[tuple[str, set[str]]]:
    """(whole name, its own options) of every command, and of every noun that has options."""
    own = [one for one in command.params if getattr(one, "rich_help_panel", PANEL) != PANEL]
    options = {opt for one in own if one.param_type_name == "option" for opt in one.opts}
    nested = getattr(command, "commands", {})
    if (options and path != "monitor") or not nested:
        yield path, options
    for name, inner in nested.items():
        yield from _commands(inner, f"{path} {name}")


def test_every_command_is_told_with_its_options() -> None:
    """docs/commands.md has exactly the commands and options that exist."""
    chapters = _chapters("commands.md")
    written = {
        heading: {option.split()[0] for option in _rows(text)}
        for heading, text in chapters.items()
        if heading.startswith("monitor ")
    }
    assert written == dict(_commands(typer.main.get_command(app), "monitor"))


def test_who_receives_a_webhook_can_check_it_as_the_docs_say(tmp_path: Path) -> None:
    """The lines in the docs accept our signature, and no other body under it."""
    told = _chapters("settings.md")["[channels.webhook.NAME]"]
    check = tmp_path / "check.py"
    check.write_text(told.partition("```python\n")[2].partition("```")[0])
    secret, body = "an open secret", '{"title": "Größe"}'.encode()
    headers = {"webhook-id": "c0ffee", "webhook-timestamp": "1729240215"}
    stamped = webhook.sign(secret, *headers.values(), body)
    headers["webhook-signature"] = stamped.decode()

    def genuine(received: bytes) -> bool:
        given = {"headers": headers, "secret": secret, "body": received}
        return bool(runpy.run_path(str(check), given)["genuine"])

    assert genuine(body)
    assert not genuine(body + b" ")
