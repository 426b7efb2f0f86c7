import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.keeping.lives import NEVER, Life
from webfail2ban.testing import Clock


@pytest.fixture
def life(tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> Iterator[Life]:
    """A keeper that is at work, and goes to the store only when the test says so."""
    caplog.set_level(logging.INFO)
    life = Life(tmp_path / "store.sqlite3", clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webfail2ban.keeping.keeper.PURGE_STEP", NEVER)
        life.begin()
        yield life
    life.keeper.stop()
