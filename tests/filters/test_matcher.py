"""One log line in, the failures that it tells out."""

from datetime import UTC, timedelta, timezone

from tests.filters.moment import DATE, NOW, TIME, Make, hosts
from webfail2ban.filters import (
    DateDetector,
    Filter,
    FilterDefinition,
    Found,
)


def test_a_match_is_a_failure(make: Make) -> None:
    """Who, when, which expression, its fields, and the line."""
    line = f"{DATE} login of root from 2001:DB8::0007"

    found = make("^no <HOST>", "login of <F-USER>\\w+</F-USER> from <HOST>$").find(line)

    fields = {"user": "root", "ip6": "2001:DB8::0007"}
    assert found == [Found("2001:db8::7", TIME, 1, fields, (line,))]


def test_other_lines_are_none(make: Make) -> None:
    """Nothing is found."""
    assert make("login from <HOST>").find(f"{DATE} hello from 192.0.2.7") == []


def test_the_date_is_cut_out_before_the_search(make: Make) -> None:
    """And the line ends with one newline, so that ``$`` fits."""
    matcher = make(r"^\[\] from <HOST>$")

    assert hosts(matcher.find(f"[{DATE}] from 192.0.2.7")) == ["192.0.2.7"]
    assert hosts(matcher.find(f"[{DATE}] from 192.0.2.7\r\n")) == ["192.0.2.7"]


def test_a_known_time_means_that_no_date_is_looked_for(make: Make) -> None:
    """The journal and syslog know it: the text is the message."""
    found = make("^from <HOST>$", datepattern=("^%Y",)).find("from 192.0.2.7", 1234.5)

    assert found[0].time == 1234.5
    assert make("from <HOST>").find(f"{DATE} from 192.0.2.7", 1234.5)[0].time == 1234.5


def test_the_first_expression_that_matches_decides(make: Make) -> None:
    """Its index is told."""
    found = make("x<HOST>", "from <HOST>", "<HOST>").find(f"{DATE} from 192.0.2.7")

    assert [failure.regex for failure in found] == [1]


def test_the_timezone_is_the_logs() -> None:
    """For dates that don't name theirs."""
    definition = FilterDefinition("demo", failregex=("<HOST>",))
    matcher = Filter(definition, now=lambda: NOW, timezone=timezone(timedelta(hours=2)))

    assert matcher.find(f"{DATE} 192.0.2.7")[0].time == TIME - 7200


def test_filters_can_share_what_finds_their_dates() -> None:
    """Each line's date is found once."""
    dates = DateDetector(now=lambda: NOW, timezone=UTC)
    definition = FilterDefinition("demo", failregex=("<HOST>",))
    line = f"{DATE} 192.0.2.7"

    filters = [Filter(definition, now=lambda: NOW, dates=dates) for _ in range(2)]

    assert [matcher.find(line)[0].time for matcher in filters] == [TIME, TIME]
    assert dates._templates[0].hits == 1


def test_a_prefregex_must_match_first(make: Make) -> None:
    """Its fields count, and what it leaves over is searched."""
    matcher = make("^from <HOST>$", prefregex="^ <F-NAME>\\w+</F-NAME>: <F-CONTENT>.+</F-CONTENT>$")

    found = matcher.find(f"{DATE} demo: from 192.0.2.7")

    assert found[0].fields == {"name": "demo", "ip4": "192.0.2.7"}
    assert matcher.find(f"{DATE} from 192.0.2.7") == []


def test_a_prefregex_without_content_leaves_the_line(make: Make) -> None:
    """It is a condition only; an empty content is no content."""
    assert make("^ a <HOST>", prefregex=" a ").find(f"{DATE} a 192.0.2.7")
    matcher = make("^ a <HOST>", prefregex=" a <F-CONTENT>x?</F-CONTENT>")
    assert matcher.find(f"{DATE} a 192.0.2.7")


def test_an_expressions_field_wins_over_the_prefixs(make: Make) -> None:
    """If it took part in the match."""
    matcher = make("(?:as <F-USER>\\w+</F-USER> )?from <HOST>", prefregex="^ <F-USER>\\w+</F-USER>")

    assert matcher.find(f"{DATE} a as b from 192.0.2.7")[0].fields["user"] == "b"
    assert matcher.find(f"{DATE} a from 192.0.2.7")[0].fields["user"] == "a"


def test_the_prefix_may_tell_who_failed(make: Make) -> None:
    """Then the expressions needn't."""
    matcher = make("^failed", prefregex="^ <HOST> <F-CONTENT>.+</F-CONTENT>")

    assert hosts(matcher.find(f"{DATE} 192.0.2.7 failed")) == ["192.0.2.7"]


def test_an_ignoreregex_takes_a_failure_back(make: Make) -> None:
    """On the same text."""
    matcher = make("from <HOST>", ignoreregex=("192\\.0\\.2\\.7$", "x"))

    assert matcher.find(f"{DATE} from 192.0.2.7") == []
    assert matcher.find(f"{DATE} from 192.0.2.8")


def test_few_ignoreregexes_see_the_whole_line(make: Make) -> None:
    """Many are only tried on what the prefix leaves over."""
    prefix = "^ \\w+: <F-CONTENT>.+</F-CONTENT>$"
    line = f"{DATE} demo: from 192.0.2.7"

    four = make(
        "^from <HOST>", "b<HOST>", "c<HOST>", "d<HOST>", prefregex=prefix, ignoreregex=("demo",)
    )
    three = make("^from <HOST>", "b<HOST>", "c<HOST>", prefregex=prefix, ignoreregex=("demo",))

    assert four.find(line) == []
    assert three.find(line)
