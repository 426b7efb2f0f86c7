"""What a connection tells."""

import dataclasses

import pytest

from webfail2ban.spop import Disconnected, Notify
from webfail2ban.spop.frames import encode_ids


def test_a_notify_knows_its_ids() -> None:
    """The bytes to echo are also readable as numbers."""
    notify = Notify(encode_ids(2**40, 7), (), b"")
    assert (notify.stream_id, notify.frame_id) == (2**40, 7)


def test_equal_notifies_are_two_debts() -> None:
    """A peer that sends the same frame twice is owed two ACKs."""
    assert len({Notify(b"\x01\x01", (), b""), Notify(b"\x01\x01", (), b"")}) == 2


def test_events_cannot_be_changed() -> None:
    """Whoever gets an event may keep it."""
    event = Disconnected(0, "")
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.status = 1  # type: ignore[misc]
