"""Trying what is said."""

import signal
from dataclasses import replace

import pytest

from webfail2ban.filters import FilterDefinition, UseDns
from webfail2ban.filters.confirmation import confirm
from webfail2ban.filters.lint import lint_filter

SHORT = 0.1


@pytest.mark.parametrize(
    "definition",
    [
        FilterDefinition("demo", failregex=(r"^(?:\w+\s?)+: <ADDR>$",)),
        FilterDefinition(
            "demo",
            failregex=(r"^(?:\w+\s?)+: <ADDR>$",),
            prefregex="^app: <F-CONTENT>.+</F-CONTENT>$",
        ),
        FilterDefinition(
            "demo", failregex=("^<ADDR>$",), prefregex=r"^(?:a+)+: <F-CONTENT>.+</F-CONTENT>$"
        ),
        FilterDefinition("demo", failregex=("^<ADDR>$",), ignoreregex=(r"^(?:\w+\s?)+:",)),
        FilterDefinition("demo", failregex=("^<ADDR>$",), datepattern=(r"^(?:\w+\s?)+: %Y",)),
        FilterDefinition("demo", failregex=(r"^x .*,.*;.* <ADDR>$",)),
    ],
)
def test_a_search_that_isnt_done_confirms_backtracking(definition: FilterDefinition) -> None:
    """Wherever the expression stands."""
    [finding] = lint_filter(definition)

    assert confirm(definition, finding, SHORT)
    assert not confirm(definition, replace(finding, example="app: a"), SHORT)


@pytest.mark.parametrize(
    "definition",
    [
        FilterDefinition("demo", failregex=("from <ADDR>",)),
        FilterDefinition("demo", failregex=("^login of .* from <ADDR>",)),
        FilterDefinition(
            "demo", failregex=("from <ADDR>",), prefregex="^app: <F-CONTENT>.+</F-CONTENT>$"
        ),
        FilterDefinition(
            "demo", failregex=("^from <ADDR>$",), prefregex="app: <F-CONTENT>.+</F-CONTENT>$"
        ),
        FilterDefinition("demo", failregex=("^from <ADDR>$",), ignoreregex=("this",)),
        FilterDefinition("demo", failregex=("^from <HOST>$",), usedns=UseDns.WARN),
    ],
)
def test_an_address_that_is_taken_confirms_a_forgery(definition: FilterDefinition) -> None:
    """Or a name, or the line."""
    [finding] = lint_filter(definition)

    assert confirm(definition, finding)
    assert not confirm(definition, replace(finding, example="app: nothing"))


def test_the_signal_is_left_as_it_was() -> None:
    """Whoever called may use it."""
    definition = FilterDefinition("demo", failregex=("from <ADDR>",))
    before = signal.getsignal(signal.SIGALRM)
    confirm(definition, lint_filter(definition)[0])

    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
