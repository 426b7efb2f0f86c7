import time
from collections.abc import Iterable

import pytest

from webfail2ban.commands import logtime
from webfail2ban.commands.logtime import Dater, LogClock

#: Noon on 22 August 2026, UTC; long before the tests are run nothing was dated so.
NOON = 1_787_400_000.0


def stamp(offset: float) -> str:
    """Return a date as many seconds after noon."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOON + offset))


def date(dater: Dater, lines: Iterable[str]) -> list[tuple[float, str]]:
    """Return each line's seconds after noon, up to the end of the log."""
    dated = [*dater.date(list(lines)), *dater.release()]
    return [(moment - NOON, text) for moment, text in dated]


@pytest.fixture
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a day after noon now."""
    monkeypatch.setattr(time, "time", lambda: NOON + 86400)


pytestmark = pytest.mark.usefixtures("_later")


def times(*offsets: float | None) -> list[float]:
    """Return the times of lines with dates so many seconds after noon, None for no date."""
    lines = ["a line" if offset is None else f"{stamp(offset)} a line" for offset in offsets]
    return [moment for moment, _ in date(Dater(), lines)]


def test_lines_are_as_old_as_they_say() -> None:
    """In their order."""
    lines = [f"{stamp(offset)} line" for offset in (0, 0, 7, 3600)]

    assert date(Dater(), lines) == list(zip((0, 0, 7, 3600), lines, strict=True))


def test_a_line_without_a_date_belongs_to_the_one_before() -> None:
    """As in a stack trace."""
    assert times(0, None, 5, None, None) == [0, 0, 5, 5, 5]


def test_lines_before_the_first_date_belong_to_it() -> None:
    """There is nothing else to go by."""
    assert times(None, None, 5, 6) == [5, 5, 5, 6]


def test_a_log_without_dates_is_from_now() -> None:
    """There is nothing else to go by either."""
    assert times(None, None) == [86400, 86400]


def test_a_quiet_hour_is_believed() -> None:
    """The next line confirms it, and so does the log's end."""
    assert times(0, 3600, 3601, 7200) == [0, 3600, 3601, 7200]


def test_a_date_that_is_only_mentioned_is_not_the_lines_own() -> None:
    """The next line is back where the one before was."""
    assert times(0, 80000, None, 1, 2) == [0, 0, 0, 1, 2]


def test_a_doubtful_first_date_is_settled_by_the_second() -> None:
    """There is none before it."""
    assert times(80000, 1, 2) == [1, 1, 2]


def test_an_older_line_keeps_its_date() -> None:
    """Logs that are merged go back a little."""
    assert times(0, 30, 10, 31) == [0, 30, 10, 31]


def test_a_date_of_the_future_is_none() -> None:
    """An archived line is of the past."""
    assert times(0, 10 * 86400, 10 * 86400, 5) == [0, 0, 0, 5]


def test_dates_go_on_in_the_next_block() -> None:
    """What waits at a block's end waits for the next block."""
    dater = Dater()

    first = [*dater.date([f"{stamp(0)} a", f"{stamp(1)} b", f"{stamp(900)} c"])]
    second = [*dater.date(["d", f"{stamp(901)} e"])]

    assert [text[-1] for _, text in first] == ["a", "b"]
    assert [(moment - NOON, text[-1]) for moment, text in second] == [
        (900, "c"),
        (900, "d"),
        (901, "e"),
    ]


def test_not_too_many_lines_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log without any date isn't kept in memory."""
    monkeypatch.setattr(logtime, "MAX_HELD", 3)

    assert len([*Dater().date(["a line"] * 10)]) == 10


def test_the_clock_shows_the_newest_line() -> None:
    """And never goes back."""
    clock = LogClock()
    shown = []
    for moment in (5.0, 9.0, 7.0, 9.5):
        clock.advance(moment)
        shown.append(clock())

    assert shown == [5, 9, 9, 9.5]


def test_the_clock_shows_the_true_time_first() -> None:
    """Filters are compiled before the first line is read."""
    assert LogClock()() == time.time()
