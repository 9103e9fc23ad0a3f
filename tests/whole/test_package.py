"""The wheel that is built from the repository, and what an installation accepts."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.whole


def built(source: Path, folder: Path) -> Path:
    """Build the wheel of a copy of the repository in `folder`; return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_S114_two_builds_give_the_same_bytes_and_carry_the_bill_of_materials(
    tmp_path: Path,
) -> None:
    """The second build starts from another folder, with other file times and permissions."""
    first = built(ROOT, tmp_path / "first")
    names = ("monitor", "config", "seeds", "requirements", "pyproject.toml", "README.md", "LICENSE")
    copy = tmp_path / "elsewhere" / "deeper"
    copy.mkdir(parents=True)
    for name in names:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, copy / name, copy_function=shutil.copy, ignore=ignored)
        else:
            shutil.copy(ROOT / name, copy)
    for file in copy.rglob("*"):
        os.utime(file, (1_600_000_000, 1_600_000_000))
        file.chmod(0o700 if file.is_dir() else 0o600)
    second = built(copy, tmp_path / "second")
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as wheel:
        carried = [name for name in wheel.namelist() if "/sboms/" in name]
        (bill,) = carried
        assert wheel.read(bill) == (ROOT / "requirements" / "bill.cdx.json").read_bytes()


def test_S110_one_changed_hash_makes_the_installation_fail(tmp_path: Path) -> None:
    """Pip is called as `make setup` calls it, with a local package and without the network."""
    info = "tiny-1.0.dist-info"
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("tiny.py", "")
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n")
    good = hashlib.sha256(wheel.read_bytes()).hexdigest()
    changed = good[:-1] + ("0" if good[-1] != "0" else "1")
    codes = {}
    for digest in (good, changed):
        lock = tmp_path / "lock.txt"
        lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n")
        there = tmp_path / f"there-{digest[-3:]}"
        options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock]
        offline = ["--isolated", "--no-index", "--find-links", tmp_path, "--target", there]
        ended = subprocess.run(
            [sys.executable, "-m", "pip", "install", *options, *offline],
            capture_output=True,
            text=True,
        )
        codes[digest] = (ended.returncode, there.exists(), "DO NOT MATCH" in ended.stderr)
    assert codes == {good: (0, True, False), changed: (1, False, True)}
