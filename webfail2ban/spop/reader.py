"""A reader that never leaves the bytes it was given."""

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.status import Status
from webfail2ban.spop.varint import decode_varint


class Reader:
    """Takes a payload apart from the front.

    Every method raises a ProtocolError with status 4 when the payload ends too early.

    Args:
        data: The payload, and nothing but the payload.
    """

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.end = len(data)

    @property
    def exhausted(self) -> bool:
        """Whether everything has been read."""
        return self.position == self.end

    def read_byte(self) -> int:
        """Read one byte."""
        at = self.position
        if at == self.end:
            raise ProtocolError(Status.INVALID_FRAME, "a payload ends too early")
        self.position = at + 1
        return self.data[at]

    def read_bytes(self, count: int) -> bytes:
        """Read that many bytes."""
        start = self.position
        stop = start + count
        if stop > self.end:
            raise ProtocolError(Status.INVALID_FRAME, "a value runs past the end of its frame")
        self.position = stop
        return self.data[start:stop]

    def read_varint(self) -> int:
        """Read a variable-length integer."""
        value, self.position = decode_varint(self.data, self.position, self.end)
        return value

    def read_counted(self) -> bytes:
        """Read a length and that many bytes."""
        size, start = decode_varint(self.data, self.position, self.end)
        self.position = start
        return self.read_bytes(size)

    def read_text(self) -> str:
        """Read a STRING without its type byte, as names are written.

        Clients choose what is in some strings, so anything must pass: bytes that are no UTF-8
        become lone surrogates, and encoding gives the same bytes back.
        """
        return self.read_counted().decode("utf-8", "surrogateescape")
