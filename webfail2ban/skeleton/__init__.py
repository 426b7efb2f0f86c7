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
    texts = {
        folder / _place(path, words["package"]): Template(template).substitute(words)
        for path, template in _templates(files(__name__), PurePath())
    }
    for path, text in sorted(texts.items()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return sorted(texts)


def _place(path: PurePath, package: str) -> PurePath:
    """Return where a template's text goes."""
    return package / path.relative_to(PACKAGE) if path.parts[0] == PACKAGE else path


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
