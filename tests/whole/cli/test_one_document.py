"""The commands that work on one document, or on a file of lines, as the contract has them."""

import json
from pathlib import Path

import pytest
from support.cli import monitor

from monitor import store as stores
from monitor.articles import furniture, page
from monitor.articles.page import decode
from monitor.cli import sources
from monitor.store import furniture as counted

DATA = Path(__file__).parent / "data"


def test_parse_answers_as_the_contract_says() -> None:
    """`parse` gives the contract's keys, plain titles, absolute links and times with a zone."""
    told = monitor("parse", DATA / "feed.xml", "--json").json
    assert list(told) == [
        "kind", "format", "encoding", "title", "link", "language", "hints", "entries", "problems",
    ]  # fmt: skip
    assert (told["kind"], told["format"]) == ("rss", "rss20")
    assert told["hints"]["ttl_s"] == 1800
    [entry] = told["entries"]
    assert entry["title"] == "NATO ministers agree on drones at last"
    assert entry["link"] == "https://gazette.example/2024/10/ministers"
    assert entry["published"] == "2024-10-18T06:00:00Z"
    assert entry["id"] == "tag:gazette,1"


def test_parse_reads_standard_input_and_takes_the_kind_and_the_base() -> None:
    """`parse` reads the same document from standard input, with the kind and base it is given."""
    body = (DATA / "feed.xml").read_bytes()
    args = ("parse", "-", "--kind", "rss", "--base", "https://other.example/x", "--json")
    assert monitor(*args, stdin=body).json["title"] == "Harbour & Hill Gazette"


