"""What plugins have that the settings of others may name, to find what is misspelt."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """What one plugin has.

    Attributes:
        jails: The names of its jails that are in use.
        traits: How the words begin that it says of where clients belong, in small letters:
            ``country:``, ``as``.
    """

    jails: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offers:
    """What all plugins of a configuration have; None where one of them might have more.

    Attributes:
        jails: As in `Offer`.
        traits: As in `Offer`.
    """

    jails: frozenset[str] | None = None
    traits: frozenset[str] | None = None


#: Nothing is known of any plugin.
UNKNOWN = Offers()


def gather(offers: Iterable[Offer], *, all_jails: bool = True, all_traits: bool = True) -> Offers:
    """Put together what plugins have.

    Args:
        offers: What each has.
        all_jails: Whether no other plugin has jails.
        all_traits: Whether no other plugin says where clients belong.
    """
    known = tuple(offers)
    jails = frozenset[str]().union(*(offer.jails for offer in known))
    traits = frozenset[str]().union(*(offer.traits for offer in known))
    return Offers(jails if all_jails else None, traits if all_traits else None)
