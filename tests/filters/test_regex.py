"""From a failregex's text to a Python regular expression."""

import re

import pytest

from webfail2ban.errors import FilterError
from webfail2ban.filters.regex import compile_regex, translate_tags


def compiled(text: str, *, names: bool = True, multiline: bool = False) -> re.Pattern[str]:
    return compile_regex(text, "failregex", names=names, multiline=multiline)


def groups(text: str, line: str, *, names: bool = True) -> dict[str, str] | None:
    match = compiled(text, names=names).search(line)
    if match is None:
        return None
    return {name: value for name, value in match.groupdict().items() if value is not None}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from 192.0.2.7 port", {"ip4": "192.0.2.7"}),
        ("from [192.0.2.7] port", {"ip4": "192.0.2.7"}),
        ("from ::ffff:192.0.2.7 port", {"ip4": "192.0.2.7"}),
        ("from ::ffffff:192.0.2.7 port", {"ip4": "192.0.2.7"}),
        ("from 999.1.1.1 port", {"ip4": "999.1.1.1"}),
        ("from 2001:db8::1 port", {"ip6": "2001:db8::1"}),
        ("from [2001:DB8:0:0:0:0:0:1] port", {"ip6": "2001:DB8:0:0:0:0:0:1"}),
        ("from ::1 port", {"ip6": "::1"}),
        ("from 2001:db8:: port", {"ip6": "2001:db8::"}),
        ("from example.com port", {"dns": "example.com"}),
        ("from ex_a-m^ple.com port", {"dns": "ex_a-m^ple.com"}),
    ],
)
def test_host_is_an_address_or_a_name(line: str, expected: dict[str, str]) -> None:
    """In the group that says which of them."""
    assert groups("from <HOST> port", line) == expected


@pytest.mark.parametrize("line", ["from example.com port", "from  port", "from 1.2.3 port"])
def test_without_names_host_is_an_address(line: str) -> None:
    """With ``usedns = no`` a name doesn't match."""
    assert groups("from <HOST> port", line, names=False) is None


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        ("<IP4>", "192.0.2.7", {"ip4": "192.0.2.7"}),
        ("<F-IP4/>", "192.0.2.7", {"ip4": "192.0.2.7"}),
        ("<IP4>", "2001:db8::1", None),
        ("<IP6>", "2001:db8::1", {"ip6": "2001:db8::1"}),
        ("<F-IP6/>", "2001:db8::1", {"ip6": "2001:db8::1"}),
        ("<IP6>", "192.0.2.7", None),
        ("<IP6>", "1:2:3:4:5:6:7:8", {"ip6": "1:2:3:4:5:6:7:8"}),
        ("<IP6>", "1:2:3:4:5:6:7::", {"ip6": "1:2:3:4:5:6:7::"}),
        ("<IP6>", "::2:3:4:5:6:7:8", {"ip6": "::2:3:4:5:6:7:8"}),
        ("<IP6>", "1:2:3:4:5:6:7:8:9", None),
        ("<IP6>", ":92", None),
        ("<IP6>", "::", None),
        ("<IP6>", "92:", None),
        ("<DNS>", "a.example", {"dns": "a.example"}),
        ("<F-DNS/>", "a.example", {"dns": "a.example"}),
        ("<DNS>", "a.example.", None),
        ("<ADDR>", "[2001:db8::1]", {"ip6": "2001:db8::1"}),
        ("<F-ADDR/>", "192.0.2.7", {"ip4": "192.0.2.7"}),
        ("<ADDR>", "a.example", None),
        ("<ADDR>/<CIDR>", "192.0.2.0/24", {"ip4": "192.0.2.0", "cidr": "24"}),
        ("<ADDR>/<F-CIDR/>", "192.0.2.0/24", {"ip4": "192.0.2.0", "cidr": "24"}),
        ("<SUBNET>", "[2001:db8::/32]", {"ip6": "2001:db8::", "cidr": "32"}),
        ("<F-SUBNET/>", "192.0.2.7", {"ip4": "192.0.2.7"}),
        ("<F-ID/>", "a!b", {"fid": "a!b"}),
        ("<F-ID/>", "a b", None),
        ("<F-PORT/>", "ssh", {"fport": "ssh"}),
    ],
)
def test_tags_for_whole_expressions(tag: str, text: str, expected: dict[str, str] | None) -> None:
    """Each with its own group."""
    assert groups(f"^{tag}$", text) == expected


def test_fields_are_groups_around_everything_inside() -> None:
    """Alternatives too; the name is lower-cased, id and port have longer ones."""
    text = r"^<F-USER>\S+|.*?</F-USER> from <F-ID>\d+</F-ID>:<F-PORT>\d+</F-PORT>$"

    assert groups(text, "a b from 7:22") == {"user": "a b", "fid": "7", "fport": "22"}


@pytest.mark.parametrize("text", ["a</F-USER>", "<F-USER/>", "<HOST/>", "<X>", "<f-user>"])
def test_other_tags_stay_as_text(text: str) -> None:
    """A closing tag without its opening one, and whatever isn't known."""
    assert translate_tags(text, names=True) == text


def test_a_field_is_closed_once() -> None:
    """What is closed again stays as text."""
    assert translate_tags("<F-A>x</F-A></F-A>", names=True) == "(?P<a>x)</F-A>"


def test_skipped_lines_are_as_few_as_possible() -> None:
    """Whole lines, in a group of their own each."""
    regex = compiled("^a<SKIPLINES>b$<SKIPLINES>c$", multiline=True)

    match = regex.search("a\nx\ny\nb\nc\nb\nc\n")

    assert match is not None
    assert match.group("skiplines0", "skiplines1") == ("x\ny\n", "")


def test_inner_flags_are_spelled_as_python_wants_them() -> None:
    """The group around them no longer captures."""
    assert translate_tags("((?i)a)(?:(?is)b)", names=True) == "(?i:a)(?is:b)"
    assert groups("^x((?i)abc) <HOST>", "xABC 192.0.2.7") == {"ip4": "192.0.2.7"}


def test_a_dollar_is_a_lines_end_in_several_lines_only() -> None:
    """Single lines are searched without flags."""
    assert compiled("a$", multiline=True).search("a\nb\n")
    assert not compiled("a$").search("a\nb\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<HOST> <HOST>", "redefinition"),
        ("<F-A-B>x</F-A-B>", "bad character in group name"),
        ("(<HOST>", "missing \\)"),
        ("a(?i)b", "global flags not at the start"),
        ("x{99999999999}", "too large"),
    ],
)
def test_what_python_refuses_is_named(text: str, reason: str) -> None:
    """With the option and the expression as it was written."""
    with pytest.raises(FilterError, match=reason) as caught:
        compiled(text)

    assert caught.value.option == "failregex"
    assert text in caught.value.reason


def test_the_authors_style_is_no_warning() -> None:
    """``[[a]`` makes Python warn of a future change."""
    assert compiled("[[a]x").search("[x")
