"""Lines in which the wrong address is found."""

import re

import pytest

from webfail2ban.filters.forgery import Place, forge
from webfail2ban.filters.glushkov import read_automaton
from webfail2ban.filters.regex import translate_tags


def place(expression: str, *, within: bool = True) -> Place | None:
    """Return where a forged address may stand."""
    regex = re.compile(translate_tags(expression, names=False))

    def find(text: str) -> str | None:
        match = regex.search(text + "\n")
        return match and match["ip4"]

    forgery = forge(read_automaton(regex), "ip4", find, within=within)
    if forgery is None:
        return None
    assert find(forgery.text) == "203.0.113.7"
    return forgery.place


@pytest.mark.parametrize(
    "expression",
    [
        r"from <ADDR>",
        r"from <ADDR>.*$",
        r"^.*from <ADDR>",
        r"^\s*(?:\S+ )+from <ADDR>",
        r"(?<!\w)from <ADDR>(?=\W)",
        r"\bfrom <ADDR>\b",
        r"from <ADDR>|^\S+ by <ADDR2>$",
    ],
)
def test_without_a_beginning_it_may_stand_anywhere(expression: str) -> None:
    """In any program's line, a client's text in front of it and more behind it."""
    assert place(expression.replace("<ADDR2>", "x")) is Place.ANYWHERE


@pytest.mark.parametrize(
    "expression", [r"from <ADDR>$", r"^.* from <ADDR> port \d+\s*$", r"(?:.*) from <ADDR>$"]
)
def test_with_an_end_it_may_stand_there(expression: str) -> None:
    """That is better, but not good."""
    assert place(expression) is Place.END


@pytest.mark.parametrize(
    "expression",
    [
        r"^login of .*? from <ADDR>",
        r"^login of .*? from <ADDR>.*$",
        r"^login of [^;]*? from <ADDR>",
        r"^login of (?:\S+ )*?from <ADDR>",
        r"^login (?:of .*?)?from <ADDR>",
    ],
)
def test_a_lazy_repetition_takes_the_first_address(expression: str) -> None:
    """Which is the client's if he chooses what stands in front."""
    assert place(expression) is Place.FRONT


@pytest.mark.parametrize(
    "expression",
    [
        r"^login of .* from <ADDR>",
        r"^login of .* from <ADDR>.*$",
        r"^login of (?:\S+ )*from <ADDR>",
        r"^login of .* from <ADDR>, ",
    ],
)
def test_a_greedy_repetition_takes_the_last_address(expression: str) -> None:
    """Which is the client's if he chooses what stands behind."""
    assert place(expression) is Place.BEHIND


@pytest.mark.parametrize(
    "expression",
    [
        r"^<ADDR> ",
        r"^\S+ app: from <ADDR> ",
        r"^login of .* from <ADDR>$",
        r"^login of .*? from <ADDR> port \d+ ssh2$",
        r'^login of "[^"]*" from <ADDR>',
        r"^login of \S+ from <ADDR>",
        r"^(?:\S+ )?from <ADDR>",
        r"^login of .* from <ADDR>(?!.* from )",
        r"^login of (?:(?! from ).)* from <ADDR>",
        r"^login of \w{0,99} from <ADDR>",
        r"^from <ADDR> .* login from",
    ],
)
def test_an_address_in_its_place_cannot_be_forged(expression: str) -> None:
    """Nothing free in front of it, or nothing free behind it."""
    assert place(expression) is None


def test_a_client_never_begins_a_line() -> None:
    """So the free text that a log's own head may hold isn't his."""
    assert place(r"^(?:<[^>]*> )?from <ADDR>", within=False) is None
    assert place(r"^(?:<.*?> )?from <ADDR>", within=False) is None
    assert place(r"^(?:<.*?> )?from <ADDR>", within=True) is Place.FRONT


def test_what_no_line_is_known_for_is_judged_by_its_looks() -> None:
    """The look-ahead wants what the shortest line doesn't have."""
    regex = re.compile(r"(?=.*failed)(?P<ip4>[\d.]+)")
    forgery = forge(read_automaton(regex), "ip4", lambda _: None, within=False)
    anchored = re.compile(r"^(?=.*failed)(?P<ip4>[\d.]+)")

    assert forgery is not None
    assert forgery.place is Place.ANYWHERE
    assert forge(read_automaton(anchored), "ip4", lambda _: None, within=False) is None
