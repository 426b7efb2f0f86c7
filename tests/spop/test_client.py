"""HAProxy's side."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import (
    Ack,
    AgentDisconnect,
    AgentHello,
    Message,
    ReplyReader,
    Scope,
    SetVar,
    Status,
    serialize_haproxy_disconnect,
    serialize_haproxy_hello,
    serialize_notify,
)
from webfail2ban.spop.acknowledgement import serialize_ack
from webfail2ban.spop.actions import encode_actions
from webfail2ban.spop.farewell import serialize_agent_disconnect
from webfail2ban.spop.frames import serialize_frame
from webfail2ban.spop.handshake import serialize_agent_hello

BANNED = SetVar(Scope.TRANSACTION, "banned", value=True)
REPLIES = (
    serialize_agent_hello(1000)
    + serialize_ack(b"\x05\x01", encode_actions([BANNED]), 1000)
    + serialize_agent_disconnect(Status.RESOURCES, "why")
)


def test_a_health_check_has_haproxys_bytes() -> None:
    """What "option spop-check" sends, all 82 of them."""
    check = serialize_haproxy_hello(capabilities="", healthcheck=True)
    assert check == bytes.fromhex(
        "0000004e 01 00000001 00 00"
        "12 737570706f727465642d76657273696f6e73 0803322e30"
        "0e 6d61782d6672616d652d73697a65 03fcf006"
        "0c 6361706162696c6974696573 0800"
        "0b 6865616c7468636865636b 11"
    )
    assert len(check) == 82


def test_a_notify_has_its_known_bytes() -> None:
    """Type 3, FIN, the ids, the messages."""
    assert serialize_notify(240, 1, [Message("m", (("a", 1),))]) == bytes.fromhex(
        "0000000f 03 00000001 f000 01 016d 01 0161 0401"
    )


def test_a_goodbye_has_its_known_bytes() -> None:
    """Type 2 and both mandatory items."""
    assert serialize_haproxy_disconnect(Status.TIMEOUT, "") == bytes.fromhex(
        "0000001f 02 00000001 0000 0b 7374617475732d636f6465 0302 07 6d657373616765 0800"
    )


@given(st.lists(st.integers(0, len(REPLIES)), max_size=5))
def test_replies_are_read_however_they_are_cut(cuts: list[int]) -> None:
    """The same replies come out of any pieces."""
    reader = ReplyReader()
    bounds = [0, *sorted(cuts), len(REPLIES)]
    pieces = [REPLIES[start:stop] for start, stop in pairwise(bounds)]
    assert [reply for piece in pieces for reply in reader.receive_data(piece)] == [
        AgentHello("2.0", 1000, frozenset({"pipelining"})),
        Ack(5, 1, (BANNED,)),
        AgentDisconnect(Status.RESOURCES, "why"),
    ]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(serialize_frame(103, b"", flags=0), 10, id="fragment"),
        pytest.param(serialize_frame(3, b""), 4, id="HAProxy's own type"),
        pytest.param(serialize_frame(103, b"\x01"), 4, id="broken action"),
        pytest.param(serialize_frame(101, b""), 5, id="AGENT-HELLO without items"),
        pytest.param((16381).to_bytes(4, "big"), 3, id="too big"),
    ],
)
def test_an_agents_mistakes_are_named(data: bytes, status: int) -> None:
    """With the status that HAProxy would give."""
    with pytest.raises(ProtocolError) as caught:
        ReplyReader().receive_data(data)
    assert caught.value.status == status
