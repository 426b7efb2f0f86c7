"""What journalctl writes: bytes into entries."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban_journald.export import Entry, ExportError, ExportReader

LIMIT = 100


def binary(name: bytes, value: bytes) -> bytes:
    return name + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"


EXPORT = b"".join(
    [
        b"__CURSOR=1\nMESSAGE=one=1\nEMPTY=\n\n",
        b"__CURSOR=2\n",
        binary(b"MESSAGE", b"two\n\n__CURSOR=9\nMESSAGE=forged\n\n"),
        b"_PID=7\n\n",
        b"__CURSOR=3\nMESSAGE=three\nMESSAGE=again\n_PID=7\n_PID=8\n\n",
        binary(b"MESSAGE", b"\xff\0"),
        b"\n",
        binary(b"MESSAGE", b""),
        b"\n__CURSOR=6\nMESSAGE=six\n\n",
    ]
)

ENTRIES: list[Entry] = [
    {"__CURSOR": "1", "MESSAGE": "one=1", "EMPTY": ""},
    {"__CURSOR": "2", "MESSAGE": "two\n\n__CURSOR=9\nMESSAGE=forged\n\n", "_PID": "7"},
    {"__CURSOR": "3", "MESSAGE": "three again", "_PID": "7"},
    {"MESSAGE": "\ufffd\0"},
    {"MESSAGE": ""},
    {"__CURSOR": "6", "MESSAGE": "six"},
]


def test_entries() -> None:
    """Text, bytes with a length, fields that are there twice."""
    assert ExportReader(LIMIT).receive(EXPORT) == ENTRIES


@pytest.mark.parametrize("size", range(1, 40))
def test_in_pieces(size: int) -> None:
    """Wherever they are cut, the entries are the same."""
    reader = ExportReader(LIMIT)
    pieces = [EXPORT[place : place + size] for place in range(0, len(EXPORT), size)]
    assert [entry for piece in pieces for entry in reader.receive(piece)] == ENTRIES


@given(st.lists(st.binary(max_size=600), max_size=8), st.integers(1, 700), st.booleans())
def test_any_values_in_any_pieces(values: list[bytes], size: int, text: bool) -> None:
    """One entry for each, its beginning kept, whatever it holds."""
    if text:
        values = [value.replace(b"\n", b"=") for value in values]
    export = b"".join(
        (b"MESSAGE=" + value + b"\n" if text else binary(b"MESSAGE", value)) + b"X=y\n\n"
        for value in values
    )
    reader = ExportReader(LIMIT)
    pieces = [export[place : place + size] for place in range(0, len(export), size)]
    entries = [entry for piece in pieces for entry in reader.receive(piece)]
    assert [entry["X"] for entry in entries] == ["y"] * len(values)
    for entry, value in zip(entries, values, strict=True):
        whole = value.decode(errors="replace")
        assert entry["MESSAGE"][:LIMIT] == whole[:LIMIT]
        assert len(whole) <= LIMIT or len(entry["MESSAGE"]) > LIMIT


@pytest.mark.parametrize("text", [True, False])
def test_a_huge_value_takes_no_memory(text: bool) -> None:
    """Only its beginning is kept, and what is behind it is read."""
    size, piece = 50_000_000, b"x" * 65536
    reader = ExportReader(LIMIT)
    length = (size // len(piece)) * len(piece)
    head = b"MESSAGE=" if text else b"MESSAGE\n" + length.to_bytes(8, "little")
    tracemalloc.start()
    entries = reader.receive(head)
    for _ in range(length // len(piece)):
        entries += reader.receive(piece)
    entries += reader.receive(b"\nX=y\n\nX=z\n\n")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [entry["X"] for entry in entries] == ["y", "z"]
    assert LIMIT < len(entries[0]["MESSAGE"]) < 10 * LIMIT
    assert peak < 1_000_000


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 100_000,
        b"x" * 100 + b"\n" + bytes(8) + b"\n",
        b"MESSAGE\n" + (1).to_bytes(8, "little") + b"ab\n\n",
    ],
)
def test_what_is_no_export_is_refused(data: bytes) -> None:
    """Nobody would know where the next entry begins."""
    with pytest.raises(ExportError, match="no journal export"):
        ExportReader(LIMIT).receive(data)
