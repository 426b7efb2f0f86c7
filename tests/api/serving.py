"""The API's server beside the test: in a thread with a hub of its own, so that tests may block."""

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import gevent
from gevent.event import Event

from tests.api.panels import make_engine, make_panel
from tests.waiting import PATIENCE
from webfail2ban.api.access import Guard, read_token
from webfail2ban.api.application import make_application
from webfail2ban.api.server import ApiServer
from webfail2ban.config import ApiSettings
from webfail2ban.testing import Clock

LOOPBACK = "127.0.0.1"


class ApiServing:
    """A server with an engine behind it, while the context lasts.

    Args:
        settings: The section ``api``; where it names no socket there is none.
        before: Is called with the server in its thread, before it listens.
    """

    def __init__(self, before: Callable[[ApiServer], object] = id, **settings: Any) -> None:
        self.settings = ApiSettings.model_validate({"socket": "none", **settings})
        self._before = before
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._started.result(PATIENCE)
        except BaseException:
            self._thread.join(PATIENCE)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.run_callback_threadsafe(self._ended.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    @property
    def port(self) -> int:
        return int(self.server.addresses[-1].rpartition(":")[2])

    def connect(self) -> socket.socket:
        """Connect to the unix socket if there is one, else over TCP."""
        if self.settings.socket is None:
            return socket.create_connection((LOOPBACK, self.port), timeout=PATIENCE)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE)
        sock.connect(str(self.settings.socket))
        return sock

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        """Ask once; return the status, what the JSON says, and the headers."""
        connection = http.client.HTTPConnection("localhost")
        with self.connect() as connection.sock:
            data = None if body is None else json.dumps(body)
            kind = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, path, data, {**kind, **headers})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None, response.headers

    def send(self, data: bytes) -> bytes:
        """Send bytes as they are, and return all that comes until the server closes."""
        with self.connect() as sock:
            sock.sendall(data)
            return receive_all(sock)

    def _run(self) -> None:
        hub = gevent.get_hub()
        self._loop, self._ended = hub.loop, Event()
        engine = make_engine(Clock())
        try:
            guard = Guard(read_token(self.settings))
            application = make_application(make_panel(engine), guard)
            self.server = ApiServer(self.settings, application)
            self._before(self.server)
            self.server.start()
        except BaseException as error:  # noqa: BLE001 - the test sees it
            self._started.set_exception(error)
        else:
            self._started.set_result(None)
            while not self._ended.wait(1.0):  # the timer keeps the hub waiting
                pass
            self.server.stop(0.0)
        engine.stop()
        hub.destroy()


def receive_all(sock: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):  # it closed while something waited for it
        while data := sock.recv(65536):
            received += data
    return received


def socket_in(directory: Path) -> str:
    """Return where a test's unix socket may be."""
    return str(directory / "run" / "api.sock")
