"""The life of a connection as a table.

Rule 1: what may happen when stands here and nowhere else. Rule 2: a signal that is missing from
its state's row is a mistake of HAProxy's, answered with status 4.

HAProxy speaks first, and its first frame says hello (SPOE.txt 3.2.4). From then on it asks, and
frames that nobody knows are skipped (3.2.2). The connection ends in one of two ways. Either
somebody says a last word: an AGENT-DISCONNECT, or the AGENT-HELLO that answers a health check.
Or HAProxy stops sending, which is a normal end as well; then what it has asked is still answered.

The last word is queued behind everything else and stays last: ACKs still slip in before it until
the queue is handed out, and after that nothing is sent any more (3.2.9).
"""

from enum import Enum

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.frames import FrameType
from webfail2ban.spop.status import Status


class State(Enum):
    """Where a connection stands."""

    HANDSHAKE = "waiting for HAPROXY-HELLO"
    RUNNING = "answering NOTIFY frames"
    DRAINING = "HAProxy sends no more, but ACKs are owed"
    CLOSING = "the last word is queued"
    CLOSED = "the last word has been handed out"


class Signal(Enum):
    """What moves it."""

    HELLO = "HAPROXY-HELLO"
    NOTIFY = "NOTIFY"
    DISCONNECT = "HAPROXY-DISCONNECT"
    UNKNOWN = "a frame of another type"
    EOF = "the end of HAProxy's input"
    LAST_WORD = "the last word"
    SENT = "handing out the last word"


#: What each frame type from HAProxy means; every other is unknown. So is UNSET: a NOTIFY that
#: would go on in one is refused, so none ever has anything to go on with.
SIGNALS: dict[int, Signal] = {
    FrameType.HAPROXY_HELLO: Signal.HELLO,
    FrameType.NOTIFY: Signal.NOTIFY,
    FrameType.HAPROXY_DISCONNECT: Signal.DISCONNECT,
}

TRANSITIONS: dict[State, dict[Signal, State]] = {
    State.HANDSHAKE: {
        Signal.HELLO: State.RUNNING,
        Signal.DISCONNECT: State.CLOSING,
        Signal.EOF: State.CLOSING,
        Signal.LAST_WORD: State.CLOSING,
    },
    State.RUNNING: {
        Signal.NOTIFY: State.RUNNING,
        Signal.UNKNOWN: State.RUNNING,
        Signal.DISCONNECT: State.CLOSING,
        Signal.EOF: State.DRAINING,
        Signal.LAST_WORD: State.CLOSING,
    },
    State.DRAINING: {Signal.LAST_WORD: State.CLOSING},
    State.CLOSING: {Signal.SENT: State.CLOSED},
    State.CLOSED: {},
}

#: States in which input is read; in all others it is ignored.
READING = (State.HANDSHAKE, State.RUNNING)

#: States in which the connection is over once the queue is sent.
ENDING = (State.CLOSING, State.CLOSED)


def advance(state: State, signal: Signal) -> State:
    """Return the state after that signal.

    Raises:
        ProtocolError: The table has no such step (status 4).
    """
    try:
        return TRANSITIONS[state][signal]
    except KeyError:
        raise ProtocolError(
            Status.INVALID_FRAME, f"unexpected {signal.value} while {state.value}"
        ) from None
