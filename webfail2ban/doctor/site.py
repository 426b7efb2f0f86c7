"""What belongs together: proxies, their filters, the agents behind them, our own configuration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from webfail2ban.doctor.conditions import Setting, Version
from webfail2ban.doctor.machine import Machine, read_text
from webfail2ban.doctor.reading import (
    SPOE_SECTIONS,
    Line,
    Section,
    read_lines,
    read_sections,
)
from webfail2ban.doctor.servers import Server, read_servers
from webfail2ban.doctor.spoe import Scope, read_scopes
from webfail2ban.doctor.variables import find_read, meant_by

#: Sections in which clients arrive.
ENTRIES = frozenset({"frontend", "listen"})

#: Sections that have servers.
EXITS = frozenset({"backend", "listen"})


@dataclass(frozen=True, slots=True)
class Own:
    """What our own configuration says of SPOP; the defaults where there is none.

    Attributes:
        file: The configuration; empty if there is none, so that addresses mean nothing.
        scope: That of the variables.
        address: Where the agent listens: an address or the path of a unix socket.
        port: Its port.
        read_timeout: Seconds after which it closes a silent connection.
        tls: Whether it speaks TLS.
        syslog: Where the syslog source listens; empty if there is none.
        senders: The networks that may send to it.
    """

    file: str = ""
    scope: str = "txn"
    address: str = "127.0.0.1"
    port: int = 12345
    read_timeout: float = 30.0
    tls: bool = False
    syslog: str = ""
    senders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Engine:
    """A filter of a proxy: what the operator calls a SPOE engine.

    Attributes:
        line: The line ``filter spoe``.
        proxy: The section that it stands in.
        name: The engine's name.
        file: The SPOE file as the line names it.
        scope: What the file says of the engine; None if it can't be read or says nothing of it.
        readable: Whether the file could be read.
        others: The scopes that the file has.
    """

    line: Line
    proxy: Section
    name: str
    file: str
    scope: Scope | None
    readable: bool = True
    others: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """Return the prefix of its variables: the agent's name unless an option says another."""
        option = self.scope.option("var-prefix") if self.scope else None
        agent = self.scope.agent if self.scope else None
        return option[1] if option else agent.name if agent else self.name


@dataclass(frozen=True, slots=True)
class Site:
    """All that there is to look at.

    Attributes:
        sections: Those of haproxy.cfg, in their order.
        engines: The filters, in their order, but for those of other agents.
        foreign: Filters that ask other agents, such as a web application firewall.
        version: HAProxy's.
        own: Our own configuration.
        machine: Where files are.
    """

    sections: tuple[Section, ...]
    engines: tuple[Engine, ...]
    version: Version
    foreign: tuple[Engine, ...] = ()
    own: Own = field(default_factory=Own)
    machine: Machine = field(default_factory=Machine)

    def of(self, *kinds: str) -> Iterator[Section]:
        """Yield the sections of some kinds."""
        return (section for section in self.sections if section.kind in kinds)

    @property
    def entries(self) -> tuple[Section, ...]:
        """Return the sections in which clients arrive."""
        return tuple(self.of(*ENTRIES))

    @property
    def proxies(self) -> tuple[Section, ...]:
        """Return all frontends, backends and what is both."""
        return tuple(self.of(*ENTRIES, *EXITS))

    def lines(self) -> Iterator[tuple[Section, Line]]:
        """Yield every line with its section."""
        for section in self.sections:
            for line in section.lines:
                yield section, line

    @property
    def has_lua(self) -> bool:
        """Tell whether programs in Lua may read and set variables, which nobody sees here."""
        return any(line.words[0].startswith("lua-load") for _, line in self.lines())

    def all_lines(self) -> Iterator[Line]:
        """Yield every line of every file, the first ones of sections too."""
        sections = [*self.sections, *(part for _, scope in self.scopes for part in scope.sections)]
        for section in sections:
            yield section.head
            yield from section.lines

    def last_global(self, *words: str) -> Line | None:
        """Return the line of `global` that counts of those that begin with these words."""
        found = [line for section in self.of("global") for line in section.all(*words)]
        return found[-1] if found else None

    def backend(self, name: str) -> Section | None:
        """Return a section that has servers, by its name."""
        return next((section for section in self.of(*EXITS) if section.name == name), None)

    def engines_of(self, section: Section) -> tuple[Engine, ...]:
        """Return the filters of a proxy."""
        if not section.all("filter", "spoe"):
            return ()
        return tuple(engine for engine in self.engines if engine.proxy is section)

    @property
    def scopes(self) -> tuple[tuple[Engine, Scope], ...]:
        """Return what SPOE files say, each scope once, with an engine that uses it."""
        found: dict[int, tuple[Engine, Scope]] = {}
        for engine in self.engines:
            if engine.scope is not None:
                found.setdefault(id(engine.scope), (engine, engine.scope))
        return tuple(found.values())

    @property
    def agents(self) -> tuple[tuple[Section, tuple[Server, ...]], ...]:
        """Return the backends in which agents are asked, with their servers."""
        names = dict.fromkeys(
            scope.backend[1] for _, scope in self.scopes if scope.backend is not None
        )
        found = [section for name in names if (section := self.backend(name)) is not None]
        return tuple((section, read_servers(section)) for section in found)


