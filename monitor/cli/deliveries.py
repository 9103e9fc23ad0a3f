"""`monitor deliveries`: what was sent, what was not, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output, times
from monitor.cli.chosen import check_known
from monitor.cli.news import News
from monitor.cli.state import (
    clock,
    command,
    group,
    number,
    parts,
    require_database,
    state,
    store,
)
from monitor.errors import TryLaterError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.pipeline.deliver import Delivered
    from monitor.pipeline.hold import Waiting
    from monitor.pipeline.parts import Parts
    from monitor.shapes.deliveries import DeliveryRow
    from monitor.store import Store
    from monitor.store.holds import Hold


def register(app: typer.Typer) -> None:
    """Add the commands."""
    noun = group(app, "deliveries", "What was sent, and what was not.")
    command(noun, "list")(show)
    command(noun, "retry")(retry)
    command(noun, "suspended")(suspended)
    command(noun, "suspend")(suspend)
    command(noun, "resume")(resume)
    command(noun, "hold")(hold)
    command(noun, "release")(release)


def show(
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--state",
            metavar="STATE",
            help="Only pending, sending, sent, refused, expired (repeatable).",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most to show.")] = 100,
) -> None:
    """List deliveries, newest first."""
    from monitor.shapes.deliveries import delivery_row
    from monitor.store import outbox

    states = _states(only) if only else None
    with store() as kept:
        found = kept.read_now(outbox.listing, states=states, limit=limit)
        tell_hold(kept)
    rows = [delivery_row(one) for one in found]
    columns: dict[str, output.Column] = {
        "id": "id",
        "digest": _edition,
        "recipient": "recipient",
        "state": "state",
        "when": _when,
        "tries": "attempts",
        "why": "why",
    }
    empty = "there was nothing to send"
    output.listing(rows, columns, empty=empty, as_lines=state.json, right=("id", "tries"))


def _edition(row: DeliveryRow) -> str:
    part = f" ({row['part']}/{row['parts']})" if row["parts"] > 1 else ""
    return f"{row['edition']}{part}"


def _when(row: DeliveryRow) -> datetime | None:
    """Return when a delivery is tried next, or when it ended."""
    return row["due"] or row["ended"]


def _states(names: Sequence[str]) -> list[str]:
    from monitor.model import DeliveryState

    check_known("state", names, [one.value for one in DeliveryState])
    return list(names)


async def retry(
    ids: Annotated[
        list[int], typer.Argument(metavar="ID...", help="Numbers of deliveries.", parser=number)
    ],
) -> None:
    """Try again what could not be sent; what was sent is left alone."""
    from monitor.runners import inline
    from monitor.store import outbox

    require_database()
    async with parts() as world:
        refuse_held(world.store)
        again, left = await world.store.write(outbox.retry, ids, world.clock.now())
        alone = [_left_alone(one, left.get(one)) for one in dict.fromkeys(ids) if one not in again]
        if not again:
            hint = "monitor deliveries list shows them; sent ones: digests resend"
            raise UsageError("none of these can be tried again", "; ".join(alone), hint)
        done = await inline.send(world, again)
    for why in alone:
        output.note(f"left alone: {why}")
    tell(world, done, again)


def _left_alone(number: int, state_now: str | None) -> str:
    """Why a delivery is not tried again."""
    if state_now is None:
        return f"there is no delivery {number}"
    return f"{number} is being sent" if state_now == "sending" else f"{number} was {state_now}"


def suspended() -> None:
    """List the recipients to whom nothing is sent, since when, and why."""
    from monitor.store import recipients

    with store() as kept:
        found = kept.read_now(recipients.suspended)
    rows = [
        {"recipient": str(o.recipient), "digest": o.digest, "since": o.since, "why": o.why}
        for o in found
    ]
    columns = {name: name for name in ("recipient", "digest", "since", "why")}
    output.listing(rows, columns, empty="nobody is suspended", as_lines=state.json)


Whom = Annotated[str, typer.Argument(metavar="RECIPIENT", help="As written in digests.toml.")]


async def suspend(
    recipient: Whom,
    why: Annotated[str, typer.Option(help="The reason, as it will be shown.")] = "by hand",
) -> None:
    """Send nothing more to a recipient; for people, and for a program that reads bounces."""
    from monitor.config import entries
    from monitor.store import recipients

    async with parts() as world:
        whom = entries.recipient(recipient)
        known = {one for digest in world.digests for one in digest.recipients} | {*world.alarms}
        if whom not in known:
            hint = f"known: {', '.join(sorted(map(str, known)))}"
            raise UsageError(f"nothing is sent to {recipient!r}", hint=hint)
        await world.store.write(recipients.suspend, whom, why, world.clock.now())
    if state.json:
        output.emit({"recipient": str(whom), "suspended": True, "why": why})
    else:
        output.note(f"{whom} is suspended; deliveries resume {whom} ends it")


def resume(recipient: Whom) -> None:
    """Send to a suspended recipient again; deliveries retry sends what was refused meanwhile."""
    from monitor.config import entries
    from monitor.store import recipients

    whom = entries.recipient(recipient)
    with store() as kept:
        if not kept.write_now(recipients.resume, whom):
            raise UsageError(f"{recipient!r} is not suspended", hint="monitor deliveries suspended")
    if state.json:
        output.emit({"recipient": str(whom), "suspended": False})


def hold(
    taken: Annotated[
        str,
        typer.Option(metavar="TIME", help="When the restored backup was made."),
    ],
) -> None:
    """Hold all sending after the database was restored without monitor restore."""
    from monitor.store import holds

    at = times.since(taken)
    if at >= clock().now():
        raise UsageError(f"--taken {taken} lies ahead", hint="when was the backup made?")
    require_database()
    with store() as kept:
        kept.write_now(holds.begin, at)
        kept.write_now(holds.enter, clock().now())
        tell_hold(kept)
    if state.json:
        output.emit({"held": True, "taken": at})


class Open(StrEnum):
    """What becomes of messages that were not sent according to the backup."""

    SEND = "send"
    SKIP = "skip"


async def release(
    news: Annotated[
        News | None,
        typer.Option(
            help="What came after the backup was made: report it in one edition per digest, or "
            "skip it (it may have been reported)."
        ),
    ] = None,
    messages: Annotated[
        Open | None,
        typer.Option(
            help="Messages that waited when the backup was made: send them, or skip them (they may "
            "have been sent)."
        ),
    ] = None,
) -> None:
    """Resume sending after a restore; without options, show what is held and change nothing."""
    from monitor.pipeline import hold as step

    require_database()
    async with parts() as world:
        now = world.clock.now()
        held = await step.waiting(world, now)
        if held is None:
            raise UsageError("sending is not held", hint="monitor status")
        if news is None or (messages is None and held.messages):
            _show_waiting(held)
            raise UsageError(
                "say what becomes of the gap", hint="--news tell|skip, --messages send|skip"
            )
        tell, sending = news is News.TELL, messages is Open.SEND
        made = await step.release(world, held.hold, tell=tell, send=sending, now=now)
    editions = [f"{one.edition.digest} {one.edition.number}" for one in made]
    if state.json:
        told = {"news": news.value, "messages": messages and messages.value}
        output.emit({"held": False, **told, "count": held.messages, "editions": editions})
        return
    output.say("sending is on again: monitor run sends what is due")
    if editions:
        verb = "made" if tell else "kept, not sent"
        output.say(f"{verb}: {', '.join(editions)} (monitor digests show)")
    if held.messages:
        verb = "are due" if sending else "are given up (monitor deliveries retry sends one)"
        output.say(f"{output.count(held.messages, 'message')} from before {verb}")


def _show_waiting(held: Waiting) -> None:
    """Show people what is held."""
    if state.json:
        return
    output.say(_held_words(held.hold))
    for name, count in held.stories:
        output.say(f"  {name}: {output.count(count, 'story', 'stories')} not reported")
    output.say(f"  {output.count(held.messages, 'message')} waited when the backup was made")
    if held.unasked:
        told = output.count(held.unasked, "feed has", "feeds have")
        output.say(f"  {told} not answered since: monitor run polls, and sends nothing yet")


def _held_words(hold: Hold) -> str:
    at = output.moment(hold.taken)
    return f"sending is held: the database was restored from a backup of {at} UTC"


def tell_hold(kept: Store) -> None:
    """Say beside an answer that sending is held, if it is."""
    from monitor.store import holds

    if found := kept.read_now(holds.current):
        output.note(f"{_held_words(found)}; monitor deliveries release ends it")


def refuse_held(kept: Store) -> None:
    """Raise TryLaterError while sending is held: no command may send past the hold."""
    from monitor.store import holds

    if found := kept.read_now(holds.current):
        raise TryLaterError(_held_words(found), hint="monitor deliveries release ends it")


def check_recorded(world: Parts) -> None:
    """Raise TryLaterError if what became of a message could not be written down."""
    if unrecorded := len(world.memory.unrecorded):
        told = output.count(unrecorded, "message was", "messages were")
        hint = "make room; each is sent once more, with the same Message-ID"
        raise TryLaterError(f"{told} tried, but not recorded", hint=hint)


def tell(world: Parts, done: Sequence[Delivered], ids: Collection[int] = ()) -> None:
    """Print how sending ended, and how many of `ids` were left.

    Raises TryLaterError if it could not be recorded, FailedError if nothing was sent.
    """
    from monitor.model import Sent

    rows = [
        {
            "id": one.delivery.id,
            "recipient": str(one.delivery.message.recipient),
            "answer": type(one.answer).__name__,
            "why": one.answer.receipt if isinstance(one.answer, Sent) else one.answer.why,
        }
        for one in done
    ]
    columns = {name: name for name in ("id", "recipient", "answer", "why")}
    left = set(ids) - {one.delivery.id for one in done}
    empty = "nothing was sent" if left else "there was nothing to send"
    output.listing(rows, columns, empty=empty, as_lines=state.json, right=("id",))
    if left and not state.json:
        told = output.count(len(left), "message is", "messages are")
        output.note(f"{told} left to monitor run, after earlier ones (monitor deliveries list)")
    check_recorded(world)
    if done and not any(isinstance(one.answer, Sent) for one in done):
        reasons = [f"{row['recipient']}: {row['why']}" for row in rows]
        raise output.failed("nothing was sent", reasons, "monitor deliveries list")
