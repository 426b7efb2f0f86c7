"""The agents' backend, and the way to it."""

from tests.doctor.sites import AGENT, Case
from webfail2ban.doctor.site import Own

SECOND = AGENT.replace("agent1", "agent2").replace("12345", "12346")
TLS = " ssl verify required ca-file /etc/haproxy/ca.pem verifyhost agent.example"
CHROOT = ("global\n", "global\n    chroot /var/lib/haproxy\n")

#: A second backend, which nobody asks.
SPARE = f"""\
backend webfail2ban-spare
    mode tcp
    option spop-check
    timeout server 3m
{SECOND.rstrip()} backup

frontend web
"""


def at(line: str) -> tuple[tuple[str, str], ...]:
    return ((AGENT, f"    {line}\n"),)


def unix(path: str) -> tuple[tuple[str, str], ...]:
    return (CHROOT, (AGENT, AGENT.replace("127.0.0.1:12345", f"unix@{path}")))


OWN_SOCKET = Own(file="config.yaml", address="/var/lib/haproxy/webfail2ban/spoa.sock")

SHOWN = (
    Case("agent-mode", cfg=(("mode tcp", "mode spop"),), line="mode spop", mends=True),
    Case("agent-mode", cfg=(("mode tcp", "mode http"),), line="mode http", mends=True),
    Case("agent-mode-old", line="mode tcp", version=(3, 1), mends=True),
    Case("agent-mode-old", version=(3, 5), line="mode tcp"),
    Case(
        "agent-unchecked",
        cfg=at("server agent1 127.0.0.1:12345"),
        line="server agent1 127.0.0.1:12345",
        mends=True,
    ),
    Case(
        "agent-unchecked",
        cfg=at("server agent1 127.0.0.1:12345  # our own"),
        line="server agent1 127.0.0.1:12345  # our own",
        mends=True,
    ),
    Case(
        "agent-check-plain",
        cfg=(("    option spop-check\n", ""),),
        line="backend webfail2ban-agents",
        remedy="option spop-check",
    ),
    Case(
        "agent-server-timeout",
        cfg=(("timeout server 3m", "timeout server 20s"),),
        line="timeout server 20s",
        mends=True,
    ),
    Case("agent-not-backup", cfg=((AGENT, AGENT + SECOND),), line=SECOND.strip(), mends=True),
    Case(
        "backend-unused",
        cfg=(("frontend web\n", SPARE),),
        line="backend webfail2ban-spare",
        remedy=f"{SECOND.strip()} backup",
    ),
    Case(
        "backend-unused",
        cfg=(("    default_backend web-servers\n", ""),),
        line="backend web-servers",
        remedy="use_backend web-servers",
    ),
    Case(
        "backend-missing",
        cfg=(("default_backend web-servers", "default_backend web-server"),),
        line="default_backend web-server",
        remedy="backend web-server",
        besides=frozenset({"backend-unused"}),
    ),
    Case(
        "agent-cleartext",
        cfg=at("server agent1 8.8.8.9:12345 check"),
        line="server agent1 8.8.8.9:12345 check",
        remedy="ssl verify required",
    ),
    Case(
        "agent-cleartext",
        cfg=at("server agent1 agent.example.org:12345 check"),
        line="server agent1 agent.example.org:12345 check",
    ),
    Case(
        "agent-tls-unverified",
        cfg=at("server agent1 192.0.2.9:12345 ssl verify none check"),
        line="server agent1 192.0.2.9:12345 ssl verify none check",
        own=Own(file="config.yaml", tls=True),
        remedy="verify required",
        files=("/etc/haproxy/agent-ca.pem",),
        mends=True,
    ),
    Case(
        "agent-tls",
        own=Own(file="config.yaml", tls=True),
        line=AGENT.strip(),
        remedy="ssl verify required",
        files=("/etc/haproxy/agent-ca.pem",),
        mends=True,
    ),
    Case(
        "agent-tls",
        cfg=at("server agent1 192.0.2.9:12345 check" + TLS),
        line="server agent1 192.0.2.9:12345 check" + TLS,
        remedy="tls: {certificate:",
        files=("/etc/haproxy/ca.pem",),
    ),
    Case(
        "agent-elsewhere",
        own=Own(file="config.yaml", port=12399),
        line=AGENT.strip(),
        remedy="127.0.0.1:12399",
        mends=True,
    ),
    Case(
        "unix-chroot",
        cfg=unix("/var/lib/haproxy/webfail2ban/spoa.sock"),
        own=OWN_SOCKET,
        line=AGENT.replace(
            "127.0.0.1:12345", "unix@/var/lib/haproxy/webfail2ban/spoa.sock"
        ).strip(),
        remedy="unix@/webfail2ban/spoa.sock",
        files=("/var/lib/haproxy/",),
    ),
    Case(
        "unix-chroot",
        cfg=unix("/run/webfail2ban/spoa.sock"),
        own=Own(file="config.yaml", address="/run/webfail2ban/spoa.sock"),
        line=AGENT.replace("127.0.0.1:12345", "unix@/run/webfail2ban/spoa.sock").strip(),
        remedy="address: /var/lib/haproxy/webfail2ban/spoa.sock",
        files=("/var/lib/haproxy/",),
    ),
    # It is there, outside of the chroot.
    Case(
        "unix-chroot",
        cfg=unix("/run/agent.sock"),
        own=Own(),
        line=AGENT.replace("127.0.0.1:12345", "unix@/run/agent.sock").strip(),
        files=("/run/agent.sock",),
    ),
    Case(
        "unix-forbidden",
        cfg=(
            ("global\n", "global\n    user nobody\n    chroot /var/lib/haproxy\n"),
            *unix("/webfail2ban/spoa.sock")[1:],
        ),
        own=OWN_SOCKET,
        line=AGENT.replace("127.0.0.1:12345", "unix@/webfail2ban/spoa.sock").strip(),
        remedy="group: root",
        files=("/var/lib/haproxy/webfail2ban/spoa.sock",),
    ),
    Case(
        "log-chroot",
        cfg=(CHROOT, ("log 127.0.0.1:514", "log /dev/log")),
        line="log /dev/log local0",
        remedy="/var/lib/haproxy/dev/log",
        files=("/var/lib/haproxy/",),
    ),
)

