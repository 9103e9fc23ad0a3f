"""The outbox: messages to be sent, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from monitor.model import (
    Answer,
    Delivery,
    DeliveryState,
    Died,
    Message,
    NotSent,
    Recipient,
    Refused,
    Sent,
)
from monitor.store import rows
from monitor.store.leases import FREE, Lease, free
from monitor.store.schema import attempts, deliveries, editions, holds

AT_A_TIME = 5
"""How many messages one channel sends at once, so as not to flood a server that was down."""
BY_HAND = "by hand"
"""The mark in `attempts` for a message a person made due again: tries are counted from there."""
OPEN = (DeliveryState.PENDING.value, DeliveryState.SENDING.value)


_EARLIER = deliveries.alias("earlier")
_OPEN_BEFORE = and_(
    _EARLIER.c.channel == deliveries.c.channel,
    _EARLIER.c.address == deliveries.c.address,
    _EARLIER.c.state.in_(OPEN),
    _EARLIER.c.id < deliveries.c.id,
)
_IS_OPEN = deliveries.c.due.is_not(None)
"""Open deliveries alone have a time at which they are tried (`audit` would tell)."""


FARTHEST = timedelta(days=2)
"""No try is put off for this long (a service may ask for a day). What is due later was put off by a
clock that ran ahead, and is due now (F35).
"""


def _has_come(now: datetime) -> ColumnElement[bool]:
    return or_(deliveries.c.due <= now, deliveries.c.due > now + FARTHEST)


_NONE_SHUT: Mapping[str, datetime] = MappingProxyType({})


def due(
    connection: Connection,
    now: datetime,
    only: Collection[int] | None = None,
    shut: Mapping[str, datetime] = _NONE_SHUT,
) -> list[int]:
    """Numbers of the deliveries to try now, longest due first, one per recipient.

    A channel has at most AT_A_TIME in progress, including those being sent, so a slow channel does
    not delay the others. `only`: only these numbers. `shut`: channels that took nothing until a
    person mends them, and when to ask again: with one message, as each may be a login refused.
    Nothing is due while sending is held.
    """
    if connection.scalar(select(exists().where(holds.c.ended.is_(None)))):
        return []
    claimed = func.sum(case((free(deliveries, now), 0), else_=1))
    channels = select(deliveries.c.channel, claimed.label("in_hand")).where(_IS_OPEN)
    found: list[tuple[datetime, int]] = []
    for row in connection.execute(channels.group_by(deliveries.c.channel)).all():
        room = _room(shut.get(row.channel), now) - row.in_hand
        if room > 0:
            found += _first(connection, row.channel, now, room, only)
    return [number for _, number in sorted(found)]


def _has_turn(channel: str) -> ColumnElement[bool]:
    """Whether a delivery of a channel is the first open one to its recipient.

    First published, first sent. To ask for each whether one is before it may take PostgreSQL the
    square of their number (F123).
    """
    of_channel = select(func.min(_EARLIER.c.id)).where(
        _EARLIER.c.channel == channel, _EARLIER.c.due.is_not(None)
    )
    return deliveries.c.id.in_(of_channel.group_by(_EARLIER.c.address))


def _first(
    connection: Connection, channel: str, now: datetime, room: int, only: Collection[int] | None
) -> list[tuple[datetime, int]]:
    """When the longest due deliveries of a channel were due, and their numbers; at most `room`."""
    statement = (
        select(deliveries.c.due, deliveries.c.id)
        .where(_has_turn(channel), _has_come(now), free(deliveries, now))
        .order_by(deliveries.c.due, deliveries.c.id)
    )
    if only is None:  # else the numbers may be more than a statement can hold
        statement = statement.limit(room)
    rows = connection.execute(statement)
    return [(row.due, row.id) for row in rows if only is None or row.id in only][:room]


def _room(shut_until: datetime | None, now: datetime) -> int:
    """How many messages a channel may have in progress."""
    if shut_until is None:
        return AT_A_TIME
    return int(shut_until <= now or shut_until > now + FARTHEST)


SHUT = "shut"
"""The answer in `attempts` for a recipient that refuses now although its channel works."""


def stuck(
    connection: Connection, before: datetime, now: datetime
) -> list[tuple[Recipient, datetime, str]]:
    """Deliveries made at `before` or earlier that were tried and wait for another try.

    Returns (recipient, when the message was made or made due again by hand, why it did not go),
    oldest first. Deliveries that are due do not count: nothing has tried them since, perhaps
    because the program was not running. Nor do those that, by the last answer, failed because of
    the recipient alone: they say nothing about its channel (F83).
    """
    columns = ("id", "channel", "address", "created", "why")
    statement = (
        select(*(deliveries.c[name] for name in columns))
        .where(
            deliveries.c.due > now,
            deliveries.c.state == DeliveryState.PENDING.value,
            deliveries.c.attempts > 0,
        )
        .order_by(deliveries.c.due, deliveries.c.id)
    )
    found = [
        (Recipient(row.channel, row.address), since, row.why)
        for row in connection.execute(statement).all()  # few; by `created`, SQLite would read all
        if (since := _earlier(connection, row.id).get("created", row.created)) <= before
        and _last_answer(connection, row.id) != SHUT
    ]
    return sorted(found, key=lambda one: one[1])


def _last_answer(connection: Connection, delivery_id: int) -> str:
    mine = attempts.c.delivery_id == delivery_id
    statement = select(attempts.c.answer).where(mine).order_by(attempts.c.id.desc()).limit(1)
    return connection.scalar(statement) or ""


def last_taken(
    connection: Connection, channel: str, address: str, after: datetime
) -> datetime | None:
    """When a channel last accepted a message, if that was later than `after`; else None.

    `address`: only messages to this address, unless it is empty.
    """
    mine = [deliveries.c.channel == channel, deliveries.c.state == DeliveryState.SENT.value]
    if address:
        mine.append(deliveries.c.address == address)
    found: datetime | None = connection.scalar(
        select(func.max(deliveries.c.ended)).where(*mine, deliveries.c.ended > after)
    )
    return found


def claim(connection: Connection, delivery_id: int, now: datetime, lease: Lease) -> Delivery | None:
    """Claim a delivery for sending; None if it is no longer due or another process has it.

    It is returned in the state in which it was found: SENDING means that the previous sender died.
    """
    mine = deliveries.c.id == delivery_id
    wanted = select(deliveries).where(mine, _has_come(now), free(deliveries, now))
    row = connection.execute(wanted.with_for_update(skip_locked=True)).mappings().one_or_none()
    if row is None:
        return None
    tries = row["attempts"] + 1
    connection.execute(
        update(deliveries)
        .where(mine)
        .values(state=DeliveryState.SENDING.value, attempts=tries, **lease.columns)
    )
    return replace(
        _delivery(row),
        attempts=tries,
        first_receipt=_first_receipt(connection, row) if row["part"] > 1 else "",
        **_earlier(connection, delivery_id),
    )


def _first_receipt(connection: Connection, row: Any) -> str:
    """The receipt for part 1 of the same edition to the same recipient."""
    same = ("edition_id", "channel", "address")
    first = and_(deliveries.c.part == 1, *(deliveries.c[name] == row[name] for name in same))
    return connection.scalar(select(deliveries.c.receipt).where(first)) or ""


def _earlier(connection: Connection, delivery_id: int) -> dict[str, Any]:
    """What earlier tries tell, counted since the message was last made due by hand."""
    mine = attempts.c.delivery_id == delivery_id
    tries = select(attempts.c.answer, attempts.c.at).where(mine).order_by(attempts.c.id)
    told: dict[str, Any] = {"doubted": False, "deaths": 0}
    for row in connection.execute(tries):
        if row.answer == BY_HAND:
            told = {"doubted": False, "deaths": 0, "created": row.at}
        told["doubted"] |= row.answer == "unknown"
        told["deaths"] += row.answer == "died"
    return told


def record(
    connection: Connection,
    delivery_id: int,
    answer: Answer,
    *,
    state: DeliveryState,
    due: datetime | None,
    now: datetime,
) -> None:
    """Write the result of one attempt and when the next one is due."""
    said = answer.receipt if isinstance(answer, Sent) else answer.why
    connection.execute(
        attempts.insert().values(
            delivery_id=delivery_id, at=now, answer=answer_name(answer), why=said
        )
    )
    ended = None if state.value in OPEN else now
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(
            state=state.value,
            due=due,
            **FREE,
            ended=ended,
            why="" if isinstance(answer, Sent) else said,
            receipt=said if isinstance(answer, Sent) else "",
        )
    )


def answer_name(answer: Answer) -> str:
    """The word for an answer in the table `attempts`."""
    if isinstance(answer, NotSent) and answer.recipient:
        return SHUT
    names: dict[type, str] = {Sent: "sent", NotSent: "not-sent", Refused: "refused", Died: "died"}
    return names.get(type(answer), "unknown")


def wait_alike(connection: Connection, channel: str, why: str) -> None:
    """Note why the deliveries of a channel wait that were not tried yet.

    Only those whose turn it is: the others wait for these, which `BEHIND` says. They may be many.
    """
    untried = (deliveries.c.attempts == 0) & (deliveries.c.why != why)
    pending = deliveries.c.state == DeliveryState.PENDING.value
    waits = update(deliveries).where(_has_turn(channel), pending, untried)
    connection.execute(waits.values(why=why))


def retry(
    connection: Connection, ids: Sequence[int], now: datetime
) -> tuple[list[int], dict[int, str]]:
    """Make deliveries due again that were not sent; return their numbers, and the states of those
    that are left as they are: sent, or claimed by a sender."""
    unsent = (DeliveryState.REFUSED.value, DeliveryState.EXPIRED.value, DeliveryState.PENDING.value)
    again: list[int] = []
    left: dict[int, str] = {}
    for chunk in rows.chunks(ids):
        mine, wanting = deliveries.c.id.in_(chunk), deliveries.c.state.in_(unsent)
        others = select(deliveries.c.id, deliveries.c.state).where(mine & ~wanting)
        left |= {row.id: row.state for row in connection.execute(others)}
        again += by_hand(connection, mine & wanting, "tried again by hand", now)
    return again, left


def resend(
    connection: Connection,
    edition_id: int,
    now: datetime,
    change: Callable[[Message], Message] | None = None,
) -> tuple[list[int], int]:
    """Make all deliveries of an edition due again, sent or not; return their numbers, and how many
    were left out.

    Those that a sender has claimed are left as they are: their fate is not known yet. Without
    `change` the same bytes are sent under the same Message-ID, so that a reader who already has
    them sees them once; with it, what it returns takes their place.
    """
    mine = deliveries.c.edition_id == edition_id
    ids = by_hand(connection, mine & free(deliveries, now), "sent again by hand", now)
    if change is not None:
        for one in of_edition(connection, edition_id):
            if one.delivery.id in ids:
                new = change(one.delivery.message)
                its = update(deliveries).where(deliveries.c.id == one.delivery.id)
                connection.execute(its.values(message_id=new.id, body=new.body))
    return ids, rows.how_many(connection, deliveries, mine) - len(ids)


def by_hand(
    connection: Connection, which: ColumnElement[bool], why: str, now: datetime
) -> list[int]:
    """Make deliveries due, and record that a person did so."""
    values = {"state": DeliveryState.PENDING.value, "due": now, "attempts": 0, "ended": None}
    statement = update(deliveries).where(which).values(**values).returning(deliveries.c.id)
    ids = sorted(connection.scalars(statement))
    marks = [{"delivery_id": one, "at": now, "answer": BY_HAND, "why": why} for one in ids]
    if marks:
        connection.execute(attempts.insert(), marks)
    return ids


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery with its edition, and how its last attempt ended."""

    delivery: Delivery
    digest: str
    number: int
    receipt: str
    ended: datetime | None
    behind: int | None = None
    """The open delivery to the same recipient that this one waits for; None if it is its turn."""
    lease_until: datetime | None = None
    """When it is free again, if a sender has claimed it."""

    @property
    def why(self) -> str:
        """Why it has not been sent; empty if it was, or is about to be."""
        return why_not_sent(self.delivery.why, self.behind, self.lease_until)


