import re
import signal
import time

import pytest

from webfail2ban_jails.linelimit import LOOKS, LineLimit, LineTooSlowError

#: Takes longer than the universe on what follows.
EXPONENTIAL = re.compile(r"^(a+)+$")
HOSTILE = "a" * 60 + "b"


def test_a_match_that_backtracks_is_interrupted() -> None:
    """From inside Python's own matching."""
    with LineLimit(0.02) as limit:
        limit.begin(1)
        with pytest.raises(LineTooSlowError):
            EXPONENTIAL.search(HOSTILE)


def test_the_next_line_has_its_own_time() -> None:
    """One hostile line costs one line."""
    with LineLimit(0.02) as limit:
        for number in range(3):
            limit.begin(number)
            with pytest.raises(LineTooSlowError):
                EXPONENTIAL.search(HOSTILE)
        limit.begin(3)
        assert EXPONENTIAL.search("aaa")
        limit.end()


def test_the_times_of_a_line_add_up() -> None:
    """Ten filters of which each takes most of the limit would hold up the lines behind it."""
    limit = LineLimit(0.08)

    def search(number: int, seconds: float) -> None:
        limit.begin(number)
        try:
            until = time.thread_time() + seconds
            while time.thread_time() < until:
                pass
        finally:
            limit.end()

    with limit:
        search(1, 0.06)
        search(2, 0.06)
        with pytest.raises(LineTooSlowError):
            search(1, 0.06)
    with limit:
        search(1, 0.06)


def test_a_line_that_waits_for_the_processor_is_not_slow() -> None:
    """A busy machine takes longer for every line, the harmless ones too."""
    with LineLimit(0.02) as limit:
        limit.begin(1)
        for _ in range(3 * LOOKS):
            signal.pause()  # up to the next look, without computing
        assert EXPONENTIAL.search("aaa")
        limit.end()


def test_between_lines_nothing_is_interrupted() -> None:
    """Whoever takes the failures away may take his time."""
    with LineLimit(0.01) as limit:
        limit.begin(1)
        limit.end()
        seen: list[int] = []
        before = signal.signal(signal.SIGALRM, lambda number, _: seen.append(number))
        while not seen:  # the timer goes on
            pass
        signal.signal(signal.SIGALRM, before)
        limit._look(signal.SIGALRM, None)


def test_the_timer_ends_with_the_block() -> None:
    """And whoever used the signal before has it back."""
    before = signal.getsignal(signal.SIGALRM)
    with LineLimit(0.01):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before
