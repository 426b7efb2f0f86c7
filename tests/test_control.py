"""Everything that an operator can do, in plain Python."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from math import inf

import pytest

from tests.api.panels import FRIEND, fail_to_reload, make_engine
from tests.plugged import plugged
from tests.turns import counting_turns
from webfail2ban import hookimpl
from webfail2ban.addresses import Address, Network
from webfail2ban.config import EngineSettings
from webfail2ban.control import Control, Order, Wanted
from webfail2ban.engine import Engine
from webfail2ban.model import Ban, Stance
from webfail2ban.statuses import ClientCount
from webfail2ban.testing import NOON, Clock

HOUR = 3600.0


@pytest.fixture
def engine(clock: Clock) -> Iterator[Engine]:
    """An engine that has been started."""
    engine = make_engine(clock)
    yield engine
    engine.stop()


@pytest.fixture
def control(engine: Engine) -> Control:
    return Control(engine, fail_to_reload)


def order(network: str, duration: float = HOUR, jail: str = "manual", reason: str = "") -> Order:
    return Order(ip_network(network), duration, jail, reason)


def networks(bans: Sequence[Ban]) -> list[str]:
    return [str(ban.network) for ban in bans]


def test_a_ban_begins_now_and_holds(control: Control, engine: Engine) -> None:
    """From the next verdict on."""
    ((ban, changed),) = control.ban([order("192.0.2.1", reason="rude")])
    assert changed
    assert ban == Ban(ip_network("192.0.2.1"), "manual", NOON, NOON + HOUR, "rude")
    assert engine.bans.find(ip_address("192.0.2.1")) == ban


def test_a_shorter_ban_changes_nothing(control: Control) -> None:
    """The one in force is told."""
    ((long, _),) = control.ban([order("192.0.2.1", inf)])
    ((told, changed),) = control.ban([order("192.0.2.1", 60)])
    assert not changed
    assert told == long


def test_pages_hold_each_ban_once(control: Control) -> None:
    """Also where conditions leave most of them out."""
    orders = [order(f"10.0.{n // 256}.{n % 256}", jail=f"j{n % 7}") for n in range(300)]
    control.ban(orders)
    for wanted, count in ((Wanted(), 300), (Wanted(jail="j3"), 43), (Wanted(jail="none"), 0)):
        found: list[str] = []
        cursor: int | None = 0
        while cursor is not None:
            page = control.list_bans(wanted, cursor, 7)
            assert len(page.bans) <= 7
            found += networks(page.bans)
            cursor = page.cursor
        assert len(found) == len(set(found)) == count


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(covering=ip_network("10.1.2.3")), ["10.1.2.3/32", "10.1.2.0/24", "10.0.0.0/8"]),
        (Wanted(covering=ip_network("10.1.2.0/25")), ["10.1.2.0/24", "10.0.0.0/8"]),
        (Wanted(covering=ip_network("2001:db8::/64")), ["2001:db8::/32"]),
        (Wanted(inside=ip_network("10.1.0.0/16")), ["10.1.2.3/32", "10.1.2.0/24"]),
        (Wanted(inside=ip_network("10.1.2.3")), ["10.1.2.3/32"]),
        (Wanted(inside=ip_network("::/0")), ["2001:db8::/32"]),
        (Wanted(text="SPAM"), ["10.1.2.0/24"]),
        (Wanted(text="spam", jail="other"), []),
    ],
)
def test_conditions_choose(control: Control, wanted: Wanted, expected: list[str]) -> None:
    """Every one must hold."""
    control.ban([order("10.1.2.3"), order("10.1.2.0/24", reason="sends Spam")])
    control.ban([order("10.0.0.0/8"), order("2001:db8::/32")])
    assert networks(control.list_bans(wanted, 0, 10).bans) == expected


def test_many_bans_let_others_have_their_turn(control: Control) -> None:
    """Listing, walking, making and lifting them."""
    orders = [order(f"10.0.{n // 256}.{n % 256}") for n in range(1000)]
    with counting_turns() as turns:
        for act in (
            lambda: control.ban(orders),
            lambda: control.list_bans(Wanted(), 0, 1000),
            lambda: list(control.walk()),
            control.unban_all,
        ):
            before = turns.count
            act()
            assert turns.count - before >= 1000 / 50


def test_bans_from_elsewhere_keep_their_times(control: Control, engine: Engine) -> None:
    """What is over, or would shorten one, is skipped."""
    network: Network = ip_network("192.0.2.1")
    bans = [
        Ban(network, "sshd", NOON - 60, NOON + 60, "x", 3),
        Ban(network, "sshd", NOON - 60, NOON + 30),
        Ban(network, "dovecot", NOON - 60, NOON - 30),
    ]
    result = control.bring(bans)
    assert (result.made, result.skipped) == (1, 2)
    assert engine.bans.get(network) == (bans[0],)


def test_all_bans_of_a_jail_are_lifted(control: Control, engine: Engine) -> None:
    """Those of others stay."""
    control.ban([order("192.0.2.1"), order("192.0.2.1", jail="sshd"), order("192.0.2.2")])
    assert control.unban_all("manual") == 2
    assert networks(tuple(engine.bans)) == ["192.0.2.1/32"]
    assert control.unban_all() == 1
    assert control.size == 0


def test_a_ban_is_shown_with_its_lines(control: Control, engine: Engine) -> None:
    """The keeper has them, not the table."""
    network: Network = ip_network("192.0.2.1")
    engine.ban(Ban(network, "sshd", NOON, NOON + 60, lines=("one", "two")))
    (ban,) = control.get_bans(network)
    assert ban.lines == ("one", "two")


def test_an_address_is_examined(control: Control, clock: Clock) -> None:
    """The verdict, every opinion, the bans that hold it and those that are over."""
    control.ban([order("192.0.2.1", 60, "sshd", "first")])
    clock.turn(61)
    control.ban([order("192.0.2.0/24", reason="all of them")])
    found = control.check(ip_address("192.0.2.1"))
    assert found.verdict.banned
    assert found.verdict.reason == "all of them"
    assert [(name, said and said.stance) for name, said in found.opinions] == [
        ("whitelist", None),
        ("jails", Stance.BAN),
    ]
    assert networks(found.bans) == ["192.0.2.0/24"]
    assert [(ban.jail, ban.reason) for ban in found.past] == [("sshd", "first")]


def test_a_friend_passes_although_he_is_banned(control: Control) -> None:
    """Both opinions are told."""
    control.ban([order(str(FRIEND))])
    found = control.check(FRIEND)
    assert not found.verdict.banned
    stances = [said.stance for _, said in found.opinions if said]
    assert stances == [Stance.ALLOW, Stance.BAN]


def test_a_reload_is_handed_on(control: Control) -> None:
    """To whoever does it."""
    assert control.reload() == fail_to_reload()


class Counter:
    """A plugin that counts every client."""

    @hookimpl
    def examine(self, address: Address) -> list[ClientCount]:
        return [ClientCount("sshd", str(address), 2, 5, NOON)]


class Uncountable:
    @hookimpl
    def examine(self) -> None:
        raise LookupError("where am I?")


def test_a_check_tells_what_plugins_have_counted(clock: Clock) -> None:
    """One that fails is named, and the others are heard."""
    plugins = plugged(broken=Uncountable(), counter=Counter())
    engine = Engine(EngineSettings(), plugins, clock)
    found = Control(engine, fail_to_reload).check(ip_address("192.0.2.1"))
    assert found.counts == (ClientCount("sshd", "192.0.2.1", 2, 5, NOON),)
    assert engine.isolation.failures == {("broken", "examine"): 1}
