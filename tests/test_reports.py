from math import inf

from tests.plugged import plugged
from webfail2ban import hookimpl
from webfail2ban.discovery import Candidate
from webfail2ban.model import Opinion, Query, Verdict
from webfail2ban.reports import (
    describe_plugins,
    describe_verdict,
    show_plugins,
    show_verdict,
    table,
)
from webfail2ban.testing import NOON


class Quiet:
    @hookimpl
    def opinion(self, query: Query) -> None:
        """Say nothing."""


OPINIONS = (
    ("lists", Opinion.add_score(40, "on a list", until=NOON)),
    ("jails", Opinion.ban("failed", jail="sshd")),
    ("counter", Opinion.ask_again()),
)
BANNED = Verdict(
    True, 100, "failed", "sshd", NOON, OPINIONS, variables=(("country", "DE"), ("asn", None))
)

CANDIDATES = {
    "quiet": [Candidate("quiet", "here", str)],
    "spare": [Candidate("spare", "one place", str), Candidate("spare", "another", str)],
}


def test_a_table_has_columns() -> None:
    """As wide as their widest cell, without spaces at the ends of lines."""
    assert table(("a", "b"), [("long", ""), ("x", "y")]) == "a     b\nlong\nx     y"


def test_loaded_plugins_come_first() -> None:
    """In the order of the chain; then what could be loaded, every place of it."""
    facts = describe_plugins(plugged(quiet=Quiet()), CANDIDATES)
    assert facts == [
        {"name": "quiet", "loaded": True, "origin": "the test", "hooks": ["opinion"]},
        {"name": "spare", "loaded": False, "origin": "one place", "hooks": []},
        {"name": "spare", "loaded": False, "origin": "another", "hooks": []},
    ]


def test_plugins_for_people() -> None:
    """The same as a table."""
    assert show_plugins(plugged(quiet=Quiet()), CANDIDATES).splitlines()[:2] == [
        "plugin  state           from       hooks",
        "quiet   loaded          the test   opinion",
    ]


def test_a_verdict_for_machines() -> None:
    """With every opinion."""
    assert describe_verdict("192.0.2.1", BANNED) == {
        "address": "192.0.2.1",
        "banned": True,
        "score": 100,
        "reason": "failed",
        "jail": "sshd",
        "until": NOON,
        "variables": {"country": "DE"},
        "opinions": [
            {"plugin": "lists", "stance": "score", "reason": "on a list", "score": 40},
            {"plugin": "jails", "stance": "ban", "reason": "failed"},
            {"plugin": "counter", "stance": "none", "reason": ""},
        ],
    }


def test_what_never_ends_has_no_end_in_json() -> None:
    """JSON knows no infinity."""
    assert describe_verdict("192.0.2.1", Verdict(True, 100, until=inf))["until"] is None
    assert describe_verdict("192.0.2.1", Verdict())["until"] is None


def test_a_verdict_for_people() -> None:
    """One sentence, then who said what."""
    lines = show_verdict("192.0.2.1", BANNED).splitlines()
    assert lines[0].startswith("192.0.2.1 ")
    assert lines[0].endswith(", score 100: failed")
    assert lines[1:] == [
        "plugin   opinion  reason",
        "lists    +40      on a list",
        "jails    ban      failed",
        "counter  none",
    ]


def test_a_verdict_without_opinions_says_so() -> None:
    """An empty table would look like a mistake."""
    assert show_verdict("192.0.2.1", Verdict()).endswith("\nNo plugin has an opinion.")


def test_a_reason_cannot_steer_the_terminal() -> None:
    """It may quote a log line, and a client writes those."""
    opinions = (("jails", Opinion.ban("\x1b]0;x\x07\nforged")),)
    shown = show_verdict("192.0.2.1", Verdict(True, 100, "\x1b]0;x\x07\nforged", opinions=opinions))
    assert "\x1b]" not in shown
    assert len(shown.splitlines()) == 3
