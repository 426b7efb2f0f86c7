import logging
import os
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.plugins.geoip.conftest import Rig, write
from tests.waiting import wait_until
from webfail2ban_geoip.database import DatabaseError

CLIENT = "2.16.0.1"
FRENCH = {"2.16.0.0/16": {"country": {"iso_code": "FR"}}}


def test_a_replaced_file_is_in_force_after_two_looks(rig: Callable[..., Rig]) -> None:
    """And the remembered verdicts are dropped then, not before."""
    started = rig()
    write(started.path, FRENCH)
    started.look()
    assert started.country(CLIENT) == "DE"
    assert started.engine.forgotten == []
    started.look()
    assert started.country(CLIENT) == "FR"
    assert started.engine.forgotten == [None]
    started.look(3)
    assert started.engine.forgotten == [None]
    assert started.problems == []


def test_a_file_cut_short_in_place_harms_nobody(
    rig: Callable[..., Rig], caplog: pytest.LogCaptureFixture
) -> None:
    """While look-ups go on: what is mapped is a copy, of which nobody can take anything away."""
    started = rig()
    os.truncate(started.path, 0)
    assert started.country(CLIENT) == "DE"
    started.look(5)
    assert started.country(CLIENT) == "DE"
    assert started.engine.forgotten == []
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "the database from before stays in force" in caplog.text
    (problem,) = started.problems
    assert str(started.path) in problem
    assert "is no MMDB database" in problem


def test_half_a_file_is_refused_and_the_whole_one_used(rig: Callable[..., Rig]) -> None:
    """The rest of a download comes later."""
    started = rig()
    whole = write(started.path.with_name("whole"), FRENCH).read_bytes()
    started.path.write_bytes(whole[:-100])
    started.look(4)
    assert started.country(CLIENT) == "DE"
    assert started.problems
    with started.path.open("ab") as file:
        file.write(whole[-100:])
    started.look(2)
    assert started.country(CLIENT) == "FR"
    assert started.problems == []


def test_a_removed_file_stays_in_force(
    rig: Callable[..., Rig], caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, and nothing is wrong any more when it is back."""
    started = rig()
    away = started.path.with_name("away")
    started.path.rename(away)
    started.look(3)
    assert started.country(CLIENT) == "DE"
    assert "can't be read: No such file" in started.problems[0]
    assert caplog.text.count("can't be read") == 1
    away.rename(started.path)
    started.look(2)
    assert started.problems == []
    assert started.engine.forgotten == []


def test_a_file_that_is_refused_is_tried_once(
    rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading it anew every few seconds would serve nobody."""
    started = rig()
    started.path.write_bytes(b"garbage" * 100)
    started.look(2)
    assert started.problems
    tried: list[object] = []
    monkeypatch.setattr("webfail2ban_geoip.databasefile.open_database", tried.append)
    started.look(5)
    assert tried == []


def test_it_does_not_start_without_its_database(rig: Callable[..., Rig]) -> None:
    """A file that went between the check and the start."""
    started = rig()
    started.plugin.stop_engine()
    started.path.unlink()
    with pytest.raises(DatabaseError, match="can't be read"):
        started.plugin.start_engine(started.engine)


def test_an_old_database_is_a_problem(rig: Callable[..., Rig]) -> None:
    """Networks move; whoever updates it may have stopped."""
    started = rig(max_age="30d")
    assert started.problems == []
    started.engine.clock.turn(31 * 86_400)
    assert [problem.rpartition(" was made ")[2] for problem in started.problems] == [
        "4w3d ago: is it updated still?"
    ] * 2


def test_the_status_describes_each_database(rig: Callable[..., Rig]) -> None:
    """What it is, and how old."""
    started = rig()
    databases = started.plugin.status().details["databases"]
    assert isinstance(databases, list)
    first = databases[0]
    assert isinstance(first, dict)
    assert first["path"] == str(started.path)
    assert first["type"] == "GeoLite2-Country"
    assert first["bytes"] == started.path.stat().st_size
    assert first["nodes"]
    (metric,) = started.plugin.status().metrics
    assert {labels["database"] for labels, _ in metric.samples} == {"country.mmdb", "asn.mmdb"}


def count_copies() -> int:
    """Return how many copies this process holds, of all databases."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that lists them is gone
            found += "memfd:geoip" in str(link.readlink())
    return found


def test_memory_is_given_back(rig: Callable[..., Rig]) -> None:
    """Each swap brings a copy and takes one away."""
    started = rig()
    for number in range(6):
        write(started.path, FRENCH | {"8.8.8.0/24": {"asn": number + 1}})
        started.look(2)
        assert started.ask("8.8.8.8").variables["asn"] == number + 1
    wait_until(lambda: count_copies() == 2, "old copies are closed")
    assert started.plugin.locate(ip_address(CLIENT)).country == "FR"
