"""Status codes: why a connection ends (SPOE.txt 3.5)."""

from collections.abc import Mapping
from enum import IntEnum


class Status(IntEnum):
    """The code that a DISCONNECT frame carries, in either direction."""

    NORMAL = 0
    IO = 1
    TIMEOUT = 2
    FRAME_TOO_BIG = 3
    INVALID_FRAME = 4
    NO_VERSION = 5
    NO_MAX_FRAME_SIZE = 6
    NO_CAPABILITIES = 7
    UNSUPPORTED_VERSION = 8
    BAD_MAX_FRAME_SIZE = 9
    FRAGMENTATION_NOT_SUPPORTED = 10
    INTERLACED_FRAMES = 11
    FRAME_ID_NOT_FOUND = 12
    RESOURCES = 13
    UNKNOWN = 99

    @property
    def explanation(self) -> str:
        """What the code means, in the words that travel when nobody has better ones."""
        return EXPLANATIONS[self]


EXPLANATIONS: Mapping[int, str] = {
    Status.NORMAL: "normal end",
    Status.IO: "I/O error",
    Status.TIMEOUT: "a timeout occurred",
    Status.FRAME_TOO_BIG: "the frame is too big",
    Status.INVALID_FRAME: "invalid frame received",
    Status.NO_VERSION: "version value not found",
    Status.NO_MAX_FRAME_SIZE: "max-frame-size value not found",
    Status.NO_CAPABILITIES: "capabilities value not found",
    Status.UNSUPPORTED_VERSION: "unsupported version",
    Status.BAD_MAX_FRAME_SIZE: "max-frame-size too big or too small",
    Status.FRAGMENTATION_NOT_SUPPORTED: "payload fragmentation is not supported",
    Status.INTERLACED_FRAMES: "invalid interlaced frames",
    Status.FRAME_ID_NOT_FOUND: "the frame-id matches no frame",
    Status.RESOURCES: "resource allocation error",
    Status.UNKNOWN: "an unknown error occurred",
}
