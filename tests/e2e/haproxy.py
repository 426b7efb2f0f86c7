"""HAProxy, with a configuration of the test's."""

import signal
from pathlib import Path

from tests.e2e.processes import Running
from tests.e2e.statsocket import StatsSocket
from tests.e2e.waiting import wait_until

#: Where its stats socket is, in the directory of its configuration.
SOCKET = "admin.sock"


class HAProxy:
    """A running HAProxy. A warning in its configuration keeps it from starting (-dW).

    Args:
        binary: The program.
        directory: Takes its configuration, its log and its stats socket.
        configuration: The whole text.
        master: Whether a master process watches workers, as a service runs it; it can reload then.

    Attributes:
        stats: Its stats socket.
    """

    def __init__(
        self, binary: Path, directory: Path, configuration: str, *, master: bool = False
    ) -> None:
        path = directory / "haproxy.cfg"
        path.write_text(configuration, "utf-8")
        self._command = (binary, "-W" if master else "-db", "-dW", "-f", path)
        self._log = directory / "haproxy.log"
        self._running: Running | None = None
        self.stats = StatsSocket(directory / SOCKET)

    @property
    def process(self) -> Running:
        assert self._running is not None
        return self._running

    def start(self) -> None:
        """Start it and wait until it works."""
        self._running = Running("haproxy", self._command, self._log)
        wait_until(self._answers, "HAProxy answers on its stats socket")

    def stop(self) -> None:
        """Stop it, if it was started."""
        if self._running is not None:
            self._running.stop()

    def reload(self) -> None:
        """Have a new worker take over, and wait until it has."""
        old = self.stats.worker()
        self.process.signal(signal.SIGUSR2)
        wait_until(lambda: self._answers() not in (None, old), "a new worker takes over")

    def wait_for_server(self, backend: str, server: str, status: str) -> None:
        """Wait until HAProxy thinks so of a server: UP or DOWN, after its checks."""
        wait_until(
            lambda: self.stats.server_status(backend, server) == status, f"{server} is {status}"
        )

    def _answers(self) -> int | None:
        """Return the worker's process id; None if none answers."""
        if self.process.status is not None:
            raise RuntimeError(f"haproxy didn't start; it said:\n{self.process.said}")
        try:
            return self.stats.worker()
        except (OSError, StopIteration):
            return None
