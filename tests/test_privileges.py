"""Giving up root: the real program, and what /proc says of its two processes.

Where the tests don't run as root, those that need it show that only root may do so.
"""

import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.agent import LOGIN_FAILED, Agent
from tests.e2e.ports import LOOPBACK, free_port
from tests.interpreters import module_path, runnable_by
from tests.tls.certificates import Pki
from tests.waiting import PATIENCE, wait_until
from webfail2ban.config import Configuration, EngineSettings
from webfail2ban.errors import ConfigurationError
from webfail2ban.privileges import choose_identity, find_problems
from webfail2ban.testing import SpopClient

USER = pwd.getpwnam("nobody")
IS_ROOT = os.geteuid() == 0

#: A group that there is on every system, and that nobody is no member of.
GROUP = "daemon"

#: Somebody else than whoever runs the tests.
STRANGER = "nobody" if IS_ROOT else "root"

#: Becomes somebody with two more groups, tells what the kernel knows then, and tries to go back.
BECOME = f"""
import os, sys
from webfail2ban.privileges import Identity, become
become(Identity("nobody", {USER.pw_uid}, {USER.pw_gid}, ({USER.pw_gid}, 54321, 54322)))
print(open("/proc/self/status").read())
for regain in (os.setuid, os.setgid):
    try:
        regain(0)
    except PermissionError:
        continue
    sys.exit("root came back")
"""

#: Starts an agent with settings.
Start = Callable[..., Agent]


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that everybody may enter, which pytest's own isn't."""
    with tempfile.TemporaryDirectory(prefix="webfail2ban-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture
def start(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start agents that another user can run as well."""
    agents: list[Agent] = []
    if IS_ROOT:
        monkeypatch.setattr(sys, "executable", runnable_by(USER.pw_name))
    monkeypatch.setenv("PYTHONPATH", module_path())

    state = directory / "state"
    state.mkdir()
    if IS_ROOT:
        shutil.chown(state, USER.pw_name)

    def make(*, log_group: str | None = None, **settings: Any) -> Agent:
        agent = Agent(directory, store={"path": str(state / "store")}, **settings)
        if log_group is not None:
            shutil.chown(agent.mail_log, group=log_group)
            agent.mail_log.chmod(0o640)
        agents.append(agent)
        agent.start()
        return agent

    yield make
    for agent in agents:
        agent.stop()


def read_status(text: str) -> Mapping[str, list[str]]:
    """Read what /proc/PID/status says."""
    pairs = (line.partition(":") for line in text.splitlines())
    return {key: values.split() for key, _, values in pairs}


def status_of(pid: int | None) -> Mapping[str, list[str]]:
    return read_status(Path(f"/proc/{pid}/status").read_text("utf-8"))


