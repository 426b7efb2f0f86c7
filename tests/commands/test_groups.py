import re
import subprocess
import sys

import click
import pytest

from webfail2ban import cli


def make_context() -> click.Context:
    """Return the context of the program itself, as in a terminal of the usual width."""
    settings = cli.webfail2ban.context_settings
    return click.Context(cli.webfail2ban, info_name="webfail2ban", terminal_width=80, **settings)


def test_the_help_shows_what_commands_are_for() -> None:
    """Under titles, each with a whole sentence."""
    ctx = make_context()
    text = cli.webfail2ban.get_help(ctx)
    for title, names in cli.SECTIONS.items():
        assert f"\n{title}:\n" in text
        for name in names:
            assert f"\n  {name} " in text
    assert "..." not in text.partition("\nRun:\n")[2]


@pytest.mark.parametrize("name", [name for commands in cli.SECTIONS.values() for name in commands])
def test_every_command_has_its_name_and_an_example(name: str) -> None:
    """A reader wants to see one."""
    ctx = make_context()
    command = cli.webfail2ban.get_command(ctx, name)
    assert command is not None
    assert command.name == name
    help_text = command.help or ""
    assert re.search(rf"\x08\n( *#.*\n)* .*webfail2ban {name}\b", help_text)
    assert "\\b" not in help_text


def test_a_short_command_needs_no_engine() -> None:
    """What takes long to import isn't."""
    code = (
        "import sys; sys.argv = ['webfail2ban', 'status', '--api', 'nowhere.sock']\n"
        "import webfail2ban.cli\n"
        "try: webfail2ban.cli.main()\n"
        "except SystemExit: print(*sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "webfail2ban.commands.steering.status" in loaded
    assert not loaded & {"gevent", "flask", "hyperscan", "prometheus_client", "rich.live"}
