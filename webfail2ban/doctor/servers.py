"""The servers of a backend: where a line leads, and what it says."""

import re
from dataclasses import dataclass

from webfail2ban.addresses import Address, parse_address
from webfail2ban.doctor.reading import Line, Section

#: What may stand before an address, and says that it is a path.
UNIX = ("unix@", "uxst@")

#: What may stand before one, and says nothing that matters here.
FAMILIES = ("ipv4@", "ipv6@", "tcp@", "tcp4@", "tcp6@", "quic4@", "quic6@")

#: A port, or several of a ``bind`` line.
PORTS = re.compile(r"\d{1,5}(-\d{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Server:
    """A server.

    Attributes:
        line: Its line.
        words: What holds for it: those of ``default-server`` lines, then its own.
        host: An address or a name; empty for a unix socket.
        port: Its port; 0 if none is said.
        path: The path of its unix socket; empty if it has none.
    """

    line: Line
    words: tuple[str, ...]
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        """Return its name."""
        return self.line.word(1)

    @property
    def address(self) -> Address | None:
        """Return its address; None for a name and for a unix socket."""
        try:
            return parse_address(self.host)
        except ValueError:
            return None

    @property
    def is_local(self) -> bool:
        """Tell whether it surely runs on HAProxy's machine."""
        address = self.address
        return bool(
            self.path or self.host == "localhost" or (address is not None and address.is_loopback)
        )

    def has(self, word: str) -> bool:
        """Tell whether an option holds for it; the last word counts."""
        marks = [found for found in self.words if found in {word, f"no-{word}"}]
        return bool(marks) and marks[-1] == word

    def value(self, word: str) -> str:
        """Return what stands behind an option; the last one counts."""
        places = [place for place, found in enumerate(self.words) if found == word]
        return self.words[places[-1] + 1] if places and places[-1] + 1 < len(self.words) else ""

    @property
    def shown(self) -> str:
        """Return its address as its line has it."""
        return self.line.word(2)


def read_servers(section: Section) -> tuple[Server, ...]:
    """Return the servers of a backend."""
    defaults: tuple[str, ...] = ()
    for line in section.inherited:
        if line.starts("default-server"):
            defaults += line.words[1:]
    servers = []
    for line in section.lines:
        if line.starts("default-server"):
            defaults += line.words[1:]
        elif line.starts("server") and len(line.words) > 2:  # noqa: PLR2004 - name and address
            host, port, path = split_address(line.word(2))
            servers.append(Server(line, (*defaults, *line.words[3:]), host, port, path))
    return tuple(servers)


def split_address(text: str) -> tuple[str, int, str]:
    """Return the host, port (of several the first) and path of an address as HAProxy writes it."""
    for family in UNIX:
        if text.startswith(family):
            return "", 0, text.removeprefix(family)
    if text.startswith("/"):
        return "", 0, text
    if text.startswith(("abns@", "abnsz@", "fd@", "sockpair@")):
        return "localhost", 0, ""
    for family in FAMILIES:
        text = text.removeprefix(family)
    host, colon, port = text.rpartition(":")
    if not colon or not PORTS.fullmatch(port):
        return text.strip("[]"), 0, ""
    return host.strip("[]"), int(port.partition("-")[0]), ""


def listens_beyond(text: str) -> bool:
    """Tell whether others than this machine reach one of the addresses of a ``bind`` line."""
    return any(map(_is_beyond, text.split(",")))


def _is_beyond(text: str) -> bool:
    host, _, path = split_address(text)
    if path:
        return False
    try:
        return not parse_address(host).is_loopback
    except ValueError:
        return host != "localhost"
