"""WebSub as functions: which hub a feed names, what is asked of it when, what is believed."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.polls import NOW, SETTINGS, URL, after, document, entry, polling, response

from monitor.feeds import decide, websub
from monitor.feeds.decide import Known, content_hash
from monitor.feeds.pace import next_poll
from monitor.feeds.read import read
from monitor.model import (
    FailureKind,
    FetchFailed,
    Hub,
    Outcome,
    OutcomeKind,
    Push,
    PushState,
)

HUB = Hub("https://hub.test/", URL)
ADDRESS = "https://monitor.test/websub/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WANTS = {"hub.mode": "subscribe", "hub.topic": URL, "hub.challenge": "abc"}


def push(state: PushState = PushState.NAMED, **changes: object) -> Push:
    """An agreement as it is in that state, with changes."""
    begun = {} if state is PushState.NAMED else {"token": "T", "secret": "S", "address": ADDRESS}
    live = {"until": NOW + 10 * DAY} if state in (PushState.LIVE, PushState.LEAVING) else {}
    return Push(
        **{"id": 1, "feed_id": 1, "hub": HUB, "state": state, "due": NOW, **begun, **live} | changes
    )


def asked(before: Push, now: object = NOW) -> tuple[Push, str]:
    return websub.ask(before, ADDRESS, "fresh", "secret", now)


# ----------------------------------------------------------------------------- discovery

ATOM = (
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>'
    b'<link rel="hub" href="/hub"/><link rel="hub" href="https://second.test/"/>'
    b'<link rel="self" href="/self"/>'
    b'<entry><id>1</id><title>x</title><link rel="hub" href="https://evil.test/"/></entry></feed>'
)
RSS = (
    b'<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>t</title>'
    b'<a:link rel="hub" href="https://hub.test/"/><a:link href="https://feed.test/own" rel="self"/>'
    b'<item><title>x</title><a:link rel="hub" href="https://evil.test/"/></item></channel></rss>'
)
JSON = (
    b'{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[],'
    b'"feed_url":"https://feed.test/own","hubs":[{"type":"rssCloud","url":"https://other.test/"},'
    b'{"type":"WebSub","url":"https://hub.test/"}]}'
)


@pytest.mark.parametrize(
    ("body", "hub"),
    [
        (ATOM, Hub("https://feed.test/hub", "https://feed.test/self")),
        (RSS, Hub("https://hub.test/", "https://feed.test/own")),
        (JSON, Hub("https://hub.test/", "https://feed.test/own")),
        (b"<rss version='2.0'><channel><title>t</title></channel></rss>", Hub()),
    ],
)
def test_p100_the_hub_that_a_document_names(body: bytes, hub: Hub) -> None:
    """Only the feed's own links count: those of an entry are somebody else's words."""
    assert websub.hub_of(response(), read(body, "", URL), URL) == hub


@pytest.mark.parametrize(
    ("header", "hub"),
    [
        ('<https://h.test/>; rel="hub"', Hub("https://h.test/", "https://feed.test/own")),
        (
            '</hub>; rel=hub, </s?a=1,2>; rel="self"',
            Hub("https://feed.test/hub", "https://feed.test/s?a=1,2"),
        ),
        (
            '<https://h.test/>; title="a, \\"b\\" <x>; rel=no"; REL="x HUB"',
            Hub("https://h.test/", "https://feed.test/own"),
        ),
        ('<https://h.test/>; rel="hub"; anchor="#x"', HUB),
        ('<https://h.test/>; rel="next"; rel="hub"', HUB),
        ('<javascript:alert(1)>; rel="hub"', HUB),
        ('https://h.test/; rel="hub"', HUB),
        ("", HUB),
    ],
)
def test_p100_the_header_goes_before_the_document(header: str, hub: Hub) -> None:
    """A link of RFC 8288 counts unless it is malformed, of another scheme or of another context."""
    named = replace(HUB, topic="https://feed.test/own")
    expected = named if hub is HUB else hub
    assert websub.hub_of(response(link=header), read(RSS, "", URL), URL) == expected


def test_p100_a_feed_over_https_speaks_to_no_hub_in_the_clear() -> None:
    """An https feed's hub is asked over https, whatever is advertised; a plain feed's as stated."""
    named = document(hubs=("http://hub.test/",))
    assert websub.hub_of(response(), named, URL) == Hub("https://hub.test/", URL)
    plain = URL.replace("https", "http")
    assert websub.hub_of(response(), named, plain) == Hub("http://hub.test/", plain)


@given(st.text(alphabet='<>;,="\\ relhubx/:', max_size=200))
def test_any_link_header_is_read(header: str) -> None:
    """No header raises; what is found is an address of the web."""
    found = websub.hub_of(response(link=header), document(), URL)
    assert found == Hub() or found.url.startswith("http")


@pytest.mark.parametrize("piece", ["<", "<a", "<a>;", "<a>; x", '<a>; x="', "<a>;  ", ", "])
def test_a_long_hostile_link_header_costs_little(piece: str) -> None:
    """A header of 64 KiB, the longest head that is read, names no hub and takes no time."""
    header = piece * (65_536 // len(piece))
    assert websub.hub_of(response(link=header), document(), URL) == Hub()


def test_p100_an_index_that_was_not_modified_keeps_its_hub() -> None:
    """Its sitemaps are read meanwhile; its answer need not repeat who its hub is."""
    asked = polling(last_success=NOW)
    index = document(kind="sitemap", format="sitemapindex", follow=("/news.xml",))
    assert after(asked, response(304), index).hub is None
    assert after(asked, response(200), index).hub == Hub()


def test_p100_only_a_document_read_to_its_end_says_what_the_hub_is() -> None:
    """304, the same bytes, a failure and a cut document say nothing; a whole one may name none."""
    linked = {"link": '<https://h.test/>; rel="hub"'}
    kept = polling(body_hash="x", last_success=NOW)
    assert after(kept, response(304, **linked)).hub is None
    assert after(kept, response(200, **linked)).hub is None
    assert after(kept, response(500, **linked)).hub is None
    assert after(kept, response(**linked), document(entry("a"), complete=False)).hub is None
    assert after(kept, response(**linked), document(entry("a"))).hub == Hub("https://h.test/", URL)
    assert after(kept, response(), document(entry("a"))).hub == Hub()


# -------------------------------------------------------------------------------- asking


def test_p100_a_named_hub_is_asked_with_a_token_and_a_secret() -> None:
    """The request has the Recommendation's form; the stored state lets the hub verify at once."""
    now_on, mode = asked(push())
    assert (mode, now_on.state, now_on.asked) == ("subscribe", PushState.ASKED, NOW)
    assert parse_qs(websub.form(now_on, mode).decode(), strict_parsing=True) == {
        "hub.callback": [ADDRESS + "fresh"],
        "hub.mode": ["subscribe"],
        "hub.topic": [URL],
        "hub.lease_seconds": ["864000"],
        "hub.secret": ["secret"],
    }
    assert websub.confirm(now_on, WANTS, NOW)[1] == "abc"


