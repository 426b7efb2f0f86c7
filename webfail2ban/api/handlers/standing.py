"""How everything stands, and loading the configuration anew."""

from dataclasses import asdict, fields
from http import HTTPStatus

from webfail2ban.api.models import (
    Fault,
    JailInfo,
    JailList,
    PluginInfo,
    PluginList,
    ReloadReport,
    SensorInfo,
    SourceInfo,
    SourceList,
    StatusReport,
    StoreInfo,
)
from webfail2ban.api.operations import Panel, Table
from webfail2ban.api.refusal import RefusalError
from webfail2ban.health.standing import JailStanding

table = Table()


@table.add("GET", "/jails")
def list_jails(panel: Panel) -> JailList:
    """List the jails with their counters, and whoever else has bans in force."""
    return JailList(jails=tuple(map(_describe_jail, panel.standing.jails())))


@table.add("GET", "/jails/{name}", refusals=[HTTPStatus.NOT_FOUND])
def get_jail(panel: Panel, name: str) -> JailInfo:
    """Show one jail with its counters."""
    for jail in panel.standing.jails():
        if jail.status.name == name:
            return _describe_jail(jail)
    raise RefusalError(HTTPStatus.NOT_FOUND, f"there is no jail {name}")


@table.add("GET", "/sources")
def list_sources(panel: Panel) -> SourceList:
    """List the log sources and how they do."""
    return SourceList(
        sources=tuple(
            SourceInfo(plugin=plugin, **asdict(source))
            for plugin, source in panel.standing.sources()
        )
    )


@table.add("GET", "/plugins")
def list_plugins(panel: Panel) -> PluginList:
    """List the loaded plugins, in the order of the chain."""
    return PluginList(
        plugins=tuple(
            PluginInfo(
                name=found.plugin.name,
                origin=found.plugin.origin,
                hooks=found.plugin.hooks,
                failures=dict(found.failures),
                problems=tuple(found.status.problems),
                details=dict(found.status.details),
            )
            for found in panel.standing.plugins()
        )
    )


@table.add("GET", "/status")
def get_status(panel: Panel) -> StatusReport:
    """Show how the program stands, and say in words what is wrong."""
    found = panel.standing.status()
    return StatusReport(
        version=found.version,
        started=found.started,
        uptime=found.uptime,
        ready=found.ready,
        bans=found.bans,
        connections=found.connections,
        http_connections=found.http_connections,
        verdicts=dict(found.verdicts),
        sensor=SensorInfo(
            running=found.sensor_running,
            restarts=found.sensor_restarts,
            dropped=found.sensor_dropped,
        ),
        store=StoreInfo(
            enabled=found.store_enabled,
            healthy=not found.store_detail,
            detail=found.store_detail,
        ),
        problems=tuple(found.problems),
    )


@table.add("POST", "/reload", refusals=[HTTPStatus.CONFLICT])
def reload(panel: Panel) -> ReloadReport:
    """Load the configuration anew.

    All of it is checked first; a bad one changes nothing, and each of its faults is told.
    """
    result = panel.control.reload()
    if not result.ok:
        faults = [Fault(where="configuration", message=problem) for problem in result.problems]
        detail = "the configuration is wrong, so nothing has changed"
        raise RefusalError(HTTPStatus.CONFLICT, detail, faults)
    return ReloadReport(
        added=result.added,
        removed=result.removed,
        changed=result.changed,
        unchanged=result.unchanged,
        needs_restart=result.needs_restart,
        warnings=result.warnings,
        seconds=result.seconds,
    )


def _describe_jail(jail: JailStanding) -> JailInfo:
    status = jail.status
    facts = {field.name: getattr(status, field.name) for field in fields(status)}
    facts["limits"] = dict(status.limits)
    facts["loudest"] = None if status.loudest is None else str(status.loudest)
    return JailInfo(plugin=jail.plugin, in_force=jail.in_force, **facts)
