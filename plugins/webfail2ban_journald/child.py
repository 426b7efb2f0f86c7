"""journalctl as a child process."""

import ctypes
import os
import signal
from collections import deque
from collections.abc import Sequence

import gevent
from gevent import subprocess
from gevent.os import make_nonblocking, nb_read

#: Bytes read at once: as many as a pipe holds.
CHUNK = 65536

#: Bytes of its complaints that are kept.
COMPLAINT = 2000

#: Seconds for a process to end that has closed its output, and for its last words to be read.
END = 1.0

#: Seconds for a killed process to be gone; one that waits for a dead disk isn't even then.
KILLED = 5.0

#: Asks the kernel for a signal when the parent ends: PR_SET_PDEATHSIG of <linux/prctl.h>.
PARENT_DEATH_SIGNAL = 1

#: Found before any fork: between that and exec little may be done.
_prctl = ctypes.CDLL(None).prctl


def _die_with_parent() -> None:
    """Have the kernel end this process with its parent.

    It ends by itself when nobody reads what it writes, but not while it hangs.
    """
    _prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


class Child:
    """A process that writes.

    Args:
        command: The program and its arguments.

    Attributes:
        pid: Its process id.

    Raises:
        OSError: it can't be started.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._output, output = os.pipe()
        self._errors, errors = os.pipe()
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env={**os.environ, "LC_ALL": "C"},
                preexec_fn=_die_with_parent,  # gevent's way to exec is Python code anyway
            )
        except OSError:
            os.close(self._output)
            os.close(self._errors)
            raise
        finally:
            os.close(output)
            os.close(errors)
        self.pid = int(self._process.pid)
        make_nonblocking(self._output)
        make_nonblocking(self._errors)
        self._done = False  # whether it has closed its output: it is ending
        self._complaint: deque[int] = deque(maxlen=COMPLAINT)
        self._listener = gevent.spawn(self._listen)

    def read(self, seconds: float) -> bytes | None:
        """Return what it writes next: nothing if it has ended, None if it is silent for so long."""
        try:
            with gevent.Timeout(seconds):
                data = bytes(nb_read(self._output, CHUNK))
        except gevent.Timeout:
            return None
        self._done = not data
        return data

    def kill(self) -> None:
        """End it at once; `read` finds its end."""
        self._process.kill()

    def end(self) -> str:
        """End it if it hasn't ended, and return its last words, or else how it ended."""
        if self._done:
            self._wait(END)
        self._process.kill()
        status = self._wait(KILLED)
        self._listener.join(END if self._done else 0)
        self._listener.kill()
        os.close(self._output)
        os.close(self._errors)
        words = bytes(self._complaint).decode(errors="replace").strip().rpartition("\n")[2]
        shown = "".join(char if char.isprintable() else "?" for char in words)
        return shown or ("it can't be killed" if status is None else f"exit status {status}")

    def _wait(self, seconds: float) -> int | None:
        """Return its exit status; None if it hasn't ended in time."""
        try:
            return int(self._process.wait(seconds))
        except subprocess.TimeoutExpired:
            return None

    def _listen(self) -> None:
        while data := nb_read(self._errors, CHUNK):
            self._complaint.extend(data)
