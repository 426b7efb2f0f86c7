"""The plugins' part in starting: their slow checks, then their settings."""

from collections.abc import Iterable, Iterator

from webfail2ban.config import Configuration
from webfail2ban.errors import ConfigurationError, PluginError, Problem
from webfail2ban.loader import Plugins
from webfail2ban.model import SettingsProblem

#: A plugin's name and a problem of its settings.
PluginProblem = tuple[str, SettingsProblem]


def find_problems(plugins: Plugins, configuration: Configuration) -> Iterator[PluginProblem]:
    """Ask every plugin what is wrong with its settings."""
    for name, check in plugins.implementers("check_settings"):
        try:
            found: Iterable[SettingsProblem] = (
                check(
                    settings=configuration.plugins.get(name), engine_settings=configuration.engine
                )
                or ()
            )
            yield from ((name, _checked(problem)) for problem in found)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may fail in any way
            said = f"{type(error).__name__}: {error}"
            yield name, SettingsProblem((), f"can't be checked: the plugin raised {said}")


def _checked(problem: object) -> SettingsProblem:
    if isinstance(problem, SettingsProblem):
        return problem
    raise TypeError(f"{problem!r:.100} is no SettingsProblem")


def check_settings(plugins: Plugins, configuration: Configuration) -> list[Problem]:
    """Ask every plugin what is wrong with its settings.

    Returns:
        What is only worth a warning, and where it stands.

    Raises:
        ConfigurationError: with everything else.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for name, found in find_problems(plugins, configuration):
        problem = configuration.problem((name, *found.path), found.message)
        (warnings if found.warning else problems).append(problem)
    if problems:
        raise ConfigurationError(problems)
    return warnings


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
