"""What the tests with a real HAProxy share: which HAProxy, a stage, a site; logs of what failed."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.e2e import binaries
from tests.e2e.probe import Probe
from tests.e2e.processes import RUNNING
from tests.e2e.stage import Stage

#: Characters of each log that are shown.
SHOWN = 6000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("e2e")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the processes said when a test failed; forget those that have ended."""
    report = yield
    for running in tuple(RUNNING):
        if report.failed:
            report.sections.append((f"{running.name} ({running.pid})", running.said[-SHOWN:]))
        if report.when == "teardown" and running.status is not None:
            RUNNING.remove(running)
    return report


@pytest.fixture(scope="session", params=binaries.names())
def binary(request: pytest.FixtureRequest) -> Path:
    return binaries.find(request.param)


@pytest.fixture
def stage(binary: Path) -> Iterator[Stage]:
    """A stage for one test."""
    with Stage(binary) as stage:
        yield stage


@pytest.fixture(scope="session")
def probe(binary: Path) -> Iterator[Probe]:
    """A site for all tests that disturb nobody; each takes client addresses of its own."""
    with Stage(binary) as stage:
        yield Probe(stage)
