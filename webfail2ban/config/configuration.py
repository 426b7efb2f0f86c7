"""The checked configuration: everything that was written, as settings that can be trusted."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from webfail2ban.config.document import NO_VARIABLES, Document, is_empty, pick
from webfail2ban.config.engine import EXTRA, EngineSettings
from webfail2ban.config.environment import overlay
from webfail2ban.config.shapes import fields
from webfail2ban.config.soundness import Salvaged, check_section, salvage
from webfail2ban.config.tree import (
    Mark,
    Table,
    descend,
    locate,
    locate_key,
    pack,
    problem_at,
    unpack,
)
from webfail2ban.config.tree import Path as KeyPath
from webfail2ban.config.wording import did_you_mean
from webfail2ban.errors import ConfigurationError, Problem

#: The model of each loaded plugin's settings, by its name; None if it takes none.
Models = Mapping[str, type[BaseModel] | None]

#: The engine's sections that plugins check theirs against: with one of them wrong, a plugin would
#: look for its filters in the wrong place and report each as missing.
FOR_PLUGINS = frozenset({"filter"})

#: The engine's settings whose keys are plugins.
OF_PLUGINS = (("verdict", "weights"), ("verdict", "ban_scores"))

#: What is said of settings of a plugin that isn't loaded.
NOT_LISTED = "is set, but the plugin is not in plugins"
LIST_IT = "add it there or take this out"

#: What was written where nothing was.
NOTHING = Table(Mark("configuration"), {})


@dataclass(frozen=True, slots=True)
class Configuration:
    """Checked settings.

    Attributes:
        engine: The engine's own.
        plugins: Of each plugin that takes settings, by its name.
        path: The file that they come from, absolute; None if there was none.
        warnings: What is probably not meant as it is written, but harms nothing.
        root: What was written, the environment's variables among it.
    """

    engine: EngineSettings
    plugins: Mapping[str, BaseModel]
    path: Path | None = None
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    root: Table = field(default=NOTHING, compare=False, repr=False)

    def problem(self, path: KeyPath, message: str, hint: str = "") -> Problem:
        """Make a problem of something that only shows later: a file that isn't there.

        Args:
            path: The setting, as keys and, in lists, indices from 0: ``("jails", "sshd")``.
            message: What is wrong; it follows the setting's name.
            hint: What to do about it.
        """
        return problem_at(locate(self.root, path), message, path=path, hint=hint)

    def dump(self, *, private: bool = False) -> dict[str, Any]:
        """Return something that JSON can carry to another process, for `restore`.

        It holds what was written rather than what became of it, so paths, networks, infinity,
        secrets and whatever a plugin's model makes of its section arrive as they were. The
        section ``api`` stays here: it is nobody else's, and neither is its token.

        Args:
            private: Whether the other process is the engine, whose the section ``api`` is.
        """
        left_out = set() if private else {"api"}
        entries = {name: entry for name, entry in self.root.entries.items() if name not in left_out}
        root = Table(self.root.mark, entries)
        return {"path": str(self.path) if self.path else None, "root": pack(root)}

    @classmethod
    def restore(cls, data: Mapping[str, Any], models: Models) -> "Configuration":
        """Return the configuration that `dump` wrote.

        Args:
            data: What it wrote.
            models: The same models.

        Raises:
            ConfigurationError: a model finds wrong now what it found right then.
        """
        root = unpack(data["root"])
        path = Path(data["path"]) if data["path"] else None
        if not isinstance(root, Table):
            raise TypeError("this is no dump of a configuration")
        return check(Document(path, root, NO_VARIABLES), models)


@dataclass(frozen=True, slots=True)
class Examined:
    """A configuration and all that its models find wrong with it.

    Attributes:
        sound: Everything if nothing is wrong. Otherwise what can be used to look for further
            mistakes, and for nothing else: without a plugin's section that is wrong, and of those
            that are mappings of names with the names that are right. None if so little of it is
            sound that further mistakes might be consequences of these.
        left_out: Where something stands that `sound` lacks.
        problems: What is wrong.
    """

    sound: Configuration | None
    left_out: frozenset[KeyPath]
    problems: tuple[Problem, ...]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is probably not meant as it is written, but harms nothing."""
        return self.sound.warnings if self.sound else ()

    def trust(self) -> Configuration:
        """Return the configuration if it can be used for everything.

        Raises:
            ConfigurationError: with every problem.
        """
        if self.problems or self.sound is None:
            raise ConfigurationError(self.problems)
        return self.sound


