"""An interpreter that another user can run too: root's own may stand in root's home."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parent.parent

#: Where systems put theirs.
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


def runnable_by(user: str) -> str:
    """Return an interpreter of this version; only root may ask.

    Raises:
        FileNotFoundError: there is none.
    """
    system = shutil.which(f"python3.{sys.version_info.minor}", path=SYSTEM_PATH)
    for interpreter in filter(None, (sys.executable, system)):
        try:
            subprocess.run([interpreter, "-c", ""], user=user, cwd="/", check=True)
        except (PermissionError, subprocess.CalledProcessError):
            continue
        return interpreter
    raise FileNotFoundError(f"there is no Python 3.{sys.version_info.minor} that {user} can run")


def module_path() -> str:
    """Return a PYTHONPATH with which any interpreter of this version finds what we installed."""
    return ":".join((str(ROOT), str(ROOT / "plugins"), sysconfig.get_path("platlib")))
