"""What is said of a filter's expressions."""

from collections.abc import Callable

import pytest

from webfail2ban.errors import FilterError
from webfail2ban.filters import FilterDefinition, UseDns
from webfail2ban.filters.findings import Finding, FindingKind
from webfail2ban.filters.lint import lint_filter

Lint = Callable[..., list[Finding]]


@pytest.fixture
def lint() -> Lint:
    """Looks at a filter: failregexes, then the definition's other options."""

    def lint_demo(*failregex: str, **options: object) -> list[Finding]:
        return list(lint_filter(FilterDefinition("demo", failregex=failregex, **options)))  # type: ignore[arg-type]

    return lint_demo


def kinds(findings: list[Finding]) -> list[tuple[str, int, FindingKind]]:
    return [(finding.option, finding.index, finding.kind) for finding in findings]


def test_a_good_filter_has_no_findings(lint: Lint) -> None:
    """Though a user name stands in front of the address: what follows is fixed up to the end."""
    assert not lint(r"^\s*\S+ app\[\d+\]: login of .* failed from <HOST> port \d+$")


def test_exponential_backtracking_names_the_part_and_the_text(lint: Lint) -> None:
    """The example is a line that it takes hours for."""
    [finding] = lint(r"^login of (?:\w+\s?)+: failed from <ADDR>$")

    assert finding.kind is FindingKind.BACKTRACKS_EXPONENTIALLY
    assert finding.message.startswith(r"(?:\w+\s?)+ can match the same text in many ways")
    assert "each further 'a' doubles the time" in finding.message
    assert finding.example == "login of a" + "a" * 40


def test_polynomial_backtracking_names_the_parts_and_the_degree(lint: Lint) -> None:
    """A square isn't reported."""
    [finding] = lint(r"^x .*,.*;.* <ADDR>$", r"^x .*,.* <ADDR>$")

    assert kinds([finding]) == [("failregex", 0, FindingKind.BACKTRACKS_POLYNOMIALLY)]
    assert finding.message == (
        ".*, .* and .* can divide the same text among them: the time that a line takes grows with"
        " the cube of its length"
    )


def test_a_search_that_begins_everywhere_is_named(lint: Lint) -> None:
    """It adds one to the degree."""
    findings = lint(r"x .*,.* <ADDR>$")

    assert (
        "the search (there is no ^, so every place is tried), .* and .* can divide"
        in findings[0].message
    )


def test_tags_are_shown_as_tags(lint: Lint) -> None:
    """Nobody knows the expression that an address has become."""
    findings = lint(r"^(?:from <ADDR>|from \S+ ?)* failed$")

    assert findings[0].message.startswith(r"(?:from <ADDR>|from \S+ ?)* can match")


def test_a_long_part_is_cut(lint: Lint) -> None:
    """A message is one sentence."""
    findings = lint(rf"^(?:{'x' * 150}|\w+)* from <ADDR>$")

    assert findings[0].message.startswith(f"(?:{'x' * 97}... can match")


@pytest.mark.parametrize(
    ("failregex", "said"),
    [
        ("failed from <HOST>", "does not begin with ^: whoever chooses a part of a line"),
        ("^.*failed from <HOST>", "begins with ^ but then takes anything: whoever chooses a part"),
        ("failed from <HOST>$", "does not begin with ^: whoever chooses how a line ends"),
    ],
)
def test_an_expression_that_is_found_anywhere_is_reported(
    failregex: str, said: str, lint: Lint
) -> None:
    """The example is another program's line that names somebody else."""
    [finding] = lint(failregex)

    assert finding.kind is FindingKind.UNANCHORED
    assert finding.message.startswith(said)
    assert finding.example.startswith('mail app[7]: 192.0.2.1 is called "failed from 203.0.113.7')


@pytest.mark.parametrize(
    ("failregex", "part", "example"),
    [
        (
            r"^login of .*? failed from <ADDR>",
            ".*? may end where the client likes",
            "login of a failed from 203.0.113.7 failed from 192.0.2.1",
        ),
        (
            r"^login of .* failed from <ADDR>",
            ".* takes anything, the address too",
            "login of a failed from 192.0.2.1 failed from 203.0.113.7",
        ),
    ],
)
def test_an_address_that_isnt_pinned_is_reported(
    failregex: str, part: str, example: str, lint: Lint
) -> None:
    """The example holds the client's own address and the one that is taken instead."""
    [finding] = lint(failregex)

    assert finding.kind is FindingKind.AMBIGUOUS_ADDRESS
    assert finding.message.startswith(part)
    assert finding.example == example


def test_a_failregex_is_looked_at_in_what_the_prefregex_leaves(lint: Lint) -> None:
    """Its examples are whole lines all the same."""
    [one, other] = lint(
        "failed from <ADDR>",
        r"^(?:\w+\s?)+: from <ADDR>$",
        prefregex=r"^\S+ app: <F-CONTENT>.+</F-CONTENT>$",
    )

    assert one.example == (
        'a app: mail app[7]: 192.0.2.1 is called "failed from 203.0.113.7" since today'
    )
    assert other.example.startswith("a app: aaa")


