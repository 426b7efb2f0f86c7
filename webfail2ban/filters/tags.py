"""``<tag>`` substitution: the second pass over a filter's options, after ``%(option)s``."""

import re
from collections import Counter
from collections.abc import Callable

#: How often one tag may be replaced in one value; more means that tags go round in a circle.
MAX_REPLACEMENTS = 25

#: Without blanks and brackets inside: of nested tags the innermost is found first.
_TAG = re.compile(r"<([^ <>]+)>")


class TagLoopError(ValueError):
    """A tag that refers to itself, directly or through others."""


def substitute_tags(text: str, find: Callable[[str], str | None]) -> str:
    """Replace every tag that is known until nothing changes.

    Args:
        text: An option's text.
        find: Gives the text for a tag's name, None for what is no option: ``<HOST>``, ``<F-USER>``
            or the name of a regular expression's group stay as they are.

    Raises:
        TagLoopError: A tag leads back to itself.
    """
    replaced: Counter[str] = Counter()
    unknown: set[str] = set()
    position = 0
    while match := _TAG.search(text, position):
        tag, name = match.group(0, 1)
        value = None if name in unknown else find(name)
        if value is None:
            unknown.add(name)
            position = match.start() + 1
            continue
        replaced[name] += 1
        if tag in value or replaced[name] > MAX_REPLACEMENTS:
            raise TagLoopError(f"the tag {tag} leads back to itself")
        text = text.replace(tag, value)
        position = 0  # what stands in front may have become a tag: <mdre-<mode>>
    return text
