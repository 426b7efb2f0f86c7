import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.api import serving as api_serving
from tests.api.serving import ApiServing, socket_in
from tests.commands.steering.conftest import Run
from tests.plugged import plugged
from webfail2ban import ActionError, Json, Status, hookimpl
from webfail2ban.config import EngineSettings
from webfail2ban.engine import Engine
from webfail2ban.testing import Clock

GOOD: dict[str, Json] = {
    "name": "good",
    "where": "https://lists.example/...",
    "age": 3700.0,
    "entries": 12345,
    "rejected": 2,
    "hits": 7,
    "examples": [
        {"line": 3, "text": "10.0.0.0/8", "why": "is private"},
        {"line": 9, "text": "\x1b[31mred", "why": "is no address"},
    ],
}
BAD: dict[str, Json] = {
    "name": "bad",
    "age": None,
    "trouble": "HTTP 403 Forbidden",
    "held": {"entries": 0, "why": "it has no entries any more, after 9"},
}


class Lists:
    """Has feeds, and does what is asked."""

    feeds: tuple[dict[str, Json], ...] = (GOOD, BAD)

    @hookimpl
    def status(self) -> Status:
        return Status(details={"feeds": [*self.feeds, "no feed"]})

    @hookimpl
    def act(self, action: str, arguments: Mapping[str, Json]) -> Json:
        if arguments["feed"] == "good":
            raise ActionError("no new list of good is held")
        return {"feed": "bad", "entries": 1} if action == "accept" else {"feed": "bad"}


@pytest.fixture
def lists(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lists]:  # noqa: ARG001 - run comes first
    """A real engine with a plugin that has feeds."""
    plugin = Lists()

    def make_engine(clock: Clock) -> Engine:
        engine = Engine(EngineSettings(), plugged(lists=plugin), clock)
        engine.start()
        return engine

    monkeypatch.setattr(api_serving, "make_engine", make_engine)
    with ApiServing(socket=socket_in(tmp_path)) as running:
        monkeypatch.setenv("WEBFAIL2BAN_API", str(running.settings.socket))
        yield plugin


def test_feeds_are_a_table(run: Run, lists: Lists) -> None:  # noqa: ARG001 - the engine
    """With what is wrong, and the first lines that were rejected, below it."""
    ran = run("feeds")
    assert ran.status == 0
    assert ran.lines == [
        "feed age entries rejected hits state from",
        "good 1h 1m 12,345 2 7 good https://lists.example/...",
        "bad - 0 0 0 held -",
        "",
        "good: the first rejected lines",
        "line 3: 10.0.0.0/8: is private",
        "line 9: #033[31mred: is no address",
        "",
        "bad: HTTP 403 Forbidden",
        "",
        "bad: a new list is held: it has no entries any more, after 9",
        "webfail2ban feeds accept bad",
    ]


def test_feeds_are_json_for_machines(run: Run, lists: Lists) -> None:  # noqa: ARG001
    """All that the plugin says, and which plugin it is."""
    said = json.loads(run("feeds", "--json").out)
    assert said == {"feeds": [{"plugin": "lists", **GOOD}, {"plugin": "lists", **BAD}]}


def test_there_may_be_no_feeds(run: Run, lists: Lists) -> None:
    """Which isn't a fault."""
    lists.feeds = ()
    assert run("feeds").out == "There are no feeds.\n"


def test_what_is_held_is_accepted(run: Run, lists: Lists) -> None:  # noqa: ARG001
    """And how much that is is told."""
    ran = run("feeds", "accept", "bad")
    assert (ran.status, ran.out) == (0, "bad: 1 entry in force\n")


def test_a_feed_is_fetched_now(run: Run, lists: Lists) -> None:  # noqa: ARG001
    """Without waiting for it."""
    assert run("feeds", "refresh", "bad").out == "bad is being fetched\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("good", "no new list of good is held"),
        ("ugly", "there is no feed ugly; there are: good, bad"),
    ],
)
def test_what_cannot_be_done_is_told(run: Run, lists: Lists, name: str, words: str) -> None:  # noqa: ARG001
    """In the plugin's words, or with the names that there are."""
    ran = run("feeds", "accept", name)
    assert ran.status == 2
    assert words in ran.err


@pytest.mark.parametrize(
    "args", [("--json", "accept", "bad"), ("accept", "--json", "bad"), ("accept", "bad", "--json")]
)
def test_options_may_stand_anywhere(run: Run, lists: Lists, args: tuple[str, ...]) -> None:  # noqa: ARG001
    """Before the action, and behind it."""
    assert json.loads(run("feeds", *args).out) == {"feed": "bad", "entries": 1}
