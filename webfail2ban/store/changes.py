"""What has changed and isn't written yet: the last word on each thing.

Bans wait as rows: there may be tens of thousands a second. Of all else a fragment of JSON is made
the moment it changes, so that the work is spread over time and a store is handed one text for
thousands of rows. Texts are escaped, in JSON twice: what a client wrote (zero bytes, halves of
surrogate pairs) comes back as it was, whatever a database makes of such characters.
"""

import json
from functools import lru_cache
from ipaddress import IPv4Network
from json.encoder import encode_basestring_ascii as quote
from math import inf
from typing import Any

from webfail2ban.addresses import IPV6_BITS, Network, bits_of, prefix_of
from webfail2ban.model import FAR, Ban

#: Names a ban among all others: the network's first address, its length, its version, the jail.
BanKey = tuple[int, int, int, str]

#: Lines kept of a ban, and characters of each: enough for people to see why.
MOST_LINES = 100
LONGEST_LINE = 1000

#: A ban in force: address, prefix length, jail, since, until, count, reason, and its lines as JSON.
#: The address is a number for IPv4 and 32 hexadecimal digits for IPv6; an end that nobody will see
#: is none. There is no container in it, so that Python's garbage collector looks at it but once.
BanRow = tuple[int | str, int, str, float, float, int, str, str]

#: JSON has no infinity; what is too large for a number of 64 bits is read as one (IEEE 754).
ENDLESS = "9e999"


class Changes:
    """Changes that belong together: a store writes all of them or none.

    Attributes:
        bans: Bans in force.
        lifted: Bans that somebody ended, which are forgotten: ``[address, prefix, jail]``.
        values: What plugins keep: ``[plugin, key, [value], until]``.
        dropped_values: What they don't keep any more: ``[plugin, key]``.
        positions: Where sources stand: ``[source, [position]]``.
        dropped_positions: Sources that are forgotten: ``[source]``.
    """

    __slots__ = ("bans", "dropped_positions", "dropped_values", "lifted", "positions", "values")

    def __init__(self) -> None:
        self.bans: dict[BanKey, BanRow] = {}
        self.lifted: dict[BanKey, str] = {}
        self.values: dict[tuple[str, str], str] = {}
        self.dropped_values: dict[tuple[str, str], str] = {}
        self.positions: dict[str, str] = {}
        self.dropped_positions: dict[str, str] = {}

    def __len__(self) -> int:
        """Count the changes."""
        return (
            len(self.bans)
            + len(self.lifted)
            + len(self.values)
            + len(self.dropped_values)
            + len(self.positions)
            + len(self.dropped_positions)
        )

    def kinds(self) -> tuple[dict[Any, Any], ...]:
        """Return the changes of each kind."""
        return tuple(getattr(self, name) for name in self.__slots__)

    def add_ban(self, key: BanKey, ban: Ban) -> None:
        """Take down a ban that is in force, and the lines that led to it."""
        until = ban.until
        self.bans[key] = (
            key[0] if key[2] == 4 else pack_address(key[0], 6),  # noqa: PLR2004 - IPv4
            key[1],
            _escape(ban.jail),
            _cut(ban.since),
            _cut(until) if until < FAR else inf,
            ban.count,
            _escape(ban.reason),
            _pack_lines(ban.lines),
        )
        if self.lifted:
            self.lifted.pop(key, None)

    def lift_ban(self, key: BanKey) -> None:
        """Take down that a ban was ended before its time."""
        self.lifted[key] = f"[{_address(key)},{key[1]},{pack_text(key[3])}]"
        self.bans.pop(key, None)

    def set_value(self, plugin: str, key: str, value: str, until: float) -> None:
        """Take down what a plugin keeps."""
        name = (plugin, key)
        self.values[name] = (
            f"[{pack_text(plugin)},{pack_text(key)},[{quote(value)}],{_time(until)}]"
        )
        if self.dropped_values:
            self.dropped_values.pop(name, None)

    def drop_value(self, plugin: str, key: str) -> None:
        """Take down that a plugin doesn't keep something any more."""
        self.dropped_values[plugin, key] = f"[{pack_text(plugin)},{pack_text(key)}]"
        self.values.pop((plugin, key), None)

    def set_position(self, source: str, position: Any) -> None:
        """Take down where a source stands: any JSON value."""
        self.positions[source] = f"[{pack_text(source)},[{json.dumps(position)}]]"
        self.dropped_positions.pop(source, None)

    def drop_position(self, source: str) -> None:
        """Take down that a source is forgotten."""
        self.dropped_positions[source] = f"[{pack_text(source)}]"
        self.positions.pop(source, None)


def ban_key(network: Network, jail: str) -> BanKey:
    """Return what names a ban."""
    version = 4 if isinstance(network, IPv4Network) else 6
    return bits_of(network.network_address), prefix_of(network), version, jail


def unpack_lines(row: BanRow) -> tuple[str, ...]:
    """Return the lines that led to a ban."""
    return tuple(json.loads(row[-1]))


@lru_cache(4096)
def pack_text(text: str) -> str:
    """Return JSON that is read as the escaped form of a text; without backslashes it is the same.

    `unpack_text` turns what was read back.
    """
    return quote(_escape(text))


@lru_cache(4096)
def _escape(text: str) -> str:
    """Return a text as databases hold it."""
    return quote(text)[1:-1]


def unpack_text(text: str) -> str:
    """Return the text that `pack_text` packed, once JSON was read."""
    return str(json.loads(f'"{text}"')) if "\\" in text else text


def pack_address(value: int, version: int) -> int | str:
    """Return an address as it is stored."""
    return value if version == 4 else f"{value:0{IPV6_BITS // 4}x}"  # noqa: PLR2004 - IPv4


def _address(key: BanKey) -> str:
    address = pack_address(key[0], key[2])
    return f'"{address}"' if isinstance(address, str) else str(address)


def _time(seconds: float) -> str:
    """Return a time to the millisecond: all its digits would cost three times as much."""
    return f"{seconds:.3f}" if seconds < inf else ENDLESS


def _pack_lines(lines: tuple[str, ...]) -> str:
    """Return JSON of the lines that are kept, of as much of them as is kept."""
    if len(lines) > MOST_LINES or sum(map(len, lines)) > LONGEST_LINE:
        lines = tuple([line[:LONGEST_LINE] for line in lines[-MOST_LINES:]])
    return f"[{','.join(map(quote, lines))}]"


def _cut(seconds: float) -> float:
    """Return a time to the millisecond, as a number that has few digits."""
    return (seconds * 1000 + 0.5) // 1 / 1000
