"""From a failregex's text to a Python regular expression.

Addresses and fields are written as tags: ``<HOST>``, ``<ADDR>``, ``<F-USER>...</F-USER>``. Each tag
becomes a named group or a part of one; everything else is Python's own syntax.
"""

import re
import warnings
from collections.abc import Callable
from itertools import count

from webfail2ban.errors import FilterError

_IP4 = r"(?:::f{4,6}:)?(?P<ip4>(?:\d{1,3}\.){3}\d{1,3})"
_IP6 = r"(?P<ip6>(?:[0-9a-fA-F]{1,4}::?|::){1,7}(?:[0-9a-fA-F]{1,4}|(?<=:):))"
_DNS = r"(?P<dns>[\w\-.^_]*\w)"
_CIDR = r"(?P<cidr>\d+)"
_EITHER = f"(?:{_IP4}|{_IP6})"
_ADDR = rf"\[?{_EITHER}\]?"

#: Tags for whole expressions; ``<X>`` and ``<F-X/>`` mean the same.
_WHOLE = {
    "IP4": _IP4,
    "IP6": _IP6,
    "DNS": _DNS,
    "ADDR": _ADDR,
    "CIDR": _CIDR,
    "SUBNET": rf"\[?{_EITHER}(?:/{_CIDR})?\]?",
}

#: Tags for whole expressions in one spelling only.
_SINGLE = {"F-ID/": r"(?P<fid>\S+)", "F-PORT/": r"(?P<fport>\w+)"}

#: Fields whose group has another name than the tag.
FIELD_GROUPS = {"id": "fid", "port": "fport"}

#: The groups that say who failed; `mlfid` says so through other lines of the connection.
ID_GROUPS = frozenset({"fid", "ip4", "ip6", "dns", "mlfid"})

_TAG = re.compile(r"<(/?)([A-Z0-9_\-]+)(/?)>")

#: Flags for a part written as fail2ban's older filters do: ``((?i)x)``. Python takes ``(?i:x)``.
_INNER_FLAGS = re.compile(r"(?<!\\)\((?:\?:)?\(\?([a-z]+)\)")


def compile_regex(text: str, option: str, *, names: bool, multiline: bool) -> re.Pattern[str]:
    """Compile one failregex, ignoreregex or prefregex.

    Args:
        text: The expression with its tags.
        option: The option it comes from, for messages.
        names: Whether ``<HOST>`` may match host names, not only addresses.
        multiline: Whether it is searched in several lines at once.

    Raises:
        FilterError: Python's `re` refuses the expression.
    """
    translated = translate_tags(text, names=names)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set" and such: the author's style
            return re.compile(translated, re.MULTILINE if multiline else 0)
    except (re.error, OverflowError, RecursionError) as error:
        raise FilterError(None, option, f"{error}: {text}") from error


def translate_tags(text: str, *, names: bool) -> str:
    """Replace the tags, left to right, and spell inner flags as Python wants them."""
    expressions = {f"<{name}>": whole for name, whole in _WHOLE.items()}
    expressions |= {f"<F-{name}/>": whole for name, whole in _WHOLE.items()}
    expressions |= {f"<{name}>": whole for name, whole in _SINGLE.items()}
    expressions["<HOST>"] = f"(?:{_ADDR}|{_DNS})" if names else _ADDR
    translated = _TAG.sub(_replacer(expressions), text)
    return _INNER_FLAGS.sub(r"(?\1:", translated)


def _replacer(expressions: dict[str, str]) -> Callable[[re.Match[str]], str]:
    """Make the function that knows each tag's replacement and which fields are open."""
    skipped = count()
    opened: list[str] = []

    def replace(match: re.Match[str]) -> str:
        tag = match[0]
        if tag in expressions:
            return expressions[tag]
        if tag == "<SKIPLINES>":
            return rf"\n(?P<skiplines{next(skipped)}>(?:.*\n)*?)"
        closing, name, empty = match.groups()
        if empty or not name.startswith("F-"):
            return tag
        if closing:
            if name not in opened:
                return tag
            opened.remove(name)
            return ")"
        opened.append(name)
        field = name.removeprefix("F-").lower()
        return f"(?P<{FIELD_GROUPS.get(field, field)}>"

    return replace
