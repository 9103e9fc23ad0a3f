"""The ways an SMTP dialogue can end: sent, surely not sent, unknown, refused for good."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from support.editions import END, edition
from support.server import BlackHole
from support.smtp import DROP, HANG, Sink

from monitor.channels import World, _smtp
from monitor.channels import email as channel
from monitor.digests.render import bodies
from monitor.model import (
    Answer,
    FetchFailed,
    Message,
    NotSent,
    Recipient,
    Refused,
    Response,
    Sent,
    Unknown,
)

pytestmark = pytest.mark.anyio
Certificate = Callable[[str], ssl.SSLContext]
HOUR = timedelta(hours=1)


async def no_post(*_: object, **__: object) -> Response | FetchFailed:
    raise AssertionError("mail does not go over HTTP")


WORLD = World(no_post, lambda: END)


def settings(host: str, port: int, **more: Any) -> channel.Settings:
    chosen = {"tls": "none", "timeout_s": 5, "final_timeout_s": 5, "hostname": "us.test", **more}
    return channel.Settings.model_validate(
        {"host": host, "port": port, "from": "Desk <digest@desk.example>", **chosen}
    )


def mail(stories: int = 2, to: str = "desk@example.org", title: str = "") -> Message:
    shown = edition(stories, title=title)
    made = settings("localhost", 1)
    return channel.render(shown, Recipient("email", to), made, bodies(shown), END)[0]


async def send(sink: Sink, message: Message | None = None, **more: Any) -> Answer:
    chosen = settings(sink.host, sink.port, **more)
    return await channel.send(message or mail(), chosen, WORLD)


async def test_F08_a_fault_can_be_ordered_between_the_text_and_its_answer() -> None:
    """The failpoint lies only there: a mail that was turned away never reaches it."""
    places: list[str] = []
    world = World(no_post, lambda: END, hit=places.append)
    async with Sink(says={"RCPT": "550 5.1.1 unknown"}) as sink:
        await channel.send(mail(), settings(sink.host, sink.port), world)
        assert places == []
    async with Sink() as sink:
        assert isinstance(await channel.send(mail(), settings(sink.host, sink.port), world), Sent)
        assert places == ["send.data_sent"]


async def test_D03_D10_a_mail_arrives_as_it_was_rendered() -> None:
    """The envelope has the sender and that one recipient; lines that begin with a dot are kept."""
    message = mail(title="x")
    body = message.body.replace(b"\r\n\r\n", b"\r\n\r\n.hidden\r\n..two\r\n", 1)
    dotted = Message(
        recipient=message.recipient,
        id=message.id,
        subject=message.subject,
        content_type=message.content_type,
        body=body,
    )
    async with Sink() as sink:
        assert await send(sink, dotted) == Sent("250 2.0.0 ok 4711")
        (got,) = sink.mails
        assert (got.sender, got.recipients) == ("digest@desk.example", ("desk@example.org",))
        assert got.content == body


async def test_D04_I2_a_second_try_sends_the_same_bytes() -> None:
    """After an unknown outcome, the other side can see that the second try is a repeat."""
    async with Sink(says={"DATA": DROP}) as sink:
        message = mail()
        assert isinstance(await send(sink, message), Unknown)
        assert isinstance(await send(sink, message), Unknown)
        assert sink.mails[0] == sink.mails[1]


async def test_F65_a_closed_port_is_surely_not_sent() -> None:
    """A closed port sets no wait of its own, so the mail is tried again soon."""
    async with Sink() as sink:
        port = sink.port
    answer = await channel.send(mail(), settings("127.0.0.1", port), WORLD)
    assert isinstance(answer, NotSent)
    assert answer.retry_after is None


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({"GREETING": DROP}, "{} closed the connection without a greeting"),
        ({"GREETING": HANG}, "{} did not greet in time"),
        ({"GREETING": "421 4.3.2 full house"}, "421 4.3.2 full house"),
        ({"EHLO": "421 4.7.0 too many of you"}, "421 4.7.0 too many of you"),
        ({"EHLO": "550 5.7.1 go away"}, "550 5.7.1 go away"),
    ],
)
async def test_F65_who_is_turned_away_at_the_door_says_why(says: dict[str, str], why: str) -> None:
    """The reason is the server's own words, or that it said none, not an error of ours."""
    async with Sink(says=says) as sink:
        patience = 0.3 if HANG in says.values() else 5.0
        answer = await send(sink, tls="starttls", timeout_s=patience)
        assert isinstance(answer, NotSent)
        assert answer.why == why.format(f"localhost on port {sink.port}")


