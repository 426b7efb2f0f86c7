"""The load generator: build it, run it against a server, read what it and /proc say."""

import json
import os
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Reading, Shares

SOURCES = Path(__file__).parent

# The share of each second that the readings of the CPU clocks leave out at both ends, so that
# they lie within the measured time though the generator starts and stops a little off.
_MARGIN = 0.05

# A round in which others used more than this of a core says little about the server.
_DISTURBED = 0.25


@dataclass(frozen=True, slots=True)
class Load:
    """What to ask: how many at once, how long, and what the generator is told besides.

    Attributes:
        urgent: Whether the generator gets its core before everybody else, where that is permitted.
            What it measures is then how long the server takes, not how long it waits itself for
            one of the server's other threads to make room: up to 3 ms. It has to wait for answers
            most of the time, or those threads starve.
    """

    outstanding: int = 1
    connections: int = 4
    seconds: float = 3.0
    warm_up: float = 0.5
    urgent: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of the generator. Latencies are microseconds, CPU is in cores.

    Attributes:
        faults: Wrong verdicts, protocol errors and lost answers together.
        pipelining: Whether the server announced that it takes several NOTIFYs at once.
    """

    rate: float
    p50: float
    p99: float
    p999: float
    largest: float
    faults: int
    pipelining: bool
    generator_cpu: float
    shares: Shares

    @property
    def quiet(self) -> bool:
        """Whether nobody else needed the machine meanwhile."""
        return self.shares.others <= _DISTURBED


@dataclass(frozen=True, slots=True)
class Tools:
    """The compiled programs."""

    load: Path
    sink: Path

    def measure(self, server: int, address: str, clients: Path, load: Load) -> Measurement:
        """Ask a server for verdicts.

        Args:
            server: Its process id.
            address: Where it listens: `host:port` or a path.
            clients: The file of clients and expectations.
            load: How much to ask.

        Raises:
            RuntimeError: the generator couldn't talk to the server at all.
        """
        command = self._command(address, clients, load)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as generator:
            # On a core of its own the generator doesn't push the server around; the server and
            # its helpers run where the scheduler puts them.
            os.sched_setaffinity(generator.pid, {max(os.sched_getaffinity(0))})
            if load.urgent:
                with suppress(PermissionError):
                    os.sched_setscheduler(generator.pid, os.SCHED_FIFO, os.sched_param(1))
            time.sleep(load.warm_up + load.seconds * _MARGIN)
            before = Reading.take(server, generator.pid)
            time.sleep(load.seconds * (1 - 2 * _MARGIN))
            shares = before.until(Reading.take(server, generator.pid))
            output, _ = generator.communicate()
        if not output:
            raise RuntimeError(f"{self.load.name} got no answer from {address}")
        return _read(json.loads(output), shares)

    def count_faults(self, address: str, clients: Path) -> int:
        """Ask about each client several times and return how many answers were wrong."""
        brief = Load(outstanding=20, connections=1, seconds=0.1, warm_up=0)
        command = self._command(address, clients, brief)
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if not done.stdout:
            raise RuntimeError(f"spop_load got no answer from {address}")
        return _faults(json.loads(done.stdout))

    def _command(self, address: str, clients: Path, load: Load) -> list[str]:
        options = [
            *("-k", str(load.outstanding), "-c", str(load.connections)),
            *("-d", str(load.seconds), "-w", str(load.warm_up)),
            *load.options,
        ]
        return [str(self.load), *options, address, str(clients)]


def build(directory: Path) -> Tools:
    """Compile the generator and the sink with `cc` (or $CC) into a directory."""
    return Tools(build_one(directory, "spop_load"), build_one(directory, "spop_sink"))


def build_one(directory: Path, name: str) -> Path:
    """Compile a program; return where it is."""
    directory.mkdir(parents=True, exist_ok=True)
    compiler = os.environ.get("CC", "cc")
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic"]
    program = directory / name
    subprocess.run([compiler, *flags, "-o", program, SOURCES / f"{name}.c"], check=True)
    return program


def _read(said: dict[str, float], shares: Shares) -> Measurement:
    return Measurement(
        rate=said["rate"],
        p50=said["p50_us"],
        p99=said["p99_us"],
        p999=said["p999_us"],
        largest=said["max_us"],
        faults=_faults(said),
        pipelining=bool(said["pipelining"]),
        generator_cpu=said["cpu_seconds"] / said["seconds"],
        shares=shares,
    )


def _faults(said: dict[str, float]) -> int:
    return int(said["wrong"] + said["errors"] + said["lost"])
