"""Filters, agents' sections and messages."""

from tests.doctor.sites import DENY, FILTER, GOOD_SPOE, REJECT, Case
from webfail2ban.doctor.site import Own

EVENT = "    event on-client-session\n"
MESSAGE = "spoe-message check-ip\n    args ip=src\n    event on-client-session\n"

#: A question that rules ask, and the group that it is in.
BY_RULE = (
    ("    messages check-ip\n", "    groups ask\n"),
    (EVENT, "spoe-group ask\n    messages check-ip\n"),
)
SEND = "    http-request send-spoe-group webfail2ban ask\n"
SEND_TCP = "    tcp-request content send-spoe-group webfail2ban ask\n"

#: All of the agent.
SECTION = GOOD_SPOE.partition("\n\n")[2].partition("spoe-message")[0]

SHOWN = (
    Case(
        "spoe-filter-none",
        cfg=((FILTER + DENY, ""), (FILTER + REJECT, "")),
        line="frontend web",
        remedy=FILTER.strip(),
        besides=frozenset({"backend-unused"}),
    ),
    Case(
        "filter-condition",
        cfg=((FILTER, FILTER.rstrip() + " if { path_beg /x }\n"),),
        line=FILTER.strip() + " if { path_beg /x }",
        remedy="event on-client-session if { path_beg /x }",
    ),
    Case(
        "spoe-file-missing",
        cfg=((FILTER, FILTER.replace("webfail2ban.spoe.conf", "nothing.conf")),),
        line=FILTER.replace("webfail2ban.spoe.conf", "nothing.conf").strip(),
        remedy="config /etc/haproxy/webfail2ban.spoe.conf",
    ),
    Case(
        "spoe-engine-missing",
        cfg=((FILTER, FILTER.replace("engine webfail2ban", "engine other")),),
        line=FILTER.replace("engine webfail2ban", "engine other").strip(),
        remedy="[other]",
    ),
    Case("spoe-unread", cfg=((REJECT, ""),), line=FILTER.strip(), remedy=REJECT.strip()),
    Case("spoe-unread", cfg=((DENY, ""),), line=FILTER.strip(), remedy="http-request deny"),
    Case(
        "spoe-prefix-invalid",
        spoe=(("var-prefix wf2b", "var-prefix wf-2b"),),
        line="option var-prefix wf-2b",
        remedy="option var-prefix wf2b",
        besides=frozenset({"spoe-prefix"}),
        mends=True,
    ),
    Case(
        "spoe-prefix-invalid",
        spoe=(("    option var-prefix wf2b\n", ""),),
        line="spoe-agent webfail2ban-agent",
        remedy="option var-prefix wf2b",
        besides=frozenset({"spoe-prefix"}),
    ),
    Case(
        "set-on-error-default",
        spoe=(("set-on-error error", "set-on-error error 0"),),
        line="option set-on-error error 0",
        mends=True,
    ),
    Case(
        "set-on-error-verdict",
        spoe=(("set-on-error error", "set-on-error banned"),),
        line="option set-on-error banned",
        mends=True,
    ),
    Case(
        "set-on-error-test",
        cfg=((DENY, DENY + "    http-request deny if { var(txn.wf2b.error) -m int eq 1 }\n"),),
        line="http-request deny if { var(txn.wf2b.error) -m int eq 1 }",
        remedy="var(txn.wf2b.error) -m found",
    ),
    Case(
        "set-on-error-test",
        cfg=((DENY, DENY + "    acl down var(txn.wf2b.error) -m int lt 256\n"),),
        line="acl down var(txn.wf2b.error) -m int lt 256",
    ),
    Case(
        "spoe-processing-timeout",
        spoe=(("processing 50ms", "processing 5s"),),
        line="timeout processing 5s",
        mends=True,
    ),
    Case(
        "spoe-processing-timeout",
        spoe=(("    timeout processing 50ms\n", ""),),
        line="spoe-agent webfail2ban-agent",
        remedy="timeout processing 50ms",
    ),
    Case(
        "spoe-timeout-missing",
        spoe=(("    timeout hello 500ms\n", ""),),
        line="spoe-agent webfail2ban-agent",
        remedy="timeout hello 500ms",
    ),
    Case(
        "spoe-idle-timeout",
        spoe=(("idle 20s", "idle 30s"),),
        line="timeout idle 30s",
        remedy="timeout idle 20s",
        mends=True,
    ),
    Case(
        "spoe-agent-missing",
        spoe=((SECTION, ""),),
        line=FILTER.strip(),
        remedy="spoe-agent webfail2ban",
        besides=frozenset({"backend-unused", "spoe-message-unused"}),
    ),
    Case(
        "spoe-backend-missing",
        spoe=(("use-backend webfail2ban-agents", "use-backend agents"),),
        line="use-backend agents",
        remedy="option spop-check",
        besides=frozenset({"backend-unused"}),
    ),
    Case(
        "spoe-backend-missing",
        spoe=(("use-backend webfail2ban-agents", "use-backend webfail2ban-agent"),),
        line="use-backend webfail2ban-agent",
        remedy="use-backend webfail2ban-agents",
        besides=frozenset({"backend-unused"}),
        mends=True,
    ),
    Case(
        "spoe-keyword-unknown",
        spoe=(("    log global\n", "    use-backends x\n"),),
        line="use-backends x",
        remedy="use-backend x",
    ),
    Case(
        "spoe-keyword-unknown",
        spoe=(("    log global\n", "    option set-on-eror x\n"),),
        line="option set-on-eror x",
        remedy="option set-on-error x",
    ),
    Case(
        "spoe-keyword-unknown",
        spoe=((EVENT, "    event on-client-connection\n"),),
        line="event on-client-connection",
        remedy="event on-client-session",
        mends=True,
    ),
    Case(
        "spoe-message-missing",
        spoe=(("messages check-ip", "messages check-ip other"),),
        line="messages check-ip other",
        remedy="spoe-message other",
    ),
    Case(
        "spoe-message-missing",
        spoe=BY_RULE,
        cfg=((DENY, SEND.replace(" ask", " other") + DENY), (REJECT, SEND_TCP + REJECT)),
        line="http-request send-spoe-group webfail2ban other",
        remedy="groups other",
    ),
    Case(
        "spoe-message-unused",
        spoe=((MESSAGE, MESSAGE + MESSAGE.replace("check-ip", "check-more")),),
        line="spoe-message check-more",
        remedy="messages check-ip check-more",
    ),
    Case(
        "spoe-message-silent",
        spoe=((EVENT, ""),),
        line="spoe-message check-ip",
        remedy="event on-client-session",
    ),
    Case(
        "spoe-event-never",
        spoe=((EVENT, "    event on-frontend-http-request\n"),),
        line="event on-frontend-http-request",
        remedy=EVENT.strip(),
        besides=frozenset({"rule-too-early"}),
    ),
    Case(
        "spoe-event-never",
        cfg=(
            (
                "    mode http\n    server web1",
                "    mode http\n" + FILTER + DENY + "    server web1",
            ),
        ),
        line=EVENT.strip(),
        remedy=FILTER.strip(),
    ),
    Case(
        "spoe-argument-too-early",
        spoe=(("args ip=src", "args ip=src buf=req.payload(0,0)"),),
        line="args ip=src buf=req.payload(0,0)",
        remedy="send-spoe-group",
    ),
    Case(
        "spoe-argument-too-early",
        spoe=(("args ip=src", "args ip=src host=req.hdr(host)"),),
        line="args ip=src host=req.hdr(host)",
        remedy="event on-frontend-http-request",
    ),
    Case(
        "spoe-argument-too-early",
        spoe=(
            ("args ip=src", "args buf=req.payload(0,0)"),
            (EVENT, "    event on-frontend-tcp-request if ! { src 192.0.2.1 }\n"),
        ),
        line="args buf=req.payload(0,0)",
    ),
    Case(
        "rule-before-group",
        spoe=BY_RULE,
        cfg=((DENY, DENY + SEND), (REJECT, SEND_TCP + REJECT)),
        line=DENY.strip(),
        remedy=SEND.strip(),
    ),
    Case(
        "event-before-rule",
        spoe=((EVENT, "    event on-client-session if ! { var(txn.known) -m found }\n"),),
        cfg=((DENY, "    http-request set-var(txn.known) int(1) if { path_beg /x }\n" + DENY),),
        line="event on-client-session if ! { var(txn.known) -m found }",
        remedy="event on-frontend-http-request if ! { var(txn.known) -m found }",
    ),
    Case(
        "spoe-argument-varies",
        spoe=(("args ip=src", "args ip=src port=src_port"),),
        line="args ip=src port=src_port",
        mends=True,
    ),
)

