"""The table of states."""

import pytest

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import State, Status
from webfail2ban.spop.states import ENDING, READING, TRANSITIONS, Signal, advance


def test_every_state_has_a_row() -> None:
    """No state is forgotten."""
    assert set(TRANSITIONS) == set(State)


def test_a_step_that_is_not_in_the_table_is_the_peers_mistake() -> None:
    """The error names the signal and the state."""
    with pytest.raises(ProtocolError, match="NOTIFY while waiting for HAPROXY-HELLO") as caught:
        advance(State.HANDSHAKE, Signal.NOTIFY)
    assert caught.value.status == Status.INVALID_FRAME


def test_every_state_that_reads_can_end() -> None:
    """Whenever something can go wrong, a last word can be said."""
    for state in READING:
        assert advance(state, Signal.LAST_WORD) in ENDING


def test_every_signal_is_used() -> None:
    """No column is dead."""
    assert {signal for row in TRANSITIONS.values() for signal in row} == set(Signal)


def test_nothing_leads_out_of_the_end() -> None:
    """A connection that is over stays over."""
    assert TRANSITIONS[State.CLOSED] == {}
    assert set(TRANSITIONS[State.CLOSING].values()) == {State.CLOSED}
