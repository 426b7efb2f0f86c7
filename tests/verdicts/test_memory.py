from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.addresses import Address, client_network
from webfail2ban.testing import Clock
from webfail2ban.verdicts.memory import Memory

CLIENT = IPv4Address("192.0.2.1")
OTHER = IPv4Address("192.0.2.2")


def test_an_answer_is_recalled(clock: Clock) -> None:
    """Under its payload and no other."""
    memory = Memory(clock, 10)
    memory.remember(b"question", b"answer", [CLIENT], inf)
    assert memory.recall(b"question") == b"answer"
    assert memory.recall(b"another") is None


def test_an_answer_ends_when_it_was_said_to(clock: Clock) -> None:
    """Not a moment later."""
    memory = Memory(clock, 10)
    memory.remember(b"question", b"answer", [CLIENT], clock.time + 5)
    clock.turn(4.999)
    memory.refresh()
    assert memory.recall(b"question")
    clock.turn(0.001)
    memory.refresh()
    assert memory.recall(b"question") is None


def test_a_new_answer_is_not_ended_by_its_predecessor(clock: Clock) -> None:
    """The old end waits in the heap, but it isn't this answer's."""
    memory = Memory(clock, 10)
    memory.remember(b"question", b"banned", [CLIENT], clock.time + 5)
    memory.forget(ip_network("192.0.2.1/32"))
    memory.remember(b"question", b"passes", [CLIENT], inf)
    clock.turn(5)
    memory.refresh()
    assert memory.recall(b"question") == b"passes"


def test_what_is_over_is_not_remembered(clock: Clock) -> None:
    """Nor what must be asked each time, whose end is 0."""
    memory = Memory(clock, 10)
    memory.remember(b"question", b"answer", [CLIENT], 0)
    assert memory.recall(b"question") is None


def test_a_change_forgets_every_answer_about_the_client(clock: Clock) -> None:
    """Whatever else was asked along with it; other clients' answers stay."""
    memory = Memory(clock, 10)
    memory.remember(b"http", b"1", [CLIENT], inf)
    memory.remember(b"imap", b"2", [CLIENT, OTHER], inf)
    memory.remember(b"smtp", b"3", [OTHER], inf)
    memory.forget(ip_network("192.0.2.1/32"))
    assert [memory.recall(name) for name in (b"http", b"imap", b"smtp")] == [None, None, b"3"]


def test_a_change_of_an_ipv6_client_forgets_its_neighbours_in_the_prefix(clock: Clock) -> None:
    """They are one client."""
    memory = Memory(clock, 10)
    memory.remember(b"question", b"answer", [IPv6Address("2001:db8::1")], inf)
    memory.forget(ip_network("2001:db8::2/128"))
    assert memory.recall(b"question") is None


def test_a_change_of_a_wide_network_forgets_everything(clock: Clock) -> None:
    """It happens seldom."""
    memory = Memory(clock, 10)
    memory.remember(b"question", b"answer", [CLIENT], inf)
    memory.forget(ip_network("198.51.100.0/24"))
    assert len(memory) == 0


def test_the_oldest_answers_go_when_it_is_full(clock: Clock) -> None:
    """The number is bounded, whoever asks."""
    memory = Memory(clock, 32)
    for number in range(100):
        memory.remember(b"%d" % number, b"answer", [ip_address(number)], inf)
        assert len(memory) <= 32
    assert memory.recall(b"0") is None
    assert memory.recall(b"99") == b"answer"


def test_nothing_is_remembered_with_a_limit_of_zero(clock: Clock) -> None:
    """An operator may switch it off."""
    memory = Memory(clock, 0)
    memory.remember(b"question", b"answer", [CLIENT], inf)
    assert memory.recall(b"question") is None


def test_forgotten_ends_do_not_pile_up(clock: Clock) -> None:
    """A client that is banned and unbanned all day leaves no trace."""
    memory = Memory(clock, 4)
    for _ in range(100):
        memory.remember(b"question", b"answer", [CLIENT], clock.time + 3600)
        memory.forget(ip_network("192.0.2.1/32"))
    assert len(memory._ends) <= 2 * 4 + 1
    assert memory._payloads == {}


CLIENTS: list[Address] = [IPv4Address(number) for number in range(4)]
STEPS = st.one_of(
    st.tuples(
        st.just("remember"), st.integers(0, 5), st.integers(0, 3), st.sampled_from([1, 3, inf])
    ),
    st.tuples(st.just("forget"), st.integers(0, 3), st.just(0), st.just(0)),
    st.tuples(st.just("turn"), st.integers(1, 3), st.just(0), st.just(0)),
)


@given(st.lists(STEPS))
def test_it_never_recalls_what_a_list_of_all_answers_would_not(
    steps: list[tuple[str, int, int, float]],
) -> None:
    """Against a model that is too simple to be wrong."""
    clock = Clock()
    memory = Memory(clock, 100)
    model: dict[bytes, tuple[bytes, Address, float]] = {}
    for number, (step, first, second, life) in enumerate(steps):
        if step == "remember":
            payload, answer = b"%d" % first, b"answer %d" % number
            memory.remember(payload, answer, [CLIENTS[second]], clock.time + life)
            model[payload] = (answer, CLIENTS[second], clock.time + life)
        elif step == "forget":
            memory.forget(client_network(CLIENTS[first]))
            model = {key: kept for key, kept in model.items() if kept[1] != CLIENTS[first]}
        else:
            clock.turn(first)
        memory.refresh()
        for key in (b"%d" % payload for payload in range(6)):
            kept = model.get(key)
            assert memory.recall(key) == (kept[0] if kept and kept[2] > clock.time else None)
