"""webfail2ban itself: its configuration, the lines that ban, and the bans that come and go."""

import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.clients import Clients, write
from bench.generator import Tools
from bench.servers import Place, Server, free_port, module, running

#: How long a ban lasts that comes and goes; each of its addresses is banned again after 4 s or
#: later, so that every line of `changing_bans` makes one ban and, two seconds later, ends it.
_BRIEF = 2

_PATIENCE = 60.0  # seconds until bans must have arrived

# Sent every 10 ms rather than all at once each second: a log is no burst.
_TICK = 0.01


class Engine:
    """webfail2ban, which runs with all plugins and bans a tenth of the clients.

    Args:
        server: The running program.
        tools: The load generator, which is also asked whether a ban has arrived.
        clients: Who asks.
        syslog: The UDP port that takes lines.
        directory: For files of clients.
    """

    def __init__(
        self, server: Server, tools: Tools, clients: Clients, syslog: int, directory: Path
    ) -> None:
        self.server = server
        self._tools = tools
        self._clients = clients
        self._directory = directory
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", syslog))

    def ban_clients(self) -> None:
        """Have the clients banned that are to stay so, and wait until every verdict says it.

        Raises:
            RuntimeError: they aren't within a minute.
        """
        deadline = time.monotonic() + _PATIENCE
        while self._tools.count_faults(self.server.address, self.server.clients):
            if time.monotonic() > deadline:
                raise RuntimeError("webfail2ban has not banned the clients within a minute")
            for number, address in enumerate(self._clients.banned):
                self._socket.send(_lasting_line(address))
                if number % 100 == 99:
                    time.sleep(_TICK)  # UDP has no flow control
            time.sleep(0.5)

    @contextmanager
    def changing_bans(self, rate: int) -> Iterator[None]:
        """While the context lasts, ban `rate` addresses a second, each for two seconds.

        Half of them are clients of the load. At the end it is checked that all bans of the last
        second arrived and, when their time is over, that they ended: otherwise nothing was
        measured.

        Raises:
            RuntimeError: bans did not arrive or did not end.
        """
        stop = threading.Event()
        recent: deque[str] = deque(maxlen=rate)
        sender = threading.Thread(target=self._send, args=(rate, stop, recent))
        sender.start()
        try:
            yield
        finally:
            stop.set()
            sender.join()
        time.sleep(0.2)
        self._check("1", recent, "bans did not arrive")
        time.sleep(_BRIEF + 0.5)
        self._check("0", recent, "bans did not end")

    def _send(self, rate: int, stop: threading.Event, recent: deque[str]) -> None:
        began, sent = time.monotonic(), 0
        addresses = self._clients.change()
        while not stop.wait(_TICK):
            while sent < (time.monotonic() - began) * rate:
                address = next(addresses)
                self._socket.send(_brief_line(address))
                recent.append(address)
                sent += 1

    def _check(self, expected: str, addresses: Iterable[str], problem: str) -> None:
        path = write(self._directory / "recent", [(address, expected) for address in addresses])
        faults = self._tools.count_faults(self.server.address, path)
        if faults:
            raise RuntimeError(f"{problem}: {faults} verdicts were wrong")


@contextmanager
def running_engine(
    place: Place, tools: Tools, clients: Clients, expectations: Path
) -> Iterator[Engine]:
    """Run webfail2ban while the context lasts; no client is banned yet."""
    address, syslog = place.address("webfail2ban"), free_port(socket.SOCK_DGRAM)
    config = place.directory / "config.yaml"
    config.write_text(_configuration(address, syslog, place.directory), "utf-8")
    command = module("webfail2ban", "run", "--config", config)
    with running(command, address, expectations, place.log("webfail2ban")) as server:
        yield Engine(server, tools, clients, syslog, place.directory)


def _lasting_line(address: str) -> bytes:
    return _syslog(f"dovecot: auth failed, method=PLAIN, rip={address}")


def _brief_line(address: str) -> bytes:
    return _syslog(f"webmail: login failed from {address}")


def _syslog(text: str) -> bytes:
    """Write a line as syslog daemons send it (RFC 3164, 4.1)."""
    return f"<134>{time.strftime('%b %e %H:%M:%S')} hostname {text}".encode("ascii")


def _configuration(address: str, syslog: int, directory: Path) -> str:
    """Return the YAML of an engine with every plugin that a small site would load."""
    host, _, port = address.rpartition(":")
    spoa = f"address: {address}" if "/" in address else f"address: {host}\n  port: {port}"
    log = directory / "mail.log"
    log.touch()
    return f"""\
plugins: [whitelist, jails, syslog, tail]
log:
  level: warning
spoa:
  {spoa}
store:
  path: {directory}/store.sqlite3
api:
  socket: none
whitelist:
  networks: [192.0.2.0/24, 2001:db8::/32]
syslog:
  address: 127.0.0.1:{syslog}
tail:
  files: [{log}]
jails:
  lasting:
    failregex: ['^\\S+ dovecot: auth failed, method=\\S+, rip=<HOST>$']
    maxretry: 1
    bantime: 1d
  brief:
    failregex: ['^\\S+ webmail: login failed from <HOST>$']
    maxretry: 1
    bantime: {_BRIEF}s
"""
