from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from webfail2ban import Failure, Network
from webfail2ban_jails.counting import Counter, ExactWindow, Reached

CLIENT: Network = ip_network("192.0.2.1/32")


def add(
    counter: Counter, time: float, *, now: float | None = None, weight: int = 1
) -> Reached | None:
    failure = Failure("jail", ip_address("192.0.2.1"), time, weight, (f"line at {time:g}",))
    return counter.add(CLIENT, failure, max(time, now or time))


def test_the_count_is_an_estimate_of_the_rate() -> None:
    """Four failures at the start of 601 s count as four within 600: fail2ban bans here."""
    counter = Counter(5, 600, 5)
    for time in (0, 1, 2, 3):
        assert add(counter, time) is None
    reached = add(counter, 601)
    assert reached is not None
    assert reached.failures == 5
    assert reached.since == 1


def test_the_estimate_rounds_half_to_even() -> None:
    """Three failures over twice the findtime are 1.5, which is 2; one is 0.5, which is 0."""
    counter = Counter(3, 100, 5)
    add(counter, 0)
    add(counter, 1)
    assert add(counter, 90) is not None  # within findtime, nothing is scaled
    add(counter, 0)
    assert add(counter, 99) is None
    counter = Counter(4, 100, 5)
    for time in (0, 10, 20):
        add(counter, time)
    assert add(counter, 119.5) is not None


def test_a_failure_of_the_past_counts_too() -> None:
    """Two logs may be read in any order."""
    counter = Counter(3, 600, 5)
    add(counter, 100)
    add(counter, 50, now=100)
    assert add(counter, 100) is not None


def test_a_failure_of_the_future_counts_as_now() -> None:
    """A clock that goes fast doesn't keep a count alive."""
    counter = Counter(2, 60, 5)
    failure = Failure("jail", ip_address("192.0.2.1"), 10_000)
    counter.add(CLIENT, failure, 0)
    assert add(counter, 61) is None


def test_only_the_last_lines_are_kept() -> None:
    """As many as maxmatches."""
    counter = Counter(4, 600, 2)
    for time in (1, 2, 3):
        add(counter, time)
    reached = add(counter, 4)
    assert reached is not None
    assert reached.lines == ("line at 3", "line at 4")


def test_no_lines_are_kept_when_none_are_wanted() -> None:
    """A maxmatches of 0."""
    reached = add(Counter(1, 600, 0), 1)
    assert reached is not None
    assert reached.lines == ()


def test_weights_add_up() -> None:
    """One failure may be enough."""
    assert add(Counter(5, 600, 5), 1, weight=5) is not None


def test_old_counts_are_forgotten() -> None:
    """Whoever failed longer ago than findtime costs no memory."""
    counter = Counter(5, 60, 5)
    for number in range(100):
        client = ip_network(f"198.51.100.{number}/32")
        counter.add(client, Failure("jail", ip_address("192.0.2.1"), number), number)
    assert len(counter) == 60


def test_the_number_of_clients_is_bounded() -> None:
    """The one that failed longest ago goes first."""
    counter = Counter(2, 600, 5, max_clients=10)
    for number in range(100):
        client = ip_network(f"198.51.100.{number}/32")
        counter.add(client, Failure("jail", ip_address("192.0.2.1"), 0), 0)
    assert len(counter) == 10
    last = ip_network("198.51.100.99/32")
    assert counter.add(last, Failure("jail", ip_address("192.0.2.1"), 1), 1) is not None


def test_the_exact_window_holds_what_happened_within_findtime() -> None:
    """Four failures at the start of 601 s are three within 600: no ban."""
    counter = Counter(5, 600, 5, "window")
    for time in (0, 1, 2, 3):
        assert add(counter, time) is None
    assert add(counter, 601) is None
    reached = add(counter, 601)
    assert reached is not None
    assert (reached.failures, reached.since) == (5, 1)


def test_the_exact_window_counts_weights() -> None:
    """And gives them back when they are too old."""
    counter = Counter(5, 100, 5, "window")
    add(counter, 0, weight=4)
    assert add(counter, 101, weight=4) is None
    assert add(counter, 102) is not None


@given(
    failures=st.lists(st.tuples(st.integers(0, 50), st.integers(1, 3)), max_size=30),
    findtime=st.integers(1, 60),
)
def test_the_exact_window_agrees_with_a_list_of_all_failures(
    failures: list[tuple[int, int]], findtime: int
) -> None:
    """Against a model that is too simple to be wrong."""
    count = ExactWindow(0)
    time, kept = 0, []
    for pause, weight in failures:
        time += pause
        kept.append((time, weight))
        expected = sum(weight for when, weight in kept if when >= time - findtime)
        assert count.add(time, weight, findtime) == expected
