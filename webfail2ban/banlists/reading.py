"""From a list to bans, and what in it is none."""

import codecs
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf

from pydantic import ValidationError

from webfail2ban.api.fields import read_network
from webfail2ban.api.models import MANUAL, BanInfo, Format
from webfail2ban.banlists.fail2ban import read_pairs
from webfail2ban.banlists.lines import split_lines
from webfail2ban.model import Ban

#: What editors of Windows put in front of a text (RFC 3629, 6).
MARK = codecs.BOM_UTF8

#: A jail's name is no longer.
LONGEST_JAIL = 100


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a list doesn't say.

    Attributes:
        now: When bans without a beginning begin.
        jail: The jail of bans without one.
        duration: How long bans without an end last, in seconds.
        reason: The reason of bans without one.
    """

    now: float
    jail: str = MANUAL
    duration: float = inf
    reason: str = ""

    def make(self, address: str, jail: str) -> Ban:
        """Make a ban of what a list says of it.

        Raises:
            ValueError: it says something else.
        """
        if not jail.isprintable() or not 0 < len(jail) <= LONGEST_JAIL:
            raise ValueError("must have a jail's name of 1 to 100 characters")
        return Ban(read_network(address), jail, self.now, self.now + self.duration, self.reason)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is no ban.

    Attributes:
        line: The line's number, from 1; in fail2ban's form the address's.
        message: What is wrong with it.
    """

    line: int
    message: str


#: None where there is nothing: an empty line, a comment.
Read = Callable[[bytes, Defaults], Ban | None]


def read_bans(pieces: Iterable[bytes], form: Format, defaults: Defaults) -> Iterator[Ban | Fault]:
    """Yield the bans of a list, and its faults, in their order.

    Args:
        pieces: The list, cut anywhere.
        form: Its format.
        defaults: What it doesn't say.
    """
    if form == "fail2ban":
        return _read_pairs(pieces, defaults)
    return _read_lines(pieces, _read_json if form == "jsonl" else _read_plain, defaults)


def _read_lines(pieces: Iterable[bytes], read: Read, defaults: Defaults) -> Iterator[Ban | Fault]:
    for number, line in enumerate(split_lines(pieces), 1):
        if line is None:
            yield Fault(number, "is too long")
            continue
        try:
            ban = read(line.removeprefix(MARK).strip(), defaults)
        except ValueError as error:
            yield Fault(number, _sentence(error))
        else:
            if ban is not None:
                yield ban


def _read_json(line: bytes, _defaults: Defaults) -> Ban | None:
    if not line:
        return None
    said = BanInfo.model_validate_json(line)
    if not said.jail.isprintable() or not 0 < len(said.jail) <= LONGEST_JAIL:
        raise ValueError("must have a jail's name of 1 to 100 characters")
    if said.until < said.since:
        raise ValueError("must not end before it begins")
    return Ban(said.network, said.jail, said.since, said.until, said.reason, said.count, said.lines)


def _read_plain(line: bytes, defaults: Defaults) -> Ban | None:
    address = line.partition(b"#")[0].strip()
    return defaults.make(address.decode("utf-8", "replace"), defaults.jail) if address else None


def _read_pairs(pieces: Iterable[bytes], defaults: Defaults) -> Iterator[Ban | Fault]:
    number = 0
    try:
        for number, (jail, address) in enumerate(read_pairs(pieces), 1):
            try:
                yield defaults.make(address, jail)
            except ValueError as error:
                yield Fault(number, _sentence(error))
    except ValueError as error:
        yield Fault(number + 1, _sentence(error))


def _sentence(error: ValueError) -> str:
    """Say in one sentence what is wrong."""
    if not isinstance(error, ValidationError):
        return str(error)[:200]
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
