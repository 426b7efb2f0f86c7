"""One client of the SPOA server, over TLS: its bytes go through a `TlsLayer`."""

import time
from dataclasses import dataclass
from math import inf
from ssl import SSLContext, SSLError
from typing import Any

import gevent
from gevent.lock import Semaphore

from webfail2ban.spoa.client import Answerer, Client
from webfail2ban.spop import Status
from webfail2ban.tls.faults import Faults, explain
from webfail2ban.tls.layer import TlsLayer

#: Seconds for the whole handshake. HAProxy gives up after its `timeout connect`.
HANDSHAKE = 5.0

#: Seconds between two handshakes: as good as none. After a sleep of 0 greenlets go on without a
#: look at the sockets between.
BREATH = 1e-6


@dataclass(frozen=True, slots=True)
class Door:
    """What clients come in by.

    Attributes:
        context: The certificate and what is demanded of the peer.
        turn: Is had by the one whose handshake is computed.
        faults: Is told which handshakes fail.
    """

    context: SSLContext
    turn: Semaphore
    faults: Faults


class TlsClient(Client):
    """One connection.

    Args:
        sock: The connected socket; the client takes its descriptor over.
        agent: Answers the NOTIFY frames.
        door: The client comes in by it.
        host: The peer's address, for people.
        welcome: Whether it is served, or told that there are too many.
    """

    def __init__(
        self,
        sock: Any,
        agent: Answerer,
        door: Door,
        host: str,
        *,
        welcome: bool,
    ) -> None:
        super().__init__(sock, agent, welcome=welcome)
        self._tls = TlsLayer(door.context)
        self._door = door
        self._host = host
        self._began = time.monotonic()
        self._early = b""

    def silent_for(self, now: float) -> float:
        """Return for how many seconds the client has asked nothing: too many in a long handshake.

        Args:
            now: Seconds of the monotonic clock.
        """
        if not self._tls.established and now - self._began >= HANDSHAKE:
            return inf
        return super().silent_for(now)

    def _answer_all(self) -> bool:
        """Answer until the connection ends; return whether the peer may still be listening."""
        if not self._shake_hands():
            return True
        listening = super()._answer_all()
        super()._send(self._tls.close())
        return listening

    def _shake_hands(self) -> bool:
        """Come to an agreement with the peer; return whether there is one.

        Nobody is told goodbye before that: there is no way to.
        """
        heard = False
        while not self._tls.established:
            data = super()._receive() if self._ending is None else None
            if not data:
                self._give_up(data, heard=heard)
                return False
            heard = True
            self._wait_for_turn()
            try:
                self._early = self._tls.decrypt(data)
            except SSLError as error:
                self._fail(explain(error))
                return False
            finally:
                super()._send(self._tls.data_to_send())
        return True

    def _wait_for_turn(self) -> None:
        """Let others be answered between two handshakes: a signature takes a millisecond or two.

        HAProxy opens many connections at once when it starts, and its clients have 50 ms or so.
        """
        self._watcher.stop()
        with self._door.turn:
            gevent.sleep(BREATH)
        self._watcher.start(self._greenlet.switch)

    def _fail(self, reason: str) -> None:
        self._door.faults.add(self._host, reason)

    def _give_up(self, data: bytes | None, *, heard: bool) -> None:
        """Note why a handshake came to nothing; who only looks if the port is open is fine."""
        if data is None:
            self._status = self._ending or Status.NORMAL
            if self._status is not Status.NORMAL:
                self._fail("the handshake takes too long")
        elif heard:
            self._fail("it left during the handshake")

    def _receive(self) -> bytes | None:
        """Wait for input; None when the connection is to end and all that came is read."""
        plain, self._early = self._early, b""
        while not plain and not self._tls.ended:
            data = super()._receive()
            if not data:
                return data
            try:
                plain = self._tls.decrypt(data)
            except SSLError as error:
                self._status, self.detail = Status.IO, explain(error)
                raise
            finally:
                super()._send(self._tls.data_to_send())
        return plain

    def _send(self, data: bytes) -> None:
        """Write everything, encrypted.

        Raises:
            OSError: the peer is gone.
        """
        if data:
            super()._send(self._tls.encrypt(data))
