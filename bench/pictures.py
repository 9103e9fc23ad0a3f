"""Take pictures of what readers get: mail, desk and console.

Mail and desk are shown in a browser, light and dark, wide and on a phone.

`python bench/pictures.py DIR` writes them to DIR; docs/pictures holds some of them. Needs what the
mail gate needs (`bench/gates/mail.py`): node, chromium, and puppeteer-core in MONITOR_JUDGES.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from bench.gates.pages import PATHS, demo_site
from monitor.digests.render import bodies
from monitor.digests.sample import sample

NOW = datetime(2024, 10, 18, 6, tzinfo=UTC)
SHOOT = """
const [judges, chromium, name, page, folder, whole] = process.argv.slice(2);
const browsers = require(judges + '/node_modules/puppeteer-core');
(async () => {
  const browser = await browsers.launch({executablePath: chromium, args: ['--no-sandbox']});
  for (const scheme of ['light', 'dark'])
    for (const [size, width] of [['wide', whole ? 760 : 1000], ['phone', 390]]) {
      const tab = await browser.newPage();
      await tab.setViewport({width, height: whole ? 600 : 820});
      await tab.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
      await tab.goto(page);
      const path = `${folder}/${name}-${size}-${scheme}.png`;
      await tab.screenshot({path, fullPage: !!whole});
      await tab.close();
    }
  await browser.close();
})();
"""


def main() -> int:
    """Write the pictures; without a folder or the tools, only say what is needed."""
    judges, chromium, node = os.environ.get("MONITOR_JUDGES"), _browser(), shutil.which("node")
    if len(sys.argv) != 2 or not (judges and chromium and node):
        print(__doc__)
        return 0
    folder = Path(sys.argv[1]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    made = bodies(sample(NOW, "Europe/London"))
    with tempfile.TemporaryDirectory(prefix="pictures-") as name:
        page, script = Path(name) / "mail.html", Path(name) / "shoot.cjs"
        page.write_text(made.html, encoding="utf-8")
        script.write_text(SHOOT)
        tools = [node, str(script), str(Path(judges).absolute()), chromium]
        words = [*tools, "mail", page.as_uri(), str(folder), "whole"]
        subprocess.run(words, check=True, timeout=120)
        asyncio.run(_desk(tools, folder, Path(name)))
    console = Console(record=True, width=80, file=StringIO())
    console.print(made.text, markup=False, highlight=False)
    shown = console.export_svg(title="monitor digests publish morning", theme=MONOKAI)
    # Do not load fonts from other servers: the system's own will do.
    shown = re.sub(r"@font-face \{.*?\}\s*", "", shown, flags=re.DOTALL)
    (folder / "console.svg").write_text(shown, encoding="utf-8")
    return 0


async def _desk(tools: list[str], folder: Path, work: Path) -> None:
    """Take pictures of the desk with the demo's week."""
    async with demo_site(work) as where:
        words = [*tools, "desk", f"{where}{PATHS['desk']}", str(folder)]
        done = await asyncio.create_subprocess_exec(*words)
        if await done.wait():
            raise RuntimeError("the desk could not be pictured")


def _browser() -> str | None:
    return shutil.which("chromium") or shutil.which("google-chrome")


if __name__ == "__main__":
    sys.exit(main())
