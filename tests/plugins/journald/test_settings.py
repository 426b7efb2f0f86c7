"""The section of the configuration."""

from math import inf
from typing import Any

import pytest
from pydantic import ValidationError

from webfail2ban_journald import JournaldSettings


@pytest.mark.parametrize(
    ("start", "age"), [("end", 0), ("beginning", inf), ("1h", 3600), (30, 30), ("30", 30)]
)
def test_how_far_back(start: str | int, age: float) -> None:
    """A word or a duration."""
    assert JournaldSettings.model_validate({"start": start}).age == age


def test_everything_is_read_by_default() -> None:
    """From ten minutes back, as files are."""
    settings = JournaldSettings()
    assert (settings.matches, settings.filters, settings.age) == ((), (), 600)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"start": "yesterday"}, "duration"),
        ({"matches": ["ssh.service"]}, "must be made of FIELD=value"),
        ({"namespace": "-x"}, "must be a name"),
        ({"namespace": "../x"}, "must be a name"),
        ({"max_line": 1}, "256"),
    ],
)
def test_mistakes(settings: dict[str, Any], message: str) -> None:
    """Are refused with what would be right."""
    with pytest.raises(ValidationError, match=message):
        JournaldSettings.model_validate(settings)


@pytest.mark.parametrize("name", ["", "*", "web", "+web", "web-1.test"])
def test_namespaces(name: str) -> None:
    """As journalctl names them."""
    assert JournaldSettings(namespace=name).namespace == name
