"""Ctrl-C while the event loop runs: everything is closed in order, however often it comes."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

_PROGRAM = """
import asyncio, signal, sys
from monitor.runners import loop

signal.signal(signal.SIGINT, signal.default_int_handler)  # else ignored in the background
loop.ONE_CTRL_C_S = float(sys.argv[1])

async def work():
    try:
        print("at work", flush=True)
        await asyncio.sleep(60)
    finally:
        print("closing", flush=True)
        sys.stdin.readline()
        print("closed", flush=True)

try:
    loop.run(work())
except KeyboardInterrupt:
    sys.exit(130)
"""


def interrupted_twice(one_s: float) -> tuple[str, int]:
    """Interrupt a program at its work and while it closes; return its last words and its code."""
    command = (sys.executable, "-c", _PROGRAM, str(one_s))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for said in ("at work\n", "closing\n"):
            assert program.stdout.readline() == said
            program.send_signal(signal.SIGINT)
        last, _ = program.communicate("\n", timeout=30)
        return last, program.returncode


@pytest.mark.timeout(60)
def test_F12_a_repeated_interrupt_does_not_break_the_closing() -> None:
    """`timeout` and others send it twice: nothing may be raised while locks are held."""
    assert interrupted_twice(one_s=3600) == ("closed\n", 130)


@pytest.mark.timeout(60)
def test_F12_a_later_interrupt_ends_a_program_that_does_not_close() -> None:
    assert interrupted_twice(one_s=0) == ("", -signal.SIGINT)
