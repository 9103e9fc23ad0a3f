"""If a secret changes while messages wait, the next try uses the new one (S106)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select
from support.server import Script, Seen, Server, answer
from support.smtp import Sink
from support.values import article
from support.world import world

from monitor.channels import email, slack, webhook
from monitor.model import Assignment, Digest, Match, Recipient
from monitor.pipeline import deliver, publish
from monitor.store import Store, articles, outbox, schema, stories
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
OLD, NEW = "old-secret-0123456789", "new-secret-9876543210"
READER, PROGRAM, DESK = (
    Recipient("email", "reader@desk.example"),
    Recipient("webhook", "own"),
    Recipient("slack", "desk"),
)
DIGEST = Digest(
    name="desk", watchlists=("nato",), schedule="0 * * * *", recipients=(READER, PROGRAM, DESK)
)


class Settings:
    """Channel settings that all share one secret, which the test may change."""

    def __init__(self, server: Server, sink: Sink) -> None:
        self.secret = OLD
        self._server, self._sink = server, sink

    def __call__(self, recipient: Recipient) -> Any:
        match recipient.channel:
            case "email":
                mail = {"host": self._sink.host, "port": self._sink.port, "tls": "none"}
                own = {"user": "monitor", "password": self.secret, "from": "d@desk.example"}
                return email.Settings.model_validate(mail | own)
            case "webhook":
                url = self._server.url(f"/in/{self.secret}")
                return webhook.Settings.model_validate({"url": url, "secret": self.secret})
        hook = self._server.url(f"/services/{self.secret}")
        return slack.Settings.model_validate(
            {"webhook": hook, "api_base": self._server.url("/api")}
        )


def everything(connection: Connection) -> Iterator[str]:
    """Yield each value of each row as text."""
    for table in schema.metadata.sorted_tables:
        for row in connection.execute(select(table)):
            yield from map(str, row)


def one_match(connection: Connection, clock: FakeClock) -> None:
    told = article(1, first_seen=clock.now(), published=clock.now())
    new = articles.New(told, [Match("nato", 2.0, (), 0, "1")], False, clock.now())
    (added,) = articles.insert(connection, [new])
    assert added is not None
    alone = Assignment(article_id=added, story_id=None)
    stories.assign(connection, replace(told, id=added), alone, clock.now())


async def test_S106_a_new_secret_is_used_at_the_next_send_and_the_old_one_stands_nowhere(
    store: Store, clock: FakeClock
) -> None:
    """Mail password, webhook addresses and signing key are replaced, and echoes of them hidden."""

    def repeats(seen: Seen) -> Script:
        return answer(f"no entry with {OLD} at {seen.path}".encode(), status=403)

    async with Server() as server, Sink(login=("monitor", NEW)) as sink:
        server.on("*", repeats)
        settings = Settings(server, sink)
        async with world(store, clock, digests=[DIGEST], channel=settings) as parts:
            await publish.run(parts, await publish.due(parts, clock.now()), clock.now())
            clock.advance(60)
            await store.write(one_match, clock)
            clock.advance(timedelta(hours=1))
            await publish.run(parts, await publish.due(parts, clock.now()), clock.now())
            await deliver.run(parts, await deliver.due(parts, clock.now()), clock.now())
            assert (sink.mails, store.read_now(outbox.counts)) == ([], {"pending": 3})
            assert {seen.path for seen in server.requests} == {f"/in/{OLD}", f"/services/{OLD}"}
            before = len(server.requests)

            settings.secret = NEW
            server.on(f"/in/{NEW}", answer(b"ok"))
            server.on(f"/services/{NEW}", answer(b"ok"))
            clock.advance(timedelta(hours=2))
            await deliver.run(parts, await deliver.due(parts, clock.now()), clock.now())
        assert store.read_now(outbox.counts) == {"sent": 3}
        assert (len(sink.mails), len(sink.logins)) == (1, 2)
        later = {seen.path: seen for seen in server.requests[before:]}
    assert set(later) == {f"/in/{NEW}", f"/services/{NEW}"}
    posted = later[f"/in/{NEW}"]
    mark, stamp = (
        str((posted.header(f"webhook-{name}") or b"").decode()) for name in ("id", "timestamp")
    )
    assert posted.header("webhook-signature") == webhook.sign(NEW, mark, stamp, posted.body)
    kept = store.read_now(lambda connection: [*everything(connection)])
    assert kept
    assert [one for one in kept if OLD in one or NEW in one] == []
