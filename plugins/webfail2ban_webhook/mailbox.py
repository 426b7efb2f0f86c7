"""Where messages wait for one receiver, and what became of those before them.

It goes from one plugin to the next when the configuration is loaded anew, and both hold it for a
moment: messages leave it only when they were taken, so whoever is ended while it sends loses none.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from gevent.event import Event
from gevent.lock import BoundedSemaphore

from webfail2ban_webhook.message import Message


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a receiver.

    Attributes:
        since: When it began, or was seen: seconds since the epoch.
        words: What is wrong, for people.
    """

    since: float
    words: str


class Mailbox:
    """Messages for one receiver, the oldest first.

    Whoever takes messages out says what became of them: `put_back` or `settle`.

    Attributes:
        limit: How many wait at most; the oldest make room.
        sent: How many were taken.
        failed: How many were refused, or tried for too long.
        dropped: How many had to make room, or were left at the end.
        dropped_at: When that happened last; None for never.
        trouble: Why they wait; None while the receiver takes them.
        refusal: Why the receiver refused one last; None if it never did.
        turn: Held by whoever sends.
        holders: How many plugins send what is in it.
    """

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._arrived = Event()
        self._under_way = 0
        self.limit = 1
        self.sent = self.failed = self.dropped = 0
        self.dropped_at: float | None = None
        self.trouble: Trouble | None = None
        self.refusal: Trouble | None = None
        self.turn = BoundedSemaphore()
        self.holders = 0

    def __len__(self) -> int:
        """Count the messages that wait, those among them that are under way."""
        return len(self._messages) + self._under_way

    def put(self, message: Message) -> None:
        """Add a message; the oldest makes room where too many wait. Never waits itself."""
        self._messages.append(message)
        if len(self._messages) > self.limit:
            self._make_room(message.time)
        if not self._arrived.is_set():
            self._arrived.set()

    def wait(self) -> None:
        """Wait until there is a message."""
        while not self._messages:
            self._arrived.clear()
            self._arrived.wait()

    def take(self, most: int) -> tuple[Message, ...]:
        """Take the oldest messages out, to be sent."""
        count = min(most, len(self._messages))
        self._under_way += count
        return tuple(self._messages.popleft() for _ in range(count))

    def settle(self, messages: Sequence[Message]) -> None:
        """Be done with messages that were taken out."""
        self._under_way -= len(messages)

    def put_back(self, messages: Sequence[Message], now: float) -> None:
        """Put messages back that were taken and not sent."""
        self._under_way -= len(messages)
        self._messages.extendleft(reversed(messages))
        self._make_room(now)
        self._arrived.set()

    def expire(self, before: float) -> int:
        """Give up messages that are older than a moment; return how many."""
        count = 0
        while self._messages and self._messages[0].time < before:
            self._messages.popleft()
            count += 1
        self.failed += count
        return count

    def clear(self) -> tuple[Message, ...]:
        """Take out all that wait, which nobody here will send; they count as dropped."""
        left = tuple(self._messages)
        self._messages.clear()
        self.dropped += len(left)
        return left

    def _make_room(self, now: float) -> None:
        while len(self._messages) > self.limit:
            self._messages.popleft()
            self.dropped += 1
            self.dropped_at = now
