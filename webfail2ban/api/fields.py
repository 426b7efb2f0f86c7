"""What stands in the API's JSON: networks, durations, times, text."""

import re
from math import inf
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from webfail2ban.addresses import (
    Address,
    Network,
    parse_address,
    parse_network,
    show_network,
)
from webfail2ban.config.durations import ENDLESS, LONGEST, parse_duration

#: The longest text of an address or network; an IPv6 one has 43 characters.
MAX_NETWORK = 64

#: A number of a unit, up to five times: no such text is longer than a hundred years.
DURATION = re.compile(r"([1-9][0-9]{0,2}[smhdw]){1,5}")

#: The last second of the year 9999: no calendar goes on.
LATEST = 253_402_300_799.0

#: A JSON number.
SECONDS = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")

PERMANENT = ENDLESS[0]

NETWORK_PATTERNS = [
    {"type": "string", "format": "ipv4"},
    {"type": "string", "format": "ipv6"},
    {
        "type": "string",
        "pattern": r"^(([1-9]?[0-9]|1[0-9]{2})\.){3}[0-9]/([0-9]|[12][0-9]|3[0-2])$",
    },
    {
        "type": "string",
        "pattern": r"^([0-9a-f]{1,4}:){1,7}:/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])$",
    },
]

ADDRESS_SCHEMA: dict[str, Any] = {
    "anyOf": NETWORK_PATTERNS[:2],
    "description": "An IP address.",
    "examples": ["192.0.2.1", "2001:db8::1"],
}
NETWORK_SCHEMA: dict[str, Any] = {
    "anyOf": NETWORK_PATTERNS,
    "description": "An IP address or a network.",
    "examples": ["192.0.2.1", "198.51.100.0/24", "2001:db8::/32"],
}
SHOWN_SCHEMA: dict[str, Any] = {
    "type": "string",
    "description": "An IP address, or a network with its prefix length.",
    "examples": NETWORK_SCHEMA["examples"],
}
DURATION_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST},
        {"type": "string", "pattern": f"^{DURATION.pattern}$"},
        {"const": PERMANENT},
    ],
    "examples": ["10m", "1h30m", "2d", 600, PERMANENT],
}


def read_network(value: Any) -> Network:
    """Read an address or a network.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, Network):
        return value
    if isinstance(value, str) and len(value) <= MAX_NETWORK:
        try:
            return parse_network(value)
        except ValueError:
            pass
    raise ValueError("must be an IP address or a network such as 192.0.2.0/24")


def read_address(value: Any) -> Address:
    """Read an address.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, Address):
        return value
    if isinstance(value, str) and len(value) <= MAX_NETWORK:
        try:
            return parse_address(value)
        except ValueError:
            pass
    raise ValueError("must be an IP address")


def read_duration(value: Any) -> float:
    """Read a ban's length: seconds, text such as ``1h30m``, or ``permanent``.

    Raises:
        ValueError: it is none of these, or nothing, or longer than a hundred years.
    """
    if value in (PERMANENT, inf):
        return inf
    written = isinstance(value, str) and DURATION.fullmatch(value)
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LONGEST
    if written or number:
        return parse_duration(value)
    raise ValueError(f"must be seconds, a duration such as 10m or 1h30m, or {PERMANENT}")


def read_written_duration(value: Any) -> float:
    """Read a ban's length where a number of seconds is text as well.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, str) and SECONDS.fullmatch(value):
        value = float(value)
    return read_duration(value)


def show_seconds(seconds: float) -> float | str:
    """Write a duration as `read_duration` takes it."""
    return PERMANENT if seconds == inf else seconds


def read_end(value: Any) -> Any:
    """Take null for a ban that never ends: JSON has no infinity."""
    return inf if value is None else value


def check_end(until: float) -> float:
    """Refuse an end that no calendar has.

    Raises:
        ValueError: it is later than the year 9999, or no number.
    """
    if until == inf or until <= LATEST:
        return until
    raise ValueError("must not be later than the year 9999; null for a permanent ban")


def show_end(until: float) -> float | None:
    """Write the end of a ban, null for one that never ends."""
    return None if until == inf else until


def refuse_null(value: Any) -> Any:
    """Refuse null where a value may be left out: whoever says null may mean something else.

    Raises:
        ValueError: it is null.
    """
    if value is None:
        raise ValueError("must not be null; leave it out")
    return value


def make_valid(text: str) -> str:
    """Replace what no UTF-8 can hold: a log line may have had any bytes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


#: An address; folded.
AddressField = Annotated[
    Address, PlainValidator(read_address), PlainSerializer(str), WithJsonSchema(ADDRESS_SCHEMA)
]

#: An address or network; folded.
NetworkField = Annotated[
    Network,
    PlainValidator(read_network),
    PlainSerializer(show_network),
    WithJsonSchema(NETWORK_SCHEMA, mode="validation"),
    WithJsonSchema(SHOWN_SCHEMA, mode="serialization"),
]

#: The length of a ban in seconds; infinity for one without an end.
DurationField = Annotated[
    float,
    PlainValidator(read_duration),
    PlainSerializer(show_seconds),
    WithJsonSchema(DURATION_SCHEMA),
]

#: The same in a URL, where everything is text.
WrittenDurationField = Annotated[
    float,
    PlainValidator(read_written_duration),
    PlainSerializer(show_seconds),
    WithJsonSchema(DURATION_SCHEMA),
]

#: When something ends: seconds since the epoch; infinity, in JSON null, if it never does.
EndField = Annotated[
    float,
    BeforeValidator(read_end),
    AfterValidator(check_end),
    PlainSerializer(show_end),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "null"}]}),
]

#: A moment: seconds since the epoch.
TimeField = Annotated[float, Field(allow_inf_nan=False, ge=0, le=LATEST)]

#: Text that anybody may have written.
Text = Annotated[str, AfterValidator(make_valid)]

#: A jail's name.
JailName = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
]

#: Why somebody bans: one line.
Reason = Annotated[str, Field(max_length=500), AfterValidator(make_valid)]
