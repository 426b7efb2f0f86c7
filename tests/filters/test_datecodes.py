"""What each ``%`` code of a datepattern matches."""

import re

import pytest

from webfail2ban.filters.datecodes import field_of, ignores_case, translate_codes

YEAR = 2026


def matches(code: str, text: str) -> bool:
    return re.fullmatch(translate_codes(code, YEAR), text) is not None


@pytest.mark.parametrize(
    ("code", "good", "bad"),
    [
        ("%Y", "0000 1999 9999", "99 199"),
        ("%ExY", "2000 2019 2029", "1999 2030 2100"),
        ("%y", "00 99", "9 999"),
        ("%Exy", "00 99", "9 999"),
        ("%m", "1 01 12", "0 00 13"),
        ("%Exm", "01 12", "1 00 13"),
        ("%d", "1 01 31", "0 00 32"),
        ("%Exd", "01 31", "1 00 32"),
        ("%H", "0 00 23", "24 000"),
        ("%ExH", "00 23", "0 24"),
        ("%k", "0 00 23", "24"),
        ("%Exk", "00 23", "0 24"),
        ("%I", "1 01 12", "0 00 13"),
        ("%l", "1 12", "0 01 13"),
        ("%Exl", "01 12", "1 00 13"),
        ("%M", "0 00 59", "60 000"),
        ("%ExM", "00 59", "0 60"),
        ("%S", "0 00 61", "62"),
        ("%ExS", "00 61", "0 62"),
        ("%f", "0 123456", "1234567"),
        ("%z", "Z UTC GMT +0200 -05:30 +02", "CET 0200 +2 +02:"),
        ("%Z", "Z CET AKST ABCDE", "A UT ABCDEF cet"),
        ("%Exz", "Z A CET +0200 CET+0200 GMT+01:00 UTC-05", "UT ABCDEF 0200 UT+01"),
        ("%ExZ", "Z A CET ABCDE", "UT ABCDEF +0200"),
        ("%j", "1 001 010 10 366", "0 000 367"),
        ("%U", "0 00 53", "54"),
        ("%W", "0 00 53", "54"),
        ("%V", "1 01 53", "0 54"),
        ("%w", "0 6", "7"),
        ("%u", "1 7", "0 8"),
        ("%a", "mon sun", "monday m"),
        ("%A", "monday sunday", "mon"),
        ("%b", "jan dec", "january"),
        ("%B", "january december may", "jan"),
        ("%p", "am pm", "a AM"),
        ("%%", "%", "%%"),
    ],
)
def test_a_code_matches_its_range(code: str, good: str, bad: str) -> None:
    """And nothing else."""
    assert [text for text in good.split(" ") if not matches(code, text)] == []
    assert [text for text in bad.split(" ") if matches(code, text)] == []


@pytest.mark.parametrize("code", ["%d", "%k", "%Exk", "%l", "%Exl"])
def test_some_numbers_may_have_a_blank_in_front(code: str) -> None:
    """As ``Aug  2`` has, where a leading zero could stand."""
    text = " 02" if "Ex" in code else " 2"

    assert matches(code, text)


def test_the_others_may_not() -> None:
    """An hour ``%H`` begins with a digit."""
    assert not any(matches(code, " 2") for code in ("%H", "%m", "%M", "%S", "%I", "%Exd"))


@pytest.mark.parametrize(
    ("year", "last"), [(2005, 2009), (2026, 2029), (2027, 2039), (2099, 2109), (1970, 2009)]
)
def test_a_plausible_year_ends_with_the_decade_three_years_ahead(year: int, last: int) -> None:
    """It begins with 2000."""
    regex = re.compile(translate_codes("%ExY", year))

    found = [number for number in range(1900, 2300) if regex.fullmatch(str(number))]

    assert found == list(range(2000, last + 1))


@pytest.mark.parametrize(
    ("code", "text"),
    [("%c", "Sat Aug 22 10:00:01 2026"), ("%x", "08/22/26"), ("%X", "10:00:01")],
)
def test_codes_for_whole_dates_are_the_c_locales(code: str, text: str) -> None:
    """They stand for several others."""
    assert re.fullmatch(translate_codes(code, YEAR), text, re.IGNORECASE)


def test_codes_with_words_make_a_pattern_ignore_case() -> None:
    """Numbers don't."""
    assert [code for code in "aAbBpcdHMSYz" if ignores_case(f"%{code}")] == list("aAbBpc")


def test_stricter_and_blank_led_codes_fill_the_same_field() -> None:
    """The hour is the hour, however it is written."""
    codes = ["H", "ExH", "k", "Exk", "I", "l", "Exl", "b", "B", "Exz", "Z", "ExZ"]

    assert "".join(map(field_of, codes)) == "HHHHIIIbbzzz"


@pytest.mark.parametrize("pattern", ["%Q", "%Exa", "%"])
def test_an_unknown_code_is_refused(pattern: str) -> None:
    """With its name."""
    with pytest.raises(ValueError, match=f"there is no code {pattern[:2]}"):
        translate_codes(pattern, YEAR)
