"""Writes the bill of materials: what stands in the lock file, as CycloneDX 1.6 (ECMA-424).

`make lock` makes it anew, and the wheel carries it (PEP 770). It holds no time and no number of
chance, so that equal locks give equal bills.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCK, BILL = HERE / "base.txt", HERE / "bill.cdx.json"
PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;]+)", re.M)


def bill(lock: str, project: dict[str, Any]) -> str:
    """The bill as JSON text. `lock`: the text of the lock file; `project`: `[project]`."""
    name, version = project["name"], project["version"]
    told = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": name,
                "name": name,
                "version": version,
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": f"{found['name']}=={found['version']}",
                "name": found["name"],
                "version": found["version"],
                "purl": f"pkg:pypi/{found['name']}@{found['version']}",
            }
            for found in PINNED.finditer(lock)
        ],
    }
    return json.dumps(told, indent=1) + "\n"


def current() -> str:
    """The bill of the lock file as it is now."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    return bill(LOCK.read_text("utf-8"), project)


if __name__ == "__main__":
    BILL.write_text(current(), "utf-8")
