"""A page is shown to this machine, or to anyone who knows the password."""

from __future__ import annotations

from base64 import b64encode

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from support.site import WEB, asking
from support.world import world

from monitor.config.sections import WebSection, is_loopback
from monitor.store import Store
from monitor.testing import FakeClock
from monitor.web import guesses
from monitor.web.guesses import REST_S, TRIES

pytestmark = pytest.mark.anyio
PASSWORD = "correct horse: béton"
LOCKED = WEB.model_copy(update={"password": SecretStr(PASSWORD)})
PATHS = (
    *("/", "/stories/1", "/articles/1", "/search", "/feeds", "/feeds/1", "/watchlists"),
    *("/watchlists/nato", "/digests", "/editions/1", "/deliveries/1", "/deliveries/1/message"),
    *("/page.css", "/feeds/nato.atom"),
)


def shown(password: str, name: str = "desk") -> dict[str, str]:
    """Return the header that a browser sends."""
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


async def test_S56_without_a_password_it_is_shown_to_this_machine_alone(
    store: Store, clock: FakeClock
) -> None:
    """A page needs one of this machine's names and listening on it; a 403 says what to do."""
    named = WEB.model_copy(update={"hosts": ("monitor.inner",)})
    async with world(store, clock) as parts, asking(parts, named) as client:
        own = [await client.get("/", headers={"Host": name}) for name in ("localhost", "[::1]:80")]
        other = await client.get("/", headers={"Host": "monitor.inner"})
        probe = await client.get("/healthz", headers={"Host": "monitor.inner"})
    assert [one.status_code for one in own] == [200, 200]
    assert other.status_code == 403
    assert "[web] password" in other.text
    assert probe.status_code == 200


async def test_S56_what_listens_elsewhere_shows_nothing_without_a_password(
    store: Store, clock: FakeClock
) -> None:
    """The name in the request does not matter, since any name is easily given."""
    open_web = WEB.model_copy(update={"host": "0.0.0.0"})
    async with world(store, clock) as parts, asking(parts, open_web) as client:
        client.base_url = httpx.URL(str(client.base_url).replace("0.0.0.0", "127.0.0.1"))
        for path in PATHS:
            assert (await client.get(path)).status_code == 403
            assert (await client.get(path, headers=shown(""))).status_code == 403


async def test_S56_with_a_password_every_page_asks_for_it(store: Store, clock: FakeClock) -> None:
    """Even this machine needs the password, with any name; probes and feeds stay open."""
    async with world(store, clock) as parts, asking(parts, LOCKED) as client:
        for path in PATHS:
            got = await client.get(path)
            assert (got.status_code, got.text) == (401, "a password is needed")
            assert got.headers["www-authenticate"] == 'Basic realm="monitor", charset="UTF-8"'
            assert (await client.get(path, headers=shown(PASSWORD))).status_code in (200, 404)
        assert (await client.get("/", headers=shown(PASSWORD, "x"))).status_code == 200
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/feeds/x.atom")).status_code == 404


async def test_S58_there_is_no_session(store: Store, clock: FakeClock) -> None:
    """No answer contains anything that opens a page later: each request shows the password.

    So there is no session to fix, to steal, to end or to leave open.
    """
    fixed = {"Cookie": "session=chosen-by-another; id=1"}
    async with world(store, clock) as parts, asking(parts, LOCKED) as client:
        for path in PATHS:
            shown_once = await client.get(path, headers={**shown(PASSWORD), **fixed})
            names = {name.lower() for name in shown_once.headers}
            assert not names & {"set-cookie", "authorization", "location"}
            assert (await client.get(path, headers=fixed)).status_code == 401
        assert not client.cookies
    with_another = LOCKED.model_copy(update={"password": SecretStr("another password")})
    async with world(store, clock) as parts, asking(parts, with_another) as client:
        assert (await client.get("/", headers=shown(PASSWORD))).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        b"Basic \xff\xfe",
        "Basic " + b64encode(b"\xff\xfe:x").decode(),
        "Basic " + b64encode(PASSWORD.encode()).decode(),
        "Bearer correct horse",
        shown(PASSWORD + " ")["Authorization"],
        shown(PASSWORD[:-1])["Authorization"],
        shown("")["Authorization"],
        "Basic " + "A" * 100_000,
    ],
)
async def test_S59_what_is_no_password_is_none(
    store: Store, clock: FakeClock, header: str | bytes
) -> None:
    """Every wrong Authorization header is refused, and none causes a fault."""
    async with world(store, clock) as parts, asking(parts, LOCKED) as client:
        got = await client.get("/", headers={"Authorization": header})
    assert got.status_code == 401
    assert "desk" not in got.text.lower()


async def test_S59_who_guesses_is_made_to_wait(store: Store, clock: FakeClock) -> None:
    """After ten wrong passwords not even the right one is tried, for five minutes."""
    async with world(store, clock) as parts, asking(parts, LOCKED) as client:
        for guess in range(TRIES):
            assert (await client.get("/", headers=shown(f"guess {guess}"))).status_code == 401
        right = await client.get("/", headers=shown(PASSWORD))
        assert (right.status_code, right.headers["retry-after"]) == (429, str(int(REST_S) + 1))
        assert right.text.endswith("none is checked for 301 seconds")  # browsers show no header
        clock.advance(REST_S)
        assert (await client.get("/", headers=shown("again"))).status_code == 401
        assert (await client.get("/", headers=shown(PASSWORD))).status_code == 200


