"""Fields go into values, never into JSON's own text."""

import json
from ipaddress import IPv4Network
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban import Ban
from webfail2ban.testing import NOON
from webfail2ban_webhook.message import FIELDS, Message, describe
from webfail2ban_webhook.template import check, fill


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{count}", 3),
        ("{lines}", ["a", "b"]),
        ("{until}", None),
        ("{count} times{until}: {lines}", "3 times: a\nb"),
        ("{{count}}", "{count}"),
        ({"{count}": [1, True, None, "{count}"]}, {"{count}": [1, True, None, 3]}),
        ("", ""),
    ],
)
def test_fields_are_put_in(template: Any, filled: Any) -> None:
    """A field alone keeps its type; within text it is text; keys stay as they are."""
    assert fill(template, {"count": 3, "lines": ["a", "b"], "until": None}) == filled


@given(st.text())
def test_whatever_a_client_wrote_changes_nothing_around_it(reason: str) -> None:
    """What is read back is what was put in."""
    template: Any = {"first": "a {reason} b", "second": "{reason}", "third": 3}
    read = json.loads(json.dumps(fill(template, {"reason": reason})))
    assert read == {"first": f"a {reason} b", "second": reason, "third": 3}


def test_a_very_deep_template_is_refused() -> None:
    """It would overflow the stack."""
    template: Any = "x"
    for _ in range(100):
        template = [template]
    with pytest.raises(ValueError, match="must not be deeper"):
        check(template, FIELDS)


def test_a_message_has_all_fields() -> None:
    """Those that templates may name."""
    ban = Ban(IPv4Network("192.0.2.0/24"), "manual", NOON)
    assert tuple(describe(Message("ban", ban, NOON), "here")) == FIELDS


def test_a_permanent_ban_has_no_end() -> None:
    """It says so in words."""
    ban = Ban(IPv4Network("192.0.2.0/24"), "manual", NOON, inf)
    fields = describe(Message("ban", ban, NOON), "here")
    assert fields["network"] == "192.0.2.0/24"
    assert (fields["until"], fields["duration"], fields["lasts"]) == (None, None, "permanent")
