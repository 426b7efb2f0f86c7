"""A web service that does what a test wants, and plugins that tell it, all in one hub."""

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import gevent
import gevent.ssl
import pytest
import trustme
from gevent.pool import Group
from gevent.server import StreamServer

from tests.waiting import wait_until
from webfail2ban import Ban
from webfail2ban.testing import NOON, Clock, FakeEngine
from webfail2ban_webhook import Webhook, WebhooksSettings

LOOPBACK = "127.0.0.1"

#: Enough for tests that don't want to wait between two attempts.
QUICK = {"retry_pause": "1ms", "retry_longest": "2ms", "rate": 1000}

#: What a service does with a connection once it has read the request.
Behaviour = Callable[[Any], object]

wait = partial(wait_until, pause=gevent.sleep)


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived.

    Attributes:
        line: Method, target and version.
        headers: By their names in small letters.
        body: What the JSON says.
    """

    line: str
    headers: dict[str, str]
    body: Any


def answer(status: int, headers: str = "", body: bytes = b"") -> Behaviour:
    """Answer with a status."""
    head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return lambda sock: sock.sendall(head.encode() + body)


def hang(_sock: object) -> None:
    """Say nothing for longer than any test lasts."""
    gevent.sleep(3600)


def close(sock: Any) -> None:
    """End the connection without a word."""
    sock.shutdown(socket.SHUT_RDWR)


def say(data: bytes) -> Behaviour:
    """Send bytes and end the connection."""

    def behave(sock: Any) -> None:
        sock.sendall(data)
        close(sock)

    return behave


def begin(head: bytes) -> Behaviour:
    """Send the beginning of an answer, and nothing more for longer than any test lasts."""

    def behave(sock: Any) -> None:
        sock.sendall(head)
        hang(sock)

    return behave


def never_end(head: bytes, part: bytes) -> Behaviour:
    """Send a part again and again."""

    def behave(sock: Any) -> None:
        sock.sendall(head)
        while True:
            sock.sendall(part)
            gevent.sleep(0)

    return behave


class Receiver:
    """A web service on loopback.

    Attributes:
        requests: What arrived.
        connections: How many there were.
        behaviours: What it does with the next requests; then it does as `usually`.
        usually: As said.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.behaviours: list[Behaviour] = []
        self.usually: Behaviour = answer(204)
        self._context = context
        self._scheme = "http" if context is None else "https"
        self._server = StreamServer((LOOPBACK, 0), self._serve)
        self._server.start()

    def url(self, host: str = LOOPBACK) -> str:
        return f"{self._scheme}://{host}:{self._server.server_port}/hook/key-of-the-url"

    @property
    def bodies(self) -> list[Any]:
        return [request.body for request in self.requests]

    def stop(self) -> None:
        self._server.stop(timeout=0)

    def _serve(self, sock: Any, _address: object) -> None:
        self.connections += 1
        try:
            if self._context is not None:
                # In two steps, or nobody could close the socket of a handshake that fails.
                sock = self._context.wrap_socket(
                    sock, server_side=True, do_handshake_on_connect=False
                )
                sock.do_handshake()
            with sock.makefile("rb") as stream:
                while (request := read_request(stream)) is not None:
                    self.requests.append(request)
                    (self.behaviours.pop(0) if self.behaviours else self.usually)(sock)
        except (OSError, UnicodeDecodeError):
            pass  # the client has gone, or it speaks TLS to one that doesn't
        finally:
            sock.close()


def read_request(stream: Any) -> Request | None:
    """Read a request; None at the end."""
    line = stream.readline().decode().strip()
    if not line:
        return None
    headers = {}
    while field := stream.readline().decode().strip():
        name, _, value = field.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers["content-length"]))
    return Request(line, headers, json.loads(body))


class RunningEngine(FakeEngine):
    """Runs what a plugin spawns."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.greenlets = Group()

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        self.greenlets.spawn(function, *args)


class Notice:
    """A webhook that is being told, until it is stopped.

    Attributes:
        plugin: The plugin.
        engine: Runs it.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Any,
        before: "Notice | None" = None,
        restarted: "Notice | None" = None,
    ) -> None:
        self.stopped = False
        self.plugin = Webhook()
        self.engine = RunningEngine(clock)
        if restarted is not None:
            self.engine.store = restarted.engine.store
        self.plugin.configure(WebhooksSettings.model_validate(settings))
        if before is not None:
            self.plugin.take_over(before.plugin)
        self.plugin.start_engine(self.engine)

    def stop(self) -> None:
        """Stop as the engine does: greenlets first."""
        self.stopped = True
        self.engine.greenlets.kill()
        self.plugin.stop_engine()

    def end(self) -> None:
        """End without a farewell, unless it was stopped."""
        self.engine.greenlets.kill()
        if not self.stopped:
            for channel in self.plugin._channels.values():
                channel.close()

    @property
    def problems(self) -> list[str]:
        return list(self.plugin.status().problems)

    def count(self, name: str) -> float:
        """Return a metric of the only webhook."""
        metrics = {metric.name: metric for metric in self.plugin.status().metrics}
        ((_, value),) = metrics[f"webhook_{name}"].samples
        return value


@pytest.fixture
def make_notice(clock: Clock) -> Iterator[Callable[..., Notice]]:
    """Start a webhook called ``soc``, quick unless said otherwise; all are ended."""
    made: list[Notice] = []

    def make(
        url: str,
        *,
        before: Notice | None = None,
        restarted: Notice | None = None,
        **settings: object,
    ) -> Notice:
        notice = Notice(clock, {"soc": {"url": url, **QUICK, **settings}}, before, restarted)
        made.append(notice)
        return notice

    yield make
    for notice in made:
        notice.end()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web service without TLS."""
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def ca() -> trustme.CA:
    """An authority that only tests know."""
    return trustme.CA()


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> Path:
    """Its certificate."""
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def secure(ca: trustme.CA) -> Iterator[Receiver]:
    """A web service with TLS, called localhost."""
    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    receiver = Receiver(context)
    yield receiver
    receiver.stop()


def make_ban(number: int = 1, jail: str = "dovecot", reason: str = "5 failures") -> Ban:
    network = IPv4Network(f"192.0.2.{number}")
    return Ban(network, jail, NOON, NOON + 600, reason, lines=("line one", "line two"))
