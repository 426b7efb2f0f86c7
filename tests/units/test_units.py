"""The service's files, written for a place and a program."""

from pathlib import Path, PurePath

import pytest

from webfail2ban.errors import ServiceError
from webfail2ban.units import read_units, write_units

PROGRAM = PurePath("/opt/webfail2ban/bin/webfail2ban")

SERVICE = PurePath("systemd/system/webfail2ban.service")


def test_there_are_the_service_its_user_and_its_directories(tmp_path: Path) -> None:
    """At their places below /etc."""
    written = write_units(tmp_path, PROGRAM, replace=False)
    assert [path.relative_to(tmp_path) for path in written] == [
        SERVICE,
        PurePath("sysusers.d/webfail2ban.conf"),
        PurePath("tmpfiles.d/webfail2ban.conf"),
    ]
    assert all(path.is_file() for path in written)


def test_the_service_starts_the_program_that_is_there() -> None:
    """In each of its commands."""
    text = read_units(PROGRAM)[SERVICE]
    assert f"ExecStart={PROGRAM} run\n" in text
    assert f"ExecReload={PROGRAM} reload\n" in text
    assert "/usr/bin" not in text


def test_the_same_files_are_written_again(tmp_path: Path) -> None:
    """An upgrade needn't ask."""
    before = {path: path.read_bytes() for path in write_units(tmp_path, PROGRAM, replace=False)}
    assert write_units(tmp_path, PROGRAM, replace=False) == [*before]
    assert {path: path.read_bytes() for path in before} == before


def test_what_was_changed_stays(tmp_path: Path) -> None:
    """All of it, unless it is to be replaced."""
    service = tmp_path / SERVICE
    service.parent.mkdir(parents=True)
    service.write_bytes(b"# mine: \xfc\n")
    with pytest.raises(ServiceError, match=r"webfail2ban\.service: was changed"):
        write_units(tmp_path, PROGRAM, replace=False)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [service]
    write_units(tmp_path, PROGRAM, replace=True)
    assert "ExecStart=" in service.read_text()


@pytest.mark.parametrize("place", ["/opt/our tools", "/opt/100%", "/opt/$HOME", '/opt/"x"'])
def test_a_path_that_systemd_reads_otherwise_is_refused(place: str, tmp_path: Path) -> None:
    """The service would start something else, or nothing."""
    with pytest.raises(ServiceError, match="systemd would read that path otherwise"):
        write_units(tmp_path, PurePath(place, "webfail2ban"), replace=False)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("home", ["/home/ann/venv/bin", "/root/venv/bin"])
def test_a_program_in_a_home_directory_is_refused(home: str, tmp_path: Path) -> None:
    """The service wouldn't find it."""
    with pytest.raises(ServiceError, match="home directories"):
        write_units(tmp_path, PurePath(home, "webfail2ban"), replace=False)
    assert not [*tmp_path.iterdir()]
