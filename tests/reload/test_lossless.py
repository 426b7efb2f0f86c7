"""While the configuration is loaded anew, nothing is lost and nobody waits."""

import os
import signal
import socket
from collections import Counter

from tests.reload.program import FAILED, LOOPBACK, Program, Repeated
from tests.waiting import PATIENCE, wait_until

RELOADS = 10

#: The log is rotated behind so many lines: a rotated file is read on for seconds.
ROTATION = 1500

CLIENT = "192.0.2.1"


def wait_for_lines(program: Program, count: int) -> None:
    wait_until(lambda: len(program.ledger()) >= count, f"{count} lines")


def test_every_line_is_counted_once_and_every_question_answered(program: Program) -> None:
    """From a file that is rotated, by datagrams and over a connection cut inside of lines."""
    program.start()
    client = program.client()
    stream = socket.create_connection((LOOPBACK, program.port("tcp")), PATIENCE)
    stream.sendall(b"<13>")

    def write(number: int) -> None:
        if number % ROTATION == ROTATION - 1:
            program.rotate()
        program.fail(CLIENT, f"file{number}")

    def send(number: int) -> None:
        program.send(FAILED.format(f"udp{number}", CLIENT))

    def stream_on(number: int) -> None:
        stream.sendall(FAILED.format(f"tcp{number}", CLIENT).encode() + b"\n<13>")

    with (
        client,
        stream,
        Repeated(lambda _: client.check(CLIENT), 0.001) as questions,
        Repeated(write, 0.005) as written,
        Repeated(send, 0.005) as sent,
        Repeated(stream_on, 0.005) as streamed,
    ):
        for number in range(RELOADS):
            program.settings["jails"]["app"]["findtime"] = f"{number + 1}h"
            assert "reload: changed: jails" in program.reload()
        questions_before = questions.times
        wait_until(lambda: questions.times > questions_before, "the connection is served")
    numbers = {"file": written.times, "udp": sent.times, "tcp": streamed.times}
    expected = Counter(
        FAILED.format(f"{kind}{number}", CLIENT).removeprefix("app: ")
        for kind, count in numbers.items()
        for number in range(count)
    )
    wait_for_lines(program, expected.total())
    assert program.counted() == expected
    # What plugins learned went over, too.
    assert program.ledger()[-1].split()[0] == str(expected.total())
    assert "restart" not in program.said
    assert program.stop() == 0


def test_what_is_sent_while_the_sensor_is_dead_is_counted(program: Program) -> None:
    """It waits in the sockets, which the engine keeps."""
    program.start()
    program.send(FAILED.format("before", CLIENT))
    wait_for_lines(program, 1)
    (sensor,) = program.sensors()
    os.kill(sensor, signal.SIGKILL)
    for number in range(50):
        program.send(FAILED.format(f"udp{number}", CLIENT))
    with socket.create_connection((LOOPBACK, program.port("tcp")), PATIENCE) as stream:
        stream.sendall(b"<13>" + FAILED.format("tcp", CLIENT).encode() + b"\n")
        wait_for_lines(program, 52)
    assert set(program.counted().values()) == {1}


def test_a_storm_of_signals_is_no_harm(program: Program) -> None:
    """It costs two reloads or three, and the last word holds."""
    program.start()
    client = program.client()
    with client, Repeated(lambda _: client.check(CLIENT), 0.001):
        for number in range(50):
            program.hang_up()
            if number == 25:
                program.settings["jails"]["app"]["maxretry"] = 1
                program.write()
        program.says("reload: changed: jails")
        program.fail("192.0.2.77")
        program.says("ban 192.0.2.77 [app]")
    assert program.said.count("reload: checking") < 10
