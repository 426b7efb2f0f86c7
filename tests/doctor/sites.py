"""A small site in which nothing is wrong, and ways of breaking it."""

from dataclasses import dataclass, field
from pathlib import Path

from webfail2ban.doctor.catalogue import examine
from webfail2ban.doctor.conditions import Setting, Version
from webfail2ban.doctor.finding import Finding
from webfail2ban.doctor.machine import Machine
from webfail2ban.doctor.reading import read_lines, read_sections
from webfail2ban.doctor.site import Own, Site, put_together

#: One replacement in a text: what stands there, and what is to stand there.
Edit = tuple[str, str]

CFG = "/etc/haproxy/haproxy.cfg"
SPOE = "/etc/haproxy/webfail2ban.spoe.conf"

GOOD_CFG = """\
global
    log 127.0.0.1:514 local0
    stats socket /run/haproxy/admin.sock mode 660 level admin

defaults
    log global
    timeout connect 5s
    timeout client 1m
    timeout server 1m

backend webfail2ban-agents
    mode tcp
    option spop-check
    timeout connect 1s
    timeout server 3m
    timeout check 1s
    server agent1 127.0.0.1:12345 check inter 2s fall 2 rise 1

frontend web
    mode http
    bind :80
    option forwardfor
    filter spoe engine webfail2ban config /etc/haproxy/webfail2ban.spoe.conf
    http-request deny deny_status 403 if { var(txn.wf2b.banned) -m int eq 1 }
    default_backend web-servers

backend web-servers
    mode http
    server web1 127.0.0.1:8080 check

frontend imap
    mode tcp
    bind :143
    filter spoe engine webfail2ban config /etc/haproxy/webfail2ban.spoe.conf
    tcp-request content reject if { var(txn.wf2b.banned) -m int eq 1 }
    default_backend imap-servers

backend imap-servers
    mode tcp
    server dovecot1 127.0.0.1:10143 check send-proxy-v2
"""

GOOD_SPOE = """\
[webfail2ban]

spoe-agent webfail2ban-agent
    messages check-ip
    option var-prefix wf2b
    option set-on-error error
    timeout hello 500ms
    timeout idle 20s
    timeout processing 50ms
    use-backend webfail2ban-agents
    log global

spoe-message check-ip
    args ip=src
    event on-client-session
"""

#: Lines of the good site that cases break.
FILTER = "    filter spoe engine webfail2ban config /etc/haproxy/webfail2ban.spoe.conf\n"
DENY = "    http-request deny deny_status 403 if { var(txn.wf2b.banned) -m int eq 1 }\n"
REJECT = "    tcp-request content reject if { var(txn.wf2b.banned) -m int eq 1 }\n"
AGENT = "    server agent1 127.0.0.1:12345 check inter 2s fall 2 rise 1\n"

USUAL_OWN = Own(file="config.yaml")


@dataclass(frozen=True, slots=True)
class Case:
    """A broken site.

    Attributes:
        kind: The kind of finding that it shows.
        cfg: Edits of haproxy.cfg.
        spoe: Edits of the SPOE file.
        line: The line that is found, without the space around it; empty for none.
        remedy: What the remedy says somewhere.
        besides: Further kinds that can't but be found.
        mends: Whether the remedy's lines may be written in the place of the line, and then all is
            well again.
        version: HAProxy's.
        own: Our own configuration.
        files: Files and, with a slash at the end, directories that the machine has besides.
    """

    kind: str
    cfg: tuple[Edit, ...] = ()
    spoe: tuple[Edit, ...] = ()
    line: str = ""
    remedy: str = ""
    besides: frozenset[str] = frozenset()
    mends: bool = False
    version: Version = (2, 8)
    own: Own = field(default=USUAL_OWN)
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name it in the list of tests."""
        return self.kind


def edit(text: str, edits: tuple[Edit, ...]) -> str:
    """Replace what is to be replaced; all of it must be there."""
    for old, new in edits:
        assert old in text, f"there is no {old!r}"
        text = text.replace(old, new, 1)
    return text


def make_site(root: Path, case: Case, cfg: str = "", spoe: str = "") -> Site:
    """Put a site's files below a directory, and read them."""
    for name in ("/run/haproxy/", *case.files):
        path = root / name.strip("/")
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    written = root / SPOE.strip("/")
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(spoe or edit(GOOD_SPOE, case.spoe), "utf-8")
    setting = Setting(case.version, {})
    lines = read_lines(cfg or edit(GOOD_CFG, case.cfg), CFG, setting)
    return put_together(read_sections(lines), setting, own=case.own, machine=Machine(root=root))


def find_all(root: Path, case: Case) -> tuple[Finding, ...]:
    """Return all that is found in a site."""
    return examine(make_site(root, case))
