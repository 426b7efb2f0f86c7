from pathlib import Path

import pytest
import yaml

from tests.doctor.sites import AGENT, GOOD_CFG, Case, make_site
from webfail2ban.doctor.compose import KINDS, find
from webfail2ban.doctor.finding import Finding

COMPOSE = """\
services:
  webfail2ban:
    image: webfail2ban
    ports: {ports}
  proxy:
    image: docker.io/library/haproxy:2.8
    {network}
"""


def look(
    root: Path, *, ports: str = "[]", network: str = "ports: ['80:80']", agent: str = "webfail2ban"
) -> list[Finding]:
    path = root / "compose.yaml"
    path.write_text(COMPOSE.format(ports=ports, network=network), "utf-8")
    cfg = GOOD_CFG.replace(AGENT, AGENT.replace("127.0.0.1", agent))
    return list(find(make_site(root, Case("none"), cfg), path))


def test_a_good_compose_file_has_no_finding(tmp_path: Path) -> None:
    """The agent is named by its service, and nothing of it is published."""
    assert look(tmp_path) == []


@pytest.mark.parametrize(
    "ports",
    [
        '["514:514/udp"]',
        '["0.0.0.0:514:5514/udp"]',
        "[{target: 5514, published: 514, protocol: udp}]",
    ],
)
def test_syslog_for_the_world_is_found(tmp_path: Path, ports: str) -> None:
    """In either way of writing it, at its line."""
    (finding,) = look(tmp_path, ports=ports)
    assert (finding.name, finding.line) == ("compose-syslog-open", 4)


def test_spop_for_the_world_is_found(tmp_path: Path) -> None:
    """HAProxy needs no published port."""
    (finding,) = look(tmp_path, ports='["12345:12345"]')
    assert (finding.name, finding.line) == ("compose-spop-open", 4)


@pytest.mark.parametrize(
    "ports",
    [
        '["127.0.0.1:514:514/udp"]',
        '["514/udp"]',
        '["8080:8080"]',
        "[{target: 514, published: 514, host_ip: '::1'}]",
    ],
)
def test_what_others_do_not_reach_is_fine(tmp_path: Path, ports: str) -> None:
    """Published on this machine alone, or not at all."""
    assert look(tmp_path, ports=ports) == []


def test_the_loopback_of_a_container_is_found(tmp_path: Path) -> None:
    """With the line for HAProxy, which names the service."""
    (finding,) = look(tmp_path, agent="127.0.0.1")
    assert finding.name == "compose-loopback"
    assert "server agent1 webfail2ban:12345 check" in finding.remedy


def test_on_the_hosts_network_the_loopback_is_right(tmp_path: Path) -> None:
    """Then it is the machine's."""
    assert look(tmp_path, agent="127.0.0.1", network="network_mode: host") == []


@pytest.mark.parametrize("ports", ["[", "'", "[" * 5000])
def test_what_is_no_yaml_is_told(tmp_path: Path, ports: str) -> None:
    """Also what is nested so deep that nobody could read it."""
    with pytest.raises(yaml.YAMLError):
        look(tmp_path, ports=ports)


def test_every_kind_is_shown_here() -> None:
    """There are three."""
    assert {kind.name for kind in KINDS} == {
        "compose-loopback",
        "compose-syslog-open",
        "compose-spop-open",
    }
