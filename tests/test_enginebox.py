"""The engine in a box does what the program does, on the test's clock."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, ip_network
from typing import ClassVar

import pytest

from webfail2ban import (
    Ban,
    Engine,
    Failure,
    Json,
    LogLine,
    Opinion,
    Query,
    Sensor,
    Settings,
    hookimpl,
)
from webfail2ban.errors import ConfigurationError, PluginError
from webfail2ban.pytest_plugin import BoxPlugins

CLIENT = IPv4Address("192.0.2.1")


class Doorman:
    """Bans whoever knocks in a log, looks again each minute, and hears of ends."""

    class Settings(Settings):
        limit: int = 1

    def __init__(self) -> None:
        self.looks: list[float] = []
        self.ended: list[float] = []

    @hookimpl
    def configure(self, settings: Settings) -> None:
        self.settings = settings

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        self.engine = engine
        engine.every(60, self.look)

    def look(self) -> None:
        self.looks.append(self.engine.now())

    @hookimpl
    def start_sensor(self, sensor: Sensor) -> None:
        self.sensor = sensor

    @hookimpl
    def detect(self, lines: Sequence[LogLine]) -> Iterator[Failure]:
        for line in lines:
            if line.text.endswith("knocks"):
                yield Failure("door", CLIENT, line.time or 0)

    @hookimpl
    def count_failures(self, failures: Sequence[Failure]) -> None:
        for failure in failures:
            network = ip_network(failure.address)
            self.engine.ban(Ban(network, "door", failure.time, failure.time + 90))

    @hookimpl
    def unban(self, ban: Ban) -> None:
        self.ended.append(self.engine.now() - ban.since)

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        ban = self.engine.find_ban(query.address) if query.address else None
        return Opinion.ban("knocked", jail="door", until=ban.until) if ban else None


def test_a_log_line_goes_in_and_a_verdict_comes_out(webfail2ban_box: BoxPlugins) -> None:
    """Through both halves; a remembered answer ends with the ban."""
    box = webfail2ban_box(door=Doorman)
    assert box.ask("192.0.2.1")["banned"] == 0
    assert box.hear("nobody", "somebody knocks", program="door") == (
        Failure("door", CLIENT, box.clock()),
    )
    asked = box.ask("192.0.2.1")
    assert (asked["banned"], asked["reason"], asked["jail"]) == (1, "knocked", "door")
    assert [name for name, _ in box.judge("192.0.2.1").opinions] == ["door"]
    box.turn(90)
    assert box.ask("192.0.2.1")["banned"] == 0


def test_turning_the_clock_does_what_is_due(webfail2ban_box: BoxPlugins) -> None:
    """In its order: repetitions at their times, ends of bans no later than the next of them."""
    door = Doorman()
    box = webfail2ban_box(door=door)
    start = box.clock()
    box.hear("somebody knocks")
    box.turn(150)
    assert door.looks == [start + 60, start + 120]
    assert door.ended == [120]


def test_each_half_has_a_plugin_of_its_own(webfail2ban_box: BoxPlugins) -> None:
    """As in two processes: what the sensor's half sets, the engine's doesn't have."""
    made: list[Doorman] = []

    class Known(Doorman):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    webfail2ban_box(door=Known)
    assert [hasattr(door, "sensor") for door in made] == [False, True]


def test_what_is_remembered_is_not_asked_again(webfail2ban_box: BoxPlugins) -> None:
    """Until the plugin says that its mind has changed, or the arguments differ."""
    asked: list[object] = []

    class Fickle:
        @hookimpl
        def start_engine(self, engine: Engine) -> None:
            self.engine = engine

        @hookimpl
        def opinion(self, query: Query) -> None:
            asked.append(query.get("path"))

    fickle = Fickle()
    box = webfail2ban_box(fickle=fickle)
    for path in ("/", "/", "/x"):
        box.ask("192.0.2.1", path=path)
    assert asked == ["/", "/x"]
    fickle.engine.forget(ip_network("192.0.2.1"))
    box.ask("192.0.2.1", path="/")
    assert asked == ["/", "/x", "/"]


def test_other_plugins_are_found_by_their_names(webfail2ban_box: BoxPlugins) -> None:
    """The chain is then the settings'."""
    settings = {"plugins": ["whitelist", "door"], "whitelist": {"networks": ["192.0.2.0/24"]}}
    box = webfail2ban_box(settings, door=Doorman)
    box.hear("somebody knocks")
    assert box.bans.find(CLIENT)
    assert box.ask("192.0.2.1")["banned"] == 0


def test_wrong_settings_are_refused(webfail2ban_box: BoxPlugins) -> None:
    """With the operator's sentence."""
    with pytest.raises(ConfigurationError, match="did you mean limit"):
        webfail2ban_box({"door": {"limt": 1}}, door=Doorman)


