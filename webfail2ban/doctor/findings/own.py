"""Our own configuration: what it has wrong, and what it opens to the world."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from webfail2ban.doctor.finding import Finding, error, hint, warning
from webfail2ban.doctor.site import Site

WRONG = error("config-wrong", "`webfail2ban check-config` finds an error in our configuration.")
DOUBTFUL = warning("config-doubtful", "`webfail2ban check-config` gives a warning.")
SYSLOG = error(
    "syslog-open",
    "Syslog is taken from anybody (`syslog.allow`): anyone can have anyone banned.",
)
AGENT = hint(
    "agent-open",
    "The agent listens on all of the machine's addresses (`spoa.address`) without TLS that asks "
    "for a certificate; SPOP has no password.",
)

KINDS = (WRONG, DOUBTFUL, SYSLOG, AGENT)

#: A network with fewer bits is nobody's own.
WIDE = {4: 8, 6: 16}


def find(site: Site) -> Iterator[Finding]:
    """Find what our configuration opens to the world."""
    own = site.own
    if own.syslog and not _is_loopback(own.syslog):
        for sender in own.senders:
            network = ip_network(sender, strict=False)
            if network.prefixlen < WIDE[network.version]:
                yield SYSLOG.about_file(
                    own.file,
                    f"syslog on {own.syslog} takes lines from {sender}: anyone can have anyone "
                    "banned",
                    "syslog:\n  allow: [192.0.2.25]   # your mail servers, each by its address",
                )
    if own.file and own.address in {"0.0.0.0", "::"} and not own.tls:  # noqa: S104 - looked for
        yield AGENT.about_file(
            own.file,
            f"whoever reaches port {own.port} may ask about anybody; SPOP has no password",
            "spoa:\n  address: 127.0.0.1   # or the address of a network shared with HAProxy alone",
        )


def _is_loopback(endpoint: str) -> bool:
    host = endpoint.rpartition(":")[0].strip("[]")
    return ip_address(host).is_loopback
