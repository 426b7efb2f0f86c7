import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.e2e import binaries
from webfail2ban.testing import Clock, FakeEngine, FakeSensor

#: Points the tests at a tree that somebody else unpacked, as `tests/tools/fetch_fail2ban.py` does.
TREE_VARIABLE = "WEBFAIL2BAN_FAIL2BAN_TREE"

# No test says how long something may take: the machine may be busy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

CHECKOUT = Path(__file__).parents[1]
FETCH = CHECKOUT / "tests" / "tools" / "fetch_fail2ban.py"


def pytest_report_header() -> str | None:
    """Say what is left out."""
    if binaries.has_three():
        return None
    return "HAProxy 3: not tried, there is none; run tests/tools/fetch-haproxy-3"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes: the other workers do the rest meanwhile."""
    items.sort(key=lambda item: "long" not in item.keywords)


@pytest.fixture
def clock(webfail2ban_clock: Clock) -> Clock:
    """A clock to turn."""
    return webfail2ban_clock


@pytest.fixture
def engine(webfail2ban_engine: FakeEngine) -> FakeEngine:
    """What a plugin sees of the engine."""
    return webfail2ban_engine


@pytest.fixture
def sensor(webfail2ban_sensor: FakeSensor) -> FakeSensor:
    """What a plugin sees of the sensor."""
    return webfail2ban_sensor


@pytest.fixture(scope="session")
def fail2ban_tree() -> Path:
    """The unpacked package; it is fetched once."""
    if TREE_VARIABLE in os.environ:
        return Path(os.environ[TREE_VARIABLE])
    tree = CHECKOUT / ".cache" / "fail2ban"
    if not (tree / "usr" / "config").exists():
        subprocess.run([sys.executable, str(FETCH), str(tree)], check=True)
    return tree


@pytest.fixture(scope="session")
def filter_dir(fail2ban_tree: Path) -> Path:
    """The folder with the packaged filters."""
    return fail2ban_tree / "etc" / "fail2ban" / "filter.d"
