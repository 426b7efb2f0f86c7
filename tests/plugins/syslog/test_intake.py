"""From messages to log lines."""

import pytest

from tests.plugins.syslog.conftest import KeepingSensor
from webfail2ban import LogLine
from webfail2ban_syslog.intake import Counters, Intake


def intake(sensor: KeepingSensor, limit: int = 500, program: str = "") -> Intake:
    return Intake(sensor, Counters(), limit, program)


def test_line_has_the_time_of_receipt(sensor: KeepingSensor) -> None:
    """The sender's clock isn't asked."""
    intake(sensor).take([("192.0.2.7", b"<38>Jan  1 00:00:00 mx sshd[12]: x")])
    assert sensor.lines == [LogLine("mx sshd[12]: x", "syslog", sensor.time, "sshd")]


def test_block_is_emitted_at_once(sensor: KeepingSensor) -> None:
    """Messages that arrived together are searched together, in their order."""
    intake(sensor).take([("192.0.2.7", b"<38>a: 1"), ("192.0.2.8", b"<38>b: 2")])
    assert [line.text for line in sensor.lines] == ["192.0.2.7 a: 1", "192.0.2.8 b: 2"]
    assert sensor.blocks == [2]


@pytest.mark.parametrize("message", [b"", b"\n", b"\r\n\0", b"   "])
def test_empty_messages_are_dropped(sensor: KeepingSensor, message: bytes) -> None:
    """Nothing is no line, and no block either."""
    taker = intake(sensor)
    taker.take([("192.0.2.7", message)])
    assert sensor.blocks == []
    assert taker.counters.received == 0


def test_messages_are_counted(sensor: KeepingSensor) -> None:
    """Each counts once."""
    taker = intake(sensor)
    taker.take([("192.0.2.7", b"<38>a: 1"), ("192.0.2.7", b""), ("192.0.2.7", b"<38>a: 2")])
    assert taker.counters.received == 2


def test_long_message_is_cut_counted_and_told(
    sensor: KeepingSensor, caplog: pytest.LogCaptureFixture
) -> None:
    """It ends with a whole word."""
    taker = intake(sensor, limit=20)
    taker.take([("192.0.2.7", b"<38>a: from 192.0.2.100")])
    assert sensor.lines[0].text == "192.0.2.7 a: from"
    assert taker.counters.cut == 1
    assert caplog.messages == ["192.0.2.7 sent a message of more than 20 bytes, it is cut"]


def test_unnamed_program(sensor: KeepingSensor) -> None:
    """A message that names none has none, and says so."""
    intake(sensor).take([("192.0.2.7", b"<38>sshd Failed password")])
    assert sensor.lines == [LogLine("192.0.2.7 -: sshd Failed password", "syslog", sensor.time)]


def test_program_of_the_settings(sensor: KeepingSensor) -> None:
    """A message that names none gets the configured one."""
    intake(sensor, program="haproxy").take([("192.0.2.7", b"192.0.2.1:4711 fe")])
    assert sensor.lines == [
        LogLine("192.0.2.7 haproxy: 192.0.2.1:4711 fe", "syslog", sensor.time, "haproxy")
    ]
