"""How jails stand: what the sensor saw for them, and what the engine made of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Any

from webfail2ban import Address, JailStatus, Json, Status, show_duration
from webfail2ban_jails.jail import Jail
from webfail2ban_jails.offenders import STRIKES, STRIKES_WITHIN
from webfail2ban_jails.settings import JailSettings
from webfail2ban_jails.sight import Sight

#: What a jail has seen of which the sensor says nothing: it looks at no lines, or there is no
#: sensor at the moment.
NOTHING = Sight()


def describe(jails: Iterable[Jail], report: Any, line_timeout: float) -> Status:
    """Say how the jails stand.

    Args:
        jails: The engine's half of them.
        report: What the sensor's half last said: the fields of a `Sight` for each jail.
        line_timeout: How long a line may take, in seconds.
    """
    sights = {name: Sight(**fields) for name, fields in (report or {}).items()}
    return Status(
        jails=[_describe(jail, sights.get(jail.name, NOTHING)) for jail in jails],
        problems=list(_find_problems(sights, line_timeout)),
    )


def _describe(jail: Jail, sight: Sight) -> JailStatus:
    loudest, share = find_loudest(jail.latest)
    return JailStatus(
        name=jail.name,
        limits=show_limits(jail.settings),
        failures=jail.failures,
        ignored=jail.ignored,
        bans=jail.bans,
        counted=len(jail.counter),
        lines=sight.lines,
        matches=sight.matches,
        dated=sight.dated,
        undated=sight.undated,
        slow=sight.slow,
        last_line=sight.last_line,
        clock_offset=sight.clock_offset,
        loudest=loudest,
        loudest_share=share,
    )


def find_loudest(addresses: Iterable[Address]) -> tuple[Address | None, float]:
    """Return the address that is there most often, and its share; None if there are none."""
    counts = Counter(addresses)
    if not counts:
        return None, 0.0
    ((loudest, count),) = counts.most_common(1)
    return loudest, count / counts.total()


def show_limits(settings: JailSettings) -> dict[str, Json]:
    """Return a jail's limits as they are configured; None stands for ever."""
    limits: dict[str, Json] = {
        "maxretry": settings.maxretry,
        "findtime": settings.findtime,
        "bantime": settings.bantime if settings.bantime < inf else None,
        "count_by": settings.count_by,
        "counting": settings.counting,
    }
    if settings.bantime_increment:
        maxtime = settings.bantime_maxtime
        limits["bantime.increment"] = True
        limits["bantime.maxtime"] = maxtime if maxtime < inf else None
    if settings.bans_of:
        limits["bans_of"] = list(settings.bans_of)
    elif settings.found_by:
        limits["found_by"] = settings.found_by
    else:
        limits["filter"] = settings.filter
    return limits


def _find_problems(sights: Mapping[str, Sight], line_timeout: float) -> Iterator[str]:
    for name, sight in sights.items():
        if sight.set_aside:
            yield (
                f"{name}: filter {sight.set_aside} is set aside: {STRIKES} lines within "
                f"{show_duration(STRIKES_WITHIN)} took longer than {line_timeout:g} s"
            )
