"""An engine in a box: the real chain, bans and memory, and the sensor's half beside them."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gevent.pool import Group

from webfail2ban.addresses import parse_address
from webfail2ban.bans import BanTable
from webfail2ban.config import Configuration, EngineSettings, check, parse
from webfail2ban.engine import Engine, EngineHost
from webfail2ban.hosting.isolation import FAULTS, Isolation
from webfail2ban.hosting.lifecycle import Lifecycle
from webfail2ban.hosting.loader import Plugins
from webfail2ban.hosting.settings import check_settings, configure
from webfail2ban.model import Failure, Json, LogLine, Query, Value, Verdict
from webfail2ban.spoa.agent import Agent
from webfail2ban.spoa.queries import make_query
from webfail2ban.spop import Message, Notify, Scope, SetVar, decode_actions, encode_messages
from webfail2ban.testing.checking import load_under_test
from webfail2ban.testing.clock import Clock
from webfail2ban.testing.fakes import FakeSensor

#: What HAProxy's configurations call the message that asks for a verdict.
MESSAGE = "check-ip"

#: Where `EngineBox.hear` says that lines come from.
SOURCE = "test"

NO_SETTINGS: Mapping[str, Json] = {}


class EngineBox:
    """The engine with the plugins under test, on a clock to turn: log lines in, verdicts out.

    Everything is the real thing but what a test can't wait for: time stands still until it is
    turned, the sensor's half is no process of its own, and nothing is kept on disk.

    Args:
        settings: The configuration, as the file has it. Without ``plugins`` it loads those under
            test, in their order; others that it names are found as the program finds them.
        clock: The clock; None for one that shows noon.
        **plugins: The plugins under test by their names: what an entry point would name. Of a
            class each half has an object of its own, as it has in the two processes.

    Attributes:
        clock: The clock.
        engine: The engine.
        sensor: What the plugins' halves in the sensor see, with what they emit.

    Raises:
        PluginError: a plugin can't be loaded or started.
        ConfigurationError: something is wrong with the settings.
    """

    def __init__(
        self,
        settings: Mapping[str, Json] = NO_SETTINGS,
        clock: Clock | None = None,
        **plugins: object,
    ) -> None:
        self.clock = clock or Clock()
        self._under_test = plugins
        loaded, configuration = self._load(settings)
        self.engine = BoxedEngine(configuration, loaded, self.clock)
        self.engine.start()
        engine = self.engine
        self._agent = Agent(
            engine.judge, engine.memory, self.clock, Scope.TRANSACTION, engine.observe
        )
        self.sensor = self._listen(settings)

    def reload(self, settings: Mapping[str, Json]) -> None:
        """Put other settings in force, as a reload does: new plugins take over from the old ones.

        Args:
            settings: The whole configuration, as at the start.

        Raises:
            PluginError: a plugin can't be loaded or started; the old ones go on.
            ConfigurationError: something is wrong with the settings; nothing has changed.
        """
        loaded, configuration = self._load(settings)
        self.engine.replace(configuration.engine, loaded)
        self.sensor.stop()
        self.sensor = self._listen(settings)

    def plugin(self, name: str) -> Any:
        """Return what a plugin is in the engine: the object that has its hooks.

        Raises:
            KeyError: there is no such plugin.
        """
        return {plugin.name: plugin.implementation for plugin in self.engine.plugins}[name]

    @property
    def bans(self) -> BanTable:
        """The bans in force."""
        return self.engine.bans

    @property
    def failed(self) -> dict[tuple[str, str], int]:
        """How often each hook of each plugin has failed, by the names of both."""
        return {**self.engine.isolation.failures, **self.sensor.isolation.failures}

    def ask(self, address: str, message: str = MESSAGE, **args: Value) -> dict[str, Value]:
        """Ask as HAProxy does, and have the answer remembered as the engine does.

        A plugin that changes its mind and doesn't say so (`Engine.forget`) isn't asked again.

        Args:
            address: The client's.
            message: The name of the ``spoe-message``.
            **args: Its further arguments.

        Returns:
            The variables that HAProxy gets: ``banned``, ``score``, ``reason``, ...; none if a
            plugin observes such messages.
        """
        asked = Message(message, (("ip", parse_address(address)), *args.items()))
        payload = encode_messages([asked])
        self._agent.refresh()
        answer = self._agent.recall(payload)
        if answer is None:
            answer = self._agent.answer(Notify(b"\x01\x01", (asked,), payload))
        actions = decode_actions(answer)
        return {action.name: action.value for action in actions if isinstance(action, SetVar)}

    def judge(self, address: str, message: str = MESSAGE, **args: Value) -> Verdict:
        """Return the verdict with every plugin's opinion; nothing of it is remembered.

        Args:
            address: The client's.
            message: The name of the ``spoe-message``.
            **args: Its further arguments.
        """
        query: Query = make_query(message, (("ip", parse_address(address)), *args.items()))
        return self.engine.judge(query)

    def hear(self, *texts: str, program: str = "", source: str = SOURCE) -> tuple[Failure, ...]:
        """Let the detectors search log lines, and the engine count the failures.

        Args:
            *texts: The lines, said now.
            program: Who said them.
            source: Where they come from.

        Returns:
            The failures that were found.
        """
        lines = [LogLine(text, source, self.clock(), program) for text in texts]
        return self.sensor.search(lines)

    def turn(self, seconds: float) -> None:
        """Turn the clock on: bans end, and what plugins do again and again is done when it is due.

        Args:
            seconds: How far.
        """
        end = self.clock() + seconds
        for repeated in iter(lambda: self.engine.next_due(end), None):
            self.clock.time = max(repeated.due, self.clock.time)
            self.engine.end_bans()
            repeated.run()
        self.clock.time = end
        self.engine.end_bans()

    def close(self) -> None:
        """Stop the plugins."""
        self.sensor.stop()
        self.engine.stop()

    def _load(self, settings: Mapping[str, Json]) -> tuple[Plugins, Configuration]:
        """Load the plugins for the engine, and check all that check-config does."""
        loaded, configuration = self._prepare(settings)
        check_settings(loaded, configuration)
        configure(loaded, configuration)
        return loaded, configuration

    def _listen(self, settings: Mapping[str, Json]) -> "BoxedSensor":
        """Load the plugins for the sensor, and start them."""
        listening, configuration = self._prepare(settings)
        configure(listening, configuration)
        return BoxedSensor(listening, self.clock, self.engine)

    def _prepare(self, settings: Mapping[str, Json]) -> tuple[Plugins, Configuration]:
        named = {"plugins": [*self._under_test], **settings}
        document = parse(json.dumps(named, default=str))  # JSON is YAML
        loaded = load_under_test(document, self._under_test)
        return loaded, check(document, loaded.models)


class Repeated:
    """What a plugin does again and again.

    Args:
        host: The plugin's.
        seconds: The pause.
        function: What it does.

    Attributes:
        due: When it is to be done next.
    """

    def __init__(self, host: "BoxedHost", seconds: float, function: Callable[[], object]) -> None:
        self._host = host
        self._seconds = seconds
        self._function = function
        self.due = host.now() + seconds

    def run(self) -> None:
        """Do it; what goes wrong is the plugin's."""
        self._host.attempt(self._function)
        self.due = self._host.now() + self._seconds


