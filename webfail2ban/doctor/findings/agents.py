"""The section ``spoe-agent``: what it calls an error, how long it waits, whom it asks."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from webfail2ban.config import show_duration
from webfail2ban.doctor.durations import parse_time
from webfail2ban.doctor.finding import Finding, error, warning
from webfail2ban.doctor.reading import Line, Section
from webfail2ban.doctor.site import Engine, Site
from webfail2ban.doctor.spoe import Scope
from webfail2ban.doctor.variables import VERDICT, find_condition, find_read, rules

ERROR_DEFAULT = error(
    "set-on-error-default",
    "`option set-on-error` takes a name and nothing else: HAProxy refuses the configuration.",
)
ERROR_VERDICT = error(
    "set-on-error-verdict",
    "`option set-on-error` has the name of a verdict's variable. HAProxy writes an error code "
    "there, and a timeout's is 1: an agent that is slow or down bans everybody.",
)
PREFIX = error(
    "spoe-prefix-invalid",
    "An agent's prefix, which is its name unless `option var-prefix` says another, "
    "has more in it than letters, digits, dots and underscores: HAProxy refuses it.",
)
ERROR_TEST = warning(
    "set-on-error-test",
    "A rule compares the variable of `option set-on-error` with one code; there are several.",
)
PROCESSING = warning(
    "spoe-processing-timeout",
    "`timeout processing` is missing or long: that is what every request waits while an agent "
    "hangs.",
)
TIMEOUTS = warning(
    "spoe-timeout-missing",
    "`timeout hello` or `timeout idle` is missing: HAProxy warns, and waits for ever.",
)
IDLE = warning(
    "spoe-idle-timeout",
    "`timeout idle` isn't shorter than the agent's `spoa.read_timeout`: the agent closes first, "
    "and a question that was just sent is lost.",
)
NO_AGENT = error("spoe-agent-missing", "The engine has no section `spoe-agent`.")
NO_BACKEND = error(
    "spoe-backend-missing",
    "`use-backend` is missing, or names no backend of haproxy.cfg.",
)

KINDS = (
    PREFIX,
    ERROR_DEFAULT,
    ERROR_VERDICT,
    ERROR_TEST,
    PROCESSING,
    TIMEOUTS,
    IDLE,
    NO_AGENT,
    NO_BACKEND,
)

#: What a prefix may be (SPOE.txt 2.4).
VALID_PREFIX = re.compile(r"[A-Za-z0-9_.]+")

#: Seconds that nobody minds once in a while.
PATIENCE = 0.25

#: The words of `option set-on-error` and the name.
ONE_NAME = 3

#: What a rule should do with the variable, and what else holds for every error.
PRESENCE = "-m found"
ALL_ERRORS = (" -m found", " -m int gt 0", " -m int ge 1", " -m bool")


def find(site: Site) -> Iterator[Finding]:
    """Find what is wrong with agents' sections."""
    for engine, scope in site.scopes:
        if scope.agent is None:
            yield NO_AGENT.at(
                engine.line,
                f"engine {engine.name!r} has no spoe-agent section in {engine.file}",
                f"spoe-agent {engine.name or 'webfail2ban'}",
            )
            continue
        yield from _find_prefix(engine, scope, scope.agent)
        yield from _find_error(site, engine, scope)
        yield from _find_timeouts(site, scope, scope.agent)
        yield from _find_backend(site, scope, scope.agent)


def _find_prefix(engine: Engine, scope: Scope, agent: Section) -> Iterator[Finding]:
    if VALID_PREFIX.fullmatch(engine.prefix):
        return
    option = scope.option("var-prefix")
    yield PREFIX.at(
        option[0] if option else agent.head,
        f"HAProxy refuses {engine.prefix!r} as the prefix of variables",
        "option var-prefix wf2b",
    )


