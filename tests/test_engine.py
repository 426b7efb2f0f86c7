import logging
import time
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network
from math import inf
from typing import Any

import gevent
import pytest

from tests.plugged import plugged
from tests.waiting import wait_until
from webfail2ban import engine as engine_module
from webfail2ban import hookimpl
from webfail2ban.addresses import Network
from webfail2ban.bans import BanTable
from webfail2ban.config import EngineSettings, VerdictSettings
from webfail2ban.engine import Engine, EngineHost
from webfail2ban.errors import PluginError
from webfail2ban.keeping.keeper import Keeper
from webfail2ban.model import Ban, Failure, Opinion, Query
from webfail2ban.testing import Clock
from webfail2ban.turns import give_way

CLIENT = IPv4Address("192.0.2.1")
NETWORK = ip_network(CLIENT)
FAILURE = Failure("sshd", CLIENT, 0.0)


class Counting:
    """A plugin that keeps what the engine gives it.

    Attributes:
        failures: The batches.
        engine: What it may ask of the engine.
    """

    engine: EngineHost

    def __init__(self) -> None:
        self.failures: list[Sequence[Failure]] = []

    @hookimpl
    def start_engine(self, engine: EngineHost) -> None:
        self.engine = engine

    @hookimpl
    def count_failures(self, failures: Sequence[Failure]) -> None:
        self.failures.append(failures)


class Breaking:
    @hookimpl
    def count_failures(self) -> None:
        raise SystemExit(3)


class Late(Keeper):
    """A keeper whose store can be read only later.

    Attributes:
        changed: To be called then.
    """

    changed: Callable[[], object]

    def start(self, _bans: BanTable, changed: Callable[[], object] = int) -> None:
        self.changed = changed


class CannotStart:
    @hookimpl
    def start_engine(self) -> None:
        raise LookupError("no database")


class Speaking:
    """A plugin that tells of the bans in force."""

    engine: EngineHost

    @hookimpl
    def start_engine(self, engine: EngineHost) -> None:
        self.engine = engine

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        assert query.address is not None
        ban = self.engine.find_ban(query.address)
        return Opinion.ban(ban.reason, jail=ban.jail, until=ban.until) if ban else None


@pytest.fixture
def real(clock: Clock, caplog: pytest.LogCaptureFixture) -> Iterator[Engine]:
    """A started engine without plugins."""
    caplog.set_level(logging.INFO)
    engine = Engine(EngineSettings(), plugged(), clock)
    engine.start()
    yield engine
    engine.stop()


def ban(until: float = inf, network: Network = NETWORK, jail: str = "sshd") -> Ban:
    return Ban(network, jail, min(until, 1.0), until, "3 failures")


def remember(engine: Engine) -> None:
    """Let the engine remember an answer about the client."""
    engine.memory.remember(b"question", b"answer", [CLIENT], inf)


def test_a_ban_is_in_force_at_once(real: Engine, clock: Clock) -> None:
    """No remembered answer outlives it."""
    remember(real)
    assert real.ban(ban(clock.time + 60))
    assert real.memory.recall(b"question") is None
    assert real.bans.find(CLIENT)


