"""Starts `ours.py`: `with_monitor.py FOLDER`.

A worker process loads the main module of the program that it works for. So this one holds what the
installed command's does, and no more.
"""

from __future__ import annotations

import sys

import monitor.cli.main  # noqa: F401  # what the installed command imports

if __name__ == "__main__":
    from pathlib import Path

    from bench.pollers.ours import main
    from monitor.runners import loop

    loop.run(main(Path(sys.argv[1])))
