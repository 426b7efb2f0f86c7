"""Sockets that outlive the sensor: the engine keeps them, and gives them to the next one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gevent import socket

from webfail2ban import Sensor

#: Begins the names of open connections; listening sockets are called by protocol and address.
CONNECTION = "connection "


class Listener:
    """A socket that receives, from the sensor before this one if it had the same.

    Args:
        sensor: Keeps it.
        name: Protocol and address, as they are configured.
        open_new: Opens it where there is none yet.

    Attributes:
        sock: The socket.
        note: What the last receiver noted; None if there is nothing.
    """

    def __init__(self, sensor: Sensor, name: str, open_new: Callable[[], socket.socket]) -> None:
        self._sensor = sensor
        self._name = name
        self.note: Any = sensor.kept_sockets().get(name)
        kept = sensor.kept_socket(name)
        self.sock = open_new() if kept is None else kept
        if kept is None:
            sensor.keep_socket(name, self.sock)

    def write_note(self, note: int) -> None:
        """Note something for the next receiver."""
        self._sensor.keep_socket(self._name, self.sock, note)


def leave_connection(sensor: Sensor, connection: socket.socket, note: dict[str, Any]) -> None:
    """Leave an open connection to the next sensor."""
    sensor.keep_socket(f"{CONNECTION}{connection.fileno()}", connection, note)


def take_connections(sensor: Sensor) -> Iterator[tuple[socket.socket, Any]]:
    """Take the connections that the last sensor left open, each with its note."""
    left = {
        name: note for name, note in sensor.kept_sockets().items() if name.startswith(CONNECTION)
    }
    for name, note in left.items():
        connection = sensor.kept_socket(name)
        if connection is not None:
            yield connection, note
    # What is read from now on isn't in the notes. If this start fails, nothing has been read yet.
    sensor.spawn(_release, sensor, tuple(left))


def _release(sensor: Sensor, names: Sequence[str]) -> None:
    for name in names:
        sensor.keep_socket(name, None)
