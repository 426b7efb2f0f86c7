"""Who changed what: one line for each request that changes anything, done or refused."""

import logging
from functools import singledispatch
from math import inf

from werkzeug.wrappers import Request

from webfail2ban.addresses import show_network
from webfail2ban.api.models import (
    BanRequest,
    BanResults,
    ImportReport,
    NewBan,
    Purged,
    PurgeRequest,
    ReloadReport,
    Removed,
    RemoveRequest,
)
from webfail2ban.api.peers import Peer
from webfail2ban.config import show_duration
from webfail2ban.logs import harmless

log = logging.getLogger("webfail2ban.audit")

#: Networks that a line names; of more it says how many.
NAMED = 5

#: Characters of a URL that a line shows.
LONGEST_URL = 200


def note(peer: Peer, request: Request, body: object, result: object) -> None:
    """Write a line of who asked for what and what became of it.

    Args:
        peer: Who.
        request: What it asked for.
        body: Its body's model; None if it has none.
        result: The answer, or why it was refused.
    """
    asked = f"{request.method} {request.full_path.rstrip('?')}"[:LONGEST_URL]
    details = describe(body) if body is not None else ""
    outcome = describe(result)
    said = " ".join(part for part in (asked, details) if part)
    text = f"{peer}: {said}: {outcome}"
    log.info("%s", harmless(text), extra={"fields": {"who": str(peer), "what": harmless(said)}})


@singledispatch
def describe(value: object) -> str:
    """Say shortly what a body asks for, or what an answer tells."""
    return str(value)


@describe.register
def _(value: BanRequest) -> str:
    named = ", ".join(map(_describe_ban, value.bans[:NAMED]))
    return named + _and_more(len(value.bans))


def _describe_ban(ban: NewBan) -> str:
    reason = f" ({ban.reason})" if ban.reason else ""
    duration = "ever" if ban.duration == inf else show_duration(ban.duration)
    return f"{show_network(ban.network)} [{ban.jail}] for {duration}{reason}"


@describe.register
def _(value: RemoveRequest) -> str:
    named = ", ".join(map(show_network, value.networks[:NAMED])) + _and_more(len(value.networks))
    return " ".join(part for part in (named, f"[{value.jail}]" if value.jail else "") if part)


@describe.register
def _(_value: PurgeRequest) -> str:
    return "everything"


@describe.register
def _(value: BanResults) -> str:
    return f"{value.changed} of {len(value.results)} bans are new or longer"


@describe.register(Removed)
@describe.register(Purged)
def _(value: Removed | Purged) -> str:
    return f"{value.removed} lifted"


@describe.register
def _(value: ImportReport) -> str:
    return f"{value.imported} imported, {value.skipped} skipped, {value.failed} not understood"


@describe.register
def _(value: ReloadReport) -> str:
    kinds = {"added": value.added, "removed": value.removed, "changed": value.changed}
    parts = [f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names]
    return "; ".join(parts) or "the same settings as before"


def _and_more(count: int) -> str:
    return f" and {count - NAMED} more" if count > NAMED else ""
