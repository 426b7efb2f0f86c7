r"""What is wrong with a filter's expressions though they compile: found by looking, not by waiting.

Example:
    >>> definition = FilterDefinition("demo", failregex=(r"^(\w+\s?)*: failed from <ADDR>$",))
    >>> [finding] = lint_filter(definition)
    >>> finding.kind
    <FindingKind.BACKTRACKS_EXPONENTIALLY: 'backtracks exponentially'>
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from time import time

from webfail2ban.errors import FilterError
from webfail2ban.filters.attack import Attack
from webfail2ban.filters.automaton import START, Automaton
from webfail2ban.filters.datedetector import DEFAULT, DateDetector
from webfail2ban.filters.datetemplates import LINE_BEGIN
from webfail2ban.filters.definition import FilterDefinition, UseDns
from webfail2ban.filters.exponential import find_exponential
from webfail2ban.filters.findings import (
    Finding,
    FindingKind,
    describe_attack,
    describe_forgery,
    describe_hiding,
    describe_names,
)
from webfail2ban.filters.forgery import OTHER_LINE, VICTIM, Forgery, Place, forge, presume
from webfail2ban.filters.glushkov import TooLargeError, read_automaton
from webfail2ban.filters.polynomial import find_polynomial
from webfail2ban.filters.regex import compile_regex
from webfail2ban.filters.sentences import CONTENT, Frame, Sentence, find_who, write_sentence

#: Nothing around it.
WHOLE_LINE = Sentence()

#: A name for an attacker's address.
NAME = "attacker.example"


@lru_cache(maxsize=64)  # jails may share a filter, and each asks for itself
def lint_filter(definition: FilterDefinition) -> tuple[Finding, ...]:
    """Find expressions that a hostile line can keep busy, or that a client can aim at others.

    Nothing is searched in hostile lines: that would take as long as it says. Only where a forged
    address may be taken, short lines are tried (see `forgery`), and not with an expression that
    backtracks exponentially.

    Args:
        definition: The filter. Host names count if it says so, by default they don't.

    Returns:
        In the order of the options, for each expression the worst way to keep it busy and the
        easiest way to forge what it looks for.

    Raises:
        FilterError: An expression or a datepattern can't be compiled.
    """
    try:
        linter = _Linter(definition)
    except FilterError as error:
        raise FilterError(definition.file or definition.name, error.option, error.reason) from error
    return tuple(linter.findings())


def find_slowness(regex: re.Pattern[str]) -> str | None:
    r"""Find out whether a hostile text can keep an expression busy, without searching in one.

    Time that grows with the square of a text's length is not found: bound the text.

    Args:
        regex: The expression; where it is matched at the beginning only, put ``\\A`` before it.

    Returns:
        What is to blame, in one sentence; None if nothing is, or the expression is too large to
        be judged.
    """
    try:
        automaton = read_automaton(regex)
    except TooLargeError:
        return None
    attack = find_exponential(automaton) or find_polynomial(automaton)
    return describe_attack(attack) if attack else None


@dataclass(frozen=True, slots=True)
class _Expression:
    """An expression and what was found out about it.

    Attributes:
        option: Where it stands.
        index: Which one it is there.
        regex: The expression, compiled.
        automaton: The same.
        attack: What takes it very long, None if nothing does.
    """

    option: str
    index: int
    regex: re.Pattern[str]
    automaton: Automaton
    attack: Attack | None

    @property
    def safe(self) -> bool:
        """Whether it may be searched in short lines without a limit."""
        return self.attack is None or self.attack.degree is not None

    def finding(self, kind: FindingKind, message: str, example: str) -> Finding:
        """Make a finding of it."""
        return Finding(self.option, self.index, kind, message, example)

    def found_attack(self, frame: Sentence = WHOLE_LINE) -> Iterator[Finding]:
        """Report what takes it very long."""
        if self.attack is not None:
            exponential = self.attack.degree is None
            kind = (
                FindingKind.BACKTRACKS_EXPONENTIALLY
                if exponential
                else FindingKind.BACKTRACKS_POLYNOMIALLY
            )
            yield self.finding(kind, describe_attack(self.attack), frame.fill(self.attack.text))

    def found_forgery(
        self, forgery: Forgery | None, frame: Sentence = WHOLE_LINE
    ) -> Iterator[Finding]:
        """Report how to forge what it looks for."""
        if forgery is not None:
            begins = forgery.place in {Place.ANYWHERE, Place.END}
            kind = FindingKind.UNANCHORED if begins else FindingKind.AMBIGUOUS_ADDRESS
            message = describe_forgery(forgery, anchored=self.automaton.anchored)
            yield self.finding(kind, message, frame.fill(forgery.text))


class _Linter:
    def __init__(self, definition: FilterDefinition) -> None:
        self._usedns = definition.usedns or UseDns.NO
        self._multiline = definition.maxlines > 1
        self._prefixes = self._read("prefregex", [definition.prefregex or ""])
        self._failregexes = self._read("failregex", definition.failregex)
        self._ignoreregexes = self._read("ignoreregex", definition.ignoreregex)
        self._dates = list(_read_dates(definition))
        self._safe = all(prefix.safe for prefix in self._prefixes)
        self._frame = Frame(None, None, safe=True)
        for prefix in self._prefixes:
            if CONTENT in prefix.regex.groupindex:
                self._frame = Frame(prefix.regex, prefix.automaton, safe=self._safe)

    def findings(self) -> Iterator[Finding]:
        for prefix in self._prefixes:
            yield from prefix.found_attack()
            yield from prefix.found_forgery(_forge_prefix(prefix))
        for failregex in self._failregexes:
            frame = self._fit(failregex)
            yield from failregex.found_attack(frame)
            yield from failregex.found_forgery(self._forge_failure(failregex, frame), frame)
        for ignoreregex in self._ignoreregexes:
            yield from ignoreregex.found_attack()
            yield from _judge_ignoreregex(ignoreregex)
        for date in self._dates:
            yield from date.found_attack()
        if self._usedns is not UseDns.NO:
            yield from self._judge_names()

    def _read(self, option: str, texts: Sequence[str]) -> list[_Expression]:
        names = self._usedns is not UseDns.NO
        regexes = [
            (index, compile_regex(text, option, names=names, multiline=self._multiline))
            for index, text in enumerate(texts)
            if text
        ]
        return list(_examine(option, regexes))

    def _fit(self, failregex: _Expression) -> Sentence:
        """Return a line in which what an expression matches is left for it."""
        sentence = write_sentence(failregex.automaton, START, find_who(failregex.regex))
        return self._frame.fit(sentence.fill(VICTIM)) if sentence else WHOLE_LINE

    def _forge_failure(self, failregex: _Expression, frame: Sentence) -> Forgery | None:
        """Forge an address for a failregex."""
        who = find_who(failregex.regex)
        if who is None:
            return None
        if not self._safe:
            return presume(failregex.automaton, who)
        return _forge(failregex, who, lambda text: self._frame.cut(frame.fill(text)), frame.front)

    def _judge_names(self) -> Iterator[Finding]:
        """Name the first expression that takes host names."""
        for expression in (*self._prefixes, *self._failregexes):
            sentence = write_sentence(expression.automaton, START, "dns")
            if "dns" in expression.regex.groupindex and sentence is not None:
                line = self._frame.fit(sentence.fill(NAME)).fill(sentence.fill(NAME))
                yield expression.finding(FindingKind.HOST_NAMES, describe_names(self._usedns), line)
                return


def _read_dates(definition: FilterDefinition) -> Iterator[_Expression]:
    """Read the dates that a filter doesn't share with all others."""
    for index, text in enumerate(definition.datepattern):
        if text not in {DEFAULT, LINE_BEGIN}:
            regexes = [(index, DateDetector((text,), now=time).patterns[0].regex)]
            yield from _examine("datepattern", regexes)


