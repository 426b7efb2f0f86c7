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
from gevent.event import AsyncResult, Event
from gevent.socket import socketpair

from webfail2ban.errors import PluginError
from webfail2ban.model import Failure, Json
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

#: Failures that are counted before verdicts get their turn; a ban costs some 50 microseconds.
SLICE = 8

#: Seconds for a sensor to end by itself once its channel is closed, and for one that was killed.
END_LIMIT = 1.0


class SensorSilentError(Exception):
    """The sensor gave no sign of life.

    No OSError like other timeouts: the channel takes one of those for its end.
    """

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
        reports: How each plugin's half in the sensor stands, as it last said.
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
        self._stopping = Event()
        self._started: AsyncResult[None] = AsyncResult()
        self._dropped_before = 0
        self.positions: dict[str, Any] = {}
        self.reports: dict[str, Json] = {}
        self.restarts = 0
        self.dropped = 0

    @property
    def pid(self) -> int | None:
        """The running sensor's process id; None between two."""
        return self._process.pid if self._process else None

    def start(self, give_up: Event | None = None) -> None:
        """Start the sensor and wait until it reads.

        Args:
            give_up: Ends the wait as soon as it is set.

        Raises:
            PluginError: a plugin can't start in it.
        """
        self._greenlet = gevent.spawn(self._keep_running)
        gevent.wait([self._started, give_up or Event()], count=1)
        if self._started.ready():
            self._started.get()

    def stop(self, grace: float) -> None:
        """Ask the sensor to end, take what it found last, and kill it if it doesn't end.

        Args:
            grace: Seconds that it may take.
        """
        self._stopping.set()
        if self._greenlet is None:
            return
        with Timeout(grace, False):
            if self._channel is not None:
                try:
                    self._channel.send({"stop": True})
                except OSError:
                    log.debug("the sensor is gone already")
            self._greenlet.join()
        if self._process is not None:
            log.warning("the sensor didn't end in time and is killed")
            self._process.kill()
            self._greenlet.join(END_LIMIT)
        self._greenlet.kill()

    def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            reason = self._run_once()
            if not self._started.ready():
                self._started.set_exception(PluginError(f"the sensor didn't start: {reason}"))
                return
            if self._stopping.is_set() or self._started.exception is not None:
                return
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            self.restarts += 1
            log.error("the sensor ended: %s; starting it again in %g s", reason, pause)
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE)

    def _run_once(self) -> str:
        """Run one sensor up to its end, and say how it ended."""
        reason = ""
        try:
            channel = self._spawn()
            again = self._started.successful()
            channel.send({**self._settings, "positions": self.positions, "again": again})
            self._listen(channel)
        except Exception as error:  # noqa: BLE001 - whatever it was, a new sensor starts afresh
            reason = str(error) or type(error).__name__
        finally:
            status = self._end()
        return reason or status

    def _spawn(self) -> Channel:
        """Start the process; it inherits its end of a socket pair.

        Raises:
            OSError: there are too many processes, or open files.
        """
        ours, theirs = socketpair()
        self._channel = channel = Channel(ours)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "webfail2ban.sensor", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # A terminal's Ctrl-C is for the engine; it would hit a sensor that still imports.
                start_new_session=True,
            )
        return channel

    def _listen(self, channel: Channel) -> None:
        """Take what a sensor says until it closes the channel."""
        messages = channel.receive()
        limit = START_LIMIT
        while True:
            with Timeout(limit, SensorSilentError()):
                message = next(messages, None)
            if message is None:
                return
            try:
                self._take(message)
            except (LookupError, TypeError, ValueError) as error:
                raise ValueError(f"it sent what is no message: {error!r:.100}") from error
            limit = SILENCE

    def _take(self, message: Message) -> None:
        if "ready" in message:
            self._dropped_before = self.dropped
            self._started.set()
        elif "reports" in message:
            self.reports.update(message["reports"])
        elif "refused" in message:
            self._refuse(message["refused"])
        else:
            self._take_failures(message["failures"])
            self._take_positions(message.get("positions", {}))
            self.dropped = self._dropped_before + message.get("dropped", 0)

    def _take_failures(self, packed: Sequence[list[Any]]) -> None:
        """Hand failures on, a few at a time: verdicts must not wait for many bans."""
        for start in range(0, len(packed), SLICE):
            self._on_failures([unpack_failure(values) for values in packed[start : start + SLICE]])
            gevent.sleep(0)

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

    def _end(self) -> str:
        """Close the channel, kill a sensor that doesn't end then, and say how it ended."""
        if self._channel is not None:
            self._channel.close()
        self._channel, process = None, self._process
        self.reports.clear()
        if process is None:
            return "it could not be started"
        try:
            status = process.wait(END_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        finally:
            self._process = None
        return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
