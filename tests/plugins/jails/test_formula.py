import math
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban_jails.formula import FUNCTIONS, parse_factor, parse_formula

DOUBLING = "ban.Time * (1<<(ban.Count if ban.Count<20 else 20)) * banFactor"
GROWING = "ban.Time * math.exp(float(ban.Count+1)*banFactor)/math.exp(1*banFactor)"


def compute(text: str, time: float = 600, count: int = 3, factor: float = 1) -> float:
    return parse_formula(text).seconds(time, count, factor)


@pytest.mark.parametrize(("count", "times"), [(0, 1), (1, 2), (2, 4), (10, 1024), (20, 2**20)])
def test_the_usual_formula_doubles(count: int, times: int) -> None:
    """And stops at the twentieth ban."""
    assert compute(DOUBLING, 600, count, 1) == 600 * times
    assert compute(DOUBLING, 600, 20 + count, 1) == 600 * 2**20


def test_the_steeper_formula_of_fail2ban_works() -> None:
    """It has the same values for a factor of 2.0 / 2.885385."""
    factor = parse_factor("2.0 / 2.885385")
    assert compute(GROWING, 600, 3, factor) == pytest.approx(600 * 8, rel=1e-5)
    assert compute(GROWING, 600, 3, 1) == pytest.approx(600 * math.exp(3))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("-(7 // 2) % 5 + +1", 3),
        ("2 ** 10", 1024),
        ("max(60, min(ban.Time, 90))", 90),
        ("round(math.sqrt(abs(-2)) * 100)", 141),
        ("1 if ban.Count == 3 else 2", 1),
        ("1 if ban.Count != 3 else 2", 2),
        ("1 if ban.Count <= 3 else 2", 1),
        ("1 if ban.Count > 3 else 2", 2),
        ("1 if ban.Count >= 4 else 2", 2),
        ("math.floor(math.pi) + math.ceil(math.e) + int(math.log(8, 2))", 9),
        (" ban.Time ", 600),
    ],
)
def test_arithmetic_means_what_it_does_in_python(text: str, value: float) -> None:
    """Also the parts that fail2ban's own formulas don't use."""
    assert compute(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "ban.__class__",
        "ban.Time.real",
        "math.__loader__",
        "math.factorial(99999999)",
        "(lambda: 1)()",
        "[1 for _ in (1, 2)]",
        "ban",
        "open",
        "max(*ban.Time)",
        "int('1')",
        "round(1, ndigits=1)",
        "'a' * 10",
        "True",
        "1j",
        "1 if True else 2",
        "1 if 1 < 2 < 3 else 2",
        "1 if 1 in (1, 2) else 2",
        "1 and 2",
        "~1",
        "1 >> 1",
        "x := 1",
        "f'{1}'",
        "",
        "1 +",
        "1; 2",
        "1\n2",
        "\0",
        "(" * 240,
        "ban.Time" + " " * 300,
    ],
)
def test_what_is_no_arithmetic_is_refused(text: str) -> None:
    """In a sentence that can follow the setting's name."""
    with pytest.raises(ValueError, match=r"^must |null") as caught:
        parse_formula(text)
    assert not isinstance(caught.value, SyntaxError)


@pytest.mark.parametrize(
    "text",
    [
        "1 << 99999999999",
        "2 ** 99999999999",
        "9.9 ** 9999",
        "math.exp(1000)",
        "*".join(["10 ** 300"] * 20),
        "*".join(["(1<<900)"] * 20),
        "int(1e308 * 10)",
        "1e308 * 10",
    ],
)
def test_more_than_a_float_holds_is_infinity(text: str) -> None:
    """At once, however large it would be."""
    assert compute(text) == inf


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "1 / (ban.Count - 3)",
        "math.log(0)",
        "(0 - 8) ** 0.5",
        "math.sqrt(-1)",
        "1 << -1",
        "1.5 << 1",
        "max(1)",
        "round(1, 2, 3)",
        "1e308 * 10 - 1e308 * 10",
    ],
)
def test_what_is_not_defined_is_an_error(text: str) -> None:
    """Whoever asks decides what to do then."""
    with pytest.raises(ValueError, match=r"."):
        compute(text)


def test_a_deep_formula_is_computed() -> None:
    """As deep as the length allows."""
    assert compute("-" * 240 + "1") == 1


@given(text=st.text(alphabet="ban.TimeCountFacormthxp()+-*/%<>=!0123456789 ,", max_size=60))
def test_no_formula_does_harm(text: str) -> None:
    """It is refused, or gives a number, or is not defined."""
    try:
        seconds = compute(text)
    except ValueError:
        return
    assert isinstance(seconds, float)


def test_a_factor_is_a_number_or_arithmetic() -> None:
    """As fail2ban takes it."""
    assert parse_factor(2) == 2
    assert parse_factor("1.5") == 1.5
    assert parse_factor("2.0 / 4") == 0.5


@pytest.mark.parametrize("factor", [0, -1, "x", "1/0", "ban.Time", True, None, [], "1e999"])
def test_another_factor_is_refused(factor: object) -> None:
    """Bans that get no longer, or end at once, are nobody's intention."""
    with pytest.raises(ValueError, match="above zero"):
        parse_factor(factor)


def test_no_function_can_do_more_than_compute() -> None:
    """Each takes numbers and gives one."""
    for function in FUNCTIONS.values():
        try:
            result = function(2.0)
        except TypeError:
            result = function(2.0, 3.0)
        assert isinstance(result, int | float)
