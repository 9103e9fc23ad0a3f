"""Gate: what others say of our mail.

The Nu validator, html-validate, axe in Chromium, caniemail and SpamAssassin, each when it is here.
`npm install --prefix DIR vnu-jar html-validate axe-core puppeteer-core caniemail` and
`MONITOR_JUDGES=DIR` bring all but the last (they need java, node and chromium), which is a package
of most systems. What is not here is named as not installed, and passes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bs4 import BeautifulSoup

from monitor.channels import email
from monitor.digests import alarm
from monitor.digests.render import HTML_LIMIT, bodies
from monitor.digests.sample import sample
from monitor.model import Edition, EditionStory, Failing, Recipient, Worry

NOW = datetime(2024, 10, 18, 6, tzinfo=UTC)
SIZES = (0, 1, 30, 500)
TITLES = (
    ("en", "Ministers agree on joint patrols & the <price> of them"),
    ("ar", "وزراء الدفاع يتفقون على دوريات مشتركة"),
    ("zh", "国防部长同意在北方航道开展联合巡逻"),
    ("ru", "Министры договорились о совместном патрулировании 🚢"),
    ("en", "Patrol" * 50),
)
SPAM_CEILING = 1.0
RECEIVED = (
    "Received: from mail.example.org (mail.example.org [9.9.9.9])\r\n\tby mx.example.net (Postfix)"
    " with ESMTPS id 4XV for <desk@example.org>;\r\n\tFri, 18 Oct 2024 06:00:02 +0000 (UTC)\r\n"
)
"""Put on top by the server that takes a mail in: SpamAssassin sees that it came from outside.

