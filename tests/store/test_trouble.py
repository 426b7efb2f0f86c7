"""A store that fails says whether it may be tried again, and never spoils what it holds."""

import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from ipaddress import ip_network
from math import inf
from pathlib import Path

import pytest

from tests.fulldisk import full_disk
from webfail2ban.errors import StoreDamagedError, StoreError, StoreUnavailableError
from webfail2ban.model import Ban
from webfail2ban.store import Changes, SqliteStore, ban_key


def changes(count: int = 1, first: int = 0) -> Changes:
    made = Changes()
    for number in range(first, first + count):
        network = ip_network(number)
        made.add_ban(ban_key(network, "sshd"), Ban(network, "sshd", 0.0, inf, "why", 0, ("x",)))
    return made


def count_bans(store: SqliteStore) -> int:
    return len(store.load_bans(0, 0.0)[0][0])


def test_the_files_are_for_the_owner(store: SqliteStore, path: Path) -> None:
    """Log lines name users; only the group may see that there is something."""
    store.save(changes())
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o027 == 0
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_a_second_one_is_refused(store: SqliteStore, path: Path) -> None:
    """Two engines would overwrite each other's positions."""
    del store
    with pytest.raises(StoreError, match="another webfail2ban uses it; stop that one"):
        SqliteStore(path).open()


