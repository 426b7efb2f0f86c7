"""Limits that differ by where a client belongs: ``maxretry: {default: 5, AS64500: 2}``.

Which words there are is a matter of other plugins, which say what they know of a client by the
hook `traits`; ``geoip`` knows countries, continents and autonomous systems.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args

from pydantic import AfterValidator, Discriminator, GetCoreSchemaHandler, Tag
from pydantic_core import core_schema

#: What holds for everybody else.
DEFAULT = "default"

#: A plugin's word: a kind and a value, or the number of an autonomous system.
WORD = re.compile(r"as[0-9]{1,10}|[a-z][a-z0-9_.-]*:\S{1,100}")

T = TypeVar("T")


def parse_key(text: str) -> str:
    """Read a key of a limit.

    Returns:
        The word in small letters, as it is compared.

    Raises:
        ValueError: no plugin's word looks like this.
    """
    word = text.strip().casefold()
    if word != DEFAULT and not WORD.fullmatch(word):
        raise ValueError(f"must be default, or as country:DE or AS64500, not {text!r:.60}")
    return word


Key = Annotated[str, AfterValidator(parse_key)]


class Varying(Generic[T]):
    """A limit: one value for all, or others for some.

    No dataclass, because pydantic has its own mind about those.

    Args:
        default: What holds for everybody else.
        others: What holds for whom one of these words fits; the first that does counts.

    Attributes:
        default: As above.
        others: As above.
    """

    __slots__ = ("default", "others")

    def __init__(self, default: T, others: Mapping[str, T] = MappingProxyType({})) -> None:
        self.default = default
        self.others = others

    def __eq__(self, other: object) -> bool:
        """Whether the same holds for everybody."""
        return isinstance(other, Varying) and _show(self) == _show(other)

    def __hash__(self) -> int:
        """Return what equal ones share."""
        return hash((self.default, *self.others.items()))

    def get(self, traits: frozenset[str]) -> T:
        """Return what holds for a client.

        Args:
            traits: What is known of it.
        """
        return next((value for word, value in self.others.items() if word in traits), self.default)

    def values(self) -> Iterator[T]:
        """Yield what may hold, first what holds for everybody else."""
        yield self.default
        yield from self.others.values()

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Let a setting be a value or a mapping, with the value's own checks."""
        (item,) = get_args(source)
        one: Any = Annotated[item, Tag("one")]
        mapping: Any = Annotated[dict.__class_getitem__((Key, item)), Tag("mapping")]
        either: Any = Annotated[
            Union[one, mapping],  # noqa: UP007 - made as the program runs
            Discriminator(lambda value: "mapping" if isinstance(value, dict) else "one"),
        ]
        return core_schema.no_info_after_validator_function(
            _make,
            handler.generate_schema(either),
            serialization=core_schema.plain_serializer_function_ser_schema(_show),
        )


def _make(value: Any) -> Varying[Any]:
    if not isinstance(value, dict):
        return Varying(value)
    others = dict(value)
    if DEFAULT not in others:
        raise ValueError("must say what holds for everybody else, as default: 5")
    return Varying(others.pop(DEFAULT), others)


def _show(limit: Varying[Any]) -> Any:
    return {DEFAULT: limit.default, **limit.others} if limit.others else limit.default
