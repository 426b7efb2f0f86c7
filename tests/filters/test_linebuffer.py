"""The last lines of a log."""

import re

from webfail2ban.filters.datedetector import CutLine
from webfail2ban.filters.linebuffer import LineBuffer


def line(text: str) -> CutLine:
    return CutLine("[", "date", f"] {text}", None)


def take(buffer: LineBuffer, text: str, expression: str, *skipped: str) -> tuple[str, ...]:
    match = re.compile(expression, re.MULTILINE).search(text)
    assert match is not None
    return buffer.take(match, 0, skipped)


def test_lines_are_searched_without_their_dates() -> None:
    """Each with its newline."""
    buffer = LineBuffer(3)
    buffer.push(line("a"))

    assert buffer.push(line("b")) == "[] a\n[] b\n"


def test_only_the_last_lines_are_kept() -> None:
    """As many as the filter wants."""
    buffer = LineBuffer(2)
    for text in "ab":
        buffer.push(line(text))

    assert buffer.push(line("c")) == "[] b\n[] c\n"


def test_the_lines_of_a_match_leave_whole() -> None:
    """With their dates; the others stay."""
    buffer = LineBuffer(5)
    for text in "abc":
        searched = buffer.push(line(text))

    assert take(buffer, searched, r"^.* b\n.*c$") == ("[date] b", "[date] c")
    assert buffer.push(line("d")) == "[] a\n[] d\n"


def test_skipped_lines_stay() -> None:
    """They are between those of the match."""
    buffer = LineBuffer(5)
    for text in "abcd":
        searched = buffer.push(line(text))

    matched = take(buffer, searched, r"a$\n(?P<skip>(?:.*\n)*?)^.*d", "skip")

    assert matched == ("[date] a", "[date] d")
    assert buffer.push(line("e")) == "[] b\n[] c\n[] e\n"


def test_a_match_that_ends_with_a_newline_ends_with_its_line() -> None:
    """The next line isn't part of it."""
    buffer = LineBuffer(5)
    for text in "ab":
        searched = buffer.push(line(text))

    assert take(buffer, searched, r"^.*a\n") == ("[date] a",)


def test_an_empty_match_is_in_one_line() -> None:
    """Also at the very end of the text."""
    buffer = LineBuffer(5)
    searched = buffer.push(line("a"))

    assert take(buffer, searched, r"\Z") == ("[date] a",)


def test_a_match_in_a_part_of_the_text_is_shifted() -> None:
    """The part is what a prefregex left over."""
    buffer = LineBuffer(5)
    for text in ("a", "b"):
        searched = buffer.push(line(text))
    part = searched[5:]
    match = re.search("b", part)
    assert match is not None

    assert buffer.take(match, 5, ()) == ("[date] b",)
