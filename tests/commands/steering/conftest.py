import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.api.serving import ApiServing, socket_in
from webfail2ban import cli


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    status: object
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it printed, with each run of spaces as one."""
        return [" ".join(line.split()) for line in self.out.splitlines()]


#: Runs a command.
Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, in a folder of its own and without any variable of ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("WEBFAIL2BAN_CONFIG", "WEBFAIL2BAN_API", "FAIL2BAN_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def run_command(*args: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["webfail2ban", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Ran(ended.value.code, *capsys.readouterr())

    return run_command


@pytest.fixture
def serving(
    run: Run,  # noqa: ARG001 - it takes other names of an engine away
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ApiServing]:
    """A real engine with a real API on a unix socket, which the commands find."""
    with ApiServing(socket=socket_in(tmp_path)) as running:
        monkeypatch.setenv("WEBFAIL2BAN_API", str(running.settings.socket))
        yield running
