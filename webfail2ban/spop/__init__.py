"""SPOP, the protocol between HAProxy's SPOE filter and an agent, without I/O.

Bytes in, events out, bytes back: see `Connection` for the agent's side and `client` for HAProxy's.
The specification is doc/SPOE.txt in HAProxy's sources; comments cite its sections. Spoken is
version 2.0 as HAProxy 2.x and 3.x do.
"""

from webfail2ban.spop.acknowledgement import LONGEST_REMEMBERED, Recall
from webfail2ban.spop.actions import Action, Scope, SetVar, UnsetVar, decode_actions, encode_actions
from webfail2ban.spop.client import (
    Ack,
    AgentDisconnect,
    AgentHello,
    Reply,
    ReplyReader,
    serialize_haproxy_disconnect,
    serialize_haproxy_hello,
    serialize_notify,
)
from webfail2ban.spop.connection import Connection, MisuseError
from webfail2ban.spop.data import Value
from webfail2ban.spop.events import Disconnected, Event, HelloReceived, Notify, ProtocolFailed
from webfail2ban.spop.messages import Message, decode_messages, encode_messages
from webfail2ban.spop.states import State
from webfail2ban.spop.status import Status

__all__ = [
    "LONGEST_REMEMBERED",
    "Ack",
    "Action",
    "AgentDisconnect",
    "AgentHello",
    "Connection",
    "Disconnected",
    "Event",
    "HelloReceived",
    "Message",
    "MisuseError",
    "Notify",
    "ProtocolFailed",
    "Recall",
    "Reply",
    "ReplyReader",
    "Scope",
    "SetVar",
    "State",
    "Status",
    "UnsetVar",
    "Value",
    "decode_actions",
    "decode_messages",
    "encode_actions",
    "encode_messages",
    "serialize_haproxy_disconnect",
    "serialize_haproxy_hello",
    "serialize_notify",
]
