"""Asks an advisory source for known flaws of everything that is locked, by `pip-audit`.

Ends with 0 when every package was asked about and none has a flaw, with 1 when one has, and with
69 when not all could be asked about: `pip-audit` itself calls that a clean result.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COULD_NOT_ASK = 69
NAMED = 5


def judged(dependencies: list[dict[str, Any]]) -> tuple[list[str], int]:
    """What to say of the answer's `dependencies`, and how to end."""
    flaws = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in "
        f"{', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in dependencies
        for flaw in one.get("vulns", ())
    ]
    unasked = [one["name"] for one in dependencies if "skip_reason" in one]
    said = [*flaws]
    if unasked or not dependencies:
        some = ", ".join(unasked[:NAMED]) + (", ..." if len(unasked) > NAMED else "")
        what = f"could not ask about {len(unasked)} of {len(dependencies)} packages"
        said.append(f"{what}: {some}" if some else what)
    if flaws:
        return said, 1
    return (said, COULD_NOT_ASK) if said else (["no known flaw in what is locked"], 0)


def main(arguments: list[str]) -> int:
    """Ask, and say what came of it. `arguments` go to pip-audit, such as `-s osv`."""
    program = shutil.which("pip-audit")
    if program is None:
        print("could not ask: pip-audit is not here (pipx install pip-audit)")
        return COULD_NOT_ASK
    fixed = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    ended = subprocess.run(  # noqa: S603 - a tool of whoever runs this, with fixed words
        [program, *fixed, "-r", HERE / "dev.txt", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        said, code = judged(json.loads(ended.stdout)["dependencies"])
    except ValueError:
        last = (ended.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        said, code = [f"could not ask: {last[:200]}"], COULD_NOT_ASK
    print("\n".join(said))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
