"""What writes logs, and what rotates them."""

import os
import shutil
from pathlib import Path


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def line(number: int) -> str:
    """Return a line that is long enough to tell its file by itself."""
    return f"Jan  1 00:00:{number:02} mail dovecot: line {number}"


def lines(first: int, last: int) -> list[str]:
    return [line(number) for number in range(first, last + 1)]


def write(path: Path, first: int, last: int) -> None:
    append(path, "".join(text + "\n" for text in lines(first, last)))


def rotate(path: Path) -> None:
    """Rename a log, and the older ones before it, as logrotate does without `create`."""
    _make_room(path)
    path.replace(f"{path}.1")


def copytruncate(path: Path) -> None:
    """Copy a log and truncate it, as logrotate does with `copytruncate`."""
    _make_room(path)
    shutil.copyfile(path, f"{path}.1")
    os.truncate(path, 0)


def _make_room(path: Path) -> None:
    """Free the name of the newest rotated log."""
    age = 1
    while Path(f"{path}.{age}").exists():
        age += 1
    for older in range(age, 1, -1):
        Path(f"{path}.{older - 1}").replace(f"{path}.{older}")
