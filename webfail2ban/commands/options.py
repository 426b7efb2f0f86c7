"""Options and exit statuses that several commands have."""

from pathlib import Path

import click

#: The answer is no, or the program failed while it ran.
FAILED = 1

#: The configuration, a plugin, an input or the command itself is wrong.
WRONG = 2

#: A running engine can't be reached.
UNREACHABLE = 3

config_option = click.option(
    "--config",
    "-c",
    "config_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The configuration; else $WEBFAIL2BAN_CONFIG, ./config.yaml, "
    "/etc/webfail2ban/config.yaml.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
