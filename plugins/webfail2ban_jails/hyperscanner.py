"""Looks for all expressions in one pass, with hyperscan."""

import logging
from collections.abc import Iterable, Sequence

import hyperscan

from webfail2ban import Superset

log = logging.getLogger(__name__)


class HyperScanner:
    """A scanner made of hyperscan databases, mostly one.

    Args:
        supersets: What to look for.

    Attributes:
        refused: The numbers of those that hyperscan doesn't take.

    Raises:
        OSError: hyperscan doesn't run on this processor.
    """

    def __init__(self, supersets: Sequence[Superset]) -> None:
        self._expressions = [superset.expression.encode("ascii") for superset in supersets]
        self._databases: list[hyperscan.Database] = []
        self._refused: list[int] = []
        self._compile(range(len(supersets)))
        self.refused = frozenset(self._refused)

    def scan(self, block: bytes) -> Iterable[tuple[int, int]]:
        """Report the last byte of each match."""
        found: list[tuple[int, int]] = []

        def report(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            found.append((number, end - 1))

        for database in self._databases:
            database.scan(block, match_event_handler=report)
        return found

    def _compile(self, numbers: Sequence[int]) -> None:
        """Compile expressions into one database; if that can't be, into one for each half."""
        if not numbers:
            return
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        try:
            database.compile(
                expressions=[self._expressions[number] for number in numbers],
                ids=list(numbers),
                elements=len(numbers),
                flags=[0] * len(numbers),
            )
        except hyperscan.ArchitectureError as error:
            raise OSError(f"hyperscan doesn't run on this processor: {error}") from error
        except hyperscan.error as error:
            if len(numbers) > 1:
                middle = len(numbers) // 2
                self._compile(numbers[:middle])
                self._compile(numbers[middle:])
                return
            log.debug("jails: hyperscan refuses %s: %s", self._expressions[numbers[0]], error)
            self._refused.append(numbers[0])
            return
        self._databases.append(database)
