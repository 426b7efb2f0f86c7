from webfail2ban.doctor.conditions import Setting
from webfail2ban.doctor.reading import SPOE_SECTIONS, read_lines, read_sections
from webfail2ban.doctor.spoe import Scope, read_scopes

TEXT = """
[a]
spoe-agent one
    messages first missing
    groups later
    option var-prefix p
spoe-message first
    args ip=src req.hdr(x,1) host=var(txn.host)
    acl known src 192.0.2.1
    event on-client-session if !known
spoe-message second
    args src
spoe-group later
    messages second
[b]
spoe-agent two
"""


def scopes() -> dict[str, Scope]:
    lines = read_lines(TEXT, "x.conf", Setting((2, 8), {}))
    return read_scopes(read_sections(lines, SPOE_SECTIONS))


def test_each_scope_has_its_own() -> None:
    """Whatever stands in the file beside it."""
    found = scopes()
    assert set(found) == {"a", "b"}
    assert found["b"].agent is not None
    assert found["b"].agent.name == "two"
    assert not found["b"].messages


def test_messages_are_sent_on_events_and_by_rules() -> None:
    """Those that the agent lists, as far as they are there."""
    scope = scopes()["a"]
    assert [message.name for message in scope.sent_on_events] == ["first"]
    assert [message.name for message in scope.sent] == ["first", "second"]


def test_arguments_have_a_name_or_none() -> None:
    """A = inside brackets parts nothing."""
    first = scopes()["a"].messages["first"]
    assert [(name, expression) for _, name, expression in first.arguments] == [
        ("ip", "src"),
        ("", "req.hdr(x,1)"),
        ("host", "var(txn.host)"),
    ]


def test_a_condition_is_spelt_out() -> None:
    """With what the message's ACLs say."""
    first = scopes()["a"].messages["first"]
    assert first.event == "on-client-session"
    assert first.condition == ("if", "!known", "src", "192.0.2.1")
