import click

from webfail2ban.commands.examination import Examiner
from webfail2ban.commands.filter_report import show_tally
from webfail2ban.commands.tally import Tally
from webfail2ban.filters import FilterDefinition

DEFINITION = FilterDefinition(
    "app",
    failregex=(
        r"^\s*app: failed from <ADDR>$",
        r"^\s*<F-MLFID>app\[1\]</F-MLFID>: <F-NOFAIL>hi</F-NOFAIL>",
        "from <ADDR>$",
        "^never <ADDR>$",
    ),
    ignoreregex=("192.0.2.99",),
    datepattern=("^%Y-%m-%d %H:%M:%S",),
)


def report(*texts: str, dateless: bool = False, all_regex: bool = False) -> list[str]:
    examiner = Examiner(DEFINITION, dateless=dateless, all_regex=all_regex)
    tally = Tally()
    for number, text in enumerate(texts, 1):
        tally.add("app.log", number, examiner.examine(text))
    text = click.unstyle(show_tally(DEFINITION, tally, dateless=dateless))
    before, _, _ = text.partition("\n\nSlowest lines\n")
    return before.split("\n")


def test_everything_that_was_counted_is_shown() -> None:
    """Lines, failregexes, dates."""
    assert report(
        *["2026-08-22 10:00:00 app: failed from 192.0.2.7"] * 1000,
        "2026-08-22 10:00:00 app[1]: hi 192.0.2.7",
        "2026-08-22 10:00:00 app: failed from 192.0.2.99",
        "2026-02-30 10:00:00 else",
        "else",
    ) == [
        "1,004 lines: 1,000 matched, 1 matched without being a failure, 1 ignored, 2 missed",
        "",
        "Failregexes",
        "  failures  others",
        r"     1,000       0  1:  ^\s*app: failed from <ADDR>$",
        r"         0       1  2:  ^\s*<F-MLFID>app\[1\]</F-MLFID>: <F-NOFAIL>hi</F-NOFAIL>",
        "  2 failregexes never matched.",
        "",
        "Dates",
        "  1,002  ^%Y-%m-%d %H:%M:%S  as in 2026-08-22 10:00:00",
        "      1  with a date that doesn't exist",
        "      1  without a date",
    ]


def test_a_filter_that_matches_nothing_says_so() -> None:
    """And nothing is listed."""
    assert report("else") == [
        "1 line: 0 matched, 1 missed",
        "",
        "Failregexes",
        "  4 failregexes never matched.",
        "",
        "Dates",
        "  1  without a date",
    ]


def test_dates_are_not_shown_where_none_was_looked_for() -> None:
    """With --dateless."""
    assert "Dates" not in report("else", dateless=True)


def test_overlaps_are_shown() -> None:
    """With the first line that has one."""
    shown = report("else", "app: failed from 192.0.2.7", all_regex=True)

    place = shown.index("Lines that several failregexes match")
    assert shown[place + 1] == "  1  failregexes 1 and 3, first app.log:2"


def test_the_slowest_lines_are_named() -> None:
    """At most three."""
    examiner = Examiner(DEFINITION)
    tally = Tally()
    for number in range(1, 6):
        examined = examiner.examine("x")._replace(seconds=number / 1000)
        tally.add("app.log", number, examined)

    assert click.unstyle(show_tally(DEFINITION, tally, dateless=True)).split("\n")[-4:] == [
        "Slowest lines",
        "  5.00 ms  app.log:5",
        "  4.00 ms  app.log:4",
        "  3.00 ms  app.log:3",
    ]
