"""Where plugins are found: entry points of installed packages, and drop-in directories.

Finding imports nothing. A drop-in is a ``.py`` file or a package in a directory that the
configuration names; it is loaded under one synthetic package, so a drop-in called ``json.py``
can't stand in front of the standard library.
"""

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from webfail2ban.errors import PluginError
from webfail2ban.hooks.hookspecs import PROJECT

#: The entry-point group that plugins register in, ours like everybody's.
GROUP = "webfail2ban"

#: The synthetic package that drop-ins live in.
DROPINS = "webfail2ban_dropins"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that could be loaded.

    Attributes:
        name: As the configuration would name it.
        origin: Where it is, for people.
        load: Imports it; raises PluginError.
    """

    name: str
    origin: str
    load: Callable[[], object]


#: The candidates of each name, and what is wrong with the directories.
Discovered = tuple[dict[str, list[Candidate]], list[str]]


def discover(dirs: Sequence[Path] = ()) -> Discovered:
    """Find all plugins.

    Args:
        dirs: Drop-in directories.

    Returns:
        The candidates of each name, and what is wrong with the directories.
    """
    candidates: dict[str, list[Candidate]] = {}
    problems: list[str] = []
    # The same distribution may stand on the path twice (an editable install does that).
    for entry_point in dict.fromkeys(entry_points(group=GROUP)):
        candidate = _from_entry_point(entry_point)
        if candidate not in candidates.setdefault(candidate.name, []):
            candidates[candidate.name].append(candidate)
    for directory in dirs:
        try:
            for candidate in _from_directory(directory):
                candidates.setdefault(candidate.name, []).append(candidate)
        except OSError as error:
            problems.append(f"plugin directory {directory}: {error.strerror}")
    return candidates, problems


@dataclass(frozen=True, slots=True)
class _EntryPointLoader:
    """Imports what an entry point names; equal for equal entry points."""

    entry_point: EntryPoint
    origin: str

    def __call__(self) -> object:
        try:
            return self.entry_point.load()
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"plugin {self.entry_point.name} ({self.origin}): {_describe(error)}"
                f"{self._extra_hint(error)}"
            ) from error

    def _extra_hint(self, error: BaseException) -> str:
        if not isinstance(error, ImportError) or not self.entry_point.extras:
            return ""
        distribution = self.entry_point.dist
        package = distribution.name if distribution else PROJECT
        extras = ",".join(self.entry_point.extras)
        return f"; it needs: pip install '{package}[{extras}]'"


def _from_entry_point(entry_point: EntryPoint) -> Candidate:
    distribution = entry_point.dist
    package = f"{distribution.name} {distribution.version}" if distribution else "unknown package"
    origin = f"{package}, {entry_point.value}"
    return Candidate(entry_point.name, origin, _EntryPointLoader(entry_point, origin))


def _from_directory(directory: Path) -> Iterable[Candidate]:
    for path in sorted(directory.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        file = path / "__init__.py" if path.is_dir() else path
        if file.suffix == ".py" and file.is_file():
            yield Candidate(path.stem, str(path), _DropInLoader(path.stem, file))


@dataclass(frozen=True, slots=True)
class _DropInLoader:
    """Imports a loose file or package, and finds the plugin in it."""

    name: str
    file: Path

    def __call__(self) -> object:
        module = self._import()
        if _has_hooks(module):
            return module
        classes = [
            member
            for member in vars(module).values()
            if inspect.isclass(member)
            and member.__module__ == module.__name__
            and _has_hooks(member)
        ]
        if len(classes) == 1:
            return classes[0]
        found = "no hook" if not classes else "several classes with hooks"
        raise PluginError(
            f"plugin {self.name} ({self.file}): it has {found}; mark the functions of the module, "
            "or of one class, with @hookimpl"
        )

    def _import(self) -> ModuleType:
        package = sys.modules.setdefault(DROPINS, ModuleType(DROPINS))
        package.__path__ = []
        full_name = f"{DROPINS}.{self.name}"
        search = [str(self.file.parent)] if self.file.name == "__init__.py" else None
        spec = importlib.util.spec_from_file_location(
            full_name, self.file, submodule_search_locations=search
        )
        if spec is None or spec.loader is None:
            raise PluginError(f"plugin {self.name} ({self.file}): Python can't import it")
        module = importlib.util.module_from_spec(spec)
        old = _forget_modules(full_name)
        sys.modules[full_name] = module
        try:
            with _without_bytecode():
                spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            _forget_modules(full_name)
            sys.modules.update(old)  # of the plugin that goes on if this was a reload
            line = _line_in(error, self.file)
            raise PluginError(
                f"plugin {self.name} ({self.file}{line}): {_describe(error)}{_install_hint(error)}"
            ) from error
        return module


def _forget_modules(name: str) -> dict[str, ModuleType]:
    """Have a package and all its modules imported anew; return those that there were."""
    importlib.invalidate_caches()
    names = [known for known in sys.modules if known == name or known.startswith(f"{name}.")]
    return {known: sys.modules.pop(known) for known in names}


@contextmanager
def _without_bytecode() -> Iterator[None]:
    """Import without writing bytecode: an edit within the same second would not be seen."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _install_hint(error: BaseException) -> str:
    """Say what helps where a library is missing: nothing beside the drop-in does."""
    if not isinstance(error, ModuleNotFoundError) or (error.name or "").startswith(DROPINS):
        return ""
    return (
        "; a drop-in can import only what is installed where webfail2ban runs: install it there, "
        "in a container by an image of your own"
    )


def _has_hooks(holder: object) -> bool:
    return any(
        hasattr(member, f"{PROJECT}_impl")
        for member in vars(holder).values()
        if inspect.isroutine(member)
    )


def _line_in(error: BaseException, file: Path) -> str:
    """Return ``:12`` where the file's own line 12 is to blame, else nothing."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return f":{error.lineno}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(file)
    ]
    return f":{lines[-1]}" if lines else ""


def _describe(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg}"
    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r})"
    return f"{type(error).__name__}: {error}"
