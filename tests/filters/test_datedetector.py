"""Which of several date formats a line has."""

from datetime import UTC

import pytest

from tests.filters.moment import NOW
from webfail2ban.errors import FilterError
from webfail2ban.filters import CutLine, DateDetector


def detector(*patterns: str) -> DateDetector:
    return DateDetector(patterns, now=lambda: NOW, timezone=UTC, year=2026)


def order(dates: DateDetector) -> str:
    """Show the order of patterns by their first letters."""
    return "".join(pattern.text[0] for pattern in dates.patterns)


def test_a_line_is_cut_in_three() -> None:
    """What stands before the date, the date, and what stands behind."""
    cut = detector("%Y-%m-%d").cut("on 2026-08-21, it failed")

    assert cut == CutLine("on ", "2026-08-21", ", it failed", NOW - 36 * 3600)
    assert cut.text == "on 2026-08-21, it failed"


def test_a_line_without_a_date_stays_whole() -> None:
    """And has no time."""
    assert detector("%Y-%m-%d").cut("no date") == CutLine("", "", "no date", None)


def test_a_date_that_makes_no_sense_is_cut_without_a_time() -> None:
    """The expressions still find the line as they expect it."""
    assert detector("%Y-%m-%d").cut("2026-02-30 x") == CutLine("", "2026-02-30", " x", None)


def test_an_empty_group_cuts_nothing() -> None:
    """It only says that such a line has no date."""
    assert detector("^BEGIN()**").cut("BEGIN x") == CutLine("BEGIN", "", " x", None, undated=True)
    assert detector("^(%Y)? x").cut(" x y") == CutLine("", "", " x y", None, undated=True)


def test_a_pattern_may_say_that_there_are_no_dates() -> None:
    """``{NONE}`` looks for none."""
    cut = CutLine("", "", "2026-01-01 x", None, undated=True)

    assert detector("{NONE}").cut("2026-01-01 x") == cut


def test_the_same_line_is_answered_from_memory() -> None:
    """So several filters can share a detector: the line counts once."""
    dates = detector("%Y")
    line = "in 2026"

    assert dates.cut(line) is dates.cut(line)
    assert dates._templates[0].hits == 1


def test_the_first_pattern_of_the_list_wins() -> None:
    """In a log with one format nothing else matters."""
    dates = detector("^A%Y", "^%Y-%m", "^%Y")

    found = [dates.cut(f"2026-0{month} x").date for month in (1, 2, 3)]

    assert found == ["2026-01", "2026-02", "2026-03"]


def test_a_date_further_left_wins_over_an_earlier_pattern() -> None:
    """Where neither is bound to the line's ends, what stands first is the date."""
    dates = detector("%Y-%m-%d", "%d/%m/%Y", "%H:%M")

    assert dates.cut("on 22/08/2026 for 2026-08-23 x").date == "22/08/2026"


def test_the_earlier_pattern_wins_a_tie() -> None:
    """At the same place."""
    dates = detector("%d/%m/%Y", "%d/%m", "%H:%M")

    assert dates.cut("on 22/08/2026 x").date == "22/08/2026"


def test_the_last_pattern_of_the_list_wins_where_it_matches() -> None:
    """Though another one was remembered: that is how fail2ban does it."""
    dates = detector("%d/%m/%Y", "%H:%M", "%j")

    assert dates.cut("on 22/08/2026 x").date == "22"


def test_a_pattern_that_was_never_used_may_match_as_far_right_as_the_last_date() -> None:
    """It has no place of its own yet to be further right of."""
    dates = detector("%d/%m/%Y", "%H:%M:%S", "%b")
    dates.cut("a long text before 10:00:01")

    assert dates.cut("at 10:00:01 on 22/08/2026").date == "22/08/2026"


def test_a_line_that_ends_before_the_old_place_is_searched() -> None:
    """There is nothing that could look the same."""
    dates = detector("%d/%m/%Y %H:%M:%S", "%H:%M:%S", "%b")
    dates.cut("a very long text before 10:00:01")

    assert dates.cut("22/08/2026 10:00:01: x ").date == "22/08/2026 10:00:01"


