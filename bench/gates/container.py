"""The whole job as in a container: no rights, and nothing but the data can be written.

Run as `.venv/bin/python bench/gates/container.py`, by `make gates`. It takes a mount namespace of
its own, of which nothing is left behind; where none can be made, it says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

USER = "65532"
NEEDED = ("unshare", "chroot", "setpriv")
BARE = """
set -eu
mount --make-rprivate /
mount --rbind / "$ROOT"
awk '{print $2}' /proc/self/mounts | while read -r place; do
  case "$place" in "$ROOT"*) mount -o remount,bind,ro "$place" 2>/dev/null || true ;; esac
done
mount -t tmpfs -o mode=0700,uid="$ID",gid="$ID" none "$ROOT/mnt"
exec chroot "$ROOT" setpriv --reuid "$ID" --regid "$ID" --clear-groups --no-new-privs \\
  --inh-caps="$READS" --ambient-caps="$READS" --bounding-set="$READS" sh -c "$COMMAND"
"""
"""The file system once more, to be read only; data at /mnt."""
COMMAND = """
set -eu
cd /mnt
for place in / /srv /tmp /var/tmp /usr; do
  if touch "$place/x" 2>/dev/null; then echo "$place can be written"; exit 1; fi
done
"$PROGRAM" -m monitor demo
ls -A
"""


def unable() -> str:
    """Why it cannot be tried here; empty: it can."""
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        return f"{', '.join(missing)}: not installed"
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "no mount namespace can be made by this user"


def main() -> int:
    """Try it."""
    if why := unable():
        print(f"container: not tried, {why}")
        return 0
    with tempfile.TemporaryDirectory() as root:
        environ = {
            "PATH": os.environ["PATH"],
            "ROOT": root,
            "ID": USER,
            "COMMAND": COMMAND,
            "PROGRAM": sys.executable,
            "READS": "-all,+dac_read_search",  # the interpreter may lie in somebody's home
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/mnt",
            "TMPDIR": "/mnt",
        }
        ended = subprocess.run(
            ["unshare", "--mount", "sh", "-c", BARE],
            env=environ,
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
    left = ended.stdout.splitlines()[-1:]
    works = ended.returncode == 0 and left == ["monitor-demo"]
    print(f"container: {'works' if works else 'fails'} where only its data can be written")
    if not works:
        print(ended.stdout[-2000:], ended.stderr[-2000:], sep="\n")
    return 0 if works else 1


if __name__ == "__main__":
    sys.exit(main())
