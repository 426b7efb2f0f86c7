"""HAProxy's side of a connection: what it says first, asks, and reads."""

from webfail2ban.spop import (
    AgentDisconnect,
    Connection,
    Message,
    Notify,
    Reply,
    ReplyReader,
    Scope,
    SetVar,
    Status,
    encode_actions,
    serialize_haproxy_hello,
    serialize_notify,
)

MESSAGES = (Message("check-ip", (("ip", "192.0.2.1"),)), Message("other", (("", None),)))
BANNED = SetVar(Scope.TRANSACTION, "banned", value=True)
ACTIONS = encode_actions([BANNED])
HELLO = serialize_haproxy_hello(engine_id="an-engine")
NORMAL_END = AgentDisconnect(Status.NORMAL, "normal end")


def replies(connection: Connection) -> list[Reply]:
    """Read all that the connection wants to send."""
    return ReplyReader().receive_data(connection.data_to_send())


def ask(connection: Connection, stream_id: int = 1, frame_id: int = 1) -> Notify:
    """Have HAProxy ask one thing."""
    (notify,) = connection.receive_data(serialize_notify(stream_id, frame_id, MESSAGES))
    assert isinstance(notify, Notify)
    return notify
