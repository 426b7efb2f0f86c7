"""Opening sockets, and saying why it didn't work."""

import errno
import os
import socket
import stat
from pathlib import Path

import pytest

from webfail2ban_syslog.listeners import ListenError, _explained, open_tcp, open_udp, open_unix
from webfail2ban_syslog.settings import Endpoint, parse_endpoint

FREE = parse_endpoint("127.0.0.1:0")


def test_port_that_is_taken_is_told() -> None:
    """The sentence names protocol, address and reason."""
    with open_udp(FREE) as first:
        taken = Endpoint(FREE.address, first.getsockname()[1])
        with pytest.raises(ListenError) as caught:
            open_udp(taken)
    assert str(caught.value) == (
        f"can't receive syslog on udp {taken}: another program has it already"
    )


def test_tcp_port_that_is_taken_is_told() -> None:
    """Over TCP too."""
    with open_tcp(FREE) as first:
        taken = Endpoint(FREE.address, first.getsockname()[1])
        with pytest.raises(ListenError, match=f"tcp {taken}: another program has it already"):
            open_tcp(taken)


def test_foreign_address_is_told() -> None:
    """An address of another host can't be listened on."""
    with pytest.raises(ListenError, match=r"udp 192\.0\.2\.1:0: this host has no such address"):
        open_udp(parse_endpoint("192.0.2.1:0"))


def test_denied_port_is_told() -> None:
    """The sentence says what would help."""
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    with (
        pytest.raises(ListenError, match=r"udp 127.0.0.1:514: .*CAP_NET_BIND_SERVICE is enough"),
        _explained("udp 127.0.0.1:514"),
    ):
        raise denied


def test_buffer_is_larger_than_the_systems_own() -> None:
    """The kernel keeps a burst while lines are searched."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain, open_udp(FREE) as ours:
        usual = plain.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) > usual


def test_unix_socket_may_be_written_by_all(tmp_path: Path) -> None:
    """As /dev/log may; its directory decides who reaches it."""
    with open_unix(tmp_path / "log"):
        assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o666


def test_dead_unix_socket_is_replaced(tmp_path: Path) -> None:
    """A sensor that was killed leaves its socket behind."""
    open_unix(tmp_path / "log").close()
    with open_unix(tmp_path / "log") as listener:
        assert listener.getsockname() == str(tmp_path / "log")


def test_unix_socket_in_use_is_left_alone(tmp_path: Path) -> None:
    """Somebody else reads it."""
    path = tmp_path / "log"
    with open_unix(path), pytest.raises(ListenError, match=f"unix {path}: another program has it"):
        open_unix(path)


def test_file_is_left_alone(tmp_path: Path) -> None:
    """What is no socket is never removed."""
    path = tmp_path / "log"
    path.write_text("precious")
    with pytest.raises(ListenError, match=f"unix {path}: there is something else of that name"):
        open_unix(path)
    assert path.read_text() == "precious"
