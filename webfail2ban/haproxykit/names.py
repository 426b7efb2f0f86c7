"""What our configuration means for HAProxy's: where the agent is, how variables are named."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from webfail2ban.addresses import show_network
from webfail2ban.config import EngineSettings, SpoaSettings
from webfail2ban.errors import ConfigurationError, Problem

#: HAProxy closes a connection that asks nothing for so long, in seconds; the shipped files say so.
IDLE = 20.0

#: How long HAProxy waits for a verdict, in seconds; the shipped files say so.
PROCESSING = 0.05

#: The scope with which the scenarios are tried.
TRIED_SCOPE = "txn"

#: Variables of plugins that come along, by the plugin.
VARIABLES = {"geoip": ("country", "asn")}

#: Where somebody who listens everywhere can be reached from this machine, by the version of IP.
LOCAL = {4: "127.0.0.1", 6: "::1"}


@dataclass(frozen=True, slots=True)
class Names:
    """What is put into the shipped files.

    Attributes:
        version: HAProxy's.
        directory: Where the files will be.
        server: The agent's address as a ``server`` line has it.
        options: What else that line needs, TLS.
        scope: Of the variables.
        prefix: Of the variables.
        idle: Seconds for ``timeout idle``.
        processing: Seconds for ``timeout processing``.
        variables: Further variables that plugins tell.
        proxies: Addresses and networks that may say who comes through them.
        plugins: Those that are loaded.
        warnings: What the operator has to see to.
    """

    version: tuple[int, ...]
    directory: Path
    server: str
    options: str = ""
    scope: str = TRIED_SCOPE
    prefix: str = "wf2b"
    idle: float = IDLE
    processing: float = PROCESSING
    variables: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator says, and no configuration of ours knows.

    Attributes:
        version: HAProxy's.
        directory: Where the files will be.
        prefix: Of the variables.
        agent: The agent's host, where HAProxy runs on another; None for this one.
        chroot: HAProxy's; None for none.
    """

    version: tuple[int, ...]
    directory: Path
    prefix: str
    agent: str | None
    chroot: Path | None


def name_agent(settings: EngineSettings, wishes: Wishes) -> Names:
    """Return what goes into HAProxy's files for our configuration.

    Args:
        settings: Of the engine.
        wishes: The operator's.

    Raises:
        ConfigurationError: HAProxy couldn't ask.
    """
    spoa, verdict = settings.spoa, settings.verdict
    server, warnings = _server(spoa, wishes)
    options, about_tls = _tls(spoa, wishes)
    warnings += about_tls
    if verdict.scope != TRIED_SCOPE:
        warnings.append(
            f"the scenarios are tried with verdict.scope {TRIED_SCOPE}; with {verdict.scope} a "
            "verdict lives for another time, see README.md beside them"
        )
    return Names(
        version=wishes.version,
        directory=wishes.directory,
        server=server,
        options=options,
        scope=verdict.scope,
        prefix=wishes.prefix,
        idle=min(IDLE, spoa.read_timeout * 2 / 3),
        processing=max(PROCESSING, verdict.timeout * 2),
        variables=tuple(name for plugin in settings.plugins for name in VARIABLES.get(plugin, ())),
        proxies=tuple(map(show_network, settings.trusted_proxies)),
        plugins=settings.plugins,
        warnings=tuple(warnings),
    )


def _server(spoa: SpoaSettings, wishes: Wishes) -> tuple[str, list[str]]:
    """Return where HAProxy finds the agent, and what to see to."""
    if not spoa.enabled:
        raise _problem("spoa.enabled", "is false: nobody answers HAProxy")
    if spoa.socket_path is not None:
        return _socket(spoa.socket_path, wishes.chroot)
    if not spoa.port:
        raise _problem("spoa.port", "is 0, any free one: HAProxy has to know which")
    try:
        host = ip_address(spoa.address)
    except ValueError:
        return f"{_bracket(wishes.agent or spoa.address)}:{spoa.port}", []
    local = str(host) if not host.is_unspecified else LOCAL[host.version]
    warnings = []
    if wishes.agent is not None and host.is_loopback:
        warnings.append(f"the agent listens on {spoa.address} alone: {wishes.agent} can't be asked")
    return f"{_bracket(wishes.agent or local)}:{spoa.port}", warnings


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _socket(path: Path, chroot: Path | None) -> tuple[str, list[str]]:
    """Return a unix socket as HAProxy finds it: its path begins inside the chroot."""
    if chroot is None:
        return f"unix@{path}", []
    if path.is_relative_to(chroot):
        return f"unix@/{path.relative_to(chroot)}", []
    warning = (
        f"HAProxy looks for {path} below its chroot {chroot}: set spoa.address to "
        f"{chroot}/webfail2ban/spoa.sock, or take `chroot` out and say --chroot none"
    )
    return f"unix@{path}", [warning]


def _tls(spoa: SpoaSettings, wishes: Wishes) -> tuple[str, list[str]]:
    if spoa.tls is None:
        return "", []
    authority = wishes.directory / "webfail2ban-ca.pem"
    options = f" ssl verify required ca-file {authority}"
    warnings = [f"{authority} has to hold the authority of the agent's certificate"]
    if wishes.agent is not None and not _is_address(wishes.agent):
        options += f" verifyhost {wishes.agent}"
    if spoa.tls.client_ca is not None:
        own = wishes.directory / "webfail2ban-client.pem"
        options += f" crt {own}"
        warnings.append(f"{own} has to hold HAProxy's own certificate and key")
    return options, warnings


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _problem(key: str, message: str) -> ConfigurationError:
    return ConfigurationError([Problem(message, key=key)])
