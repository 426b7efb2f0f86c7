"""Rules that come too early, that no HAProxy knows, or that count what nobody tracks."""

import re
from collections.abc import Iterator

from webfail2ban.doctor.finding import Finding, error, warning
from webfail2ban.doctor.reading import Line, Section
from webfail2ban.doctor.site import Engine, Site
from webfail2ban.doctor.variables import find_condition, find_read, rules

TOO_EARLY = error(
    "rule-too-early",
    "A rule reads the verdict before it is there: in `tcp-request connection` or `session`, or in "
    "`tcp-request content` while the question is asked with the HTTP request.",
)
NO_MATCH = error(
    "var-without-match",
    "A condition compares a variable without `-m`, which HAProxy refuses.",
)
UNKNOWN = error(
    "rule-unknown",
    "A rule uses an action or a function that no HAProxy has.",
)
CACHE = warning(
    "cache-slides",
    "A verdict is kept in a stick table without its time: `expire` begins anew with every request, "
    "so a ban sticks as long as its client comes back.",
)
UNTRACKED = error(
    "counter-untracked",
    "A rule reads or counts a sticky counter that no `track-sc` of the proxy sets.",
)

KINDS = (TOO_EARLY, NO_MATCH, UNKNOWN, CACHE, UNTRACKED)

#: What is written now and then, what it is called, and what takes its place there.
NO_SUCH = (
    (re.compile(r"(?<=^http-request )accept\b"), "http-request accept", "allow"),
    (re.compile(r"\bsc-set-gpc0?\((\d+)\)"), "sc-set-gpc0", r"sc-set-gpt(0,\1)"),
    (re.compile(r"\bsub\(%\[.*\]\)"), "sub(%[...])", "date,sub(txn.cache_time)"),
    (re.compile(r"\bint\(%\[.*\]\)"), "int(%[...])", "date"),
    (re.compile(r"(?<=^tcp-request content )deny\b"), "tcp-request content deny", "reject"),
)

#: Actions that keep something in a stick table.
KEEPING = re.compile(r"^sc-(?:set-gpt0?|inc-gpc[01]?|add-gpc)\(")

#: A sticky counter: one with its number in its name, and one with its number in brackets.
NUMBERED = re.compile(r"(?<![\w-])sc(\d)_\w+")
BRACKETED = re.compile(r"(?<![\w-])(sc[_-][a-z][\w-]*)\(\s*(\d{1,9})\s*(?:,\s*(\d{1,9}))?")

#: Those that name an element of an array first, and then the counter.
OF_ARRAYS = re.compile(
    r"^sc[_-](?:get[_-]gpt|get[_-]gpc|gpc[_-]rate|inc[_-]gpc|clr[_-]gpc|set-gpt|add-gpc)$"
)

TRACKING = re.compile(r"\btrack-sc(\d{1,9})\b")


def find(site: Site) -> Iterator[Finding]:
    """Find rules that can't do what they should."""
    everywhere = frozenset(number for section in site.proxies for number in _tracked(section))
    for section in site.proxies:
        for engine in site.engines_of(section):
            yield from _find_early(section, engine)
            yield from _find_cache(section, engine)
        for line in section.lines:
            yield from _find_unmatched(line)
            yield from _find_unknown(line)
        # What a frontend tracks its backends can read.
        tracked = everywhere if section.kind == "backend" else _tracked(section)
        yield from _find_untracked(section, tracked)


def _reads(words: tuple[str, ...], engine: Engine) -> bool:
    return any(name.prefix == engine.prefix for name in find_read(words))


def _find_early(section: Section, engine: Engine) -> Iterator[Finding]:
    for phase in ("connection", "session"):
        for line, words in rules(section, "tcp-request", phase):
            if _reads(words, engine) or _names_verdict(words, engine):
                yield TOO_EARLY.at(
                    line,
                    f"there is no verdict yet in tcp-request {phase}",
                    line.text.replace(f"tcp-request {phase}", "tcp-request content"),
                )
    events = {message.event for message in engine.scope.sent_on_events} if engine.scope else set()
    if events != {"on-frontend-http-request"}:
        return
    for line, words in rules(section, "tcp-request", "content"):
        if _reads(words, engine):
            yield TOO_EARLY.at(
                line,
                "the question is asked with the HTTP request, after the rules of tcp-request",
                re.sub(r"^tcp-request\s+content\s+reject", "http-request deny", line.text),
            )


