import pytest

from webfail2ban.filters.breakage import Breakage, find_breakage
from webfail2ban.filters.datepattern import compile_datepattern


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^%Y-%m-%d", Breakage.NOWHERE),
        ("{NONE}", Breakage.NOWHERE),
        ("^WARNING:()**", Breakage.NOWHERE),
        ("{^LN-BEG}%Y-%m-%d", Breakage.START),
        ("{^LN-BEG}(?:%a )?%b %d %k:%M:%S", Breakage.START),
        ("%Y-%m-%d", Breakage.BETWEEN),
        ("EPOCH", Breakage.BETWEEN),
        ("TAI64N", Breakage.BETWEEN),
        (r"^[^\[]*\[(%d/%b/%Y)", Breakage.BETWEEN),
        (r"^[^\[]*\[(<%d/%b/%Y>)", Breakage.BETWEEN),
        (r"^[^\[]*(\[%d/%b/%Y\])", Breakage.ANYWHERE),
        ("{UNB}%Y%m%d", Breakage.ANYWHERE),
        ("**%Y%m%d**", Breakage.ANYWHERE),
        (r"^(?:x(%Y)|y)", Breakage.ANYWHERE),
        (r"^\w (%Y)x", Breakage.BETWEEN),
        (r"^\w+(%Y)x", Breakage.ANYWHERE),
    ],
)
def test_a_pattern_tells_what_its_dates_divide(pattern: str, expected: Breakage) -> None:
    """By what stands before them, and what they end with."""
    assert find_breakage(compile_datepattern(pattern, 2026)) is expected
