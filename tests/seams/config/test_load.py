"""Settings: from files and environment to values; all mistakes are reported at once, with lines."""

import stat
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from monitor.app import encoder_of
from monitor.channels import email
from monitor.config import Settings, load, load_fetch, load_usable, load_watchlist, shipped
from monitor.config.entries import recipients
from monitor.errors import SettingsError
from monitor.model import Recipient

HERE = Path(__file__).parent
Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a function that makes a settings folder of the given files.

    Names have "__" in place of "/" and lack ".toml".
    """

    def make(**files: str) -> Path:
        for name, text in {"feeds": "", "digests": "", **files}.items():
            path = tmp_path / f"{name.replace('__', '/')}.toml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
            path.chmod(0o600)
        return tmp_path

    return make


def _mistakes(directory: Path, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(directory, environ=environ or {})
    assert caught.value.exit_code == 78
    return [str(mistake) for mistake in caught.value.mistakes]


def test_all_mistakes_are_told_at_once_each_with_file_and_line() -> None:
    """One run of `monitor check` is enough to fix a whole folder."""
    environ = {"MONITOR_FETCH__SPACING_S": "x", "MONITOR_NOSUCH__KEY": "1"}
    expected = (HERE / "broken.expected.txt").read_text("utf-8").splitlines()
    found = _mistakes(HERE / "broken", environ)
    shortened = [  # "…": the rest is worded by other code
        line[: len(wanted) - 1] + "…" if wanted.endswith("…") else line
        for line, wanted in zip(found, expected, strict=True)
    ]
    assert shortened == expected


def test_a_mistake_in_a_digest_hides_none_in_its_lists(folder: Folder) -> None:
    """Recipients and watchlists are checked whatever else is wrong with the table."""
    digests = (
        '[[digests]]\nname = "no name"\nschedule = "61 * * * *"\n'
        'watchlists = ["nto"]\nrecipients = ["fax:1", 7]\n'
    )
    found = [mistake.split(" (")[0] for mistake in _mistakes(folder(digests=digests))]
    assert [line.split(": ")[0] for line in found] == [
        "digests.toml:2", "digests.toml:3", "digests.toml:4", "digests.toml:5", "digests.toml:5",
    ]  # fmt: skip
    assert any("unknown watchlist 'nto'" in line for line in found)
    assert any("unknown channel 'fax'" in line for line in found)


def test_what_has_mistakes_can_be_left_out_but_not_of_monitor_toml(folder: Folder) -> None:
    """A watchlist that names a broken list is left out too; digests that name it stay."""
    directory = folder(
        watchlists__sound='query = "tank"',
        watchlists__broken='query = "(tank"',
        watchlists__borrowing='query = "@arms"',
        digests='[[digests]]\nname = "desk"\nwatchlists = ["broken"]\n',
    )
    (directory / "lists").mkdir()
    (directory / "lists" / "arms.txt").write_text('"rifle\n')
    found = load_usable(directory, environ={}, overrides={})
    assert [one.name for one in found.watchlists] == ["sound"]
    assert [one.name for one in found.digests] == ["desk"]
    places = {one.where.partition(":")[0] for one in found.mistakes}
    assert places == {"watchlists/broken.toml", "lists/arms.txt"}
    with pytest.raises(SettingsError, match="unknown section 'strore'"):
        load_usable(directory, environ={"MONITOR_STRORE__URL": "sqlite:///x"}, overrides={})


def test_a_corrected_query_is_told_when_it_can_be_read(folder: Folder) -> None:
    """A mistake in a long query names the page with the rules instead of a correction."""
    long = " OR ".join(f"term{number}" for number in range(100))
    [short] = _mistakes(folder(watchlists__mine='query = "tank AND (army"'))
    assert short.endswith("(write: tank AND (army))")
    [mistake] = _mistakes(folder(watchlists__mine=f'query = "tank AND ({long}"'))
    assert mistake.endswith("(docs/query-language.md says how)")


def test_hosts_with_many_sites_are_named_by_host(folder: Folder) -> None:
    """A host's name is wanted, not an address with scheme or port."""
    given = folder(monitor='[fetch]\nshared_hosts = ["feeds.example", "blogs.example"]\n')
    settings = load(given, environ={})
    assert settings.fetch.client.shared_hosts == ("feeds.example", "blogs.example")
    [mistake] = _mistakes(folder(monitor='[fetch]\nshared_hosts = ["https://feeds.example"]\n'))
    assert "not a host name" in mistake


