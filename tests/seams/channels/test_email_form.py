"""The form of a mail as it goes over the wire."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from pydantic import ValidationError
from support.editions import END, edition

from monitor.channels import email as channel
from monitor.digests.render import bodies
from monitor.model import Edition, Message, Recipient

SETTINGS = channel.Settings.model_validate(
    {
        "host": "mx.desk.example",
        "from": "Wächter <digest@desk.example>",
        "reply_to": "people@desk.example",
    }
)
DESK = Recipient("email", "desk@example.org")
SIZES = [0, 1, 30, 500]
TITLES = [
    "",
    "x",
    "x" * 5_000,
    "وزراء الدفاع",
    "Министры договорились",
    "国防部长同意",
    "👩‍✈️ 🇬🇧",
    "Z" + "\u0301" * 5_000,
]
HOSTILE = [
    "a\r\nBcc: evil@example.net",
    "a\nX: y",
    "a\x0bb",
    "a\u2028b",
    "a\x00b",
    "a\r\n b",
    "\ud800",
]


def mail(shown: Edition, to: Recipient = DESK, now: datetime = END) -> Message:
    made = channel.render(shown, to, SETTINGS, bodies(shown), now)
    assert len(made) == 1
    return made[0]


def parsed(message: Message) -> EmailMessage:
    read = email.message_from_bytes(message.body, policy=default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


@pytest.mark.parametrize("stories", SIZES)
def test_D01_text_first_then_html(stories: int) -> None:
    """The mail has two forms in UTF-8, the richer one last, both exactly as rendered."""
    shown = edition(stories)
    read = parsed(mail(shown))
    assert read.get_content_type() == "multipart/alternative"
    parts = list(read.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in parts} == {"utf-8"}
    wanted = bodies(shown)
    assert parts[0].get_content().replace("\r\n", "\n") == wanted.text.rstrip("\n") + "\n"
    assert parts[1].get_content().replace("\r\n", "\n").strip() == wanted.html.strip()


def test_D03_D05_D08_the_headers() -> None:
    """A mail has one sender, one recipient, a date with zone and a stable list.

    Its headers keep robots from replying.
    """
    read = parsed(mail(edition(1)))
    assert read["From"] == "Wächter <digest@desk.example>"
    assert read["To"] == "desk@example.org"
    assert read["Reply-To"] == "people@desk.example"
    assert read["Date"] == "Fri, 18 Oct 2024 07:00:00 +0100"
    assert read["List-Id"] == "Defence morning <morning.digests.desk.example>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Precedence"] == "bulk"
    assert read["X-Auto-Response-Suppress"] == "All"
    assert read["MIME-Version"] == "1.0"
    for name in set(read.keys()):
        assert len(read.get_all(name, [])) == 1


def test_D05_an_edition_besides_the_regular_ones_is_of_the_same_list() -> None:
    """An extra edition differs by its Message-ID; list and unsubscribing name the digest itself."""
    regular = edition(1)
    besides = replace(regular, digest="morning+20241017T060000Z+20241018T060000Z")
    read = parsed(mail(besides))
    assert read["List-Id"] == "Defence morning <morning.digests.desk.example>"
    assert read["List-Unsubscribe"] == parsed(mail(regular))["List-Unsubscribe"]
    assert read["Message-ID"] != parsed(mail(regular))["Message-ID"]
    assert "the digest “morning”" in bodies(besides).html


def test_D04_the_message_id_is_the_same_on_every_try_and_no_other() -> None:
    """Digest, number and recipient make the id, in the sender's domain; a repeat is equal."""
    one = mail(edition(1))
    assert one.id == parsed(one)["Message-ID"]
    assert re.fullmatch(r"<[a-z0-9.-]+@desk\.example>", one.id)
    assert mail(edition(1)) == one
    assert mail(edition(1), now=END + timedelta(hours=1)).id == one.id
    assert mail(edition(1), Recipient("email", "other@example.org")).id != one.id
    assert "example.org" not in one.id