def why_not_sent(why: str, behind: int | None, lease_until: datetime | None) -> str:
    """The reason in words: that a sender has it, how the last attempt ended, or which delivery this
    one waits for."""
    if lease_until:
        until = f"{lease_until:%Y-%m-%d %H:%M} UTC"
        return f"is being sent; if its sender has died, it is looked at again after {until}"
    if why or behind is None:
        return why
    return f"waits for {behind}, which is for the same recipient"


def listing(
    connection: Connection, *, states: Sequence[str] | None = None, limit: int = 100
) -> list[Listed]:
    """Deliveries, newest first."""
    statement = _select(*deliveries.c).order_by(deliveries.c.id.desc()).limit(limit)
    if states is not None:
        statement = statement.where(deliveries.c.state.in_(states))
    return _listed(connection, statement)


def of_edition(connection: Connection, edition_id: int) -> list[Listed]:
    """The deliveries of one edition."""
    mine = _select(*deliveries.c).where(deliveries.c.edition_id == edition_id)
    return _listed(connection, mine.order_by(deliveries.c.id))


def get(connection: Connection, delivery_id: int) -> Listed | None:
    """One delivery, with its message."""
    found = _listed(connection, _select(*deliveries.c).where(deliveries.c.id == delivery_id))
    return next(iter(found), None)


