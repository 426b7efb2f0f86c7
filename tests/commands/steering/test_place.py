from pathlib import Path

import pytest

from webfail2ban.commands.steering.place import Place, find_place
from webfail2ban.errors import ConfigurationError

TOKEN = "a-token-of-some-length"


def find(directory: Path, api: str | None = None, /, **env: str) -> Place:
    return find_place(api, None, None, env, directory)


def write(directory: Path, text: str) -> None:
    (directory / "config.yaml").write_text(text)


def test_the_option_goes_first(tmp_path: Path) -> None:
    """Then the variable, then the configuration."""
    write(tmp_path, "api: {socket: of-file.sock}")
    said = {"WEBFAIL2BAN_API": "/of-variable.sock"}
    assert find(tmp_path, "/of-option.sock", **said).socket == Path("/of-option.sock")
    assert find(tmp_path, **said).socket == Path("/of-variable.sock")
    assert find(tmp_path).socket == tmp_path / "of-file.sock"


def test_the_environment_goes_over_the_file(tmp_path: Path) -> None:
    """As in run."""
    write(tmp_path, "api: {socket: of-file.sock}")
    assert find(tmp_path, FAIL2BAN_API_SOCKET="/other.sock").socket == Path("/other.sock")


def test_the_file_is_found_as_run_finds_it(tmp_path: Path) -> None:
    """By its variable too; a file that was named has to be there."""
    (tmp_path / "other.yaml").write_text("api: {socket: x.sock, group: adm}")
    found = find(tmp_path, WEBFAIL2BAN_CONFIG="other.yaml")
    assert (found.socket, found.group) == (tmp_path / "x.sock", "adm")
    with pytest.raises(ConfigurationError, match="there is no file"):
        find(tmp_path, WEBFAIL2BAN_CONFIG="missing.yaml")
    with pytest.raises(ConfigurationError, match="there is no file"):
        find_place(None, None, Path("missing.yaml"), {}, tmp_path)


def test_without_a_file_it_is_the_usual_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator may be in any folder."""
    monkeypatch.setattr("webfail2ban.config.search.find.__defaults__", (tmp_path / "none.yaml",))
    assert find(tmp_path).socket == Path("/run/webfail2ban/api.sock")


@pytest.mark.parametrize(
    "text",
    [
        "spoa: {port: many}\njails: 7\nplugins: [there-is-none]\napi:\n  socket: x.sock\n",
        "api:\n  # a word\n\n  socket: x.sock\nspoa: {port: [}\n",
        "spoa:\n\tport: 1\napi: {socket: x.sock}\n",
        "jails: &broken\n  a: 'b\napi:\n  socket: x.sock\n",
    ],
)
def test_the_rest_of_the_file_may_be_wrong(tmp_path: Path, text: str) -> None:
    """Even if it is no YAML: an operator must reach the engine that still runs."""
    write(tmp_path, text)
    assert find(tmp_path).socket == tmp_path / "x.sock"


@pytest.mark.parametrize("text", ["api: {socket: 7, mode: x}", "api: {sockt: x}", "- [", "api: [}"])
def test_a_section_that_is_wrong_is_told(tmp_path: Path, text: str) -> None:
    """With file and line."""
    write(tmp_path, text)
    with pytest.raises(ConfigurationError, match=r"config\.yaml:\d:"):
        find(tmp_path)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:12346"),
        ("0.0.0.0", "http://127.0.0.1:12346"),
        ("'::'", "http://[::1]:12346"),
        ("localhost", "http://localhost:12346"),
    ],
)
def test_without_a_socket_it_is_the_address(tmp_path: Path, address: str, url: str) -> None:
    """With the token that the engine has."""
    write(
        tmp_path,
        f"api: {{socket: none, address: {address}, allow: 0.0.0.0/0, token: {TOKEN}}}",
    )
    found = find(tmp_path)
    assert found.url == url
    assert found.token is not None
    assert found.token.get_secret_value() == TOKEN


def test_a_token_may_stand_in_a_file(tmp_path: Path) -> None:
    """In the one of the configuration, or another that is named."""
    (tmp_path / "theirs").write_text(f"{TOKEN}-theirs\n")
    (tmp_path / "mine").write_text(f"{TOKEN}-mine\n")
    write(tmp_path, "api: {socket: none, address: 127.0.0.1, token_file: theirs}")
    theirs = find(tmp_path).token
    mine = find_place(None, tmp_path / "mine", None, {}, tmp_path).token
    named = find_place("http://192.0.2.1:1", tmp_path / "mine", None, {}, tmp_path).token
    assert theirs is not None
    assert theirs.get_secret_value() == f"{TOKEN}-theirs"
    assert mine == named
    assert mine is not None
    assert mine.get_secret_value() == f"{TOKEN}-mine"


def test_a_url_gets_the_token_of_the_environment(tmp_path: Path) -> None:
    """The variable is the engine's own."""
    found = find(tmp_path, "https://engine.example:8443/", FAIL2BAN_API_TOKEN=TOKEN)
    assert str(found) == "https://engine.example:8443"
    assert found.token is not None
    assert TOKEN not in repr(found)


@pytest.mark.parametrize("text", ["", "short", "with spaces in the middle"])
def test_a_file_without_a_token_is_told(tmp_path: Path, text: str) -> None:
    """It is named, its contents aren't."""
    (tmp_path / "token").write_text(text)
    with pytest.raises(ConfigurationError, match=r"token's file: .*/token: holds no token"):
        find_place("http://192.0.2.1", tmp_path / "token", None, {}, tmp_path)
    with pytest.raises(ConfigurationError, match="No such file"):
        find_place("http://192.0.2.1", tmp_path / "missing", None, {}, tmp_path)


@pytest.mark.parametrize("place", ["127.0.0.1:12346", "[::1]:12346", "engine.example:12346"])
def test_an_address_without_a_scheme_is_told(tmp_path: Path, place: str) -> None:
    """It would be looked for as a socket of that name."""
    with pytest.raises(ConfigurationError) as refused:
        find(tmp_path, place)
    assert str(refused.value).endswith(f"; write http://{place}")


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "http://", "http://x:port", "http://x/v1/status", "http://a:b@x", "http://x?y"],
)
def test_what_is_no_place_is_told(tmp_path: Path, url: str) -> None:
    """With what would be one."""
    with pytest.raises(ConfigurationError, match="must be a unix socket's path or a URL"):
        find(tmp_path, url)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("api: {socket: none}", "there is no API to ask"),
        ("api: {socket: none, address: 127.0.0.1, port: 0}", "takes any port"),
    ],
)
def test_an_api_that_cannot_be_found_is_told(tmp_path: Path, text: str, said: str) -> None:
    """With what to do."""
    write(tmp_path, text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        find(tmp_path)
    assert "--api" in str(caught.value)
