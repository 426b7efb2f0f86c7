import os
import socket
from pathlib import Path

import pytest

from webfail2ban.sensor.sockets import Inheritance, KeptSockets, SocketName

NAME = SocketName("syslog", "udp")
OTHER = SocketName("other", "udp")


def unix(path: Path, kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_UNIX, kind) as sock:
        sock.bind(str(path))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        return sock.detach()


def is_open(file: int) -> bool:
    try:
        os.fstat(file)
    except OSError:
        return False
    return True


def test_what_is_kept_is_given_to_each_sensor() -> None:
    """With its note, until it is dropped."""
    kept = KeptSockets()
    file = socket.socket().detach()
    kept.keep(NAME, file, {"dropped": 3})
    assert list(kept) == [(NAME, file, {"dropped": 3})]
    kept.drop(NAME)
    assert not len(kept)
    assert not is_open(file)
    kept.drop(NAME)


def test_the_last_of_a_name_is_kept() -> None:
    """The one before it is closed."""
    kept = KeptSockets()
    first, second = socket.socket().detach(), socket.socket().detach()
    kept.keep(NAME, first, None)
    kept.keep(NAME, second, None)
    assert not is_open(first)
    assert [item.file for item in kept] == [second]
    kept.close()


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_unix_sockets_path_goes_with_it(tmp_path: Path, kind: int) -> None:
    """Nobody can send there any more; while it is only kept again, the path stays."""
    path = tmp_path / "log"
    kept = KeptSockets()
    file = unix(path, kind)
    kept.keep(NAME, file, None)
    kept.keep(NAME, os.dup(file), "noted")
    assert path.is_socket()
    kept.close()
    assert not path.exists()


def test_a_connections_path_is_its_listeners(tmp_path: Path) -> None:
    """Closing what was accepted takes nothing away."""
    path = tmp_path / "log"
    with socket.socket(fileno=unix(path, socket.SOCK_STREAM)) as listener:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            accepted, _ = listener.accept()
        kept = KeptSockets()
        kept.keep(NAME, accepted.detach(), None)
        kept.close()
        assert path.is_socket()


def test_a_plugin_inherits_its_own() -> None:
    """By the name that it gave; each once."""
    inheritance = Inheritance()
    ours, theirs = socket.socket().detach(), socket.socket().detach()
    inheritance.add(NAME, ours, 7)
    inheritance.add(OTHER, theirs, None)
    assert inheritance.notes("syslog") == {"udp": 7}
    sock = inheritance.take("syslog", "udp")
    assert sock is not None
    assert sock.fileno() == ours
    assert inheritance.take("syslog", "udp") is None
    assert inheritance.notes("syslog") == {}
    sock.close()
    assert inheritance.refuse() == (OTHER,)
    assert not is_open(theirs)
