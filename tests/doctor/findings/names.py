"""Variables under wrong names."""

from tests.doctor.sites import DENY, FILTER, REJECT, Case
from webfail2ban.doctor.site import Own

SHOWN = (
    Case(
        "spoe-prefix",
        cfg=((DENY, DENY.replace("wf2b.", "")),),
        line="http-request deny deny_status 403 if { var(txn.banned) -m int eq 1 }",
        remedy="var(txn.wf2b.banned) -m int eq 1",
        mends=True,
    ),
    Case(
        "spoe-prefix",
        cfg=((REJECT, REJECT.replace("txn.wf2b.", "sess.other.")),),
        line="tcp-request content reject if { var(sess.other.banned) -m int eq 1 }",
        mends=True,
    ),
    Case(
        "spoe-prefix",
        spoe=(
            ("    option var-prefix wf2b\n", ""),
            ("spoe-agent webfail2ban-agent", "spoe-agent reputation"),
        ),
        line=DENY.strip(),
        remedy="var(txn.reputation.banned)",
        mends=True,
        cfg=((REJECT, REJECT.replace("wf2b", "reputation")),),
    ),
    Case(
        "spoe-scope",
        cfg=((REJECT, REJECT.replace("txn.", "sess.")),),
        line="tcp-request content reject if { var(sess.wf2b.banned) -m int eq 1 }",
        mends=True,
    ),
    Case(
        "spoe-scope",
        cfg=((DENY, DENY + "    http-request deny if { var(txn.wf2b.ip_score) -m int lt 20 }\n"),),
        line="http-request deny if { var(txn.wf2b.ip_score) -m int lt 20 }",
        remedy="var(sess.wf2b.ip_score)",
        mends=True,
    ),
    Case(
        "spoe-filter-missing",
        cfg=((FILTER + REJECT, REJECT),),
        line=REJECT.strip(),
        remedy=FILTER.strip(),
    ),
    Case(
        "spoe-variable-misspelt",
        cfg=((REJECT, REJECT + "    log-format %[var(txn.wf2b.raeson)]\n"),),
        line="log-format %[var(txn.wf2b.raeson)]",
        remedy="var(txn.wf2b.reason)",
        mends=True,
    ),
    Case(
        "variable-unset",
        cfg=((DENY, DENY + "    http-request deny if { var(txn.cached) -m int eq 1 }\n"),),
        line="http-request deny if { var(txn.cached) -m int eq 1 }",
        remedy="var(txn.wf2b.banned)",
    ),
)

FINE = (
    # The scope is ours to choose.
    Case(
        "spoe-scope",
        cfg=(("txn.", "sess."), ("txn.", "sess.")),
        own=Own(file="config.yaml", scope="sess"),
    ),
    Case("spoe-scope", cfg=((DENY, DENY + "    log-format %[var(sess.wf2b.ip_score)]\n"),)),
    # Errors are always kept in txn.
    Case(
        "spoe-scope",
        cfg=(
            ("txn.", "sess."),
            ("txn.", "sess."),
            (
                REJECT.replace("txn", "sess"),
                REJECT.replace("txn", "sess") + "    log-format %[var(txn.wf2b.error)]\n",
            ),
        ),
        own=Own(file="config.yaml", scope="sess"),
    ),
    # Plugins tell variables of their own.
    Case(
        "spoe-variable-misspelt", cfg=((DENY, DENY + "    log-format %[var(txn.wf2b.country)]\n"),)
    ),
    # A rule of one's own sets it; or one of the message, or a program in Lua.
    Case(
        "variable-unset",
        cfg=(
            (
                DENY,
                DENY + "    http-request set-var(txn.mine) int(1)\n"
                "    http-request deny if { var(txn.mine) -m int eq 2 }\n",
            ),
        ),
    ),
    Case(
        "variable-unset",
        cfg=(
            ("global\n", "global\n    lua-load /etc/haproxy/own.lua\n"),
            (DENY, DENY + "    http-request deny if { var(txn.lua) -m bool }\n"),
        ),
        files=("/etc/haproxy/own.lua",),
    ),
    # A backend has its verdict from the frontend.
    Case(
        "spoe-filter-missing",
        cfg=(("    mode http\n    server web1", "    mode http\n" + DENY + "    server web1"),),
    ),
)
