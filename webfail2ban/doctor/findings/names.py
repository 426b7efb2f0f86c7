"""Variables that a rule reads and nobody sets under that name."""

from collections.abc import Iterator

from webfail2ban.doctor.finding import Finding, error, warning
from webfail2ban.doctor.reading import Line, Section
from webfail2ban.doctor.site import ENTRIES, Engine, Site
from webfail2ban.doctor.spoe import Scope
from webfail2ban.doctor.variables import VERDICT, Name, find_read, find_set, meant_by

PREFIX = error(
    "spoe-prefix",
    "A rule reads a verdict's variable without the engine's prefix, or with another one: it is "
    "never set, so everybody passes, and `haproxy -c` says nothing.",
)
SCOPE = error(
    "spoe-scope",
    "A rule reads a verdict's variable in another scope than the agent sets it in "
    "(`verdict.scope`).",
)
NO_FILTER = error(
    "spoe-filter-missing",
    "A frontend reads a verdict's variable, and has no `filter spoe` that would ask for it.",
)
MISSPELT = warning(
    "spoe-variable-misspelt",
    "A rule reads a variable of the engine that is almost, but not quite, one of the verdict's.",
)
UNSET = warning(
    "variable-unset",
    "A rule reads a variable that no other rule and no agent sets.",
)

KINDS = (PREFIX, SCOPE, NO_FILTER, MISSPELT, UNSET)

#: The one that is always in the scope of SPOE.txt's example.
REPUTATION = "ip_score"

#: Options of an agent that name variables; HAProxy keeps these in the scope txn.
NAMING = ("set-on-error", "set-process-time", "set-total-time")


def find(site: Site) -> Iterator[Finding]:
    """Find rules whose variables nobody sets."""
    if not site.engines:
        return
    known = {name for _, line in site.lines() for name in find_set(line.words)}
    known |= {
        name
        for _, scope in site.scopes
        for message in scope.messages.values()
        for line in message.section.lines
        for name in find_set(line.words)
    }
    foreign = {engine.prefix for engine in site.foreign}
    for section in site.proxies:
        for line in section.lines:
            if not line.starts("filter"):
                for name in find_read(line.words):
                    if name not in known and name.prefix not in foreign:
                        yield from _judge(site, section, line, name)


def _judge(site: Site, section: Section, line: Line, name: Name) -> Iterator[Finding]:
    """Say what is wrong with a variable that no rule sets."""
    engines = site.engines_of(section)
    meant = _meant(name, engines or site.engines)
    right = None if meant is None else _right_name(site, meant, name)
    if meant is None or right is None:
        unread = any(not _is_known(engine) for engine in engines or site.engines)
        if not site.has_lua and not unread:
            yield UNSET.at(
                line,
                f"{section} reads var({name}), which no rule sets and no agent of webfail2ban's",
                "name a variable that is set: " + _list_names(site, engines or site.engines),
            )
        return
    mended = line.text.replace(f"var({name}", f"var({right}")
    if name.prefix != right.prefix:
        yield PREFIX.at(
            line,
            f"{section} reads var({name}), which is never set: the answers of engine "
            f"{meant.name!r} arrive behind its prefix, as {right}",
            mended,
        )
    elif name.scope != right.scope:
        yield SCOPE.at(
            line,
            f"{section} reads var({name}), but the agent sets it in the scope {right.scope} "
            "(verdict.scope)",
            mended,
        )
    elif name.last != right.last:
        yield MISSPELT.at(
            line, f"{section} reads var({name}); is {right} meant? No verdict has the other", mended
        )
    elif not engines and section.kind in ENTRIES:
        yield NO_FILTER.at(
            line,
            f"{section} reads var({name}), but has no filter that asks",
            f"{meant.line.text}",
        )


def _meant(name: Name, engines: tuple[Engine, ...]) -> Engine | None:
    """Return the engine whose variable a name is, or wants to be; None if it is another's."""
    for engine in engines:
        if _is_known(engine) and engine.prefix == name.prefix:
            return engine
    readable = [engine for engine in engines if _is_known(engine)]
    if readable and any(name.last in _names_of(engine) for engine in readable):
        return readable[0]
    return None


def _is_known(engine: Engine) -> bool:
    """Tell whether it can be said what an engine's variables are called."""
    return engine.scope is not None and engine.scope.agent is not None


def _right_name(site: Site, engine: Engine, name: Name) -> Name | None:
    """Return the variable that is meant; None where a plugin's may be."""
    last = meant_by(name.last, _names_of(engine))
    if not last:
        return name if engine.prefix == name.prefix else None
    return Name(_scope_of(site, engine, last), engine.prefix, last)


def _scope_of(site: Site, engine: Engine, last: str) -> str:
    if last == REPUTATION:
        return "sess"
    return "txn" if last in _named_by_options(engine.scope) else site.own.scope


def _named_by_options(scope: Scope | None) -> set[str]:
    options = [scope.option(option) for option in NAMING] if scope else []
    return {option[1] for option in options if option is not None}


def _names_of(engine: Engine) -> frozenset[str]:
    return VERDICT | _named_by_options(engine.scope)


def _list_names(site: Site, engines: tuple[Engine, ...]) -> str:
    """Write what may be read."""
    scope = site.own.scope
    return ", ".join(dict.fromkeys(f"var({scope}.{engine.prefix}.banned)" for engine in engines))
