"""Configurations of the kind that guides for SPOE show, with the mistakes that they have."""

from pathlib import Path

from webfail2ban.doctor.catalogue import examine
from webfail2ban.doctor.conditions import Setting
from webfail2ban.doctor.machine import Machine
from webfail2ban.doctor.reading import read_lines, read_sections
from webfail2ban.doctor.site import put_together

#: Verdicts under no prefix, set-on-error with a default, redundancy by two backends, a cache.
GUIDE = """\
global
    daemon
    stats socket /run/missing/admin.sock mode 660 level admin
    log stdout local0
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
    log global
backend reputation
    mode tcp
    server agent 127.0.0.1:12345 check inter 5s
backend reputation-backup
    mode tcp
    server agent 127.0.0.1:12346 check backup
frontend web
    bind :443 ssl crt /etc/ssl/web.pem
    redirect scheme https code 301 if !{ ssl_fc }
    filter spoe engine reputation config /etc/haproxy/reputation.conf if { path_beg / }
    http-request track-sc0 src table cache
    http-request set-var(txn.cached) sc_get_gpc0(0)
    http-request deny if { var(txn.cached) eq 1 }
    http-request deny if { var(txn.banned) -m int eq 1 }
    http-request set-header X-IP-Status banned if { var(txn.banned) -m int eq 1 }
    http-request sc-set-gpc0(0) 1 if { var(txn.banned) -m int eq 1 }
    http-request accept if TRUE
    default_backend web
frontend imap
    bind :143
    mode tcp
    filter spoe engine reputation config /etc/haproxy/reputation.conf
    tcp-request content reject if { var(sess.banned) -m int eq 1 }
    default_backend imap
backend cache
    stick-table type ip size 10k expire 60s store gpc0
backend web
    server web1 127.0.0.1:8080 check
backend imap
    mode tcp
    server dovecot1 127.0.0.1:10143 check
listen stats
    bind :8404
    stats enable
    stats admin if TRUE
"""

REPUTATION = """\
[reputation]
spoe-agent reputation-agent
    messages check-ip
    option var-prefix ip
    option set-on-error banned 0
    timeout hello 5s
    timeout idle 30s
    timeout processing 5s
    use-backend reputation
spoe-message check-ip
    args src_ip=src
    event on-client-session if TRUE
"""

IN_THE_GUIDE = {
    ("haproxy.cfg", "daemon-stdout"),
    ("haproxy.cfg", "stats-socket-directory"),
    ("haproxy.cfg", "agent-check-plain"),
    ("haproxy.cfg", "backend-unused"),
    ("haproxy.cfg", "file-missing"),
    ("haproxy.cfg", "redirect-never"),
    ("haproxy.cfg", "filter-condition"),
    ("haproxy.cfg", "var-without-match"),
    ("haproxy.cfg", "spoe-prefix"),
    ("haproxy.cfg", "header-forgeable"),
    ("haproxy.cfg", "header-without-unknown"),
    ("haproxy.cfg", "cache-slides"),
    ("haproxy.cfg", "rule-unknown"),
    ("haproxy.cfg", "mail-without-proxy"),
    ("haproxy.cfg", "web-without-client"),
    ("haproxy.cfg", "stats-open"),
    ("haproxy.cfg", "stats-admin-open"),
    ("reputation.conf", "set-on-error-default"),
    ("reputation.conf", "set-on-error-verdict"),
    ("reputation.conf", "spoe-idle-timeout"),
    ("reputation.conf", "spoe-processing-timeout"),
}

#: A raw TCP port with a payload that hasn't come, counters that nobody tracks, and old keywords.
RAW = """\
global
    debug
    daemon
    log 127.0.0.1:514 local2 debug
    stats bind-process 1
    chroot /var/lib/haproxy
defaults
    timeout connect 10s
    timeout client 10s
    timeout server 1m
frontend tracker
    mode tcp
    bind 192.0.2.35:9206
    acl too_many sc_gpc0_rate(0) gt 1
    tcp-request connection track-sc0 src table rates
    tcp-request connection sc-inc-gpc0(0) if { sc_http_req_rate(1) eq 1 }
    tcp-request connection reject if too_many
    filter spoe engine ip-reputation config /etc/haproxy/iprep.conf
    default_backend tracker
backend tracker
    mode tcp
    server one 192.0.2.40:9206 check
backend rates
    stick-table type ip size 1m expire 24h store gpc0,gpc0_rate(30s)
backend iprep-servers
    mode tcp
    timeout connect 5s
    timeout server 3m
    server iprep1 127.0.0.1:12345
"""

IPREP = """\
[ip-reputation]
    spoe-agent iprep-agent
        messages check-buffer
        option var-prefix iprep
        timeout hello 2s
        timeout idle 2m
        timeout processing 10ms
        use-backend iprep-servers
        log global
    spoe-message check-buffer
        args buf=req.payload(0,0)
        event on-frontend-tcp-request if ! { src -f /etc/haproxy/whitelist.lst }
"""

IN_THE_RAW = {
    ("haproxy.cfg", "keyword-gone"),
    ("haproxy.cfg", "counter-untracked"),
    ("haproxy.cfg", "spoe-unread"),
    ("haproxy.cfg", "agent-unchecked"),
    ("iprep.conf", "spoe-idle-timeout"),
    ("iprep.conf", "spoe-argument-too-early"),
    ("iprep.conf", "file-missing"),
}


def found(root: Path, cfg: str, name: str, spoe: str) -> set[tuple[str, str]]:
    """Return the findings of two files, each with its file's name."""
    directory = root / "etc" / "haproxy"
    directory.mkdir(parents=True)
    (directory / name).write_text(spoe, "utf-8")
    setting = Setting((2, 8), {})
    sections = read_sections(read_lines(cfg, "haproxy.cfg", setting))
    site = put_together(sections, setting, machine=Machine(root=root))
    return {(Path(finding.file).name, finding.name) for finding in examine(site)}


def test_a_guide_for_http_and_mail(tmp_path: Path) -> None:
    """Everything that is wrong with it, and nothing else."""
    assert found(tmp_path, GUIDE, "reputation.conf", REPUTATION) == IN_THE_GUIDE


def test_a_raw_tcp_port(tmp_path: Path) -> None:
    """The same for what looks at payloads."""
    assert found(tmp_path, RAW, "iprep.conf", IPREP) == IN_THE_RAW


def test_the_second_backend_is_to_be_a_second_server(tmp_path: Path) -> None:
    """That is what somebody with two agents wants."""
    directory = tmp_path / "etc" / "haproxy"
    directory.mkdir(parents=True)
    (directory / "reputation.conf").write_text(REPUTATION, "utf-8")
    setting = Setting((2, 8), {})
    sections = read_sections(read_lines(GUIDE, "haproxy.cfg", setting))
    findings = examine(put_together(sections, setting, machine=Machine(root=tmp_path)))
    remedies = [finding.remedy for finding in findings if finding.name == "backend-unused"]
    assert remedies == [
        "# in backend reputation\nserver agent 127.0.0.1:12346 check backup",
    ]
