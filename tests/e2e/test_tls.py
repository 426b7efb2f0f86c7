"""HAProxy asks over TLS: who is let in, who isn't, and what happens when certificates change."""

import re
from pathlib import Path

import pytest
import trustme

from tests.e2e import shipped
from tests.e2e.agent import Agent
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.probe import Probe, head
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until
from tests.tls.certificates import EXPIRED, NAME, Pki, write

#: Begins a backend whose servers can't be, with the shipped one's check.
STRANGERS = """
backend strangers
    mode tcp
    option spop-check
    timeout connect 1s
    timeout server 1s
    timeout check 1s
"""


@pytest.fixture
def pki(stage: Stage) -> Pki:
    return Pki(stage.directory)


def start_agent(stage: Stage, certificate: Path, **tls: Path) -> Agent:
    """Start an agent that speaks TLS."""
    section = {name: str(path) for name, path in {"certificate": certificate, **tls}.items()}
    spoa = {"address": LOOPBACK, "port": free_port(), "tls": section}
    return stage.start_agent(spoa=spoa, log={"level": "debug"})


def trusting(ca: Path, crt: Path | None = None, name: str = NAME) -> str:
    """Return what stands behind the address in HAProxy's line."""
    shown = f" crt {crt}" if crt else ""
    return f" ssl verify required ca-file {ca} verifyhost {name}{shown}"


def complaints(agent: Agent) -> set[str]:
    """Return what the agent said of handshakes that failed."""
    return set(re.findall(r"TLS with 127\.0\.0\.1 failed: (.*)", agent.process.said))


def test_verdicts_come_over_tls(stage: Stage, pki: Pki) -> None:
    """As they do without; HAProxy's check finds the agent up."""
    agent = start_agent(stage, pki.agent())
    agent.where += trusting(pki.ca_file)
    probe = Probe(stage, agent)
    probe.wait_for_agent("UP")
    probe.ban("192.0.2.10")
    assert probe.get("192.0.2.11").headers["x-banned"] == "0"
    assert agent.stop() == 0
    assert not complaints(agent)
    assert "Traceback" not in agent.process.said


def test_haproxy_shows_a_certificate_where_one_is_demanded(stage: Stage, pki: Pki) -> None:
    """With `crt` in its line."""
    agent = start_agent(stage, pki.agent(), client_ca=pki.client_ca_file)
    agent.where += trusting(pki.ca_file, pki.client())
    probe = Probe(stage, agent)
    probe.wait_for_agent("UP")
    probe.ban("192.0.2.20")
    assert not complaints(agent)


def test_strangers_are_refused_and_others_go_on(stage: Stage, pki: Pki, binary: Path) -> None:
    """HAProxy finds the agent down in each wrong way, while it answers in the right one."""
    agent = start_agent(stage, pki.agent(), client_ca=pki.client_ca_file)
    other_ca = trustme.CA()
    other_file = write(stage.directory / "other-ca.pem", other_ca.cert_pem)
    ca, crt = pki.ca_file, pki.client()
    wrong = {
        "plain": "",
        "authority": trusting(other_file, crt),
        "name": trusting(ca, crt, name="other.example"),
        "nobody": trusting(ca),
        "other": trusting(ca, pki.client("other.pem", ca=other_ca)),
        "expired": trusting(ca, pki.client("expired.pem", not_after=EXPIRED)),
    }
    lines = [
        f"    server {name} {agent.where}{options} check inter 100ms fall 2 rise 1\n"
        for name, options in wrong.items()
    ]
    agent.where += trusting(ca, crt)
    probe = Probe(stage, agent)
    with Stage(binary) as outside:
        haproxy = outside.start_haproxy(head(outside) + STRANGERS + "".join(lines))
        for name in wrong:
            haproxy.wait_for_server("strangers", name, "DOWN")
        probe.wait_for_agent("UP")
        assert probe.get("192.0.2.30").headers["x-banned"] == "0"
    assert {
        "it doesn't speak TLS",
        "it doesn't know our certificate's authority",
        "it shows no certificate",
        "its certificate is refused: unable to get local issuer certificate",
        "its certificate is refused: certificate has expired",
    } <= complaints(agent)
    assert "Traceback" not in agent.process.said


def test_a_certificate_is_renewed_without_a_restart(stage: Stage, pki: Pki) -> None:
    """With the expired one HAProxy finds the agent down, with the new one up."""
    agent = start_agent(stage, pki.agent(not_after=EXPIRED))
    where = agent.where + trusting(pki.ca_file)
    haproxy = stage.start_haproxy(head(stage) + shipped.agents_backend(where))
    haproxy.wait_for_server("webfail2ban-agents", "agent1", "DOWN")
    wait_until(lambda: complaints(agent), "it is logged")
    pki.agent()
    haproxy.wait_for_server("webfail2ban-agents", "agent1", "UP")
    agent.process.wait_for("new connections get the new one")
