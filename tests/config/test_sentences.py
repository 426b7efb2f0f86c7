import re
from datetime import timedelta
from enum import Enum
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Discriminator, Field, HttpUrl, ValidationError

from webfail2ban.config.sentences import SENTENCES, Sentence, explain, join


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Sample(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    number: float = 0
    above: int = Field(default=2, gt=1)
    below: int = Field(default=1, lt=2)
    even: int = Field(default=2, multiple_of=2)
    switch: bool = True
    text: str = Field(default="", max_length=3, min_length=2)
    pattern: str = Field(default="", pattern="^a+$")
    items: list[int] = Field(default=[], min_length=1, max_length=2)
    names: dict[str, int] = {}
    colour: Colour = Colour.RED
    pet: Annotated[Cat | Dog | None, Discriminator("kind")] = None
    address: IPv4Address = IPv4Address(0)
    url: HttpUrl | None = None
    nothing: None = None
    raw: bytes = b""
    length: timedelta = timedelta()
    few: Literal[1, 2] = 1


@pytest.mark.parametrize(
    ("name", "value", "message", "hint"),
    [
        ("number", "x", "must be a number, not 'x'", ""),
        ("number", [], "must be a number, not a list", ""),
        ("number", "inf", "must be a number, not 'inf'", ""),
        ("above", 1, "must be more than 1, not 1", ""),
        ("above", "1" * 5000, "must be a number of fewer digits, not '1", ""),
        ("below", 2, "must be less than 2, not 2", ""),
        ("even", 3, "must be a multiple of 2, not 3", ""),
        ("switch", 3, "must be true or false, not 3", ""),
        ("switch", [], "must be true or false, not a list", ""),
        ("text", "a", "must have at least 2 characters, not 'a'", ""),
        ("text", "abcd", "must have at most 3 characters, not 'abcd'", ""),
        ("text", 1.5, "must be text, not 1.5", "put it in quotes"),
        ("text", {}, "must be text, not a mapping", ""),
        ("pattern", "b", "must match ^a+$, not 'b'", ""),
        ("items", [], "must have at least 1 entries, not a list", ""),
        ("items", [1, 2, 3], "must have at most 2 entries, not a list", ""),
        ("items", 5, "must be a list, not 5", ""),
        ("items", "a", "must be a list, not 'a'", "a list is written [one, two], or one entry"),
        ("names", 5, "must be a mapping: lines of key: value, not 5", ""),
        ("colour", "rad", "must be red or blue, not 'rad'", "did you mean red?"),
        ("colour", 5, "must be red or blue, not 5", ""),
        ("pet", {"kind": "cow"}, "must be cat or dog, not a mapping", ""),
        ("pet", {}, "must have a setting 'kind'", ""),
        ("address", "x", "must be an IPv4 address, not 'x'", ""),
        ("url", "x", "must be a URL, not 'x'", ""),
        ("url", "ftp://x", "must be a URL that begins with 'http' or 'https', not 'ftp://x'", ""),
        ("nothing", 5, "must be empty, not 5", ""),
        ("raw", 5, "must be text, not 5", "put it in quotes"),
        ("few", 3, "must be 1 or 2, not 3", ""),
        ("length", "x", "input should be a valid timedelta", ""),
    ],
)
def test_errors_are_said_in_plain_words(name: str, value: Any, message: str, hint: str) -> None:
    """What would be right, what was written, and what to do if that isn't plain."""
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({name: value})
    sentence = explain(caught.value.errors()[0], value)
    assert str(sentence).startswith(message)
    assert sentence.hint.startswith(hint)
    assert bool(sentence.hint) == bool(hint)


def test_no_sentence_is_jargon() -> None:
    """They follow a setting's name and end without a full stop."""
    for message in SENTENCES.values():
        assert re.match("must (be|have|match) ", message)
        assert not message.endswith(".")


def test_a_value_is_shown_once() -> None:
    """Also where one of several sentences shows it itself."""
    word = Sentence("must be end or beginning", "'middle'")
    duration = Sentence("must be a duration such as 30s, not 'middle'")
    message, _ = join([word, duration])
    assert message == "must be end or beginning, or a duration such as 30s, not 'middle'"