def test_s45_what_is_shown_of_an_agreement_holds_no_secret() -> None:
    """The repr of an agreement, which a log line or a traceback may show, has no secret."""
    assert "hush" not in repr(push(PushState.LIVE, token="hush", secret="hush"))


def test_p100_a_hub_that_does_not_answer_is_asked_less_and_less() -> None:
    """The waits double from 10 minutes to 7 days, always with the same token."""
    one, waits = push(), []
    now = NOW
    for _ in range(14):
        one, mode = asked(one, now)
        assert (mode, one.token) == ("subscribe", "fresh")
        assert one.due is not None
        waits.append(one.due - now)
        assert asked(one, one.due - timedelta(seconds=1)) == (one, "")
        now = one.due
    assert waits[:3] == [timedelta(minutes=m) for m in (10, 20, 40)]
    assert waits[-1] == waits[-2] == 7 * DAY


@pytest.mark.parametrize(
    ("lease", "renewed"),
    [
        ("864000", 7 * DAY),
        ("3600", 42 * HOUR / 60),
        ("1", HOUR / 6),
        ("999999999", 63 * DAY),
        ("", 0.7 * DAY),
        ("0", 0.7 * DAY),
        ("-5", 0.7 * DAY),
        ("ten", 0.7 * DAY),
    ],
)
def test_p100_a_push_is_renewed_well_before_its_end(lease: str, renewed: timedelta) -> None:
    """A push is renewed after 0.7 of its lease, also if the hub states none or an absurd one.

    It is never renewed within ten minutes.
    """
    live, _ = websub.confirm(push(PushState.ASKED), WANTS | {"hub.lease_seconds": lease}, NOW)
    assert live.state is PushState.LIVE
    assert live.due == NOW + renewed
    again, mode = asked(live, live.due)
    assert mode == "subscribe"
    if lease != "1":
        assert again.state is PushState.LIVE
    assert (again.token, again.secret) == ("T", "S")


