"""What `haproxy-config` writes, with real HAProxys: all of it read, one of it at work."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner

from tests.e2e import binaries, shipped
from tests.e2e.backends import echo_server
from tests.e2e.clients import get
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until
from webfail2ban.cli import webfail2ban
from webfail2ban.doctor import catalogue
from webfail2ban.doctor.finding import Severity
from webfail2ban.doctor.haproxy import read_version
from webfail2ban.doctor.loading import load_site
from webfail2ban.doctor.site import Own
from webfail2ban.haproxykit import Names, find_kit, write_scenario

KIT = find_kit()

#: What the operator's own configuration has.
OWN = "global\n    log stdout format raw local0\n"

#: The statistics' password.
HASH = "$5$salt$Gcm6FsVtF/Qa77ZKD.iwsJlCVPY0XSMgLJL0Hnww/c1"


@pytest.fixture(scope="module")
def certificate() -> bytes:
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    return authority.issue_cert("mail.example").private_key_and_cert_chain_pem.bytes()


@pytest.mark.haproxy3
@pytest.mark.parametrize("scenario", KIT.scenarios)
def test_haproxy_reads_it_without_a_warning(
    binary: Path, tmp_path: Path, certificate: bytes, scenario: str
) -> None:
    """Behind the operator's own configuration, and our doctor finds nothing either."""
    version = read_version(binary)
    assert version is not None
    names = Names(version, tmp_path, "127.0.0.1:12399", prefix="rep", proxies=("192.0.2.1",))
    written = write_scenario(KIT, scenario, names, whole=False)
    for name, text in written.files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "site.pem").write_bytes(certificate)
    own = tmp_path / "own.cfg"
    own.write_text(OWN)
    files = [own, tmp_path / "webfail2ban.cfg"]
    env = {**os.environ, "STATS_PASSWORD_HASH": HASH}
    command = [str(binary), "-c", "-dW", "-f", str(files[0]), "-f", str(files[1])]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    site = load_site(files, version, env, own=Own(), here=False)
    found = [finding for finding in catalogue.examine(site) if finding.severity is Severity.ERROR]
    assert not found


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A stage with one HAProxy: what is at work in it was tried with all of them."""
    with Stage(binaries.find("system")) as stage:
        yield stage


def test_it_refuses_whom_the_agent_bans(stage: Stage) -> None:
    """As a whole, with another prefix, port and scope than the usual ones."""
    agent = stage.start_agent(verdict={"scope": "sess"})
    configuration = stage.directory / "agent.yaml"
    options = ["--config", configuration, "--prefix", "rep", "--output", stage.directory]
    ran = CliRunner().invoke(
        webfail2ban, ["haproxy-config", "haproxy", "--whole", *map(str, options)]
    )
    assert ran.exit_code == 0, ran.output
    port = free_port()
    moves = {
        **shipped.UNPRIVILEGED,
        "/run/haproxy/": f"{stage.directory}/",
        "bind :::80 v4v6": f"bind {LOOPBACK}:{port} accept-proxy",
        "bind :::143 v4v6": f"bind {LOOPBACK}:{free_port()}",
        "bind :::25 v4v6": f"bind {LOOPBACK}:{free_port()}",
        "127.0.0.1:8080": f"{LOOPBACK}:{stage.serve(echo_server())}",
    }
    text = (stage.directory / "haproxy.cfg").read_text("utf-8")
    assert agent.where in text
    stage.start_haproxy(shipped.move(text, moves))
    wait_until(lambda: get(port, "192.0.2.2").status == 200, "the website answers")
    agent.fail_logins("192.0.2.1")
    wait_until(lambda: get(port, "192.0.2.1").status == 403, "the client is refused")
    assert get(port, "192.0.2.2").status == 200
