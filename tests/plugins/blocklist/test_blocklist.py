"""The plugin in a real engine, with the process that gets the lists."""

import os
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import gevent
import pytest

from tests.plugins.blocklist.webserver import WebServer, say
from tests.waiting import wait_until
from webfail2ban import (
    ActionError,
    EngineSettings,
    Json,
    Opinion,
    Query,
    Stance,
    Status,
)
from webfail2ban.testing import Clock, EngineBox
from webfail2ban_blocklist import Blocklist, BlocklistSettings

Start = Callable[..., Blocklist]

PROXY = "203.0.113.9"


def configured(directory: Path, feeds: dict[str, Any]) -> dict[str, Json]:
    """Return the configuration."""
    section: dict[str, Any] = {"directory": directory / "lists", "feeds": feeds}
    return {"blocklist": section, "trusted_proxies": [PROXY]}


@pytest.fixture
def boxes() -> Iterator[list[EngineBox]]:
    """The engines of a test, stopped at its end."""
    boxes: list[EngineBox] = []
    yield boxes
    for box in boxes:
        box.close()


@pytest.fixture
def start(tmp_path: Path, clock: Clock, boxes: list[EngineBox]) -> Start:
    """Start the plugin in an engine of its own; wait until each feed was refreshed once."""

    def begin(*, wait: bool = True, **feeds: dict[str, Any]) -> Blocklist:
        box = EngineBox(configured(tmp_path, feeds), clock, blocklist=Blocklist)
        boxes.append(box)
        blocklist: Blocklist = box.plugin("blocklist")
        if wait:
            wait_until(
                lambda: all(feed.refreshes + feed.failures for feed in blocklist.feeds.values()),
                "every feed is refreshed",
                gevent.sleep,
            )
        return blocklist

    return begin


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A list in a file."""
    path = tmp_path / "evil.txt"
    path.write_text("198.51.100.1\n203.0.113.8/31\n2001:db8::/32\n10.0.0.1\nrubbish\n")
    return path


def ask(blocklist: Blocklist, address: str) -> Opinion | None:
    return blocklist.opinion(Query("check-ip", (), ip_address(address)))


def status(blocklist: Blocklist) -> Status:
    return blocklist.status()


def test_whoever_is_on_a_list_is_banned(start: Start, boxes: list[EngineBox], evil: Path) -> None:
    """The reason names the list; it holds until the list changes."""
    start(evil={"file": evil})
    verdict = boxes[0].judge("198.51.100.1")
    assert verdict.banned
    assert (verdict.reason, verdict.jail) == ("on the list evil", "evil")
    assert verdict.valid_until == float("inf")
    assert not boxes[0].judge("198.51.100.2").banned


def test_scores_of_several_lists_add_up(start: Start, evil: Path) -> None:
    """To a hundred at most."""
    blocklist = start(one={"file": evil, "score": 40}, two={"file": evil, "score": 70})
    assert ask(blocklist, "2001:db8::1") == Opinion.add_score(100, "on the lists one, two")


def test_a_list_that_bans_wins_over_scores(start: Start, evil: Path) -> None:
    """All of them are named."""
    blocklist = start(one={"file": evil, "score": 40}, two={"file": evil})
    opinion = ask(blocklist, "198.51.100.1")
    assert opinion is not None
    assert (opinion.stance, opinion.jail) == (Stance.BAN, "two")
    assert opinion.reason == "on the lists one, two"


def test_nobody_is_asked_about_a_client_without_an_address(start: Start) -> None:
    """A unix-socket bind has none."""
    assert start().opinion(Query("check-ip", (), None)) is None


def test_a_trusted_proxy_is_never_banned(start: Start, evil: Path) -> None:
    """An entry that holds it is refused, and its neighbour isn't banned with it."""
    blocklist = start(evil={"file": evil})
    assert ask(blocklist, PROXY) is None
    assert ask(blocklist, "203.0.113.8") is None


def test_an_old_list_does_not_ban_a_new_proxy(start: Start, evil: Path) -> None:
    """It was read when nobody knew of it."""
    evil.write_text("198.51.100.1\n")
    blocklist = start(evil={"file": evil})
    settings = EngineSettings.model_validate({"trusted_proxies": ["198.51.100.1"]})
    blocklist.configure(BlocklistSettings(), settings)
    assert ask(blocklist, "198.51.100.1") is None


def test_operators_see_what_was_rejected(start: Start, evil: Path) -> None:
    """The first lines, and why."""
    blocklist = start(evil={"file": evil})
    ask(blocklist, "198.51.100.1")
    feeds: Any = status(blocklist).details["feeds"]
    (feed,) = feeds
    assert (feed["entries"], feed["rejected"], feed["hits"]) == (2, 3, 1)
    assert [example["why"] for example in feed["examples"]] == [
        "203.0.113.8/31 holds addresses that are a trusted proxy's",
        "10.0.0.1 is private",
        "is no address",
    ]
    assert "feed evil: 3 lines are rejected, and 2 in force" in status(blocklist).problems


def test_problems_are_told_in_words(start: Start, server: WebServer, clock: Clock) -> None:
    """How old the last good list is, and why there is no younger one."""
    server.answer = say(b"198.51.100.1\n")
    blocklist = start(evil={"url": server.url}, gone={"file": "/nowhere/list"})
    assert status(blocklist).problems == (
        "feed gone: there is no list yet: /nowhere/list: No such file or directory",
    )
    server.answer = say(b"", "403 Forbidden")
    clock.turn(3 * 86_400 + 5)
    feed = blocklist.feeds["evil"]
    feed.hurry()
    wait_until(lambda: feed.failures, "it fails", gevent.sleep)
    assert status(blocklist).problems[0] == (
        "feed evil: the last good list is 3d old: HTTP 403 Forbidden"
    )


