from webfail2ban_jails import reading as reading_module
from webfail2ban_jails.counting import Counter, Event, Limits
from webfail2ban_jails.reading import Reading

NOW = 1000.0


def fill(counter: Counter, count: int) -> Counter:
    """Take in one failure, with a line, of each of many clients: the higher the later."""
    reading = Reading(counter, NOW)
    for number in range(count):
        client = number * 7919 % count
        reading.add(client, f"{client / count}\n\nline of {client}")
    for _ in reading.finish():
        pass
    return counter


def test_as_many_as_there_is_room_for_are_taken_in() -> None:
    """Those that failed last, on average, and each counts."""
    counter = fill(Counter(Limits(5, 2 * NOW, 1, max_clients=10_000)), 30_000)
    assert 9_900 <= len(counter) <= 10_000
    assert len(counter) == sum(map(len, counter.ledger.parts))
    assert sum(counter.find(client) is not None for client in range(20_000, 30_000)) > 9_000
    for client in range(30_000, 40_000):
        counter.add(client, Event(NOW), NOW)
    assert len(counter) == 10_000


def test_whoever_finds_no_room_is_told() -> None:
    """So that it isn't kept any longer."""
    forgotten: list[object] = []
    fill(Counter(Limits(5, 2 * NOW, 1, max_clients=2), forgotten.append), 5)
    assert sorted(map(str, forgotten)) == ["0", "1", "2"]


def test_the_last_lines_are_taken_in() -> None:
    """As many as there is room for, whatever order they come in."""
    count = 5 * reading_module.SLICE
    counter = fill(Counter(Limits(5, 2 * NOW, 1, max_lines=10)), count)
    assert [client for client in range(count) if counter.lines.get(client)] == [
        *range(count - 10, count)
    ]


def test_what_is_set_twice_counts_once() -> None:
    """The later one holds."""
    counter = Counter(Limits(5, 2 * NOW, 1))
    reading = Reading(counter, NOW)
    reading.add(1, "1.0\n")
    reading.add(1, "2.0\n")
    assert sum(1 for _ in reading.finish()) == len(counter.ledger.parts)
    assert len(counter) == 1
    found = counter.find(1)
    assert found
    assert found.known == 2.0
