"""What can't be used, and what must not matter."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.filters.moment import NOW, Make
from webfail2ban.errors import FilterError
from webfail2ban.filters import (
    Filter,
    FilterDefinition,
    UseDns,
    read_filter,
)


@pytest.mark.parametrize(
    ("definition", "option"),
    [
        (FilterDefinition("demo", failregex=("no id",)), "failregex"),
        (FilterDefinition("demo", failregex=("(<HOST>",)), "failregex"),
        (FilterDefinition("demo", ignoreregex=("(",)), "ignoreregex"),
        (FilterDefinition("demo", prefregex="("), "prefregex"),
        (FilterDefinition("demo", datepattern=("%Q",)), "datepattern"),
    ],
)
def test_what_cannot_be_compiled_is_named(definition: FilterDefinition, option: str) -> None:
    """With the filter and the option."""
    with pytest.raises(FilterError) as caught:
        Filter(definition)

    assert (caught.value.file, caught.value.option) == ("demo", option)


def test_the_file_of_a_filter_is_named() -> None:
    """If it has one."""
    definition = FilterDefinition("demo", failregex=("no id",), file=Path("demo.conf"))

    with pytest.raises(FilterError, match=r"demo\.conf: failregex: nothing tells who failed"):
        Filter(definition)


def test_the_compiled_expressions_can_be_seen(make: Make) -> None:
    """For whoever wants to know in advance which lines can match."""
    matcher = make("a <HOST>", "b <HOST>", prefregex="c", ignoreregex=("d",))

    assert [regex.pattern[0] for regex in matcher.failregexes] == ["a", "b"]
    assert [regex.pattern for regex in matcher.ignoreregexes] == ["d"]
    assert matcher.prefregex is not None
    assert matcher.prefregex.pattern == "c"


@pytest.fixture(scope="module")
def packaged(filter_dir: Path) -> list[Filter]:
    """A few packaged filters of different kinds."""
    names = ["sshd[mode=aggressive]", "postfix", "apache-auth", "mongodb-auth", "selinux-ssh"]
    return [
        Filter(
            read_filter(name, dirs=[filter_dir]),
            now=lambda: NOW,
            usedns=UseDns.YES,
            resolve=lambda _: ["192.0.2.7"],
        )
        for name in names
    ]


WORDS = st.sampled_from(
    ["sshd[1]: ", "Failed password for ", " from ", "192.0.2.7", "::ffff:", "Aug 22 10:00:00 ",
     "2026-02-30T99:", "99999999999", "[error] [client ", "audit(1787392800.123:7)", "\x00",
     "\udc80", "٣", "port 22 ssh2", "[preauth]", "(", "%s", "\n", "\x85", "@400000006a89b2f1"]
)  # fmt: skip


@given(line=st.lists(WORDS | st.text(max_size=5), max_size=12).map("".join))
@settings(max_examples=300)
def test_no_line_raises(line: str, packaged: list[Filter]) -> None:
    """Whatever a client manages to write into a log."""
    for matcher in packaged:
        matcher.find(line)
        matcher.find(line, NOW)
