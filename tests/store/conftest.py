from collections.abc import Iterator
from pathlib import Path

import pytest

from webfail2ban.store import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "state" / "store.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """An open store."""
    store = SqliteStore(path, patience=0.05)
    store.open()
    yield store
    store.close()
