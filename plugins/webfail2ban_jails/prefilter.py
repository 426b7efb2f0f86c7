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

#: What to try with a line, in ascending order: jails by their place, and failregexes by index.
Plan = Sequence[tuple[int, Sequence[int]]]

#: How many plans to remember; lines that have the same found in them have the same plan.
MAX_PLANS = 1000


class Prefilter:
    """Finds out what to try with which lines.

    Args:
        jails: What to look for, for each jail.
        make: Makes the scanner.

    Attributes:
        default: What to try with every line, even if nothing is found in it. Mostly nothing.
    """

    def __init__(
        self,
        jails: Sequence[Supersets],
        make: Callable[[Sequence[Superset]], Scanner] = make_scanner,
    ) -> None:
        supersets: list[Superset] = []
        self._owners: list[tuple[int, int]] = []
        unknown: list[tuple[int, int]] = []
        for jail, failregexes in enumerate(jails):
            for index, some in enumerate(failregexes):
                supersets += some
                self._owners += [(jail, index)] * len(some)
                if not some:
                    unknown.append((jail, index))
        self._scanner = make(supersets)
        self._everywhere = {*unknown, *(self._owners[number] for number in self._scanner.refused)}
        self._plans: dict[frozenset[int], Plan] = {}
        self.default = self._plan(())

    def search(self, texts: Sequence[str]) -> Mapping[int, Plan]:
        """Look at lines.

        Args:
            texts: The lines, without newlines.

        Returns:
            What to try with which line, in the order of the lines, which are known by their place;
            where there is nothing but the default, the line is left out.
        """
        block = "\n".join(texts).encode("utf-8", "surrogatepass")
        lines: dict[int, list[int]] = {}
        line, end = 0, -1  # the line of what was found last, and its newline's offset
        numbers: list[int] = []
        for number, offset in sorted(self._scanner.scan(block), key=itemgetter(1)):
            if offset > end:
                line += block.count(b"\n", max(end, 0), offset)
                end = block.find(b"\n", offset)
                if end < 0:
                    end = len(block)
                numbers = lines[line] = []
            numbers.append(number)
        return {line: self._plan(numbers) for line, numbers in lines.items()}

    def _plan(self, numbers: Iterable[int]) -> Plan:
        """Return what to try where supersets of these numbers were found."""
        key = frozenset(numbers)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            tried: dict[int, list[int]] = {}
            for jail, index in sorted({*self._everywhere, *(self._owners[each] for each in key)}):
                tried.setdefault(jail, []).append(index)
            plan = self._plans[key] = tuple(tried.items())
        return plan
