"""What of a section can be used although something in it is wrong: to look for more mistakes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path as FilePath
from typing import Generic, TypeVar

from pydantic import BaseModel

from webfail2ban.config.shapes import fields, named
from webfail2ban.config.tree import Node, Path, prune
from webfail2ban.config.validation import validate
from webfail2ban.errors import Problem

Model = TypeVar("Model", bound=BaseModel)

#: How far below a section that is left out which is wrong: a setting of one of its parts, else
#: the part. Others may lean on the part's other settings, as jails do on those of ``DEFAULT``.
DEPTHS = (2, 1)


@dataclass(frozen=True, slots=True)
class Salvaged(Generic[Model]):
    """What became of a section.

    Attributes:
        settings: Without what is wrong; None if it can't be left out.
        problems: What is wrong, by its path.
        left_out: The paths of what the settings lack.
    """

    settings: Model | None
    problems: Mapping[Path, Problem]
    left_out: frozenset[Path] = frozenset()


def salvage(model: type[Model], root: Node, path: Path, directory: FilePath) -> Salvaged[Model]:
    """Check a section of parts that mean something each by itself, and keep those that are right.

    Args:
        model: What should stand there.
        root: The tree.
        path: Of the section.
        directory: Where relative paths begin.
    """
    settings, problems = validate(model, root, path, directory)
    if not problems:
        return Salvaged(settings, problems)
    if path not in problems:
        for depth in DEPTHS:
            left_out = frozenset(wrong[: len(path) + depth] for wrong in problems)
            settings, rest = validate(model, reduce(prune, left_out, root), path, directory)
            if not rest:
                return Salvaged(settings, problems, left_out)
    return Salvaged(None, problems, frozenset({path}))


def check_section(
    model: type[Model], root: Node, path: Path, directory: FilePath
) -> Salvaged[Model]:
    """Check a plugin's section: only of a mapping of names a part can be right by itself."""
    if named(model) is not None and not fields(model):
        return salvage(model, root, path, directory)
    settings, problems = validate(model, root, path, directory)
    return Salvaged(settings, problems, frozenset({path} if problems else ()))
