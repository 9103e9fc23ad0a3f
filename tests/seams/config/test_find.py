"""The choice of the folder from which the settings are taken."""

from pathlib import Path

import pytest

from monitor.config import find, shipped
from monitor.errors import SettingsError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of the user's settings folder, which does not exist yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    import platformdirs

    return platformdirs.user_config_path("monitor", appauthor=False)


def _settings(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "feeds.toml").touch()
    return folder


def test_the_order_is_option_variable_here_user_shipped(tmp_path: Path, home: Path) -> None:
    """Each place is tried only if none before it has settings."""
    assert find(None, {}, tmp_path) == shipped("config")
    user = _settings(home)
    assert find(None, {}, tmp_path) == user
    here = _settings(tmp_path / "config")
    assert find(None, {}, tmp_path) == here
    named, chosen = _settings(tmp_path / "named"), _settings(tmp_path / "chosen")
    assert find(None, {"MONITOR_CONFIG": "named"}, tmp_path) == named
    assert find(chosen, {"MONITOR_CONFIG": "named"}, tmp_path) == chosen


def test_a_folder_called_config_that_is_not_ours_is_left_alone(tmp_path: Path, home: Path) -> None:
    """A `config` folder without our files is ignored: many projects have one."""
    (tmp_path / "config").mkdir()
    assert find(None, {}, tmp_path) == shipped("config")


@pytest.mark.parametrize(("option", "variable"), [("nowhere", ""), (None, "nowhere")])
def test_a_folder_that_was_named_must_be_there(
    tmp_path: Path, option: str | None, variable: str
) -> None:
    """A missing folder is an error: by a typing mistake other settings would be used silently."""
    with pytest.raises(SettingsError, match="there is no folder 'nowhere'"):
        find(Path(option) if option else None, {"MONITOR_CONFIG": variable}, tmp_path)


def test_what_is_shipped_is_there() -> None:
    """The shipped settings are found beside the package or, once installed, inside it."""
    assert (shipped("config") / "monitor.toml").is_file()
