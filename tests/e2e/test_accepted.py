"""HAProxy reads every configuration that we ship, in every version that they are for."""

import os
import subprocess
from pathlib import Path

import pytest
import trustme

from tests.e2e import binaries
from tests.e2e.ports import LOOPBACK
from tests.e2e.shipped import INSTALLED, SHIPPED
from webfail2ban.doctor.haproxy import read_version

#: What stands in a configuration, and what stands there in a test, which has neither the user nor
#: the names of the containers.
ELSEWHERE = {
    "    user haproxy\n": "",
    "    group haproxy\n": "",
    "server mail1 mailserver:": f"server mail1 {LOOPBACK}:",
    "server agent1 webfail2ban:": f"server agent1 {LOOPBACK}:",
}

#: What the demonstration takes from the environment.
PORTS = {"DEMO_PORT": "1", "DEMO_WEBSITE": "2", "DEMO_AGENT": "3"}


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that we ship, installed in a directory."""
    directory = tmp_path_factory.mktemp("haproxy")
    (directory / "certs").mkdir()
    certificate = trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("example.com")
    certificate.private_key_and_cert_chain_pem.write_to_path(directory / "certs" / "site.pem")
    for path in SHIPPED.iterdir():
        if path.suffix in {".cfg", ".conf", ".lst", ".html"}:
            text = path.read_text("utf-8").replace(INSTALLED, f"{directory}/")
            for there, here in ELSEWHERE.items():
                text = text.replace(there, here)
            (directory / path.name).write_text(text, "utf-8")
    return directory


@pytest.mark.haproxy3
@pytest.mark.parametrize("name", sorted(path.name for path in SHIPPED.glob("*.cfg")))
def test_it_is_read_without_a_warning(binary: Path, kit: Path, name: str) -> None:
    """As a whole, with the conditions on the version as HAProxy itself decides them."""
    ran = subprocess.run(
        [binary, "-c", "-dW", "-f", kit / name],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **PORTS, "DEMO_DIRECTORY": str(kit)},
    )
    assert ran.returncode == 0, ran.stderr


def test_only_the_latest_haproxy_has_a_mode_of_its_own_for_agents() -> None:
    """That which is there from 3.1 on: what is tried with it takes the other branch."""
    for name in binaries.names(three=True):
        version = read_version(binaries.find(name))
        assert version is not None
        assert (version >= (3, 1)) == (name == "3") or name == "variable"