def latest(connection: Connection, limit: int) -> list[Listed]:
    """Like `listing`, but without message bodies, as are the next three."""
    return _listed(connection, without_bodies().order_by(deliveries.c.id.desc()).limit(limit))


def to_whom(connection: Connection, edition_id: int, limit: int) -> list[Listed]:
    """The deliveries of one edition, in the order they were made."""
    mine = without_bodies().where(deliveries.c.edition_id == edition_id)
    return _listed(connection, mine.order_by(deliveries.c.id).limit(limit))


def waiting(connection: Connection, limit: int) -> list[Listed]:
    """Deliveries that are to be sent, longest due first."""
    open_ones = without_bodies().where(deliveries.c.due.is_not(None))
    return _listed(connection, open_ones.order_by(deliveries.c.due, deliveries.c.id).limit(limit))


def ended_unsent(connection: Connection, since: datetime, limit: int) -> list[Listed]:
    """Deliveries made since then that were refused or expired, newest first."""
    unsent = (DeliveryState.REFUSED.value, DeliveryState.EXPIRED.value)
    lately = without_bodies().where(deliveries.c.created >= since, deliveries.c.state.in_(unsent))
    newest = (deliveries.c.created.desc(), deliveries.c.id.desc())
    return _listed(connection, lately.order_by(*newest).limit(limit))


