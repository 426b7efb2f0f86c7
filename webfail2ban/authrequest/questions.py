"""From a request to a question: who asks for entry, and what else is told of him."""

from collections.abc import Callable, Iterator, Mapping

from webfail2ban.addresses import Address, Network, parse_address
from webfail2ban.addressset import AddressSet
from webfail2ban.authrequest.request import Request
from webfail2ban.model import Query, Value

#: The client's address as text, then the value of each further argument; None where there is none.
#: The same question has the same answer, so answers are remembered by it.
Question = tuple[bytes | None, ...]

#: What plugins know the questions by, as the messages of HAProxy by their names.
MESSAGE = "http"

#: Arguments that are told of every client.
ADDRESS = "ip"

#: What is told without the query behind it, as HAProxy's own ``path``.
PATH = "path"

#: No headers, but parts of a request's first line.
METHOD, TARGET = ":method", ":path"

SEPARATOR = b","

#: How many requests are known by their bytes, and how long they may be: 15 MB at most.
KNOWN, LONGEST_KNOWN = 16_384, 512

#: Both in one address: there is a port behind it, a new one with each connection.
PORT, DOT = b":", b"."


class Questioner:
    """Reads requests.

    Args:
        address_header: The header that names the client.
        arguments: What else is told: the arguments' names and the headers that hold their values.
        proxies: Whose addresses the header may name behind the client's.

    Attributes:
        recall: Returns the question that bytes are, where they were seen before as one whole
            request; else None. nginx that sends nothing of the client's but his address asks about
            him in the same bytes again and again, and parsing them costs more than all the rest.
    """

    def __init__(
        self, address_header: str, arguments: Mapping[str, str], proxies: AddressSet
    ) -> None:
        self._address_header = address_header.lower().encode("ascii")
        self._arguments = tuple(
            (name, header.lower().encode("ascii")) for name, header in arguments.items()
        )
        headers = [self._address_header, *(header for _, header in self._arguments)]
        self._nothing: dict[bytes, bytes | None] = dict.fromkeys(headers)
        self._proxies = proxies
        self._known: dict[bytes, Question] = {}
        self.recall: Callable[[bytes], Question | None] = self._known.get

    def remember(self, data: bytes, question: Question) -> None:
        """Keep what bytes ask.

        Args:
            data: One whole request and nothing else, which doesn't end its connection.
            question: What it asks.
        """
        if len(data) <= LONGEST_KNOWN:
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[data] = question

    def read(self, request: Request) -> Question:
        """Return what a request asks."""
        found = self._nothing.copy()
        for name, value in request.headers:
            if name in found:
                before = found[name]
                # Several lines of one name are one list (RFC 9110, 5.3).
                found[name] = value if before is None else before + SEPARATOR + value
        client = found[self._address_header]
        if client is not None and (SEPARATOR in client or (PORT in client and DOT in client)):
            client = self._find_client(client)
        if not self._arguments:
            return (client,)
        found[METHOD.encode()], found[TARGET.encode()] = request.method, request.target
        return (client, *(_tell(name, found[header]) for name, header in self._arguments))

    def make_query(self, question: Question) -> Query | None:
        """Return the query that a question is; None if it names no client."""
        client, *values = question
        address = None if client is None else _read_address(client)
        if address is None:
            return None
        told: Iterator[tuple[str, Value]] = (
            (name, None if value is None else value.decode("utf-8", "surrogateescape"))
            for (name, _), value in zip(self._arguments, values, strict=True)
        )
        return Query(MESSAGE, ((ADDRESS, address), *told), address)

    def _find_client(self, hops: bytes) -> bytes | None:
        """Return the last address of a list that isn't a proxy's, or the first of them all.

        Each proxy adds whom it hears from at the end, so what stands before a stranger's address
        is what the stranger wrote.
        """
        client: Address | None = None
        for hop in reversed(hops.split(SEPARATOR)):
            address = _read_address(hop)
            if address is None:
                break
            client = address
            if address not in self._proxies:
                break
        return None if client is None else str(client).encode("ascii")


def make_questioner(
    address_header: str,
    arguments: Mapping[str, str],
    trusted: tuple[Network, ...],
    proxies: tuple[Network, ...],
) -> Questioner:
    """Return who reads requests.

    Args:
        address_header: The header that names the client.
        arguments: What else is told, and by which headers.
        trusted: Who may ask: proxies, too.
        proxies: The operator's other proxies.
    """
    return Questioner(address_header, arguments, AddressSet((*trusted, *proxies)))


def _tell(name: str, value: bytes | None) -> bytes | None:
    if name == PATH and value is not None:
        return value.partition(b"?")[0]
    return value


def _read_address(text: bytes) -> Address | None:
    """Read an address, with or without a port behind it; None if it is none."""
    try:
        plain = text.strip().decode("ascii")
        if plain.startswith("["):
            return parse_address(plain.partition("]")[0] + "]")
        if plain.count(":") == 1:
            plain = plain.partition(":")[0]
        return parse_address(plain)
    except ValueError:  # UnicodeDecodeError is one
        return None
