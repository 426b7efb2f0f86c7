"""What the tests with a real HAProxy share: which HAProxy, a stage, a site; logs of what failed."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.e2e import binaries
from tests.e2e.agent import JAILS, Agent
from tests.e2e.probe import Probe
from tests.e2e.processes import RUNNING
from tests.e2e.stage import Stage
from tests.e2e.website import scores

#: Characters of each log that are shown.
SHOWN = 6000

#: What the websites' agent knows clients by: log lines, and others' lists.
PLUGINS = ["whitelist", "blocklist", "jails", "syslog", "tail"]

#: Whoever failed less often than it takes for a ban has a score, too.
SCORING = {**JAILS, "dovecot": {"filter": "dovecot", "score": 80}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("e2e")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a test run with each HAProxy; with HAProxy 3, too, if it is marked so."""
    if "binary" in metafunc.fixturenames:
        three = metafunc.definition.get_closest_marker("haproxy3") is not None
        names = binaries.names(three=three)
        metafunc.parametrize("binary", names, indirect=True, scope="session")


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


@pytest.fixture(scope="session")
def binary(request: pytest.FixtureRequest) -> Path:
    """An HAProxy; a test runs with each."""
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


@pytest.fixture(scope="session")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """An agent that websites share; each test takes client addresses that no other one has."""
    directory = tmp_path_factory.mktemp("agent")
    shared = Agent(directory, plugins=PLUGINS, jails=SCORING, blocklist=scores(directory))
    shared.start()
    yield shared
    shared.stop()
