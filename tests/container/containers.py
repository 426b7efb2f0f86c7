"""Starts a program as an engine for containers would: as the first process, and as its user."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.container.dockerfile import Image
from tests.e2e.processes import Running

#: Becomes the user if it may; children that lose their parent become ours, as with process 1
#: (PR_SET_CHILD_SUBREAPER of <linux/prctl.h>).
FIRST_PROCESS = """
import ctypes, os, sys
uid, gid, *command = sys.argv[1:]
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(*[int(gid)] * 3)
    os.setresuid(*[int(uid)] * 3)
ctypes.CDLL(None).prctl(36, 1)
os.chdir("/")
os.execvp(command[0], command)
"""


class Container:
    """A container of the image.

    Args:
        image: The image.
        log: The file that takes what it says.
        **environment: What its start adds to the image's.

    Attributes:
        process: Its first process.
        started: When it was started.
    """

    def __init__(self, image: Image, log: Path, **environment: str) -> None:
        self._image = image
        self._environment = image.environment(environment)
        self._as_user = (sys.executable, "-c", FIRST_PROCESS, *image.user)
        stage = image.stage
        self.started = time.time()
        command = stage.command("ENTRYPOINT") + stage.command("CMD")
        self.process = Running("container", self._command(command), log, self._environment)

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a further command in it, as `docker exec` does."""
        return subprocess.run(
            self._command(command),
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def check_health(self) -> "subprocess.CompletedProcess[str]":
        """Do what HEALTHCHECK says."""
        return self.run(*self._image.stage.health_check)

    def _command(self, command: Sequence[str]) -> list[str]:
        return [*self._as_user, *command]
