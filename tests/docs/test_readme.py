"""The README has every command."""

import re

from tests.docs.pages import ROOT
from webfail2ban import cli

README = (ROOT / "README.md").read_text("utf-8")


def test_the_table_has_every_command() -> None:
    """By its name, in the first column."""
    rows = re.findall(r"^\| (`[^|]*`) \|", README, re.MULTILINE)
    told = {
        name.removeprefix("webfail2ban ").split()[0]
        for row in rows
        for name in re.findall(r"`([^`]+)`", row)
    }
    commands = {name for section in cli.SECTIONS.values() for name in section}
    assert commands <= told
