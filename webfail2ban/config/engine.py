"""The engine's own sections. Each plugin brings the model of its section itself.

A further section is one more class here and one more field in `EngineSettings`; the environment's
variables, the schema and the error messages follow from that.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from webfail2ban.config.api import ApiSettings
from webfail2ban.config.durations import Duration
from webfail2ban.config.fields import ListenAddress, LocalPath, Networks, Port
from webfail2ban.config.http import HttpSettings
from webfail2ban.config.settings import Settings
from webfail2ban.config.store import StoreSettings
from webfail2ban.config.verdict import VerdictSettings
from webfail2ban.config.wording import show_value

#: Begins the names of sections that nobody reads: a place for YAML's anchors.
EXTRA = "x-"

PLUGIN_NAME = r"^[A-Za-z][A-Za-z0-9_-]*$"


def check_plugin_name(name: str) -> str:
    """Refuse what can't be a plugin's name.

    Raises:
        ValueError: it can't.
    """
    if not re.fullmatch(PLUGIN_NAME, name):
        raise ValueError(f"must be a plugin's name, such as syslog, not {show_value(name)}")
    return name


#: The operator's filters.
OWN_FILTERS = Path("/etc/webfail2ban/filter.d")


def lower_case(value: Any) -> Any:
    """Let people write INFO."""
    return value.lower() if isinstance(value, str) else value


def refuse_doubles(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a plugin that is named twice: its place in the chain would be unclear.

    Raises:
        ValueError: one is.
    """
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise ValueError(f"must not name a plugin twice: {', '.join(doubles)}")
    return names


def refuse_sections(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a plugin whose settings would stand where the engine's own stand.

    Raises:
        ValueError: one has such a name.
    """
    taken = sorted(set(names) & set(EngineSettings.model_fields))
    if taken:
        raise ValueError(f"must not name the engine's own section {', '.join(taken)}")
    return names


def version_text(value: Any) -> Any:
    """Let people write a version without quotes, which YAML reads as a number."""
    return str(value) if isinstance(value, float) else value


class TlsSettings(Settings):
    """TLS between HAProxy and webfail2ban."""

    certificate: LocalPath = Field(
        description="The file with the certificate and those between it and its authority, in PEM "
        "format, our own first.",
        examples=["/etc/webfail2ban/tls/agent.pem"],
    )
    key: LocalPath | None = Field(
        default=None,
        description="The file with the certificate's private key, without a password; it may stand "
        "in the certificate's file.",
    )
    client_ca: LocalPath | None = Field(
        default=None,
        description="The file with the authorities of HAProxy's own certificates: whoever shows "
        "none of theirs is refused. Without it nobody is asked for one.",
    )
    minimum: Annotated[
        Literal["1.2", "1.3"],
        BeforeValidator(version_text),
        WithJsonSchema({"enum": ["1.2", "1.3", 1.2, 1.3]}),
    ] = Field(default="1.2", description="The oldest version of TLS to speak.")


class SpoaSettings(Settings):
    """Where and how HAProxy asks."""

    enabled: bool = Field(default=True, description="Whether to answer HAProxy at all.")
    address: ListenAddress = Field(
        default="127.0.0.1",
        description="Where to listen: an IP address, a host name, or the path of a unix socket.",
        examples=["127.0.0.1", "0.0.0.0", "::", "/run/webfail2ban/spoa.sock"],  # noqa: S104 examples
    )
    port: Port = Field(
        default=12345,
        description="The TCP port to listen on; 0 takes any free one. A unix socket has none.",
    )
    max_clients: int = Field(
        default=512,  # with the other files below the usual limit of 1024 open ones
        ge=1,
        le=1_000_000,
        description="How many connections to serve at the same time; more are refused.",
    )
    read_timeout: Duration = Field(
        default=30.0,
        gt=0,
        description="How long a connection may be silent before it is closed.",
    )
    tls: TlsSettings | None = Field(default=None, description=TlsSettings.__doc__)

    @property
    def socket_path(self) -> Path | None:
        """Return the unix socket's path; None if `address` is an address."""
        return Path(self.address) if self.address.startswith("/") else None


class FilterSettings(Settings):
    """Where filters are found, and how long they may take."""

    dirs: tuple[LocalPath, ...] = Field(
        default=(OWN_FILTERS,),
        description="Directories of filters in fail2ban's format. They are looked through first, "
        "then the filters that webfail2ban ships, then /etc/fail2ban/filter.d.",
        examples=[["/etc/webfail2ban/filter.d"]],
    )
    line_timeout: Duration = Field(
        default=0.1,
        gt=0,
        description="How much of the processor's time all filters may take for one line. A line "
        "that takes more is given up; a filter that needs it again and again is set aside.",
    )


class LogSettings(Settings):
    """What webfail2ban says about itself, on standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lower_case)] = (
        Field(default="info", description="The least important messages to log.")
    )
    format: Annotated[Literal["text", "json"], BeforeValidator(lower_case)] = Field(
        default="text", description="Lines for people, or one JSON object a line."
    )


PluginName = Annotated[
    str,
    AfterValidator(check_plugin_name),
    WithJsonSchema({"type": "string", "pattern": PLUGIN_NAME}),
]


class LoadingSettings(Settings):
    """What has to be known before any plugin is there."""

    plugins: Annotated[
        tuple[PluginName, ...], AfterValidator(refuse_doubles), AfterValidator(refuse_sections)
    ] = Field(
        default=(),
        description="The plugins to load, in the order in which they are asked. Each has its "
        "settings in a section of its own name.",
        examples=[["whitelist", "jails", "syslog"]],
    )
    plugin_dirs: tuple[LocalPath, ...] = Field(
        default=(),
        description="Directories with plugins of your own: .py files and packages.",
        examples=[["/etc/webfail2ban/plugins"]],
    )


class EngineSettings(LoadingSettings):
    """Everything but the plugins' sections."""

    grace: Duration = Field(
        default=10.0,
        description="How long a stop waits for work under way before it is cut off.",
    )
    user: str | None = Field(
        default=None,
        description="The user to become where root starts the program, once it listens for "
        "HAProxy. Logs, filters and keys that change have to be readable for this user.",
        examples=["webfail2ban"],
    )
    group: str | None = Field(
        default=None,
        description="The group to become, in place of the user's own.",
        examples=["webfail2ban", "adm"],
    )
    trusted_proxies: Networks = Field(
        default=(),
        description="Proxies of yours that clients come through. Nobody bans them: no jail, no "
        "list, no operator.",
        examples=[["192.0.2.10", "2001:db8::/64"]],
    )
    spoa: SpoaSettings = Field(default=SpoaSettings(), description=SpoaSettings.__doc__)
    http: HttpSettings = Field(default=HttpSettings(), description=HttpSettings.__doc__)
    verdict: VerdictSettings = Field(default=VerdictSettings(), description=VerdictSettings.__doc__)
    filter: FilterSettings = Field(default=FilterSettings(), description=FilterSettings.__doc__)
    store: StoreSettings = Field(default=StoreSettings(), description=StoreSettings.__doc__)
    api: ApiSettings = Field(default=ApiSettings(), description=ApiSettings.__doc__)
    log: LogSettings = Field(default=LogSettings(), description=LogSettings.__doc__)
