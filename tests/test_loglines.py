from collections.abc import Sequence

import pytest

from webfail2ban import LogLine, LogLines, logs_of, look_at, texts_of


def test_lines_are_made_when_somebody_looks() -> None:
    """And are what the source would have made one by one."""
    lines = LogLines(["a", "b", "c"], "tail:x", program="p", live=False)
    each = [LogLine(text, "tail:x", None, "p", live=False) for text in "abc"]
    assert isinstance(lines, Sequence)
    assert list(lines) == each
    assert list(reversed(lines)) == each[::-1]
    assert list(lines[1:]) == each[1:]
    assert lines[-1] == each[-1]
    assert len(lines) == 3


def test_texts_need_no_lines() -> None:
    """Of a block they are at hand, of other lines they are collected."""
    texts = ["a", "b"]
    assert texts_of(LogLines(texts, "tail:x")) is texts
    assert texts_of([LogLine(text, "tail:x") for text in texts]) == texts


def test_lines_are_counted_by_their_logs() -> None:
    """Whether a source tells the program or not, and whoever brings them."""
    assert logs_of(LogLines(["a", "b"], "tail:x", program="p")) == {("tail:x", "p"): 2}
    mixed = [LogLine("a", "syslog", program=program) for program in ("p", "q", "p")]
    assert logs_of(mixed) == {("syslog", "p"): 2, ("syslog", "q"): 1}
    assert logs_of([*mixed, LogLine("b", "x")]) == {**logs_of(mixed), ("x", ""): 1}
    assert not logs_of([])


def test_a_line_can_be_looked_at_without_being_made() -> None:
    """Its text, and whatever holds for it besides."""
    lines = LogLines(["a", "b"], "tail:x", program="p", live=False)
    assert look_at(lines, 1) == ("b", LogLine("", "tail:x", None, "p", live=False))
    line = LogLine("c", "syslog", 7.0)
    assert look_at([line], 0) == ("c", line)


def test_a_newline_is_refused() -> None:
    """A forged line must not hide behind an honest one."""
    with pytest.raises(ValueError, match="no newline"):
        LogLines(["a", "b\nc"], "tail:x")
