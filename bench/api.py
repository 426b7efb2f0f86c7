"""How many bans a second the HTTP API takes, and what verdicts cost meanwhile.

    python -m bench.api [--seconds 5] [--json]

webfail2ban runs with its store and a unix socket; one client that keeps its connection makes bans,
one a request, a thousand a request, and by an import, while the load generator asks for verdicts.
"""

import argparse
import http.client
import json
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from bench.generator import Load, build
from bench.processes import describe_machine
from bench.servers import ROOT, Server, free_port, module, running, use_two_cores

#: Where the bans begin; no client of the load is among them.
FIRST = 10 << 24

BATCH = 1000
IMPORTED = 10_000

#: A client that asks for verdicts all the while.
VERDICTS = Load(outstanding=1, connections=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One way to make bans.

    Attributes:
        way: Which.
        bans: Made in a second.
        p50: Of the verdicts meanwhile, in microseconds, as the others.
        p99: As above.
        p999: As above.
        faults: Wrong and missing verdicts.
    """

    way: str
    bans: float
    p50: float
    p99: float
    p999: float
    faults: int


class Operator:
    """A client of the API that makes bans of ever new addresses.

    Args:
        path: The unix socket.
    """

    def __init__(self, path: Path) -> None:
        self._connection = http.client.HTTPConnection("localhost")
        self._connection.sock = socket.socket(socket.AF_UNIX)
        self._connection.sock.connect(str(path))
        self._numbers = count(FIRST)

    def rest(self) -> int:
        """Make no bans."""
        time.sleep(0.1)
        return 0

    def ban_one(self) -> int:
        """Make one ban."""
        return self._ban(1)

    def ban_many(self) -> int:
        """Make as many bans as one request takes."""
        return self._ban(BATCH)

    def bring(self) -> int:
        """Import a plain list."""
        text = "".join(f"{address}\n" for address in self._addresses(IMPORTED))
        self._post("/v1/bans/import?format=plain&duration=1h", text, "text/plain")
        return IMPORTED

    def _ban(self, number: int) -> int:
        bans = [{"network": address, "duration": 3600} for address in self._addresses(number)]
        self._post("/v1/bans", json.dumps({"bans": bans}), "application/json")
        return number

    def _addresses(self, number: int) -> Iterator[str]:
        for _ in range(number):
            yield ".".join(map(str, next(self._numbers).to_bytes(4, "big")))

    def _post(self, path: str, body: str, kind: str) -> None:
        self._connection.request("POST", path, body, {"Content-Type": kind})
        response = self._connection.getresponse()
        said = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(f"{path}: {response.status} {said[:200]!r}")


def main() -> int:
    """Measure and print; returns the exit status."""
    parser = argparse.ArgumentParser(description="Bans a second through the API.")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    options = parser.parse_args()
    use_two_cores()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        rows = measure(Path(directory), options.seconds)
    if options.json:
        print(json.dumps({"machine": describe_machine(), "rows": [asdict(row) for row in rows]}))
    else:
        print(describe_machine())
        for row in rows:
            print(
                f"{row.way:18} {row.bans:9,.0f} bans/s   verdicts p50 {row.p50:,.0f} µs, "
                f"p99 {row.p99:,.0f} µs, p99.9 {row.p999:,.0f} µs, {row.faults} faults"
            )
    return int(any(row.faults for row in rows))


def measure(directory: Path, seconds: float) -> list[Row]:
    """Run webfail2ban and try each way."""
    address, path = f"127.0.0.1:{free_port()}", directory / "api.sock"
    clients = directory / "clients"
    clients.write_text("".join(f"192.0.2.{number} 0\n" for number in range(1, 255)), "utf-8")
    document = {
        "plugins": ["whitelist", "jails"],
        "spoa": {"address": "127.0.0.1", "port": int(address.rpartition(":")[2])},
        "api": {"socket": str(path)},
        "store": {"path": str(directory / "store.sqlite3")},
    }
    config = directory / "config.yaml"
    config.write_text(json.dumps(document), "utf-8")  # JSON is YAML
    command = module("webfail2ban", "run", "--config", config)
    with running(command, address, clients, directory / "log") as server:
        operator = Operator(path)
        ways: dict[str, Callable[[], int]] = {
            "nothing": operator.rest,
            "one a request": operator.ban_one,
            "1,000 a request": operator.ban_many,
            "import": operator.bring,
        }
        return [_try(server, way, act, seconds) for way, act in ways.items()]


def _try(server: Server, way: str, act: Callable[[], int], seconds: float) -> Row:
    """Make bans one way while verdicts are asked for."""
    tools = build(ROOT / ".cache" / "bench")
    stop, made, began = threading.Event(), [0], time.monotonic()

    def work() -> None:
        while not stop.is_set():
            made[0] += act()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        load = Load(VERDICTS.outstanding, VERDICTS.connections, seconds, urgent=True)
        found = tools.measure(server.process.pid, server.address, server.clients, load)
    finally:
        stop.set()
        worker.join()
    rate = made[0] / (time.monotonic() - began)
    return Row(way, rate, found.p50, found.p99, found.p999, found.faults)


if __name__ == "__main__":
    raise SystemExit(main())
