"""From a verdict to the variables that HAProxy gets."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import ceil, inf

from webfail2ban.model import MAX_SCORE, Verdict
from webfail2ban.spop import Action, Scope, SetVar, UnsetVar, encode_actions

#: The variable that says whether to refuse the client.
BANNED = "banned"

#: What an answer that bans holds, and what every answer with a verdict holds: the variable's name
#: and its value. A text that says "banned" is followed by something else than an integer.
A_BAN, _A_PASS = (
    encode_actions([SetVar(Scope.TRANSACTION, BANNED, value)])[3:] for value in (1, 0)
)
A_VERDICT = _A_PASS[:-1]

#: The value of ``ttl`` for a ban that never ends, as fail2ban writes a permanent bantime.
PERMANENT = -1

#: ``ttl`` of a remembered answer is too high by no more than this share of it, or by a second:
#: asking the plugins again each second about everybody who is banned for days serves nobody.
TTL_SHARE = 64

#: The highest ``ttl``: 68 years, and the most that 32 bits with a sign hold. What HAProxy's
#: configuration compares or stores may have no more.
LONGEST_TTL = 2**31 - 1

#: HAProxy's variables end up in its log lines; nobody reads more of a reason than this.
MAX_TEXT = 200

#: Most clients have the same answer, and those of one jail differ in little: encoding one anew
#: costs five times as much as finding it.
KEPT_ANSWERS = 4096

#: Scopes that outlive a request.
LASTING = (Scope.PROCESS, Scope.SESSION)

#: An ACK without any action hangs HAProxy 3.1 before February 2025 until ``timeout processing``.
#: This one changes nothing, because no configuration knows a variable of that name.
NO_VERDICT = encode_actions([UnsetVar(Scope.TRANSACTION, "nothing")])


def encode_verdict(verdict: Verdict, scope: Scope, now: float) -> tuple[bytes, float]:
    """Encode a verdict as the actions of an ACK.

    The shortest and most important come first: an ACK that would outgrow the negotiated frame
    size is cut at its end. In a scope that outlives the request, a variable without a value is
    unset, so that nothing of an older verdict stays.

    Args:
        verdict: The verdict.
        scope: Where HAProxy keeps the variables.
        now: Seconds since the epoch, for ``ttl``.

    Returns:
        The encoded actions, and when they end: the verdict's end, or when ``ttl`` is too far
        off.
    """
    ttl, until = time_left(verdict, now)
    answer = _encode(scope, verdict.banned, verdict.score, ttl, verdict.jail, verdict.reason)
    if verdict.variables:
        answer += _encode_further(scope, verdict.variables)
    return answer, min(until, verdict.valid_until)


@lru_cache(maxsize=KEPT_ANSWERS)
def _encode(  # noqa: PLR0913, PLR0917 - what two answers may differ in
    scope: Scope, banned: bool, score: int, ttl: int | None, jail: str, reason: str
) -> bytes:
    return encode_actions(_actions(scope, banned, score, ttl, jail, reason))


def _actions(  # noqa: PLR0913, PLR0917 - as above
    scope: Scope, banned: bool, score: int, ttl: int | None, jail: str, reason: str
) -> Iterator[Action]:
    yield SetVar(scope, BANNED, int(banned))
    yield SetVar(scope, "score", score)
    # The reputation of SPOE.txt's own example, which reads sess.iprep.ip_score: 0 is the worst,
    # 100 the best, whatever the highest score is.
    yield SetVar(Scope.SESSION, "ip_score", max(MAX_SCORE - score, 0))
    yield from _set_or_unset(scope, (("ttl", ttl), ("jail", jail), ("reason", reason)))


@lru_cache(maxsize=KEPT_ANSWERS)
def _encode_further(scope: Scope, variables: tuple[tuple[str, str | int | None], ...]) -> bytes:
    """Encode the plugins' variables, which stand last: there may be no room for them."""
    return encode_actions(_set_or_unset(scope, variables))


def _set_or_unset(
    scope: Scope, variables: Iterable[tuple[str, str | int | None]]
) -> Iterator[Action]:
    for name, value in variables:
        if value is None or value == "":
            if scope in LASTING:
                yield UnsetVar(scope, name)
        else:
            yield SetVar(scope, name, _printable(value) if isinstance(value, str) else int(value))


def time_left(verdict: Verdict, now: float) -> tuple[int | None, float]:
    """Return the seconds that a ban has left, rounded up, and until when that is good enough."""
    if not verdict.banned:
        return None, inf
    if verdict.until == inf:
        return PERMANENT, inf
    left = min(max(ceil(verdict.until - now), 1), LONGEST_TTL)
    return left, verdict.until - left + max(left // TTL_SHARE, 1)


def _printable(text: str) -> str:
    """Cut a text, and replace what could forge a line of HAProxy's log."""
    return "".join(char if char.isprintable() else "?" for char in text[:MAX_TEXT])
