"""Headers that tell a verdict to the application."""

import re
from collections.abc import Iterator

from webfail2ban.doctor.finding import Finding, error, hint
from webfail2ban.doctor.reading import Line, Section
from webfail2ban.doctor.site import Engine, Site
from webfail2ban.doctor.variables import find_condition, find_read, rules

FORGEABLE = error(
    "header-forgeable",
    "A header tells the verdict under a condition, and isn't deleted before: without a verdict the "
    "client's own header goes through.",
)
NO_UNKNOWN = hint(
    "header-without-unknown",
    "A header tells the verdict, and nothing where there is none: the application takes that for "
    "whatever it likes.",
)

KINDS = (FORGEABLE, NO_UNKNOWN)

#: A verdict that a condition is about.
VALUE = re.compile(r"\.banned\) -m int eq (\d)")


def find(site: Site) -> Iterator[Finding]:
    """Find headers that clients can forge."""
    for section in site.entries:
        for engine in site.engines_of(section):
            yield from _find_headers(section, engine)


def _find_headers(section: Section, engine: Engine) -> Iterator[Finding]:
    told: dict[str, list[Line]] = {}
    for line, words in rules(section, "http-request"):
        if line.word(1) in {"set-header", "add-header"} and _tells(line, words, engine):
            told.setdefault(line.word(2).lower(), []).append(line)
    for name, lines in told.items():
        first = lines[0]
        fallback = any(
            _is_fallback(line)
            for line in section.all("http-request")
            if line.word(2).lower() == name
        )
        if not _is_dropped(section, name, first) and not (fallback and _is_whole(section, lines)):
            yield FORGEABLE.at(
                first,
                f"without a verdict the client's own {first.word(2)} reaches the application",
                f"http-request del-header {first.word(2)}    # above this line",
            )
        if not fallback:
            variable = f"var(txn.{engine.prefix}.banned)"
            yield NO_UNKNOWN.at(
                first,
                f"{first.word(2)} says nothing where there is no verdict",
                f"http-request set-header {first.word(2)} unknown unless {{ {variable} -m found }}",
            )


def _is_whole(section: Section, lines: list[Line]) -> bool:
    """Tell whether a header is set for either verdict, as far as its client isn't refused."""
    refusing = [
        line for line in section.all("http-request") if line.word(1) in {"deny", "reject", "tarpit"}
    ]
    text = "\n".join(" ".join(find_condition(line)) for line in (*refusing, *lines))
    return {"0", "1"} <= {*VALUE.findall(text)}


def _tells(line: Line, words: tuple[str, ...], engine: Engine) -> bool:
    """Tell whether a header depends on a verdict, under its right or a wrong name."""
    if not find_condition(line):
        return False
    return any(name.prefix == engine.prefix or name.last == "banned" for name in find_read(words))


def _is_dropped(section: Section, name: str, first: Line) -> bool:
    """Tell whether the client's own header is gone by then."""
    for line in section.all("http-request"):
        if line.number == first.number and line.file == first.file:
            return False
        dropped = line.word(1) in {"del-header", "set-header"} and line.word(2).lower() == name
        if dropped and not find_condition(line):
            return True
    return False


def _is_fallback(line: Line) -> bool:
    """Tell whether a rule says what is so without a verdict."""
    if line.word(1) != "set-header":
        return False
    condition = find_condition(line)
    if not condition:
        return True
    text = " ".join(condition)
    return "-m found" in text
