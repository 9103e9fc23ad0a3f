"""Pictures of what readers get: the mail, light and dark, wide and on a phone, and the console.

`python bench/pictures.py DIR` writes them there; docs/pictures holds two of them. Needs what the
gate of mail needs (`bench/gates/mail.py`): node, chromium, and puppeteer-core in MONITOR_JUDGES.
"""

from __future__ import annotations

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

from monitor.digests.render import bodies
from monitor.digests.sample import sample

NOW = datetime(2024, 10, 18, 6, tzinfo=UTC)
SHOOT = """
const [judges, chromium, page, folder] = process.argv.slice(2);
const browsers = require(judges + '/node_modules/puppeteer-core');
(async () => {
  const browser = await browsers.launch({executablePath: chromium, args: ['--no-sandbox']});
  for (const scheme of ['light', 'dark'])
    for (const [name, width] of [['wide', 760], ['phone', 390]]) {
      const tab = await browser.newPage();
      await tab.setViewport({width, height: 600});
      await tab.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
      await tab.goto('file://' + page);
      await tab.screenshot({path: `${folder}/mail-${name}-${scheme}.png`, fullPage: true});
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
        words = [node, str(script), str(Path(judges).absolute()), chromium, str(page), str(folder)]
        subprocess.run(words, check=True, timeout=120)
    console = Console(record=True, width=80, file=StringIO())
    console.print(made.text, markup=False, highlight=False)
    shown = console.export_svg(title="monitor digests publish morning", theme=MONOKAI)
    # Fonts of others' servers are not asked for: the system's own will do.
    shown = re.sub(r"@font-face \{.*?\}\s*", "", shown, flags=re.DOTALL)
    (folder / "console.svg").write_text(shown, encoding="utf-8")
    return 0


def _browser() -> str | None:
    return shutil.which("chromium") or shutil.which("google-chrome")


if __name__ == "__main__":
    sys.exit(main())
