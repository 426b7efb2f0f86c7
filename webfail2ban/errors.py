"""Every error that webfail2ban raises on purpose.

    WebFail2BanError
    ├── ConfigurationError       what the operator wrote: all problems at once, exit 2
    ├── PluginError              a plugin that cannot be loaded or started, exit 2
    ├── FilterError              a filter file that cannot be read: file, option, reason
    ├── CertificateError         files that TLS can't be spoken with, exit 2
    ├── InputFileError           a file that a command was given and can't read, exit 2
    ├── StoreError               what makes the state last can't be used, exit 2
    │   ├── StoreUnavailableError    not now; it may be tried again
    │   └── StoreDamagedError        what it holds can't be read
    ├── ServiceError             files of a systemd service that can't be written, exit 2
    ├── ActionError              what an operator wants of a plugin, and it can't do
    ├── EngineError              a running engine that doesn't do what a command asks of it
    │   ├── EngineUnreachableError   it can't be asked, exit 3
    │   ├── EngineRefusalError       it says what is wrong with the request, exit 2
    │   └── EngineFailureError       it failed at what was asked of it, exit 1
    ├── RequestError             an HTTP peer's mistake: carries the status to answer with
    └── ProtocolError            a SPOP peer's mistake: carries the status code to answer with

An error of this tree is already explained: the command line prints its sentence and no
traceback. Anything else that escapes is a bug of ours and is shown as one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from os import PathLike, fspath


class WebFail2BanError(Exception):
    """Base of all errors that explain themselves."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, or worth a warning, in what the operator wrote.

    Attributes:
        message: What is wrong and what would be right: it follows the setting's name.
        key: The setting, ``jails.sshd.maxretry``; empty if it is about no single one.
        source: The file as it was named, or ``environment`` and the variable's name.
        line: In the file, from 1; 0 if no line is meant.
        column: In the line, from 1; 0 if no line is meant.
        hint: What to do about it, if that isn't plain from the message.
    """

    message: str
    key: str = ""
    source: str = ""
    line: int = 0
    column: int = 0
    hint: str = ""

    @property
    def where(self) -> str:
        """Return the place as editors and terminals know it: ``config.yaml:12:5``."""
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source

    def __str__(self) -> str:
        """Return place, setting, message and hint in one line, control characters escaped."""
        text = ": ".join(part for part in (self.where, self.key, self.message) if part)
        text = f"{text}; {self.hint}" if self.hint else text
        return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


class ConfigurationError(WebFail2BanError):
    """A configuration that can't be used: everything that is wrong with it.

    Args:
        problems: In any order; they are kept in the order of the file, the environment's last.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=reading_order))
        super().__init__(self.problems)

    def __str__(self) -> str:
        """All problems, one a line."""
        return "\n".join(map(str, self.problems))


def reading_order(problem: Problem) -> tuple[bool, str, int, int]:
    """Sort by file, line and column; what has no line comes after what has one."""
    return (not problem.line, problem.source, problem.line, problem.column)


class PluginError(WebFail2BanError):
    """Plugins that can't be loaded or started.

    Args:
        *problems: One sentence each, with the plugin's name and where it came from.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        """All problems, one a line."""
        return "\n".join(self.problems)


class ServiceError(WebFail2BanError):
    """A systemd service's files that can't be written, or wouldn't work: the sentence says why."""


class ActionError(WebFail2BanError):
    """What an operator wants of a plugin, and it can't do; one sentence says why."""


class RequestError(WebFail2BanError):
    """A request over HTTP that can't be answered with a verdict, because of who sent it.

    Attributes:
        status: The status to answer with, of RFC 9110.
        detail: What is wrong, in words.
    """

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail

    def __str__(self) -> str:
        """Say what is wrong, with the status."""
        return f"{self.status.value} {self.status.phrase}: {self.detail}"


class ProtocolError(WebFail2BanError):
    """A SPOP peer sent what the protocol does not allow.

    Attributes:
        status: The status code to answer with in AGENT-DISCONNECT (SPOE.txt 3.5).
        detail: What was wrong, in a few words that quote nothing of the peer's.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail

    def __str__(self) -> str:
        """Say whose mistake it was, and which."""
        return f"the SPOP peer broke the protocol: {self.detail} (status {self.status:d})"


class FilterError(WebFail2BanError):
    """A filter that can't be used: its author's or the operator's mistake.

    Attributes:
        file: The file, or the filter's name where there is no file; None if neither is known.
        option: The option that is wrong; None if it is the whole file.
        reason: What is wrong with it.
    """

    def __init__(self, file: PathLike[str] | str | None, option: str | None, reason: str) -> None:
        super().__init__(file, option, reason)
        self.file = None if file is None else fspath(file)
        self.option = option
        self.reason = reason

    def __str__(self) -> str:
        """Say where and why in one line."""
        return ": ".join(part for part in (self.file, self.option, self.reason) if part)


class InputFileError(WebFail2BanError):
    """A log or a list that a command was given and can't read: missing, another one's, or broken.

    Attributes:
        name: The file as the command line names it, with the line if one is meant.
        reason: What is wrong with it.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        """Say which and why in one line."""
        return f"{self.name}: {self.reason}"


class StoreError(WebFail2BanError):
    """A store that can't be used: in use, of a newer version, in a place where nobody may write.

    Attributes:
        place: Where it is, for people.
        reason: What is wrong, and what to do about it.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        """Say which and why in one line."""
        return f"the store {self.place}: {self.reason}"


class StoreUnavailableError(StoreError):
    """A store that can't be used now: its disk is full, or somebody else locks it."""


class StoreDamagedError(StoreError):
    """A store whose content can't be read."""


class EngineError(WebFail2BanError):
    """A running engine that doesn't do what a command asks of it."""


class EngineUnreachableError(EngineError):
    """An engine that can't be asked: it isn't there, doesn't let us in, or doesn't answer.

    Attributes:
        place: Where it was looked for, for people.
        reason: What is wrong, and what to do about it.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        """Say where and why in one line."""
        return f"{self.place}: {self.reason}"


class EngineRefusalError(EngineError):
    """An engine that says what is wrong with a request.

    Attributes:
        detail: What is wrong, one sentence.
        faults: Everything that is wrong, one sentence each.
    """

    def __init__(self, detail: str, faults: Iterable[str] = ()) -> None:
        self.detail = detail
        self.faults = tuple(faults)
        super().__init__(self.detail, self.faults)

    def __str__(self) -> str:
        """Say what is wrong, one thing a line."""
        return "\n".join([self.detail, *self.faults])


class EngineFailureError(EngineError):
    """An engine that failed at what was asked of it: a bug, or something that it lacks.

    Attributes:
        detail: What it says, one sentence.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        """Say whose failure it is."""
        return f"the engine says: {self.detail}"
