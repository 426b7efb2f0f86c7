import os
from ipaddress import ip_address
from pathlib import Path

import pytest

from webfail2ban import Query, Stance, parse_network
from webfail2ban.testing import FakeEngine
from webfail2ban_whitelist import Whitelist, WhitelistSettings
from webfail2ban_whitelist.listfile import ListFile


def make_whitelist(
    *files: Path, networks: tuple[str, ...] = (), engine: FakeEngine | None = None
) -> Whitelist:
    whitelist = Whitelist()
    whitelist.configure(WhitelistSettings.model_validate({"files": files, "networks": networks}))
    whitelist.start_engine(engine or FakeEngine())
    return whitelist


def allows(whitelist: Whitelist, address: str) -> bool:
    opinion = whitelist.opinion(Query("check-ip", (), ip_address(address)))
    return opinion is not None and opinion.stance is Stance.ALLOW


def rewrite(path: Path, text: str) -> None:
    """Replace a file as editors do: another inode, whatever the clock's resolution."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "whitelist.lst"
    path.write_text("192.0.2.1\n198.51.100.0/24\n2001:db8::/32\n")
    return path


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.7", "2001:db8::1"])
def test_whoever_is_in_a_file_passes(listed: Path, address: str) -> None:
    """Addresses and networks, of both versions."""
    assert allows(make_whitelist(listed), address)


@pytest.mark.parametrize("address", ["192.0.2.2", "198.51.101.1", "2001:db9::1"])
def test_about_everybody_else_there_is_no_opinion(listed: Path, address: str) -> None:
    """Others may think what they like."""
    assert not allows(make_whitelist(listed), address)


def test_whoever_is_in_the_configuration_passes() -> None:
    """Without any file."""
    assert allows(make_whitelist(networks=("192.0.2.0/24",)), "192.0.2.9")


def test_a_client_without_an_address_gets_no_opinion(listed: Path) -> None:
    """A unix-socket bind has none."""
    assert make_whitelist(listed).opinion(Query("check-ip", (), None)) is None


def test_the_opinion_names_the_entry(listed: Path) -> None:
    """So that an operator finds it."""
    opinion = make_whitelist(listed).opinion(Query("check-ip", (), ip_address("198.51.100.7")))
    assert opinion is not None
    assert opinion.reason == "whitelist: 198.51.100.0/24 in whitelist.lst"


def test_haproxys_list_files_load_unchanged(tmp_path: Path) -> None:
    """Comments, blank lines, indents, and what HAProxy ignores behind the address."""
    path = tmp_path / "haproxy.lst"
    path.write_text(
        "# friends\n\n  192.0.2.1  # the office\n192.0.2.2\tbackup\r\n::ffff:192.0.2.3\n"
    )
    whitelist = make_whitelist(path)
    assert all(allows(whitelist, f"192.0.2.{number}") for number in (1, 2, 3))


def test_a_bad_line_is_named_and_the_rest_is_in_force(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With its number."""
    path = tmp_path / "list"
    path.write_text("192.0.2.1\n192.0.2.300\n192.0.2.2\n")
    whitelist = make_whitelist(path)
    assert allows(whitelist, "192.0.2.1")
    assert allows(whitelist, "192.0.2.2")
    assert f"{path}:2: '192.0.2.300' is no address" in caplog.text


def test_a_wrong_file_does_not_flood_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A binary has many bad lines."""
    path = tmp_path / "list"
    path.write_bytes(os.urandom(3000) + b"\nword" * 1000)
    make_whitelist(path)
    assert len(caplog.records) <= 12


def test_a_changed_file_is_read_again(listed: Path, engine: FakeEngine) -> None:
    """And the remembered verdicts are dropped."""
    whitelist = make_whitelist(listed, engine=engine)
    (look,) = engine.spawned
    look()
    assert engine.forgotten == []
    rewrite(listed, "192.0.2.2\n")
    look()
    assert engine.forgotten == [None]
    assert allows(whitelist, "192.0.2.2")
    assert not allows(whitelist, "192.0.2.1")


def test_a_long_file_keeps_nobody_waiting(
    listed: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verdicts get their turn while it is read; what was in force holds until all of it is."""
    turns: list[bool] = []
    whitelist = make_whitelist(listed, engine=engine)
    monkeypatch.setattr(engine, "give_way", lambda: turns.append(allows(whitelist, "192.0.2.1")))
    rewrite(listed, "".join(f"10.0.0.{number}\n" for number in range(200)))
    engine.spawned[0]()
    assert turns == [True] * 10
    assert allows(whitelist, "10.0.0.199")
    assert not allows(whitelist, "192.0.2.1")


def test_a_file_that_is_gone_stays_in_force(
    listed: Path, engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """Better an old whitelist than none; it is said once."""
    whitelist = make_whitelist(listed, engine=engine)
    listed.unlink()
    for look in engine.spawned * 3:
        look()
    assert allows(whitelist, "192.0.2.1")
    assert caplog.text.count("can't be read") == 1
    assert "its last 3 entries stay in force" in caplog.text


def test_a_file_may_appear_later(tmp_path: Path, engine: FakeEngine) -> None:
    """Whoever writes it may start after us; what is in the configuration holds meanwhile."""
    path = tmp_path / "list"
    whitelist = make_whitelist(path, networks=("198.51.100.1",), engine=engine)
    assert allows(whitelist, "198.51.100.1")
    path.write_text("192.0.2.1\n")
    engine.spawned[0]()
    assert allows(whitelist, "192.0.2.1")
    assert allows(whitelist, "198.51.100.1")


def test_a_touched_file_changes_nothing(listed: Path) -> None:
    """Only other networks count as a change."""
    file = ListFile(listed)
    assert file.reread()
    rewrite(listed, listed.read_text())
    assert not file.reread()
    assert parse_network("192.0.2.1") in file.networks
