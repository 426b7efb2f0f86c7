from hypothesis import given
from hypothesis import strategies as st

from webfail2ban_jails.counts import ExactWindow


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
