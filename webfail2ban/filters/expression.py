"""One compiled expression of a filter, and the fields that its groups fill."""

import re
from collections.abc import Mapping

from webfail2ban.filters.anchors import quick_search
from webfail2ban.filters.regex import FIELD_GROUPS, ID_GROUPS

#: A field's value. A tuple where several texts make one: ``users``, or an id of several parts.
FieldValue = str | tuple[str | None, ...]
Fields = dict[str, FieldValue]

#: ``<F-ALT_USER>``, ``<F-ALT_USER_1>``: other places for a field. ``<F-TUPLE_ID_1>``: its parts.
_COMPOUND = re.compile(r"(?P<kind>alt|tuple)_(?P<field>.+?)(?:_\d+)?")

#: Groups that no failure is told by: what was skipped, and what a prefregex leaves over.
_INTERNAL = re.compile(r"skiplines\d+|content")


class Expression:
    """A compiled failregex or prefregex.

    Args:
        regex: The expression, its tags replaced by groups.

    Attributes:
        regex: See above.
        search: Finds its first match in a text.
        content: The number of the group ``<F-CONTENT>``, 0 if there is none.
        skipped: The groups that hold skipped lines.
        field_names: The fields that its groups may fill.
        has_fields: Whether there are any.
        has_id: Whether some group tells who failed.
        has_tuples: Whether some field is made of several texts.
    """

    def __init__(self, regex: re.Pattern[str]) -> None:
        self.regex = regex
        self.search = quick_search(regex)
        self.content = regex.groupindex.get("content", 0)
        self.has_id = not ID_GROUPS.isdisjoint(regex.groupindex)
        self.skipped = tuple(name for name in regex.groupindex if name.startswith("skiplines"))
        self._plain: list[tuple[str, int]] = []
        self._alternatives: dict[str, list[int]] = {}
        self._parts: dict[str, list[int]] = {}
        self._sort(regex.groupindex)
        self._compound = bool(self._alternatives or self._parts)
        self.has_tuples = bool(self._parts)
        self.has_fields = self._compound or bool(self._plain)
        self.field_names = frozenset(
            [*(name for name, _ in self._plain), *self._alternatives, *self._parts]
        )

    def fields(self, match: re.Match[str]) -> Fields:
        """Return the groups that took part in a match, by their field's name."""
        groups = match.groups()
        fields: Fields = {
            name: value for name, place in self._plain if (value := groups[place]) is not None
        }
        if not self._compound:
            return fields
        for field, places in self._alternatives.items():
            if not fields.get(field):
                found = next((value for place in places if (value := groups[place])), None)
                if found is not None:
                    fields[field] = found
        for field, places in self._parts.items():
            parts = tuple(groups[place] for place in places)
            if any(part is not None for part in parts):
                whole = fields.get(field)
                fields[field] = (whole if isinstance(whole, str) else None, *parts)
        return fields

    def _sort(self, numbers: Mapping[str, int]) -> None:
        """Sort the groups into plain fields, other places for a field, and parts of one."""
        for name in sorted(numbers):
            if _INTERNAL.fullmatch(name):
                continue
            place = numbers[name] - 1  # among all groups
            compound = _COMPOUND.fullmatch(name)
            if compound is None:
                self._plain.append((name, place))
                continue
            kinds = self._alternatives if compound["kind"] == "alt" else self._parts
            field = FIELD_GROUPS.get(compound["field"], compound["field"])
            kinds.setdefault(field, []).append(place)
