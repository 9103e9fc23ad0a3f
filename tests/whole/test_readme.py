"""The README's ten minutes, followed as written, and the links of all pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from monitor.cli import main as cli
from monitor.config import load
from monitor.errors import SettingsError

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
pytestmark = pytest.mark.whole


def tables() -> list[str]:
    """The settings that README tells a newcomer to write, in order."""
    return re.findall(r"```toml\n(.*?)```", README, re.DOTALL)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    """Every link in the README names a file that exists."""
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def _prose(page: str) -> str:
    return re.sub(r"```.*?```", "", page, flags=re.DOTALL)


def _anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", title.lower()) for title in titles]
    return {title.replace(" ", "-") for title in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_the_pages_leads_somewhere(page: Path) -> None:
    """Each link leads to a page that exists and, if it has an anchor, to a heading of that page."""
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(page.read_text("utf-8"))):
        if "://" not in target:
            name, _, anchor = target.partition("#")
            there = page.parent / name if name else page
            assert there.exists(), target
            assert not anchor or anchor in _anchors(there.read_text("utf-8")), target


def test_what_the_page_on_running_tells_to_type_is_there() -> None:
    """The page's commands exist; its unit starts `run` and knows the exit code."""
    page = (ROOT / "docs" / "running.md").read_text("utf-8")
    commands = (ROOT / "docs" / "commands.md").read_text("utf-8")
    known = set(re.findall(r"^### monitor (.+)$", commands, re.MULTILINE))
    typed = re.findall(
        r"`(?:monitor |(?=(?:feeds|watchlists|digests|deliveries|stories) ))"
        r"([a-z]+)( [a-z]+)?",
        page,
    )
    assert len(typed) > 30
    for first, second in typed:
        assert {first, first + second} & known, first + second
    assert f"RestartPreventExitStatus={SettingsError.exit_code}" in page
    assert "/bin/monitor run --config" in page


def test_the_settings_of_the_readme_are_sound_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Feed, watchlist (with its examples), digest and channels load as the README writes them."""
    feed, watchlist, digest, channels = tables()
    folder = tmp_path / "news"
    (folder / "watchlists").mkdir(parents=True)
    (folder / "feeds.toml").write_text(feed)
    (folder / "watchlists" / "frigates.toml").write_text(watchlist)
    (folder / "digests.toml").write_text(digest)
    (folder / "monitor.toml").write_text(channels)
    secret = folder / "slack-webhook"
    secret.write_text("https://hooks.slack.com/services/T0/B0/made-up\n")
    secret.chmod(0o600)
    settings = load(folder, environ={"MONITOR_MAIL_PASSWORD": "made-up"})
    assert [one.name for one in settings.watchlists] == ["frigates"]
    assert [one.url for one in settings.feeds] == [tomllib.loads(feed)["feeds"][0]["url"]]
    monkeypatch.setenv("MONITOR_MAIL_PASSWORD", "made-up")
    monkeypatch.setattr("sys.argv", ["monitor", "check", "--config", str(folder)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code in (0, None)


def test_the_demo_shows_the_digest_that_the_readme_shows(tmp_path: Path) -> None:
    """The demo prints the sample's lines in order; "[...]" marks what the sample leaves out."""
    (sample,) = re.findall(r"```\n(Defence desk.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "demo"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        check=True,
    )
    rest = iter(done.stdout.decode().splitlines())
    for line in sample.splitlines():
        assert line.strip() in ("", "[...]") or line in rest, line


def test_every_command_that_the_readme_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    """`.venv/bin/monitor COMMAND` in a code block is a command with a help page."""
    named = set(
        re.findall(r"\.venv/bin/monitor ((?:[a-z]+ ?)+?)(?= [^a-z]|\n| news| frigates)", README)
    )
    assert {"init", "check", "fetch", "run"} <= {name.split()[0] for name in named}
    for name in named:
        words = [word for word in name.split() if word not in ("news", "frigates")]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["monitor", *words, "--help"])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        assert ended.value.code in (0, None), name
        capsys.readouterr()
