"""Backends that don't hear who the client is."""

from collections.abc import Iterator

from webfail2ban.doctor.finding import Finding, hint, warning
from webfail2ban.doctor.reading import Section
from webfail2ban.doctor.servers import Server, read_servers
from webfail2ban.doctor.site import EXITS, Site

NO_PROXY = warning(
    "mail-without-proxy",
    "A mail server doesn't get the PROXY protocol: it logs HAProxy's address, and the jail bans "
    "the load balancer.",
)

NO_HEADER = hint(
    "web-without-client",
    "A web server hears of the client neither by a header nor by the PROXY protocol: it logs "
    "HAProxy's address.",
)

KINDS = (NO_PROXY, NO_HEADER)

#: The ports of SMTP, IMAP, POP3 and ManageSieve.
PORTS = frozenset({25, 110, 143, 465, 587, 993, 995, 2525, 4190})

#: What mail servers and their backends are called.
NAMES = ("imap", "smtp", "pop3", "postfix", "dovecot", "exim", "mail", "submission", "sieve", "mta")

#: Rules that say which backend is next.
BACKEND_RULES = frozenset({"default_backend", "use_backend"})

#: Headers that tell a web server who the client is.
HEADERS = frozenset({"x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip"})

#: Ways of telling the server who the client is.
TELLING = ("send-proxy", "send-proxy-v2", "send-proxy-v2-ssl", "send-proxy-v2-ssl-cn")


def find(site: Site) -> Iterator[Finding]:
    """Find servers that don't hear who the client is."""
    yield from _find_mail(site)
    for section in site.entries:
        if section.mode == "http" and site.engines_of(section) and not _names_client(section):
            yield from _find_web(site, section)


def _find_mail(site: Site) -> Iterator[Finding]:
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


def _find_web(site: Site, section: Section) -> Iterator[Finding]:
    named = {line.word(1) for line in section.lines if line.words[0] in BACKEND_RULES}
    for backend in (section, *site.of(*EXITS)):
        if backend is not section and (backend.name not in named or _names_client(backend)):
            continue
        for server in read_servers(backend):
            if not _tells(server):
                yield NO_HEADER.at(
                    server.line,
                    f"{server.name!r} logs HAProxy's address instead of the client's",
                    f"# in {section}\nhttp-request set-header X-Forwarded-For %[src]\n"
                    "# and the server has to take the client's address from there, from HAProxy "
                    "alone",
                )
                return


def _names_client(section: Section) -> bool:
    """Tell whether a header names the client."""
    return (
        section.has_option("forwardfor")
        or section.has_option("forwarded")
        or any(
            line.word(1) in {"set-header", "add-header"} and line.word(2).lower() in HEADERS
            for line in (*section.inherited, *section.lines)
            if line.starts("http-request")
        )
    )


def _is_mail(section: Section, server: Server) -> bool:
    names = f"{section.name} {server.name}".lower()
    return server.port in PORTS or any(name in names for name in NAMES)


def _tells(server: Server) -> bool:
    return bool({*server.words} & {*TELLING}) or "usesrc" in server.words
