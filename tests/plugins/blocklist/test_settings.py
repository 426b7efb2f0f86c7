from typing import Any

import pytest
from pydantic import ValidationError

from webfail2ban_blocklist import BlocklistSettings, FeedSettings

URL = "https://lists.example/drop.txt?key=secret"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "must have url or file, and not both"),
        ({"url": URL, "file": "/list"}, "must have url or file, and not both"),
        ({"url": "ftp://lists.example/drop.txt"}, "must begin with https://, http:// or file://"),
        ({"url": "lists.example"}, "must be a URL"),
        ({"url": "https://lists.example/a b"}, "must be a URL"),
        ({"url": "https://lists.example:99999/"}, "must be a URL"),
        ({"url": "https://me:pw@lists.example/"}, "must not have a user in it"),
        ({"url": "file://host/list"}, "must have three slashes"),
        ({"url": URL, "format": "csv"}, "must have column"),
        ({"url": URL, "column": "ip"}, "must not have column"),
        ({"url": URL, "json_path": "ip"}, "must not have json_path"),
        ({"url": URL, "format": "json", "json_path": "a["}, "must be a JMESPath"),
        ({"url": URL, "headers": {"A B": "x"}}, "must have headers of ASCII"),
        ({"url": URL, "headers": {"A": "x\ny"}}, "must have headers of ASCII"),
        ({"url": URL, "score": 0}, "greater than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any], words: str) -> None:
    """In words that say what would; a URL is never shown."""
    with pytest.raises(ValidationError) as caught:
        FeedSettings.model_validate(settings)
    assert words in str(caught.value)


def test_a_key_in_a_url_is_never_shown() -> None:
    """Only the host is."""
    settings = FeedSettings.model_validate({"url": URL})
    assert settings.where == "https://lists.example/..."
    assert "secret" not in repr(settings) + settings.source


def test_what_is_read_otherwise_is_another_list() -> None:
    """What is only treated otherwise is the same."""
    settings = FeedSettings.model_validate({"url": URL})
    assert settings.source == FeedSettings.model_validate({"url": URL, "score": 5}).source
    assert settings.source != FeedSettings.model_validate({"url": URL, "format": "hosts"}).source


@pytest.mark.parametrize("name", ["../etc", "", ".x", "a b", "x" * 65])
def test_a_name_that_could_be_another_path_is_refused(name: str) -> None:
    """Lists are kept in files of their names."""
    with pytest.raises(ValidationError, match="must be a name of letters"):
        BlocklistSettings.model_validate({"feeds": {name: {"url": URL}}})
