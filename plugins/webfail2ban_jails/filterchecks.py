"""What is wrong with a jail's expressions: slow to find out, so it is done once, at the start."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from webfail2ban import FilterError, SettingsProblem, find_stray_parameters
from webfail2ban_jails.jailfilter import JailFilter
from webfail2ban_jails.settings import BY_ADDRESS, BY_NETWORK, JailSettings


def check_filters(name: str, jail: JailSettings, dirs: Sequence[Path]) -> Iterator[SettingsProblem]:
    """Read, compile and look at what finds a jail's failures and successes.

    Args:
        name: The jail's name.
        jail: Its settings.
        dirs: Where filters are looked for.
    """
    option = "filter" if jail.filter else "failregex" if jail.failregex else None
    path = (name, option) if option else (name,)
    try:
        failures = JailFilter(name, jail, dirs, now=float)
    except FilterError as error:
        yield SettingsProblem(path, str(error))
        return
    for stray in find_stray_parameters(jail.filter, dirs=dirs) if jail.filter else ():
        yield SettingsProblem(path, str(stray), warning=True)
    for finding in failures.lint() if jail.lint else ():
        yield SettingsProblem(path, f"{jail.filter or name}: {finding}", warning=True)
    if not jail.successregex:
        yield from _missing_fields(name, jail, failures, None)
        return
    path = (name, "successregex")
    try:
        successes = JailFilter(name, jail, dirs, now=float, successes=True)
    except FilterError as error:
        yield SettingsProblem(path, str(error))
        return
    for finding in successes.lint() if jail.lint else ():
        yield SettingsProblem(path, f"{name}: {finding}", warning=True)
    yield from _missing_fields(name, jail, failures, successes)


def _missing_fields(
    name: str, jail: JailSettings, failures: JailFilter, successes: JailFilter | None
) -> Iterator[SettingsProblem]:
    """Find fields that a jail counts by and its expressions don't find.

    Args:
        name: The jail's name.
        jail: Its settings.
        failures: What finds its failures.
        successes: What finds its successes; None if it has no such thing.
    """
    fields = [jail.count_by] if jail.count_by not in {BY_ADDRESS, BY_NETWORK} else []
    for field in fields:
        if field not in failures.fields:
            said = f"is {field}, which its filter doesn't find: no failure will ever count"
            yield SettingsProblem((name, "count_by"), said, warning=True)
    if successes is None:
        return
    if jail.count_by == BY_ADDRESS and jail.reset_on_success == "user":
        fields = ["user"]
    for field in fields:
        for found in (failures, successes):
            if field not in found.fields:
                which = "failures" if found is failures else "successes"
                said = f"takes nothing back: no {field} is found in {which} (<F-{field.upper()}>)"
                yield SettingsProblem((name, "successregex"), said, warning=True)
