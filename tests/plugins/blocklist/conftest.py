from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gevent.lock import BoundedSemaphore

from tests.plugins.blocklist.webserver import WebServer
from webfail2ban.testing import FakeEngine
from webfail2ban_blocklist.feed import Feed, Surroundings
from webfail2ban_blocklist.job import Job, Report
from webfail2ban_blocklist.settings import FeedSettings
from webfail2ban_blocklist.worker import Progress, do

MakeFeed = Callable[..., Feed]


class Quiet(Progress):
    """Tells nobody how far it is."""

    def __init__(self) -> None:
        pass

    def say(self, words: str) -> None:
        pass


def run_here(job: Job, _say: Callable[[str], object]) -> Report:
    """Get a list in this process: what it does is the same, and a test may wait for it."""
    return do(Job.load(job.dump()), Quiet())


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine's environment says about proxies isn't for servers on loopback."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A web server."""
    with WebServer() as server:
        yield server


@pytest.fixture
def make_feed(engine: FakeEngine, tmp_path: Path) -> MakeFeed:
    """Return what makes a feed; each keeps its lists in the same directory."""

    def make(**settings: Any) -> Feed:
        model = FeedSettings.model_validate({"timeout": 5, "jitter": 0, **settings})
        around = Surroundings(
            directory=tmp_path,
            now=engine.now,
            run=run_here,
            protected=lambda: [("198.51.100.77", "a trusted proxy's")],
            give_way=engine.give_way,
            changed=engine.forget,
            turnstile=BoundedSemaphore(1),
        )
        return Feed("evil", model, around)

    return make
