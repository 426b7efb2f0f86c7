"""Finding a time in a log with few reads."""

from collections.abc import Callable
from math import log2
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban_tail import bisection
from webfail2ban_tail.bisection import LARGE_WINDOW, WINDOW, Bisection

#: Bytes of a line in a log that is made as it is read.
LINE = 100

#: The most bytes that are read at one place.
PLACE = WINDOW + LARGE_WINDOW


class Log:
    """A log in memory that counts what is read of it.

    Args:
        size: Its size.
        read: Returns the bytes at a place.
        hole: The places where a hole begins and ends.
    """

    def __init__(
        self, size: int, read: Callable[[int, int], bytes], hole: tuple[int, int] = (0, 0)
    ) -> None:
        self.size = size
        self.read_bytes = 0
        self._read = read
        self._hole = hole

    def read_at(self, offset: int, size: int) -> bytes:
        assert offset >= 0
        data = self._read(offset, size)
        self.read_bytes += len(data)
        return data

    def find_data(self, offset: int) -> int:
        begin, end = self._hole
        return end if begin <= offset < end else offset


class Written(NamedTuple):
    """A line as it is written: undated if it has no time."""

    time: int | None
    text: str = ""

    def __str__(self) -> str:
        return f"{self.text}\n" if self.time is None else f"{self.time} {self.text}\n"


def make_log(data: bytes, hole: tuple[int, int] = (0, 0)) -> Log:
    return Log(len(data), lambda offset, size: data[offset : offset + size], hole)


def write(*lines: Written) -> bytes:
    return "".join(map(str, lines)).encode()


