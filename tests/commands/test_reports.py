from tests.plugged import plugged
from webfail2ban import hookimpl
from webfail2ban.commands.reports import describe_plugins, show_plugins, table
from webfail2ban.hosting.discovery import Candidate
from webfail2ban.model import Query


class Quiet:
    @hookimpl
    def opinion(self, query: Query) -> None:
        """Say nothing."""


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
