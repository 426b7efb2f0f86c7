"""A sensor that is about to take over from the one that runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gevent.event import AsyncResult

from webfail2ban.sensor.child import Child


@dataclass(frozen=True, slots=True)
class Successor:
    """A sensor with new settings that is ready to read, and what is to be done when it does.

    Attributes:
        child: Its process.
        settings: Its settings, as JSON values.
        install: Called between the last failure of the old one and its first.
        result: Whether it reads; set when it does, or with what prevents it.
    """

    child: Child
    settings: dict[str, Any]
    install: Callable[[], object]
    result: "AsyncResult[None]" = field(default_factory=AsyncResult)
