"""Other engines than the shipped one: SPOE.txt's own example, and another scope."""

from tests.e2e import shipped
from tests.e2e.backends import MailServer
from tests.e2e.clients import greeting
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.probe import head
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until

GREETING = b"* OK ready\r\n"


def test_the_reputation_of_spoes_own_example_works(stage: Stage) -> None:
    """An argument without a name goes in, sess.iprep.ip_score comes out, as the README has it."""
    agent = stage.start_agent()
    port, server = free_port(), MailServer(GREETING)
    spoe = stage.directory / "iprep.spoe.conf"
    spoe.write_text(shipped.readme_block("spoe", "var-prefix iprep"), "utf-8")
    moves = {
        "/etc/haproxy/iprep.spoe.conf": str(spoe),
        "bind :::9206 v4v6": f"bind {LOOPBACK}:{port} accept-proxy",
        "127.0.0.1:12345": agent.where,
        "127.0.0.1:10143": f"{LOOPBACK}:{stage.serve(server)}",
    }
    stage.start_haproxy(head(stage) + shipped.move(shipped.readme_block("haproxy", "iprep"), moves))
    assert greeting(port, "192.0.2.10") == GREETING
    agent.fail_logins("192.0.2.10")
    wait_until(lambda: greeting(port, "192.0.2.10") == b"", "the client is refused")
    assert greeting(port, "192.0.2.11") == GREETING


def test_variables_of_the_session_scope_refuse_in_tcp(stage: Stage) -> None:
    """With verdict.scope sess the rules of a TCP frontend read sess.wf2b.banned."""
    agent = stage.start_agent(verdict={"scope": "sess"})
    port, server = free_port(), MailServer(GREETING)
    shipped.install_spoe(stage.directory)
    stage.start_haproxy(
        f"""{head(stage)}
{shipped.agents_backend(agent.where)}
frontend imap
    mode tcp
    bind {LOOPBACK}:{port} accept-proxy
    filter spoe engine webfail2ban config {stage.directory}/webfail2ban.spoe.conf
    tcp-request content reject if {{ var(sess.wf2b.banned) -m int eq 1 }}
    default_backend imap-servers
backend imap-servers
    mode tcp
    server imap1 {LOOPBACK}:{stage.serve(server)} send-proxy-v2
"""
    )
    assert greeting(port, "192.0.2.20") == GREETING
    agent.fail_logins("192.0.2.20")
    wait_until(lambda: greeting(port, "192.0.2.20") == b"", "the client is refused")
