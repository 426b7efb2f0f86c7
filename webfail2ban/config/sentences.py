"""Pydantic's errors in the words of somebody who writes a configuration."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from webfail2ban.config.durations import show_duration
from webfail2ban.config.wording import did_you_mean, show_choices, show_value

NUMBER = "must be a number"
WHOLE = "must be a whole number"
SWITCH = "must be true or false"
TEXT = "must be text"
LIST = "must be a list"
MAPPING = "must be a mapping: lines of key: value"

#: By pydantic's type of error; ``{}`` is filled from its context. What was written is added.
SENTENCES = {
    "bool_parsing": SWITCH,
    "bool_type": SWITCH,
    "bytes_type": TEXT,
    "dataclass_type": MAPPING,
    "decimal_parsing": NUMBER,
    "decimal_type": NUMBER,
    "dict_type": MAPPING,
    "finite_number": NUMBER,
    "float_parsing": NUMBER,
    "float_type": NUMBER,
    "frozen_set_type": LIST,
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": "must be a number of fewer digits",
    "int_type": WHOLE,
    "ip_any_address": "must be an IP address",
    "ip_any_network": "must be a network such as 192.0.2.0/24",
    "ip_v4_address": "must be an IPv4 address",
    "ip_v4_network": "must be an IPv4 network such as 192.0.2.0/24",
    "ip_v6_address": "must be an IPv6 address",
    "ip_v6_network": "must be an IPv6 network such as 2001:db8::/32",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "list_type": LIST,
    "mapping_type": MAPPING,
    "model_attributes_type": MAPPING,
    "model_type": MAPPING,
    "multiple_of": "must be a multiple of {multiple_of}",
    "none_required": "must be empty",
    "path_type": "must be a path",
    "set_type": LIST,
    "string_pattern_mismatch": "must match {pattern}",
    "string_sub_type": TEXT,
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_type": TEXT,
    "string_unicode": TEXT,
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "tuple_type": LIST,
    "url_parsing": "must be a URL",
    "url_scheme": "must be a URL that begins with {expected_schemes}",
    "url_type": "must be a URL",
}

#: These expect one of a few words, which their context lists in quotes.
CHOICES = ("literal_error", "enum", "union_tag_invalid")
EXPECTED = ("expected", "expected_tags")
QUOTED = re.compile(r"'([^']*)'")


#: These say all there is to say: no value need be shown.
COMPLETE = {
    "missing": "is missing",
    "union_tag_not_found": "must have a setting {discriminator}",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is wrong with one setting.

    Attributes:
        message: It follows the setting's name.
        value: What was written instead; empty if it is secret or needn't be said.
        hint: What to do, or empty.
    """

    message: str
    value: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """Return the message with the value."""
        return f"{self.message}, not {self.value}" if self.value else self.message


def explain(error: Any, written: Any, *, secret: bool = False) -> Sentence:
    """Say what is wrong.

    Args:
        error: One of ``ValidationError.errors()``.
        written: What was written; the error's own input may have been converted.
        secret: Whether that must not be shown.
    """
    kind, context = error["type"], error.get("ctx") or {}
    if kind in ("value_error", "assertion_error"):
        return Sentence(_one_line(context.get("error") or error["msg"]))
    shown = "" if secret else show_value(written)
    if kind in CHOICES:
        return _choices(context, written, shown)
    converted = isinstance(error["input"], float) and isinstance(written, str)
    bounds = {key: _bound(value, converted) for key, value in context.items()}
    if kind in COMPLETE:
        return Sentence(COMPLETE[kind].format_map(bounds))
    if kind in SENTENCES:
        hint = _hint(SENTENCES[kind], written)
        return Sentence(SENTENCES[kind].format_map(bounds), shown, hint)
    return Sentence(_one_line(error["msg"]))


def join(sentences: Iterable[Sentence]) -> tuple[str, str]:
    """Make one message and one hint of what was said of a setting that may be several things."""
    first, *others = dict.fromkeys(sentences)
    others = [other for other in others if other.message != first.message]
    rest = [
        other.message.removeprefix("must be ").removesuffix(f", not {first.value}")
        for other in others
    ]
    message = ", or ".join([first.message, *rest])
    hint = next((sentence.hint for sentence in (first, *others) if sentence.hint), "")
    return str(Sentence(message, first.value)), hint


def _choices(context: dict[str, Any], written: Any, shown: str) -> Sentence:
    """Name the words that there are."""
    expected = next((str(context[key]) for key in EXPECTED if key in context), "")
    words = QUOTED.findall(expected)
    if not words:
        return Sentence(f"must be {expected}", shown)
    hint = did_you_mean(written, words) if isinstance(written, str) and shown else ""
    return Sentence(f"must be {show_choices(words)}", shown, hint)


def _hint(message: str, written: Any) -> str:
    """Say how the thing that was expected is written."""
    if message == TEXT and isinstance(written, bool | int | float):
        return "put it in quotes"
    if message == LIST and isinstance(written, str):
        return "a list is written [one, two], or one entry a line, each after a dash"
    return ""


def _bound(value: Any, converted: bool) -> Any:
    """Write a limit as its setting is written: 60, or 1m where that was text."""
    if not isinstance(value, float):
        return value
    return show_duration(value) if converted else f"{value:.15g}"


def _one_line(text: object) -> str:
    """Write a sentence of somebody else's in one line, without its capital letter."""
    line = " ".join(str(text).split())
    return line[:1].lower() + line[1:] if line[1:2].islower() else line