async def test_F65_a_server_that_knows_no_EHLO_is_greeted_as_of_old() -> None:
    """A server that does not know EHLO is greeted with HELO (RFC 5321 §3.2)."""
    async with Sink(says={"EHLO": "502 5.5.1 what?"}) as sink:
        assert isinstance(await send(sink), Sent)


@pytest.mark.parametrize("host", ["mail.invalid", "m" * 70 + ".example"])
async def test_F65_a_name_that_does_not_resolve_is_surely_not_sent(host: str) -> None:
    """A name that does not resolve is an answer, not an exception in the sender's loop."""
    answer = await channel.send(mail(), settings(host, 25), WORLD)
    assert isinstance(answer, NotSent)


async def test_a_name_that_does_not_resolve_is_told_in_words() -> None:
    """Our words name the server and what is wrong with it; the system's own words do neither."""
    answer = await channel.send(mail(), settings("mail.invalid", 25), WORLD)
    assert isinstance(answer, NotSent)
    assert answer.why == "mail.invalid does not resolve"


async def test_F90_a_silent_name_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail is surely not sent, within the time allowed for connecting."""

    async def look_up(*_: Any, **__: Any) -> list[Any]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    answer = await channel.send(mail(), settings("silent.test", 25, timeout_s=0.05), WORLD)
    assert isinstance(answer, NotSent)
    assert answer.why == "silent.test: no name server answered in time"


async def test_F92_of_a_server_whose_ipv6_is_dead_ipv4_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """IPv4 is used however many IPv6 addresses the name has: these are addresses for discarding
    (RFC 6666), or drop connections as a listener with a full queue does."""
    async with Sink() as sink, BlackHole() as hole:
        dead = [(socket.AF_INET6, (f"100::{number}", 25, 0, 0)) for number in range(1, 6)]
        silent, alive = ("127.0.0.1", hole), ("127.0.0.1", sink.port)
        places = [*dead, (socket.AF_INET, silent), (socket.AF_INET, alive)]

        async def look_up(*_: Any, **__: Any) -> list[Any]:
            return [(family, socket.SOCK_STREAM, 6, "", place) for family, place in places]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
        answer = await channel.send(mail(), settings("both.test", 25, timeout_s=4), WORLD)
        assert isinstance(answer, Sent)
        places[:] = [*dead, (socket.AF_INET, silent)]
        answer = await channel.send(mail(), settings("both.test", 25, timeout_s=0.4), WORLD)
    assert isinstance(answer, NotSent)
    assert answer.why.startswith("cannot connect to both.test on port 25: ")


@pytest.mark.parametrize("greeting", [b"421 busy\r\n", b"554 no\r\n", b"nonsense\r\n", b""])
async def test_F65_a_server_that_turns_us_away_at_the_door(greeting: bytes) -> None:
    """A server that says 421, 554 or nonsense, or closes at once, leaves the mail not sent."""

    async def turn_away(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async with await asyncio.start_server(turn_away, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await channel.send(mail(), settings("127.0.0.1", port), WORLD)
    assert isinstance(answer, NotSent)


async def test_F73_a_silent_server_ends_in_time() -> None:
    """The time limit also holds at the greeting."""

    async def keep_still(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(keep_still, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        chosen = settings("127.0.0.1", port, timeout_s=0.1)
        assert isinstance(await channel.send(mail(), chosen, WORLD), NotSent)


async def test_F66_greylisting_is_tried_again_not_before_five_minutes() -> None:
    """451 at RCPT means: come back later."""
    async with Sink(says={"RCPT": "451 4.7.1 greylisted"}) as sink:
        answer = await send(sink)
        assert answer == NotSent("451 4.7.1 greylisted", timedelta(minutes=5))
        assert sink.mails == []


async def test_F67_a_recipient_refused_for_good() -> None:
    """550 at RCPT refuses this recipient for good; the server's own words are kept."""
    async with Sink(says={"RCPT": "550 5.1.1 no such user"}) as sink:
        assert await send(sink) == Refused("550 5.1.1 no such user", recipient=True)
        assert sink.mails == []


@pytest.mark.parametrize("when", ["RCPT", "DATA"])
async def test_F83_a_mailbox_that_is_full_for_now_is_told_from_a_server_that_is(when: str) -> None:
    """4.2.2 speaks of one reader's mailbox; 4.3.1, the server's own disk, concerns all of them."""
    for words, recipient in (("452 4.2.2 mailbox full", True), ("452 4.3.1 disk full", False)):
        async with Sink(says={when: words}) as sink:
            answer = await send(sink)
        assert isinstance(answer, NotSent)
        assert answer.recipient is recipient


