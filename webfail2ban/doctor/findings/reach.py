"""The way to the agents: in clear, through a chroot, to where our configuration listens."""

import grp
import pwd
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import PurePosixPath
from stat import S_IWGRP, S_IWOTH, S_IWUSR

from webfail2ban.doctor.finding import Finding, error, warning
from webfail2ban.doctor.machine import is_there
from webfail2ban.doctor.reading import Line
from webfail2ban.doctor.servers import Server
from webfail2ban.doctor.site import Own, Site

CLEARTEXT = warning(
    "agent-cleartext",
    "SPOP goes to another machine without TLS: whoever is on the way reads and forges verdicts.",
)
UNVERIFIED = warning(
    "agent-tls-unverified",
    "The agent's certificate isn't looked at: anybody may answer in its place.",
)
TLS = error(
    "agent-tls",
    "The server's line and `spoa.tls` don't agree: one speaks TLS, the other doesn't.",
)
ELSEWHERE = warning(
    "agent-elsewhere",
    "No server of the agents' backend leads to where the configuration of webfail2ban listens.",
)
CHROOT = error(
    "unix-chroot",
    "A server's unix socket lies outside of the chroot. HAProxy looks for its path inside of it.",
)
FORBIDDEN = error(
    "unix-forbidden",
    "HAProxy's user and group may not write to an agent's unix socket.",
)
LOG_CHROOT = warning(
    "log-chroot",
    "A log's unix socket isn't there inside of the chroot: HAProxy logs nothing.",
)

KINDS = (CLEARTEXT, UNVERIFIED, TLS, ELSEWHERE, CHROOT, FORBIDDEN, LOG_CHROOT)

#: What a server's line needs for TLS.
VERIFIED = "ssl verify required ca-file /etc/haproxy/agent-ca.pem verifyhost agent.example"


#: Addresses of documentation (RFC 5737, RFC 3849) stand for some that aren't known yet.
EXAMPLES = tuple(
    map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)


def find(site: Site) -> Iterator[Finding]:
    """Find what is wrong with the way to the agents."""
    for _, servers in site.agents:
        for server in servers:
            yield from _find_cleartext(server)
            yield from _find_disagreement(site, server)
            yield from _find_forbidden(site, server)
        if servers and site.own.file and not any(_leads(site, one) for one in servers):
            yield from _find_elsewhere(site.own, servers)
    yield from _find_chroot(site)


def chroot_of(site: Site) -> str:
    """Return the directory that HAProxy locks itself into; empty if there is none."""
    line = site.last_global("chroot")
    return line.word(1).rstrip("/") if line is not None else ""


def _find_cleartext(server: Server) -> Iterator[Finding]:
    if server.has("ssl"):
        if server.value("verify") == "none":
            mended = server.line.text.replace("verify none", VERIFIED.removeprefix("ssl "))
            yield UNVERIFIED.at(
                server.line, f"nobody looks at the certificate of {server.name!r}", mended
            )
        return
    if not server.is_local and not _is_own(server):
        yield CLEARTEXT.at(
            server.line,
            f"{server.shown} is another machine, and SPOP goes there in clear",
            f"{server.line.text} {VERIFIED}\n# in webfail2ban's config.yaml\n"
            "spoa:\n  tls: {certificate: /etc/webfail2ban/tls/agent.pem}",
        )


def _is_own(server: Server) -> bool:
    """Tell whether a server is in a network that containers share, or nobody's yet."""
    if server.address is None:
        return "." not in server.host
    return any(server.address in network for network in EXAMPLES)


def _find_disagreement(site: Site, server: Server) -> Iterator[Finding]:
    if not site.own.file or server.path or not _leads(site, server):
        return
    if site.own.tls and not server.has("ssl"):
        yield TLS.at(
            server.line,
            "the agent speaks TLS alone (spoa.tls), and HAProxy doesn't",
            f"{server.line.text} {VERIFIED}",
        )
    elif server.has("ssl") and not site.own.tls:
        yield TLS.at(
            server.line,
            "HAProxy speaks TLS, and the agent doesn't (there is no spoa.tls)",
            "# in webfail2ban's config.yaml\n"
            "spoa:\n  tls: {certificate: /etc/webfail2ban/tls/agent.pem}",
        )


