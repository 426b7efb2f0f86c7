"""What a model allows under each of its keys, looked up by path.

A *shape* is what stands right of a field's colon: a type, with or without `Annotated`, a union,
a model. Pydantic checks values against it; this tells, without a value, which keys there may be:
that is what "did you mean" and the environment's variables need.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, SecretBytes, SecretStr

from webfail2ban.config.tree import Path

Shape = Any

#: Shapes whose values are text and nothing else that YAML could mean.
TEXTS = (str, SecretStr, FilePath)

SECRETS = (SecretStr, SecretBytes)
NUMBERS = (int, float)


def alternatives(shape: Shape) -> Iterator[Any]:
    """Yield what a shape allows: aliases, unions, `Annotated` and root models taken apart."""
    shape = getattr(shape, "__value__", shape)  # type Name = ... (PEP 695)
    origin: Any = get_origin(shape)
    if origin is Annotated:
        yield from alternatives(get_args(shape)[0])
    elif origin in (Union, UnionType):
        for part in get_args(shape):
            yield from alternatives(part)
    elif origin is Literal:
        yield from (type(value) for value in get_args(shape))
    elif isinstance(shape, type) and not origin and issubclass(shape, RootModel):
        yield from alternatives(shape.model_fields["root"].annotation)
    else:
        yield shape


def fields(shape: Shape) -> dict[str, Shape]:
    """Return the keys that a shape's models know, and what each allows."""
    known: dict[str, Shape] = {}
    for part in alternatives(shape):
        if isinstance(part, type) and not get_origin(part) and issubclass(part, BaseModel):
            for name, field in part.model_fields.items():
                known.setdefault(field.alias or name, field.annotation)
    return known


def named(shape: Shape) -> Shape | None:
    """Return what stands under the free names of a mapping; None if the shape has none."""
    for part in alternatives(shape):
        origin, args = get_origin(part), get_args(part)
        if isinstance(origin, type) and issubclass(origin, Mapping) and args:
            return args[1]
    return None


def below(shape: Shape, part: str | int) -> Shape | None:
    """Return what stands under a key or an index; None if there can't be anything."""
    if isinstance(part, str):
        known = fields(shape)
        return known[part] if part in known else named(shape)
    for alternative in alternatives(shape):
        args = [arg for arg in get_args(alternative) if arg is not Ellipsis]
        if args and get_origin(alternative) is tuple:
            return args[min(part, len(args) - 1)]
        if args and get_origin(alternative) in (list, set, frozenset):
            return args[0]
    return None


def at(shape: Shape | None, path: Path) -> Shape | None:
    """Return what stands at a path; None if there can't be anything."""
    for part in path:
        if shape is None:
            return None
        shape = below(shape, part)
    return shape


def _only(shape: Shape | None, types: tuple[type, ...]) -> bool:
    """Whether a shape allows these types, perhaps None, and nothing else."""
    found = [part for part in alternatives(shape) if part is not NoneType]
    return bool(found) and all(part in types for part in found)


def is_text(shape: Shape | None) -> bool:
    """Whether only text can stand here."""
    return _only(shape, TEXTS)


def is_number(shape: Shape | None) -> bool:
    """Whether only a number can stand here."""
    return _only(shape, NUMBERS)


def is_secret(shape: Shape | None) -> bool:
    """Whether what stands here must not be shown."""
    return any(part in SECRETS for part in alternatives(shape))
