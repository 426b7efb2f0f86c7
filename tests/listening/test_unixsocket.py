"""A unix socket to listen on."""

import grp
import os
import socket
import stat
from pathlib import Path

import pytest

from webfail2ban.listening import unixsocket
from webfail2ban.listening.unixsocket import bind_unix, give, prepare_folder, user_name


def test_a_socket_has_its_mode_from_its_first_moment(tmp_path: Path) -> None:
    """Whatever the umask is, which stays as it was."""
    before = os.umask(0o077)
    try:
        bind_unix(tmp_path / "s", 0o666).close()
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o666


def test_a_dead_socket_is_replaced_and_a_live_one_is_not(tmp_path: Path) -> None:
    """Whoever listens keeps his place."""
    path = tmp_path / "s"
    bind_unix(path, 0o600).close()
    with bind_unix(path, 0o600) as live:
        live.listen(1)
        with pytest.raises(OSError, match="in use"):
            bind_unix(path, 0o600)


def test_whoever_is_about_to_listen_keeps_his_place(tmp_path: Path) -> None:
    """Another one that starts at the same time doesn't take it."""
    with bind_unix(tmp_path / "s", 0o600), pytest.raises(OSError, match="in use"):
        bind_unix(tmp_path / "s", 0o600)


def test_without_proc_a_socket_that_nobody_listens_on_is_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on other systems."""
    monkeypatch.setattr(unixsocket, "BOUND", tmp_path / "none")
    with bind_unix(tmp_path / "s", 0o600):
        bind_unix(tmp_path / "s", 0o600).close()


def test_a_file_that_is_no_socket_stays(tmp_path: Path) -> None:
    """It is somebody's."""
    path = tmp_path / "s"
    path.write_text("mine")
    with pytest.raises(OSError, match="there is something else of that name"):
        bind_unix(path, 0o600)
    assert path.read_text() == "mine"


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    """Once."""
    folder = tmp_path / "a" / "b"
    assert prepare_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) & 0o027 == 0
    assert not prepare_folder(folder)


def test_a_folder_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner could put a socket of his own there; root's folder is as good as ours."""
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    monkeypatch.setattr(unixsocket, "ROOT", os.getuid() + 2)
    with pytest.raises(PermissionError, match=f"its folder belongs to {user_name(os.getuid())}"):
        prepare_folder(tmp_path)


def test_a_socket_is_given_by_name_or_number(tmp_path: Path) -> None:
    """To whom it is already, which needs no root."""
    path = tmp_path / "s"
    path.touch()
    group = grp.getgrgid(os.getgid()).gr_name
    give(path, str(os.getuid()), group)
    give(path, None, None)
    found = path.stat()
    assert (found.st_uid, found.st_gid) == (os.getuid(), os.getgid())


@pytest.mark.parametrize(
    ("owner", "group", "message"),
    [("no-such-user", None, "no user no-such-user"), (None, "no-such-group", "no group")],
)
def test_whom_there_is_not_is_named(
    tmp_path: Path, owner: str | None, group: str | None, message: str
) -> None:
    """Nothing is given to anybody then."""
    with pytest.raises(OSError, match=message):
        give(tmp_path, owner, group)


def test_a_user_without_a_name_has_a_number() -> None:
    """A container's user often is in no list."""
    assert user_name(4_000_000_000) == "user 4000000000"


def test_nobody_connects_before_it_listens(tmp_path: Path) -> None:
    """A socket that is bound waits for the start."""
    with (
        bind_unix(tmp_path / "s", 0o600),
        socket.socket(socket.AF_UNIX) as client,
        pytest.raises(ConnectionRefusedError),
    ):
        client.connect(str(tmp_path / "s"))
