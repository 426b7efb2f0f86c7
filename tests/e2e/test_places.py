"""Where clients are at home: in HAProxy's variables, and in a jail's limits."""

from tests.e2e import shipped
from tests.e2e.clients import get
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.probe import head
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until
from tests.plugins.geoip.conftest import write

HOSTER, OTHER = "192.0.2.40", "198.51.100.40"
RECORDS = {
    "192.0.2.0/24": {"country_code": "DE", "asn": "AS64500"},
    "198.51.100.0/24": {"country_code": "FR"},
}


def test_haproxy_knows_the_country_and_the_system(stage: Stage) -> None:
    """And a client of a system with a limit of its own is banned at its first failure."""
    database = write(stage.directory / "places.mmdb", RECORDS)
    jail = {"filter": "dovecot", "ignoreself": False, "maxretry": {"default": 50, "AS64500": 1}}
    agent = stage.start_agent(
        plugins=["whitelist", "jails", "syslog", "tail", "geoip"],
        geoip={"databases": [str(database)]},
        jails={"dovecot": jail},
    )
    port = free_port()
    shipped.install_spoe(stage.directory)
    stage.start_haproxy(
        f"""{head(stage)}
{shipped.agents_backend(agent.where)}
frontend web
    mode http
    bind {LOOPBACK}:{port} accept-proxy
    filter spoe engine webfail2ban config {stage.directory}/webfail2ban.spoe.conf
    http-request deny deny_status 403 if {{ var(txn.wf2b.banned) -m int eq 1 }}
    http-request return status 204 if {{ var(txn.wf2b.asn) -m int eq 64500 }}
    http-request return status 200
    http-after-response set-header X-Place %[var(txn.wf2b.country)]/%[var(txn.wf2b.asn)]
"""
    )

    def place(client: str) -> str | None:
        return get(port, client).headers.get("x-place")

    wait_until(lambda: place(HOSTER) == "DE/64500", "HAProxy knows where the client is")
    assert get(port, HOSTER).status == 204
    assert place(OTHER) == "FR/"
    assert place("203.0.113.40") == "/"
    agent.fail_logins(OTHER)
    agent.fail_logins(HOSTER, 1)
    wait_until(lambda: get(port, HOSTER).status == 403, "the client is refused")
    assert place(HOSTER) == "DE/64500"
    assert get(port, OTHER).status == 200
