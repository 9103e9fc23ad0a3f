"""`monitor digests`: what is told, when, to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.cli import deliveries, output, times
from monitor.cli.chosen import check_known
from monitor.cli.state import (
    command,
    group,
    looking,
    number,
    parts,
    require_database,
    state,
    store,
)
from monitor.errors import SettingsError, TryLaterError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from monitor.model import Answer, Digest, Message, Window
    from monitor.pipeline.parts import Parts
    from monitor.pipeline.publish import Preview
    from monitor.pipeline.publish import Published as Made
    from monitor.shapes.deliveries import DeliveryRow
    from monitor.shapes.digests import DigestRow
    from monitor.store.editions import Published

Name = Annotated[str, typer.Argument(help="The name of a digest.")]
Number = Annotated[
    int | None, typer.Argument(help="An edition's number; the newest by default.", parser=number)
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    noun = group(app, "digests", "What is reported, when, and to whom.")
    command(noun, "list")(show)
    command(noun, "preview")(preview)
    command(noun, "publish")(publish)
    command(noun, "show")(edition)
    command(noun, "resend")(resend)
    command(noun, "test")(test)


async def show() -> None:
    """List the digests, the time that each has covered, and who gets it."""
    from monitor.shapes.digests import digest_row
    from monitor.store import editions, recipients

    async with looking() as world:
        now = world.clock.now()
        held = await world.store.read(recipients.suspended)
        rows = [
            digest_row(digest, await world.store.read(editions.pointer, digest.name), held, now)
            for digest in world.digests
        ]
        deliveries.tell_hold(world.store)
    columns = {
        "name": "name",
        "schedule": "schedule",
        "zone": "zone",
        "next": "next",
        "edition": "number",
        "covered until": "covered_until",
    }
    empty = "there is no digest"
    # For people, in the zone of the schedule beside it.
    shown = rows if state.json else [{**row, "next": _in_zone(row)} for row in rows]
    output.listing(shown, columns, empty=empty, as_lines=state.json, right=("edition",))
    if rows and not state.json:
        # Below, not in the table above: at 80 columns, that would break every address.
        output.say()
        output.table(("name", "to"), ((row["name"], _to(row)) for row in rows))


def _in_zone(row: DigestRow) -> str:
    """Return when the next edition is due, as its schedule counts; empty if that is at once."""
    due = row["next"]
    return f"{due.astimezone(ZoneInfo(row['zone'])):%Y-%m-%d %H:%M %Z}" if due else ""


def _to(row: DigestRow) -> str:
    """Return the recipients of a digest, with the reason for each that gets nothing of it."""
    held = row["suspended"]
    return ", ".join(
        f"{whom} (gets nothing: {output.one_line(held[whom])})" if whom in held else whom
        for whom in row["recipients"]
    )


async def preview(
    name: Name,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write .eml, .html and .json there.")
    ] = None,
) -> None:
    """Show what a digest would report now; nothing is sent and nothing changes."""
    from monitor.pipeline import publish as step

    async with looking() as world:
        digest, world = _readable_as_mail(_named(world, name), world)
        made = await step.preview(world, digest, world.clock.now())
    files = _written(made, out) if out else []
    if state.json:
        output.emit({"edition": made.draft.bodies.data, "files": files})
        return
    output.say(made.draft.bodies.text)
    for file in files:
        output.say(f"written: {file}")


def _written(made: Preview, folder: Path) -> list[str]:
    from monitor.pipeline import publish as step

    try:
        return [str(file) for file in step.write_preview(made, folder)]
    except OSError as error:
        raise output.unwritable(folder, error) from error


def _readable_as_mail(digest: Digest, world: Parts) -> tuple[Digest, Parts]:
    """Return the digest with a reader by mail: a made-up one if it has none."""
    from monitor.channels import email
    from monitor.model import Recipient

    if any(recipient.channel == "email" for recipient in digest.recipients):
        return digest, world
    sender = email.Settings.model_validate({"host": "localhost", "from": "monitor@localhost"})
    reader = Recipient("email", "preview@localhost")
    return replace(digest, recipients=(reader,)), replace(world, channel=lambda _: sender)


async def publish(
    name: Name,
    window: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN|FROM/TO",
            help="An extra edition, which may repeat regular ones: 24h, "
            "2024-10-17/2024-10-18T06:00Z.",
        ),
    ] = None,
) -> None:
    """Publish a digest now, with everything that it has not reported yet, and send it."""
    from monitor.model import Window
    from monitor.pipeline import publish as step
    from monitor.store import editions

    async with parts() as world:
        digest = _named(world, name)
        deliveries.refuse_held(world.store)
        now = world.clock.now()
        if window is not None:
            await _publish_besides(world, digest, _window(window, now))
            return
        await step.windows(world, digest, now)  # creates the pointer of a new digest
        pointer = await world.store.read(editions.pointer, digest.name)
        assert pointer is not None  # noqa: S101  # it was just created
        since = pointer.covered_until
        if since >= now:
            output.note(f"no edition: {name} tells what comes from {output.moment(since)} UTC on")
            deliveries.tell(world, [])
            return
        made = await step.publish(world, digest, Window(since, now))
        if made is None:
            raise TryLaterError(f"{name} is being published by another process", hint="try again")
        await _send(world, made, since)


async def _publish_besides(world: Parts, digest: Digest, window: Window) -> None:
    from monitor.pipeline import publish as step

    made = await step.publish_besides(world, digest, window)
    if made is None:
        span = f"from {output.moment(window.start)} to {output.moment(window.end)} UTC"
        raise UsageError(
            f"{digest.name} was published {span} before",
            hint=f"send it again: monitor digests resend {step.name_besides(digest, window)}",
        )
    await _send(world, made, window.start)


async def _send(world: Parts, made: Made, since: datetime) -> None:
    """Send the messages of an edition, and say what became of it."""
    from monitor.runners import inline
    from monitor.store import outbox

    mine = await world.store.read(outbox.of_edition, made.id) if made.id else []
    ids = {one.delivery.id for one in mine}
    done = await inline.send(world, ids)
    if not state.json:
        output.note(_told(made, since))
    deliveries.tell(world, done, ids)


def _window(text: str, now: datetime) -> Window:
    """Read "24h" up to now, or "FROM/TO" (ISO 8601-1, 5.5); raise UsageError for anything else."""
    from monitor.model import Window

    first, slash, last = text.partition("/")
    start, end = times.since(first), times.since(last) if slash else now
    if not start < end <= now:
        raise UsageError(
            f"{text!r} is not a window", hint="it must begin before it ends, and end by now"
        )
    return Window(start, end)


def _told(made: Made, since: datetime) -> str:
    if made.id is None:
        return f"no edition: nothing new since {output.moment(since)} UTC"
    besides = "+" in made.edition.digest
    told = f"edition {made.edition.digest if besides else made.edition.number}: "
    told += output.count(len(made.edition.stories), "story", "stories")
    if not made.messages and not made.edition.stories:
        told += ", not sent (the digest's rule for an empty edition)"
    return told


def _named(world: Parts, name: str) -> Digest:
    known = {digest.name: digest for digest in world.digests}
    check_known("digest", [name], known)
    return known[name]


def edition(name: Name, number: Number = None) -> None:
    """Show a published edition, what was cut from it, and what became of its messages."""
    from monitor.shapes.digests import edition as told_whole
    from monitor.store import editions, outbox

    with store() as kept:
        found = kept.read_now(editions.get, name, number)
        if found is None:
            raise _no_edition(name, number)
        sent = kept.read_now(outbox.of_edition, found.id)
        cut = kept.read_now(editions.cut_stories, found.id)
        repeated = kept.read_now(editions.repeats, found.id)
    told = told_whole(found, cut, repeated, sent)
    if state.json:
        output.emit(told)
    else:
        more = {"Did not fit": cut, "Repeated, with nothing new": repeated}
        _print(found, more, told["deliveries"])


def _no_edition(name: str, number: int | None) -> UsageError:
    which = f"of a digest {name!r}" if number is None else f"{number} of {name}"
    return UsageError(f"there is no edition {which}", hint="monitor digests list")


def _print(
    found: Published, more: dict[str, list[tuple[str, str]]], sent: Sequence[DeliveryRow]
) -> None:
    window = found.window
    output.hung("", found.subject)
    output.say(f"edition {found.number}, ", end="")
    output.say(f"{output.moment(window.start)} to {output.moment(window.end)} UTC\n")
    for section in found.body["sections"]:
        output.say(output.one_line(section["title"]))
        for story in section["stories"]:
            lead = story["lead"]
            output.hung("  ", story["title"])
            output.say(f"    {output.one_line(lead['url'])}")
    for one in found.body.get("failing", ()):  # in an alarm; older editions lack it
        since = output.moment(datetime.fromisoformat(one["since"]))
        output.say(output.one_line(f"{one['place']} since {since} UTC {one['why']}"))
    for heading, some in more.items():
        if some:
            output.say(heading)
        for title, url in some:
            output.hung("  ", title)
            output.say(f"    {output.one_line(url)}")
    output.say()
    for row in sent:
        output.say(output.one_line(f"{row['recipient']}  {row['state']}  {row['why']}"))


async def resend(
    name: Name,
    number: Number = None,
    new_id: Annotated[
        bool,
        typer.Option(
            "--new-id",
            help="Mails get a new Message-ID and are marked, so that no reader hides the repeat.",
        ),
    ] = False,
) -> None:
    """Send an edition again: the same messages, to the same recipients."""
    from monitor.runners import inline
    from monitor.store import editions, outbox

    require_database()
    async with parts() as world:
        found = await world.store.read(editions.get, name, number)
        if found is None:
            raise _no_edition(name, number)
        deliveries.refuse_held(world.store)
        change = _anew(world) if new_id else None
        now = world.clock.now()
        ids, claimed = await world.store.write_durably(outbox.resend, found.id, now, change)
        if claimed and not ids:
            what = f"edition {found.number} of {found.digest} is being sent"
            raise TryLaterError(what, hint="try again; monitor deliveries list shows how it ended")
        done = await inline.send(world, ids)
    if claimed:
        told = output.count(claimed, "message is", "messages are")
        output.note(f"{told} being sent by another process, and left alone")
    deliveries.tell(world, done, ids)


def _anew(world: Parts) -> Callable[[Message], Message]:
    """Give mails a new id; messages of other channels stay as they are."""
    from monitor.channels import email

    def change(message: Message) -> Message:
        if not message.is_mail:
            return message
        return email.anew(message, world.channel(message.recipient), world.clock.now())

    return change


async def test(
    recipient: Annotated[
        str, typer.Argument(help='As in digests.toml: "email:desk@example.org", "slack:NAME".')
    ],
) -> None:
    """Send a sample digest of made-up stories to one recipient now, and show the answer."""
    from monitor import channels
    from monitor.config import entries
    from monitor.digests.render import bodies
    from monitor.digests.sample import sample
    from monitor.model import Sent

    wanted = entries.recipient(recipient)
    try:
        channel = channels.load(wanted.channel)
    except SettingsError as error:
        [mistake] = error.mistakes
        raise UsageError(f"{recipient!r} is not a recipient", mistake.what, mistake.hint) from None
    wrong = channel.check_address(wanted.address)
    if wrong:
        raise UsageError(f"{recipient!r} is not a recipient", wrong)
    async with parts() as world:
        settings = world.channel(wanted)
        shown = sample(world.clock.now())
        made = bodies(shown, world.templates)
        messages = channel.render(shown, wanted, settings, made, world.clock.now())
        answers = [await channel.send(messages[0], settings, world.world)]
        first = answers[0].receipt if isinstance(answers[0], Sent) else ""
        later = replace(world.world, first_receipt=first)
        answers += [await channel.send(message, settings, later) for message in messages[1:]]
    rows = [
        {
            "recipient": str(wanted),
            "part": message.part,
            "parts": message.parts,
            "sent": isinstance(answer, Sent),
            "answer": _answered(answer),
        }
        for message, answer in zip(messages, answers, strict=True)
    ]
    columns = {"recipient": "recipient", "part": "part", "sent": "sent", "answer": "answer"}
    output.listing(rows, columns, empty="nothing to send", as_lines=state.json)
    if reasons := [str(row["answer"]) for row in rows if not row["sent"]]:
        raise output.failed(f"the sample was not sent to {wanted}", reasons, "monitor doctor")


def _answered(answer: Answer) -> str:
    """Say in one line what came of a sample; a lost answer does not mean that it was not taken."""
    from monitor.model import Sent, Unknown

    if isinstance(answer, Sent):
        return answer.receipt
    return f"perhaps sent: {answer.why}" if isinstance(answer, Unknown) else answer.why
