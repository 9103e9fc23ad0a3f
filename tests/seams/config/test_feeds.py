"""What feeds.toml says about a feed besides its address: secrets, a TLS exception, robots.txt."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import Settings, load, load_fetch, without_credentials
from monitor.errors import SettingsError
from monitor.fetch.settings import HostSettings
from monitor.model import Access

WORD = "s3cr3t-of-the-desk"
URL = "https://a.example/f"


def settings(folder: Path, *lines: str, main: str = "", url: str = URL, **environ: str) -> Settings:
    """Load a settings folder with one feed that has these lines."""
    text = "\n".join(("[[feeds]]", f'url = "{url}"', *lines))
    (folder / "feeds.toml").write_text(text, "utf-8")
    (folder / "feeds.toml").chmod(0o600)
    (folder / "digests.toml").write_text("")
    (folder / "monitor.toml").write_text(main, "utf-8")
    return load(folder, environ=environ)


def mistake(folder: Path, *lines: str, **more: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(folder, *lines, **more)
    [one] = caught.value.mistakes
    return str(one)


def test_p74_secret_headers_come_from_variables_and_files(tmp_path: Path) -> None:
    """Headers are kept beside the feed, not in it, and no representation shows their values."""
    (tmp_path / "key").write_text(f"{WORD}\n")
    (tmp_path / "key").chmod(0o600)
    line = 'headers = { Authorization = "${AGENCY}", X-Api-Key = "file:key" }'
    found = settings(tmp_path, line, AGENCY=f"Bearer {WORD}")
    access = found.access[URL]
    assert access.headers == (
        ("Authorization", f"Bearer {WORD}".encode()),
        ("X-Api-Key", WORD.encode()),
    )
    assert WORD not in repr(found)
    assert found.warnings == ()


def test_p74_a_password_in_the_address_becomes_a_header(tmp_path: Path) -> None:
    """The address is stored and shown without the password, and otherwise stays as it is."""
    found = settings(tmp_path, url=f"https://desk:{WORD}%40@a.example//f%2F?x=a@b")
    [feed] = found.feeds
    assert feed.url == "https://a.example//f%2F?x=a@b"
    [(name, value)] = found.access[feed.url].headers
    assert (name, value[:6]) == ("Authorization", b"Basic ")
    assert WORD not in repr(found)


@pytest.mark.parametrize("sign", ["/", "?", "#", " ", "@", ":/@"])
def test_s45_an_address_that_is_none_is_told_without_its_password(
    tmp_path: Path, sign: str
) -> None:
    """A refused address is shown without its password, even with a character that ends a host."""
    told = mistake(tmp_path, url=f"ftp://desk:{WORD}{sign}{WORD}@a.example/f")
    assert WORD not in told
    assert "a.example" in told


@pytest.mark.parametrize(
    "url",
    ["https://a.example/f", "https://a.example/@home", "http://u@h_/", "nonsense", "https://[::1/"],
)
def test_p74_addresses_without_a_password_are_left_alone(url: str) -> None:
    bare, basic = without_credentials(url)
    assert (bare == url) == (basic is None)
    assert bare in (url, "http://h_/")


def test_p74_passwords_in_an_opml_file_are_taken_aside_too(tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text(
        '<opml version="2.0"><body>'
        f'<outline text="Mine" xmlUrl="https://desk:{WORD}@a.example/f"/></body></opml>'
    )
    found = load(tmp_path, environ={})
    assert [feed.url for feed in found.feeds] == [URL]
    assert found.access[URL].headers[0][0] == "Authorization"
    assert WORD not in repr(found)
    assert settings(tmp_path).access == {}, "what feeds.toml says of an address holds"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (('headers = { User-Agent = "Mozilla" }',), "User-Agent cannot be set"),
        (('headers = { If-None-Match = "x" }',), "If-None-Match cannot be set"),
        (('headers = { Range = "x" }',), "Range cannot be set"),
        (('headers = { "a b" = "x" }',), "'a b' is not the name of a header"),
        ((f'headers = {{ X = "{WORD}\\r\\nY: z" }}',), "must be one line"),
        (('headers = { X = "" }',), "must be one line"),
        ((f'headers = {{ X = "{WORD}€" }}',), "must be one line"),
        (('headers = { X = "1", x = "2" }',), "x is given twice"),
        (('headers = { X = "${NOPE}" }',), "the environment has no NOPE"),
        (('tls = "off"',), "tls must be one of 'verified' or 'unverified', not 'off'"),
        (('robots = "perhaps"',), "robots must be true or false"),
    ],
)
def test_p74_p73_what_cannot_be_is_a_mistake_that_tells_no_secret(
    tmp_path: Path, lines: tuple[str, ...], why: str
) -> None:
    told = mistake(tmp_path, *lines)
    assert told.startswith("feeds.toml:")
    assert why in told
    assert WORD not in told


def test_p74_two_ways_in_are_one_too_many(tmp_path: Path) -> None:
    line = 'headers = { authorization = "x" }'
    assert "given twice" in mistake(tmp_path, line, url=f"https://u:{WORD}@a.example/f")


def test_p73_an_exception_is_told_with_its_place(tmp_path: Path) -> None:
    """A TLS exception gives a warning with file and line; for an http address it is a mistake."""
    found = settings(tmp_path, 'tls = "unverified"')
    assert found.access == {URL: Access(unverified=True)}
    [warning] = found.warnings
    assert str(warning).startswith("feeds.toml:3: the certificate of this feed's server is not")
    assert "https" in mistake(tmp_path, 'tls = "unverified"', url="http://a.example/f")


def test_p74_secrets_in_clear_text_are_told(tmp_path: Path) -> None:
    for lines, url in (
        (('headers = { X-Key = "k" }',), "http://a.example/f"),
        ((), "http://u:p@a.example/f"),
    ):
        [warning] = settings(tmp_path, *lines, url=url).warnings
        assert "clear text" in str(warning)


def test_an_address_in_two_spellings_is_one_feed(tmp_path: Path) -> None:
    """The case of the host and a fragment make no other feed: the address is polled once."""
    [feed] = settings(tmp_path, url="HTTPS://A.Example/f#latest").feeds
    assert feed.url == URL
    assert "feeds.toml:4" in mistake(tmp_path, "[[feeds]]", 'url = "https://A.example/f"')


def test_a_query_right_after_the_host_keeps_its_case(tmp_path: Path) -> None:
    """It tells feeds apart: only scheme and host have no case."""
    other = ("[[feeds]]", 'url = "https://a.example?feed=NEWS"')
    found = settings(tmp_path, *other, url="https://a.example?feed=news")
    assert [feed.url[-4:] for feed in found.feeds] == ["news", "NEWS"]


def test_p84_robots_for_feeds_is_said_for_all_or_for_one(tmp_path: Path) -> None:
    everywhere = "[fetch]\nrobots_for_feeds = true\n"
    assert settings(tmp_path).access == {}
    assert not settings(tmp_path).usual_access.robots
    assert settings(tmp_path, "robots = true").access == {URL: Access(robots=True)}
    for_all = settings(tmp_path, main=everywhere)
    assert (for_all.access, for_all.usual_access) == ({}, Access(robots=True))
    assert settings(tmp_path, "robots = false", main=everywhere).access == {URL: Access()}


def test_p31_one_host_may_have_rules_of_its_own(tmp_path: Path) -> None:
    main = (
        '[fetch]\nspacing_s = 3\n[hosts."Feeds.Example."]\nspacing_s = 0\nper_host = 4\n'
        "[hosts.intranet]\npause_on_503 = true\n"
    )
    client = settings(tmp_path, main=main).client
    assert client.spacing_s == 3
    assert client.hosts == {
        "feeds.example": HostSettings(spacing_s=0, per_host=4),
        "intranet": HostSettings(pause_on_503=True),
    }


@pytest.mark.parametrize(
    ("main", "why"),
    [
        ('[hosts."https://x"]\nspacing_s = 1\n', "monitor.toml:1: 'https://x' is not a host name"),
        ("[hosts.x]\nspacing = 1\n", "unknown key 'spacing' (did you mean 'spacing_s'?)"),
        ("[hosts]\nx = 1\n", "'x' stands outside a table"),
        ('[poll]\nlongest_wait = "10m"\n', "longest_wait must not be shorter than interval"),
    ],
)
def test_p31_wrong_rules_are_mistakes(tmp_path: Path, main: str, why: str) -> None:
    assert why in mistake(tmp_path, main=main)


def test_what_the_checklist_calls_configurable_is(tmp_path: Path) -> None:
    """P20, P30, P45, P49, P50, P90: each default has a setting, whose value reaches the client."""
    main = (
        '[poll]\ninterval = "1h"\nfloor = "20m"\nceiling = "1d"\nlongest_wait = "2d"\n'
        "[fetch]\nper_host = 2\nspacing_s = 5\ntimeout_s = 30\nconnect_timeout_s = 4\n"
        "max_bytes = 2048\nmax_redirects = 3\nconcurrency = 7\nhttp2 = true\n"
    )
    found = settings(tmp_path, main=main)
    assert found.poll.longest_wait == timedelta(days=2)
    client = found.client
    assert (client.longest_pause_s, client.usual_pause_s) == (2 * 86400, 2 * 3600)
    assert (client.per_host, client.spacing_s, client.concurrency) == (2, 5, 7)
    assert (client.timeout_s, client.connect_timeout_s) == (30, 4)
    assert (client.max_bytes, client.max_redirects, client.http2) == (2048, 3, True)
    assert load_fetch(tmp_path, environ={}).client.max_redirects == 3


@pytest.mark.parametrize("kind", [".", ".rss", "dates", "monitor.feeds.dates"])
def test_what_cannot_parse_a_document_is_no_feed_kind(tmp_path: Path, kind: str) -> None:
    """Modules that parse something else are refused."""
    assert "is not a feed kind" in mistake(tmp_path, f'kind = "{kind}"')
