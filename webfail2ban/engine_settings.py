"""The engine's part in starting: what its models can't know, users, groups and certificates.

Plugins check such things of theirs by the hook `check_settings`; the sensor doesn't ask here, since
it may not be allowed to read what the engine read as root.
"""

from collections.abc import Iterator
from dataclasses import replace

from webfail2ban import privileges
from webfail2ban.config import Configuration, EngineSettings, HttpSettings
from webfail2ban.errors import ConfigurationError, Problem
from webfail2ban.model import SettingsProblem
from webfail2ban.tls import certificates


def find_engine_problems(settings: EngineSettings) -> Iterator[SettingsProblem]:
    """Find what is wrong with the engine's settings; paths begin at the top."""
    yield from privileges.find_problems(settings)
    if settings.spoa.enabled and settings.spoa.tls is not None:
        for problem in certificates.find_problems(settings.spoa.tls):
            yield replace(problem, path=("spoa", "tls", *problem.path))
    yield from _find_http_problems(settings.http)


def _find_http_problems(http: HttpSettings) -> Iterator[SettingsProblem]:
    """Find an endpoint that nobody can ask, or everybody."""
    if http.address is None and http.model_fields_set:
        yield SettingsProblem(("http",), "has no address, so nobody is answered", warning=True)
    if any(network.prefixlen == 0 for network in http.trusted):
        message = "lets everybody ask about anybody: name the proxies"
        yield SettingsProblem(("http", "trusted"), message, warning=True)


def check_engine_settings(configuration: Configuration) -> tuple[Problem, ...]:
    """Find what is wrong with the engine's settings.

    Returns:
        What is only worth a warning, and where it stands.

    Raises:
        ConfigurationError: with everything else.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for found in find_engine_problems(configuration.engine):
        problem = configuration.problem(found.path, found.message)
        (warnings if found.warning else problems).append(problem)
    if problems:
        raise ConfigurationError(problems)
    return tuple(warnings)
