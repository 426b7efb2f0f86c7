"""The files with which systemd runs the program, and writing them for where it is installed.

Below the folder ``etc`` they are as they go into the system's: the service, its user (sysusers.d)
and its directories (tmpfiles.d).
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath

from webfail2ban.errors import ServiceError

#: Where a distribution's package puts the program; the service's file has it in its commands.
PACKAGED = PurePath("/usr/bin/webfail2ban")

#: What the service doesn't see: ProtectHome (systemd.exec(5)).
HOMES = (PurePath("/home"), PurePath("/root"), PurePath("/run/user"))

#: Paths that mean the same in every line of a unit: systemd has its own quotes, % and variables.
PLAIN = re.compile(r"[A-Za-z0-9/._+@:,=~-]+")


def write_units(folder: Path, program: PurePath, *, replace: bool) -> list[Path]:
    """Write the service's files.

    Args:
        folder: The system's ``/etc``, or a distribution's ``/usr/lib``.
        program: Where ``webfail2ban`` is, as an absolute path.
        replace: Whether files that were changed may be replaced.

    Returns:
        The files, in the order of their paths.

    Raises:
        ServiceError: one is there and is another, or the service can't reach the program.
        OSError: one can't be written.
    """
    if any(program.is_relative_to(home) for home in HOMES):
        raise ServiceError(
            f"{program}: the service sees no home directories; install webfail2ban elsewhere, into "
            "a virtual environment below /opt for instance"
        )
    if not PLAIN.fullmatch(str(program)):
        raise ServiceError(
            f"{program}: systemd would read that path otherwise; install webfail2ban in a place "
            "without spaces, quotes, % and the like"
        )
    texts = {folder / path: text for path, text in sorted(read_units(program).items())}
    changed = [
        path for path, text in texts.items() if path.exists() and path.read_bytes() != text.encode()
    ]
    if changed and not replace:
        names = ", ".join(map(str, changed))
        raise ServiceError(f"{names}: was changed; keep changes in a drop-in, or say --replace")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return [*texts]


def read_units(program: PurePath) -> dict[PurePath, str]:
    """Return the files' texts by their paths below ``/etc``.

    Args:
        program: Where ``webfail2ban`` is.
    """
    return {
        path: text.replace(str(PACKAGED), str(program))
        for path, text in _read(files(__name__) / "etc", PurePath())
    }


def _read(folder: Traversable, path: PurePath) -> Iterator[tuple[PurePath, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _read(entry, path / entry.name)
        else:
            yield path / entry.name, entry.read_text("utf-8")
