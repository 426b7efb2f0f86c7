"""Find, load and register plugins: entry points and drop-in directories.

Only what the configuration names is imported. Whatever goes wrong is collected, so that one start
shows every problem; a plugin that the operator asked for and that isn't there stops the start,
because losing the whitelist without a word is worse than not starting.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pluggy
from pydantic import BaseModel

from webfail2ban.errors import PluginError
from webfail2ban.hooks import hookspecs
from webfail2ban.hosting.discovery import Candidate, Discovered, discover

#: Calls one hook of one plugin, with keyword arguments.
Caller = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Plugin:
    """A loaded plugin.

    Attributes:
        name: As the configuration names it.
        origin: Where it came from, for people: a distribution or a path.
        implementation: The object that has the hooks.
        settings_model: The model of its settings; None if it has none.
        hooks: The hooks that it implements.
    """

    name: str
    origin: str
    implementation: object
    settings_model: type[BaseModel] | None
    hooks: tuple[str, ...]


class Plugins:
    """The loaded plugins, in the order of the configuration."""

    def __init__(self, manager: pluggy.PluginManager, plugins: Sequence[Plugin]) -> None:
        self._manager = manager
        self._plugins = tuple(plugins)

    def __iter__(self) -> Iterator[Plugin]:
        """Go through the plugins in the order of the configuration."""
        return iter(self._plugins)

    def __len__(self) -> int:
        """Count the plugins."""
        return len(self._plugins)

    def implementers(self, hook: str) -> tuple[tuple[str, Caller], ...]:
        """Return the name of each plugin that implements a hook, and what calls it alone."""
        return tuple(
            (plugin.name, self._caller(hook, plugin))
            for plugin in self._plugins
            if hook in plugin.hooks
        )

    def _caller(self, hook: str, plugin: Plugin) -> Caller:
        """Return what calls one plugin's hook, and nobody else's.

        That is the plugin's own function where it takes all arguments: going through pluggy's
        loop for a single function costs more than most opinions.
        """
        calls: pluggy.HookCaller = getattr(self._manager.hook, hook)
        for implementation in calls.get_hookimpls():
            wraps = implementation.wrapper or implementation.hookwrapper
            if implementation.plugin is plugin.implementation and not wraps:
                takes = {*implementation.argnames, *implementation.kwargnames}
                if calls.spec is not None and takes == set(calls.spec.argnames):
                    return implementation.function
        others = [
            other.implementation
            for other in self._plugins
            if other.implementation is not plugin.implementation
        ]
        return self._manager.subset_hook_caller(hook, others)

    @property
    def models(self) -> dict[str, type[BaseModel] | None]:
        """The model of each plugin's settings, by name."""
        return {plugin.name: plugin.settings_model for plugin in self._plugins}


def load(
    names: Sequence[str], dirs: Sequence[Path] = (), discovered: Discovered | None = None
) -> Plugins:
    """Load plugins.

    Args:
        names: What to load, in the order of the chain.
        dirs: Drop-in directories.
        discovered: What `discover` found in them, if somebody has asked already.

    Raises:
        PluginError: with every problem of every plugin.
    """
    candidates, told = discovered or discover(dirs)
    problems = [*told]
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    plugins: list[Plugin] = []
    for name in names:
        try:
            plugins.append(_load_one(manager, name, candidates))
        except PluginError as error:
            problems.extend(error.problems)
    if problems:
        raise PluginError(*problems)
    return Plugins(manager, plugins)


def _load_one(
    manager: pluggy.PluginManager, name: str, candidates: dict[str, list[Candidate]]
) -> Plugin:
    found = candidates.get(name, [])
    if not found:
        known = ", ".join(sorted(candidates)) or "none"
        raise PluginError(f"plugin {name}: there is none of this name; installed: {known}")
    if len(found) > 1:
        origins = " and ".join(candidate.origin for candidate in found)
        raise PluginError(f"plugin {name}: there are several of this name: {origins}")
    candidate = found[0]
    implementation = _implementation(candidate)
    hooks = _register(manager, candidate, implementation)
    return Plugin(
        name, candidate.origin, implementation, _settings_model(candidate, implementation), hooks
    )


def _implementation(candidate: Candidate) -> object:
    """Load the object that has the hooks: a module, or an instance of a class."""
    loaded = candidate.load()
    if not inspect.isclass(loaded):
        return loaded
    try:
        return loaded()
    except Exception as error:
        raise PluginError(
            f"plugin {candidate.name} ({candidate.origin}): {loaded.__name__}() failed: "
            f"{type(error).__name__}: {error}"
        ) from error


def _register(
    manager: pluggy.PluginManager, candidate: Candidate, implementation: object
) -> tuple[str, ...]:
    """Register and return the hooks' names; after a failure nothing stays registered."""
    where = f"plugin {candidate.name} ({candidate.origin})"
    try:
        manager.register(implementation, candidate.name)
        manager.check_pending()
        callers = manager.get_hookcallers(implementation) or []
    except (pluggy.PluginValidationError, ValueError, TypeError) as error:
        if manager.get_plugin(candidate.name) is not None:
            manager.unregister(name=candidate.name)
        raise PluginError(f"{where}: {error}") from error
    if not callers:
        manager.unregister(name=candidate.name)
        raise PluginError(f"{where}: it has no hook; mark its functions with @hookimpl")
    return tuple(sorted(caller.name for caller in callers))


def _settings_model(candidate: Candidate, implementation: object) -> type[BaseModel] | None:
    model = getattr(implementation, "Settings", None)
    if model is None:
        return None
    if inspect.isclass(model) and issubclass(model, BaseModel):
        return model
    raise PluginError(
        f"plugin {candidate.name} ({candidate.origin}): Settings is no subclass of "
        "webfail2ban.Settings"
    )
