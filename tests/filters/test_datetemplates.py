"""The dates that are found when a filter doesn't say where its date stands."""

from datetime import UTC, datetime

import pytest

from tests.filters.moment import NOW
from webfail2ban.filters import DateDetector

#: What is cut from a line, and the time it is read as, in UTC.
FORMS = [
    ("2026-08-22T10:00:01.981746+02:00", "2026-08-22T08:00:01"),
    ("2026-08-22 10:00:01", "2026-08-22T10:00:01"),
    ("2026/08/22 10:00:01,981", "2026-08-22T10:00:01"),
    ("2026.08.22  10:00:01 UTC", "2026-08-22T10:00:01"),
    ("Aug 22 10:00:01", "2026-08-22T10:00:01"),
    ("Aug  2 10:00:01", "2026-08-02T10:00:01"),
    ("Aug 22  9:00:01", "2026-08-22T09:00:01"),
    ("Sat Aug 22 10:00:01.011 2026", "2026-08-22T10:00:01"),
    ("Sat Aug 22 2026 10:00:01.011", "2026-08-22T10:00:01"),
    ("Aug 22 2026 10:00:01", "2026-08-22T10:00:01"),
    ("22/08/2026 10:00:01", "2026-08-22T10:00:01"),
    ("22-08-26 10:00:01", "2026-08-22T10:00:01"),
    ("22/Aug/2026:10:00:01 -0200", "2026-08-22T12:00:01"),
    ("22-Aug-2026 10:00:01.252", "2026-08-22T10:00:01"),
    ("22-Aug-202610:00:01", "2026-08-22T10:00:01"),
    ("08/22/2026:10:00:01", "2026-08-22T10:00:01"),
    ("08-22-2026 10:00:01.252", "2026-08-22T10:00:01"),
    ("05-08-2026 10:00:01", "2026-08-05T10:00:01"),
    ("1787392801.125", "2026-08-22T10:00:01.125000"),
    ("10:00:01", "2026-08-22T10:00:01"),
    ("<08/22/26@10:00:01>", "2026-08-22T10:00:01"),
    ("260822 10:00:01", "2026-08-22T10:00:01"),
    ("260822  10:00:01", "2026-08-22T10:00:01"),
    ("Aug 22, 2026 2:00:01 PM", "2026-08-22T14:00:01"),
    ("Aug-22-26 10:00:01", "2026-08-22T10:00:01"),
    ("20260822T100001", "2026-08-22T10:00:01"),
    ("20260822-10:00:01.5+0200", "2026-08-22T08:00:01"),
    ("20260822 100001", "2026-08-22T10:00:01"),
    ("PDT Aug 22 03:00:01", "2026-08-22T10:00:01"),
    ("+00:00 Aug 22 10:00:01.011 2026", "2026-08-22T10:00:01"),
    ("@400000006a89b2f11dcd6500", "2026-08-29T13:47:13"),
]

#: Only looked for at a line's start.
AT_BEGIN = ("10:00:01", "<08", "Aug-", "1787")


def detector(*patterns: str) -> DateDetector:
    return DateDetector(patterns, now=lambda: NOW, timezone=UTC, year=2026)


def shown(time: float | None) -> str | None:
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat()[:-6]


@pytest.mark.parametrize("pattern", ["{DEFAULT}", "{^LN-BEG}"])
@pytest.mark.parametrize(("date", "expected"), FORMS)
def test_a_date_at_the_line_begin_is_found(pattern: str, date: str, expected: str) -> None:
    """In every form."""
    if date.startswith("@"):
        expected = shown(0x6A89B2F1) or ""

    cut = detector(pattern).cut(f"{date} host program: text")

    assert (cut.before, cut.date, shown(cut.time)) == ("", date, expected)


@pytest.mark.parametrize("date", [date for date, _ in FORMS if not date.startswith(AT_BEGIN)])
def test_a_date_inside_the_line_is_found_by_the_whole_list_only(date: str) -> None:
    """The members that are bound to the line's start don't look there."""
    line = f"host program {date} text"

    assert detector().cut(line).date == date
    assert detector("{^LN-BEG}").cut(line).date == ""


@pytest.mark.parametrize("date", [date for date, _ in FORMS if date.startswith(AT_BEGIN)])
def test_some_dates_are_found_at_the_line_begin_only(date: str) -> None:
    """What looks like a clock inside a message is none."""
    assert detector().cut(f"host program {date}x text").date != date


@pytest.mark.parametrize("date", [date for date, _ in FORMS if not date.startswith(("<", "Aug-"))])
def test_a_date_may_stand_in_brackets(date: str) -> None:
    """They stay in the line."""
    assert detector().cut(f"[{date}] text")[:3] == ("[", date, "] text")


def test_the_list_begins_with_the_dates_at_line_begin() -> None:
    """Then come all forms, in their order."""
    names = [pattern.text for pattern in detector("{DEFAULT}").patterns]

    assert len(names) == 14 + 17
    assert all(name.startswith("{^LN-BEG}") for name in names[:14])
    assert [name.removeprefix("{^LN-BEG}") for name in names[:14]] == [
        name for name in names[14:] if not name.startswith(("{^LN-BEG}", "^"))
    ]


def test_the_line_begin_list_holds_its_anchored_members() -> None:
    """Those that are anchored by themselves among them."""
    patterns = detector("{^LN-BEG}").patterns

    assert len(patterns) == 14 + 3
    assert all(pattern.anchored for pattern in patterns)


@pytest.mark.parametrize(("date", "expected"), FORMS)
def test_a_pattern_may_say_where_any_of_them_stands(date: str, expected: str) -> None:
    """With ``{DATE}``, which loses the boundaries of its own."""
    if date.startswith("@"):
        expected = shown(0x6A89B2F1) or ""

    cut = detector(r"^[^|]*\|({DATE})").cut(f"client 192.0.2.7|{date}| text")

    assert (cut.date, cut.after, shown(cut.time)) == (date, "| text", expected)


def test_a_pattern_without_a_group_is_cut_with_the_date() -> None:
    """All of it."""
    cut = detector(r"^<\d+>\d+\s+{DATE}").cut("<38>1 2026-08-22T10:00:01.5Z host")

    assert (cut.date, cut.after) == ("<38>1 2026-08-22T10:00:01.5Z", " host")
