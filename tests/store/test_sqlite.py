"""What is saved is there, also for the next one who opens it."""

from ipaddress import ip_network
from math import inf
from pathlib import Path
from typing import Any

import pytest

from webfail2ban.addresses import Network
from webfail2ban.model import Ban
from webfail2ban.store import Changes, SqliteStore, ban_key
from webfail2ban.store import sqlite as sqlite_module

NETWORK = ip_network("192.0.2.1")

#: What a client may have written.
HOSTILE = 'it\'s "\\", \0, \udc80, \n, ü, 😀'


def ban(network: Network = NETWORK, until: float = inf, **fields: object) -> Ban:
    values = {"jail": "sshd", "reason": "why", "count": 0, "lines": (), **fields}
    return Ban(network, since=1.5, until=until, **values)  # type: ignore[arg-type]


def save_bans(store: SqliteStore, *bans: Ban) -> None:
    changes = Changes()
    for one in bans:
        changes.add_ban(ban_key(one.network, one.jail), one)
    store.save(changes)


def load_bans(store: SqliteStore, ended_after: float = 0.0) -> list[tuple[Any, ...]]:
    """Return the rows of the columns."""
    found: list[tuple[Any, ...]] = []
    after: int | None = 0
    while after is not None:
        columns, after = store.load_bans(after, ended_after)
        found += zip(*columns, strict=True)
    return found


def load_values(store: SqliteStore, plugin: str, now: float = 0.0) -> dict[str, str]:
    found: dict[str, str] = {}
    after: int | None = 0
    while after is not None:
        pairs, after = store.load_values(plugin, after, now)
        found |= dict(pairs)
    return found


def test_bans_are_there_for_the_next_one(store: SqliteStore, path: Path) -> None:
    """As numbers and texts: IPv4 and IPv6, addresses and networks, with an end or without."""
    wide = ip_network("2001:db8::/64")
    save_bans(store, ban(until=7.25), ban(wide, jail=HOSTILE, reason=HOSTILE, count=3))
    store.close()
    again = SqliteStore(path)
    again.open()
    assert load_bans(again) == [
        (int(NETWORK.network_address), 32, 4, "sshd", 1.5, 7.25, 0, "why"),
        (int(wide.network_address), 64, 6, HOSTILE, 1.5, inf, 3, HOSTILE),
    ]
    again.close()


def test_a_network_and_jail_have_one_ban(store: SqliteStore) -> None:
    """The last one, with its lines."""
    save_bans(store, ban(until=10.0, lines=("old",)))
    save_bans(store, ban(until=20.0, count=1, lines=("new",)), ban(jail="other"))
    rows = load_bans(store)
    assert [(row[3], row[5], row[6]) for row in rows] == [("sshd", 20.0, 1), ("other", inf, 0)]
    assert store.find_lines(NETWORK, "sshd") == ("new",)


def test_lines_come_back_as_they_were(store: SqliteStore) -> None:
    """Whatever characters the client chose."""
    save_bans(store, ban(jail=HOSTILE, lines=(HOSTILE, "", "x")))
    assert store.find_lines(NETWORK, HOSTILE) == (HOSTILE, "", "x")
    assert store.find_lines(NETWORK, "sshd") == ()


def test_a_lifted_ban_is_gone(store: SqliteStore) -> None:
    """With its lines; others stay."""
    save_bans(store, ban(lines=("a",)), ban(jail="other", lines=("b",)))
    changes = Changes()
    changes.lift_ban(ban_key(NETWORK, "sshd"))
    store.save(changes)
    assert [row[3] for row in load_bans(store)] == ["other"]
    assert store.find_lines(NETWORK, "sshd") == ()
    assert store.find_lines(NETWORK, "other") == ("b",)


