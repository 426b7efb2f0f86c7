from pathlib import Path

import pytest

from webfail2ban.config import find
from webfail2ban.errors import ConfigurationError


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """Where the system's file would be."""
    return tmp_path / "etc" / "config.yaml"


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_the_first_that_is_there_is_taken(tmp_path: Path, system: Path) -> None:
    """The option, the variable, the working directory, the system."""
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    env = {"WEBFAIL2BAN_CONFIG": "named.yaml"}
    put(system)
    assert find(None, {}, cwd, system) == system
    local = put(cwd / "config.yaml")
    assert find(None, {}, cwd, system) == local
    named = put(cwd / "named.yaml")
    assert find(None, env, cwd, system) == named
    option = put(tmp_path / "option.yaml")
    assert find(option, env, cwd, system) == option


def test_an_empty_variable_names_nothing(tmp_path: Path, system: Path) -> None:
    """As compose files pass it."""
    assert find(None, {"WEBFAIL2BAN_CONFIG": ""}, tmp_path, put(system)) == system


def test_a_path_is_shown_as_it_was_named(
    tmp_path: Path, system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Problems say config.yaml:12:5, not the whole path."""
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "config.yaml")
    assert find(None, {}, Path(), system) == Path("config.yaml")


@pytest.mark.parametrize(
    ("option", "env", "problem"),
    [
        ("gone.yaml", {}, "--config: there is no file "),
        (None, {"WEBFAIL2BAN_CONFIG": "gone.yaml"}, "environment WEBFAIL2BAN_CONFIG: there is no"),
    ],
)
def test_a_file_that_was_named_must_be_there(
    tmp_path: Path, system: Path, option: str | None, env: dict[str, str], problem: str
) -> None:
    """Another one would be a surprise."""
    put(system)
    put(tmp_path / "config.yaml")
    with pytest.raises(ConfigurationError, match=problem):
        find(Path(option) if option else None, env, tmp_path, system)


def test_if_there_is_none_it_is_told_where_one_could_be(tmp_path: Path, system: Path) -> None:
    """And how to name another."""
    with pytest.raises(ConfigurationError) as caught:
        find(None, {}, tmp_path, system)
    assert str(caught.value) == (
        f"there is no configuration file: neither {tmp_path / 'config.yaml'} nor {system}; "
        "create one of them, or name yours with --config or WEBFAIL2BAN_CONFIG"
    )
