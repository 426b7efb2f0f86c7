"""HAProxy as a program: what it logs, what it loads, what it has forgotten."""

from collections.abc import Iterator

from webfail2ban.doctor.finding import Finding, error, warning
from webfail2ban.doctor.reading import Line, Section
from webfail2ban.doctor.site import Site

DAEMON = error(
    "daemon-stdout",
    "`daemon` with a log to standard output: HAProxy closes it, and nothing is logged.",
)
LUA = error(
    "lua-outside-global",
    "`lua-load` stands outside of `global`: HAProxy refuses it. For bans that several machines "
    "share, HAProxy needs no Lua.",
)
GONE = error(
    "keyword-gone",
    "A keyword that HAProxy has no more: it refuses the configuration.",
)
REFUSED = error("haproxy-refuses", "`haproxy -c` finds an error that is none of the above.")
WARNED = warning("haproxy-warns", "`haproxy -c` gives a warning that is none of the above.")

KINDS = (DAEMON, LUA, GONE, REFUSED, WARNED)

#: Where a daemon's log is lost.
STANDARD = frozenset({"stdout", "stderr", "fd@1", "fd@2"})

#: Keywords of `global` that are gone, and what takes their place.
GONE_GLOBALLY = {
    ("debug",): "# leave it out; to see what happens: haproxy -d -f haproxy.cfg",
    ("nbproc",): "# leave it out; threads are used by themselves, see nbthread",
    ("stats", "bind-process"): "# leave it out: there is one process",
    ("tune.chksize",): "# leave it out; tune.bufsize counts",
}

#: The same of proxies.
GONE_OF_PROXIES = {
    ("bind-process",): "# leave it out: there is one process",
    ("block",): "http-request deny if ...",
    ("reqadd",): "http-request add-header NAME VALUE",
    ("reqdel",): "http-request del-header NAME",
    ("reqrep",): "http-request replace-header NAME REGEX VALUE",
    ("reqirep",): "http-request replace-header NAME REGEX VALUE",
    ("reqdeny",): "http-request deny if ...",
    ("reqideny",): "http-request deny if ...",
    ("rspadd",): "http-response add-header NAME VALUE",
    ("rspdel",): "http-response del-header NAME",
    ("rspidel",): "http-response del-header NAME",
    ("rsprep",): "http-response replace-header NAME REGEX VALUE",
    ("redispatch",): "option redispatch",
    ("contimeout",): "timeout connect 5s",
    ("clitimeout",): "timeout client 1m",
    ("srvtimeout",): "timeout server 1m",
    ("appsession",): "stick-table ... and stick on ...",
    ("monitor-net",): "http-request return status 200 if { src ... }",
    ("option", "forceclose"): "option httpclose",
    ("option", "http-tunnel"): "# leave it out",
}


def find(site: Site) -> Iterator[Finding]:
    """Find what HAProxy itself doesn't do any more, or never did."""
    daemon = site.last_global("daemon")
    for section, line in site.lines():
        if daemon is not None and line.starts("log") and line.word(1) in STANDARD:
            yield DAEMON.at(
                line,
                f"a daemon's {line.word(1)} is closed: nothing is logged (daemon: line "
                f"{daemon.number})",
                "log 127.0.0.1:514 local0\n# or leave `daemon` out, as under systemd or in a "
                "container",
            )
        if line.words[0] in {"lua-load", "lua-load-per-thread"} and section.kind != "global":
            yield LUA.at(line, f"{line.words[0]} belongs into global", f"global\n    {line.text}")
        yield from _find_gone(section, line)


def _find_gone(section: Section, line: Line) -> Iterator[Finding]:
    known = GONE_GLOBALLY if section.kind == "global" else GONE_OF_PROXIES
    for words, remedy in known.items():
        if line.starts(*words):
            yield GONE.at(line, f"HAProxy has no {' '.join(words)!r} any more", remedy)
