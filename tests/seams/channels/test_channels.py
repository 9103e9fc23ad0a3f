"""A channel is found by its module's name, and every channel offers the same interface."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.editions import END, edition

from monitor import channels
from monitor.channels import World, console, load, words_of
from monitor.channels._http import not_reached
from monitor.digests import alarm
from monitor.digests.render import bodies
from monitor.digests.sample import sample
from monitor.errors import SettingsError
from monitor.model import (
    Answer,
    EditionArticle,
    EditionStory,
    Failing,
    FailureKind,
    FetchFailed,
    NotSent,
    Recipient,
    Response,
    Sent,
    Unknown,
    Window,
)

pytestmark = pytest.mark.anyio

SAMPLE_SETTINGS: dict[str, tuple[str, dict[str, str]]] = {
    "apprise": ("desk", {"url": "json://localhost/x"}),
    "console": ("", {}),
    "discord": ("desk", {"url": "https://discord.com/api/webhooks/1/x"}),
    "email": ("desk@example.org", {"host": "localhost", "from": "monitor@example.org"}),
    "feed": ("desk", {"path": "feeds"}),
    "slack": ("desk", {"webhook": "https://hooks.slack.com/services/T0/B0/x"}),
    "teams": ("desk", {"url": "https://teams.example/workflows/x"}),
    "webhook": ("desk", {"url": "https://desk.example/in"}),
}


async def no_post(*_: object, **__: object) -> Response | FetchFailed:
    raise AssertionError("the console does not go over HTTP")


@pytest.mark.parametrize("name", SAMPLE_SETTINGS)
def test_the_channels_we_ship(name: str) -> None:
    """Each shipped channel is found by its name and has the whole interface."""
    assert name in channels.known()
    channel = load(name)
    assert isinstance(channel.NAMED, bool)
    assert channel.Settings.model_config["extra"] == "forbid"
    assert callable(channel.render)
    assert callable(channel.send)
    assert callable(channel.check_address)


def test_a_channel_of_a_third_party_is_a_dotted_path() -> None:
    """A dotted path is imported as it is: third-party channels need no registry."""
    assert load("monitor.channels.console") is console


@pytest.mark.parametrize(
    "name", ["", "pigeon", "_smtp", "__init__", "no.such.module", "os/path", ".a"]
)
def test_an_unknown_channel_is_a_mistake_in_the_settings(name: str) -> None:
    """The error names the channels that are known."""
    with pytest.raises(SettingsError, match="unknown channel") as caught:
        load(name)
    assert "email" in str(caught.value)


def test_a_module_that_is_no_channel_is_told_what_it_lacks() -> None:
    """The mistake is found before any edition is due."""
    with pytest.raises(
        SettingsError, match=r"json.decoder is no channel: it has no Settings, NAMED"
    ):
        load("json.decoder")


async def test_the_console_prints_the_text_edition() -> None:
    """The console prints exactly the text that was rendered."""
    shown, printed = edition(2), []
    to = Recipient("console")
    (message,) = console.render(shown, to, console.Settings(), bodies(shown), END)
    world = World(no_post, lambda: END, printed.append)
    assert await console.send(message, console.Settings(), world) == Sent("printed")
    assert "".join(printed) == bodies(shown).text + "\n"
    assert console.check_address("") is None
    assert console.check_address("x")


async def test_a_closed_terminal_loses_nothing() -> None:
    """The edition stays in the outbox, to be printed later."""

    def closed(_: str) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    shown = edition(1)
    (message,) = console.render(shown, Recipient("console"), console.Settings(), bodies(shown), END)
    answer = await console.send(message, console.Settings(), World(no_post, lambda: END, closed))
    assert answer == NotSent("cannot write: Broken pipe")


@pytest.mark.parametrize("title", ["\x1b]0;owned\x07", "a\x1b[2Jb", "a\x9bb"])
def test_S101_a_title_cannot_steer_the_terminal(title: str) -> None:
    """No control character is printed except our own line breaks."""
    shown = edition(2, title=title, snippet=title)
    text = bodies(shown).text
    assert all(letter.isprintable() or letter in "\n" for letter in text if letter != "\u200d")


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (FailureKind.DNS, NotSent),
        (FailureKind.CONNECT, NotSent),
        (FailureKind.TLS, NotSent),
        (FailureKind.REFUSED, NotSent),
        (FailureKind.REDIRECTS, NotSent),
        (FailureKind.PAUSED, NotSent),
        (FailureKind.TIMEOUT, Unknown),
        (FailureKind.PROTOCOL, Unknown),
        (FailureKind.ENCODING, Unknown),
        (FailureKind.TOO_LARGE, Unknown),
    ],
)
def test_F81_only_what_surely_never_left_is_surely_not_sent(
    kind: FailureKind, wanted: type[Answer]
) -> None:
    """A request that may have arrived leaves the outcome unknown."""
    failed = FetchFailed(kind=kind, why="why", retry_at=END + timedelta(minutes=3))
    answer = not_reached(failed, END)
    assert type(answer) is wanted
    if kind is FailureKind.PAUSED:
        assert answer == NotSent("paused: why", timedelta(minutes=3))


def test_S45_secrets_are_taken_out_of_the_far_sides_words() -> None:
    """The other side's words become one short, harmless line."""
    said = words_of(b"no\r\n\x1b hunter2 " + b"x" * 900, "hunter2", "")
    assert said.startswith("no [secret] x")
    assert len(said) == 300


