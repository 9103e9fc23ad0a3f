"""What the lock, the bill of materials and docs/dependencies.md say of the libraries we use."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
REQUIREMENTS = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("base.txt", "dev.txt")


def name_of(requirement: str) -> str:
    """The library that a requirement asks for, as it is written in lists."""
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return found.group().lower().replace("_", "-")


def asked_for() -> dict[str, set[str]]:
    """Libraries by who asks for them: the product, its extras, work on it."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    return {
        "product": set(map(name_of, project["dependencies"])),
        "extras": {name_of(one) for some in extras for one in some},
        "work": set(map(name_of, PROJECT["dependency-groups"]["dev"])),
    }


def documented(heading: str) -> set[str]:
    """The libraries of one table of docs/dependencies.md; each has its reason."""
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    table = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", table, re.M)[1:]
    assert all(len(reason) >= 10 for _, reason in rows)
    return {name_of(one) for names, _ in rows for one in re.sub(r"\(.*?\)", "", names).split(", ")}


def locked(name: str) -> dict[str, str]:
    """Library -> its lines of a lock file."""
    text = (REQUIREMENTS / name).read_text("utf-8")
    blocks = re.split(r"^(?=[\w])", text, flags=re.M)
    return {name_of(block): block for block in blocks if re.match(r"\w", block)}


def test_S111_every_library_has_its_reason_and_none_a_reason_without_being_used() -> None:
    """docs/dependencies.md has a reason for each; what only some users need is an extra."""
    asked = asked_for()
    assert documented("In the product") == asked["product"] | asked["extras"]
    beyond = {"slack-sdk", "psycopg", "procrastinate", "apprise"} & asked["extras"]
    assert documented("For work on it") == asked["work"] - beyond
    assert {"apprise", "psycopg", "procrastinate"} == asked["extras"]
    assert not asked["extras"] & asked["product"]
    assert not documented("Weighed and left") & (asked["product"] | asked["extras"])


@pytest.mark.parametrize("name", LOCKS)
def test_S110_every_library_is_pinned_with_its_hashes(name: str) -> None:
    """The libraries may come from anywhere: no address stands in the lock."""
    some = locked(name)
    assert asked_for()["product"] <= set(some)
    for block in some.values():
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", block)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block)
    assert "://" not in (REQUIREMENTS / name).read_text("utf-8").replace("file://", "")


def test_S110_all_that_make_installs_is_held_against_the_hashes() -> None:
    """Only the program itself is installed without hashes."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    installs = re.findall(r"pip install (.*)", makefile)
    assert len(installs) == 2
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)


def test_S114_the_bill_of_materials_is_that_of_the_lock() -> None:
    """The bill has the libraries of the lock and our version; made anew, it is the same."""
    made: str = runpy.run_path(str(REQUIREMENTS / "bill.py"))["current"]()
    assert (REQUIREMENTS / "bill.cdx.json").read_text("utf-8") == made
    told = json.loads(made)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert {one["name"] for one in told["components"]} == set(locked("base.txt"))
    assert told["metadata"]["component"]["version"] == PROJECT["project"]["version"]


CLEAN = {"name": "a", "version": "1", "vulns": []}
FLAWED = {
    "name": "b",
    "version": "2",
    "vulns": [{"id": "X-1", "fix_versions": ["2.1"]}, {"id": "X-2", "fix_versions": []}],
}
UNASKED = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("answer", "said", "code"),
    [
        ([CLEAN], ["no known flaw in what is locked"], 0),
        ([], ["could not ask about 0 of 0 packages"], 69),
        ([CLEAN, UNASKED], ["could not ask about 1 of 2 packages: c"], 69),
        ([UNASKED] * 7, ["could not ask about 7 of 7 packages: c, c, c, c, c, ..."], 69),
        (
            [FLAWED, UNASKED],
            [
                "b 2: X-1, mended in 2.1",
                "b 2: X-2, mended in no version yet",
                "could not ask about 1 of 2 packages: c",
            ],
            1,
        ),
    ],
)
def test_S113_what_could_not_be_asked_about_is_not_called_clean(
    answer: list[dict[str, Any]], said: list[str], code: int
) -> None:
    assert runpy.run_path(str(REQUIREMENTS / "flaws.py"))["judged"](answer) == (said, code)


@pytest.mark.parametrize("tool", [None, "#!/bin/sh\necho no way out >&2\nexit 1\n"])
def test_S113_where_nobody_answers_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tool: Any
) -> None:
    """Without the tool or a network, the check ends with 69 and says that it could not ask."""
    if tool:
        (tmp_path / "pip-audit").write_text(tool)
        (tmp_path / "pip-audit").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert runpy.run_path(str(REQUIREMENTS / "flaws.py"))["main"]([]) == 69
    assert capsys.readouterr().out.startswith("could not ask: ")
