"""What can be told of files on this machine, and what can't."""

from pathlib import Path

from tests.doctor.sites import CFG, FILTER, Case, find_all
from webfail2ban.doctor.machine import Machine

#: A name that no system takes: it answers neither yes nor no, as with a directory that is closed.
UNTOLD = "/" + "x" * 300


def test_a_file_is_missing_where_it_surely_is(tmp_path: Path) -> None:
    """Not where the system doesn't say, nor on another machine."""
    (tmp_path / "there").touch()
    here = Machine(root=tmp_path)
    assert [here.lacks(name) for name in ("/there", "/gone", UNTOLD)] == [False, True, False]
    assert not Machine(here=False, root=tmp_path).lacks("/gone")


def test_what_can_not_be_looked_at_is_not_found(tmp_path: Path) -> None:
    """And the others are looked at all the same."""
    (tmp_path / "beside").mkdir()
    beside = tmp_path / "beside" / "x.conf"
    beside.touch()
    machine = Machine(root=tmp_path, beside=(tmp_path / UNTOLD, beside.parent))
    assert machine.find(UNTOLD) is None
    assert machine.find("/etc/haproxy/x.conf") == beside


def test_a_file_that_can_not_be_looked_at_ends_nothing(tmp_path: Path) -> None:
    """The doctor goes on with all the rest."""
    (finding,) = find_all(
        tmp_path,
        Case("x", cfg=((FILTER, FILTER.replace("/etc/haproxy/webfail2ban.spoe.conf", UNTOLD)),)),
    )
    assert (finding.name, finding.file) == ("spoe-file-missing", CFG)