def test_p100_what_was_not_renewed_in_time_is_live_no_more() -> None:
    """A push ends with its lease, even if the next request is due later."""
    late = push(PushState.LIVE, until=NOW, due=NOW + DAY)
    settled, mode = asked(late)
    assert (settled.state, mode) == (PushState.ASKED, "")
    assert not websub.takes(settled)


def test_p100_at_a_new_public_address_the_hub_is_asked_anew() -> None:
    """The request has a new token and secret, however long the old agreement would have run."""
    moved = push(PushState.LIVE, address="https://old.test/websub/", due=NOW + DAY)
    anew, mode = asked(moved)
    assert (mode, anew.callback, anew.secret) == ("subscribe", ADDRESS + "fresh", "secret")
    assert anew.state is PushState.ASKED


@pytest.mark.parametrize("state", [PushState.NAMED, PushState.DENIED, PushState.ENDED])
def test_p102_who_was_not_agreed_with_is_not_taken_leave_of(state: PushState) -> None:
    assert asked(push(state, wanted=False)) == (push(state, wanted=False), "")


def test_p102_one_request_to_stop_three_when_nobody_answers() -> None:
    """An answered request ends the push; an unanswered one is sent twice more, then it ends."""
    leaving, mode = asked(push(PushState.LIVE, wanted=False, due=NOW + DAY))
    assert (leaving.state, mode) == (PushState.LEAVING, "unsubscribe")
    assert b"secret" not in websub.form(leaving, mode)
    ended = websub.answered(leaving, mode, response(202), NOW)
    assert ended.state is PushState.ENDED
    assert asked(ended, NOW + 30 * DAY)[1] == ""
    modes, one, now = [mode], leaving, NOW
    for _ in range(5):
        one = websub.answered(one, "unsubscribe", response(500), now)
        now = max(now, one.due or now)
        one, mode = asked(one, now)
        modes.append(mode)
    assert modes == ["unsubscribe"] * 3 + [""] * 3
    assert one.state is PushState.ENDED


def test_p102_a_feed_that_comes_back_is_agreed_upon_anew() -> None:
    for state in (PushState.ENDED, PushState.LEAVING):
        anew, mode = asked(push(state))
        assert (mode, anew.state, anew.token) == ("subscribe", PushState.ASKED, "fresh")


def test_p100_answers_to_a_request_and_when_it_is_sent_again() -> None:
    """A longer Retry-After is kept, and a verification that came before the answer counts."""
    sent, mode = asked(push())
    assert "verify" in websub.answered(sent, mode, response(202), NOW).why
    busy = websub.answered(sent, mode, response(429, retry_after="7200"), NOW)
    assert busy.due == NOW + 2 * HOUR
    assert websub.answered(sent, mode, response(404), NOW).due == sent.due
    paused = FetchFailed(kind=FailureKind.PAUSED, why="later", retry_at=NOW + 3 * HOUR)
    assert websub.answered(sent, mode, paused, NOW).due == NOW + 3 * HOUR
    live, _ = websub.confirm(sent, WANTS, NOW)
    assert websub.answered(live, mode, response(500), NOW) == live
    denied, _ = websub.confirm(sent, WANTS | {"hub.mode": "denied"}, NOW)
    assert websub.answered(denied, mode, response(202), NOW) == denied


