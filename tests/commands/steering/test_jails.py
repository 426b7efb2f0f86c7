import json

import pytest

from tests.api.panels import FRIEND
from tests.commands.steering.conftest import Run
from webfail2ban.commands.steering.jails import show_limits

pytestmark = pytest.mark.usefixtures("serving")


def test_jails_are_shown_with_their_counters(run: Run) -> None:
    """And whoever else has bans."""
    run("ban", "192.0.2.66")
    ran = run("jails")
    assert ran.status == 0
    assert ran.lines == [
        "jail banned bans failed counted lines",
        "sshd 0 0 7 0 0",
        "manual 1 0 0 0 0",
    ]


def test_jails_in_json(run: Run) -> None:
    """One document."""
    (sshd,) = json.loads(run("jails", "--json").out)["jails"]
    assert (sshd["failures"], sshd["loudest"]) == (7, str(FRIEND))


@pytest.mark.parametrize(
    ("limits", "shown"),
    [
        ({"maxretry": 5, "findtime": 600.0, "bantime": 3600.0}, "5 in 10m: 1h"),
        ({"maxretry": 3, "findtime": "1d", "bantime": None}, "3 in 1d: ever"),
        ({"maxretry": 3}, ""),
        ({}, ""),
    ],
)
def test_limits_are_written_shortly(limits: dict[str, str | int | float], shown: str) -> None:
    """Where a jail has them."""
    assert show_limits(limits) == shown


def test_sources_are_shown(run: Run) -> None:
    """Where they stand."""
    ran = run("sources")
    assert (ran.status, ran.lines) == (
        0,
        ["source lines dropped state", "syslog 12 0 listens"],
    )
    assert json.loads(run("sources", "--json").out)["sources"][0]["name"] == "syslog"
