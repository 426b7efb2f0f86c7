from datetime import timedelta, timezone

import pytest

from webfail2ban.commands.examination import Examiner, Outcome
from webfail2ban.errors import FilterError
from webfail2ban.filters import FilterDefinition, UseDns

NOON = 1_787_400_000.0
FAILED = r"^\s*app: failed for <F-USER>.*</F-USER> from <HOST>$"


def examiner(**settings: object) -> Examiner:
    definition = FilterDefinition(
        "app",
        failregex=(FAILED, r"^\s*<F-MLFID>app\[\d\]</F-MLFID>: <F-NOFAIL>hi</F-NOFAIL> <HOST>$"),
        ignoreregex=("for nobody",),
    )
    return Examiner(definition, **{"now": lambda: NOON, **settings})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("app: failed for eve from 192.0.2.7", Outcome.MATCHED),
        ("app[1]: hi 192.0.2.7", Outcome.HELPER),
        ("app: failed for nobody from 192.0.2.7", Outcome.IGNORED),
        ("app: welcome", Outcome.MISSED),
        ("app: failed for eve from 192.0.2.7\r", Outcome.MATCHED),
    ],
)
def test_each_line_has_an_outcome(text: str, outcome: Outcome) -> None:
    """One of four."""
    assert examiner().examine(text).outcome is outcome


def test_a_date_without_year_is_the_last_one_before_the_clock() -> None:
    """The clock is the one that is passed in."""
    examined = examiner(timezone=timezone(timedelta(hours=2))).examine(
        "Aug 22 10:00:00 app: failed for eve from 192.0.2.7"
    )

    assert examined.line.time == 1_787_385_600.0
    assert examined.pattern is not None


def test_an_old_clock_knows_the_dates_of_today() -> None:
    """Years are dates up to the true one."""
    examined = examiner(now=lambda: 0.0).examine("2026-08-22T10:00:00Z app: welcome")

    assert examined.line.time == 1_787_392_800.0


def test_a_line_without_a_date_has_no_time() -> None:
    """An old log doesn't tell when it was written."""
    (found,) = examiner().examine("app: failed for eve from 192.0.2.7").trace.found

    assert found.time is None


def test_dateless_lines_are_written_now() -> None:
    """And nothing in them is taken for a date."""
    examined = examiner(dateless=True).examine("2026-08-22 app: failed for eve from 192.0.2.7")

    assert examined.line.after == "2026-08-22 app: failed for eve from 192.0.2.7"
    assert examined.line.time == NOON
    assert examined.outcome is Outcome.MISSED


def test_a_name_counts_where_it_is_said() -> None:
    """By default an attacker's own name for himself is nothing."""
    text = "app: failed for eve from scanner.example"

    assert examiner().examine(text).outcome is Outcome.MISSED
    (found,) = examiner(usedns=UseDns.RAW).examine(text).trace.found
    assert found.host == "scanner.example"


def test_overlaps_are_looked_for_where_it_is_said() -> None:
    """They cost time."""
    text = "app: failed for eve from 192.0.2.7"

    assert examiner().examine(text).overlaps == ()
    assert examiner(all_regex=True).examine(text).overlaps == (0,)


def test_a_bad_datepattern_is_told_with_its_filter() -> None:
    """As Filter itself does."""
    with pytest.raises(FilterError, match=r"^app: datepattern: "):
        Examiner(FilterDefinition("app", failregex=("<HOST>",), datepattern=("(",)))
