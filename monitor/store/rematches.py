"""Rematching what is kept after a watchlist was changed: its progress, and what it found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from monitor.model import Match
from monitor.store import rows
from monitor.store.articles import WITHOUT_STORY
from monitor.store.schema import articles, matches, rematches


def versions(connection: Connection) -> dict[str, str]:
    """Watchlist -> the version the archive was matched with; left out during a rematch."""
    whole = rematches.c.wanted == ""
    known = select(rematches.c.watchlist, rematches.c.version).where(whole)
    return {row.watchlist: row.version for row in connection.execute(known)}


def forget_others(connection: Connection, watchlists: Collection[str]) -> None:
    """Forget watchlists that no longer exist, so that one that comes back is matched again."""
    connection.execute(delete(rematches).where(rematches.c.watchlist.not_in(list(watchlists))))


def begin(connection: Connection, watchlist: str, version: str) -> int:
    """Start or resume a rematch; return the number of the last article already tried, or 0."""
    row = connection.execute(
        select(rematches.c.wanted, rematches.c.done).where(rematches.c.watchlist == watchlist)
    ).one_or_none()
    if row is not None and row.wanted == version:
        return int(row.done)
    values = {"wanted": version, "done": 0}
    statement = rows.insert(connection.dialect.name, rematches).values(
        watchlist=watchlist, version="", **values
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["watchlist"], set_=values))
    return 0


def record(
    connection: Connection,
    watchlist: str,
    found: Mapping[int, Match | None],
    now: datetime,
) -> int:
    """Write a watchlist's matches for some articles, and its progress; return how many are new.

    A new match is marked as found by matching again; an existing one keeps its time and mark; one
    that no longer holds is deleted. Repeating the call changes nothing more.
    """
    new = 0
    for article_id, match in found.items():
        mine = (matches.c.watchlist == watchlist) & (matches.c.article_id == article_id)
        if match is None:
            connection.execute(delete(matches).where(mine))
            continue
        values = rows.match_columns(match)
        if connection.execute(update(matches).where(mine).values(**values)).rowcount:
            continue
        connection.execute(
            matches.insert().values(article_id=article_id, matched=now, rematched=True, **values)
        )
        alone = (articles.c.id == article_id) & WITHOUT_STORY
        connection.execute(update(articles).where(alone).values(group_due=now))
        new += 1
    if found:
        of_list = rematches.c.watchlist == watchlist
        connection.execute(update(rematches).where(of_list).values(done=max(found)))
    return new


def end(connection: Connection, watchlist: str, version: str, now: datetime) -> None:
    """Record that the archive has been matched with this version."""
    connection.execute(
        update(rematches)
        .where(rematches.c.watchlist == watchlist, rematches.c.wanted == version)
        .values(version=version, wanted="", done=0, ended=now)
    )
