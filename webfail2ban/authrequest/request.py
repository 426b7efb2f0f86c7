"""What a proxy asks, as HTTP has it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """The head of one request; nobody here needs a body.

    Attributes:
        method: The method.
        target: The request target, a path in most.
        headers: Names in small letters and values, as they came, in their order.
        last: Whether the connection ends after the answer.
    """

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    last: bool
