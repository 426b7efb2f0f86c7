"""From a datepattern to what cuts the date out of a line."""

import re

import pytest

from webfail2ban.filters.datepattern import DatePattern, compile_datepattern

YEAR = 2026


def cut(pattern: str, line: str) -> str | None:
    """Return what the pattern cuts out of the line."""
    compiled = compile_datepattern(pattern, YEAR)
    match = compiled.search(line)
    return None if match is None else match[compiled.group]


def anchored(pattern: str) -> bool:
    return compile_datepattern(pattern, YEAR).anchored


def test_the_whole_pattern_is_cut() -> None:
    """After ``^`` and before ``$``."""
    assert cut("at %Y-%m-%d", "x at 2026-08-22 y") == "at 2026-08-22"
    assert cut("^at %Y$", "at 2026") == "at 2026"


def test_a_plain_group_says_what_is_cut() -> None:
    """The first one; named groups, codes and groups without a name don't count."""
    assert cut(r"^[^(\[]*\[(%Y-%m)\]", "x [2026-08] y") == "2026-08"
    assert cut(r"(?P<n>\w+) (?:at|on) (%Y) (x)", "it on 2026 x") == "2026"
    assert cut(r"%d \((%Y)\)", "22 (2026)") == "2026"


def test_escaped_brackets_and_brackets_in_sets_are_no_groups() -> None:
    """The whole pattern is cut then."""
    assert cut(r"\(%Y\)[(]", "(2026)(") == "(2026)("


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ("%Y", "12026", None),
        ("%Y", "20261", None),
        ("%Y", "a2026", None),
        ("%Y", "2026", "2026"),
        ("%Y", "[2026]", "2026"),
        ("**%Y", "12026", "2026"),
        ("**%Y", "20261", "0261"),
        ("%Y**", "20261", "2026"),
        ("%Y**", "12026", "1202"),
        ("{UNB}%Y", "1a2026b", "2026"),
        ("^%Y", "2026 ", "2026"),
        ("^%Y", "2026x", None),
        ("^%Y", " 2026", None),
        (r"%Y\s", "2026 x", "2026 "),
        (r"%Y\b", "2026-x", "2026"),
        ("%Y$", "x 2026", "2026"),
        ("%Y$", "2026 x", None),
        (r"%Y\$", "2026$", "2026$"),
        ("(?:^|x)%Y", "x2026", "x2026"),
    ],
)
def test_dates_begin_and_end_where_words_do(pattern: str, line: str, expected: str | None) -> None:
    """Unless the pattern is bound otherwise, or asks for no boundary."""
    assert cut(pattern, line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026 x", "2026"),
        ("[2026] x", "2026"),
        ("<[2026", "2026"),
        ("<<[2026", None),
        ("x 2026", None),
        ("a2026", None),
        ("2026a", None),
    ],
)
def test_a_date_at_the_line_begin_may_follow_two_signs(line: str, expected: str | None) -> None:
    """They are not cut."""
    assert cut("{^LN-BEG}%Y", line) == expected


@pytest.mark.parametrize("pattern", ["^%Y", "(^%Y)", "(?:^%Y)", "%Y$", "{^LN-BEG}%Y", "{NONE}"])
def test_patterns_bound_to_the_line_are_anchored(pattern: str) -> None:
    """Nothing inside a message can be taken for their date."""
    assert anchored(pattern)


@pytest.mark.parametrize("pattern", ["%Y", "**%Y**", "{UNB}%Y", r"%Y\$", "(?:^|x)%Y", "EPOCH"])
def test_other_patterns_are_not(pattern: str) -> None:
    """They may match anywhere."""
    assert not anchored(pattern)


def test_case_counts_unless_there_are_words() -> None:
    """Months and weekdays are written in any case, and then the rest of the pattern is too."""
    assert cut("%b X", "AUG x") == "AUG x"
    assert cut("%m X", "08 x") is None


def test_flags_may_stand_in_front() -> None:
    """The boundary comes behind them."""
    assert cut("(?i)AT %Y", "at 2026") == "at 2026"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1787392800 x", "1787392800"),
        ("1787392800.123 x", "1787392800.123"),
        ("1787392800.12 x", "1787392800"),
        ("[1787392800] x", "1787392800"),
        ("[1787392800 x", "1787392800"),
        ("[[1787392800] x", None),
        ("type=X msg=audit(1787392800.123:77): x", "1787392800.123"),
        ("type=X msg=xaudit(1787392800.123:77): x", None),
        ("x 1787392800", None),
        ("178739280 x", None),
        ("178739280012 x", None),
    ],
)
def test_seconds_stand_at_the_line_begin_or_in_an_audit_record(
    line: str, expected: str | None
) -> None:
    """Ten or eleven digits elsewhere are no date."""
    assert cut("EPOCH", line) == expected
    assert cut("epoch", line) == expected


def test_seconds_bound_to_the_line_begin_are_in_no_audit_record() -> None:
    """``{^LN-BEG}`` is stricter."""
    assert cut("{^LN-BEG}Epoch", "[1787392800] x") == "1787392800"
    assert cut("{^LN-BEG}Epoch", "msg=audit(1787392800.123:77): x") is None


@pytest.mark.parametrize(
    "number", ["1787392800", "1787392800123", "1787392800123.456789", "1787392800123456"]
)
def test_long_seconds_may_be_milli_and_microseconds(number: str) -> None:
    """``LEPOCH``, at the same places, or anywhere with a pattern around it."""
    assert cut("LEPOCH", f"{number} x") == number
    assert cut('"time":{LEPOCH}', f'{{"time":{number}}}') == f'"time":{number}'


def test_seconds_in_a_pattern_are_cut_with_it() -> None:
    """Unless it has a group of its own."""
    assert cut("^t={EPOCH}", "t=1787392800 x") == "t=1787392800"
    assert cut("^t=({EPOCH})", "t=1787392800 x") == "1787392800"


def test_tai64n_is_an_at_sign_and_24_hex_digits() -> None:
    """Anywhere, or only where the line begins."""
    label = "@40000000" + "6a8c1234" + "12345678"

    assert cut("TAI64N", f"x {label} y") == label
    assert cut("{^LN-BEG}TAI64N", f"{label} y") == label
    assert cut("{^LN-BEG}TAI64N", f"x {label} y") is None
    assert cut("TAI64N", f"x {label}0 y") is None


def test_none_matches_nothing_at_the_line_begin() -> None:
    """Every line has it."""
    assert cut("{NONE}", "x") == ""


def test_an_anchored_pattern_is_tried_at_one_place() -> None:
    """What `re` doesn't see by itself."""
    fast: DatePattern = compile_datepattern("^%Y", YEAR)
    slow: DatePattern = compile_datepattern("%Y", YEAR)

    assert (fast.search, slow.search) == (fast.regex.match, slow.regex.search)


@pytest.mark.parametrize("pattern", ["%Q", "(%Y", "%Y %Y"])
def test_what_cannot_be_compiled_is_refused(pattern: str) -> None:
    """An unknown code, a broken expression, a code that stands there twice."""
    with pytest.raises((ValueError, re.error)):
        compile_datepattern(pattern, YEAR)
