"""What systemd-files prints and writes; what is in the files is seen in tests/units."""

import sysconfig
from pathlib import Path

import pytest

from tests.commands.conftest import Run
from webfail2ban.commands.systemd_files import find_program


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that is in no home directory."""
    path = tmp_path / "webfail2ban"
    path.touch()
    return path


def test_it_names_the_files_and_what_to_do_next(run: Run, tmp_path: Path, program: Path) -> None:
    """The service starts the program that is named, by its absolute path."""
    ran = run("systemd-files", "--into", "etc", "--program", program.name)
    assert ran.exit_code == 0, ran.output
    assert "etc/systemd/system/webfail2ban.service" in ran.stdout.split()
    assert "systemctl enable --now webfail2ban" in ran.stderr
    service = tmp_path / "etc" / "systemd" / "system" / "webfail2ban.service"
    assert f"ExecStart={program} run" in service.read_text()


def test_it_is_the_program_that_was_called() -> None:
    """If none is named."""
    assert find_program(None) == Path(sysconfig.get_path("scripts"), "webfail2ban")


def test_a_program_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    """Nothing is written."""
    ran = run("systemd-files", "--into", "etc", "--program", "nowhere/webfail2ban")
    assert ran.exit_code == 2
    assert "there is no such program" in ran.output
    assert not [*tmp_path.iterdir()]


def test_a_changed_file_is_an_error_with_a_sentence(
    run: Run, tmp_path: Path, program: Path
) -> None:
    """It says how to keep changes."""
    run("systemd-files", "--into", "etc", "--program", program.name)
    (tmp_path / "etc" / "tmpfiles.d" / "webfail2ban.conf").write_text("# mine\n")
    ran = run("systemd-files", "--into", "etc", "--program", program.name)
    assert "keep changes in a drop-in" in str(ran.exception)