@pytest.mark.parametrize(
    ("status", "location", "there"),
    [
        (307, "https://b.test/", "https://b.test/"),
        (308, "/b", "https://a.test/b"),
        (302, "https://b.test/", ""),
        (307, "http://b.test/", ""),
        (307, "", ""),
        (307, "https://[", ""),
        (202, "https://b.test/", ""),
    ],
)
def test_p100_a_hub_may_send_us_on_but_not_into_the_clear(
    status: int, location: str, there: str
) -> None:
    assert websub.onward("https://a.test/", response(status, location=location)) == there


# ------------------------------------------------------------------------------ believing


@pytest.mark.parametrize(
    "changes",
    [
        {"hub.topic": "https://feed.test/other"},
        {"hub.mode": "publish"},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
        {"hub.challenge": "a b"},
        {"hub.challenge": "<é>"},
        {"hub.challenge": "x" * 501},
    ],
)
def test_p100_what_we_did_not_ask_is_not_confirmed(changes: dict[str, str]) -> None:
    """A wrong topic, a wrong mode or a challenge that is no harmless word changes nothing."""
    for state in (PushState.ASKED, PushState.LIVE):
        one = push(state)
        assert websub.confirm(one, WANTS | changes, NOW) == (one, None)
    assert websub.confirm(push(PushState.ASKED), {}, NOW)[1] is None


@pytest.mark.parametrize(
    ("state", "wanted", "mode", "said", "then"),
    [
        (PushState.ASKED, True, "subscribe", "abc", PushState.LIVE),
        (PushState.LIVE, True, "subscribe", "abc", PushState.LIVE),
        (PushState.LIVE, False, "subscribe", None, PushState.LIVE),
        (PushState.NAMED, True, "subscribe", None, PushState.NAMED),
        (PushState.LEAVING, False, "subscribe", None, PushState.LEAVING),
        (PushState.LEAVING, False, "unsubscribe", "abc", PushState.ENDED),
        (PushState.ENDED, False, "unsubscribe", "abc", PushState.ENDED),
        (PushState.LIVE, False, "unsubscribe", None, PushState.LIVE),
        (PushState.ASKED, True, "denied", "", PushState.DENIED),
        (PushState.LIVE, True, "denied", "", PushState.DENIED),
        (PushState.LEAVING, False, "denied", "", PushState.ENDED),
        (PushState.NAMED, True, "denied", None, PushState.NAMED),
    ],
)
def test_p100_p102_a_hub_is_answered_by_what_we_want(
    state: PushState, wanted: bool, mode: str, said: str | None, then: PushState
) -> None:
    found, answer = websub.confirm(push(state, wanted=wanted), WANTS | {"hub.mode": mode}, NOW)
    assert (answer, found.state) == (said, then)


