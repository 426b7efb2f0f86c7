"""Receives datagrams, over UDP or a unix socket: each is one message (RFC 5426, 3.1)."""

import struct
from collections.abc import Callable
from typing import Any

import gevent
from gevent import socket

from webfail2ban_syslog.intake import Intake

#: Datagrams that are read before they are searched together: enough to make a search worth while,
#: few enough that the kernel can keep those that arrive meanwhile.
BLOCK = 256

#: Linux' number for what the kernel says of a socket's memory, missing in Python's `socket`: nine
#: numbers of 32 bits, the last of them the datagrams dropped (linux/sock_diag.h: SK_MEMINFO_DROPS).
SO_MEMINFO = 55
MEMINFO = struct.Struct("=9I")

#: The kernel's counter of drops begins again behind 32 bits.
COUNTER_MASK = 0xFFFF_FFFF


class DatagramReceiver:
    """Reads one socket.

    Args:
        listener: The bound socket.
        find_sender: Returns the name of a sender, by its address as `recvfrom` gives it; None if
            it may not send.
        intake: Takes the messages.
        dropped: How many datagrams the kernel had dropped when they were last counted.
        note_dropped: Told when there are more.
    """

    def __init__(
        self,
        listener: socket.socket,
        find_sender: Callable[[Any], str | None],
        intake: Intake,
        dropped: int,
        note_dropped: Callable[[int], object],
    ) -> None:
        self._socket = listener
        self._find_sender = find_sender
        self._intake = intake
        self._closed = False
        self._dropped = dropped
        self._note_dropped = note_dropped

    def run(self) -> None:
        """Receive until `close` is called."""
        while not self._closed:
            self._intake.take(self._read_block())
            gevent.sleep(0)  # a flood would never let anybody else have a turn

    def close(self) -> None:
        """End receiving."""
        self._closed = True
        self._socket.close()

    def count_lost(self) -> None:
        """Ask the kernel how many datagrams it had no room for, and warn of new ones."""
        try:
            told = self._socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, MEMINFO.size)
        except OSError:  # before Linux 4.12, and where another kernel pretends to be Linux
            return
        dropped: int = MEMINFO.unpack(told)[-1]
        lost = (dropped - self._dropped) & COUNTER_MASK
        self._dropped = dropped
        if lost:
            self._note_dropped(dropped)
            self._intake.counters.lost += lost
            self._intake.notices.warn(
                "%d syslog datagrams came faster than they could be searched and are lost; "
                "sysctl net.core.rmem_max limits how many can wait",
                lost,
            )

    def _read_block(self) -> list[tuple[str, bytes]]:
        """Wait for a datagram; return it and those that have arrived behind it."""
        block: list[tuple[str, bytes]] = []
        self._socket.settimeout(None)
        try:
            for _ in range(BLOCK):
                # One byte beyond the limit shows that there was more.
                data, address = self._socket.recvfrom(self._intake.limit + 1)
                self._socket.settimeout(0)
                sender = self._find_sender(address)
                if sender is None:
                    self._intake.refuse(address[0])
                else:
                    block.append((sender, data))
        except BlockingIOError:
            return block
        except OSError:
            if not self._closed:
                raise
        return block
