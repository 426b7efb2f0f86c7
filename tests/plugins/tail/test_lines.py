"""Splitting bytes into lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban_tail.lines import Block, Splitter


def split(data: bytes, limit: int = 100, encoding: str = "utf-8", **place: bool) -> Block:
    return Splitter(limit, encoding).split(data, **place)


def test_splits_at_newlines() -> None:
    """Each newline ends a line, an empty one too."""
    assert split(b"a\nb\n\nc\n") == Block(["a", "b", "", "c"], 7)


def test_leaves_a_partial_line() -> None:
    """What has no newline yet is not consumed."""
    assert split(b"a\nbc") == Block(["a"], 2)


def test_has_nothing_of_a_partial_line() -> None:
    """A line without its end is nothing."""
    assert split(b"abc") == Block([], 0)


def test_takes_a_partial_line_at_the_end() -> None:
    """When nothing will follow, the last line needs no newline."""
    assert split(b"a\nbc", final=True) == Block(["a", "bc"], 4)


def test_has_nothing_at_the_end_of_nothing() -> None:
    """No bytes are no line, at the end neither."""
    assert split(b"", final=True) == Block([], 0)


def test_strips_carriage_returns_at_line_ends() -> None:
    """CRLF ends a line; a carriage return elsewhere is part of it."""
    assert split(b"a\r\nb\rc\r\n").texts == ["a", "b\rc"]


def test_does_not_split_at_other_line_ends() -> None:
    """What Python's splitlines takes for line ends could be written by an attacker."""
    text = "a\vb\fc\x1cd\x1de\x1ef\x85g\u2028h\u2029i"
    assert split(text.encode() + b"\n").texts == [text]


def test_strips_zeros_at_the_front() -> None:
    """A hole before a line is no part of it."""
    assert split(b"\0\0\0a\n\0b\n") == Block(["a", "b"], 8)


def test_replaces_zeros_within() -> None:
    """Zeros within a line are shown as one character."""
    assert split(b"a\0\0b\n").texts == ["a\ufffdb"]


def test_consumes_zeros_before_a_partial_line() -> None:
    """However long a hole is, it isn't read twice."""
    assert split(b"a\n" + bytes(500) + b"bc") == Block(["a"], 502)


def test_replaces_invalid_bytes_alone() -> None:
    """A byte that is no text costs nothing but itself."""
    assert split(b"a\xffb\xe2\x82\n\xe2\x82\xac\n").texts == ["a\ufffdb\ufffd", "\u20ac"]


def test_reads_other_encodings() -> None:
    """The encoding can be chosen."""
    assert split(b"\xe4\n", encoding="latin-1").texts == ["\u00e4"]


def test_no_encoding_swallows_a_newline() -> None:
    """The first half of a character at a line's end doesn't take the newline for the second."""
    assert split(b"\x81\nabc\n\x81\n", encoding="gb18030").texts == ["\ufffd", "abc", "\ufffd"]


def test_cuts_a_long_line() -> None:
    """What is beyond the limit is dropped, and counted."""
    assert split(b"a b cd\ne\n", limit=4) == Block(["a b", "e"], 9, cut_lines=1)


@pytest.mark.parametrize("length", range(22, 28))
def test_cuts_no_word(length: int) -> None:
    """Half an address is somebody else's."""
    (text,) = split(b"failed login, rip=192.0.2.100, lip=198.51.100.1\n", limit=length).texts
    assert text == "failed login,"


def test_leaves_nothing_of_one_long_word() -> None:
    """Nobody knows where it could be cut."""
    assert split(b"abcdef\ng\n", limit=3) == Block(["", "g"], 9, cut_lines=1)


def test_takes_a_line_as_long_as_the_limit() -> None:
    """The limit itself is allowed, whatever the line's end."""
    assert split(b"abc\r\nabc\n", limit=3) == Block(["abc", "abc"], 9)


def test_does_not_count_zeros_before_a_line() -> None:
    """A hole makes no line too long."""
    assert split(b"a\n\0\0\0\0\0bc\n", limit=3) == Block(["a", "bc"], 10)


def test_cuts_a_line_before_its_end_is_there() -> None:
    """A line that is too long already is emitted, so that memory is bounded."""
    assert split(b"ab cde", limit=3) == Block(["ab"], 6, cut=True, cut_lines=1)


def test_drops_the_rest_of_a_cut_line() -> None:
    """Up to the next newline, all belongs to the line that was cut."""
    assert split(b"def\ng\n", limit=3, cut=True) == Block(["g"], 6)


def test_drops_all_of_a_cut_line_that_goes_on() -> None:
    """Without a newline, all is dropped and the line stays cut."""
    assert split(b"defghi", limit=3, cut=True) == Block((), 6, cut=True)


def test_counts_a_cut_line_at_the_end() -> None:
    """The last line is cut like the others."""
    assert split(b"ab c", limit=3, final=True) == Block(["ab"], 4, cut_lines=1)


@given(
    lines=st.lists(
        st.lists(st.sampled_from(b"ab \r\0\xff"), max_size=12).map(bytes),
        max_size=10,
    ),
    sizes=st.lists(st.integers(1, 9), min_size=1),
)
def test_blocks_do_not_matter(lines: list[bytes], sizes: list[int]) -> None:
    """However the bytes arrive, they are the same lines, cut in the same places."""
    data = b"".join(line + b"\n" for line in lines)
    whole = split(data, limit=5)
    texts: list[str] = []
    start = end = cut_lines = 0
    cut = False
    while start < len(data):
        end += sizes[end % len(sizes)]
        block = split(data[start:end], limit=5, cut=cut)
        texts += block.texts
        start += block.size
        cut, cut_lines = block.cut, cut_lines + block.cut_lines
    assert (texts, cut_lines) == (list(whole.texts), whole.cut_lines)
