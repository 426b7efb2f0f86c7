"""What looks for all jails' expressions at once in a block of lines.

Which one is used makes no difference but to the time it takes: a scanner may report too much, and
never too little.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

from webfail2ban import Superset
from webfail2ban_jails.literalscanner import LiteralScanner

log = logging.getLogger(__name__)


class Scanner(Protocol):
    """Looks for supersets, each known by its number: its place among them.

    Attributes:
        refused: The numbers of those that it can't look for: any line may match them.
    """

    refused: frozenset[int]

    def scan(self, block: bytes) -> Iterable[tuple[int, int]]:
        """Look at lines.

        Args:
            block: Lines with newlines between them.

        Returns:
            What was found, in any order, and more than once if need be: a number, and the offset
            of a byte of the line, or of the newline that ends it.
        """
        ...


def make_scanner(supersets: Sequence[Superset]) -> Scanner:
    """Make the fastest scanner that there is here."""
    try:
        from webfail2ban_jails.hyperscanner import HyperScanner  # noqa: PLC0415 - may be missing

        return HyperScanner(supersets)
    except (ImportError, OSError) as error:
        log.info("jails: lines are searched without hyperscan, which is slower: %s", error)
    return LiteralScanner(supersets)
