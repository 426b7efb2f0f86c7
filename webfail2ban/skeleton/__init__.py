"""Writes a package for a plugin: small, and passing its own tests.

The templates beside this file are `string.Template`s; ``package`` stands for the package's name in
their paths, and each name loses its last suffix.
"""

import keyword
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath
from string import Template

import webfail2ban
from webfail2ban.errors import PluginError

#: Stands before the names of plugins' packages, as ``pytest-`` does before pytest's.
PREFIX = "webfail2ban_"

#: Ends the templates' names: no tool takes them for what they become.
SUFFIX = ".txt"

#: The folder that becomes the package.
PACKAGE = "package"


def write_package(name: str, folder: Path) -> list[Path]:
    """Write a plugin's package.

    Args:
        name: As the configuration will name the plugin: small letters, digits and underscores.
        folder: Where; it is made if it isn't there.

    Returns:
        The files, in the order of their paths.

    Raises:
        PluginError: there is something in the folder already.
        OSError: it can't be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PluginError(f"{folder}: there is something already; choose another place with --dir")
    words = {
        "name": name,
        "package": PREFIX + name,
        "distribution": (PREFIX + name).replace("_", "-"),
        "class_name": make_class_name(name),
    }
    written = []
    for path, template in sorted(_templates(files(__name__), PurePath())):
        place = path.relative_to(PACKAGE) if PACKAGE in path.parts else None
        target = folder / path if place is None else folder / words["package"] / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(template).substitute(words), "utf-8")
        written.append(target)
    return written


def make_class_name(name: str) -> str:
    """Return a class's name for a plugin's: ``tor_exits`` is `TorExits`."""
    joined = "".join(word.capitalize() for word in name.split("_"))
    taken = keyword.iskeyword(joined) or hasattr(webfail2ban, joined)
    return f"{joined}Plugin" if taken else joined


def _templates(folder: Traversable, path: PurePath) -> list[tuple[PurePath, str]]:
    """Return the templates below a folder: each one's path and text."""
    found: list[tuple[PurePath, str]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found.extend(_templates(entry, path / entry.name))
        elif entry.name.endswith(SUFFIX):
            found.append((path / entry.name.removesuffix(SUFFIX), entry.read_text("utf-8")))
    return found
