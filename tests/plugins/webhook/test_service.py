"""Services of Apprise's are told of bans, beside everything else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from tests.plugins.webhook.conftest import Receiver, RunningEngine, answer, hang, make_ban, wait
from webfail2ban.testing import Clock
from webfail2ban_webhook.service import Service
from webfail2ban_webhook.settings import ServicesSettings

# Apprise imports modules that Python gives up, where they are still there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

QUICK = {"retry_pause": "1ms", "retry_longest": "2ms", "rate": 1000, "gather": 0}


class Told:
    """The plugin, told of bans until it is stopped."""

    def __init__(self, clock: Clock, url: str, **settings: Any) -> None:
        self.plugin = Service()
        self.engine = RunningEngine(clock)
        settings = {"ops": {"url": url, **QUICK, **settings}}
        self.plugin.configure(ServicesSettings.model_validate(settings))
        self.plugin.start_engine(self.engine)

    @property
    def problems(self) -> str:
        return "".join(self.plugin.status().problems)

    def stop(self) -> None:
        self.engine.greenlets.kill()
        self.plugin.stop_engine()


@pytest.fixture
def url(receiver: Receiver) -> str:
    """The receiver, as Apprise knows it: it takes JSON there."""
    return receiver.url().replace("http://", "json://")


@pytest.fixture
def told(clock: Clock, url: str) -> Iterator[Told]:
    told = Told(clock, url)
    yield told
    told.engine.greenlets.kill()


def test_a_service_is_told(told: Told, receiver: Receiver) -> None:
    """With a title and a line, through Apprise."""
    told.plugin.ban(make_ban())
    wait(lambda: receiver.requests, "the request")
    assert receiver.bodies[0]["message"] == "ban 192.0.2.1 [dovecot] for 10m: 5 failures"
    assert receiver.bodies[0]["title"].startswith("webfail2ban on ")
    told.stop()


def test_the_end_of_a_ban_is_told_on_request_only(told: Told, receiver: Receiver) -> None:
    """People needn't read of it."""
    told.plugin.unban(make_ban(1))
    told.plugin.ban(make_ban(2))
    wait(lambda: receiver.requests, "the request")
    assert "ban 192.0.2.2" in receiver.bodies[0]["message"]


def test_gathered_messages_are_lines_of_one(clock: Clock, url: str, receiver: Receiver) -> None:
    """A mail for each would be too many."""
    told = Told(clock, url, gather="50ms", text="{network}", title="{number} bans")
    told.plugin.ban(make_ban(1))
    told.plugin.ban(make_ban(2))
    wait(lambda: receiver.requests, "the request")
    assert receiver.bodies[0]["message"] == "192.0.2.1\n192.0.2.2"
    assert receiver.bodies[0]["title"] == "2 bans"
    told.stop()


def test_what_a_client_wrote_is_no_markup(clock: Clock, url: str, receiver: Receiver) -> None:
    """Where the service shows HTML, it is escaped."""
    told = Told(clock, url + "?format=html", text="{reason}")
    told.plugin.ban(make_ban(reason="<b>@all"))
    wait(lambda: receiver.requests, "the request")
    assert receiver.bodies[0]["message"].startswith("&lt;b&gt;@all")
    told.stop()


def test_a_service_that_fails_is_told_again(told: Told, receiver: Receiver) -> None:
    """What Apprise says of it is said, without secrets."""
    receiver.usually = answer(500)
    told.plugin.ban(make_ban())
    wait(lambda: "error=500" in told.problems, "the reason is told")
    assert "apprise ops: json://... has failed" in told.problems
    assert "key-of-the-url" not in told.problems
    receiver.usually = answer(200)
    wait(lambda: not told.problems, "it is taken")


def test_a_service_that_hangs_keeps_nobody_waiting(
    clock: Clock, url: str, receiver: Receiver
) -> None:
    """Its thread is left alone; the stop doesn't wait for it either."""
    receiver.usually = hang
    told = Told(clock, url + "?rto=2", timeout="100ms")
    told.plugin.ban(make_ban())
    wait(lambda: "no answer within 100ms" in told.problems, "it is given up for now")
    with gevent.Timeout(10):
        told.stop()


def test_a_url_in_a_file_is_read(
    clock: Clock, url: str, receiver: Receiver, tmp_path: Path
) -> None:
    """Where nobody else may see it."""
    (tmp_path / "url").write_text(url + "\n")
    told = Told(clock, None, url_file=tmp_path / "url")  # type: ignore[arg-type]
    told.plugin.ban(make_ban())
    wait(lambda: receiver.requests, "the request")
    told.stop()


def test_a_url_that_apprise_does_not_know_is_refused(tmp_path: Path) -> None:
    """By its setting, without being shown."""
    (tmp_path / "url").write_text("nonsense://secret")
    settings = ServicesSettings.model_validate(
        {
            "bad": {"url": "nonsense://secret"},
            "file": {"url_file": tmp_path / "url"},
            "none": {"url_file": tmp_path / "none"},
            "good": {"url": "mailto://me:secret@example.com"},
        }
    )
    found = list(Service().check_settings(settings))
    assert [problem.path for problem in found] == [
        ("bad", "url"),
        ("file", "url_file"),
        ("none", "url_file"),
    ]
    assert not any("secret" in problem.message for problem in found)
