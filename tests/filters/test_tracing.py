import pytest

from webfail2ban.filters import CutLine, Filter, FilterDefinition
from webfail2ban.filters.tracing import NOTHING, Trace, TracedFilter

FAILED = "^ app: failed for <F-USER>.*</F-USER> from <ADDR>$"
DATED = "2026-08-22 10:00:00 app: failed for eve from 192.0.2.7"


def trace(definition: FilterDefinition, *texts: str) -> tuple[TracedFilter, CutLine, Trace]:
    """Trace lines; return the filter, and what became of the last one."""
    traced = TracedFilter(definition, live=False)
    line, said = CutLine("", "", "", None), NOTHING
    for text in texts:
        line = traced.dates.cut(text)
        said = traced.trace(line)
    return traced, line, said


def host_in(definition: FilterDefinition, *texts: str) -> str | None:
    """Return the part of the last line that tells who failed."""
    traced, line, _ = trace(definition, *texts)
    span = traced.locate_host(line)
    return None if span is None else line.text[slice(*span)]


def test_a_failure_is_what_the_filter_finds() -> None:
    """Being looked at changes nothing."""
    definition = FilterDefinition("app", failregex=("^nothing like it <ADDR>", FAILED))

    _, _, said = trace(definition, DATED)

    assert list(said.found) == Filter(definition, live=False).find(DATED)
    assert said.regex == 1
    assert not said.ignored


def test_a_line_that_nothing_matches_is_told() -> None:
    """What became of the line before it is forgotten."""
    definition = FilterDefinition("app", failregex=(FAILED,))

    traced, line, said = trace(definition, DATED, "something else")

    assert said == NOTHING
    assert traced.locate_host(line) is None
    assert traced.overlaps() == ()


@pytest.mark.parametrize("regexes", [1, 5])
def test_an_ignored_line_is_told(regexes: int) -> None:
    """Whether ignoreregexes are tried before or after the failregexes."""
    others = tuple(f"^other {number} <ADDR>" for number in range(regexes - 1))
    definition = FilterDefinition("app", failregex=(FAILED, *others), ignoreregex=("for eve",))

    _, _, said = trace(definition, DATED)

    assert said.ignored
    assert not said.found


def test_a_helper_line_is_told() -> None:
    """It matches, and is no failure."""
    regex = r"^ <F-MLFID>app\[\d+\]</F-MLFID>: <F-NOFAIL>connect</F-NOFAIL> from <ADDR>$"
    definition = FilterDefinition("app", failregex=(regex,))

    _, _, said = trace(definition, "2026-08-22 10:00:00 app[1]: connect from 192.0.2.7")

    assert said == Trace([], ignored=False, regex=0)


def test_all_failregexes_that_match_are_told() -> None:
    """Also those behind the one that decides."""
    definition = FilterDefinition("app", failregex=(FAILED, "^never <ADDR>", "from <ADDR>$"))

    traced, _, said = trace(definition, DATED)

    assert said.regex == 0
    assert traced.overlaps() == (0, 2)


def test_overlaps_are_looked_for_in_the_content() -> None:
    """As the filter does it."""
    definition = FilterDefinition(
        "app",
        prefregex="^ app: <F-CONTENT>.+</F-CONTENT>$",
        failregex=("^failed .* from <ADDR>$", "^ app: .* from <ADDR>$", "from <ADDR>$"),
    )

    traced, _, _ = trace(definition, DATED)

    assert traced.overlaps() == (0, 2)


def test_overlaps_need_the_prefix() -> None:
    """Where it doesn't match nothing else does."""
    definition = FilterDefinition("app", prefregex="^ other: ", failregex=(FAILED,))

    traced, _, _ = trace(definition, DATED)

    assert traced.overlaps() == ()


def test_the_host_stands_behind_the_date() -> None:
    """Its place is that in the line as it was written."""
    assert host_in(FilterDefinition("app", failregex=(FAILED,)), DATED) == "192.0.2.7"


def test_the_host_stands_before_the_date() -> None:
    """As in a web server's log."""
    definition = FilterDefinition("web", failregex=(r'^<ADDR> \[\] "GET /secret"$',))

    assert host_in(definition, '192.0.2.7 [22/Aug/2026:10:00:00 +0000] "GET /secret"') == (
        "192.0.2.7"
    )


def test_the_host_stands_in_the_content() -> None:
    """Counted from the line's beginning."""
    definition = FilterDefinition(
        "app",
        prefregex="^ app: <F-CONTENT>.+</F-CONTENT>$",
        failregex=("^failed .* from <ADDR>$",),
    )

    assert host_in(definition, DATED) == "192.0.2.7"


def test_the_host_stands_in_the_prefix() -> None:
    """Where the failregex itself names nobody."""
    definition = FilterDefinition(
        "app",
        prefregex="^ app: <F-CONTENT>.+</F-CONTENT> from <ADDR>$",
        failregex=("^failed ",),
    )

    assert host_in(definition, DATED) == "192.0.2.7"


def test_the_host_stands_in_the_last_of_several_lines() -> None:
    """Which is the one that is shown."""
    definition = FilterDefinition(
        "app", failregex=("^ app: failed<SKIPLINES> app: bye <ADDR>$",), maxlines=3
    )

    assert (
        host_in(
            definition,
            "2026-08-22 10:00:00 app: failed",
            "2026-08-22 10:00:01 app: bye 192.0.2.7",
        )
        == "192.0.2.7"
    )


def test_a_host_of_an_earlier_line_has_no_place() -> None:
    """It isn't there to be marked."""
    definition = FilterDefinition(
        "app", failregex=("^ app: hello <ADDR><SKIPLINES> app: failed$",), maxlines=3
    )

    assert (
        host_in(
            definition,
            "2026-08-22 10:00:00 app: hello 192.0.2.7",
            "2026-08-22 10:00:01 app: failed",
        )
        is None
    )