async def test_F67_F68_recipients_do_not_share_a_fate() -> None:
    """One message is refused, one delayed and one delivered, each in its own transaction."""
    answers = []
    for says in ({"RCPT": "550 no"}, {"RCPT": "450 later"}, {}):
        async with Sink(says=says) as sink:
            answers.append(type(await send(sink)))
    assert answers == [Refused, NotSent, Sent]


async def test_F75_a_server_that_refuses_us_blames_no_recipient() -> None:
    """A server that refuses to relay for us suspends none of our readers."""
    async with Sink(says={"RCPT": "554 5.7.1 relaying denied"}) as sink:
        assert await send(sink) == Refused("554 5.7.1 relaying denied")


@pytest.mark.parametrize("code", ["552 5.2.2 mailbox full", "554 5.7.1 looks like spam"])
async def test_F70_refused_after_the_text(code: str) -> None:
    """After 552 or 554 at the end of DATA, the same bytes would be refused again."""
    async with Sink(says={"DATA": code}) as sink:
        assert await send(sink) == Refused(code)


async def test_a_delay_after_the_text_is_not_sent() -> None:
    """A 4xx after the final dot means that the server itself says it did not take the mail."""
    async with Sink(says={"DATA": "452 4.3.1 disk full"}) as sink:
        assert await send(sink) == NotSent("452 4.3.1 disk full")


@pytest.mark.parametrize("how", [DROP, HANG])
async def test_F71_an_answer_lost_after_the_final_dot_is_unknown(how: str) -> None:
    """The server has the text; we cannot know whether it keeps it."""
    async with Sink(says={"DATA": how}) as sink:
        answer = await send(sink, final_timeout_s=0.3)
        assert isinstance(answer, Unknown)
        assert len(sink.mails) == 1
    usual = channel.Settings.model_validate({"host": "localhost", "from": "d@desk.example"})
    assert usual.final_timeout_s == 600  # as RFC 5321 asks: a shorter wait makes repeats


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
@pytest.mark.parametrize("how", [DROP, HANG])
async def test_F71_a_connection_lost_before_the_text_is_surely_not_sent(
    command: str, how: str
) -> None:
    """The mail was surely not sent, so a retry cannot become a repeat."""
    async with Sink(says={command: how}) as sink:
        assert isinstance(await send(sink, timeout_s=0.3), NotSent)
        assert sink.mails == []


@pytest.mark.parametrize("how", [DROP, "421 going down", "500 what?"])
async def test_F72_a_failing_goodbye_changes_nothing(how: str) -> None:
    """A mail that was accepted stays accepted, however QUIT ends."""
    async with Sink(says={"QUIT": how}) as sink:
        assert isinstance(await send(sink), Sent)


async def test_D15_a_mail_that_is_too_large_goes_as_its_text_alone() -> None:
    """The SIZE in the greeting is believed (RFC 1870): sending the whole mail is not even begun."""
    whole = mail(30)
    async with Sink(size=40_000) as sink:
        answer = await send(sink, whole)
        assert isinstance(answer, Sent)
        assert "only the text: the message has" in answer.receipt
        (got,) = sink.mails
    short = message_from_bytes(got.content, policy=default)
    assert isinstance(short, EmailMessage)
    assert short.get_content_type() == "text/plain"
    assert short["Message-ID"] == whole.id
    full = message_from_bytes(whole.body, policy=default)
    assert isinstance(full, EmailMessage)
    text = full.get_body(("plain",))
    assert text is not None
    assert short.get_content() == text.get_content()
    assert b"List-Unsubscribe: <mailto:" in got.content


async def test_D15_a_text_that_is_too_large_is_cut_between_stories_and_says_so() -> None:
    """The mail carries as much of the text as the server takes, and says that it was cut."""
    async with Sink(size=4_000) as sink:
        assert isinstance(await send(sink, mail(30)), Sent)
        (got,) = sink.mails
    assert len(got.content) <= 4_000
    short = message_from_bytes(got.content, policy=default)
    assert isinstance(short, EmailMessage)
    assert "accepts no larger mail" in short.get_content()


async def test_F70_a_mail_refused_for_its_size_is_tried_once_as_its_text() -> None:
    """The text is tried also when the server objects only at the end; then the mail is refused."""
    async with Sink(says={"DATA": "552 5.3.4 too big"}) as sink:
        assert await send(sink) == Refused("552 5.3.4 too big")
        assert len(sink.mails) == 2
        assert len(sink.mails[1].content) < len(sink.mails[0].content) / 2


