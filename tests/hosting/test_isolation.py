import logging

import pytest
from gevent import Timeout

from webfail2ban.hosting.isolation import FAULTS, Isolation
from webfail2ban.notices import PAUSE
from webfail2ban.testing import Clock


def named(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_a_failure_is_named_and_counted(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """With the plugin, the hook, the error and where it happened."""
    isolation = Isolation(clock)
    error = LookupError("no database")
    isolation.failed("geoip", "opinion", error)
    assert isolation.failures == {("geoip", "opinion"): 1}
    (record,) = caplog.records
    assert record.getMessage() == "plugin geoip failed in opinion: LookupError: no database"
    assert record.levelno == logging.ERROR
    assert record.exc_info
    assert record.exc_info[1] is error


def test_the_same_failure_is_named_once_a_minute(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Then with the number of the others, and without the places, which are known."""
    isolation = Isolation(clock)
    for _ in range(1000):
        isolation.failed("geoip", "opinion", LookupError("no database"))
    clock.turn(PAUSE - 0.001)
    isolation.failed("geoip", "opinion", LookupError("no database"))
    assert len(named(caplog)) == 1
    clock.turn(0.001)
    isolation.failed("geoip", "opinion", LookupError("still none"))
    (again,) = named(caplog)[1:]
    assert again.endswith("LookupError: still none (1001 times since it was last named)")
    assert not caplog.records[1].exc_info
    assert isolation.failures["geoip", "opinion"] == 1002


def test_each_plugin_and_hook_is_named_for_itself(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """One that fails all the time hides no other."""
    isolation = Isolation(clock)
    for place in (("a", "opinion"), ("a", "detect"), ("b", "opinion"), ("a", "opinion")):
        isolation.failed(*place, ValueError())
    assert len(named(caplog)) == 3


def test_a_clock_that_is_set_back_silences_nobody(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """It may take a year to come back to where it was."""
    isolation = Isolation(clock)
    isolation.failed("a", "opinion", ValueError())
    clock.turn(-3600)
    isolation.failed("a", "opinion", ValueError())
    assert len(named(caplog)) == 2


@pytest.mark.parametrize("fault", [ValueError(), Timeout(1), SystemExit(2), RecursionError()])
def test_whatever_a_plugin_raises_is_a_fault(fault: BaseException) -> None:
    """A timeout of gevent's and an exit end a greenlet or the program if nobody catches them."""
    assert isinstance(fault, FAULTS)
    if isinstance(fault, Timeout):
        fault.close()


def test_a_greenlet_can_still_be_killed_and_a_program_interrupted() -> None:
    """These two come from outside."""
    assert not issubclass(KeyboardInterrupt, FAULTS)
    assert not issubclass(__import__("gevent").GreenletExit, FAULTS)
