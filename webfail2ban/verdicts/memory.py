"""Remembered answers: the same question has the same answer until something changes.

The payload of a NOTIFY frame is the same for the same client, so the encoded answer is kept under
it; what an HTTP request tells of a client is no bytes but a tuple, so neither gets the other's
answer. An answer is dropped the moment anything about its addresses changes, and ends no later than
any opinion in it; the number of answers is bounded, the oldest go first.
"""

import heapq
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network
from itertools import count, islice
from math import inf

from webfail2ban.addresses import (
    IPV6_CLIENT_PREFIX,
    Address,
    Network,
    bits_of,
    prefix_of,
)

#: When the memory is full, this share of it is dropped at once: finding the oldest entry of a
#: dictionary is slow after many single deletions at its front.
EVICTED_SHARE = 16

#: A question: the payload of a NOTIFY, or what an HTTP request says of a client.
Payload = bytes | tuple[bytes | None, ...]

IPV4_BITS = 32
IPV6_BITS = 128


class Memory:
    """Encoded answers by question.

    Args:
        now: The clock, in seconds since the epoch.
        limit: How many answers are kept; 0 keeps none.

    Attributes:
        generation: Grows with each `forget`: whoever waits between asking and remembering
            compares it, so that no answer outlives a change that it didn't see.
        recall: Returns the answer to a payload, or None. A bound dictionary method, because it
            is called for each frame; call `refresh` first.
    """

    def __init__(self, now: Callable[[], float], limit: int) -> None:
        self._now = now
        self._limit = limit
        self._answers: dict[Payload, bytes] = {}
        self._keys: dict[Payload, tuple[int, ...]] = {}  # payload -> its clients
        self._payloads: dict[int, set[Payload]] = {}  # client -> its payloads
        self._ends: list[tuple[float, int, Payload]] = []  # end, number, payload
        self._numbers: dict[Payload, int] = {}  # payload -> number of the end that is its own
        self._sequence = count()
        self.generation = 0
        self.recall: Callable[[Payload], bytes | None] = self._answers.get

    def __len__(self) -> int:
        """Count the answers."""
        return len(self._answers)

    def refresh(self) -> None:
        """Drop the answers that have ended."""
        if not self._ends or self._ends[0][0] > self._now():
            return
        now = self._now()
        while self._ends and self._ends[0][0] <= now:
            _, number, payload = heapq.heappop(self._ends)
            if self._numbers.get(payload) == number:
                self._drop(payload)

    def remember(
        self, payload: Payload, answer: bytes, addresses: Iterable[Address], until: float
    ) -> None:
        """Keep an answer.

        Args:
            payload: The question.
            answer: The encoded actions.
            addresses: The addresses that the answer speaks of.
            until: When it ends, in seconds since the epoch; infinity if only by `forget`.
        """
        if self._limit <= 0 or until <= self._now():
            return
        if payload in self._answers:
            self._drop(payload)
        elif len(self._answers) >= self._limit:
            self._evict()
        self._answers[payload] = answer
        self._keys[payload] = keys = tuple({_client(address) for address in addresses})
        for key in keys:
            self._payloads.setdefault(key, set()).add(payload)
        if until < inf:
            self._numbers[payload] = number = next(self._sequence)
            heapq.heappush(self._ends, (until, number, payload))
            self._compact()

    def forget(self, network: Network | None = None) -> None:
        """Drop the answers that speak of a network, or all."""
        self.generation += 1
        if network is not None and _is_one_client(network):
            payloads = self._payloads.get(_client(network.network_address))
            for payload in tuple(payloads) if payloads else ():
                self._drop(payload)
            return
        # Wide networks change seldom, and asking again costs microseconds.
        for kept in (self._answers, self._keys, self._payloads, self._ends, self._numbers):
            kept.clear()

    def resize(self, limit: int) -> None:
        """Change how many answers are kept, and drop all that are."""
        self._limit = limit
        self.forget()

    def _drop(self, payload: Payload) -> None:
        del self._answers[payload]
        self._numbers.pop(payload, None)
        for key in self._keys.pop(payload):
            payloads = self._payloads[key]
            payloads.discard(payload)
            if not payloads:
                del self._payloads[key]

    def _evict(self) -> None:
        for payload in list(islice(self._answers, self._limit // EVICTED_SHARE + 1)):
            self._drop(payload)

    def _compact(self) -> None:
        """Rebuild the heap when most of it belongs to answers that are gone."""
        if len(self._ends) > 2 * self._limit:
            self._ends = [end for end in self._ends if self._numbers.get(end[2]) == end[1]]
            heapq.heapify(self._ends)


def _is_one_client(network: Network) -> bool:
    """Whether all addresses of the network share one key."""
    one_client = IPV4_BITS if isinstance(network, IPv4Network) else IPV6_CLIENT_PREFIX
    return prefix_of(network) >= one_client


def _client(address: Address) -> int:
    """Return one number for a client: an IPv4 address as it is, an IPv6 /64 as a negative."""
    bits = bits_of(address)
    if isinstance(address, IPv4Address):
        return bits
    return -1 - (bits >> (IPV6_BITS - IPV6_CLIENT_PREFIX))
