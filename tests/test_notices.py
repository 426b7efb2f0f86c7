"""Warnings that a stranger can cause."""

import logging

import pytest

from webfail2ban.notices import PAUSE, Notices
from webfail2ban.testing import Clock

log = logging.getLogger(__name__)


def test_first_warning_is_given_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever looks for a mistake sees it."""
    Notices(log, Clock()).warn("%s may not", "192.0.2.1")
    assert caplog.messages == ["192.0.2.1 may not"]


def test_more_of_a_kind_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    """One a minute, with the number of those kept back."""
    clock = Clock()
    notices = Notices(log, clock)
    for number in range(4):
        notices.warn("%s may not", number)
    clock.turn(PAUSE)
    notices.warn("%s may not", 4)
    assert caplog.messages == [
        "0 may not",
        "4 may not (3 more like it since the last such warning)",
    ]


def test_kinds_are_apart(caplog: pytest.LogCaptureFixture) -> None:
    """Many warnings of one kind don't hide another."""
    notices = Notices(log, Clock())
    notices.warn("%s may not", 1)
    notices.warn("%s is long", 2)
    assert caplog.messages == ["1 may not", "2 is long"]


def test_clock_may_be_set_back(caplog: pytest.LogCaptureFixture) -> None:
    """Warnings don't end for as long as the clock was wrong."""
    clock = Clock()
    notices = Notices(log, clock)
    notices.warn("%s may not", 1)
    clock.turn(-500)
    notices.warn("%s may not", 2)
    assert caplog.messages == ["1 may not", "2 may not"]
