"""What a page shows of a command is compared with what the command prints."""

import pytest

from tests.docs.consoles import agrees, split


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("anything", ""),
        ("client   jail\n192.0.2.1  sshd\n", "client jail\n\n192.0.2.1 sshd"),
        ("started 4s ago", "started ..."),
        ("port 22.\nmore\n", "port 22.\n..."),
        ("port 22.", "port 22.\n..."),
        ("first\nand\nlast", "first\n...\nlast"),
    ],
)
def test_dots_stand_for_anything_and_spaces_for_spaces(said: str, shown: str) -> None:
    """A page leaves out what changes, and what is too much."""
    assert agrees(said, shown)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("1 ban", "2 bans"),
        ("1 ban\nmore", "1 ban"),
        ("a\nb\nc", "a\n...\nb"),
        ("port 22x", "port 22."),
    ],
)
def test_whatever_else_is_said_is_a_mistake_of_the_page(said: str, shown: str) -> None:
    """A line too many, too."""
    assert not agrees(said, shown)


def test_a_command_may_go_on_below() -> None:
    """As shells show it, or as they read it."""
    assert split("for i in 1\n> do\nout\n") == ("for i in 1\ndo", "out")
    assert split("a \\\n  b\nout\n") == ("a \\\n  b", "out")
