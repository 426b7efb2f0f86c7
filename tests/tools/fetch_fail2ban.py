"""Fetch Debian's fail2ban package and unpack it, without installing anything.

    python tests/tools/fetch_fail2ban.py [FOLDER]

The package is GPL, so its filters and sample logs stay out of this repository: the tests read
them where this leaves them, in ``.cache/fail2ban`` unless told otherwise.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

DEFAULT_FOLDER = Path(__file__).parents[2] / ".cache" / "fail2ban"


def fetch(folder: Path) -> None:
    """Download with apt, which checks the archive's signature, and unpack into a folder."""
    with tempfile.TemporaryDirectory() as downloads:
        subprocess.run(["apt-get", "download", "fail2ban"], cwd=downloads, check=True)
        (package,) = Path(downloads).glob("fail2ban_*.deb")
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=True)
    # Its own test filters include common.conf by a relative path that is right in the source
    # tree: seven folders up and down again into config.
    config = folder / "usr" / "config"
    if not config.exists():
        config.symlink_to(Path("..") / "etc" / "fail2ban")


if __name__ == "__main__":
    fetch(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