def test_D06_list_unsubscribe_stands_plain_on_the_wire() -> None:
    """A long address is neither folded nor encoded: readers look for <...> in the raw line."""
    long = channel.Settings.model_validate(
        {
            "host": "x",
            "from": "d@desk.example",
            "reply_to": "p" * 60 + "@" + "long-" * 10 + "x.example",
        }
    )
    shown = replace(edition(1), digest="Überblick " * 20)
    raw = channel.render(shown, DESK, long, bodies(shown), END)[0].body
    line = next(line for line in raw.split(b"\r\n") if line.startswith(b"List-Unsubscribe:"))
    assert re.fullmatch(rb"List-Unsubscribe: <mailto:[!-~]+\?subject=unsubscribe%20[!-~]+>", line)
    assert len(line) > 150


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("stories", SIZES)
def test_D10_lines_and_octets(stories: int, title: str) -> None:
    """Mails are ASCII with CRLF, at most 998 octets a line (78 where we fold)."""
    raw = mail(edition(stories, title=title)).body
    assert raw.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("stories", SIZES)
def test_D14_nothing_that_spam_rules_count_is_in_a_mail(stories: int) -> None:
    """Rules are named as SpamAssassin names them; bench/gates/mail.py asks for its actual score."""
    message = mail(edition(stories, title="" if stories > 1 else "ALARM AT SEA"))
    read = parsed(message)
    for name in ("Date", "Message-ID", "From", "To", "Subject", "MIME-Version"):  # MISSING_*
        assert str(read[name]).strip()
    assert not str(read["Subject"]).isupper()  # SUBJ_ALL_CAPS
    text, html = (part.get_content() for part in read.iter_parts())  # MIME_HTML_ONLY
    page = BeautifulSoup(html, "lxml")
    seen = set(re.findall(r"\w{4,}", page.body.get_text(" "))) if page.body else set()
    told = set(re.findall(r"\w{4,}", text))
    assert len(seen & told) >= 0.9 * len(told)  # MPART_ALT_DIFF
    barred = ("img", "form", "script", "iframe", "object", "embed", "font", "base", "blink")
    assert not page.find_all(barred)  # HTML_IMAGE_*, HTML_FORMACTION_MAILTO, JS_*, HTML_FONT_*
    sizes = re.findall(r"font-size: *(\d+)px", html)
    assert sizes and min(map(int, sizes)) >= 11  # HTML_FONT_TINY_NORDNS, HTML_FONT_LOW_CONTRAST
    for link in page.find_all("a"):
        host = urlsplit(str(link["href"])).hostname or ""
        assert not re.fullmatch(r"[\d.]+|0x.*", host)  # NUMERIC_HTTP_ADDR
        shown = re.search(r"https?://([^/\s]+)", link.get_text())
        assert shown is None or shown[1] == host  # HTTPS_HTTP_MISMATCH, a look-alike
    for part in read.iter_parts():  # MIME_BASE64_TEXT: ASCII text needs no base64
        assert part["Content-Transfer-Encoding"] != "base64" or not part.get_content().isascii()
    assert read["List-Unsubscribe"] and read["List-Id"]  # MAILING_LIST_MULTI, -1.0


@pytest.mark.parametrize("title", TITLES)
def test_D11_the_subject_survives(title: str) -> None:
    """A subject reads back as it was written, in every script."""
    shown = edition(3, title=title)
    assert parsed(mail(shown))["Subject"] == bodies(shown).subject


@pytest.mark.parametrize("hostile", HOSTILE)
def test_S70_no_header_can_be_slipped_in(hostile: str) -> None:
    """Whatever titles and names contain, headers and recipient stay the intended ones."""
    calm = set(parsed(mail(edition(2))).keys())
    shown = replace(edition(2, title=hostile), title=hostile, digest=hostile.strip("\ud800"))
    read = parsed(mail(shown))
    assert set(read.keys()) == calm
    assert read["To"] == "desk@example.org"
    assert read["Subject"].isprintable()


