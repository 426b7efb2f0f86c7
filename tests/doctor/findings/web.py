"""Rules, caches, forwarded clients, headers, mail servers, statistics, files, our own settings."""

from tests.doctor.findings.spoe import BY_RULE, SEND, SEND_TCP
from tests.doctor.sites import DENY, FILTER, REJECT, Case
from webfail2ban.doctor.site import Own

BANNED = "{ var(txn.wf2b.banned) -m int eq 1 }"
SET_SRC = "    http-request set-src req.hdr_ip(x-forwarded-for,-1) if { src 192.0.2.0/28 }\n"
HEADER = "    http-request set-header X-Verdict banned if { var(txn.wf2b.banned) -m int eq 1 }\n"
UNKNOWN = "    http-request set-header X-Verdict unknown unless { var(txn.wf2b.banned) -m found }\n"
DROP = "    http-request del-header X-Verdict\n"
XFF = ("args ip=src", "args ip=req.hdr_ip(x-forwarded-for,-1)")
HTTP_EVENT = ("event on-client-session", "event on-frontend-http-request")
NO_MAIL = (FILTER + REJECT, "")
STATS = (
    "listen stats\n    mode http\n    bind {}\n    stats enable\n    stats uri /stats\n{}\n"
    "frontend web\n"
)


#: A page for Prometheus.
NUMBERS = "    http-request use-service prometheus-exporter if { path /metrics }\n"


def after_deny(text: str) -> tuple[tuple[str, str], ...]:
    return ((DENY, DENY + text),)


def stats(bind: str, further: str) -> tuple[tuple[str, str], ...]:
    return (("frontend web\n", STATS.format(bind, further)),)


