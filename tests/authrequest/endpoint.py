"""The HTTP endpoint beside a test, in a thread with a hub of its own; and its client."""

import socket
from math import inf
from pathlib import Path
from time import time
from types import TracebackType
from typing import Any, Self

from gevent.event import Event

from tests.authrequest.heads import Response, responses
from tests.serving import LOOPBACK, Answers, Serving
from tests.waiting import PATIENCE
from webfail2ban.authrequest.agent import AuthAgent
from webfail2ban.authrequest.questions import make_questioner
from webfail2ban.authrequest.server import AuthServer
from webfail2ban.config import HttpSettings
from webfail2ban.model import Query, Verdict
from webfail2ban.verdicts.memory import Memory
from webfail2ban.verdicts.tally import Tally

#: Clients that the judge knows; everybody else passes.
BANNED, BROKEN, SLOW = "192.0.2.66", "192.0.2.50", "192.0.2.33"


class Judge:
    """Gives verdicts.

    Attributes:
        asked: About whom, in this order.
        go_on: Lets the verdict on the slow one come.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go_on = Event()

    def judge(self, query: Query) -> Verdict:
        client = str(query.address)
        self.asked.append(client)
        if client == BROKEN:
            raise RuntimeError("stage fright")
        if client == SLOW:
            self.go_on.wait(PATIENCE)
        return Verdict(banned=client == BANNED, reason=f"of {client}", until=inf)


class Endpoint(Serving):
    """The endpoint, while the context lasts.

    Args:
        **settings: Of the section ``http``.

    Attributes:
        judge: Gives the verdicts.
        memory: Keeps the answers.
        tally: Counts the verdicts.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(Answers())
        self.settings = make_settings(**settings)
        self.judge, self.tally = Judge(), Tally()
        self.memory = Memory(time, 1000)
        questioner = make_questioner("X-Forwarded-For", {}, self.settings.trusted, ())
        agent = AuthAgent(self.judge.judge, self.memory, time, self.tally, questioner)
        self.endpoint = AuthServer(agent, self.settings)
        self.server = self.endpoint  # type: ignore[assignment]

    def connect(self) -> "Client":
        return Client(self.place)


class Client:
    """A connection to the endpoint."""

    def __init__(self, place: tuple[str, int] | str) -> None:
        family = socket.AF_UNIX if isinstance(place, str) else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, count: int = 1) -> list[Response]:
        """Read so many responses."""
        data = b""
        while data.count(b"\r\n\r\n") < count:
            more = self.socket.recv(65536)
            assert more, f"the connection ended behind {data!r}"
            data += more
        return responses(data)

    def ask(self, request: bytes) -> Response:
        """Send a request and return its response."""
        self.send(request)
        (response,) = self.read()
        return response

    def ends(self) -> bool:
        """Wait for the end, with nothing before it; whether it was one."""
        return self.socket.recv(1) == b""


def make_settings(
    address: str | Path = LOOPBACK,
    read_timeout: float = 10 * PATIENCE,
    idle_timeout: float = 10 * PATIENCE,
    **settings: Any,
) -> HttpSettings:
    """Return settings with a free port, and timeouts that no test waits for."""
    return HttpSettings.model_validate(
        {
            "address": str(address),
            "port": 0,
            "read_timeout": read_timeout,
            "idle_timeout": idle_timeout,
            **settings,
        }
    )