@pytest.mark.parametrize(
    "address",
    [
        "", "desk", "@example.org", "desk@", "a b@example.org", "desk@example.org\r\nBcc: x@y.z",
        "desk@example.org\n", "Desk <desk@example.org>", "a@example.org,b@example.org",
        "a@b@example.org", '"a b"@example.org', "dësk@example.org", "desk@exаmple.org",
        "desk@-x.org", "desk@x..org", ".desk@x.org", "de..sk@x.org", "a" * 65 + "@x.org",
        "a@" + "b" * 250 + ".org", "desk@example.org ", "desk@[127.0.0.1]", "desk@example.org;",
    ],
)  # fmt: skip
def test_S71_addresses_that_are_refused(address: str) -> None:
    """Control characters, names, lists, quoting and other scripts are refused on entry."""
    assert channel.check_address(address)
    with pytest.raises(ValueError, match=r"address|ASCII"):
        channel.render(edition(0), Recipient("email", address), SETTINGS, bodies(edition(0)), END)
    with pytest.raises(ValidationError):
        channel.Settings.model_validate({"host": "x", "from": f"Desk <{address}>"})


@pytest.mark.parametrize(
    "address", ["desk@example.org", "a.b+c@x-y.example", "root@localhost", "x@xn--exmple-cua.org"]
)
def test_S71_addresses_that_are_taken(address: str) -> None:
    """Plain addresses are accepted."""
    assert channel.check_address(address) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": ""},
        {"host": "mx example"},
        {"port": 70_000},
        {"tls": "maybe"},
        {"tls": "none", "user": "u", "password": "p"},
        {"from": "x"},
        {"from": "A\r\nB <a@b.example>"},
        {"hostname": "a b"},
        {"timeout_s": 0},
        {"colour": "red"},
    ],
    ids=str,
)
def test_settings_that_are_refused(wrong: dict[str, object]) -> None:
    """Mistakes are found when settings are read, not when a digest is due."""
    good: dict[str, object] = {"host": "mx.example", "from": "d@desk.example"}
    channel.Settings.model_validate(good)
    with pytest.raises(ValidationError):
        channel.Settings.model_validate(good | wrong)


def test_S73_a_password_without_tls_is_for_this_machine_only() -> None:
    """A password without TLS is accepted for a loopback host, the only exception."""
    channel.Settings.model_validate(
        {"host": "127.0.0.1", "tls": "none", "user": "u", "password": "p", "from": "d@desk.example"}
    )


def test_S45_a_password_is_not_shown() -> None:
    """A password appears neither when settings are printed nor in their errors."""
    made = channel.Settings.model_validate(
        {"host": "mx.example", "user": "u", "password": "hunter2", "from": "d@desk.example"}
    )
    assert "hunter2" not in f"{made} {made!r} {made.model_dump_json()}"


def test_the_date_is_the_one_given() -> None:
    """The date is in the digest's zone, so that mail clients sort and show it correctly."""
    now = datetime(2024, 12, 1, 8, 30, tzinfo=UTC)
    assert parsed(mail(edition(0), now=now))["Date"] == "Sun, 01 Dec 2024 08:30:00 +0000"


def test_D79_a_mail_that_is_sent_anew_is_marked_and_else_the_same() -> None:
    """A resent mail has another Message-ID and Resent fields, and new ones each further time."""
    first = mail(edition(3))
    again = channel.anew(first, SETTINGS, END)
    assert again.id != first.id
    read = parsed(again)
    assert read["Message-ID"] == read["Resent-Message-ID"] == again.id
    assert read["Resent-Date"]
    rest = again.body.partition(b"\r\nFrom:")[2]
    assert rest.replace(again.id.encode(), first.id.encode()) == first.body.partition(b"From:")[2]
    third = channel.anew(again, SETTINGS, END + timedelta(days=1))
    assert third.id.count("again") == 1
    assert third.id != again.id


def test_D09_editions_are_no_thread() -> None:
    """No edition refers to another, so that a mail client never folds the newest one away."""
    read = parsed(mail(edition(1)))
    assert read["In-Reply-To"] is None
    assert read["References"] is None


def test_D07_D06_with_a_page_one_click_stops_the_digest() -> None:
    """With a page, both headers of RFC 8058 are plain on the wire; without, only mailto is."""
    shown = edition(1)
    page = "https://news.example/stop/" + "t" * 120
    made = replace(bodies(shown), stop=page)
    (message,) = channel.render(shown, DESK, SETTINGS, made, END)
    assert f"\r\nList-Unsubscribe: <{page}>, <mailto:people@desk.example?".encode() in message.body
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in message.body
    assert "List-Unsubscribe-Post" not in parsed(mail(shown))
