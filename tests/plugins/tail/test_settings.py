"""The section `tail` of the configuration."""

import json
import os
from math import inf
from pathlib import Path

import pytest
from pydantic import ValidationError

from webfail2ban_tail.settings import TailSettings, find_problems


def find(*files: Path) -> list[tuple[tuple[str | int, ...], str]]:
    found = find_problems(TailSettings(files=files))
    return [(problem.path, problem.message) for problem in found]


def test_reads_what_people_write() -> None:
    """Paths, globs and durations are written as text."""
    settings = TailSettings.model_validate({"files": ["/var/log/*.log"], "poll": "2m"})
    assert settings.files == (Path("/var/log/*.log"),)
    assert settings.poll == 120


@pytest.mark.parametrize(
    ("written", "seconds", "shown"),
    [
        ("end", 0, "end"),
        ("0s", 0, "end"),
        ("10m", 600, "10m"),
        (90, 90, "1m30s"),
        ("beginning", inf, "beginning"),
    ],
)
def test_reads_how_far_back_to_begin(written: object, seconds: float, shown: str) -> None:
    """A duration, or a word for either end; written as it was read."""
    settings = TailSettings.model_validate({"files": ["/x"], "start": written})
    assert settings.start == seconds
    assert json.loads(settings.model_dump_json())["start"] == shown


def test_begins_where_failures_count_by_default() -> None:
    """Ten minutes back, which is fail2ban's default findtime and that of our jails."""
    assert TailSettings(files=(Path("/x"),)).start == 600


def test_relative_paths_begin_at_the_configuration() -> None:
    """Where the program was started doesn't matter."""
    settings = TailSettings.model_validate(
        {"files": ["mail.log"]}, context={"directory": Path("/etc/webfail2ban")}
    )
    assert settings.files == (Path("/etc/webfail2ban/mail.log"),)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"files": []}, "at least 1"),
        ({"files": ["/var/log/**/x.log"]}, r"\*\* is not supported"),
        ({"encoding": "utf-16"}, "must be an encoding that contains ASCII"),
        ({"encoding": "klingon"}, "must be an encoding such as"),
        ({"encoding": "base64"}, "must be an encoding such as"),
        ({"encoding": "idna"}, "must be an encoding such as"),
        ({"max_line": 0}, "greater than or equal"),
        ({"start": "middle"}, "must be end or beginning, or a duration such as"),
        ({"start": "permanent"}, "must be end or beginning, or a duration such as"),
        ({"start": -1}, "must be end or beginning, or a duration such as"),
        ({"start": ["end"]}, "must be end or beginning, or a duration such as"),
        ({"file": "x"}, "Extra inputs"),
    ],
)
def test_refuses_nonsense(wrong: dict[str, object], said: str) -> None:
    """What can't be meant is refused with the reason."""
    with pytest.raises(ValidationError, match=said):
        TailSettings.model_validate({"files": ["/x"]} | wrong)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "shift_jis", "koi8-r"])
def test_takes_usual_encodings(encoding: str) -> None:
    """Encodings that contain ASCII are fine."""
    assert TailSettings(files=(Path("/x"),), encoding=encoding).encoding == encoding


def test_finds_no_problem_in_what_is_not_there(log: Path) -> None:
    """Files may appear later."""
    assert find(log, log / "deeper", log.parent / "*.log") == []


def test_finds_what_is_no_file(log: Path) -> None:
    """A directory or pipe can't be followed."""
    log.mkdir()
    os.mkfifo(log / "pipe")
    said = "must be a regular file or a glob for some"
    assert find(log, log / "pipe") == [(("files", 0), said), (("files", 1), said)]


def test_finds_what_cannot_be_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that this user may not read is a problem before the start."""
    log.touch()
    monkeypatch.setattr("webfail2ban_tail.settings.os.access", lambda *_: False)  # we may be root
    said = "must be readable for the user that webfail2ban runs as"
    assert find(log) == [(("files", 0), said)]


def test_finds_what_cannot_be_reached(log: Path) -> None:
    """Neither can a link that leads to itself."""
    log.symlink_to(log)
    assert find(log) == [
        (("files", 0), "must be a file that can be reached: Too many levels of symbolic links")
    ]
