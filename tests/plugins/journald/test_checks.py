"""What is wrong on this machine, said before anything is read."""

import grp
import json
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.interpreters import module_path, runnable_by
from tests.plugins.journald.journals import Journal, serialize
from webfail2ban import SettingsProblem
from webfail2ban_journald import JournaldSettings
from webfail2ban_journald.checks import find_problems

IS_ROOT = os.geteuid() == 0

#: Who isn't root: somebody else if the tests are, else ourselves.
USER = "nobody" if IS_ROOT else pwd.getpwuid(os.geteuid()).pw_name

#: Says what is wrong with a journal, and reads it.
PROBE = """
import json, sys, time
import gevent
from pathlib import Path
from webfail2ban.testing import FakeSensor
from webfail2ban_journald import JournaldSettings
from webfail2ban_journald.checks import find_problems
from webfail2ban_journald.reader import Reader
settings = JournaldSettings(directory=sys.argv[1], start="beginning")
problems = [problem.message for problem in find_problems(settings, [])]
system = [problem.message for problem in find_problems(JournaldSettings(), [], [Path(sys.argv[1])])]
sensor = FakeSensor(time.time)
reader = Reader(settings, (), sensor)
reading = gevent.spawn(reader.run)
while not (sensor.lines or reader.trouble):
    gevent.sleep(0.01)
reader.stop()
print(json.dumps([problems, system, [line.text for line in sensor.lines], reader.trouble]))
"""


def find(dirs: Sequence[Path] = (), **settings: Any) -> list[SettingsProblem]:
    return list(find_problems(JournaldSettings.model_validate(settings), dirs, []))


@pytest.fixture
def open_journal() -> Iterator[Journal]:
    """A journal with an entry, of which everybody may know and only its owner may read it."""
    with tempfile.TemporaryDirectory(prefix="webfail2ban-") as name:
        Path(name).chmod(0o755)
        journal = Journal(Path(name) / "journal")
        journal.directory.chmod(0o755)
        journal.write(serialize("a"))
        journal.file.chmod(0o640 if IS_ROOT else 0)
        yield journal


def probe(journal: Journal, *groups: int) -> Any:
    """Look at a journal as somebody who isn't root, in these groups besides his own."""
    someone: dict[str, Any] = {}
    if IS_ROOT:
        entry = pwd.getpwnam(USER)
        someone = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}
    output = subprocess.run(
        [runnable_by(USER) if IS_ROOT else sys.executable, "-c", PROBE, journal.directory],
        env={**os.environ, "PYTHONPATH": module_path()},
        cwd="/",
        stdout=subprocess.PIPE,
        check=True,
        **someone,
    ).stdout
    return json.loads(output)


def test_who_may_not_read_the_journal_is_told_the_group(open_journal: Journal) -> None:
    """Instead of reading nothing for ever."""
    problems, system, texts, trouble = probe(open_journal)
    where = f"the journal in {open_journal.directory}"
    group = grp.getgrgid(open_journal.file.stat().st_gid).gr_name
    expected = group if group != "root" else "systemd-journal"
    sentence = f"{where} can't be read: the user {USER} has to be a member of the group {expected}"
    assert problems == system == [sentence]
    assert texts == []
    assert "insufficient permissions" in trouble


def test_a_member_of_the_group_reads_it(open_journal: Journal) -> None:
    """Without being root."""
    groups = []
    if IS_ROOT:
        groups = [grp.getgrnam("systemd-journal").gr_gid]
        os.chown(open_journal.file, 0, groups[0])
    else:
        open_journal.file.chmod(0o400)
    problems, system, texts, trouble = probe(open_journal, *groups)
    assert (problems, system, trouble) == ([], [], "")
    assert texts == ["mail sshd[4711]: a"]


def test_one_file_of_several_that_is_closed(open_journal: Journal) -> None:
    """Is worth a warning: the others are read."""
    archived = open_journal.rotate()
    open_journal.write(serialize("b"))
    open_journal.file.chmod(0o644)
    problems, _, texts, _ = probe(open_journal)
    assert [problem.partition(": ")[0] for problem in problems] == [f"{archived} can't be read"]
    assert texts == ["mail sshd[4711]: b"]


def test_no_journal_is_a_warning(tmp_path: Path) -> None:
    """It may come."""
    [problem] = find(directory=tmp_path)
    assert problem.message == f"there is no journal in {tmp_path} yet"
    assert problem.path == ("directory",)
    assert problem.warning


def test_no_journalctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in most container images."""
    monkeypatch.setenv("PATH", str(tmp_path))
    [problem] = find(namespace="web")
    assert "needs the program journalctl" in problem.message
    assert not problem.warning


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("journalmatch = A=b + C=d", None),
        ("failregex = <HOST>", "mine has no journalmatch"),
        ("journalmatch = --file=x", "the journalmatch of mine must be made of FIELD=value"),
    ],
)
def test_filters(tmp_path: Path, definition: str, message: str | None) -> None:
    """One that doesn't say which entries are its own is of no use here."""
    (tmp_path / "mine.conf").write_text(f"[Definition]\n{definition}\n")
    problems = find([tmp_path], filters=["mine"], namespace="web")
    assert [problem.path for problem in problems] == [("filters", 0)] * (message is not None)
    assert all(message in problem.message for problem in problems if message)


def test_a_filter_that_isnt_there(tmp_path: Path) -> None:
    """Is named."""
    [problem] = find([tmp_path], filters=["theirs"], namespace="web")
    assert "theirs" in problem.message
