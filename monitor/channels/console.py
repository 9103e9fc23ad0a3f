"""The digest on standard output."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from monitor.channels import World, messages
from monitor.digests.render import Bodies
from monitor.model import Answer, Edition, Message, NotSent, Recipient, Sent

NAMED = False


class Settings(BaseModel, extra="forbid", frozen=True):
    """Nothing to set."""


def check_address(address: str) -> str | None:
    """The console has one reader: "console:" takes no address."""
    return "console: takes no address" if address else None


def render(
    edition: Edition, recipient: Recipient, settings: Settings, bodies: Bodies, now: datetime
) -> list[Message]:
    """The text edition."""
    return messages(edition, recipient, bodies.subject, "text/plain", [bodies.text.encode()])


async def send(message: Message, settings: Settings, world: World) -> Answer:
    """Print it. If the pipe is closed, the edition is not lost but printed next time."""
    try:
        world.write(message.body.decode() + "\n")
    except OSError as error:
        return NotSent(f"cannot write: {error.strerror or error}")
    return Sent("printed")