def _names_verdict(words: tuple[str, ...], engine: Engine) -> bool:
    """Tell whether a verdict is meant under a wrong name."""
    return bool(engine.scope) and any(name.last == "banned" for name in find_read(words))


def _find_unmatched(line: Line) -> Iterator[Finding]:
    words = line.words[2:] if line.starts("acl") else find_condition(line)
    for place, word in enumerate(words):
        rest = words[place + 1 :]
        # A converter behind it gives the variable a type.
        if not re.fullmatch(r"!?var\([^()]*\)", word) or not rest:
            continue
        flags = list(rest[: rest.index("}")] if "}" in rest else rest)
        if "-m" not in flags:
            yield NO_MATCH.at(
                line,
                f"{word} needs a way to compare it: HAProxy refuses the rule",
                line.text.replace(f"{word} ", f"{word} -m int ", 1),
            )


def _find_unknown(line: Line) -> Iterator[Finding]:
    for expression, name, right in NO_SUCH:
        text = " ".join(line.words)
        if expression.search(text):
            yield UNKNOWN.at(line, f"HAProxy has no {name}", expression.sub(right, text))


def _find_cache(section: Section, engine: Engine) -> Iterator[Finding]:
    """Find a stick table that keeps verdicts, but not how old they are."""
    kept = [
        (line, words)
        for line, words in rules(section, "http-request")
        if KEEPING.match(line.word(1)) or "sc-set-gpc" in line.word(1)
    ]
    if any("date" in word for _, words in kept for word in words):
        return
    for line, words in kept:
        if any(name.last == "banned" for name in find_read(words)):
            yield CACHE.at(
                line,
                "the verdict is kept without its time, and the entry's life begins anew with "
                "every request: a client that comes back stays banned for ever",
                _aging(engine),
            )
            return


def _aging(engine: Engine) -> str:
    """Write a cache that ages."""
    banned = f"var(txn.{engine.prefix}.banned)"
    return (
        "# in the table: stick-table type ipv6 size 100k expire 10m store gpt(2)\n"
        "tcp-request content set-var(txn.t0) sc_get_gpt(1,0)\n"
        "tcp-request content set-var(txn.age) date,sub(txn.t0)\n"
        f"http-request sc-set-gpt(0,0) {banned} if {{ {banned} -m found }}\n"
        f"http-request sc-set-gpt(1,0) date if {{ {banned} -m found }}\n"
        "http-request deny if { sc_get_gpt(0,0) eq 1 }\n"
        "# in the message: event on-frontend-http-request if { var(txn.age) -m int ge 60 }"
    )


def _tracked(section: Section) -> frozenset[int]:
    """Return the sticky counters that a section sets."""
    text = "\n".join(" ".join(line.words) for line in section.lines)
    return frozenset(map(int, TRACKING.findall(text)))


def _find_untracked(section: Section, tracked: frozenset[int]) -> Iterator[Finding]:
    for line in section.lines:
        for counter, shown in _counters(" ".join(line.words)):
            if counter not in tracked:
                mended = sorted(tracked)[:1]
                yield UNTRACKED.at(
                    line,
                    f"{shown} reads counter {counter}, and nothing is tracked in it: it is never "
                    "true",
                    line.text.replace(shown, shown.replace(str(counter), str(mended[0])))
                    if mended
                    else f"http-request track-sc{counter} src table ...",
                )


def _counters(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sticky counters that a line reads or counts in."""
    for found in NUMBERED.finditer(text):
        yield int(found[1]), found[0]
    for found in BRACKETED.finditer(text):
        array = OF_ARRAYS.match(found[1]) and found[3] is not None
        yield int(found[3] if array else found[2]), f"{found[0]})"
