"""The live view: what it computes, what it shows, and how it ends."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.api.serving import ApiServing, socket_in
from tests.commands.steering.conftest import Run
from webfail2ban.api.models import JailInfo, SensorInfo, StatusReport, StoreInfo
from webfail2ban.commands.steering.rates import Look, compare
from webfail2ban.commands.steering.tables import show
from webfail2ban.commands.steering.top_view import make_view

STATUS = StatusReport(
    version="1.0",
    started=0.0,
    uptime=90.0,
    ready=True,
    bans=3,
    connections=2,
    verdicts={"banned": 10, "passed": 100},
    sensor=SensorInfo(running=True, restarts=0, dropped=0),
    store=StoreInfo(enabled=True, healthy=True, detail=""),
    problems=(),
)


def make_jail(name: str, failures: int = 0, **facts: object) -> JailInfo:
    numbers = ("in_force", "bans", "ignored", "counted", "lines", "matches", "dated", "undated")
    return JailInfo.model_validate(
        {
            "name": name,
            "plugin": "jails",
            "limits": {},
            "failures": failures,
            "slow": 0,
            "last_line": None,
            "clock_offset": None,
            "loudest": None,
            "loudest_share": 0.0,
            **dict.fromkeys(numbers, 0),
            **facts,
        }
    )


def make_look(time: float, *jails: JailInfo, **verdicts: int) -> Look:
    return Look(time, STATUS.model_copy(update={"verdicts": verdicts}), jails)


def test_rates_are_what_happened_between_two_looks() -> None:
    """The loudest jail first."""
    before = make_look(10.0, make_jail("a", 5), make_jail("b", 5), passed=100)
    now = make_look(12.0, make_jail("a", 6), make_jail("b", 25), make_jail("c", 9), passed=110, x=4)
    rates = compare(before, now)
    assert rates.verdicts == {"passed": 5.0, "x": 2.0}
    assert [(jail.jail.name, jail.failures) for jail in rates.jails] == [
        ("b", 10.0),
        ("a", 0.5),
        ("c", 0.0),
    ]
    assert (rates.failures, rates.bans) == (10.5, 0.0)


def test_at_first_and_after_a_restart_nothing_is_negative() -> None:
    """Nothing can be told yet."""
    now = make_look(12.0, make_jail("a", 6), passed=10)
    assert compare(None, now).failures == 0.0
    before = make_look(10.0, make_jail("a", 600), passed=1000)
    assert compare(before, now).failures == 0.0
    assert compare(before, now).verdicts == {"passed": 0.0}


def test_a_frame_shows_what_matters(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing of it steers the terminal."""
    before = make_look(10.0, make_jail("a"), passed=100)
    loud = make_jail("a", 20, bans=1, loudest="192.0.2.66", loudest_share=0.75, in_force=3)
    look = make_look(11.0, loud, passed=1100)
    wrong = replace(look, status=look.status.model_copy(update={"problems": ("bad\x1b[2J",)}))
    show(make_view(wrong, compare(before, wrong), 24, "gone"))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines == [
        "webfail2ban 1.0, up 1m 30s, ready, 2 connections",
        "bans in force 3",
        "a second: verdicts 1,000 (passed 1,000), failures 20, bans 1.0",
        "no answer: gone",
        "",
        "jail failures/s bans/s lines/s counted banned",
        "a 20 1.0 0 0 3",
        "",
        "Loudest clients",
        "192.0.2.66 75% of the last failures of a",
        "! bad#033[2J",
    ]


def test_a_frame_fits_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a hundred jails the loudest are shown."""
    jails = [make_jail(f"jail-{number}", number) for number in range(100)]
    look = make_look(1.0, *jails)
    show(make_view(look, compare(None, look), 24))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 24
    assert lines[-1] == "and 85 quieter ones"


@pytest.mark.usefixtures("serving")
def test_without_a_terminal_it_is_one_frame(run: Run) -> None:
    """Also in JSON."""
    ran = run("top", "--interval", "0.2")
    assert ran.status == 0
    assert "jail failures/s bans/s lines/s counted banned" in ran.lines
    found = json.loads(run("top", "--interval", "0.2", "--json").out)
    assert (found["failures"], found["jails"][0]["name"]) == (0.0, "sshd")


def press_q(_process: int, terminal: int) -> None:
    os.write(terminal, b"q")


def interrupt(process: int, _terminal: int) -> None:
    os.kill(process, signal.SIGINT)


@contextmanager
def watching(directory: Path, place: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run it on a terminal; yield the process and our end of the terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "webfail2ban", "top", "-i", "0.2", "--api", place]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=directory
    ) as process:
        os.close(theirs)
        yield process, ours
    os.close(ours)


def read_up_to(terminal: int, wanted: bytes) -> bytes:
    """Read up to a text; up to the end if it doesn't come."""
    text = b""
    with suppress(OSError):  # how a terminal says that nobody writes to it any more
        while wanted not in text and (data := os.read(terminal, 65536)):
            text += data
    return text


@pytest.mark.parametrize("end", [press_q, interrupt])
def test_it_ends_when_told_to(
    serving: ApiServing, tmp_path: Path, end: Callable[[int, int], None]
) -> None:
    """By q or Ctrl-C; the terminal is as it was."""
    with watching(tmp_path, str(serving.settings.socket)) as (process, terminal):
        text = read_up_to(terminal, b"sshd")
        end(process.pid, terminal)
        text += read_up_to(terminal, b"a text that never comes")
        assert process.wait() == 0
    assert text.count(b"\x1b[?1049h") == text.count(b"\x1b[?1049l") == 1
    assert b"Traceback" not in text


def test_it_goes_on_while_the_engine_starts_again(tmp_path: Path) -> None:
    """With the last frame, and why there is no newer one."""
    place = socket_in(tmp_path)
    with ExitStack() as running:
        with ApiServing(socket=place):
            process, terminal = running.enter_context(watching(tmp_path, place))
            assert b"sshd" in read_up_to(terminal, b"sshd")
        assert b"no answer" in read_up_to(terminal, b"no answer")
        with ApiServing(socket=place):
            read_up_to(terminal, b"sshd")
            press_q(process.pid, terminal)
            read_up_to(terminal, b"a text that never comes")
            assert process.wait() == 0
