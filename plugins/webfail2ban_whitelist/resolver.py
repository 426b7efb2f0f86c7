"""Asks for the addresses of names, away from everything else.

The system's own resolver is asked (``getaddrinfo``), so that ``/etc/hosts``, ``nsswitch.conf`` and
a changed ``resolv.conf`` count as they do for every other program. It blocks, for ten seconds with
one name server that is silent and for longer with several: it has threads of its own, apart from
those that the rest of the program shares.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import gevent
from gevent import monkey
from gevent.threadpool import ThreadPool

from webfail2ban import Address, fold

#: Names that are asked for at the same time, half as many: one thread for each version of IP.
THREADS = 8

#: What is asked for, by the version of IP.
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}

#: There is nothing of that kind, says somebody who knows. Not every system has all of them.
NOTHING = frozenset(
    getattr(socket, name)
    for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY")
    if hasattr(socket, name)
)

#: Returns the addresses of a name, of one version, or raises an OSError.
LookUp = Callable[[str, int], frozenset[Address]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a name.

    Attributes:
        addresses: Its addresses, folded.
        silent: The versions of IP for which nobody could tell.
        trouble: Why; empty if there are none.
    """

    addresses: frozenset[Address]
    silent: frozenset[int] = frozenset()
    trouble: str = ""


def look_up(name: str, version: int) -> frozenset[Address]:
    """Return the addresses of a name, of one version of IP; this blocks.

    Raises:
        OSError: there are none, or nobody can tell.
    """
    # Not gevent's, which would hand it on to threads that others wait for.
    getaddrinfo: Any = monkey.get_original("socket", "getaddrinfo")
    try:
        found = getaddrinfo(name, None, FAMILIES[version], socket.SOCK_STREAM)
    except UnicodeError as error:  # Python's own idea of what a name is
        raise OSError(f"it can't be asked for: {error}") from error
    return frozenset(fold(ip_address(place[0].partition("%")[0])) for *_, place in found)


class Resolver:
    """Asks in threads of its own.

    Args:
        look_up: Asks; it may block.
    """

    def __init__(self, look_up: LookUp = look_up) -> None:
        self._look_up = look_up
        self._threads = ThreadPool(THREADS)

    def resolve(self, name: str) -> Answer:
        """Return what is known of a name; this waits, and everybody else goes on."""
        asked = {version: self._threads.spawn(self._ask, name, version) for version in FAMILIES}
        addresses: set[Address] = set()
        silent: dict[int, str] = {}
        for version, result in asked.items():
            found, trouble = result.get()
            addresses |= found
            if trouble:
                silent[version] = trouble
        return Answer(frozenset(addresses), frozenset(silent), next(iter(silent.values()), ""))

    def close(self) -> None:
        """Let the threads end, without waiting for one that hangs."""
        gevent.spawn(self._threads.kill)

    def _ask(self, name: str, version: int) -> tuple[frozenset[Address], str]:
        """Return the addresses, and what kept anybody from telling them."""
        try:
            return self._look_up(name, version), ""
        except OSError as error:
            if error.errno in NOTHING:
                return frozenset(), ""
            return frozenset(), error.strerror or str(error)
