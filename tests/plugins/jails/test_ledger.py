from webfail2ban_jails.ledger import PART, Ledger


def test_a_full_ledger_forgets_as_many_as_come() -> None:
    """To the last one, however many parts it has."""
    limit = 3 * PART
    ledger: Ledger[int] = Ledger(limit)
    assert len(ledger.parts) == 4
    gone = [ledger.insert(ledger.part(number), number, 0) for number in range(2 * limit)]
    assert gone[:limit] == [None] * limit
    assert None not in gone[limit:]
    assert len(ledger) == limit == sum(map(len, ledger.parts))


def test_the_oldest_of_all_go_first_on_average() -> None:
    """In a part they go in their order."""
    limit = 4 * PART
    ledger: Ledger[int] = Ledger(limit)
    gone = [ledger.insert(ledger.part(number), number, 0) for number in range(2 * limit)]
    forgotten = {number for number in gone if number is not None}
    assert len(forgotten & set(range(limit))) > 0.95 * limit


def test_whoever_comes_is_kept() -> None:
    """Also where it is alone in its part."""
    ledger: Ledger[int] = Ledger(1)
    for number in range(10):
        ledger.insert(ledger.part(number), number, number)
        assert ledger.part(number)[number] == number
    assert len(ledger) == 1


def test_nobody_can_foresee_who_shares_a_part() -> None:
    """Whoever chooses his addresses would fill one with them."""
    ledgers = [Ledger[int](16 * PART) for _ in range(20)]
    shared = [ledger.part(1) is ledger.part(1 + len(ledger.parts)) for ledger in ledgers]
    assert not all(shared)


def test_what_is_removed_is_counted_no_longer() -> None:
    """Once."""
    ledger: Ledger[int] = Ledger(10)
    ledger.insert(ledger.part(1), 1, 0)
    ledger.remove(1)
    ledger.remove(1)
    assert len(ledger) == 0
