"""fail2ban's own sample logs: our engine says of every line what fail2ban says.

The package brings a log for each filter. Before a line stands, in a comment with JSON, what has to
come of it; other comments set the filter's parameters for the lines that follow, or name a further
file to go through.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from webfail2ban.filters import DateDetector, Filter, Found, UseDns, read_filter

#: The samples' clock and zone: noon of 14 August 2005 in Zurich.
NOW = 1124013600.0

#: How many cases fail2ban 1.0.2 brings for the filters that it installs; later versions have more.
CASES = 1381

#: Keys of an expectation that name no field of the failure.
NO_FIELDS = {"match", "host", "time", "desc", "attempts", "constraint"}

COMMENT = re.compile(r"#+ ?(failJSON|fileOptions|filterOptions|addFILE):(.+)")
NAME_CONDITION = re.compile(r"name\s*(==|!=)\s*'([^']*)'")
MODE_CONDITION = re.compile(r"opts\.get\('mode'\)\s*(==|!=)\s*'([^']*)'")


@dataclass(frozen=True, slots=True)
class Case:
    """One line, the options it is tried with, and what has to come of it."""

    place: str
    name: str
    options: Mapping[str, str]
    line: str
    expected: Mapping[str, Any]


def holds(condition: str, name: str, options: Mapping[str, str]) -> bool:
    """Evaluate the two kinds of conditions that occur: on the filter's name and on its mode."""
    if match := NAME_CONDITION.fullmatch(condition):
        return (name == match[2]) == (match[1] == "==")
    match = MODE_CONDITION.fullmatch(condition)
    assert match is not None, condition
    return (options.get("mode") == match[2]) == (match[1] == "==")


def read_cases(log: Path, name: str) -> Iterator[Case]:
    """Read a sample log's cases for one filter."""
    shared: dict[str, str] = {}
    option_sets: list[dict[str, str]] = [{}]
    expected: dict[str, Any] | None = None
    for number, line in enumerate(log.read_text("utf-8").split("\n"), 1):
        comment = COMMENT.match(line)
        if expected is not None:
            for options in option_sets:
                merged = shared | options
                conditions = [merged.get("test.condition"), expected.get("constraint")]
                if all(holds(condition, name, merged) for condition in conditions if condition):
                    yield Case(f"{log.name}:{number}", name, merged, line, expected)
            expected = None
        elif comment is None:
            assert not line or line.startswith("#"), f"{log.name}:{number} expects nothing"
        elif comment[1] == "addFILE":
            yield from read_cases(log.with_name(json.loads(comment[2])), name)
        elif comment[1] == "failJSON":
            expected = json.loads(comment[2])
        else:
            options = json.loads(comment[2])
            if comment[1] == "fileOptions":
                shared = options
            else:
                option_sets = options if isinstance(options, list) else [options]


class Runner:
    """Runs cases, with one filter for each set of options: a line may continue earlier ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filters: dict[str, Filter] = {}

    def run(self, case: Case) -> list[Found]:
        options = {k: v for k, v in case.options.items() if not k.startswith("test.")}
        spec = ",".join(f'{option}="{value}"' for option, value in options.items())
        spec = f"{case.name}[{spec}]"
        if spec not in self._filters:
            definition = read_filter(spec, dirs=[self._folder])
            self._filters[spec] = Filter(
                definition,
                now=lambda: NOW,
                usedns=UseDns.RAW,
                live=False,
                dates=DateDetector(
                    definition.datepattern, now=lambda: NOW, year=time.localtime().tm_year
                ),
            )
        line = case.options.get("test.prefix-line", "") + case.line
        known = NOW if options.get("logtype") == "journal" else None
        return self._filters[spec].find(line, known)


def spelled(host: str) -> str:
    """Spell an expected address canonically; fail2ban compares addresses, not texts."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host


def seconds(moment: str) -> float:
    """Read an expected time: local, with or without a fraction, some with a day of one digit."""
    whole, _, fraction = moment.partition(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float(f"0.{fraction or 0}")


def disagreement(case: Case, found: list[Found]) -> str | None:
    """Say in what a result differs from what was expected."""
    expected = case.expected
    if not expected["match"]:
        return f"no failure, but found {found}" if found else None
    if len(found) != 1:
        return f"one failure, but found {found}"
    got = found[0]
    pairs: dict[str, tuple[Any, Any]] = {}
    if "host" in expected:
        pairs["host"] = spelled(expected["host"]), got.host
    if "attempts" in expected:
        pairs["attempts"] = expected["attempts"], len(got.lines)
    if "time" in expected:
        moment = expected["time"]
        wanted = None if moment is None else seconds(moment)
        pairs["time"] = wanted, got.time
    for key in expected.keys() - NO_FIELDS:
        wanted = expected[key]
        value = got.fields.get(key)
        pairs[key] = (set(wanted), set(value or ())) if key == "users" else (wanted, value)
    wrong = [
        f"{key} {wanted!r}, not {value!r}"
        for key, (wanted, value) in pairs.items()
        if wanted != value
    ]
    return "; ".join(wrong) or None


def run_all(logs: Path, folder: Path) -> tuple[int, list[str]]:
    """Run every sample log that has a filter in the folder."""
    cases = 0
    wrong = []
    for log in sorted(logs.iterdir()):
        if not (folder / f"{log.name}.conf").exists():
            continue
        runner = Runner(folder)
        for case in read_cases(log, log.name):
            cases += 1
            problem = disagreement(case, runner.run(case))
            if problem is not None:
                wrong.append(
                    f"{case.place} {dict(case.options)}: expected {problem}\n  {case.line}"
                )
    return cases, wrong


@pytest.mark.usefixtures("zurich")
def test_packaged_filters_agree_with_fail2ban_on_every_sample(
    sample_logs: Path, filter_dir: Path
) -> None:
    """Matched or not, who, when, how many lines and every named field are the same."""
    cases, wrong = run_all(sample_logs, filter_dir)

    assert not wrong, "\n".join(wrong)
    assert cases >= CASES


@pytest.mark.usefixtures("zurich")
def test_test_filters_agree_with_fail2ban_on_every_sample(
    sample_logs: Path, fail2ban_tests: Path
) -> None:
    """So do fail2ban's filters for tests: a generic one, and sshd with multi-line expressions."""
    cases, wrong = run_all(sample_logs, fail2ban_tests / "config" / "filter.d")

    assert not wrong, "\n".join(wrong)
    assert cases
