from collections.abc import Iterable
from typing import Any

import pytest

from webfail2ban_jails.counting import Counter, Event, Limits, Reached
from webfail2ban_jails.entries import MAX_MEMBERS, Entry, write
from webfail2ban_jails.reading import Reading
from webfail2ban_jails.subjects import Subject

CLIENT = 1


class Retries:
    """A counter with a maxretry, as a jail uses it."""

    def __init__(
        self, maxretry: int, findtime: float, maxmatches: int, counting: str = "rate", **limits: Any
    ) -> None:
        self.counter = Counter(Limits(maxretry, findtime, maxmatches, counting, **limits))


def add(
    retries: Retries,
    time: float,
    *,
    now: float | None = None,
    weight: int = 1,
    client: int = CLIENT,
    **about: Any,
) -> Reached | None:
    event = Event(time, weight, (f"line at {time:g}",), **about)
    result = retries.counter.add(client, event, max(time, now or time))
    return result if isinstance(result, Reached) else None


def written(counter: Counter, subject: int = CLIENT) -> str:
    """Return what would be kept of a subject; nothing if it isn't counted."""
    found = counter.find(subject)
    return write(found.known, found.lines) if found else ""


def read(counter: Counter, texts: Iterable[tuple[Subject, str]], now: float) -> None:
    """Have a counter go on with what another one wrote."""
    reading = Reading(counter, now)
    for subject, text in texts:
        reading.add(subject, text)
    for _ in reading.finish():
        pass


def test_the_count_is_an_estimate_of_the_rate() -> None:
    """Four failures at the start of 601 s count as four within 600: fail2ban bans here."""
    retries = Retries(5, 600, 5)
    for time in (0, 1, 2, 3):
        assert add(retries, time) is None
    reached = add(retries, 601)
    assert reached is not None
    assert reached.failures == 5
    assert reached.since == 1


def test_the_estimate_rounds_half_to_even() -> None:
    """Three failures over twice the findtime are 1.5, which is 2; one is 0.5, which is 0."""
    retries = Retries(3, 100, 5)
    add(retries, 0)
    add(retries, 1)
    assert add(retries, 90) is not None  # within findtime, nothing is scaled
    add(retries, 0)
    assert add(retries, 99) is None
    retries = Retries(4, 100, 5)
    for time in (0, 10, 20):
        add(retries, time)
    assert add(retries, 119.5) is not None


def test_a_failure_of_the_past_counts_too() -> None:
    """Two logs may be read in any order."""
    retries = Retries(3, 600, 5)
    add(retries, 100)
    add(retries, 50, now=100)
    assert add(retries, 100) is not None


def test_a_failure_of_the_future_counts_as_now() -> None:
    """A clock that goes fast doesn't keep a count alive."""
    retries = Retries(2, 60, 5)
    retries.counter.add(CLIENT, Event(10_000), 0)
    assert add(retries, 61) is None


def test_only_the_last_lines_are_kept() -> None:
    """As many as maxmatches."""
    retries = Retries(4, 600, 2)
    for time in (1, 2, 3):
        add(retries, time)
    reached = add(retries, 4)
    assert reached is not None
    assert reached.lines == ("line at 3", "line at 4")


def test_no_lines_are_kept_when_none_are_wanted() -> None:
    """A maxmatches of 0."""
    reached = add(Retries(1, 600, 0), 1)
    assert reached is not None
    assert reached.lines == ()


def test_weights_add_up() -> None:
    """One failure may be enough."""
    assert add(Retries(5, 600, 5), 1, weight=5) is not None


def test_old_counts_are_forgotten() -> None:
    """Whoever failed longer ago than findtime costs no memory for long."""
    retries = Retries(5, 60, 5)
    for number in range(100):
        add(retries, number, client=number)
    for _ in retries.counter.sweep(99):
        pass
    assert len(retries.counter) == 60
    assert len(retries.counter.lines) == 60


def test_an_old_count_does_not_count_before_it_is_forgotten() -> None:
    """Four failures of yesterday and one of today are one."""
    retries = Retries(5, 60, 5)
    for time in (1, 1, 1, 1, 61):
        assert add(retries, time) is None
    for time in (61, 61, 61):
        assert add(retries, time) is None
    reached = add(retries, 61)
    assert reached is not None
    assert reached.lines == ("line at 61",) * 5


def test_the_number_of_clients_is_bounded() -> None:
    """The one that failed longest ago goes first, and somebody is told."""
    forgotten: list[object] = []
    counter = Counter(Limits(5, 600, 5, max_clients=10), forgotten.append)
    for client in range(100):
        counter.add(client, Event(client), client)
    assert len(counter) == 10
    assert forgotten == list(range(90))
    counter.add(99, Event(100), 100)
    assert written(counter, 99) == "rate 99.0 100.0 2\n"


def test_who_failed_again_is_not_the_oldest() -> None:
    """The last failure decides who is forgotten, not the first."""
    counter = Counter(Limits(5, 600, 5, max_clients=2))
    for time, client in enumerate((1, 2, 1, 3)):
        counter.add(client, Event(time), time)
    assert counter.find(2) is None
    assert counter.find(1) is not None


def test_the_lines_of_all_clients_are_bounded() -> None:
    """Those that were written to longest ago lose theirs, and are counted on."""
    retries = Retries(3, 600, 5, max_lines=3)
    for time in (1, 2):
        add(retries, time, client=1)
    for time in (3, 4):
        add(retries, time, client=2)
    assert len(retries.counter.lines) == 2
    reached = add(retries, 5, client=1)
    assert reached is not None
    assert reached.lines == ("line at 5",)


