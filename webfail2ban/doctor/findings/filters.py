"""Lines ``filter spoe``: what they name, and who makes use of them."""

from collections.abc import Iterator

from webfail2ban.doctor.finding import Finding, error, warning
from webfail2ban.doctor.findings.agents import reads_engine
from webfail2ban.doctor.site import EXITS, Engine, Site
from webfail2ban.doctor.spoe import Scope
from webfail2ban.doctor.variables import VERDICT, find_read

NONE = error(
    "spoe-filter-none",
    "No frontend has a `filter spoe` for webfail2ban: nobody asks, everybody passes.",
)
CONDITION = error(
    "filter-condition",
    "`filter spoe` has a condition, which it doesn't know: HAProxy refuses it. Conditions belong "
    "to the message's event.",
)
NO_FILE = error("spoe-file-missing", "The SPOE file that a filter names can't be read.")
NO_SCOPE = error(
    "spoe-engine-missing",
    "The SPOE file has no scope of the engine's name, so the filter finds no agent.",
)
UNREAD = warning(
    "spoe-unread",
    "A filter asks, and no rule reads the answer: banned clients pass.",
)

KINDS = (NONE, CONDITION, NO_FILE, NO_SCOPE, UNREAD)

#: What a filter's line may have behind `filter spoe`.
KNOWN = ("engine", "config")


def find(site: Site) -> Iterator[Finding]:
    """Find what is wrong with filters."""
    if not site.entries:
        yield NONE.about_file(
            site.sections[0].head.file if site.sections else "",
            "there is no frontend: this isn't HAProxy's configuration, or not all of it",
            "webfail2ban doctor /etc/haproxy/haproxy.cfg    # all that `haproxy -f` gets",
        )
    elif not site.engines:
        yield NONE.at(
            site.entries[0].head,
            "no frontend asks webfail2ban about its clients",
            "filter spoe engine webfail2ban config /etc/haproxy/webfail2ban.spoe.conf\n"
            "# `webfail2ban haproxy-config` writes all that belongs to it",
        )
    for engine in site.engines:
        strange = _strange_words(engine)
        if strange:
            yield _condition(engine, strange)
        if not engine.readable or site.machine.lacks(engine.file):
            yield _missing(site, engine)
        if not engine.readable:
            continue
        if engine.scope is None:
            has = ", ".join(f"[{name}]" for name in sorted(engine.others) if name) or "no scope"
            yield NO_SCOPE.at(
                engine.line,
                f"{engine.file} has no scope for the engine {engine.name!r}; it has {has}",
                f"# first line of {engine.file}\n[{engine.name}]",
            )
        elif _asks(engine.scope) and not _is_read(site, engine):
            yield UNREAD.at(
                engine.line,
                f"{engine.proxy} asks about its clients, and no rule reads the answer",
                _rule(site, engine),
            )


def _missing(site: Site, engine: Engine) -> Finding:
    beside = site.machine.find(engine.file) if engine.readable else None
    if beside is not None:
        remedy = f"cp {beside} {engine.file}"
    else:
        name = engine.name or "webfail2ban"
        remedy = f"filter spoe engine {name} config /etc/haproxy/webfail2ban.spoe.conf"
    said = f"the SPOE file {engine.file} can't be read" if engine.file else "there is no SPOE file"
    return NO_FILE.at(engine.line, f"{said}: HAProxy doesn't start", remedy)


def _strange_words(engine: Engine) -> tuple[str, ...]:
    words = list(engine.line.words[2:])
    while words and words[0] in KNOWN:
        del words[:2]
    return tuple(words)


def _condition(engine: Engine, words: tuple[str, ...]) -> Finding:
    # A condition on variables needs rules before it, and there are none before on-client-session.
    late = engine.proxy.mode == "http" and bool(find_read(words))
    event = "on-frontend-http-request" if late else "on-client-session"
    kept = " ".join(engine.line.words[: -len(words)])
    remedy = f"{kept}\n# in {engine.file}, in the message\nevent {event} {' '.join(words)}"
    return CONDITION.at(
        engine.line,
        f"a filter has no condition, so HAProxy doesn't know {words[0]!r} here",
        remedy,
    )


def _asks(scope: Scope) -> bool:
    """Tell whether an answer is wanted: who only tells of responses wants none."""
    return any(message.event != "on-http-response" for message in scope.sent)


def _is_read(site: Site, engine: Engine) -> bool:
    """Tell whether a rule reads the answer, or means to: names are another family's."""
    if reads_engine(engine.proxy, engine) or site.has_lua:
        return True
    sections = [engine.proxy, *site.of(*EXITS)]
    return any(
        name.prefix == engine.prefix or (section is engine.proxy and name.last in VERDICT)
        for section in sections
        for line in section.lines
        for name in find_read(line.words)
    )


def _rule(site: Site, engine: Engine) -> str:
    condition = f"{{ var({site.own.scope}.{engine.prefix}.banned) -m int eq 1 }}"
    if engine.proxy.mode == "http":
        return f"http-request deny deny_status 403 if {condition}"
    return f"tcp-request content reject if {condition}"
