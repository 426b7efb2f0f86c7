import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.config.scalars import read_plain, read_tagged


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
    ],
)
def test_values_that_can_mean_nothing_else_are_read(text: str, value: object) -> None:
    """Nothing, switches and decimal numbers."""
    read = read_plain(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "on",
        "12:30",
        "010",
        "0x10",
        "1_000",
        "2024-01-01",
        ".inf",
        ".nan",
        "1e999",
        "1.",
        ".5",
        "1" * 20,
        "\u0661",
        "1\n",
        " 1",
    ],
)
def test_everything_else_is_text(text: str) -> None:
    """YAML 1.1 would have made false, 750, 8, 16, a date or infinity of it."""
    assert read_plain(text) == text


@given(st.text() | st.from_regex(r"[-+]?[0-9]*\.?[0-9]*([eE][-+]?[0-9]*)?", fullmatch=True))
def test_whatever_is_read_fits_into_json(text: str) -> None:
    """No infinity, nothing that isn't a number."""
    json.dumps(read_plain(text), allow_nan=False)


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("5", "tag:yaml.org,2002:str", "5"),
        ("5", "!", "5"),
        ("5", "tag:yaml.org,2002:int", 5),
        ("5", "tag:yaml.org,2002:float", 5),
        ("true", "tag:yaml.org,2002:bool", True),
        ("", "tag:yaml.org,2002:null", None),
    ],
)
def test_a_tag_says_what_a_value_is(text: str, tag: str, value: object) -> None:
    """YAML's own tags for single values are known."""
    assert read_tagged(text, tag) == value


@pytest.mark.parametrize(
    ("text", "tag", "message"),
    [
        ("x", "tag:yaml.org,2002:int", "must be what its tag !!int says"),
        ("true", "tag:yaml.org,2002:int", "must be what its tag !!int says"),
        ("x", "!secret", "the tag !secret means nothing here"),
        ("x", "tag:yaml.org,2002:python/name:os.system", "the tag !!python/name:os.system means"),
    ],
)
def test_other_tags_are_refused(text: str, tag: str, message: str) -> None:
    """Nothing is constructed, whatever a tag names."""
    with pytest.raises(ValueError, match=message):
        read_tagged(text, tag)