def _listed(connection: Connection, statement: Select[Any]) -> list[Listed]:
    return [listed(row) for row in connection.execute(statement).mappings()]


def _select(*columns: ColumnElement[Any]) -> Select[Any]:
    """Select these columns of deliveries, and what else `listed` needs."""
    return select(*columns, editions.c.digest, editions.c.number, BEHIND).join(
        editions, editions.c.id == deliveries.c.edition_id
    )


BEHIND = case(
    (
        deliveries.c.state.in_(OPEN),
        select(func.min(_EARLIER.c.id)).where(_OPEN_BEFORE).scalar_subquery(),
    ),
).label("behind")
"""The open delivery to the same recipient that one waits for; NULL if it is its turn, or has ended.
"""


def without_bodies() -> Select[Any]:
    """Select deliveries as `listed` needs them, without the message bodies, which are large."""
    columns = [column for column in deliveries.c if column.name != "body"]
    return _select(*columns, literal(b"").label("body"))


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries are in each state."""
    return rows.tally(connection, deliveries.c.state)


def _delivery(row: Any) -> Delivery:
    message = Message(
        recipient=Recipient(row["channel"], row["address"]),
        id=row["message_id"],
        subject=row["subject"],
        content_type=row["content_type"],
        body=bytes(row["body"]),
        part=row["part"],
        parts=row["parts"],
    )
    return Delivery(
        id=row["id"],
        edition_id=row["edition_id"],
        message=message,
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        due=row["due"],
        why=row["why"],
        created=row["created"],
    )


def listed(row: Any) -> Listed:
    """Make a Listed of a row: a delivery, its edition's digest and number, `behind`."""
    more = ("digest", "number", "receipt", "ended", "behind", "lease_until")
    return Listed(_delivery(row), *(row[name] for name in more))