def _leads(site: Site, server: Server) -> bool:
    """Tell whether a server may be our agent."""
    own = site.own
    if own.address.startswith("/"):
        return bool(server.path) and own.address in {server.path, chroot_of(site) + server.path}
    return server.port == own.port


def _find_elsewhere(own: Own, servers: tuple[Server, ...]) -> Iterator[Finding]:
    if not all(server.is_local for server in servers):
        return
    place = own.address if own.address.startswith("/") else f"{own.address}:{own.port}"
    shown = f"unix@{own.address}" if own.address.startswith("/") else place
    line = servers[0].line
    yield ELSEWHERE.at(
        line,
        f"{own.file} has the agent listen on {place} (spoa), and no server leads there",
        line.text.replace(servers[0].shown, shown),
    )


def _find_forbidden(site: Site, server: Server) -> Iterator[Finding]:
    """Find a socket that isn't HAProxy's to use, where both are on this machine."""
    user, group = (site.last_global(word) for word in ("user", "group"))
    if not server.path or user is None or not site.machine.here:
        return
    path = chroot_of(site) + server.path
    try:
        stat = site.machine.path(path).stat()
        uid = pwd.getpwnam(user.word(1)).pw_uid
        gid = grp.getgrnam(group.word(1)).gr_gid if group is not None else 0
    except (OSError, KeyError):
        return
    # HAProxy gives up all groups but the one that it is told.
    bit = S_IWUSR if stat.st_uid == uid else S_IWGRP if stat.st_gid == gid else S_IWOTH
    if not stat.st_mode & bit:
        name = group.word(1) if group is not None else "root"
        yield FORBIDDEN.at(
            server.line,
            f"{path} may not be used by the user {user.word(1)} and the group {name}",
            f"# in webfail2ban's config.yaml\ngroup: {name}\n# or at once\nchgrp {name} {path}",
        )


def _find_chroot(site: Site) -> Iterator[Finding]:
    root = chroot_of(site)
    if not root:
        return
    for _, servers in site.agents:
        for server in servers:
            if server.path and _is_outside(site, root, server.path):
                yield CHROOT.at(
                    server.line,
                    f"with chroot {root} HAProxy looks for {root}{server.path}",
                    _mend(server, root),
                )
    for line in _log_sockets(site):
        if site.machine.lacks(root + line.word(1)):
            yield LOG_CHROOT.at(
                line,
                f"with chroot {root} HAProxy logs to {root}{line.word(1)}, which isn't there",
                f'# in /etc/rsyslog.d/49-haproxy.conf\n$AddUnixListenSocket "{root}{line.word(1)}"',
            )


def _is_outside(site: Site, root: str, path: str) -> bool:
    """Tell whether a socket is meant that lies outside of the chroot, or twice inside."""
    if PurePosixPath(path).is_relative_to(root) or path == site.own.address:
        return True
    machine = site.machine
    return machine.lacks(root + path) and bool(is_there(machine.path(path)))


def _mend(server: Server, root: str) -> str:
    """Write the line with a path that begins inside of the chroot."""
    inside = server.path.removeprefix(root)
    if inside == server.path:
        inside = "/webfail2ban/spoa.sock"
    line = server.line.text.replace(server.path, inside)
    return (
        f"{line}\n# in webfail2ban's config.yaml\nspoa:\n  address: {root}{inside}"
        "\n# its directory belongs to webfail2ban, and HAProxy's user is in its group"
    )


def _log_sockets(site: Site) -> Iterator[Line]:
    for _, line in site.lines():
        if line.starts("log") and line.word(1).startswith("/"):
            yield line
