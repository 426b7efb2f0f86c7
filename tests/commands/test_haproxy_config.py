"""The command that writes what HAProxy needs."""

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Run, Write
from webfail2ban.errors import WebFail2BanError

CONFIG = "spoa: {port: 12399}\ntrusted_proxies: [192.0.2.1]\n"


@pytest.fixture(autouse=True)
def config(write: Write) -> Path:
    return write("config.yaml", CONFIG)


def test_scenarios_are_listed(run: Run) -> None:
    """With what each is; for machines too."""
    assert "mail " in run("haproxy-config").stdout
    scenarios = json.loads(run("haproxy-config", "--json").stdout)
    assert {"cdn", "fail-closed", "haproxy", "mail"} <= set(scenarios)
    assert not {"demo", "compose"} & set(scenarios)


def test_files_are_printed_one_after_the_other(run: Run) -> None:
    """Each with its path."""
    ran = run("haproxy-config", "mail", "--haproxy-version", "3.2")
    assert ran.exit_code == 0, ran.output
    for name in ("webfail2ban.cfg", "webfail2ban.spoe.conf", "whitelist.lst"):
        assert f"# ---- /etc/haproxy/{name}\n" in ran.stdout
    assert "server agent1 127.0.0.1:12399 " in ran.stdout
    assert "mode spop" in ran.stdout


def test_files_are_written_where_they_are_wanted(run: Run, tmp_path: Path) -> None:
    """They name each other there, or where HAProxy will find them."""
    assert run("haproxy-config", "cdn", "-o", "out").exit_code == 0
    text = (tmp_path / "out" / "webfail2ban.cfg").read_text()
    assert f"config {tmp_path}/out/cdn.spoe.conf" in text
    assert (tmp_path / "out" / "proxies.lst").read_text().endswith("\n192.0.2.1\n")
    run("haproxy-config", "cdn", "-o", "there", "--directory", "/usr/local/etc/haproxy")
    text = (tmp_path / "there" / "webfail2ban.cfg").read_text()
    assert "config /usr/local/etc/haproxy/cdn.spoe.conf" in text


def test_what_is_there_is_only_replaced_by_force(run: Run, tmp_path: Path) -> None:
    """Lists never: they are the operator's."""
    run("haproxy-config", "cdn", "-o", "out")
    assert run("haproxy-config", "cdn", "-o", "out").exit_code == 0
    for name in ("webfail2ban.cfg", "whitelist.lst"):
        (tmp_path / "out" / name).write_text("mine")
    refused = run("haproxy-config", "cdn", "-o", "out")
    assert refused.exit_code == 2
    assert "webfail2ban.cfg: there already" in refused.output
    assert (tmp_path / "out" / "webfail2ban.cfg").read_text() == "mine"
    assert run("haproxy-config", "cdn", "-o", "out", "--force").exit_code == 0
    assert (tmp_path / "out" / "webfail2ban.cfg").read_text() != "mine"
    assert (tmp_path / "out" / "whitelist.lst").read_text() == "mine"


def test_what_is_there_may_be_anything(run: Run, tmp_path: Path) -> None:
    """It is the operator's all the same."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "webfail2ban.cfg").write_bytes(b"# \xfc\n")
    ran = run("haproxy-config", "mail", "-o", "out")
    assert (ran.exit_code, "there already; --force replaces" in ran.output) == (2, True)
    assert run("haproxy-config", "mail", "-o", "out", "--force").exit_code == 0


def test_machines_get_files_and_warnings(run: Run, write: Write) -> None:
    """What the operator has to see to is said aloud otherwise."""
    write("config.yaml", "verdict: {scope: sess}\n")
    answer = json.loads(run("haproxy-config", "tls", "--json", "--whole").stdout)
    assert "haproxy.cfg" in answer["files"]
    assert "verdict.scope" in answer["warnings"][0]
    assert "warning: " in run("haproxy-config", "tls").stderr


@pytest.mark.parametrize(
    "options",
    [
        ["nonsense"],
        ["mail", "--haproxy-version", "2.4"],
        ["mail", "--haproxy-version", "new"],
        ["mail", "--prefix", "a b"],
        ["mail", "--agent", "agent.example:12345"],
        ["mail", "--agent", "agent check\n    server evil"],
        ["mail", "--directory", "/etc/my haproxy"],
        ["mail", "--directory", "/etc/$HOME"],
    ],
)
def test_what_can_not_be_meant_is_refused(run: Run, options: list[str]) -> None:
    """Before anything is written."""
    ran = run("haproxy-config", *options, "-o", "out")
    assert ran.exit_code != 0
    assert isinstance(ran.exception, SystemExit | WebFail2BanError)
    assert not Path("out").exists()


def test_without_a_configuration_its_defaults_are_taken(run: Run, config: Path) -> None:
    """Which is said; one that is named has to be there."""
    config.unlink()
    ran = run("haproxy-config", "mail")
    assert "server agent1 127.0.0.1:12345" in ran.stdout
    assert "there is no configuration" in ran.stderr
    assert run("haproxy-config", "mail", "-c", "nowhere.yaml").exit_code != 0
