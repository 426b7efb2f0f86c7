"""Export and import, which read what the other writes."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.commands.steering.conftest import Run
from webfail2ban.commands.steering.importing import guess_format

pytestmark = pytest.mark.usefixtures("serving")


def test_bans_are_there_again(run: Run) -> None:
    """With times, reasons and jails, in JSON lines."""
    run("ban", "192.0.2.66", "--for", "permanent", "--reason", "guesses", "--jail", "sshd")
    run("ban", "2001:db8::/48")
    assert run("export", "--output", "bans.jsonl").status == 0
    before = sorted(run("bans", "--json").lines)
    run("purge", "--yes")
    ran = run("import", "bans.jsonl")
    assert (ran.status, ran.out) == (0, "2 bans imported.\n")
    assert sorted(run("bans", "--json").lines) == before
    assert run("import", "bans.jsonl").lines == [
        "0 bans imported; 2 skipped: over, or there already."
    ]


def test_other_formats_are_written(run: Run) -> None:
    """A jail's alone, too."""
    run("ban", "192.0.2.66", "--jail", "sshd")
    run("ban", "198.51.100.0/24")
    assert run("export", "--format", "plain").out.splitlines() == ["192.0.2.66", "198.51.100.0/24"]
    assert run("export", "-f", "plain", "--jail", "sshd").out == "192.0.2.66\n"
    assert "{'sshd': ['192.0.2.66']}" in run("export", "-f", "fail2ban").out
    assert json.loads(run("export", "--json", "--jail", "sshd").out)["network"] == "192.0.2.66"


def test_a_file_is_only_replaced_by_a_whole_one(run: Run) -> None:
    """A failed export leaves the last good one."""
    Path("bans.jsonl").write_text("precious")
    assert run("export", "-o", "bans.jsonl", "--api", "nowhere.sock").status == 3
    assert Path("bans.jsonl").read_text() == "precious"


def test_a_plain_list_gets_what_the_options_say(run: Run) -> None:
    """Jail, time and reason."""
    Path("list").write_text("# spammers\n192.0.2.66\n198.51.100.0/24 # all of them\n")
    ran = run(
        "import", "list", "--jail", "spam", "--for", "permanent", "--reason", "known", "--json"
    )
    assert json.loads(ran.out)["imported"] == 2
    found = json.loads(run("bans", "--covering", "198.51.100.1", "--json").out)
    assert (found["jail"], found["until"], found["reason"]) == ("spam", None, "known")


def test_what_is_no_ban_is_named(run: Run) -> None:
    """The rest is imported; exit status 1."""
    Path("list").write_text("192.0.2.66\nnobody\x1b[2J\n" + "bad\n" * 30)
    ran = run("import", "list")
    assert ran.status == 1
    assert ran.out == "1 ban imported; 31 lines not understood.\n"
    assert ran.err.splitlines()[0].startswith("line 2: ")
    assert ran.err.splitlines()[-1] == "and 11 more"
    assert "\x1b" not in ran.err


def test_standard_input_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fail2ban-client prints is known by its look."""
    told = io.TextIOWrapper(io.BytesIO(b"[{'sshd': ['192.0.2.66']}, {'dovecot': []}]\n"))
    monkeypatch.setattr(sys, "stdin", told)
    assert run("import", "-", "--for", "1d").out == "1 ban imported.\n"
    assert json.loads(run("bans", "--json").out)["jail"] == "sshd"


@pytest.mark.parametrize(
    ("beginning", "form"),
    [
        (b'\xef\xbb\xbf {"network"', "jsonl"),
        (b"\n[{'sshd'", "fail2ban"),
        (b"# list\n192.0.2.1", "plain"),
        (b"", "plain"),
    ],
)
def test_a_format_is_told_by_its_beginning(beginning: bytes, form: str) -> None:
    """White space and a byte order mark aside."""
    assert guess_format(beginning) == form


def test_a_file_that_is_not_there_is_told(run: Run) -> None:
    """Exit status 2."""
    ran = run("import", "missing")
    assert ran.status == 2
    assert "missing" in ran.err
