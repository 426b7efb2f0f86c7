"""The engine's side of the sensor: starts it, listens to it, starts it again when it dies.

A sensor that gives no sign of life is killed: something computes in it and won't end. It goes on
where it stood, because the engine keeps each source's last position. What it found is handed on in
whole blocks, together with the positions behind them: a block that was cut off by a sensor's death
is read again, so none of it may have been counted.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import gevent
from gevent import Greenlet
from gevent.event import AsyncResult, Event

from webfail2ban.errors import PluginError
from webfail2ban.keeping.keeper import Keeper
from webfail2ban.model import Failure, Json
from webfail2ban.sensor.channel import Message
from webfail2ban.sensor.child import END_LIMIT, Child, SensorEndedError, SensorSilentError
from webfail2ban.sensor.counting import count_packed
from webfail2ban.sensor.sockets import KeptSockets, SocketName
from webfail2ban.sensor.strictness import Strictness
from webfail2ban.sensor.successor import Successor

log = logging.getLogger(__name__)

#: Seconds without a sign of life after which a sensor is killed.
SILENCE = 15.0

#: Seconds that a sensor may take to load its plugins and filters.
START_LIMIT = 60.0

#: Seconds before a sensor that died is started again: doubled each time, and from the beginning
#: once one has lived that long.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


class Supervisor:
    """Keeps one sensor running.

    Args:
        settings: What the sensor is told at its start, as JSON values.
        on_failures: Takes the failures of each batch, in order.
        keeper: Keeps where each source stands, and knows where they stood before the start.

    Attributes:
        reports: How each plugin's half in the sensor stands, as it last said.
        restarts: How often a sensor had to be started again.
        dropped: How many failures the sensors dropped.
        waiting: How many failures waited in the sensor to be sent, as it last said.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        on_failures: Callable[[Sequence[Failure]], None],
        keeper: Keeper | None = None,
    ) -> None:
        self._settings = settings
        self._on_failures = on_failures
        self._greenlet: Greenlet | None = None
        self._child: Child | None = None
        self._successor: Successor | None = None
        self._sockets = KeptSockets()
        self._stopping = Event()
        self._may_read = Event()  # what it finds can be counted
        self._hurry = Event()  # ends the pause between two sensors
        self._started: AsyncResult[None] = AsyncResult()
        self._dropped_before = 0
        self._held: list[list[Any]] = []  # failures of a block whose end hasn't come yet
        self._keeper = keeper or Keeper()
        self.reports: dict[str, Json] = {}
        self.restarts = 0
        self.dropped = 0
        self.waiting = 0

    @property
    def pid(self) -> int | None:
        """The running sensor's process id; None between two."""
        return self._child.pid if self._child else None

    @property
    def positions(self) -> dict[str, Any]:
        """Where each source stands, as the sensor last said."""
        return self._keeper.positions

    def begin(self) -> None:
        """Start the sensor's process: it loads everything, and reads nothing before `start`."""
        if self._greenlet is None:
            self._greenlet = gevent.spawn(self._keep_running)

    def start(self, give_up: Event | None = None) -> None:
        """Start the sensor and wait until it reads.

        Args:
            give_up: Ends the wait as soon as it is set.

        Raises:
            PluginError: a plugin can't start in it.
        """
        self.begin()
        self._may_read.set()
        gevent.wait([self._started, give_up or Event()], count=1)
        if self._started.ready():
            self._started.get()

    def stop(self, grace: float) -> None:
        """Ask the sensor to end, take what it found last, and kill it if it doesn't end.

        Args:
            grace: Seconds that it may take.
        """
        self._stopping.set()
        self._hurry.set()
        self._may_read.set()
        if self._greenlet is None:
            return
        self._ask_to_end()
        self._greenlet.join(grace)
        if self._child is not None:
            log.warning("the sensor didn't end in time and is killed")
            self._child.kill()
            self._greenlet.join(END_LIMIT)
        self._greenlet.kill()
        self._sockets.close()

    def replace(
        self, settings: dict[str, Any], install: Callable[[], object], grace: float
    ) -> None:
        """Let a sensor with new settings take over; the running one reads on until it is ready.

        The old one finishes what it has, then the new one goes on where it stood. If that one
        can't, a sensor with the old settings does.

        Args:
            settings: As the constructor's; they are checked.
            install: Called between the last failure of the old one and the first of the new one.
                If it raises, the old settings hold.
            grace: Seconds that the old one may take to end.

        Raises:
            PluginError: the new one can't start, or `install` raised that.
        """
        child = Child()
        successor = Successor(child, settings, install)
        try:
            self._prepare(child, settings, Strictness.CHECKED)
            self._successor = successor
            self._hurry.set()
            self._end_old(grace)
            successor.result.get()
        except (SensorEndedError, SensorSilentError) as error:
            sentence = f"the new sensor didn't start: {str(error) or child.end()}"
            raise PluginError(sentence) from None
        finally:
            if self._successor is successor or self._child is not child:
                self._successor = None
                child.end()

    def _end_old(self, grace: float) -> None:
        old = self._child
        if old is None:
            return
        self._ask_to_end()
        if not old.ended.wait(grace):
            log.warning("the sensor didn't end in time for its successor and is killed")
            old.kill()

    def _ask_to_end(self) -> None:
        if self._child is not None:
            try:
                self._child.send({"stop": True})
            except (SensorEndedError, OSError):
                log.debug("the sensor is gone already")

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
            if self._hurry.is_set():  # a successor waits, or has failed
                self._hurry.clear()
                continue
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            self.restarts += 1
            log.error("the sensor ended: %s; starting it again in %g s", reason, pause)
            self._hurry.wait(pause)
            self._hurry.clear()
            if self._stopping.is_set():
                return
            pause = min(2 * pause, LONGEST_PAUSE)

    def _run_once(self) -> str:
        """Run one sensor up to its end, and say how it ended."""
        reason, successor = "", self._successor
        self._successor = None
        try:
            self._listen(self._start_again() if successor is None else self._succeed(successor))
        except PluginError as error:
            self._refuse(error)
        except SensorEndedError:
            pass  # its exit status tells why
        except Exception as error:  # noqa: BLE001 - whatever it was, a new sensor starts afresh
            reason = str(error) or type(error).__name__
        finally:
            status = self._end()
        return reason or status

    def _start_again(self) -> Child:
        """Start a sensor with the settings that hold, and return it.

        Raises:
            PluginError: it refuses.
        """
        self._child = child = Child()
        again = self._started.successful()
        self._prepare(child, self._settings, Strictness.AGAIN if again else Strictness.FIRST)
        self._may_read.wait()
        if not self._stopping.is_set():
            self._begin(child)
        return child

    def _succeed(self, successor: Successor) -> Child:
        """Let a successor read, and return it; if it can't, tell whoever waits for it.

        Raises:
            Exception: whatever prevents it.
        """
        self._child = successor.child
        try:
            self._begin(successor.child)
            try:
                successor.install()
            except BaseException:
                self._ask_to_end()
                self._listen(successor.child)  # what it has read is read
                raise
        except Exception as error:
            self._hurry.set()
            sentence = f"the new sensor didn't start: {str(error) or self._end()}"
            said = error if isinstance(error, PluginError) else PluginError(sentence)
            successor.result.set_exception(said)
            raise
        self._settings = successor.settings
        successor.result.set()
        return successor.child

    def _prepare(self, child: Child, settings: dict[str, Any], strictness: Strictness) -> None:
        """Let a sensor load everything.

        Raises:
            PluginError: it refuses.
            SensorEndedError: it ended.
        """
        child.send({**settings, "strictness": strictness})
        child.wait_for("prepared", START_LIMIT)

    def _begin(self, child: Child) -> None:
        """Let a prepared sensor read, from where the last one stood.

        Raises:
            PluginError: it refuses.
            SensorEndedError: it ended.
        """
        for name, file, note in self._sockets:
            child.send({"inherit": name, "note": note}, file)
        child.send({"start": self.positions})
        child.wait_for("ready", START_LIMIT, self._take)
        self._dropped_before = self.dropped
        self._started.set()

    def _listen(self, child: Child) -> None:
        """Take what a sensor says until it closes the channel."""
        while (message := child.receive(SILENCE)) is not None:
            try:
                self._take(message)
            except (LookupError, TypeError, ValueError) as error:
                raise ValueError(f"it sent what is no message: {error!r:.100}") from error

    def _take(self, message: Message) -> None:
        if "reports" in message:
            self.reports.update(message["reports"])
            self.waiting = message["waiting"]
        elif "keep" in message:
            assert self._child is not None  # noqa: S101 - it has just said something
            name = SocketName(*message["keep"])
            self._sockets.keep(name, self._child.take_file(), message["note"])
        elif "drop" in message:
            self._sockets.drop(SocketName(*message["drop"]))
        else:
            self._take_found(message)

    def _take_found(self, message: Message) -> None:
        """Hand on what was found, once its block is whole; the last part has the positions."""
        self._held += message["failures"]
        if "positions" not in message:
            return
        held, self._held = self._held, []
        with self._keeper.whole():
            killed = count_packed(held, self._on_failures)
            for source, position in message["positions"].items():
                self._keeper.keep_position(source, position)
        self.dropped = self._dropped_before + message.get("dropped", 0)
        if killed is not None:
            raise killed

    def _refuse(self, error: PluginError) -> None:
        if self._started.ready():
            log.error("the sensor refuses to start: %s", "; ".join(error.problems))
        else:
            self._started.set_exception(error)

    def _end(self) -> str:
        """End what is left of the sensor, and say how it ended."""
        child, self._child = self._child, None
        self._held.clear()
        self.reports.clear()
        self.waiting = 0
        if child is None:
            return "it could not be started"
        if self._successor is not None:
            gevent.spawn(child.end)  # it has said its last: nobody waits until it is gone
            return "another one takes over"
        return child.end()
