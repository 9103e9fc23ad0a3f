"""Every way to end has an exit code, and one line that says what, why and what to do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.cli import monitor

from monitor.cli.output import one_line
from monitor.config import shipped

DATA = Path(__file__).parent / "data"
HERE = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("args", "code", "name"),
    [
        (("no-such-command",), 2, "usage"),
        (("parse",), 2, "usage"),
        (("parse", "feed.xml", "--no-such-option"), 2, "usage"),
        (("parse", str(DATA / "feed.xml"), "--kind", "atom"), 2, "usage"),
        (("parse", str(DATA / "feed.xml"), "--kind", "dates"), 2, "usage"),
        (("parse", ""), 2, "usage"),
        (("parse", str(DATA / "feed.xml"), "--base", "feeds.example"), 2, "usage"),
        (("clean", str(DATA / "page.html"), "--url", "file:///page"), 2, "usage"),
        (("clean", str(DATA / "page.html"), "--jsonl", "/no/such/file"), 2, "usage"),
        (("clean", "--jsonl", "/no/such/file", "--explain"), 2, "usage"),
        (("match", str(DATA / "page.html"), "--jsonl", "/no/such/file"), 2, "usage"),
        (("digests", "test", "fax:desk"), 2, "usage"),
        (("digests", "show", "d\udce9sk"), 2, "usage"),
        (("search", "x", "--since", "yesterday"), 2, "usage"),
        (("fetch", "ftp://feeds.example/x"), 2, "usage"),
        (("parse", "/no/such/file"), 65, "input"),
        (("demo", "--out", "/proc/demo"), 65, "input"),
        (("parse", str(DATA / "page.html")), 65, "not-a-feed"),
        (("parse", "http://127.0.0.1:1/feed.xml"), 69, "unavailable"),
        (("--config", "/no/such/folder", "check"), 78, "settings"),
        (("--db", "mysql://x/y", "status"), 78, "settings"),
    ],
)
def test_each_kind_of_error_has_its_code(args: tuple[str, ...], code: int, name: str) -> None:
    """An error is one line for people and one of JSON for programs; standard output stays empty."""
    ended = monitor(*args, "--json")
    assert (ended.code, ended.error["code"], ended.out) == (code, name, "")
    assert {"code", "message", "where", "hint"} <= set(ended.error)
    *notes, told, _ = ended.err.splitlines()
    assert told.startswith("monitor: ")
    # A command that looks where no database is yet says that besides.
    assert all(note.startswith("there is no database at ") for note in notes)


def test_words_too_many_are_named_without_a_puzzle_of_parentheses() -> None:
    told = monitor("watchlists", "list", "now", "please").err
    assert (
        told == "monitor: too many words: now please (monitor watchlists list --help says more)\n"
    )


@pytest.mark.parametrize("noun", ["feeds", "stories", "digests"])
def test_a_noun_alone_shows_its_help_and_says_what_is_missing(noun: str) -> None:
    """A missing command is an error like any other, also in JSON."""
    ended = monitor("--json", noun)
    assert (ended.code, ended.error["message"]) == (2, "missing command")
    told, _ = ended.err.splitlines()
    assert told == f"monitor: missing command (monitor {noun} --help says more)"
    assert f"monitor {noun}" in ended.out


def test_a_private_address_is_refused_with_the_setting_that_allows_it(tmp_path: Path) -> None:
    """The hint names `allow_private`, for those who try a server of their own."""
    here = ("--config", tmp_path, "--db", f"sqlite:///{tmp_path}/m.sqlite3", "--json")
    for command in (("parse",), ("clean",), ("feeds", "add")):
        ended = monitor(*here, *command, "http://127.0.0.1:1/x")
        assert (ended.code, "allow_private" in ended.error["hint"]) == (69, True), command


def test_all_mistakes_of_the_settings_are_told(tmp_path: Path) -> None:
    """`monitor check` prints FILE:LINE of each mistake."""
    (tmp_path / "monitor.toml").write_text('[fetch]\nper_hots = 2\n[poll]\ninterval = "x"\n')
    ended = monitor("check", "--config", tmp_path, "--json")
    assert ended.code == 78
    assert [one["where"] for one in ended.error["mistakes"]] == ["monitor.toml:2", "monitor.toml:4"]
    assert ended.err.splitlines()[:-1] == [
        "monitor: monitor.toml:2: unknown key 'per_hots' (did you mean 'per_host'?)",
        "monitor: monitor.toml:4: interval: 'x' is not a length of time; "
        'write "90s", "30m", "6h" or "14d"',
    ]


def test_examples_that_fail_are_told_with_the_other_mistakes(tmp_path: Path) -> None:
    """`monitor check` reports failing examples together with the mistakes of other files."""
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "tanks.toml").write_text(
        'query = "tank"\ntests = [{text = "A tank came", match = false}]\n'
    )
    (tmp_path / "monitor.toml").write_text("[fetch]\nper_hots = 2\n")
    ended = monitor("check", "--config", tmp_path, "--json")
    places = [one["where"] for one in ended.error["mistakes"]]
    assert places == ["monitor.toml:2", "watchlists/tanks.toml:2"]


def test_examples_that_fail_are_told_by_the_file_that_was_named(tmp_path: Path) -> None:
    """The error names the draft, not a watchlist of the same name in the settings."""
    draft = tmp_path / "nato.toml"
    draft.write_text('query = "tank"\ntests = [\n{text = "A ship"},\n{text = "A boat"},\n]\n')
    ended = monitor("watchlists", "lint", draft, "--json")
    assert [one["where"] for one in ended.error["mistakes"]] == [f"{draft}:3", f"{draft}:4"]


def test_a_name_that_is_not_known_is_answered_with_the_nearest_or_with_all() -> None:
    """As for keys of the settings: thirteen names are a long list to find one's own in."""
    page = DATA / "page.html"
    near = monitor("match", page, "--watchlist", "navel", "--json")
    assert (near.code, near.error["hint"]) == (2, "did you mean 'naval'?")
    far = monitor("match", page, "--watchlist", "xyzzy", "--json")
    assert "arctic, cyber-ew" in far.error["hint"]


