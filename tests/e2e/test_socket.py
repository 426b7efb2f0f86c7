"""HAProxy asks over a unix socket out of its chroot, by the shipped configuration.

HAProxy is started by root and becomes somebody else, as a service does. Where the tests don't run
as root, a user namespace gives HAProxy the right to change its root, and it stays who it is.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from grp import getgrnam
from pathlib import Path
from pwd import getpwnam

import pytest

from tests.e2e import shipped
from tests.e2e.agent import Agent
from tests.e2e.backends import echo_server
from tests.e2e.clients import get
from tests.e2e.haproxy import HAProxy
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until

IS_ROOT = os.geteuid() == 0

#: A user that there is on every system, and a group that isn't his.
USER, GROUP = "nobody", "daemon"

#: The shipped line's path, and the place of the agent's socket in the chroot.
SOCKET = "webfail2ban/spoa.sock"

BACKEND = "webfail2ban-agents"


@pytest.fixture
def binary_in_chroot(binary: Path, tmp_path: Path) -> Path:
    """A HAProxy that may change its root."""
    if IS_ROOT:
        return binary
    wrapper = tmp_path / "haproxy"
    wrapper.write_text(f'#!/bin/sh\nexec unshare --user --map-root-user {binary} "$@"\n', "utf-8")
    wrapper.chmod(0o700)
    return wrapper


@pytest.fixture
def stage(binary_in_chroot: Path) -> Iterator[Stage]:
    with Stage(binary_in_chroot) as stage:
        yield stage


@pytest.fixture(scope="module")
def agent(binary: Path) -> Iterator[Agent]:
    """An agent with its socket in a directory of HAProxy's group, as the README makes it."""
    with Stage(binary) as stage:
        folder = (stage.directory / "chroot" / SOCKET).parent
        folder.mkdir(parents=True)
        if IS_ROOT:
            shutil.chown(folder, group=GROUP)
        folder.chmod(0o2750)
        yield stage.start_agent(spoa={"address": str(folder / "spoa.sock")})


def start(stage: Stage, agent: Agent, moves: Mapping[str, str]) -> tuple[HAProxy, int]:
    """Start HAProxy; return it and its port."""
    port = free_port()
    chroot = Path(agent.where.removeprefix("unix@").removesuffix(SOCKET))
    text = shipped.scenario(
        "socket.cfg",
        stage.directory,
        {
            "bind :::80 v4v6": f"bind {LOOPBACK}:{port} accept-proxy",
            "127.0.0.1:8080": f"{LOOPBACK}:{stage.serve(echo_server())}",
            **moves,
        },
        {
            **shipped.UNPRIVILEGED,
            "    chroot /var/lib/haproxy\n": f"    chroot {chroot}\n",
            "    user haproxy\n": f"    user {USER}\n" if IS_ROOT else "",
            "    group haproxy\n": f"    group {GROUP}\n" if IS_ROOT else "",
        },
    )
    return stage.start_haproxy(text), port


def test_a_ban_is_heard_of_out_of_the_chroot(stage: Stage, agent: Agent) -> None:
    """By a HAProxy that is neither root nor the agent's user, and in one group only."""
    haproxy, port = start(stage, agent, {})
    haproxy.wait_for_server(BACKEND, "agent1", "UP")
    if IS_ROOT:
        status = Path(f"/proc/{haproxy.stats.worker()}/status").read_text("utf-8")
        assert f"\nUid:\t{getpwnam(USER).pw_uid}\t" in status
        assert f"\nGid:\t{getgrnam(GROUP).gr_gid}\t" in status
    agent.fail_logins("192.0.2.1")
    wait_until(lambda: get(port, "192.0.2.1").status == 403, "the client is refused")
    assert get(port, "192.0.2.2").status == 200


def test_the_whole_path_leads_nowhere(stage: Stage, agent: Agent) -> None:
    """It is looked up inside the chroot: HAProxy finds no agent, and the check says so."""
    haproxy, port = start(stage, agent, {f"unix@/{SOCKET}": agent.where})
    haproxy.wait_for_server(BACKEND, "agent1", "DOWN")
    assert get(port, "192.0.2.1").status == 200
