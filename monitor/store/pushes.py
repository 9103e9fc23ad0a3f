"""Pushes: the agreements with the hubs that feeds name, and what must be asked of the hubs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    delete,
    or_,
    select,
    update,
)

from monitor.model import Hub, Push, PushState
from monitor.store import rows
from monitor.store.feeds import LASTING, POLLED
from monitor.store.schema import feeds, pushes

_PLAIN = (*("address", "token", "secret", "asked", "verified", "until", "due", "failures", "why"),)
"""Fields of `Push` that can change and are columns of the same name."""

WANTED = and_(POLLED, LASTING, pushes.c.named)
"""The condition under which a hub should push, defined once: the feed is polled and names it."""


def having(connection: Connection, feed_ids: Sequence[int]) -> set[int]:
    """Those feeds that have an agreement with a hub, in whatever state."""
    of_feed = pushes.c.feed_id
    found = rows.of_many(connection, select(of_feed), of_feed, feed_ids)
    return {row["feed_id"] for row in found}


def note(connection: Connection, feed_id: int, hub: Hub, now: datetime) -> None:
    """Record which hub a feed names, `Hub()` for none; a new hub is asked from now on.

    Finished agreements with other hubs are deleted, so that a feed which names a new hub each time
    does not fill the table; but a refusal by a hub is remembered.
    """
    mine = pushes.c.feed_id == feed_id
    over = pushes.c.state.in_((PushState.NAMED.value, PushState.ENDED.value))
    connection.execute(delete(pushes).where(mine, ~pushes.c.named, over))
    if not hub.url:
        connection.execute(update(pushes).where(mine, pushes.c.named).values(named=False))
        return
    this = and_(pushes.c.hub == hub.url, pushes.c.topic == hub.topic)
    known = connection.scalar(select(pushes.c.id).where(mine, this))
    if known is None:
        values = {"feed_id": feed_id, "hub": hub.url, "topic": hub.topic, "due": now}
        added = pushes.insert().values(**values).returning(pushes.c.id)
        known = connection.execute(added).scalar_one()
    is_named = case((pushes.c.id == known, True), else_=False)
    connection.execute(
        update(pushes).where(mine, pushes.c.named != is_named).values(named=is_named)
    )


def due(connection: Connection, address: str, now: datetime, limit: int = 100) -> list[int]:
    """Numbers of the agreements for which a hub must be asked or something settled now.

    `address`: our public address today; a hub that was told another one is asked again.
    """
    statement = (
        select(pushes.c.id)
        .join(feeds, feeds.c.id == pushes.c.feed_id)
        .where(
            or_(
                and_(WANTED, _open(address, now)),
                and_(~WANTED, pushes.c.state.in_((PushState.ASKED.value, PushState.LIVE.value))),
                and_(pushes.c.state == PushState.LEAVING.value, pushes.c.due <= now),
            )
        )
        .order_by(pushes.c.due, pushes.c.id)
        .limit(limit)
    )
    return list(connection.scalars(statement))


def _open(address: str, now: datetime) -> ColumnElement[bool]:
    """Whether a wanted agreement is due or has run out, or our address has changed."""
    state = pushes.c.state
    begun = state.in_((PushState.ASKED.value, PushState.LIVE.value))
    return and_(
        state != PushState.DENIED.value,
        or_(
            pushes.c.due <= now,
            and_(state == PushState.LIVE.value, pushes.c.until <= now),
            and_(begun, pushes.c.address != address),
        ),
    )


def get(connection: Connection, push_id: int) -> Push | None:
    """An agreement, locked against changes by others until the transaction ends."""
    statement = _all().where(pushes.c.id == push_id).with_for_update(of=pushes)
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else _push(row)


def of_key(connection: Connection, token_key: str) -> Push | None:
    """The agreement whose token has this key (`websub.key_of`)."""
    row = connection.execute(_all().where(pushes.c.token_key == token_key)).mappings().one_or_none()
    return None if row is None else _push(row)


def save(connection: Connection, push: Push, token_key: str) -> None:
    """Write the new state of an agreement."""
    values = {name: getattr(push, name) for name in _PLAIN}
    values |= {"state": push.state.value, "token_key": token_key or None}
    connection.execute(update(pushes).where(pushes.c.id == push.id).values(**values))


def is_live(connection: Connection, feed_id: int, now: datetime) -> bool:
    """Whether a hub has confirmed that it pushes this feed now."""
    live = (pushes.c.state == PushState.LIVE.value, pushes.c.until > now)
    statement = select(pushes.c.id).where(pushes.c.feed_id == feed_id, pushes.c.named, *live)
    return connection.scalar(statement.limit(1)) is not None


def received(connection: Connection, push_id: int, now: datetime, *, ignored: bool) -> None:
    """Count a document pushed under an agreement; `ignored`: it was not trusted, or unreadable."""
    count = {"ignored": pushes.c.ignored + 1} if ignored else {"received": pushes.c.received + 1}
    statement = update(pushes).where(pushes.c.id == push_id)
    connection.execute(statement.values(**count, last_received=now))


def forget(connection: Connection, now: datetime) -> None:
    """Drop all agreements without telling the hubs: none can reach us any more."""
    begun = (PushState.ASKED.value, PushState.LIVE.value, PushState.LEAVING.value)
    nothing = {"state": PushState.NAMED.value, "token": "", "token_key": None, "secret": ""}
    statement = update(pushes).where(pushes.c.state.in_(begun))
    connection.execute(statement.values(**nothing, failures=0, due=now))


def counts(connection: Connection) -> dict[str, int]:
    """How many agreements are in each state."""
    return rows.tally(connection, pushes.c.state)


def _all() -> Select[Any]:
    return select(pushes, WANTED.label("wanted")).join(feeds, feeds.c.id == pushes.c.feed_id)


def _push(row: Mapping[Any, Any]) -> Push:
    fixed = Push(
        id=row["id"],
        feed_id=row["feed_id"],
        hub=Hub(row["hub"], row["topic"]),
        wanted=bool(row["wanted"]),
        state=PushState(row["state"]),
    )
    return replace(fixed, **{name: row[name] for name in _PLAIN})