def _examine(option: str, regexes: Iterable[tuple[int, re.Pattern[str]]]) -> Iterator[_Expression]:
    """Find out about expressions that aren't too large for it."""
    for index, regex in regexes:
        with suppress(TooLargeError):
            automaton = read_automaton(regex)
            attack = find_exponential(automaton) or find_polynomial(automaton)
            yield _Expression(option, index, regex, automaton, attack)


def _forge_prefix(prefix: _Expression) -> Forgery | None:
    """Forge the address that a prefregex takes, or all that it leaves for the failregexes."""
    who = find_who(prefix.regex)
    if who is not None:
        return _forge(prefix, who)
    if CONTENT not in prefix.regex.groupindex:
        return None  # it only chooses lines, where to look in them is the failregexes' business
    forgery = _forge(prefix, CONTENT)
    return forgery if forgery and forgery.place in {Place.ANYWHERE, Place.END} else None


def _forge(
    expression: _Expression, gap: str, cut: Callable[[str], str | None] = str, front: str = ""
) -> Forgery | None:
    def find(text: str) -> str | None:
        content = cut(text)
        match = expression.regex.search(content + "\n") if content else None
        return match and match[gap]

    if not expression.safe:
        return presume(expression.automaton, gap)
    return forge(expression.automaton, gap, find, within=bool(front))


def _judge_ignoreregex(ignoreregex: _Expression) -> Iterator[Finding]:
    """Tell whether any line can be made to be ignored."""
    sentence = write_sentence(ignoreregex.automaton, START, None)
    if sentence is None:
        return
    line = OTHER_LINE.fill(sentence.fill(""))
    anchored = ignoreregex.automaton.anchored
    if ignoreregex.regex.search(line + "\n") if ignoreregex.safe else not anchored:
        yield ignoreregex.finding(FindingKind.UNANCHORED, describe_hiding(anchored=anchored), line)
