"""What people install holds everything: every plugin, every filter, the command."""

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A build fetches packages.
pytestmark = pytest.mark.timeout(300)


def sources() -> set[str]:
    """Return the files that an installation must hold, relative to the package root."""
    found = {
        str(path.relative_to(root))
        for root, pattern in ((ROOT, "webfail2ban/**/*"), (ROOT / "plugins", "webfail2ban_*/**/*"))
        for path in root.glob(pattern)
        if path.suffix in {".py", ".conf", ".service", ".txt", ".typed"}
    }
    assert "webfail2ban_jails/filter.d/dovecot.conf" in found
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an sdist, and a wheel from it, as a release does."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return out


def test_the_wheel_holds_every_source_file(built: Path) -> None:
    """It is built from the sdist, so that one holds them too."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert sources() <= set(archive.namelist())


def test_the_wheel_holds_the_configurations_for_haproxy(built: Path) -> None:
    """All files that `haproxy-config` writes."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        data = [name for name in archive.namelist() if "/data/share/webfail2ban/haproxy/" in name]
    shipped = {path.name for path in (ROOT / "haproxy").iterdir() if path.suffix not in {".py", ""}}
    assert {name.rpartition("/")[2] for name in data} == shipped


def test_the_sdist_builds_without_a_checkout(built: Path) -> None:
    """With the licence and the readme."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml"} <= names


def test_the_editable_installation_finds_every_plugin_once() -> None:
    """The one that these tests run in."""
    command = [sys.executable, "-m", "webfail2ban", "plugins", "--json"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    names = [plugin["name"] for plugin in json.loads(ran.stdout)]
    assert len(names) == len(set(names))
    assert {"whitelist", "jails", "syslog", "tail"} <= set(names)
