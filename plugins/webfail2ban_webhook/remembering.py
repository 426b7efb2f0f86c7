"""Messages that wait when the program ends, as texts for the next one."""

import json
from math import inf

from webfail2ban import Ban, parse_network, show_network
from webfail2ban_webhook.message import Message

#: Stands between a receiver's name and a message's number, in the key that it is kept by.
SEPARATOR = "\t"


def make_key(receiver: str, number: int) -> str:
    """Return what a message is kept by."""
    return f"{receiver}{SEPARATOR}{number}"


def receiver_of(key: str) -> str:
    """Return the name of the receiver whom a message is for."""
    return key.rpartition(SEPARATOR)[0]


def write(message: Message) -> str:
    """Write a message down."""
    ban = message.ban
    until = ban.until if ban.until < inf else None
    return json.dumps(
        [
            message.event,
            message.time,
            show_network(ban.network),
            ban.jail,
            ban.since,
            until,
            ban.reason,
            ban.count,
            ban.lines,
        ]
    )


def read(text: str) -> Message:
    """Read what `write` wrote.

    Raises:
        ValueError: it didn't write that.
    """
    try:
        event, time, network, jail, since, until, reason, count, lines = json.loads(text)
        ban = Ban(
            parse_network(network),
            str(jail),
            float(since),
            inf if until is None else float(until),
            str(reason),
            int(count),
            tuple(map(str, lines)),
        )
        return Message("unban" if event == "unban" else "ban", ban, float(time))
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
