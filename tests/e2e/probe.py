"""A site that answers each request with what HAProxy knows about its client.

It has the shipped SPOE configuration and the shipped backend of the agents; only the frontend is
the tests' own.
"""

from tests.e2e import shipped
from tests.e2e.agent import Agent
from tests.e2e.clients import Answer, get
from tests.e2e.haproxy import SOCKET
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until

GLOBAL = """
global
    log stdout format raw local0
    stats socket {directory}/{socket} mode 600 level admin
defaults
    log global
    timeout connect 1s
    timeout client 30s
    timeout server 30s
"""

FRONTEND = """
frontend web
    mode http
    {binds}
    option httplog
    option idle-close-on-response
    filter spoe engine webfail2ban config {directory}/webfail2ban.spoe.conf
    http-request deny deny_status 403 if {{ var(txn.wf2b.banned) -m int eq 1 }}
    http-request return status 200
    http-after-response set-header X-Src %[src]
    http-after-response set-header X-Banned %[var(txn.wf2b.banned)]
    http-after-response set-header X-Error %[var(txn.wf2b.error)]
    http-after-response del-header X-Banned unless {{ var(txn.wf2b.banned) -m found }}
    http-after-response del-header X-Error unless {{ var(txn.wf2b.error) -m found }}
"""


class Probe:
    """The site.

    Args:
        stage: Where it runs.
        agent: Whom HAProxy asks; None starts one.
        binds: Further `bind` lines.
        message: Replaces the shipped SPOE message.
        master: As for `HAProxy`.

    Attributes:
        agent: Whom HAProxy asks.
        haproxy: Who asks.
        port: Where clients with a PROXY header connect.
    """

    def __init__(
        self,
        stage: Stage,
        agent: Agent | None = None,
        *,
        binds: tuple[str, ...] = (),
        message: str | None = None,
        master: bool = False,
    ) -> None:
        self.agent = agent or stage.start_agent()
        self.port = free_port()
        shipped.install_spoe(stage.directory, message)
        all_binds = (f"{LOOPBACK}:{self.port} accept-proxy", *binds)
        self.haproxy = stage.start_haproxy(
            head(stage)
            + shipped.agents_backend(self.agent.where)
            + FRONTEND.format(
                directory=stage.directory, binds="\n    ".join(f"bind {bind}" for bind in all_binds)
            ),
            master=master,
        )
        self.wait_for_verdicts()

    def get(self, client: str) -> Answer:
        """Send one request for a client."""
        return get(self.port, client)

    def wait_for_verdicts(self) -> None:
        """Wait until HAProxy gets verdicts."""
        wait_until(
            lambda: self.get("203.0.113.250").headers.get("x-banned"), "HAProxy gets verdicts"
        )

    def wait_for(self, client: str, status: int) -> None:
        """Wait until a client gets an answer of that status."""
        wait_until(lambda: self.get(client).status == status, f"{client} gets {status}")

    def ban(self, client: str) -> None:
        """Have a client banned, and wait until he is."""
        self.agent.fail_logins(client)
        self.wait_for(client, 403)

    def wait_for_agent(self, status: str) -> None:
        """Wait until HAProxy's checks find the agent UP or DOWN."""
        self.haproxy.wait_for_server("webfail2ban-agents", "agent1", status)


def head(stage: Stage) -> str:
    """Return the sections that every configuration of the tests begins with."""
    return GLOBAL.format(directory=stage.directory, socket=SOCKET)