def refusal(directory: Path, user: str | None, /, **settings: object) -> list[str]:
    """Run the program as a user with settings that it refuses; return what it said."""
    config = directory / "config.yaml"
    config.write_text(json.dumps({"spoa": {"port": 0}, **settings}, indent=1))
    done = subprocess.run(
        [runnable_by(user) if user else sys.executable, "-m", "webfail2ban", "run", "-c", config],
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        env={"PYTHONPATH": module_path()},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    return done.stderr.replace(str(directory), "").splitlines()


def configured(**settings: Any) -> Configuration:
    return Configuration(EngineSettings(**settings), {})


def refused(directory: Path) -> bool:
    """Show that only root becomes somebody else; whether this isn't root."""
    if not IS_ROOT:
        [line] = refusal(directory, None, user=STRANGER)
        assert f"user: only root can become {STRANGER}, and this is user {os.geteuid()}" in line
    return not IS_ROOT


def test_both_processes_run_as_the_user(start: Start, directory: Path) -> None:
    """Nothing of root's is left: no id, no group, no capability."""
    if refused(directory):
        return
    agent = start(user=USER.pw_name)
    for pid in (agent.process.pid, agent.sensor):
        seen = status_of(pid)
        assert seen["Uid"] == [str(USER.pw_uid)] * 4
        assert seen["Gid"] == [str(USER.pw_gid)] * 4
        assert seen["Groups"] == [str(USER.pw_gid)]
        assert seen["CapEff"] == seen["CapPrm"] == seen["CapAmb"] == ["0" * 16]
    assert (directory / "state" / "store").owner() == USER.pw_name
    assert agent.process.said.count("gave up root: runs as nobody") == 1
    assert "runs as root" not in agent.process.said


def test_a_sensor_that_is_started_again_runs_as_the_user(start: Start, directory: Path) -> None:
    """It is the child of one who isn't root any more."""
    if refused(directory):
        return
    agent = start(user=USER.pw_name)
    first = agent.sensor
    assert first is not None
    os.kill(first, 9)
    second = wait_until(lambda: agent.sensor not in (None, first) and agent.sensor, "another")
    assert status_of(second)["Uid"] == [str(USER.pw_uid)] * 4


def test_a_log_of_the_group_is_read(start: Start, directory: Path) -> None:
    """As /var/log/mail.log is the group adm's on many systems, and nobody else's."""
    if refused(directory):
        return
    agent = start(user=USER.pw_name, group=GROUP, log_group=GROUP)
    assert stat.S_IMODE(agent.mail_log.stat().st_mode) == 0o640
    line = LOGIN_FAILED.partition("hostname")[2].format("192.0.2.77")
    with agent.mail_log.open("a", encoding="utf-8") as log:
        log.write(f"{time.strftime('%b %e %H:%M:%S')} hostname{line}\n" * 6)
    host, _, port = agent.where.rpartition(":")
    with SpopClient((host, int(port))) as client:
        wait_until(lambda: client.check("192.0.2.77")["banned"] == 1, "the line bans")


def test_a_key_of_roots_is_read_before(start: Start, directory: Path) -> None:
    """And it is said that its successor won't be."""
    if refused(directory):
        return
    certificate = Pki(directory).agent()
    certificate.chmod(0o600)
    spoa = {"address": LOOPBACK, "port": free_port(), "tls": {"certificate": str(certificate)}}
    said = start(user=USER.pw_name, spoa=spoa).process.said
    assert f"spoa.tls.certificate: {certificate} isn't readable any more" in said


def test_the_unix_socket_is_the_users(start: Start, directory: Path) -> None:
    """HAProxy, a member of the group, may connect; a socket that root alone may remove stays."""
    if refused(directory):
        return
    path = directory / "spoa.sock"
    agent = start(user=USER.pw_name, group=GROUP, spoa={"address": str(path)})
    found = path.stat()
    assert (path.owner(), path.group()) == (USER.pw_name, GROUP)
    assert stat.S_IMODE(found.st_mode) == 0o660
    with SpopClient(str(path)) as client:
        assert client.check("192.0.2.1")["banned"] == 0
    assert agent.stop() == 0
    assert path.exists()
    agent.start()
    with SpopClient(str(path)) as client:
        assert client.check("192.0.2.1")["banned"] == 0


def test_supplementary_groups_are_taken_and_roots_are_not(directory: Path) -> None:
    """And nobody comes back from there."""
    if refused(directory):
        return
    done = subprocess.run(
        [sys.executable, "-c", BECOME],
        extra_groups=[0, 4],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = read_status(done.stdout)
    assert sorted(seen["Groups"], key=int) == sorted(["54321", "54322", str(USER.pw_gid)], key=int)
    assert seen["Uid"] == [str(USER.pw_uid)] * 4
    assert seen["Gid"] == [str(USER.pw_gid)] * 4


def test_root_is_told_that_it_needs_not_be_root(start: Start, directory: Path) -> None:
    """In one line that names the setting; others hear nothing of it."""
    said = start().process.said
    assert said.count("runs as root; set user to whom it should become") == int(IS_ROOT)
    assert "gave up root" not in said
    assert directory.exists()


def test_only_root_becomes_somebody_else(directory: Path) -> None:
    """Everybody else is told so, with the place, and exit status 2."""
    user = USER.pw_name if IS_ROOT else None
    uid = USER.pw_uid if IS_ROOT else os.geteuid()
    assert refusal(directory, user, user="root") == [
        f"error: /config.yaml:5:10: user: only root can become root, and this is user {uid}"
    ]


def test_one_who_is_the_user_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where systemd starts the program with User=."""
    monkeypatch.setattr(os, "geteuid", lambda: USER.pw_uid)
    monkeypatch.setattr(os, "getegid", lambda: USER.pw_gid)
    assert choose_identity(configured(user=USER.pw_name)) is None


def test_only_root_takes_another_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is right, the group isn't."""
    monkeypatch.setattr(os, "geteuid", lambda: USER.pw_uid)
    monkeypatch.setattr(os, "getegid", lambda: USER.pw_gid)
    monkeypatch.setattr(os, "getgroups", list)
    with pytest.raises(ConfigurationError, match=r"group: only root can change the group"):
        choose_identity(configured(user=USER.pw_name, group=GROUP))


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        ({}, []),
        ({"user": "nobody", "group": "daemon"}, []),
        ({"user": "nobdy"}, ["there is no user 'nobdy'"]),
        ({"user": "no\0body"}, ["there is no user 'no\\x00body'"]),
        ({"user": "nobody", "group": "demon"}, ["there is no group 'demon'"]),
        ({"group": "daemon"}, ["is set, but user isn't"]),
    ],
)
def test_users_and_groups_that_are_not_there_are_found(
    settings: dict[str, str], problems: list[str]
) -> None:
    """Before anything is started."""
    found = find_problems(EngineSettings(**settings))
    assert [problem.message for problem in found] == problems


def test_an_unknown_user_is_told_with_its_place(directory: Path) -> None:
    """Exit status 2."""
    assert refusal(directory, None, user="nobdy") == [
        "error: /config.yaml:5:10: user: there is no user 'nobdy'"
    ]
