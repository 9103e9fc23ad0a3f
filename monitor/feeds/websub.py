"""WebSub: which hub a feed names, what to ask of it and when, and which of its messages to trust.

This is the subscriber of the W3C Recommendation (w3.org/TR/websub, 23 January 2018); numbers such
as (8.2) are its sections. An agreement with a hub is a `Push`; functions that change one return its
new state. Chance (token and secret) and time are passed in as values.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from monitor.feeds.text import absolute
from monitor.feeds.waits import retry_after
from monitor.model import Document, FetchFailed, Hub, Push, PushState, Response

ASKED_FOR: Final = timedelta(days=10)
"""How long a hub is asked to push: the default that the Recommendation suggests (8.2)."""
HOPS: Final = 3
"""Most hubs that are asked in one go, when each redirects us to the next (5.1.2)."""
_UNTOLD: Final = timedelta(days=1)
"""How long a hub is assumed to push if it does not say."""
_LONGEST: Final = timedelta(days=90)
_RENEWED_AT: Final = 0.7
"""Share of its time after which a push is renewed: the rest is a reserve if the hub is down."""
_FIRST_WAIT: Final = timedelta(minutes=10)
"""Shortest time between two requests to a hub about one feed."""
_LAST_WAIT: Final = timedelta(days=7)
"""Longest one, however often requests failed and whatever the hub asks for."""
_GOODBYES: Final = 3
"""Most requests to stop to a hub that does not accept them; after that, its push just runs out."""
_METHODS: Final = frozenset({"sha1", "sha256", "sha384", "sha512"})
_CHALLENGE: Final = re.compile(r"[\x21-\x7e]{1,500}")

# One link of a Link header (RFC 8288 §3). Possessive, so that no header costs quadratic time.
_LINK: Final = re.compile(
    r'<([^<>]*+)>((?:\s*+;\s*+[^\s=;,]++(?:\s*+=\s*+(?:"(?:[^"\\]|\\.)*+"|[^\s;,"]*+))?+)*+)'
)
_PARAMETER: Final = re.compile(r';\s*+([^\s=;,]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]*+))')


# ----------------------------------------------------------------------------- discovery


def hub_of(answer: Response, document: Document, feed_url: str) -> Hub:
    """The hub that a feed names in a Link header, else in the document (4).

    `Hub()` when it names none. Without a `rel="self"`, the topic is the feed's own address. For a
    feed that is asked over https, a hub is never spoken to in the clear: its http address is
    changed to https (8.2).
    """
    hubs, own = _linked(answer, "hub"), _linked(answer, "self")
    hub = next(iter((*hubs, *document.hubs)), "")
    if not hub:
        return Hub()
    if urlsplit(feed_url).scheme == "https" and hub.startswith("http:"):
        hub = "https:" + hub.removeprefix("http:")
    topic = next(iter((*own, document.self_url)), "") or feed_url
    return Hub(hub, topic)


def _linked(answer: Response, relation: str) -> list[str]:
    """The addresses for a relation in an answer's Link headers, in their order."""
    found: list[str] = []
    for name, value in answer.headers:
        if name != b"link":
            continue
        for target, rest in _LINK.findall(value.decode("utf-8", "replace")):
            if relation in _relations(rest):
                found.append(absolute(target, answer.url))
    return [address for address in found if address]


def _relations(parameters: str) -> list[str]:
    """The relations of a link; none when it is about another resource than the one asked."""
    stated: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(parameters):
        stated.setdefault(name.lower(), quoted or bare)
    return [] if "anchor" in stated else stated.get("rel", "").lower().split()


# -------------------------------------------------------------------------------- asking


def is_live(push: Push, now: datetime) -> bool:
    """Whether the hub has said that it pushes now."""
    return push.state is PushState.LIVE and push.until is not None and push.until > now


def ask(push: Push, address: str, token: str, secret: str, now: datetime) -> tuple[Push, str]:
    """The new state, and what to ask of the hub now: "subscribe", "unsubscribe" or "" (nothing).

    `address` is where we can be reached; `token` and `secret` are fresh, for a new agreement. The
    new state must be stored before the hub is asked, since the hub may verify at once. It already
    has the time of the next request, so that we ask no sooner even if we die meanwhile.
    """
    if push.state is PushState.LIVE and not is_live(push, now):
        push = replace(push, state=PushState.ASKED, why="it was not renewed in time")
    if not push.wanted:
        return _leave(push, now)
    elsewhere = push.state in (PushState.ASKED, PushState.LIVE) and push.address != address
    if push.state is PushState.DENIED or not (elsewhere or _is_due(push, now)):
        return push, ""
    if elsewhere or push.state not in (PushState.ASKED, PushState.LIVE):
        push = replace(push, state=PushState.ASKED, token=token, secret=secret, failures=0)
    return _asked(replace(push, address=address), now), "subscribe"


def _leave(push: Push, now: datetime) -> tuple[Push, str]:
    """Ask the hub to stop, if it pushes at all (P102)."""
    if push.state is PushState.LIVE:
        push = replace(push, state=PushState.LEAVING, failures=0)
        return _asked(push, now), "unsubscribe"
    if push.state is not PushState.LEAVING:
        # Never verified, or run out: a hub that tries to verify it now is refused.
        asked = push.state is PushState.ASKED
        return (_ended(push, now) if asked else push), ""
    if not _is_due(push, now):
        return push, ""
    if push.failures >= _GOODBYES or push.until is None or push.until <= now:
        return _ended(push, now), ""
    return _asked(push, now), "unsubscribe"


