"""The compose file: what it says, and the processes that it starts, with the same files.

What is played: each container by a process, each network by loopback. So services' names become
addresses, and the client, who comes from loopback too, has to count like any other.
"""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.container.compose import Compose
from tests.container.dockerfile import ROOT, Image, read
from tests.e2e import binaries, shipped
from tests.e2e.clients import get
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.processes import Running
from tests.waiting import wait_until

COMPOSE = Compose()

#: Loopback addresses are clients here.
STAND_INS = {"FAIL2BAN_JAILS_DEFAULT_IGNORESELF": "no", "FAIL2BAN_JAILS_DEFAULT_IGNOREIP": "[]"}


class Mail:
    """The agent and the mail server, as the compose file starts them.

    Args:
        directory: Takes their files.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.agent_port, self.mail_port = free_port(), free_port()
        syslog = f"{LOOPBACK}:{free_port(socket.SOCK_DGRAM)}"
        image = Image(directory, sys.executable, "0:0")
        for path in ("/etc/webfail2ban", "/plugins", "/var/lib/webfail2ban"):
            image.path(path).mkdir(parents=True)
        shutil.copy(ROOT / "config.yaml", image.path("/etc/webfail2ban"))
        said = COMPOSE.services["webfail2ban"]["environment"]
        sender = COMPOSE.address("mailserver", "logs")
        assert said["FAIL2BAN_SYSLOG_ALLOW"] == f"[{sender}]"
        self._environment = image.environment(
            {
                **said,
                **STAND_INS,
                "FAIL2BAN_SPOA_ADDRESS": LOOPBACK,
                "FAIL2BAN_SPOA_PORT": str(self.agent_port),
                "FAIL2BAN_SYSLOG_ADDRESS": syslog,
                "FAIL2BAN_SYSLOG_ALLOW": f"[{LOOPBACK}]",
            }
        )
        command = [*image.stage.command("ENTRYPOINT"), *image.stage.command("CMD")]
        self.agent = self.start("agent", self._program(command), self._environment)
        python, script = COMPOSE.services["mailserver"]["entrypoint"]
        assert python == "python"
        self.server = self.start(
            "mailserver",
            [sys.executable, str(COMPOSE.file("mailserver", script))],
            {"SYSLOG": syslog, "LISTEN": f"{LOOPBACK}:{self.mail_port}"},
        )
        self.agent.wait_for(" ready: ")
        self.server.wait_for("ready")

    def start(self, name: str, command: list[str], env: dict[str, str]) -> Running:
        return Running(name, command, self._directory / f"{name}.log", env)

    def run(self, *command: str) -> str:
        """Run a command in the agent's container, as `docker compose exec` does."""
        ran = subprocess.run(
            self._program(command), env=self._environment, check=True, capture_output=True
        )
        return ran.stdout.decode()

    @staticmethod
    def _program(command: "list[str] | tuple[str, ...]") -> list[str]:
        """Return a command of the image that runs what is installed here."""
        program, *arguments = command
        return [sys.executable, "-m", program, *arguments]


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    with tempfile.TemporaryDirectory(prefix="webfail2ban-") as directory:
        mail = Mail(Path(directory))
        yield mail
        assert [mail.server.stop(), mail.agent.stop()] == [0, 0]


def haproxy_cfg(directory: Path, mail: Mail, web: int, imap: int) -> Path:
    """Put HAProxy's files into a directory as they are mounted; services' names have addresses."""
    text = COMPOSE.file("haproxy", "/usr/local/etc/haproxy/haproxy.cfg").read_text("utf-8")
    for mount in COMPOSE.mounts("haproxy"):
        assert mount.file is not None
        if mount.target.startswith(shipped.INSTALLED):
            shipped.install(directory, mount.file.name)
    moves = {
        shipped.INSTALLED: f"{directory}/",
        "bind :8080": f"bind {LOOPBACK}:{web}",
        "bind :1143": f"bind {LOOPBACK}:{imap}",
        "mailserver:10143": f"{LOOPBACK}:{mail.mail_port}",
        "webfail2ban:12345": f"{LOOPBACK}:{mail.agent_port}",
        **shipped.CHECKS,
    }
    path = directory / "haproxy.cfg"
    path.write_text(shipped.move(text, moves), "utf-8")
    return path