def test_the_lock_ends_with_the_process(path: Path) -> None:
    """However it ended."""
    program = (
        "import os, pathlib, sys; from webfail2ban.store import SqliteStore;"
        "SqliteStore(pathlib.Path(sys.argv[1])).open(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    store = SqliteStore(path)
    store.open()
    store.close()


def test_somebody_who_locks_it_is_waited_for(store: SqliteStore, path: Path) -> None:
    """Not for long; it works again when he has finished."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailableError, match="locked"):
            store.save(changes())
    store.save(changes())
    assert count_bans(store) == 1


def test_a_full_disk_changes_nothing(store: SqliteStore, path: Path) -> None:
    """A group is written whole or not at all, and again when there is room."""
    store.save(changes(10))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = max(file.stat().st_size for file in path.parent.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50_000, before[1]))
    try:
        with pytest.raises(StoreUnavailableError):
            store.save(changes(20_000))
        assert count_bans(store) == 10
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    store.save(changes(2000))
    assert count_bans(store) == 2000


def crash_after(path: Path, count: int) -> None:
    """Have another process write bans and die; its log is all there is of them."""
    program = (
        "import os, pathlib, sys; sys.path.insert(0, sys.argv[3])\n"
        "from ipaddress import ip_network; from math import inf\n"
        "from webfail2ban.model import Ban; from webfail2ban.store import *\n"
        "made = Changes()\n"
        "for number in range(int(sys.argv[2])):\n"
        "    network = ip_network(number)\n"
        "    made.add_ban(ban_key(network, 'sshd'), Ban(network, 'sshd', 0.0, inf, 'why'))\n"
        "store = SqliteStore(pathlib.Path(sys.argv[1])); store._checkpoint_at = inf\n"
        "store.open(); store.save(made); os._exit(0)\n"
    )
    root = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, "-c", program, str(path), str(count), root], check=True)


def test_what_is_stored_is_read_on_a_full_disk(store: SqliteStore, path: Path) -> None:
    """A start finds no room for the log's index; when there is some again, it writes."""
    store.save(changes(10))
    store.close()
    with full_disk():
        store.open()
        assert store.obstacle
        assert count_bans(store) == 10
        assert store.find_lines(ip_network(0), "sshd") == ("x",)
        with pytest.raises(StoreUnavailableError):
            store.save(changes(20))
        with pytest.raises(StoreUnavailableError):
            store.purge(0, 0.0, 0.0)
        assert count_bans(store) == 10
    store.save(changes(20))
    assert not store.obstacle
    assert count_bans(store) == 20
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM ban").fetchone() == (20,)


def test_what_only_the_log_holds_is_read_on_a_full_disk(path: Path) -> None:
    """After a sudden end of the machine there is no index of it."""
    crash_after(path, 10)
    path.with_name(f"{path.name}-shm").unlink()
    store = SqliteStore(path)
    with full_disk():
        store.open()
        assert store.obstacle
        assert count_bans(store) == 10
        with pytest.raises(StoreUnavailableError):
            store.save(changes(20))
        assert count_bans(store) == 10
    store.save(changes(20))
    assert (store.obstacle, count_bans(store)) == ("", 20)
    store.close()


def test_nothing_can_be_begun_on_a_full_disk(path: Path) -> None:
    """There is nothing to read either; it may be tried again."""
    store = SqliteStore(path)
    with full_disk():
        for _ in range(2):
            with pytest.raises(StoreUnavailableError):
                store.open()
    store.open()
    assert count_bans(store) == 0
    store.close()


def test_an_older_versions_database_waits_for_room(path: Path) -> None:
    """Its tables can't be read before they are brought up to date."""
    crash_after(path, 10)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 0")
    store = SqliteStore(path)
    with full_disk(), pytest.raises(StoreUnavailableError):
        store.open()


def test_a_place_where_nobody_may_write_is_named(tmp_path: Path) -> None:
    """With the reason, and at once: it won't pass."""
    (tmp_path / "file").touch()
    store = SqliteStore(tmp_path / "file" / "store.sqlite3")
    expected = r"file/store.sqlite3: (File exists|Not a dir.*); choose another store.path"
    with pytest.raises(StoreError, match=expected) as caught:
        store.open()
    assert type(caught.value) is StoreError


@pytest.mark.parametrize("garbage", [b"garbage", b"SQLite format 3\0 and then garbage" * 500])
def test_what_is_no_database_is_damaged(path: Path, garbage: bytes) -> None:
    """It is found when it is opened."""
    path.parent.mkdir()
    path.write_bytes(garbage * 100)
    store = SqliteStore(path)
    with pytest.raises(StoreDamagedError):
        store.open()
    aside = Path(store.set_aside())
    assert aside.read_bytes() == garbage * 100
    store.open()
    assert count_bans(store) == 0
    store.close()


def spoil(path: Path) -> None:
    """Cut half of the pages off, and the rest to pieces."""
    content = path.read_bytes()
    half = content[: len(content) // 2]
    path.write_bytes(half[:4096] + os.urandom(len(half) - 4096))


def read_all(store: SqliteStore) -> None:
    store.open()
    store.load_bans(0, 0.0)


def test_a_file_that_is_cut_off_is_damaged(store: SqliteStore, path: Path) -> None:
    """It is found when it is read at the latest, and set aside with what belongs to it."""
    store.save(changes(5000))
    store.close()
    spoil(path)
    with pytest.raises(StoreDamagedError):
        read_all(store)
    first = store.set_aside()
    store.open()
    store.save(changes(3))
    assert count_bans(store) == 3
    second = store.set_aside()
    assert Path(first).exists()
    assert Path(second).exists()
    assert first != second
    store.open()


def test_what_is_set_aside_can_be_read(store: SqliteStore, path: Path) -> None:
    """Its log goes with it: somebody may want to rescue what it holds."""
    store.save(changes(7))
    aside = store.set_aside()
    assert not path.exists()
    with closing(sqlite3.connect(aside)) as rescue:
        assert rescue.execute("SELECT count(*) FROM ban").fetchone() == (7,)
    store.open()
    assert count_bans(store) == 0


@pytest.mark.parametrize("endings", [("",), ("", "-wal", "-shm")])
def test_a_file_that_somebody_deletes_is_written_again(
    store: SqliteStore, path: Path, endings: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """With all that it held, and the operator is told."""
    store.save(changes(3))
    for ending in endings:
        path.with_name(path.name + ending).unlink()
    store.save(changes(2, first=3))
    assert caplog.messages == [f"{path} was deleted; all that it held is written again"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    store.close()
    again = SqliteStore(path)
    again.open()
    assert count_bans(again) == 5
    assert again.find_lines(ip_network(0), "sshd") == ("x",)
    again.close()
    assert {file.name for file in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}


def test_a_directory_that_somebody_deletes_is_made_again(store: SqliteStore, path: Path) -> None:
    """As long as this process has everything open, nothing is lost."""
    store.save(changes(3))
    shutil.rmtree(path.parent)
    store.save(changes(2, first=3))
    assert count_bans(store) == 5
    assert path.exists()


def test_what_is_not_ours_is_damaged(store: SqliteStore, path: Path) -> None:
    """Somebody wrote into our tables."""
    store.save(changes())
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE ban SET address = 'nonsense'")
        other.commit()
    with pytest.raises(StoreDamagedError, match="not ours"):
        store.load_bans(0, 0.0)


def test_another_programs_database_is_left_alone(path: Path) -> None:
    """The operator named the wrong file."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE accounts (name)")
        other.commit()
    with pytest.raises(StoreError, match="another program") as caught:
        SqliteStore(path).open()
    assert type(caught.value) is StoreError


def test_a_newer_versions_database_is_left_alone(store: SqliteStore, path: Path) -> None:
    """Going back to an old version must not lose what the new one knew."""
    store.close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="a newer webfail2ban wrote it"):
        store.open()


def test_a_store_that_is_closed_may_be_opened_again(store: SqliteStore) -> None:
    """Until then it can't be asked."""
    store.save(changes())
    store.close()
    with pytest.raises(StoreUnavailableError):
        store.save(changes())
    store.open()
    assert count_bans(store) == 1
