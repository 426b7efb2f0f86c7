"""What processes cost: CPU time and resident memory, read from /proc."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Shares:
    """CPU use over some seconds, in cores: 1.0 is one core all the time.

    Attributes:
        server: The process that answers.
        helpers: Its child processes.
        others: Everybody else on the machine but the load generator and the benchmark itself, and
            what the hypervisor took away.
    """

    server: float
    helpers: float
    others: float


@dataclass(frozen=True, slots=True)
class Reading:
    """CPU seconds used up to a moment."""

    at: float
    server: float
    helpers: float
    known: float
    machine: float

    @classmethod
    def take(cls, server: int, generator: int) -> Self:
        """Read the clocks of a server with its children, of the generator and of the machine."""
        server_used = cpu_seconds(server)
        helpers = sum(map(cpu_seconds, children(server)))
        own = time.process_time()
        known = server_used + helpers + cpu_seconds(generator) + own
        return cls(time.monotonic(), server_used, helpers, known, machine_seconds())

    def until(self, later: Self) -> Shares:
        """Return the shares between this reading and a later one."""
        seconds = later.at - self.at
        others = (later.machine - self.machine) - (later.known - self.known)
        return Shares(
            server=(later.server - self.server) / seconds,
            helpers=(later.helpers - self.helpers) / seconds,
            others=max(others / seconds, 0.0),
        )


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process so far, its own and the kernel's for it (proc(5), stat)."""
    # The second field is the command in brackets, which may itself hold spaces and brackets.
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def machine_seconds() -> float:
    """Return the CPU time that all cores together were busy or taken away (proc(5), /proc/stat)."""
    fields = Path("/proc/stat").read_text("ascii").partition("\n")[0].split()
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[1:9])
    return (user + nice + system + irq + softirq + steal) / _TICKS


def children(pid: int) -> list[int]:
    """Return the process ids of a process's children, and of theirs."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text("ascii").split()):
            found += [child, *children(child)]
    return found


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process, pages that it shares with others included."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * _PAGE / 1e6


def describe_machine() -> str:
    """Return a line about the processor, the cores in use and the kernel."""
    info = Path("/proc/cpuinfo").read_text("utf-8")
    model = next((line for line in info.splitlines() if line.startswith("model name")), ": unknown")
    cores = len(os.sched_getaffinity(0))
    return f"{model.partition(': ')[2]}, {cores} cores, Linux {os.uname().release}"
