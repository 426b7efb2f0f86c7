"""A compose file beside the configuration: what containers see of each other, and what is open."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import yaml

from webfail2ban.doctor.finding import Finding, error, warning
from webfail2ban.doctor.machine import read_text
from webfail2ban.doctor.site import Site

LOOPBACK = error(
    "compose-loopback",
    "HAProxy runs in a container of its own, and a server's line leads to 127.0.0.1: that is the "
    "container itself.",
)
SYSLOG = error(
    "compose-syslog-open",
    "A syslog port is published to the world: anyone can have anyone banned.",
)
SPOP = warning(
    "compose-spop-open",
    "The agent's port is published to the world: SPOP has no password.",
)

KINDS = (LOOPBACK, SYSLOG, SPOP)

#: Ports on which syslog is received.
SYSLOG_PORTS = frozenset({"514", "5514", "601"})


@dataclass(frozen=True, slots=True)
class Published:
    """A port that a service opens on the machine.

    Attributes:
        line: Where that is written.
        host: On which address; empty for all.
        target: The port in the container.
        text: As it is written.
    """

    line: int
    host: str
    target: str
    text: str

    @property
    def is_open(self) -> bool:
        """Tell whether others than this machine reach it."""
        try:
            return not ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return True


def find(site: Site, path: Path) -> Iterator[Finding]:
    """Find what is wrong with a compose file.

    Raises:
        OSError: it can't be read.
        yaml.YAMLError: it is no YAML.
    """
    try:
        root = yaml.compose(read_text(path), yaml.SafeLoader)
    except RecursionError:
        raise yaml.YAMLError("it is nested too deep for a compose file") from None
    services = _children(_child(root, "services"))
    for name, service in services:
        if _runs_haproxy(name, service) and _scalar(_child(service, "network_mode")) == "":
            yield from _find_loopback(site, path, services, name, service)
        for port in _ports(_child(service, "ports")):
            if not port.is_open:
                continue
            if port.target in SYSLOG_PORTS:
                yield SYSLOG.about_file(
                    str(path),
                    f"{name} takes syslog from anybody ({port.text}): anyone has anyone banned",
                    "# leave it out: containers of one network need no `ports`;\n"
                    "# for senders outside, their network's address, and syslog.allow\n"
                    f'- "192.0.2.1:{port.target}:{port.target}/udp"',
                    port.line,
                )
            elif port.target == str(site.own.port):
                yield SPOP.about_file(
                    str(path),
                    f"{name} lets anybody ask ({port.text}): SPOP has no password",
                    "# leave it out: HAProxy reaches the agent within their network",
                    port.line,
                )


def _find_loopback(
    site: Site, path: Path, services: list[tuple[str, yaml.Node]], name: str, service: yaml.Node
) -> Iterator[Finding]:
    agent = next((other for other, _ in services if "fail2ban" in other), "webfail2ban")
    for _, servers in site.agents:
        for server in servers:
            if server.is_local and not server.path:
                yield LOOPBACK.about_file(
                    str(path),
                    f"in the container of {name}, {server.shown} is the container itself "
                    f"({server.line.file}:{server.line.number})",
                    server.line.text.replace(server.shown, f"{agent}:{server.port}"),
                    service.start_mark.line,
                )


def _runs_haproxy(name: str, service: yaml.Node) -> bool:
    image = _scalar(_child(service, "image")).rpartition("/")[2]
    return image.startswith("haproxy") or "haproxy" in name


def _ports(node: yaml.Node | None) -> Iterator[Published]:
    for item in node.value if isinstance(node, yaml.SequenceNode) else ():
        line = item.start_mark.line + 1
        if isinstance(item, yaml.MappingNode):
            host, target = _scalar(_child(item, "host_ip")), _scalar(_child(item, "target"))
            yield Published(line, host, target, f"target {target}")
        else:
            text = _scalar(item)
            outside, _, target = text.partition("/")[0].rpartition(":")
            host, _, _ = outside.rpartition(":")
            if outside:
                yield Published(line, host, target, text)


def _children(node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(_scalar(key), value) for key, value in node.value]


def _child(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return dict(_children(node)).get(name)


def _scalar(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
