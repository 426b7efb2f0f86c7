"""What a list of a million addresses costs: loading it, keeping it, looking addresses up in it.

    python -m bench.feeds [--entries 1000000] [--seconds 10] [--ipv6] [--json]

webfail2ban gets the list from a web server on loopback, again and again, while the load generator
asks for verdicts, none of them remembered, so that each is looked up. README.md tells more.
"""

import argparse
import http.client
import json
import random
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

from bench.generator import Load, Measurement, build
from bench.processes import children, describe_machine, resident_megabytes
from bench.servers import ROOT, Server, free_port, module, running, use_two_cores
from webfail2ban_blocklist.listfile import read_list

#: Asks for verdicts all the while: one at a time, as a small site does.
VERDICTS = Load(outstanding=1, connections=1)

#: The first and last numbers of addresses that no list refuses: 11.0.0.0 to 99.255.255.255, and
#: some in 2600::/12.
IPV4 = (11 << 24, 100 << 24)
IPV6 = (0x2600 << 112, 0x2610 << 112)

#: Look-ups that are timed, three quarters of them of addresses that aren't on the list.
LOOKUPS = 400_000


@dataclass(slots=True)
class Figures:
    """What was measured. Latencies are microseconds, memory is megabytes.

    Attributes:
        load_seconds: From the order to refresh up to the moment when the list was in force, while
            nobody asks for verdicts.
        loading_seconds: The same while they are asked for, as fast as they are answered.
        loads: How often it was loaded meanwhile.
        memory: What the engine takes beyond what it took with a list of one.
        reader_memory: The most that the process took that reads it.
        lookups: Look-ups a second, in one core.
        rest: The verdicts' p50, p99 and p99.9 while nothing is loaded.
        loading: The same while lists are loaded.
        faults: Wrong and missing verdicts.
    """

    load_seconds: float
    loading_seconds: float
    loads: int
    memory: float
    reader_memory: float
    lookups: float
    rest: tuple[float, float, float]
    loading: tuple[float, float, float]
    faults: int


class ListServer(ThreadingHTTPServer):
    """Serves one list; it can be exchanged."""

    body = b"8.8.8.8\n"
    daemon_threads = True


class Handler(BaseHTTPRequestHandler):
    """Gives the list to whoever asks."""

    server: ListServer

    def do_GET(self) -> None:
        """Give it."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


class Operator:
    """Asks the engine over its unix socket.

    Args:
        path: The socket.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def feed(self) -> dict[str, Any]:
        """Return how the list is doing."""
        plugins = self._ask("GET", "/v1/plugins", None)["plugins"]
        (feed,) = plugins[0]["details"]["feeds"]
        return dict(feed)

    def load(self) -> float:
        """Have the list loaded; return the seconds until it is in force."""
        before, began = self.feed()["refreshes"], time.monotonic()
        self._ask("POST", "/v1/plugins/blocklist/actions/refresh", {"arguments": {"feed": "big"}})
        while (feed := self.feed())["refreshes"] == before:
            if feed["failures"]:
                raise RuntimeError(feed["trouble"])
            time.sleep(0.05)
        return time.monotonic() - began

    def _ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        with connection.sock:
            connection.sock.connect(str(self._path))
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            return dict(json.loads(connection.getresponse().read()))


def main() -> int:
    """Measure and print; returns the exit status."""
    parser = argparse.ArgumentParser(description="What a long list costs.")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--ipv6", action="store_true", help="a list of IPv6 addresses")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    options = parser.parse_args()
    use_two_cores()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        figures = measure(Path(directory), options.entries, options.seconds, ipv6=options.ipv6)
    if options.json:
        print(json.dumps({"machine": describe_machine(), **asdict(figures)}))
        return int(bool(figures.faults))
    print(describe_machine())
    print(f"loaded in       {figures.load_seconds:8.1f} s")
    print(f"                {figures.loading_seconds:8.1f} s while verdicts are asked for")
    print(f"memory          {figures.memory:8.0f} MB in the engine")
    print(
        f"                {figures.reader_memory:8.0f} MB in the process that reads it, meanwhile"
    )
    print(f"look-ups        {figures.lookups:8,.0f} a second")
    for name, (p50, p99, p999) in (("at rest", figures.rest), ("loading", figures.loading)):
        print(f"verdicts {name} p50 {p50:,.0f} µs, p99 {p99:,.0f} µs, p99.9 {p999:,.0f} µs")
    print(f"{figures.loads} loads, {figures.faults} faults")
    return int(bool(figures.faults))