async def test_a_sender_that_is_refused_must_be_mended_by_a_person() -> None:
    """Every message would meet this refusal, so the mail is kept and tried again in an hour."""
    async with Sink(says={"MAIL": "550 5.7.1 not your domain"}) as sink:
        answer = await send(sink)
        assert answer == NotSent("sender refused: 550 5.7.1 not your domain", HOUR, channel=True)


async def test_S71_an_address_that_slipped_in_is_refused_before_any_dialogue() -> None:
    """An address from the store is checked again before any connection."""
    async with Sink() as sink:
        message = mail()
        bad = Message(
            recipient=Recipient("email", "a@b.example>\r\nRCPT TO:<x@y.example"),
            id=message.id,
            subject="",
            content_type=message.content_type,
            body=message.body,
        )
        assert isinstance(await send(sink, bad), Refused)
        assert sink.commands == []


@pytest.mark.parametrize("implicit", [False, True])
async def test_S72_S73_mail_and_password_travel_inside_tls(
    certificate: Certificate, authority: Path, implicit: bool
) -> None:
    """STARTTLS and TLS from the start work with the given authority, and the login works."""
    async with Sink(tls=certificate("good"), implicit=implicit, login=("desk", "hunter2")) as sink:
        answer = await send(
            sink,
            tls="implicit" if implicit else "starttls",
            ca_file=authority,
            user="desk",
            password="hunter2",
        )
        assert isinstance(answer, Sent)
        assert sink.mails[0].encrypted
        assert [(user, tls) for user, _, tls in sink.logins] == [("desk", True)]


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(
    ("name", "trusted", "why"),
    [
        ("expired", True, "expired"),
        ("other-name", True, "mismatch"),
        ("good", False, "certificate verify failed"),
    ],
)
async def test_F69_S72_a_certificate_that_does_not_hold(
    certificate: Certificate, authority: Path, name: str, trusted: bool, why: str, implicit: bool
) -> None:
    """No mail is sent and no password shown; a person must fix it, so we wait an hour."""
    async with Sink(tls=certificate(name), implicit=implicit, login=("desk", "hunter2")) as sink:
        answer = await send(
            sink,
            tls="implicit" if implicit else "starttls",
            ca_file=authority if trusted else None,
            user="desk",
            password="hunter2",
        )
        assert isinstance(answer, NotSent)
        assert why in answer.why
        assert "_ssl.c" not in answer.why
        assert "[SSL" not in answer.why
        assert answer.retry_after == HOUR
        assert answer.channel
        assert (sink.mails, sink.logins) == ([], [])


async def test_S72_S73_starttls_stripped_on_the_way(
    certificate: Certificate, authority: Path
) -> None:
    """A greeting without STARTTLS is not trusted: no mail and no password goes out in clear."""
    async with Sink(
        tls=certificate("good"), strip_starttls=True, login=("desk", "hunter2")
    ) as sink:
        answer = await send(
            sink, tls="starttls", ca_file=authority, user="desk", password="hunter2"
        )
        assert isinstance(answer, NotSent)
        assert "STARTTLS" in answer.why
        assert answer.retry_after == HOUR
        assert (sink.mails, sink.logins) == ([], [])


async def test_F69_a_wrong_password_is_tried_once(
    certificate: Certificate, authority: Path
) -> None:
    """One method is tried once, then not for an hour, so that no account gets locked."""
    async with Sink(tls=certificate("good"), login=("desk", "hunter2")) as sink:
        answer = await send(
            sink, tls="starttls", ca_file=authority, user="desk", password="swordfish"
        )
        assert answer == NotSent("login refused: 535 5.7.8 bad credentials", HOUR, channel=True)
        assert len(sink.logins) == 1
        assert sink.mails == []


async def test_F69_a_missing_ca_file_is_an_answer_too(tmp_path: Path) -> None:
    """A missing `ca_file` raises no exception: the mail is kept, and the words say what to fix."""
    async with Sink() as sink:
        answer = await send(sink, tls="starttls", ca_file=tmp_path / "gone.pem")
        assert isinstance(answer, NotSent)
        assert "ca_file" in answer.why
        assert answer.channel


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("550 5.1.1 no such user here", True),
        ("550 no such user here", True),
        ("550 5.4.1 Recipient address rejected: Access denied", True),
        ("550 5.2.1 mailbox disabled", True),
        ("550 relay not permitted", False),
        ("550 rejected because 192.0.2.1 is in a black list", False),
        ("553 5.1.8 Domain of sender address does not exist", False),
        ("550 5.7.1 Relaying denied", False),
    ],
)
def test_F75_only_a_refusal_of_the_mailbox_counts_against_its_reader(
    words: str, names: bool
) -> None:
    """One day on a block list must not suspend a whole desk."""
    assert _smtp._names_recipient(int(words[:3]), words) is names