def test_a_traceback_is_for_those_who_ask(tmp_path: Path) -> None:
    """Only `--debug` shows a traceback."""
    assert "Traceback" not in monitor("parse", tmp_path).err
    assert "Traceback" in monitor("--debug", "parse", tmp_path).err


def test_options_stand_before_or_after_the_command() -> None:
    """`monitor --json parse` and `monitor parse --json` do the same; so it is with groups."""
    before = monitor("--json", "parse", DATA / "feed.xml")
    assert before.json == monitor("parse", "--json", DATA / "feed.xml").json
    between = monitor("watchlists", "--json", "list")
    assert between.json == monitor("watchlists", "list", "--json").json


def test_s101_an_error_is_one_line_whatever_it_quotes() -> None:
    """Control characters and line breaks of a file name do not reach the error's line."""
    ended = monitor("parse", "no\x1b[2Jsuch\nfile")
    assert ended.err == f"{one_line(ended.err)}\n"
    assert "\x1b" not in ended.err


def test_help_loads_none_of_the_rooms() -> None:
    """`monitor --help` is quick: slow libraries are imported only when a command needs them."""
    code = (
        "import sys\n"
        "from monitor.cli import main\n"
        "heavy = ['pydantic', 'sqlalchemy', 'httpx', 'lxml', 'feedparser', 'asyncio', 'jinja2',"
        " 'monitor.config', 'monitor.model', 'monitor.app']\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=HERE, check=True
    )
    assert ended.stdout.strip() == "[]"


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    """`monitor ... | head` ends with 141 and no message."""
    lines = b'{"id": "a", "title": "NATO", "body": ""}\n' * 3000
    (tmp_path / "many.jsonl").write_bytes(lines)
    command = [sys.executable, "-m", "monitor", "match", "--jsonl", str(tmp_path / "many.jsonl")]
    command += ["--watchlist", str(DATA / "tanks.toml")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=HERE)
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


