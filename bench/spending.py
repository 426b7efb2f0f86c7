"""What a piece of work costs a program that runs: CPU time until it is idle again."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bench.processes import children, cpu_seconds

_LOOK = 0.25  # seconds between two looks at the clocks

# A program that used less than this share of a core for so many seconds is idle. Both programs
# look at their file at least every two seconds; at rest fail2ban uses about a hundredth of a core.
_IDLE_SECONDS = 4.0
_IDLE_CORES = 0.05

# CPU seconds that show that the work has begun: before that the program may not know of it.
_BEGUN = 0.1


@dataclass(frozen=True, slots=True)
class Spending:
    """CPU seconds for a piece of work.

    Attributes:
        main: What the process used that was started.
        helpers: What its child processes used.
        elapsed: Seconds of the clock from the beginning to rest.
    """

    main: float
    helpers: float
    elapsed: float

    @property
    def total(self) -> float:
        """What all processes used together."""
        return self.main + self.helpers


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    main: float
    helpers: dict[int, float]

    @property
    def total(self) -> float:
        return self.main + sum(self.helpers.values())


def measure(process: int, work: Callable[[], None], patience: float) -> Spending:
    """Give a program something to do and wait until it is idle again.

    Args:
        process: The process id; its children count as well.
        work: Gives it to the program.
        patience: Seconds that it may take.

    Raises:
        RuntimeError: it took longer, or a child process came or went, so that nothing is known of
            what it used.
    """
    before = _look(process)
    work()
    recent = deque([_look(process)])
    while not _is_idle(recent, before):
        if recent[-1].at > before.at + patience:
            raise RuntimeError(f"process {process} is still busy after {patience:.0f} s")
        time.sleep(_LOOK)
        recent.append(_look(process))
        while recent[-1].at - recent[1].at >= _IDLE_SECONDS:
            recent.popleft()
    after = recent[0]
    if before.helpers.keys() != recent[-1].helpers.keys():
        raise RuntimeError(f"a child of process {process} ended or began while it was measured")
    return Spending(
        main=after.main - before.main,
        helpers=sum(after.helpers.values()) - sum(before.helpers.values()),
        elapsed=after.at - before.at,
    )


def settle(process: int, seconds: float = 1.0) -> None:
    """Wait until a program has started: until it rests for some seconds."""
    before = _look(process)
    while True:
        time.sleep(seconds)
        now = _look(process)
        if now.total - before.total < _IDLE_CORES * seconds:
            return
        before = now


def _look(process: int) -> _Look:
    while True:
        main = cpu_seconds(process)
        try:
            helpers = {child: cpu_seconds(child) for child in children(process)}
        except (FileNotFoundError, ProcessLookupError):
            continue  # a thread or a child ended between being listed and being looked at
        return _Look(time.monotonic(), main, helpers)


def _is_idle(recent: deque[_Look], before: _Look) -> bool:
    first, last = recent[0], recent[-1]
    rested = last.at - first.at >= _IDLE_SECONDS
    used = last.total - first.total
    return rested and used < _IDLE_CORES * _IDLE_SECONDS and last.total - before.total > _BEGUN