def test_what_is_shipped_is_whole() -> None:
    """The settings a newcomer starts from have no mistake and need no environment."""
    settings = load(None, environ={})
    assert settings.directory == shipped("config")
    assert [digest.name for digest in settings.digests] == ["morning"]
    assert settings.digests[0].watchlists == tuple(w.name for w in settings.watchlists)
    assert settings.warnings == ()


def test_an_empty_folder_has_the_shipped_settings(tmp_path: Path) -> None:
    """Each missing file is replaced by the shipped one."""
    mine, theirs = load(tmp_path, environ={}), load(None, environ={})
    assert (mine.feeds, mine.watchlists) == (theirs.feeds, theirs.watchlists)
    assert mine.digests == theirs.digests


def test_the_shipped_digest_takes_the_watchlists_there_are(tmp_path: Path) -> None:
    """A user's own watchlists do not clash with the shipped digest."""
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "mine.toml").write_text('query = "tanks"')
    assert load(tmp_path, environ={}).digests[0].watchlists == ("mine",)


def test_a_watchlist_has_its_file_name_and_the_hash_of_what_it_matches(folder: Folder) -> None:
    """The version changes with the query and not with the title."""

    def version(text: str) -> str:
        [watchlist] = load(folder(watchlists__mine=text), environ={}).watchlists
        assert watchlist.name == "mine"
        return watchlist.version

    assert version('title = "A"\nquery = "tanks"') == version('title = "B"\nquery = ["tanks"]')
    assert version('query = "tanks"') != version('query = "planes"')


def test_feeds_of_toml_and_opml_are_joined_and_toml_holds(folder: Folder) -> None:
    """An address named in both files is polled once, as feeds.toml says."""
    directory = folder(feeds='[[feeds]]\nurl = "https://a.example/f"\nname = "Mine"\n')
    (directory / "feeds.opml").write_text(
        '<opml version="2.0"><body><outline text="Theirs" xmlUrl="https://A.example/f"/>'
        '<outline text="New" xmlUrl="https://b.example/f"/></body></opml>'
    )
    feeds = load(directory, environ={}).feeds
    assert [(feed.name, feed.url) for feed in feeds] == [
        ("Mine", "https://a.example/f"),
        ("New", "https://b.example/f"),
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"90s"', timedelta(seconds=90)),
        ('"30m"', timedelta(minutes=30)),
        ('"1.5h"', timedelta(minutes=90)),
        ('"14 d"', timedelta(days=14)),
        ("90", timedelta(seconds=90)),
        ('"90"', timedelta(seconds=90)),
    ],
)
def test_lengths_of_time(folder: Folder, written: str, meant: timedelta) -> None:
    """A length of time is a number with a unit, or a number of seconds."""
    feed = f'[[feeds]]\nurl = "https://a.example/f"\ninterval = {written}\n'
    assert load(folder(feeds=feed), environ={}).feeds[0].interval == meant


@pytest.mark.parametrize("written", ['"soon"', '"-5m"', '"5 parsecs"', '"9999999999999d"', "true"])
def test_what_is_no_length_of_time(folder: Folder, written: str) -> None:
    """Anything else is a mistake with its line."""
    feed = f'[[feeds]]\nurl = "https://a.example/f"\ninterval = {written}\n'
    [mistake] = _mistakes(folder(feeds=feed))
    assert mistake.startswith("feeds.toml:3: interval")


EMAIL = '[channels.email]\nhost = "mail.example.org"\nfrom = "monitor@example.org"\n'


def _password(settings: Settings) -> str:
    secret = settings.channels["email"][""].model_dump()["password"]
    assert isinstance(secret, SecretStr)
    return secret.get_secret_value()


def test_a_value_may_come_from_the_environment(folder: Folder) -> None:
    """`${NAME}` is replaced in any string of any file."""
    directory = folder(
        monitor=EMAIL + 'password = "${SECRET}"\n',
        watchlists__mine='query = "${QUERY}"',
    )
    settings = load(directory, environ={"SECRET": "hunter2", "QUERY": "tanks"})
    assert _password(settings) == "hunter2"
    assert settings.watchlists[0].queries == ("tanks",)


def test_s100_a_value_may_stand_in_a_file_and_one_that_all_can_read_gives_a_warning(
    folder: Folder,
) -> None:
    """`file:PATH` is relative to the settings folder; the last line break is left out."""
    directory = folder(monitor=EMAIL + 'password = "file:secret"\n')
    secret = directory / "secret"
    secret.write_text("hunter2\n")
    secret.chmod(0o600)
    settings = load(directory, environ={})
    assert _password(settings) == "hunter2"
    assert settings.warnings == ()
    secret.chmod(0o600 | stat.S_IROTH)
    [warning] = load(directory, environ={}).warnings
    assert warning.where == "monitor.toml:4"


