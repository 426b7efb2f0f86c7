"""A process that has everything imported, and forks for each command.

Most of a command's time is spent on imports, and the pages have many commands. Started as a program
it reads a JSON object a line, and answers each with the exit status.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import pytest

from webfail2ban import cli
from webfail2ban.hosting.discovery import discover
from webfail2ban.hosting.loader import load


class Zygote:
    """The process, as tests see it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.docs.zygote"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, args: list[str], folder: Path, env: dict[str, str], output: Path) -> int:
        """Run `webfail2ban` or `pytest`; return the exit status.

        Args:
            args: Which of them, and its arguments.
            folder: Where it runs.
            env: Its whole environment.
            output: Takes what it prints.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"args": args, "folder": str(folder), "env": env, "output": str(output)}
        print(json.dumps(order), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """End it: it reads no more."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def prepare() -> None:
    """Import what commands and plugins import."""
    for section in cli.SECTIONS.values():
        for place in section.values():
            import_module(place.partition(":")[0])
    import_module("webfail2ban.testing")
    load(sorted(discover()[0]))


def obey(order: dict[str, object]) -> NoReturn:
    """Become the command."""
    os.environ.clear()
    os.environ.update(order["env"])  # type: ignore[call-overload]
    time.tzset()
    os.chdir(str(order["folder"]))
    output = os.open(str(order["output"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((nothing, output, output)):
        os.dup2(source, number)
    sys.argv = list(order["args"])  # type: ignore[call-overload]
    status: object = 1
    with suppress(BaseException):
        try:
            if sys.argv[0] == "pytest":
                sys.exit(pytest.main(sys.argv[1:]))
            cli.main()
        except SystemExit as ended:
            status = ended.code
        except BaseException:
            sys.excepthook(*sys.exc_info())
            raise
        sys.stdout.flush()
    os._exit(int(status) if isinstance(status, int) else 0)


def main() -> None:
    """Obey orders until there are no more."""
    prepare()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            obey(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
