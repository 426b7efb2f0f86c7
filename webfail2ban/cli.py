"""The command line.

Exit status: 0 all is well; 1 the answer is no, nothing was there, or the program failed while it
ran; 2 the configuration, a plugin or the command itself is wrong; 3 a running engine can't be
reached.
"""

import os
import sys
from typing import NoReturn

import click

from webfail2ban import logs
from webfail2ban.commands.groups import SectionedGroup
from webfail2ban.commands.options import FAILED, UNREACHABLE, WRONG
from webfail2ban.errors import EngineFailureError, EngineUnreachableError, WebFail2BanError
from webfail2ban.standardstreams import open_missing_streams

_COMMANDS = "webfail2ban.commands"
_STEERING = f"{_COMMANDS}.steering"

#: The commands, in the order in which an operator meets them.
SECTIONS = {
    "Run": {
        "run": f"{_COMMANDS}.run:run",
        "check-config": f"{_COMMANDS}.check_config:check_config",
        "config-schema": f"{_COMMANDS}.check_config:config_schema",
        "plugins": f"{_COMMANDS}.plugins:list_plugins",
        "systemd-files": f"{_COMMANDS}.systemd_files:systemd_files",
        "haproxy-config": f"{_COMMANDS}.haproxy_config:haproxy_config",
    },
    "See what a running engine does": {
        "status": f"{_STEERING}.status:status",
        "health": f"{_STEERING}.health:health",
        "top": f"{_STEERING}.top:top",
        "bans": f"{_STEERING}.bans:bans",
        "check": f"{_STEERING}.check:check",
        "jails": f"{_STEERING}.jails:jails",
        "sources": f"{_STEERING}.sources:sources",
        "feeds": f"{_STEERING}.feeds:feeds",
    },
    "Steer it": {
        "ban": f"{_STEERING}.ban:ban",
        "unban": f"{_STEERING}.unban:unban",
        "purge": f"{_STEERING}.unban:purge",
        "reload": f"{_STEERING}.reload:reload",
        "import": f"{_STEERING}.importing:import_bans",
        "export": f"{_STEERING}.exporting:export_bans",
    },
    "Try filters and jails on logs": {
        "test-filter": f"{_COMMANDS}.test_filter:test_filter",
        "replay": f"{_COMMANDS}.replay:replay",
    },
    "Come from elsewhere": {
        "import-config": f"{_COMMANDS}.import_config:import_config",
        "import-bans": f"{_STEERING}.fail2ban_bans:import_bans",
    },
    "Find what won't work": {"doctor": f"{_COMMANDS}.doctor:doctor"},
    "Write a plugin": {"new-plugin": f"{_COMMANDS}.new_plugin:new_plugin"},
    "For your shell": {"completion": f"{_COMMANDS}.completion:completion"},
}


def main() -> NoReturn:
    """Run the command line."""
    open_missing_streams()
    try:
        webfail2ban.main(standalone_mode=True, color=_colour())
    except EngineUnreachableError as error:
        _fail(str(error), UNREACHABLE)
    except EngineFailureError as error:
        _fail(str(error), FAILED)
    except WebFail2BanError as error:
        _fail(str(error), WRONG)
    except OSError as error:
        reason = error.strerror or str(error)
        _fail(f"{error.filename}: {reason}" if error.filename else reason, FAILED)
    sys.exit(0)


def _colour() -> bool | None:
    """Return whether to use colours; None where the terminal decides (https://no-color.org)."""
    return False if os.environ.get("NO_COLOR") else None


def _fail(message: str, status: int) -> NoReturn:
    for line in message.splitlines():
        text = click.style("error: ", fg="red") + logs.harmless(line)
        click.echo(text, err=True, color=_colour())
    sys.exit(status)


@click.group(cls=SectionedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="webfail2ban", prog_name="webfail2ban")
def webfail2ban() -> None:
    """fail2ban for everything behind HAProxy.

    Log lines ban clients; HAProxy asks over SPOP and refuses them.
    """


webfail2ban.sections = SECTIONS
