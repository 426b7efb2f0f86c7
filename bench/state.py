"""What it costs to keep the state: the start, the memory, and verdicts while bans come and go.

    python -m bench.state [--bans 1000000] [--rate 20000] [--seconds 10] [--json]

README.md tells how to read it. The exit status is 1 if a verdict was wrong or missing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from math import inf
from pathlib import Path

from bench.generator import Load, Measurement, Tools, build
from bench.messages import write_messages
from bench.processes import describe_machine, resident_megabytes
from bench.servers import ROOT, free_port, module, use_two_cores
from webfail2ban.model import Ban
from webfail2ban.store import Changes, SqliteStore, ban_key
from webfail2ban.testing import SpopClient

#: Where the bans in the store begin; no client of the load is among them.
FIRST = IPv4Address("10.0.0.0")

#: Bans written at once.
GROUP = 10_000

_PATIENCE = 120.0

#: No more bans a second than these can be made, whatever is wanted.
_MOST = 40_000

#: Seconds that a flood lasts before and after the measurement.
_AROUND = 8.0


@dataclass
class Site:
    """A directory with a configuration and a store."""

    directory: Path
    port: int = field(default_factory=free_port)

    @property
    def clients(self) -> Path:
        """The clients of the load, none of them banned."""
        path = self.directory / "clients"
        path.write_text("".join(f"192.0.2.{number} 0\n" for number in range(1, 255)), "utf-8")
        return path

    @property
    def messages(self) -> Path:
        """What a sensor would have found."""
        return self.directory / "messages"

    def configure(self) -> Path:
        """Write a configuration."""
        document = {
            "plugins": ["whitelist", "jails"],
            "log": {"level": "info"},
            "spoa": {"address": "127.0.0.1", "port": self.port},
            "api": {"socket": "none"},
            "store": {"path": str(self.directory / "store.sqlite3")},
            "jails": {"flood": {"failregex": ["^x <HOST>$"], "maxretry": 1, "bantime": "1h"}},
        }
        path = self.directory / "config.yaml"
        path.write_text(json.dumps(document), "utf-8")  # JSON is YAML
        return path

    def fill(self, bans: int, until: Callable[[int], float]) -> float:
        """Put bans into the store; return the seconds that took."""
        store = SqliteStore(self.directory / "store.sqlite3")
        store.open()
        began = time.monotonic()
        for start in range(0, bans, GROUP):
            changes = Changes()
            for number in range(start, min(start + GROUP, bans)):
                network = IPv4Network(int(FIRST) + number)
                reason = f"{number % 7 + 3} failures in {number % 9 + 1}m"
                line = (f"dovecot: auth failed, rip={network.network_address}",)
                ban = Ban(network, "flood", time.time(), until(number), reason, 0, line)
                changes.add_ban(ban_key(network, "flood"), ban)
            store.save(changes)
        seconds = time.monotonic() - began
        store.close()
        return seconds

    @contextmanager
    def running(self, rate: float = 0.0) -> Iterator[subprocess.Popen[bytes]]:
        """Run it while the context lasts."""
        command = module(
            "bench.flood", self.configure(), str(rate), self.messages, self.directory / "counts"
        )
        with (self.directory / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()

    def wait_for_answer(self) -> dict[str, object]:
        """Ask about the first banned address until there is an answer."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                with SpopClient(("127.0.0.1", self.port)) as client:
                    return dict(client.check(str(FIRST)))
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def counts(self) -> list[tuple[float, int, float]]:
        """Return times, how many bans were in force then, and the lag of the store."""
        lines = (self.directory / "counts").read_text("ascii").splitlines()[:-1]
        rows = [line.split() for line in lines]
        return [(float(at), int(bans), float(lag)) for at, bans, lag in rows]


