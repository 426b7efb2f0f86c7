"""From a draft to YAML that people go on with: PyYAML writes values, this file the rest."""

import re
from collections.abc import Iterator
from textwrap import wrap

import yaml

from webfail2ban.migration.draft import Draft, Entry, Section
from webfail2ban.model import Json

#: Characters of a line.
WIDTH = 100

#: What each section is set in by.
STEP = "  "

#: Text of several lines that a block of YAML holds as it is.
_BLOCK = re.compile(r"[!-~](?:[ -~]*[!-~])?(?:\n[!-~](?:[ -~]*[!-~])?)+")


def render(draft: Draft) -> str:
    """Write a configuration file."""
    head = [
        f"Made by `webfail2ban import-config` of {draft.origin}.",
        "Read it once, then: webfail2ban check-config --config THIS-FILE",
        *draft.remarks,
    ]
    lines = [*_comment("", head)]
    for key, entry in draft.entries.items():
        lines += ["", *_entry("", key, entry)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _entry(indent: str, key: str, entry: Entry) -> Iterator[str]:
    yield from _comment(indent, entry.remarks)
    name = f"{indent}{_value(key)}:"
    if isinstance(entry.content, Section):
        yield from _section(indent, name, entry.content)
    else:
        yield from _setting(indent, name, entry.content)


def _section(indent: str, name: str, section: Section) -> Iterator[str]:
    inner = indent + STEP
    yield name if section.entries else f"{name} {{}}"
    yield from _comment(inner, section.remarks)
    for key, entry in section.entries.items():
        if isinstance(entry.content, Section) and key != next(iter(section.entries)):
            yield ""
        yield from _entry(inner, key, entry)


def _setting(indent: str, name: str, value: Json) -> Iterator[str]:
    line = f"{name} {_value(value)}"
    if isinstance(value, str) and "\n" in value and _BLOCK.fullmatch(value):
        yield f"{name} |-"
        yield from (f"{indent}{STEP}{part}" for part in value.split("\n"))
    elif not isinstance(value, list) or not value or len(line) <= WIDTH:
        yield line
    else:
        yield name
        yield from (f"{indent}{STEP}- {_value(item)}" for item in value)


def _value(value: Json) -> str:
    """Write a value in one line, so that it is read as it is meant."""
    text: str = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=float("inf"), sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _comment(indent: str, remarks: list[str] | tuple[str, ...]) -> Iterator[str]:
    """Write remarks, each wrapped; what another program's file holds can't end the comment."""
    for remark in remarks:
        text = re.sub(r"[^\S ]+|[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", remark)
        for number, line in enumerate(wrap(text, WIDTH - len(indent) - 4, break_long_words=False)):
            yield f"{indent}# {STEP if number else ''}{line}"
