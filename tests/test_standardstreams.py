"""A program that is started without some of its standard streams."""

import subprocess
import sys
from pathlib import Path

import pytest

#: Opens a file, and says something on both channels, as any command may.
TALKING = """
import os, sys
from webfail2ban.standardstreams import open_missing_streams

open_missing_streams()
with open(sys.argv[1], "w") as database:
    print(sys.stdout.isatty(), sys.stderr.isatty(), repr(sys.stdin.read()), flush=True)
    print("said", file=sys.stderr, flush=True)
    database.write(str(database.fileno() > 2))
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-", ""])
def test_nothing_is_written_into_somebody_elses_file(tmp_path: Path, closed: str) -> None:
    """Whichever are closed: the null device stands in for them."""
    path = tmp_path / "database"
    command = f'exec "$0" -c "$1" "$2" {closed}'
    ran = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, TALKING, path],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert path.read_text() == "True"
    assert ran.stdout == ("" if " >&-" in f" {closed}" else "False False ''\n")
    assert ran.stderr == ("" if "2>&-" in closed else "said\n")


@pytest.mark.parametrize("command", ["plugins", "--help"])
def test_a_command_needs_no_standard_output(command: str) -> None:
    """It does its work, and says nothing."""
    ran = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m webfail2ban {command} >&-', sys.executable],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