Without it a mail is trusted more than ours will be.
"""
CLIENTS = ("gmail", "outlook", "apple-mail", "thunderbird")
SAME = {"b": "strong", "h1": "h1-h6", "h2": "h1-h6", "h3": "h1-h6", "%": "percent"}
OF_THE_SHEET = (
    "html-doctype",
    "css-at-media",
    "css-at-media-prefers-color-scheme",
    "css-selector-class",
    "css-selector-grouping",
    "css-selector-type",
)
WRITTEN = Path(__file__).parents[2] / "docs/design/delivery.md"
"""Holds the list of what these clients do not know and why we use it."""
SETTINGS = email.Settings.model_validate(
    {"host": "localhost", "from": "Watch desk <digest@example.org>"}
)

AXE = """
const [folder, axe, chromium, home, ...pages] = process.argv.slice(2);
const browsers = require(folder + '/puppeteer-core');
(async () => {
  const options = {executablePath: chromium, args: ['--no-sandbox']};
  const browser = await browsers.launch(options);
  const found = [];
  for (const page of pages)
    for (const scheme of ['light', 'dark'])
      for (const width of [800, 360]) {
        const tab = await browser.newPage();
        const ours = url => url.startsWith(home) || url.startsWith('data:');
        const asked = url => ours(url) || found.push('asks for ' + url);
        await tab.setBypassCSP(true);  // or axe is not let in
        tab.on('request', one => asked(one.url()));
        await tab.setViewport({width, height: 900});
        await tab.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
        await tab.goto(page);
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


HTML_VALIDATE = """
import {HtmlValidate} from '%s';
import {readFileSync} from 'node:fs';
const off = ['no-inline-style', 'no-deprecated-attr', 'prefer-native-element', 'long-title'];
const rules = Object.fromEntries(off.map(rule => [rule, 'off']));
const judge = new HtmlValidate({root: true, extends: ['html-validate:recommended'], rules});
const said = [];
for (const page of JSON.parse(readFileSync(0, 'utf8')))
  for (const result of (await judge.validateString(readFileSync(page, 'utf8'))).results)
    for (const one of result.messages)
      said.push(`${page}:${one.line}: ${one.ruleId}: ${one.message}`);
console.log(JSON.stringify(said));
"""
"""Off: what mail clients ask for (styles and attributes in place, no <main>), and a bound on titles
that is meant for search engines.
"""


def main() -> int:
    """Print what each judge says; 1 when one finds a fault."""
    with tempfile.TemporaryDirectory(prefix="mail-") as name:
        pages = list(_written(Path(name)))
        missed = sum(_short_enough(page) for page in pages)
        missed += nu(pages) + html_validate(pages)
        missed += axe([page.as_uri() for page in pages], "file:", Path(name))
        missed += _caniemail(pages) + sum(_spam(page) for page in pages)
    return 1 if missed else 0


def _editions() -> Iterator[tuple[str, Edition]]:
    """Usual, blind, an alarm, and of every size: from empty to longer than a mail may be."""
    usual = sample(NOW, "Europe/London")
    feeds = tuple(replace(feed, polls=4, failed=4) for feed in usual.accounting.feeds)
    yield "usual", usual
    yield "blind", replace(usual, accounting=replace(usual.accounting, feeds=feeds), cut=4)
    failing = Failing(place="slack:watch-desk", since=NOW, why="404 <no_service>")
    silent = Worry(
        feed=1, name="Harbour <Gazette>", condition="silent", since=NOW, why="no new entry"
    )
    places, of_feeds = alarm.Places((failing,), ("email",)), alarm.Feeds((silent,), ("Post",))
    yield "alarm", alarm.edition(places, of_feeds, 1, usual.window)
    for size in SIZES:
        yield f"{size} stories", sized(size)


def sized(number: int) -> Edition:
    """The usual edition with that many stories, in four scripts, some titles without a space."""
    usual = sample(NOW, "Europe/London")
    like = usual.sections[0]
    stories = tuple(_story(like.stories[0], at) for at in range(number))
    return replace(usual, sections=(replace(like, stories=stories),) if stories else ())


def _story(like: EditionStory, number: int) -> EditionStory:
    language, title = TITLES[number % len(TITLES)]
    url = f"https://example.org/sample/{number}?a=1&b=2"
    lead = replace(like.lead, id=number, title=f"{title}, {number}", language=language, url=url)
    return replace(like, id=number, lead=lead)


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


def nu(pages: list[Path]) -> int:
    """Errors only: the warnings are of `align`, `border`, `cellpadding` and `cellspacing`.

    Outlook lays tables out by these attributes.
    """
    jar = judge("vnu-jar/build/dist/vnu.jar")
    java = shutil.which("java")
    if not jar or not java:
        return _missing("Nu validator")
    words = [java, "-jar", str(jar), "--errors-only", "--stdout", "--format", "gnu"]
    said = _said([*words, *map(str, pages)]).splitlines()
    return _verdict("Nu validator, errors", "; ".join([str(len(said)), *said[:5]]), bool(said))


def html_validate(pages: list[Path]) -> int:
    module, node = judge("html-validate/dist/esm/index.js"), shutil.which("node")
    if not module or not node:
        return _missing("html-validate")
    words = [node, "--input-type=module", "--eval", HTML_VALIDATE % module]
    said = json.loads(_said(words, json.dumps([str(page) for page in pages])))
    return _verdict("html-validate, errors", "; ".join([str(len(said)), *said[:5]]), bool(said))


def axe(pages: list[str], home: str, folder: Path) -> int:
    """Violations, overflow, and requests but to `home`: light and dark, wide and narrow."""
    script_of_axe, browsers = judge("axe-core/axe.min.js"), judge("puppeteer-core")
    node, chromium = shutil.which("node"), shutil.which("chromium") or shutil.which("google-chrome")
    if not (script_of_axe and browsers and node and chromium):
        return _missing("axe")
    script = folder / "axe.cjs"
    script.write_text(AXE)
    tools = [node, script, browsers.parent, script_of_axe, chromium]
    found = json.loads(_said([*map(str, tools), home, *pages]))
    return _verdict("axe, violations", "; ".join([str(len(found)), *found[:5]]), bool(found))


def _caniemail(pages: list[Path]) -> int:
    """What a client of `CLIENTS` does not know at all, or not wholly, and no list names.

    By caniemail's data alone: its own checker ends at the first feature that a client was not
    tried with.
    """
    file = judge("caniemail/data/caniemail.json")
    if not file:
        return _missing("caniemail")
    known = {one["slug"]: one["stats"] for one in json.loads(file.read_text())["data"]}
    used = set().union(*(_features(page.read_text(), known.keys()) for page in pages))
    lacking = {one for one in used if not all(_supports(known[one]))}
    listed = set(re.findall(r"`((?:css|html)-[a-z0-9-]+)`", WRITTEN.read_text()))
    new, gone = sorted(lacking - listed), sorted((listed & known.keys()) - lacking)
    told = f"{len(used)} features, {len(lacking)} not wholly known to all"
    told += f"; not on it: {', '.join(new)}" if new else ""
    told += f"; on it for nothing: {', '.join(gone)}" if gone else ""
    return _verdict("caniemail", told, bool(new or gone))


def _supports(stats: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[bool]:
    """Of each platform of our clients that was tried: whether its newest version has all of it."""
    for client in CLIENTS:
        for versions in stats.get(client, {}).values():
            yield list(versions.values())[-1].startswith("y")


def _features(page: str, known: Set[str]) -> set[str]:
    """What a page uses, by caniemail's names; it has none for what every client knows."""
    soup = BeautifulSoup(page, "lxml")
    used = set(OF_THE_SHEET)
    rules = [tag.get_text() for tag in soup.find_all("style")]
    for tag in soup.find_all(True):
        rules.append(str(tag.attrs.pop("style", "")))
        words = (tag.name, *tag.attrs, f"meta-{tag.get('name')}")
        used |= {f"html-{SAME.get(word, word)}" for word in words}
    for name, value in re.findall(r"(?:^|[;{])\s*([a-z-]+)\s*:([^;{}]+)", ";".join(rules)):
        while f"css-{name}" not in known and "-" in name:  # border-top-color: border
            name = name.rpartition("-")[0]
        units = re.findall(r"\d(px|em|%)", value)
        important = {"css-important"} if "!important" in value else set()
        used |= {f"css-{name}", f"css-{name}-{value.strip()}"} | important
        used |= {f"css-unit-{SAME.get(unit, unit)}" for unit in units}
    return used & known


def _spam(page: Path) -> int:
    spamassassin = shutil.which("spamassassin")
    if not spamassassin:
        return _missing("SpamAssassin")
    mail = RECEIVED + page.with_suffix(".eml").read_bytes().decode()
    said = _said([spamassassin, "--local", "--test-mode"], mail)
    found = re.search(r"^X-Spam-Status: \w+, score=(-?[\d.]+)", said, re.MULTILINE)
    score = float(found[1]) if found else 99.0
    return _verdict(f"SpamAssassin, {page.stem}", f"{score:.1f}", score >= SPAM_CEILING)


def judge(file: str) -> Path | None:
    """A file of what npm brought; None: it is not here."""
    folder = os.environ.get("MONITOR_JUDGES")
    path = Path(folder or "-").absolute() / "node_modules" / file
    return path if folder and path.exists() else None


def _said(words: list[str], given: str = "") -> str:
    done = subprocess.run(
        words, input=given, capture_output=True, text=True, check=False, timeout=600
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
