"""``webfail2ban systemd-files``: what makes the program a service."""

import sysconfig
from pathlib import Path

import click

from webfail2ban.units import write_units

#: What is to be done then, as root.
NEXT = """
Next: systemd-sysusers
      systemd-tmpfiles --create
      systemctl daemon-reload
      systemctl enable --now webfail2ban
"""


@click.command("systemd-files")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    default=Path("/etc"),
    show_default=True,
    help="Where they go; a distribution's package has /usr/lib.",
)
@click.option(
    "--program",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What the service starts; else this webfail2ban.",
)
@click.option("--replace", is_flag=True, help="Replace files that were changed.")
def systemd_files(into: Path, program: Path | None, replace: bool) -> None:
    """Write the files of a systemd service, and its user's.

    The service has no rights but its user's, sees the system read-only, and is started again when
    it ends or stands still.

    \b
      sudo webfail2ban systemd-files
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    for path in write_units(into, find_program(program), replace=replace):
        click.echo(path)
    click.echo(NEXT, err=True, nl=False)


def find_program(named: Path | None) -> Path:
    """Return the program's absolute path: the one that is named, or ours.

    Raises:
        click.UsageError: it isn't there.
    """
    program = (named or Path(sysconfig.get_path("scripts")) / "webfail2ban").absolute()
    if not program.is_file():
        raise click.UsageError(f"{program}: there is no such program; name it with --program")
    return program