def test_the_line_in_front_of_the_content_is_one_that_leaves_it(lint: Lint) -> None:
    """Not one that lets an optional word of the prefregex take a part of it."""
    [finding] = lint("^login .*? from <ADDR>", prefregex=r"^(?:\w+ )?<F-CONTENT>.+</F-CONTENT>$")

    assert finding.example == "a login a from 203.0.113.7 from 192.0.2.1"


@pytest.mark.parametrize(
    "prefregex",
    [r"app: <F-CONTENT>.+</F-CONTENT>$", r"app: <ADDR> <F-CONTENT>.+</F-CONTENT>$"],
)
def test_a_prefregex_that_is_found_anywhere_is_reported(prefregex: str, lint: Lint) -> None:
    """What it leaves is then the client's choice."""
    [finding] = lint(r"^failed (?:from <ADDR>)?$", prefregex=prefregex)

    assert kinds([finding]) == [("prefregex", 0, FindingKind.UNANCHORED)]


def test_a_prefregex_that_leaves_the_line_needs_no_beginning(lint: Lint) -> None:
    """Where something is looked for in the line is the failregex's own business."""
    assert not lint(r"^\S+ app: failed from <ADDR>$", prefregex="app: ")


@pytest.mark.parametrize("ignoreregex", ["not this", "^.*not this"])
def test_an_ignoreregex_that_is_found_anywhere_is_reported(ignoreregex: str, lint: Lint) -> None:
    """It takes the failure of whoever calls himself so."""
    [finding] = lint("^from <ADDR>$", ignoreregex=("^this", ignoreregex))

    assert kinds([finding]) == [("ignoreregex", 1, FindingKind.UNANCHORED)]
    assert "his failure counts for nothing" in finding.message
    assert finding.example == 'mail app[7]: 192.0.2.1 is called "not this" since today'


def test_all_options_are_looked_at_for_backtracking(lint: Lint) -> None:
    """The default dates are nobody's to mend."""
    found = lint(
        r"^(a+)+b <ADDR>$",
        prefregex=r"^(b+)+a<F-CONTENT>.+</F-CONTENT>$",
        ignoreregex=(r"^(c+)+b",),
        datepattern=("{^LN-BEG}", r"^(?:\w+ ?)+:%Y"),
    )

    assert kinds(found) == [
        (option, index, FindingKind.BACKTRACKS_EXPONENTIALLY)
        for option, index in [
            ("prefregex", 0), ("failregex", 0), ("ignoreregex", 0), ("datepattern", 1)
        ]
    ]  # fmt: skip


@pytest.mark.parametrize("usedns", [UseDns.YES, UseDns.WARN, UseDns.RAW])
def test_host_names_are_reported_where_they_count(usedns: UseDns, lint: Lint) -> None:
    """Once a filter, with the first expression that takes them."""
    [finding] = lint("^a <ADDR>$", "^b <HOST>$", "^c <HOST>$", usedns=usedns)

    assert kinds([finding]) == [("failregex", 1, FindingKind.HOST_NAMES)]
    assert f"(usedns = {usedns.value})" in finding.message
    assert finding.example == "b attacker.example"


def test_host_names_dont_matter_where_they_dont_count(lint: Lint) -> None:
    """As they do by default."""
    assert not lint("^b <HOST>$", "^c <DNS>$", usedns=UseDns.NO)


def test_one_that_explodes_is_judged_by_its_looks(lint: Lint) -> None:
    """It isn't tried, not even with a short line."""
    found = lint(r"(?:(?:\w+\s?)*)*: from <ADDR>$")

    assert [finding.kind for finding in found] == [
        FindingKind.BACKTRACKS_EXPONENTIALLY,
        FindingKind.UNANCHORED,
    ]


def test_no_line_is_forged_that_takes_a_newline(lint: Lint) -> None:
    """A client can't write one, or no filter would help."""
    assert not lint(r"^one .*\n<SKIPLINES>two <ADDR>$", maxlines=3)


def test_too_large_an_expression_is_passed_over(lint: Lint) -> None:
    """Rather than looked at for minutes; the others are."""
    found = lint(rf"(?:{'|'.join(f'{n:05}' for n in range(2000))})+x from <ADDR>", "from <ADDR>")

    assert [finding.index for finding in found] == [1]


def test_a_finding_names_its_place_counting_from_one() -> None:
    """As people count."""
    assert (
        str(Finding("failregex", 2, FindingKind.UNANCHORED, "is bad", "")) == "failregex 3: is bad"
    )


def test_what_cannot_be_compiled_is_named_as_everywhere() -> None:
    """With the filter and the option."""
    with pytest.raises(FilterError) as caught:
        lint_filter(FilterDefinition("demo", failregex=("(<HOST>",)))

    assert (caught.value.file, caught.value.option) == ("demo", "failregex")
