"""The engine's side of the sensor: starts it, listens to it, starts it again when it dies.

A sensor that gives no sign of life is killed: something computes in it and won't end. It goes on
where it stood, because the engine keeps each source's last position.
"""

import logging
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import gevent
from gevent import Greenlet, Timeout, subprocess
from gevent.event import AsyncResult
from gevent.socket import socketpair

from webfail2ban.errors import PluginError
from webfail2ban.model import Failure
from webfail2ban.sensor.channel import Channel, Message, unpack_failure

log = logging.getLogger(__name__)

#: Seconds without a sign of life after which a sensor is killed.
SILENCE = 15.0

#: Seconds that a sensor may take to load its plugins and filters.
START_LIMIT = 60.0

#: Seconds before a sensor that died is started again: doubled each time, and from the beginning
#: once one has lived that long.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


#: Seconds for a sensor to end by itself once its channel is closed.
END_LIMIT = 1.0


class SensorSilentError(TimeoutError):
    """The sensor gave no sign of life."""

    def __str__(self) -> str:
        """Say so."""
        return "it gave no sign of life"


class Supervisor:
    """Keeps one sensor running.

    Args:
        settings: What the sensor is told at its start, as JSON values.
        on_failures: Takes the failures of each batch, in order.

    Attributes:
        positions: Where each source stands, as the sensor last said.
        restarts: How often a sensor had to be started again.
        dropped: How many failures the sensors dropped.
    """

    def __init__(
        self, settings: dict[str, Any], on_failures: Callable[[Sequence[Failure]], None]
    ) -> None:
        self._settings = settings
        self._on_failures = on_failures
        self._greenlet: Greenlet | None = None
        self._channel: Channel | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._started: AsyncResult[None] = AsyncResult()
        self._dropped_before = 0
        self.positions: dict[str, Any] = {}
        self.restarts = 0
        self.dropped = 0

    @property
    def pid(self) -> int | None:
        """The running sensor's process id; None between two."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the sensor and wait until it reads.

        Raises:
            PluginError: a plugin can't start in it.
        """
        self._greenlet = gevent.spawn(self._keep_running)
        self._started.get()

    def stop(self, grace: float) -> None:
        """Ask the sensor to end, take what it found last, and kill it if it doesn't end.

        Args:
            grace: Seconds that it may take.
        """
        self._stopping = True
        if self._greenlet is None:
            return
        if self._channel is not None:
            try:
                self._channel.send({"stop": True})
            except OSError:
                log.debug("the sensor is gone already")
        self._greenlet.join(grace)
        self._greenlet.kill()

    def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            reason = self._run_once()
            if not self._started.ready():
                self._started.set_exception(PluginError(f"the sensor didn't start: {reason}"))
                return
            if self._stopping or self._started.exception is not None:
                return
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            self.restarts += 1
            log.error("the sensor ended: %s; starting it again in %g s", reason, pause)
            gevent.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _run_once(self) -> str:
        """Run one sensor up to its end, and say how it ended."""
        ours, theirs = socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "webfail2ban.sensor", str(theirs.fileno())]
            self._process = process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
        self._channel = channel = Channel(ours)
        reason = ""
        try:
            channel.send({**self._settings, "positions": self.positions})
            self._listen(channel)
        except (OSError, ValueError) as error:
            reason = str(error)
        finally:
            self._channel = self._process = None
            channel.close()
            status = _end(process)
        return reason or status

    def _listen(self, channel: Channel) -> None:
        """Take what a sensor says until it closes the channel."""
        messages = channel.receive()
        limit = START_LIMIT
        while True:
            with Timeout(limit, SensorSilentError()):
                message = next(messages, None)
            if message is None:
                return
            self._take(message)
            limit = SILENCE

    def _take(self, message: Message) -> None:
        if "ready" in message:
            self._dropped_before = self.dropped
            self._started.set()
        elif "refused" in message:
            self._refuse(message["refused"])
        else:
            failures = [unpack_failure(values) for values in message["failures"]]
            if failures:
                self._on_failures(failures)
            self._take_positions(message.get("positions", {}))
            self.dropped = self._dropped_before + message.get("dropped", 0)

    def _take_positions(self, positions: dict[str, Any]) -> None:
        for source, position in positions.items():
            if position is None:
                self.positions.pop(source, None)
            else:
                self.positions[source] = position

    def _refuse(self, problems: list[str]) -> None:
        if self._started.ready():
            log.error("the sensor refuses to start: %s", "; ".join(problems))
        else:
            self._started.set_exception(PluginError(*problems))


def _end(process: "subprocess.Popen[bytes]") -> str:
    """Wait for a sensor whose channel is closed, kill one that stays, and say how it ended."""
    try:
        status = process.wait(END_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "it was killed"
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
