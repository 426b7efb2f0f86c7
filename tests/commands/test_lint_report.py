"""What ``test-filter --lint`` says of a filter."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from webfail2ban.commands.lint_report import show_finding
from webfail2ban.filters import Finding, FindingKind

Run = Callable[..., Result]


def test_a_filter_without_findings_is_fine(run: Run) -> None:
    """Exit status 0."""
    result = run("test-filter", "--lint", "sshd")

    assert (result.exit_code, result.stdout) == (0, "sshd: nothing found\n")


def test_a_finding_is_named_shown_and_tried(run: Run) -> None:
    """Exit status 1."""
    result = run("test-filter", "--lint", "failed from <HOST>$")

    assert result.exit_code == 1
    assert result.stdout == (
        "failregex 1, unanchored\n"
        "  does not begin with ^: whoever chooses how a line ends can write all that is looked for,"
        " with an address of his choice\n"
        '  mail app[7]: 192.0.2.1 is called "failed from 203.0.113.7\n'
        "  tried: that is what it finds\n\n"
        "command line: 1 finding\n"
    )


def test_a_line_that_takes_too_long_is_given_up(run: Run) -> None:
    """That is what was to be shown."""
    result = run("test-filter", "--lint", r"^(?:\w+\s?)*: failed from <ADDR>$")

    assert result.exit_code == 1
    assert "failregex 1, backtracks exponentially\n" in result.stdout
    assert "  tried: not done after 0.5 s\n" in result.stdout


def test_findings_are_objects_in_json(run: Run) -> None:
    """One a line; nothing else is printed."""
    result = run("test-filter", "--lint", "--json", "one <HOST>\n^.*two <HOST>")

    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [each["regex"] for each in found] == [1, 2]
    assert found[0] | {"message": ""} == {
        "option": "failregex",
        "regex": 1,
        "kind": "unanchored",
        "message": "",
        "example": 'mail app[7]: 192.0.2.1 is called "one 203.0.113.7" since today',
        "confirmed": True,
    }
    assert run("test-filter", "--lint", "--json", "sshd").stdout == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [(("--lint", "sshd", "auth.log"), "--lint reads no LOG"), (("sshd",), "Missing argument 'LOG")],
)
def test_it_reads_no_log_and_all_else_does(run: Run, args: tuple[str, ...], said: str) -> None:
    """A mistake in the command is exit status 2."""
    result = run("test-filter", *args)

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_long_example_is_cut_and_harmless() -> None:
    """It may have thousands of characters, and any."""
    finding = Finding(
        "failregex", 0, FindingKind.BACKTRACKS_POLYNOMIALLY, "is slow", "\x1b" + "a" * 3000
    )
    shown = show_finding(finding, confirmed=False)

    assert "\n  #033" + "a" * 199 + "... (3,001 characters)\n  tried: done after 0.5 s" in shown


def test_what_cannot_be_confirmed_says_so() -> None:
    """An expression that explodes was judged by its looks."""
    finding = Finding("failregex", 0, FindingKind.UNANCHORED, "is loose", "from 203.0.113.7")

    assert show_finding(finding, confirmed=False).endswith("tried: cannot be confirmed")


def test_an_option_that_means_nothing_is_named(run: Run) -> None:
    """Beside the findings, and counted with them."""
    result = run("test-filter", "--lint", "sshd[mode=agressive]")

    assert result.exit_code == 1
    place, message, _, count = result.stdout.splitlines()
    assert place == "mode, stray parameter"
    assert message.startswith("  mode=agressive means nothing to sshd: it has no ")
    assert message.endswith("; did you mean aggressive?")
    assert count == "sshd: 1 finding"


def test_an_option_that_means_nothing_is_an_object_in_json(run: Run) -> None:
    """Of the same form."""
    result = run("test-filter", "--lint", "--json", "sshd[moed=aggressive]")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "option": "moed",
        "regex": None,
        "kind": "stray parameter",
        "message": "sshd knows no parameter moed; did you mean mode?",
        "example": None,
        "confirmed": None,
    }