KEPT = st.text(st.characters(exclude_categories=["Cs"]))
"""Any text that the store keeps: of lone surrogates it keeps none."""


@settings(max_examples=80)
@given(
    title=st.text(),
    snippet=st.text(min_size=1),
    url=KEPT,
    said=KEPT,
    at=st.integers(-12_000, 40_000).map(lambda days: END + timedelta(days=days)),
    zone=st.sampled_from(["UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Niue"]),
)
def test_F121_no_text_from_outside_can_stop_an_edition(
    title: str, snippet: str, url: str, said: str, at: datetime, zone: str
) -> None:
    """Every channel renders an edition, whatever its titles, texts and addresses contain, its
    sources, languages and matched words, its dates, and what its feeds answered."""
    shown = replace(edition(2, title=title, snippet=snippet, url=url), zone=zone)

    def article(one: EditionArticle) -> EditionArticle:
        return replace(one, source=said, language=said, also=(said, title), at=at, url=url)

    def story(one: EditionStory) -> EditionStory:
        lead, others = article(one.lead), tuple(map(article, one.others))
        return replace(one, lead=lead, others=others, reasons={"nato": (said,)}, first_reported=at)

    sections = [replace(one, stories=tuple(map(story, one.stories))) for one in shown.sections]
    books = shown.accounting
    named = tuple(replace(one, name=said, why=said) for one in books.feeds)
    books = replace(books, feeds=named)
    shown = replace(shown, sections=tuple(sections), accounting=books)
    made = bodies(shown)
    assert made.html.encode()
    for name, (to, table) in SAMPLE_SETTINGS.items():
        channel = load(name)
        chosen = channel.Settings.model_validate(table)
        assert channel.render(shown, Recipient(name, to), chosen, made, END)


@pytest.mark.parametrize("name", channels.known())
def test_F83_every_channel_takes_an_alarm(name: str) -> None:
    """The alarm is one message, which says what fails and why."""
    channel, (address, table) = load(name), SAMPLE_SETTINGS[name]
    failing = Failing(place="webhook:far", since=END, why="410 gone")
    shown = alarm.edition(alarm.Places((failing,)), alarm.Feeds(), 1, Window(END, END))
    settings = channel.Settings.model_validate(table)
    (made,) = channel.render(shown, Recipient(name, address), settings, bodies(shown), END)
    assert "webhook:far gets no messages" in made.subject
    assert b"410 gone" in made.body


@pytest.mark.parametrize("name", channels.known())
def test_D68_every_channel_takes_the_sample(name: str) -> None:
    """`monitor digests test` sends one message, which says that it is a sample."""
    channel, (address, table) = load(name), SAMPLE_SETTINGS[name]
    shown = sample(END)
    made = channel.render(
        shown,
        Recipient(name, address),
        channel.Settings.model_validate(table),
        bodies(shown),
        END,
    )
    assert len(made) == 1
    assert "Sample" in made[0].subject
    assert b"Sample" in made[0].body
