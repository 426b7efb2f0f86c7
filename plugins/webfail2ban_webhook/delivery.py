"""What handing a message to a receiver is, whatever it takes it by, and how it can go wrong."""

from collections.abc import Sequence
from typing import Protocol

from webfail2ban_webhook.message import Message


class DeliveryError(Exception):
    """The receiver can't be reached or doesn't take messages now; it may later.

    Attributes:
        words: What is wrong, for people, without secrets.
        retry_after: In how many seconds it wants to be asked again; None if it didn't say.
    """

    def __init__(self, words: str, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.retry_after = retry_after


class RefusedError(DeliveryError):
    """The receiver won't ever take these messages: trying again is of no use."""


class Messenger(Protocol):
    """Hands messages to one receiver."""

    @property
    def where(self) -> str:
        """Who it is, for people, without secrets."""

    @property
    def fields(self) -> frozenset[str]:
        """The fields of a message that it needs."""

    def send(self, messages: Sequence[Message]) -> None:
        """Hand over messages, in one go; only gevent may be waited for.

        Raises:
            DeliveryError: they weren't taken.
        """

    def close(self) -> None:
        """Let go of connections and threads, without waiting for any."""