def test_numbers_are_told_by_feed(start: Start, evil: Path) -> None:
    """For Prometheus."""
    blocklist = start(evil={"file": evil})
    ask(blocklist, "198.51.100.1")
    numbers = {
        metric.name: value for metric in status(blocklist).metrics for _, value in metric.samples
    }
    assert numbers == {
        "feed_entries": 2,
        "feed_rejected": 3,
        "feed_age_seconds": 0,
        "feed_held": False,
        "feed_hits_total": 1,
        "feed_refreshes_total": 1,
        "feed_failures_total": 0,
    }


def test_an_operator_accepts_what_is_held(start: Start, server: WebServer) -> None:
    """By the feed's name; until then it is among the problems."""
    server.answer = say(b"198.51.100.1\n")
    blocklist = start(evil={"url": server.url})
    server.answer = say(
        b"198.51.100.1-198.51.100.9\n" + b"".join(b"1.1.1.%d\n" % n for n in range(9))
    )
    assert blocklist.act("refresh", {"feed": "evil"}) == {"feed": "evil"}
    feed = blocklist.feeds["evil"]
    wait_until(lambda: feed.held, "it is held", gevent.sleep)
    (problem,) = status(blocklist).problems
    assert problem == (
        "feed evil: a new list is held, as it grew from 1 entries to 10; "
        "`webfail2ban feeds accept evil` puts it in force"
    )
    assert blocklist.act("accept", {"feed": "evil"}) == {"feed": "evil", "entries": 10}
    assert ask(blocklist, "198.51.100.9") is not None
    assert not status(blocklist).problems


def test_what_an_operator_cannot_mean_is_refused(start: Start, evil: Path) -> None:
    """With the names that there are."""
    blocklist = start(evil={"file": evil})
    with pytest.raises(ActionError, match="there is no feed 'good'; there are: evil"):
        blocklist.act("accept", {"feed": "good"})
    with pytest.raises(ActionError, match="there is no feed None"):
        blocklist.act("accept", {})
    assert blocklist.act("fly", {"feed": "evil"}) is None


def test_a_reload_goes_on_with_the_lists(
    start: Start, boxes: list[EngineBox], server: WebServer, tmp_path: Path
) -> None:
    """Nobody passes meanwhile, nothing is downloaded again, and hits are counted on."""
    server.answer = say(b"198.51.100.1\n")
    old = start(evil={"url": server.url})
    ask(old, "198.51.100.1")
    boxes[0].reload(configured(tmp_path, {"evil": {"url": server.url, "score": 5}}))
    new: Blocklist = boxes[0].plugin("blocklist")
    opinion = ask(new, "198.51.100.1")
    assert opinion is not None
    assert opinion.score == 5
    assert new.feeds["evil"].hits == 2
    assert len(server.requests) == 1


def test_a_restart_without_network_has_the_last_list(start: Start, server: WebServer) -> None:
    """It is in force before the first question."""
    server.answer = say(b"198.51.100.1\n")
    start(evil={"url": server.url})
    again = start(evil={"url": server.url}, wait=False)
    assert ask(again, "198.51.100.1") is not None
    assert len(server.requests) == 1


def find_children() -> set[str]:
    """Return the ids of the processes that this one has started; other tests may have left some."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_a_stop_ends_a_download(start: Start, boxes: list[EngineBox], server: WebServer) -> None:
    """Nothing is left of it: neither a process nor a file."""
    before = find_children()
    server.answer = lambda _connection, _request: server.release.wait()
    blocklist = start(evil={"url": server.url}, wait=False)
    wait_until(lambda: server.requests, "it is asked", gevent.sleep)
    assert find_children() - before
    boxes[0].close()
    wait_until(lambda: not find_children() - before, "the process ends", gevent.sleep)
    directory = blocklist.feeds["evil"]._list_path.parent
    assert [path.name for path in directory.iterdir()] == []


def test_a_process_that_is_killed_is_told(start: Start, server: WebServer) -> None:
    """By whatever: the kernel, for memory, or somebody."""
    before = find_children()
    server.answer = lambda _connection, _request: server.release.wait()
    blocklist = start(evil={"url": server.url}, wait=False)
    wait_until(lambda: server.requests, "it is asked", gevent.sleep)
    (child,) = find_children() - before
    os.kill(int(child), 9)
    feed = blocklist.feeds["evil"]
    wait_until(lambda: feed.failures, "it fails", gevent.sleep)
    assert feed.trouble == "it took more than 300 s, or was killed"


def test_settings_name_what_is_missing(tmp_path: Path) -> None:
    """A list that isn't there may come; certificates have to be there."""
    settings = BlocklistSettings.model_validate(
        {
            "feeds": {
                "own": {"file": tmp_path / "own"},
                "far": {"url": "https://lists.example/", "ca_file": tmp_path / "ca.pem"},
            }
        }
    )
    own, far = Blocklist().check_settings(settings)
    assert (own.path, own.warning) == (("feeds", "own", "file"), True)
    assert (far.path, far.warning) == (("feeds", "far", "ca_file"), False)
