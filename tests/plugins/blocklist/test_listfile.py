from pathlib import Path

import pytest

from webfail2ban_blocklist.halves import Ranges6
from webfail2ban_blocklist.listfile import (
    ListFileError,
    ListInfo,
    Rejected,
    read_list,
    write_list,
)
from webfail2ban_blocklist.ranges import Ranges4

INFO = ListInfo(
    "source", 1.5, 3, 3, 3, 1, 2, (Rejected(4, "evil.example", "is no address"),), '"v1"', "today"
)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A list of a hundred thousand addresses."""
    path = tmp_path / "evil.list"
    ranges = Ranges4()
    for number in range(0, 200_000, 2):
        ranges.add(number, number)
    write_list(path, INFO, (*ranges.take_columns(), *Ranges6().take_columns()))
    return path


def test_what_is_known_of_a_list_is_kept_with_it(kept: Path) -> None:
    """All of it."""
    info, table = read_list(kept, lambda: None)
    assert info == INFO
    assert len(table) == 100_000


def test_others_have_their_turn_while_it_is_read(kept: Path) -> None:
    """After every 128 KiB."""
    turns: list[None] = []
    read_list(kept, lambda: turns.append(None))
    assert len(turns) == 11


@pytest.mark.parametrize("place", [0, 17, 30, 60, 1000, -1])
def test_a_damaged_list_is_refused(kept: Path, place: int) -> None:
    """Wherever the damage is."""
    data = bytearray(kept.read_bytes())
    data[place] ^= 0x11
    kept.write_bytes(data)
    with pytest.raises(ListFileError):
        read_list(kept, lambda: None)


@pytest.mark.parametrize("size", [0, 10, 25, 300, -1])
def test_a_list_that_was_cut_off_is_refused(kept: Path, size: int) -> None:
    """As a full disk leaves it."""
    kept.write_bytes(kept.read_bytes()[:size])
    with pytest.raises(ListFileError):
        read_list(kept, lambda: None)
