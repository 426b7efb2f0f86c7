"""Looks for the literals that expressions require: needs nothing but Python."""

from collections.abc import Iterator, Sequence

from webfail2ban import Superset


class LiteralScanner:
    """A scanner made of `bytes.find`, one literal after the other.

    Args:
        supersets: What to look for.

    Attributes:
        refused: The numbers of those without a literal.
    """

    def __init__(self, supersets: Sequence[Superset]) -> None:
        self.refused = frozenset(
            number for number, superset in enumerate(supersets) if not superset.literals
        )
        self._numbers: dict[bytes, list[int]] = {}
        for number, superset in enumerate(supersets):
            for literal in superset.literals:
                self._numbers.setdefault(literal, []).append(number)

    def scan(self, block: bytes) -> Iterator[tuple[int, int]]:
        """Report each line once for each literal in it."""
        for literal, numbers in self._numbers.items():
            offset = block.find(literal)
            while offset >= 0:
                for number in numbers:
                    yield number, offset
                end = block.find(b"\n", offset)
                offset = block.find(literal, end) if end >= 0 else -1
