"""Limits that are well-formed, and still don't do what somebody meant by them."""

from collections.abc import Iterator, Mapping, Sequence

from webfail2ban import EngineSettings, SettingsProblem, show_duration
from webfail2ban_jails.escalation import Escalation
from webfail2ban_jails.recidives import MANUAL
from webfail2ban_jails.settings import BY_ADDRESS, BY_NETWORK, JailSettings

#: What means nothing where bans get no longer, by the names of the model and of the file.
OF_INCREMENT = {
    f"bantime_{word}": f"bantime.{word}"
    for word in ("factor", "formula", "multipliers", "maxtime", "rndtime", "overalljails")
}

#: What means nothing to a jail that looks at no lines.
OF_LINES = ("filter", "failregex", "ignoreregex", "datepattern", "successregex")

#: Characters that make a pattern of a name.
WILDCARDS = frozenset("*?[")


def find_contradictions(
    jails: Mapping[str, JailSettings], engine_settings: EngineSettings
) -> Iterator[SettingsProblem]:
    """Find what is wrong with the limits of all jails.

    Args:
        jails: The jails in use, by name.
        engine_settings: The engine's own sections.
    """
    for name, jail in jails.items():
        yield from _of_bantime(name, jail)
        yield from _of_networks(name, jail)
        yield from _of_score(name, jail)
        yield from _of_bans(name, jail, jails)
        yield from _of_others(name, jail, engine_settings.plugins)
        if jail.bantime_increment:
            yield from _of_history(name, jail, engine_settings.store.purge_age)


def _of_bantime(name: str, jail: JailSettings) -> Iterator[SettingsProblem]:
    written = jail.model_fields_set
    if not jail.bantime_increment:
        for field in sorted(OF_INCREMENT.keys() & written):
            if "bantime_increment" not in written:
                said = "means nothing without bantime.increment: true"
                yield SettingsProblem((name, OF_INCREMENT[field]), said, warning=True)
        return
    try:
        Escalation(jail).check()
    except ValueError as error:
        yield SettingsProblem((name, "bantime.formula"), str(error))
    if jail.bantime_maxtime < jail.bantime:
        limit, time = show_duration(jail.bantime_maxtime), show_duration(jail.bantime)
        said = f"is {limit}, and no ban is shorter than bantime, {time}"
        yield SettingsProblem((name, "bantime.maxtime"), said, warning=True)
    if jail.bantime_formula and jail.bantime_multipliers:
        said = "means nothing where there are bantime.multipliers"
        yield SettingsProblem((name, "bantime.formula"), said, warning=True)


def _of_networks(name: str, jail: JailSettings) -> Iterator[SettingsProblem]:
    if "network" in jail.model_fields_set and not (
        jail.bans_networks or jail.count_by == BY_NETWORK
    ):
        said = "means nothing unless count_by or ban says network"
        yield SettingsProblem((name, "network"), said, warning=True)


def _of_score(name: str, jail: JailSettings) -> Iterator[SettingsProblem]:
    if jail.score and jail.count_by != BY_ADDRESS:
        said = f"takes count_by: address, not {jail.count_by}: a client's own failures make it"
        yield SettingsProblem((name, "score"), said)


def _of_bans(
    name: str, jail: JailSettings, jails: Mapping[str, JailSettings]
) -> Iterator[SettingsProblem]:
    if not jail.bans_of:
        return
    yield from _of_lines(name, jail, "bans_of")
    if jail.count_by not in {BY_ADDRESS, BY_NETWORK}:
        said = f"must be address or network where bans are counted, not {jail.count_by}"
        yield SettingsProblem((name, "count_by"), said)
    for index, pattern in enumerate(jail.bans_of):
        if pattern == name:
            said = "names the jail itself, whose own bans never count"
            yield SettingsProblem((name, "bans_of", index), said, warning=True)
        elif not WILDCARDS.intersection(pattern) and pattern not in {*jails, MANUAL}:
            said = f"names {pattern}, and there is no such jail"
            yield SettingsProblem((name, "bans_of", index), said, warning=True)


def _of_others(name: str, jail: JailSettings, plugins: Sequence[str]) -> Iterator[SettingsProblem]:
    """Find what is wrong with a jail whose failures another plugin finds."""
    if jail.found_by is None:
        return
    if jail.bans_of:
        said = "means nothing to a jail with bans_of, which counts bans"
        yield SettingsProblem((name, "found_by"), said)
        return
    yield from _of_lines(name, jail, "found_by")
    if jail.found_by not in plugins:
        said = f"names {jail.found_by}, which isn't among the plugins"
        yield SettingsProblem((name, "found_by"), said)


def _of_lines(name: str, jail: JailSettings, because: str) -> Iterator[SettingsProblem]:
    for option in OF_LINES:
        if getattr(jail, option):
            said = f"means nothing to a jail with {because}, which looks at no lines"
            yield SettingsProblem((name, option), said)


def _of_history(name: str, jail: JailSettings, purge_age: float) -> Iterator[SettingsProblem]:
    """Find a memory that is shorter than what it is needed for."""
    needed = max(jail.findtime, jail.bantime)
    if purge_age < needed:
        said = (
            f"counts bans that ended no longer ago than store.purge_age, {show_duration(purge_age)}"
            f": who waits so long after a ban begins anew; make it {show_duration(needed)} or more"
        )
        yield SettingsProblem((name, "bantime.increment"), said, warning=True)