SHOWN = (
    Case(
        "rule-too-early",
        cfg=((REJECT, REJECT + f"    tcp-request session reject if {BANNED}\n"),),
        line=f"tcp-request session reject if {BANNED}",
        mends=True,
    ),
    Case(
        "rule-too-early",
        cfg=(
            (
                REJECT,
                REJECT + "    acl bad var(txn.wf2b.banned) -m int eq 1\n"
                "    tcp-request connection reject if bad\n",
            ),
        ),
        line="tcp-request connection reject if bad",
        mends=True,
    ),
    Case(
        "rule-too-early",
        spoe=(HTTP_EVENT,),
        cfg=(NO_MAIL, (DENY, DENY + REJECT)),
        line=REJECT.strip(),
        mends=True,
    ),
    Case(
        "var-without-match",
        cfg=after_deny("    http-request deny if { var(txn.wf2b.score) gt 90 }\n"),
        line="http-request deny if { var(txn.wf2b.score) gt 90 }",
        mends=True,
    ),
    Case(
        "rule-unknown",
        cfg=after_deny("    http-request accept if { path /x }\n"),
        line="http-request accept if { path /x }",
        remedy="http-request allow if { path /x }",
        mends=True,
    ),
    Case(
        "rule-unknown",
        cfg=after_deny("    http-request set-var(txn.age) sub(%[var(txn.now)],%[var(txn.then)])\n"),
        line="http-request set-var(txn.age) sub(%[var(txn.now)],%[var(txn.then)])",
        remedy="date,sub(",
        besides=frozenset({"variable-unset"}),
    ),
    Case(
        "cache-slides",
        cfg=after_deny(
            "    http-request track-sc0 src table t\n"
            f"    http-request sc-set-gpt0(0) 1 if {BANNED}\n"
        ),
        line=f"http-request sc-set-gpt0(0) 1 if {BANNED}",
        remedy="sc-set-gpt(1,0) date",
    ),
    Case(
        "counter-untracked",
        cfg=after_deny(
            "    http-request track-sc0 src table t\n"
            "    http-request deny if { sc_http_req_rate(1) gt 20 }\n"
        ),
        line="http-request deny if { sc_http_req_rate(1) gt 20 }",
        mends=True,
    ),
    Case(
        "counter-untracked",
        cfg=after_deny("    http-request deny if { sc2_conn_rate gt 20 }\n"),
        line="http-request deny if { sc2_conn_rate gt 20 }",
        remedy="track-sc2",
    ),
    Case(
        "set-src-late",
        cfg=((DENY, SET_SRC + DENY),),
        line=SET_SRC.strip(),
        remedy="http-request send-spoe-group webfail2ban ask",
    ),
    Case(
        "forwarded-from-anybody",
        spoe=(XFF, HTTP_EVENT),
        cfg=(NO_MAIL,),
        line="args ip=req.hdr_ip(x-forwarded-for,-1)",
        remedy="http-request deny unless { src -f /etc/haproxy/proxies.lst }",
    ),
    Case(
        "forwarded-from-anybody",
        spoe=BY_RULE,
        cfg=(
            (DENY, SET_SRC.partition(" if ")[0] + "\n" + SEND + DENY),
            (REJECT, SEND_TCP + REJECT),
        ),
        line=SET_SRC.partition(" if ")[0].strip(),
        remedy="if { src -f /etc/haproxy/proxies.lst }",
        files=("/etc/haproxy/proxies.lst",),
        mends=True,
    ),
    Case(
        "forwarded-first",
        spoe=(
            (XFF[0], XFF[1].replace("-1", "1")),
            (HTTP_EVENT[0], HTTP_EVENT[1] + " if { src 192.0.2.0/28 }"),
        ),
        cfg=(NO_MAIL,),
        line="args ip=req.hdr_ip(x-forwarded-for,1)",
        mends=True,
    ),
    Case(
        "bind-without-address",
        cfg=(("bind :80", "bind unix@/run/haproxy/web.sock"),),
        line="bind unix@/run/haproxy/web.sock",
        mends=True,
    ),
    Case(
        "accept-proxy-from-anybody",
        cfg=(("bind :80", "bind :80 accept-proxy"),),
        line="bind :80 accept-proxy",
        remedy="expect-proxy layer4 if { src -f /etc/haproxy/proxies.lst }",
        files=("/etc/haproxy/proxies.lst",),
        mends=True,
    ),
    Case(
        "header-forgeable",
        cfg=after_deny(HEADER + UNKNOWN),
        line=HEADER.strip(),
        remedy="http-request del-header X-Verdict",
    ),
    Case(
        "header-without-unknown",
        cfg=after_deny(DROP + HEADER),
        line=HEADER.strip(),
        remedy=UNKNOWN.strip(),
    ),
    Case(
        "mail-without-proxy",
        cfg=((" send-proxy-v2", ""),),
        line="server dovecot1 127.0.0.1:10143 check",
        remedy="send-proxy-v2",
        mends=True,
    ),
    Case(
        "web-without-client",
        cfg=(("    option forwardfor\n", ""),),
        line="server web1 127.0.0.1:8080 check",
        remedy="http-request set-header X-Forwarded-For %[src]",
    ),
    Case(
        "stats-admin-open",
        cfg=stats("127.0.0.1:8404", "    stats admin if TRUE\n"),
        line="stats admin if TRUE",
        mends=True,
    ),
    Case("stats-open", cfg=stats(":8404", ""), line="stats enable", remedy="stats auth"),
    Case(
        "stats-open",
        cfg=(
            (
                "frontend web\n",
                f"frontend numbers\n    mode http\n    bind :8405\n{NUMBERS}\nfrontend web\n",
            ),
        ),
        line=NUMBERS.strip(),
        remedy="http-request deny unless { src 127.0.0.1 }",
        mends=True,
    ),
    Case(
        "stats-socket-directory",
        cfg=(("/run/haproxy/admin.sock", "/run/nowhere/admin.sock"),),
        line="stats socket /run/nowhere/admin.sock mode 660 level admin",
        remedy="mkdir -p /run/nowhere",
    ),
    Case(
        "redirect-never",
        cfg=(
            ("bind :80", "bind :443 ssl crt /etc/haproxy/web.pem"),
            (DENY, "    redirect scheme https code 301 if !{ ssl_fc }\n" + DENY),
        ),
        line="redirect scheme https code 301 if !{ ssl_fc }",
        remedy="bind :::80 v4v6",
        files=("/etc/haproxy/web.pem",),
    ),
    Case(
        "daemon-stdout",
        cfg=(("log 127.0.0.1:514 local0\n", "log stdout format raw local0\n    daemon\n"),),
        line="log stdout format raw local0",
        mends=True,
    ),
    Case(
        "lua-outside-global",
        cfg=(("frontend web\n", "    lua-load /etc/haproxy/x.lua\nfrontend web\n"),),
        line="lua-load /etc/haproxy/x.lua",
        remedy="global\n    lua-load",
        files=("/etc/haproxy/x.lua",),
    ),
    Case("keyword-gone", cfg=(("global\n", "global\n    debug\n"),), line="debug", mends=True),
    Case(
        "keyword-gone",
        cfg=(("global\n", "global\n    stats bind-process 1\n"),),
        line="stats bind-process 1",
        mends=True,
    ),
    Case(
        "keyword-gone",
        cfg=(("timeout connect 5s", "contimeout 5000"),),
        line="contimeout 5000",
        mends=True,
    ),
    Case(
        "file-missing",
        spoe=(
            ("on-client-session", "on-client-session if ! { src -f /etc/haproxy/whitelist.lst }"),
        ),
        line="event on-client-session if ! { src -f /etc/haproxy/whitelist.lst }",
        remedy="touch /etc/haproxy/whitelist.lst",
    ),
    Case(
        "file-missing",
        cfg=after_deny("    http-request set-var(txn.x) path,map_beg(/etc/haproxy/x.map,none)\n"),
        line="http-request set-var(txn.x) path,map_beg(/etc/haproxy/x.map,none)",
        remedy="put the file to /etc/haproxy/x.map",
    ),
    Case(
        "file-missing",
        cfg=(("bind :80", "bind :443 ssl crt /etc/haproxy/web.pem"),),
        line="bind :443 ssl crt /etc/haproxy/web.pem",
    ),
    Case(
        "syslog-open",
        own=Own(file="config.yaml", syslog="0.0.0.0:514", senders=("0.0.0.0/0",)),
        remedy="allow: [192.0.2.25]",
    ),
    Case("agent-open", own=Own(file="config.yaml", address="0.0.0.0"), remedy="address: 127.0.0.1"),
)

