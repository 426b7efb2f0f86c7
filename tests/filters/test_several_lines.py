"""Failures that take several lines."""

import pytest

from tests.filters.moment import DATE, Make, hosts


def test_a_failure_may_span_lines(make: Make) -> None:
    """It is found with its last one, and tells them all."""
    matcher = make("^.*begin$<SKIPLINES>^.*end <HOST>$", maxlines=3)
    assert matcher.multiline

    assert matcher.find(f"{DATE} begin") == []
    assert matcher.find(f"{DATE} between") == []
    found = matcher.find(f"{DATE} end 192.0.2.7")

    assert [failure.lines for failure in found] == [(f"{DATE} begin", f"{DATE} end 192.0.2.7")]


def test_a_failure_is_found_once(make: Make) -> None:
    """Its lines are no longer searched."""
    matcher = make("^.*end <HOST>$", maxlines=3)

    assert matcher.find(f"{DATE} end 192.0.2.7")
    assert matcher.find(f"{DATE} hello") == []


def test_an_ignored_failure_is_not_seen_again(make: Make) -> None:
    """Its lines leave too."""
    matcher = make("^.*end <HOST>$", maxlines=3, ignoreregex=("ignored",))

    assert matcher.find(f"{DATE} ignored end 192.0.2.7") == []
    assert hosts(matcher.find(f"{DATE} end 192.0.2.8")) == ["192.0.2.8"]


def test_a_prefix_may_leave_several_lines(make: Make) -> None:
    """Those of the match leave the buffer."""
    matcher = make(
        "^end <HOST>$", maxlines=3, prefregex=r"begin\n.*(?=end)<F-CONTENT>.*</F-CONTENT>"
    )
    matcher.find(f"{DATE} begin")

    assert matcher.find(f"{DATE} end 192.0.2.7")[0].lines == (f"{DATE} end 192.0.2.7",)


def test_lines_of_one_connection_tell_together(make: Make) -> None:
    """The address comes with the first, the failure with the second."""
    matcher = make(
        "^<F-NOFAIL>connect</F-NOFAIL> from <HOST>",
        "^failed",
        prefregex="^<F-MLFID> \\w+: </F-MLFID><F-CONTENT>.+</F-CONTENT>",
    )

    assert matcher.find(f"{DATE} a: connect from 192.0.2.7") == []
    assert matcher.find(f"{DATE} b: failed") == []
    found = matcher.find(f"{DATE} a: failed")

    assert hosts(found) == ["192.0.2.7"]
    assert len(found[0].lines) == 2


def test_a_failure_waits_for_its_address(make: Make) -> None:
    """It counts with the line that names it."""
    matcher = make(
        "^<F-NOFAIL>bye</F-NOFAIL> <HOST>",
        "^failed",
        prefregex="^<F-MLFID> \\w+: </F-MLFID><F-CONTENT>.+</F-CONTENT>",
    )

    assert matcher.find(f"{DATE} a: failed") == []
    assert hosts(matcher.find(f"{DATE} a: bye 192.0.2.7")) == ["192.0.2.7"]
    assert matcher.find(f"{DATE} a: bye 192.0.2.7") == []


@pytest.mark.parametrize("tag", ["F-NOFAIL", "F-MLFGAINED"])
def test_a_line_marked_as_no_failure_is_none(make: Make, tag: str) -> None:
    """Though nothing names its connection."""
    assert make(f"<{tag}>hello</{tag}> from <HOST>").find(f"{DATE} hello from 192.0.2.7") == []