def test_what_is_no_plugin_is_refused(webfail2ban_box: BoxPlugins) -> None:
    """As it would be at a start."""
    with pytest.raises(PluginError, match="it has no hook"):
        webfail2ban_box(nothing=object())


def test_what_fails_is_counted(webfail2ban_box: BoxPlugins) -> None:
    """In either half, in hooks and in what is done again and again."""

    class Broken:
        @hookimpl
        def start_engine(self, engine: Engine) -> None:
            engine.every(1, self.fail)

        def fail(self) -> None:
            raise LookupError

        @hookimpl
        def opinion(self) -> None:
            self.fail()

        @hookimpl
        def detect(self) -> None:
            self.fail()

    box = webfail2ban_box(broken=Broken)
    box.ask("192.0.2.1")
    box.hear("a line")
    box.turn(3)
    assert box.failed == {
        ("broken", "opinion"): 1,
        ("broken", "detect"): 1,
        ("broken", "fail"): 3,
    }


def test_no_pause_is_refused(webfail2ban_box: BoxPlugins) -> None:
    """As the engine refuses it."""

    class Restless:
        @hookimpl
        def start_engine(self, engine: Engine) -> None:
            engine.every(0, engine.now)

    with pytest.raises(PluginError, match="is no pause"):
        webfail2ban_box(restless=Restless)


def test_what_the_sensors_half_emits_is_searched(webfail2ban_box: BoxPlugins) -> None:
    """A source's lines go the same way as the test's."""

    class Source(Doorman):
        @hookimpl
        def start_sensor(self, sensor: Sensor) -> None:
            sensor.emit([LogLine("somebody knocks", "door", sensor.now())])

    box = webfail2ban_box(door=Source)
    assert box.bans.find(CLIENT)
    assert [line.text for line in box.sensor.lines] == ["somebody knocks"]


def test_what_is_observed_gets_no_answer(webfail2ban_box: BoxPlugins) -> None:
    """And comes anew each time."""
    seen: list[object] = []

    class Observer:
        @hookimpl
        def observe(self, query: Query) -> bool:
            seen.append(query.get("status"))
            return query.message == "tell"

    box = webfail2ban_box(observer=Observer)
    assert box.ask("192.0.2.1", "tell", status=403) == {}
    assert box.ask("192.0.2.1", "tell", status=403) == {}
    assert seen == [403, 403]


class Numbered:
    """Allows with a number, takes the numbers before it over, and looks again each minute."""

    class Settings(Settings):
        number: int = 0

    looks: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.numbers: tuple[int, ...] = ()

    @hookimpl
    def configure(self, settings: Settings) -> None:
        self.numbers = (settings.number,)

    @hookimpl
    def take_over(self, predecessor: "Numbered") -> None:
        self.numbers = (*predecessor.numbers, *self.numbers)

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        if self.numbers[-1] < 0:
            raise ValueError("no number")
        engine.every(60, lambda: self.looks.append(self.numbers[-1]))

    @hookimpl
    def opinion(self) -> Opinion:
        return Opinion.allow(f"the numbers {self.numbers}")


def test_a_reload_has_the_next_plugin_take_over(webfail2ban_box: BoxPlugins) -> None:
    """What was remembered is forgotten, and what the old one did again and again ends."""
    Numbered.looks.clear()
    box = webfail2ban_box({"one": {"number": 1}}, one=Numbered)
    assert box.ask("192.0.2.1")["reason"] == "the numbers (1,)"
    box.reload({"one": {"number": 2}})
    assert box.ask("192.0.2.1")["reason"] == "the numbers (1, 2)"
    assert box.plugin("one").numbers == (1, 2)
    box.turn(60)
    assert Numbered.looks == [2]


@pytest.mark.parametrize(
    ("section", "error"), [({"number": -1}, PluginError), ({"nmber": 2}, ConfigurationError)]
)
def test_a_bad_reload_changes_nothing(
    webfail2ban_box: BoxPlugins, section: dict[str, Json], error: type[Exception]
) -> None:
    """The old ones go on, with what they do again and again."""
    Numbered.looks.clear()
    box = webfail2ban_box({"one": {"number": 1}}, one=Numbered)
    with pytest.raises(error):
        box.reload({"one": section})
    assert box.ask("192.0.2.1")["reason"] == "the numbers (1,)"
    box.turn(60)
    assert Numbered.looks == [1]


def test_a_plugin_that_is_not_there_is_told(webfail2ban_box: BoxPlugins) -> None:
    """By its name."""
    with pytest.raises(KeyError, match="two"):
        webfail2ban_box(one=Numbered).plugin("two")
