"""What a proxy asks, as HTTP has it."""

from typing import NamedTuple


class Request(NamedTuple):
    """The head of one request; nobody here needs a body.

    No dataclass: a frozen one takes three times as long to make, and this is made for each request.

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
