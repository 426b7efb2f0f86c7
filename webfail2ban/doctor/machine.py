"""The files of the machine that HAProxy runs on, as far as they may be looked at."""

from dataclasses import dataclass
from pathlib import Path

#: Bytes of a configuration file that are read: more is none.
MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Machine:
    """Where files are.

    Attributes:
        here: Whether HAProxy runs on this machine: then a file that isn't here is missing.
        beside: The directories of the configuration. A file is looked for there, too, by its name:
            that is the one which will be installed with it. Outside of HAProxy's machine it comes
            first.
        root: What ``/`` is.
    """

    here: bool = True
    beside: tuple[Path, ...] = ()
    root: Path = Path("/")

    def find(self, name: str) -> Path | None:
        """Return where a file is that a configuration names; None if it can't be found."""
        path = self.path(name)
        beside = [directory / path.name for directory in self.beside]
        tried = [path, *beside] if self.here else [*beside, path]
        return next((candidate for candidate in tried if is_there(candidate)), None)

    def lacks(self, name: str) -> bool:
        """Tell whether a file surely isn't there: not where nobody lets us look."""
        return self.here and is_there(self.path(name)) is False

    def path(self, name: str) -> Path:
        """Return where a name leads."""
        return self.root / name.lstrip("/") if name.startswith("/") else Path(name)


def is_there(path: Path) -> bool | None:
    """Tell whether there is a file; None where the system doesn't say."""
    try:
        return path.exists()
    except OSError:  # a directory that is its owner's alone, a name longer than any
        return None


def read_text(path: Path) -> str:
    """Read a configuration file; what is no UTF-8 is shown as such.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        return file.read(MAX_BYTES).decode("utf-8", "replace")
