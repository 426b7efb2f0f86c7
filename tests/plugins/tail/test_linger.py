"""When a rotated file may be left."""

from webfail2ban_tail.linger import LONGEST_LINGER, Linger


def test_waits_for_quiet() -> None:
    """A file is left when it hasn't grown for a while."""
    linger = Linger(5)
    assert not linger.is_over(100, now=0, awaited=True)
    assert not linger.is_over(100, now=4.9, awaited=True)
    assert linger.is_over(100, now=5, awaited=True)


def test_waits_on_when_it_grows() -> None:
    """Each byte that is written begins a new while."""
    linger = Linger(5)
    linger.is_over(100, now=0, awaited=True)
    assert not linger.is_over(101, now=5, awaited=True)
    assert linger.ends_at == 10
    assert linger.is_over(101, now=10, awaited=True)


def test_does_not_wait_forever() -> None:
    """If something waits to be read in the next file, there is an end."""
    linger = Linger(5)
    for now in range(int(LONGEST_LINGER)):
        assert not linger.is_over(now, now, awaited=True)
    assert not linger.is_over(100, now=LONGEST_LINGER, awaited=False)
    assert linger.is_over(101, now=LONGEST_LINGER, awaited=True)


def test_begins_anew() -> None:
    """A file that is at its path again isn't rotated."""
    linger = Linger(5)
    linger.is_over(100, now=0, awaited=True)
    linger.cancel()
    assert not linger.is_over(100, now=5, awaited=True)


def test_a_clock_set_back_prolongs_nothing() -> None:
    """An hour that happens twice is not waited for."""
    linger = Linger(5)
    linger.is_over(100, now=3600, awaited=True)
    assert not linger.is_over(100, now=0, awaited=True)
    assert linger.is_over(100, now=5, awaited=True)