def test_a_later_ban_has_no_lines_of_an_earlier_one(store: SqliteStore) -> None:
    """Rows are numbered anew when the last one is gone."""
    save_bans(store, ban(lines=("a",)))
    changes = Changes()
    changes.lift_ban(ban_key(NETWORK, "sshd"))
    store.save(changes)
    save_bans(store, ban(ip_network("192.0.2.2")))
    assert store.find_lines(ip_network("192.0.2.2"), "sshd") == ()


def test_the_history_of_a_network_is_found(store: SqliteStore) -> None:
    """Exactly this network's, ended ones among them."""
    save_bans(store, ban(until=2.0, count=4), ban(jail="b"), ban(ip_network("192.0.2.0/24")))
    found = store.find_history(NETWORK)
    assert [(one.jail, one.until, one.count) for one in found] == [("sshd", 2.0, 4), ("b", inf, 0)]


def test_what_ended_long_ago_is_left_out(store: SqliteStore) -> None:
    """Nobody asks for it any more."""
    save_bans(store, ban(until=10.0), ban(jail="b", until=20.0))
    assert [row[3] for row in load_bans(store, ended_after=10.0)] == ["b"]


def test_values_come_back_as_they_were(store: SqliteStore) -> None:
    """Each plugin gets its own, but for those that are over."""
    changes = Changes()
    changes.set_value(HOSTILE, HOSTILE, HOSTILE, inf)
    changes.set_value("jails", "b", "", 5.0)
    changes.set_value("jails", "c", "[1]", 6.0)
    store.save(changes)
    assert load_values(store, HOSTILE) == {HOSTILE: HOSTILE}
    assert load_values(store, "jails", now=5.0) == {"c": "[1]"}
    changes = Changes()
    changes.drop_value(HOSTILE, HOSTILE)
    changes.set_value("jails", "c", "[2]", 6.0)
    store.save(changes)
    assert load_values(store, HOSTILE) == {}
    assert load_values(store, "jails") == {"b": "", "c": "[2]"}


def test_positions_come_back_as_they_were(store: SqliteStore) -> None:
    """Whatever JSON can say."""
    changes = Changes()
    positions: dict[str, object] = {"tail": {"offset": 7}, HOSTILE: [HOSTILE], "n": 1, "t": "x"}
    for source, position in positions.items():
        changes.set_position(source, position)
    store.save(changes)
    assert store.load_positions() == positions
    changes = Changes()
    changes.drop_position(HOSTILE)
    store.save(changes)
    assert set(store.load_positions()) == {"tail", "n", "t"}


def test_much_is_read_and_written_in_parts(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is left out between two, none comes twice."""
    monkeypatch.setattr(sqlite_module, "CHUNK", 3)
    monkeypatch.setattr(sqlite_module, "PAGE", 4)
    networks = [ip_network(f"192.0.2.{number}") for number in range(12)]
    save_bans(store, *[ban(network) for network in networks])
    assert [row[0] for row in load_bans(store)] == [int(one.network_address) for one in networks]
    changes = Changes()
    for number in range(9):
        changes.set_value("p", str(number), "v", inf)
    store.save(changes)
    assert len(load_values(store, "p")) == 9


def test_what_is_old_is_deleted_in_parts(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its lines; the file becomes smaller."""
    bans = [ban(ip_network(number), until=10.0, lines=("x" * 900,)) for number in range(2000)]
    save_bans(store, *bans, ban(jail="stays", lines=("y",)))
    changes = Changes()
    changes.set_value("p", "over", "v", 9.0)
    changes.set_value("p", "holds", "v", 11.0)
    store.save(changes)
    store.close()
    large = path.stat().st_size
    store.open()
    monkeypatch.setattr(sqlite_module, "PAGE", 500)
    after: int | None = 0
    steps = 0
    while after is not None:
        after = store.purge(after, ended_before=10.0, now=10.0)
        steps += 1
    assert steps > 3
    assert [row[3] for row in load_bans(store)] == ["stays"]
    assert store.find_lines(NETWORK, "stays") == ("y",)
    assert load_values(store, "p") == {"holds": "v"}
    store.close()
    assert path.stat().st_size < large / 10
