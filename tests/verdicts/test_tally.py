"""Verdicts are counted by outcome and by time."""

import pytest

from webfail2ban.verdicts.tally import BOUNDS, Tally


def test_verdicts_and_bans_are_counted() -> None:
    """Those of many writes together."""
    tally = Tally()
    tally.add(3, 1, 0.0)
    tally.add(1, 1, 0.0)
    assert (tally.verdicts, tally.banned) == (4, 2)


def test_each_verdict_falls_into_the_bucket_of_its_time() -> None:
    """A time on the bound belongs below it, as Prometheus' ``le`` says."""
    tally = Tally()
    for seconds in (0.0, BOUNDS[0], BOUNDS[-1] + 1):
        tally.add(1, 0, seconds)
    assert tally.latencies[0] == 2
    assert tally.latencies[-1] == 1
    assert sum(tally.latencies) == 3
    assert tally.seconds == pytest.approx(BOUNDS[0] + BOUNDS[-1] + 1)


def test_verdicts_of_one_write_took_the_same_time() -> None:
    """Each counts, and so does its time."""
    tally = Tally()
    tally.add(3, 0, 0.5)
    assert tally.latencies[-1] == 3
    assert tally.seconds == pytest.approx(1.5)
