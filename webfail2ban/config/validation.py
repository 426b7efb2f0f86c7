"""Check a part of the tree against a model: values, or every problem with its place."""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from webfail2ban.config.fields import DIRECTORY
from webfail2ban.config.sentences import WHOLE, Sentence, explain, join
from webfail2ban.config.shapes import at, fields, is_number, is_secret
from webfail2ban.config.tree import (
    Node,
    Path,
    child,
    descend,
    leaves,
    locate,
    locate_key,
    plain,
    problem_at,
)
from webfail2ban.config.wording import did_you_mean, show_value
from webfail2ban.errors import Problem

Model = TypeVar("Model", bound=BaseModel)

#: Pydantic's word for a key that the model doesn't have, and ours.
UNKNOWN = "extra_forbidden"
NO_SETTING = "is no setting"

#: More names than these wouldn't fit into a line.
MAX_OFFERED = 12


def validate(
    model: type[Model], root: Node, path: Path, directory: FilePath
) -> tuple[Model | None, dict[Path, Problem]]:
    """Check what stands at a path.

    Args:
        model: What should stand there.
        root: The tree, for the places.
        path: Of the section; nothing may stand there, which means its defaults.
        directory: Where relative paths begin.

    Returns:
        The settings, None if there are problems; and the problems, each with its path.
    """
    section = descend(root, path)
    problems = dict(_switches_for_numbers(model, root, path, section))
    data = None if section is None else plain(section)
    try:
        value = model.model_validate({} if data is None else data, context={DIRECTORY: directory})
    except ValidationError as error:
        return None, _Report(model, root, path).problems(error) | problems
    return (None if problems else value), problems


def _switches_for_numbers(
    model: type[BaseModel], root: Node, path: Path, section: Node | None
) -> Iterator[tuple[Path, Problem]]:
    """Find true and false where a number is wanted: pydantic takes them for 1 and 0."""
    for inner, leaf in leaves(section) if section else ():
        if isinstance(leaf.value, bool) and is_number(at(model, inner)):
            whole = (*path, *inner)
            message = f"{WHOLE}, not {show_value(leaf.value)}"
            yield whole, problem_at(locate(root, whole), message, path=whole)


class _Report:
    """Turns one `ValidationError` into problems."""

    def __init__(self, model: type[BaseModel], root: Node, prefix: Path) -> None:
        self._model, self._root, self._prefix = model, root, prefix

    def problems(self, error: ValidationError) -> dict[Path, Problem]:
        """Return one problem for each place, in pydantic's order.

        A union has an error for each thing that it could have been. Those of one place are said
        as one; of those above and below each other the ones below say more.
        """
        found: dict[Path, list[Sentence]] = {}
        offered: set[Path] = set()
        for detail in error.errors(include_url=False):
            path, several = self._resolve(detail["loc"], detail["type"])
            if several:
                offered.add(path)
            found.setdefault(path, []).append(self._say(path, detail))
        for path in [path for path in offered if any(_is_below(other, path) for other in found)]:
            del found[path]
        return {path: self._problem(path, said) for path, said in found.items()}

    def _resolve(self, location: tuple[int | str, ...], kind: str) -> tuple[Path, bool]:
        """Return the path that pydantic means, and whether a union's labels stood in it."""
        path, labels = self._prefix, 0
        node = descend(self._root, path)
        for part in location:
            inner = child(node, part)
            if inner is None:
                labels += 1
                continue
            path, node = (*path, part), inner
        if kind == "missing" and location:
            return (*path, location[-1]), labels > 1
        return path, labels > 0

    def _say(self, path: Path, detail: Any) -> Sentence:
        inner = path[len(self._prefix) :]
        if detail["type"] == UNKNOWN and path:
            known = fields(at(self._model, inner[:-1]))
            return Sentence(NO_SETTING, hint=did_you_mean(str(path[-1]), known) or _offer(known))
        node = descend(self._root, path)
        written = plain(node) if node else detail["input"]
        return explain(detail, written, secret=is_secret(at(self._model, inner)))

    def _problem(self, path: Path, said: list[Sentence]) -> Problem:
        message, hint = join(said)
        find = locate_key if message == NO_SETTING else locate
        return problem_at(find(self._root, path), message, path=path, hint=hint)


def _offer(known: dict[str, Any]) -> str:
    """Name the settings that there are, if that is short enough to help."""
    return f"there are {', '.join(known)}" if 0 < len(known) <= MAX_OFFERED else ""


def _is_below(path: Path, above: Path) -> bool:
    """Whether a path leads on from another."""
    return len(path) > len(above) and path[: len(above)] == above