def put_together(
    sections: tuple[Section, ...],
    setting: Setting,
    *,
    own: Own | None = None,
    machine: Machine | None = None,
) -> Site:
    """Read the SPOE files that a configuration names, and return all of it.

    Args:
        sections: Those of haproxy.cfg.
        setting: What conditions are about.
        own: Our own configuration.
        machine: Where files are.
    """
    machine = machine or Machine()
    files: dict[str, Mapping[str, Scope] | None] = {}
    engines: list[Engine] = []
    for section in sections:
        for line in section.all("filter", "spoe"):
            file = line.after("config")
            if file not in files:
                files[file] = _read_spoe(file, setting, machine)
            engines.append(_engine(line, section, file, files[file]))
    own = own or Own()
    prefixes, backends = _find_strange_prefixes(sections), _find_strange_backends(sections, own)
    ours, foreign = list[Engine](), list[Engine]()
    for engine in engines:
        asked = engine.scope.backend if engine.scope is not None else None
        is_foreign = asked is not None and asked[1] in backends and engine.prefix in prefixes
        (foreign if is_foreign else ours).append(engine)
    return Site(sections, tuple(ours), setting.version, tuple(foreign), own, machine)


def _find_strange_prefixes(sections: tuple[Section, ...]) -> frozenset[str]:
    """Find prefixes of other agents: rules read their answers, and no verdict of ours."""
    read: dict[str, set[str]] = {}
    for section in sections:
        for line in section.lines:
            for name in find_read(line.words):
                read.setdefault(name.prefix, set()).add(name.last)
    return frozenset(prefix for prefix, names in read.items() if not any(map(meant_by, names)))


def _find_strange_backends(sections: tuple[Section, ...], own: Own) -> frozenset[str]:
    """Find backends without our port: whatever listens there is ours, whatever rules read."""
    return frozenset(
        section.name
        for section in sections
        if section.kind in EXITS
        and own.port not in {server.port for server in read_servers(section)}
    )


def _engine(line: Line, section: Section, file: str, scopes: Mapping[str, Scope] | None) -> Engine:
    name = line.after("engine")
    known = MappingProxyType({}) if scopes is None else scopes
    return Engine(line, section, name, file, known.get(name), scopes is not None, tuple(known))


def _read_spoe(name: str, setting: Setting, machine: Machine) -> Mapping[str, Scope] | None:
    path = machine.find(name) if name else None
    if path is None:
        return None
    try:
        text = read_text(path)
    except OSError:
        return None
    shown = name if path == machine.path(name) else str(path)
    return read_scopes(read_sections(read_lines(text, shown, setting), SPOE_SECTIONS))
