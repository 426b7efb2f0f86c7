"""Receives messages over TCP (RFC 6587)."""

from gevent import Timeout, sleep, socket
from gevent.pool import Pool
from gevent.server import StreamServer

from webfail2ban_syslog.framing import Framer
from webfail2ban_syslog.intake import Intake
from webfail2ban_syslog.notices import log
from webfail2ban_syslog.senders import Senders

#: Bytes that are read at once: some hundred messages, which are searched together.
READ_SIZE = 65_536

#: Seconds that connections have to end by themselves when we stop.
GRACE = 0.1


class StreamReceiver:
    """Serves one listening socket.

    Args:
        listener: The listening socket.
        senders: Who may connect.
        intake: Takes the messages.
        max_connections: How many may be connected at once.
        idle_timeout: Seconds after which a connection that brings no whole message is closed.
    """

    def __init__(
        self,
        listener: socket.socket,
        senders: Senders,
        intake: Intake,
        max_connections: int,
        idle_timeout: float,
    ) -> None:
        self._senders = senders
        self._intake = intake
        self._max_connections = max_connections
        self._idle_timeout = idle_timeout
        self._connections = Pool()
        self._server = StreamServer(listener, self._serve, spawn=self._connections)

    def start(self) -> None:
        """Begin to accept connections."""
        self._server.start()

    def close(self) -> None:
        """End accepting, and all connections."""
        self._server.stop(GRACE)

    def _serve(self, connection: socket.socket, address: tuple[str, int]) -> None:
        """Receive from one connection until either side ends it; the server closes it then."""
        sender = self._senders.find(address[0])
        if sender is None:
            self._intake.refuse(address[0])
            return
        if len(self._connections) > self._max_connections:
            self._intake.counters.refused += 1
            self._intake.notices.warn(
                "%s is turned away: %d connections are open, as many as syslog.max_connections",
                sender,
                self._max_connections,
            )
            return
        try:
            self._receive(connection, sender)
        except OSError as error:  # a reset, or too long a silence
            log.debug("the syslog connection from %s ended: %s", sender, error)
        except Exception:  # noqa: BLE001 - one connection's end is not the others'
            log.exception("the syslog connection from %s ended: a fault of ours", sender)

    def _receive(self, connection: socket.socket, sender: str) -> None:
        framer = Framer(self._intake.limit)
        while messages := self._read(connection, framer):
            self._intake.take((sender, message) for message in messages)
        self._intake.take([(sender, framer.finish())])

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
