"""A Slack Web API on loopback: accepts and keeps messages, and reports its history.

async with Server() as server:
    slack = Slack(server)
    slack.lost = 1  # the next message is accepted, but the answer never comes
    ...  # post to server.url("/")
    assert [one["text"] for one in slack.messages] == [...]
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from support.server import HANG, Script, Seen, Server, answer


class Slack:
    """The state of a workspace with one bot."""

    def __init__(self, server: Server) -> None:
        self.messages: list[dict[str, Any]] = []
        """As posted, with the `ts` they were given, oldest first."""
        self.lost = 0
        """How many of the next messages are accepted without an answer."""
        self.scopes = {"chat:write", "channels:history", "metadata.message:read"}
        self.asked: list[dict[str, str]] = []
        """The requests for the history."""
        self.busy = 0
        """How many of the next requests for the history fail."""
        self.now = 1729231200.0
        """The time of the workspace's clock, which stands still."""
        self.page = 2
        """Messages in one answer of the history."""
        self.tokens = {"xoxb-made-up"}
        self.date = ""
        """The Date header of answers about tokens; none is sent if this is empty."""
        server.on("/api/auth.test", self._test)
        server.on("/api/chat.postMessage", self._take)
        server.on("/api/conversations.history", self._history)
        server.on("/api/conversations.replies", self._history)

    def _test(self, seen: Seen) -> Script:
        token = (seen.header("authorization") or b"").decode().removeprefix("Bearer ")
        if token not in self.tokens:
            return _said({"ok": False, "error": "invalid_auth"}, self.date)
        return _said({"ok": True, "team": "Harbour News", "user": "watch-bot"}, self.date)

    def _take(self, seen: Seen) -> Script:
        ts = f"{self.now:.0f}.{len(self.messages) + 1:06}"
        self.messages.append(json.loads(seen.body) | {"ts": ts})
        if self.lost:
            self.lost -= 1
            return (HANG,)
        return _said({"ok": True, "ts": ts, "channel": "C0123"})

    def _history(self, seen: Seen) -> Script:
        asked = {key: values[0] for key, values in parse_qs(seen.body.decode()).items()}
        self.asked.append(asked)
        if self.busy:
            self.busy -= 1
            return answer(b"", 503)
        if "channels:history" not in self.scopes:
            return _said({"ok": False, "error": "missing_scope"})
        thread = asked.get("ts")
        shown = [
            one if asked.get("include_all_metadata") == "true" else {"ts": one["ts"]}
            for one in sorted(self.messages, key=lambda one: str(one["ts"]), reverse=True)
            if float(one["ts"]) >= float(asked["oldest"])
            and one.get("thread_ts", one["ts"] if thread else None) == thread
        ]
        start = int(asked.get("cursor", 0))
        end = start + self.page
        more = str(end) if end < len(shown) else ""
        return _said(
            {
                "ok": True,
                "messages": shown[start:end],
                "response_metadata": {"next_cursor": more},
            }
        )


def _said(words: dict[str, Any], date: str = "") -> Script:
    headers = {"Content-Type": "application/json"} | ({"Date": date} if date else {})
    return answer(json.dumps(words).encode(), headers=headers)
