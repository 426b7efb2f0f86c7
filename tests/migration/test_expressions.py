"""From Go's expressions to failregexes."""

import pytest

from webfail2ban.migration.expressions import convert


@pytest.mark.parametrize(
    ("regex", "group", "failregex"),
    [
        (r"rip=([0-9.]+)", 1, "rip=<ADDR>"),
        (r"\[([0-9.]+)\]: (no|bad) user", 1, r"\[<ADDR>\]: (no|bad) user"),
        (r"user=(\S+) from (?P<ip>[\d.]+)$", 2, r"user=(\S+) from <ADDR>$"),
        (r"(?:from=|rip=)((?:\d+\.){3}\d+)", 1, "(?:from=|rip=)<ADDR>"),
        (r"(?i)login FAILED from (\S+)", 1, "(?i)login FAILED from <ADDR>"),
        (r"a\(b\) [(] (x) ([0-9.]+)", 2, r"a\(b\) [(] (x) <ADDR>"),
    ],
)
def test_the_group_becomes_the_address(regex: str, group: int, failregex: str) -> None:
    """Brackets that are escaped, in sets or without a group aren't counted."""
    assert convert(regex, group) == failregex


@pytest.mark.parametrize(
    ("regex", "failregex"),
    [
        (r"[[:alpha:]_]+ ([0-9.]+)", "[A-Za-z_]+ <ADDR>"),
        (r"[^[:space:]] ([0-9.]+)\z", r"[^\t\n\v\f\r ] <ADDR>\Z"),
        (r"\Qa.b(\E ([0-9.]+)", r"a\.b\( <ADDR>"),
        (r"\x{2e} ([0-9.]+)", r"\. <ADDR>"),
        (r"(?<user>\w+)? ([0-9.]+)", None),
        (r"[[] ([0-9.]+)", r"[\[] <ADDR>"),
        (r"<HOST> ([0-9.]+)", "[<]HOST> <ADDR>"),
    ],
)
def test_what_go_writes_otherwise(regex: str, failregex: str | None) -> None:
    """Python's way of writing it means the same, and a tag of ours is text there."""
    group = 1 if failregex else 2
    assert convert(regex, group) == (failregex or r"(?P<user>\w+)? <ADDR>")


@pytest.mark.parametrize(
    ("regex", "group", "why"),
    [
        ("from [0-9.]+", 1, "no group 1"),
        ("from ([0-9.]+)", 0, "no group 0"),
        ("from ([0-9.]+", 1, "isn't closed"),
        (r"\pL+ ([0-9.]+)", 1, "isn't known"),
        (r"[\pL]+ ([0-9.]+)", 1, "isn't known"),
        (r"[[:^alpha:]]+ ([0-9.]+)", 1, "isn't known"),
        (r"(?U)a+ ([0-9.]+)", 1, "isn't known"),
        (r"a** ([0-9.]+)", 1, "repeat"),
    ],
)
def test_what_has_no_counterpart_is_an_error(regex: str, group: int, why: str) -> None:
    """It isn't guessed at."""
    with pytest.raises(ValueError, match=why):
        convert(regex, group)
