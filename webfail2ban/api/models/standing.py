"""How everything stands."""

from pydantic import Field, JsonValue

from webfail2ban.api.fields import Text
from webfail2ban.api.models.base import Answer


class JailInfo(Answer):
    """How a jail stands."""

    name: Text = Field(description="Its name.")
    plugin: str = Field(description="The plugin that it belongs to.")
    limits: dict[str, JsonValue] = Field(description="maxretry, findtime, bantime, ...")
    in_force: int = Field(description="How many bans of it are in force.")
    bans: int = Field(description="How many bans it made since the start.")
    failures: int = Field(description="How many failures were counted since the start.")
    ignored: int = Field(
        description="How many were not: of ignoreip and the like, and of who is banned already."
    )
    counted: int = Field(description="How many clients are being counted now.")
    lines: int = Field(description="How many log lines there were in the logs that it looks at.")
    matches: int = Field(description="In how many of them its filter found a failure.")
    dated: int = Field(description="In how many of those that were looked at a date was read.")
    undated: int = Field(description="In how many of them no date could be read.")
    slow: int = Field(description="How many were given up because they took too long.")
    last_line: float | None = Field(description="When the last line for it came.")
    clock_offset: float | None = Field(
        description="By how many seconds the lines' stamps lie behind this machine's clock."
    )
    loudest: str | None = Field(description="The address with the most of the last failures.")
    loudest_share: float = Field(description="Which share of them it has, 0 to 1.")


class JailList(Answer):
    """The jails, and whoever else has bans in force."""

    jails: tuple[JailInfo, ...] = Field(description="In the order of the configuration.")


class SourceInfo(Answer):
    """How a log source stands."""

    name: Text = Field(description="syslog, or tail: and the file's path.")
    plugin: str = Field(description="The plugin that it belongs to.")
    lines: int = Field(description="How many lines it brought since the sensor's start.")
    dropped: int = Field(description="How many it lost or refused.")
    last_line: float | None = Field(description="When the last one came.")
    state: Text = Field(description="Where it stands, for people.")


class SourceList(Answer):
    """The log sources."""

    sources: tuple[SourceInfo, ...] = Field(description="In the order of the configuration.")


class PluginInfo(Answer):
    """How a plugin stands."""

    name: str = Field(description="As the configuration names it.")
    origin: Text = Field(description="Where it came from: a distribution or a path.")
    hooks: tuple[str, ...] = Field(description="The hooks that it implements.")
    failures: dict[str, int] = Field(description="How often each hook has failed, in the engine.")
    problems: tuple[Text, ...] = Field(description="What is wrong, in words.")
    details: dict[str, JsonValue] = Field(description="Whatever else it says.")


class PluginList(Answer):
    """The loaded plugins."""

    plugins: tuple[PluginInfo, ...] = Field(description="In the order of the chain.")


class SensorInfo(Answer):
    """How the process that reads logs stands."""

    running: bool = Field(description="Whether it runs.")
    restarts: int = Field(description="How often it had to be started again.")
    dropped: int = Field(description="How many failures were dropped on the way to the engine.")


class StoreInfo(Answer):
    """How what makes the bans last stands."""

    enabled: bool = Field(description="Whether anything is kept beyond the end of the process.")
    healthy: bool = Field(description="Whether what happens now will be there after a restart.")
    detail: Text = Field(description="More about that, for people.")


class StatusReport(Answer):
    """How the engine stands."""

    version: str = Field(description="The program's version.")
    started: float = Field(description="When it started.")
    uptime: float = Field(description="For how long it has been running.")
    ready: bool = Field(
        description="Whether everything has started; HAProxy is answered then, if it is to be."
    )
    bans: int = Field(description="How many bans are in force.")
    connections: int = Field(description="How many connections HAProxy holds.")
    http_connections: int | None = Field(
        default=None,
        description="How many connections those hold who ask over HTTP; null if nobody can.",
    )
    verdicts: dict[str, int] = Field(
        description="How many questions there were since the start, by outcome."
    )
    sensor: SensorInfo = Field(description="The process that reads logs.")
    store: StoreInfo = Field(description="What makes the bans last.")
    problems: tuple[Text, ...] = Field(description="What is wrong, in words. Empty if all is well.")


class ReloadReport(Answer):
    """What a reload changed."""

    added: tuple[Text, ...] = Field(description="Plugins that are new.")
    removed: tuple[Text, ...] = Field(description="Plugins that are gone.")
    changed: tuple[Text, ...] = Field(description="Plugins whose settings are others.")
    unchanged: tuple[Text, ...] = Field(description="Plugins whose settings are the same.")
    needs_restart: tuple[Text, ...] = Field(
        description="Settings that changed in the file and keep their value until a restart."
    )
    warnings: tuple[Text, ...] = Field(description="What is probably not meant as it is written.")
    seconds: float = Field(description="How long it took.")