def measure_start(directory: Path, bans: int) -> dict[str, float]:
    """Start with many bans in the store; compare with a start without any."""
    results: dict[str, float] = {}
    memory = []
    for number in (0, bans):
        site = Site(directory / f"start-{number}")
        site.directory.mkdir()
        results["written_per_second"] = number / site.fill(number, lambda _: inf)
        began = time.monotonic()
        with site.running() as process:
            verdict = site.wait_for_answer()
            results["seconds"] = time.monotonic() - began
            assert verdict["banned"] == bool(number), verdict
            memory.append(resident_megabytes(process.pid))
    results["megabytes_empty"] = memory[0]
    results["bytes_per_ban"] = (memory[1] - memory[0]) * 1e6 / bans
    results["bytes_per_ban_on_disk"] = (site.directory / "store.sqlite3").stat().st_size / bans
    return results


def measure_flood(directory: Path, tools: Tools, rate: float, seconds: float) -> dict[str, float]:
    """Ask for verdicts while jails ban."""
    site = Site(directory / f"flood-{rate:g}")
    site.directory.mkdir()
    write_messages(site.messages, int(min(rate, _MOST) * (seconds + _AROUND)))
    with site.running(rate) as process:
        site.wait_for_answer()
        time.sleep(4.0)
        before = site.counts()[-1]
        load = Load(outstanding=1, connections=4, seconds=seconds, urgent=True)
        measured = tools.measure(process.pid, f"127.0.0.1:{site.port}", site.clients, load)
        counts = site.counts()
        after = counts[-1]
    bans = (after[1] - before[1]) / (after[0] - before[0])
    lag = max(lag for at, _, lag in counts if at > before[0])
    return {"bans_per_second": bans, "longest_lag": lag, **_show(measured)}


def measure_ends(directory: Path, tools: Tools, bans: int, seconds: float) -> dict[str, float]:
    """Ask for verdicts while many bans end in the same minute."""
    site = Site(directory / "ends")
    site.directory.mkdir()
    ends = time.time() + 15 + bans / 30_000  # once they are written and loaded
    site.fill(bans, lambda number: ends + number % 60)
    with site.running() as process:
        site.wait_for_answer()
        time.sleep(max(ends - time.time(), 0.0) + 1.0)
        before = site.counts()[-1]
        load = Load(outstanding=1, connections=4, seconds=seconds, urgent=True)
        measured = tools.measure(process.pid, f"127.0.0.1:{site.port}", site.clients, load)
        after = site.counts()[-1]
    ended = (before[1] - after[1]) / (after[0] - before[0])
    return {"ends_per_second": ended, **_show(measured)}


def _show(measured: Measurement) -> dict[str, float]:
    return {
        "verdicts_per_second": measured.rate,
        "p50_us": measured.p50,
        "p99_us": measured.p99,
        "p999_us": measured.p999,
        "largest_us": measured.largest,
        "server_cores": measured.shares.server,
        "others_cores": measured.shares.others,
        "faults": measured.faults,
    }


def main() -> int:
    """Measure and print; returns the exit status."""
    parser = argparse.ArgumentParser(description="What it costs to keep the state.")
    parser.add_argument("--bans", type=int, default=1_000_000, help="in the store")
    parser.add_argument("--rate", type=float, default=20_000, help="bans a second")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--only", choices=("start", "flood", "ends"), nargs="+")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    options = parser.parse_args()
    use_two_cores()
    tools = build(ROOT / ".cache" / "bench")
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        directory = Path(name)
        parts: dict[str, Callable[[], dict[str, float]]] = {
            "start": lambda: measure_start(directory, options.bans),
            "flood": lambda: measure_flood(directory, tools, options.rate, options.seconds),
            "ends": lambda: measure_ends(directory, tools, options.bans, options.seconds),
        }
        for part in options.only or parts:
            results[part] = parts[part]()
    if options.json:
        print(json.dumps({"machine": describe_machine(), **results}, indent=2))
    else:
        print(f"{describe_machine()}\npython -m bench.state {' '.join(sys.argv[1:])}")
        for part, numbers in results.items():
            print(f"\n{part}")
            for what, number in numbers.items():
                print(f"  {what:22} {number:14,.1f}")
    return int(any(numbers.get("faults") for numbers in results.values()))


if __name__ == "__main__":
    sys.exit(main())