@pytest.mark.parametrize(
    ("value", "mode", "told"),
    [
        ("hunter2", 0o644, ["monitor.toml:4"]),
        ("hunter2", 0o640, []),
        ("${SECRET}", 0o644, []),
        ("", 0o644, []),
    ],
)
def test_s100_a_secret_in_a_file_that_all_can_read_gives_a_warning(
    folder: Folder, value: str, mode: int, told: list[str]
) -> None:
    """One for each file, with what to do; a reference to elsewhere is no secret."""
    more = f'[channels.webhook.far]\nurl = "https://far.example/{value or "x"}"\n'
    more = more if value == "hunter2" else ""
    directory = folder(monitor=EMAIL + f'password = "{value}"\n' + more)
    (directory / "monitor.toml").chmod(mode)
    warnings = load(directory, environ={"SECRET": "hunter2"}).warnings
    assert [one.where for one in warnings] == told
    for one in warnings:
        assert one.what == "everybody can read this file, and it holds a password or a token"
        assert one.hint.startswith("chmod o-r ")
        assert "hunter2" not in repr(one)


def test_s100_headers_of_feeds_are_secrets_too(folder: Folder) -> None:
    feed = '[[feeds]]\nurl = "https://news.example/feed"\nheaders = {Cookie = "id=hunter2"}\n'
    directory = folder(feeds=feed)
    (directory / "feeds.toml").chmod(0o644)
    [warning] = load(directory, environ={}).warnings
    assert warning.where == "feeds.toml:3"


def test_s100_secrets_are_not_shown(folder: Folder) -> None:
    """No repr contains a password or a database address with one."""
    directory = folder(
        monitor='[store]\nurl = "postgresql://m:hunter2@db.example/m"\n'
        + EMAIL
        + 'password = "hunter2"\n'
    )
    assert "hunter2" not in repr(load(directory, environ={}))


def test_variables_override_files_and_the_command_line_overrides_both(folder: Folder) -> None:
    """A variable is MONITOR_SECTION__KEY; commas divide lists; "_" means "-"; case is ignored."""
    directory = folder(
        monitor='[store]\nurl = "sqlite:///file"\n[channels.slack.watch-desk]\n'
        'webhook = "https://hooks.slack.com/services/A/B/C"\n'
    )
    environ = {
        "CONTACT": "desk@example.org",
        "MONITOR_FETCH__CONTACT": "${CONTACT}",
        "MONITOR_STORE__URL": "sqlite:///variable",
        "MONITOR_FETCH__ALLOW_PRIVATE": "127.0.0.0/8, intranet",
        "MONITOR_FETCH__PER_HOST": "3",
        "MONITOR_CHANNELS__SLACK__WATCH_DESK__WEBHOOK": "https://hooks.slack.com/services/D/E/F",
        "MONITOR_CONFIG": "elsewhere",
        "MONITOR_FAILPOINTS": "x=kill",
    }
    settings = load(directory, environ=environ)
    assert settings.store.url == "sqlite:///variable"
    assert settings.fetch.allow_private == ("127.0.0.0/8", "intranet")
    assert settings.fetch.client.per_host == 3
    assert settings.fetch.contact == "desk@example.org"
    assert list(settings.channels["slack"]) == ["watch-desk"]
    overridden = load(directory, environ=environ, overrides={"store.url": "sqlite:///option"})
    assert overridden.store.url == "sqlite:///option"


def test_s71_addresses_of_mails_are_checked_when_read(folder: Folder) -> None:
    """Line breaks, lists and look-alikes never reach a mail header."""
    addresses = [
        "a@b.example\\nBcc: c@d.example",
        "a@b.example,c@d.example",
        "<a@b.example>",
        "desk",
    ]
    listed = ", ".join(f'"email:{address}"' for address in addresses)
    directory = folder(
        monitor=EMAIL,
        digests=f'[[digests]]\nname = "d"\nwatchlists = []\nrecipients = [{listed}]\n',
    )
    assert len(_mistakes(directory)) == len(addresses)


def test_a_recipient_whose_channel_is_not_set_up_is_a_mistake(folder: Folder) -> None:
    """A digest that could not be sent is found before it is due."""
    digest = '[[digests]]\nname = "d"\nwatchlists = []\nrecipients = ["email:desk@example.org"]\n'
    [mistake] = _mistakes(folder(digests=digest))
    assert mistake.startswith("digests.toml:4: email:desk@example.org cannot be reached")


