"""From a verdict to the head of a response, without what differs from response to response.

What a client may have chosen, such as his user name in a reason, can't end a header: everything
but printable ASCII becomes a question mark (RFC 9110, 5.5).
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from http import HTTPStatus

from webfail2ban.model import Verdict
from webfail2ban.spoa.variables import KEPT_ANSWERS, MAX_TEXT, time_left

#: Begins the name of every header that is ours.
PREFIX = "X-Webfail2ban-"

#: The headers that every verdict has: what they hold is how verdicts are counted.
A_VERDICT = f"\r\n{PREFIX}Banned: ".encode()
A_BAN = A_VERDICT + b"1\r\n"

#: Says of a response without a verdict what is wrong.
ERROR = f"{PREFIX}Error"

#: Bytes for what plugins tell besides: nginx takes 4096 for a whole head (proxy_buffer_size).
MAX_FURTHER = 2048

#: Methods that a response 405 has to name (RFC 9110, 15.5.6).
ALLOWED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

Value = str | int | None


def encode_verdict(verdict: Verdict, now: float) -> tuple[bytes, float]:
    """Encode a verdict: 200 or 403, and a header for each variable that has a value.

    Args:
        verdict: The verdict.
        now: Seconds since the epoch, for ``ttl``.

    Returns:
        The head, and when it ends: the verdict's end, or when ``ttl`` is too far off.
    """
    ttl, until = time_left(verdict, now)
    head = _encode(verdict.banned, verdict.score, ttl, verdict.jail, verdict.reason)
    if verdict.variables:
        head += _encode_further(verdict.variables)
    return head, min(until, verdict.valid_until)


def refuse(status: HTTPStatus, detail: str) -> bytes:
    """Return the head of a response that is no verdict."""
    headers = [(ERROR, detail)]
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("Allow", ALLOWED))
    return _head(status, headers)


@lru_cache(maxsize=KEPT_ANSWERS)
def _encode(banned: bool, score: int, ttl: int | None, jail: str, reason: str) -> bytes:
    told: tuple[tuple[str, Value], ...] = (
        ("banned", int(banned)),
        ("score", score),
        ("ttl", ttl),
        ("jail", jail),
        ("reason", reason),
    )
    return _head(HTTPStatus.FORBIDDEN if banned else HTTPStatus.OK, _headers(told))


@lru_cache(maxsize=KEPT_ANSWERS)
def _encode_further(variables: tuple[tuple[str, Value], ...]) -> bytes:
    lines, room = [], MAX_FURTHER
    for line in map(_line, _headers(variables)):
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return b"".join(lines)


def _head(status: HTTPStatus, headers: Iterable[tuple[str, str]]) -> bytes:
    first = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    fixed = (("Content-Length", "0"), ("Cache-Control", "no-store"))
    return first + b"".join(map(_line, (*fixed, *headers)))


def _line(header: tuple[str, str]) -> bytes:
    name, value = header
    return f"{name}: {_harmless(value)}\r\n".encode("ascii")


def _headers(variables: Iterable[tuple[str, Value]]) -> Iterator[tuple[str, str]]:
    """Yield a header for each variable with a value: X-Webfail2ban-Bot-Score for bot_score."""
    for name, value in variables:
        if value is not None and value != "":
            yield PREFIX + name.replace("_", "-").title(), str(value)


def _harmless(value: str) -> str:
    cut = value[:MAX_TEXT].strip()
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in cut)
