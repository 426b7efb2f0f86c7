"""One connection from HAProxy, as the agent sees it: bytes in, events out, bytes back.

It owns no socket and no clock. A driver reads, feeds what it has read to `receive_data`, handles
the events, and writes `data_to_send()`:

    connection = Connection()
    while not connection.close_expected:
        data = sock.recv(65536)
        events = connection.receive_data(data) if data else connection.receive_eof()
        for event in events:
            if isinstance(event, Notify):
                connection.acknowledge(event, encode_actions(judge(event.messages)))
        sock.sendall(connection.data_to_send())
"""

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.acknowledgement import Recall, answer_remembered, serialize_ack
from webfail2ban.spop.events import Disconnected, Event, HelloReceived, Notify, ProtocolFailed
from webfail2ban.spop.farewell import decode_disconnect, serialize_agent_disconnect
from webfail2ban.spop.frames import NO_IDS, SMALLEST_LIMIT, Frame, find_frame, parse_frame
from webfail2ban.spop.handshake import decode_hello, negotiate, serialize_agent_hello
from webfail2ban.spop.messages import decode_messages
from webfail2ban.spop.states import ENDING, READING, SIGNALS, Signal, State, advance
from webfail2ban.spop.status import EXPLANATIONS, Status

#: The states that every read asks for: looking a member of an enumeration up takes longer than
#: comparing it.
_RUNNING, _CLOSING, _CLOSED = State.RUNNING, State.CLOSING, State.CLOSED


class MisuseError(RuntimeError):
    """A Connection was used as its contract forbids: a bug of ours, never of the peer's."""


def forget(_: bytes) -> None:
    """Remember no answer: the recall of a connection that was given none."""


