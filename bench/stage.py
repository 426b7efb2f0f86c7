"""Who takes part: starts each server with what it is expected to answer, and ends them all."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from bench import report
from bench.clients import Clients, write
from bench.engine import running_engine
from bench.generator import Tools
from bench.processes import children, resident_megabytes
from bench.rounds import Contestant
from bench.servers import Place, module, running


class Stage:
    """Starts contestants; leaving the stack that it is given ends them.

    Args:
        place: Gives addresses and files.
        tools: The compiled programs.
        clients: Who asks.
        ban_changes: Changes a second in a second run of webfail2ban, half of them bans and half
            their ends; 0 for none.
        stack: Ends what was started.

    Attributes:
        contestants: Those that were started, in this order.
        idle_megabytes: The resident memory of webfail2ban's processes before anyone asked.
    """

    def __init__(
        self, place: Place, tools: Tools, clients: Clients, ban_changes: int, stack: ExitStack
    ) -> None:
        self._place = place
        self._tools = tools
        self._clients = clients
        self._ban_changes = ban_changes
        self._stack = stack
        self._nobody = write(place.directory / "nobody", clients.expect_none())
        self._bans = write(place.directory / "bans", clients.expect_bans())
        self._lasting = write(place.directory / "lasting", clients.expect_lasting())
        self.contestants: list[Contestant] = []
        self.idle_megabytes: tuple[float, ...] = ()

    def start(self, key: str) -> None:
        """Start one of `STARTERS`."""
        STARTERS[key](self)

    def start_sink(self) -> None:
        """Start the C program that shows what the generator can do."""
        address = self._place.address("sink")
        self._add(report.SINK, [self._tools.sink, address], address, self._nobody)

    def start_bound(self) -> None:
        """Start the gevent server that decides nothing."""
        address = self._place.address("bound")
        self._add(report.BOUND, module("bench.constant_ack", address), address, self._nobody)

    def start_haproxyspoa(self) -> None:
        """Start the agent from PyPI."""
        address = self._place.address("haproxyspoa")
        banned = self._place.directory / "banned"
        banned.write_text("\n".join(self._clients.banned), "ascii")
        command = module("bench.haproxyspoa_server", address, banned)
        self._add(report.HAPROXYSPOA, command, address, self._bans)

    def start_webfail2ban(self) -> None:
        """Start webfail2ban, look at its memory, have the clients banned."""
        engine = self._stack.enter_context(
            running_engine(self._place, self._tools, self._clients, self._bans)
        )
        pid = engine.server.process.pid
        self.idle_megabytes = tuple(map(resident_megabytes, (pid, *children(pid))))
        engine.ban_clients()
        self.contestants.append(Contestant(report.ENGINE, engine.server))
        if self._ban_changes:
            # What is expected of the clients whose bans come and go depends on the moment.
            server = replace(engine.server, clients=self._lasting)
            changing = partial(engine.changing_bans, self._ban_changes // 2)  # each ban also ends
            self.contestants.append(Contestant(report.CHANGING, server, changing))

    def _add(self, name: str, command: list[str | Path], address: str, clients: Path) -> None:
        server = running(command, address, clients, self._place.log(name))
        self.contestants.append(Contestant(name, self._stack.enter_context(server)))


STARTERS: Mapping[str, Callable[[Stage], None]] = MappingProxyType(
    {
        "sink": Stage.start_sink,
        "bound": Stage.start_bound,
        "webfail2ban": Stage.start_webfail2ban,
        "haproxyspoa": Stage.start_haproxyspoa,
    }
)