def _find_error(site: Site, engine: Engine, scope: Scope) -> Iterator[Finding]:
    option = scope.option("set-on-error")
    if option is None:
        return
    line, name = option
    if len(line.words) > ONE_NAME:
        yield ERROR_DEFAULT.at(
            line,
            f"option set-on-error takes one name and no value, not {' '.join(line.words[2:])!r}; "
            "HAProxy refuses it",
            "option set-on-error error",
        )
    if name in VERDICT:
        yield ERROR_VERDICT.at(
            line,
            f"the variable {name!r} is the verdict's own: HAProxy writes its error code there, "
            "which is 1 for a timeout, so an agent that is slow bans everybody",
            "option set-on-error error",
        )
    else:
        yield from _find_comparison(site, engine, name)


def _find_comparison(site: Site, engine: Engine, name: str) -> Iterator[Finding]:
    """Find conditions that know one error."""
    variable = f"var(txn.{engine.prefix}.{name})"
    for section in site.proxies:
        for line in section.lines:
            words = line.words[2:] if line.starts("acl") else find_condition(line)
            text = " ".join(words)
            compared = text.partition(variable)[2]
            if variable in text and not compared.startswith(ALL_ERRORS):
                yield ERROR_TEST.at(
                    line,
                    f"{section} compares {variable} with one error code, and there are several",
                    f"{{ {variable} {PRESENCE} }}",
                )


def _find_timeouts(site: Site, scope: Scope, agent: Section) -> Iterator[Finding]:
    for name, remedy in (("hello", "timeout hello 500ms"), ("idle", "timeout idle 20s")):
        if scope.timeout(name) is None:
            yield TIMEOUTS.at(agent.head, f"{agent} has no timeout {name}", remedy)
    processing = scope.timeout("processing")
    seconds = _seconds(processing)
    if processing is None:
        yield PROCESSING.at(
            agent.head,
            f"{agent} has no timeout processing: an agent that hangs stops every request",
            "timeout processing 50ms",
        )
    elif seconds is not None and (seconds > PATIENCE or not seconds):
        waits = show_duration(seconds) if seconds else "for ever"
        yield PROCESSING.at(
            processing,
            f"while an agent hangs, every request waits {waits} before it passes",
            "timeout processing 50ms",
        )
    idle = scope.timeout("idle")
    seconds = _seconds(idle)
    limit = site.own.read_timeout
    if idle is not None and seconds and seconds >= limit:
        yield IDLE.at(
            idle,
            f"the agent closes a connection that is silent for {show_duration(limit)} "
            "(spoa.read_timeout), so HAProxy has to close it earlier",
            f"timeout idle {show_duration(max(int(limit * 2 / 3), 1))}",
        )


def _seconds(line: Line | None) -> float | None:
    return parse_time(line.word(2)) if line is not None else None


def _find_backend(site: Site, scope: Scope, agent: Section) -> Iterator[Finding]:
    if scope.backend is None:
        yield NO_BACKEND.at(
            agent.head,
            f"{agent} names no backend, so nobody is asked",
            "use-backend webfail2ban-agents",
        )
        return
    line, name = scope.backend
    if site.backend(name) is None:
        alike = get_close_matches(name, [backend.name for backend in site.of("backend")], 1)
        yield NO_BACKEND.at(
            line,
            f"there is no backend {name!r} in haproxy.cfg",
            f"use-backend {alike[0]}"
            if alike
            else f"# in haproxy.cfg\nbackend {name}\n{_backend_lines(site)}",
        )


def _backend_lines(site: Site) -> str:
    """Write a backend that works."""
    mode = "spop" if site.version >= (3, 1) else "tcp"
    return (
        f"    mode {mode}\n    option spop-check\n    timeout connect 1s\n    timeout server 3m\n"
        "    server agent1 127.0.0.1:12345 check inter 2s fall 2 rise 1"
    )


def reads_engine(section: Section, engine: Engine) -> bool:
    """Tell whether a rule of a section reads a variable of an engine."""
    return any(
        name.prefix == engine.prefix for _, words in rules(section) for name in find_read(words)
    )
