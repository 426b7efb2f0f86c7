"""Messages put into a template, in slices, so that no verdict waits for many of them."""

from collections.abc import Sequence

import gevent

from webfail2ban import Json
from webfail2ban_webhook import template
from webfail2ban_webhook.message import Message, describe

#: Messages that are put into a template in one go: half a millisecond.
SLICE = 10


def render(layout: Json, messages: Sequence[Message], hostname: str) -> list[Json]:
    """Put each message into a template.

    Args:
        layout: The template, checked.
        messages: The messages.
        hostname: This machine's name.
    """
    rendered = []
    for number, message in enumerate(messages, 1):
        rendered.append(template.fill(layout, describe(message, hostname)))
        if number % SLICE == 0:
            gevent.sleep(0)
    return rendered
