"""Which lines of a block may tell a failure: all others are never looked at.

Most lines of a log mean nothing to any jail. Going through them one by one costs more than
everything else together, so they are searched as one block, and by all jails' expressions at once.
What is found is only a candidate: see `webfail2ban.find_supersets`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter

from webfail2ban import Superset
from webfail2ban_jails.scanner import Scanner, make_scanner

#: The supersets of each failregex of a filter.
Supersets = Sequence[Sequence[Superset]]

#: For a line, by jail: the failregexes that may match it, by index. Jails are known by their place.
Candidates = Mapping[int, set[int]]


class Prefilter:
    """Finds candidates for jails.

    Args:
        jails: What to look for, for each jail.
        make: Makes the scanner.

    Attributes:
        everywhere: By jail, the failregexes that any line may match: they are no candidates, they
            have to be tried with each line.
    """

    def __init__(
        self,
        jails: Sequence[Supersets],
        make: Callable[[Sequence[Superset]], Scanner] = make_scanner,
    ) -> None:
        owners: dict[Superset, list[tuple[int, int]]] = {}
        self.everywhere: dict[int, set[int]] = {}
        for jail, failregexes in enumerate(jails):
            for index, supersets in enumerate(failregexes):
                for superset in supersets:
                    owners.setdefault(superset, []).append((jail, index))
                if not supersets:
                    self.everywhere.setdefault(jail, set()).add(index)
        self._scanner = make(list(owners))
        self._owners = list(owners.values())
        for number in self._scanner.refused:
            for jail, index in self._owners[number]:
                self.everywhere.setdefault(jail, set()).add(index)

    def search(self, texts: Sequence[str]) -> Mapping[int, Candidates]:
        """Look at lines.

        Args:
            texts: The lines, without newlines.

        Returns:
            The candidates by line, in the order of the lines, which are known by their place.
        """
        block = "\n".join(texts).encode("utf-8", "surrogatepass")
        lines: dict[int, dict[int, set[int]]] = {}
        candidates: dict[int, set[int]] = {}
        line = position = 0
        for number, offset in sorted(self._scanner.scan(block), key=itemgetter(1)):
            ends = block.count(b"\n", position, offset)
            if ends or not lines:
                line += ends
                candidates = lines[line] = {}
            position = offset
            for jail, index in self._owners[number]:
                candidates.setdefault(jail, set()).add(index)
        return lines

    def merge(self, candidates: Candidates) -> Iterable[tuple[int, Sequence[int]]]:
        """Return what to try with a line.

        Args:
            candidates: The line's.

        Returns:
            Jails and failregexes, in ascending order.
        """
        if self.everywhere:
            return [
                (jail, sorted({*candidates.get(jail, ()), *self.everywhere.get(jail, ())}))
                for jail in sorted({*candidates, *self.everywhere})
            ]
        return [(jail, sorted(candidates[jail])) for jail in sorted(candidates)]