@contextmanager
def haproxy(name: str, path: Path) -> Iterator[Running]:
    """Run a HAProxy while the context lasts; a warning keeps it from starting."""
    command = [str(binaries.find(name)), "-db", "-dW", "-f", str(path)]
    running = Running("haproxy", command, path.with_suffix(".log"), {})
    try:
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize("name", binaries.names())
def test_the_client_is_banned_from_mail_and_web(name: str, mail: Mail, tmp_path: Path) -> None:
    """By the mail server's log. An unban lets him in again."""
    web, imap = free_port(), free_port()
    _, script = COMPOSE.services["client"]["entrypoint"]
    services = {"haproxy:1143": f"{LOOPBACK}:{imap}", "haproxy:8080": f"{LOOPBACK}:{web}"}
    arguments = [services[word] for word in COMPOSE.services["client"]["command"]]
    command = [sys.executable, str(COMPOSE.file("client", script)), *arguments]
    with haproxy(name, haproxy_cfg(tmp_path, mail, web, imap)):
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout
        assert ran.stdout.count("AUTHENTICATIONFAILED") >= 5
        assert "ban 127.0.0.1 [dovecot]" in mail.agent.said
        mail.run("webfail2ban", "unban", "127.0.0.1")
        wait_until(lambda: get(web).status == 200, "the client is let in again")


def test_the_agent_understands_its_environment(mail: Mail) -> None:
    """No variable is misspelt."""
    assert "is no setting" not in mail.agent.said
    assert mail.run("webfail2ban", "health")


def test_nobody_outside_can_send_lines_or_ask_the_agent() -> None:
    """Only HAProxy has ports for the world, and none of them is SPOP's."""
    published = {name for name, service in COMPOSE.services.items() if "ports" in service}
    assert published == {"haproxy"}
    for name in ("mail", "spop", "logs"):
        assert COMPOSE.networks[name] == {**COMPOSE.networks[name], "internal": True}
    assert {name for name in COMPOSE.services if "spop" in COMPOSE.networks_of(name)} == {
        "webfail2ban",
        "haproxy",
    }


def test_services_are_asked_by_names_that_they_have() -> None:
    """In a network that both are in; 127.0.0.1 would be the asking container itself."""
    text = COMPOSE.file("haproxy", "/usr/local/etc/haproxy/haproxy.cfg").read_text("utf-8")
    asked = re.findall(r"^ +server \S+ ([\w.-]+):\d+", text, re.MULTILINE)
    assert sorted(asked) == ["mailserver", "webfail2ban"]
    pairs = [("haproxy", name) for name in asked]
    syslog = COMPOSE.services["mailserver"]["environment"]["SYSLOG"]
    pairs += [("mailserver", syslog.partition(":")[0]), ("client", "haproxy")]
    for asking, asked_one in pairs:
        assert COMPOSE.networks_of(asking) & COMPOSE.networks_of(asked_one)


def test_ports_are_those_that_somebody_listens_on() -> None:
    """HAProxy's in its file, the agent's in the image, the mail server's in its script."""
    text = COMPOSE.file("haproxy", "/usr/local/etc/haproxy/haproxy.cfg").read_text("utf-8")
    bound = set(re.findall(r"^ +bind :(\d+)", text, re.MULTILINE))
    published = {port.split(":")[-1] for port in COMPOSE.services["haproxy"]["ports"]}
    assert published == bound
    reference = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    assert f"webfail2ban:{reference['spoa']['port']}" in text
    assert "0.0.0.0:10143" in (ROOT / "haproxy" / "mailserver.py").read_text("utf-8")
    agent, server = COMPOSE.services["webfail2ban"], COMPOSE.services["mailserver"]
    heard = agent["environment"]["FAIL2BAN_SYSLOG_ADDRESS"].rpartition(":")[2]
    assert server["environment"]["SYSLOG"] == f"webfail2ban:{heard}"


@pytest.mark.parametrize("name", COMPOSE.services)
def test_each_container_is_confined(name: str) -> None:
    """It can't write, and has no privileges; what is mounted is there and stays as it is."""
    service = COMPOSE.services[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    for mount in COMPOSE.mounts(name):
        if mount.file is not None:
            assert mount.file.is_file()
            assert mount.mode == "ro"
        else:
            assert mount.target == "/var/lib/webfail2ban"


def test_the_stop_takes_no_longer_than_the_engine_waits() -> None:
    """Otherwise it would be killed."""
    stage = read(ROOT / "Dockerfile")[-1]
    grace = stage.environment["FAIL2BAN_GRACE"]
    limit = COMPOSE.services["webfail2ban"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) < int(limit.removesuffix("s"))