def test_where_no_channel_can_be_read_none_is_told_missing(folder: Folder) -> None:
    """Only the syntax error is reported, since monitor.toml may set up the channel."""
    digests = '[[digests]]\nname = "desk"\nrecipients = ["email:desk@example.org", "fax:1"]\n'
    main = '[channels.email]\nhost = "mail.example.org"\nfrom = "m@example.org"\nport = [\n'
    found = _mistakes(folder(monitor=main, digests=digests))
    assert [mistake.split(" (")[0] for mistake in found] == [
        "monitor.toml:5: not TOML: invalid value",
        "digests.toml:3: unknown channel 'fax'",
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("query = “shadow fleet”", "straight quotation marks"),
        ("query = frigate", "put text into quotation marks"),
        ("query = [\n  'frigate'\n  'corvette'\n]", "between two items stands a comma"),
        ('query = ""type 26" OR "type 31""', "put it between single ones"),
        ('query = "\\d{3}mm"', "between single quotation marks"),
        ('query = "frigate\n', "close the quotation mark"),
        ("query = '''frigate\n", "close the text with '''"),
        ("title: Frigates\nquery:\n  - frigate\n", "looks like YAML"),
        ('{"query": "frigate"}', "looks like JSON"),
        ("query = 'frigate'\nquery = 'corvette'", "the key is there twice"),
        ('query = "a"\ntests = [{text = "x", match = True}]', "true and false in small letters"),
        ('query = "a"\ntests = [{text = "x" match = true}]', "between two items stands a comma"),
        ('min_score = 2,5\nquery = "a"', "a fraction is written with a point"),
        ("title = 'China's navy'", "put it between double ones"),
        ('query = "frigate",\ntitle = "Frigates"', "no comma stands behind a value"),
        ('query = "frigate" // ships', "a note begins with #"),
        ("min_score = 3m", "put text into quotation marks"),
        ("lang = null", "leave the key out"),
        ("[[tests]\ntext = 'a'", "[[NAME]] if there may be several"),
        ("[boost]]\nquery = 'a'", "[[NAME]] if there may be several"),
        ('query = "a"\ntests = [{text = "x", match = true,}]', "no comma stands before }"),
        ("query = '''\nfrigate OR\ntitle: corvette", "close the text with '''"),
        ("query = 'frigate", "close the quotation mark"),
    ],
)
def test_text_that_is_not_toml_is_told_with_what_to_write(
    folder: Folder, text: str, hint: str
) -> None:
    """The parser's own words say where it stopped, but not what somebody should have written."""
    [mistake] = _mistakes(folder(watchlists__w=text))
    assert mistake.startswith("watchlists/w.toml:") and hint in mistake.partition(" (")[2]


@pytest.mark.parametrize(
    ("main", "says"),
    [
        ('[store]\nurl = "sqlite://news.sqlite3"', "names no file; write sqlite:///news.sqlite3"),
        ("[poll]\ninterval = 30", "these must rise: floor (15m), interval (30s), ceiling (6h)"),
        ('[web]\nhost = "http://localhost"', "'http://localhost' is not a host name"),
        ('[web]\nhost = "localhost:8400"', "'localhost:8400' is not a host name"),
        ("[hosts.example.org]\nspacing_s = 5", '[hosts."example.org"]'),
        ("[hosts.www.example.org]\nspacing_s = 5", '[hosts."www.example.org"]'),
        ('[sites.example.org]\nbody = "p"', '[sites."example.org"]'),
        ('[alarms]\nto = "me@example.org"', "write email:me@example.org"),
        (
            '[channels.email]\nhost = "mail.example.org:587"\nfrom = "m@example.org"',
            "host = 'mail.example.org', port = 587",
        ),
    ],
)
def test_a_common_mistake_is_answered_with_what_to_write(
    folder: Folder, main: str, says: str
) -> None:
    """A warning at the first use, or none at all, would come when nobody looks."""
    assert any(says in mistake for mistake in _mistakes(folder(monitor=main)))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('zone = "Brussels"', "write Europe/Brussels"),
        ('zone = "america/new york"', "write America/New_York"),
        ('zone = "Mars"', "use a name like Europe/London"),
        ('schedule = "7:00"', "every day at seven is '0 7 * * *'"),
        ('recipients = ["desk@example.org"]', "write email:desk@example.org"),
    ],
)
def test_a_common_mistake_in_a_digest_is_answered_with_what_to_write(
    folder: Folder, line: str, says: str
) -> None:
    """As above."""
    [mistake] = _mistakes(folder(digests=f'[[digests]]\nname = "d"\n{line}\n'))
    assert says in mistake


