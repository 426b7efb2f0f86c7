import json
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban import logs
from webfail2ban.config import LogSettings
from webfail2ban.logs import JsonFormatter, LineFormatter, harmless

#: Half past one in the night of 14 November 2023, UTC.
CREATED = 1_700_000_000.5


class UnspeakableError(Exception):
    """An error that can't even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("speechless")


def record(
    message: str, *args: object, error: BaseException | None = None, **more: Any
) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("webfail2ban.x", logging.INFO, __file__, 1, message, args, info)
    made.created = CREATED
    for name, value in more.items():
        setattr(made, name, value)
    return made


def caught() -> BaseException:
    try:
        int("seven")
    except ValueError as error:
        return error
    raise AssertionError


@pytest.fixture
def _restored() -> Iterator[None]:
    """Bring the logging of the test run back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = logging.logThreads, logging.logProcesses, logging.logMultiprocessing
    yield
    logging.captureWarnings(capture=False)
    logging.logThreads, logging.logProcesses, logging.logMultiprocessing = before
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_for_people() -> None:
    """Time with its zone, level, process, message."""
    line = LineFormatter("engine").format(record("ban %s", "192.0.2.1"))
    assert re.fullmatch(
        r"2023-11-1[345]T\d\d:\d\d:20[+-]\d{4} info    engine: ban 192\.0\.2\.1", line
    )


def test_an_object_for_machines() -> None:
    """With fields of its own where whoever logs has some."""
    text = JsonFormatter("sensor").format(record("ban %s", "x", fields={"address": "192.0.2.1"}))
    assert json.loads(text) == {
        "time": CREATED,
        "level": "info",
        "process": "sensor",
        "logger": "webfail2ban.x",
        "message": "ban x",
        "address": "192.0.2.1",
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb", "a#015#012b"),
        ("a\tb\0", "a#011b#000"),
        ("\x1b[31mred\x1b]0;title\x07", "#033[31mred#033]0;title#007"),
        ("\x7f\x9b31m\x85", "#177#23331m#205"),
        ("a\u2028b\u2029", "a#2028b#2029"),
        ("abc\u202ecba", "abc#202Ecba"),
        ("Zoë 試 🙂", "Zoë 試 🙂"),
    ],
)
def test_control_characters_are_shown_as_numbers(text: str, shown: str) -> None:
    """A client chooses his user name, and a terminal obeys what is written to it."""
    assert harmless(text) == shown
    assert LineFormatter("engine").format(record("user %s", text)).endswith(f"user {shown}")


@given(st.text())
def test_an_entry_is_one_line(text: str) -> None:
    """Whatever is in it, in either format."""
    error = ValueError(text)
    entry = record("%s", text, error=error)
    line = LineFormatter("engine").format(entry)
    assert len(line.splitlines()) == 1
    data = JsonFormatter("engine").format(entry)
    assert data.isascii()
    assert data.isprintable()
    assert json.loads(data)["message"] == text


def test_an_exception_stays_on_the_line() -> None:
    """Its type, what it says and where it happened, the innermost place first."""
    line = LineFormatter("engine").format(record("no luck", error=caught()))
    said, _, places = line.partition(" | ")
    assert said.endswith("no luck: ValueError: invalid literal for int() with base 10: 'seven'")
    assert re.fullmatch(rf"{re.escape(__file__)}:\d+ caught", places)


def test_what_is_said_already_is_not_repeated() -> None:
    """Some messages name the exception themselves."""
    error = caught()
    line = LineFormatter("engine").format(
        record("plugin x failed: ValueError: %s", error, error=error)
    )
    assert line.count("invalid literal") == 1


def test_an_exception_in_json() -> None:
    """In fields of its own."""
    entry = json.loads(JsonFormatter("engine").format(record("no luck", error=caught())))
    assert entry["message"] == "no luck"
    assert entry["error"].startswith("ValueError: invalid literal")
    assert entry["where"][0].endswith(" caught")


def test_an_exception_that_is_none() -> None:
    """Somebody logs one outside of an except clause."""
    entry = record("no luck", exc_info=(None, None, None))
    assert "no luck" in LineFormatter("engine").format(entry)
    assert json.loads(JsonFormatter("engine").format(entry))["where"] == []


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("kind", ["text", "json"])
def test_everything_is_configured_at_once(capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """Format, level and Python's own warnings."""
    logs.configure(LogSettings.model_validate({"level": "warning", "format": kind}), "engine")
    logging.getLogger("webfail2ban").info("not shown")
    logging.getLogger("somebody.else").warning("shown")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old\nnews", UserWarning, stacklevel=1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "shown" in lines[0]
    assert "old" in lines[1]
    assert lines[0].startswith("{") is (kind == "json")


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("kind", ["text", "json"])
def test_what_cannot_be_written_is_still_one_line(
    capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """An exception that raises, and a message that doesn't fit its arguments."""
    logs.configure(LogSettings.model_validate({"format": kind}), "engine")
    log = logging.getLogger("webfail2ban.x")
    log.error("no luck\n", exc_info=UnspeakableError())
    log.error("%d\n", "seven")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        r"webfail2ban.x: unwritable: 'no luck\n'",
        r"webfail2ban.x: unwritable: '%d\n'",
    ]


def test_several_greenlets_may_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever has written an entry lets the others write theirs: the handler's lock is free."""
    logs.configure(LogSettings(), process="engine")
    log = logging.getLogger("several")
    log.info("one")
    other = threading.Thread(target=log.info, args=("two",), daemon=True)
    other.start()
    other.join(10)
    assert not other.is_alive()
    assert [line[-3:] for line in capsys.readouterr().err.splitlines()] == ["one", "two"]
