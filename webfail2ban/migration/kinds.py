"""Whose configuration a file or directory is."""

from enum import Enum
from pathlib import Path

from webfail2ban.errors import ConfigurationError, Problem

#: The file that fail2ban begins with; the others beside it are told by their endings.
JAIL_FILE = "jail"

#: The predecessor's file, in the directory of the program.
PREDECESSOR_FILE = "config.yaml"


class Kind(Enum):
    """The programs whose configurations are understood."""

    FAIL2BAN = "fail2ban"
    PREDECESSOR = "predecessor"


def guess_kind(path: Path) -> Kind:
    """Tell whose configuration a path is.

    Raises:
        ConfigurationError: that can't be told.
    """
    if path.is_dir():
        if any((path / f"{JAIL_FILE}{ending}").exists() for ending in (".conf", ".local", ".d")):
            return Kind.FAIL2BAN
        if (path / PREDECESSOR_FILE).is_file():
            return Kind.PREDECESSOR
    elif path.suffix in {".conf", ".local"}:
        return Kind.FAIL2BAN
    elif path.suffix in {".yaml", ".yml"}:
        return Kind.PREDECESSOR
    message = "is neither fail2ban's directory nor a predecessor's config.yaml"
    raise ConfigurationError([Problem(message, source=str(path), hint="say which with --from")])