def test_a_space_behind_the_channel_of_a_recipient_is_none_of_its_address(folder: Folder) -> None:
    """The message quoted an address that looked right, and called it wrong."""
    email = '[channels.email]\nhost = "mail.example.org"\nfrom = "m@example.org"\n'
    digest = '[[digests]]\nname = "d"\nrecipients = ["email: desk@example.org"]\n'
    found = load(folder(monitor=email, digests=digest), environ={})
    assert found.digests[0].recipients == (Recipient("email", "desk@example.org"),)


def test_one_mailbox_named_in_two_ways_gets_one_mail() -> None:
    """Capitals make no other mailbox; on another channel they may make another place."""
    named = ["email:Desk@Example.org", "slack:Desk", "email:desk@example.org", "slack:desk"]
    assert [str(one) for one in recipients(named)] == [named[0], named[1], named[3]]


@pytest.mark.parametrize("name", ["ships.yaml", "ships.tml", "ships.toml.txt"])
def test_a_file_that_was_meant_as_a_watchlist_is_warned_of(folder: Folder, name: str) -> None:
    """Without any other, the shipped watchlists would be used in its place, and nobody told."""
    made = folder(watchlists__other="query = 'frigate'")
    (made / "watchlists" / name).write_text("query = 'ship'")
    (made / "watchlists" / "ships.toml.bak").write_text("query = 'ship'")
    [warning] = load(made, environ={}).warnings
    assert str(warning) == f"watchlists/{name}: is not read (a watchlist ends in .toml: ships.toml)"


def test_a_list_of_addresses_is_answered_with_how_tables_are_written(folder: Folder) -> None:
    """`feeds = ["https://…"]` is what many would write first."""
    [mistake] = _mistakes(folder(feeds='feeds = ["https://example.org/feed"]'))
    assert mistake == "feeds.toml:1: feeds must be tables (write [[feeds]])"


def test_a_digest_of_no_watchlist_is_warned_of(folder: Folder) -> None:
    """It would tell nothing for ever, and look well."""
    digest = '[[digests]]\nname = "d"\nwatchlists = []\n'
    [warning] = load(folder(digests=digest), environ={}).warnings
    assert str(warning).startswith("digests.toml:3: covers no watchlist")


def test_who_is_told_by_an_alarm_is_checked_like_any_recipient(folder: Folder) -> None:
    """`alarms.to` is a list, or text with commas; a mistake has its line; repeats are dropped."""
    told = '[alarms]\nto = [\n  "console:",\n  "slack:ops",\n]\n'
    [mistake] = _mistakes(folder(monitor=told))
    assert mistake.startswith("monitor.toml:4: slack:ops cannot be reached")
    listed = {"MONITOR_ALARMS__TO": "console:, console:"}
    assert recipients(load(folder(), environ=listed).alarms.to) == (Recipient("console"),)


def test_a_channel_with_a_mistake_is_told_once(folder: Folder) -> None:
    """One mistake is told, not one for each digest, nor one for what follows from the secret."""
    digest = '[[digests]]\nname = "d"\nwatchlists = []\nrecipients = ["slack:desk"]\n'
    directory = folder(monitor='[channels.slack.desk]\nwebhook = "${NOPE}"\n', digests=digest)
    [mistake] = _mistakes(directory)
    assert "the environment has no NOPE" in mistake


def test_f69_the_certificates_for_mail_stand_in_the_settings_folder_and_are_missed_at_once(
    folder: Folder,
) -> None:
    """A relative `ca_file` starts at the settings folder, and one that is missing is a mistake."""
    directory = folder(monitor=EMAIL + 'ca_file = "own.pem"\n')
    [mistake] = _mistakes(directory)
    assert mistake.startswith("monitor.toml:4: ca_file: there is no file")
    (directory / "own.pem").touch()
    settings = load(directory, environ={}).channels["email"][""]
    assert isinstance(settings, email.Settings)
    assert settings.ca_file == directory / "own.pem"


@pytest.mark.parametrize(
    "path", ["x" * 300, "~nobody-of-that-name/own.pem", "own.pem/own.pem", ".", "a\\u0000b"]
)
def test_a_path_that_leads_nowhere_is_a_mistake_like_any_other(folder: Folder, path: str) -> None:
    directory = folder(monitor=EMAIL + f'ca_file = "{path}"\n')
    [mistake] = _mistakes(directory)
    assert mistake.startswith("monitor.toml:4: ca_file: there is no file")


