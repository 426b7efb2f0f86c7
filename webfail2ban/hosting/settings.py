"""The plugins' part in starting: their slow checks, then their settings."""

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from webfail2ban.config import Configuration, Examined
from webfail2ban.config.tree import Path
from webfail2ban.errors import ConfigurationError, PluginError, Problem, reading_order
from webfail2ban.hooks.offers import Offer, Offers, gather
from webfail2ban.hosting.loader import Plugins
from webfail2ban.model import SettingsProblem

log = logging.getLogger(__name__)

#: A plugin's name and a problem of its settings.
PluginProblem = tuple[str, SettingsProblem]


def gather_offers(
    plugins: Plugins, configuration: Configuration, unsound: Collection[str] = ()
) -> Offers:
    """Ask every plugin what it has that the settings of others may name.

    Args:
        plugins: The loaded plugins.
        configuration: Their settings.
        unsound: Plugins of whose sections something had to be left out; they aren't asked.
    """
    offers: list[Offer] = []
    silent = {plugin.name for plugin in plugins}
    for name, ask in plugins.implementers("offer"):
        if name in unsound or _lacks(plugins, configuration, name):
            continue
        try:
            offer = ask(settings=configuration.plugins.get(name))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may fail in any way
            log.warning("plugin %s failed in offer: %s: %s", name, type(error).__name__, error)
            continue
        if isinstance(offer, Offer):
            offers.append(offer)
            silent.discard(name)
    # One that isn't loaded, as most aren't for a replay, may have anything.
    complete = {*configuration.engine.plugins} <= {plugin.name for plugin in plugins}

    def told_by_all(hook: str) -> bool:
        return complete and silent.isdisjoint(name for name, _ in plugins.implementers(hook))

    return gather(offers, all_jails=told_by_all("count_failures"), all_traits=told_by_all("traits"))


def _lacks(plugins: Plugins, configuration: Configuration, name: str) -> bool:
    """Whether a plugin that takes settings has none that are sound."""
    return configuration.plugins.get(name) is None and plugins.models[name] is not None


def find_problems(
    plugins: Plugins,
    configuration: Configuration,
    unsound: Collection[str] = (),
    *,
    again: bool = False,
) -> Iterator[PluginProblem]:
    """Ask every plugin whose section is sound what is wrong with its settings.

    Args:
        plugins: The loaded plugins.
        configuration: Their settings.
        unsound: Plugins of whose sections something had to be left out.
        again: Whether they were asked before, and their warnings heard.
    """
    offers = gather_offers(plugins, configuration, unsound)
    for name, check in plugins.implementers("check_settings"):
        if _lacks(plugins, configuration, name):
            continue
        settings, engine = configuration.plugins.get(name), configuration.engine
        try:
            found: Iterable[SettingsProblem] = (
                check(settings=settings, engine_settings=engine, again=again, offers=offers) or ()
            )
            yield from ((name, _checked(problem)) for problem in found)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may fail in any way
            said = f"{type(error).__name__}: {error}"
            yield name, SettingsProblem((), f"can't be checked: the plugin raised {said}")


def _checked(problem: object) -> SettingsProblem:
    if isinstance(problem, SettingsProblem):
        return problem
    raise TypeError(f"{problem!r:.100} is no SettingsProblem")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with a configuration, in the order of the file.

    Attributes:
        problems: What it can't be used with.
        warnings: What plugins find only worth a warning.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def judge(
    plugins: Plugins,
    examined: Examined,
    others: Iterable[SettingsProblem] = (),
    *,
    again: bool = False,
) -> Judgement:
    """Add what plugins find wrong with the sound settings to what their models found.

    Nothing is added about settings that had to be left out, nor about what they are a part of: it
    may only seem wrong without them.

    Args:
        plugins: The loaded plugins.
        examined: What the models found.
        others: What is wrong with the engine's own settings.
        again: Whether the plugins were asked before, and their warnings heard.
    """
    problems = [*examined.problems]
    warnings: list[Problem] = []
    sound = examined.sound
    if sound is not None:
        unsound = {str(path[0]) for path in examined.left_out}
        asked = find_problems(plugins, sound, unsound, again=again)
        of_plugins = (replace(found, path=(name, *found.path)) for name, found in asked)
        for found in chain(others, of_plugins):
            if not any(_overlap(found.path, other) for other in examined.left_out):
                problem = sound.problem(found.path, found.message)
                (warnings if found.warning else problems).append(problem)
    return Judgement(
        tuple(sorted(problems, key=reading_order)), tuple(sorted(warnings, key=reading_order))
    )


def _overlap(path: Path, other: Path) -> bool:
    """Whether one path leads to the other, or through it."""
    return all(part == its for part, its in zip(path, other, strict=False))


def check_settings(
    plugins: Plugins, configuration: Configuration, *, again: bool = False
) -> tuple[Problem, ...]:
    """Ask every plugin what is wrong with its settings.

    Args:
        plugins: The loaded plugins.
        configuration: Their settings.
        again: Whether they were asked before, and their warnings heard.

    Returns:
        What is only worth a warning, and where it stands.

    Raises:
        ConfigurationError: with everything else.
    """
    found = judge(plugins, Examined(configuration, frozenset(), ()), again=again)
    if found.problems:
        raise ConfigurationError(found.problems)
    return found.warnings


def configure(plugins: Plugins, configuration: Configuration) -> None:
    """Hand every plugin its settings.

    Raises:
        PluginError: some plugins refuse theirs; it names all.
    """
    problems = []
    for name, take in plugins.implementers("configure"):
        try:
            take(settings=configuration.plugins.get(name), engine_settings=configuration.engine)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may fail in any way
            problems.append(f"plugin {name}: {type(error).__name__}: {error}")
    if problems:
        raise PluginError(*problems)