def test_p100_who_was_denied_asks_no_more() -> None:
    denied, _ = websub.confirm(push(PushState.LIVE), WANTS | {"hub.mode": "denied"}, NOW)
    assert asked(denied, NOW + 365 * DAY) == (denied, "")


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_p100_a_signature_is_believed_in_each_method_of_the_recommendation(method: str) -> None:
    """A signature must be made with our secret over these very bytes; letters' case is free."""
    made = hmac.new(b"S", b"body", method).hexdigest()
    one = push(PushState.LIVE)
    assert websub.is_genuine(one, b"body", f"{method}={made}")
    assert websub.is_genuine(one, b"body", f"{method.upper()}={made.upper()}")
    assert not websub.is_genuine(one, b"body!", f"{method}={made}")
    assert not websub.is_genuine(replace(one, secret="other"), b"body", f"{method}={made}")
    assert not websub.is_genuine(replace(one, secret=""), b"body", f"{method}={made}")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "=",
        "sha256",
        "sha256=",
        "md5=" + hmac.new(b"S", b"body", "md5").hexdigest(),
        "é=é",
        "sha256=é",
        hmac.new(b"S", b"body", "sha256").hexdigest(),
        "sha512=" + "0" * 128,
    ],
)
def test_p100_what_is_no_signature_of_ours_is_not_believed(signature: str) -> None:
    assert not websub.is_genuine(push(PushState.LIVE), b"body", signature)


@given(st.binary(max_size=50), st.binary(max_size=50), st.text(max_size=80))
def test_no_signature_raises(secret: bytes, body: bytes, signature: str) -> None:
    one = push(PushState.LIVE, secret=secret.hex())
    assert websub.is_genuine(one, body, signature) in (True, False)


STEPS = st.lists(
    st.sampled_from(["ask", "202", "500", "subscribe", "unsubscribe", "denied", "lose", "want"]),
    max_size=30,
)


@given(STEPS, st.integers(1, 20_000))
def test_p100_p102_whatever_happens_in_whatever_order(steps: list[str], minutes: int) -> None:
    """A push is live only if a hub verified it while it was wanted.

    Requests keep their distance.
    """
    one, now, mode = push(), NOW, ""
    last = NOW - DAY
    for step in steps:
        before = one
        if step == "ask":
            one, mode = asked(one, now)
            if mode and one.token == before.token and one.state is before.state:
                assert now - last >= timedelta(minutes=10)
            last = now if mode else last
        elif step in ("202", "500"):
            one = websub.answered(one, mode, response(int(step)), now) if mode else one
        elif step in ("lose", "want"):
            one = replace(one, wanted=step == "want")
        else:
            one, said = websub.confirm(one, WANTS | {"hub.mode": step}, now)
            assert said in (None, "", "abc")
        if one.state is PushState.LIVE and before.state is not PushState.LIVE:
            assert step == "subscribe"
            assert before.state is PushState.ASKED
            assert one.wanted
        now += timedelta(minutes=minutes)


# ---------------------------------------------------------------------------------- polls


def test_p100_a_pushed_feed_is_asked_at_the_ceiling_and_says_why() -> None:
    """The wait it would have had is kept too; a longer wait that was asked for wins."""
    news = Outcome(kind=OutcomeKind.NEW, seen=1, new=1)
    found = next_poll(polling(), news, response(), NOW, SETTINGS, pushed=True)
    assert found.due is not None
    assert found.due >= NOW + SETTINGS.ceiling
    assert found.why == "its hub pushes it; asked all the same: 24 h"
    longer = next_poll(
        polling(), news, response(cache_control="max-age=172800"), NOW, SETTINGS, pushed=True
    )
    assert longer.due is not None
    assert longer.due >= NOW + 2 * DAY
    answer = response(body=b"new")
    own = decide.decide(polling(), answer, document(entry("a")), Known(), NOW, SETTINGS)
    pushed = decide.decide(
        polling(), answer, document(entry("a")), Known(), NOW, SETTINGS, pushed=True
    )
    assert (own.own_due, pushed.own_due) == (None, own.due)


def test_p100_a_push_adds_what_is_new_and_leaves_the_rest_to_a_poll() -> None:
    """Pushes may come late or out of order, so a change to an entry waits for a poll."""
    old, other = entry("a"), entry("b")
    known = Known.of([(old.key, old.link, content_hash(old))])
    found = decide.of_push(polling(), document(old, other), known, NOW)
    assert (found.new, found.differs) == ((other,), False)
    changed = replace(old, title="Another title")
    found = decide.of_push(polling(), document(changed), known, NOW)
    assert (found.new, found.differs) == ((), True)
