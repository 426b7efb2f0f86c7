"""The agents' backend: its mode, its checks, its timeouts; and backends that nobody uses."""

import re
from collections.abc import Iterator

from webfail2ban.config import show_duration
from webfail2ban.doctor.durations import parse_time
from webfail2ban.doctor.finding import Finding, error, hint, warning
from webfail2ban.doctor.reading import Section
from webfail2ban.doctor.servers import Server, read_servers
from webfail2ban.doctor.site import Site

MODE = error(
    "agent-mode",
    "The agents' backend has a mode that HAProxy's version can't use for SPOP: `mode tcp` is right "
    "up to 3.0, `mode spop` from 3.1 on.",
)
OLD_MODE = warning(
    "agent-mode-old",
    "The agents' backend has `mode tcp` in HAProxy 3.1 or later: it works, with a connection for "
    "each question.",
)
NO_CHECK = warning(
    "agent-unchecked",
    "A server of the agents' backend has no `check`: while it is down every request waits.",
)
PLAIN_CHECK = warning(
    "agent-check-plain",
    "The agents' backend has no `option spop-check`: a plain check says UP to anything that "
    "listens.",
)
SERVER_TIMEOUT = warning(
    "agent-server-timeout",
    "`timeout server` of the agents' backend isn't longer than the spoe-agent's `timeout idle`: "
    "connections end in the middle.",
)
NOT_BACKUP = hint(
    "agent-not-backup",
    "Several agents share the questions: each should know all bans, or the others be `backup`.",
)
UNUSED = warning(
    "backend-unused",
    "A backend with servers that nobody uses. A second backend of agents is never asked; a second "
    "server is.",
)
NO_BACKEND = error("backend-missing", "A rule names a backend that isn't there.")

KINDS = (
    MODE,
    OLD_MODE,
    NO_CHECK,
    PLAIN_CHECK,
    SERVER_TIMEOUT,
    NOT_BACKUP,
    UNUSED,
    NO_BACKEND,
)

#: The first version that knows `mode spop`.
SPOP_MODE = (3, 1)

#: Words that make it a name which backend is used.
NAMING = ("use_backend", "default_backend", "use-backend")


def find(site: Site) -> Iterator[Finding]:
    """Find what is wrong with the agents' backends."""
    for backend, servers in site.agents:
        yield from _find_mode(site, backend)
        yield from _find_checks(backend, servers)
        yield from _find_timeout(site, backend)
    yield from _find_unused(site)


def _find_mode(site: Site, backend: Section) -> Iterator[Finding]:
    line = backend.last("mode")
    place = backend.head if line is None or line in backend.inherited else line
    version = ".".join(map(str, site.version))
    new = site.version >= SPOP_MODE
    both = ".if version_atleast(3.1)\n    mode spop\n.else\n    mode tcp\n.endif"
    if backend.mode == "spop" and not new:
        yield MODE.at(place, f"HAProxy {version} doesn't know mode spop", both)
    elif backend.mode not in {"spop", "tcp"}:
        yield MODE.at(place, f"{backend} is in mode {backend.mode}: agents speak no HTTP", both)
    elif backend.mode == "tcp" and new:
        yield OLD_MODE.at(
            place,
            f"in HAProxy {version} mode tcp opens a connection for each question, and resets it",
            both,
        )


def _find_checks(backend: Section, servers: tuple[Server, ...]) -> Iterator[Finding]:
    for server in servers:
        if not server.has("check"):
            yield NO_CHECK.at(
                server.line,
                f"nobody checks the agent {server.name!r}: while it is down every request waits",
                f"{server.line.text} check inter 2s fall 2 rise 1",
            )
    if any(server.has("check") for server in servers) and not backend.has_option("spop-check"):
        yield PLAIN_CHECK.at(
            backend.head,
            f"{backend} checks that somebody listens, not that an agent answers",
            "option spop-check",
        )
    active = [server for server in servers if not server.has("backup")]
    for server in active[1:]:
        yield NOT_BACKUP.at(
            server.line,
            f"{server.name!r} is asked by turns with {active[0].name!r}: what one has learned of a "
            "client the other doesn't know, unless they share their bans",
            f"{server.line.text} backup",
        )


def _find_timeout(site: Site, backend: Section) -> Iterator[Finding]:
    line = backend.last("timeout", "server")
    limit = parse_time(line.word(2)) if line is not None else None
    idles = [
        seconds
        for _, scope in site.scopes
        if scope.backend is not None and scope.backend[1] == backend.name
        if (idle := scope.timeout("idle")) is not None
        if (seconds := parse_time(idle.word(2))) is not None
    ]
    if line is not None and limit is not None and any(limit <= idle for idle in idles):
        yield SERVER_TIMEOUT.at(
            backend.head if line in backend.inherited else line,
            f"{backend} ends connections after {show_duration(limit)}, and the agent's section "
            f"keeps them for {show_duration(max(idles))}",
            "timeout server 3m",
        )


def _find_unused(site: Site) -> Iterator[Finding]:
    """Find backends that nobody names, and names that no backend has."""
    words = [word for _, line in site.lines() for word in line.words[1:]]
    words += [
        word
        for engine in (*site.engines, *site.foreign)
        if engine.scope is not None
        for section in engine.scope.sections
        for line in section.lines
        for word in line.words[1:]
    ]
    named = {name for word in words for name in re.split(r"[(),\s/]+", word)}
    chosen = [(line, line.word(1)) for _, line in site.lines() if line.words[0] in NAMING]
    dynamic = any("%[" in name or "%{" in name for _, name in chosen)
    unread = any(not engine.readable for engine in site.engines)
    agents = [backend for backend, _ in site.agents]
    for backend in site.of("backend"):
        servers = read_servers(backend)
        if servers and backend.name not in named and not dynamic and not unread:
            sentence = f"nobody uses {backend}"
            if agents and _looks_like_agents(backend, servers, agents[0]):
                remedy = f"# in {agents[0]}\n{_backup(servers[0])}"
                sentence += ": a second backend of agents is never asked, a second server is"
            else:
                remedy = f"use_backend {backend.name} if ..."
            yield UNUSED.at(backend.head, sentence, remedy)
    for line, name in chosen:
        if "%" not in name and site.backend(name) is None:
            yield NO_BACKEND.at(
                line, f"there is no backend {name!r}", f"backend {name}\n    server ..."
            )


def _looks_like_agents(backend: Section, servers: tuple[Server, ...], agents: Section) -> bool:
    """Tell whether a backend is meant for agents: by its check, its name, or its address."""
    known = read_servers(agents)
    return (
        backend.has_option("spop-check")
        or backend.mode == "spop"
        or bool(known and servers[0].port and known[0].port == servers[0].port)
        or backend.name.startswith(agents.name)
        or backend.name.split("-")[:2] == agents.name.split("-")[:2]
    )


def _backup(server: Server) -> str:
    text = server.line.text
    return text if server.has("backup") else f"{text} backup"
