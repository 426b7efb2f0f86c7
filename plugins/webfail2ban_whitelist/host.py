"""One name whose addresses change: what it resolves to, and what is kept while nobody can tell."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from webfail2ban import Address, parse_address, show_duration
from webfail2ban_whitelist.resolver import FAMILIES, Answer
from webfail2ban_whitelist.special import refuse

#: A client's own name has one or two addresses, or some more of IPv6; one of a great service, or of
#: somebody who plays tricks, has many.
MOST = 16

#: Seconds until a name is asked for again that nobody could tell: doubled each time, up to the
#: usual pause. The network may just be coming up.
FIRST_PAUSE = 10.0


@dataclass(frozen=True, slots=True)
class Known:
    """A name's addresses of one version of IP.

    Attributes:
        addresses: These.
        told: When somebody last told them, in seconds since the epoch.
    """

    addresses: frozenset[Address]
    told: float


class Host:
    """What is known of one name.

    Args:
        name: The name.
        known: What was known of it before, by the version of IP.

    Attributes:
        name: As above.
        known: What is in force, by the version of IP.
        due: When to ask next, in seconds since the epoch.
        asking: Whether somebody asks now.
        failing: Since when nothing that is good comes of it; None if the last answer was good.
        trouble: Why.
        refused: The addresses of the last good answer that weren't taken, and why.
    """

    def __init__(self, name: str, known: Mapping[int, Known] | None = None) -> None:
        self.name = name
        self.known = dict(known or {})
        self.due = 0.0
        self.asking = False
        self.failing: float | None = None
        self.trouble = ""
        self.refused = ""
        self._pause = FIRST_PAUSE

    @property
    def addresses(self) -> frozenset[Address]:
        """What is in force."""
        return frozenset().union(*(known.addresses for known in self.known.values()))

    @property
    def told(self) -> float:
        """When somebody last told an address that is in force; 0 if there is none."""
        return max((known.told for known in self.known.values()), default=0.0)

    def take(self, answer: Answer, now: float, refresh: float, *, private: bool) -> None:
        """Put an answer in force, or keep what there is if it is no good.

        Args:
            answer: What was answered.
            now: Seconds since the epoch.
            refresh: How long it is good for, in seconds.
            private: Whether private addresses are taken.
        """
        why = {address: refuse(address, private=private) for address in answer.addresses}
        good = frozenset(address for address, reason in why.items() if not reason)
        refused = ", ".join(sorted(f"{address} ({kind})" for address, kind in why.items() if kind))
        self.trouble = _find_trouble(answer, good, refused)
        if self.trouble:
            self.failing = now if self.failing is None else self.failing
            self.due = now + min(self._pause, refresh)
            self._pause = min(2 * self._pause, refresh)
            return
        for version in FAMILIES.keys() - answer.silent:
            addresses = frozenset(address for address in good if address.version == version)
            if addresses:
                self.known[version] = Known(addresses, now)
            else:
                self.known.pop(version, None)
        self.failing, self.refused = None, refused
        self.due, self._pause = now + refresh, FIRST_PAUSE

    def expire(self, now: float, keep: float) -> bool:
        """Give up what nobody has told for `keep` seconds; return whether there was such."""
        old = [version for version, known in self.known.items() if known.told + keep <= now]
        for version in old:
            del self.known[version]
        return bool(old)

    def describe(self, now: float, keep: float) -> str:
        """Say in a sentence what is wrong; empty if nothing is."""
        if self.failing is None:
            return f"{self.name}: {self.refused} isn't taken" if self.refused else ""
        how_long = f", for {show_duration(round(now - self.failing))}" if now > self.failing else ""
        said = f"{self.name}: {self.trouble}{how_long}"
        if not self.known:
            return f"{said}; it lets nobody in"
        left = show_duration(max(round(self.told + keep - now), 0))
        return f"{said}; {show(self.addresses)} passes for another {left}"

    def write(self) -> str:
        """Write down what is in force, for `read`."""
        known = [[known.told, *sorted(map(str, known.addresses))] for known in self.known.values()]
        return json.dumps(known)


def read(text: str) -> Iterator[tuple[int, Known]]:
    """Read what `Host.write` wrote.

    Raises:
        ValueError: it didn't write that.
        TypeError: the same.
    """
    for told, *texts in json.loads(text):
        addresses = frozenset(map(parse_address, texts))
        (version,) = {address.version for address in addresses}
        yield version, Known(addresses, float(told))


def show(addresses: frozenset[Address]) -> str:
    """Write addresses for people."""
    return ", ".join(sorted(map(str, addresses))) or "nothing"


def _find_trouble(answer: Answer, good: frozenset[Address], refused: str) -> str:
    if not answer.addresses:
        return answer.trouble or "it has no address"
    if len(answer.addresses) > MOST:
        return f"it has {len(answer.addresses)} addresses, and no client's name has over {MOST}"
    return "" if good else f"{refused} isn't taken"
