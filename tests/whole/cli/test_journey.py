"""The commands that work on the store, from an empty folder to a digest that was sent."""

import asyncio
import csv
import errno
import html
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from support.cli import Ended, monitor
from support.server import Server, answer

from monitor.model import Watchlist
from monitor.pipeline import publish
from monitor.store.export import LINES, entry_lines
from monitor.testing import FakeClock
from monitor.watchlists.matcher import Matcher, compile_watchlists
from monitor.workers import Workers

HOSTILE = '=HYPERLINK("https://evil.example")\\ | <b>\x1b[31m'
BODIES = (
    "<p>A battle tank crossed the bridge near the old harbour on Friday, the ministry said.</p>"
    "<p>It was the first of forty that the brigade will get until the spring, and its crew had "
    "trained for a year at the range in the north.</p>",
    "<p>Two howitzers were shown at the autumn fair in the south, and their makers spoke of orders "
    "from three countries whose names they would not give.</p>",
)
Run = Callable[..., Ended]


def _feed(*titles: str) -> bytes:
    items = "".join(
        f"<item><title><![CDATA[{title}]]></title><guid>{number}</guid>"
        f"<link>http://127.0.0.1/{number}</link><pubDate>{datetime.now(UTC):%d %b %Y %H:%M} GMT"
        f"</pubDate><description><![CDATA[{BODIES[number]}]]></description></item>"
        for number, title in enumerate(titles)
    )
    head = '<?xml version="1.0"?><rss version="2.0"><channel><title>The Gazette</title>'
    return f"{head}<link>http://127.0.0.1/</link>{items}</channel></rss>".encode()