def test_an_anchored_pattern_wins_at_once() -> None:
    """Whatever stands further left."""
    dates = detector("%H:%M$", "%Y-%m-%d")

    assert dates.cut("2026-08-22 at 10:00").date == "10:00"


def test_the_pattern_that_matched_last_is_tried_first() -> None:
    """So the date is at the same place in lines that look the same."""
    dates = detector("A %Y", "B (%Y)", "C %Y")
    dates.cut("B 2026")

    assert dates.cut("B 2025, C 2024, A 2023").date == "2025"


def test_a_date_at_the_old_place_wins_over_a_pattern_further_left() -> None:
    """A date in a message that a client wrote isn't taken for the line's."""
    dates = detector("%Y-%m-%d", "%d/%m/%Y", "%H:%M")
    dates.cut("x [2026-08-22] y")

    assert dates.cut("x [2026-08-22] 01/01/2020").date == "2026-08-22"


def test_another_place_is_searched_where_the_old_one_has_no_date() -> None:
    """Even if the characters around it are the same."""
    dates = detector("%Y-%m-%d")
    dates.cut("x [2026-08-22] y")

    assert dates.cut("x [somewhere.] [2026-08-23]").date == "2026-08-23"


def test_a_pattern_that_looks_beyond_the_date_is_tried_on_the_whole_line() -> None:
    """At the old place alone its condition can't be seen."""
    dates = detector("EPOCH")
    line = "type=X msg=audit(1787392800.123:{}): x"

    assert dates.cut(line.format(1)).date == dates.cut(line.format(2)).date == "1787392800.123"


def test_a_used_pattern_moves_before_unused_ones() -> None:
    """At once."""
    dates = detector("A%Y", "B%Y", "C%Y", "D%Y")
    dates.cut("C2026")

    assert order(dates) == "CABD"


def feed(dates: DateDetector, letters: str) -> str:
    """Let patterns match by their letters, in lines that differ, and show their order."""
    for year, letter in enumerate(letters, 2000):
        dates.cut(f"{letter}{year}")
    return order(dates)


def test_a_pattern_moves_up_half_way_when_it_is_used_more() -> None:
    """Or by one place, or not at all."""
    patterns = ("A%Y", "B%Y", "C%Y", "D%Y")

    assert feed(detector(*patterns), "ABCDAD") == "ADBC"
    assert feed(detector(*patterns), "ABCDABD") == "ABDC"
    assert feed(detector(*patterns), "ABCDABCD") == "ABCD"


def test_a_pattern_stays_while_it_matches_again_and_again() -> None:
    """It is tried first anyway; only a change of patterns moves one."""
    dates = detector("A%Y", "B%Y")

    assert feed(dates, "ABBBB") == "AB"
    assert feed(dates, "AB") == "BA"


def test_a_pattern_that_was_not_used_for_long_makes_room() -> None:
    """However often it matched before."""
    clock = [NOW]
    dates = DateDetector(("A%Y", "B%Y", "C%Y"), now=lambda: clock[0], timezone=UTC, year=2026)
    assert feed(dates, "ABCABCABCAA") == "ABC"

    clock[0] += 299
    assert feed(dates, "BC") == "ABC"
    clock[0] += 2
    assert feed(dates, "B") == "BAC"


def test_a_date_near_the_begin_weighs_more() -> None:
    """Hits count for less, the further right they are."""
    dates = detector("A%Y", "B%Y", "C%Y")
    for _ in range(2):
        dates.cut("xxxx A2026")
        dates.cut("xxxx A2025")
    dates.cut("B2026")

    assert order(dates) == "BAC"


@pytest.mark.parametrize(
    ("patterns", "reason"),
    [
        (("%Y", "%Y"), "occurs twice: %Y"),
        (("%Q",), "there is no code %Q: %Q"),
        (("(%Y",), "missing \\)"),
    ],
)
def test_what_cannot_be_used_is_refused(patterns: tuple[str, ...], reason: str) -> None:
    """With the option's name."""
    with pytest.raises(FilterError, match=reason) as caught:
        detector(*patterns)

    assert caught.value.option == "datepattern"


def test_a_default_form_may_also_be_written_out() -> None:
    """The list leaves out what stands there already."""
    assert len(detector("%m/%d/%ExY:%H:%M:%S", "{DEFAULT}").patterns) == 31