def check(document: Document, models: Models, installable: Collection[str] = ()) -> Configuration:
    """Check all of a configuration.

    Args:
        document: What was written.
        models: The models of the plugins that ``document.plugins`` names.
        installable: Names of other plugins that there are, to recognize their sections by.

    Raises:
        ConfigurationError: with every problem there is, in the file and in the environment.
    """
    return examine(document, models, installable).trust()


def examine(document: Document, models: Models, installable: Collection[str] = ()) -> Examined:
    """Do what `check` does, and keep what is sound beside what isn't.

    Raises:
        ConfigurationError: it can't even be told which plugins are meant.
    """
    listed = document.plugins
    wanted = {name: model for name in listed if (model := models.get(name)) is not None}
    sections = fields(EngineSettings) | wanted
    unlisted = {*models, *installable} - {*listed}
    laid = overlay(document.root, document.env, sections, unlisted)
    own = pick(laid.root, fields(EngineSettings))
    engine = salvage(EngineSettings, own, (), document.directory)
    plugins = {
        name: _check_plugin(name, model, laid.root, document.directory)
        for name, model in wanted.items()
    }
    problems = [*document.problems, *laid.problems]
    problems += _not_there(laid.root, listed, models, installable)
    problems += _strangers(laid.root, listed, models, installable)
    problems += _without_opinions(laid.root, listed, {*models, *installable})
    problems += engine.problems.values()
    for part in plugins.values():
        problems += part.problems.values()
    left_out = engine.left_out.union(*(part.left_out for part in plugins.values()))
    settings = {name: part.settings for name, part in plugins.items() if part.settings is not None}
    if engine.settings is None or any(path[0] in FOR_PLUGINS for path in engine.left_out):
        return Examined(None, left_out, tuple(problems))
    sound = Configuration(
        engine.settings, MappingProxyType(settings), document.path, tuple(laid.warnings), laid.root
    )
    return Examined(sound, left_out, tuple(problems))


def _check_plugin(
    name: str, model: type[BaseModel], root: Table, directory: Path
) -> Salvaged[BaseModel]:
    """Check a plugin's section; a model that breaks is a problem like others."""
    path = (name,)
    try:
        return check_section(model, root, path, directory)
    except Exception as error:  # noqa: BLE001 a plugin's validators may raise anything
        message = f"can't be checked: the plugin's model raised {type(error).__name__}: {error}"
        problem = problem_at(locate(root, path), message, path=path)
        return Salvaged(None, {path: problem}, frozenset({path}))


def _not_there(
    root: Table, listed: Collection[str], models: Models, installable: Collection[str]
) -> Iterator[Problem]:
    """Find plugins that are listed but weren't loaded."""
    for index, name in enumerate(listed):
        if name not in models:
            path = ("plugins", index)
            hint = did_you_mean(name, {*models, *installable})
            yield problem_at(locate(root, path), f"there is no plugin {name}", path=path, hint=hint)


def _without_opinions(
    root: Table, listed: Collection[str], known: Collection[str]
) -> Iterator[Problem]:
    """Find what is said of the opinions of plugins that nobody asks."""
    for setting in OF_PLUGINS:
        table = descend(root, setting)
        for name in table.entries if isinstance(table, Table) else ():
            if name in listed:
                continue
            path = (*setting, name)
            hint = LIST_IT if name in known else did_you_mean(name, listed)
            yield problem_at(locate_key(root, path), NOT_LISTED, path=path, hint=hint)


def _strangers(
    root: Table, listed: Collection[str], models: Models, installable: Collection[str]
) -> Iterator[Problem]:
    """Find sections that nobody reads."""
    plugins = {*listed, *models, *installable}
    for name, entry in root.entries.items():
        mark, path = locate_key(root, (name,)), (name,)
        if name in fields(EngineSettings) or name.startswith(EXTRA):
            continue
        if name not in plugins:
            hint = did_you_mean(name, {*fields(EngineSettings), *plugins})
            yield problem_at(mark, "is no section", path=path, hint=hint)
        elif name not in listed:
            yield problem_at(mark, NOT_LISTED, path=path, hint=LIST_IT)
        elif name in models and models[name] is None and not is_empty(entry.node):
            yield problem_at(mark, "is set, but the plugin takes no settings", path=path)
