"""Deliveries: messages, and what became of each."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from monitor.store.outbox import Listed


class DeliveryRow(TypedDict):
    """A message for one recipient, and how far it got."""

    id: int
    edition: str
    """Name of the digest and number of the edition, in one text."""
    digest: str
    number: int
    recipient: str
    """As written in digests.toml."""
    subject: str
    message_id: str
    part: int
    parts: int
    """How many messages make up the edition for this recipient."""
    state: str
    """pending, sending, sent, refused or expired."""
    attempts: int
    created: datetime | None
    due: datetime | None
    """When it will be tried next."""
    ended: datetime | None
    why: str
    """Why it was not sent, or is not sent yet."""
    receipt: str
    """What the far side answered when it took the message."""


def delivery_row(one: Listed) -> DeliveryRow:
    """Return a delivery as `monitor deliveries list --json` shows it."""
    delivery = one.delivery
    return DeliveryRow(
        id=delivery.id,
        edition=f"{one.digest} {one.number}",
        digest=one.digest,
        number=one.number,
        recipient=str(delivery.message.recipient),
        subject=delivery.message.subject,
        message_id=delivery.message.id,
        part=delivery.message.part,
        parts=delivery.message.parts,
        state=delivery.state.value,
        attempts=delivery.attempts,
        created=delivery.created,
        due=delivery.due,
        ended=one.ended,
        why=one.why,
        receipt=one.receipt,
    )
