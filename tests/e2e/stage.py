"""A stage: a directory, and what runs in it, ended in reverse order."""

import socketserver
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.e2e.agent import Agent
from tests.e2e.backends import serving
from tests.e2e.haproxy import HAProxy


class Stage:
    """Starts agents, HAProxy and backends, and ends them when the context does.

    Args:
        binary: Which HAProxy.

    Attributes:
        directory: Takes all their files. Its path is short, because a unix socket's must be.
    """

    def __init__(self, binary: Path) -> None:
        self._binary = binary
        self._opened = ExitStack()
        self.directory = Path()

    def __enter__(self) -> Self:
        directory = tempfile.TemporaryDirectory(prefix="webfail2ban-")
        self.directory = Path(self._opened.enter_context(directory))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opened.__exit__(kind, error, traceback)

    def start_agent(self, name: str = "agent", **settings: Any) -> Agent:
        """Start an agent; see `Agent` for the arguments."""
        agent = Agent(self.directory, name, **settings)
        self._opened.callback(agent.stop)
        agent.start()
        return agent

    def start_haproxy(self, configuration: str, *, master: bool = False) -> HAProxy:
        """Start HAProxy; see `HAProxy` for the arguments."""
        haproxy = HAProxy(self._binary, self.directory, configuration, master=master)
        self._opened.callback(haproxy.stop)
        haproxy.start()
        return haproxy

    def serve(self, server: socketserver.TCPServer) -> int:
        """Start a backend; return its port."""
        return self._opened.enter_context(serving(server))
