"""A draft as a file."""

import yaml

from webfail2ban.migration import Draft, render
from webfail2ban.model import Json


def test_what_is_set_is_read_again() -> None:
    """Whatever the text: quotes, signs of YAML's, several lines."""
    values: dict[str, Json] = {
        "number": 5,
        "yes": "yes",
        "colon": "a: b # c",
        "quotes": 'it\'s "so"',
        "list": ["tail:/var/log/*.log", "::1", "%x", "*"],
        "long": [f"/var/log/{number}/error.log" for number in range(20)],
        "lines": 'one\n  two: #\n"three"',
        "tail": "one\ntwo\n",
        "tab": "\tone\n\ttwo",
        "empty": "",
        "none": [],
    }
    draft = Draft("a test")
    for key, value in values.items():
        draft.section("some").set(key, value)
    draft.section("nothing")
    assert yaml.safe_load(render(draft)) == {"some": values, "nothing": {}}


def test_remarks_are_comments_whatever_they_quote() -> None:
    """Another program's file can't put settings into ours."""
    draft = Draft("a\nplugins: [evil]")
    draft.section("spoa").leave_out("x\r\nport: 1\u2028port: 2\x85port: 3", "because")
    draft.section("spoa").set("port", 12345, "one\n\tport: 4")
    assert yaml.safe_load(render(draft)) == {"spoa": {"port": 12345}}


def test_plugins_come_first() -> None:
    """Although they are known last."""
    draft = Draft("a test")
    draft.section("spoa").set("port", 1)
    draft.load_plugins(["jails"])
    assert [*yaml.safe_load(render(draft))] == ["plugins", "spoa"]


def test_what_is_left_out_is_said_with_its_place() -> None:
    """In the file beside the section, and in the list with the section's path."""
    draft = Draft("a test")
    draft.section("jails").section("sshd").leave_out("port", "HAProxy has ports")
    assert draft.left_out == ["jails.sshd: left out: port: HAProxy has ports"]
    assert "# left out: port: HAProxy has ports" in render(draft)
