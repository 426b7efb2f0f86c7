"""The payload of ACK: a list of actions (SPOE.txt 3.4).

    set-var   = 1, 3, scope (1 byte), name STRING, typed data
    unset-var = 2, 2, scope (1 byte), name STRING

HAProxy carries them out in order and stops, without a word, at the first that it does not
understand.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.data import Value, decode_value, encode_text, encode_value
from webfail2ban.spop.reader import Reader
from webfail2ban.spop.status import Status

#: The first byte of an action, and the second: how many arguments follow.
SET_VAR, SET_VAR_ARGS = 1, 3
UNSET_VAR, UNSET_VAR_ARGS = 2, 2

#: What HAProxy takes as a variable's name (SPOE.txt 2.2, var-prefix).
VARIABLE_NAME = re.compile(r"[A-Za-z0-9._]+")

#: "scope.prefix.name" must stay below 64 characters: HAProxy ignores a longer name, and older
#: versions cut it, which sets another variable. The longest scope and the shortest prefix leave
#: this much; whoever knows a longer prefix has to count it.
LONGEST_NAME = 63 - len("proc.p.")


class Scope(IntEnum):
    """How long a variable lives."""

    PROCESS = 0
    SESSION = 1
    TRANSACTION = 2
    REQUEST = 3
    RESPONSE = 4


@dataclass(frozen=True, slots=True)
class SetVar:
    """Set a variable of HAProxy's.

    HAProxy ignores this for a variable that its configuration does not mention.

    Attributes:
        scope: How long it lives.
        name: Its name without scope and prefix, which HAProxy adds.
        value: Its value; None unsets it.
    """

    scope: Scope
    name: str
    value: Value

    def __post_init__(self) -> None:
        """Refuse a name that HAProxy would."""
        check_name(self.name)


@dataclass(frozen=True, slots=True)
class UnsetVar:
    """Unset a variable of HAProxy's.

    Attributes:
        scope: How long it lives.
        name: Its name without scope and prefix, which HAProxy adds.
    """

    scope: Scope
    name: str

    def __post_init__(self) -> None:
        """Refuse a name that HAProxy would."""
        check_name(self.name)


Action = SetVar | UnsetVar


def check_name(name: str) -> None:
    """Raise a ValueError for what cannot be a variable's name in HAProxy."""
    if len(name) > LONGEST_NAME or not VARIABLE_NAME.fullmatch(name):
        raise ValueError(
            f"a variable's name is 1 to {LONGEST_NAME} letters, digits, dots and underscores, "
            f"not {name!r}"
        )


def encode_actions(actions: Iterable[Action]) -> bytes:
    """Write the payload of ACK. Put what matters most first: a small frame keeps only that.

    Raises:
        ValueError: A value cannot be encoded.
    """
    return b"".join(encode_action(action) for action in actions)


def encode_action(action: Action) -> bytes:
    """Write one action."""
    match action:
        case SetVar(scope, name, value):
            head = bytes((SET_VAR, SET_VAR_ARGS, scope))
            return head + encode_text(name) + encode_value(value)
        case UnsetVar(scope, name):
            return bytes((UNSET_VAR, UNSET_VAR_ARGS, scope)) + encode_text(name)


def decode_actions(payload: bytes) -> tuple[Action, ...]:
    """Read the actions up to the end; none at all is legal.

    Raises:
        ProtocolError: The payload is anything but whole, known actions (status 4).
    """
    return tuple(action for action, _ in walk_actions(payload))


def cut_actions(payload: bytes, room: int) -> bytes:
    """Keep the first actions, as many whole ones as fit.

    Args:
        payload: What encode_actions wrote.
        room: How many bytes there are.

    Raises:
        ValueError: They do not fit, and encode_actions did not write them.
    """
    if len(payload) <= room:
        return payload
    kept = 0
    try:
        for _, end in walk_actions(payload):
            if end > room:
                break
            kept = end
    except ProtocolError as error:
        raise ValueError(f"these are no encoded actions: {error.detail}") from error
    return payload[:kept]


def walk_actions(payload: bytes) -> Iterator[tuple[Action, int]]:
    """Yield each action and the position behind it."""
    reader = Reader(payload)
    while not reader.exhausted:
        yield decode_action(reader), reader.position


def decode_action(reader: Reader) -> Action:
    """Read one action.

    Raises:
        ProtocolError: It is cut off or of a kind that nobody knows (status 4).
    """
    head = (reader.read_byte(), reader.read_byte())
    scope, name = reader.read_byte(), reader.read_text()
    try:
        if head == (SET_VAR, SET_VAR_ARGS):
            return SetVar(Scope(scope), name, decode_value(reader))
        if head == (UNSET_VAR, UNSET_VAR_ARGS):
            return UnsetVar(Scope(scope), name)
    except ValueError as error:
        raise ProtocolError(Status.INVALID_FRAME, str(error)) from error
    raise ProtocolError(Status.INVALID_FRAME, "an action of an unknown kind")
