"""Where the shipped configurations are, and which scenarios there are."""

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from webfail2ban.errors import ConfigurationError, Problem

#: Beside the package where it runs from its sources.
CHECKOUT = Path(__file__).parents[2] / "haproxy"

#: Where an installation has it, below the prefix; pyproject.toml says so.
INSTALLED = "share/webfail2ban/haproxy"

#: A scenario by which the directory is known.
BASE = "haproxy"

#: Not for operators: programs run these, and set their variables.
OTHERS = frozenset({"compose", "demo"})

#: The first sentence of a scenario's file: what it is.
_TITLE = re.compile(r"# ((?:.+\n# )*?.+?\.)\s")


@dataclass(frozen=True, slots=True)
class Kit:
    """The directory with the configurations.

    Attributes:
        directory: The path.
    """

    directory: Path

    @property
    def scenarios(self) -> dict[str, str]:
        """The scenarios' names, and what each is, in one sentence."""
        return {
            path.stem: _read_title(path.read_text("utf-8"))
            for path in sorted(self.directory.glob("*.cfg"))
            if path.stem not in OTHERS
        }

    def has(self, name: str) -> bool:
        """Tell whether there is a file of a name."""
        return (self.directory / name).is_file()

    def read(self, name: str) -> str:
        """Return a file's text."""
        return (self.directory / name).read_text("utf-8")


def _read_title(text: str) -> str:
    found = _TITLE.match(text)
    return "" if found is None else found[1].replace("\n# ", " ")


def find_kit() -> Kit:
    """Find the configurations.

    Raises:
        ConfigurationError: they weren't installed.
    """
    if (CHECKOUT / f"{BASE}.cfg").is_file():
        return Kit(CHECKOUT)
    try:
        files = distribution("webfail2ban").files or ()
    except PackageNotFoundError:
        files = ()
    for file in files:
        if file.match(f"{INSTALLED}/{BASE}.cfg"):
            return Kit(Path(str(file.locate())).resolve().parent)
    message = "the configurations for HAProxy aren't installed"
    raise ConfigurationError([Problem(message, hint="they are in the sources, in haproxy/")])
