"""Tells systemd how the service stands: sd_notify(3), without a library for one datagram."""

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

#: How many signs of life are sent within systemd's limit, so that a late one costs nothing.
SIGNS = 3

#: Microseconds in a second: systemd counts in them.
MICROSECONDS = 1_000_000


class Systemd:
    """The service manager, if there is one.

    What it says is read once and taken out of the environment, so that no child speaks in our
    name.

    Args:
        environment: ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` are read in it.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # An @ in front stands for the zero of an abstract socket; elsewhere it is one (unix(7)).
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._limit = _watchdog_limit(environment) if self._address else None

    @classmethod
    def find(cls) -> "Systemd":
        """Take what systemd said out of this process's environment."""
        said = {
            name: os.environ.pop(name)
            for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
            if name in os.environ
        }
        return cls(said)

    @property
    def pause(self) -> float | None:
        """Seconds between two signs of life; None if systemd wants none."""
        return self._limit / SIGNS if self._limit else None

    def ready(self, status: str) -> None:
        """Say that everything stands, and how, in a line for ``systemctl status``."""
        self._say(f"READY=1\nSTATUS={_one_line(status)}")

    def reloading(self) -> None:
        """Say that the configuration is read anew; `ready` ends it."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._say(f"RELOADING=1\nMONOTONIC_USEC={now}")

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._say("STOPPING=1")

    def alive(self) -> None:
        """Give a sign of life."""
        self._say("WATCHDOG=1")

    def show(self, status: str) -> None:
        """Show a line in ``systemctl status``."""
        self._say(f"STATUS={_one_line(status)}")

    def live(self, sleep: Callable[[float], object]) -> None:
        """Give signs of life for ever, from the loop that answers HAProxy: if that stands, none."""
        pause = self.pause
        while pause is not None:
            self.alive()
            sleep(pause)

    def _say(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.setblocking(False)
                sock.sendto(text.encode(), self._address)
        except OSError as error:
            log.debug("systemd doesn't listen: %s", error)


def _watchdog_limit(environment: Mapping[str, str]) -> float | None:
    """Return the seconds after which systemd takes a silent service for dead."""
    pid, limit = environment.get("WATCHDOG_PID", ""), environment.get("WATCHDOG_USEC", "")
    if pid and pid != str(os.getpid()):
        return None
    return int(limit) / MICROSECONDS if limit.isdecimal() and int(limit) else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
