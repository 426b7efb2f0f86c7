"""Clients behind another proxy: ``X-Forwarded-For``, ``set-src``, and binds without an address."""

import re
from collections.abc import Iterator

from webfail2ban.doctor.finding import Finding, error, hint, warning
from webfail2ban.doctor.reading import Line, Section
from webfail2ban.doctor.servers import listens_beyond
from webfail2ban.doctor.site import Engine, Site
from webfail2ban.doctor.variables import find_condition, read_acls, spell_out

LATE = error(
    "set-src-late",
    "`http-request set-src` comes after the event of the message that asks about `src`: the "
    "verdict is that of the proxy in front.",
)
ANYBODY = error(
    "forwarded-from-anybody",
    "The client's address is taken from a header, whoever sends it: anybody chooses whom he is "
    "taken for.",
)
FIRST = error(
    "forwarded-first",
    "The first address of `X-Forwarded-For` is asked about, which clients write themselves. The "
    "last one is that of the proxy in front.",
)
NO_ADDRESS = warning(
    "bind-without-address",
    "A frontend that asks about `src` listens on a unix socket: its clients have no address unless "
    "`accept-proxy` brings it.",
)

PROXY = hint(
    "accept-proxy-from-anybody",
    "A public `bind` has `accept-proxy`: whoever reaches it chooses whom he is taken for.",
)

KINDS = (LATE, ANYBODY, FIRST, NO_ADDRESS, PROXY)

#: Headers that name a client.
HEADER = re.compile(
    r"\bhdr(?:_ip)?\(\s*(?:x-forwarded-for|x-real-ip|forwarded|cf-connecting-ip|true-client-ip)"
    r"\s*(?:,\s*(-?\d{1,9}))?",
    re.IGNORECASE,
)

#: What tells who is connected.
PEER = re.compile(r"(?:^|!|[{\s,])src(?:,|\s|$)|\bssl_c_|\bfc_src\b")


def find(site: Site) -> Iterator[Finding]:
    """Find addresses of clients that come too late, or from the wrong people."""
    for section in site.entries:
        engines = site.engines_of(section)
        for line in section.all("http-request", "set-src"):
            for engine in engines:
                yield from _find_late(section, engine, line)
            if engines and HEADER.search(" ".join(line.words)):
                yield from _find_untrusted(section, line)
        for engine in engines:
            yield from _find_forged(section, engine)
        if any(_asks_about_peer(engine) for engine in engines):
            yield from _find_unix(section)
            yield from _find_proxied(section)


def _asks_about_peer(engine: Engine) -> bool:
    messages = engine.scope.sent_on_events if engine.scope else ()
    return any(
        expression == "src" or expression.startswith("src,")
        for message in messages
        if message.event != "on-http-response"
        for _, _, expression in message.arguments
    )


def _find_late(section: Section, engine: Engine, line: Line) -> Iterator[Finding]:
    asked_again = any(
        other.after("send-spoe-group") == engine.name
        for other in section.all("http-request", "send-spoe-group")
    )
    if asked_again or not _asks_about_peer(engine):
        return
    event = engine.scope.sent_on_events[0].event if engine.scope else ""
    yield LATE.at(
        line,
        f"{section} asks on {event}, before its rules: the verdict is that of the proxy in front",
        "# in the SPOE file: the message without event, `groups ask` in the agent, and\n"
        "spoe-group ask\n    messages check-ip\n# behind set-src\n"
        f"http-request send-spoe-group {engine.name} ask",
    )


def _is_limited(words: tuple[str, ...]) -> bool:
    """Tell whether a condition looks at who is connected."""
    return bool(PEER.search(" ".join(words)))


def _find_untrusted(section: Section, line: Line) -> Iterator[Finding]:
    acls = read_acls(section)
    condition = spell_out(line, acls)[len(line.words) :] + find_condition(line)
    if not _is_limited(condition) and not _refuses_strangers(section):
        yield ANYBODY.at(
            line,
            "anybody may send the header, and is then taken for whom he names",
            f"{line.text.partition(' if ')[0]} if {{ src -f /etc/haproxy/proxies.lst }}",
        )
    found = HEADER.search(" ".join(line.words))
    if found is not None and found[1] is not None and int(found[1]) > 0:
        yield FIRST.at(
            line,
            "clients write the first addresses of the header themselves; the last is the proxy's",
            line.text.replace(found[0], found[0].replace(f",{found[1]}", ",-1")),
        )


def _refuses_strangers(section: Section) -> bool:
    """Tell whether a rule lets nobody but the proxies in."""
    acls = read_acls(section)
    for line in section.lines:
        refusing = line.words[0] in {"tcp-request", "http-request"} and {*line.words[1:4]} & {
            "reject",
            "deny",
            "silent-drop",
        }
        words = find_condition(line)
        spelt = spell_out(line, acls)[len(line.words) :] + words
        negated = "unless" in line.words or any(word.startswith("!") for word in words)
        if refusing and negated and PEER.search(" ".join(spelt)):
            return True
    return False


def _find_forged(section: Section, engine: Engine) -> Iterator[Finding]:
    for message in engine.scope.sent if engine.scope else ():
        for line, name, expression in message.arguments:
            found = HEADER.search(expression)
            if found is None:
                continue
            if found[1] is not None and int(found[1]) > 0:
                yield FIRST.at(
                    line,
                    "clients write the first addresses of the header themselves; the last is the "
                    "proxy's",
                    f"args {name}=req.hdr_ip(x-forwarded-for,-1)",
                )
            if not _is_limited(message.condition) and not _refuses_strangers(section):
                yield ANYBODY.at(
                    line,
                    f"{section} asks about whomever the header names, and anybody may send one",
                    f"# in {section}\n"
                    "http-request deny unless { src -f /etc/haproxy/proxies.lst }",
                )


def _find_proxied(section: Section) -> Iterator[Finding]:
    for line in section.all("bind"):
        if "accept-proxy" in line.words and listens_beyond(line.word(1)):
            plain = " ".join(word for word in line.words if word != "accept-proxy")
            yield PROXY.at(
                line,
                f"whoever reaches {line.word(1)} may say that he is somebody else; a firewall has "
                "to let the proxies in front in alone, or HAProxy believes them alone",
                f"{plain}\n"
                "tcp-request connection expect-proxy layer4 if { src -f /etc/haproxy/proxies.lst }",
            )


def _find_unix(section: Section) -> Iterator[Finding]:
    for line in section.all("bind"):
        unix = line.word(1).startswith(("/", "unix@", "uxst@", "abns@"))
        if unix and not {"accept-proxy", "accept-netscaler-cip"} & {*line.words}:
            yield NO_ADDRESS.at(
                line,
                f"clients of {line.word(1)} have no address, so there is no verdict on them",
                f"{line.text} accept-proxy",
            )
