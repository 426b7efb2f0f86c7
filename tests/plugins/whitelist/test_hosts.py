"""Names whose addresses change."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import gevent
import pytest

from tests.waiting import wait_until
from webfail2ban import parse_address, parse_network
from webfail2ban.testing import NOON, Clock, EngineBox, FakeEngine
from webfail2ban_whitelist import Whitelist, WhitelistSettings
from webfail2ban_whitelist.hosts import Hosts
from webfail2ban_whitelist.resolver import Answer, Resolver

HOME, OFFICE = "home.example.org", "office.example.org"
DAY = 86_400

SILENCE = Answer(frozenset(), frozenset({4, 6}), "Temporary failure in name resolution")
GONE = Answer(frozenset())


class Scripted(Resolver):
    """Answers what the test says; names of which it says nothing are gone."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.closed = False

    def resolve(self, name: str) -> Answer:
        self.asked.append(name)
        return self.answers.get(name, GONE)

    def close(self) -> None:
        self.closed = True


def answer(*texts: str, silent: tuple[int, ...] = ()) -> Answer:
    trouble = SILENCE.trouble if silent else ""
    return Answer(frozenset(map(ip_address, texts)), frozenset(silent), trouble)


class Rig:
    """Names on a clock to turn; what they resolve to is said by the test."""

    def __init__(self, engine: FakeEngine, clock: Clock, **settings: Any) -> None:
        self.engine, self.clock = engine, clock
        self.resolver = Scripted()
        self.settings = WhitelistSettings.model_validate({"hosts": [HOME], **settings})
        self.hosts = Hosts(self.settings, lambda: self.resolver)

    def start(self, *texts: str) -> "Rig":
        """Start; what is due is asked for."""
        self.resolver.answers[HOME] = answer(*texts) if texts else SILENCE
        self.hosts.start(self.engine)
        self.work()
        return self

    def say(self, *texts: str, silent: tuple[int, ...] = ()) -> None:
        """Have the name resolve to something else, and wait until it is asked for."""
        self.fail(answer(*texts, silent=silent))

    def fail(self, said: Answer = SILENCE, seconds: float = 300) -> None:
        """Have the name answered so from now on."""
        self.resolver.answers[HOME] = said
        self.turn(seconds)

    def turn(self, seconds: float) -> None:
        """Turn the clock on, looking now and then."""
        for _ in range(int(seconds // 10)):
            self.clock.turn(10)
            self.work()

    def work(self) -> None:
        """Do what is due."""
        self.hosts.look()
        tasks = [task for task in self.engine.spawned if task != self.hosts.look]
        self.engine.spawned.clear()
        for task in tasks:
            task()

    def passes(self, address: str) -> bool:
        networks = self.hosts.networks
        return networks is not None and any(networks.covering(parse_address(address)))

    @property
    def problems(self) -> list[str]:
        return [*self.hosts.find_problems()]


Make = Callable[..., Rig]


@pytest.fixture
def make(engine: FakeEngine, clock: Clock) -> Make:
    def make_rig(**settings: Any) -> Rig:
        return Rig(engine, clock, **settings)

    return make_rig


def test_a_names_addresses_pass(make: Make) -> None:
    """Of both versions, and of IPv6 the client's whole network; nobody else."""
    rig = make().start("192.0.2.1", "2001:db8::1")
    assert rig.passes("192.0.2.1")
    assert rig.passes("2001:db8::ffff")  # a machine changes the rest each day: RFC 8981
    assert not rig.passes("192.0.2.2")
    assert not rig.passes("2001:db8:0:1::1")
    assert rig.problems == []


def test_a_change_is_seen_and_what_was_remembered_is_forgotten(make: Make) -> None:
    """Of the old address and the new one, and of nobody else."""
    rig = make().start("192.0.2.1", "2001:db8::1")
    rig.engine.forgotten.clear()
    rig.say("192.0.2.2", "2001:db8::2")
    assert [rig.passes(f"192.0.2.{last}") for last in (1, 2)] == [False, True]
    forgotten = {str(network) for network in rig.engine.forgotten}
    assert forgotten == {"192.0.2.1/32", "192.0.2.2/32"}
    rig.engine.forgotten.clear()
    rig.turn(300)
    assert rig.engine.forgotten == []


def test_names_are_asked_for_as_often_as_configured(make: Make) -> None:
    """Not more often."""
    rig = make(hosts_refresh="1m").start("192.0.2.1")
    rig.turn(600)
    assert len(rig.resolver.asked) == 11


def test_while_nobody_can_tell_the_last_addresses_pass(make: Make) -> None:
    """And it is tried again soon, then as often as always."""
    rig = make().start("192.0.2.1")
    rig.turn(290)
    rig.resolver.asked.clear()
    rig.fail(seconds=1210)
    assert rig.passes("192.0.2.1")
    # After 10, 30, 70, 150, 310, 610 and 910 seconds more.
    assert len(rig.resolver.asked) == 8
    rig.say("192.0.2.2")
    assert rig.passes("192.0.2.2")
    assert rig.problems == []


def test_a_name_that_is_gone_is_kept_as_well(make: Make) -> None:
    """Its provider may have lost it for an hour."""
    rig = make().start("192.0.2.1")
    rig.fail(GONE)
    assert rig.passes("192.0.2.1")


def test_one_version_alone_may_fail_or_be_gone(make: Make) -> None:
    """What nobody can tell stays, what somebody knows to be gone goes."""
    rig = make().start("192.0.2.1", "2001:db8::1")
    rig.say("192.0.2.2", silent=(6,))
    assert rig.passes("192.0.2.2")
    assert rig.passes("2001:db8::1")
    rig.say("192.0.2.2")
    assert not rig.passes("2001:db8::1")


def test_the_last_addresses_do_not_pass_for_ever(make: Make) -> None:
    """A provider gives them to somebody else."""
    rig = make(hosts_keep="1h").start("192.0.2.1")
    rig.fail(seconds=3590)
    assert rig.passes("192.0.2.1")
    rig.engine.forgotten.clear()
    rig.turn(10)
    assert not rig.passes("192.0.2.1")
    assert rig.engine.forgotten == [parse_network("192.0.2.1")]


def test_an_operator_is_told_after_a_while(make: Make) -> None:
    """Since when, why, and what passes for how long."""
    rig = make(hosts_keep="1d").start("192.0.2.1")
    rig.fail(seconds=1190)
    assert rig.problems == []
    rig.turn(10)
    (problem,) = rig.problems
    assert problem == (
        "home.example.org: Temporary failure in name resolution, for 15m; "
        "192.0.2.1 passes for another 23h40m"
    )


def test_a_name_that_never_was_there_is_told_earlier(make: Make) -> None:
    """It is probably misspelt."""
    rig = make().start()
    rig.fail(GONE, seconds=60)
    assert rig.problems == ["home.example.org: it has no address, for 1m; it lets nobody in"]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("0.0.0.0", "unspecified"),
        ("127.0.0.1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("10.0.0.1", "private"),
        ("172.17.0.1", "private"),
        ("100.64.0.1", "private"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fe80::1", "link-local"),
        ("ff02::1", "multicast"),
        ("fd00::1", "private"),
        ("64:ff9b::c000:201", "a translator's"),
    ],
)
def test_no_gateway_passes_because_of_a_name(make: Make, address: str, kind: str) -> None:
    """With everybody who comes through it; what there was stays, and what is good is taken."""
    rig = make().start("192.0.2.1")
    rig.say(address)
    assert rig.passes("192.0.2.1")
    assert not rig.passes(address)
    rig.say(address, "192.0.2.2")
    assert [rig.passes(text) for text in ("192.0.2.1", "192.0.2.2", address)] == [
        False,
        True,
        False,
    ]
    assert rig.problems == [f"home.example.org: {address} ({kind}) isn't taken"]


def test_private_addresses_pass_where_that_is_configured(make: Make) -> None:
    """In a network with a name server of its own; loopback still doesn't."""
    rig = make(hosts_private=True).start("10.0.0.1", "fd00::1", "127.0.0.1")
    assert rig.passes("10.0.0.1")
    assert rig.passes("fd00::1")
    assert not rig.passes("127.0.0.1")


def test_a_name_with_far_too_many_addresses_is_refused(make: Make) -> None:
    """It is a great service's, or somebody plays tricks."""
    rig = make().start("192.0.2.1")
    rig.fail(answer(*(f"198.51.100.{last}" for last in range(17))), seconds=1200)
    assert rig.passes("192.0.2.1")
    assert not rig.passes("198.51.100.1")
    (problem,) = rig.problems
    assert "it has 17 addresses, and no client's name has over 16" in problem


def test_a_restart_knows_the_last_addresses(make: Make, engine: FakeEngine) -> None:
    """Before anybody has answered, and although nobody does; how old they are counts on."""
    make(hosts_keep="1d").start("192.0.2.1", "2001:db8::1")
    engine.clock.turn(DAY / 2)
    rig = make(hosts_keep="1d").start()
    assert rig.passes("192.0.2.1")
    assert rig.passes("2001:db8::1")
    rig.turn(DAY / 2)
    assert not rig.passes("192.0.2.1")


def test_what_is_known_is_kept_anew_now_and_then(make: Make, engine: FakeEngine) -> None:
    """Each hour, not each time: a restart must not take it for older than it is."""
    rig = make().start("192.0.2.1")
    assert engine.store[HOME] == (f'[[{NOON}, "192.0.2.1"]]', NOON + 7 * DAY)
    rig.turn(3500)
    assert engine.store[HOME][1] == NOON + 7 * DAY
    rig.turn(300)
    assert engine.store[HOME][1] >= NOON + 3600 + 7 * DAY


@pytest.mark.parametrize("text", ["", "7", "[[1]]", '[["x", "192.0.2.1"]]', '[[1, "host"]]'])
def test_what_was_kept_by_somebody_else_is_left_alone(
    make: Make, engine: FakeEngine, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Another version may have written it."""
    engine.keep(HOME, text)
    make().start("192.0.2.1")
    assert "what was kept of home.example.org can't be read" in caplog.text


def test_a_reload_goes_on_with_what_is_known(make: Make) -> None:
    """Of the names that are still there; the old one's look-ups may hang."""
    old = make(hosts=[HOME, OFFICE])
    old.resolver.answers[OFFICE] = answer("198.51.100.1")
    old.start("192.0.2.1")
    new = make(hosts=[HOME])
    new.hosts.take_over(old.hosts)
    new.start()
    assert new.passes("192.0.2.1")
    assert not new.passes("198.51.100.1")


def test_a_name_is_not_asked_for_twice_at_the_same_time(make: Make) -> None:
    """One that hangs takes one thread for each version, no more."""
    rig = make()
    rig.hosts.start(rig.engine)
    rig.hosts.look()
    rig.clock.turn(1000)
    rig.hosts.look()
    asks = [task for task in rig.engine.spawned if task != rig.hosts.look]
    assert len(asks) == 1
    asks[0]()
    assert rig.resolver.asked == [HOME]


def test_without_names_nothing_is_asked_or_started(make: Make) -> None:
    """Nor kept, nor measured."""
    rig = make(hosts=[])
    rig.hosts.start(rig.engine)
    rig.hosts.stop()
    assert (rig.engine.spawned, rig.resolver.closed, rig.hosts.metrics()) == ([], False, ())


def test_the_whole_plugin_lets_a_name_in() -> None:
    """From the next verdict on, although another one is remembered; and says how names stand."""
    resolver = Scripted()
    resolver.answers[HOME] = SILENCE

    class Asking(Whitelist):
        def __init__(self) -> None:
            super().__init__(lambda: resolver)

    box = EngineBox({"whitelist": {"hosts": [HOME]}}, whitelist=Asking)
    (plugin,) = box.engine.plugins
    whitelist: Any = plugin.implementation
    try:
        wait_until(lambda: resolver.asked, "the name is asked for", gevent.sleep)
        assert "reason" not in box.ask("192.0.2.1")
        resolver.answers[HOME] = answer("192.0.2.1")
        box.turn(20)
        wait_until(lambda: whitelist.hosts.networks, "there is an answer", gevent.sleep)
        assert box.ask("192.0.2.1")["reason"] == "whitelist: home.example.org is 192.0.2.1"
        status = whitelist.status()
        assert status.problems == ()
        assert status.details == {
            "hosts": [
                {
                    "name": HOME,
                    "addresses": ["192.0.2.1"],
                    "told": box.clock(),
                    "trouble": "",
                }
            ]
        }
        (metric,) = status.metrics
        assert metric.samples == [({"host": HOME}, box.clock())]
    finally:
        box.close()
    assert resolver.closed


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("192.0.2.1", "192.0.2.1 belongs in networks"),
        ("2001:db8::/32", "2001:db8::/32 belongs in networks"),
        ("192.0.2", "must be a host name such as home.example.org, not '192.0.2'"),
        ("*.example.org", "must be a host name"),
        ("home..example", "must be a host name"),
        ("-x.example", "must be a host name"),
        ("https://home.example", "must be a host name"),
        ("", "must be a host name"),
    ],
)
def test_what_is_no_host_name_is_refused(name: str, said: str) -> None:
    """With the place where it belongs."""
    with pytest.raises(ValueError, match=said.replace("*", r"\*")):
        WhitelistSettings.model_validate({"hosts": [name]})


def test_a_host_name_is_written_in_one_way() -> None:
    """In small letters, without the final dot."""
    assert WhitelistSettings.model_validate({"hosts": ["Home.Example.ORG."]}).hosts == (HOME,)
