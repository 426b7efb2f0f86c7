"""Receives messages over TCP (RFC 6587).

A connection outlives its receiver: what is open when we stop is handed over, with the piece of a
message that has arrived.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from gevent import Timeout, sleep, socket
from gevent.pool import Pool
from gevent.server import StreamServer

from webfail2ban_syslog.framing import Framer
from webfail2ban_syslog.intake import Intake
from webfail2ban_syslog.senders import Senders
from webfail2ban_syslog.settings import SyslogSettings

log = logging.getLogger(__name__)

#: Bytes that are read at once: some hundred messages, which are searched together.
READ_SIZE = 65_536

#: How often a connection is still read when we stop: what has arrived should be searched, also if
#: there is no next receiver, and a sender who never pauses must not keep us.
LAST_READS = 16

#: Seconds for all connections to be handed over.
GRACE = 2.0

#: Takes an open connection, and what the next receiver has to know of it.
HandOver = Callable[[socket.socket, dict[str, Any]], object]


class _StoppedError(Exception):
    """We stop: raised where a connection waits, between two messages or inside of one."""


class StreamReceiver:
    """Serves one listening socket.

    Args:
        listener: The listening socket.
        senders: Who may connect.
        intake: Takes the messages.
        hand_over: Takes the connections that are open when we stop.
        settings: How many connections there may be, and how long they may be silent.
    """

    def __init__(
        self,
        listener: socket.socket,
        senders: Senders,
        intake: Intake,
        hand_over: HandOver,
        settings: SyslogSettings,
    ) -> None:
        self._hand_over = hand_over
        self._senders = senders
        self._intake = intake
        self._max_connections = settings.max_connections
        self._idle_timeout = settings.idle_timeout
        self._connections = Pool()
        self._server = StreamServer(listener, self._serve, spawn=self._connections)

    def start(self) -> None:
        """Begin to accept connections."""
        self._server.start()

    def adopt(self, connection: socket.socket, note: Mapping[str, Any]) -> None:
        """Go on with a connection that another receiver handed over."""
        self._connections.spawn(self._go_on, connection, note)

    def close(self) -> None:
        """End accepting, and hand over all connections."""
        self._server.close()
        sleep(0)  # those accepted just before begin
        self._connections.kill(_StoppedError(), timeout=GRACE)

    def _serve(self, connection: socket.socket, address: tuple[str, int]) -> None:
        """Receive from one connection until either side ends it; the server closes it then."""
        sender = self._senders.find(address[0])
        if sender is None:
            self._intake.refuse(address[0])
            return
        if len(self._connections) > self._max_connections:
            self._intake.counters.crowded += 1
            self._intake.notices.warn(
                "%s is turned away: %d connections are open, as many as syslog.max_connections",
                sender,
                self._max_connections,
            )
            return
        self._receive(connection, sender, Framer(self._intake.limit))

    def _go_on(self, connection: socket.socket, note: Mapping[str, Any]) -> None:
        """Receive from a connection of another receiver."""
        with connection:
            if self._senders.find(note["sender"]) is None:
                self._intake.refuse(note["sender"])
                return
            connection.settimeout(None)
            framer = Framer.restore(self._intake.limit, note["framer"])
            self._receive(connection, note["sender"], framer)

    def _receive(self, connection: socket.socket, sender: str, framer: Framer) -> None:
        try:
            try:
                while messages := self._read(connection, framer):
                    self._take(sender, messages)
            except _StoppedError:
                if self._read_last(connection, sender, framer):
                    self._hand_over(connection, {"sender": sender, "framer": framer.dump()})
                    return
            self._take(sender, [framer.finish()])
        except OSError as error:  # a reset, or too long a silence
            log.debug("the syslog connection from %s ended: %s", sender, error)
        except Exception:
            log.exception("the syslog connection from %s ended: a fault of ours", sender)

    def _take(self, sender: str, messages: list[bytes]) -> None:
        self._intake.take((sender, message) for message in messages)

    def _read_last(self, connection: socket.socket, sender: str, framer: Framer) -> bool:
        """Take what has arrived; return whether the connection is still open.

        Raises:
            OSError: it was reset.
        """
        connection.settimeout(0)
        try:
            for _ in range(LAST_READS):
                data = connection.recv(READ_SIZE)
                if not data:
                    return False
                self._take(sender, framer.feed(data))
        except BlockingIOError:
            pass
        return True

    def _read(self, connection: socket.socket, framer: Framer) -> list[bytes]:
        """Wait for whole messages and return them; nothing at the end of the stream.

        Raises:
            TimeoutError: none came in time; bytes of an unfinished one are not enough.
        """
        with Timeout(self._idle_timeout, TimeoutError("it sent no whole message for too long")):
            while data := connection.recv(READ_SIZE):
                messages = framer.feed(data)
                if messages:
                    return messages
                sleep(0)  # an endless message must leave the others their turn
        return []
