"""Finding messages in a stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban_syslog.framing import Framer, shorten


def feed_all(data: bytes, limit: int = 100) -> list[bytes]:
    framer = Framer(limit)
    return [message for message in [*framer.feed(data), framer.finish()] if message]


def test_newlines_divide() -> None:
    """A newline ends a message."""
    assert feed_all(b"<1>a\n<1>b\r\n") == [b"<1>a", b"<1>b\r"]


def test_counts_divide() -> None:
    """A length in front of a message says where it ends; newlines are part of it."""
    assert feed_all(b"5 <1>a\n4 <1>b") == [b"<1>a\n", b"<1>b"]


def test_each_frame_shows_its_kind() -> None:
    """Both ways may stand in one stream."""
    assert feed_all(b"<1>a\n4 <1>b<1>c\n") == [b"<1>a", b"<1>b", b"<1>c"]


def test_newline_behind_a_counted_message_is_an_empty_one() -> None:
    """Senders that count and end the line too give empty messages between."""
    assert Framer(100).feed(b"4 <1>a\n4 <1>b\n") == [b"<1>a", b"", b"<1>b", b""]


def test_line_with_a_number_is_a_line() -> None:
    """A number is a length only where a message follows it."""
    assert feed_all(b"200 OK\n2026-11-21T10:00:00Z h p: x\n") == [
        b"200 OK",
        b"2026-11-21T10:00:00Z h p: x",
    ]


def test_number_of_eight_digits_is_no_length() -> None:
    """An absurd length doesn't swallow what follows."""
    assert feed_all(b"99999999 <1>a\n<1>b\n") == [b"99999999 <1>a", b"<1>b"]


def test_last_line_may_lack_its_newline() -> None:
    """The end of the stream ends a line."""
    assert feed_all(b"<1>a\n<1>b") == [b"<1>a", b"<1>b"]


def test_digits_at_the_end_are_a_line() -> None:
    """What might have become a length is text when nothing follows."""
    assert feed_all(b"<1>a\n12") == [b"<1>a", b"12"]


def test_counted_message_that_ends_early_is_dropped() -> None:
    """Half an address would be somebody else's."""
    assert feed_all(b"30 <1>from 192.0.2.1") == []


def test_long_line_shows_that_it_is_too_long() -> None:
    """One byte beyond the limit is given, the rest passed over."""
    assert feed_all(b"abcdefgh\nxy\n", limit=4) == [b"abcde", b"xy"]


def test_long_line_is_given_before_it_ends() -> None:
    """What comes after the limit is not kept."""
    framer = Framer(4)
    assert framer.feed(b"abcdefgh") == [b"abcde"]
    assert framer.feed(b"ijkl") == []
    assert framer.feed(b"m\nxy\n") == [b"xy"]


def test_long_counted_message_shows_that_it_is_too_long() -> None:
    """One byte beyond the limit is given, the rest of its length passed over."""
    framer = Framer(4)
    assert framer.feed(b"9 <1>abc") == [b"<1>ab"]
    assert framer.feed(b"def3 <1>") == [b"<1>"]


def test_little_is_kept() -> None:
    """Memory stays bounded, however long a message goes on."""
    framer = Framer(100)
    for _ in range(1000):
        framer.feed(b"a" * 64)
        assert len(framer._buffer) <= 100


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"") + b"\n"),
            st.binary(max_size=30).map(lambda text: b"%d <%s" % (len(text) + 1, text)),
        )
    ),
    st.lists(st.integers(1, 9), min_size=1),
    st.integers(1, 40),
)
def test_pieces_make_no_difference(frames: list[bytes], sizes: list[int], limit: int) -> None:
    """A stream gives the same messages however it is cut into reads."""
    stream = b"".join(frames)
    framer = Framer(limit)
    messages: list[bytes] = []
    at = turn = 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        messages += framer.feed(stream[at : at + size])
        at += size
        turn += 1
    messages.append(framer.finish())
    assert [message for message in messages if message] == feed_all(stream, limit)


@given(st.lists(st.binary(min_size=1, max_size=40)))
def test_counted_messages_arrive_as_they_were(texts: list[bytes]) -> None:
    """Octet counting is transparent: any bytes come through."""
    messages = [b"<1>" + text for text in texts]
    stream = b"".join(b"%d %s" % (len(message), message) for message in messages)
    assert feed_all(stream) == messages


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"from 192.0.2.1", b"from 192.0.2.1"),
        (b"from 192.0.2.10", b"from"),
        (b"from 192.0.2.1 x", b"from 192.0.2.1"),
        (b"abcdefghijklmnopq", b""),
    ],
)
def test_shorten_keeps_whole_words(message: bytes, expected: bytes) -> None:
    """An address at the limit is kept whole or not at all."""
    assert shorten(message, 14) == expected
