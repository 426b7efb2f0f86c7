"""HELLO: what HAProxy announces and what the agent answers (SPOE.txt 3.2.4, 3.2.5)."""

import re
from dataclasses import dataclass

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.data import Value
from webfail2ban.spop.frames import SMALLEST_LIMIT, FrameType, serialize_frame
from webfail2ban.spop.items import decode_items, encode_items, take_integer, take_text
from webfail2ban.spop.status import Status

#: The version we answer; no other has ever been in use.
VERSION = "2.0"

#: Whoever announces any minor of our major also speaks the minors below it (SPOE.txt 3.2.4).
USABLE_VERSION = re.compile(r"2\.[0-9]+")

#: What we can do. ACKs go out in any order, but on their own connection ("async" would let them
#: take another), and frames are never put together from fragments (SPOE.txt 3.2.1).
CAPABILITIES = "pipelining"


@dataclass(frozen=True, slots=True)
class Hello:
    """What HAPROXY-HELLO announces.

    Attributes:
        versions: The protocol versions, the highest minor of each major.
        max_frame_size: The longest frame in bytes.
        capabilities: What HAProxy can do, names that nobody knows included.
        healthcheck: Whether the connection exists only to see if the agent is alive.
        engine_id: Names the engine; empty in health checks.
    """

    versions: tuple[str, ...]
    max_frame_size: int
    capabilities: frozenset[str]
    healthcheck: bool = False
    engine_id: str = ""


def decode_hello(payload: bytes) -> Hello:
    """Read the payload of HAPROXY-HELLO; unknown items are ignored.

    Raises:
        ProtocolError: It does not decode (status 4), or a mandatory item is missing (5, 6, 7).
    """
    items = decode_items(payload)
    return Hello(
        versions=split(take_text(items, "supported-versions", Status.NO_VERSION)),
        max_frame_size=take_integer(items, "max-frame-size", Status.NO_MAX_FRAME_SIZE),
        capabilities=frozenset(
            split(take_text(items, "capabilities", Status.NO_CAPABILITIES)),
        ),
        healthcheck=take_healthcheck(items),
        engine_id=take_text(items, "engine-id", Status.UNKNOWN) if "engine-id" in items else "",
    )


def take_healthcheck(items: dict[str, Value]) -> bool:
    """Return whether it is a health check: the value decides, not that the item is there."""
    healthcheck = items.get("healthcheck", False)
    if not isinstance(healthcheck, bool):
        raise ProtocolError(Status.INVALID_FRAME, "healthcheck is no BOOL")
    return healthcheck


def split(text: str) -> tuple[str, ...]:
    """Split a comma-separated list; spaces are ignored."""
    return tuple(item for item in text.replace(" ", "").split(",") if item)


def negotiate(hello: Hello, max_frame_size: int) -> int:
    """Agree with HAProxy.

    Args:
        hello: What it announced.
        max_frame_size: The longest frame that we take.

    Returns:
        The longest frame from now on, in either direction. It is HAProxy's own value whenever
        ours allows that: not every version of HAProxy keeps to a lower one.

    Raises:
        ProtocolError: No version in common (status 8), or its frames are too small (9).
    """
    if not any(USABLE_VERSION.fullmatch(version) for version in hello.versions):
        raise ProtocolError(Status.UNSUPPORTED_VERSION, f"no version {VERSION} on offer")
    if hello.max_frame_size < SMALLEST_LIMIT:
        raise ProtocolError(
            Status.BAD_MAX_FRAME_SIZE,
            f"a max-frame-size of {hello.max_frame_size}, the lowest is {SMALLEST_LIMIT}",
        )
    return min(hello.max_frame_size, max_frame_size)


def serialize_agent_hello(max_frame_size: int) -> bytes:
    """Put the AGENT-HELLO frame together.

    It says what we can do whatever HAProxy announced: either side uses only what both have. All
    three items are there even when empty, HAProxy's health check insists.
    """
    payload = encode_items(
        {"version": VERSION, "max-frame-size": max_frame_size, "capabilities": CAPABILITIES}
    )
    return serialize_frame(FrameType.AGENT_HELLO, payload)
