"""The image, without an engine for containers: its steps are done, its command is started.

What is played: the base image by this machine's own files, its paths by those below a directory,
the user by the same number.
"""

import json
import re
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tests.container.containers import Container
from tests.container.dockerfile import ROOT, Image, Stage, read
from tests.container.locks import LOCK, locked
from tests.e2e.ports import LOOPBACK, free_port
from tests.waiting import wait_until
from webfail2ban.testing import SpopClient

# Packages are fetched and installed.
pytestmark = pytest.mark.timeout(300)

#: A plugin in a file. It leaves a process behind that ends a little later, and says which one.
ORPHANING = """
import subprocess
import sys

from webfail2ban import Opinion, hookimpl

PARENT = '''
import os
first = os.getpid()
if os.fork() == 0:
    while os.getppid() == first:
        pass
    print(os.getpid(), os.getppid(), flush=True)
'''


@hookimpl
def start_engine(engine):
    ran = subprocess.run([sys.executable, "-c", PARENT], stdout=-1, text=True, check=True)
    print("orphan:", ran.stdout, file=sys.stderr)


@hookimpl
def opinion(query):
    return Opinion.ban("says the mounted plugin")
"""


@pytest.fixture
def stage() -> Stage:
    """What the image says, unbuilt."""
    return read(ROOT / "Dockerfile")[-1]


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def container(image: Image, port: int) -> Iterator[Container]:
    """A container with the image's own configuration, on loopback, with a plugin mounted.

    The signal to stop reaches it, and ends it as it should.
    """
    image.path("/plugins/orphaning.py").write_text(ORPHANING, "utf-8")
    reference = yaml.safe_load(image.path("/etc/webfail2ban/config.yaml").read_text("utf-8"))
    container = Container(
        image,
        image.root / "container.log",
        FAIL2BAN_SPOA_ADDRESS=LOOPBACK,
        FAIL2BAN_SPOA_PORT=str(port),
        FAIL2BAN_SYSLOG_ADDRESS=f"{LOOPBACK}:{free_port(socket.SOCK_DGRAM)}",
        FAIL2BAN_PLUGINS=json.dumps([*reference["plugins"], "orphaning"]),
    )
    container.process.wait_for(" ready: ")
    yield container
    assert container.process.stop() == 0
    assert "SIGTERM: stopping" in container.process.said


def test_the_image_has_what_the_lock_names(image: Image) -> None:
    """In these versions, and besides them what the base image brings, and us."""
    pip = image.path("/opt/webfail2ban/bin/pip")
    (site,) = pip.parents[1].glob("lib/python*/site-packages")
    found = {
        name.replace("_", "-").lower(): version
        for path in site.glob("*.dist-info")
        for name, _, version in [path.name.removesuffix(".dist-info").partition("-")]
    }
    expected = {pin.name: pin.version for pin in locked() if pin.wanted_here}
    del expected["setuptools"]
    assert {name: found[name] for name in expected} == expected
    assert found.keys() - expected.keys() == {"pip", "webfail2ban"}


def test_the_program_is_there_with_every_plugin(container: Container) -> None:
    """Installed, not linked to a checkout; extras included."""
    plugins = json.loads(container.run("webfail2ban", "plugins", "--json").stdout)
    names = {plugin["name"] for plugin in plugins}
    assert {"geoip", "apprise", "blocklist", "journald", "orphaning"} <= names
    loaded = {plugin["name"] for plugin in plugins if plugin["loaded"]}
    assert loaded == {"whitelist", "jails", "syslog", "tail", "orphaning"}
    assert container.run("webfail2ban", "check-config").returncode == 0


def test_the_health_check_is_the_programs_own(container: Container) -> None:
    """Where the socket is, it finds in the same places as the engine."""
    ran = container.check_health()
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_mounted_plugin_is_asked(container: Container, port: int) -> None:
    """HAProxy gets its verdict."""
    assert container.process.status is None
    with SpopClient((LOOPBACK, port)) as haproxy:
        assert haproxy.check("192.0.2.1")["reason"] == "says the mounted plugin"


def test_only_the_state_is_written(container: Container, image: Image) -> None:
    """So a read-only root file system is enough. The socket and the store are in one directory."""
    assert container.run("webfail2ban", "ban", "192.0.2.2").returncode == 0
    state = image.path("/var/lib/webfail2ban")
    assert {"api.sock", "webfail2ban.sqlite3"} <= {path.name for path in state.iterdir()}
    changed = image.changed_since(container.started)
    assert not [path for path in changed if state not in (path, *path.parents)]


def test_orphans_are_reaped(container: Container) -> None:
    """The first process inherits them, and nobody else would take note of their end."""
    said = re.search(r"orphan: (\d+) (\d+)", container.process.said)
    assert said is not None
    orphan, parent = map(int, said.groups())
    assert parent == container.process.pid
    wait_until(lambda: not Path(f"/proc/{orphan}").exists(), "the orphan is reaped")


def test_the_base_is_pinned_and_one_that_the_package_runs_on() -> None:
    """Both stages have the same, else the environment wouldn't fit."""
    bases = {stage.base for stage in read(ROOT / "Dockerfile")}
    (base,) = bases
    found = re.fullmatch(r"python:(\d+\.\d+\.\d+)-slim-[a-z]+", base)
    assert found is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert found[1] in SpecifierSet(project["requires-python"])


def test_the_user_is_a_number_and_not_root(stage: Stage) -> None:
    """Kubernetes' runAsNonRoot can read it then."""
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", stage.starts["USER"])


def test_its_ports_are_those_of_the_configuration(stage: Stage) -> None:
    """HAProxy's and syslog's."""
    reference = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    syslog = reference["syslog"]["address"].rpartition(":")[2]
    assert stage.starts["EXPOSE"] == f"{reference['spoa']['port']}/tcp {syslog}/udp"


def test_only_the_state_is_a_volume(stage: Stage) -> None:
    """What an image of one's own puts beside it would be lost in a volume."""
    assert stage.starts["VOLUME"] == "/var/lib/webfail2ban"


def test_the_page_tells_what_is_set_in_it(stage: Stage) -> None:
    """Each variable with its value."""
    page = (ROOT / "docs" / "container.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([A-Z\d_]+)` \| `([^`]+)` \|", page, re.MULTILINE))
    ours = {name: value for name, value in stage.environment.items() if "FAIL2BAN" in name}
    assert rows == ours


def test_the_page_tells_how_to_lock() -> None:
    """With the command that made the lock."""
    page = (ROOT / "docs" / "container.md").read_text("utf-8")
    command = LOCK.read_text("utf-8").splitlines()[1].removeprefix("#").strip()
    assert command in page.replace("--upgrade ", "")