def test_a_ban_has_one_line_in_the_log(
    real: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """With the network, the jail, how long and why."""
    real.ban(Ban(NETWORK, "sshd", clock.time, clock.time + 5400, "3 failures"))
    real.ban(Ban(ip_network("2001:db8::/64"), "dovecot", clock.time, inf, "again"))
    assert caplog.messages == [
        "ban 192.0.2.1 [sshd] for 1h30m: 3 failures",
        "ban 2001:db8::/64 [dovecot] for ever: again",
    ]


def test_a_ban_that_changes_nothing_is_not_told(
    real: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The longer one stands, what is over is over."""
    real.ban(ban(clock.time + 60))
    remember(real)
    caplog.clear()
    assert not real.ban(ban(clock.time + 30))
    assert not real.ban(ban(clock.time))
    assert real.memory.recall(b"question")
    assert not caplog.messages


def test_an_unban_takes_effect_at_once(real: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """And has one line in the log, too."""
    real.ban(ban())
    remember(real)
    caplog.clear()
    assert [lifted.jail for lifted in real.unban(NETWORK)] == ["sshd"]
    assert real.memory.recall(b"question") is None
    assert real.bans.find(CLIENT) is None
    assert caplog.messages == ["unban 192.0.2.1 [sshd]: it was lifted"]


def test_an_unban_may_be_for_one_jail(real: Engine) -> None:
    """The others' bans stand."""
    real.ban(ban())
    real.ban(ban(jail="dovecot"))
    real.unban(NETWORK, "dovecot")
    found = real.bans.find(CLIENT)
    assert found
    assert found.jail == "sshd"


def test_an_unban_of_nothing_says_nothing(real: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """There is nothing to say."""
    assert real.unban(NETWORK) == ()
    assert not caplog.messages


def test_a_ban_ends_to_the_second(
    real: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Its answers are forgotten then; each ban has one line, in the order of their ends."""
    real.ban(ban(clock.time + 20, jail="late"))
    real.ban(ban(clock.time + 10))
    remember(real)
    caplog.clear()
    clock.turn(9.999)
    real.expire()
    assert not caplog.messages
    clock.turn(0.001)
    real.expire()
    assert real.memory.recall(b"question") is None
    clock.turn(10)
    real.expire()
    assert caplog.messages == [
        "unban 192.0.2.1 [sshd]: its time is over",
        "unban 192.0.2.1 [late]: its time is over",
    ]


def test_a_prolonged_ban_has_one_end(
    real: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The later one."""
    real.ban(ban(clock.time + 10))
    real.ban(ban(clock.time + 20))
    caplog.clear()
    clock.turn(10)
    real.expire()
    assert not caplog.messages
    clock.turn(10)
    real.expire()
    assert caplog.messages == ["unban 192.0.2.1 [sshd]: its time is over"]


def test_bans_end_by_themselves() -> None:
    """A short one although the engine sleeps until the end of a long one."""
    engine = Engine(EngineSettings(), plugged(), time.time)
    engine.start()
    began = time.time()
    engine.ban(ban(began + 3600, jail="long"))
    give_way()
    engine.ban(ban(began + 0.1))
    wait_until(lambda: len(engine.bans) == 1, "the short one ends", gevent.sleep)
    assert time.time() >= began + 0.1
    engine.stop()


def test_a_clock_that_is_set_does_not_delay_an_end(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine looks at it now and then."""
    monkeypatch.setattr(engine_module, "LONGEST_NAP", 0.01)
    engine = Engine(EngineSettings(), plugged(), clock)
    engine.start()
    engine.ban(ban(clock.time + 3600))
    give_way()
    clock.turn(3600)
    wait_until(lambda: not len(engine.bans), "the ban ends", gevent.sleep)
    engine.stop()


def test_the_verdict_follows_the_bans(clock: Clock) -> None:
    """What a plugin may ask of the engine is what it keeps."""
    engine = Engine(EngineSettings(), plugged(speaking=Speaking()), clock)
    engine.start()
    query = Query("check-ip", (), CLIENT)
    assert not engine.judge(query).banned
    engine.ban(ban(clock.time + 60))
    verdict = engine.judge(query)
    assert (verdict.banned, verdict.jail, verdict.until) == (True, "sshd", clock.time + 60)
    engine.unban(NETWORK)
    assert not engine.judge(query).banned
    engine.stop()


def test_bans_that_come_into_force_late_end_in_time(clock: Clock) -> None:
    """And no answer outlives their coming."""
    keeper = Late()
    engine = Engine(EngineSettings(), plugged(), clock, keeper)
    engine.start()
    gevent.sleep(0)  # until it naps
    remember(engine)
    engine.bans.add(ban(clock.time + 0.01))
    keeper.changed()
    assert engine.memory.recall(b"question") is None
    gevent.sleep(0)
    clock.turn(1)
    wait_until(lambda: not len(engine.bans), "it ends", gevent.sleep)
    engine.stop()


def test_a_plugin_steers_the_engine(clock: Clock) -> None:
    """Each request does what the engine's own does."""
    plugin = Counting()
    engine = Engine(EngineSettings(), plugged(counting=plugin), clock)
    engine.start()
    host = plugin.engine
    assert (host.plugin, host.now()) == ("counting", clock.time)
    remember(engine)
    assert host.ban(ban(clock.time + 60))
    assert engine.memory.recall(b"question") is None
    assert host.find_ban(CLIENT)
    assert len(host.unban(NETWORK)) == 1
    remember(engine)
    host.forget(NETWORK)
    assert engine.memory.recall(b"question") is None
    remember(engine)
    host.forget()
    assert engine.memory.recall(b"question") is None
    engine.stop()


@pytest.mark.parametrize(("prefix", "network"), [(64, "2001:db8::/64"), (56, "2001:db8::/56")])
def test_an_ipv6_client_is_a_prefix(clock: Clock, prefix: int, network: str) -> None:
    """As long as configured; an IPv4 client is its address."""
    plugin = Counting()
    settings = EngineSettings(verdict=VerdictSettings(ipv6_prefix=prefix))
    engine = Engine(settings, plugged(counting=plugin), clock)
    engine.start()
    assert plugin.engine.client_network(IPv6Address("2001:db8::1")) == ip_network(network)
    assert plugin.engine.client_network(CLIENT) == NETWORK
    engine.stop()


def test_a_plugin_that_cannot_start_is_named(clock: Clock) -> None:
    """The program doesn't start without it."""
    engine = Engine(EngineSettings(), plugged(broken=CannotStart()), clock)
    with pytest.raises(PluginError, match=r"^plugin broken: LookupError: no database$"):
        engine.start()
    engine.stop()


def test_failures_reach_every_plugin_that_counts(clock: Clock) -> None:
    """One that raises loses the batch for itself only."""
    before, behind = Counting(), Counting()
    engine = Engine(
        EngineSettings(), plugged(before=before, broken=Breaking(), behind=behind), clock
    )
    engine.count_failures([FAILURE])
    assert before.failures == behind.failures == [[FAILURE]]
    assert engine.isolation.failures == {("broken", "count_failures"): 1}


def test_a_stop_ends_what_plugins_have_started(clock: Clock) -> None:
    """Although one of them holds on to itself."""
    plugin = Counting()
    engine = Engine(EngineSettings(), plugged(counting=plugin), clock)
    engine.start()
    ended: list[str] = []

    def run() -> None:
        try:
            gevent.sleep(3600)
        finally:
            ended.append("run")

    def hold_on() -> None:
        while not ended:
            try:
                gevent.sleep(3600)
            except gevent.GreenletExit:
                gevent.sleep(3600)

    plugin.engine.spawn(hold_on)
    plugin.engine.spawn(run)
    give_way()
    engine.stop(0.1)
    assert ended == ["run"]


class Successor(Counting):
    """A plugin that goes on with its predecessor's batches, and works beside."""

    def __init__(self, name: str, *, fails: str = "") -> None:
        super().__init__()
        self.name = name
        self.fails = fails
        self.stopped = False

    @hookimpl
    def take_over(self, predecessor: Any) -> None:
        if self.fails == "take over":
            raise RuntimeError("nothing to take")
        self.failures = predecessor.failures

    @hookimpl
    def start_engine(self, engine: EngineHost) -> None:
        if self.fails == "start":
            raise RuntimeError("no database")
        self.engine = engine
        engine.spawn(self.work)

    def work(self) -> None:
        while True:
            gevent.sleep(3600)

    @hookimpl
    def opinion(self, query: Query) -> Opinion:
        assert query.address is not None
        return Opinion.add_score(1, self.name)

    @hookimpl
    def stop_engine(self) -> None:
        self.stopped = True


def reason(engine: Engine) -> str:
    return engine.judge(Query("check", (), CLIENT)).reason


def test_new_plugins_take_over(clock: Clock) -> None:
    """With what the old ones learned; bans stay, remembered answers and old greenlets don't."""
    old, new = Successor("old"), Successor("new")
    engine = Engine(EngineSettings(), plugged(one=old), clock)
    engine.start()
    engine.count_failures([FAILURE])
    engine.ban(ban())
    remember(engine)
    settings = EngineSettings(verdict=VerdictSettings(ipv6_prefix=48, remember=1))
    engine.replace(settings, plugged(one=new), 1.0)
    assert reason(engine) == "new"
    assert [plugin.implementation for plugin in engine.plugins] == [new]
    assert new.failures == [[FAILURE]]
    assert old.stopped
    assert not new.stopped
    assert engine.bans.find(CLIENT)
    assert engine.memory.recall(b"question") is None
    assert str(engine.client_network(IPv6Address("2001:db8:1:2::3"))) == "2001:db8:1::/48"
    engine.stop()
    assert new.stopped


def test_a_plugin_that_cannot_start_leaves_the_old_ones_at_work(clock: Clock) -> None:
    """Those that had started are stopped again."""
    old, first = Successor("old"), Successor("first")
    engine = Engine(EngineSettings(), plugged(one=old), clock)
    engine.start()
    with pytest.raises(PluginError, match="plugin two: RuntimeError: no database"):
        engine.replace(EngineSettings(), plugged(one=first, two=Successor("two", fails="start")))
    assert reason(engine) == "old"
    assert first.stopped
    assert not old.stopped
    engine.count_failures([FAILURE])
    assert old.failures == [[FAILURE]]
    engine.stop()


def test_a_plugin_that_cannot_take_over_begins_with_nothing(clock: Clock) -> None:
    """It is named in the log and counted."""
    engine = Engine(EngineSettings(), plugged(one=Successor("old")), clock)
    engine.start()
    engine.count_failures([FAILURE])
    new = Successor("new", fails="take over")
    engine.replace(EngineSettings(), plugged(other=Counting(), one=new))
    assert new.failures == []
    assert engine.isolation.failures == {("one", "take_over"): 1}
    engine.stop()


class Knowing:
    def __init__(self, *words: str) -> None:
        self.words = words

    @hookimpl
    def traits(self) -> Sequence[str] | None:
        return self.words or None


class Forgetful:
    @hookimpl
    def traits(self) -> Sequence[str]:
        raise LookupError("no database")


def test_plugins_ask_where_a_client_belongs(clock: Clock) -> None:
    """All plugins are heard, in small letters; one that fails is left out."""
    asker = Counting()
    plugins = plugged(
        asker=asker, geo=Knowing("country:DE", "AS64500"), broken=Forgetful(), none=Knowing()
    )
    engine = Engine(EngineSettings(), plugins, clock)
    engine.start()
    assert asker.engine.traits(CLIENT) == {"country:de", "as64500"}
    assert engine.isolation.failures == {("broken", "traits"): 1}
    engine.stop()


class Observing:
    """A plugin that takes note of the messages of one name, or fails at it."""

    def __init__(self, message: str | None) -> None:
        self.message = message

    @hookimpl
    def observe(self, query: Query) -> bool | None:
        if self.message is None:
            raise LookupError("no message")
        return query.message == self.message


def test_one_plugin_takes_note_of_a_message(clock: Clock) -> None:
    """Whichever is the first that wants it; one that fails is left out."""
    plugins = plugged(broken=Observing(None), one=Observing("one"), other=Observing("other"))
    engine = Engine(EngineSettings(), plugins, clock)
    assert engine.observe(Query("other", (), CLIENT))
    assert not engine.observe(Query("check-ip", (), CLIENT))
    assert engine.isolation.failures == {("broken", "observe"): 2}


def test_a_plugin_hands_failures_to_whoever_counts_them(clock: Clock) -> None:
    """As those that the sensor finds."""
    asker, counter = Counting(), Counting()
    engine = Engine(EngineSettings(), plugged(asker=asker, counter=counter), clock)
    engine.start()
    asker.engine.count_failures([FAILURE])
    assert counter.failures == [[FAILURE]]
    engine.stop()
