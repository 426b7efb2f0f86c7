"""Requests that name many: no single one may name more than the API takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from webfail2ban.api.models import MAX_ITEMS

Item = TypeVar("Item")


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield items in groups that one request may have."""
    for start in range(0, len(items), MAX_ITEMS):
        yield items[start : start + MAX_ITEMS]