class BoxedEngine(Engine):
    """The engine, whose repetitions go by the box's clock."""

    def __init__(self, configuration: Configuration, plugins: Plugins, clock: Clock) -> None:
        super().__init__(configuration.engine, plugins, clock)
        self.repeated: list[Repeated] = []

    def make_host(self, plugin: str, greenlets: Group) -> "BoxedHost":
        """Return what the engine offers to one plugin."""
        return BoxedHost(plugin, self, greenlets)

    def replace(
        self, settings: EngineSettings, plugins: Plugins, grace: float | None = None
    ) -> None:
        """Let new plugins take over; what the old ones do again and again ends with them."""
        old = self.repeated
        self.repeated = []
        try:
            super().replace(settings, plugins, grace)
        except BaseException:
            self.repeated = old
            raise

    def next_due(self, end: float) -> Repeated | None:
        """Return what is to be done next, up to a time; None if there is nothing."""
        due = [repeated for repeated in self.repeated if repeated.due <= end]
        return min(due, key=lambda repeated: repeated.due, default=None)

    def end_bans(self) -> None:
        """End the bans whose time is over."""
        while self.bans.next_end <= self.now():
            self.expire()


class BoxedHost(EngineHost):
    """What the boxed engine offers to one plugin."""

    _engine: BoxedEngine

    def every(self, seconds: float, function: Callable[[], object]) -> None:
        """Call a function again and again as the clock is turned.

        Raises:
            ValueError: `seconds` is no pause.
        """
        if seconds <= 0:
            raise ValueError(f"every {seconds} seconds is no pause")
        self._engine.repeated.append(Repeated(self, seconds, function))

    def attempt(self, function: Callable[[], object]) -> None:
        """Call a function; what goes wrong is counted and logged with the plugin's name."""
        self._attempt(function, ())


class BoxedSensor(FakeSensor):
    """The sensor's half: what is emitted is searched, and what is found is counted."""

    def __init__(self, plugins: Plugins, clock: Clock, engine: Engine) -> None:
        super().__init__(clock)
        self.isolation = Isolation(clock)
        self._engine = engine
        self._detectors = plugins.implementers("detect")
        self._lifecycle = Lifecycle(plugins, self.isolation, "sensor")
        self._lifecycle.prepare(self._for_plugin)
        self._lifecycle.start(self._for_plugin)

    def emit(self, lines: Iterable[LogLine]) -> None:
        """Keep lines, and search them."""
        self.search([*lines])

    def search(self, lines: list[LogLine]) -> tuple[Failure, ...]:
        """Have lines searched and the failures counted; return these."""
        self.lines.extend(lines)
        found: list[Failure] = []
        for name, detect in self._detectors:
            try:
                found.extend(detect(lines=lines) or ())
            except FAULTS as error:
                self.isolation.failed(name, "detect", error)
        if found:
            self._engine.count_failures(found)
        return tuple(found)

    def stop(self) -> None:
        """Stop the plugins."""
        self._lifecycle.stop()

    def _for_plugin(self, _name: str) -> Any:
        return self
