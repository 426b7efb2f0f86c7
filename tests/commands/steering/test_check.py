import json
from typing import Any

import pytest

from tests.api.panels import FRIEND
from tests.commands.steering.conftest import Run
from webfail2ban.api.models import CheckReport
from webfail2ban.commands.steering.check_report import show_check

pytestmark = pytest.mark.usefixtures("serving")

NOW = 1_800_000_000.0

SCORE = {"stance": "score", "weight": 1, "reason": "", "jail": "", "until": None}

REPORT: dict[str, Any] = {
    "address": "2001:db8::66",
    "network": "2001:db8::/64",
    "verdict": {
        "banned": True,
        "score": 110,
        "reason": "loud\x1b[2J",
        "jail": "sshd",
        "until": NOW + 240,
        "variables": {"country": "DE", "asn": 64500},
    },
    "opinions": [
        {**SCORE, "plugin": "a", "score": 70, "points": 70, "reason": "x"},
        {**SCORE, "plugin": "b", "score": 40, "points": 40, "until": NOW + 9},
    ],
    "sum": 110,
    "threshold": 90,
    "bans": [
        {
            "network": "2001:db8::/64",
            "jail": "sshd",
            "since": NOW - 60,
            "until": NOW + 240,
            "reason": "5 failures",
            "count": 2,
            "lines": ["a line\x1b[2J", "another"],
        }
    ],
    "past": [
        {
            "network": "2001:db8::/64",
            "jail": "dovecot",
            "since": NOW - 7200,
            "until": NOW - 3600,
            "reason": "3 failures",
            "count": 1,
        }
    ],
    "counts": [
        {"jail": "sogo", "counted": "2001:db8::/64", "failures": 2.5, "limit": 5, "last": NOW - 5}
    ],
}


def test_a_client_that_passes(run: Run) -> None:
    """Exit status 0; every plugin is named, also those that say nothing; what is counted."""
    ran = run("check", "192.0.2.1")
    assert ran.status == 0
    assert ran.lines[:6] == [
        "192.0.2.1 passes, score 0",
        "",
        "Opinions",
        "plugin says",
        "whitelist nothing",
        "jails nothing",
    ]
    assert ran.lines[-1].startswith("sshd 192.0.2.1 2 of 5")


def test_a_client_that_is_banned(run: Run) -> None:
    """Exit status 1; by whom and why."""
    run("ban", "192.0.2.66", "--for", "permanent", "--reason", "guesses")
    ran = run("check", "192.0.2.66")
    assert ran.status == 1
    assert ran.lines[:2] == [
        "192.0.2.66 is banned, score 100: guesses",
        "Permanent, by the jail manual.",
    ]
    assert "jails ban never guesses" in ran.lines
    assert "Bans in force" in ran.lines


def test_a_friend_passes_though_he_is_banned(run: Run) -> None:
    """Both are shown."""
    run("ban", str(FRIEND))
    ran = run("check", str(FRIEND))
    assert ran.status == 0
    assert "whitelist allow never a friend" in ran.lines


def test_everything_in_json(run: Run) -> None:
    """The status tells the verdict as well."""
    run("ban", "192.0.2.66")
    ran = run("check", "192.0.2.66", "--json")
    found = json.loads(ran.out)
    assert (ran.status, found["verdict"]["banned"]) == (1, True)
    assert [opinion["plugin"] for opinion in found["opinions"]] == ["whitelist", "jails"]


@pytest.mark.parametrize("address", ["192.0.2", "192.0.2.0/24", "example.com"])
def test_what_is_no_address_is_told(run: Run, address: str) -> None:
    """Exit status 2."""
    ran = run("check", address)
    assert ran.status == 2
    assert f"{address!r} is no IP address" in ran.err


def test_all_that_is_known_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Scores with their sum, bans, counts, history, lines; nothing steers the terminal."""
    show_check(CheckReport.model_validate(REPORT), NOW)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[:2] == [
        "2001:db8::66 is banned, score 110: loud#033[2J",
        "It is one client with all of 2001:db8::/64.",
    ]
    assert lines[2].endswith("(in 4m), by the jail sshd.")
    assert lines[3] == "HAProxy also gets country=DE, asn=64500."
    assert "a score 70 never x" in lines
    assert "b score 40 in 9s -" in lines
    assert "sum 110 90 and more ban" in lines
    assert "sogo 2001:db8::/64 2.5 of 5 5s ago" in lines
    assert any(line.startswith("2001:db8::/64 dovecot ") and "1h ago" in line for line in lines)
    assert lines[-2:] == ["a line#033[2J", "another"]


def test_weights_are_shown_where_there_are_some(capsys: pytest.CaptureFixture[str]) -> None:
    """With what they make of the scores, and of a ban that is one."""
    opinions = [
        {**SCORE, "plugin": "a", "score": 70, "weight": 0.25, "points": 17.5},
        {**SCORE, "plugin": "b", "stance": "ban", "score": 40, "weight": 2, "points": 80},
        {**SCORE, "plugin": "c", "stance": "ban", "score": 100, "weight": None},
        {**SCORE, "plugin": "d", "stance": "none", "score": 0, "weight": None},
    ]
    show_check(CheckReport.model_validate({**REPORT, "opinions": opinions, "sum": 97}), NOW)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    first = lines.index("Opinions") + 1
    assert lines[first : first + 6] == [
        "plugin says score weight points ends why",
        "a score 70 0.25 17.5 never -",
        "b ban 40 2 80 never -",
        "c ban - - - never -",
        "d nothing - - - - -",
        "sum 97 90 and more ban",
    ]
