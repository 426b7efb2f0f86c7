"""Starts the process that gets a list, and listens to it."""

import socket as blocking
import subprocess
import sys
from collections.abc import Callable
from signal import Signals

import gevent
from gevent import Timeout, socket

from webfail2ban_blocklist.job import FAILED, PROGRESS, Job, Report

#: Seconds beyond the job's own deadline, which the process keeps by itself.
SPARE = 5.0

#: Bytes of the longest line that it says: five rejected lines, and some numbers.
LONGEST_LINE = 1_000_000

#: Seconds between two looks whether it is gone.
LOOK = 0.01


def run_job(job: Job, say: Callable[[str], object]) -> Report:
    """Have a list got; others have their turn meanwhile.

    Args:
        job: What to get.
        say: Hears how far it is.

    Returns:
        What came of it. It never raises for what a list or a server does.
    """
    ours, theirs = blocking.socketpair()
    with theirs:
        # The standard library's: it has no need to copy the engine's memory map (vfork), which
        # gevent's fork does, for milliseconds.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "webfail2ban_blocklist.worker"],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            start_new_session=True,
        )
    try:
        with socket.socket(fileno=ours.detach()) as channel, Timeout(job.deadline + SPARE, False):
            report = _listen(channel, job, say)
            if report is not None:
                return report
    finally:
        _end(process)
    return Report(FAILED, _explain(process.returncode, job.deadline))


def _listen(channel: socket.socket, job: Job, say: Callable[[str], object]) -> Report | None:
    """Return what it says last; None if it ends before."""
    try:
        channel.sendall(job.dump())
        with channel.makefile("rb") as lines:
            while line := lines.readline(LONGEST_LINE):
                report = Report.load(line)
                if report.kind != PROGRESS:
                    return report
                say(report.words)
    except (OSError, ValueError):
        pass  # how it ended tells why
    return None


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process without waiting for the kernel to tidy up after it."""
    if process.poll() is None:
        process.kill()
    while process.poll() is None:
        gevent.sleep(LOOK)


def _explain(status: int | None, deadline: float) -> str:
    if status in {-Signals.SIGALRM, -Signals.SIGKILL}:
        return f"it took more than {deadline:g} s, or was killed"
    return f"the process that reads it ended with status {status}"
