"""From bans to a list, a slice at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from webfail2ban.addresses import show_network
from webfail2ban.api.models import BanInfo, Format
from webfail2ban.model import Ban

#: Slices of bans: of one jail, or of all.
Slices = Callable[[str | None], Iterable[Sequence[Ban]]]

#: Writes all bans that it is given.
BanWriter = Callable[[Slices, Iterable[str]], Iterator[bytes]]


def writer(form: Format) -> BanWriter:
    """Return what writes a format: a function of the bans' slices and the jails' names."""
    return {"jsonl": _write_json, "plain": _write_plain, "fail2ban": _write_fail2ban}[form]


def describe(ban: Ban) -> BanInfo:
    """Return a ban as the API says it."""
    return BanInfo(
        network=ban.network,
        jail=ban.jail,
        since=ban.since,
        until=ban.until,
        reason=ban.reason,
        count=ban.count,
        lines=ban.lines,
    )


def _write_json(slices: Slices, _jails: Iterable[str]) -> Iterator[bytes]:
    for bans in slices(None):
        yield "".join(f"{describe(ban).model_dump_json()}\n" for ban in bans).encode()


def _write_plain(slices: Slices, _jails: Iterable[str]) -> Iterator[bytes]:
    for bans in slices(None):
        yield "".join(f"{show_network(ban.network)}\n" for ban in bans).encode()


def _write_fail2ban(slices: Slices, jails: Iterable[str]) -> Iterator[bytes]:
    """Write one mapping a jail: the bans are gone through once for each."""
    yield b"["
    for number, jail in enumerate(jails):
        yield f"{', ' if number else ''}{{{jail!r}: [".encode()
        between = ""
        for bans in slices(jail):
            if bans:
                yield (
                    between + ", ".join(repr(show_network(ban.network)) for ban in bans)
                ).encode()
                between = ", "
        yield b"]}"
    yield b"]\n"