def make_large(size: int, begins: int = 0) -> Log:
    """Make a log of any size with a line a second, without a date before a certain one."""

    def line(second: int) -> bytes:
        text = str(second) if second >= begins else "-"
        return text.ljust(LINE - 1).encode() + b"\n"

    def read(offset: int, count: int) -> bytes:
        count = max(min(count, size - offset), 0)
        first, skipped = divmod(offset, LINE)
        lines = (line(second) for second in range(first, (offset + count) // LINE + 1))
        return b"".join(lines)[skipped : skipped + count]

    return Log(size, read)


def read_time(line: bytes) -> float | None:
    """Return the number that a line begins with."""
    number = line.partition(b" ")[0]
    return float(number) if number.isdigit() else None


def find(log: Log, since: float) -> int:
    return Bisection(log, read_time).find(since)


@pytest.mark.parametrize("share", [0, 0.001, 1 / 3, 0.5, 0.75, 0.999_999])
def test_finds_the_first_line_that_is_new_enough(share: float) -> None:
    """Of ten gigabytes, half a megabyte is read."""
    log = make_large(10_000_000_000)
    second = int(share * 10_000_000_000 / LINE)
    assert find(log, second) == second * LINE
    assert log.read_bytes < 512 * 1024


@pytest.mark.parametrize("size", [10**exponent for exponent in range(5, 14)])
def test_reads_once_for_each_halving(size: int) -> None:
    """A log twice as large costs one read more, behind a first one and a last."""
    log = make_large(size)
    find(log, size // LINE * 2 // 3)
    assert log.read_bytes <= (log2(size / WINDOW) + 2) * WINDOW + LARGE_WINDOW


def test_all_may_be_old() -> None:
    """Then it is the end that is looked for, and that costs one read."""
    log = make_large(10_000_000)
    assert find(log, 10_000_000) == log.size
    assert log.read_bytes == WINDOW + 1


def test_all_may_be_new() -> None:
    """Then it is the beginning."""
    assert find(make_large(10_000_000), -1) == 0


def test_nothing_is_empty() -> None:
    """A log without a byte has no date, and its end is its beginning."""
    search = Bisection(make_log(b""), read_time)
    assert (search.is_dated, search.last_time, search.find(1)) == (False, None, 0)


def test_tells_the_last_time() -> None:
    """A line that has no end yet doesn't count, for its date may not have one either."""
    assert Bisection(make_log(b"1 a\n25 b\n-\n3"), read_time).last_time == 25


def test_passes_over_lines_without_a_date() -> None:
    """They belong to the dated one before."""
    dump = [Written(None, "trace")] * 50
    lines = [part for time in range(1000) for part in (Written(time, "error"), *dump)]
    data = write(*lines)
    assert find(make_log(data), 700) == data.index(b"\n700 error") + 1


def test_begins_early_where_it_knows_nothing() -> None:
    """Behind a long stretch without a date nothing new is missed, and before it little is read."""
    before = write(*(Written(time, "x" * 80) for time in range(20_000)))
    behind = write(*(Written(time, "x" * 80) for time in range(20_000, 40_000)))
    data = before + b"a line of a dump\n" * 70_000 + behind
    place = find(make_log(data), 20_001)
    assert len(before) / 2 < place <= data.index(b"\n20001 ") + 1


def test_looks_beside_a_stretch_without_a_date() -> None:
    """What lies in the middle by chance decides nothing."""
    half = [Written(time, "x" * 80) for time in range(20_000)]
    later = [Written(time, "x" * 80) for time in range(20_000, 40_000)]
    data = write(*half) + b"x" * 300_000 + b"\n" + write(*later)
    assert find(make_log(data), 35_000) == data.index(b"\n35000 ") + 1


def test_gives_up_on_a_log_without_dates() -> None:
    """After a few places, for such lines are the dearest ones."""
    log = make_large(10_000_000_000, begins=1_000_000_000)
    search = Bisection(log, read_time)
    search.find(5)
    assert not search.is_dated
    assert log.read_bytes <= 6 * PLACE


def test_gives_up_where_hardly_anything_has_a_date() -> None:
    """Then it is read from further ahead."""
    size = 10_000_000_000
    log = make_large(size, begins=size // LINE - 1000)
    assert find(log, size // LINE - 500) <= size - 500 * LINE
    assert log.read_bytes < 20 * PLACE


def test_a_late_line_misleads_nobody() -> None:
    """A download that began an hour ago is logged with that date, among others."""
    times = [time if time % 97 else max(time - 3600, 0) for time in range(50_000)]
    lines = [Written(time, "x" * 40) for time in times]
    log = make_log(write(*lines))
    for since in (97 * 100, 97 * 300 + 1, 40_000):
        new = min(place for place, time in enumerate(times) if time >= since)
        assert find(log, since) == len(write(*lines[:new]))


def test_a_line_from_the_future_costs_little() -> None:
    """It is taken for new, so that more is read than need be; nothing is missed."""
    times = [time if time != 50_000 else 999_999 for time in range(100_000)]
    data = write(*(Written(time, "x" * 20) for time in times))
    assert find(make_log(data), 90_000) <= data.index(b"\n90000 ") + 1


def test_passes_a_hole() -> None:
    """A writer that doesn't append leaves one before its lines when the log is truncated."""
    lines = b"".join(b"%d %s\n" % (time, b"x" * 80) for time in range(1000))
    hole = 1 << 40

    def read(offset: int, size: int) -> bytes:
        zeros = bytes(max(min(size, hole - offset), 0))
        start = max(offset - hole, 0)
        return zeros + lines[start : start + size - len(zeros)]

    log = Log(hole + len(lines), read, (0, hole))
    assert find(log, 500) == hole + lines.index(b"\n500 ") + 1
    assert find(log, 0) == hole
    assert log.read_bytes < 1_000_000


def test_zeros_at_the_end_are_passed() -> None:
    """Some writers have room made for their lines before they write them."""
    lines = write(*(Written(time, "x" * 80) for time in range(1000)))
    log = make_log(lines + bytes(1_000_000), (len(lines), len(lines) + 1_000_000))
    assert find(log, 900) == lines.index(b"\n900 ") + 1


LINES = st.lists(
    st.builds(
        Written,
        st.one_of(st.none(), st.integers(10, 99)),
        st.sampled_from(("", "x", "x" * 30, "x" * 200)),
    ),
    max_size=60,
)


@given(lines=LINES, since=st.integers(9, 100))
def test_nothing_new_lies_before(lines: list[Written], since: int) -> None:
    """Whatever has a date and whatever hasn't: it is a line's beginning, not behind the first."""
    times = iter(sorted(line.time for line in lines if line.time is not None))
    lines = [line if line.time is None else Written(next(times), line.text) for line in lines]
    data = write(*lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bisection, "WINDOW", 16)
        patch.setattr(bisection, "LARGE_WINDOW", 64)
        place = find(make_log(data), since)
    assert place == 0 or data[place - 1 : place] == b"\n"
    new = [number for number, line in enumerate(lines) if line.time and line.time >= since]
    first = len(write(*lines[: new[0]])) if new else len(data)
    assert place <= first
