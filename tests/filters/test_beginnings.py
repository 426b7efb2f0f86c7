"""What is known of lines that begin alike is true of each of them."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.filters import DateDetector
from webfail2ban.filters.beginnings import REMEMBERED, Beginnings, are_told_by_the_beginning
from webfail2ban.filters.datepattern import DatePattern, compile_datepattern
from webfail2ban.filters.datetemplates import LINE_BEGIN

NOW = datetime(2026, 8, 22, 12, tzinfo=UTC).timestamp()
LINE_BEGINS = DateDetector((LINE_BEGIN,), now=lambda: NOW, timezone=UTC, year=2026).patterns


def patterns(*texts: str) -> tuple[DatePattern, ...]:
    return tuple(compile_datepattern(text, 2026) for text in texts)


def length_known(beginnings: Beginnings, line: str) -> int | None:
    """Return how much of a line has to be alike, None if nothing is known."""
    known = beginnings.recall(line)
    return next(
        (size for size in range(len(line)) if _is_same(beginnings, line, size, known)), None
    )


def _is_same(beginnings: Beginnings, line: str, size: int, known: object) -> bool:
    return known is not None and beginnings.recall(line[: size + 1]) is known


def test_as_much_has_to_be_alike_as_a_format_can_read() -> None:
    """And one character more."""
    beginnings = Beginnings(patterns("{^LN-BEG}%ExY-%m-%d"))

    assert length_known(beginnings, "2026-08-22 x") == len("2026-08-22")
    assert beginnings.recall("2026-08-22 x") is beginnings.recall("2026-08-22 y")
    assert beginnings.recall("2026-08-22 x") is not beginnings.recall("2026-08-22: x")
    assert beginnings.recall("2026-08-22 x") is not beginnings.recall("2026-08-23 x")


def test_a_line_without_a_date_is_known_by_its_first_characters() -> None:
    """No format goes on behind them."""
    assert length_known(Beginnings(LINE_BEGINS), "~~~ zebra") == 2


def test_a_line_that_ends_too_soon_tells_nothing() -> None:
    """A longer one could go on in any way."""
    beginnings = Beginnings(LINE_BEGINS)

    assert beginnings.recall("2026-08-22 10:00:00") is None
    assert beginnings.recall("") is None


def test_a_newline_tells_nothing() -> None:
    """What the sign for the text's end means there depends on what follows."""
    assert Beginnings(patterns("^%ExY$")).recall("2026\n") is None


def test_a_line_that_never_ends_a_date_tells_nothing() -> None:
    """There is a limit to what is looked at."""
    assert Beginnings(LINE_BEGINS).recall("2026-08-22 10:00:00" + " " * 200 + "x") is None


def test_beginnings_are_forgotten_when_they_are_many() -> None:
    """A client that chooses how lines begin takes no memory."""
    beginnings = Beginnings(LINE_BEGINS)
    for number in range(3 * REMEMBERED):
        beginnings.recall(f"{number % 60}:{number // 60:02} x{chr(0x100 + number)}")

    assert len(beginnings._fits) <= REMEMBERED


@pytest.mark.parametrize("text", ["%ExY", "^%ExY.*$", r"^%ExY(?= \[)", r"^\S+ %ExY"])
def test_other_formats_need_the_whole_line(text: str) -> None:
    """Those that may begin anywhere, go on for long, or look ahead."""
    assert not are_told_by_the_beginning(patterns(text))


def test_the_usual_formats_need_only_the_beginning() -> None:
    """All those of ``{^LN-BEG}``."""
    assert are_told_by_the_beginning(LINE_BEGINS)


#: Pieces that dates are made of, and what may stand around them.
PIECES = st.sampled_from(
    (
        *("2026", "08", "22", "12", "Aug", "Sat", "10:00:00", ".5", "T", "Z", "UTC", "+02", "PM"),
        *("-", "/", " ", "  ", "[", "<", "@", ":", ",", "x", "é", "1787392800"),
    )
)


@given(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=4).map("".join))
def test_what_fits_one_line_fits_all_that_begin_alike(line: str, other_end: str) -> None:
    """With the same groups at the same places, whatever follows."""
    beginnings = Beginnings(LINE_BEGINS)
    known = beginnings.recall(line)
    if known is None:
        return
    begin = next(text for text in beginnings._fits if line.startswith(text))

    for pattern in LINE_BEGINS:
        assert _show(pattern.search(line)) == _show(pattern.search(begin + other_end))


def _show(match: re.Match[str] | None) -> object:
    return None if match is None else (match.span(), match.groups())


@given(st.lists(st.lists(PIECES, max_size=10).map("".join), max_size=8))
def test_a_detector_that_remembers_cuts_like_one_that_does_not(lines: list[str]) -> None:
    """And puts its formats in the same order."""
    one, other = (
        DateDetector((LINE_BEGIN,), now=lambda: NOW, timezone=UTC, year=2026) for _ in range(2)
    )
    other._beginnings = None

    assert [one.cut(line) for line in lines * 2] == [other.cut(line) for line in lines * 2]
    assert one.patterns == other.patterns