@pytest.fixture
def server() -> Iterator[Server]:
    """A recording server in a thread of its own, beside the command."""
    loop, serving = asyncio.new_event_loop(), Server()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result()
    try:
        yield serving
    finally:
        asyncio.run_coroutine_threadsafe(serving.__aexit__(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def folder(tmp_path: Path, server: Server, sqlite_made: Path) -> Path:
    """Settings: one feed that answers, one watchlist, one digest; and a database without rows."""
    shutil.copy(sqlite_made, tmp_path / "m.sqlite3")
    validators = [("ETag", '"1"'), ("Content-Type", "application/rss+xml")]
    server.on(
        "/feed.xml", answer(_feed("Tank arrives", HOSTILE), headers=validators), answer(status=304)
    )
    here = Path(__file__).parent / "data"
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "tanks.toml").write_bytes((here / "tanks.toml").read_bytes())
    (tmp_path / "monitor.toml").write_text(
        f'[store]\nurl = "sqlite:///{tmp_path / "m.sqlite3"}"\n[fetch]\narticles = "off"\n'
        'spacing_s = 0\nallow_private = ["127.0.0.0/8"]\n'
    )
    feed = (
        f'[[feeds]]\nurl = "{server.url("/feed.xml")}"\nname = "Gazette"\nsource = "The Gazette"\n'
    )
    (tmp_path / "feeds.toml").write_text(feed)
    digest = '[[digests]]\nname = "desk"\nschedule = "0 6 * * *"\nrecipients = ["console:"]\n'
    (tmp_path / "digests.toml").write_text(digest)
    return tmp_path


def _rested(folder: Path) -> None:
    """Move all polls an hour into the past, since no feed is asked twice within a minute."""
    with sqlite3.connect(folder / "m.sqlite3") as database:
        database.execute("UPDATE feeds SET last_polled = datetime(last_polled, '-1 hour') || '.0'")
    database.close()


@pytest.fixture
def run(folder: Path) -> Run:
    """`monitor` with these settings."""
    return lambda *args, **more: monitor("--config", folder, *args, **more)


def test_fetch_answers_as_the_contract_says(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`fetch` gives counts, stories with words and places, and failures; a second run has no news.

    Entries are read in separate processes, as they are outside these tests.
    """
    monkeypatch.setattr("monitor.app.Workers", Workers)
    told = run("fetch", "--format", "json").json
    assert set(told) == {"feeds", "entries", "stories", "failures"}
    counts = {"polled": 1, "new": 1, "not_modified": 0, "failed": 0}
    assert counts.items() <= told["feeds"].items()
    assert told["entries"] == {"seen": 2, "new": 2}
    assert len(told["stories"]) == 2
    [story] = [story for story in told["stories"] if story["title"] == "Tank arrives"]
    assert {"id", "title", "score", "watchlists", "articles"} <= set(story)
    assert story["watchlists"] == ["tanks"]
    article = story["articles"][0]
    of_contract = {"url", "title", "source", "published", "snippet", "spans"}
    assert of_contract | {"also"} == set(article)
    assert "battle tank" in article["snippet"]
    assert article["spans"][0]["text"] == "battle tank"
    _rested(folder)
    again = run("fetch", "--all", "--json").json
    assert again["feeds"]["not_modified"] == 1
    assert again["stories"] == []


def test_fetch_names_each_place_of_an_article_once(run: Run, folder: Path) -> None:
    """A place that two watchlists match is listed once."""
    tanks = folder / "watchlists" / "tanks.toml"
    (folder / "watchlists" / "again.toml").write_bytes(tanks.read_bytes())
    stories = run("fetch", "--json").json["stories"]
    assert {tuple(sorted(story["watchlists"])) for story in stories} == {("again", "tanks")}
    for article in (article for story in stories for article in story["articles"]):
        places = [(span["field"], span["start"], span["end"]) for span in article["spans"]]
        assert len(places) == len(set(places))


def test_fetch_without_feeds_says_how_to_get_some(run: Run, folder: Path) -> None:
    """Without feeds, `fetch` succeeds and says how to add one."""
    (folder / "feeds.toml").write_text("")
    ended = run("fetch")
    assert ended.code == 0
    assert "monitor feeds add URL" in ended.out


def test_fetch_since_prints_what_was_told_before(run: Run) -> None:
    """What is new is printed once; `--since` prints it again."""
    run("fetch")
    calm = r"no feed is due before 20\d\d-\d\d-\d\d \d\d:\d\d UTC; --all asks anyway\n"
    assert re.fullmatch(calm, run("fetch").out)
    assert len(run("fetch", "--since", "24h", "--json").json["stories"]) > 0


@pytest.mark.parametrize("form", ["table", "jsonl", "md", "csv"])
def test_s61_s101_fetch_prints_hostile_titles_harmlessly(run: Run, form: str) -> None:
    """No output format holds an escape, and a spreadsheet takes no title for a formula."""
    ended = run("fetch", "--format", form)
    assert ended.code == 0
    assert "HYPERLINK" in ended.out
    assert "\x1b" not in ended.out
    if form == "csv":
        titles = [row["title"] for row in csv.DictReader(io.StringIO(ended.out))]
        assert not any(title.startswith("=") for title in titles)


STEERING = "\x1b[2J\x1b]0;owned\x07\x9b31m\x90q\x9c\r\x08\u202e\u2066\u2028end"
"""Escapes (also of one character), a bell, a return, a direction override and a line separator."""
LOOKS = (
    *("fetch --since 24h", "fetch --since 24h --format md", "fetch --since 24h --format csv"),
    *("feeds list", "feeds status", "status", "search tank", "stories list", "stories why 1"),
    *("stories bursts", "digests preview desk", "digests list", "digests show desk", "audit"),
    *("deliveries list", "trace {}/0", "trace 1", "watchlists list", "watchlists explain 1"),
    *("watchlists backtest tanks", "watchlists coverage", "watchlists suggest tanks"),
    *("export articles --format md", "export articles --format csv", "export stories --format md"),
    *("export entries", "export matches", "export deliveries", "parse {}/feed.xml"),
    *("feeds discover {}/feed.xml", "feeds discover {}/page", "feeds add {}/page"),
    *("feeds add {}/broken", "clean {}/page", "clean {}/page --explain", "match {}/page"),
)


def test_s101_no_command_hands_on_what_steers_a_terminal(
    run: Run, folder: Path, server: Server
) -> None:
    """Whatever publishers write, in whatever field, no command prints it as it is.

    Line breaks and tabs are ours. With --json, too.
    """
    root = server.url("").rstrip("/")
    odd = html.escape(STEERING).replace("\x1b", "&#x1b;").replace("\x08", "&#8;")
    items = "".join(
        f"<item><title>Battle tank {number} {odd}</title><guid>{number}{odd}</guid>"
        f"<link>{root}/{number}</link><author>{odd}</author><category>{odd}</category>"
        f"<pubDate>{datetime.now(UTC):%d %b %Y %H:%M} GMT</pubDate>"
        f"<description>{odd} {html.escape(BODIES[0])} {odd}</description></item>"
        for number in range(2)
    )
    feed = f'<rss version="2.0"><channel><title>Gazette {odd}</title>{items}</channel></rss>'
    link = f'<link rel="alternate" type="application/rss+xml" title="{odd}" href="/x{odd}">'
    page = f"<html><head><title>Battle tank {odd}</title>{link}</head><body><p>{odd} {BODIES[0]}"
    server.on("/feed.xml", answer(feed.encode()))
    server.on("/page", answer(page.encode(), headers=[("Content-Type", "text/html")]))
    server.on("/broken", [b"HTTP/1.1 200 " + STEERING.encode() + b"\r\nX:" + b"\x1b]0;x\r\n\r\n"])
    (folder / "feeds.toml").write_text(f'[[feeds]]\nurl = "{server.url("/feed.xml")}"\n')
    assert run("fetch").code == 0
    run("digests", "publish", "desk")
    for look in LOOKS:
        for form in ([], ["--json"]):
            ended = run(*look.format(root).split(), *form)
            told = (ended.out + ended.err).replace("\r\n", "\n")  # as CSV ends its lines
            assert ended.code in (0, 65, 69), (look, told)
            steers = [one for one in told if one not in "\n\t" and not one.isprintable()]
            assert not steers, (look, form, steers)


def test_fetch_without_any_answer_ends_with_1_and_says_why(run: Run, server: Server) -> None:
    """Each feed that failed is named with its reason."""
    server.on("/feed.xml", answer(b"broken", 500))
    ended = run("fetch", "--json")
    assert ended.code == 1
    [failure] = ended.json["failures"]
    assert failure["feed"] == server.url("/feed.xml")
    assert "500" in failure["why"]
    assert ended.err.startswith(f"monitor: no feed has answered: {server.url('/feed.xml')}: 500")


@pytest.mark.parametrize("command", ["fetch", "feeds poll", "run --once", "digests publish desk"])
def test_where_nothing_worked_an_error_follows_the_answer(
    run: Run, folder: Path, server: Server, command: str
) -> None:
    """Standard error has the error too, for people and as JSON."""
    with (folder / "monitor.toml").open("a") as settings:
        settings.write('\n[channels.webhook.far]\nurl = "http://127.0.0.1:9/"\n')
    digests = folder / "digests.toml"
    digests.write_text(digests.read_text().replace("console:", "webhook:far"))
    if command.startswith("digests"):
        run("fetch")
    server.on("/feed.xml", answer(b"broken", 500))
    ended = run(*command.split(), "--json")
    assert (ended.code, ended.error["code"]) == (1, "failed")
    assert ended.json
    told = ended.err.splitlines()[-2]
    assert told.startswith(("monitor: no feed has answered: ", "monitor: nothing was sent: "))


def test_a_story_has_the_same_words_wherever_it_is_asked_for(run: Run) -> None:
    """A program that knows the answers of `stories list` or the API reads an export as well."""
    run("fetch")
    listed = {row["story"]: row for row in run("stories", "list", "--json").json}
    exported = run("export", "stories").lines
    assert exported
    for line in exported:
        row = listed[line["story"]]
        assert [line[name] for name in ("first", "last", "articles")] == [
            row[name] for name in ("first", "last", "articles")
        ]


_NO_ROOM = (
    "CREATE TRIGGER full BEFORE INSERT ON articles"
    " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
)


@pytest.mark.parametrize("command", ["fetch", "run --once"])
def test_F20_what_could_not_be_read_on_a_full_disk_is_no_success(
    run: Run, folder: Path, command: str
) -> None:
    """The feed has answered and its entries are kept, but not read: the caller must try again."""
    with sqlite3.connect(folder / "m.sqlite3") as database:
        database.execute(_NO_ROOM)
    ended = run(*command.split(), "--json")
    assert (ended.code, ended.error["code"]) == (75, "try-later")
    assert ended.error["message"].startswith("2 entries wait: the disk is full: ")
    assert ended.json.get("stories", []) == []
    assert ended.json.get("ingested", 0) == 0
    assert {one["fate"] for one in run("export", "entries").lines} == {"new"}
    with sqlite3.connect(folder / "m.sqlite3") as database:
        database.execute("DROP TRIGGER full")
    later = run("fetch")  # the claim of the one that failed still lasts
    assert later.code == 0
    assert "2 entries wait to be read (a later fetch" in later.err


_NO_RECORD = (
    "CREATE TRIGGER full BEFORE INSERT ON attempts"
    " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
)


def test_F21_what_was_sent_and_could_not_be_recorded_is_no_success(run: Run, folder: Path) -> None:
    """The reader has it, the outbox does not know: the caller must see to the disk."""
    run("fetch")
    with sqlite3.connect(folder / "m.sqlite3") as database:
        database.execute(_NO_RECORD)
    ended = run("digests", "publish", "desk", "--json")
    assert (ended.code, ended.error["code"]) == (75, "try-later")
    assert ended.error["message"] == "1 message was tried, but not recorded"
    assert [one["state"] for one in run("deliveries", "list", "--json").json] == ["sending"]


def test_a_csv_of_stories_has_times_that_programs_read(run: Run) -> None:
    """Each time in the CSV is ISO 8601 with its zone."""
    rows = list(csv.DictReader(io.StringIO(run("fetch", "--format", "csv").out)))
    assert [datetime.fromisoformat(row["published"]).tzinfo for row in rows] == [UTC, UTC]


def test_fetch_no_store_leaves_nothing_behind(run: Run, folder: Path) -> None:
    """`fetch --no-store` does not even make the database file."""
    (folder / "m.sqlite3").unlink()
    assert run("fetch", "--no-store", "--json").json["entries"]["new"] == 2
    assert not (folder / "m.sqlite3").exists()


def test_fetch_of_a_feed_that_is_in_no_settings(run: Run, server: Server) -> None:
    """`fetch URL` polls this address once, and no feed of the settings."""
    server.on("/other.xml", answer(_feed("A howitzer arrives")))
    told = run("fetch", server.url("/other.xml"), "--json").json
    assert told["feeds"]["polled"] == 1
    assert server.asked("/feed.xml") == []


def test_a_feed_that_was_polled_once_is_polled_again_only_by_name(
    run: Run, folder: Path, server: Server
) -> None:
    """`fetch --all` and `feeds poll` are for the feeds that one has, as `status` counts them."""
    other = server.url("/other.xml")
    server.on("/other.xml", answer(_feed("A howitzer arrives")))
    run("fetch", other)
    listed = {line.split()[-1]: line.split()[-2] for line in run("feeds", "list").out.splitlines()}
    assert (listed[other], listed[server.url("/feed.xml")]) == ("once", "yes")
    _rested(folder)
    for command in (("fetch", "--all"), ("feeds", "poll", "--force")):
        assert run(*command).code == 0
    assert (len(server.asked("/feed.xml")), len(server.asked("/other.xml"))) == (2, 1)
    assert run("feeds", "poll", "--force", other).code == 0
    assert len(server.asked("/other.xml")) == 2


def test_a_pipe_gets_each_line_whole_and_without_padding(run: Run, server: Server) -> None:
    """A pipe has no width, so that what was printed can be searched and copied."""
    words = " ".join(f"word{number}" for number in range(40))
    item = f"<item><title>Battle tank {words}</title><link>https://a.example/t</link></item>"
    server.on("/feed.xml", answer(f"<rss><channel><title>G</title>{item}</channel></rss>".encode()))
    lines = run("fetch").out.splitlines()
    assert lines[0] == f"Battle tank {words}"
    assert [line for line in lines if line != line.rstrip()] == []


def test_tables_of_times_name_their_zone(run: Run) -> None:
    """The heading of a column of times names the zone; other headings do not."""
    run("fetch")
    head = run("search", "the").out.splitlines()[0]
    assert head.startswith("published (UTC)")
    assert "UTC" in run("status").out
    stories = run("stories", "list").out.splitlines()[0]
    assert "(UTC)" in stories
    assert stories.count("(UTC)") < len(stories.split("  "))
    assert "(UTC)" in run("trace", "http://127.0.0.1/1").out.splitlines()[2]


def test_times_outside_tables_name_their_zone(run: Run, tmp_path: Path) -> None:
    """Each for itself, as the sentence may be read alone."""
    page = tmp_path / "page.html"
    published = '<meta property="article:published_time" content="2024-10-18T06:12:00+02:00">'
    page.write_text(f"<html><head>{published}</head><body><p>Text.</p></body></html>")
    for shown in (run("fetch"), run("stories", "why", "1"), run("clean", page)):
        assert re.search(r"\d\d-\d\d \d\d:\d\d UTC", shown.out)
        assert re.findall(r"\d\d-\d\d \d\d:\d\d(?! UTC)", shown.out) == []


def test_an_overdue_poll_is_told(run: Run) -> None:
    """`status` says when a poll is overdue because nothing polls the feeds any more."""
    run("fetch")
    assert "nothing polls" not in run("status").out
    later = FakeClock(datetime.now(UTC) + timedelta(hours=2))
    assert "UTC, overdue: nothing polls the feeds (monitor run)" in run("status", clock=later).out


def test_the_record_can_be_read_in_every_way(run: Run) -> None:
    """status, feeds, search and export tell of the same entries."""
    run("fetch")
    lines = run("export", "entries").lines
    wanted = {"feed", "id", "link", "title", "published", "first_seen", "fate"}
    assert [line["fate"] for line in lines] == ["matched", "matched"]
    assert all(wanted <= set(line) for line in lines)
    assert run("status", "--json").json["entries"]["all"] == 2
    [feed] = run("feeds", "status", "--json").json
    assert (feed["outcome"], feed["entries"]) == ("new", 2)
    assert {row["title"] for row in run("search", "battle", "tank", "--json").json} >= {
        "Tank arrives"
    }
    for what in ("articles", "stories", "deliveries"):
        assert run("export", what).code == 0
    texts = {line["url"]: (line["title"], line["text"]) for line in run("export", "articles").lines}
    for line in run("export", "matches").lines:
        title, text = texts[line["url"]]
        assert line["terms"] == list(dict.fromkeys(span["text"] for span in line["spans"]))
        for span in line["spans"]:
            whole = title if span["field"] == "title" else text
            assert whole[span["start"] : span["end"]] == span["text"]


def test_p105_feeds_status_answers_with_the_account_of_each_feed(run: Run, folder: Path) -> None:
    """The JSON has numbers and findings of each feed; `--worrying` leaves out the sound ones."""
    (folder / "feeds.toml").open("a").write('[[feeds]]\nurl = "http://127.0.0.1:1/none"\n')
    run("fetch")
    _rested(folder)
    run("fetch", "--all")
    broken, sound = run("feeds", "status", "--json").json
    assert (sound["polls"], sound["not_modified"], sound["condition"]) == (2, 1, "sound")
    assert sound["bytes"] == sound["bytes_day"] > 500
    assert (sound["findings"], sound["title"]) == ([], "The Gazette")
    assert sound["silent_s"] >= 0
    assert broken["condition"] == "faltering"
    assert "connect" in broken["findings"][0]["why"]
    assert run("feeds", "status", "--worrying", "--json").json == [broken]
    assert "127.0.0.1:1/none" in run("feeds", "status", "--worrying").out
    assert "Gazette" not in run("feeds", "status", "--worrying").out


def test_s61_exported_cells_are_no_formulas(run: Run, tmp_path: Path) -> None:
    """A spreadsheet takes the titles of others for text."""
    run("fetch")
    out = tmp_path / "entries.csv"
    assert run("export", "entries", "--format", "csv", "--out", out).code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [row["title"][:2] for row in rows] == ["Ta", "'="]
    assert all("\x1b" not in cell for row in rows for cell in row.values())


def test_an_exported_table_has_the_same_head_with_rows_and_without(run: Run) -> None:
    """An export has its columns even on a day without news."""
    kinds = ("entries", "articles", "matches", "stories", "deliveries")
    tables = [("export", kind, "--format", form) for kind in kinds for form in ("csv", "md")]
    empty = [run(*table).out for table in tables]
    run("fetch")
    run("digests", "publish", "desk")
    for table, head in zip(tables, empty, strict=True):
        (keys, *_) = run("export", table[1]).lines
        in_markdown = f"| {' | '.join(keys)} |\n|{' --- |' * len(keys)}\n"
        assert head == (",".join(keys) + "\r\n" if table[3] == "csv" else in_markdown)
        told = run(*table).out
        assert told.startswith(head)
        assert len(told) > len(head)


def test_s61_exported_markdown_holds_no_marks_of_others(run: Run, server: Server) -> None:
    """Each entry is one row with as many cells as the heading, and its link stays a link."""
    run("fetch")
    head, _, *rows = run("export", "entries", "--format", "md").out.splitlines()
    assert len(rows) == 2
    for row in rows:
        cells = re.split(r"(?<!\\) \| ", row)
        assert len(cells) == head.count("|") - 1
        assert cells[2].startswith("<http")


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO])
def test_an_export_that_fails_leaves_the_file_that_was_there(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    """A failed export leaves the old file and its permissions alone, and no other file."""
    run("fetch")
    out = tmp_path / "there" / "entries.jsonl"
    out.parent.mkdir()
    out.write_text("of yesterday")
    out.chmod(0o640)

    def failing(*asked: Any) -> Iterator[Any]:
        yield from entry_lines(*asked)
        raise OSError(fault, "the disk ends here")

    monkeypatch.setitem(LINES, "entries", failing)
    assert run("export", "entries", "--out", out).code == (75 if fault == errno.ENOSPC else 1)
    assert (out.read_text(), [*out.parent.iterdir()]) == ("of yesterday", [out])
    monkeypatch.undo()
    assert run("export", "entries", "--out", out).code == 0
    assert (len(out.read_text().splitlines()), out.stat().st_mode & 0o777) == (2, 0o640)
    assert [*out.parent.iterdir()] == [out]


def test_an_export_is_written_where_a_link_leads_and_into_what_is_no_file(
    run: Run, tmp_path: Path
) -> None:
    """An export through a link leaves it a link, and /dev/null stays a device."""
    run("fetch")
    link, target = tmp_path / "link.jsonl", tmp_path / "target.jsonl"
    link.symlink_to(target)
    assert run("export", "entries", "--out", link).code == 0
    assert link.is_symlink() and len(target.read_text().splitlines()) == 2
    assert run("export", "entries", "--out", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()
    nowhere = run("export", "entries", "--out", tmp_path / "none" / "x")
    assert (nowhere.code, "cannot be written" in nowhere.err) == (65, True)


def test_d32_a_preview_changes_nothing_and_is_written_as_mail_page_and_data(
    run: Run, tmp_path: Path
) -> None:
    """A preview is made even for a digest without email recipients, and makes no edition."""
    run("fetch")
    (tmp_path / "file").touch()
    nowhere = run("digests", "preview", "desk", "--out", tmp_path / "file")
    assert (nowhere.code, "cannot be written" in nowhere.err) == (65, True)
    files = run("digests", "preview", "desk", "--out", tmp_path / "out", "--json").json["files"]
    assert sorted(Path(file).suffix for file in files) == [".eml", ".html", ".json"]
    mail = message_from_bytes(next(Path(f) for f in files if f.endswith(".eml")).read_bytes())
    assert mail.get_content_type() == "multipart/alternative"
    assert run("digests", "list", "--json").json[0]["number"] == 0


def test_d78_a_digest_is_published_shown_and_sent_again(run: Run) -> None:
    """The fate of each message is on record, and an edition can be sent again."""
    run("fetch")
    published = run("digests", "publish", "desk")
    assert published.code == 0
    assert "Tank arrives" in published.out
    shown = run("digests", "show", "desk", "--json").json
    assert shown["edition"]["number"] == 1
    [delivery] = run("deliveries", "list", "--json").json
    assert (delivery["state"], delivery["recipient"]) == ("sent", "console:")
    assert "Tank arrives" in run("digests", "resend", "desk").out
    refused = run("deliveries", "retry", delivery["id"], "99")
    left = f"none of these can be tried again: {delivery['id']} was sent; there is no delivery 99"
    assert (refused.code, left in refused.err) == (2, True)
    assert run("digests", "publish", "nosuch").code == 2

    besides = run("digests", "publish", "desk", "--window", "24h")
    assert (besides.code, "Tank arrives" in besides.out) == (0, True)
    name = besides.err.partition("edition ")[2].partition(":")[0]
    assert run("digests", "show", name, "--json").json["edition"]["number"] == 1
    assert run("digests", "show", "desk", "--json").json["edition"]["number"] == 1
    backwards = ("digests", "publish", "desk", "--window", "2024-10-18/2024-10-17")
    assert "not a window" in run(*backwards).err
    past = ("digests", "publish", "desk", "--window", "2024-10-17/2024-10-18T06:00Z")
    assert run(*past).code == 0
    assert "was published from" in run(*past).err


def test_a_digest_that_another_process_publishes_meanwhile_is_to_be_tried_again(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one of two makes the edition; the other ends with 75, as where something is locked."""
    run("fetch")
    others: list[int] = []

    async def overtaken(place: str) -> None:
        if place == "digest.claimed":
            line = ("-m", "monitor", "--config", str(folder), "digests", "publish", "desk")
            other = await asyncio.create_subprocess_exec(
                sys.executable, *line, stdout=subprocess.DEVNULL
            )
            others.append(await other.wait())

    monkeypatch.setattr(publish, "reach", overtaken)
    slower = run("digests", "publish", "desk", "--json")
    assert (others, slower.code, slower.error["code"]) == ([0], 75, "try-later")
    assert len(run("deliveries", "list", "--json").json) == 1


def test_d79_what_is_being_sent_is_not_sent_again_beside_it(run: Run, folder: Path) -> None:
    """A sender that was killed keeps its claim for a while; nothing is said to have been sent."""
    run("fetch")
    command = (sys.executable, "-m", "monitor", "--config", folder, "digests", "publish", "desk")
    environ = {**os.environ, "MONITOR_FAILPOINTS": "send.before=kill"}
    assert subprocess.run(command, env=environ, check=False).returncode == -signal.SIGKILL
    again = run("digests", "resend", "desk", "--json")
    assert (again.code, again.error["code"]) == (75, "try-later")
    assert "edition 1 of desk is being sent" in again.err


def test_a_digest_that_nobody_reads_is_not_sent(run: Run, folder: Path) -> None:
    """What the console takes is sent once it is out: a reader that has left gets it next time."""
    run("fetch")
    reader, writer = os.pipe()
    os.close(reader)
    command = (sys.executable, "-m", "monitor", "--config", folder, "digests", "publish", "desk")
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    ended = subprocess.run(command, stdout=writer, env=environ, check=False)
    os.close(writer)
    assert ended.returncode == 141
    [delivery] = run("deliveries", "list", "--json").json
    assert (delivery["state"], delivery["why"]) == ("pending", "cannot write: Broken pipe")


def test_D78_the_list_of_deliveries_says_when_and_which_part(
    run: Run, folder: Path, server: Server
) -> None:
    """Parts of an edition are told apart, and what was sent has the time of that."""
    today = f"<pubDate>{datetime.now(UTC):%d %b %Y %H:%M} GMT</pubDate>"
    items = "".join(
        f"<item><title>Battle tank in Town{number}</title><link>http://127.0.0.1/{number}</link>{today}"
        f"<description>{' '.join(f'word{number}x{one}' for one in range(80))}</description></item>"
        for number in range(30)
    )
    server.on(
        "/feed.xml", answer(f"<rss><channel><title>G</title>{items}</channel></rss>".encode())
    )
    server.on("/services/T/B/x", answer(b"ok"), answer(b"down", 503))
    with (folder / "monitor.toml").open("a") as settings:
        settings.write(f'\n[channels.slack.far]\nwebhook = "{server.url("/services/T/B/x")}"\n')
    digests = folder / "digests.toml"
    digests.write_text(digests.read_text().replace("console:", "slack:far"))
    run("fetch")
    run("digests", "publish", "desk")
    rows = run("deliveries", "list", "--json").json
    lines = run("deliveries", "list").out.splitlines()
    assert "when (UTC)" in lines[0]
    assert {row["state"] for row in rows if row["parts"] > 1} == {"sent", "pending"}
    for row, line in zip(rows, lines[1:], strict=True):
        when = row["due"] or row["ended"]
        assert when[:16].replace("T", " ") in line
        assert (f"desk 1 ({row['part']}/{row['parts']})" in line) == (row["parts"] > 1)


def test_a_recipient_that_is_named_twice_gets_an_edition_once(run: Run, folder: Path) -> None:
    """The outbox holds one message of an edition for each recipient, and refuses a second one."""
    digests = folder / "digests.toml"
    digests.write_text(digests.read_text().replace('["console:"]', '["console:", "console:"]'))
    run("fetch")
    published = run("digests", "publish", "desk")
    assert (published.code, published.out.count("1. Tank arrives")) == (0, 1)
    assert len(run("deliveries", "list", "--json").json) == 1


def test_d78_publishing_says_what_became_of_its_own_edition_and_of_no_other(
    run: Run, folder: Path
) -> None:
    """An alert with nothing new makes no edition and sends nothing that an earlier edition left."""
    digests = folder / "digests.toml"
    with (folder / "monitor.toml").open("a") as settings:
        settings.write('\n[channels.webhook.far]\nurl = "http://127.0.0.1:9/"\n')
    daily = digests.read_text().replace("console:", "webhook:far")
    digests.write_text(daily)
    run("fetch")
    first = run("digests", "publish", "desk")
    assert (first.code, "edition 1: 2 stories" in first.err) == (1, True)

    digests.write_text(daily.replace("0 6 * * *", "at once"))
    second = run("digests", "publish", "desk")
    assert "no edition: nothing new since 20" in second.err
    assert (second.code, "there was nothing to send" in second.out) == (0, True)
    assert run("deliveries", "list", "--json").json[0]["attempts"] == 1
    digests.write_text(daily.replace("0 6 * * *", "at once").replace("desk", "alerts"))
    begun = run("digests", "publish", "alerts")
    assert (begun.code, "no edition: alerts tells what comes from 20" in begun.err) == (0, True)

    digests.write_text(daily + 'empty = "send"\n')
    third = run("digests", "publish", "desk")
    assert "edition 2: 0 stories\n1 message is left to monitor run" in third.err
    digests.write_text(daily)
    fourth = run("digests", "publish", "desk")
    assert "edition 3: 0 stories, not sent (the digest's rule for an empty edition)" in fourth.err


def test_an_entry_is_traced_from_its_poll_to_the_watchlists_that_did_not_match(run: Run) -> None:
    run("fetch")
    told = run("trace", "http://127.0.0.1/1", "--json").json
    assert [one["step"] for one in told["steps"]] == ["poll", "entry", "article", "match", "story"]
    assert told["unmatched"] == []
    number = f"article:{told['id']}"
    shown = run("trace", number).out
    assert shown.startswith(number.replace(":", " "))
    assert "\x1b" not in shown
    assert "watchlist tanks, score" in shown
    ended = run("trace", "nothing-like-it", "--json")
    assert (ended.code, ended.error["code"]) == (65, "input")
    assert "looked at" in ended.error["message"]


def test_an_audit_adds_up_and_says_so_until_something_is_lost(run: Run, folder: Path) -> None:
    run("fetch")
    told = run("audit", "--json")
    assert (told.code, told.json["adds_up"]) == (0, True)
    sums = {one["what"]: one for one in told.json["sums"]}
    assert sums["entries"]["parts"]["matched"] == sums["entries"]["all"] == 2
    shown = run("audit")
    assert shown.out.endswith("Everything adds up.\n")
    with sqlite3.connect(folder / "m.sqlite3") as database:
        database.execute("UPDATE articles SET story_id = NULL")
    lost = run("audit")
    assert lost.code == 1
    assert lost.err.startswith("monitor: the record does not add up: articles")
    assert "Tank arrives: it matches, but has no story and waits for none" in lost.out
    assert "\x1b" not in lost.out
    assert run("audit", "--json").json["adds_up"] is False


def test_f75_who_only_gets_alarms_can_be_suspended_too(run: Run, folder: Path) -> None:
    with (folder / "monitor.toml").open("a") as settings:
        settings.write('\n[alarms]\nto = ["webhook:far"]\n[channels.webhook.far]\n')
        settings.write('url = "http://127.0.0.1:9/"\n')
    assert run("deliveries", "suspend", "webhook:far").code == 0
    [held] = run("deliveries", "suspended", "--json").json
    assert held["recipient"] == "webhook:far"


def test_f83_an_alarm_is_shown_with_times_for_people(run: Run, folder: Path) -> None:
    """Since when a place has failed is told to the minute, as every other time."""
    run("fetch")
    at = "2024-10-18T06:00:00.740209+00:00"
    failing = [{"place": "email", "since": at, "why": "connection refused"}]
    with sqlite3.connect(folder / "m.sqlite3") as database:
        database.execute(
            "INSERT INTO editions (digest, number, window_start, window_end, late, published, "
            "subject, stories, cut, sent, body) VALUES ('_alarms', 1, :at, :at, 0, :at, 'Alarm', "
            "0, 0, 1, :body)",
            {
                "at": "2024-10-18 07:00:00.000000",
                "body": json.dumps({"sections": [], "failing": failing}),
            },
        )
    shown = run("digests", "show", "_alarms").out
    assert "email since 2024-10-18 06:00 UTC connection refused" in shown


def test_digests_list_says_of_each_reader_who_gets_nothing_and_why(run: Run, folder: Path) -> None:
    """The list shows a person's suspension with every digest, a reader's own with that one only."""
    with (folder / "monitor.toml").open("a") as settings:
        for name in ("far", "near"):
            settings.write(f'[channels.webhook.{name}]\nurl = "http://127.0.0.1:9/"\n')
    whom = ["console:", "webhook:far", "webhook:near"]
    digest = f'[[digests]]\nname = "%s"\nschedule = "0 6 * * *"\nrecipients = {json.dumps(whom)}\n'
    (folder / "digests.toml").write_text(digest % "desk" + digest % "late")
    assert "gets nothing" not in run("digests", "list").out
    run("deliveries", "suspend", "console:", "--why", "mailbox closed")
    with sqlite3.connect(folder / "m.sqlite3") as database:
        database.execute(
            "INSERT INTO recipients (channel, address, digest, refusals, suspended, why) VALUES "
            "('webhook', 'far', 'late', 0, '2024-10-18 06:00:00.000000', 'stopped by its reader')"
        )
    shown = run("digests", "list").out
    assert shown.count("console: (gets nothing: mailbox closed), webhook:far") == 2
    assert shown.count("webhook:far (gets nothing: stopped by its reader), webhook:near") == 1
    desk, late = run("digests", "list", "--json").json
    assert desk["suspended"] == {"console:": "mailbox closed"}
    assert late["suspended"] == {**desk["suspended"], "webhook:far": "stopped by its reader"}
    assert [(row["recipients"], row["to"]) for row in (desk, late)] == [(whom, ", ".join(whom))] * 2


def test_f75_d79_a_recipient_is_suspended_and_resumed_by_command(run: Run) -> None:
    """A message to a suspended recipient is visibly refused, and can be sent again by hand."""
    run("fetch")
    run("digests", "publish", "desk")
    assert run("deliveries", "suspend", "console:here").code == 2
    done = run("deliveries", "suspend", "console:", "--why", "mailbox closed", "--json").json
    assert done == {"recipient": "console:", "suspended": True, "why": "mailbox closed"}
    [held] = run("deliveries", "suspended", "--json").json
    assert (held["recipient"], held["why"]) == ("console:", "mailbox closed")
    assert run("status", "--json").json["suspended"] == ["console:"]
    assert "console:" in run("status").out
    refused = run("digests", "resend", "desk")
    assert (refused.code, "mailbox closed" in refused.out) == (1, True)
    done = run("deliveries", "resume", "console:", "--json").json
    assert done == {"recipient": "console:", "suspended": False}
    assert run("deliveries", "resume", "console:").code == 2
    assert "Tank arrives" in run("digests", "resend", "desk", "--new-id").out
    assert run("status", "--json").json["suspended"] == []


def test_p21_feeds_are_added_after_a_look_and_removed(run: Run, server: Server) -> None:
    """`feeds add` refuses a page and names the feeds that it links."""
    link = b'<link rel="alternate" type="application/rss+xml" href="/more.xml">'
    server.on("/page", answer(b"<html><head>" + link + b"</head><body>News</body></html>"))
    server.on("/more.xml", answer(_feed("More")))
    refused = run("feeds", "add", server.url("/page"), "--json")
    assert refused.code == 65
    assert server.url("/more.xml") in refused.err
    [found] = run("feeds", "discover", server.url("/page"), "--json").json
    assert (found["url"], found["how"]) == (server.url("/more.xml"), "named by the page")
    added = run("feeds", "add", server.url("/more.xml"), "--json").json
    assert (added["name"], added["added"]) == ("The Gazette", True)
    run("fetch", "--json")
    asked = [seen for seen in server.requests if seen.path == "/more.xml"]
    assert len(asked) == 1  # P21: the answer to `feeds add` was stored
    again = run("feeds", "add", server.url("/more.xml"), "--name", "Other", "--json").json
    assert again == {**added, "added": False}
    assert len(run("feeds", "list", "--json").json) == 2
    assert run("feeds", "remove", server.url("/more.xml")).code == 0
    assert run("feeds", "remove", server.url("/feed.xml")).code == 2
    on = {row["url"]: row["enabled"] for row in run("feeds", "list", "--json").json}
    assert on == {server.url("/feed.xml"): True, server.url("/more.xml"): False}


def test_discover_looks_in_the_usual_places_when_the_page_names_no_feed(
    run: Run, server: Server
) -> None:
    """`discover` asks only what robots.txt permits, and stops at the first feed."""
    robots = "User-agent: *\nDisallow: /navy/feed/\nSitemap: /maps/news.xml\n"
    server.on("/robots.txt", answer(robots.encode()))
    server.on("/navy/", answer(b"<html><body>News</body></html>"))
    server.on("/rss.xml", answer(_feed("Found")))
    [found] = run("feeds", "discover", server.url("/navy/"), "--json").json
    assert found == {
        "url": server.url("/rss.xml"),
        "title": "The Gazette",
        "how": "in a usual place",
        "kind": "rss",
    }
    paths = [seen.path for seen in server.requests]
    assert paths == ["/navy/", "/robots.txt", "/feed/", "/rss.xml"]
    told = run("feeds", "discover", server.url("/navy/")).out
    assert f"{server.url('/rss.xml')}\n  The Gazette; in a usual place\n" in told
    assert f"monitor feeds add {server.url('/rss.xml')}" in told


def test_discover_takes_a_sitemap_for_want_of_a_feed(run: Run, server: Server) -> None:
    """`discover` tries the sitemaps that robots.txt names, news first."""
    url = server.url("/story/1")
    news = f"<urlset><url><loc>{url}</loc><lastmod>2024-10-18</lastmod></url></urlset>"
    server.on("/robots.txt", answer(b"Sitemap: /maps/all.xml\nSitemap: /maps/news.xml\n"))
    server.on("/", answer(b"<html><body>News</body></html>"))
    server.on("/maps/news.xml", answer(news.encode()))
    server.on("/feed.xml", answer(status=404))
    [found] = run("feeds", "discover", server.url("/"), "--json").json
    assert (found["url"], found["kind"]) == (server.url("/maps/news.xml"), "sitemap")
    assert server.asked("/maps/all.xml") == []
    assert len(server.requests) <= 8
    server.on("/rss.xml", answer(_feed("Here")))
    [found] = run("feeds", "discover", server.url("/rss.xml"), "--json").json
    assert found["how"] == "it is a feed itself"
    assert run("feeds", "discover", server.url("/nothing")).code == 69


def test_discover_that_finds_nothing_says_where_it_looked_and_ends_with_1(
    run: Run, server: Server
) -> None:
    """`discover` lists each place where it looked, with the reason why there is no feed."""
    robots = "User-agent: *\nDisallow: /feed/\nSitemap: /maps/news.xml\n"
    server.on("/robots.txt", answer(robots.encode()))
    server.on("/", answer(b"<html><body>News</body></html>"))
    server.on("/rss.xml", answer(_feed()))
    server.on("/feed.xml", answer(b"<html>Not here</html>"))
    told = run("feeds", "discover", server.url("/"))
    assert (told.code, told.out) == (1, "")
    *looked, last = told.err.splitlines()
    assert [line.removeprefix(f"looked at {server.url('')}") for line in looked] == [
        "/: a page that names no feed",
        "/feed/: robots.txt forbids it",
        "/rss.xml: a feed without entries",
        "/feed.xml: not a feed",
        "/atom.xml: the server answered 404",
        "/maps/news.xml: the server answered 404",
    ]
    assert last.startswith(f"monitor: {server.url('/')} has no feed that can be found: ")
    in_json = run("feeds", "discover", server.url("/"), "--json")
    assert (in_json.code, in_json.json, in_json.error["code"]) == (1, [], "failed")


def test_p40_imported_feeds_are_not_all_due_at_once(run: Run) -> None:
    """Each imported feed has a place of its own in the spread."""
    rows = "".join(f'<outline xmlUrl="https://{n}.example/f"/>' for n in range(30))
    text = f"<opml><body>{rows}</body></opml>"
    assert run("feeds", "import", "-", "--json", stdin=text.encode()).json["added"] == 30
    due = sorted(row["due"] for row in run("feeds", "status", "--json").json if row["polls"] == 0)
    assert len(set(due)) > 25
    span = datetime.fromisoformat(due[-1]) - datetime.fromisoformat(due[0])
    assert span > timedelta(minutes=5)


def test_feeds_go_out_and_come_in_as_opml(run: Run, tmp_path: Path) -> None:
    """A feed that was exported is known when the file is imported."""
    assert run("feeds", "export", "--out", tmp_path / "feeds.xml").code == 0
    text = (tmp_path / "feeds.xml").read_text("utf-8")
    again = run("feeds", "export", "--out", tmp_path / "again.xml", "--json")
    assert again.json[0]["name"] == "Gazette"
    assert (tmp_path / "again.xml").read_text("utf-8") == text
    more = text.replace("</body>", '<outline text="New" xmlUrl="https://b.example/f"/></body>')
    told = run("feeds", "import", "-", "--json", stdin=more.encode()).json
    assert told == {"added": 1, "known": 1, "repeated": 0, "left_out": 0}


def test_one_tick_of_the_daemon_tells_what_it_did(run: Run) -> None:
    """`run --once` ends by itself and tells what it did."""
    told = run("run", "--once", "--json")
    assert told.code == 0
    assert json.loads(told.out.splitlines()[-1])["polled"] == 1


def test_migrate_tells_what_it_did(run: Run, folder: Path) -> None:
    """`migrate` makes a new database, and leaves alone one that is up to date."""
    (folder / "m.sqlite3").unlink()
    made = run("migrate", "--json").json
    assert made["before"] is None
    again = run("migrate", "--json").json
    assert (again["before"], again["now"]) == (made["now"], made["now"])


@pytest.mark.parametrize("command", ["migrate", "backup copy", "status", "restore copy"])
def test_a_database_that_cannot_be_opened_has_a_code_of_its_own(
    run: Run, folder: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever command meets it first: 69 if it cannot be reached, 65 if it is none."""
    monkeypatch.chdir(folder)
    run("backup", "copy")
    force = ["--force"] * command.startswith("backup")
    ends = {"sqlite:////proc": 69}
    if command == "restore copy":
        ends["sqlite:////proc/none/m.sqlite3"] = 69
    if command in ("migrate", "status"):
        ends |= {"postgresql://127.0.0.1:1/none": 69, f"sqlite:///{__file__}": 65}
    for url, code in ends.items():
        told = run(*command.split(), *force, "--db", url)
        assert told.code == code, (url, told.err)
        assert "internal error" not in told.err


def test_watchlists_are_listed_and_tried(run: Run, folder: Path) -> None:
    """A failing example is a mistake of the settings: `lint` and `check` end with 78."""
    assert run("watchlists", "list", "--json").json[0]["name"] == "tanks"
    assert run("watchlists", "lint", "--json").json == [
        {"name": "tanks", "examples": 1, "ok": True, "doubts": [], "warnings": []}
    ]
    path = folder / "watchlists" / "tanks.toml"
    path.write_text('query = "tank"\ntests = [{ text = "A ship.", match = true }]\n')
    assert run("watchlists", "lint").code == 78
    assert run("check").code == 78


def test_d68_a_channel_is_tried_with_a_sample(tmp_path: Path) -> None:
    """`digests test` sends a sample and shows the answer; a wrong recipient is a usage error."""
    database = f"sqlite:///{tmp_path / 'm.sqlite3'}"
    ended = monitor("digests", "test", "console:", "--db", database, "--json")
    assert ended.code == 0
    assert ended.json == [
        {"recipient": "console:", "part": 1, "parts": 1, "sent": True, "answer": "printed"}
    ]
    assert monitor("digests", "test", "console:here", "--db", database).code == 2
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "monitor.toml").write_text(
        '[channels.discord.desk]\nurl = "http://127.0.0.1:1/hooks/made-up-secret"\n'
        '[fetch]\nallow_private = ["127.0.0.1"]\nallow_ports = [1]\n'
    )
    line = ("digests", "test", "discord:desk", "--db", database, "--config", folder, "--json")
    ended = monitor(*line)
    assert (ended.code, ended.json[0]["sent"]) == (1, False)
    assert ended.json[0]["answer"]
    assert ended.err.startswith("monitor: the sample was not sent to discord:desk: ")
    assert "made-up-secret" not in ended.out + ended.err
    assert monitor("deliveries", "list", "--db", database, "--json").json == []


def test_d68_a_sample_that_brought_no_answer_may_have_been_taken(
    tmp_path: Path, server: Server
) -> None:
    """After a 504 the service behind the gateway may have taken it: "not sent" is a guess."""
    server.on("/hook?wait=true", answer(status=504))
    (tmp_path / "monitor.toml").write_text(
        f'[channels.discord.desk]\nurl = "{server.url("/hook")}"\n'
        '[fetch]\nallow_private = ["127.0.0.1"]\n'
    )
    ended = monitor("digests", "test", "discord:desk", "--config", tmp_path, "--json")
    assert (ended.code, ended.json[0]["answer"]) == (1, "perhaps sent: 504")


def test_watchlists_lint_names_doubtful_queries(tmp_path: Path) -> None:
    """Dead and shadowed queries are reported, but are no mistakes."""
    folder = tmp_path / "watchlists"
    folder.mkdir()
    query = '["frigate", "frigate OR corvette", "frigate AND NOT frigate"]'
    (folder / "x.toml").write_text(f'title = "X"\nquery = {query}\n')
    ended = monitor("watchlists", "lint", "--config", tmp_path, "--json")
    assert ended.code == 0
    told = [(one["query"], one["doubt"]) for one in ended.json[0]["doubts"]]
    assert (0, "shadowed") in told
    assert (2, "dead") in told


SECRET = "s3cr3t-of-the-desk"


def test_p74_no_command_tells_a_feeds_secrets(run: Run, folder: Path, server: Server) -> None:
    """A feed's secrets go to it and are never shown; password and bearer are not stored either."""
    keyed = server.url("/keyed.xml")
    basic = server.url("/basic.xml").replace("://", f"://desk:{SECRET}@")
    token = server.url(f"/token.xml?lang=en&token={SECRET}")
    refused = server.url(f"/none.xml?api_key={SECRET}")
    for path in ("/keyed.xml", "/basic.xml", f"/token.xml?lang=en&token={SECRET}"):
        server.on(path, answer(_feed("Tank arrives")))
    (folder / "key").write_text(SECRET)
    (folder / "key").chmod(0o600)
    with (folder / "feeds.toml").open("a") as file:
        for url in (basic, token, refused):
            file.write(f'[[feeds]]\nurl = "{url}"\n')
        headers = f'{{ Authorization = "Bearer {SECRET}", X-Api-Key = "file:key" }}'
        file.write(f'[[feeds]]\nurl = "{keyed}"\nheaders = {headers}\n')
    told = [
        run("check"), run("check", "--json"), run("fetch", "--json", "--debug"),
        run("fetch", "--all"), run("feeds", "poll", "--json"), run("feeds", "list"),
        run("feeds", "list", "--json"), run("feeds", "status"), run("feeds", "status", "--json"),
        run("feeds", "export"), run("feeds", "export", "--json"),
        run("export", "entries"), run("export", "articles"), run("digests", "preview", "desk"),
        run("feeds", "add", refused), run("feeds", "add", refused, "--json"),
        run("feeds", "resume", refused), run("feeds", "remove", token), run("parse", refused),
        run("feeds", "add", basic), run("feeds", "discover", refused, "--json"),
        run("fetch", refused, "--json"), run("status", "--json"), run("doctor", "--json"),
        run("trace", "http://127.0.0.1/0"), run("trace", "http://127.0.0.1/0", "--json"),
        run("audit"), run("audit", "--json"),
    ]  # fmt: skip
    assert SECRET not in "".join(ended.out + ended.err for ended in told)
    asked = {seen.path.partition("?")[0]: seen for seen in server.requests}
    assert asked["/keyed.xml"].header("authorization") == f"Bearer {SECRET}".encode()
    assert asked["/keyed.xml"].header("x-api-key") == SECRET.encode()
    assert (
        asked["/basic.xml"].header(
            "authorization",
        )
        is not None
    )
    assert SECRET in asked["/token.xml"].path
    rows = {row["url"]: row for row in run("feeds", "list", "--json").json}
    shown = server.url("/token.xml?lang=en&token=***")
    assert rows[shown]["outcome"] != "failed"
    assert rows[keyed]["headers"] == ["Authorization", "X-Api-Key"]
    assert server.url("/basic.xml") in rows
    assert (
        run("feeds", "poll", shown, "--force", "--json").json[0]["url"] == shown
    )  # as it was shown
    database = b"".join(path.read_bytes() for path in folder.glob("m.sqlite3*"))
    assert f"Bearer {SECRET}".encode() not in database
    assert f":{SECRET}".encode() not in database


def test_p74_a_password_is_not_added_to_the_database(
    run: Run, folder: Path, server: Server
) -> None:
    """`feeds add` and `feeds import` say where a password belongs; `fetch URL` uses it once."""
    server.on("/basic.xml", answer(_feed("Tank arrives")))
    url = server.url("/basic.xml").replace("://", f"://desk:{SECRET}@")
    added = run("feeds", "add", url)
    assert added.code == 2
    assert "feeds.toml" in added.err
    opml = f'<opml version="2.0"><body><outline text="x" xmlUrl="{url}"/></body></opml>'
    taken = run("feeds", "import", "-", "--json", stdin=opml.encode())
    assert taken.json == {"added": 0, "known": 0, "repeated": 0, "left_out": 1}
    assert "feeds.toml" in taken.err
    once = run("fetch", url, "--json")
    assert once.json["failures"] == []
    assert server.asked("/basic.xml")[0].header("authorization") is not None
    assert SECRET not in added.err + taken.err + once.out + once.err
    assert not any(SECRET.encode() in path.read_bytes() for path in folder.glob("m.sqlite3*"))


def test_p73_an_exception_is_shown(run: Run, folder: Path) -> None:
    """`check` shows an exception from TLS; lists have a column for it only when there is one."""
    before = run("feeds", "list")
    assert "tls" not in before.out
    with (folder / "feeds.toml").open("a") as file:
        file.write('[[feeds]]\nurl = "https://127.0.0.1:1/f"\ntls = "unverified"\n')
    assert "not verified" in run("check").out
    assert run("check", "--json").json["warnings"][0]["where"] == "feeds.toml:7"
    for command in ("list", "status"):
        assert "unverified" in run("feeds", command).out
        rows = {row["url"]: row["tls"] for row in run("feeds", command, "--json").json}
        assert rows["https://127.0.0.1:1/f"] == "unverified"
        assert sorted(rows.values()) == ["unverified", "verified"]


def test_p17_bytes_a_day_are_shown(run: Run, folder: Path) -> None:
    """On a feed's first day, the bytes of the last 24 hours are all its bytes."""
    run("fetch")
    _rested(folder)
    run("fetch", "--all")
    [row] = run("feeds", "status", "--json").json
    assert row["bytes_day"] == row["bytes"] > len(_feed("Tank arrives"))


def test_p16_pressing_twice_asks_once_and_force_asks_for_everything(
    run: Run, folder: Path, server: Server
) -> None:
    """Twenty polls in a minute make one request; `--force` makes another, without validators."""
    ended = [run("feeds", "poll", "--json").code for _ in range(20)]
    assert ended == [0, *[75] * 19]
    assert len(server.asked("/feed.xml")) == 1
    forced = run("feeds", "poll", "--force", "--json")
    assert forced.code == 0
    _, second = server.asked("/feed.xml")
    assert second.header("if-none-match") is None
    _rested(folder)
    run("fetch", "--all")
    assert server.asked("/feed.xml")[-1].header("if-none-match") == b'"1"'


def test_p16_fetch_asks_no_feed_twice_in_a_minute(run: Run, folder: Path, server: Server) -> None:
    """`fetch` leaves alone a feed asked within a minute, says so, and succeeds."""
    again = (("fetch", "--all"), ("fetch", server.url("/feed.xml")), ("fetch", "--all", "--json"))
    run("fetch")
    for command in again:
        ended = run(*command)
        assert ended.code == 0
        assert "1 feed asked less than a minute ago" in ended.err
    assert (ended.json["feeds"]["polled"], ended.json["failures"]) == (0, [])
    assert len(server.asked("/feed.xml")) == 1
    _rested(folder)
    assert "1 feed asked: 0 with news" in run("fetch", server.url("/feed.xml")).out
    assert len(server.asked("/feed.xml")) == 2


def test_p21_a_feed_that_was_added_is_asked_again_an_interval_later(
    run: Run, server: Server
) -> None:
    """`feeds add` requests each address once; the feed is due again an interval later."""
    server.on("/more.xml", answer(_feed("More")))
    link = b'<link rel="alternate" type="application/rss+xml" href="/more.xml">'
    server.on("/page", answer(b"<html><head>" + link + b"</head><body>News</body></html>"))
    before = datetime.now(UTC)
    refused = run("feeds", "add", server.url("/page"))
    assert server.url("/more.xml") in refused.err
    assert run("feeds", "add", server.url("/more.xml")).code == 0
    assert [seen.path for seen in server.requests] == ["/page", "/more.xml"]
    due = {row["url"]: row["due"] for row in run("feeds", "list", "--json").json}
    assert datetime.fromisoformat(due[server.url("/more.xml")]) >= before + timedelta(minutes=30)


@pytest.mark.parametrize("how", ["feeds.toml", "import", "--unchecked"])
def test_p21_a_feed_that_was_tried_first_is_asked_an_interval_after_that(
    run: Run, server: Server, folder: Path, tmp_path: Path, how: str
) -> None:
    """What `fetch URL` asked counts as the first poll, however the feed is added later."""
    url = server.url("/more.xml")
    server.on("/more.xml", answer(_feed("More"), headers=[("Cache-Control", "max-age=7200")]))
    before = datetime.now(UTC)
    assert run("fetch", url).code == 0
    if how == "feeds.toml":
        (folder / "feeds.toml").open("a").write(f'[[feeds]]\nurl = "{url}"\n')
    elif how == "import":
        (tmp_path / "a.opml").write_text(f'<opml><body><outline xmlUrl="{url}"/></body></opml>')
        assert run("feeds", "import", tmp_path / "a.opml").code == 0
    else:
        assert run("feeds", "add", url, how).code == 0
    run("fetch")
    assert len(server.asked("/more.xml")) == 1
    found = {row["url"]: row for row in run("feeds", "list", "--json").json}
    assert datetime.fromisoformat(found[url]["due"]) >= before + timedelta(hours=2)
    assert found[url]["due_why"] == "the server calls it fresh: 2 h"


@pytest.mark.parametrize(
    ("headers", "said", "why"),
    [
        ([("Cache-Control", "max-age=14400")], "", "the server calls it fresh: 4 h"),
        ([], "<ttl>240</ttl>", "the feed's ttl: 4 h"),
    ],
)
def test_p21_p23_p36_what_the_first_answer_asks_for_is_kept(
    run: Run, server: Server, headers: list[tuple[str, str]], said: str, why: str
) -> None:
    """What a server or a document says of its pace counts from `feeds add` on."""
    body = _feed("More").decode().replace("<item>", f"{said}<item>", 1).encode()
    server.on("/more.xml", answer(body, headers=headers))
    before = datetime.now(UTC)
    assert run("feeds", "add", server.url("/more.xml")).code == 0
    found = {row["url"]: row for row in run("feeds", "list", "--json").json}
    added = found[server.url("/more.xml")]
    assert datetime.fromisoformat(added["due"]) >= before + timedelta(hours=4)
    assert added["due_why"] == why


@pytest.mark.parametrize(
    ("command", "status"),
    [("add", 429), *(("discover", status) for status in (429, 503, 502, 403))],
)
def test_p26_a_wait_heard_before_a_feed_was_added_is_kept(
    run: Run, server: Server, command: str, status: int
) -> None:
    """Neither a command nor a poll asks the server again before the wait is over."""
    url = server.url("/busy.xml")
    server.on("/busy.xml", answer(status=status, headers=[("Retry-After", "7200")]))
    before = datetime.now(UTC)
    assert run("feeds", command, url).code == 69
    again = run("feeds", command, url)
    assert (again.code, "asked us to wait until" in again.err) == (75, True)
    refused = run("feeds", "add", url)
    assert (refused.code, "asked us to wait until" in refused.err) == (75, True)
    assert run("feeds", "add", url, "--unchecked").code == 0
    run("fetch", "--all")
    run("fetch", url)
    assert len(server.asked("/busy.xml")) == 1
    due = {row["url"]: row["due"] for row in run("feeds", "list", "--json").json}
    assert datetime.fromisoformat(due[url]) >= before + timedelta(hours=2)


@pytest.mark.parametrize("query", ["", '"', "*", "---"])
def test_a_search_for_no_word_is_told_so(run: Run, query: str) -> None:
    """Without a word there is nothing to search for, so "nothing found" would be misleading."""
    ended = run("search", query) if query[:1] != "-" else run("search", "--", query)
    assert (ended.code, "no word to search for" in ended.err) == (2, True)


def test_a_search_with_operators_says_that_it_has_none(run: Run) -> None:
    """Otherwise "nothing found" would look like the answer to the query that was meant."""
    for query in ("zzyzx NOT navy", "title:zzyzx", "(zzyzx)", "navy -zzyzx", "navy | zzyzx"):
        assert "search knows no operators" in run("search", query).err, query
    plain = run("search", "zzyzx", "navy", "F-35")
    assert (plain.out, plain.err) == ("nothing found\n", "")


def test_a_search_in_a_language_without_spaces_says_what_it_cannot_find(run: Run) -> None:
    """無人機 is in 新型無人機の計画, which both indexes take for one word."""
    assert "without spaces" in run("search", "無人機").err
    assert "without spaces" in run("search", "โดรน").err
    assert run("search", "무인기").err == ""


def test_an_empty_window_of_an_alert_can_be_asked_for_again(run: Run, folder: Path) -> None:
    """An empty window publishes nothing, so asking a second time gives the same answer."""
    digest = '[[digests]]\nname = "now"\nschedule = "at once"\nrecipients = ["console:"]\n'
    (folder / "digests.toml").write_text(digest)
    for _ in range(2):
        told = run("digests", "publish", "now", "--window", "2024-10-17/2024-10-18")
        assert (told.code, "no edition: nothing new since 2024-10-17" in told.err) == (0, True)


def test_F40_search_and_fetch_show_no_date_of_the_future(run: Run, server: Server) -> None:
    """An article dated in the future is shown by when it was seen; JSON has its stated date."""
    today, tomorrow = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(days=2)
    items = "".join(
        f"<item><title>Tank {name}</title><guid>{name}</guid><link>http://127.0.0.1/{name}</link>"
        f"<pubDate>{at:%d %b %Y %H:%M} GMT</pubDate><description>{BODIES[0]}</description></item>"
        for name, at in (("today", today), ("tomorrow", tomorrow))
    )
    server.on(
        "/feed.xml", answer(f"<rss><channel><title>G</title>{items}</channel></rss>".encode())
    )
    fetched, found = run("fetch").out, run("search", "tank").out
    for shown in (fetched, found):
        assert f"{tomorrow:%Y-%m-%d}" not in shown
    assert found.count("(seen)") == 1
    number = re.search(r":\d\d +(\d+)  .*Tank today", found)
    assert number, found  # what trace and explain ask for
    assert "Tank today" in run("trace", f"article:{number[1]}").out
    rows = {row["title"]: row["published"] for row in run("search", "tank", "--json").json}
    assert rows["Tank tomorrow"].startswith(f"{tomorrow:%Y-%m-%d}")  # as its feed states it


def test_an_import_tells_which_outlines_it_leaves_out(run: Run, folder: Path) -> None:
    """An import names each with its reason, and how many; `check` does so for feeds.opml."""
    outlines = (
        '<outline text="Old" xmlUrl="gopher://a.test/f"/><outline xmlUrl="https://b.test/f"/>'
    )
    listed = f"<opml><body>{outlines}</body></opml>".encode()
    told = run("feeds", "import", "-", stdin=listed)
    assert told.out == "1 feed added, 0 known already, 1 left out\n"
    assert "left out: Old (gopher://a.test/f): it has no web address" in told.err
    assert run("feeds", "import", "-", "--json", stdin=listed).json["left_out"] == 1
    twice = listed.replace(b"</body>", b'<outline xmlUrl="https://b.test/f#x"/></body>')
    told = run("feeds", "import", "-", stdin=twice)
    assert told.out == "0 feeds added, 1 known already, 1 repeated in the list, 1 left out\n"
    (folder / "feeds.opml").write_bytes(listed)
    left_out = "feeds.opml: 'Old (gopher://a.test/f)' is left out (it has no web address)"
    assert left_out in run("check").out


def test_lint_and_check_name_sources_that_no_feed_has(run: Run, folder: Path) -> None:
    """The warning suggests the nearest source that a feed has."""
    lists = folder / "watchlists"
    (lists / "near.toml").write_text('query = "tank"\nsources = ["The Gazete"]\n')
    for command in (("check",), ("watchlists", "lint"), ("watchlists", "lint", "near")):
        assert "'The Gazete' (did you mean 'The Gazette'?)" in run(*command).out
    near, tanks = run("watchlists", "lint", "--json").json
    assert (len(near["warnings"]), tanks["warnings"]) == (1, [])


def test_status_calls_feeds_what_feeds_status_calls_them(
    run: Run, folder: Path, server: Server
) -> None:
    """A gone feed does not also count as failing, and one that failed a moment ago is faltering."""
    server.on("/gone", answer(status=410))
    bad = "".join(f'[[feeds]]\nurl = "{server.url(f"/{name}")}"\n' for name in ("gone", "a", "b"))
    (folder / "feeds.toml").open("a").write(bad)
    run("fetch")

    def counts() -> dict[str, int]:
        told = run("status", "--json").json["feeds"]
        conditions = [row["condition"] for row in run("feeds", "status", "--json").json]
        wrong = {name: conditions.count(name) for name in ("failing", "faltering", "gone")}
        assert told == {"all": 4, "off": 0, "polled": 4, **wrong}
        return wrong

    assert counts() == {"failing": 0, "faltering": 2, "gone": 1}
    with sqlite3.connect(folder / "m.sqlite3") as database:
        long_ago = "UPDATE feeds SET failing_since = '2024-10-01 06:00:00.000000' WHERE url LIKE ?"
        database.execute(long_ago, ("%/a",))
    assert counts() == {"failing": 1, "faltering": 1, "gone": 1}
    assert "1 failing, 1 faltering, 1 gone" in run("status").out


def test_status_counts_the_feeds_of_the_settings_before_the_first_fetch(run: Run) -> None:
    """Feeds of the settings count before anybody has polled them."""
    assert run("status", "--json").json["feeds"] == {
        "all": 1, "off": 0, "polled": 0, "failing": 0, "faltering": 0, "gone": 0
    }  # fmt: skip
    run("fetch")
    assert run("status", "--json").json["feeds"]["all"] == 1


def test_status_tells_feeds_that_are_off_from_those_that_are_polled(run: Run, folder: Path) -> None:
    """Feeds that are off count among all, and are also counted as off."""
    (folder / "feeds.toml").open("a").write(
        '[[feeds]]\nurl = "http://127.0.0.1:1/off"\nenabled = false\n'
    )
    for _ in range(2):  # before and after the database knows it
        told = run("status", "--json").json["feeds"]
        assert (told["all"], told["off"]) == (2, 1)
        run("fetch")
    assert "2 in all, 1 off" in run("status").out


def test_a_feed_asked_once_by_its_address_counts_as_off(run: Run, server: Server) -> None:
    """Nobody polls it again: not `status`, nor the daemon's first line, takes it for at work."""
    run("fetch", server.url("/gone-fishing"))
    told = run("status", "--json").json["feeds"]
    assert (told["all"], told["off"], told["polled"]) == (2, 1, 1)
    run("feeds", "add", server.url("/gone-fishing"), "--unchecked")
    assert run("status", "--json").json["feeds"]["off"] == 0


def test_an_address_that_was_wrong_once_is_no_feed_that_fails_for_ever(
    run: Run, folder: Path, server: Server
) -> None:
    """Who asked for it sees why it failed; a day later it is nobody's feed."""
    run("fetch")
    run("fetch", server.url("/tpyo"))

    def faults() -> tuple[int, int, list[str]]:
        told = run("status", "--json").json["feeds"]
        rows = run("feeds", "status", "--worrying", "--json").json
        return told["faltering"], told["failing"], [row["url"] for row in rows]

    assert faults() == (1, 0, [server.url("/tpyo")])
    with sqlite3.connect(folder / "m.sqlite3") as database:
        database.execute(
            "UPDATE feeds SET failing_since = datetime(failing_since, '-25 hours') || '.0',"
            " last_polled = datetime(last_polled, '-25 hours') || '.0' WHERE url LIKE '%/tpyo'"
        )
    assert faults() == (0, 0, [])


def test_what_only_looks_works_beside_a_broken_watchlist(run: Run, folder: Path) -> None:
    """Commands that match nothing ignore a broken watchlist, but not a misspelt section: it could
    lead to another database, where news would seem lost.
    """
    run("fetch")
    (folder / "watchlists" / "tanks.toml").write_text('query = "(tank"\n')
    assert run("fetch").code == 78
    assert [row["title"] for row in run("search", "tank", "--json").json] == ["Tank arrives"]
    for command in (
        ("deliveries", "list"),
        ("export", "entries"),
        ("migrate",),
    ):
        assert run(*command).code == 0, command
    settings = (folder / "monitor.toml").read_text()
    (folder / "monitor.toml").write_text(settings.replace("[store]", "[stores]"))
    ended = run("search", "tank")
    assert (ended.code, "unknown section 'stores'" in ended.err) == (78, True)


def test_who_looks_at_the_record_is_told_of_mistakes_and_answered(run: Run, folder: Path) -> None:
    """What has a mistake is left out and named; feeds that such a file may hold are not removed."""
    run("fetch")
    url = "http://127.0.0.1/1"
    known = run("feeds", "list", "--json").lines
    (folder / "watchlists" / "tanks.toml").write_text('query = "(tank"\n')
    (folder / "watchlists" / "ships.toml").write_text('query = "frigate"\n')
    (folder / "feeds.toml").write_text("[[feeds]]\nurl = 3\n")
    for command in (("feeds", "status"), ("audit",), ("trace", url)):
        ended = run(*command, "--json")
        assert ended.code == 0, command
        assert "monitor: left out: watchlists/tanks.toml:1: query" in ended.err
        assert "monitor: left out: feeds.toml:2: " in ended.err
    assert [one["watchlist"] for one in ended.json["unmatched"]] == ["ships"]
    assert len(run("feeds", "status", "--json").json) == len(known) == 1
    assert run("feeds", "list").code == 78
    (folder / "monitor.toml").write_text('[store]\nurll = "sqlite:///elsewhere"\n')
    assert run("feeds", "status").code == 78


def test_the_doctor_tells_mistakes_of_the_settings_and_looks_at_the_rest(
    run: Run, folder: Path
) -> None:
    """A mistake in monitor.toml ends the checks, since it is not known which database is meant."""
    (folder / "digests.toml").write_text('[[digests]]\nname = "desk"\nschedule = "never"\n')
    ended = run("doctor", "--json")
    checks = {one["check"]: one for one in ended.json["checks"]}
    assert (ended.code, checks["settings"]["verdict"]) == (78, "wrong")
    assert "digests.toml:3: " in checks["settings"]["found"]
    assert checks["database"]["verdict"] == "fine"
    (folder / "monitor.toml").write_text('[store]\nurll = "sqlite:///elsewhere"\n')
    ended = run("doctor", "--json")
    [check] = ended.json["checks"]
    assert (ended.code, check["check"], check["verdict"]) == (78, "settings", "wrong")
    assert "unknown key 'urll'" in check["found"]


def test_recipients_are_whole_in_80_columns(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipient is not shortened, because commands take it as it is shown."""
    monkeypatch.setattr("monitor.cli.output._PIPE_WIDTH", 80)
    with (folder / "monitor.toml").open("a") as settings:
        settings.write('[channels.email]\nhost = "mail.example.org"\nfrom = "m@example.org"\n')
    with (folder / "digests.toml").open("a") as digests:
        digests.write('[[digests]]\nname = "all"\nzone = "Europe/Brussels"\n')
        digests.write('recipients = ["email:watch-officers@example.org"]\n')
    told = run("digests", "list").out
    assert "email:watch-officers@example.org" in told
    assert max(map(len, told.splitlines())) <= 80
    assert re.search(r"Europe/Brussels  \d{4}-\d\d-\d\d 07:00 CES?T ", told)  # as the schedule says


def test_what_matches_nothing_builds_no_matcher(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that match nothing do not build the matcher.

    With the shipped watchlists it takes half a second of a core.
    """
    built: list[object] = []

    def noted(watchlists: Iterable[Watchlist]) -> Matcher:
        built.append(watchlists)
        return compile_watchlists(watchlists)

    monkeypatch.setattr("monitor.pipeline.parts.compile_watchlists", noted)
    for command in (("feeds", "list"), ("feeds", "status"), ("digests", "list")):
        assert run(*command).code == 0
    assert built == []
    assert run("fetch").code == 0
    assert len(built) == 1


def test_status_needs_only_monitor_toml_and_the_feeds(run: Run, folder: Path) -> None:
    """`status` answers while a digest or a watchlist is being edited, but needs sound feeds."""
    (folder / "digests.toml").write_text("[[digests]\n")
    (folder / "watchlists" / "half.toml").write_text("query = [\n")
    told = run("status", "--json")
    assert (told.code, told.json["feeds"]["all"]) == (0, 1)
    (folder / "feeds.toml").write_text("[[feeds]\n")
    broken = run("status")
    assert (broken.code, "feeds.toml:1: not TOML" in broken.err) == (78, True)


def test_a_feed_that_the_settings_switch_off_is_switched_on_there(run: Run, folder: Path) -> None:
    """`feeds add` refuses such a feed, because the next command would switch it off again."""
    off = "https://off.example/feed"
    (folder / "feeds.toml").open("a").write(f'[[feeds]]\nurl = "{off}"\nenabled = false\n')
    refused = run("feeds", "add", off)
    assert (refused.code, "enabled = true" in refused.err) == (2, True)


def test_a_feed_that_was_removed_can_be_added_again(run: Run, server: Server) -> None:
    """A removed feed is added like any other; removing a feed twice is an error."""
    server.on("/more.xml", answer(_feed("More")))
    url = server.url("/more.xml")
    assert run("feeds", "add", url).code == 0
    assert run("feeds", "remove", url).code == 0
    twice = run("feeds", "remove", url)
    assert (twice.code, "was removed already" in twice.err) == (2, True)
    assert run("feeds", "add", url, "--json").json["added"] is True
    [row] = [row for row in run("feeds", "list", "--json").json if row["url"] == url]
    assert (row["enabled"], row["origin"]) == (True, "added")


def test_a_page_that_names_no_feed_is_told_with_the_way_to_look_further(
    run: Run, server: Server
) -> None:
    """`feeds add` names `feeds discover`, which also looks in usual places and sitemaps."""
    server.on("/page", answer(b"<html><title>News</title><body>All</body></html>"))
    refused = run("feeds", "add", server.url("/page"))
    assert refused.code == 65
    assert f"monitor feeds discover {server.url('/page')}" in refused.err


def test_who_only_looks_is_told_that_there_is_no_database_yet(run: Run, tmp_path: Path) -> None:
    """A mistyped path is no empty archive: each command says so, and makes nothing there."""
    path = tmp_path / "none" / "m.sqlite3"
    looks = (("status",), ("search", "tank"), ("feeds", "status"), ("digests", "list"))
    for command in (*looks, ("status",)):
        looked = run(*command, "--db", f"sqlite:///{path}")
        assert (looked.code, f"there is no database at {path} yet" in looked.err) == (0, True)
    assert str(path) in run("status", "--db", f"sqlite:///{path}").out
    changes = (
        ("deliveries", "hold", "--taken", "1h"),
        ("deliveries", "retry", "99"),
        ("deliveries", "release"),
        ("digests", "resend", "desk"),
    )
    for command in changes:
        refused = run(*command, "--db", f"sqlite:///{path}")
        assert (refused.code, f"there is no database: {path}" in refused.err) == (65, True)
    assert not path.parent.exists()


def test_a_feed_that_is_not_asked_now_is_told_with_the_reason(run: Run, server: Server) -> None:
    """`feeds poll` refuses an unknown address, and a feed that was just asked or has to wait."""
    unknown = run("feeds", "poll", server.url("/feed.xml"), server.url("/fed.xml"))
    assert (unknown.code, f"there is no feed {server.url('/fed.xml')}" in unknown.err) == (2, True)
    assert server.requests == []
    run("fetch")
    rested = run("feeds", "poll", server.url("/feed.xml"))
    assert (rested.code, "less than a minute ago" in rested.err) == (75, True)
    server.on("/feed.xml", answer(status=503, headers=[("Retry-After", "7200")]))
    run("feeds", "poll", "--force")
    waiting = run("feeds", "poll", server.url("/feed.xml"), "--force")
    assert (waiting.code, "Retry-After: 2 h (next at 2" in waiting.err) == (75, True)


def test_p26_a_feed_that_is_not_gone_is_not_resumed(run: Run, server: Server) -> None:
    """`feeds resume` refuses a feed that waits, since its server named a later time."""
    server.on("/feed.xml", answer(status=503, headers=[("Retry-After", "7200")]))
    run("fetch")
    ended = run("feeds", "resume", server.url("/feed.xml"))
    assert (ended.code, "is not gone" in ended.err) == (2, True)
    run("fetch")
    assert len(server.asked("/feed.xml")) == 1


def test_p55_a_feed_that_has_moved_is_known_by_both_addresses(run: Run, server: Server) -> None:
    """The old address still means the feed, in feeds.toml and in an imported list."""
    moved = [("Location", server.url("/new.xml"))]
    server.on("/feed.xml", answer(status=301, headers=moved))
    server.on("/new.xml", answer(_feed("Moved")))
    run("fetch")
    assert run("feeds", "list", "--json").json[0]["url"] == server.url("/new.xml")
    for path in ("/feed.xml", "/new.xml"):
        assert run("feeds", "poll", server.url(path), "--force").code == 0
        listed = f'<opml><body><outline xmlUrl="{server.url(path)}"/></body></opml>'.encode()
        told = run("feeds", "import", "-", "--json", stdin=listed).json
        assert (told["added"], told["known"]) == (0, 1)


def test_p33_a_command_resumes_a_feed_that_is_gone(run: Run, server: Server) -> None:
    """A feed that answers 410 is shown as gone, and no command asks it until it is resumed."""
    server.on("/feed.xml", answer(status=410), answer(_feed("Back")))
    run("fetch")
    [row] = run("feeds", "status", "--json").json
    assert (row["outcome"], row["due"]) == ("gone", None)
    assert "410 Gone" in row["due_why"]
    for command in (("fetch", "--all"), ("feeds", "poll", "--force")):
        run(*command)
    assert len(server.asked("/feed.xml")) == 1
    assert run("feeds", "resume", server.url("/feed.xml")).code == 0
    run("fetch")
    assert len(server.asked("/feed.xml")) == 2
    assert run("feeds", "status", "--json").json[0]["outcome"] == "new"


def test_F53_a_command_shows_what_is_withheld_and_releases_it(run: Run, server: Server) -> None:
    """`status` shows withheld entries until their release; export and trace keep the decision."""
    url = server.url("/feed.xml")
    items = "".join(
        f"<item><title>Battle tank {n}</title><guid isPermaLink='false'>again-{n}</guid>"
        f"<link>http://127.0.0.1/again/{n}</link><description>Tank number {n}.</description></item>"
        for n in range(70)
    )
    head = "<rss version='2.0'><channel><title>The Gazette</title><link>http://127.0.0.1/</link>"
    again = f"{head}{items}</channel></rss>".encode()
    server.on("/feed.xml", answer(_feed("Tank arrives")), answer(again))
    assert run("fetch").code == 0
    nothing = run("feeds", "release", url, "--news", "tell")
    assert (nothing.code, "is withheld" in nothing.err) == (2, True)
    assert run("feeds", "poll", "--force").code == 0
    assert run("fetch", "--format", "json").json["stories"] == []
    assert f"70 entries of {url} (monitor feeds release)" in run("status").out
    [row] = run("feeds", "status", "--json").json
    assert (row["condition"], row["withheld"]) == ("withheld", 70)
    shown = run("feeds", "release", url)
    assert (shown.code, "and 60 more" in shown.out) == (2, True)
    assert "70 new entries at once" in shown.out
    told = run("feeds", "release", url, "--news", "tell")
    assert (told.code, "the 70 that match go into the next editions" in told.out) == (0, True)
    assert run("status", "--json").json["withheld"] == {}
    withheld = [one for one in run("export", "entries").lines if one["withheld"]]
    assert {(one["fate"], one["released"]) for one in withheld} == {("matched", "tell")}
    steps = run("trace", "http://127.0.0.1/again/3", "--json").json["steps"]
    assert "withheld as a suspected re-issue: 70 new" in " ".join(one["why"] for one in steps)
    assert [one["facts"]["news"] for one in steps if one["step"] == "release"] == ["tell"]


def test_f116_s103_a_backup_is_told_and_kept_for_its_owner(run: Run, folder: Path) -> None:
    """`backup` says what is in the copy and its size, and replaces a file only with `--force`."""
    run("fetch")
    copy = folder / "copies" / "monday"
    assert run("backup", copy, "--json").error["code"] == "input"  # there is no such folder
    copy.parent.mkdir()
    told = run("backup", copy, "--json").json
    assert (told["file"], told["size"]) == (str(copy), copy.stat().st_size)
    assert told["rows"]["entries"] == told["rows"]["articles"] == 2
    assert {"version", "taken"} <= set(told)
    assert copy.stat().st_mode & 0o777 == 0o600
    again = run("backup", copy, "--json")
    assert (again.code, again.error["hint"]) == (2, "choose another name, or use --force")
    assert "1 feed, 2 entries, 2 articles" in run("backup", copy, "--force").out


def test_f116_f117_after_a_restore_every_command_says_that_sending_is_held(
    run: Run, folder: Path
) -> None:
    """After a restore no command sends anything; the database that was replaced is kept."""
    run("fetch")
    run("digests", "publish", "desk")
    run("backup", folder / "copy")
    assert run("status", "--json").json["held"] is None
    told = run("restore", folder / "copy", "--json").json
    assert Path(told["kept"]).stat().st_mode & 0o777 == 0o600
    assert (told["held"], told["before"]) == (True, told["now"])
    held = run("status", "--json").json["held"]
    assert held == {"backup_of": told["taken"], "messages": 0}
    assert "held:         nothing is sent" in run("status").out
    for command in (("deliveries", "list"), ("digests", "list"), ("run", "--once")):
        ended = run(*command)
        assert (ended.code, "sending is held" in ended.err) == (0, True)
    checks = {one["check"]: one for one in run("doctor", "--json").json["checks"]}
    assert checks["sending"]["verdict"] == "doubtful"
    assert checks["sending"]["todo"] == "monitor deliveries release"
    for command in (
        ("digests", "publish", "desk"),
        ("digests", "publish", "desk", "--window", "24h"),
        ("digests", "resend", "desk"),
        ("deliveries", "retry", "1"),
    ):
        ended = run(*command, "--json")
        assert (ended.code, ended.error["code"]) == (75, "try-later")
        assert ended.error["hint"] == "monitor deliveries release ends it"
        assert "Tank arrives" not in ended.out + ended.err


def test_f117_release_shows_what_is_held_and_changes_nothing_unasked(
    run: Run, folder: Path, server: Server
) -> None:
    """A feed that was asked once by its address will not answer again: nobody waits for it."""
    run("fetch")
    run("fetch", server.url("/once"))
    run("digests", "list")
    run("digests", "publish", "desk")
    assert run("deliveries", "release", "--news", "skip").code == 2  # nothing is held
    run("backup", folder / "copy")
    run("restore", folder / "copy")
    shown = run("deliveries", "release")
    assert (shown.code, "--news tell|skip" in shown.err) == (2, True)
    assert "desk: 0 stories not reported" in shown.out
    assert "0 messages waited" in shown.out
    assert "1 feed has not answered since" in shown.out
    assert run("status", "--json").json["held"] is not None
    told = run("deliveries", "release", "--news", "skip", "--json").json
    assert (told["held"], told["news"], told["count"]) == (False, "skip", 0)
    assert run("status", "--json").json["held"] is None
    assert "Tank arrives" in run("digests", "resend", "desk", "1").out


def test_f117_a_message_that_waited_must_be_spoken_of(run: Run, folder: Path) -> None:
    """`--messages` is required if the copy has an open message; a skipped one can be retried."""
    with (folder / "monitor.toml").open("a") as settings:
        settings.write('[channels.webhook.far]\nurl = "http://127.0.0.1:1/"\n')
    digests = (folder / "digests.toml").read_text().replace("console:", "webhook:far")
    (folder / "digests.toml").write_text(digests)
    run("fetch")
    run("digests", "publish", "desk")
    run("backup", folder / "copy")
    run("restore", folder / "copy")
    assert run("deliveries", "release", "--news", "skip").code == 2
    assert run("deliveries", "release", "--news", "skip", "--messages", "skip").code == 0
    [row] = run("deliveries", "list", "--json").json
    assert row["state"] == "expired"
    assert "may have been sent after the backup" in row["why"]
    again = run("deliveries", "retry", row["id"], "99", "--json")
    assert [one["id"] for one in again.json] == [row["id"]]
    assert "left alone: there is no delivery 99" in again.err


def test_f117_a_database_restored_by_other_means_is_held_by_command(run: Run) -> None:
    """`deliveries hold` is for a database restored by, for example, PostgreSQL's pg_restore."""
    run("fetch")
    ahead = run("deliveries", "hold", "--taken", "2999-10-18")
    assert (ahead.code, "lies ahead" in ahead.err, run("status", "--json").json["held"]) == (
        2,
        True,
        None,
    )
    held = run("deliveries", "hold", "--taken", "2024-10-18T06:00Z", "--json")
    assert (held.code, "2024-10-18 06:00" in held.err) == (0, True)
    assert held.json == {"held": True, "taken": "2024-10-18T06:00:00Z"}
    assert run("digests", "publish", "desk").code == 75
    assert run("deliveries", "release", "--news", "tell").code == 0


@pytest.mark.parametrize("found", [b"", b"no database\n", b"PK\x03\x04../../x"])
def test_s104_what_is_no_copy_changes_nothing(run: Run, folder: Path, found: bytes) -> None:
    run("fetch")
    (folder / "copy").write_bytes(found)
    ended = run("restore", folder / "copy", "--json")
    assert (ended.code, ended.error["code"]) == (65, "input")
    assert run("status", "--json").json["entries"]["all"] == 2
    assert run("status", "--json").json["held"] is None
