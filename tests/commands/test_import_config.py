"""Configurations of other programs, through the command, and what check-config says of them."""

import json
import shutil
from pathlib import Path

import pytest

from tests.commands.conftest import Run, Write

JAILS = """
[DEFAULT]
bantime = 1h
bantime.increment = true
ignoreip = 127.0.0.1/8 ::1 192.0.2.0/24
[sshd]
enabled = true
backend = systemd
[postfix]
enabled = true
[dovecot]
enabled = true
ignoreregex = user=<monitor>
[nginx-http-auth]
enabled = true
[apache-auth]
enabled = true
[recidive]
enabled = true
"""

PREDECESSOR = """
syslog:
  address: 0.0.0.0:5514
  patterns:
    - {name: sogo, regex: 'sogod.*Login failed for user.*from ([0-9.]+)', ip_group: 1, severity: 3}
spoa: {address: 0.0.0.0, port: 12345, max_clients: 100, read_timeout: 30s, enabled: true}
ban: {initial_ban_time: 5m, max_ban_time: 24h, escalation_factor: 1.5, cleanup_interval: 1m}
nginx: {enabled: true}
"""


@pytest.fixture
def fail2ban(fail2ban_tree: Path, tmp_path: Path) -> Path:
    """Debian's fail2ban with some jails enabled."""
    directory = tmp_path / "fail2ban"
    shutil.copytree(fail2ban_tree / "etc" / "fail2ban", directory)
    (directory / "jail.local").write_text(JAILS, "utf-8")
    return directory


@pytest.mark.parametrize("options", [(), ("--keep-filters",)])
def test_what_fail2ban_did_passes_check_config(
    run: Run, fail2ban: Path, options: tuple[str, ...]
) -> None:
    """The file alone is on standard output, what was left out on standard error."""
    ran = run("import-config", fail2ban, *options)
    assert ran.exit_code == 0, ran.output
    assert "action iptables-multiport" in ran.stderr
    Path("new.yaml").write_text(ran.stdout, "utf-8")
    checked = run("check-config", "--config", "new.yaml", "--json")
    assert json.loads(checked.stdout)["ok"], checked.output


def test_what_the_predecessor_did_passes_check_config(run: Run, write: Write) -> None:
    """The directory, or the file with --from, whatever its name."""
    write("old/config.yaml", PREDECESSOR)
    write("old.txt", PREDECESSOR)
    ran = run("import-config", "old")
    assert ran.exit_code == 0, ran.output
    Path("new.yaml").write_text(ran.stdout, "utf-8")
    checked = run("check-config", "--config", "new.yaml", "--json")
    assert json.loads(checked.stdout)["ok"], checked.output
    again = run("import-config", "--from", "predecessor", "old.txt")
    assert again.stdout.splitlines()[3:] == ran.stdout.splitlines()[3:]


def test_machines_read_it_too(run: Run, write: Write) -> None:
    """The text, what was left out, and what check-config would say."""
    write("config.yaml", PREDECESSOR.replace("port: 12345", "port: 123456"))
    answer = json.loads(run("import-config", "config.yaml", "--json").stdout)
    assert answer["configuration"].startswith("# Made by")
    assert any("cleanup_interval" in said for said in answer["left_out"])
    assert any("spoa.port" in said for said in answer["problems"])


def test_a_path_of_nobodys_is_refused(run: Run, write: Write) -> None:
    """Exit status 2."""
    write("some.ini", "")
    assert run("import-config", "some.ini").exit_code != 0
    assert run("import-config", "nowhere").exit_code == 2
