"""Clients that must never be banned: a file that tells when a jail has become too strict."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from webfail2ban.addresses import Network, parse_network, show_network
from webfail2ban.errors import InputFileError
from webfail2ban.networks import NetworkMap


@dataclass(frozen=True, slots=True)
class CleanClient:
    """An address or network that must never be banned.

    Attributes:
        network: The address or network.
        place: Where it is written, file and line.
    """

    network: Network
    place: str

    def __str__(self) -> str:
        """Name it and where it is written."""
        return f"{show_network(self.network)} ({self.place})"


class CleanList:
    """Addresses and networks from a file, one a line; a # begins a comment.

    It is the form of the whitelist's files, but here a line that is neither is an error: a gate
    with a hole is none.

    Args:
        path: The file.

    Raises:
        InputFileError: it can't be read, or holds something else.
    """

    def __init__(self, path: Path) -> None:
        try:
            text = path.read_bytes().decode(errors="replace")
        except OSError as error:
            raise InputFileError(str(path), error.strerror or str(error)) from error
        self._clients = sorted(_parse(path, text), key=_order)
        self._order = [_order(client) for client in self._clients]
        self._holding: NetworkMap[CleanClient] = NetworkMap()
        for client in self._clients:
            self._holding[client.network] = client

    def __len__(self) -> int:
        """Count the clients."""
        return len(self._clients)

    def touched_by(self, network: Network) -> CleanClient | None:
        """Return a client that a ban of this network would meet, wholly or in part."""
        for client in self._holding.covering(network.network_address):
            return client
        place = bisect_left(self._order, (network.version, int(network.network_address)))
        last = (network.version, int(network.broadcast_address))
        inside = place < len(self._order) and self._order[place] <= last
        return self._clients[place] if inside else None


def _order(client: CleanClient) -> tuple[int, int]:
    return client.network.version, int(client.network.network_address)


def _parse(path: Path, text: str) -> Iterator[CleanClient]:
    for number, line in enumerate(text.split("\n"), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            yield CleanClient(parse_network(words[0]), f"{path}:{number}")
        except ValueError:
            reason = f"{words[0]!r} is no address and no network"
            raise InputFileError(f"{path}:{number}", reason) from None
