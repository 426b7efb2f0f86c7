import pytest

from webfail2ban.commands.examination import Examined, Examiner, Outcome
from webfail2ban.commands.tally import Tally
from webfail2ban.filters import CutLine, FilterDefinition
from webfail2ban.filters.tracing import NOTHING

DEFINITION = FilterDefinition(
    "app",
    failregex=(
        r"^\s*app: failed from <ADDR>$",
        r"^\s*<F-MLFID>app\[\d\]</F-MLFID>: <F-NOFAIL>hi</F-NOFAIL> <ADDR>$",
        "from <ADDR>$",
    ),
    ignoreregex=("192.0.2.99",),
)


def tally(*texts: str, all_regex: bool = False) -> Tally:
    examiner = Examiner(DEFINITION, all_regex=all_regex)
    counted = Tally()
    for number, text in enumerate(texts, 1):
        counted.add("app.log", number, examiner.examine(text))
    return counted


def test_lines_are_counted_by_outcome() -> None:
    """Each once."""
    counted = tally(
        "app: failed from 192.0.2.7", "app[1]: hi 192.0.2.7", "app: failed from 192.0.2.99", ""
    )

    assert counted.lines == 4
    assert counted.outcomes == dict.fromkeys(Outcome, 1)


def test_failures_and_other_matches_are_counted_by_failregex() -> None:
    """What an ignoreregex took back isn't counted."""
    counted = tally(
        "app: failed from 192.0.2.7",
        "app: failed from 192.0.2.8",
        "app: failed from 192.0.2.99",
        "app[1]: hi 192.0.2.7",
    )

    assert counted.matches == {0: 2}
    assert counted.helpers == {1: 1}


def test_dates_are_counted_by_form() -> None:
    """With the first of each for an example."""
    counted = tally(
        "2026-08-22 10:00:00 a", "2026-08-22 10:00:01 b", "Aug 22 10:00:02 c", "no date at all"
    )

    assert sorted((form.lines, form.example) for form in counted.forms.values()) == [
        (1, "Aug 22 10:00:02"),
        (2, "2026-08-22 10:00:00"),
    ]
    assert counted.undated == 1


def test_a_day_that_does_not_exist_is_no_date() -> None:
    """But it isn't missing either."""
    counted = tally("2026-02-30 10:00:00 a")

    assert not counted.forms
    assert counted.misread == 1
    assert counted.undated == 0


@pytest.mark.parametrize("order", [(1, 2, 3, 4, 5), (5, 4, 3, 2, 1), (3, 5, 1, 2, 4)])
def test_the_slowest_lines_are_kept(order: tuple[int, ...]) -> None:
    """The slowest first, wherever they stood."""
    counted = Tally()
    for number, seconds in enumerate(order, 1):
        line = CutLine("", "", "x", None)
        counted.add("app.log", number, Examined(line, NOTHING, None, seconds, ()))

    assert [(seconds, place) for seconds, place in counted.slowest] == [
        (seconds, f"app.log:{order.index(seconds) + 1}") for seconds in (5, 4, 3)
    ]


def test_overlaps_are_counted() -> None:
    """With the first line that has one."""
    counted = tally("x", "app: failed from 192.0.2.7", "app: failed from 192.0.2.8", all_regex=True)

    assert counted.overlaps == {(0, 2): 2}
    assert counted.first_overlaps == {(0, 2): "app.log:2"}