FINE = (
    Case("spoe-unread", cfg=((DENY, ""), ("    server web1", DENY + "    server web1"))),
    # A program in Lua may read it.
    Case(
        "spoe-unread",
        cfg=((DENY, ""), ("global\n", "global\n    lua-load /etc/haproxy/own.lua\n")),
        files=("/etc/haproxy/own.lua",),
    ),
    Case(
        "spoe-keyword-unknown",
        spoe=(("    log global\n", "    no option continue-on-error\n    maxerrrate 5\n"),),
    ),
    # Whoever only tells of responses wants no answer.
    Case(
        "spoe-unread",
        spoe=((EVENT, "    event on-http-response\n"),),
        cfg=((DENY, ""), (FILTER + REJECT, "")),
    ),
    Case(
        "spoe-idle-timeout",
        spoe=(("idle 20s", "idle 2m"),),
        own=Own(file="config.yaml", read_timeout=180),
    ),
    Case(
        "set-on-error-test",
        cfg=((DENY, DENY + "    http-request deny if { var(txn.wf2b.error) -m found }\n"),),
    ),
    Case(
        "set-on-error-test",
        cfg=((DENY, DENY + "    acl down var(txn.wf2b.error) -m int gt 0\n"),),
    ),
    Case("spoe-processing-timeout", spoe=(("processing 50ms", "processing 100"),)),
    Case(
        "spoe-message-silent",
        spoe=BY_RULE,
        cfg=((DENY, SEND + DENY), (REJECT, SEND_TCP + REJECT)),
    ),
    Case(
        "spoe-argument-too-early",
        spoe=(
            ("args ip=src", "args ip=src path=path"),
            (EVENT, "    event on-frontend-http-request\n"),
        ),
        cfg=((FILTER + REJECT, ""),),
    ),
    Case("spoe-argument-too-early", spoe=(("args ip=src", "args ip=src path=var(proc.path)"),)),
    # A rule of tcp-request comes before the request.
    Case(
        "event-before-rule",
        spoe=((EVENT, "    event on-frontend-http-request if ! { var(txn.known) -m found }\n"),),
        cfg=(
            (FILTER + REJECT, ""),
            (DENY, "    tcp-request content set-var(txn.known) int(1)\n" + DENY),
        ),
    ),
)
