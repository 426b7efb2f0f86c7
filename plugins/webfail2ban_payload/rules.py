"""The rules of one check: from bytes to an opinion."""

from webfail2ban import Opinion
from webfail2ban_payload.protocols import PROTOCOLS
from webfail2ban_payload.settings import (
    SEEN,
    CheckSettings,
    RuleSettings,
    Saying,
    compile_payload_regex,
)

#: The highest score of all.
MOST = 100

#: Bytes that are shown of what no rule fits.
SHOWN = 16


class Rule:
    """One rule.

    Args:
        settings: What is written.

    Attributes:
        then: What it says.
        reason: Why, where that is written.
    """

    def __init__(self, settings: RuleSettings) -> None:
        self._prefixes = settings.prefix
        self._regex = compile_payload_regex(settings.regex) if settings.regex else None
        self._protocols = [PROTOCOLS[name] for name in settings.looks_like]
        self._min_length = settings.min_length
        self._max_length = settings.max_length
        self.then: Saying = settings.then
        self.reason = settings.reason or ""

    def fits(self, payload: bytes) -> bool:
        """Whether all conditions hold."""
        if len(payload) < self._min_length:
            return False
        if self._max_length is not None and len(payload) > self._max_length:
            return False
        if self._prefixes and not payload.startswith(self._prefixes):
            return False
        if self._protocols and not any(protocol.match(payload) for protocol in self._protocols):
            return False
        # Each byte is the character of its number, in ISO 8859-1 only.
        return self._regex is None or bool(self._regex.match(payload[:SEEN].decode("latin-1")))


class Check:
    """The rules on what clients of one service say first.

    Args:
        name: The check's name.
        settings: What is written.

    Attributes:
        name: The same.
        message: The name of the message that asks.
        argument: The name of its argument.
        ban_for: Seconds for which the address is banned, too; None if it isn't.
    """

    def __init__(self, name: str, settings: CheckSettings) -> None:
        self.name = name
        self.message = settings.message
        self.argument = settings.argument
        self.ban_for = settings.ban_for
        self._rules = [Rule(rule) for rule in settings.rules]
        self._otherwise = settings.otherwise

    def say(self, payload: bytes) -> Opinion:
        """Say what there is to say of a client that said this.

        What clients send differs from one to the next, and they choose it: remembering answers to
        it would serve nobody, and push out those that are asked for again.
        """
        score, reasons = 0, []
        for rule in self._rules:
            if not rule.fits(payload):
                continue
            reason = rule.reason or f"{self.name}: speaks another protocol, {_show(payload)}"
            if not isinstance(rule.then, int):
                return self._end(rule.then, reason)
            score += rule.then
            reasons.append(reason)
        if score:
            return _score(score, "; ".join(dict.fromkeys(reasons)))
        reason = f"{self.name}: speaks something else, {_show(payload)}"
        if isinstance(self._otherwise, int):
            return _score(self._otherwise, reason)
        return self._end(self._otherwise, reason)

    def _end(self, then: str, reason: str) -> Opinion:
        if then == "allow":
            return Opinion.allow(f"{self.name}: speaks as it should", remember=False)
        if then == "ban":
            return Opinion.ban(reason, jail=self.name, remember=False)
        return Opinion.ask_again()


def _score(score: int, reason: str) -> Opinion:
    return Opinion.add_score(min(score, MOST), reason, remember=False)


def _show(payload: bytes) -> str:
    """Show how a payload begins, such that it can forge nothing."""
    shown = payload[:SHOWN]
    text = "".join(sign if sign.isprintable() else "." for sign in shown.decode("ascii", "ignore"))
    return f"{shown.hex(' ')} ({text})"
