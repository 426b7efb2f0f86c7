"""The rules: from where a client is at home to an opinion."""

from collections.abc import Iterable, Iterator

from webfail2ban import Address, Opinion, Stance
from webfail2ban_geoip.place import Place
from webfail2ban_geoip.settings import GeoIPSettings, RuleSettings, Saying

#: The list that a banned client is on, for the variable ``jail``.
JAIL = "geoip"

#: The highest score of all.
MOST = 100

NOBODY_KNOWS = "geoip: no database knows it"


class Rule:
    """One rule.

    Args:
        settings: What is written.

    Attributes:
        then: What it says.
    """

    def __init__(self, settings: RuleSettings) -> None:
        self._of = frozenset(settings.of)
        self._but = frozenset(settings.but)
        self._reason = settings.reason
        self.then: Saying = settings.then

    def fits(self, words: frozenset[str]) -> bool:
        """Whether it is about a client of whom these words are known."""
        return (not self._of or not self._of.isdisjoint(words)) and self._but.isdisjoint(words)

    def reason(self, place: Place) -> str:
        """Return why it says what it does."""
        return self._reason or f"geoip: {place}"


class Rules:
    """All rules, and the one for unknown addresses.

    Args:
        settings: What is written.
    """

    def __init__(self, settings: GeoIPSettings) -> None:
        self._rules = [Rule(rule) for rule in settings.rules]
        self._unknown = settings.unknown

    def say(self, address: Address, place: Place) -> Opinion:
        """Say what there is to say of a client; its variables are set in any case.

        Args:
            address: The client's.
            place: Where it is at home.
        """
        variables = {"country": place.country or None, "asn": place.asn or None}
        score, reasons = 0, []
        for then, reason in self._said(address, place):
            match then:
                case "allow":
                    return Opinion(Stance.ALLOW, reason=reason, variables=variables)
                case "ban":
                    return Opinion(Stance.BAN, MOST, reason, JAIL, variables=variables)
                case "pass":
                    break
                case points:
                    score += points
                    reasons.append(reason)
        if not score:
            return Opinion.tell(variables)
        reason = "; ".join(dict.fromkeys(reasons))
        return Opinion(Stance.SCORE, min(score, MOST), reason, variables=variables)

    def _said(self, address: Address, place: Place) -> Iterable[tuple[Saying, str]]:
        if place:
            return self._of_known(place)
        # Nobody's database has private networks and the machine itself: they are not meant.
        return ((self._unknown, NOBODY_KNOWS),) if address.is_global else ()

    def _of_known(self, place: Place) -> Iterator[tuple[Saying, str]]:
        words = frozenset(place.words())
        for rule in self._rules:
            if rule.fits(words):
                yield rule.then, rule.reason(place)