FINE = (
    Case("agent-mode", cfg=(("mode tcp", "mode spop"),), version=(3, 1)),
    Case(
        "agent-mode-old",
        cfg=(
            (
                "    mode tcp\n",
                ".if version_atleast(3.1)\n    mode spop\n.else\n    mode tcp\n.endif\n",
            ),
        ),
        version=(3, 2, 4),
    ),
    Case("agent-not-backup", cfg=((AGENT, AGENT + SECOND.rstrip() + " backup\n"),)),
    Case("agent-cleartext", cfg=at("server agent1 webfail2ban:12345 check")),
    Case("agent-cleartext", cfg=at("server agent1 192.0.2.9:12345 check")),
    Case(
        "agent-unchecked",
        cfg=((AGENT, "    default-server check\n    server a 127.0.0.1:12345\n"),),
    ),
    Case(
        "agent-cleartext",
        cfg=at("server agent1 192.0.2.9:12345 check" + TLS),
        own=Own(file="config.yaml", tls=True),
        files=("/etc/haproxy/ca.pem",),
    ),
    Case("unix-chroot", cfg=unix("/webfail2ban/spoa.sock"), own=OWN_SOCKET),
    Case(
        "log-chroot",
        cfg=(CHROOT, ("log 127.0.0.1:514", "log /dev/log")),
        files=("/var/lib/haproxy/dev/log",),
    ),
    # Which one is used is told while it runs.
    Case(
        "backend-unused",
        cfg=(("    default_backend web-servers\n", "    use_backend %[req.hdr(host)]\n"),),
    ),
)
