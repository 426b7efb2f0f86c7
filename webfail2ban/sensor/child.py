"""One sensor process, as the engine sees it."""

import sys
from collections.abc import Callable
from typing import Any

from gevent import Timeout, subprocess
from gevent.event import Event
from gevent.socket import socketpair

from webfail2ban.errors import PluginError
from webfail2ban.sensor.channel import Channel, Message

#: Seconds for a sensor to end by itself once its channel is closed.
END_LIMIT = 1.0


class SensorSilentError(Exception):
    """The sensor gave no sign of life.

    No OSError like other timeouts: the channel takes one of those for its end.
    """

    def __str__(self) -> str:
        """Say so."""
        return "it gave no sign of life"


class SensorEndedError(Exception):
    """The sensor closed its channel; how it ended tells why."""


class Child:
    """A sensor's process and the channel to it; it inherits its end of a socket pair.

    Attributes:
        ended: Set once the process is gone.

    Raises:
        OSError: there are too many processes, or open files.
    """

    def __init__(self) -> None:
        ours, theirs = socketpair()
        self._channel = Channel(ours)
        self._messages = self._channel.receive()
        self.ended = Event()
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "webfail2ban.sensor", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    # A terminal's Ctrl-C is for the engine; it would hit one that still imports.
                    start_new_session=True,
                )
        except OSError:
            self._channel.close()
            raise

    @property
    def pid(self) -> int:
        """The process id."""
        return int(self._process.pid)

    def send(self, message: Message, file: int | None = None) -> None:
        """Send a message, with an open file if one is given.

        Raises:
            SensorEndedError: the sensor is gone.
        """
        try:
            self._channel.send(message, file)
        except ConnectionError as error:
            raise SensorEndedError from error

    def receive(self, limit: float) -> Message | None:
        """Return the next message; None when the sensor has closed its end.

        Args:
            limit: Seconds that it may take.

        Raises:
            SensorSilentError: it took longer.
            ValueError: what came is no message.
        """
        with Timeout(limit, SensorSilentError()):
            return next(self._messages, None)

    def take_file(self) -> int:
        """Return the file that came with the last message.

        Raises:
            ValueError: none came.
        """
        return self._channel.take_file()

    def wait_for(
        self, word: str, limit: float, take: Callable[[Message], object] | None = None
    ) -> None:
        """Wait until the sensor says a word.

        Args:
            word: ``prepared`` or ``ready``.
            limit: Seconds that each of its messages may take.
            take: Takes what it says before that; None if there can be nothing.

        Raises:
            PluginError: it refuses; the problems are its own sentences.
            SensorEndedError: it ended instead.
            SensorSilentError: it said nothing for too long.
        """
        while (message := self.receive(limit)) is not None:
            if word in message:
                return
            if "refused" in message:
                raise PluginError(*message["refused"])
            if take is None:
                raise ValueError(f"it sent what is no message: {message!r:.100}")
            take(message)
        raise SensorEndedError

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def end(self) -> str:
        """Close the channel, kill a sensor that doesn't end then, and say how it ended."""
        self._channel.close()
        try:
            status: Any = self._process.wait(END_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        finally:
            self.ended.set()
        return describe_end(status)


def describe_end(status: int) -> str:
    """Say how a process ended, by its exit status as `subprocess` has it."""
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
