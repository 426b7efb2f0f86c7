from ipaddress import ip_address
from typing import Any

import pytest

from webfail2ban_observe.patterns import SEEN, read_pattern, show_value


@pytest.mark.parametrize(
    ("pattern", "values", "others"),
    [
        (401, ["401"], ["4010", "40"]),
        (True, ["true"], ["false", "1"]),
        ("4xx", ["400", "499"], ["500", "4000", "4xx"]),
        ("xxx", ["123"], ["12", "abc"]),
        ("400-499", ["400", "450", "499"], ["399", "500", "", "x", "4e2"]),
        ("/wp-login.php", ["/wp-login.php"], ["/wp-login_php", "/wp-login.php5"]),
        ("/wp-*", ["/wp-", "/wp-admin\n"], ["/x/wp-admin"]),
        ("*/.env", ["/.env", "/a/.env"], ["/.environment"]),
        ("*a?[b]*", ["a?[b]", "xa?[b]y"], ["axb"]),
        (r"~/(a|b)\b", ["/a", "/b/c"], ["x/a", "/ab"]),
        ("x", ["x"], ["1"]),
        ("xml", ["xml"], ["1ml"]),
    ],
)
def test_a_pattern_fits_what_it_should(
    pattern: int | str, values: list[str], others: list[str]
) -> None:
    """Numbers, classes, ranges, texts, stars and expressions; all of them from end to end."""
    fits = read_pattern(pattern)
    assert all(fits(value) for value in values)
    assert not any(fits(value) for value in others)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("~(a", "is no regular expression"),
        ("~(a+)+b", "can be kept busy by a client"),
        ("499-400", "must go up"),
        ("a" * (SEEN + 1), "no more than 512 characters"),
    ],
)
def test_what_is_none_is_refused(pattern: str, said: str) -> None:
    """Or is one with which a client can keep the engine busy."""
    with pytest.raises(ValueError, match=said):
        read_pattern(pattern)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (401, "401"),
        (True, "true"),
        ("text", "text"),
        (b"\x01\xff", "01ff"),
        (ip_address("2001:db8::1"), "2001:db8::1"),
        ("a" * 1000, "a" * SEEN),
    ],
)
def test_every_value_has_a_text(value: Any, shown: str | None) -> None:
    """A bounded one; none where HAProxy had none."""
    assert show_value(value) == shown
