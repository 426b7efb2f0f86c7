"""Our engine on a log: what the sensor does with the lines of a followed file, in this process.

    python -m bench.own_engine LOG FOLDER SCANNER FILTER...

It prints JSON: the CPU seconds from the lines' texts to the failures, the seconds for loading, the
memory, and the failures as lists of jail, address and time. The scanner is ``hyperscan``,
``literals`` or ``none``.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from webfail2ban import Failure, LogLines, Superset
from webfail2ban_jails import JailsSettings
from webfail2ban_jails.detector import Detector
from webfail2ban_jails.hyperscanner import HyperScanner
from webfail2ban_jails.jailfilter import JailFilter
from webfail2ban_jails.linelimit import LineLimit
from webfail2ban_jails.literalscanner import LiteralScanner
from webfail2ban_jails.offenders import Offenders
from webfail2ban_jails.scanner import Scanner

#: About what a followed file gives at once: 128 KiB.
BLOCK = 900

#: As the configuration has it.
LINE_TIMEOUT = 0.5


class NoScanner:
    """Looks for nothing, so every line is searched for everything."""

    def __init__(self, supersets: Sequence[Superset]) -> None:
        self.refused = frozenset(range(len(supersets)))

    def scan(self, _block: bytes) -> Iterable[tuple[int, int]]:
        """Find nothing."""
        return ()


SCANNERS: dict[str, Callable[[Sequence[Superset]], Scanner]] = {
    "hyperscan": HyperScanner,
    "literals": LiteralScanner,
    "none": NoScanner,
}


def load(folder: Path, scanner: str, names: Sequence[str]) -> Detector:
    """Make a detector with a jail for each filter."""
    jails = {name: {"filter": name, "findtime": "10y", "usedns": "no"} for name in names}
    enabled = JailsSettings.model_validate(jails).enabled
    filters = [
        JailFilter(name, settings, [folder], time.time) for name, settings in enabled.items()
    ]
    limit, offenders = LineLimit(LINE_TIMEOUT), Offenders(time.time)
    return Detector(filters, limit, offenders, time.time, SCANNERS[scanner])


def freeze() -> None:
    """Spare the garbage collector the filters, as the sensor does."""
    gc.collect()
    gc.freeze()


def read_peak() -> float:
    """Return the most memory that this process had so far, resident, in MiB (proc(5), status)."""
    status = Path("/proc/self/status").read_text("ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


def main(log: str, folder: str, scanner: str, *names: str) -> None:
    """Measure and print."""
    begun = time.process_time()
    detector = load(Path(folder), scanner, names)
    loading = time.process_time() - begun
    memory = read_peak()
    freeze()
    texts = Path(log).read_text("utf-8").splitlines()
    found: list[Failure] = []
    begun = time.process_time()
    for place in range(0, len(texts), BLOCK):
        lines = LogLines(texts[place : place + BLOCK], "tail:bench", live=False)
        found.extend(detector.detect(lines))
    seconds = time.process_time() - begun
    failures = [(failure.jail, str(failure.address), failure.time) for failure in found]
    report = {"seconds": seconds, "loading": loading, "memory": memory, "failures": failures}
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