def test_a_reader_that_leaves_a_table_is_no_error_either(tmp_path: Path, sqlite_made: Path) -> None:
    """A table for people ends as quietly as output for programs when its reader leaves."""
    folder = tmp_path / "config"
    folder.mkdir()
    feeds = (f'[[feeds]]\nurl = "https://h{n}.example/f"\n' for n in range(2000))
    (folder / "feeds.toml").write_text("".join(feeds))
    shutil.copy(sqlite_made, tmp_path / "m.sqlite3")
    where = ["--config", str(folder), "--db", f"sqlite:///{tmp_path / 'm.sqlite3'}"]
    command = [sys.executable, "-m", "monitor", "feeds", "status", *where]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=HERE)
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


@pytest.mark.parametrize(
    ("words", "code"),
    [("--help", 141), ("feeds", 141), ("--version", 141), ("nosuch 2>&1", 2)],
)
def test_help_too_ends_quietly_when_its_reader_leaves(words: str, code: int) -> None:
    """Help and the version end with 141 when nobody reads them; a usage error keeps its code 2."""
    line = f'"{sys.executable}" -m monitor {words} | true; exit "${{PIPESTATUS[0]}}"'
    # The reader has left before the first word comes, since the program takes longer to start.
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=HERE)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_no_matter(
    tmp_path: Path, sqlite_made: Path, closed: str
) -> None:
    """Some supervisors start programs this way; no file of ours may take a stream's place."""
    shutil.copy(sqlite_made, tmp_path / "m.sqlite3")
    where = f"--config {DATA.parent} --db sqlite:///{tmp_path / 'm.sqlite3'}"
    line = f"exec '{sys.executable}' -m monitor feeds list {where} {closed}"
    ended = subprocess.run(["sh", "-c", line], capture_output=True, text=True, cwd=HERE)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_ctrl_c_while_the_program_is_being_read_is_no_traceback() -> None:
    """Ctrl-C during imports, half of a short command's time, ends with 130 and no output."""
    code = (
        "import sys, types\n"
        "class Interrupted(types.ModuleType):\n"
        "    def __getattr__(self, name): raise KeyboardInterrupt\n"
        "sys.modules['typer'] = Interrupted('typer')\n"
        "from monitor.__main__ import main\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HERE)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_version_is_that_of_the_package() -> None:
    """`--version` prints the version in the package's metadata."""
    from importlib.metadata import version

    assert monitor("--version").out == f"monitor {version('monitor')}\n"


def test_init_makes_a_folder_that_check_accepts_and_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`init` and `check` are a newcomer's first two commands."""
    monkeypatch.chdir(tmp_path)
    made = monitor("init", "mine", "--json").json["made"]
    assert str(Path("mine") / "monitor.toml") in made
    (tmp_path / "mine" / "feeds.toml").write_text("")
    again = monitor("init", "mine", "--json").json
    assert again["made"] == []
    assert (tmp_path / "mine" / "feeds.toml").read_text() == ""
    checked = monitor("check", "--config", "mine", "--json").json
    assert (checked["ok"], checked["feeds"]) == (True, 0)


def test_init_leaves_no_half_file_where_the_disk_ends(tmp_path: Path) -> None:
    """A failed `init` leaves no half file, which the next one would keep as the user's own."""
    line = f'ulimit -f 8; "{sys.executable}" -m monitor init "{tmp_path}/config"'
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=HERE)
    assert ended.returncode == 65
    assert f"monitor: {tmp_path}/config/feeds.toml: cannot be written" in ended.stderr
    assert monitor("init", tmp_path / "config").code == 0
    made = tmp_path / "config" / "feeds.toml"
    assert made.read_bytes() == (shipped("config") / "feeds.toml").read_bytes()
    assert not list(made.parent.glob(".*"))


def test_init_tells_what_it_could_not_write(tmp_path: Path) -> None:
    """`init` ends with 65 when a file stands where its folder should be."""
    (tmp_path / "file").touch()
    ended = monitor("init", tmp_path / "file" / "config")
    assert (ended.code, "cannot be written" in ended.err) == (65, True)
