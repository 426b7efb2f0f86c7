"""Reads requirements.lock: what is installed into the image, in which version, with which files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.container.dockerfile import ROOT

LOCK = ROOT / "requirements.lock"

HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pin:
    """A package in one version.

    Attributes:
        name: Its name, in the one way to write it.
        version: The version.
        requirement: The whole, with the condition under which it is wanted.
        hashes: How many files may be it.
    """

    name: str
    version: str
    requirement: Requirement
    hashes: int

    @property
    def wanted_here(self) -> bool:
        """Whether this system and this Python want it."""
        return self.requirement.marker is None or self.requirement.marker.evaluate()


def locked() -> list[Pin]:
    """Return what the lock pins."""
    return [*_pins(LOCK.read_text("utf-8"))]


def _pins(text: str) -> Iterator[Pin]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        requirement = Requirement(line.partition("--hash")[0])
        (pin,) = requirement.specifier
        assert pin.operator == "=="
        name = canonicalize_name(requirement.name)
        yield Pin(name, pin.version, requirement, len(HASH.findall(line)))
