import json
from collections.abc import Callable
from ipaddress import IPv4Address
from itertools import chain
from typing import Any

import gevent
import pytest

from webfail2ban.model import Failure
from webfail2ban.sensor.channel import unpack_failure
from webfail2ban.sensor.outbox import BATCH, Outbox
from webfail2ban.turns import give_way


def failures(count: int, first: int = 0) -> list[Failure]:
    return [Failure("sshd", IPv4Address(number), 0.0) for number in range(first, first + count)]


def take(outbox: Outbox) -> dict[str, Any]:
    message = json.loads(outbox.take())
    assert isinstance(message, dict)
    return message


def numbers(message: dict[str, Any]) -> list[int]:
    return [int(unpack_failure(values).address) for values in message["failures"]]


def test_failures_leave_in_their_order() -> None:
    """With where the sources stand behind them."""
    outbox = Outbox()
    outbox.add_failures(failures(2))
    outbox.add_position("tail", [7, "x"])
    assert len(outbox) == 2
    message = take(outbox)
    assert numbers(message) == [0, 1]
    assert message["positions"] == {"tail": [7, "x"]}
    assert not outbox.pending


def test_an_empty_message_is_a_sign_of_life() -> None:
    """Nothing was found, but somebody is there."""
    assert take(Outbox()) == {"failures": [], "positions": {}, "dropped": 0}


def test_a_position_never_leaves_before_the_failures_of_its_lines() -> None:
    """However many messages they take: a sensor that dies in between reads the lines again."""
    outbox = Outbox()
    outbox.add_failures(failures(BATCH * 2 + 1))
    outbox.add_position("tail", 5)
    messages = [take(outbox) for _ in range(3)]
    assert [len(message["failures"]) for message in messages] == [BATCH, BATCH, 1]
    assert ["positions" in message for message in messages] == [False, False, True]
    assert [*chain.from_iterable(map(numbers, messages))] == list(range(BATCH * 2 + 1))


def test_a_position_that_is_kept_between_two_messages_waits() -> None:
    """It may stand behind failures that haven't left."""
    outbox = Outbox()
    outbox.add_failures(failures(BATCH + 1))
    take(outbox)
    outbox.add_failures(failures(BATCH))
    outbox.add_position("tail", 5)
    assert "positions" not in take(outbox)
    assert take(outbox)["positions"] == {"tail": 5}


def test_a_message_ends_with_a_block() -> None:
    """What the engine has counted after it stands and falls with the positions in it."""
    outbox = Outbox()
    for block in range(4):
        outbox.begin_block()
        outbox.add_failures(failures(BATCH // 2 - 10))
        outbox.end_block()
        outbox.add_position("tail", block)
    messages = [take(outbox), take(outbox)]
    assert [len(message["failures"]) for message in messages] == [BATCH - 20, BATCH - 20]
    assert [message["positions"] for message in messages] == [{"tail": 1}, {"tail": 3}]


def test_a_block_that_waits_for_something_is_not_whole() -> None:
    """Its failures may leave, its end and its position follow."""
    outbox = Outbox()
    outbox.begin_block()
    outbox.add_failures(failures(2))
    assert "positions" not in take(outbox)
    outbox.end_block()
    outbox.add_position("tail", 1)
    assert take(outbox)["positions"] == {"tail": 1}


def test_in_a_flood_positions_leave_all_the_same() -> None:
    """Although there are always more failures than one message takes."""
    outbox = Outbox()
    positions = []
    for block in range(20):
        outbox.begin_block()
        outbox.add_failures(failures(BATCH + 1))
        outbox.end_block()
        outbox.add_position("tail", block)
        positions.append(take(outbox).get("positions"))
    assert [position for position in positions if position][:2] == [{"tail": 0}, {"tail": 1}]


def test_blocks_without_positions_end_messages_too() -> None:
    """Syslog has none, and may bring failures without a pause."""
    outbox = Outbox()
    for _ in range(3):
        outbox.begin_block()
        outbox.add_failures(failures(BATCH - 1))
        outbox.end_block()
    assert take(outbox)["positions"] == {}


def test_the_last_position_of_each_source_counts() -> None:
    """None forgets the source."""
    outbox = Outbox()
    for position in (1, 2, None):
        outbox.add_position("gone", position)
    outbox.add_position("tail", 3)
    assert take(outbox)["positions"] == {"gone": None, "tail": 3}
    assert take(outbox)["positions"] == {}


def test_a_position_is_what_it_was_when_it_was_kept() -> None:
    """A plugin may go on working on its own object."""
    outbox, position = Outbox(), {"offset": 1}
    outbox.add_position("tail", position)
    position["offset"] = 2
    assert take(outbox)["positions"] == {"tail": {"offset": 1}}


def test_what_cannot_cross_is_refused() -> None:
    """Here, where the plugin can be named; what was good before it stays."""
    outbox = Outbox()
    bad: Any = {"user": b"root"}
    good, broken = failures(1)[0], Failure("sshd", IPv4Address(1), 0.0, fields=bad)
    with pytest.raises(TypeError):
        outbox.add_failures([good, broken])
    with pytest.raises(TypeError):
        outbox.add_position("tail", object())
    message = take(outbox)
    assert numbers(message) == [0]
    assert message["positions"] == {}


def test_no_more_than_the_limit_waits(caplog: pytest.LogCaptureFixture) -> None:
    """What is dropped is counted, and told once."""
    outbox = Outbox(limit=3)
    outbox.add_failures(failures(5))
    outbox.add_failures(failures(5))
    assert len(outbox) == 3
    assert outbox.dropped == 7
    assert caplog.messages == [
        "the engine is busy: more than 3 failures wait, further ones are dropped"
    ]
    message = take(outbox)
    assert (numbers(message), message["dropped"]) == ([0, 1, 2], 7)


def test_there_is_room_again_when_something_has_left() -> None:
    """Dropping is for the moment."""
    outbox = Outbox(limit=1)
    outbox.add_failures(failures(1))
    take(outbox)
    outbox.add_failures(failures(1, first=9))
    assert numbers(take(outbox)) == [9]


def test_whoever_waits_is_woken() -> None:
    """By a failure, a position, or whoever wants him to look."""
    outbox = Outbox()
    ways: tuple[Callable[[], None], ...] = (
        lambda: outbox.add_failures(failures(1)),
        lambda: outbox.add_position("tail", 1),
        outbox.wake,
    )
    for wake in ways:
        waiting = gevent.spawn(outbox.wait, 3600)
        give_way()
        assert not waiting.ready()
        wake()
        waiting.get(timeout=10)
        outbox.take()


def test_what_is_left_behind_a_full_message_wakes_again() -> None:
    """Nobody has to add anything for the rest to leave."""
    outbox = Outbox()
    outbox.add_failures(failures(BATCH + 1))
    outbox.take()
    gevent.spawn(outbox.wait, 3600).get(timeout=10)
