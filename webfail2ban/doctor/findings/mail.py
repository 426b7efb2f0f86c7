"""Backends that don't hear who the client is."""

from collections.abc import Iterator

from webfail2ban.doctor.finding import Finding, warning
from webfail2ban.doctor.reading import Section
from webfail2ban.doctor.servers import Server, read_servers
from webfail2ban.doctor.site import EXITS, Site

NO_PROXY = warning(
    "mail-without-proxy",
    "A mail server doesn't get the PROXY protocol: it logs HAProxy's address, and the jail bans "
    "the load balancer.",
)

KINDS = (NO_PROXY,)

#: The ports of SMTP, IMAP, POP3 and ManageSieve.
PORTS = frozenset({25, 110, 143, 465, 587, 993, 995, 2525, 4190})

#: What mail servers and their backends are called.
NAMES = ("imap", "smtp", "pop3", "postfix", "dovecot", "exim", "mail", "submission", "sieve", "mta")

#: Ways of telling the server who the client is.
TELLING = ("send-proxy", "send-proxy-v2", "send-proxy-v2-ssl", "send-proxy-v2-ssl-cn")


def find(site: Site) -> Iterator[Finding]:
    """Find mail servers that don't hear who the client is."""
    agents = [backend for backend, _ in site.agents]
    for section in site.of(*EXITS):
        if section.mode != "tcp" or section in agents or section.has_option("spop-check"):
            continue
        transparent = section.last("source") is not None
        for server in read_servers(section):
            if _is_mail(section, server) and not transparent and not _tells(server):
                yield NO_PROXY.at(
                    server.line,
                    f"{server.name!r} logs HAProxy's address instead of the client's, and a jail "
                    "bans HAProxy",
                    f"{server.line.text} send-proxy-v2\n# and the server has to expect it: "
                    "Dovecot `haproxy = yes`, Postfix `smtpd_upstream_proxy_protocol = haproxy`",
                )


def _is_mail(section: Section, server: Server) -> bool:
    names = f"{section.name} {server.name}".lower()
    return server.port in PORTS or any(name in names for name in NAMES)


def _tells(server: Server) -> bool:
    return bool({*server.words} & {*TELLING}) or "usesrc" in server.words
