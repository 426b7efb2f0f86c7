from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, RootModel, SecretStr

from webfail2ban.config import Settings
from webfail2ban.config.shapes import (
    alternatives,
    at,
    below,
    fields,
    is_number,
    is_secret,
    is_text,
    named,
)


class Leaf(Settings):
    size: int = 1
    kind: str = Field(default="", alias="type")


class Tree(Settings):
    leaves: tuple[Leaf, ...] = ()
    pair: tuple[int, str] = (0, "")
    names: dict[str, Leaf | None] = Field(default_factory=dict)
    more: "Tree | None" = None


class Forest(RootModel[dict[str, Tree]]):
    pass


class Alias:
    """As Python 3.12's `type` statement makes them."""

    __value__ = int | str


@pytest.mark.parametrize(
    ("shape", "allowed"),
    [
        (int, [int]),
        (int | None, [int, type(None)]),
        (Annotated[int | str, "x"], [int, str]),
        (Literal["a", 5], [str, int]),
        (Forest, [dict[str, Tree]]),
        (Alias, [int, str]),
        (dict[str, int] | Tree, [dict[str, int], Tree]),
    ],
)
def test_a_shape_is_taken_apart(shape: Any, allowed: list[Any]) -> None:
    """Into everything that could stand there."""
    assert list(alternatives(shape)) == allowed


def test_a_model_has_its_keys() -> None:
    """As they are written: by alias, and of every model of a union."""
    assert fields(Leaf) == {"size": int, "type": str}
    assert list(fields(Leaf | Tree | None)) == ["size", "type", "leaves", "pair", "names", "more"]
    assert fields(int) == {}


def test_a_mapping_has_free_names() -> None:
    """A model has none."""
    assert named(dict[str, int]) is int
    assert named(Mapping[str, int] | None) is int
    assert named(Forest) is Tree
    assert named(Tree) is None
    assert named(dict) is None


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (("oak", "leaves", 3, "size"), int),
        (("oak", "pair", 1), str),
        (("oak", "names", "any", "type"), str),
        (("oak", "more", "more", "pair", 0), int),
        (("oak", "leaves", "size"), None),
        (("oak", "nothing", "deeper"), None),
        (("oak", "pair", 0, 0), None),
    ],
)
def test_a_path_leads_to_a_shape(path: tuple[str | int, ...], shape: Any) -> None:
    """Through models, mappings and lists; nowhere, if nothing can stand there."""
    assert at(Forest, path) == shape


def test_lists_and_sets_have_items() -> None:
    """All of one shape."""
    assert below(list[int], 5) is int
    assert below(frozenset[str] | None, 0) is str


def test_shapes_are_sorted_by_what_can_stand_there() -> None:
    """Text alone, a number alone, a secret at all."""
    assert is_text(str | None)
    assert is_text(Path)
    assert is_text(Literal["a", "b"])
    assert not is_text(str | int)
    assert not is_text(None)
    assert is_number(int | float | None)
    assert not is_number(bool)
    assert is_secret(SecretStr | int)
    assert not is_secret(str)