async def test_S59_no_password_at_all_is_no_guess(store: Store, clock: FakeClock) -> None:
    """A browser sends one request without a password each time it starts."""
    async with world(store, clock) as parts, asking(parts, LOCKED) as client:
        for _ in range(TRIES * 2):
            await client.get("/")
        assert (await client.get("/", headers=shown(PASSWORD))).status_code == 200


def test_S59_the_memory_of_guessers_has_an_end(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that has been silent longest is forgotten first."""
    monkeypatch.setattr(guesses, "REMEMBERED", 3)
    some = guesses.Guesses(clock)
    for number in range(5):
        for _ in range(TRIES):
            some.wrong(f"192.0.2.{number}")
    rests = [some.rest(f"192.0.2.{number}") for number in range(5)]
    assert rests == [0, 0, REST_S, REST_S, REST_S]


BEHIND = LOCKED.model_copy(update={"proxies": ("127.0.0.1", "2001:db8:5::/48")})


def handed_on(password: str, *hops: str) -> dict[str, str]:
    """Return what a proxy sends on: the password, and the addresses it came from."""
    return {**shown(password), "X-Forwarded-For": ", ".join(hops)}


async def test_S59_behind_a_proxy_who_guesses_waits_alone(store: Store, clock: FakeClock) -> None:
    """Forged addresses do not help a guesser; all others get in, even by the same proxies."""
    async with world(store, clock) as parts, asking(parts, BEHIND) as client:
        for guess in range(TRIES):
            forged = handed_on(f"guess {guess}", f"198.51.100.{guess}", "192.0.2.66")
            assert (await client.get("/", headers=forged)).status_code == 401
        answers = {
            hops: (await client.get("/", headers=handed_on(PASSWORD, *hops))).status_code
            for hops in (
                ("192.0.2.66",),
                ("198.51.100.200", "192.0.2.66:4711"),
                ("192.0.2.66", "2001:db8:5::1"),
                ("192.0.2.67",),
                ("192.0.2.66", "192.0.2.67", "[2001:db8:5::1]:443"),
                ("2001:db8::1",),
            )
        }
        direct = await client.get("/", headers=shown(PASSWORD))
    assert [*answers.values()] == [429, 429, 429, 200, 200, 200]
    assert direct.status_code == 200


async def test_S59_only_a_proxy_of_ours_is_believed(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A guesser must not get more tries by inventing addresses; the log names the setting."""
    async with world(store, clock) as parts, asking(parts, LOCKED) as client:
        for guess in range(TRIES):
            await client.get("/", headers=handed_on(f"guess {guess}", f"192.0.2.{guess}"))
        right = await client.get("/", headers=handed_on(PASSWORD, "192.0.2.200"))
    assert right.status_code == 429
    assert "wrong passwords from 127.0.0.1" in caplog.text
    assert "[web] proxies" in caplog.text
    assert "guess" not in caplog.text


async def test_S59_many_addresses_guess_no_faster_and_keep_nobody_out(
    store: Store, clock: FakeClock
) -> None:
    """Under siege a new address has one try, one that has shown the password has ten.

    An IPv6 address counts as its network, since the rest is easily changed.
    """
    async with world(store, clock) as parts, asking(parts, BEHIND) as client:

        async def tried(password: str, address: str) -> int:
            return (await client.get("/", headers=handed_on(password, address))).status_code

        assert await tried(PASSWORD, "203.0.113.5") == 200
        for number in range(guesses.SIEGE):
            assert await tried("a guess", f"192.0.2.{number}") == 401
        assert await tried("a guess", "2001:db8:1:1::1") == 401
        assert await tried(PASSWORD, "2001:db8:1:1::2") == 429
        assert await tried(PASSWORD, "2001:db8:1:2::1") == 200
        assert await tried("a slip", "203.0.113.5") == 401
        assert await tried(PASSWORD, "203.0.113.5") == 200
        clock.advance(REST_S)
        assert await tried("a slip", "2001:db8:1:1::3") == 401
        assert await tried(PASSWORD, "2001:db8:1:1::3") == 200


async def test_S56_without_a_password_a_proxy_of_ours_opens_to_this_machine_alone(
    store: Store, clock: FakeClock
) -> None:
    """A request from elsewhere is not from this machine, although the proxy is."""
    behind = WEB.model_copy(update={"proxies": ("127.0.0.1",)})
    async with world(store, clock) as parts, asking(parts, behind) as client:
        statuses = [
            (await client.get("/", headers={"X-Forwarded-For": hop})).status_code
            for hop in ("192.0.2.1", "::1", "nonsense")
        ]
    assert statuses == [403, 200, 200]


def test_a_short_password_is_refused_where_it_is_set() -> None:
    with pytest.raises(ValidationError, match="at least 12 characters"):
        WebSection(password=SecretStr("short"))
    assert WebSection(password=SecretStr("")).password.get_secret_value() == ""


def test_a_proxy_that_is_no_address_is_refused_where_it_is_set() -> None:
    """A name would have to be resolved again at each request."""
    with pytest.raises(ValidationError, match="not a network or address"):
        WebSection(proxies=("proxy.inner",))


@pytest.mark.parametrize(
    ("name", "own"),
    [
        *(("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True)),
        *(("LOCALHOST.", True), ("0.0.0.0", False), ("::", False), ("monitor.inner", False)),
        *(("localhost.evil.test", False), ("", False), ("192.0.2.1", False)),
    ],
)
def test_what_is_this_machine(name: str, own: bool) -> None:
    assert is_loopback(name) is own