def test_parse_says_that_links_are_missing_for_want_of_a_base(tmp_path: Path) -> None:
    """A link is absolute or left out; left out for want of an address, the answer says so."""
    feed = tmp_path / "feed.xml"
    items = "".join(f"<item><title>{at}</title><link>/{at}</link></item>" for at in "ab")
    feed.write_text(f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>')
    told = monitor("parse", feed, "--json").json
    assert [entry["link"] for entry in told["entries"]] == ["", ""]
    assert told["problems"] == ["2 links are relative: --base says to what"]
    told = monitor("parse", feed, "--json", "--base", "https://x.example/feed").json
    assert [entry["link"] for entry in told["entries"]] == [
        "https://x.example/a",
        "https://x.example/b",
    ]
    assert told["problems"] == []
    bare = '<rss version="2.0"><channel><item><title>no link</title></item></channel></rss>'
    assert monitor("parse", "-", "--json", stdin=bare.encode()).json["problems"] == []


def test_clean_answers_as_the_contract_says() -> None:
    """`clean` gives title, dates, section and body, and nothing of the frame around them."""
    told = monitor("clean", DATA / "page.html", "--url", "https://gazette.example/a", "--json").json
    assert told["title"] == "Alliance orders air defence for the coast"
    assert told["section"] == "Europe"
    assert told["text"].startswith("NATO will buy forty launchers")
    assert len(told["text"].split("\n\n")) == 3
    assert "Home" not in told["text"]
    wanted = {"id", "url", "title", "authors", "published", "modified", "section", "site"}
    assert wanted | {"language", "text", "embeds", "method", "words", "problems"} <= set(told)


def test_clean_answers_lines_in_order_each_with_one_line(tmp_path: Path) -> None:
    """HTML stands in the line or in a file; a bad line is named by number and costs 65."""
    (tmp_path / "a.html").write_bytes((DATA / "page.html").read_bytes())
    lines = [
        json.dumps({"id": "one", "url": "https://x.example/1", "path": "a.html"}),
        "this is no JSON",
        "",
        json.dumps({"id": "three", "url": "https://x.example/3"}),
        json.dumps({"id": 4, "url": "http://[x/4", "html": "<p>Short.</p>"}),
    ]
    (tmp_path / "pages.jsonl").write_text("\n".join(lines), "utf-8")
    ended = monitor("clean", "--jsonl", tmp_path / "pages.jsonl")
    assert ended.code == 65
    assert [line["id"] for line in ended.lines] == ["one", None, "three", 4]
    assert [line.get("error", {}).get("where", "")[-2:] for line in ended.lines] == [
        "", ":2", ":4", "",
    ]  # fmt: skip
    assert "pages.jsonl:2: the line is not JSON" in ended.err
    assert "pages.jsonl:4: 'html' is missing" in ended.err


def test_match_answers_as_the_contract_says() -> None:
    """Spans point into the strings that were given."""
    line = {"id": "a", "title": "A howitzer arrives", "body": "Then another battle tank."}
    args = ("match", "--watchlist", DATA / "tanks.toml", "--json", "-")
    told = monitor(*args, stdin=json.dumps(line).encode()).json
    [match] = told["matches"]
    assert (told["id"], match["watchlist"], match["query"]) == ("a", "tanks", 0)
    assert match["score"] > 0
    for span in match["spans"]:
        text = {"title": line["title"], "body": line["body"]}[span["field"]]
        assert text[span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize("command", ["parse", "clean", "match", "match --jsonl", "clean --jsonl"])
def test_what_has_no_end_is_not_read_to_the_end(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong name, a device or the image of a disk, must not take all memory there is."""
    monkeypatch.setattr(sources, "MOST", 2**20)
    ended = monitor(*command.split(), "/dev/zero", "--json")
    assert (ended.code, ended.error["code"]) == (65, "input")
    assert "/dev/zero" in ended.err and "1 MB" in ended.err


def test_s07_other_addresses_than_of_the_web_are_refused_in_words() -> None:
    """A scheme that is not fetched is no missing file, and a password in it is not shown."""
    for source in ("ftp://desk:secret@a.example/feed.xml", "file:///etc/passwd"):
        ended = monitor("parse", source)
        assert (ended.code, "only http:// and https://" in ended.err) == (65, True)
        assert "secret" not in ended.err


def test_a_byte_order_mark_is_no_part_of_an_article() -> None:
    """A byte order mark before JSON, as Windows writes it, is skipped."""
    article = b'\xef\xbb\xbf{"id": "a", "title": "A battle tank"}'
    told = monitor("match", "--watchlist", DATA / "tanks.toml", "--json", "-", stdin=article).json
    assert (told["id"], told["matches"][0]["spans"][0]["field"]) == ("a", "title")


@pytest.mark.parametrize("key", ["NaN", "1e999", "1.5", "true", "[1]", "{}"])
@pytest.mark.parametrize("command", ["match", "clean", "stories"])
def test_an_id_that_is_none_is_answered_by_null(command: str, key: str) -> None:
    """An id that is no text or whole number is answered by null; NaN, for example, is not JSON."""
    line = f'{{"id": {key}, "title": "", "body": "", "html": ""}}'.encode()
    ended = monitor(command, "--jsonl", "-", stdin=line)
    assert (ended.code, ended.lines[0]["id"]) == (65, None)
    assert ended.lines[0]["error"]["message"] == "'id' must be text or a whole number"


def test_clean_keeps_the_order_and_the_lines_after_a_bad_one(tmp_path: Path) -> None:
    """With more pages than are cleaned at one time, each answer stands where its line stood."""
    page = (DATA / "page.html").read_text("utf-8")
    lines = [
        {"id": str(number), "url": "https://x.example/a", "html": page * (number % 3)}
        for number in range(30)
    ]
    lines[7] = {"id": "7", "url": "https://x.example/a", "path": "nowhere.html"}
    text = "\n".join(map(json.dumps, lines))
    (tmp_path / "pages.jsonl").write_text(text, "utf-8")
    from_file = monitor("clean", "--jsonl", tmp_path / "pages.jsonl")
    assert [line["id"] for line in from_file.lines] == [line["id"] for line in lines]
    assert [line["id"] for line in from_file.lines if "error" in line] == ["7"]
    from_stdin = monitor("clean", "--jsonl", "-", stdin=text.encode())
    whole = [line for line in from_file.lines if "error" not in line]
    assert [line for line in from_stdin.lines if "error" not in line] == whole


def test_match_detects_the_language_that_no_line_states() -> None:
    """A watchlist in one language skips articles in another, as it does after a poll."""
    english = "The battle tank reached the border after a long journey through the hills."
    german = "Der Panzer, auf Englisch battle tank, erreichte gestern die Grenze des Landes."
    lines = [
        {"id": "stated", "title": "", "body": english, "lang": "de"},
        {"id": "german", "title": "", "body": german},
        {"id": "english", "title": "", "body": english},
    ]
    stdin = "\n".join(map(json.dumps, lines)).encode()
    ended = monitor(
        "match", "--jsonl", "-", "--watchlist", DATA / "tanks-in-english.toml", stdin=stdin
    )
    assert [line["id"] for line in ended.lines if line["matches"]] == ["english"]


def test_match_takes_odd_text_as_it_is() -> None:
    """Entities, soft hyphens and wide letters match; spans still point into the text as given."""
    lines = [
        {"id": "entity", "title": "A how&shy;itzer &amp; a battle&nbsp;tank", "body": ""},
        {
            "id": "wide",
            "title": "",
            "body": "\U0001f680 \uff28\uff4f\uff57itzer, bat\u00adtle tank",
        },
        {"id": "empty"},
    ]
    args = ("match", "--jsonl", "-", "--watchlist", DATA / "tanks.toml")
    ended = monitor(*args, stdin="\n".join(map(json.dumps, lines)).encode())
    assert ended.code == 0
    for line, told in zip(lines, ended.lines, strict=True):
        assert bool(told["matches"]) == (line["id"] != "empty"), line["id"]
        for span in (span for match in told["matches"] for span in match["spans"]):
            assert line[span["field"]][span["start"] : span["end"]] == span["text"]


def test_match_tells_that_a_file_of_lines_is_no_article() -> None:
    """The error names `--jsonl`, the option that was meant."""
    ended = monitor("match", "-", "--json", stdin=b'{"id": "a"}\n{"id": "b"}\n')
    assert ended.code == 65
    assert "--jsonl" in ended.error["hint"]


def test_match_tells_that_an_article_nested_too_deep_cannot_be_read() -> None:
    ended = monitor("match", "-", "--json", stdin=b'{"title":' + b"[" * 100_000)
    assert (ended.code, ended.error["message"][:13]) == (65, "- is not JSON")


@pytest.mark.parametrize("command", ["clean", "clean --explain", "match", "watchlists explain"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"%PDF-1.7\n\x00\x01", "PDF"), (b"\x00\x01NATO\x02\x03\x04\x05", "binary data")],
)
def test_what_is_neither_page_nor_text_cannot_be_read(command: str, body: bytes, kind: str) -> None:
    """Else a report sent as PDF would count as one that no watchlist matches."""
    ended = monitor(*command.split(), "-", "--json", stdin=body)
    assert (ended.code, ended.out, ended.error["code"]) == (65, "", "input")
    assert ended.error["message"] == f"the article cannot be read: not a page: {kind}"


@pytest.mark.parametrize("command", ["match", "watchlists explain"])
def test_a_watchlists_file_that_is_missing_is_an_input_that_cannot_be_read(
    command: str, tmp_path: Path
) -> None:
    """As a missing article is. One that is there and no watchlist is a mistake in the settings."""
    named = tmp_path / "ships.toml"
    line = b'{"id": "a", "title": "Nothing of interest", "body": ""}'
    ended = monitor(*command.split(), "-", "--watchlist", named, "--json", stdin=line)
    assert (ended.code, ended.out, ended.error["code"]) == (65, "", "input")
    assert ended.error["message"] == "cannot be read: No such file or directory"
    assert (ended.error["where"], bool(ended.error["hint"])) == (str(named), True)
    named.write_text("query = [")
    assert monitor(*command.split(), "-", "--watchlist", named, stdin=line).code == 78


def test_a_line_whose_page_is_none_is_told_and_keeps_its_keys(tmp_path: Path) -> None:
    """A report sent as PDF must not look like an article without a text; the others are cleaned."""
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n\x00\x01")
    lines = tmp_path / "lines.jsonl"
    page = "<article><p>Ministers meet in Riga on Monday.</p></article>"
    lines.write_text(f'{{"id":"a","path":"a.pdf"}}\n{json.dumps({"id": "b", "html": page})}\n')
    ended = monitor("clean", "--jsonl", lines)
    refused, cleaned = map(json.loads, ended.out.splitlines())
    why = "the article cannot be read: not a page: PDF"
    assert (ended.code, ended.err) == (65, f"monitor: {lines}:1: {why}\n")
    assert refused["error"] == {
        "code": "input",
        "message": why,
        "where": f"{lines}:1",
        "hint": "",
    }
    assert (refused["text"], refused["problems"][0]) == ("", "not a page: PDF")
    assert refused.keys() - {"error"} == cleaned.keys()
    assert cleaned["text"] == "Ministers meet in Riga on Monday."


def test_a_page_is_decoded_once_and_its_problems_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[bytes] = []

    def counted(body: bytes, content_type: str, problems: list[str]) -> str:
        calls.append(body)
        return decode(body, content_type, problems)

    monkeypatch.setattr(page, "decode", counted)
    body = b"<p>Ministers meet in Riga on Monday. " + b"\x81" * 30
    told = monitor("clean", "-", "--json", stdin=body).json
    assert told["problems"][0] == "text is not valid Windows-1252"
    (tmp_path / "page.html").write_bytes(body)
    lines = json.dumps({"id": "a", "path": str(tmp_path / "page.html")})
    assert (
        monitor("clean", "--jsonl", "-", "--json", stdin=lines.encode()).json["problems"]
        == (told["problems"])
    )
    assert len(calls) == 2


@pytest.mark.parametrize("body", [b"", b" \n", b"<html><body><script>1</script></body></html>"])
def test_nothing_to_match_is_no_article_without_a_match(body: bytes) -> None:
    """A pipe whose other end failed must not look like news that nobody watches for."""
    ended = monitor("match", "-", "--json", stdin=body)
    assert (ended.code, ended.out, ended.error["code"]) == (65, "", "input")
    assert ended.error["message"] == "the article cannot be read: there is no text"


def test_match_reads_a_page_that_holds_nothing_but_a_post() -> None:
    """What a page embeds is searched too, so it is not a page without text."""
    post = (
        '<html><body><blockquote class="twitter-tweet"><p>Ships of NATO sail in the Baltic.</p>'
        '<a href="https://twitter.com/a/status/1">May 1</a></blockquote></body></html>'
    )
    told = monitor("match", "-", "--watchlist", "nato", "--json", stdin=post.encode()).json
    assert [span["field"] for match in told["matches"] for span in match["spans"]] == ["embeds"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
@pytest.mark.parametrize("form", ["{}", "<html><body><p>{}</p></body></html>"])
def test_match_reads_what_a_byte_order_mark_calls_utf_16(encoding: str, form: str) -> None:
    """Some editors save a text so."""
    said = form.format("Ministers of NATO meet in Riga on Monday.")
    body = ("" if encoding == "utf-16" else "\ufeff") + said
    told = monitor("match", "-", "--watchlist", "nato", "--json", stdin=body.encode(encoding)).json
    [match] = told["matches"]
    assert [span["text"] for span in match["spans"]] == ["NATO"]


def test_match_tells_why_not() -> None:
    """`--why` names the clause that failed."""
    line = b'{"id": "a", "title": "Nothing of interest", "body": ""}'
    told = monitor("match", "--watchlist", DATA / "tanks.toml", "--why", "--json", stdin=line).json
    assert told["matches"] == []
    [missed] = told["missed"]
    assert missed["watchlist"] == "tanks"
    assert "battle tank" in missed["clause"] + missed["why"]
    assert missed["reason"] == missed["why"]


def test_match_cleans_a_page_first() -> None:
    """A page is matched by its article, not by its frame."""
    ended = monitor("match", DATA / "page.html", "--watchlist", "nato")
    assert ended.code == 0
    assert "nato" in ended.out
    assert "NATO" in ended.out


def test_match_knows_only_the_watchlists_there_are() -> None:
    """A misspelt watchlist is a usage error, not an empty answer."""
    ended = monitor("match", "--watchlist", "natto", "--json", stdin=b"{}")
    assert ended.code == 2
    assert ended.error["code"] == "usage"


def test_stories_are_decided_line_by_line(tmp_path: Path) -> None:
    """A copy of a text is a duplicate of the first article with that text."""
    text = " ".join(f"word{number} of the report" for number in range(80))
    lines = [
        {"id": "a", "title": "Bridge falls", "body": text, "source": "A"},
        {
            "id": "b",
            "title": "Fleet sails north",
            "body": "Ships left port at dawn.",
            "source": "B",
        },
        {"id": "c", "title": "Bridge falls", "body": text, "source": "C"},
    ]
    dated = [{**line, "published": "2024-10-18T06:00:00Z"} for line in lines]
    ended = monitor("stories", "--jsonl", "-", stdin="\n".join(map(json.dumps, dated)).encode())
    first, other, copy = ended.lines
    assert first == {"id": "a", "story": first["story"], "duplicate_of": None}
    assert other["story"] != first["story"]
    assert copy == {"id": "c", "story": first["story"], "duplicate_of": "a"}


def test_stories_pass_over_a_line_that_cannot_be_read() -> None:
    """A bad line is answered in its place by its error, and does not affect the other answers."""
    body = " ".join(f"word{number} of the report" for number in range(80))
    article = {"title": "Bridge falls", "body": body}
    lines: list[dict[str, object]] = [
        {"id": 1, **article, "published": "2024-10-18T06:00:00Z", "url": "http://[x/a"},
        {"id": "bad", **article, "published": "last week"},
        {"id": "worse", **article, "published": 17},
        {**article, "published": "2024-10-18T06:00:00Z"},
        {"id": "c", **article, "published": "2024-10-18T07:00:00+01:00"},
    ]
    ended = monitor("stories", "--jsonl", "-", stdin="\n".join(map(json.dumps, lines)).encode())
    assert ended.code == 65
    assert [line["id"] for line in ended.lines] == [1, "bad", "worse", None, "c"]
    assert ["error" in line for line in ended.lines] == [False, True, True, True, False]
    assert (ended.lines[4]["story"], ended.lines[4]["duplicate_of"]) == (ended.lines[0]["story"], 1)


@pytest.mark.parametrize("form", ["text", "json"])
def test_s101_nothing_that_is_printed_commands_the_terminal(tmp_path: Path, form: str) -> None:
    """Escapes, control characters and direction overrides of a title are not printed."""
    hostile = "Red \x1b[31malert\x1b]0;owned\x07 \x9b2J \u202egnp.exe\u202c \u2028end"
    page = f"<html><title>{hostile}</title><body><article><p>{hostile} and more text.</p>"
    (tmp_path / "page.html").write_text(page, "utf-8")
    ended = monitor("clean", tmp_path / "page.html", *(["--json"] if form == "json" else []))
    assert ended.code == 0
    assert not set(ended.out) & set("\x1b\x07\x9b\u202e\u202c\u2028")


PAGE = (
    "<html><body><div class='q-page'><h2 class='q-hed'>Second boat handed over</h2>"
    "<div class='q-txt'><p>The yard handed over the second patrol boat on Friday, and the crew "
    "went aboard the same evening, as the harbour master told us at the quay.</p></div>"
    "<div class='q-ask'><p>Tides wait for nobody, but our calendar hangs on every wall of this "
    "coast and costs less than a sandwich, as our readers have known for years.</p></div>"
    "<div class='q-txt'><p>A third boat follows in summer, and with it come two more crews, who "
    "begin their training in March at the naval school.</p></div></div></body></html>"
)


def test_a_site_gets_selectors_of_its_own_and_explain_shows_what_they_do(tmp_path: Path) -> None:
    """The steps of docs/cleaning.md work: look at the text, name a selector, look again."""
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    words = ("clean", page, "--url", "https://quayside.example/41")
    assert "calendar" in monitor(*words).out
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "monitor.toml").write_text('[sites."quayside.example"]\ndrop = [".q-ask"]\n')
    after = monitor(*words, "--config", folder)
    assert "calendar" not in after.out
    assert "third boat" in after.out
    told = monitor(*words, "--explain", "--json", "--config", folder)
    blocks = json.loads(told.out)["blocks"]
    assert [one["rule"] for one in blocks if "calendar" in one["text"]] == ["override: drop .q-ask"]
    (folder / "monitor.toml").write_text('[sites."quayside.example"]\nbody = "div["\n')
    wrong = monitor(*words, "--config", folder)
    assert wrong.code == 78
    assert "monitor.toml:" in wrong.err


def test_clean_leaves_out_what_was_learned_of_the_host_when_asked(tmp_path: Path) -> None:
    """Without `--learned` nothing stored is used; with it, the page's address must be given."""
    url, database = "https://harbour.example/9", f"sqlite:///{tmp_path / 'm.sqlite3'}"
    plea = "Harbour office: questions on weekdays from nine to noon"
    said = [
        f"Ship number {n} has left the port with a crew of {n * 7} sailors, the office said, and "
        f"is to come back in {n} weeks with what it finds."
        for n in range(4)
    ]
    with stores.open(database) as store:
        for line in said[:3]:
            lines = furniture.lines_of(f"{line}\n\n{plea}")
            store.write_now(counted.count, [counted.Text("harbour.example", lines)])
    page = tmp_path / "page.html"
    page.write_text(f"<body><h1>Ships leave</h1><p>{said[3]}</p><p>{plea}</p></body>")
    words = ("clean", page, "--db", database, "--json")
    assert plea in monitor(*words, "--url", url).json["text"]
    assert monitor(*words, "--url", url, "--learned").json["text"] == said[3]
    blocks = monitor(*words, "--url", url, "--learned", "--explain").json["blocks"]
    assert blocks[-1]["rule"] == "stands on many pages of this source"
    refused = monitor(*words, "--learned")
    assert refused.code == 2
    assert "--url" in refused.err