def test_another_channel_may_have_a_setting_of_that_name_and_of_another_kind(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Settings(BaseModel):
        ca_file: str = ""

    monkeypatch.setattr(email, "Settings", Settings)
    directory = folder(monitor='[channels.email]\nca_file = "own.pem"\n')
    assert isinstance(load(directory, environ={}).channels["email"][""], Settings)


def test_a_recipient_finds_the_settings_of_its_channel(folder: Folder) -> None:
    """Email has one table, Slack one for each name, and the console none."""
    directory = folder(
        monitor=EMAIL
        + '[channels.slack.desk]\nwebhook = "https://hooks.slack.com/services/A/B/C"\n'
    )
    settings = load(directory, environ={})
    assert settings.channel(Recipient("email", "a@b.example")) is settings.channels["email"][""]
    assert settings.channel(Recipient("slack", "desk")) is settings.channels["slack"]["desk"]
    assert settings.channel(Recipient("console")).model_dump() == {}
    with pytest.raises(SettingsError, match=r"no \[channels.slack.other\]"):
        settings.channel(Recipient("slack", "other"))


def test_intervals_must_rise(folder: Folder) -> None:
    """floor <= interval <= ceiling must hold; the mistake names the section's line."""
    [mistake] = _mistakes(folder(monitor='[poll]\ninterval = "5m"\n'))
    assert mistake.startswith("monitor.toml:1: poll: these must rise")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("monitor.example.org", "is not a public address"),
        ("ftp://monitor.example.org", "is not a public address"),
        ("https://", "is not a public address"),
        ("https://monitor.example.org/?a=1", "is not a public address"),
        ("https://user@monitor.example.org", "is not a public address"),
        ("https://monitor.example.org:0", "is not a public address"),
        ("https://monitor.example.org:99999", "Port out of range"),
        ("https://[::1", "Invalid IPv6"),
    ],
)
def test_p101_what_is_no_public_address_is_a_mistake(
    folder: Folder, written: str, why: str
) -> None:
    (mistake,) = _mistakes(folder(monitor=f'[web]\nenabled = true\npublic_url = "{written}"\n'))
    assert mistake.startswith("monitor.toml:3: public_url: ")
    assert why in mistake


def test_p101_a_public_address_that_nobody_answers_is_told(folder: Folder) -> None:
    """A public address alone has no effect; with `enabled` it is kept, without a final slash."""
    public = 'public_url = "https://monitor.example.org/desk/"\n'
    loaded = load(folder(monitor="[web]\n" + public), environ={})
    assert [str(one) for one in loaded.warnings] == [
        "monitor.toml:2: nobody answers at web.public_url, so no hub is asked to push "
        "(set web.enabled = true)"
    ]
    loaded = load(folder(monitor="[web]\nenabled = true\n" + public), environ={})
    assert loaded.warnings == ()
    assert loaded.web.public_url == "https://monitor.example.org/desk"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('host = "0.0.0.0"', "host"),
        ('host = "192.0.2.7"', "host"),
        ('hosts = ["monitor.inner"]', "hosts"),
        ('host = "127.0.0.1"', ""),
        ('host = "::1"', ""),
        ('host = "0.0.0.0"\npassword = "a long enough word"', ""),
    ],
)
def test_S56_a_page_that_others_cannot_see_is_told(folder: Folder, written: str, told: str) -> None:
    """The warning is given when others could ask and no password exists to show them anything."""
    loaded = load(folder(monitor=f"[web]\nenabled = true\n{written}\n"), environ={})
    expected = (
        "monitor.toml:3: the pages are shown to nobody but this machine: others need a password "
        "(set web.password)"
    )
    assert [str(one) for one in loaded.warnings] == ([expected] if told else [])


def test_S59_a_password_that_is_soon_guessed_is_a_mistake(folder: Folder) -> None:
    """The mistake does not repeat the password."""
    (mistake,) = _mistakes(folder(monitor='[web]\npassword = "hunter2"\n'))
    assert mistake.startswith("monitor.toml:2: password: ")
    assert "at least 12 characters" in mistake
    assert "hunter2" not in mistake


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """A missing folder is not taken for an empty one, which would mean the shipped settings."""
    [mistake] = _mistakes(tmp_path / "nowhere")
    assert "there is no such folder" in mistake


def test_the_section_fetch_alone_needs_no_other(folder: Folder) -> None:
    """`monitor parse URL` works although a channel's secret is missing."""
    directory = folder(monitor='[fetch]\nper_host = 2\n[channels.slack.x]\ntoken = "${NOPE}"\n')
    assert load_fetch(directory, environ={}).per_host == 2
    with pytest.raises(SettingsError, match="not TOML"):
        load_fetch(folder(monitor="[fetch"), environ={})


