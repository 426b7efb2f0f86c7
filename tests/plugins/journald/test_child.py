"""journalctl as a child process, and others in its place."""

import signal
import subprocess
import sys

import gevent
import pytest

from tests.waiting import descriptors, is_running, wait_until
from webfail2ban_journald.child import Child

#: Starts a child that writes nothing and doesn't listen to anybody, tells its id, and waits.
PARENT = """
import sys, time
from webfail2ban_journald.child import Child
child = Child([sys.executable, "-c", "import time; time.sleep(100)"])
print(child.pid, flush=True)
time.sleep(100)
"""


def test_what_it_writes_and_its_end() -> None:
    """Bytes, then nothing."""
    child = Child(["echo", "words"])
    assert child.read(10) == b"words\n"
    assert child.read(10) == b""
    assert child.end() == "exit status 0"


def test_silence() -> None:
    """Is told from the end."""
    child = Child(["sleep", "100"])
    assert child.read(0.01) is None
    child.kill()
    assert child.read(10) == b""
    assert child.end() == f"exit status {-signal.SIGKILL}"
    assert not is_running(child.pid)


def test_its_last_words() -> None:
    """Say why it ended, without what a terminal might take for a command."""
    child = Child([sys.executable, "-c", "import sys; sys.exit('first\\nla\\x1bst')"])
    assert child.read(10) == b""
    assert child.end() == "la?st"


def test_many_words_are_in_nobodys_way() -> None:
    """What it complains of is read, too."""
    code = "import sys; sys.stderr.write('x' * 1_000_000); print('done')"
    child = Child([sys.executable, "-c", code])
    assert child.read(10) == b"done\n"
    child.end()


def test_a_program_that_isnt_there() -> None:
    """Leaves nothing open."""
    before = descriptors()
    with pytest.raises(FileNotFoundError):
        Child(["/nonexistent/journalctl"])
    assert descriptors() == before


def test_nothing_stays_open() -> None:
    """However many there were."""
    Child(["true"]).end()
    before = descriptors()
    for _ in range(3):
        child = Child(["true"])
        child.end()
    gevent.sleep(0)
    assert descriptors() == before


def test_it_ends_with_a_parent_that_is_killed() -> None:
    """Though it writes nothing, and so can't notice that nobody reads."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    wait_until(lambda: not is_running(pid), "the child's end")
