"""The section ``tail`` of the configuration."""

import codecs
import os
import stat
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

from webfail2ban import Duration, LocalPath, Settings, SettingsProblem, show_duration
from webfail2ban_tail.generations import COMPRESSED
from webfail2ban_tail.patterns import RECURSIVE, is_pattern

ASCII = bytes(range(128))

#: Words for how far back a file is read, and what they mean in seconds.
AGES = {"end": 0.0, "beginning": inf}

#: What else that may be, for who wrote something else.
DURATION = "a duration such as 10m or 1h of less than 100 years"


def parse_encoding(name: str) -> str:
    """Check that an encoding is one in which a newline is a newline.

    Raises:
        ValueError: it is unknown, or isn't ASCII where bytes are below 128.
    """
    try:
        text = ASCII.decode(name, "replace")
        codecs.lookup(name)
    except (LookupError, UnicodeError):
        raise ValueError(f"must be an encoding such as utf-8 or latin-1, not {name!r}") from None
    if text != ASCII.decode("ascii"):
        raise ValueError(f"must be an encoding that contains ASCII, which {name!r} doesn't")
    return name


def check_pattern(path: Path) -> Path:
    """Check a path or glob.

    Raises:
        ValueError: it asks for all directories below one.
    """
    if RECURSIVE in path.parts:
        raise ValueError("must name each directory or have a * for it: ** is not supported")
    return path


def parse_age(value: Any, parse_duration: ValidatorFunctionWrapHandler) -> float:
    """Read how far back to begin: a duration, or a word for either end of the file.

    Returns:
        Seconds; 0 for the end, infinity for the beginning.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, str) and value in AGES:
        return AGES[value]
    try:
        return float(parse_duration(value))
    except ValueError as error:
        raise ValueError(f"must be {' or '.join(AGES)}, or {DURATION}, not {value!r}") from error


def show_age(seconds: float) -> str:
    """Write seconds as `parse_age` reads them."""
    return next((word for word in AGES if AGES[word] == seconds), show_duration(seconds))


#: What an editor should know. The comment tells that the default is written as a duration.
DURATION_SCHEMA = TypeAdapter(Duration).json_schema()
SCHEMA = {key: DURATION_SCHEMA.pop(key) for key in ("$comment", "examples")}

#: How far back in a file something is, in seconds, with infinity for its beginning.
Age = Annotated[
    Duration,
    WrapValidator(parse_age),
    PlainSerializer(show_age, return_type=str, when_used="json"),
    WithJsonSchema(SCHEMA | {"anyOf": [{"enum": list(AGES)}, DURATION_SCHEMA]}),
]


class TailSettings(Settings):
    """Which files are followed, and how their bytes become lines."""

    files: tuple[Annotated[LocalPath, AfterValidator(check_pattern)], ...] = Field(
        min_length=1,
        description="The log files to follow: paths, and globs with *, ? and [], as in "
        "/var/log/nginx/*access.log. A relative one begins at the configuration file's directory. "
        "Nothing need be there yet. Name the log itself and not what rotation makes of it.",
    )
    exclude: tuple[str, ...] = Field(
        default=tuple(f"*{ending}" for ending in COMPRESSED),
        description="Globs for file names that the globs in `files` don't mean.",
    )
    start: Age = Field(
        default=600.0,
        description="How far back to begin in files that are there at the very first start, or "
        "when they are first named here: a duration, `end` or `beginning`. As long as the longest "
        "`findtime` of the jails means that all failures that count are found. A file without "
        "dates that are known is read from its end. Files that appear later are read from their "
        "beginning, known ones from where they stood.",
    )
    max_line: int = Field(
        default=8192,
        ge=256,
        le=65_535,
        description="The longest line, in bytes; the rest of a longer one is dropped.",
    )
    encoding: Annotated[str, AfterValidator(parse_encoding)] = Field(
        default="utf-8",
        description="How the files encode text, by Python's name for it. Bytes that are no text "
        "are replaced one by one.",
    )
    inotify: bool = Field(
        default=True,
        description="Whether the kernel tells of changes. It doesn't of those that other hosts "
        "make on network file systems: say false there.",
    )
    poll: Duration = Field(
        default=1.0,
        ge=0.05,
        description="How often to look at the files where the kernel doesn't tell of changes.",
    )


def find_problems(settings: TailSettings) -> Iterator[SettingsProblem]:
    """Find the named files that are there and can't be followed."""
    for index, path in enumerate(settings.files):
        problem = None if is_pattern(path) else _find_problem(path)
        if problem:
            yield SettingsProblem(("files", index), problem)


def _find_problem(path: Path) -> str | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"must be a file that can be reached: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "must be a regular file or a glob for some"
    if not os.access(path, os.R_OK):
        return "must be readable for the user that webfail2ban runs as"
    return None
