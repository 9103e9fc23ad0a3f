"""Gate: what others' judges say of our mail: the Nu validator, axe in Chromium, SpamAssassin.

Each is asked when it is here. `npm install --prefix DIR vnu-jar axe-core puppeteer-core` and
`MONITOR_JUDGES=DIR` bring the first two (they need java, node and chromium); SpamAssassin is a
package of most systems. What is not here is named as not installed, and passes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from monitor.channels import email
from monitor.digests.render import HTML_LIMIT, bodies
from monitor.digests.sample import sample
from monitor.model import Edition, Recipient

NOW = datetime(2024, 10, 18, 6, tzinfo=UTC)
SPAM_CEILING = 1.0
SETTINGS = email.Settings.model_validate(
    {"host": "localhost", "from": "Watch desk <digest@example.org>"}
)

AXE = """
const [folder, axe, chromium, ...pages] = process.argv.slice(2);
const browsers = require(folder + '/puppeteer-core');
(async () => {
  const options = {executablePath: chromium, args: ['--no-sandbox']};
  const browser = await browsers.launch(options);
  const found = [];
  for (const page of pages)
    for (const scheme of ['light', 'dark'])
      for (const width of [800, 360]) {
        const tab = await browser.newPage();
        const asked = url => /^(file|data):/.test(url) || found.push('asks for ' + url);
        tab.on('request', one => asked(one.url()));
        await tab.setViewport({width, height: 900});
        await tab.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
        await tab.goto('file://' + page);
        const needed = await tab.evaluate(() => document.documentElement.scrollWidth);
        if (needed > width) found.push(`${page} needs ${needed} of ${width} pixels`);
        await tab.addScriptTag({path: axe});
        const said = await tab.evaluate(() => axe.run());
        for (const one of said.violations)
          found.push(`${page}, ${scheme}, ${width}: ${one.id}: ${one.nodes[0].html.slice(0, 100)}`);
        await tab.close();
      }
  await browser.close();
  console.log(JSON.stringify(found));
})();
"""


def main() -> int:
    """Print what each judge says; 1 when one finds a fault."""
    with tempfile.TemporaryDirectory(prefix="mail-") as name:
        pages = list(_written(Path(name)))
        missed = sum(_short_enough(page) for page in pages)
        missed += _nu(pages) + _axe(pages, Path(name)) + sum(_spam(page) for page in pages)
    return 1 if missed else 0


def _editions() -> Iterator[tuple[str, Edition]]:
    """Empty, blind, usual, right to left, and longer than a mail may be."""
    usual = sample(NOW, "Europe/London")
    feeds = tuple(replace(feed, polls=4, failed=4) for feed in usual.accounting.feeds)
    section = usual.sections[0]
    story = section.stories[0]
    lead = replace(story.lead, title="وزراء الدفاع يتفقون على دوريات مشتركة", language="ar")
    yield "usual", usual
    yield "empty", replace(usual, sections=())
    yield "blind", replace(usual, accounting=replace(usual.accounting, feeds=feeds), cut=4)
    turned = replace(section, stories=(replace(story, lead=lead),))
    yield "rtl", replace(usual, sections=(turned,))
    many = tuple(replace(story, id=number) for number in range(500))
    yield "long", replace(usual, sections=(replace(section, stories=many),))


def _written(folder: Path) -> Iterator[Path]:
    """Each edition as NAME.html, the mail beside it as NAME.eml."""
    for name, edition in _editions():
        made = bodies(edition)
        page = folder / f"{name}.html"
        page.write_text(made.html, encoding="utf-8")
        recipient = Recipient("email", "desk@example.org")
        (message,) = email.render(edition, recipient, SETTINGS, made, NOW)
        page.with_suffix(".eml").write_bytes(message.body)
        yield page


def _short_enough(page: Path) -> int:
    part = page.with_suffix(".eml").read_bytes().rpartition(b"Content-Type: text/html")[2]
    html = part.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
    return _verdict(f"size, {page.stem}", f"{len(html):,} octets", len(html) > HTML_LIMIT)


def _nu(pages: list[Path]) -> int:
    """Errors only: the warnings are of `align`, `border`, `cellpadding` and `cellspacing`.

    Outlook lays tables out by these attributes.
    """
    jar = _judge("vnu-jar/build/dist/vnu.jar")
    java = shutil.which("java")
    if not jar or not java:
        return _missing("Nu validator")
    words = [java, "-jar", str(jar), "--errors-only", "--stdout", "--format", "gnu"]
    said = _said([*words, *map(str, pages)]).splitlines()
    return _verdict("Nu validator, errors", "; ".join([str(len(said)), *said[:5]]), bool(said))


def _axe(pages: list[Path], folder: Path) -> int:
    """Violations, requests and overflow: light and dark, wide and narrow."""
    axe, browsers = _judge("axe-core/axe.min.js"), _judge("puppeteer-core")
    node, chromium = shutil.which("node"), shutil.which("chromium") or shutil.which("google-chrome")
    if not (axe and browsers and node and chromium):
        return _missing("axe")
    script = folder / "axe.cjs"
    script.write_text(AXE)
    short = [str(page) for page in pages if page.stem != "long"]  # it repeats the usual one
    said = _said([node, str(script), str(browsers.parent), str(axe), chromium, *short])
    found = json.loads(said)
    return _verdict("axe, violations", "; ".join([str(len(found)), *found[:5]]), bool(found))


def _spam(page: Path) -> int:
    spamassassin = shutil.which("spamassassin")
    if not spamassassin:
        return _missing("SpamAssassin")
    mail = page.with_suffix(".eml").read_bytes().decode()
    said = _said([spamassassin, "--local", "--test-mode"], mail)
    found = re.search(r"^X-Spam-Status: \w+, score=(-?[\d.]+)", said, re.MULTILINE)
    score = float(found[1]) if found else 99.0
    return _verdict(f"SpamAssassin, {page.stem}", f"{score:.1f}", score >= SPAM_CEILING)


def _judge(file: str) -> Path | None:
    folder = os.environ.get("MONITOR_JUDGES")
    path = Path(folder or "-").absolute() / "node_modules" / file
    return path if folder and path.exists() else None


def _said(words: list[str], given: str = "") -> str:
    done = subprocess.run(
        words, input=given, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode and not done.stdout:
        raise RuntimeError(f"{words[0]} failed: {done.stderr[-500:]}")
    return done.stdout


def _missing(judge: str) -> int:
    print(f"{judge}: not installed")
    return 0


def _verdict(what: str, figure: str, missed: bool) -> int:
    print(f"{what:26} {figure}{'   MISSED' if missed else ''}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
