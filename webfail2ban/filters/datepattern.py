"""From a datepattern to a compiled regular expression that cuts the date out of a line."""

import re
from dataclasses import dataclass
from functools import lru_cache

from webfail2ban.filters.anchors import Search, quick_search, signs
from webfail2ban.filters.datecodes import ignores_case, translate_codes
from webfail2ban.filters.datetemplates import EPOCH, LINE_BEGIN, LONG_EPOCH, TAI64N

#: A pattern for lines without a date: it matches nothing at a line's start, the time is now.
NONE = "{NONE}"

#: What a pattern begins with that wants no word boundaries around it.
UNBOUND = "{UNB}"

#: A date begins and ends where a word does, or beside anything that is no part of a word.
_WORD_BEGIN, WORD_END = r"(?=^|\b|\W)", r"(?=\b|\W|$)"
_LINE_BEGIN = r"^(?:\W{0,2})?"

_SECONDS = r"\d{10,11}\b(?:\.\d{3,6})?"
_LONG_SECONDS = r"\d{10,11}(?:\d{3}(?:\.\d{1,6}|\d{3})?)?"

#: Groups for the forms that are one number rather than fields.
EPOCH_GROUP, LONG_EPOCH_GROUP, TAI64N_GROUP = "_date_epoch", "_date_lepoch", "_date_tai64n"

_NUMBERS = {
    EPOCH: f"(?P<{EPOCH_GROUP}>{_SECONDS})",
    LONG_EPOCH: f"(?P<{LONG_EPOCH_GROUP}>{_LONG_SECONDS})",
    TAI64N: f"(?P<{TAI64N_GROUP}>@[0-9a-f]{{24}})",
}

#: Where a bare number is taken for a date: at the line's start, there behind a bracket, and in
#: the record number of the kernel's audit log.
_PLACES = r"(?:^|(?<=^\[)|(?<=\baudit\())"

_ANCHORED_BEGIN = re.compile(r"\^|\((?:\?:)?\^(?!\|)")
_UNBOUND_END = re.compile(r"(?<!\\)\$$|\\[bs]$")
_FLAGS = re.compile(r"\(\?[aiLmsux]+\)")


@dataclass(frozen=True, slots=True, eq=False)
class DatePattern:
    """A compiled datepattern. There is one for each text and year: it is known by its identity.

    Attributes:
        text: As it was written.
        regex: What finds the date.
        group: The number of the group that is cut out of the line.
        anchored: Whether it can only match at the line's start or end, so that nothing inside a
            message can be taken for the date.
        search: Finds it in a line.
    """

    text: str
    regex: re.Pattern[str]
    group: int
    anchored: bool
    search: Search


@lru_cache(maxsize=512)
def compile_datepattern(text: str, year: int) -> DatePattern:
    """Compile one datepattern; ``{DATE}`` and the like are the caller's to expand.

    Args:
        text: The pattern.
        year: The current one: years far ahead are no dates.

    Raises:
        ValueError: A ``%`` code does not exist.
        re.error: It is no regular expression.
    """
    body, line_begin, unbound = _take_prefix(text)
    if body == NONE:
        return _finish(text, re.compile("^()"), 1, anchored=True)
    number = body.upper()
    if number in {EPOCH, LONG_EPOCH} and not line_begin:
        end = "" if number == EPOCH else r"\b"  # or eleven digits of thirteen would do
        regex = re.compile(f"{_PLACES}({_NUMBERS[number]}){end}")
        return _finish(text, regex, 1, anchored=False)
    if number in _NUMBERS:
        body = f"{{{number}}}"
    flags = re.IGNORECASE if ignores_case(body) else re.NOFLAG
    body = translate_codes(body, year)
    for name, expression in _NUMBERS.items():
        body = body.replace(f"{{{name}}}", expression)
    bounded, group, anchored = _bound(body, line_begin=line_begin, unbound=unbound)
    return _finish(text, re.compile(bounded, flags), group, anchored=anchored)


def _finish(text: str, regex: re.Pattern[str], group: int, *, anchored: bool) -> DatePattern:
    return DatePattern(text, regex, group, anchored, quick_search(regex))


def _take_prefix(text: str) -> tuple[str, bool, bool]:
    """Split off ``{^LN-BEG}`` and ``{UNB}``, in any order."""
    line_begin = unbound = False
    while True:
        if text.startswith(LINE_BEGIN):
            text, line_begin = text.removeprefix(LINE_BEGIN), True
        elif text.startswith(UNBOUND):
            text, unbound = text.removeprefix(UNBOUND), True
        else:
            return text, line_begin, unbound


def _bound(body: str, *, line_begin: bool, unbound: bool) -> tuple[str, int, bool]:
    """Put boundaries around a pattern and a group around what is cut.

    Returns:
        The expression, the number of the group to cut, and whether the pattern is anchored.
    """
    flags = _FLAGS.match(body)
    prefix = flags[0] if flags else ""
    body = body.removeprefix(prefix)
    free_begin, free_end = body.startswith("**"), body.endswith("**")
    body = body.removeprefix("**").removesuffix("**")

    anchored_begin = _ANCHORED_BEGIN.match(body) is not None
    ends = _UNBOUND_END.search(body)
    anchored = line_begin or anchored_begin or (ends is not None and ends[0] == "$")
    begin, end = _WORD_BEGIN, WORD_END
    if unbound or free_begin or anchored_begin:
        begin = ""
    if unbound or free_end or ends is not None:
        end = ""
    if line_begin:
        begin = _LINE_BEGIN

    group = _first_plain_group(body)
    if group is None:
        head = "^" if body.startswith("^") else ""
        tail = "$" if ends is not None and ends[0] == "$" else ""
        body = f"{head}({body.removeprefix(head).removesuffix(tail)}){tail}"
        group = 1
    return f"{prefix}{begin}{body}{end}", group, anchored


def _first_plain_group(body: str) -> int | None:
    """Return the number of the first group without a name, None if there is none."""
    named = 0
    for sign in signs(body):
        if sign == "(":
            return named + 1
        named += sign == "(?P<"
    return None
