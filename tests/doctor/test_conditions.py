import pytest

from webfail2ban.doctor.conditions import Setting, holds, parse_version

SETTING = Setting((3, 1, 2), {"EDGE": "1"})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("version_atleast(3.1)", True),
        ("version_atleast(3.2-dev1)", False),
        ("version_before(3.2)", True),
        ("!version_before(3.2)", False),
        ("defined(EDGE)", True),
        ("defined(OTHER)", False),
        ("streq(a,a) && strneq(a,b)", True),
        ("strstr(webfail2ban,fail)", True),
        ("version_atleast(9.9) || defined(EDGE) && version_atleast(2.6)", True),
        ("!(version_atleast(9.9) || defined(EDGE))", False),
        ("defined(OTHER) && version_atleast(2.6) || 1", True),
        ("0", False),
        ("true", True),
        ("", False),
        ("feature(OPENSSL)", True),
    ],
)
def test_a_condition_holds_or_not(condition: str, expected: object) -> None:
    """What can't be known holds: the first branch is the one that is meant."""
    assert holds(tuple(condition.split()), SETTING) is expected


def test_a_short_version_is_older_than_its_patches() -> None:
    """2.8 alone is at least 2.8."""
    assert holds(("version_atleast(2.8)",), Setting((2, 8), {}))
    assert holds(("version_before(2.8.1)",), Setting((2, 8), {}))
    assert holds(("version_atleast(2.8.0)",), Setting((2, 8), {}))
    assert not holds(("version_before(2.8.0)",), Setting((2, 8), {}))


@pytest.mark.parametrize(
    ("text", "version"),
    [("2.8.25-5cf5d0683", (2, 8, 25)), ("3.2-dev3", (3, 2)), (" 2.6 ", (2, 6))],
)
def test_versions_are_read_as_haproxy_writes_them(text: str, version: tuple[int, ...]) -> None:
    """What follows the numbers doesn't matter."""
    assert parse_version(text) == version


def test_what_is_no_version_is_told() -> None:
    """With an example of one."""
    with pytest.raises(ValueError, match=r"'new' is no version of HAProxy, such as 2\.8\.25"):
        parse_version("new")