class Connection:
    """The agent's side of one SPOP connection.

    Whatever the peer sends, no method raises for it. What is kept of unread input never exceeds
    one frame of `max_frame_size` and its length.

    Args:
        max_frame_size: The longest frame that we take, in bytes. HAProxy offers a little less
            than its buffer size (16380 unless configured), and not every version keeps to less
            than it offers: stay above that.
        recall: Returns the encoded actions that were the answer to an identical payload, or None.
            It is asked before anything is decoded, for ordinary NOTIFY frames with a payload of up
            to LONGEST_REMEMBERED bytes, and what it returns is sent at once without an event. So
            it must be quick, must not raise, and must know only what a Notify event brought.

    Raises:
        ValueError: max_frame_size is below 256 (SPOE.txt 3.2).
    """

    def __init__(self, *, max_frame_size: int = 65536, recall: Recall = forget) -> None:
        if max_frame_size < SMALLEST_LIMIT:
            raise ValueError(f"max_frame_size is at least {SMALLEST_LIMIT}, not {max_frame_size}")
        self._state = State.HANDSHAKE
        self._max_frame_size = max_frame_size
        self._recall = recall
        self._is_health_check = False
        self._owed: set[Notify] = set()
        self._queue: list[bytes] = []
        self._last_word = b""
        # The start of a frame that has not fully arrived, and how much of it takes us further.
        self._partial = bytearray()
        self._wanted = 0

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._state

    @property
    def max_frame_size(self) -> int:
        """The longest frame in bytes: ours, and as negotiated once HAProxy said hello."""
        return self._max_frame_size

    @property
    def is_health_check(self) -> bool:
        """Whether HAProxy only looks if the agent is alive."""
        return self._is_health_check

    @property
    def mid_frame(self) -> bool:
        """Whether a frame has begun to arrive and not ended."""
        return bool(self._partial)

    @property
    def outstanding(self) -> int:
        """How many Notify events have not been acknowledged."""
        return len(self._owed)

    @property
    def close_expected(self) -> bool:
        """Whether to close as soon as `data_to_send` is written."""
        return self._state is _CLOSING or self._state is _CLOSED

    def receive_data(self, data: bytes) -> list[Event]:
        """Take what the socket gave: any number of frames, cut anywhere.

        Returns:
            What happened, in order. Every Notify in it is owed one `acknowledge`.
        """
        if self._state is _RUNNING and not self._partial:
            at = answer_remembered(data, 0, self._max_frame_size, self._recall, self._queue)
            if at == len(data):
                return []
            data = data[at:]
        elif self._state not in READING:
            return []
        if self._partial:
            self._partial += data
            if len(self._partial) < self._wanted:
                return []
            data = bytes(self._partial)
            self._partial.clear()
        events: list[Event] = []
        try:
            self._receive_frames(data, events)
        except ProtocolError as error:
            events.append(self._fail(error))
        return events

    def receive_eof(self) -> list[Event]:
        """Learn that the peer sends no more, the usual end of a connection.

        What is owed can still be acknowledged and sent. An end inside a frame is the peer's
        mistake.
        """
        if self._state not in READING:
            return []
        if self._partial:
            error = ProtocolError(Status.INVALID_FRAME, "the connection ended inside a frame")
            return [self._fail(error)]
        self._state = advance(self._state, Signal.EOF)
        self._end_if_drained()
        return []

    def acknowledge(self, notify: Notify, actions: bytes) -> None:
        """Queue the ACK that a Notify event is owed; without effect once the last word is sent.

        Args:
            notify: The event.
            actions: What `encode_actions` wrote, at least one action: HAProxy 3.1 before February
                2025 takes an ACK without any as no answer and lets its client wait. If they
                exceed the negotiated frame size, the last ones are left out.

        Raises:
            MisuseError: The event is not from this connection, or is acknowledged already.
        """
        if notify not in self._owed:
            raise MisuseError("this Notify is acknowledged already, or is another connection's")
        if self._state is not State.CLOSED:
            self._queue.append(serialize_ack(notify.ids, actions, self._max_frame_size))
        self._owed.remove(notify)
        self._end_if_drained()

    def disconnect(self, status: int, message: str = "") -> None:
        """Queue AGENT-DISCONNECT; without effect if the last word is said already.

        Args:
            status: Why: a Status, or an unassigned code of one's own (SPOE.txt 3.5).
            message: The same for people, in at most 200 bytes; the Status explains itself.
        """
        if self._state in ENDING:
            return
        explained = message or EXPLANATIONS.get(status, "")
        self._say_last(serialize_agent_disconnect(status, explained))

    def data_to_send(self) -> bytes:
        """Hand out all that is queued since the last call.

        Write it with one send: HAProxy 3.2 to 3.5 misreads an AGENT-HELLO that arrives in pieces.
        """
        data = b"".join(self._queue) + self._last_word
        self._queue.clear()
        self._last_word = b""
        if self._state is _CLOSING:
            self._state = advance(self._state, Signal.SENT)
        return data

    def _receive_frames(self, data: bytes, events: list[Event]) -> None:
        """Handle every whole frame, the fast way or the complete one, and keep the rest."""
        at = 0
        while at < len(data) and self._state in READING:
            if self._state is State.RUNNING:
                at = answer_remembered(data, at, self._max_frame_size, self._recall, self._queue)
            stop = find_frame(data, at, self._max_frame_size)
            if stop > len(data):
                self._partial += data[at:]
                self._wanted = stop - at
                return
            self._receive_frame(parse_frame(data, at, stop), events)
            at = stop

    def _receive_frame(self, frame: Frame, events: list[Event]) -> None:
        """Handle one whole frame; one that has no place in this state is not looked into."""
        signal = SIGNALS.get(frame.kind, Signal.UNKNOWN)
        after = advance(self._state, signal)
        if signal is not Signal.UNKNOWN:
            events.append(self._handle(signal, frame))
        self._state = after
        if self._is_health_check:
            self._say_last()

    def _handle(self, signal: Signal, frame: Frame) -> Event:
        """Do what the frame asks for and tell what it was."""
        if not frame.is_final:
            raise ProtocolError(Status.FRAGMENTATION_NOT_SUPPORTED, f"a fragment of {signal.value}")
        if signal is Signal.NOTIFY:
            return self._handle_notify(frame)
        if frame.ids != NO_IDS:
            raise ProtocolError(Status.INVALID_FRAME, f"{signal.value} with ids other than 0")
        if signal is Signal.HELLO:
            return self._handle_hello(frame)
        return self._handle_disconnect(frame)

    def _handle_hello(self, frame: Frame) -> HelloReceived:
        """Agree on the frame size and queue AGENT-HELLO."""
        hello = decode_hello(frame.payload)
        self._max_frame_size = negotiate(hello, self._max_frame_size)
        self._is_health_check = hello.healthcheck
        self._queue.append(serialize_agent_hello(self._max_frame_size))
        return HelloReceived(
            hello.engine_id, hello.healthcheck, self._max_frame_size, hello.capabilities
        )

    def _handle_notify(self, frame: Frame) -> Notify:
        """Take on the debt of an ACK."""
        notify = Notify(frame.ids, decode_messages(frame.payload), frame.payload)
        self._owed.add(notify)
        return notify

    def _handle_disconnect(self, frame: Frame) -> Disconnected:
        """Return the goodbye."""
        status, message = decode_disconnect(frame.payload)
        self._last_word = serialize_agent_disconnect(Status.NORMAL, Status.NORMAL.explanation)
        return Disconnected(status, message)

    def _fail(self, error: ProtocolError) -> ProtocolFailed:
        """Answer the peer's mistake with AGENT-DISCONNECT (SPOE.txt 3.2.9)."""
        self._say_last(serialize_agent_disconnect(error.status, error.detail))
        return ProtocolFailed(error.status, error.detail)

    def _say_last(self, frame: bytes = b"") -> None:
        """Queue the last word, a frame or nothing more than what is queued, and stop reading."""
        self._state = advance(self._state, Signal.LAST_WORD)
        self._last_word = frame
        self._partial.clear()

    def _end_if_drained(self) -> None:
        """Close once the peer sends no more and nothing is owed."""
        if self._state is State.DRAINING and not self._owed:
            self._say_last()
