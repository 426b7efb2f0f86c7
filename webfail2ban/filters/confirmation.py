"""Trying what `lint_filter` says: whether a finding's example really does what it is said to do."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import time
from typing import Any

from webfail2ban.filters.datedetector import DateDetector
from webfail2ban.filters.definition import FilterDefinition, UseDns
from webfail2ban.filters.findings import Finding, FindingKind
from webfail2ban.filters.forgery import VICTIM
from webfail2ban.filters.lint import NAME
from webfail2ban.filters.regex import compile_regex
from webfail2ban.filters.sentences import CONTENT, find_who


def confirm(definition: FilterDefinition, finding: Finding, seconds: float = 1.0) -> bool:
    """Search a finding's example, and give up after some time.

    It takes a signal to interrupt a search: call this in a process's main thread, and only if
    nothing else in it waits for ``SIGALRM``.

    Args:
        definition: The filter.
        finding: What `lint_filter` found in it.
        seconds: When to give up.

    Returns:
        Of an expression that backtracks, whether it was given up; of any other, whether what was
        found is the address that is forged.
    """
    try:
        with _limit(seconds):
            confirmed = _search(definition, finding)
    except TimeoutError:
        return finding.kind.backtracks
    return confirmed and not finding.kind.backtracks


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    def interrupt(*_: Any) -> None:
        raise TimeoutError

    handler = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def _search(definition: FilterDefinition, finding: Finding) -> bool:
    """Search the example, and tell whether it is taken for what it isn't."""
    if finding.option == "datepattern":
        dates = DateDetector((definition.datepattern[finding.index],), now=time)
        return dates.patterns[0].regex.search(finding.example) is not None
    line = finding.example + "\n"
    prefix = _compile(definition, "prefregex", 0) if definition.prefregex else None
    if finding.option == "failregex" and prefix is not None and CONTENT in prefix.groupindex:
        begin = prefix.search(line)
        line = begin[CONTENT] + "\n" if begin else ""
    match = _compile(definition, finding.option, finding.index).search(line)
    if match is None or finding.option == "ignoreregex":
        return match is not None
    who = "dns" if finding.kind is FindingKind.HOST_NAMES else find_who(match.re) or CONTENT
    return match[who] in {VICTIM, NAME}


def _compile(definition: FilterDefinition, option: str, index: int) -> re.Pattern[str]:
    texts = {
        "prefregex": (definition.prefregex or "",),
        "failregex": definition.failregex,
        "ignoreregex": definition.ignoreregex,
    }
    names = (definition.usedns or UseDns.NO) is not UseDns.NO
    multiline = definition.maxlines > 1
    return compile_regex(texts[option][index], option, names=names, multiline=multiline)
