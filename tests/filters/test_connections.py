"""Failures that several lines of one connection tell together."""

from webfail2ban.filters.connections import (
    MAX_CONNECTIONS,
    REMEMBER_SECONDS,
    Connection,
    Connections,
)


class Log:
    """Feeds lines of one connection."""

    def __init__(self) -> None:
        self.connections = Connections()
        self.now = 0.0

    def __call__(self, line: str, key: str = "A", **fields: str) -> Connection:
        return self.connections.add(key, {"mlfid": key, **fields}, (line,), self.now)

    def failure(self, line: str, key: str = "A", **fields: str) -> tuple[str, ...] | None:
        """Return the lines of the failure that a line makes, None if it makes none."""
        connection = self(line, key, **fields)
        return None if connection.quiet else connection.lines


def test_a_line_alone_is_a_failure() -> None:
    """With its own fields."""
    connection = Log()("1", ip4="192.0.2.7")

    assert not connection.quiet
    assert connection.fields["ip4"] == "192.0.2.7"
    assert connection.lines == ("1",)


def test_a_nofail_line_supplies_fields_for_a_failure() -> None:
    """The failure tells its lines too."""
    log = Log()
    assert log.failure("1", nofail="x", ip4="192.0.2.7") is None
    assert log.failure("2", nofail="x") is None

    connection = log("3", fport="22")

    assert not connection.quiet
    assert connection.fields == {"mlfid": "A", "ip4": "192.0.2.7", "fport": "22"}
    assert connection.lines == ("1", "2", "3")


def test_a_line_is_reported_once() -> None:
    """The next failure of the connection has lines of its own."""
    log = Log()
    assert log.failure("1", nofail="x") is None
    assert log.failure("2") == ("1", "2")
    assert log.failure("3") == ("3",)
    assert log.failure("4", nofail="x") is None
    assert log.failure("5") == ("4", "5")


def test_connections_are_kept_apart() -> None:
    """By their key."""
    log = Log()
    log("1", key="A", nofail="x", ip4="192.0.2.7")

    assert "ip4" not in log("2", key="B").fields


def test_newer_fields_replace_older_ones() -> None:
    """Those that a line doesn't tell stay."""
    log = Log()
    log("1", ip4="192.0.2.7", fport="1")

    assert log("2", fport="2").fields == {"mlfid": "A", "ip4": "192.0.2.7", "fport": "2"}


def test_a_new_address_replaces_one_of_the_other_kind() -> None:
    """The next connection of a process is another client's."""
    log = Log()
    log("1", ip4="192.0.2.7", cidr="24")
    connection = log("2", ip6="2001:db8::1", user="root")

    assert connection.fields["ip6"] == "2001:db8::1"
    assert not {"ip4", "cidr"} & set(connection.fields)


def test_forget_ends_a_connection() -> None:
    """What went before counts for this line still, not for later ones."""
    log = Log()
    log("1", nofail="x", ip4="192.0.2.7")

    assert log("2", mlfforget="x").fields["ip4"] == "192.0.2.7"
    assert len(log.connections) == 0
    assert "ip4" not in log("3").fields


def test_forget_alone_is_not_remembered() -> None:
    """There is nothing to go on with."""
    log = Log()

    assert log.failure("1", mlfforget="x") == ("1",)
    assert log.failure("2", mlfforget="x", nofail="x", user="a") is None
    assert len(log.connections) == 0


def test_a_forgetting_nofail_line_is_not_collected() -> None:
    """No failure will tell it."""
    log = Log()
    log("1", nofail="x")

    assert log("2", nofail="x", mlfforget="x").quiet_lines == ("1",)


def test_a_success_is_no_failure() -> None:
    """With the user who tried before."""
    log = Log()
    log("1", nofail="x", user="a")

    assert log.failure("2", mlfgained="x", mlfforget="x", user="a") is None


def test_a_second_user_is_a_failure() -> None:
    """Whoever tries several names guesses, even if the last one is let in."""
    log = Log()
    assert log.failure("1", nofail="x", user="a") is None
    assert log.failure("2", nofail="x", user="b") == ("1", "2")
    assert log.failure("3", mlfgained="x", user="c") == ("3",)
    assert log("4").fields["users"] == ("a", "b", "c")


def test_an_empty_user_is_none() -> None:
    """A log that leaves the name out names nobody else."""
    log = Log()
    log("1", nofail="x", user="a")

    assert log.failure("2", nofail="x", user="") is None


def test_a_pending_failure_waits_for_its_address() -> None:
    """A line that was no failure then makes it one."""
    log = Log()
    log("1").pending = True
    connection = log("2", nofail="x", ip4="192.0.2.7")

    assert not connection.quiet
    assert connection.lines == ("1", "2")


def test_a_pending_failure_is_reported_once() -> None:
    """Then the connection is quiet again."""
    log = Log()
    log("1").pending = True
    log("2", nofail="x", ip4="192.0.2.7")

    assert log.failure("3", nofail="x") is None


def test_a_success_forgives_a_pending_failure() -> None:
    """It never had an address."""
    log = Log()
    log("1").pending = True

    assert log.failure("2", mlfgained="x", ip4="192.0.2.7") is None


def test_a_connection_is_forgotten_after_a_while() -> None:
    """Counted from its first line."""
    log = Log()
    log("1", nofail="x", ip4="192.0.2.7")
    log.now = REMEMBER_SECONDS
    assert "ip4" in log("2", nofail="x").fields

    log.now = REMEMBER_SECONDS + 1
    assert "ip4" not in log("3", nofail="x").fields


def test_the_oldest_of_too_many_connections_is_forgotten() -> None:
    """A flood can't fill the memory."""
    log = Log()
    for number in range(MAX_CONNECTIONS + 1):
        log("1", key=str(number), ip4="192.0.2.7")

    assert len(log.connections) == MAX_CONNECTIONS
    assert "ip4" in log("2", key="1").fields
    assert "ip4" not in log("2", key="0").fields
