"""What the engine asks of the process that gets a list, and what that says: lines of JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

#: What a line may say; the last is one of the three others.
PROGRESS, NEW, UNCHANGED, FAILED = "progress", "new", "unchanged", "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """A list to get.

    Attributes:
        source: A hash of where it comes from, and how it is read.
        output: The file to write; what is half done stands beside it.
        url: Where it is; empty if it is a file.
        path: The file; empty if it is elsewhere.
        format: Its form; see `formats.Reader` for this and the next three.
        column: The column.
        delimiter: What stands between columns.
        json_path: Where its entries are.
        headers: Headers to send.
        ca_file: Certificates to trust.
        timeout: Seconds of silence that are too long.
        deadline: Seconds that all of it may take.
        max_size: Bytes that the list may have, packed or not.
        max_entries: Entries that it may have.
        etag: As the server named what we have.
        modified: When that was changed, in the server's words.
        now: The time, in seconds since the epoch.
        protected: Networks that nobody may ban, each with whose they are.
    """

    source: str
    output: str
    url: str
    path: str
    format: str
    column: str | int
    delimiter: str
    json_path: str
    headers: Mapping[str, str]
    ca_file: str
    timeout: float
    deadline: float
    max_size: int
    max_entries: int
    now: float
    etag: str = ""
    modified: str = ""
    protected: tuple[tuple[str, str], ...] = ()

    def dump(self) -> bytes:
        """Write it as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def load(cls, line: bytes) -> Self:
        """Read it."""
        return cls(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Report:
    """What the process says.

    Attributes:
        kind: Progress, or what came of the job.
        words: For people: what it does, or why it failed.
        retry_after: In how many seconds the server wants to be asked again.
        info: What is known of a new list.
    """

    kind: str
    words: str = ""
    retry_after: float | None = None
    info: Mapping[str, Any] = field(default_factory=dict)

    def dump(self) -> bytes:
        """Write it as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def load(cls, line: bytes) -> Self:
        """Read it.

        Raises:
            ValueError: it is no report.
        """
        try:
            return cls(**json.loads(line))
        except TypeError as error:
            raise ValueError(str(error)) from None
