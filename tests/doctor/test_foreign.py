"""HAProxy may have other agents beside ours: what they are asked is nobody's business here."""

from pathlib import Path

from tests.doctor.sites import AGENT, DENY, FILTER, GOOD_CFG, GOOD_SPOE, SPOE, edit
from webfail2ban.doctor.asking import ask_all
from webfail2ban.doctor.catalogue import examine
from webfail2ban.doctor.loading import load_site
from webfail2ban.doctor.site import Own

FIREWALL = """\
[firewall]
spoe-agent firewall-agent
    messages check-request
    option var-prefix waf
    option set-on-error error
    timeout hello 2s
    timeout idle 2m
    timeout processing 500ms
    use-backend firewall
spoe-message check-request
    args id=unique-id method=method path=path headers=req.hdrs
    event on-frontend-http-request
"""

RULES = """\
    filter spoe engine firewall config /etc/haproxy/firewall.conf
    http-request deny if { var(txn.waf.action) -m str deny }
    http-request deny if { var(txn.waf.error) -m int gt 0 }
"""

BACKEND = """\
backend firewall
    mode tcp
    server waf 127.0.0.1:9000
"""


def test_another_agent_is_left_alone(tmp_path: Path) -> None:
    """Its times, its messages and its variables are its own; and nobody asks it about clients."""
    cfg = edit(
        GOOD_CFG, ((FILTER, FILTER + RULES), ("frontend web\n", f"{BACKEND}\nfrontend web\n"))
    )
    (tmp_path / "haproxy.cfg").write_text(cfg, "utf-8")
    (tmp_path / Path(SPOE).name).write_text(GOOD_SPOE, "utf-8")
    (tmp_path / "firewall.conf").write_text(FIREWALL, "utf-8")
    site = load_site([tmp_path / "haproxy.cfg"], (2, 8), {}, own=Own(file="x"), here=False)
    assert [engine.name for engine in site.foreign] == ["firewall"]
    assert examine(site) == ()
    asked = [found for found in ask_all(site) if isinstance(found, tuple)]
    assert all(server.name == "agent1" for server, _ in asked)


def test_an_agent_at_our_port_is_ours(tmp_path: Path) -> None:
    """Even if rules read nothing but what a plugin tells."""
    rule = DENY.replace("banned) -m int eq 1", "country) -m str XX")
    cfg = edit(GOOD_CFG, ((DENY, rule), ("{ var(txn.wf2b.banned)", "{ var(txn.wf2b.asn)")))
    (tmp_path / "haproxy.cfg").write_text(cfg, "utf-8")
    (tmp_path / Path(SPOE).name).write_text(GOOD_SPOE, "utf-8")
    site = load_site([tmp_path / "haproxy.cfg"], (2, 8), {}, own=Own(), here=False)
    assert not site.foreign
    moved = cfg.replace(AGENT, AGENT.replace("12345", "9000"))
    (tmp_path / "haproxy.cfg").write_text(moved, "utf-8")
    site = load_site([tmp_path / "haproxy.cfg"], (2, 8), {}, own=Own(), here=False)
    assert not site.engines