def measure(directory: Path, entries: int, seconds: float, *, ipv6: bool) -> Figures:
    """Run webfail2ban and have it load the list."""
    address = f"127.0.0.1:{free_port()}"
    clients = directory / "clients"
    clients.write_text("".join(f"192.0.2.{number} 0\n" for number in range(1, 255)), "utf-8")
    with serving() as web:
        config = directory / "config.yaml"
        config.write_text(json.dumps(configure(directory, address, web.server_port)), "utf-8")
        command = module("webfail2ban", "run", "--config", config)
        with running(command, address, clients, directory / "log") as server:
            operator = Operator(directory / "api.sock")
            while not operator.feed()["entries"]:
                time.sleep(0.05)
            web.body = make_list(entries, ipv6=ipv6)
            return _measure(server, operator, directory / "lists" / "big.list", seconds)


def _measure(server: Server, operator: Operator, kept: Path, seconds: float) -> Figures:
    tools = build(ROOT / ".cache" / "bench")
    load = Load(VERDICTS.outstanding, VERDICTS.connections, seconds, urgent=True)
    pid = server.process.pid
    before = resident_megabytes(pid)
    rest = tools.measure(pid, server.address, server.clients, load)
    alone = operator.load()
    stop, took, peaks = threading.Event(), [], [0.0]

    def refresh() -> None:
        while not stop.is_set():
            took.append(operator.load())

    def watch() -> None:
        while not stop.wait(0.02):
            peaks.append(_largest(children(pid)))

    workers = [threading.Thread(target=work) for work in (refresh, watch)]
    for worker in workers:
        worker.start()
    try:
        loading = tools.measure(pid, server.address, server.clients, load)
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    return Figures(
        load_seconds=alone,
        loading_seconds=sorted(took)[len(took) // 2],
        loads=len(took),
        memory=resident_megabytes(pid) - before,
        reader_memory=max(peaks),
        lookups=count_lookups(kept),
        rest=_latencies(rest),
        loading=_latencies(loading),
        faults=rest.faults + loading.faults,
    )


def count_lookups(kept: Path) -> float:
    """Return how many look-ups a second there are in a list that was kept."""
    _, table = read_list(kept, lambda: None)
    choose = random.Random(1).randrange  # noqa: S311 - no secrets
    on_it: list[IPv4Address | IPv6Address] = []
    on_it += [IPv4Address(number) for number in table.v4_first[: LOOKUPS // 4]]
    on_it += [
        IPv6Address((net << 64) + low)
        for net, low in zip(table.narrow_net, table.narrow_first[: LOOKUPS // 4], strict=False)
    ]
    bounds, kind = (IPV4, IPv4Address) if table.v4_first else (IPV6, IPv6Address)
    asked = [*on_it, *(kind(choose(*bounds)) for _ in range(LOOKUPS - len(on_it)))]
    random.Random(2).shuffle(asked)  # noqa: S311 - no secrets
    began = time.process_time()
    found = sum(address in table for address in asked)
    took = time.process_time() - began
    assert found >= len(on_it)
    return len(asked) / took


def make_list(entries: int, *, ipv6: bool) -> bytes:
    """Return a list of distinct addresses in no order."""
    bounds, kind = (IPV6, IPv6Address) if ipv6 else (IPV4, IPv4Address)
    choose = random.Random(7).randrange  # noqa: S311 - no secrets
    numbers = {choose(*bounds) for _ in range(entries)}
    return "".join(f"{kind(number)}\n" for number in numbers).encode()


def configure(directory: Path, address: str, port: int) -> dict[str, Any]:
    """Return a configuration with a list that may grow as it likes."""
    feed = {"url": f"http://127.0.0.1:{port}/list", "hold": False, "refresh": "1d"}
    return {
        "plugins": ["blocklist"],
        "spoa": {"address": "127.0.0.1", "port": int(address.rpartition(":")[2])},
        "verdict": {"remember": 0},
        "api": {"socket": str(directory / "api.sock")},
        "store": {"enabled": False},
        "blocklist": {"directory": str(directory / "lists"), "feeds": {"big": feed}},
    }


@contextmanager
def serving() -> Iterator[ListServer]:
    """Run the web server."""
    with ListServer(("127.0.0.1", 0), Handler) as server:
        worker = threading.Thread(target=server.serve_forever)
        worker.start()
        try:
            yield server
        finally:
            server.shutdown()
            worker.join()


def _largest(pids: list[int]) -> float:
    """Return the memory of the largest process that reads a list: the last to be started."""
    try:
        return resident_megabytes(max(pids, default=0)) if len(pids) > 1 else 0.0
    except OSError:
        return 0.0  # it has just ended


def _latencies(found: Measurement) -> tuple[float, float, float]:
    return found.p50, found.p99, found.p999


if __name__ == "__main__":
    raise SystemExit(main())
