import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from webfail2ban.testing import check_config
from webfail2ban_payload import Payload, PayloadSettings


def problems(**checks: Any) -> list[str]:
    settings = PayloadSettings.model_validate(checks)
    return [f"{'.'.join(map(str, p.path))} {p.message}" for p in Payload().check_settings(settings)]


def test_bytes_are_written_in_hexadecimal() -> None:
    """With spaces between or without; one needs no list."""
    rules = [{"prefix": ["16 03 01", "0x1603"], "then": "ban"}, {"prefix": "00", "then": "ban"}]
    check = PayloadSettings.model_validate({"one": {"rules": rules}}).root["one"]
    assert check.rules[0].prefix == (b"\x16\x03\x01", b"\x16\x03")
    assert check.rules[1].prefix == (b"\0",)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"prefix": "GET"}, "must be bytes in hexadecimal, such as 16 03, not GET"),
        ({"prefix": 1e3}, "must be in quotes: with an e between digits it is the number 1000"),
        ({"regex": "(a+)+b"}, "can be kept busy by a client"),
        ({"regex": "(a"}, "is no regular expression"),
        ({"looks_like": "gopher"}, "Input should be"),
        ({"then": 101}, "less than or equal to 100"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: dict[str, Any], said: str) -> None:
    """Or one with which a client can keep the engine busy."""
    with pytest.raises(ValidationError, match=said):
        PayloadSettings.model_validate({"one": {"rules": [{"then": "ban", **rule}]}})


def test_what_can_not_be_meant_is_found() -> None:
    """Rules that can't fit or fit all, checks of the same bytes, bans that nobody makes."""
    ban = {"otherwise": "ban"}
    assert problems(one=ban) == []
    (said,) = problems(one={"rules": [{"prefix": "0001", "max_length": 1, "then": "ban"}]})
    assert said.startswith("one.rules.0 can't fit: it takes 2 bytes")
    (said,) = problems(one={"rules": [{"then": "ban"}]})
    assert said == "one.rules.0 fits every payload: say it with otherwise"
    (said,) = problems(one=ban, other=ban)
    assert said.startswith("other.argument is looked at by one already")
    assert problems(one={}) == ["one says nothing of anybody"]
    (said,) = problems(one={"otherwise": 5, "ban_for": "1h"})
    assert said == "one.ban_for means nothing where no rule says ban"


def test_what_the_reference_shows_is_sound() -> None:
    """Uncommented as it stands."""
    text = Path(__file__).parents[3].joinpath("config.yaml").read_text()
    section = re.search(r"(?m)^# payload:\n(?:^#   .*\n)+", text)
    assert section
    shown = re.sub(r"(?m)^# ?", "", section[0])
    judgement = check_config(f"plugins: [payload]\n{shown}", payload=Payload)
    assert not judgement.problems
    assert not judgement.warnings