def test_an_opml_file_that_cannot_be_read_is_a_mistake(folder: Folder) -> None:
    """An unreadable feeds.opml is a mistake, as its feeds must not go missing in silence."""
    directory = folder()
    (directory / "feeds.opml").write_text("this is no XML")
    [mistake] = _mistakes(directory)
    assert mistake.startswith("feeds.opml")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('kind = "page"\nselectors = { title = "h3" }', "item"),
        ('kind = "page"\nselectors = { item = "li[" }', "item"),
        ('selectors = { item = "li" }', 'kind = "page"'),
        ('kind = "page"\nselectors = { item = "li", headline = "h3" }', "headline"),
    ],
)
def test_selectors_that_cannot_be_used_are_mistakes(tmp_path: Path, line: str, why: str) -> None:
    """An index page is read with selectors; wrong ones are reported before any request."""
    (tmp_path / "feeds.toml").write_text(f'[[feeds]]\nurl = "https://a.example/"\n{line}\n')
    with pytest.raises(SettingsError, match=why):
        load(tmp_path, environ={})


def test_a_page_with_selectors_is_a_feed(tmp_path: Path) -> None:
    """A page is set up as docs/settings.md shows it."""
    (tmp_path / "feeds.toml").write_text(
        '[[feeds]]\nurl = "https://a.example/"\nkind = "page"\nselectors = { item = "li.news" }\n'
    )
    (feed,) = load(tmp_path, environ={}).feeds
    assert feed.selectors == {"item": "li.news"}


def test_an_encoder_is_found_by_its_name_or_told_missing(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`[stories] encoder` names the operator's own function, which Python must find."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "desk_encoder.py").write_text("def encode(text): return [1.0]\n", "utf-8")
    named = folder(monitor='[stories]\nencoder = "desk_encoder:encode"\n')
    encode = encoder_of(load(named, environ={}))
    assert encode is not None
    assert list(encode("a")) == [1.0]
    gone = load(folder(monitor='[stories]\nencoder = "desk_encoder:gone"\n'), environ={})
    with pytest.raises(SettingsError, match="encoder 'desk_encoder:gone' cannot be loaded"):
        encoder_of(gone)
    assert encoder_of(load(folder(monitor=""), environ={})) is None
    assert "monitor.toml:2" in _mistakes(folder(monitor='[stories]\nencoder = "no name"\n'))[0]


def test_a_named_list_belongs_to_the_watchlists_that_name_it(folder: Folder) -> None:
    """A watchlist's version depends on the lists it names, and on no other."""
    directory = folder(watchlists__a='query = "@waters AND ship"', watchlists__b='query = "ship"')
    (directory / "lists").mkdir()
    waters = directory / "lists" / "waters.txt"
    waters.write_text("Baltic Sea\n", "utf-8")
    before = {one.name: one for one in load(directory, environ={}).watchlists}
    assert (before["a"].lists, before["b"].lists) == ((("waters", "Baltic Sea\n"),), ())
    assert load_watchlist(directory / "watchlists" / "a.toml", environ={}) == before["a"]
    waters.write_text("Baltic Sea\nBlack Sea\n", "utf-8")
    after = {one.name: one.version for one in load(directory, environ={}).watchlists}
    assert after["a"] != before["a"].version
    assert after["b"] == before["b"].version


def test_mistakes_with_named_lists_are_told_where_they_stand(folder: Folder) -> None:
    """A mistake in a list is reported once, however many queries name the list."""
    directory = folder(watchlists__a='title = "A"\nquery = "@water OR @broken"')
    (directory / "lists").mkdir()
    (directory / "lists" / "waters.txt").write_text("Baltic Sea\n", "utf-8")
    (directory / "lists" / "broken.txt").write_text("fine\n\n*sea\n", "utf-8")
    found = _mistakes(directory)
    assert found == [
        "lists/broken.txt:3: column 1: * may stand only at the end of a word (write: sea*)",
        "watchlists/a.toml:2: query, column 1: there is no list 'water' "
        "(write: @waters OR @broken)",
    ]


def test_a_byte_order_mark_is_no_mistake(folder: Folder) -> None:
    """Editors on Windows write one."""
    made = folder(monitor="\ufeff[fetch]\ncontact = 'desk@example.org'\n")
    assert load(made, environ={}).fetch.contact == "desk@example.org"


@pytest.mark.parametrize("name", ["monitor.toml", "feeds.toml", "feeds.opml", "digests.toml"])
@pytest.mark.parametrize("what", ["a folder", "a link that leads nowhere"])
def test_what_is_no_file_is_told_and_not_taken_for_missing(
    tmp_path: Path, name: str, what: str
) -> None:
    """A file that cannot be read is a mistake: otherwise the shipped feeds would be polled."""
    if what == "a folder":
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).symlink_to(tmp_path / "nowhere")
    [mistake] = _mistakes(tmp_path)
    assert mistake.startswith(f"{name}: cannot be read: ")