def _is_due(push: Push, now: datetime) -> bool:
    return push.due is not None and push.due <= now


def _ended(push: Push, now: datetime) -> Push:
    """The push, ended. It is due at once in case the feed ever wants it again."""
    return replace(push, state=PushState.ENDED, due=now, failures=0, why="")


def _asked(push: Push, now: datetime) -> Push:
    """The push after a request: each one doubles the wait for the next, until a verification."""
    count = push.failures + 1
    wait = min(_FIRST_WAIT * 2 ** min(count - 1, 20), _LAST_WAIT)
    return replace(push, asked=now, failures=count, due=now + wait)


def form(push: Push, mode: str) -> bytes:
    """The body of a request to the hub, application/x-www-form-urlencoded (5.1)."""
    stated = {
        "hub.callback": push.callback,
        "hub.mode": mode,
        "hub.topic": push.hub.topic,
    }
    if mode == "subscribe":
        stated["hub.lease_seconds"] = f"{ASKED_FOR.total_seconds():.0f}"
        stated["hub.secret"] = push.secret
    return urlencode(stated).encode("ascii")


def onward(url: str, answer: Response | FetchFailed) -> str:
    """The hub that a hub redirects us to (5.1.2); "" if it does not, or to http from https."""
    if not isinstance(answer, Response) or answer.status not in (307, 308):
        return ""
    try:
        there = urljoin(url, (answer.header("location") or b"").decode("utf-8", "replace").strip())
    except ValueError:
        return ""
    safe = there.startswith("https:") or urlsplit(url).scheme == "http"
    return there if safe and there != url else ""


def answered(push: Push, mode: str, answer: Response | FetchFailed, now: datetime) -> Push:
    """The push after the hub's answer to a request; it may have changed since that was sent."""
    taken = isinstance(answer, Response) and 200 <= answer.status < 300
    if mode == "unsubscribe":
        if push.state is not PushState.LEAVING:
            return push
        return _ended(push, now) if taken else _refused(push, answer, now)
    verified = push.verified and push.asked and push.verified >= push.asked
    if verified or push.state not in (PushState.ASKED, PushState.LIVE):
        return push
    if taken:
        return replace(push, why="the hub accepted the request and has yet to verify it")
    return _refused(push, answer, now)


def _refused(push: Push, answer: Response | FetchFailed, now: datetime) -> Push:
    """The push with the reason why the hub did not take a request, and any longer wait it wants."""
    if isinstance(answer, FetchFailed):
        wait = answer.retry_at - now if answer.retry_at else None
        why = f"{answer.kind}: {answer.why}"
    else:
        wait, why = retry_after(answer, now), f"the hub answered {answer.status}"
    due = push.due
    if due and wait:
        due = max(due, now + min(wait, _LAST_WAIT))
    return replace(push, due=due, why=why)


# ------------------------------------------------------------------------------ believing


def confirm(push: Push, query: Mapping[str, str], now: datetime) -> tuple[Push, str | None]:
    """The push after a hub's GET, and the body of our answer; None: 404, we did not ask (5.3).

    `query` holds the parameters of the address. A hub that denies a push (5.2) is answered with "".
    """
    mode = query.get("hub.mode", "")
    if query.get("hub.topic") != push.hub.topic:
        return push, None
    if mode == "denied":
        return _denied(push, now)
    challenge = query.get("hub.challenge", "")
    if not _CHALLENGE.fullmatch(challenge):
        return push, None
    if mode == "subscribe" and push.wanted and push.state in (PushState.ASKED, PushState.LIVE):
        return _verified(push, query.get("hub.lease_seconds", ""), now), challenge
    if mode == "unsubscribe" and push.state is PushState.LEAVING:
        return _ended(push, now), challenge
    if mode == "unsubscribe" and push.state is PushState.ENDED:
        return push, challenge
    return push, None


def _denied(push: Push, now: datetime) -> tuple[Push, str | None]:
    if push.state in (PushState.LEAVING, PushState.ENDED):
        return _ended(push, now), ""
    if push.state not in (PushState.ASKED, PushState.LIVE):
        return push, None
    return replace(push, state=PushState.DENIED, due=None, why="the hub refused it"), ""


def _verified(push: Push, seconds: str, now: datetime) -> Push:
    stated = timedelta(seconds=int(seconds)) if re.fullmatch(r"[0-9]{1,9}", seconds) else None
    span = min(stated or _UNTOLD, _LONGEST)
    return replace(
        push,
        state=PushState.LIVE,
        verified=now,
        until=now + span,
        due=now + max(span * _RENEWED_AT, _FIRST_WAIT),
        failures=0,
        why="",
    )


def is_genuine(push: Push, body: bytes, signature: str) -> bool:
    """Whether the hub signed this body with our secret; `signature` is X-Hub-Signature (7.1)."""
    method, _, stated = signature.strip().partition("=")
    if not push.secret or method.lower() not in _METHODS:
        return False
    made = hmac.new(push.secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(made.encode(), stated.lower().encode("utf-8", "replace"))


def takes(push: Push) -> bool:
    """Whether pushed documents are accepted; if not, the hub may be told that the push is over."""
    return push.wanted and push.state is PushState.LIVE


def key_of(token: str) -> str:
    """The hash by which a token is looked up, so that the time of a search does not reveal it."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