FINE = (
    Case(
        "rule-too-early",
        cfg=((REJECT, REJECT + "    tcp-request session reject if { src 192.0.2.1 }\n"),),
    ),
    Case(
        "var-without-match",
        cfg=after_deny("    http-request deny if { var(txn.wf2b.score),add(1) gt 90 }\n"),
    ),
    # It ages: the verdict's time is kept too.
    Case(
        "cache-slides",
        cfg=after_deny(
            "    http-request track-sc0 src table t\n"
            f"    http-request sc-set-gpt(0,0) int(1) if {BANNED}\n"
            f"    http-request sc-set-gpt(1,0) date if {BANNED}\n"
        ),
    ),
    Case(
        "counter-untracked",
        cfg=after_deny(
            "    http-request track-sc1 src table t\n"
            "    http-request deny if { sc_get_gpc(0,1) gt 20 } { sc1_http_req_rate gt 1 }\n"
        ),
    ),
    Case(
        "forwarded-from-anybody",
        spoe=(XFF, HTTP_EVENT),
        cfg=(
            NO_MAIL,
            (
                DENY,
                "    acl ours src 192.0.2.0/28\n    tcp-request connection reject "
                "unless ours\n" + DENY,
            ),
        ),
    ),
    # It is asked again, by a rule behind.
    Case(
        "set-src-late",
        spoe=(
            ("    messages check-ip\n", "    messages check-ip\n    groups ask\n"),
            (
                "spoe-message check-ip\n",
                "spoe-group ask\n    messages check-ip\nspoe-message check-ip\n",
            ),
        ),
        cfg=((DENY, SET_SRC + SEND + DENY),),
    ),
    Case(
        "set-src-late",
        spoe=BY_RULE,
        cfg=((DENY, SET_SRC + SEND + DENY), (REJECT, SEND_TCP + REJECT)),
    ),
    Case("accept-proxy-from-anybody", cfg=(("bind :80", "bind 127.0.0.1:80 accept-proxy"),)),
    Case("bind-without-address", cfg=(("bind :80", "bind /run/haproxy/web.sock accept-proxy"),)),
    Case("header-forgeable", cfg=after_deny(DROP + HEADER + UNKNOWN)),
    # Whatever the verdict is, the header is set.
    Case(
        "header-forgeable",
        cfg=after_deny(HEADER.replace("banned if", "ok if").replace("eq 1", "eq 0") + UNKNOWN),
    ),
    Case(
        "mail-without-proxy",
        cfg=(
            (
                "mode tcp\n    server dovecot1",
                "mode tcp\n    default-server send-proxy\n    server dovecot1",
            ),
        ),
    ),
    Case(
        "web-without-client",
        cfg=(
            ("    option forwardfor\n", ""),
            ("server web1", "option forwardfor\n    server web1"),
        ),
    ),
    Case(
        "web-without-client",
        cfg=(("    option forwardfor\n", ""), ("8080 check", "8080 check send-proxy-v2")),
    ),
    Case("stats-admin-open", cfg=stats(":8404", "    stats auth a:b\n    stats admin if TRUE\n")),
    Case("stats-open", cfg=stats("127.0.0.1:8404", "")),
    Case("stats-open", cfg=stats(":8404", "    http-request deny unless { src 192.0.2.1 }\n")),
    Case(
        "redirect-never",
        cfg=(
            ("bind :80", "bind :80\n    bind :443 ssl crt /etc/haproxy/web.pem"),
            (DENY, "    redirect scheme https code 301 if !{ ssl_fc }\n" + DENY),
        ),
        files=("/etc/haproxy/web.pem",),
    ),
    Case("daemon-stdout", cfg=(("log 127.0.0.1:514 local0\n", "log stdout format raw local0\n"),)),
    Case(
        "lua-outside-global",
        cfg=(("global\n", "global\n    lua-load /etc/haproxy/x.lua\n"),),
        files=("/etc/haproxy/x.lua",),
    ),
    Case(
        "file-missing",
        spoe=(
            ("on-client-session", "on-client-session if ! { src -f /etc/haproxy/whitelist.lst }"),
        ),
        files=("/etc/haproxy/whitelist.lst",),
    ),
    Case(
        "syslog-open",
        own=Own(file="config.yaml", syslog="0.0.0.0:514", senders=("192.0.2.0/24",)),
    ),
    Case(
        "syslog-open",
        own=Own(file="config.yaml", syslog="127.0.0.1:514", senders=("0.0.0.0/0",)),
    ),
)
