import json
from datetime import UTC

import click
import pytest

from webfail2ban.commands.examination import Examiner
from webfail2ban.commands.line_report import (
    DATE_STYLE,
    HOST_STYLE,
    describe_line,
    paint,
    show_found,
    show_line,
)
from webfail2ban.filters import FilterDefinition, Found
from webfail2ban.filters.expression import FieldValue

TEXT = "2026-08-22T10:00:00Z app: failed for eve\x1b[2J from 192.0.2.7"
DEFINITION = FilterDefinition(
    "app", failregex=("^never <ADDR>", "^ app: failed for <F-USER>.*</F-USER> from <ADDR>$")
)


def describe(text: str, log: str | None = None, *, all_regex: bool = False) -> object:
    examined = Examiner(DEFINITION, all_regex=all_regex).examine(text)
    return json.loads(describe_line(log, 7, examined, all_regex=all_regex))


def test_a_failure_is_described() -> None:
    """Who, when, by which failregex and with what else."""
    assert describe(TEXT) == {
        "line": 7,
        "match": True,
        "host": "192.0.2.7",
        "time": 1787392800,
        "regex": 2,
        "fields": {"ip4": "192.0.2.7", "user": "eve\x1b[2J", "attempts": 1},
    }


def test_any_other_line_is_only_numbered() -> None:
    """There is nothing to say of it."""
    assert describe("else") == {"line": 7, "match": False}


def test_a_log_and_overlaps_are_named_where_it_is_said() -> None:
    """For several logs, and for --all-regex."""
    assert describe("else", "a.log", all_regex=True) == {
        "line": 7,
        "match": False,
        "log": "a.log",
        "regexes": [],
    }


def test_several_addresses_of_a_name_are_all_told() -> None:
    """The first stands where the only one would."""
    examined = Examiner(DEFINITION).examine(TEXT)
    hosts = ("192.0.2.7", "192.0.2.8")
    found = [Found(host, None, 0, {}, ("one", "two")) for host in hosts]
    several = examined._replace(trace=examined.trace._replace(found=found))

    facts = json.loads(describe_line(None, 1, several, all_regex=False))

    assert facts["host"] == "192.0.2.7"
    assert facts["hosts"] == ["192.0.2.7", "192.0.2.8"]
    assert facts["time"] is None
    assert facts["fields"] == {"attempts": 2}


def test_a_line_is_shown_without_its_control_characters() -> None:
    """A client chooses some of it; the terminal is ours."""
    examined = Examiner(DEFINITION).examine(TEXT)

    assert show_line("line 7", examined, None, colour=False) == (
        "matched  line 7: 2026-08-22T10:00:00Z app: failed for eve#033[2J from 192.0.2.7"
    )


def test_date_and_host_are_marked() -> None:
    """Everything else stays plain."""
    examiner = Examiner(DEFINITION)
    examined = examiner.examine(TEXT)

    shown = show_line("line 7", examined, examiner.locate_host(examined), colour=True)

    assert shown.endswith(
        f"line 7: {click.style('2026-08-22T10:00:00Z', **DATE_STYLE)}"
        f" app: failed for eve#033[2J from {click.style('192.0.2.7', **HOST_STYLE)}"
    )


@pytest.mark.parametrize(
    ("spans", "painted"),
    [
        ([], "abcdef"),
        ([(0, 2)], "<ab>cdef"),
        ([(4, 6)], "abcd<ef>"),
        ([(4, 6), (0, 2)], "<ab>cd<ef>"),
        ([(0, 3), (2, 5)], "<abc>def"),
        ([(0, 0), (1, 2)], "a<b>cdef"),
    ],
)
def test_parts_of_a_text_are_painted(spans: list[tuple[int, int]], painted: str) -> None:
    """In any order; what would overlap is left as it is."""
    text = paint("abcdef", [(span, {"fg": "red"}) for span in spans])

    begin, end = click.style("|", fg="red").split("|")
    assert text.replace(begin, "<").replace(end, ">") == painted


def test_what_a_line_told_is_shown() -> None:
    """The connection's name says nothing that the line doesn't."""
    fields: dict[str, FieldValue] = {"ip4": "192.0.2.7", "mlfid": "app[1]"}
    fields |= {"users": ("eve", "a\nb"), "fid": ("x", None)}
    found = Found("192.0.2.7", 1787392800.0, 1, fields, ("one", "two"))

    assert show_found(found, UTC) == (
        "192.0.2.7  2026-08-22 10:00:00+0000  failregex 2  users=eve, a#012b  fid=x, -  2 lines"
    )


def test_a_failure_without_time_is_shown_as_such() -> None:
    """It isn't now."""
    assert show_found(Found("192.0.2.7", None, 0, {}, ("one",)), UTC) == (
        "192.0.2.7  no time is known  failregex 1"
    )
