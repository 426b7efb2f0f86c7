import re

import pytest

from webfail2ban.filters import find_slowness


@pytest.mark.parametrize("regex", [r"\A(?:(a+)+b)", r"(\w+\s?)*!", r"\A\d*\d*\d*\d*x"])
def test_what_a_hostile_text_can_keep_busy_is_found(regex: str) -> None:
    """Exponential time, and polynomials of the third degree and more."""
    assert find_slowness(re.compile(regex))


@pytest.mark.parametrize("regex", [r"\A@NTC.{4}", r"/wp-(login|admin)", "a{1,60000}"])
def test_of_others_nothing_is_said(regex: str) -> None:
    """Nor of those that are too large to be judged."""
    assert find_slowness(re.compile(regex)) is None
