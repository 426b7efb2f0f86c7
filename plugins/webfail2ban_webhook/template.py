"""Templates: JSON values in whose texts ``{field}`` stands for a field.

Fields are put into values, never into JSON's own text, so nothing that a client chose can end a
string. There are no formats, attributes or indices: a field is a name from a list.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from string import Formatter

from webfail2ban import Json

#: Deeper ones are a mistake, or an attack on the stack.
MAX_DEPTH = 20

#: Text, and the field behind it; None for none.
Part = tuple[str, str | None]


@lru_cache(maxsize=1024)  # the same few, for each message
def parse(text: str) -> tuple[Part, ...]:
    """Take a text apart.

    Raises:
        ValueError: a brace stands alone, or there is more than a name between two.
    """
    try:
        parts = tuple(Formatter().parse(text))
    except ValueError:
        raise ValueError(
            "must have a name between each two braces; {{ and }} stand for a single one"
        ) from None
    for _, field, layout, conversion in parts:
        if layout or conversion or (field is not None and not field.isidentifier()):
            raise ValueError("must have nothing but a field's name between braces, as in {network}")
    return tuple((literal, field) for literal, field, _, _ in parts)


def find_fields(template: Json, depth: int = 0) -> Iterator[str]:
    """Yield the fields that a template names.

    Raises:
        ValueError: one of its texts can't be read, or it is too deep.
    """
    if depth > MAX_DEPTH:
        raise ValueError(f"must not be deeper than {MAX_DEPTH} levels")
    if isinstance(template, str):
        yield from (field for _, field in parse(template) if field is not None)
    elif isinstance(template, list | dict):
        inner = template.values() if isinstance(template, dict) else template
        for part in inner:
            yield from find_fields(part, depth + 1)


def check(template: Json, known: Iterable[str]) -> None:
    """Refuse a template that names a field which there isn't.

    Raises:
        ValueError: it does, or can't be read; the message names the field that was meant.
    """
    known = tuple(known)
    for field in find_fields(template):
        if field not in known:
            close = get_close_matches(field, known, n=1)
            meant = f"; did you mean {{{close[0]}}}?" if close else ""
            fields = ", ".join(known)
            raise ValueError(f"must not hold {{{field}}}, fields are {fields}{meant}")


def fill(template: Json, values: Mapping[str, Json]) -> Json:
    """Put fields into a template that was checked.

    A text that is one field and nothing else becomes the field's value, a number or a list as it
    is; within a text lists become lines, and nothing stays empty.
    """
    if isinstance(template, str):
        return _fill_text(parse(template), values)
    if isinstance(template, list):
        return [fill(part, values) for part in template]
    if isinstance(template, dict):
        return {key: fill(part, values) for key, part in template.items()}
    return template


def fill_text(template: str, values: Mapping[str, Json]) -> str:
    """Put fields into a template of text alone."""
    return show(fill(template, values))


def _fill_text(parts: tuple[Part, ...], values: Mapping[str, Json]) -> Json:
    match parts:
        case (("", str(field)),):
            return values[field]
    return "".join(
        literal + (show(values[field]) if field is not None else "") for literal, field in parts
    )


def show(value: Json) -> str:
    """Write a value as text."""
    if isinstance(value, list):
        return "\n".join(map(show, value))
    return "" if value is None else str(value)
