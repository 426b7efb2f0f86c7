"""A configuration as it is being made: settings, remarks, and what had to be left out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Union

from webfail2ban.model import Json

#: What a key may have: a value, or settings below it.
Content = Union[Json, "Section"]


@dataclass(slots=True)
class Entry:
    """A key with what it is set to.

    Attributes:
        content: The value, or the section.
        remarks: Comments above it.
    """

    content: Content
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class Section:
    """A mapping of the configuration.

    Attributes:
        path: Its keys from the top, with dots; empty for the whole.
        entries: What is set, in the order of the file.
        remarks: Comments at its beginning, for people who read the file.
        left_out: What had to be left out, one sentence each, with its place.
    """

    path: str = ""
    entries: dict[str, Entry] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def set(self, key: str, value: Json, *remarks: str) -> None:
        """Set a key to a value, with comments above it."""
        self.entries[key] = Entry(value, remarks)

    def section(self, key: str, *remarks: str) -> "Section":
        """Return the section below a key, which is made if it isn't there."""
        entry = self.entries.get(key)
        if entry is not None and isinstance(entry.content, Section):
            return entry.content
        made = Section(f"{self.path}.{key}" if self.path else key, left_out=self.left_out)
        self.entries[key] = Entry(made, remarks)
        return made

    def remark(self, *remarks: str) -> None:
        """Say something about the section."""
        self.remarks += remarks

    def leave_out(self, what: str, why: str) -> None:
        """Say that something of the other program's has no place here, in the file and aloud.

        Args:
            what: The other program's setting, as it is written there.
            why: What becomes of it, or what to do instead.
        """
        self.remarks.append(f"left out: {what}: {why}")
        place = f"{self.path}: " if self.path else ""
        self.left_out.append(f"{place}left out: {what}: {why}")

    def warn(self, text: str) -> None:
        """Say something that must not be overlooked, in the file and aloud."""
        self.remarks.append(text)
        self.left_out.append(f"{self.path}: {text}" if self.path else text)


class Draft(Section):
    """A whole configuration.

    Args:
        origin: What it was made of, for people.
    """

    def __init__(self, origin: str) -> None:
        super().__init__()
        self.origin = origin

    def load_plugins(self, names: Iterable[str]) -> None:
        """Name the plugins, at the top of the file."""
        rest = {key: entry for key, entry in self.entries.items() if key != "plugins"}
        self.entries = {"plugins": Entry(list(names)), **rest}
