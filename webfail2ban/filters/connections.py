"""Failures that several lines of one connection tell together.

A filter with ``<F-MLFID>`` marks what names the connection. Lines marked ``<F-NOFAIL>`` are no
failure but supply the address or the user, ``<F-MLFGAINED>`` lines say that the client got in,
which forgives what went before, and ``<F-MLFFORGET>`` lines end the connection.
"""

from dataclasses import dataclass

from webfail2ban.filters.expression import Fields

#: How many connections to remember. Who opens more makes us forget the oldest.
MAX_CONNECTIONS = 100

#: How long a connection is remembered, in seconds.
REMEMBER_SECONDS = 300

#: Groups that say what a line means; they are no fields of a failure.
_NOFAIL, _GAINED, FORGET = "nofail", "mlfgained", "mlfforget"

#: The groups that make a line no failure, whether or not it names its connection.
NO_FAILURE = frozenset({_NOFAIL, _GAINED})

#: The groups that hold a client's address, one instead of the other.
ADDRESS_GROUPS = frozenset({"ip4", "ip6", "dns", "cidr"})


@dataclass(slots=True)
class Connection:
    """What the lines of one connection told so far.

    Attributes:
        born: When its first line came, by the clock.
        fields: The newest value of each field.
        users: The users it tried, each once.
        pending: Whether a failure waits for its address.
        quiet: Whether the last line was no failure.
        quiet_lines: The lines that were no failure, since the last one that was.
        lines: The lines of the failure.
    """

    born: float
    fields: Fields
    users: tuple[str, ...] = ()
    pending: bool = False
    quiet: bool = False
    quiet_lines: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


class Connections:
    """The connections of one log."""

    def __init__(self) -> None:
        self._connections: dict[str, Connection] = {}  # in the order in which they began

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._connections)

    def __contains__(self, key: object) -> bool:
        """Return whether a connection is remembered, though perhaps for too long by now."""
        return key in self._connections

    def add(self, key: str, fields: Fields, lines: tuple[str, ...], now: float) -> Connection:
        """Take the match of a line of this connection in.

        Args:
            key: What names the connection.
            fields: The match's fields.
            lines: The lines that matched.
            now: The clock, in seconds.

        Returns:
            What is known of the connection. It is a failure unless it is `quiet`.
        """
        gained = fields.pop(_GAINED, None) is not None
        nofail = fields.pop(_NOFAIL, None) is not None or gained
        forget = fields.pop(FORGET, None) is not None
        connection = self._find(key, now)
        if connection is None:
            connection = _begin(fields, lines, now, quiet=nofail, forget=forget)
            if not forget:
                self._remember(key, connection)
            return connection
        self._update(connection, fields, gained=gained)
        if forget:
            del self._connections[key]
        _note_user(connection, fields)
        if connection.pending or len(connection.users) > 1:
            nofail = False  # a success must not hide failures, nor another user's attempt
        connection.pending = False
        connection.quiet = nofail
        _collect(connection, lines, forget=forget)
        return connection

    def _find(self, key: str, now: float) -> Connection | None:
        connection = self._connections.get(key)
        if connection is not None and connection.born + REMEMBER_SECONDS < now:
            del self._connections[key]
            return None
        return connection

    def _remember(self, key: str, connection: Connection) -> None:
        self._connections[key] = connection
        if len(self._connections) > MAX_CONNECTIONS:
            del self._connections[next(iter(self._connections))]

    @staticmethod
    def _update(connection: Connection, fields: Fields, *, gained: bool) -> None:
        if gained:
            connection.pending = False
        if not connection.quiet and not connection.pending:
            connection.lines = ()  # they were reported with the failure before
        if not ADDRESS_GROUPS.isdisjoint(fields):
            # A process's number names its next connection too: an old IPv4 address must not
            # stand in front of the new client's IPv6 one.
            for name in ADDRESS_GROUPS:
                connection.fields.pop(name, None)
        connection.fields.update(fields)


def _begin(
    fields: Fields, lines: tuple[str, ...], now: float, *, quiet: bool, forget: bool
) -> Connection:
    """Return what the first line of a connection tells; of one that it ends, no users."""
    users: tuple[str, ...] = ()
    user = fields.get("user")
    if user and isinstance(user, str) and not forget:
        users = fields["users"] = (user,)
    if not quiet:
        return Connection(now, fields, users, lines=lines)
    return Connection(now, fields, users, quiet=True, quiet_lines=() if forget else lines)


def _note_user(connection: Connection, fields: Fields) -> None:
    user = fields.get("user")
    if user and isinstance(user, str) and user not in connection.users:
        connection.users += (user,)
    if connection.users:
        connection.fields["users"] = connection.users


def _collect(connection: Connection, lines: tuple[str, ...], *, forget: bool) -> None:
    """Put the lines where they belong: to the failure, or to what leads up to one."""
    if not connection.quiet:
        before = connection.quiet_lines + connection.lines
        connection.lines = before + lines if before else lines
        connection.quiet_lines = ()
    elif not forget:
        connection.quiet_lines += lines
