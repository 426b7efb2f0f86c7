"""What plugin authors test with is itself held to what the real things do."""

import inspect
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_network

import pytest

from tests.serving import Answers, Serving
from webfail2ban import Settings, SettingsProblem, hookimpl
from webfail2ban.engine import EngineHost
from webfail2ban.model import Ban, LogLine
from webfail2ban.sensor.process import SensorHost
from webfail2ban.spop import Message
from webfail2ban.testing import Clock, FakeEngine, FakeSensor, SpopClient, check_config

CLIENT = IPv4Address("192.0.2.1")


def methods(kind: type) -> dict[str, list[str]]:
    return {
        name: list(inspect.signature(method).parameters)
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


@pytest.mark.parametrize(("fake", "real"), [(FakeEngine, EngineHost), (FakeSensor, SensorHost)])
def test_a_fake_offers_what_the_real_one_does(fake: type, real: type) -> None:
    """The same methods with the same arguments, and no others."""
    assert methods(fake) == methods(real)


def test_a_clock_moves_when_it_is_told() -> None:
    """And not otherwise."""
    clock = Clock(100.0)
    assert clock() == clock() == 100.0
    clock.turn(1.5)
    assert clock() == 101.5


def test_a_fake_engine_keeps_bans(engine: FakeEngine) -> None:
    """In a real table, on its clock."""
    ban = Ban(ip_network(CLIENT), "sshd", engine.now(), engine.now() + 60)
    assert engine.ban(ban)
    assert engine.find_ban(CLIENT) == ban
    engine.clock.turn(60)
    assert engine.find_ban(CLIENT) is None
    assert engine.unban(ban.network) == (ban,)
    engine.forget(ban.network)
    engine.forget()
    assert engine.forgotten == [ban.network, None]


def test_a_fake_sensor_keeps_lines_and_positions(sensor: FakeSensor) -> None:
    """For the test to look at."""
    lines = [LogLine("one", "test")]
    sensor.emit(lines)
    sensor.keep_position("test", 1)
    assert sensor.lines == lines
    assert sensor.position("test") == 1
    assert sensor.position("other") is None


def test_a_fake_keeps_what_would_run(engine: FakeEngine) -> None:
    """The test runs it when it likes."""
    seen: list[int] = []
    engine.spawn(seen.append, 1)
    engine.every(5, lambda: seen.append(2))
    assert not seen
    for run in engine.spawned:
        run()
    assert seen == [1, 2]
    with pytest.raises(ValueError, match="is no pause"):
        engine.every(0, seen.clear)


def test_a_client_asks_as_haproxy_does() -> None:
    """Over TCP; what it gets are the variables."""
    with Serving(Answers()) as serving, serving.client() as client:
        assert client.check("192.0.2.1", "check-http") == {"name": "check-http"}
        ack = client.notify(Message("a"), Message("b"))
        assert (ack.stream_id, ack.frame_id) == (2, 1)


def test_a_client_that_is_refused_says_so() -> None:
    """And leaves no socket open."""
    with (
        Serving(Answers(), max_clients=1) as serving,
        serving.client(),
        SpopClient(serving.place) as second,
        pytest.raises(ConnectionError, match="no answer"),
    ):
        second.notify(Message("a"))


class Numbered(Settings):
    """Settings of a plugin."""

    number: int = 1


class Particular:
    """A plugin that finds some numbers odd."""

    Settings = Numbered

    @hookimpl
    def check_settings(self, settings: Numbered) -> Iterator[SettingsProblem]:
        if settings.number % 2:
            yield SettingsProblem(("number",), "is odd", warning=True)


def test_what_is_wrong_with_a_configuration_is_found() -> None:
    """As check-config finds it: with the line of a text, and without a file."""
    found = check_config({"one": {"number": 3}}, one=Particular)
    assert [(it.key, it.message) for it in found.warnings] == [("one.number", "is odd")]
    assert not found.problems
    found = check_config("plugins: [one]\none:\n  nmber: 3\n", one=Particular)
    (problem,) = found.problems
    assert (problem.line, problem.hint) == (3, "did you mean number?")