def test_those_who_took_part_are_remembered() -> None:
    """Each once, unless it was longer ago than findtime."""
    retries = Retries(4, 60, 5, members=True)
    for time, member in ((1, 11), (60, 12), (61, 13)):
        assert add(retries, time, member=member) is None
    reached = add(retries, 62, member=12, weight=2)
    assert reached is not None
    assert reached.members == (13, 12)


def test_the_number_of_those_who_took_part_is_bounded() -> None:
    """The last ones are remembered."""
    retries = Retries(MAX_MEMBERS + 6, 600, 5, members=True)
    for member in range(MAX_MEMBERS + 5):
        assert add(retries, 1, member=member) is None
    reached = add(retries, 1, member=7000)
    assert reached is not None
    assert len(reached.members) == MAX_MEMBERS
    assert reached.members[-1] == 7000


@pytest.mark.parametrize("counting", ["rate", "window"])
@pytest.mark.parametrize("details", [{}, {"members": True}, {"users": True}])
def test_counting_goes_on_after_a_restart_where_it_stood(
    counting: str, details: dict[str, bool]
) -> None:
    """To the last line, and to the same time."""
    times = (1.25, 30, 50.5, 70, 100, 101, 130, 140, 141, 142)
    limits: dict[str, Any] = {"counting": counting, **details}
    whole, before = Retries(9, 60, 4, **limits), Retries(9, 60, 4, **limits)
    for time in times[:5]:
        for retries in (whole, before):
            assert add(retries, time, member=int(time), user="bob") is None
    after = Retries(9, 60, 4, **limits)
    read(after.counter, [(CLIENT, written(before.counter))], 100)
    for time in times[5:]:
        outcome = add(whole, time, member=int(time), user="bob")
        assert add(after, time, member=int(time), user="bob") == outcome
        assert written(after.counter) == written(whole.counter)


def test_who_failed_last_is_forgotten_last_after_a_restart_too() -> None:
    """In whatever order the counts come back."""
    counter = Counter(Limits(5, 600, 5, max_clients=3))
    read(counter, [(1, "3.0\n"), (2, "1.0\n"), (3, "2.0\n")], 3)
    counter.add(4, Event(4), 4)
    assert [subject for subject in (1, 2, 3) if counter.find(subject) is None] == [2]


@pytest.mark.parametrize("text", ["", "x\n", "rate 1\n", "window\n", "1.0\n{", "1.0", "1.0\n[1]"])
def test_what_another_version_kept_is_left_out(text: str) -> None:
    """The rest is counted on."""
    counter = Counter(Limits(5, 600, 5))
    read(counter, [(1, text), (2, "1.0\n\nline")], 1)
    assert counter.find(1) is None
    assert written(counter, 2) == "1.0\n\nline"


def test_what_is_too_old_after_a_restart_is_left_out() -> None:
    """It was down for longer than findtime."""
    counter = Counter(Limits(5, 60, 5))
    read(counter, [(1, "1.0\n"), (2, "2.0\n")], 61)
    assert len(counter) == 1


@pytest.mark.parametrize(("one", "other"), [("rate", "window"), ("window", "rate")])
def test_a_count_goes_on_when_it_is_counted_in_the_other_way(one: str, other: str) -> None:
    """After a restart and after a reload."""
    before = Retries(4, 60, 5, one)
    for time in (1, 2):
        add(before, time)
    restarted, reloaded = Retries(4, 60, 5, other), Retries(4, 60, 5, other)
    read(restarted.counter, [(CLIENT, written(before.counter))], 2)
    reloaded.counter.adopt(before.counter)
    for retries in (restarted, reloaded):
        assert add(retries, 3) is None
        assert add(retries, 4) is not None


def test_a_success_forgives_who_failed_for_the_same_user() -> None:
    """Who tried others' accounts gets no pardon for a login of his own."""
    counter = Counter(Limits(5, 600, 5, users=True))
    for client, users in ((1, "bob"), (2, ("bob", "eve")), (3, ("bob", ""))):
        for user in (users,) if isinstance(users, str) else users:
            counter.add(client, Event(1, user=user), 1)
    assert counter.forgive(1, 1, "bob")
    assert not counter.forgive(2, 2, "eve")
    assert not counter.forgive(3, 3, "bob")
    assert len(counter) == 2


def test_a_success_forgives_the_one_of_a_network_that_got_in() -> None:
    """The others are counted on."""
    counter = Counter(Limits(5, 600, 5, members=True))
    for member in (11, 12):
        counter.add(1, Event(1, member=member), 1)
    assert not counter.forgive(1, 13, None)
    assert counter.forgive(1, 11, None)
    left = counter.find(1)
    assert left is not None
    assert isinstance(left.known, Entry)
    assert list(left.known.members) == [12]
    counter.forget(1)
    counter.add(1, Event(1, member=11), 1)
    assert counter.forgive(1, 11, None)
    assert len(counter) == 0


def test_the_exact_window_holds_what_happened_within_findtime() -> None:
    """Four failures at the start of 601 s are three within 600: no ban."""
    retries = Retries(5, 600, 5, "window")
    for time in (0, 1, 2, 3):
        assert add(retries, time) is None
    assert add(retries, 601) is None
    reached = add(retries, 601)
    assert reached is not None
    assert (reached.failures, reached.since) == (5, 1)


def test_the_exact_window_counts_weights() -> None:
    """And gives them back when they are too old."""
    retries = Retries(5, 100, 5, "window")
    add(retries, 0, weight=4)
    assert add(retries, 101, weight=4) is None
    assert add(retries, 102) is not None
