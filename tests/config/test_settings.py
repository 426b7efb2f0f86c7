import pytest
from pydantic import ValidationError

from webfail2ban.config import Settings


class Inner(Settings):
    size: int = 1


class Outer(Settings):
    inner: Inner = Inner()
    maybe: Inner | None = None


def test_nothing_means_the_defaults() -> None:
    """A section whose lines are all commented out is as good as none."""
    assert Outer.model_validate({"inner": None}) == Outer()
    assert Outer.model_validate(None) == Outer()


def test_nothing_stays_nothing_where_it_may() -> None:
    """An optional section that is empty is still left out."""
    assert Outer.model_validate({"maybe": None}).maybe is None


def test_settings_never_change() -> None:
    """Whoever holds them may rely on them."""
    with pytest.raises(ValidationError, match="frozen"):
        Outer().inner = Inner()  # type: ignore[misc]


def test_unknown_keys_are_errors() -> None:
    """A slip of the pen never means the default without a word."""
    with pytest.raises(ValidationError, match="siez"):
        Outer.model_validate({"inner": {"siez": 1}})
