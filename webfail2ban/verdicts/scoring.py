"""How opinions add up to a score: weights, bans that count as points, what HAProxy is told.

The sum of what each plugin adds decides, compared with a threshold; HAProxy gets it without its
fraction, and no more than the highest score.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import floor
from types import MappingProxyType

from webfail2ban.model import MAX_SCORE, Opinion, Stance

Said = tuple[str, Opinion]

#: What is said of no plugin in particular.
NONE: Mapping[str, int] = MappingProxyType({})
EVEN: Mapping[str, float] = MappingProxyType({})

#: 0.29 times 100 is a little less than 29 for a computer: as much as this is given to every sum.
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Share:
    """What one plugin adds to a client's score.

    Attributes:
        score: What it says, or what its ban counts as: 0 to 100.
        weight: What that is multiplied with.
    """

    score: int
    weight: float = 1.0

    @property
    def points(self) -> float:
        """What it adds."""
        return self.score * self.weight


@dataclass(frozen=True, slots=True)
class Scoring:
    """How opinions become a score.

    Attributes:
        threshold: The sum from which a client is banned.
        highest: The highest score that HAProxy gets, and that of every ban.
        weights: What plugins' scores are multiplied with; 1 where nothing is said.
        bans: What a ban of these plugins counts as, instead of being one.
        of_allowed: Whether a client that some plugin allows keeps the score that the others give;
            it has none otherwise.
    """

    threshold: int = MAX_SCORE
    highest: int = MAX_SCORE
    weights: Mapping[str, float] = field(default_factory=lambda: EVEN)
    bans: Mapping[str, int] = field(default_factory=lambda: NONE)
    of_allowed: bool = False

    def is_ban(self, plugin: str, opinion: Opinion) -> bool:
        """Whether an opinion bans by itself."""
        return opinion.stance is Stance.BAN and plugin not in self.bans

    def share(self, plugin: str, opinion: Opinion) -> Share | None:
        """Return what an opinion adds; None if it is none that is added up."""
        if opinion.stance is Stance.SCORE:
            score = opinion.score
        elif opinion.stance is Stance.BAN and plugin in self.bans:
            score = self.bans[plugin]
        else:
            return None
        return Share(score, self.weights.get(plugin, 1.0))

    def add_up(self, said: Iterable[Said]) -> int:
        """Return the sum of what each plugin adds, without its fraction."""
        if not self.weights and not self.bans:  # as for most: nothing but whole numbers
            return sum(opinion.score for _, opinion in said if opinion.stance is Stance.SCORE)
        shares = (self.share(plugin, opinion) for plugin, opinion in said)
        return floor(sum(share.points for share in shares if share is not None) + ROUNDING)

    def score(self, said: Iterable[Said]) -> int:
        """Return what HAProxy is told where nobody allows the client."""
        opinions = tuple(said)
        if any(self.is_ban(plugin, opinion) for plugin, opinion in opinions):
            return self.highest
        return min(self.add_up(opinions), self.highest)