def test_a_file_with_nearly_the_right_name_is_told(folder: Folder) -> None:
    """The file has no effect; editors' copies and other names get no warning."""
    made = folder(montior="", feed="", digest="", secrets="")
    (made / "watchlist").mkdir()
    (made / "feeds.toml.bak").write_text("")
    told = [str(one) for one in load(made, environ={}).warnings]
    assert told == [
        "digest.toml: is not read (did you mean 'digests.toml'?)",
        "feed.toml: is not read (did you mean 'feeds.toml'?)",
        "montior.toml: is not read (did you mean 'monitor.toml'?)",
        "watchlist: is not read (did you mean 'watchlists'?)",
    ]


def test_an_empty_list_of_queries_is_told_in_our_words(folder: Folder) -> None:
    """The mistake is not worded by a library."""
    assert _mistakes(folder(watchlists__ships="query = []")) == [
        "watchlists/ships.toml:1: query must not be empty"
    ]


@pytest.mark.parametrize("key", ["min_score", "boost"])
@pytest.mark.parametrize("number", ["nan", "inf"])
def test_a_score_is_a_number_that_can_be_compared(folder: Folder, key: str, number: str) -> None:
    """No score is below "nan", so such a lowest score let everything through."""
    told = _mistakes(folder(watchlists__w=f'query = "a1"\n{key} = {number}'))
    assert told == [f"watchlists/w.toml:2: {key} should be a finite number"]


def test_a_language_is_a_code(folder: Folder) -> None:
    """No article's language is ever "english", so the watchlist would never match anything."""
    wrong = 'query = "x"\nlanguages = ["en", "english", "pt-BR"]'
    feed = "[[feeds]]\nurl = 'https://a.example/'\nlang = 'German'"
    assert _mistakes(folder(watchlists__ships=wrong, feeds=feed)) == [
        'feeds.toml:3: lang: \'German\' is not a language; write its code, such as "en" or "pt-BR"',
        "watchlists/ships.toml:2: languages: 'english' is not a language; write its code, such as "
        '"en" or "pt-BR"',
    ]


def test_a_pseudo_element_is_told_as_any_bad_selector(folder: Folder) -> None:
    """The selector library raises an error of another class for pseudo-elements."""
    feed = (
        "[[feeds]]\nurl = 'https://a.example/'\nkind = 'page'\nselectors = { item = 'li::before' }"
    )
    site = '[sites."a.example"]\nbody = "p::before"\n'
    told = _mistakes(folder(monitor=site, feeds=feed))
    assert [one.partition(" (")[0] for one in told] == [
        "monitor.toml:1: sites.a.example: body: 'p::before', column 1: Pseudo-element found at "
        "position 1",
        "feeds.toml:1: feeds[1]: item: Pseudo-element found at position 2",
    ]


FED = (
    '[[feeds]]\nurl = "https://a.example/f"\nsource = "The Gazette"\nlang = "en"\n'
    '[[feeds]]\nurl = "https://b.example/f"\nname = "Dagblad"\nlang = "nl-BE"\n'
)


def test_a_source_or_language_that_no_feed_has_is_told_with_the_nearest(folder: Folder) -> None:
    """A typing mistake there would exclude every article without anybody noticing."""
    asks = 'query = "x"\nsources = ["the gazete", "THE GAZETTE", "dagblad"]\n'
    made = folder(feeds=FED, watchlists__near=asks + 'languages = ["nl", "fr"]\n')
    assert [str(one) for one in load(made, environ={}).warnings] == [
        "watchlists/near.toml: no feed of the settings has the source 'the gazete' "
        "(did you mean 'The Gazette'?)",
        "watchlists/near.toml: no feed of the settings has the language 'fr' (known: en, nl)",
    ]


@pytest.mark.parametrize("feeds", ["", FED + '[[feeds]]\nurl = "https://c.example/f"\n'])
def test_what_feeds_do_not_state_is_not_missed(folder: Folder, feeds: str) -> None:
    """Without feeds, or with one that states no language, nobody can know, so nothing is said."""
    made = folder(feeds=feeds, watchlists__any='query = "x"\nlanguages = ["fr"]\n')
    assert load(made, environ={}).warnings == ()
